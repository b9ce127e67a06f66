"""What has to change so that the database says what a connections file says: first all of it decided, then done."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.listed import listed
from gcw_tiktok.store.tables import (
    Connection,
    Design,
    Ignored,
    IgnoreScope,
    Listing,
    Store,
    Variant,
)
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.marked_yaml import Value, did_you_mean
from gcw_tiktok.workflow.catalog.offer import OrderableUid
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.listings import connections, deciding, ignoring
from gcw_tiktok.workflow.listings.connection_file import (
    ConnectionFile,
    DesignEntry,
    ListingEntry,
    StoreEntry,
    VariantEntry,
)
from gcw_tiktok.workflow.listings.connections import Decision, Pinned
from gcw_tiktok.workflow.listings.deciding import Target
from gcw_tiktok.workflow.listings.gathering import Gathered

CREATE, CHANGE, DISCONNECT = "create", "change", "disconnect"
IGNORE, UNIGNORE, UNCHANGED = "ignore", "unignore", "unchanged"
KINDS = (CREATE, CHANGE, DISCONNECT, IGNORE, UNIGNORE, UNCHANGED)


@dataclass(frozen=True)
class State:
    """By what it shows that nobody has decided anything about a variant or listing meanwhile: versions, 0 for none."""

    connected: int
    connections: int
    """The newest version, ended or not."""
    ignored: int
    ignores: int


@dataclass(frozen=True)
class Wanted:
    """What a file wants of a variant or a listing: a product UID with designs, an ignore, or nothing."""

    target: Target
    state: State
    connected: Decision | None
    ignored: Ignored | None
    uid: OrderableUid | None = None
    designs: Mapping[str, DesignEntry] = field(default_factory=dict)
    ignore: str | None = None
    value: Value | None = None
    """Where it stands in the file; None where the file does not speak of it."""


@dataclass(frozen=True)
class Change:
    """What becomes of one variant or listing."""

    store: Store
    kind: str
    """One of `KINDS`."""
    target: Target
    was: str
    will_be: str
    state: State
    product_uid: str = ""
    pinned: tuple[Pinned, ...] = ()
    why: str = ""
    """The reason of an ignore."""


@dataclass
class Read:
    """A file held against the database, before its designs are looked at."""

    file: ConnectionFile
    stores: list[tuple[Store, list[Wanted]]] = field(default_factory=list)
    known: dict[str, Stored] = field(default_factory=dict)
    """The files that are pinned here already, by hash."""

    @property
    def sources(self) -> list[str]:
        """What has to be fetched: all that is not pinned here already under the hash that the file gives."""
        found = [
            entry.source
            for _, wanted in self.stores
            for one in wanted
            for entry in one.designs.values()
            if entry.sha256 not in self.known
        ]
        return list(dict.fromkeys(found))


def look_up(session: Session, file: ConnectionFile, folder: Path, *, prune: bool = False) -> Read:
    """The file's stores, listings, variants and UIDs in the database; `BadInput` lists every fault by its line."""
    read = Read(file)
    for entry in file.stores:
        try:
            store = stores.find(session, entry.wanted) if entry.wanted else None
        except BadInput as error:
            entry.fields.whole.fault(str(error))
            continue
        if store is None or any(store.id == known.id for known, _ in read.stores):
            entry.fields.whole.fault("this store stands here twice") if store else None
            continue
        read.stores.append((store, _of_store(session, store, entry, prune=prune)))
    file.value.faults.raise_any()
    hashes = {one.sha256 for _, wanted in read.stores for each in wanted for one in each.designs.values()} - {""}
    read.known = known_files(session, hashes, folder)
    return read


def known_files(session: Session, hashes: Iterable[str], folder: Path) -> dict[str, Stored]:
    """The pinned files among these, by hash."""
    rows = session.exec(select(Design).where(col(Design.sha256).in_(listed(session, list(hashes)))))
    kept = {design.sha256: pinning.kept(design, folder) for design in rows}
    return {digest: stored for digest, stored in kept.items() if stored}


def decide(read: Read, gathered: Gathered) -> list[Change]:
    """What becomes of everything that the file speaks of; `BadInput` lists every design that cannot be printed."""
    changes = [_decide(store, one, read, gathered) for store, wanted in read.stores for one in wanted]
    read.file.value.faults.raise_any()
    return changes


