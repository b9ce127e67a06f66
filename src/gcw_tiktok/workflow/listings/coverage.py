"""The share of what buyers can order that can also be printed, and what breaks it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Customer, Design, DesignSource, Store
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.listings import overview, soundness
from gcw_tiktok.workflow.listings.overview import CONNECTIONS, SELLABLE, Seen, Wanted
from gcw_tiktok.workflow.listings.soundness import Flaw, Kept, Prints, Reason, Surroundings, Used

DESIGNS = SQLModel.metadata.tables["connection_design"]
AT_ONCE = 5_000
FILES_AT_ONCE = 500


class Uncovered(NamedTuple):
    """A variant that buyers can order and nobody could print."""

    store: str
    variant: Seen
    flaw: Flaw
    command: str


class Example(NamedTuple):
    """One of the variants that a reason concerns, and what mends it."""

    sku: str
    sentence: str
    command: str


@dataclass
class Coverage:
    """How much of a store is covered."""

    store: str
    synced_at: int | None
    sellable: int = 0
    """Variants that buyers can order, without those that are ignored."""
    covered: int = 0
    ignored: int = 0
    new: int = 0
    """Of the sellable ones, those that were first seen within the time that was asked for."""
    new_uncovered: int = 0
    changed: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    examples: dict[Reason, Example] = field(default_factory=dict)
    listed: list[Uncovered] = field(default_factory=list)
    """Every one that is not covered, where that is wanted."""

    @property
    def share(self) -> Fraction | None:
        """From 0 to 100; None where nothing was ever read. What sells nothing lacks nothing."""
        if self.synced_at is None:
            return None
        return Fraction(100 * self.covered, self.sellable) if self.sellable else Fraction(100)

    def reaches(self, mark: Fraction) -> bool:
        return self.share is not None and self.share >= mark


def of_store(database: Database, store: Store, folder: Path, since: int, *, listed: bool = False) -> Coverage:
    """How much of a store is covered; what is new or changed `since` then (Unix seconds) is counted too."""
    with database.view() as session:
        found = Coverage(store.name, store.synced_at)
        customer = session.get_one(Customer, store.customer_id).name
        kept: dict[str, Kept] = {}
        judge = _judging_once(
            Surroundings(offer.orderable_uids(session, store.customer_id), kept, changed_files(session))
        )
        for group in overview.groups(session, store, Wanted(status=SELLABLE), AT_ONCE):
            printed = _printed(session, group)
            look_at_files(session, folder, printed.values(), kept)
            for variant in group:
                if variant.ignored is not None:
                    found.ignored += 1
                    continue
                prints = printed.get(variant.connection_id or 0)
                flaw = judge(prints)
                _count(found, variant, flaw, since)
                if flaw is not None and (listed or flaw.reason not in found.examples):
                    command = soundness.mend(flaw, store.name, customer, variant.sku_id, prints)
                    sku = variant.seller_sku or variant.sku_id
                    found.examples.setdefault(flaw.reason, Example(sku, flaw.sentence, command))
                    if listed:
                        found.listed.append(Uncovered(store.name, variant, flaw, command))
    return found


def total(found: Collection[Coverage]) -> Coverage:
    """All stores together."""
    read = [one for one in found if one.synced_at is not None]
    whole = Coverage("", min((one.synced_at or 0 for one in read), default=None))
    for one in found:
        whole.sellable += one.sellable
        whole.covered += one.covered
        whole.ignored += one.ignored
        whole.new += one.new
        whole.new_uncovered += one.new_uncovered
        whole.changed += one.changed
        whole.reasons += one.reasons
    return whole


def _judging_once(around: Surroundings) -> Callable[[Prints | None], Flaw | None]:
    """Judges what many variants print alike only once."""
    known: dict[object, Flaw | None] = {}

    def judge(prints: Prints | None) -> Flaw | None:
        alike = prints and (prints.product_uid, tuple(prints.designs.items()))
        if alike not in known:
            known[alike] = soundness.flaw(prints, around)
        return known[alike]

    return judge


def _count(found: Coverage, variant: Seen, flaw: Flaw | None, since: int) -> None:
    new = (variant.seen_at or 0) >= since
    found.sellable += 1
    found.new += new
    found.changed += (variant.changed_at or 0) >= since
    if flaw is None:
        found.covered += 1
    else:
        found.reasons[flaw.reason] += 1
        found.new_uncovered += new


def changed_files(session: Session) -> dict[str, str]:
    """The file that an address gives now where that is known to be another one, by the address's key."""
    query = select(DesignSource.address, DesignSource.changed_sha256).where(col(DesignSource.changed_at).is_not(None))
    return dict(session.exec(query).all())


def _printed(session: Session, group: list[Seen]) -> dict[int, Prints]:
    """What the variants of a group print, by connection. The group's row ids follow each other, so that a range of
    them says it all."""
    printed = {one.connection_id: Prints(one.product_uid or "", {}) for one in group if one.connection_id}
    design = DESIGNS.c
    joined = DESIGNS.join(CONNECTIONS, CONNECTIONS.c.id == design.connection_id)
    query = (
        sa_select(
            design.connection_id, design.area, design.source, design.sha256, design.placement, design.print_sha256
        )
        .select_from(joined)
        .where(CONNECTIONS.c.ended_at.is_(None), CONNECTIONS.c.variant_id.between(group[0].id, group[-1].id))
    )
    for connection_id, area, source, digest, placement, ready in session.connection().execute(query):
        if connection_id in printed:
            laid = Placement(**placement) if placement else None
            printed[connection_id].designs[area] = Used(source, digest, laid, ready)
    return printed


def look_at_files(session: Session, folder: Path, printed: Collection[Prints], kept: dict[str, Kept]) -> None:
    """Looks at each pinned file that is not among the `kept` yet, and adds it to them."""
    used = {
        digest for prints in printed for one in prints.designs.values() for digest in (one.sha256, one.print_sha256)
    }
    for design in _designs(session, [digest for digest in used if digest and digest not in kept]):
        path = pinning.path_of(design, folder)
        there = path.is_file()
        kept[design.sha256] = Kept(pinning.facts_of(design), there, there and path.stat().st_size == design.size)


def _designs(session: Session, hashes: list[str]) -> Iterator[Design]:
    for start in range(0, len(hashes), FILES_AT_ONCE):
        part = hashes[start : start + FILES_AT_ONCE]
        yield from session.exec(select(Design).where(col(Design.sha256).in_(part)))
