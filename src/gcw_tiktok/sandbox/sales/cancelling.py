"""Cancellations: who may have one, what answers it, and what it does to the order."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.agenda import step
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.sales import deadlines, reasons, refunds, returning
from gcw_tiktok.sandbox.sales.orders import Line, Order
from gcw_tiktok.sandbox.sales.reasons import TOO_LATE, Reason, Reasons
from gcw_tiktok.sandbox.sales.refunds import Refund
from gcw_tiktok.sandbox.shops import find_sku

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

ANSWER_WITHIN = 86_400
PENDING = "CANCELLATION_REQUEST_PENDING"
SUCCESS = "CANCELLATION_REQUEST_SUCCESS"
COMPLETE = "CANCELLATION_REQUEST_COMPLETE"
WITHDRAWN = "CANCELLATION_REQUEST_CANCEL"  # or refused; version 202309 shows it as ..._CANCELLED
UNSHIPPED = frozenset({"UNPAID", "ON_HOLD", "AWAITING_SHIPMENT"})
ONE_BY_ONE = frozenset({"US", "GB"})
"""Where a seller may cancel single units, for want of stock."""


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
    refund: Refund
    """What the buyer gets, as it was when the request was made."""
    deadline: int = 0
    line_ids: list[str] = field(default_factory=list)
    withdrawn: bool = False


@dataclass(frozen=True)
class Units:
    """Which units of an order are meant: by id, so many of a variant, or all."""

    line_ids: tuple[str, ...] = ()
    quantities: tuple[tuple[str, int], ...] = ()

    @property
    def all(self) -> bool:
        return not (self.line_ids or self.quantities)


def pending(world: "World", order: Order) -> Cancellation | None:
    """The buyer's request that waits for an answer."""
    if not order.cancel_requested_at:
        return None
    waiting = (each for each in world.cancellations if each.order is order and each.status == PENDING)
    return next(waiting, None)


def by_buyer(world: "World", order: Order, when: int, reason: str = "") -> Cancellation:
    """The buyer asks: granted at once within the first hour, to be answered by the seller afterwards."""
    why = _buyers_reason(order, reason)
    if order.status in ("UNPAID", "ON_HOLD"):
        return _done(world, order, order.live(), "BUYER", why, when)
    if order.status != "AWAITING_SHIPMENT":
        raise business(25001003, "The order status does not allow a cancellation.")
    if order.cancel_requested_at:
        raise business(25001011, "A cancellation of the order is running already.")
    within = min(order.shop.approves_cancellations_after, ANSWER_WITHIN)
    if when > deadlines.of(order)["rts_sla_time"] or not within:
        return _done(world, order, order.live(), "BUYER", why, when)
    order.cancel_requested_at = when
    request = _file(world, order, order.live(), "BUYER", why, when, "BUYER_CANCEL", PENDING)
    request.deadline = when + within
    world.agenda.plan(request.deadline, "grant", order.id)
    world.touch(order, when)
    return request


def by_seller(world: "World", order: Order, units: Units, reason: str, when: int) -> Cancellation:
    """The seller cancels the whole order or some of its units."""
    _check_order(order)
    why = _sellers_reason(order, reason)
    lines = chosen(order, units)
    if any(returning.running(world, line) for line in lines):
        raise business(25001011, "A refund of a unit is running or done already.")
    if any(not may_cancel(order, line) for line in lines):
        raise business(25001003, "The order status does not allow a cancellation.")
    if not units.all and len(lines) < len(order.live()):
        _check_single_units(order, reason)
    if order.carrier_cannot_stop and any(line.package for line in lines):
        raise business(25001045, "The package has been shipped and the carrier cannot stop it.")
    made = _done(world, order, lines, "SELLER", why, when)
    if reason in reasons.OUT_OF_STOCK:
        _sell_out(order, lines)
    return made


def _check_order(order: Order) -> None:
    if order.status == "CANCELLED":
        raise business(25001011, "The order has been cancelled already.")
    if order.cancel_requested_at:
        raise business(25001011, "The buyer has asked for a cancellation. Answer that.")
    if order.status == "COMPLETED":
        raise business(25001051, "The order is completed.")


def may_cancel(order: Order, line: Line) -> bool:
    """Whether the seller may still cancel a unit: in the United States until the carrier has it."""
    return line.status in UNSHIPPED or (line.status == "AWAITING_COLLECTION" and order.shop.region == "US")


def sellers_reasons(order: Order) -> Reasons:
    """What a seller may give as reason to cancel."""
    return reasons.SELLER_CANCELS_UNPAID if order.status == "UNPAID" else reasons.SELLER_CANCELS_PAID


def buyers_reasons(order: Order) -> Reasons:
    """What a buyer may give as reason to cancel."""
    return reasons.BUYER_CANCELS_UNPAID if order.status == "UNPAID" else reasons.BUYER_CANCELS_PAID


