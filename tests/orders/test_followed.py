"""What becomes of a parcel is followed from TikTok: on its way, delivered, completed, sent back."""

from typing import Any

import pytest
from sqlmodel import select

from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Store
from gcw_tiktok.workflow import recording
from orders.shop import NUMBER, Shop
from webhooks.pushes import push

DAY = 86_400
RETURNS = "POST /return_refund/202602/returns/search"
Json = dict[str, Any]


def later(shop: Shop, seconds: int) -> None:
    """Here and at TikTok."""
    shop.advance(seconds)
    shop.gcw.offset += seconds


def pulled(shop: Shop, order_id: str) -> tuple[str, str]:
    """TikTok's status and our stage, after a pull."""
    shop.gcw("orders", "pull")
    shown = shop.order(order_id)
    return str(shown["status"]), str(shown["stage"])


def delivered(shop: Shop, quantity: int = 1) -> str:
    order_id = shop.released(quantity)
    shop.gcw(*shop.ship(order_id))
    later(shop, 60)
    shop.do(order_id, "deliver")
    assert pulled(shop, order_id) == ("DELIVERED", "delivered")
    return order_id


def sent_back(shop: Shop, order_id: str, kind: str = "RETURN_AND_REFUND", **wish: Any) -> None:
    """The buyer asks, sends back and gets the money: TikTok answers for a seller who says nothing."""
    asked = shop.do(order_id, "request-return", type=kind, **wish)
    later(shop, 2 * DAY + 60)
    if kind == "RETURN_AND_REFUND":
        shop.sandbox.control("POST", f"returns/{asked['return_id']}/send-back", {})
        later(shop, 5 * DAY + 60)
    later(shop, DAY + 60)


def test_a_parcel_is_followed_by_its_carriers_scans_until_the_order_is_completed(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.released(2)
    shop.gcw(*shop.ship(order_id))
    assert pulled(shop, order_id) == ("AWAITING_COLLECTION", "shipped")
    later(shop, DAY + 60)
    assert pulled(shop, order_id) == ("IN_TRANSIT", "in_transit")
    later(shop, 3 * DAY + 60)
    assert pulled(shop, order_id) == ("DELIVERED", "delivered")
    later(shop, 30 * DAY + 60)
    assert pulled(shop, order_id) == ("COMPLETED", "delivered")
    assert {line["tracking_number"] for line in shop.order(order_id)["lines"]} == {NUMBER}
    told = [what for what in shop.history(order_id) if what.endswith("at TikTok")]
    assert told[-3:] == ["IN_TRANSIT at TikTok", "DELIVERED at TikTok", "COMPLETED at TikTok"]
    assert shop.gcw("orders", "explain", order_id, "--json").json["next"]["sentence"] == "Nothing: it is delivered."


def test_units_that_come_back_are_returned_and_the_others_are_not(either_shop: Shop) -> None:
    shop = either_shop
    order_id = delivered(shop, 2)
    back, kept = shop.lines(order_id)
    sent_back(shop, order_id, line_ids=[back])
    assert pulled(shop, order_id)[1] == "returned"
    assert {line["line"]: line["stage"] for line in shop.order(order_id)["lines"]} == {
        back: "returned",
        kept: "delivered",
    }
    later(shop, 30 * DAY)
    pulled(shop, order_id)
    assert shop.history(order_id).count("returned") == 1
    assert shop.order(order_id)["lines"][0]["stage"] == "returned"


@pytest.mark.parametrize("kind", ["REFUND", "REPLACEMENT"])
def test_money_or_another_one_without_sending_back_is_no_return(shop: Shop, kind: str) -> None:
    order_id = delivered(shop)
    sent_back(shop, order_id, kind)
    assert pulled(shop, order_id)[1] == "delivered"


def test_a_return_that_is_only_asked_for_changes_nothing(shop: Shop) -> None:
    order_id = delivered(shop)
    shop.do(order_id, "request-return", type="RETURN_AND_REFUND")
    later(shop, DAY)
    assert pulled(shop, order_id)[1] == "delivered"


def test_returns_are_looked_through_now_and_then_and_only_where_something_left(shop: Shop) -> None:
    order_id = shop.released()
    later(shop, DAY)
    pulled(shop, order_id)
    shop.requests()
    pulled(shop, order_id)
    assert shop.requests() == ["POST /order/202309/orders/search"]
    shop.gcw(*shop.ship(order_id))
    pulled(shop, order_id)
    assert RETURNS in shop.requests()
    later(shop, 3600)
    pulled(shop, order_id)
    assert RETURNS not in shop.requests()
    later(shop, 6 * 3600)
    pulled(shop, order_id)
    assert RETURNS in shop.requests()


def test_returns_that_cannot_be_read_hinder_no_pull(shop: Shop) -> None:
    order_id = shop.released()
    shop.gcw(*shop.ship(order_id))
    shop.fault("/returns/search", "code", code=36009009, times=9)
    later(shop, DAY + 60)
    shop.gcw.fails(7, "orders", "pull", "--json")
    assert shop.stage(order_id) == "in_transit"


def test_a_webhook_about_a_return_is_enough(shop: Shop) -> None:
    order_id = delivered(shop)
    sent_back(shop, order_id)
    gcw = Runtime(clock=shop.gcw.clock)
    with shop.session() as session:
        shop_id = session.exec(select(Store.shop_id)).one()
        session.add(recording.read(push(12, shop_id, order_id=order_id), gcw.seal, gcw.now()))
        session.exec(select(Store)).one().returns_cursor = gcw.now()
    gcw.close()
    shop.gcw("orders", "watch", "--polls", "1")
    assert (shop.stage(order_id), shop.history(order_id).count("returned")) == ("returned", 1)
