"""What a person decides about an order that changed after its release: it is stopped, continues, or is made anew."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Event, Hold, HoldReason, Line, Order, Stage, Store
from gcw_tiktok.store.tables.stages import GONE_OUT, IN_WORK
from gcw_tiktok.workflow import history, outbox
from gcw_tiktok.workflow.cancelling import requests
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import claims, elsewhere, reviewing, stages
from gcw_tiktok.workflow.orders.desk import Desk
from gcw_tiktok.workflow.orders.holding import LONGEST_WHY
from gcw_tiktok.workflow.production import stopping
from gcw_tiktok.workflow.production.stopping import CancelThere


class Choice(StrEnum):
    """What may be decided."""

    STOP = "stop"  # nothing more is made of it until it is released again or cancelled
    CONTINUE = "continue"  # what was released stays as it is
    REMAKE = "remake"  # stopped, and handed over anew with what is so now


MEANS = {
    Choice.STOP: "production is told to stop, and the order waits until it is released again or cancelled",
    Choice.CONTINUE: "what was released stays as it is",
    Choice.REMAKE: "production is told to stop, and the order is handed over anew as it is now",
}


@dataclass(frozen=True)
class Question:
    """What is to be decided about an order."""

    order_id: str
    stage: str
    question: str
    made: str
    """How far production is with it."""
    changes: list[dict[str, Any]]
    """What changed since it was handed over, with before and after; nothing of a recipient."""


@dataclass(frozen=True)
class Decided:
    """What was decided, and about which units."""

    order_id: str
    choice: str
    lines: tuple[str, ...]
    made: str = ""
    known_before: bool = False
    """It was decided so already; nothing was done."""
    left: bool = False
    """They have left already, by somebody else's hand: production is told, and nothing of them waits."""
    resumed: bool = False
    """It was decided so already, and what follows from it is not done yet."""


def question(session: Session, order: Order) -> Question:
    """What is to be decided; `BadInput` where nothing is."""
    query = select(Hold.sentence).where(Hold.order_pk == order.id, Hold.reason == HoldReason.NEEDS_DECISION)
    asked = " ".join(session.exec(query))
    if not asked:
        raise _nothing(order)
    lines = session.exec(select(Line).where(Line.order_pk == order.id)).all()
    return Question(order.order_id, order.stage.value, asked, requests.made(lines), _changes(session, order))


def _changes(session: Session, order: Order) -> list[dict[str, Any]]:
    """What history tells of changes since the order was handed over, or since something was decided about it."""
    found: list[dict[str, Any]] = []
    for event in history.of(session, f"order:{order.order_id}"):
        if event.what in ("handed over", reviewing.DECIDED):
            found = []
        found += event.data.get("changes", [])
    plain = {"what": "", "line": "", "before": "", "after": ""}
    return [plain | one for one in found]


def decide(
    database: Database,
    seal: Seal,
    store: Store,
    act: Act,
    order_id: str,
    choice: Choice,
    *,
    line_ids: Sequence[str] = (),
    why: str = "",
    dry_run: bool = False,
    cancel_there: CancelThere = stopping.by_hand,
) -> Decided:
    """Decides about an order, or about these units of it, and tells production. The same decision again changes
    nothing; what a run that was killed left open, it finishes."""
    reason = " ".join(why.split())
    if len(reason) > LONGEST_WHY:
        raise BadInput(f"Write why in at most {LONGEST_WHY} characters.")
    if choice == Choice.CONTINUE and line_ids:
        raise BadInput("What continues is the whole order.", "Name lines with stop or remake only.", code="usage")
    with database.view() as session:
        done = _before(session, store, order_id, choice, line_ids)
    if done is None:
        with database.view() if dry_run else database.session() as session:
            done = _decided(session, seal, store, act, order_id, choice, line_ids, reason, dry_run=dry_run)
    if not dry_run:
        for trouble in stopping.tell(database, seal, store, act, [order_id], cancel_there):
            raise trouble
    return done


def _before(session: Session, store: Store, order_id: str, choice: Choice, line_ids: Sequence[str]) -> Decided | None:
    """What there is to say where just that was decided last, and nothing has changed since."""
    order = claims.find(session, store, order_id)
    lines = _meant(session, order, line_ids)
    about = _last_about(session, order, choice)
    if about is None or (choice == Choice.STOP and any(line.stage in IN_WORK for line in lines)):
        return None
    same = [line for line in lines if line.line_id in about]
    waiting = any(line.stage in stages.WAITING for line in same)
    query = select(Hold.id).where(Hold.order_pk == order.id, Hold.reason == HoldReason.NEEDS_DECISION)
    if (line_ids and not same) or (not waiting and session.exec(query).first() is not None):
        return None
    if choice == Choice.STOP and waiting and order.held_why is None:  # it was let go again
        return None
    resumed = waiting and choice == Choice.REMAKE
    return Decided(order_id, choice.value, about, requests.made(same), known_before=True, resumed=resumed)


