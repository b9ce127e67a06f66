"""A promise, kept in the database, that only one process does a thing at a time, on whichever machine."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, update

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Lease

LASTS = 60
"""Seconds after which a lease whose holder was killed is free again."""


@contextmanager
def lease(
    database: Database,
    name: str,
    now: int,
    *,
    patience: float = 90,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Holds `name` for the length of the block; waits up to `patience` seconds for another holder."""
    holder = uuid.uuid4().hex
    waited = 0.0
    while not _take(database, name, holder, now + int(waited)):
        if waited >= patience:
            raise TryAgain(f"Another gcw has been busy with {name} for too long.", "Run it again in a minute.")
        sleep(0.2)
        waited += 0.2
    try:
        yield
    finally:
        with database.session() as session:
            session.exec(delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder))


def _take(database: Database, name: str, holder: str, now: int) -> bool:
    try:
        with database.session() as session:
            if session.get(Lease, name) is None:
                session.add(Lease(name=name, holder=holder, until=now + LASTS))
                return True
            free = or_(col(Lease.until) <= now, col(Lease.holder) == holder)
            taken = session.exec(
                update(Lease).where(col(Lease.name) == name, free).values(holder=holder, until=now + LASTS)
            )
            return taken.rowcount == 1
    except IntegrityError:  # another process was a moment faster
        return False
