"""Tells TikTok that an order is on its way: once, however often it is run or killed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.store.tables import (
    NEXT,
    Hold,
    HoldReason,
    Line,
    Order,
    OrderKind,
    OutboxEntry,
    Stage,
    Store,
)
from gcw_tiktok.store.tables.stages import IN_WORK
from gcw_tiktok.tiktok import fulfillment, logistics
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.tiktok.errors import AlreadyDone, OutcomeUnknown
from gcw_tiktok.tiktok.logistics import Provider
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import claims, holds, reviewing, stages, taking
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.shipping import advice, numbers, parcels

LONGEST_NUMBER = 60


@dataclass(frozen=True)
class Told:
    """What TikTok knows of a parcel now."""

    order_id: str
    carrier: str
    tracking_number: str
    lines: int
    package_id: str
    warning: str = ""
    known_before: bool = False
    """TikTok knew it already; nothing was sent."""
    advice: str = ""
    """What to do about the warning."""


@dataclass(frozen=True)
class Parcel:
    """Which units travel under which number."""

    order_id: str
    line_ids: tuple[str, ...]
    tracking_number: str
    carrier: Provider


def ship(
    means: Means,
    order_id: str,
    *,
    carrier: str,
    tracking_number: str,
    line_ids: Sequence[str] = (),
    anyway: bool = False,
) -> Told:
    """Marks the order, or these units of it, as shipped. `anyway` accepts a pending decision and a number that looks
    wrong."""
    parcel = _parcel(means, order_id, carrier, tracking_number, line_ids, anyway)
    done = _read_back(means, parcel)
    if done is None:
        must_be_right(parcel.tracking_number, parcel.carrier, anyway)
        with means.database.view() as session:  # reading back may have shown a change
            may_ship(session, means.store, order_id, line_ids, anyway)
    with means.database.session() as session:
        entry = write(session, means.store, means.act, parcel)
    done = done or _tell(means, parcel, entry)
    return _confirm(means, parcel, entry, done)


def would_be(
    means: Means,
    order_id: str,
    *,
    carrier: str,
    tracking_number: str,
    line_ids: Sequence[str] = (),
    anyway: bool = False,
) -> bool:
    """Refuses what `ship` would refuse before it asks TikTok about the order; whether it is known to have left so."""
    parcel = _parcel(means, order_id, carrier, tracking_number, line_ids, anyway)
    with means.database.view() as session:
        mine = (Line.store_id == means.store.id, col(Line.line_id).in_(parcel.line_ids))
        known = set(session.exec(select(Line.tracking_number).where(*mine))) == {parcel.tracking_number}
    if not known:
        must_be_right(parcel.tracking_number, parcel.carrier, anyway)
    return known


def _parcel(
    means: Means, order_id: str, carrier: str, tracking_number: str, line_ids: Sequence[str], anyway: bool
) -> Parcel:
    """What is to leave, with the carrier as TikTok calls it."""
    number = clean_number(tracking_number)
    with means.database.view() as session:
        order = may_ship(session, means.store, order_id, line_ids, anyway)
        wanted = _units(session, order, line_ids, number)
    offered = logistics.shipping_providers(means.client, order.delivery_option_id)
    return Parcel(order_id, wanted, number, logistics.find_provider(offered, carrier))


def clean_number(tracking_number: str) -> str:
    """Without the spaces that labels print; it can be corrected at TikTok only once, so a slip is refused here."""
    number = "".join(tracking_number.split()).upper()
    if not number or not number.replace("-", "").isalnum() or not number.isascii() or len(number) > LONGEST_NUMBER:
        raise BadInput(f"{tracking_number!r} is no tracking number: write its letters and digits.")
    if not any(character.isdigit() for character in number):
        raise BadInput(f"{tracking_number!r} is no tracking number: it has no digit.")
    return number


def must_be_right(number: str, carrier: Provider, anyway: bool) -> None:
    """Refuses a number that cannot be this carrier's, unless somebody says that it is."""
    doubt = numbers.doubt(number, carrier.name)
    if doubt and not anyway:
        hint = "Compare it with the label: TikTok takes one correction. If it is right, run the same with --yes."
        raise BadInput(doubt, hint, code="tracking_number")


