"""Seller shipping: which units may be marked as shipped, and what that does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.refusals import Refusal, business
from gcw_tiktok.sandbox.sales import cancelling, carriers, parcels
from gcw_tiktok.sandbox.sales.carriers import Carrier
from gcw_tiktok.sandbox.sales.orders import SHIPPED, Line, Order, Package

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

ORDERS_PER_NUMBER = 20
CORRECTION_WINDOW = 72 * 3_600
PLAUSIBLE = re.compile(r"[A-Za-z0-9-]{8,40}")
ON_HOLD = "Order status is on hold. Please process when order status update to awaiting shipment"


@dataclass(frozen=True)
class Shipment:
    """A parcel as the seller describes it; no line ids means every unit."""

    tracking_number: str
    provider_id: str
    line_ids: tuple[str, ...] = ()


def mark_shipped(world: "World", order: Order, shipment: Shipment, when: int) -> tuple[Package, str]:
    """The package that is now under way, and TikTok Shop's remark about its tracking number, if any."""
    if order.shipping_type != "SELLER":
        raise business(21011004, "The package is not shipped by the seller.")
    check_open(order)
    lines = choose(order, shipment.line_ids)
    carrier = check_tracking(world, [order], shipment)
    package = parcels.around(world, [order], lines, when)
    send(world, package, shipment.tracking_number, carrier, when)
    if len(lines) < len(order.live()):
        parcels.tell(world, "SPLIT", parcels.SELLER, order.packages, when)
    return package, carriers.warning(carrier, shipment.tracking_number)


def ship_package(world: "World", package: Package, shipment: Shipment | None, when: int) -> None:
    """Ships a package that was made by splitting or combining."""
    if shipment is None:
        raise business(21011022, "A package of seller shipping needs a tracking number and a shipping provider.")
    carrier = check_tracking(world, package.orders, shipment)
    send(world, package, shipment.tracking_number, carrier, when)


def correct(world: "World", package: Package, shipment: Shipment, when: int) -> None:
    """Changes the tracking of a shipped package: once, within 72 hours, and not after delivery."""
    _check_correctable(package, when)
    package.carrier = check_tracking(world, package.orders, shipment)
    for order in package.orders:
        world.tracked[package.tracking_number].remove(order.id)
        world.tracked.setdefault(shipment.tracking_number, []).append(order.id)
    package.tracking_number = shipment.tracking_number
    package.corrections += 1
    world.touch_package(package, when)
    for order in package.orders:
        world.touch(order, when)


def _check_correctable(package: Package, when: int) -> None:
    if package.orders[0].shipping_type != "SELLER":
        raise business(21011004, "The package is not shipped by the seller.")
    if package.status == "COMPLETED":
        raise business(21011030, "The package has been delivered; its tracking cannot be changed.")
    if package.status == "CANCELLED":
        raise business(21011041, "The package has been cancelled.")
    if package.status == "TO_FULFILL":
        raise business(21011043, "The package has not been shipped yet.")
    if when > package.ship_time + CORRECTION_WINDOW:
        raise business(21011049, "Because of the platform rules limitations, updating the tracking number failed.")
    if package.corrections:
        raise business(21011051, "The tracking number was changed as often as allowed.")


def check_open(order: Order) -> None:
    """Refuses what is neither awaiting shipment nor partly shipped, held orders in their own words."""
    if order.terms.by_tiktok:
        raise business(21008025, "The order is fulfilled by TikTok.")
    if order.status == "ON_HOLD":
        raise held()
    if order.status == "UNPAID":
        raise business(21042057, "The order is not awaiting shipment.")
    if order.status == "CANCELLED":
        raise business(21011041, "The order has been cancelled.")


def held() -> Refusal:
    """What every call says that would ship, split or combine an order on hold."""
    return business(21011044, ON_HOLD)


def choose(order: Order, line_ids: Sequence[str], repeated: int = 21011006, *, shared: bool = False) -> list[Line]:
    """The units that are meant; `repeated` is the code for those that are shipped already. They may be `shared`: lie
    in a package with other orders."""
    mine = {line.id for line in order.lines}
    if not mine.issuperset(line_ids):
        raise business(21011029, "A line item does not belong to this order.")
    wanted = [line for line in order.lines if line.id in line_ids] if line_ids else order.live()
    if any(line.status == "CANCELLED" for line in wanted):
        raise business(21011042, "A line item has been cancelled.")
    shipped = [line for line in wanted if line.status in SHIPPED]
    if not line_ids and (0 < len(shipped) < len(wanted) or len(parcels.drafts(order)) > 1):
        raise business(21011048, "The order has several packages. Name the line items.")
    if shipped:
        raise business(repeated, "The package has been shipped already.")
    if parcels.combined(order) and not shared:
        raise business(21011033, "The order is part of a combined package. Ship the package.")
    return wanted


def check_tracking(world: "World", orders: list[Order], shipment: Shipment) -> Carrier:
    """The named carrier, after a look at the number's form and at who else uses it."""
    carrier = carriers.BY_ID.get(shipment.provider_id)
    number = shipment.tracking_number
    if not carriers.ALLOWED.fullmatch(number):
        raise business(21004012, "The tracking number contains characters that are not allowed.")
    if not carrier or not PLAUSIBLE.fullmatch(number):
        raise business(21011022, "The tracking number or the shipping provider is invalid.")
    own = {order.id for order in orders}
    others = [each for each in world.tracked.get(number, ()) if each not in own]
    if len(others) + len(orders) > ORDERS_PER_NUMBER:
        raise business(21011026, "The tracking number is used by too many orders.")
    if any(_elsewhere(world, orders[0], other) for other in others):
        raise business(21011025, "The tracking number is used by another order.")
    return carrier


def _elsewhere(world: "World", order: Order, other_id: str) -> bool:
    """One number may serve several orders only when they go to the same person at the same address."""
    other = world.orders.get(other_id)
    return other is None or (other.address.name, other.address.full) != (order.address.name, order.address.full)


def send(world: "World", package: Package, tracking_number: str, carrier: Carrier, when: int) -> None:
    """The package is ready for its carrier. Uploading tracking refuses a buyer's request to cancel."""
    for order in package.orders:
        request = cancelling.pending(world, order)
        if request:
            cancelling.reject(world, request, when)
    package.tracking_number, package.carrier, package.ship_time = tracking_number, carrier, when
    for line in package.live():
        line.status = "AWAITING_COLLECTION"
    for order in package.orders:
        world.tracked.setdefault(tracking_number, []).append(order.id)
        order.rts_time = when
        order.settle()
        world.touch(order, when)
