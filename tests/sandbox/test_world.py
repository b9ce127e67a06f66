import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from gcw_tiktok.sandbox import money, state
from gcw_tiktok.sandbox.sales import business_days
from gcw_tiktok.sandbox.sales.orders import bill
from gcw_tiktok.sandbox.world import World
from sandbox.client import START

MakeWorld = Callable[..., World]


def text(world: World) -> str:
    return json.dumps(state.whole(world, []))


def test_the_same_seed_and_start_make_the_same_world(make_world: MakeWorld) -> None:
    frozen: dict[str, Any] = {"wall": lambda: 1_800_000_000.0, "products": 40, "orders": 200}
    first = make_world(**frozen)
    assert text(first) == text(make_world(**frozen))
    assert text(first) != text(make_world(**frozen | {"seed": 8}))


def test_a_reset_world_is_as_new(make_world: MakeWorld) -> None:
    world = make_world(wall=lambda: 1_800_000_000.0)
    before = text(world)
    world.clock.advance(7_200)
    world.catch_up()
    assert text(world) != before
    world.reset()
    assert text(world) == before


def test_the_opening_orders_cover_every_status(make_world: MakeWorld) -> None:
    assert {order.status for order in make_world().orders} == {
        "UNPAID",
        "ON_HOLD",
        "AWAITING_SHIPMENT",
        "PARTIALLY_SHIPPING",
        "AWAITING_COLLECTION",
        "IN_TRANSIT",
        "DELIVERED",
        "COMPLETED",
        "CANCELLED",
    }


def test_ids_are_unique_and_of_the_right_length(make_world: MakeWorld) -> None:
    world = make_world(products=200, orders=2_000)
    orders = list(world.orders)
    lines = [line.id for order in orders for line in order.lines]
    skus = [sku.id for shop in world.shops() for product in shop.products for sku in product.skus]
    for ids in ([order.id for order in orders], lines, skus):
        assert len(ids) == len(set(ids))
        assert {len(each) for each in ids} <= {18, 19}


def test_seller_skus_are_real_and_unique(make_world: MakeWorld) -> None:
    world = make_world(products=200)
    names = [sku.seller_sku for shop in world.shops() for product in shop.products for sku in product.skus]
    assert "POSTER-HARBOR-18X24-MATTE" in names
    assert len(names) == len(set(names))


def test_a_world_can_be_empty(make_world: MakeWorld) -> None:
    world = make_world(products=0, orders=5)
    assert len(world.orders) == 0


def test_a_large_world_has_what_was_asked_for(make_world: MakeWorld) -> None:
    world = make_world(products=3_000, orders=5_000)
    shop = next(world.shops())
    assert (len(shop.products), len(world.orders_of[shop.id])) == (3_000, 5_000)


def test_the_bill_adds_up(make_world: MakeWorld) -> None:
    for order in make_world(orders=100).orders:
        owed = bill(order)
        assert owed.total == owed.sub_total + owed.shipping - owed.shipping_discount + sum(owed.taxes)
        assert owed.sub_total == sum(line.sale_price for line in order.lines)


@pytest.mark.parametrize(("cents", "written"), [(0, "0"), (5, "0.05"), (450, "4.5"), (2_199, "21.99"), (500, "5")])
def test_money_is_written_without_trailing_zeros(cents: int, written: str) -> None:
    assert money.text(cents) == written


def test_business_days_skip_weekends_and_holidays() -> None:
    thanksgiving, christmas_2027 = date(2026, 11, 26), date(2027, 12, 24)  # observed on the Friday
    assert not business_days.is_business_day(thanksgiving)
    assert not business_days.is_business_day(christmas_2027)
    assert not business_days.is_business_day(date(2026, 11, 28))
    assert business_days.is_business_day(date(2026, 11, 27))


def test_an_order_must_leave_within_two_business_days_pacific_time() -> None:
    wednesday = int(datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp())  # Thanksgiving and a weekend follow
    due = business_days.clocks(wednesday)["rts_sla_time"]
    assert datetime.fromtimestamp(due, business_days.PACIFIC).isoformat() == "2026-11-30T23:59:59-08:00"


def test_time_never_runs_backwards(make_world: MakeWorld) -> None:
    world = make_world()
    assert START <= world.now() < START + 60
    with pytest.raises(ValueError, match="forward"):
        world.clock.advance(-1)
