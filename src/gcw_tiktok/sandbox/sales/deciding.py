"""What sellers, buyers and the platform decide about returns, and what follows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.agenda import step
from gcw_tiktok.sandbox.refusals import Refusal, business
from gcw_tiktok.sandbox.sales import cancelling, reasons, replacing, returning
from gcw_tiktok.sandbox.sales.cancelling import Cancellation
from gcw_tiktok.sandbox.sales.reasons import Reasons
from gcw_tiktok.sandbox.sales.refunds import Refund
from gcw_tiktok.sandbox.sales.returning import (
    AWAITING_PARCEL,
    EXCHANGE,
    OFFERED,
    PARCEL_REFUSED,
    PARCEL_SENT,
    REFUND,
    REJECTED,
    REPLACEMENT,
    RETURN,
    WITHDRAWN,
    Return,
)

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

Follow = Callable[["World", Return, int], None]
OFFER_AFTERWARDS = "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
CANCELLATION_DECISIONS = ("APPROVE_REQUEST_CANCEL", "REJECT_REQUEST_CANCEL")


@dataclass(frozen=True)
class Decision:
    """One answer: to which kinds of request, in which status, with which reasons, and what follows."""

    types: tuple[str, ...]
    status: str
    follow: Follow
    reasons: Reasons | None = None

    def fits(self, request: Return) -> bool:
        return request.type in self.types and request.status == (self.status or returning.first_status(request.type))


def _moves_to(status: str) -> Follow:
    return lambda world, request, when: returning.move(world, request, status, when)


def _offers(world: "World", request: Return, when: int) -> None:
    returning.move(world, request, OFFERED, when)


def _replaces(world: "World", request: Return, when: int) -> None:
    replacing.send_again(world, request, when)
    returning.move(world, request, f"{request.type}_REQUEST_COMPLETE", when)


def _refunds_instead(world: "World", request: Return, when: int) -> None:
    returning.move(world, request, f"{request.type}_REQUEST_REFUND_SUCCESS", when)


def _gives_all_back(world: "World", request: Return, when: int) -> None:
    request.keeps_item = True
    returning.grant_refund(world, request, when)


BOTH = (REFUND, RETURN)
DECISIONS: dict[str, Decision] = {
    "APPROVE_REFUND": Decision((REFUND,), "", returning.grant_refund),
    "REJECT_REFUND": Decision((REFUND,), "", _moves_to(REJECTED), reasons.REJECTS_RETURN),
    "APPROVE_RETURN": Decision((RETURN,), "", _moves_to(AWAITING_PARCEL)),
    "REJECT_RETURN": Decision((RETURN,), "", _moves_to(REJECTED), reasons.REJECTS_RETURN),
    "DIRECT_REFUND": Decision(BOTH, "", _gives_all_back),
    "OFFER_PARTIAL_REFUND": Decision(BOTH, "", _offers),
    "APPROVE_RECEIVED_PACKAGE": Decision((RETURN,), PARCEL_SENT, returning.grant_refund),
    "REJECT_RECEIVED_PACKAGE": Decision((RETURN,), PARCEL_SENT, _moves_to(PARCEL_REFUSED), reasons.REJECTS_PARCEL),
    OFFER_AFTERWARDS: Decision((RETURN,), PARCEL_SENT, _offers, reasons.REJECTS_PARCEL),
    "APPROVE_REPLACEMENT": Decision((REPLACEMENT,), "", _replaces),
    "REJECT_REPLACEMENT": Decision((REPLACEMENT,), "", _moves_to("REPLACEMENT_REQUEST_REJECT"), reasons.REJECTS_RETURN),
    "ISSUE_REPLACEMENT_REFUND": Decision((REPLACEMENT,), "", _refunds_instead),
    "ISSUE_EXCHANGE_REFUND": Decision((EXCHANGE,), "", _refunds_instead),
}


@dataclass(frozen=True)
class Answer:
    """A seller's decision with what they say about it."""

    decision: str
    reject_reason: str = ""
    comment: str = ""
    buyer_keeps_item: bool = False
    offer: Refund | None = None