def _last_about(session: Session, order: Order, choice: Choice) -> tuple[str, ...] | None:
    """About which units just this was decided last, once or several times in a row; None where it was something else,
    or nothing."""
    query = select(Event).where(Event.subject == f"order:{order.order_id}", Event.what == reviewing.DECIDED)
    events = session.exec(query.order_by(col(Event.id).desc())).all()
    alike = list(itertools.takewhile(lambda event: event.data.get("decision") == choice, events))
    return tuple(sorted({line for event in alike for line in event.data.get("lines", ())})) if alike else None


def _decided(
    session: Session,
    seal: Seal,
    store: Store,
    act: Act,
    order_id: str,
    choice: Choice,
    line_ids: Sequence[str],
    why: str,
    *,
    dry_run: bool,
) -> Decided:
    row = claims.take(session, store, order_id)
    if known := _before(session, store, order_id, choice, line_ids):  # another process was first
        return known
    desk = Desk(session, session.get_one(Store, store.id), seal, act, row.read_at)
    desk.load([order_id])
    order = desk.orders[order_id]
    asked = any(hold.reason == HoldReason.NEEDS_DECISION for hold in desk.holds_of(order))
    lines = [] if choice == Choice.CONTINUE else _to_stop(session, desk, order, choice, line_ids, asked=asked)
    if choice == Choice.CONTINUE and not asked:
        raise _nothing(order)
    left = bool(lines) and all(line.stage in GONE_OUT for line in lines)
    ids = tuple(sorted(line.line_id for line in lines))
    done = Decided(order_id, choice.value, ids, requests.made(lines), left=left)
    if not dry_run:
        _carry_out(desk, order, choice, lines, why)
    return done


def _to_stop(
    session: Session, desk: Desk, order: Order, choice: Choice, line_ids: Sequence[str], *, asked: bool
) -> list[Line]:
    """The units in work that are meant, and those that somebody else ships while production may still have them. Where
    all of it is cancelled, to stop it is to have seen that."""
    meant = _meant(session, order, line_ids)
    found = [line for line in desk.lines_of(order) if line.line_id in {one.line_id for one in meant}]
    lines = [line for line in found if line.stage in IN_WORK]
    twice = [line for line in elsewhere.strange(desk, order) if choice == Choice.STOP and asked and line in found]
    gone = [line for line in found if line.stage in GONE_OUT and line not in twice]
    lines += twice
    if choice == Choice.REMAKE and not asked:
        raise _nothing(order)
    if gone and (line_ids or not lines):
        sent = requests.sent_with(gone)
        raise BadInput(f"{len(gone)} units of order {order.order_id} have left: {sent}.", _see(order), code="gone")
    if not lines and not (choice == Choice.STOP and asked and order.stage == Stage.CANCELED):
        sentence = f"Order {order.order_id} is {order.stage}: nothing of it is in work."
        raise BadInput(sentence, f"To hold it: gcw orders hold {order.order_id} --why TEXT", code="not_in_work")
    _must_not_be_leaving(session, order)
    return lines


def _must_not_be_leaving(session: Session, order: Order) -> None:
    if outbox.unconfirmed(session, outbox.SHIP, [order.id or 0]):
        raise TryAgain(
            f"TikTok has not confirmed yet whether a parcel of order {order.order_id} has left.",
            f"Run `gcw orders pull`, or the `gcw orders ship` that `gcw orders explain {order.order_id}` names.",
        )


def _carry_out(desk: Desk, order: Order, choice: Choice, lines: Sequence[Line], why: str) -> None:
    """All in one transaction, so that a decision is taken whole or not at all."""
    asked = reviewing.close_decision(desk, order)
    stopping.note_stopped(desk, order, lines)
    back = [line for line in lines if line.stage in IN_WORK]
    for line in back:
        line.stage, line.connection_id = Stage.RECEIVED, None
        desk.session.add(line)
    if back and not any(line.stage in IN_WORK | GONE_OUT for line in desk.lines_of(order)):
        order.released_at = None
    if back and choice == Choice.STOP:
        order.held_why = f"stopped in production{': ' if why else ''}{why}"
    order.stage = stages.shown(desk.lines_of(order))
    desk.session.add(order)
    reason = f"{why.rstrip('.')}." if why else ""
    said = " ".join(filter(None, [f"{choice.capitalize()}.", reason, f"It was asked: {asked}" if asked else ""]))
    desk.note(order, reviewing.DECIDED, said, decision=choice.value, lines=sorted(line.line_id for line in lines))
    desk.session.flush()
    reviewing.review(desk, [order])


def _meant(session: Session, order: Order, line_ids: Sequence[str]) -> list[Line]:
    lines = session.exec(select(Line).where(Line.order_pk == order.id)).all()
    strangers = sorted(set(line_ids) - {line.line_id for line in lines})
    if strangers:
        raise BadInput(f"Order {order.order_id} has no line {strangers[0]}.", _see(order))
    return [line for line in lines if not line_ids or line.line_id in line_ids]


def _nothing(order: Order) -> BadInput:
    sentence = f"Nothing is to be decided about order {order.order_id}, which is {order.stage}."
    return BadInput(sentence, _see(order), code="nothing_to_decide")


def _see(order: Order) -> str:
    return f"See `gcw orders explain {order.order_id}`."
