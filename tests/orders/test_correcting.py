"""A parcel's number is corrected once and within 72 hours; what TikTok would refuse is refused before."""

import httpx
import pytest
from sqlmodel import select

from gcw_tiktok.sandbox.sales import shipping
from gcw_tiktok.store.tables import OutboxEntry, Shipment
from orders.shop import NUMBER, SECOND_NUMBER, Json, Shop

UPS_NUMBER = "1Z5R89390357567127"
UPDATE = "POST /fulfillment/*/shipping_info/update"
HOUR = 3600


def shipped(shop: Shop, quantity: int = 1) -> str:
    order_id = shop.released(quantity)
    shop.gcw(*shop.ship(order_id))
    return order_id


def words(order_id: str, *more: str, carrier: str = "USPS", number: str = SECOND_NUMBER) -> tuple[str, ...]:
    return ("orders", "ship", order_id, "--correct", "--carrier", carrier, "--tracking", number, "--json", *more)


def corrections(shop: Shop) -> list[Json]:
    return [entry for entry in shop.sandbox.journal("/shipping_info/update") if entry["effect"]]


def at_tiktok(shop: Shop, order_id: str) -> set[str]:
    return {line["tracking_number"] for line in shop.sandbox.orders()[order_id]["line_items"]}


def later(shop: Shop, hours: int) -> None:
    shop.advance(hours * HOUR)
    shop.gcw.offset += hours * HOUR


def test_a_number_and_its_carrier_are_corrected(shop: Shop) -> None:
    order_id = shipped(shop, 2)
    told = shop.gcw(*words(order_id, carrier="UPS", number=UPS_NUMBER)).json
    assert (told["carrier"], told["tracking_number"], told["was"]) == ("UPS", UPS_NUMBER, NUMBER)
    assert (told["lines"], told["known_before"]) == (2, False)
    assert at_tiktok(shop, order_id) == {UPS_NUMBER}
    order = shop.order(order_id)
    (parcel,) = order["parcels"]
    assert (parcel["carrier"], parcel["tracking_number"], parcel["units"]) == ("UPS", UPS_NUMBER, 2)
    assert parcel["corrected"]
    assert shop.history(order_id).count("tracking corrected") == 1
    shop.gcw("orders", "pull")
    assert shop.holds(order_id) == []  # it was gcw who wrote it
    assert "tracking corrected" in shop.gcw("orders", "explain", order_id).stdout


def test_only_the_carrier_is_corrected(shop: Shop) -> None:
    order_id = shop.released()
    shop.gcw("orders", "ship", order_id, "--carrier", "Veho", "--tracking", NUMBER)
    assert shop.gcw(*words(order_id, number=NUMBER)).json["carrier"] == "USPS"
    assert shop.gcw(*words(order_id, number=NUMBER)).json["known_before"]
    assert len(corrections(shop)) == 1


def test_running_it_again_changes_nothing(shop: Shop) -> None:
    order_id = shipped(shop)
    first = shop.gcw(*words(order_id)).json
    later(shop, 100)
    again = shop.gcw(*words(order_id)).json
    assert (first["known_before"], again["known_before"]) == (False, True)
    assert len(corrections(shop)) == 1
    assert shop.history(order_id).count("tracking corrected") == 1


def test_a_second_correction_is_refused_before_tiktok_refuses_it(shop: Shop) -> None:
    order_id = shipped(shop)
    shop.gcw(*words(order_id))
    ran = shop.gcw.fails(4, *words(order_id, number=NUMBER))
    assert ran.error["code"] == "corrected"
    assert "one correction" in ran.error["message"]
    assert len(shop.sandbox.journal("/shipping_info/update")) == 1


def test_after_72_hours_it_is_refused_before_tiktok_refuses_it(shop: Shop) -> None:
    order_id = shipped(shop)
    later(shop, 73)
    assert shop.gcw.fails(4, *words(order_id)).error["code"] == "too_late"
    assert shop.sandbox.journal("/shipping_info/update") == []


def test_what_arrived_is_not_corrected(shop: Shop) -> None:
    order_id = shipped(shop)
    shop.do(order_id, "deliver")
    assert "delivered" in shop.gcw.fails(4, *words(order_id)).error["message"]


def test_what_has_not_left_is_not_corrected(shop: Shop) -> None:
    error = shop.gcw.fails(4, *words(shop.released())).error
    assert "nothing to correct" in error["message"]
    assert "gcw orders ship" in error["hint"]


@pytest.mark.parametrize("name", ["1", NUMBER, "package"])
def test_of_several_parcels_one_is_named(shop: Shop, name: str) -> None:
    order_id = shop.released(3)
    shop.gcw(*shop.ship(order_id, "--line", shop.lines(order_id)[0]))
    assert [one["parcel"] for one in shop.order(order_id)["parcels"]] == ["1 of 1 so far"]
    shop.gcw(*shop.ship(order_id, number="9400111206206406260787"))
    first, second = shop.order(order_id)["parcels"]
    assert [one["parcel"] for one in (first, second)] == ["1 of 2", "2 of 2"]
    error = shop.gcw.fails(4, *words(order_id)).error
    assert error["code"] == "parcel"
    assert "1: USPS" in error["message"]
    shop.gcw(*words(order_id, "--parcel", first["package_id"] if name == "package" else name))
    numbers = [one["tracking_number"] for one in shop.order(order_id)["parcels"]]
    assert numbers == [SECOND_NUMBER, second["tracking_number"]]
    assert "no parcel 7" in shop.gcw.fails(4, *words(order_id, "--parcel", "7")).error["message"]