def decide(world: "World", request: Return, answer: Answer, when: int) -> None:
    """Does what a seller decided, when that is open to them."""
    chosen = DECISIONS[answer.decision]
    if refusal := why_not(request, answer.decision):
        raise refusal
    if chosen.reasons is not None:
        cancelling.check_reject_reason(answer.reject_reason, chosen.reasons)
    if chosen.follow is _offers:
        _take_offer(request, answer)
    told = reasons.EVERYTHING[answer.reject_reason].text if answer.reject_reason else ""
    returning.note(request, "SELLER", f"Seller decided: {answer.decision}", when, told, answer.comment)
    if answer.decision == "APPROVE_RETURN" and answer.buyer_keeps_item:
        _gives_all_back(world, request, when)
    else:
        chosen.follow(world, request, when)


def why_not(request: Return, decision: str) -> Refusal | None:
    """What speaks against a decision now."""
    chosen = DECISIONS[decision]
    if chosen.fits(request):
        return None
    if request.status.endswith("_CANCEL"):
        return business(25020009, "The buyer has withdrawn the request.")
    if request.type not in chosen.types:
        return business(25020004, "The decision does not fit the kind of request.")
    rejects = chosen.reasons is not None
    return business(25011010 if rejects else 25011012, "The status of the request does not allow the decision.")


def why_not_cancel(request: Cancellation) -> Refusal | None:
    """What speaks against answering a cancellation."""
    if request.status == cancelling.PENDING:
        return None
    return business(25020003, "The request has been answered already.")


def _take_offer(request: Return, answer: Answer) -> None:
    if answer.offer is None or answer.offer.total <= 0:
        raise business(25001001, "The partial refund is missing.")
    if answer.offer.currency != request.order.shop.currency:
        raise business(25001001, "The currency is not the order's.")
    if answer.offer.total >= request.refund.total:
        raise business(25005005, "The partial refund must be less than the whole.")
    request.offer, request.offer_refused = answer.offer, False


def answer_offer(world: "World", request: Return, accepted: bool, when: int) -> None:
    """The buyer takes a part, or the seller has to decide again."""
    returning.note(request, "BUYER", "Buyer accepted the offer" if accepted else "Buyer refused the offer", when)
    if accepted and request.offer:
        request.refund, request.keeps_item = request.offer, True
        returning.grant_refund(world, request, when)
        return
    request.offer_refused = True
    returning.move(world, request, PARCEL_SENT if request.parcel else returning.first_status(request.type), when)


def withdraw(world: "World", request: Return, when: int) -> None:
    """The buyer does not want it any more."""
    returning.note(request, "BUYER", "Buyer withdrew the request", when)
    special = request.type in (REPLACEMENT, EXCHANGE)
    returning.move(world, request, f"{request.type}_REQUEST_CANCEL" if special else WITHDRAWN, when)


def dispute(world: "World", request: Return, when: int) -> None:
    """The buyer asks TikTok Shop to judge a refusal."""
    request.arbitration = "IN_PROGRESS"
    returning.note(request, "BUYER", "Buyer asked for arbitration", when)
    returning.move(world, request, request.status, when)


def judge(world: "World", request: Return, for_buyer: bool, when: int) -> None:
    """TikTok Shop judges."""
    request.arbitration = "SUPPORT_BUYER" if for_buyer else "SUPPORT_SELLER"
    returning.note(request, "OPERATOR", "Arbitration ended", when)
    if for_buyer:
        returning.grant_refund(world, request, when)
    else:
        returning.move(world, request, request.status, when)


@step
def return_overdue(world: "World", return_id: str, when: int) -> None:
    """The platform goes on where somebody was silent: for the buyer, unless the silent one is the buyer."""
    request = world.returns.get(return_id)
    if not request or request.deadline != when:
        return
    returning.note(request, "SYSTEM", "Nobody answered in time", when)
    if request.status == AWAITING_PARCEL:
        returning.move(world, request, WITHDRAWN, when)
    elif request.status == OFFERED:
        answer_offer(world, request, False, when)
    elif request.status == PARCEL_SENT or request.type == REFUND:
        returning.grant_refund(world, request, when)
    elif request.type == RETURN:
        returning.move(world, request, AWAITING_PARCEL, when)
    else:
        _replaces(world, request, when)
