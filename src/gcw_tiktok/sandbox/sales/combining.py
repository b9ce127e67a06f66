"""Combining orders of one buyer to one address, and taking them apart again."""

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.sales import parcels, shipping
from gcw_tiktok.sandbox.sales.orders import Line, Order, Package

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

Way = tuple[str, str, str, str, str]
"""Whose goods go where, and how: orders that agree in all of it may share a box."""
MOST_ORDERS = shipping.ORDERS_PER_NUMBER
UNSHIPPED = ("ON_HOLD", "AWAITING_SHIPMENT")


def way(order: Order) -> Way:
    """What orders that travel together have in common."""
    return (order.shop.id, order.buyer.user_id, order.address.name, order.address.full, order.shipping_type)


def travel_together(orders: Iterable[Order]) -> bool:
    """Whether the orders may share a box."""
    return len({way(order) for order in orders}) == 1


def join_group(world: "World", order: Order, when: int) -> None:
    """Gives an order the group of an unshipped one that was placed not long ago; told by the shop's setting."""
    window = order.shop.combine_window
    if not window or order.combine_group or order.terms.by_tiktok:
        return
    for other in world.recent_orders(order.shop, when - window):
        if other is not order and other.status in UNSHIPPED and way(other) == way(order):
            other.combine_group = other.combine_group or world.mint.next("combine_group")
            order.combine_group = other.combine_group
            world.touch(other, when)
            return


def combinable(world: "World", shop_id: str) -> dict[str, list[Order]]:
    """Orders that could share a box, under the id of the draft that stands for them."""
    waiting = [order for order in world.orders_of[shop_id] if _is_free(order)]
    waiting.sort(key=lambda order: (way(order), _age(order)))
    groups = [list(same) for _, same in groupby(waiting, key=way)]
    return {world.draft_id(way(same[0])): same[:MOST_ORDERS] for same in groups if len(same) > 1}


def _of_draft(world: "World", shop_id: str, draft_id: str) -> list[Order]:
    """The orders that a draft stands for, as `combinable` would list them; none when it stands for nothing now."""
    key = world.draft_key(draft_id)
    if key is None or key[0] != shop_id:
        return []
    mine = (order for order in world.orders_of[shop_id] if order.buyer.user_id == key[1])
    waiting = sorted((order for order in mine if _is_free(order) and way(order) == key), key=_age)
    return waiting[:MOST_ORDERS] if len(waiting) > 1 else []


def _age(order: Order) -> tuple[int, str]:
    return order.create_time, order.id


def combine(world: "World", shop_id: str, draft_id: str, order_ids: list[str], when: int) -> Package:
    """A new package for the orders of a draft, or for some of them."""
    drafted = _of_draft(world, shop_id, draft_id)
    named = [world.orders_of[shop_id].get(order_id) for order_id in order_ids]
    if any(order and order.status == "ON_HOLD" for order in named):
        raise shipping.held()
    if not drafted:
        raise business(21011028, "The package does not belong to this shop or cannot be combined any more.")
    orders = [order for order in drafted if not order_ids or order.id in order_ids]
    if len(orders) < max(len(set(order_ids)), 2):
        raise business(21011031, "The orders do not belong to the draft package.")
    made = parcels.pack(world, orders, [line for order in orders for line in order.live()], when)
    for order in orders:
        world.touch(order, when)
    parcels.tell(world, "COMBINE", parcels.SELLER, [made], when)
    return made


def uncombine(world: "World", package: Package, order_ids: list[str], when: int) -> list[Package]:
    """New packages for the orders that leave; the last one that would stay alone leaves too."""
    if package.status != "TO_FULFILL" or not package.is_combined:
        raise business(21011005, "The package is not a combined one that waits for shipment.")
    if not {order.id for order in package.orders}.issuperset(order_ids):
        raise business(21011029, "An order does not belong to the package.")
    leaving = [order for order in package.orders if not order_ids or order.id in order_ids]
    if len(package.orders) - len(leaving) < 2:
        leaving = list(package.orders)
    made = [parcels.pack(world, [order], _inside(order, package), when) for order in leaving]
    for order in leaving:
        world.touch(order, when)
    parcels.tell(world, "CANCEL_COMBINE", parcels.SELLER, made, when)
    return made


def leave(world: "World", order: Order, change: str, role: str, when: int) -> None:
    """An order that was cancelled or goes elsewhere leaves the package and the group that it shared."""
    order.combine_group = ""
    package = parcels.combined(order)
    if package is None:
        return
    left = [each for each in package.orders if each is not order]
    parcels.take_out(world, package, [line for line in order.lines if line.package is package], when)
    for other in left:
        world.touch(other, when)
    parcels.tell(world, change, role, [package], when)


def _is_free(order: Order) -> bool:
    """Nothing of it is shipped, split, shared or about to be cancelled."""
    return (
        order.status == "AWAITING_SHIPMENT"
        and len(order.packages) < 2
        and not parcels.combined(order)
        and not order.cancel_requested_at
        and not order.terms.by_tiktok
    )


def _inside(order: Order, package: Package) -> list[Line]:
    return [line for line in order.live() if line.package is package]
