"""What time does to orders: each step is due at a moment and done when the world next looks at the clock."""

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox import business_days, cancelling
from gcw_tiktok.sandbox.orders import HOLD_SECONDS, Order

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

DAY = 86_400
COLLECTED_AFTER, DELIVERED_AFTER, COMPLETED_AFTER = DAY, 3 * DAY, 30 * DAY  # of the step before
Step = Callable[["World", Order, int], None]


class Agenda:
    """Steps waiting for their moment."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, str, str]] = []
        self._serial = 0

    def plan(self, when: int, step: str, order_id: str) -> None:
        """Puts a step down."""
        self._serial += 1
        heapq.heappush(self._waiting, (when, self._serial, step, order_id))

    def plan_for(self, order: Order) -> None:
        """Puts down what follows from the order's status alone."""
        if order.status == "ON_HOLD":
            self.plan(order.paid_time + HOLD_SECONDS, "end_hold", order.id)
        if order.status in ("ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"):
            due = business_days.clocks(order.paid_time)["shipping_due_time"]
            self.plan(due, "give_up", order.id)
        if order.status == "AWAITING_COLLECTION":
            self.plan(order.rts_time + COLLECTED_AFTER, "collect", order.id)
        if order.status == "IN_TRANSIT":
            self.plan(order.collection_time + DELIVERED_AFTER, "deliver", order.id)
        if order.status == "DELIVERED":
            self.plan(order.delivery_time + COMPLETED_AFTER, "complete", order.id)

    def run(self, world: "World", until: int) -> None:
        """Does every step due by then, each as if at its own moment."""
        while self._waiting and self._waiting[0][0] <= until:
            when, _, step, order_id = heapq.heappop(self._waiting)
            order = world.orders.get(order_id)
            if order:
                STEPS[step](world, order, when)


def end_hold(world: "World", order: Order, when: int) -> None:
    """The buyer's hour is over."""
    if order.status == "ON_HOLD":
        order.advance("AWAITING_SHIPMENT")
        world.touch(order, when)


def collect(world: "World", order: Order, when: int) -> None:
    """The carrier scanned the parcels."""
    if order.status == "AWAITING_COLLECTION":
        order.advance("IN_TRANSIT")
        order.collection_time = when
        _go_on(world, order, when)


def deliver(world: "World", order: Order, when: int) -> None:
    """The parcels arrived."""
    if order.status == "IN_TRANSIT":
        order.advance("DELIVERED")
        order.delivery_time = when
        _go_on(world, order, when)


def complete(world: "World", order: Order, when: int) -> None:
    """Nothing can be sent back any more."""
    if order.status == "DELIVERED":
        order.advance("COMPLETED")
        order.completed_time = when
        _go_on(world, order, when)


def give_up(world: "World", order: Order, when: int) -> None:
    """The platform cancels what was not shipped in time."""
    unshipped = [line for line in order.live() if line.status in ("ON_HOLD", "AWAITING_SHIPMENT")]
    if unshipped:
        cancelling.by_platform(world, order, unshipped, when)


def grant(world: "World", order: Order, when: int) -> None:
    """The seller left a buyer's request unanswered."""
    cancelling.grant_overdue(world, order, when)


def _go_on(world: "World", order: Order, when: int) -> None:
    world.touch(order, when)
    world.agenda.plan_for(order)


STEPS: dict[str, Step] = {
    "end_hold": end_hold,
    "collect": collect,
    "deliver": deliver,
    "complete": complete,
    "give_up": give_up,
    "grant": grant,
}
