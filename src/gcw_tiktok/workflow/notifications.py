"""The notifications that were recorded: found, shown, and put forward to be acted on once more."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, delete, func, select, update

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Authorization, Event, Notification, NotificationState, Store
from gcw_tiktok.tiktok import webhooks
from gcw_tiktok.workflow import recording, times

ORDER_TOPICS = frozenset({1, 2, 3, 4, 11, 12})
PRODUCT_TOPICS = frozenset({5, 15, 16, 18, 37})
RETURN_TOPICS = frozenset({2, 12})
"""Those of the topics about orders that tell of units being sent back."""
DEAUTHORIZED, EXPIRING = 6, 7
ACTED_ON = ORDER_TOPICS | PRODUCT_TOPICS | {DEAUTHORIZED, EXPIRING}
"""The numbers of the topics that something follows from; every other one is kept and ignored."""
ENDING = "permission ends soon"
"""What a store's history says when TikTok has pushed so."""
KEPT_SECONDS = 30 * 86_400
"""How long what was acted on is kept."""


def topic(kind: int) -> str:
    """The topic's name, else its number."""
    return webhooks.TOPICS.get(kind, f"type {kind}")


def newest(session: Session, store: Store | None = None, *, failed: bool = False, last: int) -> list[Notification]:
    """The `last` that were received, oldest first; or of those that gcw gave up on."""
    query = select(Notification)
    if store is not None:
        query = query.where(Notification.shop_id == store.shop_id)
    if failed:
        query = query.where(Notification.state == NotificationState.FAILED)
    return list(reversed(session.exec(query.order_by(col(Notification.id).desc()).limit(last)).all()))


def find(session: Session, wanted: str) -> Notification:
    """The notification with this id, or an unambiguous start of it."""
    sought = wanted.strip()
    exact = session.exec(select(Notification).where(Notification.notification_id == sought)).first()
    if exact is not None or not sought:
        return exact or _no_such(wanted)
    starts = col(Notification.notification_id).startswith(sought, autoescape=True)
    found = session.exec(select(Notification).where(starts).order_by(col(Notification.id)).limit(8)).all()
    if len(found) > 1:
        shown = ", ".join(one.notification_id for one in found)
        raise BadInput(f"{wanted!r} could be {shown}.", "Write more of its id.", code="ambiguous")
    return found[0] if found else _no_such(wanted)


def _no_such(wanted: str) -> Notification:
    raise BadInput(f"There is no notification {wanted!r}.", "See `gcw webhooks events`.", code="unknown_name")


def raw(seal: Seal, notification: Notification) -> bytes:
    """The body, byte for byte as TikTok sent it."""
    if not notification.sealed_raw:
        about = notification.notification_id
        raise BadInput(f"What TikTok sent as {about} was purged.", "It cannot be replayed.", code="purged")
    return seal.open(notification.sealed_raw, recording.purpose(notification.notification_id))


def shown(notification: Notification, names: Mapping[str, str]) -> dict[str, Any]:
    """A row for people and scripts; `names` tells the stores by shop id."""
    return {
        "id": notification.notification_id,
        "received_at": times.shown(notification.received_at),
        "topic": topic(notification.type),
        "store": names.get(notification.shop_id, notification.shop_id),
        "about": notification.subjects,
        "state": notification.state.value,
        "tries": notification.tries,
        "why": notification.trouble,
    }


def store_names(session: Session) -> dict[str, str]:
    """Every store's name by its shop id."""
    return dict(session.exec(select(Store.shop_id, Store.name)).all())


def last_received(session: Session, store: Store) -> dict[int, int]:
    """When the newest of each topic came for a store."""
    query = select(Notification.type, func.max(Notification.received_at)).where(Notification.shop_id == store.shop_id)
    return dict(session.exec(query.group_by(col(Notification.type))).all())


def ending(session: Session, store: Store) -> int | None:
    """When the store's permission ends, if TikTok has pushed that since it was given."""
    granted = session.get_one(Authorization, store.authorization_id).granted_at
    query = select(Event).where(Event.subject == f"store:{store.shop_id}", Event.what == ENDING, Event.at >= granted)
    newest = session.exec(query.order_by(col(Event.id).desc()).limit(1)).first()
    return int(newest.data.get("ends_at") or 0) or None if newest else None


def put_forward(session: Session, seal: Seal, chosen: Sequence[Notification]) -> None:
    """Has these acted on once more, at once, read as this gcw reads them."""
    for one in chosen:
        fresh = recording.read(raw(seal, one), seal, one.received_at) if one.sealed_raw else one
        values = {"type": fresh.type, "subjects": fresh.subjects, "trouble": "", "tries": 0, "due_at": 0}
        mine = col(Notification.id) == one.id
        session.exec(update(Notification).where(mine).values(state=NotificationState.RECORDED, **values))


def forget_old(database: Database, now: int) -> None:
    """Deletes what was acted on long ago; TikTok sends nothing again after a day."""
    with database.session() as session:
        old = col(Notification.acted_at) < now - KEPT_SECONDS
        session.exec(delete(Notification).where(old, col(Notification.state) != NotificationState.RECORDED))
