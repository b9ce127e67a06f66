"""Forgets recipients: of orders that are done and old enough, and of stores that gcw may no longer act for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, or_, select, update

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import (
    Event,
    Line,
    Notification,
    NotificationState,
    Order,
    OutboxEntry,
    SetAside,
    Shipment,
    Store,
)
from gcw_tiktok.workflow import drafts, history, outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import forgetting
from gcw_tiktok.workflow.orders.forgetting import Reached
from gcw_tiktok.workflow.orders.stages import OVER

DAY = 86_400
PORTION = 500
"""Orders that are purged in one transaction."""
NOTHING_KNOWN: dict[str, Any] = {"sealed_recipient": None, "sealed_raw": None, "recipient_known": False}
PURGED = "recipient purged"
"""What an order's history says."""


@dataclass
class Purged:
    """What was forgotten of one store, or would be."""

    store: str
    orders: int = 0
    set_aside: int = 0
    webhooks: int = 0
    folders: int = 0
    """Hand-off folders out of which a recipient was taken."""
    out_of_reach: list[str] = field(default_factory=list)
    """Orders whose hand-off folder production has moved."""
    failed: list[GcwError] = field(default_factory=list)
    """Folders that could not be written; their orders are kept for the next time."""


def purge(
    database: Database, places: Sequence[Store], act: Act, older_than: int, *, dry_run: bool = False
) -> list[Purged]:
    """Forgets the recipients of these stores' orders that are done and were last changed so many seconds ago."""
    before = act.now - older_than
    return [_count(database, one, before) if dry_run else _purge(database, one, act, before) for one in places]


def forget_store(session: Session, store: Store) -> None:
    """Forgets all recipients of a store in the database, whatever its orders wait for."""
    session.exec(update(Order).where(col(Order.store_id) == store.id).values(**NOTHING_KNOWN))
    session.exec(update(Shipment).where(col(Shipment.store_id) == store.id).values(sealed_label=None))
    session.exec(update(SetAside).where(col(SetAside.store_id) == store.id).values(sealed_raw=None))
    session.exec(update(Notification).where(col(Notification.shop_id) == store.shop_id).values(sealed_raw=b""))


def forget_folders(database: Database, stores: Iterable[Store], act: Act) -> list[str]:
    """Takes all recipients of these stores out of their hand-off folders; what stands in the way of that."""
    with database.view() as session:
        ids = [one.id for one in stores]
        orders = session.exec(select(Order.id).where(col(Order.store_id).in_(ids))).all()
        folders = [folder for found in _folders(session, [one or 0 for one in orders]).values() for folder in found]
    troubles = []
    for folder in folders:
        try:
            forgetting.forget(folder, act.now)
        except GcwError as error:
            troubles.append(str(error))
    return troubles


def _purge(database: Database, store: Store, act: Act, before: int) -> Purged:
    report = Purged(store.name)
    last = 0
    while found := _next(database, store, before, last):
        last = max(found)
        _purge_orders(database, act, found, before, report)
    with database.session() as session:
        report.set_aside = _changed(session, update(SetAside).where(*_aside(store, before)).values(sealed_raw=None))
        pushed = update(Notification).where(*_pushed(store, before)).values(sealed_raw=b"")
        report.webhooks = _changed(session, pushed)
    return report


def _purge_orders(database: Database, act: Act, found: dict[int, str], before: int, report: Purged) -> None:
    """The folders first: an order whose folder could not be written is found again by the next run."""
    with database.view() as session:
        folders = _folders(session, list(found))
    clean = [key for key in found if _folders_cleaned(found[key], folders.get(key, []), act, report)]
    with database.session() as session:
        rows = select(Order).where(col(Order.id).in_(clean), *_done(before)).order_by(col(Order.id))
        orders = session.exec(rows.with_for_update(key_share=True)).all()
        for order in orders:
            order.sealed_recipient, order.sealed_raw, order.recipient_known = None, None, False
            session.add(order)
        parcels = update(Shipment).where(col(Shipment.order_pk).in_([order.id for order in orders]))
        session.exec(parcels.values(sealed_label=None))
        drafts.write(session, Event, [history.event(act, f"order:{one.order_id}", PURGED) for one in orders])
    report.orders += len(orders)