def may_ship(session: Session, store: Store, order_id: str, line_ids: Sequence[str], anyway: bool) -> Order:
    order = session.exec(select(Order).where(Order.store_id == store.id, Order.order_id == order_id)).one()
    if order.shipping_type == holds.TIKTOK:
        raise BadInput(
            f"TikTok ships order {order_id} with its own label; it sets the tracking number itself.",
            f"Buy the label: gcw orders label {order_id}",
        )
    if order.stage == Stage.CANCELED:
        raise BadInput(f"Order {order_id} is canceled.")
    lines = session.exec(select(Line).where(Line.order_pk == order.id)).all()
    if order.released_at is None and not _made_elsewhere(lines, line_ids):
        raise _never_made(order, lines)
    asked = ["The buyer has asked to cancel, and shipping refuses that."] if order.cancel_requested else []
    query = select(Hold.sentence).where(Hold.order_pk == order.id, Hold.reason == HoldReason.NEEDS_DECISION)
    decide = " ".join([*session.exec(query), *asked])
    if decide and not anyway:
        hint = f"To ship it as it was released: gcw orders ship {order_id} ... --yes"
        raise BadInput(decide, hint, code="needs_decision")
    return order


def _made_elsewhere(lines: Sequence[Line], named: Sequence[str]) -> bool:
    """Some left without gcw, or all that are named are ignored here."""
    ignored = {line.line_id for line in lines if line.ignored_id is not None}
    return any(line.stage == Stage.SHIPPED for line in lines) or (bool(named) and set(named) <= ignored)


def _never_made(order: Order, lines: Sequence[Line]) -> BadInput:
    if order.kind == OrderKind.FULFILLED_BY_TIKTOK:
        return BadInput(f"TikTok sends order {order.order_id} from its own warehouse, and tells itself.")
    if stages.is_ignored(lines):
        return BadInput(
            f"Everything in order {order.order_id} is ignored, so nothing of it was made here.",
            "Where somebody else has sent it, name its lines with --line.",
        )
    if order.held_why is not None:
        sentence = f"Order {order.order_id} is held and not released, so nothing of it is made: {order.held_why}."
        return BadInput(sentence, f"To have it made: gcw orders release {order.order_id} --yes")
    return BadInput(
        f"Order {order.order_id} was never released, so nothing of it was made.",
        f"Run `gcw orders release {order.order_id}`.",
    )


def _units(session: Session, order: Order, line_ids: Sequence[str], number: str) -> tuple[str, ...]:
    """The units to ship: those named, else all that are in work, else those that went out under this number.
    Units that are ignored here are shipped only where they are named."""
    lines = {line.line_id: line for line in session.exec(select(Line).where(Line.order_pk == order.id))}
    for line_id in line_ids:
        if line_id not in lines:
            raise BadInput(f"Order {order.order_id} has no line {line_id}.", f"See `gcw orders show {order.order_id}`.")
    chosen = (
        [lines[line_id] for line_id in dict.fromkeys(line_ids)]
        or [line for line in lines.values() if line.stage in IN_WORK]
        or [line for line in lines.values() if line.tracking_number == number]
    )
    gone = [line.line_id for line in chosen if not _may_leave(line, number)]
    if gone or not chosen:
        stages = ", ".join(sorted({str(line.stage) for line in lines.values()}))
        numbers = ", ".join(sorted({line.tracking_number for line in lines.values() if line.tracking_number}))
        known = f" TikTok has the tracking number {numbers}." if numbers else ""
        raise BadInput(f"Nothing of order {order.order_id} is left to ship: its lines are {stages}.{known}")
    return tuple(sorted(line.line_id for line in chosen))


def _may_leave(line: Line, number: str) -> bool:
    ignored = line.ignored_id is not None and line.stage in stages.WAITING
    return line.stage in IN_WORK or line.tracking_number == number or ignored


def units_in_work(session: Session, order: Order) -> tuple[str, ...]:
    """The line ids of what of an order is in the house."""
    mine = select(Line.line_id).where(Line.order_pk == order.id, col(Line.stage).in_(IN_WORK))
    return tuple(sorted(session.exec(mine)))


def write(session: Session, store: Store, act: Act, parcel: Parcel) -> OutboxEntry:
    """Writes the effect down before TikTok hears of it."""
    units = hashlib.sha256(",".join(parcel.line_ids).encode()).hexdigest()[:12]
    key = f"ship/{store.shop_id}/{parcel.order_id}/{parcel.tracking_number}/{units}"
    payload = {
        "lines": list(parcel.line_ids),
        "carrier_id": parcel.carrier.id,
        "carrier": parcel.carrier.name,
        "tracking_number": parcel.tracking_number,
    }
    mine = select(Order).where(Order.store_id == store.id, Order.order_id == parcel.order_id)
    order = session.exec(mine.with_for_update(key_share=True)).one()
    return outbox.write(session, key, outbox.SHIP, order, payload, act.now)