def counts(changes: Sequence[Change]) -> dict[str, int]:
    """How many of each kind."""
    return {kind: sum(change.kind == kind for change in changes) for kind in KINDS}


def states(session: Session, store: Store, targets: Sequence[Target]) -> dict[ignoring.Place, Wanted]:
    """These as they are now, by their place; nothing is wanted of them yet."""
    variants = [target.variant for target in targets if target.variant]
    current: dict[str, Decision] = {}
    for start in range(0, len(variants), 500):
        current |= connections.current(session, variants[start : start + 500])
    ignored = ignoring.current(session, store.id or 0, [target.place for target in targets])
    newest = _newest_connections(session, [variant.id or 0 for variant in variants])
    ignores = _newest_ignores(session, store, {target.place[1] for target in targets})
    found = {}
    for target in targets:
        decision = current.get(target.variant.sku_id) if target.variant else None
        row = ignored.get(target.place)
        state = State(
            connected=decision.version if decision else 0,
            connections=newest.get(target.variant.id or 0, 0) if target.variant else 0,
            ignored=row.version if row else 0,
            ignores=ignores.get(target.place, 0),
        )
        found[target.place] = Wanted(target, state, decision, row)
    return found


def _newest_connections(session: Session, variant_ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(variant_ids), 5000):
        mine = col(Connection.variant_id).in_(variant_ids[start : start + 5000])
        query = select(Connection.variant_id, func.max(Connection.version)).where(mine)
        found |= dict(session.exec(query.group_by(col(Connection.variant_id))).all())
    return found


def _newest_ignores(session: Session, store: Store, subjects: set[str]) -> dict[ignoring.Place, int]:
    query = select(Ignored.scope, Ignored.subject, func.max(Ignored.version)).where(Ignored.store_id == store.id)
    rows = session.exec(query.group_by(col(Ignored.scope), col(Ignored.subject)))
    return {(IgnoreScope(scope), subject): version for scope, subject, version in rows if subject in subjects}


def _of_store(session: Session, store: Store, entry: StoreEntry, *, prune: bool) -> list[Wanted]:
    """What the file wants of one store's listings and variants, in its order."""
    pairs = session.exec(
        select(Variant, Listing)
        .join(Listing, col(Variant.listing_id) == Listing.id)
        .where(Variant.store_id == store.id)
    ).all()
    variants = [variant for variant, _ in pairs]
    listings = {listing.product_id: listing for _, listing in pairs}
    now = states(session, store, [*map(deciding.as_target, variants), *map(deciding.listing_target, listings.values())])
    offered = offer.orderable_uids(session, store.customer_id)
    by_name = _by_name(variants)
    found: dict[ignoring.Place, Wanted] = {}
    for listing in entry.listings:
        for one in _of_listing(listing, listings, by_name, now, offered):
            if one.target.place in found and one.value:
                one.value.fault(f"{one.target.name} stands here twice")
            found[one.target.place] = one
    living = {(IgnoreScope.VARIANT, variant.sku_id) for variant in variants if variant.gone_at is None}
    living |= {(IgnoreScope.LISTING, one.product_id) for one in listings.values() if one.gone_at is None}
    rest = [one for place, one in now.items() if prune and place in living and place not in found]
    return [*found.values(), *(one for one in rest if one.connected or one.ignored)]


def _by_name(variants: Sequence[Variant]) -> dict[str, list[Variant]]:
    """By SKU id and by seller SKU, of living ones before those that are gone."""
    found: dict[str, list[Variant]] = {}
    for variant in sorted(variants, key=lambda one: one.gone_at is not None):
        for name in {variant.sku_id, variant.seller_sku} - {""}:
            if not (variant.gone_at and found.get(name)):
                found.setdefault(name, []).append(variant)
    return found


def _of_listing(
    entry: ListingEntry,
    listings: Mapping[str, Listing],
    by_name: Mapping[str, Sequence[Variant]],
    now: Mapping[ignoring.Place, Wanted],
    offered: Mapping[str, OrderableUid],
) -> Iterator[Wanted]:
    if entry.product_id:
        known = now.get((IgnoreScope.LISTING, entry.product_id))
        if known is None:
            entry.fields.at("product_id").fault(f"the store has no listing {entry.product_id}")
        else:
            yield replace(known, ignore=entry.ignore, value=entry.fields.at("product_id"))
    elif entry.ignore is not None:
        entry.fields.whole.fault('"ignore" needs the listing\'s "product_id"')
    for one in entry.variants:
        variant = _find(one, by_name)
        if variant is not None:
            known = now[(IgnoreScope.VARIANT, variant.sku_id)]
            uid = _orderable(one, offered)
            yield replace(known, uid=uid, designs=one.designs, ignore=one.ignore, value=one.fields.whole)