def _sellers_reason(order: Order, name: str) -> Reason:
    fitting = sellers_reasons(order)
    if name in fitting:
        return fitting[name]
    if name in reasons.SELLER_CANCELS_UNPAID or name in reasons.SELLER_CANCELS_PAID:
        raise business(25001021, "The cancel reason does not fit the order status.")
    if name in reasons.EVERYTHING:
        raise business(25001015, "The cancel reason is not open to sellers.")
    raise business(25001014, "The cancel reason is unknown.")


def _buyers_reason(order: Order, name: str) -> Reason:
    fitting = buyers_reasons(order)
    if name and name not in fitting:
        raise business(25001014, f"The reason is none of {', '.join(fitting)}.")
    return fitting[name] if name else next(iter(fitting.values()))


def _check_single_units(order: Order, reason: str) -> None:
    if reason not in reasons.OUT_OF_STOCK or order.shop.region not in ONE_BY_ONE:
        raise business(25005010, "Single units can be cancelled for want of stock only.")


def _sell_out(order: Order, lines: list[Line]) -> None:
    """Guessed: what the seller has run out of is not for sale any more."""
    for line in lines:
        found = find_sku(order.shop, line.sku_id)
        if found:
            found[1].quantity = 0


def by_platform(world: "World", order: Order, lines: list[Line], when: int, reason: Reason = TOO_LATE) -> Cancellation:
    """The platform cancels what was not shipped, not scanned or not paid in time."""
    return _done(world, order, lines, "SYSTEM", reason, when)


def approve(world: "World", request: Cancellation, when: int) -> None:
    """The buyer's request is granted."""
    _check_open(request)
    _close(world, request, SUCCESS, when)
    _cancel(world, request.order, request.lines, request.role, request.reason, when)


def reject(world: "World", request: Cancellation, when: int) -> None:
    """The buyer's request is refused; shipping the order does this too."""
    _check_open(request)
    _close(world, request, WITHDRAWN, when)
    world.touch(request.order, when)


def check_reject_reason(name: str, offered: Reasons) -> None:
    """Refuses what is not offered as a reason for a refusal."""
    if name in offered:
        return
    if name in reasons.EVERYTHING:
        raise business(25001016, "The reject reason does not fit the request.")
    raise business(25001014, "The reject reason is unknown.")


def withdraw(world: "World", request: Cancellation, when: int) -> None:
    """The buyer wants the order after all."""
    reject(world, request, when)
    request.withdrawn = True


def grant_overdue(world: "World", order: Order, when: int) -> None:
    """Grants a request that nobody answered by its deadline."""
    request = pending(world, order)
    if request and request.deadline <= when:
        approve(world, request, when)


@step
def cancellation_refunded(world: "World", cancel_id: str, when: int) -> None:
    """The buyer has the money back."""
    request = world.cancellations.get(cancel_id)
    if request and request.status == SUCCESS:
        _move(world, request, COMPLETE, when)


def chosen(order: Order, units: Units) -> list[Line]:
    """The live units that are meant; refused when there are not that many."""
    live = order.live()
    if units.all:
        return live
    wanted = [line for line in live if line.id in units.line_ids]
    if len(wanted) < len(set(units.line_ids)):
        raise business(25005010, "Some units do not belong to the order or cannot be cancelled.")
    for sku_id, quantity in units.quantities:
        alike = [line for line in live if line.sku_id == sku_id and line not in wanted]
        if len(alike) < quantity:
            raise business(25005011, "The order has fewer units of a variant.")
        wanted += alike[:quantity]
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
    refund = refunds.of_units(order, lines)
    request = Cancellation(world.mint.next("cancel"), order, type_, status, role, reason, lines, when, when, refund)
    request.line_ids = [world.mint.next("cancel_line") for _ in lines]
    world.cancellations.add(request)
    _tell(world, request, when)
    if status == SUCCESS:
        world.agenda.plan(when + refunds.DONE_AFTER, "cancellation_refunded", request.id)
    return request


def _check_open(request: Cancellation) -> None:
    if request.withdrawn:
        raise business(25020009, "The buyer has withdrawn the request.")
    if request.status != PENDING:
        raise business(25020003, "The request has been answered already.")


def _close(world: "World", request: Cancellation, status: str, when: int) -> None:
    request.deadline = 0
    request.order.cancel_requested_at = 0
    _move(world, request, status, when)


def _move(world: "World", request: Cancellation, status: str, when: int) -> None:
    before, request.update_time = request.update_time, when
    request.status = status
    world.cancellations.moved(request, before)
    _tell(world, request, when)
    if status == SUCCESS:
        world.agenda.plan(when + refunds.DONE_AFTER, "cancellation_refunded", request.id)


def _tell(world: "World", request: Cancellation, when: int) -> None:
    """Webhooks spell a withdrawn or refused request as version 202309 of the search does.

    The documents have `create_time`; a recorded webhook has `update_time` instead.
    """
    data = {
        "order_id": request.order.id,
        "cancellations_role": request.role,
        "cancel_status": request.status + ("LED" if request.status == WITHDRAWN else ""),
        "cancel_id": request.id,
        "create_time": request.create_time,
        "update_time": request.update_time,
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
