"""Buyers' requests to cancel, by deadline: what is made of each already, and what we would answer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Line, Order, OrderKind, Stage, Store
from gcw_tiktok.store.tables.stages import FORWARD, GONE_OUT, IN_WORK, OPEN
from gcw_tiktok.tiktok import returns
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders.desk import tiktok_time

APPROVE, REFUSE, DECIDE = "approve", "refuse", "decide"


@dataclass(frozen=True)
class Proposal:
    """What we would answer, and why; `at_once` where nobody need be asked."""

    answer: str
    why: str
    command: str
    at_once: bool = False


@dataclass(frozen=True)
class Request:
    """A request that waits for an answer. Moments are Unix seconds, by TikTok's clock."""

    store: str
    order_id: str
    cancel_id: str
    reason: str
    units: int
    made: str
    deadline: int | None
    left: int | None
    proposal: Proposal


def propose(order: Order, lines: Sequence[Line]) -> Proposal:
    """What to answer about these lines of an order, from what is made of them."""
    approve = f"gcw orders answer {order.order_id} approve"
    if gone := [line for line in lines if line.stage in GONE_OUT]:
        refuse = f"gcw orders answer {order.order_id} refuse --reason REASON"
        return Proposal(REFUSE, f"{len(gone)} of {len(lines)} units have left: {sent_with(gone)}.", refuse)
    if order.kind == OrderKind.FULFILLED_BY_TIKTOK:
        return Proposal(DECIDE, "TikTok sends it from its own warehouse.", f"{approve} --yes")
    if elsewhere := [line for line in lines if line.ignored_id is not None]:
        why = f"{len(elsewhere)} of {len(lines)} units are not made here; ask whoever makes them."
        return Proposal(DECIDE, why, f"{approve} --yes")
    if order.released_at is None and all(line.stage in OPEN for line in lines):
        return Proposal(APPROVE, "Nothing of it is made.", approve, at_once=True)
    finished = any(line.stage in (Stage.PRINTED, Stage.PACKAGED) for line in lines)
    why = "Approving throws away what is printed; shipping it refuses the request." if finished else ""
    why = why or "It was handed to production; find out how far it is."
    return Proposal(DECIDE, why, f"{approve} --yes")


def made(lines: Sequence[Line]) -> str:
    """How many units are in which stage, the most advanced first: `1 printed, 2 created`."""
    counted = Counter(line.stage for line in lines)
    order = sorted(counted, key=lambda stage: -FORWARD.index(stage) if stage in FORWARD else 1)
    return ", ".join(f"{counted[stage]} {stage}" for stage in order)


def sent_with(lines: Sequence[Line]) -> str:
    """The carriers and tracking numbers of what has left."""
    numbers = {f"{line.carrier} {line.tracking_number}".strip() for line in lines if line.tracking_number}
    return ", ".join(sorted(numbers)) or "TikTok shows no tracking number"


def in_work(lines: Sequence[Line]) -> bool:
    """Whether production has any of them."""
    return any(line.stage in IN_WORK for line in lines)


def concerned(session: Session, order: Order, line_ids: Sequence[str]) -> list[Line]:
    """The live lines that are meant, or all where none is named."""
    lines = session.exec(select(Line).where(Line.order_pk == order.id)).all()
    return [line for line in lines if line.stage != Stage.CANCELED and (not line_ids or line.line_id in line_ids)]


def waiting(database: Database, client: Client, store: Store, act: Act) -> list[Request]:
    """What TikTok shows as waiting for an answer of this store, the nearest deadline first."""
    found = list(returns.search_cancellations(client, pending=True))
    now = tiktok_time(client, act)
    with database.view() as session:
        requests = [_request(session, store, one, now) for one in found if one.is_pending]
    return sorted(requests, key=lambda one: (one.deadline is None, one.deadline or 0, one.order_id))


def _request(session: Session, store: Store, found: returns.Cancellation, now: int) -> Request:
    order = session.exec(select(Order).where(Order.store_id == store.id, Order.order_id == found.order_id)).first()
    if order is None:
        lines, proposal = [], Proposal(DECIDE, "It is not taken in yet.", "gcw orders pull")
    else:
        lines = concerned(session, order, found.line_ids)
        proposal = propose(order, lines)
    return Request(
        store=store.name,
        order_id=found.order_id,
        cancel_id=found.cancel_id,
        reason=found.cancel_reason_text or found.cancel_reason,
        units=len(lines) or len(found.line_ids),
        made=made(lines) or "unknown",
        deadline=found.deadline,
        left=found.deadline - now if found.deadline else None,
        proposal=proposal,
    )