def _find(entry: VariantEntry, by_name: Mapping[str, Sequence[Variant]]) -> Variant | None:
    """The variant that an entry names by its SKU id, or else by its seller SKU."""
    named = "sku_id" if entry.sku_id else "seller_sku"
    wanted = entry.sku_id or entry.seller_sku
    found = [one for one in by_name.get(wanted, ()) if getattr(one, named) == wanted]
    if len(found) == 1:
        return found[0]
    if wanted:
        many = "several variants with" if found else "no variant with"
        guess = "" if found or entry.sku_id else did_you_mean(wanted, by_name)
        entry.fields.at(named).fault(f"the store has {many} the {named.replace('_', ' ')} {wanted!r}{guess}")
    return None


def _orderable(entry: VariantEntry, offered: Mapping[str, OrderableUid]) -> OrderableUid | None:
    """The entry's product UID, whose print areas its designs suit."""
    if not entry.uid:
        return None
    uid = offered.get(entry.uid)
    if uid is None:
        guess = did_you_mean(entry.uid, offered)
        entry.fields.at("uid").fault(f"the customer may order no product UID {entry.uid}{guess}")
        return None
    known = {area.name for area in uid.areas}
    for area, design in entry.designs.items():
        if area not in known:
            design.value.fault(f"{uid.product} has no print area {area}{did_you_mean(area, known)}")
    for area in [one.name for one in uid.areas if one.required and one.name not in entry.designs]:
        entry.fields.whole.fault(f"a design is missing for {area}")
    return uid


def _decide(store: Store, one: Wanted, read: Read, gathered: Gathered) -> Change:
    pinned = _pinned(one, read, gathered) if one.uid else ()
    return change(store, one, one.uid.uid if one.uid else "", pinned, one.ignore)


def change(store: Store, one: Wanted, uid: str, pinned: tuple[Pinned, ...], ignore: str | None) -> Change:
    """What has to become of a variant or listing so that it prints this, is ignored, or neither."""
    if uid:
        designs = {each.area: each.printed for each in pinned}
        same = one.connected is not None and (one.connected.product_uid, one.connected.designs) == (uid, designs)
        kind = UNCHANGED if same else CHANGE if one.connected else CREATE
        wanted = Decision(0, one.state.connected if same else one.state.connections + 1, uid, designs)
        words = deciding.in_words(one.target, wanted, "")
    elif ignore is not None:
        same = one.connected is None and one.ignored is not None and one.ignored.why == ignore
        kind = UNCHANGED if same else IGNORE
        words = deciding.ignored_in_words(ignore, one.state.ignored if same else one.state.ignores + 1)
    else:
        kind = DISCONNECT if one.connected else UNIGNORE if one.ignored else UNCHANGED
        words = deciding.in_words(one.target, None, "")
    was = deciding.now_in_words(one.target, one.connected, one.ignored)
    return Change(store, kind, one.target, was, words, one.state, uid, pinned, ignore or "")


def _pinned(one: Wanted, read: Read, gathered: Gathered) -> tuple[Pinned, ...]:
    """The designs of an entry, each checked on its print area; what cannot be printed is told as a fault."""
    assert one.uid is not None
    areas = {area.name: area for area in one.uid.areas}
    found = []
    for name, entry in sorted(one.designs.items()):
        before = one.connected.designs.get(name) if one.connected else None
        same = one.connected is not None and one.connected.product_uid == one.uid.uid
        if same and before and (before.sha256, before.placement) == (entry.sha256, entry.placement):
            found.append(Pinned(name, entry.sha256, entry.source, None, before.placement, None, before.print_sha256))
            continue
        try:
            found.append(gathered.exactly(areas[name], entry.source, entry.sha256, read.known, entry.placement))
        except BadInput as error:
            entry.value.fault(str(error))
    return tuple(found)
