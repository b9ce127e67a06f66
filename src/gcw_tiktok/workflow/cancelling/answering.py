"""Answers a buyer's request to cancel: once, however often it is run or killed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Line, Order, OutboxEntry, Store
from gcw_tiktok.store.tables.stages import GONE_OUT, OPEN
from gcw_tiktok.tiktok import returns
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.returns import Cancellation
from gcw_tiktok.workflow import history, outbox
from gcw_tiktok.workflow.cancelling import requests
from gcw_tiktok.workflow.cancelling.requests import APPROVE, REFUSE, Proposal
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import claims, intake
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.production import stopping

OTHERWISE = "answered_otherwise"
"""The code of a refusal because the request was answered the other way, or withdrawn."""


@dataclass(frozen=True)
class Answer:
    """What the buyer is told. `anyway` accepts that something is made already."""

    answer: str
    reason: str = ""
    """One that TikTok offers for refusing."""
    comment: str = ""
    anyway: bool = False


@dataclass(frozen=True)
class Answered:
    """What became of a request."""

    order_id: str
    cancel_id: str
    answer: str
    reason: str = ""
    made: str = ""
    known_before: bool = False
    """It had that answer already; nothing was sent."""


@dataclass(frozen=True)
class Asked:
    """A request that waits for an answer: what gcw would say, and TikTok's reasons for refusing, name and text; of
    several with one text the first."""

    order_id: str
    reason: str
    units: int
    made: str
    deadline: int | None
    proposal: Proposal
    refusals: tuple[tuple[str, str], ...]


def asked(means: Means, order_id: str) -> Asked:
    """What the buyer asks for; refused where nothing waits for an answer."""
    request = _read(means, order_id)
    if not request.is_pending:
        raise BadInput(f"No request to cancel order {order_id} waits for an answer.", "See `gcw orders cancellations`.")
    with means.database.view() as session:
        order = claims.find(session, means.store, order_id)
        lines = requests.concerned(session, order, request.line_ids)
    refusals = {
        one.text or one.name: one.name for one in reversed(returns.reject_reasons(means.client, request.cancel_id))
    }
    return Asked(
        order_id,
        request.cancel_reason_text or request.cancel_reason,
        len(lines),
        requests.made(lines),
        request.deadline,
        requests.propose(order, lines),
        tuple((name, text) for text, name in reversed(refusals.items())),
    )


def answer(means: Means, order_id: str, wanted: Answer, *, dry_run: bool = False) -> Answered:
    """Grants or refuses what the buyer asked for. Of what is made already a person must have said so."""
    request = _read(means, order_id)
    if not request.is_pending:
        return _settled(means, request, wanted)
    with means.database.view() as session:
        order = claims.find(session, means.store, order_id)
        lines = requests.concerned(session, order, request.line_ids)
        _must_be_decided(order, lines, wanted)
    if wanted.answer == REFUSE:
        gone = [line for line in lines if line.stage in GONE_OUT]
        comment = f"Shipped with {requests.sent_with(gone)}." if gone else ""
        reason = _offered(means.client, request, wanted.reason)
        wanted = replace(wanted, reason=reason, comment=wanted.comment or comment)
    told = Answered(order_id, request.cancel_id, wanted.answer, wanted.reason, requests.made(lines))
    if dry_run:
        return told
    entry = _write(means, request, wanted)
    _send(means, request, wanted, entry)
    _finish(means, request, wanted, told.made)
    return told


def waiting(database: Database, store: Store, *, approve: bool, only: Sequence[str] = ()) -> list[tuple[str, Answer]]:
    """What gcw answers by itself: what it began to answer, and with `approve` what nothing is made of yet."""
    with database.view() as session:
        found = {
            order.order_id: Answer(
                entry.payload["answer"], entry.payload["reason"], entry.payload["comment"], anyway=True
            )
            for entry, order in outbox.open_of(session, store.id, [outbox.ANSWER], only)
        }
        asked = select(Order).where(Order.store_id == store.id, col(Order.stage).in_(OPEN), col(Order.cancel_requested))
        if only:
            asked = asked.where(col(Order.order_id).in_(only))
        for order in session.exec(asked.order_by(col(Order.id))) if approve else ():
            if requests.propose(order, requests.concerned(session, order, ())).at_once:
                found.setdefault(order.order_id, Answer(APPROVE))
    return list(found.items())


def _read(means: Means, order_id: str, cancel_id: str = "") -> Cancellation:
    """The request that waits, else the one that changed last, as TikTok shows it."""
    found = [one for one in returns.search_cancellations(means.client, order_ids=[order_id]) if one.role != "SELLER"]
    chosen = [one for one in found if one.cancel_id == cancel_id] or [one for one in found if one.is_pending] or found
    if not chosen:
        raise BadInput(f"The buyer has not asked to cancel order {order_id}.", "See `gcw orders cancellations`.")
    return max(chosen, key=lambda one: one.update_time)


def _must_be_decided(order: Order, lines: Sequence[Line], wanted: Answer) -> None:
    """Refuses to approve what somebody should look at first."""
    proposal = requests.propose(order, lines)
    if wanted.answer == APPROVE and not (wanted.anyway or proposal.at_once):
        sentence = f"Order {order.order_id}: {requests.made(lines)}. {proposal.why}"
        hint = f"To grant it all the same: gcw orders answer {order.order_id} approve --yes"
        raise BadInput(sentence, hint, code="needs_decision")


def _offered(client: Client, request: Cancellation, given: str) -> str:
    """The reason in TikTok's words, from those that it offers for this request."""
    offered = {one.name: one.text for one in returns.reject_reasons(client, request.cancel_id)}
    return claims.choose_reason(offered, given, f"refusing the request about order {request.order_id}")


