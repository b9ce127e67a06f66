"""What production reports moves the stages of what it was given, along the table of moves."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import NEXT, Line, Order, OutboxEntry, Stage, Store
from gcw_tiktok.store.tables.stages import FORWARD, GONE_OUT, IN_WORK
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import holds, reviewing, stages
from gcw_tiktok.workflow.orders.desk import Desk
from gcw_tiktok.workflow.production import handed, production
from gcw_tiktok.workflow.production.reports import Report
from gcw_tiktok.workflow.shipping import leaving

HEARD = "heard"
MOVED, UNCHANGED = "moved", "unchanged"
REFERENCE = re.compile(r"TTS-([0-9]{1,30})(?:-[0-9]{1,6})?")


class Unknown(BadInput):
    """It names no order that this hand-off holds."""


@dataclass(frozen=True)
class Heard:
    """What a report changed."""

    order_id: str
    result: str
    stage: Stage
    why: str = ""
    command: str = ""


def hear(database: Database, seal: Seal, act: Act, hand_offs: Collection[str], report: Report, key: str) -> Heard:
    """Moves the order that one of these places was given. The same `key` counts once; without one, every time.

    `Unknown` and `BadInput` say why it cannot be so; `TryAgain` that gcw has not noted the hand-off itself yet.
    """
    with database.session() as session:
        store, order_id, units = _given(session, hand_offs, report.reference)
        desk = Desk(session, store, seal, act, act.now)
        desk.load([order_id])  # the row is ours from here on, so that no two count the same key
        order = desk.orders[order_id]
        if key and outbox.find(session, key):
            return Heard(order_id, UNCHANGED, order.stage, "It was heard before.")
        heard = _heard(desk, order, report, units)
        if key:
            outbox.done(session, outbox.write(session, key, HEARD, order, {}, act.now), act.now, {})
        return heard


def _given(session: Session, hand_offs: Collection[str], reference: str) -> tuple[Store, str, Collection[str]]:
    """Which order of which store production calls so, and which units it has under this name."""
    match = REFERENCE.fullmatch(reference)
    query = (
        select(OutboxEntry, Order)
        .join(Order, col(OutboxEntry.order_pk) == Order.id)
        .where(
            OutboxEntry.kind == outbox.HAND_OFF,
            OutboxEntry.state != outbox.VOID,
            Order.order_id == (match[1] if match else ""),
        )
        .order_by(col(OutboxEntry.id))
    )
    found = [(entry, order) for entry, order in session.exec(query) if entry.payload["folder"] in hand_offs]
    if match is None or not found:
        raise Unknown(f"No order {reference[:60]} was handed over here.", "Its name is in order.json.")
    newest, order = found[-1]
    if newest.state == outbox.WRITTEN:
        raise TryAgain(f"gcw has not noted the hand-off of {reference} yet.", "Run `gcw orders release`, then again.")
    times = handed.of_order(session, order)
    mine = next((one for one in times if one.reference == reference), None)
    if mine is None or mine.entry.payload["folder"] not in hand_offs:
        raise Unknown(f"No order {reference} was handed over here.", "Its name is in order.json.")
    if not mine.newest:
        name = times[-1].reference
        raise BadInput(f"{reference} was handed over anew as {name}.", f"Report {name}.")
    return session.get_one(Store, order.store_id), match[1], mine.newest


def _heard(desk: Desk, order: Order, report: Report, units: Collection[str]) -> Heard:
    if report.stage == Stage.CANCELED:
        return _stopped(desk, order, report, units)
    target = Stage.PACKAGED if report.stage in GONE_OUT else report.stage  # shipped is what TikTok was told
    lines = _to_move(order, _named(desk, order, report, units), report)
    moved = move(order, lines, target, one_unit=bool(report.line_id))
    order.stage = stages.shown(desk.lines_of(order))
    desk.session.add(order)
    shipped = report.stage in GONE_OUT and _waits(lines)
    command = leaving.command(order, desk.lines_of(order), report.tracking or "NUMBER") if shipped else ""
    why = f"Production reports {report.stage}." if command else ""
    if moved:
        said = f"production reports it{f': {report.comment}' if report.comment else ''}"
        desk.note(order, f"now {target}", said, line=report.line_id, tracking=report.tracking)
    return Heard(order.order_id, MOVED if moved else UNCHANGED, order.stage, why, command)


def move(order: Order, lines: Sequence[Line], target: Stage, *, one_unit: bool) -> bool:
    """Moves what is not so far yet. Back, to be printed again, goes only what is named or all of an order;
    what is further already stays, because reports may come late."""
    behind = [line for line in lines if target not in FORWARD or _index(line.stage) < _index(target)]
    if not behind and (one_unit or all(target in NEXT[line.stage] for line in lines)):
        behind = [line for line in lines if target in NEXT[line.stage]]
    for line in behind:
        for step in production.way(line.stage, target, order):
            line.stage = step
    return bool(behind)


def _named(desk: Desk, order: Order, report: Report, units: Collection[str]) -> list[Line]:
    """The units that a report is about; `units` are those that the hand-off has."""
    lines = [line for line in desk.lines_of(order) if line.line_id in units]
    if not report.line_id:
        return lines
    named = [line for line in lines if line.line_id == report.line_id]
    if not named:
        raise Unknown(f"{report.reference} has no unit {report.line_id[:40]}.", "See its order.json.")
    return named


def _to_move(order: Order, named: Sequence[Line], report: Report) -> list[Line]:
    """Those in work. None where they have left, which late reports cannot change, or where it is so already."""
    found = [line for line in named if line.stage in IN_WORK]
    if not found and not any(line.stage in GONE_OUT or line.stage == report.stage for line in named):
        what = f"Unit {report.line_id}" if report.line_id else f"Order {order.order_id}"
        stage = named[0].stage if report.line_id else order.stage
        raise BadInput(f"{what} is {stage}: it is not to be made.", f"See `gcw orders show {order.order_id}`.")
    return found


def _stopped(desk: Desk, order: Order, report: Report, units: Collection[str]) -> Heard:
    """Production cancelled what was ordered: a person decides what the buyer is told."""
    if not any(line.stage in IN_WORK for line in _named(desk, order, report, units)):
        return Heard(order.order_id, UNCHANGED, order.stage)
    what = f"unit {report.line_id}" if report.line_id else "it"
    sentence = f"Production has cancelled {what}{f' ({report.comment})' if report.comment else ''}."
    due = holds.decision(order, sentence, f"gcw orders decide {order.order_id}")
    reviewing.add_hold(desk, order, due)
    desk.note(order, "cancelled by production", report.comment, line=report.line_id)
    return Heard(order.order_id, MOVED, order.stage, sentence, due.command)


def _waits(lines: Sequence[Line]) -> bool:
    return any(line.stage == Stage.PACKAGED for line in lines)


def _index(stage: Stage) -> int:
    return FORWARD.index(stage)
