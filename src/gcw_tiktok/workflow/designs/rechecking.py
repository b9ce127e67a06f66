"""Asks the addresses that connections print from whether their files are still what is printed. Changes nothing."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Connection, ConnectionDesign, Variant
from gcw_tiktok.workflow.designs import pinning, sources
from gcw_tiktok.workflow.designs.fetching import Fetcher
from gcw_tiktok.workflow.designs.memory import Got
from gcw_tiktok.workflow.history import Act

Status = Literal["unchanged", "changed", "gone", "unreachable"]


@dataclass(frozen=True)
class Checked:
    """What an address gives now, beside what is printed from there."""

    address: str
    status: Status
    variants: int
    """How many print from it; of a changed one, how many print another file than it gives now."""
    since: int | None = None
    sha256: str = ""
    """Of the file that it gives."""
    why: str = ""


def printing(session: Session, store_ids: Collection[int] | None = None) -> dict[str, Counter[str]]:
    """How many variants print which file from each address: of these stores, or of all."""
    query = (
        select(ConnectionDesign.source, ConnectionDesign.sha256, func.count(func.distinct(Connection.variant_id)))
        .join(Connection, col(Connection.id) == ConnectionDesign.connection_id)
        .join(Variant, col(Variant.id) == Connection.variant_id)
        .where(col(Connection.ended_at).is_(None), col(Variant.gone_at).is_(None))
        .group_by(col(ConnectionDesign.source), col(ConnectionDesign.sha256))
        .order_by(col(ConnectionDesign.source))
    )
    if store_ids is not None:
        query = query.where(col(Variant.store_id).in_(store_ids))
    found: dict[str, Counter[str]] = {}
    for source, digest, count in session.exec(query):
        if pinning.is_address(source):
            found.setdefault(source, Counter())[digest] = count
    return found


def recheck(
    database: Database,
    printed: Mapping[str, Counter[str]],
    folder: Path,
    act: Act,
    *,
    fetcher: Fetcher | None = None,
    allow_private: bool = False,
    sleep: Callable[[float], object] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    stopping: threading.Event | None = None,
) -> Iterator[Checked]:
    """What becomes of each of these addresses, in the order in which they answer."""
    answers = sources.gather(
        database,
        printed,
        folder,
        act,
        fetcher=fetcher,
        allow_private=allow_private,
        fresh_seconds=0,
        sleep=sleep,
        progress=progress,
        stopping=stopping,
    )
    return (judge(address, printed[address], got) for address, got in answers)


def judge(address: str, printed: Counter[str], got: Got) -> Checked:
    """What an answer means for what is printed."""
    if got.given is None:
        status: Status = "unreachable" if isinstance(got.error, TryAgain) else "gone"
        return Checked(address, status, printed.total(), why=str(got.error))
    others = printed.total() - printed[got.given.sha256]
    if others:
        return Checked(address, "changed", others, got.changed_at, got.given.sha256)
    return Checked(address, "unchanged", printed.total(), sha256=got.given.sha256)
