"""Ships orders that share a box: one number, and TikTok is told of each order once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, GcwError, TryAgain
from gcw_tiktok.store.tables import Line, Order, OutboxEntry, Store
from gcw_tiktok.store.tables.stages import FORWARD, IN_WORK, OPEN
from gcw_tiktok.tiktok import logistics
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.orders import claims, groups, sealed
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.shipping import correcting, leaving, shipping
from gcw_tiktok.workflow.shipping.correcting import Corrected
from gcw_tiktok.workflow.shipping.shipping import Told

MOST_ORDERS = 20
"""TikTok takes one tracking number for so many orders, all for one recipient."""


@dataclass
class Left:
    """What became of an order and of those that share its box."""

    told: Told
    together: list[Told] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    """Marked to travel with it, and not in this box: order id → why."""
    failed: dict[str, GcwError] = field(default_factory=dict)


def ship(
    means: Means,
    order_id: str,
    *,
    carrier: str,
    tracking_number: str,
    line_ids: Sequence[str] = (),
    anyway: bool = False,
    alone: bool = False,
) -> Left:
    """Marks the order as shipped, and those that share its box unless it is `alone` or a part of it is named.

    What is to be told is written down for all of them first: killed in between, the same command finds them.
    """
    number = shipping.clean_number(tracking_number)
    with means.database.view() as session:
        order = claims.find(session, means.store, order_id)
        single = alone or line_ids or leaving.by_tiktok(order)
        mates, left_out = ([], {}) if single else _mates(session, means, order, number)
        for mate in mates:
            _may_ship(session, means.store, mate, anyway=anyway)
        if not anyway:
            _must_be_free(session, means, [order, *mates], number)
    if mates:
        _write_down(means, [order, *mates], carrier, number, anyway=anyway)
    tell = partial(shipping.ship, means, carrier=carrier, tracking_number=number, anyway=anyway)
    try:
        left = Left(tell(order_id=order_id, line_ids=line_ids), left_out=left_out)
    except GcwError as error:
        for one in [order, *mates] if mates else []:
            _give_up(means, one, number, error)
        raise
    for mate in mates:
        try:
            left.together.append(tell(order_id=mate.order_id))
        except GcwError as error:
            left.failed[mate.order_id] = error
            _give_up(means, mate, number, error)
    return left


def correct(
    means: Means,
    order_id: str,
    *,
    carrier: str,
    tracking_number: str,
    parcel: str = "",
    anyway: bool = False,
    alone: bool = False,
) -> tuple[Corrected, list[Corrected], dict[str, GcwError]]:
    """Corrects a parcel's number, and that of the orders that left in the same box under the same one."""
    tell = partial(correcting.correct, means, carrier=carrier, tracking_number=tracking_number, anyway=anyway)
    first = tell(order_id=order_id, parcel=parcel)
    others: list[Corrected] = []
    failed: dict[str, GcwError] = {}
    with means.database.view() as session:
        order = claims.find(session, means.store, order_id)
        companions = [] if alone else groups.companions(session, means.seal, means.store, order)
        mates = [one.order_id for one in companions if {first.was, first.tracking_number} & _numbers(session, one)]
    for mate in mates:
        try:
            others.append(tell(order_id=mate, parcel=_named(means, mate, first)))
        except GcwError as error:
            failed[mate] = error
    return first, others, failed


def _named(means: Means, order_id: str, first: Corrected) -> str:
    """The number under which an order's part of the box is known now."""
    with means.database.view() as session:
        numbers = _numbers(session, claims.find(session, means.store, order_id))
    return first.was if first.was in numbers else first.tracking_number


def _mates(session: Session, means: Means, order: Order, number: str) -> tuple[list[Order], dict[str, str]]:
    """Who is in the box, and who is marked for it and is not: those that are not as far as the order are not."""
    mates, left_out = [], {}
    for one in groups.companions(session, means.seal, means.store, order):
        as_far = order.stage in IN_WORK and one.stage in IN_WORK and _place(one) >= _place(order)
        if as_far or number in _numbers(session, one) or _is_written_down(session, one, number):
            mates.append(one)
        elif one.stage in OPEN | IN_WORK:
            left_out[one.order_id] = f"it is {one.stage}"
    return mates, left_out


def _place(order: Order) -> int:
    return FORWARD.index(order.stage)


def _numbers(session: Session, order: Order) -> set[str]:
    return set(session.exec(select(Line.tracking_number).where(Line.order_pk == order.id))) - {""}


def _is_written_down(session: Session, order: Order, number: str) -> bool:
    begun = outbox.unconfirmed(session, outbox.SHIP, [order.id or 0])
    return any(entry.payload["tracking_number"] == number for entry in begun)


def _may_ship(session: Session, store: Store, mate: Order, *, anyway: bool) -> None:
    try:
        shipping.may_ship(session, store, mate.order_id, (), anyway)
    except BadInput as error:
        why = f"Order {mate.order_id} travels with it: {error}"
        raise BadInput(why, f"{error.hint} Or ship this one with --alone.".strip(), code=error.code) from error


def _must_be_free(session: Session, means: Means, orders: Sequence[Order], number: str) -> None:
    """Refuses a number that TikTok would: one that is on somebody else's order, or on too many."""
    bearing = select(Line.order_pk).where(Line.store_id == means.store.id, Line.tracking_number == number)
    mine = {order.id for order in orders}
    others = [one for one in session.exec(select(Order).where(col(Order.id).in_(bearing))) if one.id not in mine]
    again = "If it is right all the same, run it with --yes."
    recipient = _recipient(means, orders[0])
    strange = [one.order_id for one in others if recipient and _recipient(means, one) not in (None, recipient)]
    if strange:
        raise BadInput(
            f"{number} is on order {strange[0]}, which goes to somebody else.", again, code="tracking_number"
        )
    if len(others) + len(orders) > MOST_ORDERS:
        sentence = f"{number} would be on {len(others) + len(orders)} orders, and TikTok takes {MOST_ORDERS}."
        raise BadInput(sentence, again, code="tracking_number")


def _recipient(means: Means, order: Order) -> object:
    return sealed.kept(means.seal, means.store, order).get("address")


def _write_down(means: Means, orders: Iterable[Order], carrier: str, number: str, *, anyway: bool) -> None:
    """What TikTok is to be told of all of them, in one transaction."""
    offered = {
        option: logistics.find_provider(logistics.shipping_providers(means.client, option), carrier)
        for option in {order.delivery_option_id for order in orders}
    }
    with means.database.view() as session:
        parcels = [
            shipping.Parcel(order.order_id, units, number, offered[order.delivery_option_id])
            for order in orders
            if (units := shipping.units_in_work(session, order))
        ]
    if not parcels:
        return
    shipping.must_be_right(number, parcels[0].carrier, anyway)
    with means.database.session() as session:
        for parcel in sorted(parcels, key=lambda one: one.order_id):
            shipping.write(session, means.store, means.act, parcel)


def _give_up(means: Means, order: Order, number: str, error: GcwError) -> None:
    """What was refused is not to be told any more; of all else the next run finds out."""
    if isinstance(error, TryAgain):
        return
    with means.database.session() as session:
        for entry in outbox.unconfirmed(session, outbox.SHIP, [order.id or 0]):
            if entry.payload["tracking_number"] == number:
                fresh = session.get_one(OutboxEntry, entry.id, with_for_update=True)
                outbox.void(session, fresh, str(error))
