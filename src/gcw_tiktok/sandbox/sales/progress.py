"""How time carries an order on: the hold ends, carriers scan and deliver, the platform loses patience."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox import agenda
from gcw_tiktok.sandbox.sales import cancelling, combining, deadlines, labels, parcels, reasons
from gcw_tiktok.sandbox.sales.orders import Line, Order, Package

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

DAY = 86_400
COLLECTED_AFTER, DELIVERED_AFTER, COMPLETED_AFTER = DAY, 3 * DAY, 30 * DAY  # of the step before
UNPAID_KEPT = DAY  # how long a buyer may take to pay is not published
WAREHOUSE_NEEDS = DAY  # what TikTok's own warehouse takes to send an order
Step = Callable[["World", Order, int], None]


def settled(world: "World", order: Order, when: int) -> None:
    """Notes how far an order has come, and puts down what follows from that."""
    for package in order.packages:
        _settle_package(world, package, when)
    if order.status == order.settled:
        return
    order.settled = order.status
    if order.status == "CANCELLED":
        combining.leave(world, order, "PARTLY_CANCEL_SPLIT", parcels.PLATFORM, when)
    if order.status in combining.UNSHIPPED:
        combining.join_group(world, order, when)
    if order.status == "IN_TRANSIT":
        order.collection_time = when
    elif order.status == "DELIVERED":
        order.delivery_time = when
    elif order.status == "COMPLETED":
        order.completed_time = when
    plan_for(world, order)


def _settle_package(world: "World", package: Package, when: int) -> None:
    if package.status != package.settled:
        package.settled = package.status
        world.touch_package(package, when)
        plan_package(world, package)


def plan_for(world: "World", order: Order) -> None:
    """Puts down what follows from the order's status alone."""
    plan = world.agenda.plan
    if order.status == "UNPAID":
        plan(order.create_time + UNPAID_KEPT, "lapse", order.id)
    if order.status == "ON_HOLD":
        plan(deadlines.hold_end(order), "end_hold", order.id)
    if order.status in ("ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"):
        plan(deadlines.of(order)["shipping_due_time"], "give_up", order.id)
    if order.status == "AWAITING_SHIPMENT" and order.terms.by_tiktok:
        plan(deadlines.hold_end(order) + WAREHOUSE_NEEDS, "warehouse_ships", order.id)
    if order.status == "DELIVERED":
        plan(order.delivery_time + COMPLETED_AFTER, "complete", order.id)


def plan_package(world: "World", package: Package) -> None:
    """Puts down what carriers do next with a package, and when the platform loses patience with it."""
    plan = world.agenda.plan
    if package.status == "PROCESSING":
        plan(package.ship_time + COLLECTED_AFTER, "collect", package.id)
    if package.status == "FULFILLING":
        plan(package.collection_time + DELIVERED_AFTER, "deliver", package.id)


def of_order(do: Step) -> Step:
    """Puts a function down as a step that concerns an order."""

    def by_id(world: "World", order_id: str, when: int) -> None:
        order = world.orders.get(order_id)
        if order:
            do(world, order, when)

    agenda.STEPS[do.__name__] = by_id
    return do


@of_order
def lapse(world: "World", order: Order, when: int) -> None:
    """The buyer did not pay."""
    if order.status == "UNPAID":
        cancelling.by_platform(world, order, order.live(), when, reasons.NOT_PAID)


@of_order
def end_hold(world: "World", order: Order, when: int) -> None:
    """The buyer's hour is over."""
    if order.status == "ON_HOLD":
        order.advance("AWAITING_SHIPMENT")
        world.touch(order, when)


@of_order
def warehouse_ships(world: "World", order: Order, when: int) -> None:
    """TikTok's own warehouse sends an order in one box."""
    if order.status == "AWAITING_SHIPMENT":
        package = parcels.pack(world, [order], order.live(), when)
        labels.buy(world, package, labels.SOME_BOX, labels.offers(world, order.shop, labels.SOME_BOX)[0], when)


def collect_package(world: "World", package: Package, when: int) -> None:
    """The carrier scanned the package; from now on the platform waits for its delivery."""
    package.collection_time = when
    _carry(world, package, "IN_TRANSIT", when)


def deliver_package(world: "World", package: Package, when: int) -> None:
    """The package arrived."""
    package.delivery_time = when
    _carry(world, package, "DELIVERED", when)


@agenda.step
def collect(world: "World", package_id: str, when: int) -> None:
    """The carrier scans a package, unless it never will."""
    package = world.packages[package_id]
    if package.status == "PROCESSING" and package.is_lost:
        _wait(world, package, "collection_due_time", "uncollected")
    elif package.status == "PROCESSING":
        collect_package(world, package, when)


@agenda.step
def deliver(world: "World", package_id: str, when: int) -> None:
    """The carrier delivers a package, unless it is lost."""
    package = world.packages[package_id]
    if package.status == "FULFILLING" and package.is_lost:
        _wait(world, package, "delivery_due_time", "undelivered")
    elif package.status == "FULFILLING":
        deliver_package(world, package, when)


@of_order
def complete(world: "World", order: Order, when: int) -> None:
    """Nothing can be sent back any more."""
    if order.status == "DELIVERED":
        order.advance("COMPLETED")
        world.touch(order, when)


@of_order
def give_up(world: "World", order: Order, when: int) -> None:
    """The platform cancels what was not shipped in time."""
    _cancel(world, order, [line for line in order.live() if line.status in ("ON_HOLD", "AWAITING_SHIPMENT")], when)


@of_order
def uncollected(world: "World", order: Order, when: int) -> None:
    """The platform cancels what no carrier scanned in time."""
    _cancel(world, order, [line for line in order.live() if line.status == "AWAITING_COLLECTION"], when)


@of_order
def undelivered(world: "World", order: Order, when: int) -> None:
    """The platform cancels what did not arrive in time."""
    _cancel(world, order, [line for line in order.live() if line.status == "IN_TRANSIT"], when)


@of_order
def grant(world: "World", order: Order, when: int) -> None:
    """The seller left a buyer's request unanswered."""
    cancelling.grant_overdue(world, order, when)


def _carry(world: "World", package: Package, status: str, when: int) -> None:
    for line in package.live():
        line.status = status
    for order in package.orders:
        order.settle()
        world.touch(order, when)


def _wait(world: "World", package: Package, deadline: str, step: str) -> None:
    """A lost package stays where it is until the platform loses patience with its orders."""
    for order in package.orders:
        world.agenda.plan(deadlines.of(order)[deadline], step, order.id)


def _cancel(world: "World", order: Order, lines: list[Line], when: int) -> None:
    if lines:
        cancelling.by_platform(world, order, lines, when)
