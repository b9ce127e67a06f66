"""TikTok is told of each parcel once, with the right carrier, and only of what may leave."""

from typing import Any

import httpx
import pytest

from gcw_tiktok.sandbox.sales import shipping
from orders import at_once
from orders.shop import NUMBER, SECOND_NUMBER, SKU, Shop

USPS = "7117858858072016686"
MARK = "POST /fulfillment"


def ship(shop: Shop, order_id: str, carrier: str = "USPS", number: str = NUMBER, *more: str) -> Any:
    return shop.gcw("orders", "ship", order_id, "--carrier", carrier, "--tracking", number, "--json", *more)


def refused(shop: Shop, code: int, order_id: str, carrier: str = "USPS", number: str = NUMBER, *more: str) -> str:
    ran = shop.gcw.fails(code, "orders", "ship", order_id, "--carrier", carrier, "--tracking", number, "--json", *more)
    assert ran.stdout == ""
    return ran.error["message"] + " " + ran.error["hint"]


@pytest.mark.parametrize("name", ["USPS", "usps", " Usps ", "U.S.P.S.", USPS, "usp"])
def test_a_carrier_is_found_however_its_name_is_written(shop: Shop, name: str) -> None:
    assert ship(shop, shop.released(), name).json["carrier"] == "USPS"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("GLS", "GLS US (7260760118063531777), GLS USA (7443961280932611847)"),
        ("DHL", "may be any of"),
        ("UPSS", "Did you mean"),
        ("Pony Express", "called"),
        ("  ", "No carrier was named"),
    ],
)
def test_a_carrier_that_is_not_clear_is_asked_about_and_nothing_is_sent(shop: Shop, name: str, says: str) -> None:
    assert says in refused(shop, 4, shop.released(), name)
    assert shop.told() == []


@pytest.mark.parametrize("number", ["", "none", "94001000 0000#", "9" * 61])
def test_a_slip_in_the_number_is_refused_because_it_can_be_mended_only_once(shop: Shop, number: str) -> None:
    assert "tracking number" in refused(shop, 4, shop.released(), number=number)
    assert shop.told() == []


def test_tiktoks_doubt_about_the_number_is_shown(shop: Shop) -> None:
    ran = ship(shop, shop.released(), "UPS", NUMBER, "--yes")
    assert "does not match" in ran.json["warning"]
    assert "does not match" in ran.stderr


def unsure(shop: Shop) -> list[str]:
    return [one["order"] for one in shop.gcw("status", "--json").json["unconfirmed"]["ship"]]


def test_the_next_pull_finds_out_what_became_of_a_parcel(shop: Shop) -> None:
    order_id = shop.released(2)
    down: list[bool] = []

    def cut(request: httpx.Request, answer: dict[str, Any]) -> None:
        if "/packages" in request.url.path or down:
            down.append(True)
            raise httpx.ReadError("cut", request=request)

    shop.relay.change = cut
    shop.gcw.fails(6, *shop.ship(order_id))
    assert unsure(shop) == [order_id]
    shop.relay.change = lambda request, answer: None
    shop.gcw("orders", "pull")
    assert (unsure(shop), shop.stage(order_id)) == ([], "shipped")
    assert shop.history(order_id).count("shipped") == 1
    assert ship(shop, order_id).json["known_before"]
    assert shop.history(order_id).count("shipped") == 1
    assert len(shop.told()) == 1


def test_what_was_never_sent_ends_when_the_units_leave_in_another_parcel(shop: Shop) -> None:
    order_id = shop.released()
    shop.fault("/packages", "rate_limit", retry_after=900)
    shop.gcw.fails(6, *shop.ship(order_id))
    assert unsure(shop) == [order_id]
    shop.gcw.offset += 1000
    shop.gcw(*shop.ship(order_id, number=SECOND_NUMBER))
    assert unsure(shop) == []
    assert len(shop.told()) == 1


def test_what_was_never_sent_ends_when_a_part_of_it_leaves_otherwise(shop: Shop) -> None:
    order_id = shop.released(2)
    shop.fault("/packages", "status", status=503)
    shop.gcw.fails(6, *shop.ship(order_id))
    assert unsure(shop) == [order_id]
    shop.gcw(*shop.ship(order_id, "--line", shop.lines(order_id)[0], number=SECOND_NUMBER))
    assert unsure(shop) == []
    shop.gcw(*shop.ship(order_id))
    assert (shop.stage(order_id), unsure(shop), len(shop.told())) == ("shipped", [], 2)


