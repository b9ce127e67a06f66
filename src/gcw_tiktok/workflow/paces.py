"""What asking TikTok for a store has taught, kept so that the next run begins with it and others can see it."""

from collections.abc import Callable, Iterable
from contextlib import suppress

from sqlmodel import Session

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Pace, Store
from gcw_tiktok.tiktok.pacing import Learned, Pacer
from gcw_tiktok.tiktok.telling import Tell


def pacer(
    session: Session,
    database: Database,
    store: Store,
    *,
    now: Callable[[], float],
    sleep: Callable[[float], None],
    tell: Tell,
) -> Pacer:
    """The store's pacer, with what earlier runs have learned."""
    assert store.id is not None
    row = session.get(Pace, store.id) or Pace(store_id=store.id)
    store_id = store.id
    return Pacer(
        store.name,
        Learned(row.rate, row.limited_at or 0, row.limited_until or 0),
        now=now,
        sleep=sleep,
        tell=tell,
        keep=lambda learned: _keep_pace(database, store_id, learned),
    )


def keep_clock(database: Database, store_ids: Iterable[int], behind: float, now: int) -> None:
    """Notes that the machine which asked for these stores has a wrong clock."""
    with suppress(GcwError), database.session() as session:
        for store_id in store_ids:
            row = _row(session, store_id)
            row.clock_behind, row.clock_at = round(behind), now
            session.add(row)


def _keep_pace(database: Database, store_id: int, learned: Learned) -> None:
    """Where it cannot be kept now, the work goes on all the same: it is learned again."""
    with suppress(GcwError), database.session() as session:
        row = _row(session, store_id)
        row.rate = learned.rate
        row.limited_at, row.limited_until = int(learned.limited_at), int(learned.limited_until)
        session.add(row)


def _row(session: Session, store_id: int) -> Pace:
    return session.get(Pace, store_id) or Pace(store_id=store_id)
