"""Chains what history says, so that a change made behind gcw's back shows itself.

Events are chained after they were written, in batches, by one process at a time: each gets the next number, and a hash
over itself and the hash before it. Whoever keeps the newest hash elsewhere can tell later that nothing up to it was
changed, taken out or put in.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Result, Row, bindparam, text
from sqlmodel import Session, col, select, update

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Event

PORTION = 5000
"""Events that are chained in one transaction."""
LOCK = 0x67637763  # any constant of ours: PostgreSQL's advisory locks are numbers
START = ""
"""What stands before the first event."""
FACTS = (Event.id, Event.at, Event.who, Event.subject, Event.what, Event.why, Event.data)


@dataclass(frozen=True)
class Fault:
    """The first place where the history is not what was chained."""

    seq: int
    event_id: int | None
    sentence: str


@dataclass(frozen=True)
class Verified:
    """What reading the whole chain found."""

    events: int
    newest: str
    """The hash of the last event that is as it was chained."""
    fault: Fault | None = None
    expected_at: int | None = None
    """The number of the event that has the expected hash."""


def link(before: str, facts: Row[Any] | tuple[Any, ...]) -> str:
    """The hash of one event behind another: over the hash before it and all that the event says."""
    plain = json.dumps([before, *facts], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def chain(database: Database, progress: Callable[[int, int | None], None] = lambda done, total: None) -> int:
    """Chains every event that is not yet; how many there were."""
    total = 0
    while done := _chain_portion(database):
        progress(total := total + done, None)
    return total


def verify(
    database: Database, expect: str = "", progress: Callable[[int, int | None], None] = lambda done, total: None
) -> Verified:
    """Reads the whole chain and tells the first event that is not as it was chained."""
    before, seq, expected_at, fault = START, 0, None, None
    with database.view() as session, closing(_chained(session)) as rows:
        try:
            for row in rows:
                fault = _fault(row, seq + 1, before)
                if fault:
                    break
                before, seq = row.chain, row.seq
                expected_at = seq if before == expect else expected_at
                if seq % PORTION == 0:
                    progress(seq, None)
        except ValueError:  # its data is no JSON any more
            fault = Fault(seq + 1, None, f"An event from number {seq + 1} on cannot be read: its data was changed.")
    return Verified(seq, before, fault, expected_at)


def newest(database: Database) -> tuple[int, str]:
    """The number and the hash of the newest event that is chained."""
    with database.view() as session:
        return _last(session)


def _last(session: Session) -> tuple[int, str]:
    query = select(Event.seq, Event.chain).where(col(Event.seq).is_not(None)).order_by(col(Event.seq).desc())
    found = session.exec(query.limit(1)).first()
    return (found[0] or 0, found[1] or START) if found else (0, START)


def _chained(session: Session) -> Result[Any]:
    query = select(Event.seq, Event.chain, *FACTS)  # type: ignore[call-overload]
    query = query.where(col(Event.seq).is_not(None)).order_by(col(Event.seq))
    rows: Result[Any] = session.exec(query.execution_options(yield_per=PORTION))
    return rows


def _fault(row: Row[Any], seq: int, before: str) -> Fault | None:
    if row.seq != seq:
        gone = f"Event number {seq}" if row.seq == seq + 1 else f"Events number {seq} to {row.seq - 1}"
        return Fault(seq, None, f"{gone} of the history {'is' if row.seq == seq + 1 else 'are'} missing.")
    if row.chain != link(before, tuple(row)[2:]):
        sentence = f"Event number {seq} is not what was chained: it, or its hash, was changed or put in from outside."
        return Fault(seq, row.id, sentence)
    return None


def _chain_portion(database: Database) -> int:
    """Chains the oldest events that are not chained; those that were committed late come later, with higher numbers."""
    with database.view() as session:  # most often there is nothing to do, and nobody need wait for that
        if session.exec(select(Event.id).where(col(Event.seq).is_(None)).limit(1)).first() is None:
            return 0
    with database.session() as session:
        _alone(session)
        seq, before = _last(session)
        query = select(*FACTS).where(col(Event.seq).is_(None))  # type: ignore[call-overload]
        found = []
        for row in session.exec(query.order_by(col(Event.id)).limit(PORTION)):
            seq, before = seq + 1, link(before, tuple(row))
            found.append({"event_id": row.id, "new_seq": seq, "new_chain": before})
        if found:
            _write(session, found)
        return len(found)


def _write(session: Session, found: list[dict[str, Any]]) -> None:
    change = update(Event).where(col(Event.id) == bindparam("event_id"))
    change = change.values(seq=bindparam("new_seq"), chain=bindparam("new_chain"))
    session.connection().execute(change, found)


def _alone(session: Session) -> None:
    """Only one process chains at a time; those who write events wait for none of it. On SQLite a writer is alone."""
    if session.get_bind().dialect.name != "sqlite":
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