def test_a_lost_answer_is_read_back_and_not_repeated(shop: Shop) -> None:
    order_id = shop.released(2)
    shop.relay.inner = Cutting(shop.relay.inner)
    told = ship(shop, order_id).json
    assert (told["known_before"], told["tracking_number"]) == (True, NUMBER)
    assert len(shop.told()) == 1
    assert len(shop.sandbox.journal("/packages")) == 1
    assert shop.history(order_id).count("shipped") == 1


class Cutting(httpx.BaseTransport):
    """TikTok is told, and its answer is lost on the way."""

    def __init__(self, inner: httpx.BaseTransport, *, arrives: bool = True) -> None:
        self._inner = inner
        self._arrives = arrives

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/packages"):
            if self._arrives:
                self._inner.handle_request(request)
            raise httpx.ReadError("the connection was cut")
        return self._inner.handle_request(request)


def test_a_request_that_was_lost_on_the_way_there_is_sent_by_the_next_run(shop: Shop) -> None:
    order_id = shop.released()
    kept = shop.relay.inner
    shop.relay.inner = Cutting(kept, arrives=False)
    assert "Run the same command again" in refused(shop, 6, order_id)
    shop.relay.inner = kept
    assert ship(shop, order_id).json["known_before"] is False
    assert len(shop.told()) == 1


def test_shipping_again_changes_nothing(shop: Shop) -> None:
    order_id = shop.released(2)
    first = ship(shop, order_id).json
    again = ship(shop, order_id).json
    assert again == first | {"known_before": True}
    shop.gcw("orders", "pull")
    assert ship(shop, order_id).json == again
    assert len(shop.told()) == 1
    assert shop.history(order_id).count("shipped") == 1


def test_what_tiktok_has_already_is_not_sent_again(shop: Shop) -> None:
    order_id = shop.released()
    elsewhere(shop, order_id, NUMBER)
    assert ship(shop, order_id).json["known_before"] is True
    assert shop.sandbox.journal("/packages") == []
    assert shop.stage(order_id) == "shipped"


def test_another_number_at_tiktok_is_refused(shop: Shop) -> None:
    order_id = shop.released()
    elsewhere(shop, order_id, SECOND_NUMBER)
    assert SECOND_NUMBER in refused(shop, 5, order_id)
    assert SECOND_NUMBER in refused(shop, 4, order_id)  # gcw knows it by now
    assert shop.sandbox.journal("/packages") == []


def elsewhere(shop: Shop, order_id: str, number: str, *line_ids: str) -> None:
    order = shop.sold(order_id)
    assert order
    shop.advance(10)
    shipping.mark_shipped(shop.world, order, shipping.Shipment(number, USPS, line_ids), shop.world.now())


def test_an_order_leaves_in_two_parcels(shop: Shop) -> None:
    order_id = shop.released(3)
    first, *rest = shop.lines(order_id)
    assert ship(shop, order_id, "USPS", NUMBER, "--line", first).json["lines"] == 1
    assert shop.stage(order_id) == "created"
    assert ship(shop, order_id, "USPS", SECOND_NUMBER).json["lines"] == 2
    assert shop.stage(order_id) == "shipped"
    numbers = {line["line"]: line["tracking_number"] for line in shop.order(order_id)["lines"]}
    assert numbers == {first: NUMBER, **dict.fromkeys(rest, SECOND_NUMBER)}
    assert len(shop.told()) == 2
    shop.gcw("orders", "pull")
    assert {line["tracking_number"] for line in shop.sandbox.orders()[order_id]["line_items"]} == {
        NUMBER,
        SECOND_NUMBER,
    }


def test_the_rest_may_leave_under_the_same_number(shop: Shop) -> None:
    order_id = shop.released(2)
    first = shop.lines(order_id)[0]
    ship(shop, order_id, "USPS", NUMBER, "--line", first)
    assert ship(shop, order_id).json["lines"] == 1
    assert shop.stage(order_id) == "shipped"


def test_units_of_another_order_and_units_that_are_gone_are_refused(shop: Shop) -> None:
    order_id = shop.released(2)
    first = shop.lines(order_id)[0]
    assert "no line 123" in refused(shop, 4, order_id, "USPS", NUMBER, "--line", "123")
    ship(shop, order_id, "USPS", NUMBER, "--line", first)
    assert NUMBER in refused(shop, 4, order_id, "USPS", SECOND_NUMBER, "--line", first)
    assert len(shop.told()) == 1


