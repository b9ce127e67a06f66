"""What becomes of orders: paid, cancelled, moved, carried."""

from dataclasses import replace

from gcw_tiktok.sandbox.doings import Action, Json, NotPossible
from gcw_tiktok.sandbox.sales import cancelling, combining, parcels, progress
from gcw_tiktok.sandbox.sales.cancelling import Units
from gcw_tiktok.sandbox.sales.orders import Order, Package
from gcw_tiktok.sandbox.world import World


def _find(world: World, order_id: str) -> Order:
    found = world.orders.get(order_id)
    if found is None:
        raise NotPossible(f"There is no order {order_id}.")
    return found


def _must(order: Order, *statuses: str) -> None:
    if order.status not in statuses:
        raise NotPossible(f"Order {order.id} is {order.status}.")


def _shown(order: Order) -> Json:
    return {"order_id": order.id, "status": order.status, "update_time": order.update_time}


def pay(world: World, order_id: str, _: Json) -> Json:
    """The buyer pays; the hold begins, unless the order skips it."""
    found = _find(world, order_id)
    _must(found, "UNPAID")
    found.paid_time = world.now()
    found.advance("ON_HOLD" if found.is_on_hold_order else "AWAITING_SHIPMENT")
    world.touch(found, world.now())
    return _shown(found)


def end_hold(world: World, order_id: str, _: Json) -> Json:
    """The hour is over early."""
    found = _find(world, order_id)
    _must(found, "ON_HOLD")
    progress.end_hold(world, found, world.now())
    return _shown(found)


def request_cancel(world: World, order_id: str, wish: Json) -> Json:
    """The buyer wants to cancel, for the `reason` with this name."""
    made = cancelling.by_buyer(world, _find(world, order_id), world.now(), str(wish.get("reason", "")))
    return _shown(made.order) | {"cancel_id": made.id, "cancel_status": made.status}


def withdraw_cancel(world: World, order_id: str, _: Json) -> Json:
    """The buyer wants the order after all."""
    found = _find(world, order_id)
    request = cancelling.pending(world, found)
    if request is None:
        raise NotPossible(f"Nobody has asked to cancel order {order_id}.")
    cancelling.withdraw(world, request, world.now())
    return _shown(found) | {"cancel_id": request.id}


def hand_over(world: World, order_id: str, wish: Json) -> Json:
    """From now on the carrier can stop the order's parcels, or cannot: `stoppable`."""
    found = _find(world, order_id)
    found.carrier_cannot_stop = not wish.get("stoppable", False)
    return _shown(found)


def cancel(world: World, order_id: str, wish: Json) -> Json:
    """The seller cancels in Seller Center: the whole order, or `line_ids` of it."""
    found = _find(world, order_id)
    reason = str(wish.get("reason", next(iter(cancelling.sellers_reasons(found)))))
    made = cancelling.by_seller(world, found, Units(tuple(wish.get("line_ids", []))), reason, world.now())
    return _shown(found) | {"cancel_id": made.id, "cancel_status": made.status}


def edit_address(world: World, order_id: str, wish: Json) -> Json:
    """The buyer moves: another street, or what the wish names."""
    found = _find(world, order_id)
    _must(found, "UNPAID", "ON_HOLD", "AWAITING_SHIPMENT")
    known = ("first_name", "last_name", "phone_number", "line1", "line2")
    fields: Json = {name: str(wish[name]) for name in known if name in wish}
    found.address = replace(found.address, **(fields or {"line1": "1 New Harbor Sq", "line2": ""}))
    found.address_updated = True
    combining.leave(world, found, "ADDRESS_UPDATE_SPLIT", parcels.BUYER, world.now())
    world.touch(found, world.now())
    told = {"order_id": found.id, "update_time": found.update_time}
    world.events.tell("RECIPIENT_ADDRESS_UPDATE", found.shop.id, world.now(), told)
    return _shown(found)


def collect(world: World, order_id: str, _: Json) -> Json:
    """The carrier scans the parcels."""
    found = _find(world, order_id)
    _must(found, "AWAITING_COLLECTION", "PARTIALLY_SHIPPING")
    for package in _packages(found, "PROCESSING"):
        progress.collect_package(world, package, world.now())
    return _shown(found)


def deliver(world: World, order_id: str, _: Json) -> Json:
    """The parcels arrive."""
    found = _find(world, order_id)
    _must(found, "AWAITING_COLLECTION", "IN_TRANSIT", "PARTIALLY_SHIPPING")
    for package in _packages(found, "PROCESSING"):
        progress.collect_package(world, package, world.now())
    for package in _packages(found, "FULFILLING"):
        progress.deliver_package(world, package, world.now())
    return _shown(found)


def lose(world: World, order_id: str, _: Json) -> Json:
    """The carrier loses the parcels: they are never scanned again, until the platform cancels them."""
    found = _find(world, order_id)
    _must(found, "AWAITING_COLLECTION", "IN_TRANSIT", "PARTIALLY_SHIPPING")
    for package in _packages(found, "PROCESSING", "FULFILLING"):
        package.is_lost = True
    return _shown(found)


def complete(world: World, order_id: str, _: Json) -> Json:
    """The time for returns is over."""
    found = _find(world, order_id)
    _must(found, "DELIVERED")
    progress.complete(world, found, world.now())
    return _shown(found)


def _packages(order: Order, *statuses: str) -> list[Package]:
    return [package for package in order.packages if package.status in statuses]


ACTIONS: dict[str, Action] = {
    "pay": pay,
    "end-hold": end_hold,
    "request-cancel": request_cancel,
    "withdraw-cancel": withdraw_cancel,
    "cancel": cancel,
    "hand-over": hand_over,
    "edit-address": edit_address,
    "collect": collect,
    "deliver": deliver,
    "lose": lose,
    "complete": complete,
}
