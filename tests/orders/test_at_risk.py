"""`gcw orders at-risk`: what may not leave in time, first what can still be saved."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from gcw_tiktok.store.tables import Order, OrderKind
from gcw_tiktok.workflow.orders import usual
from orders.shop import OTHER_SKU, Shop


def due(shop: Shop, order_id: str, seconds: int) -> None:
    """The order must leave so many seconds from now."""
    with shop.session() as session:
        order = session.exec(select(Order).where(Order.order_id == order_id)).one()
        order.ship_by = int(shop.gcw.clock()) + seconds


def test_what_can_be_saved_comes_first_and_what_is_late_after_it(either_shop: Shop) -> None:
    shop = either_shop
    held, ready, made, calm, late = (
        shop.ready(sku=OTHER_SKU),
        shop.ready(),
        shop.released(),
        shop.ready(),
        shop.ready(),
    )
    for order_id, hours in ((held, 5), (ready, 1), (made, 3), (calm, 20), (late, -2)):
        due(shop, order_id, hours * 3600)
    told = shop.gcw.fails(8, "orders", "at-risk", "--within", "8h", "--json")
    assert [one["order"] for one in told.json] == [ready, made, held, late]
    assert [one["late"] for one in told.json] == [False, False, False, True]
    assert told.json[0]["command"] == f"gcw orders release {ready}"
    assert "Not connected" in told.json[2]["why"]
    assert "orders ship" in told.json[1]["command"]


def test_what_has_left_or_is_canceled_is_at_no_risk(shop: Shop) -> None:
    gone = shop.released()
    shop.gcw(*shop.ship(gone))
    due(shop, gone, 60)
    assert shop.gcw("orders", "at-risk", "--json").json == []


def order(paid: str, kind: OrderKind = OrderKind.NORMAL, ship_by: str = "") -> Order:
    """Times as a clock in Los Angeles shows them."""
    at = {"placed_at": 0, "updated_at": 0, "read_at": 0, "paid_at": moment(paid)}
    return Order(store_id=1, order_id="1", status="", kind=kind, ship_by=moment(ship_by) if ship_by else None, **at)


def moment(clock: str) -> int:
    return int(datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo("America/Los_Angeles")).timestamp())


@pytest.mark.parametrize(
    ("paid", "due"),
    [
        ("2026-12-01T09:00", "2026-12-03T23:59:59"),
        ("2026-12-01T23:59", "2026-12-03T23:59:59"),  # UTC is a day further
        ("2026-12-04T09:00", "2026-12-08T23:59:59"),  # over a weekend
        ("2026-12-05T09:00", "2026-12-08T23:59:59"),
        ("2026-11-25T09:00", "2026-11-30T23:59:59"),  # over Thanksgiving
        ("2026-07-01T09:00", "2026-07-06T23:59:59"),  # Independence Day, observed on the Friday
        ("2026-12-31T09:00", "2027-01-05T23:59:59"),
        ("2026-10-30T09:00", "2026-11-03T23:59:59"),  # summer time ends
    ],
)
def test_the_usual_ship_by_is_two_business_days(paid: str, due: str) -> None:
    assert usual.ship_by(order(paid)) == moment(due)


def test_what_is_made_or_stocked_later_has_no_usual_ship_by() -> None:
    for kind in (OrderKind.MADE_TO_ORDER, OrderKind.PRE_ORDER, OrderKind.BACK_ORDER):
        assert usual.ship_by(order("2026-12-01T09:00", kind)) is None
        assert usual.doubt(order("2026-12-01T09:00", kind)) == ""


def test_a_ship_by_that_is_odd_is_told() -> None:
    paid = "2026-12-01T09:00"
    assert usual.doubt(order(paid, ship_by="2026-12-03T23:59:59")) == ""
    assert usual.doubt(order(paid, ship_by="2026-12-09T23:59:59")) == ""
    assert "less than the usual 2" in usual.doubt(order(paid, ship_by="2026-12-02T23:59:59"))
    assert "no ship-by" in usual.doubt(order(paid))


def test_an_order_without_a_ship_by_is_not_overlooked(shop: Shop) -> None:
    order_id = shop.ready()
    with shop.session() as session:
        session.exec(select(Order).where(Order.order_id == order_id)).one().ship_by = None
    (one,) = shop.gcw.fails(8, "orders", "at-risk", "--within", "10d", "--json").json
    assert (one["order"], one["late"]) == (order_id, False)
    assert "TikTok gives no ship-by" in one["why"]
    assert shop.gcw("orders", "at-risk", "--within", "30m", "--json").json == []


def test_tiktoks_own_ship_by_fits_the_rule_in_the_sandbox(shop: Shop) -> None:
    order_id = shop.ready()
    (one,) = shop.gcw.fails(8, "orders", "at-risk", "--within", "10d", "--json").json
    assert (one["order"], one["why"]) == (order_id, "Ready, and not released.")
