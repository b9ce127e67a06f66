"""How time carries an order on: the hold ends, carriers scan and deliver, the platform loses patience."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox import agenda
from gcw_tiktok.sandbox.sales import business_days, cancelling
from gcw_tiktok.sandbox.sales.orders import HOLD_SECONDS, Order

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

DAY = 86_400
COLLECTED_AFTER, DELIVERED_AFTER, COMPLETED_AFTER = DAY, 3 * DAY, 30 * DAY  # of the step before
Step = Callable[["World", Order, int], None]


def plan_for(world: "World", order: Order) -> None:
    """Puts down what follows from the order's status alone."""
    plan = world.agenda.plan
    if order.status == "ON_HOLD":
        plan(order.paid_time + HOLD_SECONDS, "end_hold", order.id)
    if order.status in ("ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"):
        plan(business_days.clocks(order.paid_time)["shipping_due_time"], "give_up", order.id)
    if order.status == "AWAITING_COLLECTION":
        plan(order.rts_time + COLLECTED_AFTER, "collect", order.id)
    if order.status == "IN_TRANSIT":
        plan(order.collection_time + DELIVERED_AFTER, "deliver", order.id)
    if order.status == "DELIVERED":
        plan(order.delivery_time + COMPLETED_AFTER, "complete", order.id)


def of_order(do: Step) -> Step:
    """Puts a function down as a step that concerns an order."""

    def by_id(world: "World", order_id: str, when: int) -> None:
        order = world.orders.get(order_id)
        if order:
            do(world, order, when)

    agenda.STEPS[do.__name__] = by_id
    return do


@of_order
def end_hold(world: "World", order: Order, when: int) -> None:
    """The buyer's hour is over."""
    if order.status == "ON_HOLD":
        order.advance("AWAITING_SHIPMENT")
        world.touch(order, when)


@of_order
def collect(world: "World", order: Order, when: int) -> None:
    """The carrier scanned the parcels."""
    if order.status == "AWAITING_COLLECTION":
        order.advance("IN_TRANSIT")
        order.collection_time = when
        _go_on(world, order, when)


@of_order
def deliver(world: "World", order: Order, when: int) -> None:
    """The parcels arrived."""
    if order.status == "IN_TRANSIT":
        order.advance("DELIVERED")
        order.delivery_time = when
        _go_on(world, order, when)


@of_order
def complete(world: "World", order: Order, when: int) -> None:
    """Nothing can be sent back any more."""
    if order.status == "DELIVERED":
        order.advance("COMPLETED")
        order.completed_time = when
        _go_on(world, order, when)


@of_order
def give_up(world: "World", order: Order, when: int) -> None:
    """The platform cancels what was not shipped in time."""
    unshipped = [line for line in order.live() if line.status in ("ON_HOLD", "AWAITING_SHIPMENT")]
    if unshipped:
        cancelling.by_platform(world, order, unshipped, when)


@of_order
def grant(world: "World", order: Order, when: int) -> None:
    """The seller left a buyer's request unanswered."""
    cancelling.grant_overdue(world, order, when)


def _go_on(world: "World", order: Order, when: int) -> None:
    world.touch(order, when)
    plan_for(world, order)