def test_a_unit_cancelled_meanwhile_is_not_shipped_with_the_others(shop: Shop) -> None:
    order_id = shop.released(2)
    shop.do(order_id, "cancel", line_ids=shop.lines(order_id)[:1])
    assert "cancelled at TikTok" in refused(shop, 5, order_id)
    assert shop.told() == []
    assert ship(shop, order_id, "USPS", NUMBER, "--yes").json["lines"] == 1


def test_what_was_never_released_is_not_shipped(shop: Shop) -> None:
    ready, on_hold = shop.ready(), shop.sandbox.order(SKU)
    shop.gcw("orders", "pull")
    assert "never released" in refused(shop, 4, ready)
    assert "never released" in refused(shop, 4, on_hold)
    assert shop.told() == []


def test_a_cancelled_order_is_not_shipped(shop: Shop) -> None:
    order_id = shop.released()
    shop.do(order_id, "cancel")
    refused(shop, 5, order_id)
    assert "is canceled" in refused(shop, 4, order_id, "USPS", NUMBER, "--yes")
    assert shop.told() == []


def test_an_order_that_tiktok_ships_is_not_told_a_number(shop: Shop) -> None:
    order_id = shop.ready(shipping_type="TIKTOK")
    shop.gcw("orders", "release", order_id, "--yes")
    assert "TikTok ships order" in refused(shop, 4, order_id)
    assert shop.told() == []


@pytest.mark.parametrize(("code", "exit_code"), [(21011044, 5), (21011022, 4), (21011025, 4), (36009003, 6)])
def test_a_refusal_is_told_and_the_next_run_may_succeed(shop: Shop, code: int, exit_code: int) -> None:
    order_id = shop.released()
    shop.fault(MARK, "code", code=code, message="No.")
    assert str(code) in refused(shop, exit_code, order_id) or exit_code == 6
    assert shop.stage(order_id) == "created"
    assert ship(shop, order_id).json["known_before"] is False
    assert len(shop.told()) == 1


def test_where_the_newest_version_is_unknown_the_older_one_is_used(shop: Shop) -> None:
    order_id = shop.released(2)
    shop.fault(f"{MARK}/202610", "code", code=36009009, message="Invalid path")
    first = shop.lines(order_id)[0]
    assert ship(shop, order_id, "USPS", NUMBER, "--line", first).json["package_id"]
    paths = [entry["path"].split("/")[2] for entry in shop.sandbox.journal("/packages")]
    assert paths == ["202610", "202309"]
    assert shop.sandbox.journal("/packages")[1]["body"]["order_line_item_ids"] == [first]
    assert len(shop.told()) == 1


def test_two_that_ship_at_once_tell_tiktok_once(either_shop: Shop) -> None:
    from gcw_tiktok.runtime import Runtime
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.history import Act
    from gcw_tiktok.workflow.orders.means import Means
    from gcw_tiktok.workflow.shipping import shipping as workflow

    shop = either_shop
    order_id = shop.released(2)

    def tell(gcw: Runtime, store: Store) -> workflow.Told:
        means = Means(gcw.database, gcw.client_for(store), gcw.seal, store, Act("test", gcw.now()))
        return workflow.ship(means, order_id, carrier="USPS", tracking_number=NUMBER)

    told = at_once.run(shop, tell, meet=lambda request: request.url.path == "/order/202507/orders")
    assert [one.tracking_number for one in told] == [NUMBER, NUMBER]
    assert len({one.package_id for one in told}) == 1
    assert len(shop.told()) == 1
    assert shop.history(order_id).count("shipped") == 1
    assert shop.stage(order_id) == "shipped"


@pytest.mark.parametrize(
    ("code", "exit_code", "says"),
    [
        (21011026, 4, "20 orders at most"),
        (21011025, 4, "for somebody else"),
        (21004015, 4, "Compare the number and the carrier"),
        (21011033, 5, "one package with other orders"),
        (21011048, 4, "--line LINE"),
        (21014009, 5, "gcw orders cancel {order}"),
        (21011042, 5, "what production must stop"),
        (21042057, 5, "gcw orders show {order}"),
    ],
)
def test_a_refusal_comes_with_what_to_do(shop: Shop, code: int, exit_code: int, says: str) -> None:
    order_id = shop.released()
    shop.fault(MARK, "code", code=code, message="No.")
    assert says.format(order=order_id) in refused(shop, exit_code, order_id)


def test_a_warning_comes_with_what_to_do(shop: Shop) -> None:
    order_id = shop.released()
    told = ship(shop, order_id, "UPS", NUMBER, "--yes").json
    command = f'gcw orders ship {order_id} --correct --carrier "USPS" --tracking {NUMBER}'
    assert told["advice"] == f"If USPS carries it: {command}"
