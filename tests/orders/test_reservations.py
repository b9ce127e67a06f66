"""What a killed release had reserved is free again, whatever became of the order meanwhile."""

from sqlmodel import col, select

from gcw_tiktok.store.tables import Order
from orders import killing
from orders.shop import Shop


def reserved(shop: Shop) -> list[str]:
    with shop.session() as session:
        return list(session.exec(select(Order.order_id).where(col(Order.reserved_by).is_not(None))))


def test_what_was_cancelled_after_the_kill_is_not_reserved_for_ever(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready()
    killing.run(shop, ("orders", "release"), "after mkdir TTS")
    assert (reserved(shop), len(shop.left_aside())) == ([order_id], 1)
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    shop.gcw("orders", "release")
    assert (reserved(shop), shop.left_aside(), shop.folders()) == ([], [], [])


def test_what_a_living_process_has_reserved_stays_so(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready()
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    with shop.session() as session:
        order = session.exec(select(Order)).one()
        order.reserved_by, order.reserved_until = "another machine", order.read_at + 300
    shop.gcw("orders", "release")
    assert reserved(shop) == [order_id]
