"""What may be done to an order from a page: the very functions behind the commands, and nothing of its own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.tables import Hold, HoldReason, Job, Order, Person, Stage, Store
from gcw_tiktok.store.tables.stages import OPEN
from gcw_tiktok.workflow.cancelling import answering, cancelling, requests
from gcw_tiktok.workflow.cancelling.answering import Answer
from gcw_tiktok.workflow.orders import approving, decisions, gate, holding, intake, release, views
from gcw_tiktok.workflow.orders.decisions import Choice
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.production import gelatoconnect
from gcw_tiktok.workflow.storefronts import jobs, sight
from gcw_tiktok.workflow.storefronts.portal import Portal

SHOWN_SECONDS = 900
"""For so long a page tells how the last deed ended."""
KIND = "order "


class Deed(StrEnum):
    """What operators may do about an order with one click."""

    APPROVE = "approve"  # what the buyer personalised may be printed
    LIFT = "lift"  # an operator's hold
    HOLD = "hold"
    STOP = "stop"
    CONTINUE = "continue"
    REMAKE = "remake"
    RELEASE = "release"
    ANYWAY = "release_anyway"  # with the holds that a person may lift
    AGAIN = "again"  # read from TikTok once more
    RETRY = "retry"  # set aside, or failed in production


AT_ONCE = frozenset({Deed.APPROVE, Deed.LIFT, Deed.HOLD})
"""These ask nobody outside, so the page need not wait for them."""
LIFTED_BY_RELEASE = frozenset(
    {HoldReason.MANUAL, HoldReason.SAMPLE_POLICY, HoldReason.COMBINING, HoldReason.NEEDS_DECISION}
)
READ_AGAIN = frozenset(
    {HoldReason.TIKTOK_ON_HOLD, HoldReason.UNPAID, HoldReason.ADDRESS_MISSING, HoldReason.DESIGN_PROBLEM}
)
"""These may have resolved themselves at TikTok."""
DECIDED = {
    Choice.STOP: "It waits: release it again, or cancel it.",
    Choice.CONTINUE: "What was released stays as it is.",
    Choice.REMAKE: "It was handed over anew.",
}


@dataclass(frozen=True)
class Done:
    """How far the last deed on an order is, or how it ended."""

    job_id: str
    running: bool
    failed: bool
    words: str


def possible(order: Order, holds: Sequence[Hold], *, to_approve: bool) -> list[Deed]:
    """What fits how the order stands; the deed that resolves it comes first."""
    reasons, found = {hold.reason for hold in holds}, list[Deed]()
    if HoldReason.NEEDS_DECISION in reasons and order.stage not in OPEN:
        found += [Deed.CONTINUE, Deed.STOP, Deed.REMAKE]
    if HoldReason.DESIGN_PROBLEM in reasons and to_approve:
        found.append(Deed.APPROVE)
    if order.held_why is not None:
        found.append(Deed.LIFT)
    if reasons & LIFTED_BY_RELEASE and reasons <= LIFTED_BY_RELEASE and order.stage in OPEN and order.held_why is None:
        found.append(Deed.ANYWAY)
    if order.stage == Stage.PASSED:
        found.append(Deed.RELEASE)
    if order.stage == Stage.FAILED:
        found.append(Deed.RETRY)
    if reasons & READ_AGAIN:
        found.append(Deed.AGAIN)
    return found


def means(portal: Portal, store: Store, person: Person) -> Means:
    """What it takes to work on the store's orders for this person."""
    reach = portal.reach
    cancel_there = gelatoconnect.canceller(reach.database, reach.http, reach.vault)
    return Means(portal.database, portal.client_for(store), portal.seal, store, portal.act(person), cancel_there)


def do(portal: Portal, person: Person, store: Store, order_id: str, deed: Deed, why: str = "") -> str:
    """Does it, and says what came of it."""
    if deed == Deed.APPROVE:
        approving.approve(portal.database, portal.seal, portal.act(person), order_id, ())
        return "What the buyer personalised is approved."
    if deed in (Deed.HOLD, Deed.LIFT):
        return _by_hand(portal, person, order_id, deed, why)
    if deed in (Deed.STOP, Deed.CONTINUE, Deed.REMAKE):
        return _decide(portal, person, store, order_id, Choice(deed.value), why)
    if deed in (Deed.RELEASE, Deed.ANYWAY):
        return _release(portal, person, store, order_id, anyway=deed == Deed.ANYWAY)
    hands = portal.database, portal.client_for(store), portal.seal, store, portal.act(person)
    if deed == Deed.RETRY:
        (tried,) = holding.retry(*hands, [order_id])
        if tried.result == holding.SET_ASIDE:
            raise BadInput(f"It stays set aside: {tried.why}.")
        return f"It is {tried.result} now."
    intake.fetch(*hands, [order_id])
    return "It was read from TikTok."


def cancel(portal: Portal, person: Person, store: Store, order_id: str, reason: str, *, anyway: bool) -> str:
    """Cancels the whole order at TikTok. Only an operator may do so once production has it."""
    anyway = anyway and sight.is_operator(person)
    with _in_their_words(person):
        done = cancelling.cancel(means(portal, store, person), order_id, reason=reason, anyway=anyway)
    return "It was cancelled already." if done.known_before else "It is cancelled."


