"""Tells production which units of a released order are cancelled: in the order's own folder."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Line, Order, OutboxEntry, Stage, Store
from gcw_tiktok.workflow import history, outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import handoff, holds, reviewing
from gcw_tiktok.workflow.orders.desk import Desk

NOTICE = "CANCELLED.json"
BY_HAND = "Production has no folder of it any more, so it must be told by hand that units are cancelled."


def note(desk: Desk, order: Order) -> None:
    """Writes down that production is to be told, where units that it was given are cancelled. In the transaction
    that takes the cancellation in, so that it cannot be forgotten."""
    gone = sorted(line.line_id for line in desk.lines_of(order) if _was_given(line))
    if order.id is None or not gone:
        return
    units = hashlib.sha256(",".join(gone).encode()).hexdigest()[:12]
    key = f"stop/{desk.store.shop_id}/{order.order_id}/{units}"
    if outbox.find(desk.session, key) is None:
        outbox.write(desk.session, key, outbox.STOP, order, {"lines": gone}, desk.act.now)


def _was_given(line: Line) -> bool:
    return line.stage == Stage.CANCELED and line.connection_id is not None and not line.tracking_number


def tell(database: Database, seal: Seal, store: Store, act: Act, only: Sequence[str] = ()) -> list[GcwError]:
    """Tells production of all that it has not been told yet; what could not be told, which the next run does."""
    with database.view() as session:
        waiting = outbox.open_of(session, store.id, [outbox.STOP], only)
        work = [(entry, order, _notices(session, order)) for entry, order in waiting]
    troubles: list[GcwError] = []
    for entry, order, notices in work:
        try:
            told = [place for place, notice in notices if place and handoff.add(Path(place), NOTICE, _written(notice))]
        except GcwError as error:
            troubles.append(error)
            continue
        _confirm(database, seal, store, act, order, entry, told, len(told) == len(notices))
    return troubles


def _notices(session: Session, order: Order) -> list[tuple[str, dict[str, Any]]]:
    """For each folder that was handed over: what is cancelled of it."""
    lines = session.exec(select(Line).where(Line.order_pk == order.id).order_by(col(Line.line_id))).all()
    gone = [line.line_id for line in lines if _was_given(line)]
    handed = select(OutboxEntry).where(
        OutboxEntry.order_pk == order.id, OutboxEntry.kind == outbox.HAND_OFF, OutboxEntry.state == outbox.DONE
    )
    return [
        (str(entry.answer.get("folder", "")), _notice(order, gone, sorted(entry.payload["lines"])))
        for entry in session.exec(handed.order_by(col(OutboxEntry.id)))
        if set(gone) & set(entry.payload["lines"])
    ]


def _notice(order: Order, gone: Sequence[str], given: Sequence[str]) -> dict[str, Any]:
    """Nothing in it depends on when it is written, so that writing it again changes nothing."""
    cancelled = [line_id for line_id in given if line_id in gone]
    whole = len(cancelled) == len(given)
    what = "The whole order is cancelled" if whole else f"{len(cancelled)} of {len(given)} units are cancelled"
    return {
        "tiktokOrderId": order.order_id,
        "message": f"{what}: do not make or ship {'it' if whole else 'them'}.",
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
    told: list[str],
    all_: bool,
) -> None:
    with database.session() as session:
        desk = Desk(session, session.get_one(Store, store.id), seal, act, order.read_at)
        desk.load([order.order_id])
        fresh = session.get_one(OutboxEntry, entry.id)
        if fresh.state != outbox.WRITTEN:  # another process was first
            return
        outbox.done(session, fresh, act.now, {"folders": told})
        what = "production told of the cancellation" if all_ else "production to be told by hand"
        units = len(fresh.payload["lines"])
        history.record(session, act, f"order:{order.order_id}", what, f"{units} units are cancelled", folders=told)
        if not all_:
            reviewing.add_hold(desk, desk.orders[order.order_id], holds.decision(order, BY_HAND))
