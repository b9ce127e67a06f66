"""Brings our listings level with TikTok's; never loses a connection on the way."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlmodel import Session

from gcw_tiktok.errors import CheckFailed
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Store
from gcw_tiktok.tiktok import listed, products
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.errors import TikTokRefused
from gcw_tiktok.workflow import hands
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import keeping
from gcw_tiktok.workflow.listings.comparing import KINDS, Changes, RemoteListing, VariantChange

GONE = frozenset({"DELETED"})
"""Statuses under which TikTok still names a product that is not there any more."""
BATCH = 200
"""Listings stored in one transaction, at most."""
VARIANTS_A_BATCH = 5_000
"""Enough variants to be stored, however few listings they are of."""
HANDS = 4
"""Listings of one store that are read at the same time."""
AHEAD = 32
"""Listings that are read before what came before them is stored; more would only fill the memory."""


@dataclass
class Synced:
    """What a sync found."""

    store: str
    most: int | None = None
    """How many changes are listed, where not all are."""
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    """How many variants became what."""
    variants: list[VariantChange] = field(default_factory=list)
    rekeyed: list[VariantChange] = field(default_factory=list)
    """Those that are to be connected again, listed for themselves."""
    unread: dict[str, str] = field(default_factory=dict)
    """Why TikTok would not show a listing, by its title; its variants stay as they were known."""
    listings: int = 0

    def add(self, changes: Changes) -> None:
        """Counts what some listings brought, and lists it while there is room."""
        for kind, count in changes.counts().items():
            self.counts[kind] += count
        self.variants += changes.variants[: self._room(self.variants)]
        again = [change for change in changes.variants if change.kind == "re-keyed"]
        self.rekeyed += again[: self._room(self.rekeyed)]

    def _room(self, listed: Sequence[VariantChange]) -> int | None:
        return None if self.most is None else max(self.most - len(listed), 0)


class _Wanted(NamedTuple):
    """A listing that the search named, and TikTok's time of it as we know it."""

    row: listed.Row
    read_at: int


def sync(
    database: Database,
    client: Client,
    store: Store,
    act: Act,
    *,
    accept_empty: bool = False,
    dry_run: bool = False,
    most: int | None = None,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Synced:
    """Reads every listing of the store and stores what changed, unless `dry_run`, while it reads on.

    What is stored is whole, so a sync that is cut off anywhere has done a part, and the next one does the rest. Stops
    with `CheckFailed` when TikTok suddenly returns nothing where we knew some.
    """
    report = Synced(store.name, most)
    with database.held_open() as held:
        with held.view() as session:
            before = keeping.present(session, store)
        seen: set[str] = set()
        for group in _groups(_read(held, client, store, seen, progress)):
            report.unread |= {
                listing.title or listing.product_id: listing.trouble for listing in group if listing.trouble
            }
            report.listings += len(group)
            if dry_run:
                report.add(keeping.preview_group(held, store, group))
            else:
                report.add(keeping.store_group(held, store, group, act))
        if not seen and not accept_empty:
            with held.view() as session:
                _stop_where_some_were_known(session, store)
        _end(held, store, sorted(before - seen), act, report, dry_run=dry_run)
        return report


def sync_one(database: Database, client: Client, store: Store, act: Act, product_id: str) -> Changes:
    """Reads one listing and stores what changed in it. Only a whole sync makes the store a synced one."""
    try:
        found = listed.detail(client, product_id)
    except TikTokRefused as error:
        if error.tiktok_code not in products.UNKNOWN:
            raise
        return keeping.end_group(database, store, [product_id], act)
    if found.status in GONE:
        return keeping.end_group(database, store, [product_id], act)
    return keeping.store_group(database, store, [_whole(found)], act)


def _read(
    database: Database, client: Client, store: Store, seen: set[str], progress: Callable[[int, int | None], None]
) -> Iterator[RemoteListing]:
    """Every listing, in full where it changed since it was read; `seen` tells which there were."""
    total = 0

    def wanted() -> Iterator[_Wanted]:
        nonlocal total
        for rows, total in listed.search(client):  # noqa: B007  progress tells it
            with database.view() as session:
                read_at = keeping.read_at(session, store, [row.product_id for row in rows])
            rows.reverse()
            while rows:  # each is let go once it is read: a page of them may be large
                row = rows.pop()
                if row.status not in GONE and row.product_id not in seen:
                    seen.add(row.product_id)
                    yield _Wanted(row, read_at.get(row.product_id, 0))

    listings = hands.in_order(lambda one: _read_one(client.for_another_thread(), one), wanted(), HANDS, AHEAD)
    for done, listing in enumerate(listings, 1):
        yield listing
        progress(done, total if total >= done else None)


def _read_one(client: Client, wanted: _Wanted) -> RemoteListing:
    row = wanted.row
    facts = (row.product_id, row.title, row.status)
    if row.updated_at and row.updated_at == wanted.read_at:
        return RemoteListing(*facts, row.updated_at, None)
    try:
        found = listed.detail(client, row.product_id)
    except TikTokRefused as error:  # it is frozen, or was deleted since: no reason to leave the others unread
        return RemoteListing(*facts, 0, row.variants, trouble=str(error))
    return _whole(row._replace(title=found.title or row.title, skus=found.skus, picture=found.picture))


def _whole(row: listed.Row) -> RemoteListing:
    return RemoteListing(row.product_id, row.title, row.status, row.updated_at, row.variants, row.picture)


def _groups(listings: Iterable[RemoteListing]) -> Iterator[list[RemoteListing]]:
    """Listings that are stored together: few enough to be held at once."""
    group: list[RemoteListing] = []
    variants = 0
    for listing in listings:
        group.append(listing)
        variants += len(listing.variants or ())
        if len(group) >= BATCH or variants >= VARIANTS_A_BATCH:
            yield group
            group, variants = [], 0
    if group:
        yield group


def _stop_where_some_were_known(session: Session, store: Store) -> None:
    living = keeping.count_living(session, store)
    if living:
        raise CheckFailed(
            f"TikTok returned no listing at all where gcw knows {living}. Nothing was changed.",
            f"If they are really gone: `gcw products sync {shlex.quote(store.name)} --yes`",
        )


def _end(database: Database, store: Store, missing: Sequence[str], act: Act, report: Synced, *, dry_run: bool) -> None:
    """Only now that the whole search was read: what it did not name is gone, and the store is a synced one."""
    for start in range(0, len(missing), BATCH):
        part = missing[start : start + BATCH]
        if dry_run:
            report.add(keeping.preview_end(database, store, part))
        else:
            report.add(keeping.end_group(database, store, part, act))
    if not dry_run:
        with keeping.writing(database, store) as session:
            found = session.get_one(Store, store.id)
            found.synced_at = act.now
            session.add(found)
