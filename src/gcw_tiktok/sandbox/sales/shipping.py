"""Seller shipping: which units may be marked as shipped, and what that does."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.sales import cancelling, carriers, progress
from gcw_tiktok.sandbox.sales.carriers import Carrier
from gcw_tiktok.sandbox.sales.orders import SHIPPED, Line, Order, Package

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

ORDERS_PER_NUMBER = 20
CORRECTION_WINDOW = 72 * 3_600
PLAUSIBLE = re.compile(r"[A-Za-z0-9-]{8,40}")


@dataclass(frozen=True)
class Shipment:
    """A parcel as the seller describes it; no line ids means every unit."""

    tracking_number: str
    provider_id: str
    line_ids: tuple[str, ...] = ()


def mark_shipped(world: "World", order: Order, shipment: Shipment, when: int) -> tuple[Package, str]:
    """The package that comes into being, and TikTok Shop's remark about its tracking number, if any."""
    _check_order(order)
    lines = _check_lines(order, shipment.line_ids)
    carrier = check_tracking(world, order, shipment)
    package = Package(
        world.mint.next("package"),
        order.id,
        [line.id for line in lines],
        shipment.tracking_number,
        carrier,
        when,
        when,
    )
    _ship(world, order, lines, package, when)
    return package, carriers.warning(carrier, shipment.tracking_number)


def correct(world: "World", order: Order, package: Package, shipment: Shipment, when: int) -> None:
    """Changes the tracking of a shipped package: once, within 72 hours, and not after delivery."""
    if order.status in ("DELIVERED", "COMPLETED"):
        raise business(21011030, "The package has been delivered; its tracking cannot be changed.")
    if when > package.create_time + CORRECTION_WINDOW:
        raise business(21011049, "Because of the platform rules limitations, updating the tracking number failed.")
    if package.corrections:
        raise business(21011051, "The tracking number was changed as often as allowed.")
    package.carrier = check_tracking(world, order, shipment)
    world.tracked[package.tracking_number].remove(order.id)
    package.tracking_number, package.update_time = shipment.tracking_number, when
    package.corrections += 1
    world.tracked.setdefault(shipment.tracking_number, []).append(order.id)
    world.touch(order, when)


def _check_order(order: Order) -> None:
    if order.shipping_type != "SELLER":
        raise business(21011004, "The package is not shipped by the seller.")
    if order.status == "ON_HOLD":
        raise business(
            21011044, "Order status is on hold. Please process when order status update to awaiting shipment"
        )
    if order.status == "UNPAID":
        raise business(21042057, "The order is not awaiting shipment.")
    if order.status == "CANCELLED":
        raise business(21011041, "The order has been cancelled.")


def _check_lines(order: Order, line_ids: tuple[str, ...]) -> list[Line]:
    mine = {line.id for line in order.lines}
    if not mine.issuperset(line_ids):
        raise business(21011029, "A line item does not belong to this order.")
    wanted = [line for line in order.lines if line.id in line_ids] if line_ids else order.live()
    if any(line.status == "CANCELLED" for line in wanted):
        raise business(21011042, "A line item has been cancelled.")
    shipped = [line for line in wanted if line.status in SHIPPED]
    if shipped and not line_ids and len(shipped) < len(wanted):
        raise business(21011048, "The order has several packages. Name the line items.")
    if shipped:
        raise business(21011006, "The package has been shipped already.")
    return wanted


def check_tracking(world: "World", order: Order, shipment: Shipment) -> Carrier:
    """The named carrier, after a look at the number's form and at who else uses it."""
    carrier = carriers.BY_ID.get(shipment.provider_id)
    number = shipment.tracking_number
    if not carriers.ALLOWED.fullmatch(number):
        raise business(21004012, "The tracking number contains characters that are not allowed.")
    if not carrier or not PLAUSIBLE.fullmatch(number):
        raise business(21011022, "The tracking number or the shipping provider is invalid.")
    others = [each for each in world.tracked.get(number, ()) if each != order.id]
    if len(others) >= ORDERS_PER_NUMBER:
        raise business(21011026, "The tracking number is used by too many orders.")
    if any(_elsewhere(world, order, other) for other in others):
        raise business(21011025, "The tracking number is used by another order.")
    return carrier


def _elsewhere(world: "World", order: Order, other_id: str) -> bool:
    """One number may serve several orders only when they go to the same person at the same address."""
    other = world.orders.get(other_id)
    return other is None or (other.address.name, other.address.full) != (order.address.name, order.address.full)


def _ship(world: "World", order: Order, lines: list[Line], package: Package, when: int) -> None:
    request = cancelling.pending(world, order)
    if request:  # uploading tracking refuses the buyer's request
        cancelling.reject(world, request, when)
    for line in lines:
        line.package, line.status = package, "AWAITING_COLLECTION"
    order.packages.append(package)
    world.packages[package.id] = package
    world.tracked.setdefault(package.tracking_number, []).append(order.id)
    order.rts_time = when
    order.settle()
    world.touch(order, when)
    progress.plan_for(world, order)
