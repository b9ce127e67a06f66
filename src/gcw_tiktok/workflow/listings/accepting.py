"""Moves everything that prints from an address to the file that it gives now: all of it, or nothing."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Connection, ConnectionDesign, Store, Variant
from gcw_tiktok.workflow import naming
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import memory, pinning, rechecking, sources
from gcw_tiktok.workflow.designs.addresses import shown
from gcw_tiktok.workflow.designs.fetching import Fetcher
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections, many
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


class Spot(NamedTuple):
    """A place that a design is printed on."""

    uid: str
    area: str
    placement: Placement | None


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
    with TemporaryDirectory() if dry_run else nullcontext(folder) as place:
        with database.view() as session:
            wanted = _wanted(session, address, given)
        made = _make(wanted, address, given, Path(place))  # no transaction is open while files are made
        with database.view() if dry_run else database.session() as session:
            planned = _plan(session, address, given, made, lock=not dry_run)
            if not dry_run:
                _carry_out(session, act, address, given, planned, folder)
    return given, [_moved(store, change) for store, changes in planned for change in changes]


def _wanted(session: Session, address: str, given: Stored) -> dict[Spot, PrintArea | None]:
    """Where the file is to be printed. An area that its product has no more is None."""
    areas: dict[str, dict[str, PrintArea]] = {}
    wanted: dict[Spot, PrintArea | None] = {}
    for store, sku_ids in _printing(session, address, given):
        for standing in many.standings(session, store.id or 0, sku_ids).values():
            for spot in _spots(standing, address):
                if spot.uid not in areas:
                    areas[spot.uid] = {area.name: area for area in offer.variant_of(session, spot.uid).areas}
                wanted[spot] = areas[spot.uid].get(spot.area)
    return wanted


def _make(wanted: Mapping[Spot, PrintArea | None], address: str, given: Stored, folder: Path) -> dict[Spot, Pinned]:
    """The file as the design of each place, print-ready where it has to be; `BadInput` when it does not fit one."""
    made, troubles = {}, []
    for spot, area in wanted.items():
        try:
            if area is None:
                raise BadInput(f"{spot.uid} has no print area {spot.area} any more.")
            made[spot], _ = connections.checked(area, address, given, spot.placement, folder)
        except BadInput as error:
            troubles.append(f"{spot.uid}: {error}")
    if troubles:
        more = f" And {len(troubles) - MOST_NAMED} more." if len(troubles) > MOST_NAMED else ""
        raise BadInput(
            f"The new file cannot take the place of the former. {' '.join(troubles[:MOST_NAMED])}{more}",
            "Put another file there, or connect these variants one by one with `gcw products connect`.",
            code="design_unfit",
        )
    return made


def _plan(
    session: Session, address: str, given: Stored, made: Mapping[Spot, Pinned], *, lock: bool
) -> list[tuple[Store, list[Change]]]:
    """What is to change in each store."""
    planned: list[tuple[Store, list[Change]]] = []
    for store, sku_ids in _printing(session, address, given):
        standings = many.standings(session, store.id or 0, sku_ids, lock=lock)
        changes = [change for one in standings.values() if (change := moved(one, address, made))]
        planned.append((store, changes))
    return planned


def moved(standing: Standing, address: str, made: Mapping[Spot, Pinned]) -> Change | None:
    """What a variant prints with the new file in place of the former; None where it prints nothing from there."""
    spots = {spot.area: spot for spot in _spots(standing, address)}
    if standing.current is None or not spots:
        return None
    if not made.keys() >= set(spots.values()):
        raise TryAgain("What prints from this address changed in this moment; nothing was changed.", "Run it again.")
    pinned = [
        made[spots[area]]
        if area in spots
        else Pinned(area, one.sha256, standing.sources[area], placement=one.placement, print_sha256=one.print_sha256)
        for area, one in sorted(standing.current.designs.items())
    ]
    return Change(standing, standing.current.product_uid, pinned)


def _spots(standing: Standing, address: str) -> list[Spot]:
    if standing.current is None:
        return []
    uid, designs = standing.current.product_uid, standing.current.designs
    return [Spot(uid, area, one.placement) for area, one in designs.items() if standing.sources[area] == address]


def _printing(session: Session, address: str, given: Stored) -> list[tuple[Store, list[str]]]:
    """The variants that print another file from the address, by store."""
    query = (
        select(Variant.store_id, Variant.sku_id)
        .join(Connection, col(Connection.variant_id) == Variant.id)
        .join(ConnectionDesign, col(ConnectionDesign.connection_id) == Connection.id)
        .where(col(Connection.ended_at).is_(None), ConnectionDesign.source == address)
        .where(ConnectionDesign.sha256 != given.sha256, col(Variant.gone_at).is_(None))
        .order_by(col(Variant.store_id), col(Variant.id))
    )
    found: dict[int, dict[str, None]] = {}
    for store_id, sku_id in session.exec(query):
        found.setdefault(store_id, {})[sku_id] = None
    return [(session.get_one(Store, store_id), list(sku_ids)) for store_id, sku_ids in found.items()]


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
        many.write(session, act, store, many.together(changes), f"another file at {shown(address)}")


def _moved(store: Store, change: Change) -> Moved:
    return Moved(store.name, change.standing.sku_id, change.product_uid, change.standing.newest + 1)
