"""Which orders may not leave in time. Deadlines are TikTok's own, read from the order; none is computed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gcw_tiktok.store.tables import Hold, Line, Order, Stage, Store
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.workflow.orders import holds


@dataclass(frozen=True)
class AtRisk:
    """An order that has not left, and until when it must."""

    order_id: str
    store: str
    stage: str
    ship_by: int
    left: int
    """Seconds until then; below zero it is late already."""
    why: str
    """What holds it, or where it is."""
    command: str


def at_risk(session: Session, now: int, within: int, store: Store | None = None) -> list[AtRisk]:
    """Orders to be made here that must leave within so many seconds: what can still be saved first, most urgent
    first; then what is late, latest first."""
    to_make = select(Line.order_pk).where(col(Line.ignored_id).is_(None), Line.stage != Stage.CANCELED)
    query = (
        select(Order, Store.name)
        .join(Store, col(Order.store_id) == Store.id)
        .where(col(Order.stage).in_(OPEN | IN_WORK), col(Order.ship_by) <= now + within)
        .where(col(Order.fulfillment_type).in_(holds.OURS), col(Order.id).in_(to_make))
        .where(col(Order.test).is_(False))
    )
    if store:
        query = query.where(Order.store_id == store.id)
    found = session.exec(query).all()
    held = _holds(session, [order for order, _ in found])
    risks = [_risk(order, name, held.get(order.id or 0, []), now) for order, name in found]
    return sorted(risks, key=lambda one: (one.left < 0, abs(one.left), one.order_id))


def _risk(order: Order, store: str, held: Sequence[Hold], now: int) -> AtRisk:
    assert order.ship_by is not None
    if held:
        why, command = " ".join(hold.sentence for hold in held), held[0].command
    elif order.stage in OPEN:
        why, command = "Ready, and not released.", f"gcw orders release {order.order_id}"
    else:
        why, command = "In production.", f"gcw orders ship {order.order_id} --carrier NAME --tracking NUMBER"
    return AtRisk(order.order_id, store, str(order.stage), order.ship_by, order.ship_by - now, why, command)


def _holds(session: Session, orders: Sequence[Order]) -> dict[int, list[Hold]]:
    found: dict[int, list[Hold]] = {}
    for start in range(0, len(orders), 500):
        keys = [order.id for order in orders[start : start + 500]]
        for hold in session.exec(select(Hold).where(col(Hold.order_pk).in_(keys)).order_by(col(Hold.id))):
            found.setdefault(hold.order_pk, []).append(hold)
    return found
