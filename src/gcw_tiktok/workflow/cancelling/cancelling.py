"""Cancels an order of ours, or units of it, at TikTok: once, with a reason that TikTok offers for it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Line, Order, OutboxEntry, Stage, Store
from gcw_tiktok.store.tables.stages import GONE_OUT
from gcw_tiktok.tiktok import returns
from gcw_tiktok.tiktok.errors import BadRequest
from gcw_tiktok.workflow import history, outbox
from gcw_tiktok.workflow.cancelling import answering, requests
from gcw_tiktok.workflow.cancelling.answering import Answered
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import claims, intake, returning
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.production import stopping


@dataclass(frozen=True)
class Cancelled:
    """What TikTok has cancelled."""

    order_id: str
    lines: tuple[str, ...]
    reason: str
    made: str
    whole: bool
    known_before: bool = False


@dataclass(frozen=True)
class Offered:
    """That an order may be cancelled now, and with which of TikTok's reasons."""

    reasons: tuple[str, ...]
    units: int
    made: str


@dataclass(frozen=True)
class Followed:
    """What was done of itself after orders were read, and what could not be."""

    answered: list[Answered]
    troubles: list[GcwError]


def cancel(
    means: Means,
    order_id: str,
    *,
    reason: str,
    line_ids: Sequence[str] = (),
    anyway: bool = False,
    dry_run: bool = False,
) -> Cancelled:
    """Cancels the order, or these units of it. `anyway` accepts that production has some of them."""
    _refresh(means, order_id)
    with means.database.view() as session:
        order, lines = _meant(session, means.store, order_id, line_ids)
        live = [line for line in lines if line.stage != Stage.CANCELED]
        whole = len(live) == len(requests.concerned(session, order, ()))
    if not live:
        _settle(means, [order_id])
        return Cancelled(order_id, tuple(line.line_id for line in lines), "", "", whole=not line_ids, known_before=True)
    _must_be_free(order, live, anyway)
    chosen = _reason(means, order, live, reason)
    done = Cancelled(order_id, tuple(sorted(line.line_id for line in live)), chosen, requests.made(live), whole)
    if dry_run:
        return done
    entry = _write(means, done, anyway)
    _send(means, done, entry)
    _settle(means, [order_id])
    return done


def offered(means: Means, order_id: str, *, anyway: bool = False) -> Offered:
    """TikTok's reasons for cancelling the whole order; refused where it may not be cancelled now."""
    _refresh(means, order_id)
    with means.database.view() as session:
        order, lines = _meant(session, means.store, order_id, ())
    live = [line for line in lines if line.stage != Stage.CANCELED]
    if not live:
        raise BadInput(f"Order {order_id} is cancelled already.")
    _must_be_free(order, live, anyway)
    return Offered(tuple(_reasons(means, order, live)), len(live), requests.made(live))


def follow_up(means: Means, *, approve: bool, only: Sequence[str] = ()) -> Followed:
    """What reading orders leaves to do: requests about what is not made are approved, what was begun is finished,
    production is told of what was cancelled, and what buyers sent back is noted."""
    done = Followed([], [])
    for order_id, wanted in answering.waiting(means.database, means.store, approve=approve, only=only):
        try:
            done.answered.append(answering.answer(means, order_id, wanted))
        except GcwError as error:  # of one order; what was withdrawn meanwhile is no failure
            done.troubles.extend([] if error.code == answering.OTHERWISE else [error])
    _close_confirmed(means.database, means.store, means.act, only)
    done.troubles.extend(stopping.tell(means.database, means.seal, means.store, means.act, only, means.cancel_there))
    if not only:
        try:
            returning.look_through(means)
        except GcwError as error:  # the next pull looks once more
            done.troubles.append(error)
    return done


def _refresh(means: Means, order_id: str) -> None:
    intake.fetch(means.database, means.client, means.seal, means.store, means.act, [order_id])


def _meant(session: Session, store: Store, order_id: str, line_ids: Sequence[str]) -> tuple[Order, list[Line]]:
    order = claims.find(session, store, order_id)
    lines = {line.line_id: line for line in session.exec(select(Line).where(Line.order_pk == order.id))}
    for line_id in line_ids:
        if line_id not in lines:
            raise BadInput(f"Order {order_id} has no line {line_id}.", f"See `gcw orders show {order_id}`.")
    return order, [lines[line_id] for line_id in dict.fromkeys(line_ids)] or list(lines.values())


