"""Gathers what is known of one order, for its timeline."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, and_, cast, or_
from sqlmodel import Session, col, select

from gcw_tiktok.store.tables import (
    Connection,
    Hold,
    Ignored,
    Line,
    Notification,
    Order,
    OutboxEntry,
    SetAside,
    Shipment,
    Store,
)
from gcw_tiktok.workflow import history, times
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.orders import explaining, views
from gcw_tiktok.workflow.orders.explaining import Entry, Facts, Step
from gcw_tiktok.workflow.orders.stages import WAITING


def of(session: Session, wanted: str) -> dict[str, Any]:
    """The order's timeline and what happens next, also of one that could not be taken in."""
    aside = session.exec(select(SetAside).where(SetAside.order_id == wanted.strip())).first()
    known = session.exec(select(Order.id).where(Order.order_id == wanted.strip())).first()
    if aside is not None and known is None:
        return _of_set_aside(session.get_one(Store, aside.store_id), aside)
    facts = gather(session, views.find(session, wanted))
    told = {"status": facts.order.status, "stage": facts.order.stage.value}
    return _shown(facts.order.order_id, facts.store, told, explaining.timeline(facts), explaining.following(facts))


def gather(session: Session, order: Order) -> Facts:
    """The facts of an order, read with few queries."""
    store = session.get_one(Store, order.store_id)
    lines = session.exec(select(Line).where(Line.order_pk == order.id).order_by(col(Line.id))).all()
    left_out = {line.ignored_id for line in lines if line.ignored_id is not None}
    return Facts(
        order=order,
        store=store,
        lines=lines,
        events=history.of(session, f"order:{order.order_id}"),
        holds=session.exec(select(Hold).where(Hold.order_pk == order.id).order_by(col(Hold.id))).all(),
        connections=_connections(session, store, lines),
        ignored=session.exec(select(Ignored).where(col(Ignored.id).in_(left_out))).all(),
        effects=session.exec(
            select(OutboxEntry).where(OutboxEntry.order_pk == order.id).order_by(col(OutboxEntry.id))
        ).all(),
        shipments=_shipments(session, order, lines),
        notifications=_notifications(session, store, order),
    )


def _shipments(session: Session, order: Order, lines: Sequence[Line]) -> Sequence[Shipment]:
    """Its parcels, and those that were bought under another order and in which units of it travel."""
    packages = {line.package_id for line in lines} - {""}
    inside = and_(col(Shipment.store_id) == order.store_id, col(Shipment.package_id).in_(packages))
    return session.exec(select(Shipment).where(or_(col(Shipment.order_pk) == order.id, inside))).all()


def _connections(session: Session, store: Store, lines: Any) -> dict[str, Connection]:
    open_skus = {line.sku_id for line in lines if line.stage in WAITING and line.ignored_id is None}
    current = connections.decisions(session, store.id or 0, open_skus)
    chosen = {line.line_id: line.connection_id for line in lines if line.connection_id is not None}
    for line in lines:
        if line.line_id not in chosen and line.sku_id in current:
            chosen[line.line_id] = current[line.sku_id].connection_id
    rows = {row.id: row for row in session.exec(select(Connection).where(col(Connection.id).in_(set(chosen.values()))))}
    return {line_id: rows[key] for line_id, key in chosen.items()}


def _notifications(session: Session, store: Store, order: Order) -> Any:
    about = cast(col(Notification.subjects), String).contains(f'"order:{order.order_id}"', autoescape=True)
    mine = select(Notification).where(Notification.shop_id == store.shop_id, about)
    return session.exec(mine.order_by(col(Notification.id))).all()


def _of_set_aside(store: Store, aside: SetAside) -> dict[str, Any]:
    entry = Entry(aside.since, explaining.GCW, "set aside", f"{aside.reason} (tried {aside.tries} times).")
    step = Step("The next pull reads it again.", f'gcw orders pull "{store.name}"')
    return _shown(aside.order_id, store, {"status": "", "stage": "set aside"}, [entry], step)


def _shown(order_id: str, store: Store, told: dict[str, str], entries: list[Entry], step: Step) -> dict[str, Any]:
    return {
        "order": order_id,
        "store": store.name,
        **told,
        "timeline": [
            {"at": times.shown(one.at), "who": one.who, "what": one.what, "sentence": one.sentence} for one in entries
        ],
        "next": {"sentence": step.sentence, "command": step.command},
    }