def test_a_parcel_that_somebody_else_told_tiktok_of_is_corrected_too(shop: Shop) -> None:
    order_id = shop.released()
    order = shop.sold(order_id)
    assert order
    shop.advance(10)
    shipping.mark_shipped(shop.world, order, shipping.Shipment(NUMBER, "7117858858072016686"), shop.world.now())
    shop.gcw("orders", "pull")
    shop.gcw(*words(order_id))
    assert at_tiktok(shop, order_id) == {SECOND_NUMBER}
    with shop.session() as session:
        (kept,) = session.exec(select(Shipment)).all()
        assert (kept.tracking_number, kept.told_at) == (SECOND_NUMBER, None)


def test_another_number_at_tiktok_by_now_is_refused(shop: Shop) -> None:
    order_id = shipped(shop)
    (package,) = shop.sold(order_id).packages
    shop.advance(10)
    better = shipping.Shipment(UPS_NUMBER, "7117859084333745966")
    shipping.correct(shop.world, package, better, shop.world.now())
    assert UPS_NUMBER in shop.gcw.fails(5, *words(order_id)).error["message"]
    assert shop.sandbox.journal("/shipping_info/update") == []


def test_a_number_that_looks_wrong_is_not_sent(shop: Shop) -> None:
    order_id = shipped(shop)
    wrong = NUMBER[:-1] + "5"
    assert shop.gcw.fails(4, *words(order_id, number=wrong)).error["code"] == "tracking_number"
    assert shop.gcw(*words(order_id, "--yes", number=wrong)).json["tracking_number"] == wrong


class Cutting(httpx.BaseTransport):
    """The correction's answer is lost, or it is lost itself."""

    def __init__(self, inner: httpx.BaseTransport, *, arrives: bool) -> None:
        self._inner = inner
        self._arrives = arrives

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/shipping_info/update"):
            if self._arrives:
                self._inner.handle_request(request)
            raise httpx.ReadError("the connection was cut")
        return self._inner.handle_request(request)


def test_a_lost_answer_is_read_back(shop: Shop) -> None:
    order_id = shipped(shop)
    shop.relay.inner = Cutting(shop.relay.inner, arrives=True)
    assert shop.gcw(*words(order_id)).json["tracking_number"] == SECOND_NUMBER
    assert len(corrections(shop)) == 1
    assert shop.order(order_id)["parcels"][0]["corrected"]


def test_what_never_arrived_is_sent_by_the_next_run(shop: Shop) -> None:
    order_id = shipped(shop)
    kept = shop.relay.inner
    shop.relay.inner = Cutting(kept, arrives=False)
    assert "it looks before it sends" in shop.gcw.fails(6, *words(order_id)).error["hint"]
    assert f'--correct --carrier "USPS" --tracking {SECOND_NUMBER}' in shop.gcw("orders", "explain", order_id).stdout
    shop.relay.inner = kept
    assert shop.gcw(*words(order_id)).json["known_before"] is False
    assert len(corrections(shop)) == 1


def test_the_next_pull_finds_out_what_became_of_it(shop: Shop) -> None:
    order_id = shipped(shop)
    down: list[bool] = []

    def cut(request: httpx.Request, answer: Json) -> None:
        if "/shipping_info/" in request.url.path or down:
            down.append(True)
            raise httpx.ReadError("cut", request=request)

    shop.advance(10)
    shop.relay.change = cut
    shop.gcw.fails(6, *words(order_id))
    shop.relay.change = lambda request, answer: None
    shop.gcw("orders", "pull")
    assert shop.order(order_id)["parcels"][0]["corrected"]
    assert shop.history(order_id).count("tracking corrected") == 1
    with shop.session() as session:
        assert {one.state for one in session.exec(select(OutboxEntry))} == {"done"}


REFUSALS: list[tuple[int, int, str]] = [
    (21011049, 5, "72 hours"),
    (21011051, 5, "one correction"),
    (21011030, 5, "arrived"),
    (21011022, 4, "Compare the number"),
    (21011007, 5, "gcw orders cancellations"),
]


@pytest.mark.parametrize(("code", "exit_code", "says"), REFUSALS)
def test_a_refusal_is_explained(shop: Shop, code: int, exit_code: int, says: str) -> None:
    order_id = shipped(shop)
    shop.fault(UPDATE, "code", code=code, message="No.")
    error = shop.gcw.fails(exit_code, *words(order_id)).error
    assert str(code) in error["message"]
    assert says in error["hint"]
    assert shop.gcw(*words(order_id)).json["known_before"] is False


@pytest.mark.parametrize(
    "wrong", [("--correct", "--line", "1"), ("--parcel", "1")], ids=["a part of a parcel", "no correction"]
)
def test_what_does_not_go_together(shop: Shop, wrong: tuple[str, ...]) -> None:
    shop.gcw.fails(2, *shop.ship(shipped(shop), *wrong))


def test_parcels_are_shown(shop: Shop) -> None:
    order_id = shipped(shop, 2)
    (row,) = [line.split() for line in shop.gcw("orders", "show", order_id).stdout.splitlines() if "1 of 1" in line]
    assert row[3:6] == ["USPS", NUMBER, "2"]