def _read_back(means: Means, parcel: Parcel) -> fulfillment.Shipped | None:
    """What TikTok has of these units now: shipped under our number, or not yet. Anything else is refused."""
    received = look(means, parcel.order_id)
    told = {line.id: line for line in received.line_items if line.id in parcel.line_ids}
    cancelled = [line_id for line_id in parcel.line_ids if line_id not in told or told[line_id].is_cancelled]
    if cancelled:
        raise Refused(
            f"{len(cancelled)} of these units of order {parcel.order_id} are cancelled at TikTok.",
            f"See `gcw orders show {parcel.order_id}`; name the others with --line.",
        )
    numbers = {line.tracking_number for line in told.values()}
    if numbers == {parcel.tracking_number}:
        return fulfillment.Shipped(next(iter(told.values())).package_id, "", "")
    if numbers == {""}:
        return None
    others = ", ".join(sorted(numbers - {"", parcel.tracking_number}))
    if others:
        raise Refused(
            f"TikTok has another tracking number for order {parcel.order_id}: {others}. Nothing was sent.",
            "Compare it in Seller Center; another program may ship for this shop.",
        )
    raise Refused(
        f"Some of these units of order {parcel.order_id} have left under this number already. Nothing was sent.",
        "Name those that have not with --line.",
    )


def look(means: Means, order_id: str, *, settle: bool = False) -> tiktok_orders.Order:
    """The order as TikTok has it now, taken in; with `settle`, what was told of its parcels is settled by it."""
    received = next(tiktok_orders.detail(means.client, [order_id]))
    if received.order is None:
        raise Refused(f"TikTok's answer about order {order_id} cannot be used: {received.fault}.")
    with means.database.session() as session:
        desk = means.desk(session, [order_id])
        taking.take_in(desk, received)
        if settle:
            parcels.settle(desk)
        reviewing.review(desk, list(desk.orders.values()))
    return received.order


def _tell(
    means: Means,
    parcel: Parcel,
    entry: OutboxEntry,
) -> fulfillment.Shipped:
    """Sends it; where the answer is lost, TikTok itself is asked what became of it."""
    try:
        return fulfillment.mark_shipped(
            means.client, parcel.order_id, parcel.line_ids, parcel.tracking_number, parcel.carrier.id
        )
    except (OutcomeUnknown, AlreadyDone) as error:
        found = _read_back(means, parcel)
        if found is not None:
            return found
        claims.note_trouble(means.database, entry, TryAgain(str(error)))
        raise TryAgain(
            f"TikTok did not confirm order {parcel.order_id}, and does not show it as shipped.",
            "Run the same command again: it looks before it sends.",
            request_id=error.request_id,
        ) from error
    except GcwError as error:
        claims.note_trouble(means.database, entry, error)
        advice.advise(error, parcel.order_id)
        raise


def _confirm(
    means: Means,
    parcel: Parcel,
    entry: OutboxEntry,
    done: fulfillment.Shipped,
) -> Told:
    with means.database.session() as session:
        desk = means.desk(session, [parcel.order_id])
        order = desk.orders[parcel.order_id]
        fresh = session.get_one(OutboxEntry, entry.id)
        warning = done.warning or str(fresh.answer.get("warning", ""))
        for line in desk.lines_of(order):
            if line.line_id in parcel.line_ids:
                line.package_id, line.tracking_number = done.package_id, parcel.tracking_number
                line.carrier = parcel.carrier.name
                line.stage = Stage.SHIPPED if Stage.SHIPPED in NEXT[line.stage] else line.stage
                session.add(line)
        order.stage = stages.shown(desk.lines_of(order))
        session.add(order)
        reviewing.review(desk, [order])
        if not any(line.stage in IN_WORK for line in desk.lines_of(order)):
            reviewing.settle(desk, order)  # what was in doubt has been shipped
        parcels.confirm(desk, order, fresh, done.package_id, warning)
        parcels.settle(desk)
    return Told(
        parcel.order_id,
        parcel.carrier.name,
        parcel.tracking_number,
        len(parcel.line_ids),
        done.package_id,
        warning,
        known_before=not done.version,
        advice=advice.of_warning(warning, parcel.order_id, parcel.tracking_number),
    )
