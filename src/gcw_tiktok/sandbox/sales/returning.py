"""Returns, refunds, replacements and exchanges: who may ask for one, what may follow, and what time does to it.

TikTok Shop documents the statuses and decisions. How long each party has, beyond the day for a replacement, is guessed.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.agenda import step
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.sales import reasons, refunds
from gcw_tiktok.sandbox.sales.orders import Line, Order
from gcw_tiktok.sandbox.sales.reasons import Reason, Reasons
from gcw_tiktok.sandbox.sales.refunds import Refund

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

DAY = 86_400
REFUND, RETURN, REPLACEMENT, EXCHANGE = "REFUND", "RETURN_AND_REFUND", "REPLACEMENT", "EXCHANGE"
TYPES = (REFUND, RETURN, REPLACEMENT, EXCHANGE)

PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
REJECTED = "REFUND_OR_RETURN_REQUEST_REJECT"  # words swapped, as TikTok Shop has it
AWAITING_PARCEL = "AWAITING_BUYER_SHIP"
PARCEL_SENT = "BUYER_SHIPPED_ITEM"
PARCEL_REFUSED = "REJECT_RECEIVE_PACKAGE"
REFUNDING = "RETURN_OR_REFUND_REQUEST_SUCCESS"
REFUNDED = "RETURN_OR_REFUND_REQUEST_COMPLETE"
WITHDRAWN = "RETURN_OR_REFUND_REQUEST_CANCEL"
OFFERED = "AWAITING_BUYER_RESPONSE"

_NEW = {kind: PENDING if kind in (REFUND, RETURN) else f"{kind}_REQUEST_PENDING" for kind in TYPES}
WAITING = frozenset(_NEW.values())
OPEN = WAITING | {AWAITING_PARCEL, PARCEL_SENT, OFFERED, REFUNDING}
ENDED_WELL = frozenset(
    {REFUNDED} | {f"{kind}_REQUEST_{end}" for kind in (REPLACEMENT, EXCHANGE) for end in ("COMPLETE", "REFUND_SUCCESS")}
)
SECONDS_FOR = {
    PENDING: 2 * DAY,
    "REPLACEMENT_REQUEST_PENDING": DAY,
    "EXCHANGE_REQUEST_PENDING": DAY,
    AWAITING_PARCEL: 14 * DAY,
    PARCEL_SENT: 5 * DAY,
    OFFERED: 2 * DAY,
}
"""How long a return may stay so before the platform goes on with it."""
ACTIONS = {
    REFUND: "SELLER_RESPOND_REFUND",
    RETURN: "SELLER_RESPOND_RETURN",
    REPLACEMENT: "SELLER_RESPOND_REPLACEMENT",
}


@dataclass(frozen=True)
class Record:
    """One thing that somebody did about a return."""

    role: str
    description: str
    create_time: int
    reason_text: str = ""
    note: str = ""


@dataclass(frozen=True)
class Parcel:
    """How the units come back."""

    tracking_number: str
    provider_id: str
    provider_name: str


@dataclass(slots=True)
class Return:
    """One request about some units of an order."""

    id: str
    order: Order
    type: str
    status: str
    role: str
    reason: Reason
    lines: list[Line]
    line_ids: list[str]
    create_time: int
    update_time: int
    refund: Refund
    """What is paid back: all, or what was agreed on."""
    deadline: int = 0
    offer: Refund | None = None
    offer_refused: bool = False
    keeps_item: bool = False
    arbitration: str = ""
    parcel: Parcel | None = None
    wanted_sku: str = ""
    """What the buyer wants instead, in an exchange."""
    new_order_id: str = ""
    records: list[Record] = field(default_factory=list)

    @property
    def next_action(self) -> str:
        """What the seller has to do now, empty where nothing."""
        if self.status == PARCEL_SENT:
            return "SELLER_RESPOND_RECEIVE_PACKAGE"
        return ACTIONS.get(self.type, "") if self.status in WAITING else ""


@dataclass(frozen=True)
class Ask:
    """What somebody wants to have back."""

    type: str
    lines: list[Line]
    reason: Reason
    wanted_sku: str = ""
    total: Refund | None = None


def first_status(kind: str) -> str:
    """How a request of a kind begins."""
    return _NEW[kind]


def running(world: "World", line: Line) -> bool:
    """Whether a request about a unit is open, or has been granted already."""
    return any(line in each.lines and each.status in OPEN | ENDED_WELL for each in world.returns)


def reasons_for(kind: str, role: str) -> Reasons:
    """What may be given as reason: replacements and exchanges have those of returns."""
    if kind == REFUND:
        return reasons.BUYER_REFUNDS if role == "BUYER" else reasons.SELLER_REFUNDS
    return reasons.BUYER_RETURNS if role == "BUYER" else reasons.SELLER_RETURNS


def fits_status(kind: str, role: str, status: str) -> bool:
    """Whether units in a status may be asked for."""
    if kind != REFUND:
        return status == "DELIVERED"
    early = ("AWAITING_COLLECTION",) if role == "BUYER" else ()
    return status in (*early, "IN_TRANSIT", "DELIVERED")


def check(world: "World", order: Order, ask: Ask, role: str) -> None:
    """Refuses what cannot be asked for."""
    statuses = {line.status for line in ask.lines}
    if not ask.lines or statuses & {"COMPLETED", "CANCELLED"}:
        raise business(25001051, "The order is completed or cancelled.")
    if not all(fits_status(ask.type, role, status) for status in statuses):
        raise business(25001003, "The order status does not allow it.")
    if any(running(world, line) for line in ask.lines):
        raise business(25001011, "A return of a unit is running or done already.")
    most = refunds.of_units(order, ask.lines)
    if ask.total and ask.total.total > most.total:
        raise business(25005005, "The refund is larger than what can be refunded.")


def by_buyer(world: "World", order: Order, ask: Ask, when: int) -> Return:
    """The buyer asks; the seller has to answer."""
    check(world, order, ask, "BUYER")
    made = _file(world, order, ask, "BUYER", when)
    note(made, "BUYER", "Buyer made a request", when)
    move(world, made, first_status(ask.type), when)
    return made


def by_seller(world: "World", order: Order, ask: Ask, when: int) -> Return:
    """The seller gives back, which nobody has to grant."""
    check(world, order, ask, "SELLER")
    made = _file(world, order, ask, "SELLER", when)
    made.refund = ask.total or made.refund
    note(made, "SELLER", "Seller made a request", when)
    if ask.type == REFUND:
        grant_refund(world, made, when)
    else:
        move(world, made, AWAITING_PARCEL, when)
    return made


def grant_refund(world: "World", request: Return, when: int) -> None:
    """The buyer will have the money back."""
    move(world, request, REFUNDING, when)
    world.agenda.plan(when + refunds.DONE_AFTER, "refunded", request.id)


def move(world: "World", request: Return, status: str, when: int) -> None:
    """Brings a return to a status, from which time may carry it on."""
    before, request.update_time = request.update_time, max(when, request.update_time)
    request.status = status
    request.deadline = when + SECONDS_FOR[status] if status in SECONDS_FOR else 0
    world.returns.moved(request, before)
    if request.deadline:
        world.agenda.plan(request.deadline, "return_overdue", request.id)
    _tell(world, request, when)


def note(request: Return, role: str, description: str, when: int, reason: str = "", words: str = "") -> None:
    """Writes down what somebody did."""
    request.records.append(Record(role, description, when, reason or request.reason.text, words))


@step
def refunded(world: "World", return_id: str, when: int) -> None:
    """The money has arrived. An order that was given back whole on its way ends with that."""
    request = world.returns.get(return_id)
    if not request or request.status != REFUNDING:
        return
    note(request, "SYSTEM", "Refund completed", when)
    move(world, request, REFUNDED, when)
    order = request.order
    given_back = {id(line) for each in world.returns if each.status == REFUNDED for line in each.lines}
    if order.status in ("AWAITING_COLLECTION", "IN_TRANSIT") and all(id(line) in given_back for line in order.live()):
        order.advance("COMPLETED")
        order.completed_time = when
        world.touch(order, when)


def _file(world: "World", order: Order, ask: Ask, role: str, when: int) -> Return:
    made = Return(
        id=world.mint.next("return"),
        order=order,
        type=ask.type,
        status="",
        role=role,
        reason=ask.reason,
        lines=list(ask.lines),
        line_ids=[world.mint.next("return_line") for _ in ask.lines],
        create_time=when,
        update_time=when,
        refund=refunds.of_units(order, ask.lines),
        wanted_sku=ask.wanted_sku,
    )
    world.returns.add(made)
    return made


def _tell(world: "World", request: Return, when: int) -> None:
    """Webhooks know neither exchanges nor offers that wait for the buyer."""
    if request.type == EXCHANGE or request.status == OFFERED:
        return
    data = {
        "order_id": request.order.id,
        "return_id": request.id,
        "return_role": request.role,
        "return_type": request.type,
        "return_status": request.status,
        "create_time": request.create_time,
        "update_time": request.update_time,
    }
    world.events.tell("RETURN_STATUS_CHANGE", request.order.shop.id, when, data)
