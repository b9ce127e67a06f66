"""Effects outside gcw: written first, done once, read back when the outcome is unknown."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from gcw_tiktok.store.tables import Order, OutboxEntry

HAND_OFF, SHIP, CORRECT = "hand_off", "ship", "correct"
CANCEL, ANSWER, STOP = "cancel", "answer", "stop"
"""The seller cancels units; a buyer's request is answered; production is told of what it need not make."""
TRIAL = "trial"
"""A test order is bought."""
LABEL, GIVE_LABEL = "label", "give_label"
"""TikTok's label is bought; it is put into the order's hand-off folder."""
WRITTEN, DONE, VOID = "written", "done", "void"


def write(session: Session, key: str, kind: str, order: Order | None, payload: dict[str, Any], now: int) -> OutboxEntry:
    """The entry for this effect. The database refuses a second one, so writing it twice gives the first;
    one that was made void is taken up again."""
    entry = find(session, key)
    if entry is None:
        entry = OutboxEntry(key=key, kind=kind, order_pk=order.id if order else None, written_at=now)
    if entry.state == DONE:
        return entry
    entry.state, entry.payload, entry.trouble = WRITTEN, payload, ""
    session.add(entry)
    session.flush()
    return entry


def find(session: Session, key: str) -> OutboxEntry | None:
    return session.exec(select(OutboxEntry).where(OutboxEntry.key == key)).first()


def pending(session: Session, kind: str, order_pks: Sequence[int]) -> dict[int, OutboxEntry]:
    """Entries that were written and never confirmed, by order: each may have happened."""
    return {row.order_pk: row for row in unconfirmed(session, kind, order_pks) if row.order_pk is not None}


def unconfirmed(session: Session, kind: str, order_pks: Sequence[int]) -> Sequence[OutboxEntry]:
    """The same as a list: several parcels of one order may be open."""
    if not order_pks:
        return []
    mine = (OutboxEntry.kind == kind, OutboxEntry.state == WRITTEN, col(OutboxEntry.order_pk).in_(order_pks))
    return session.exec(select(OutboxEntry).where(*mine).order_by(col(OutboxEntry.id))).all()


def begun(kind: str) -> Any:
    """The keys of the orders for which such an effect was written and never confirmed, for a query to look in."""
    return select(OutboxEntry.order_pk).where(OutboxEntry.kind == kind, OutboxEntry.state == WRITTEN)


def open_of(
    session: Session, store_id: int | None, kinds: Sequence[str], only: Sequence[str] = ()
) -> list[tuple[OutboxEntry, Order]]:
    """What was written and never confirmed for a store's orders, or for those in `only`; the oldest first."""
    query = (
        select(OutboxEntry, Order)
        .join(Order, col(OutboxEntry.order_pk) == Order.id)
        .where(Order.store_id == store_id, OutboxEntry.state == WRITTEN, col(OutboxEntry.kind).in_(kinds))
    )
    if only:
        query = query.where(col(Order.order_id).in_(only))
    return list(session.exec(query.order_by(col(OutboxEntry.id))).all())


def times_done(session: Session, kind: str, order_pk: int) -> int:
    """How often an effect of this kind was carried out for an order."""
    query = select(func.count()).where(
        OutboxEntry.kind == kind, OutboxEntry.state == DONE, OutboxEntry.order_pk == order_pk
    )
    return session.exec(query).one()


def done(session: Session, entry: OutboxEntry, now: int, answer: dict[str, Any]) -> None:
    entry.state, entry.done_at, entry.answer, entry.trouble = DONE, now, answer, ""
    session.add(entry)


def failed(session: Session, entry: OutboxEntry, trouble: str) -> None:
    """It did not happen, or nobody knows: the next run reads back before it tries again."""
    entry.tries += 1
    entry.trouble = trouble
    session.add(entry)


def void(session: Session, entry: OutboxEntry, why: str) -> None:
    """It must not happen any more."""
    entry.state, entry.trouble = VOID, why
    session.add(entry)
