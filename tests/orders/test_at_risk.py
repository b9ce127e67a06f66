"""`gcw orders at-risk`: what may not leave in time, first what can still be saved."""

from sqlmodel import select

from gcw_tiktok.store.tables import Order
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