def _must_be_free(order: Order, lines: Sequence[Line], anyway: bool) -> None:
    """Refuses what should be answered instead, and what somebody should look at first."""
    if order.cancel_requested:
        hint = f"Answer it: gcw orders answer {order.order_id} approve"
        raise BadInput(f"The buyer has asked to cancel order {order.order_id} already.", hint)
    if requests.in_work(lines) and not anyway:
        sentence = f"Production has order {order.order_id}: {requests.made(lines)}."
        raise BadInput(sentence, "Add --yes to cancel it all the same; production is told.", code="needs_decision")


def _reason(means: Means, order: Order, lines: Sequence[Line], given: str) -> str:
    """The reason in TikTok's words."""
    common = dict.fromkeys(_reasons(means, order, lines), "")
    return claims.choose_reason(common, given, f"cancelling order {order.order_id}")


def _reasons(means: Means, order: Order, lines: Sequence[Line]) -> list[str]:
    """Those that TikTok offers for each of the units."""
    verdicts = returns.may_cancel(means.client, order.order_id)
    by_line = {line_id: verdict for verdict in verdicts for line_id in verdict.line_ids}
    asked = [by_line[line.line_id] for line in lines if line.line_id in by_line]
    for verdict in asked:
        if not verdict.eligible:
            raise Refused(
                f"TikTok does not let order {order.order_id} be cancelled: {verdict.why_not or 'no reason given'}",
                f"See `gcw orders show {order.order_id}`.",
            )
    offered = asked[0].reasons if asked else []
    return [name for name in offered if all(name in verdict.reasons for verdict in asked)]


def _write(means: Means, wanted: Cancelled, anyway: bool) -> OutboxEntry:
    """Writes it down before TikTok hears of it; from then on nothing of the order is handed over."""
    units = hashlib.sha256(",".join(wanted.lines).encode()).hexdigest()[:12]
    key = f"cancel/{means.store.shop_id}/{wanted.order_id}/{units}"
    payload = {"lines": list(wanted.lines), "reason": wanted.reason}
    with means.database.session() as session:
        order = claims.take(session, means.store, wanted.order_id)
        _must_be_free(order, requests.concerned(session, order, wanted.lines), anyway)  # it may have been released
        return outbox.write(session, key, outbox.CANCEL, order, payload, means.act.now)


def _send(means: Means, wanted: Cancelled, entry: OutboxEntry) -> None:
    """Sends it; where it fails, TikTok itself is asked what became of the units."""
    try:
        returns.cancel(means.client, wanted.order_id, wanted.reason, () if wanted.whole else wanted.lines)
    except GcwError as error:
        claims.note_trouble(means.database, entry, error)
        if isinstance(error, BadRequest) and not wanted.whole:
            error.hint = "TikTok takes single units for few reasons, such as out of stock; or cancel the whole order."
        if not claims.may_have_happened(error):
            raise
        _refresh(means, wanted.order_id)
        with means.database.view() as session:
            order = claims.find(session, means.store, wanted.order_id)
            left = requests.concerned(session, order, wanted.lines)
        if left and isinstance(error, TryAgain):
            raise TryAgain(
                f"TikTok did not confirm the cancellation of order {wanted.order_id}, and does not show it.",
                "Run the same command again: it looks before it sends.",
            ) from error
        if left:
            raise
    else:
        _refresh(means, wanted.order_id)


def _settle(means: Means, order_ids: Sequence[str]) -> None:
    _close_confirmed(means.database, means.store, means.act, order_ids)
    stopping.tell(means.database, means.seal, means.store, means.act, order_ids, means.cancel_there)


def _close_confirmed(database: Database, store: Store, act: Act, only: Sequence[str]) -> None:
    """Closes cancellations that were sent, where TikTok now shows what became of their units."""
    with database.session() as session:
        for entry, order in outbox.open_of(session, store.id, [outbox.CANCEL], only):
            lines = session.exec(
                select(Line).where(Line.order_pk == order.id, col(Line.line_id).in_(entry.payload["lines"]))
            ).all()
            if all(line.stage == Stage.CANCELED for line in lines):
                outbox.done(session, entry, act.now, {})
                history.record(
                    session, act, f"order:{order.order_id}", "cancelled", entry.payload["reason"], lines=len(lines)
                )
            elif any(line.stage in GONE_OUT for line in lines):
                outbox.void(session, entry, "Some of its units left before they were cancelled.")
