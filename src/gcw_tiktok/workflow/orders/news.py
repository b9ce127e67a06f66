"""What happened to orders since the last look: read from what is stored, whoever stored it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from gcw_tiktok.store.tables import Event, Hold, Order, Stage, Store
from gcw_tiktok.workflow.orders import elsewhere, holds

NEW, CHANGED, HELD, READY, ALARM = "new", "changed", "held", "ready", "alarm"
SUBJECT = "order:"
LATE = 5000
"""Events that are looked at once more: PostgreSQL numbers them when they are written, and shows them when their
transaction ends."""
PORTION = 500
WINDOW_SECONDS = 600
"""How long after it was decided a hold may be stored."""

Held = tuple[int, str, int]
"""A hold by its order, its reason and its beginning."""


@dataclass(frozen=True)
class News:
    """One thing that happened to one order, and how the order stands now."""

    at: int
    event: str
    order: str
    store: str
    status: str
    stage: str
    who: str
    why: str = ""
    command: str = ""


class Follower:
    """Looks again and again. What had happened before the first look is not told."""

    def __init__(self, session: Session, stores: Sequence[Store], now: int) -> None:
        self._stores = {store.id: store.name for store in stores}
        self._began = now
        self._last = session.exec(select(func.max(Event.id))).one() or 0
        self._seen = set(self._ids(session))
        self._ready = set(session.exec(select(Order.id).where(Order.stage == Stage.PASSED)))
        self._held = set(self._recent(session, now))

    def look(self, session: Session, now: int) -> Iterator[News]:
        """What happened, in order; of each order last of all what holds it, or that it is ready."""
        fresh = sorted(set(self._ids(session)) - self._seen)
        for start in range(0, len(fresh), PORTION):
            portion = fresh[start : start + PORTION]
            events = session.exec(select(Event).where(col(Event.id).in_(portion)).order_by(col(Event.id))).all()
            yield from self._of_events(session, events, now)
            session.expunge_all()  # many may have come at once
        self._seen |= set(fresh)
        self._last = max(self._last, *fresh) if fresh else self._last
        self._seen = {one for one in self._seen if one > self._last - LATE}
        yield from self._of_holds(session, now)

    def _ids(self, session: Session) -> Sequence[int]:
        query = select(Event.id).where(col(Event.id) > self._last - LATE, col(Event.subject).startswith(SUBJECT))
        return [found for found in session.exec(query) if found is not None]

    def _recent(self, session: Session, now: int) -> Sequence[Held]:
        rows = select(Hold.order_pk, Hold.reason, Hold.since).where(Hold.since >= now - WINDOW_SECONDS)
        return [(order_pk, str(reason), since) for order_pk, reason, since in session.exec(rows)]

    def _of_events(self, session: Session, events: Sequence[Event], now: int) -> Iterator[News]:
        ids = {event.subject.removeprefix(SUBJECT) for event in events}
        query = select(Order).where(col(Order.order_id).in_(ids), col(Order.store_id).in_(self._stores))
        orders = {order.order_id: order for order in session.exec(query)}
        fresh: set[int] = set()
        for event in events:
            order = orders.get(event.subject.removeprefix(SUBJECT))
            if order is not None:
                yield self._news(order, event.at, *_in_words(event), who=event.who)
                fresh |= {order.id or 0} if event.what == "taken in" else set()
        yield from self._standing(session, list(orders.values()), fresh, now)

    def _standing(self, session: Session, orders: Sequence[Order], fresh: set[int], now: int) -> Iterator[News]:
        """Which of these are held or ready since they were looked at last. A hold and the stage are read in one
        statement each, the stage last: what is told to be ready is."""
        mine = {order.id or 0: order for order in orders}
        for hold in session.exec(select(Hold).where(col(Hold.order_pk).in_(mine)).order_by(col(Hold.id))):
            if hold.since >= self._began or hold.order_pk in fresh:
                yield from self._of_hold(mine[hold.order_pk], hold)
        free = select(Order.id).where(
            col(Order.id).in_(mine), Order.stage == Stage.PASSED, col(Order.id).not_in(select(Hold.order_pk))
        )
        ready = {found or 0 for found in session.exec(free)}
        for order_pk in sorted(ready - self._ready):
            command = f"gcw orders release {mine[order_pk].order_id}"
            yield self._news(mine[order_pk], now, READY, command=command)
        self._ready = (self._ready - mine.keys()) | ready

    def _of_holds(self, session: Session, now: int) -> Iterator[News]:
        """Holds that came without anything having happened to the order itself."""
        recent = self._recent(session, now)
        came = {order_pk for order_pk, reason, since in set(recent) - self._held if since >= self._began}
        query = select(Order).where(col(Order.id).in_(came), col(Order.store_id).in_(self._stores))
        orders = {order.id or 0: order for order in session.exec(query)} if came else {}
        for hold in session.exec(select(Hold).where(col(Hold.order_pk).in_(orders))) if orders else ():
            if hold.since >= self._began:
                yield from self._of_hold(orders[hold.order_pk], hold)
        self._ready -= orders.keys()
        self._held = {key for key in self._held if key[2] >= now - WINDOW_SECONDS} | set(recent)

    def _of_hold(self, order: Order, hold: Hold) -> Iterator[News]:
        key = (hold.order_pk, str(hold.reason), hold.since)
        if key not in self._held:
            self._held.add(key)
            yield self._news(order, hold.since, HELD, f"{hold.reason}: {hold.sentence}", hold.command)

    def _news(self, order: Order, at: int, event: str, why: str = "", command: str = "", *, who: str = "") -> News:
        store = self._stores[order.store_id]
        return News(at, event, order.order_id, store, order.status, order.stage.value, who, why, command)


def _in_words(event: Event) -> tuple[str, str]:
    """The kind of news, and what else is to be said; what has no kind of its own is told in the history's words."""
    if event.what == "taken in":
        return NEW, str(event.data.get("status", ""))
    if event.what.endswith("at TikTok"):
        return CHANGED, f"{event.what.removesuffix(' at TikTok')}. {event.why}".removesuffix(". ")
    if event.what == elsewhere.WRITTEN:
        return ALARM, event.why
    if event.what == holds.LIFTED:
        return holds.LIFTED, f"{event.data.get('reason', '')}: {event.why}"
    if event.what == "shipped":
        parcel = f"{event.data.get('carrier', '')} {event.data.get('tracking_number', '')}".strip()
        return event.what, f"{parcel}. {event.why}".removesuffix(". ")
    return event.what, event.why
