"""Which orders may not leave in time. Deadlines are TikTok's own, read from the order, where it gives one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.orm import defer
from sqlmodel import Session, col, or_, select

from gcw_tiktok.store.tables import Hold, Line, Order, Stage, Store
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.workflow.orders import holds, usual
from gcw_tiktok.workflow.shipping import leaving

Part = TypeVar("Part", Hold, Line)
WITHOUT_SEALED = (defer(Order.sealed_raw), defer(Order.sealed_recipient))  # type: ignore[arg-type]
"""What is sealed is large, and nothing of it is needed here."""


@dataclass(frozen=True)
class AtRisk:
    """An order that has not left, and until when it must."""

    order_id: str
    store: str
    stage: str
    ship_by: int
    """TikTok's, or the usual one where TikTok gives none."""
    left: int
    """Seconds until then; below zero it is late already."""
    why: str
    """What holds it, or where it is."""
    command: str


@dataclass(frozen=True)
class Due:
    """That an order must leave."""

    key: int
    order_id: str
    ship_by: int
    left: int


def at_risk(session: Session, now: int, within: int, store: Store | None = None) -> list[AtRisk]:
    """Orders to be made here that must leave within so many seconds: what can still be saved first, most urgent
    first; then what is late, latest first."""
    return told(session, due(session, now, within, store))


def due(session: Session, now: int, within: int, store: Store | None = None) -> list[Due]:
    """The same orders in the same order, without what is said of each."""
    to_make = select(Line.order_pk).where(col(Line.ignored_id).is_(None), Line.stage != Stage.CANCELED)
    facts = (Order.id, Order.order_id, Order.ship_by, Order.status, Order.kind, Order.paid_at, Order.placed_at)
    query = (
        select(*facts)  # type: ignore[call-overload]
        .where(col(Order.stage).in_(OPEN | IN_WORK))
        .where(or_(col(Order.ship_by) <= now + within, col(Order.ship_by).is_(None)))
        .where(col(Order.fulfillment_type).in_(holds.OURS), col(Order.id).in_(to_make))
        .where(col(Order.test).is_(False))
    )
    if store:
        query = query.where(Order.store_id == store.id)
    found = [(row, _due(row) or now + within + 1) for row in session.exec(query)]
    dues = [Due(row.id, row.order_id, moment, moment - now) for row, moment in found if moment <= now + within]
    return sorted(dues, key=lambda one: (one.left < 0, abs(one.left), one.order_id))


def told(session: Session, dues: Sequence[Due]) -> list[AtRisk]:
    """What holds each of them, or where it is."""
    rows: dict[int, tuple[Order, str]] = {}
    for start in range(0, len(dues), 500):
        keys = [one.key for one in dues[start : start + 500]]
        query = select(Order, Store.name).join(Store, col(Order.store_id) == Store.id).options(*WITHOUT_SEALED)
        rows |= {order.id or 0: (order, name) for order, name in session.exec(query.where(col(Order.id).in_(keys)))}
    orders = [order for order, _ in rows.values()]
    held, lines = _rows(session, Hold, orders), _rows(session, Line, [one for one in orders if leaving.by_tiktok(one)])
    known = [(one, *rows[one.key]) for one in dues if one.key in rows]
    return [_risk(*found, held.get(found[0].key, []), lines.get(found[0].key, [])) for found in known]


def _risk(one: Due, order: Order, store: str, held: Sequence[Hold], lines: Sequence[Line]) -> AtRisk:
    if held:
        why, command = " ".join(hold.sentence for hold in held), held[0].command
    elif order.stage == Stage.FAILED:
        why, command = "Production failed.", f"gcw orders retry {order.order_id}"
    elif order.stage in OPEN:
        why, command = "Ready, and not released.", f"gcw orders release {order.order_id}"
    else:
        why, command = f"In production. {leaving.sentence(order, lines)}".strip(), leaving.command(order, lines)
    why = f"{why} {usual.doubt(order)}".strip()
    return AtRisk(order.order_id, store, str(order.stage), one.ship_by, one.left, why, command)


def _due(order: Any) -> int | None:
    """Until when it must leave. An order that need not be made yet has no deadline either."""
    if order.ship_by is None and order.status in holds.TO_MAKE:
        return usual.ship_by(order)
    known: int | None = order.ship_by
    return known


def _rows(session: Session, table: type[Part], orders: Sequence[Order]) -> dict[int, list[Part]]:
    """What belongs to these orders, by their key."""
    found: dict[int, list[Part]] = {}
    for start in range(0, len(orders), 500):
        keys = [order.id for order in orders[start : start + 500]]
        for row in session.exec(select(table).where(col(table.order_pk).in_(keys)).order_by(col(table.id))):
            found.setdefault(row.order_pk, []).append(row)
    return found
