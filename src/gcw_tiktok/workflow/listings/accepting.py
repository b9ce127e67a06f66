"""Moves everything that prints from an address to the file that it gives now: all of it, or nothing."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Connection, ConnectionDesign, Store, Variant
from gcw_tiktok.workflow import naming
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import checks, memory, pinning, rechecking, sources
from gcw_tiktok.workflow.designs.fetching import Fetcher, shown
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import many
from gcw_tiktok.workflow.listings.connections import Pinned
from gcw_tiktok.workflow.listings.many import Change, Standing

MOST_NAMED = 5


@dataclass(frozen=True)
class Moved:
    """A variant that prints the new file from now on."""

    store: str
    sku_id: str
    product_uid: str
    version: int


def find(session: Session, wanted: str) -> str:
    """The address, of those that something is printed from, that is named: whole, or by an unambiguous start."""
    known = rechecking.printing(session)
    if wanted in known:
        return wanted
    return naming.choose("address", wanted, known, lambda one: (one,), "gcw design recheck")


def accept(
    database: Database,
    address: str,
    folder: Path,
    act: Act,
    *,
    dry_run: bool = False,
    fetcher: Fetcher | None = None,
    allow_private: bool = False,
    sleep: Callable[[float], object] | None = None,
    stopping: threading.Event | None = None,
) -> tuple[Stored, list[Moved]]:
    """The file that the address gives, and what prints it from now on in place of a former one. What a recheck found
    within a day is not fetched again: it is that file which was looked at."""
    ((_, got),) = sources.gather(
        database,
        [address],
        folder,
        act,
        fetcher=fetcher,
        allow_private=allow_private,
        workers=1,
        dry_run=dry_run,
        sleep=sleep,
        stopping=stopping,
    )
    given = got.given or got.file
    with database.view() if dry_run else database.session() as session:
        planned = _plan(session, address, given, lock=not dry_run)
        if not dry_run:
            _carry_out(session, act, address, given, planned, folder)
    return given, [_moved(store, change) for store, changes in planned for change in changes]


def _plan(session: Session, address: str, given: Stored, *, lock: bool) -> list[tuple[Store, list[Change]]]:
    """What is to change in each store; `BadInput` when the file cannot be printed on some of it."""
    planned: list[tuple[Store, list[Change]]] = []
    troubles: dict[str, None] = {}
    areas = _Areas(session)
    for store, sku_ids in _printing(session, address, given):
        standings = many.standings(session, store.id or 0, sku_ids, lock=lock)
        changes = [change for one in standings.values() if (change := moved(one, address, given))]
        planned.append((store, changes))
        for change in changes:
            troubles |= dict.fromkeys(unfit(change, address, given, areas.of(change.product_uid)))
    if troubles:
        more = f" and {len(troubles) - MOST_NAMED} more" if len(troubles) > MOST_NAMED else ""
        raise BadInput(
            f"The new file cannot take the place of the former. {' '.join(list(troubles)[:MOST_NAMED])}{more}",
            "Put another file there, or connect these variants one by one with `gcw products connect`.",
            code="design_unfit",
        )
    return planned


def moved(standing: Standing, address: str, given: Stored) -> Change | None:
    """What a variant prints when the address' file is the given one; None where nothing changes."""
    decision = standing.current
    if decision is None:
        return None
    pinned = [
        Pinned(area, given.sha256, address, given, placement=one.placement)
        if standing.sources[area] == address
        else Pinned(area, one.sha256, standing.sources[area], placement=one.placement, print_sha256=one.print_sha256)
        for area, one in sorted(decision.designs.items())
    ]
    if {one.area: one.sha256 for one in pinned} == {area: one.sha256 for area, one in decision.designs.items()}:
        return None
    return Change(standing, decision.product_uid, pinned)


def unfit(change: Change, address: str, given: Stored, areas: Mapping[str, PrintArea]) -> Iterator[str]:
    """Why the file cannot be printed where the former was."""
    assert change.standing.current is not None
    for one in change.pinned:
        if one.source != address:
            continue
        if one.area not in areas:
            yield f"{change.product_uid} has no print area {one.area} any more."
            continue
        if change.standing.current.designs[one.area].print_sha256:
            yield f"On {one.area} of {change.product_uid} it is placed in a way of its own; place it anew."
        for finding in checks.check(given.facts, areas[one.area], one.placement):
            if finding.level == "fail":
                yield f"{change.product_uid}: {finding.sentence}"


def _printing(session: Session, address: str, given: Stored) -> list[tuple[Store, list[str]]]:
    """The variants that print another file from the address, by store."""
    query = (
        select(Variant.store_id, Variant.sku_id)
        .join(Connection, col(Connection.variant_id) == Variant.id)
        .join(ConnectionDesign, col(ConnectionDesign.connection_id) == Connection.id)
        .where(col(Connection.ended_at).is_(None), ConnectionDesign.source == address)
        .where(ConnectionDesign.sha256 != given.sha256)
        .order_by(col(Variant.store_id), col(Variant.id))
    )
    found: dict[int, dict[str, None]] = {}
    for store_id, sku_id in session.exec(query):
        found.setdefault(store_id, {})[sku_id] = None
    return [(session.get_one(Store, store_id), list(sku_ids)) for store_id, sku_ids in found.items()]


class _Areas:
    """The print areas of product UIDs, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, dict[str, PrintArea]] = {}

    def of(self, uid: str) -> dict[str, PrintArea]:
        if uid not in self._known:
            self._known[uid] = {area.name: area for area in offer.variant_of(self._session, uid).areas}
        return self._known[uid]


def _carry_out(
    session: Session,
    act: Act,
    address: str,
    given: Stored,
    planned: Sequence[tuple[Store, Sequence[Change]]],
    folder: Path,
) -> None:
    (before,) = memory.recall(session, [address], folder)
    pinning.record(session, given, act.now)
    got = memory.decide(before, given, act.now, accept=True, asked=False)
    memory.write_down(session, before, got, before.marks, act)
    session.flush()
    for store, changes in planned:
        many.write(session, act, store, changes, f"another file at {shown(address)}")


def _moved(store: Store, change: Change) -> Moved:
    return Moved(store.name, change.standing.sku_id, change.product_uid, change.standing.newest + 1)
