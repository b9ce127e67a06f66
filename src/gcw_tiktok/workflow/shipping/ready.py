"""Which orders that TikTok ships are so far that a label may be bought, and which of them share one box."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Hold, HoldReason, Line, Order, Stage, Store
from gcw_tiktok.store.tables.stages import FORWARD, IN_WORK, OPEN
from gcw_tiktok.workflow.cancelling import requests
from gcw_tiktok.workflow.orders import claims, groups, holds
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.shipping import leaving

MOST_ORDERS = 20
"""TikTok takes one tracking number for so many orders."""


@dataclass(frozen=True)
class Sharing:
    """The orders that go into an order's box, and those that are marked for it and do not."""

    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Their units, by order id."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Order id → why."""
    bound: bool = False
    """TikTok itself has put them into one package."""


ALONE = Sharing()


def may_label(session: Session, store: Store, order_id: str, *, anyway: bool = False) -> Order:
    """The order, if a label may be bought of it. `anyway` accepts a pending decision."""
    order = claims.find(session, store, order_id)
    if not leaving.by_tiktok(order):
        hint = f"Tell TikTok its number: gcw orders ship {order_id} --carrier NAME --tracking NUMBER"
        raise BadInput(f"The seller ships order {order_id}; TikTok sells no label for it.", hint)
    if order.fulfillment_type not in holds.OURS:
        raise BadInput(f"TikTok sends order {order_id} from its own warehouse.")
    if order.stage == Stage.CANCELED:
        raise BadInput(f"Order {order_id} is canceled.")
    if order.released_at is None:
        raise BadInput(
            f"Order {order_id} was never released, so nothing of it is made; with a label it would count as shipped.",
            f"Run `gcw orders release {order_id}` first.",
        )
    asked = ["The buyer has asked to cancel."] if order.cancel_requested else []
    query = select(Hold.sentence).where(Hold.order_pk == order.id, Hold.reason == HoldReason.NEEDS_DECISION)
    decide = " ".join([*session.exec(query), *asked])
    if decide and not anyway:
        hint = f"To buy the label all the same: gcw orders label {order_id} --yes"
        raise BadInput(decide, hint, code="needs_decision")
    return order


def units(session: Session, order: Order, line_ids: Sequence[str]) -> tuple[list[Line], set[str]]:
    """The units that are meant, and the ids of all that the order has."""
    lines = {line.line_id: line for line in session.exec(select(Line).where(Line.order_pk == order.id))}
    for line_id in line_ids:
        if line_id not in lines:
            raise BadInput(f"Order {order.order_id} has no line {line_id}.", f"See `gcw orders show {order.order_id}`.")
    live = [line for line in lines.values() if line.stage != Stage.CANCELED]
    chosen = [lines[line_id] for line_id in dict.fromkeys(line_ids)] or [one for one in live if one.ignored_id is None]
    waiting = [line for line in chosen if line.stage not in IN_WORK and not line.tracking_number]
    if waiting or not chosen:
        raise BadInput(
            f"Not everything of order {order.order_id} is in production: {requests.made(chosen) or 'nothing'}.",
            "Name the units that travel in this parcel with --line.",
        )
    return chosen, {line.line_id for line in live}


def marked(means: Means, order_id: str) -> list[str]:
    """The orders that TikTok marked to travel with an order and that have not left."""
    with means.database.view() as session:
        order = claims.find(session, means.store, order_id)
        found = groups.companions(session, means.seal, means.store, order)
        return [one.order_id for one in found if one.stage in OPEN | IN_WORK]


def sharing(means: Means, order_id: str) -> Sharing:
    """Of the orders that TikTok marked to travel with an order, those that are as far as it is go into its box."""
    parts: dict[str, tuple[str, ...]] = {}
    left_out: dict[str, str] = {}
    with means.database.view() as session:
        order = claims.find(session, means.store, order_id)
        for one in groups.companions(session, means.seal, means.store, order):
            if one.stage not in OPEN | IN_WORK:
                continue
            lines = session.exec(select(Line).where(Line.order_pk == one.id)).all()
            why = _why_not(session, means.store, one, lines, order.stage)
            if not why and len(parts) + 2 > MOST_ORDERS:
                why = f"TikTok takes {MOST_ORDERS} orders in one parcel"
            if why:
                left_out[one.order_id] = why
            else:
                parts[one.order_id] = _ids(lines)
    return Sharing(parts, left_out)


def bound(means: Means, order_id: str, package_orders: Sequence[str], *, anyway: bool) -> Sharing:
    """The other orders of a package that TikTok has made itself. All of them must be ready: they cannot go apart."""
    parts: dict[str, tuple[str, ...]] = {}
    with means.database.view() as session:
        for other in package_orders:
            if other == order_id:
                continue
            one = claims.find(session, means.store, other)
            lines = session.exec(select(Line).where(Line.order_pk == one.id)).all()
            if why := _why_not(session, means.store, one, lines, Stage.CREATED, anyway=anyway):
                raise BadInput(
                    f"TikTok has put order {order_id} into one package with order {other}, of which {why}.",
                    f"See `gcw orders explain {other}`, or take it out of the package in Seller Center.",
                    code="combined",
                )
            parts[other] = _ids(lines)
    return Sharing(parts, bound=True)


def cannot_part(order_id: str, others: Sequence[str]) -> BadInput:
    return BadInput(
        f"TikTok has put order {order_id} into one package with {' and '.join(others)}, which gets one label.",
        "Leave --alone and --line out, or take the order out of the package in Seller Center.",
        code="combined",
    )


def _ids(lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(sorted(line.line_id for line in lines if line.stage != Stage.CANCELED))


def _why_not(
    session: Session, store: Store, one: Order, lines: Sequence[Line], least: Stage, *, anyway: bool = False
) -> str:
    """Why an order cannot go into the box with all that it has; empty where it can."""
    live = [line for line in lines if line.stage != Stage.CANCELED]
    if any(line.tracking_number for line in live):
        return "a label is bought already"
    if one.stage not in IN_WORK or FORWARD.index(one.stage) < FORWARD.index(least):
        return f"the stage is {one.stage}"
    if any(line.stage not in IN_WORK or line.ignored_id is not None for line in live):
        return "not everything is in production"
    try:
        may_label(session, store, one.order_id, anyway=anyway)
    except BadInput as error:
        return str(error).rstrip(".")
    return ""


def sharers(means: Means, order_id: str) -> list[str]:
    """The other orders of which something lies in a parcel of this one."""
    with means.database.view() as session:
        order = claims.find(session, means.store, order_id)
        mine = select(Line.package_id).where(Line.order_pk == order.id, Line.tracking_number != "")
        packages = set(session.exec(mine)) - {""}
        theirs = select(Line.order_pk).where(Line.store_id == means.store.id, col(Line.package_id).in_(packages))
        found = select(Order.order_id).where(col(Order.id).in_(theirs), Order.id != order.id)
        return sorted(session.exec(found)) if packages else []