def _folders_cleaned(order_id: str, folders: Sequence[Path], act: Act, report: Purged) -> bool:
    try:
        reached = [forgetting.forget(folder, act.now) for folder in folders]
    except GcwError as error:
        report.failed.append(error)
        return False
    report.folders += sum(one == Reached.CLEANED for one in reached)
    report.out_of_reach += [order_id] if Reached.AWAY in reached else []
    return True


def _next(database: Database, store: Store, before: int, after: int) -> dict[int, str]:
    """Order ids by key of the next orders to purge."""
    query = select(Order.id, Order.order_id).where(Order.store_id == store.id, col(Order.id) > after, *_done(before))
    with database.view() as session:
        rows = session.exec(query.order_by(col(Order.id)).limit(PORTION)).all()
    return {key or 0: order_id for key, order_id in rows}


def _done(before: int) -> tuple[Any, ...]:
    """Orders of which nothing is to be made or told any more, unchanged since, and of which a recipient is kept."""
    to_make = select(Line.id).where(
        Line.order_pk == Order.id, col(Line.stage).not_in(OVER), col(Line.ignored_id).is_(None)
    )
    unsure = select(OutboxEntry.id).where(OutboxEntry.order_pk == Order.id, OutboxEntry.state == outbox.WRITTEN)
    labels = select(Shipment.id).where(Shipment.order_pk == Order.id, col(Shipment.sealed_label).is_not(None))
    lately = select(Shipment.id).where(Shipment.order_pk == Order.id, col(Shipment.told_at) >= before)
    return (
        col(Order.stage).in_(OVER),
        col(Order.updated_at) < before,
        func.coalesce(Order.released_at, 0) < before,
        or_(col(Order.sealed_recipient).is_not(None), col(Order.sealed_raw).is_not(None), labels.exists()),
        ~to_make.exists(),
        ~unsure.exists(),
        ~lately.exists(),
    )


def _aside(store: Store, before: int) -> tuple[Any, ...]:
    kept = col(SetAside.sealed_raw).is_not(None)
    return col(SetAside.store_id) == store.id, col(SetAside.since) < before, kept


def _pushed(store: Store, before: int) -> tuple[Any, ...]:
    """What was acted on; what waits is still needed."""
    return (
        col(Notification.shop_id) == store.shop_id,
        col(Notification.received_at) < before,
        col(Notification.state) != NotificationState.RECORDED,
        func.length(Notification.sealed_raw) > 0,
    )


def _count(database: Database, store: Store, before: int) -> Purged:
    """What a purge would forget; folders are counted where they are."""
    report = Purged(store.name)
    with database.view() as session:
        orders = session.exec(select(Order.id, Order.order_id).where(Order.store_id == store.id, *_done(before))).all()
        folders = _folders(session, [key or 0 for key, _ in orders])
        aside = select(func.count()).select_from(SetAside).where(*_aside(store, before))
        pushed = select(func.count()).select_from(Notification).where(*_pushed(store, before))
        report.set_aside, report.webhooks = session.exec(aside).one(), session.exec(pushed).one()
    report.orders = len(orders)
    for key, order_id in orders:
        reached = [forgetting.look(folder) for folder in folders.get(key or 0, [])]
        report.folders += sum(one == Reached.CLEANED for one in reached)
        report.out_of_reach += [order_id] if Reached.AWAY in reached else []
    return report


def _folders(session: Session, order_pks: Sequence[int]) -> dict[int, list[Path]]:
    """Where these orders were handed over, by key."""
    found: dict[int, list[Path]] = {}
    for start in range(0, len(order_pks), PORTION):
        mine = (OutboxEntry.kind == outbox.HAND_OFF, col(OutboxEntry.order_pk).in_(order_pks[start : start + PORTION]))
        for entry in session.exec(select(OutboxEntry).where(*mine, OutboxEntry.state == outbox.DONE)):
            if entry.order_pk and (folder := (entry.answer or {}).get("folder")):
                found.setdefault(entry.order_pk, []).append(Path(folder))
    return found


def _changed(session: Session, statement: Any) -> int:
    return int(session.connection().execute(statement).rowcount)
