"""Every kind of order is known by name, wherever an order is looked at and where it is made."""

from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from orders.shop import NUMBER, SKU, Shop

DAY = 86_400
GIFT = [{"seller_sku": SKU, "is_gift": True}]
KINDS: dict[str, dict[str, Any]] = {
    "normal": {},
    "sample": {"is_sample_order": True},
    "gift": {"lines": GIFT},
    "made_to_order": {"order_type": "MADE_TO_ORDER", "handling_duration": {"days": 3}},
    "back_order": {"order_type": "BACK_ORDER", "handling_duration": {"days": 1, "type": "CALENDAR_DAY"}},
}


def place(shop: Shop, **wish: Any) -> str:
    order_id: str = shop.sandbox.order(SKU, **wish)
    shop.gcw("orders", "pull")
    return order_id


def kind(shop: Shop, order_id: str) -> str:
    return str(shop.order(order_id)["kind"])


def listed(shop: Shop, *more: str) -> dict[str, str]:
    return {row["order"]: row["kind"] for row in shop.gcw("orders", "list", "--json", *more).json}


def ticket(shop: Shop, order_id: str) -> str:
    return PdfReader(shop.hand_off / f"TTS-{order_id}" / "job-ticket.pdf").pages[0].extract_text()


def told(shop: Shop, order_id: str) -> dict[str, str]:
    return {one["key"]: one["value"] for one in shop.document(order_id)["metadata"]}


@pytest.mark.parametrize(("name", "wish"), KINDS.items(), ids=list(KINDS))
def test_it_is_named_in_lists_and_on_the_ticket(shop: Shop, name: str, wish: dict[str, Any]) -> None:
    order_id = shop.ready(**wish)
    assert kind(shop, order_id) == name
    assert listed(shop) == listed(shop, "--kind", name) == {order_id: name}
    assert listed(shop, "--kind", "exchange") == {}
    shop.gcw("orders", "release", order_id, "--yes")
    plain = name == "normal"
    assert told(shop, order_id).get("orderKind") == (None if plain else name)
    words = "NORMAL" if plain else name.replace("_", " ").upper()
    assert (words in ticket(shop, order_id)) is not plain
    assert ("kind" in shop.gcw("orders", "list").stdout.lower().split("\n")[0]) is not plain


def test_a_gift_beside_something_bought_makes_no_gift_of_the_order(shop: Shop) -> None:
    assert kind(shop, shop.ready(lines=[{"seller_sku": SKU}, *GIFT])) == "normal"


@pytest.mark.parametrize("name", ["replacement", "exchange"])
def test_it_is_told_what_it_is_sent_again_for_and_the_other_way_round(shop: Shop, name: str) -> None:
    first = shop.released()
    shop.gcw(*shop.ship(first))
    member = {"replacement": "replaced_order_id", "exchange": "exchange_source_order_id"}[name]
    again = shop.ready(**{member: first}, lines=[{"seller_sku": SKU}])
    shown = shop.order(again)
    assert (shown["kind"], shown["replaces"]) == (name, f"{first} (shipped)")
    assert shop.order(first)["replaced_by"] == [f"{again} ({shown['stage']})"]
    story = shop.gcw("orders", "explain", again, "--json").json["timeline"]
    assert any(first in entry["sentence"] for entry in story if entry["what"] == "placed")
    shop.gcw("orders", "release", again)
    assert told(shop, again)["replacesOrderId"] == first
    assert first in ticket(shop, again)


def test_what_an_unknown_order_is_replaced_by_says_so(shop: Shop) -> None:
    first = shop.ready()
    shop.change_orders(lambda one: one.update(is_replacement_order=True, replaced_order_id="5764", update_time=9**11))
    shop.gcw("orders", "pull", "--since", "1d")
    assert shop.order(first)["replaces"] == "5764 (not known here)"


def test_a_pre_order_says_when_it_may_start(shop: Shop) -> None:
    begins = shop.world.now() + 10 * DAY
    order_id = place(shop, order_type="PRE_ORDER", release_date=begins)
    shown = shop.order(order_id)
    assert (shown["kind"], shop.holds(order_id)) == ("pre_order", ["tiktok_on_hold"])
    assert shown["starts"] in shown["particular"]
    assert shown["starts"] in shown["holds"][0]["sentence"]
    shop.advance(10 * DAY)
    shop.gcw.offset = 10 * DAY
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("passed", [])


def test_a_handling_time_is_shown_and_the_ship_by_is_tiktoks(shop: Shop) -> None:
    order_id = shop.ready(order_type="MADE_TO_ORDER", handling_duration={"days": "3", "type": "BUSINESS_DAY"})
    shown = shop.order(order_id)
    assert shown["handling_time"] == "3 business days"
    truth = shop.sandbox.orders()[order_id]
    due = min(truth["rts_sla_time"], truth["tts_sla_time"])
    with shop.session() as session:
        assert session.connection().execute(text("SELECT ship_by FROM orders")).scalar_one() == due


def test_what_tiktok_sends_from_its_own_warehouse_is_recorded_and_never_made(either_shop: Shop) -> None:
    shop = either_shop
    shop.change_orders(lambda order: order.update(fulfillment_type="FULFILLMENT_BY_TIKTOK"))
    order_id = shop.ready()
    assert (kind(shop, order_id), shop.stage(order_id), shop.holds(order_id)) == ("fulfilled_by_tiktok", "received", [])
    assert shop.gcw("orders", "release", "--json").json == []
    refused = shop.gcw.fails(4, "orders", "release", order_id, "--yes", "--json").error
    assert "own warehouse" in refused["message"]
    assert "own warehouse" in shop.gcw.fails(4, *shop.ship(order_id, number=NUMBER)).stderr
    assert "own warehouse" in shop.gcw("orders", "list").stderr
    assert "own warehouse" in shop.gcw("orders", "explain", order_id, "--json").json["next"]["sentence"]
    assert shop.folders() == []


def test_a_request_to_cancel_what_tiktok_sends_is_not_answered_unasked(shop: Shop) -> None:
    shop.change_orders(lambda order: order.update(fulfillment_type="FULFILLMENT_BY_TIKTOK"))
    order_id = shop.ready()
    shop.do(order_id, "request-cancel")
    shop.gcw("orders", "pull")
    (waiting,) = shop.gcw("orders", "cancellations", "--json").json
    assert (waiting["order"], waiting["propose"]) == (order_id, "decide")
