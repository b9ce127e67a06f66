"""How often something may be tried in vain within a quarter of an hour."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, delete, func, select

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Attempt

WINDOW_SECONDS = 15 * 60


@dataclass(frozen=True)
class Limit:
    """So many tries of one kind for one thing, such as a person or a network address."""

    kind: str
    value: str
    most: int


@dataclass(frozen=True)
class Counted:
    """A try that counts, until it is known not to have been in vain."""

    ids: list[int | None]


def count(database: Database, seal: Seal, limits: Sequence[Limit], now: int) -> Counted:
    """Counts a try; `TryAgain` where it is one too many, and then it does not count.

    It is written down before anything is tried, and looked at after: of many at once no more get through than may.
    """
    marks = [_mark(seal, limit) for limit in limits]
    with database.session() as session:
        session.exec(delete(Attempt).where(col(Attempt.at) <= now - WINDOW_SECONDS))
        rows = [Attempt(mark=mark, at=now) for mark in marks]
        session.add_all(rows)
        session.flush()
        counted = Counted([row.id for row in rows])
    with database.view() as session:
        for limit, mark in zip(limits, marks, strict=True):
            if session.exec(select(func.count()).where(Attempt.mark == mark)).one() > limit.most:
                break
        else:
            return counted
    forget(database, counted)
    raise TryAgain(
        "There were too many tries.", f"Wait {WINDOW_SECONDS // 60} minutes, then try again.", code="too_many"
    )


def forget(database: Database, counted: Counted) -> None:
    """It was not in vain."""
    with database.session() as session:
        session.exec(delete(Attempt).where(col(Attempt.id).in_(counted.ids)))


def forgive(database: Database, seal: Seal, kind: str, value: str) -> None:
    """Nothing that was tried in vain counts any more."""
    with database.session() as session:
        session.exec(delete(Attempt).where(col(Attempt.mark) == _mark(seal, Limit(kind, value, 0))))


def network(address: str) -> str:
    """What counts as one address: of the newer kind everybody has a whole network of them."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _mark(seal: Seal, limit: Limit) -> str:
    return seal.mark(f"attempt {limit.kind} {limit.value}".encode("utf-8", "replace"))
