"""Tells production which units of what it was given are not to be made: in each hand-off's own folder, or at
its connector."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Customer, Line, Order, OutboxEntry, Stage, Store
from gcw_tiktok.store.tables.stages import OPEN
from gcw_tiktok.workflow import history, outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import holds, reviewing
from gcw_tiktok.workflow.orders.desk import Desk
from gcw_tiktok.workflow.production import handed, handoff
from gcw_tiktok.workflow.production.handed import HandOff

NOTICE = "CANCELLED.json"
CancelThere = Callable[[str, str, str], bool]
"""Cancels a whole order at the connector where it is: by the place, production's reference and the customer's. Whether
it is cancelled there; where it is not, a person has to tell."""
HAND_OFF = "hand_off"
"""Which hand-off a decision has stopped; in the payload of such a stop."""


def note(desk: Desk, order: Order) -> None:
    """Writes down that production is to be told, where units that it was given are cancelled. In the transaction
    that takes the cancellation in, so that it cannot be forgotten."""
    gone = sorted(line.line_id for line in desk.lines_of(order) if _was_given(order, line))
    if order.id is None or not gone:
        return
    key = f"stop/{desk.store.shop_id}/{order.order_id}/{_hash(gone)}"
    if outbox.find(desk.session, key) is None:
        outbox.write(desk.session, key, outbox.STOP, order, {"lines": gone}, desk.act.now)


def note_stopped(desk: Desk, order: Order, lines: Sequence[Line]) -> None:
    """The same for units that a decision stops: each is told to the hand-off that has it. They may be made after all,
    and are then handed over anew."""
    wanted = {line.line_id for line in lines}
    for one in handed.of_order(desk.session, order):
        here = sorted(wanted & one.newest)
        if here:
            key = f"stop/{one.entry.key}/{_hash(here)}"
            payload = {"lines": here, HAND_OFF: one.entry.key}
            outbox.write(desk.session, key, outbox.STOP, order, payload, desk.act.now)


def _hash(line_ids: Sequence[str]) -> str:
    return hashlib.sha256(",".join(line_ids).encode()).hexdigest()[:12]


def _was_given(order: Order, line: Line) -> bool:
    """What has a number has left; but for TikTok's own, which comes with the label before it is packed."""
    left = line.tracking_number and order.shipping_type != holds.TIKTOK
    return line.stage == Stage.CANCELED and line.connection_id is not None and not left


def by_hand(place: str, reference: str, customer: str) -> bool:
    """Nobody asks the connector."""
    return False


def tell(
    database: Database,
    seal: Seal,
    store: Store,
    act: Act,
    only: Sequence[str] = (),
    cancel: CancelThere = by_hand,
) -> list[GcwError]:
    """Tells production of all that it has not been told yet; what could not be told, which the next run does."""
    with database.view() as session:
        waiting = outbox.open_of(session, store.id, [outbox.STOP], only)
        work = [(entry, order, _notices(session, order, entry)) for entry, order in waiting]
        customer = session.get_one(Customer, store.customer_id).reference or ""
    troubles: list[GcwError] = []
    for entry, order, notices in work:
        try:
            deaf = [one for one, notice in notices if not _told(one, notice, cancel, customer)]
        except GcwError as error:
            troubles.append(error)
            continue
        _confirm(database, seal, store, act, order, entry, [one for one, _ in notices], deaf)
    return troubles


def _told(hand_off: HandOff, notice: dict[str, Any], cancel: CancelThere, customer: str) -> bool:
    """Whether production knows: the notice lies in the hand-off's folder, or GelatoConnect has cancelled the order.
    Its documents name no way to cancel a part of one."""
    if hand_off.place:
        return handoff.add(Path(hand_off.place), NOTICE, _written(notice))
    return bool(notice["wholeOrder"]) and cancel(hand_off.entry.payload["folder"], hand_off.reference, customer)


def _notices(session: Session, order: Order, entry: OutboxEntry) -> list[tuple[HandOff, dict[str, Any]]]:
    """For each hand-off that is concerned: what of it is not to be made."""
    lines = session.exec(select(Line).where(Line.order_pk == order.id)).all()
    gone = {line.line_id for line in lines if _was_given(order, line)}
    hand_offs = handed.of_order(session, order)
    stopped = entry.payload.get(HAND_OFF)
    concerned = [one for one in hand_offs if (one.entry.key == stopped if stopped else gone & one.newest)]
    return [(one, _notice(order, one, gone)) for one in concerned]


def _notice(order: Order, hand_off: HandOff, gone: set[str]) -> dict[str, Any]:
    """Nothing in it depends on when it is written, so that writing it again changes nothing."""
    cancelled = sorted((hand_off.newest & gone) | hand_off.stopped)
    whole = len(cancelled) == len(hand_off.given)
    word = "stopped" if hand_off.stopped else "cancelled"
    what = f"The whole order is {word}" if whole else f"{len(cancelled)} of {len(hand_off.given)} units are {word}"
    again = " What is made all the same is handed over anew, under another reference." if hand_off.stopped else ""
    return {
        "tiktokOrderId": order.order_id,
        "message": f"{what}: do not make or ship {'it' if whole else 'them'}.{again}",
        "wholeOrder": whole,
        "cancelledItems": cancelled,
    }


def _written(notice: dict[str, Any]) -> bytes:
    return (json.dumps(notice, indent=2) + "\n").encode()


def _confirm(
    database: Database,
    seal: Seal,
    store: Store,
    act: Act,
    order: Order,
    entry: OutboxEntry,
    concerned: Sequence[HandOff],
    deaf: Sequence[HandOff],
) -> None:
    with database.session() as session:
        desk = Desk(session, session.get_one(Store, store.id), seal, act, order.read_at)
        desk.load([order.order_id])
        fresh = session.get_one(OutboxEntry, entry.id)
        if fresh.state != outbox.WRITTEN:  # another process was first
            return
        told = [one.place or one.reference for one in concerned if one not in deaf]
        outbox.done(session, fresh, act.now, {"folders": told})
        word = "stopped" if HAND_OFF in fresh.payload else "cancelled"
        event = "production told to stop" if word == "stopped" else "production told of the cancellation"
        why = f"{len(fresh.payload['lines'])} units are {word}"
        what = "production to be told by hand" if deaf else event
        history.record(session, act, f"order:{order.order_id}", what, why, folders=told)
        if deaf:
            _ask(desk, desk.orders[order.order_id], deaf, word)


def _ask(desk: Desk, order: Order, deaf: Sequence[HandOff], word: str) -> None:
    """Holds the order until a person has told production."""
    for one in deaf:
        where = (
            f"has no folder {one.reference} any more" if one.place else f"at GelatoConnect has it as {one.reference}"
        )
        sentence = f"Production {where}, so it must be told by hand that units are {word}."
        reviewing.add_hold(desk, order, holds.decision(order, sentence))
    if any(line.stage in OPEN for line in desk.lines_of(order)):
        desk.tiktok_now = order.read_at
        reviewing.review(desk, [order])