def may_cancel(portal: Portal, person: Person, store: Store, order_id: str) -> cancelling.Offered:
    """With which of TikTok's reasons the order may be cancelled now; refused where it may not."""
    anyway = sight.is_operator(person)
    with _in_their_words(person):
        return cancelling.offered(means(portal, store, person), order_id, anyway=anyway)


def asked(portal: Portal, person: Person, store: Store, order_id: str) -> answering.Asked:
    """What the buyer has asked for, what gcw would answer, and TikTok's reasons for refusing."""
    return answering.asked(means(portal, store, person), order_id)


def answer(portal: Portal, person: Person, store: Store, order_id: str, wanted: Answer) -> str:
    """Answers the buyer's request to cancel."""
    with _in_their_words(person):
        told = answering.answer(means(portal, store, person), order_id, wanted)
    word = "approved" if told.answer == requests.APPROVE else "refused"
    return f"The request was {word} already." if told.known_before else f"The request is {word}."


def start(work_at: jobs.Jobs, person: Person, store: Store, order_id: str, deed: Callable[[], str]) -> str:
    """The id of the job that does it."""

    def work(beat: jobs.Beat) -> jobs.Ended:
        beat(0, None, "TikTok is asked.")
        return jobs.Ended(deed())

    return work_at.start(person, KIND + order_id, work, store_id=store.id, customer_id=person.customer_id)


def last(session: Session, person: Person, order_ids: Sequence[str], now: int) -> dict[str, Done]:
    """By order id, what this person's side did to these orders just now."""
    kinds = [KIND + order_id for order_id in order_ids]
    mine = select(Job).options(jobs.WITHOUT_FILE).where(col(Job.kind).in_(kinds), Job.customer_id == person.customer_id)
    found = {}
    for job in session.exec(mine.where(col(Job.beat_at) > now - SHOWN_SECONDS).order_by(col(Job.started_at))):
        told = jobs.shown(job, now)
        state, words = told["state"], str(told["words"])
        found[job.kind.removeprefix(KIND)] = Done(job.id, state == "running", state == "failed", words)
    return found


def _by_hand(portal: Portal, person: Person, order_id: str, deed: Deed, why: str) -> str:
    with portal.database.session() as session:
        order = views.find(session, order_id)
        if deed == Deed.HOLD:
            holding.hold(session, portal.seal, portal.act(person), order, why)
            return "It is held until somebody lifts it."
        holding.lift(session, portal.seal, portal.act(person), order)
        return "The hold is lifted."


def _decide(portal: Portal, person: Person, store: Store, order_id: str, choice: Choice, why: str) -> str:
    hands = means(portal, store, person)
    done = decisions.decide(
        portal.database, portal.seal, store, hands.act, order_id, choice, why=why, cancel_there=hands.cancel_there
    )
    if choice == Choice.REMAKE and (done.resumed or not done.known_before):
        return _remake(portal, person, store, order_id)
    return "It was decided so already." if done.known_before else DECIDED[choice]


def _remake(portal: Portal, person: Person, store: Store, order_id: str) -> str:
    for _ in range(2):  # the gate leaves an order that it finds changed to the next run, which is ours
        one = _gate(portal, person, store, order_id, anyway=False)
        if one.why != gate.CHANGED:
            break
    if one.result != gate.RELEASED:
        raise one.error or BadInput(f"It was stopped, and stays: {one.why}")
    return DECIDED[Choice.REMAKE]


def _release(portal: Portal, person: Person, store: Store, order_id: str, *, anyway: bool) -> str:
    one = _gate(portal, person, store, order_id, anyway=anyway)
    if one.error:
        raise one.error
    if one.result == gate.HELD:
        raise BadInput(f"It stays: {one.why}")
    return "It was handed to production." if one.result == gate.RELEASED else "It goes on as it is."


def _gate(portal: Portal, person: Person, store: Store, order_id: str, *, anyway: bool) -> gate.Outcome:
    reach, hands = portal.reach, means(portal, store, person)
    found = release.release(
        portal.database,
        hands.client,
        portal.seal,
        store,
        hands.act,
        portal.designs,
        portal.folder / "running",
        only=[order_id],
        anyway=anyway,
        open_carrier=gelatoconnect.opener(reach.http, reach.vault),
        cancel_there=hands.cancel_there,
    )
    if not found:
        raise BadInput("Nothing of it is to be released.")
    return found[0]


@contextmanager
def _in_their_words(person: Person) -> Iterator[None]:
    """Says to a customer's people what they cannot overrule, without the way in which operators can; and to nobody
    which option of a command is wrong."""
    try:
        yield
    except GcwError as error:
        if error.code == "reason":
            raise BadInput("TikTok does not offer that reason for this order.", "Choose another one.") from error
        if sight.is_operator(person) or error.code != "needs_decision":
            raise
        sentence = "It is with production, so it cannot be cancelled from here."
        raise BadInput(sentence, "Ask your print provider to stop it.") from error