def _key(means: Means, request: Cancellation) -> str:
    return f"answer/{means.store.shop_id}/{request.cancel_id}"


def _write(means: Means, request: Cancellation, wanted: Answer) -> OutboxEntry:
    """Writes the answer down before TikTok hears of it; from then on nothing of the order is handed over."""
    payload = {"answer": wanted.answer, "reason": wanted.reason, "comment": wanted.comment}
    with means.database.session() as session:
        order = claims.take(session, means.store, request.order_id)
        lines = requests.concerned(session, order, request.line_ids)
        _must_be_decided(order, lines, wanted)  # it may have been handed over meanwhile
        order.cancel_requested = True
        return outbox.write(session, _key(means, request), outbox.ANSWER, order, payload, means.act.now)


def _send(means: Means, request: Cancellation, wanted: Answer, entry: OutboxEntry) -> None:
    """Sends it; where it fails, TikTok itself is asked what became of the request."""
    try:
        if wanted.answer == APPROVE:
            returns.approve(means.client, request.cancel_id, entry.key)
        else:
            returns.reject(means.client, request.cancel_id, entry.key, wanted.reason, wanted.comment)
    except GcwError as error:
        claims.note_trouble(means.database, entry, error)
        if not claims.may_have_happened(error):
            raise
        now = _read(means, request.order_id, request.cancel_id)
        if now.is_pending:
            raise TryAgain(
                f"TikTok did not confirm the answer about order {request.order_id}, and does not show it.",
                "Run the same command again, or `gcw orders pull`: it looks before it sends.",
            ) from error
        _settled(means, now, wanted)


def _settled(means: Means, request: Cancellation, wanted: Answer) -> Answered:
    """What there is to say of a request that waits no more: it is as wanted, or it is refused."""
    answer = APPROVE if request.is_granted else REFUSE
    if answer == wanted.answer:
        _finish(means, request, wanted, "")
        return Answered(request.order_id, request.cancel_id, answer, known_before=True)
    intake.fetch(*_hands(means), [request.order_id])
    with means.database.session() as session:
        entry = outbox.find(session, _key(means, request))
        if entry and entry.state == outbox.WRITTEN:
            outbox.void(session, entry, "It was answered otherwise, or withdrawn.")
    stopping.tell(means.database, means.seal, means.store, means.act, [request.order_id], means.cancel_there)
    became = "granted already" if answer == APPROVE else "refused or withdrawn already"
    raise Refused(
        f"The request to cancel order {request.order_id} was {became}.",
        f"See `gcw orders show {request.order_id}`.",
        code=OTHERWISE,
    )


def _finish(means: Means, request: Cancellation, wanted: Answer, made: str) -> None:
    """Reads the order as TikTok has it now, then notes that the request is answered."""
    intake.fetch(*_hands(means), [request.order_id])
    with means.database.session() as session:
        entry = outbox.find(session, _key(means, request))
        if entry and entry.state != outbox.DONE:
            outbox.done(session, entry, means.act.now, {"cancel_id": request.cancel_id})
            what = "request to cancel approved" if wanted.answer == APPROVE else "request to cancel refused"
            why = wanted.reason or request.cancel_reason_text
            subject = f"order:{request.order_id}"
            history.record(session, means.act, subject, what, why, cancel_id=request.cancel_id)
    stopping.tell(means.database, means.seal, means.store, means.act, [request.order_id], means.cancel_there)


def _hands(means: Means) -> tuple[Database, Client, Seal, Store, Act]:
    return means.database, means.client, means.seal, means.store, means.act
