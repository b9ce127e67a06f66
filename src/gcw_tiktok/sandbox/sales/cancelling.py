"""Cancellations: who may have one, what answers it, and what it does to the order."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.sales import deadlines
from gcw_tiktok.sandbox.sales.orders import Line, Order

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

ANSWER_WITHIN = 86_400
PENDING = "CANCELLATION_REQUEST_PENDING"
SUCCESS = "CANCELLATION_REQUEST_SUCCESS"
WITHDRAWN = "CANCELLATION_REQUEST_CANCEL"  # or refused; version 202309 shows it as ..._CANCELLED
UNSHIPPED = frozenset({"UNPAID", "ON_HOLD", "AWAITING_SHIPMENT"})


@dataclass(frozen=True)
class Reason:
    """Why: the machine name and the text shown to people."""

    name: str
    text: str


NO_LONGER_NEEDED = Reason("ecom_order_to_ship_canceled_reason_no_longer_needed", "No longer needed")
TOO_LATE = Reason("system_cancel_order_reason_shipping_timeout", "Seller did not ship on time")
NOT_PAID = Reason("system_cancel_order_reason_payment_timeout", "Buyer did not pay on time")
SELLER_REASONS = {
    "UNPAID": {
        "seller_cancel_unpaid_reason_out_of_stock": "Out of stock",
        "seller_cancel_unpaid_reason_wrong_price": "Pricing error",
        "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed": "Buyer did not pay on time",
        "seller_cancel_unpaid_reason_buyer_requested_cancellation": "Buyer requested cancellation",
    },
    "PAID": {
        "seller_cancel_reason_out_of_stock": "Out of stock",
        "seller_cancel_reason_wrong_price": "Pricing error",
        "seller_cancel_paid_reason_address_not_deliver": "Unable to deliver to buyer address",
        "seller_cancel_paid_reason_buyer_requested_cancellation": "Buyer requested cancellation",
    },
}


@dataclass(slots=True)
class Cancellation:
    """One request to cancel some units of an order."""

    id: str
    order: Order
    type: str
    status: str
    role: str
    reason: Reason
    lines: list[Line]
    create_time: int
    update_time: int
    deadline: int = 0
    line_ids: list[str] = field(default_factory=list)


def pending(world: "World", order: Order) -> Cancellation | None:
    """The buyer's request that waits for an answer."""
    if not order.cancel_requested_at:
        return None
    waiting = (each for each in world.cancellations if each.order is order and each.status == PENDING)
    return next(waiting, None)


def by_buyer(world: "World", order: Order, when: int) -> Cancellation:
    """The buyer asks: granted at once within the first hour, to be answered by the seller afterwards."""
    if order.status in ("UNPAID", "ON_HOLD"):
        return _done(world, order, order.live(), "BUYER", NO_LONGER_NEEDED, when)
    if order.status != "AWAITING_SHIPMENT" or order.cancel_requested_at:
        raise business(25001003, "The order status does not allow a cancellation.")
    if when > deadlines.of(order)["rts_sla_time"]:
        return _done(world, order, order.live(), "BUYER", NO_LONGER_NEEDED, when)
    order.cancel_requested_at = when
    request = _file(world, order, order.live(), "BUYER", NO_LONGER_NEEDED, when, "BUYER_CANCEL", PENDING)
    request.deadline = when + ANSWER_WITHIN
    world.agenda.plan(request.deadline, "grant", order.id)
    world.touch(order, when)
    return request


def by_seller(world: "World", order: Order, line_ids: list[str], reason: str, when: int) -> Cancellation:
    """The seller cancels the whole order or some of its units."""
    if order.status == "CANCELLED":
        raise business(25001011, "The order has been cancelled already.")
    if order.status not in (*UNSHIPPED, "PARTIALLY_SHIPPING", "AWAITING_COLLECTION"):
        raise business(25001003, "The order status does not allow a cancellation.")
    reasons = SELLER_REASONS["UNPAID" if order.status == "UNPAID" else "PAID"]
    if reason not in reasons:
        raise business(25001021, "The cancel reason does not fit the order status.")
    lines = _chosen(order, line_ids)
    request = pending(world, order)
    if request:
        _close(world, request, SUCCESS, when)
    return _done(world, order, lines, "SELLER", Reason(reason, reasons[reason]), when)


def by_platform(world: "World", order: Order, lines: list[Line], when: int, reason: Reason = TOO_LATE) -> Cancellation:
    """The platform cancels what was not shipped, not scanned or not paid in time."""
    return _done(world, order, lines, "SYSTEM", reason, when)


def approve(world: "World", request: Cancellation, when: int) -> None:
    """The buyer's request is granted."""
    if request.status != PENDING:
        raise business(25020003, "The request has been answered already.")
    _close(world, request, SUCCESS, when)
    _cancel(world, request.order, request.lines, request.role, request.reason, when)


def reject(world: "World", request: Cancellation, when: int) -> None:
    """The buyer's request is refused; shipping the order does this too."""
    if request.status != PENDING:
        raise business(25020003, "The request has been answered already.")
    _close(world, request, WITHDRAWN, when)
    world.touch(request.order, when)


def grant_overdue(world: "World", order: Order, when: int) -> None:
    """Grants a request that nobody answered by its deadline."""
    request = pending(world, order)
    if request and request.deadline <= when:
        approve(world, request, when)


def _chosen(order: Order, line_ids: list[str]) -> list[Line]:
    wanted = [line for line in order.live() if not line_ids or line.id in line_ids]
    if len(wanted) < len(line_ids):
        raise business(25005010, "Some units do not belong to the order or cannot be cancelled.")
    return wanted


def _done(world: "World", order: Order, lines: list[Line], role: str, reason: Reason, when: int) -> Cancellation:
    request = _file(world, order, lines, role, reason, when)
    _cancel(world, order, lines, role, reason, when)
    return request


def _file(
    world: "World",
    order: Order,
    lines: list[Line],
    role: str,
    reason: Reason,
    when: int,
    type_: str = "CANCEL",
    status: str = SUCCESS,
) -> Cancellation:
    request = Cancellation(world.mint.next("cancel"), order, type_, status, role, reason, lines, when, when)
    request.line_ids = [world.mint.next("cancel_line") for _ in lines]
    world.cancellations.add(request)
    _tell(world, request, when)
    return request


def _close(world: "World", request: Cancellation, status: str, when: int) -> None:
    before, request.update_time = request.update_time, when
    request.status, request.deadline = status, 0
    world.cancellations.moved(request, before)
    request.order.cancel_requested_at = 0
    _tell(world, request, when)


def _tell(world: "World", request: Cancellation, when: int) -> None:
    """Webhooks spell a withdrawn or refused request as version 202309 of the search does."""
    data = {
        "order_id": request.order.id,
        "cancellations_role": request.role,
        "cancel_status": request.status + ("LED" if request.status == WITHDRAWN else ""),
        "cancel_id": request.id,
        "create_time": request.create_time,
    }
    world.events.tell("CANCELLATION_STATUS_CHANGE", request.order.shop.id, when, data)


def _cancel(world: "World", order: Order, lines: list[Line], role: str, reason: Reason, when: int) -> None:
    for line in lines:
        line.status, line.cancel_reason, line.cancel_user = "CANCELLED", reason.text, role
    order.cancel_requested_at = 0
    order.settle()
    if order.status == "CANCELLED":
        order.cancel_time, order.cancel_reason, order.cancel_initiator = when, reason.text, role
    world.touch(order, when)
