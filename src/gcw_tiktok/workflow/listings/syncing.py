"""Brings our listings level with TikTok's; never loses a connection on the way."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.errors import CheckFailed
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Listing, Store, Variant
from gcw_tiktok.tiktok import products
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.errors import TikTokRefused
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.history import Act

GONE = frozenset({"DELETED"})
"""Statuses under which TikTok still names a product that is not there any more."""
BATCH = 200
"""Listings stored in one transaction."""
KINDS = ("new", "changed", "gone", "re-keyed")
"""What can become of a variant."""


@dataclass(frozen=True)
class RemoteVariant:
    """A variant as TikTok lists it now."""

    sku_id: str
    seller_sku: str
    options: Mapping[str, str]
    price: Decimal | None
    currency: str

    @property
    def title(self) -> str:
        return " / ".join(self.options.values())


@dataclass(frozen=True)
class RemoteListing:
    """A listing as TikTok has it now. `variants` is None where nothing changed since we last read it."""

    product_id: str
    title: str
    status: str
    updated_at: int
    variants: tuple[RemoteVariant, ...] | None


@dataclass(frozen=True)
class KnownVariant:
    """A variant as we remember it."""

    sku_id: str
    seller_sku: str
    options: Mapping[str, str]
    price: Decimal | None
    currency: str
    gone: bool


@dataclass
class VariantChange:
    """One line of the report: what became of a variant."""

    kind: str
    """One of `KINDS`."""
    sku_id: str
    seller_sku: str
    title: str
    product_id: str = ""
    was: str = ""
    """The former SKU id of a re-keyed variant."""


@dataclass
class Changes:
    """What a sync found, and what it will write."""

    listings: list[RemoteListing] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    """Product ids that TikTok no longer has."""
    variants: list[VariantChange] = field(default_factory=list)
    unchanged: int = 0
    unread: dict[str, str] = field(default_factory=dict)
    """Why TikTok would not show a listing, by its title; its variants stay as they were known."""

    def counts(self) -> dict[str, int]:
        """How many variants became what."""
        return {kind: sum(change.kind == kind for change in self.variants) for kind in KINDS}


def compare(remote: Sequence[RemoteListing], known: Mapping[str, Mapping[str, KnownVariant]]) -> Changes:
    """What differs. `known` holds our variants by SKU id under their product id; a product that TikTok did
    not name is gone."""
    changes = Changes()
    for listing in remote:
        if listing.variants is None:
            changes.unchanged += 1
            continue
        changes.listings.append(listing)
        changes.variants += _compare_variants(listing.product_id, listing.variants, known.get(listing.product_id, {}))
    for product_id in sorted(set(known) - {listing.product_id for listing in remote}):
        living = [variant for variant in known[product_id].values() if not variant.gone]
        if living or not known[product_id]:
            changes.gone.append(product_id)
            changes.variants += [_gone(product_id, variant) for variant in living]
    return changes


def _compare_variants(
    product_id: str, remote: Sequence[RemoteVariant], known: Mapping[str, KnownVariant]
) -> list[VariantChange]:
    found = []
    present = {variant.sku_id for variant in remote}
    vanished = {one.sku_id: one for one in known.values() if not one.gone and one.sku_id not in present}
    for variant in remote:
        former = known.get(variant.sku_id)
        if former is None:
            was = _same_options(variant, remote, vanished.values())
            kind = "re-keyed" if was else "new"
            found.append(VariantChange(kind, variant.sku_id, variant.seller_sku, variant.title, product_id, was))
            vanished.pop(was, None)
        elif former.gone or not _alike(variant, former):
            found.append(VariantChange("changed", variant.sku_id, variant.seller_sku, variant.title, product_id))
    return found + [_gone(product_id, variant) for variant in vanished.values()]


def _same_options(variant: RemoteVariant, remote: Sequence[RemoteVariant], vanished: Iterable[KnownVariant]) -> str:
    """The SKU id of the only vanished variant with the same options; TikTok re-keys after edits. Nothing
    where it could be meant by another variant as well."""
    if not variant.options or sum(dict(one.options) == dict(variant.options) for one in remote) > 1:
        return ""
    twins = [old.sku_id for old in vanished if dict(old.options) == dict(variant.options)]
    return twins[0] if len(twins) == 1 else ""


def _alike(remote: RemoteVariant, known: KnownVariant) -> bool:
    return (
        remote.seller_sku == known.seller_sku
        and dict(remote.options) == dict(known.options)
        and remote.price == known.price
        and remote.currency == known.currency
    )


def _gone(product_id: str, variant: KnownVariant) -> VariantChange:
    title = " / ".join(variant.options.values())
    return VariantChange("gone", variant.sku_id, variant.seller_sku, title, product_id)


def sync(
    database: Database,
    client: Client,
    store: Store,
    act: Act,
    *,
    accept_empty: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Changes:
    """Reads every listing of the store and stores what changed, unless `dry_run`.

    Stops with `CheckFailed` when TikTok suddenly returns nothing where we knew some.
    """
    with database.view() as session:
        known = _known(session, store)
        read_at = _read_at(session, store)
    remote: list[RemoteListing] = []
    unread: dict[str, str] = {}
    for row in products.search(client):
        if row.status not in GONE:
            remote.append(_read(client, row, known.get(row.id, {}), read_at.get(row.id, 0), unread))
            progress(len(remote), None)
    living = sum(any(not one.gone for one in variants.values()) for variants in known.values())
    if living and not remote and not accept_empty:
        raise CheckFailed(
            f"TikTok returned no listing at all for {store.name}, where gcw knows {living}. Nothing was changed.",
            f"If they are really gone: `gcw products sync {shlex.quote(store.name)} --yes`",
        )
    changes = compare(remote, known)
    changes.unread = unread
    if not dry_run:
        _apply(database, store, changes, act)
    return changes


def sync_one(database: Database, client: Client, store: Store, act: Act, product_id: str) -> Changes:
    """Reads one listing and stores what changed in it."""
    remote = []
    try:
        product = products.detail(client, product_id)
        remote = [] if product.status in GONE else [_remote(product, product)]
    except TikTokRefused as error:
        if error.tiktok_code not in products.UNKNOWN:
            raise
    with database.view() as session:
        known = _known(session, store, product_id)
    changes = compare(remote, known)
    _apply(database, store, changes, act, whole=False)
    return changes


def _read(
    client: Client,
    row: products.ProductRow,
    known: Mapping[str, KnownVariant],
    read_at: int,
    unread: dict[str, str],
) -> RemoteListing:
    """The listing in full, where it changed since it was read (Unix seconds, TikTok's)."""
    if row.update_time and row.update_time == read_at:
        return RemoteListing(row.id, row.title, row.status, row.update_time, None)
    try:
        product = products.detail(client, row.id)
    except TikTokRefused as error:  # it is frozen, or was deleted since: no reason to leave the others unread
        unread[row.title or row.id] = str(error)
        return RemoteListing(row.id, row.title, row.status, 0, _without_detail(row, known))
    return _remote(product, row)


def _remote(product: products.Product, row: products.ProductRow) -> RemoteListing:
    """The listing with its variants from the detail, under the status and time of `row`."""
    variants = tuple(
        RemoteVariant(sku.id, sku.seller_sku, sku.options, sku.price, sku.currency) for sku in product.skus
    )
    return RemoteListing(row.id, product.title or row.title, row.status, row.update_time, variants)


def _without_detail(row: products.ProductRow, known: Mapping[str, KnownVariant]) -> tuple[RemoteVariant, ...]:
    """The variants as the search shows them; their choices are those that we know."""
    found = []
    for sku in row.skus:
        former = known.get(sku.id)
        options = former.options if former else {}
        price = former.price if former else sku.price
        found.append(RemoteVariant(sku.id, sku.seller_sku, options, price, sku.currency))
    return tuple(found)


def _read_at(session: Session, store: Store) -> dict[str, int]:
    """TikTok's time of change for every listing that we hold in full. A listing and its variants are stored
    in one transaction, so where the one is, the others are."""
    present = (Listing.store_id == store.id, col(Listing.gone_at).is_(None))
    return dict(session.exec(select(Listing.product_id, Listing.updated_at).where(*present)).all())


def _known(session: Session, store: Store, only: str = "") -> dict[str, dict[str, KnownVariant]]:
    mine = [Listing.store_id == store.id, *([Listing.product_id == only] if only else [])]
    listed = session.exec(select(Listing.product_id).where(*mine, col(Listing.gone_at).is_(None)))
    known: dict[str, dict[str, KnownVariant]] = {product_id: {} for product_id in listed}
    rows = session.exec(
        select(Listing.product_id, Variant).join(Variant, col(Variant.listing_id) == Listing.id).where(*mine)
    )
    for product_id, variant in rows:
        known.setdefault(product_id, {})[variant.sku_id] = KnownVariant(
            variant.sku_id,
            variant.seller_sku,
            variant.options,
            variant.price,
            variant.currency,
            variant.gone_at is not None,
        )
    return known


def _apply(database: Database, store: Store, changes: Changes, act: Act, *, whole: bool = True) -> None:
    """Writes the columns that TikTok owns; connections hang on the variant's row and stay. Only a `whole`
    sync makes the store a synced one.

    Whatever a transaction writes is whole: after a kill between two of them, the next sync finds the rest.
    """
    of_product: dict[str, list[VariantChange]] = {}
    for change in changes.variants:
        of_product.setdefault(change.product_id, []).append(change)
    for start in range(0, len(changes.listings), BATCH):
        part = changes.listings[start : start + BATCH]
        with _writing(database, store) as session:
            for listing in part:
                _write(session, store, listing, act.now)
            _finish(session, store, act, [one for row in part for one in of_product.get(row.product_id, [])])
    with _writing(database, store) as session:
        for start in range(0, len(changes.gone), BATCH):
            _end(session, store, changes.gone[start : start + BATCH], act.now)
        _finish(session, store, act, [one for product_id in changes.gone for one in of_product.get(product_id, [])])
        if whole:
            found = session.get_one(Store, store.id)
            found.synced_at = act.now
            session.add(found)


@contextmanager
def _writing(database: Database, store: Store) -> Iterator[Session]:
    """A unit of work on the store's listings; another sync of the store waits for it."""
    with database.session() as session:
        session.exec(select(Store.id).where(Store.id == store.id).with_for_update(key_share=True)).one()
        yield session


def _finish(session: Session, store: Store, act: Act, changes: Sequence[VariantChange]) -> None:
    """Marks what was re-keyed and writes down what happened, with the rows that it happened to."""
    for change in changes:
        if change.kind == "re-keyed":
            _mark_replaced(session, store, change)
    if changes:
        counts: dict[str, Any] = {**Changes(variants=list(changes)).counts()}
        history.record(session, act, f"store:{store.shop_id}", "synced", **counts)


def _end(session: Session, store: Store, product_ids: Sequence[str], now: int) -> None:
    wanted = select(Listing).where(Listing.store_id == store.id, col(Listing.product_id).in_(product_ids))
    for row in session.exec(wanted).all():
        row.gone_at = now
        session.add(row)
        _let_go(session, row, set(), now)


def _write(session: Session, store: Store, remote: RemoteListing, now: int) -> None:
    assert store.id is not None
    assert remote.variants is not None
    query = select(Listing).where(Listing.store_id == store.id, Listing.product_id == remote.product_id)
    listing = session.exec(query).first() or Listing(store_id=store.id, product_id=remote.product_id)
    listing.title, listing.status, listing.updated_at = remote.title, remote.status, remote.updated_at
    listing.gone_at = None
    session.add(listing)
    session.flush()
    assert listing.id is not None
    sku_ids = [variant.sku_id for variant in remote.variants]
    rows = session.exec(select(Variant).where(Variant.store_id == store.id, col(Variant.sku_id).in_(sku_ids)))
    by_sku = {row.sku_id: row for row in rows}
    for variant in remote.variants:
        row = by_sku.get(variant.sku_id) or Variant(store_id=store.id, listing_id=listing.id, sku_id=variant.sku_id)
        row.listing_id, row.seller_sku, row.options = listing.id, variant.seller_sku, dict(variant.options)
        row.price, row.currency, row.gone_at, row.replaced_by = variant.price, variant.currency, None, None
        session.add(row)
    _let_go(session, listing, set(sku_ids), now)


def _let_go(session: Session, listing: Listing, keep: set[str], now: int) -> None:
    for row in session.exec(select(Variant).where(Variant.listing_id == listing.id)):
        if row.sku_id not in keep and row.gone_at is None:
            row.gone_at = now
            session.add(row)


def _mark_replaced(session: Session, store: Store, change: VariantChange) -> None:
    old = session.exec(select(Variant).where(Variant.store_id == store.id, Variant.sku_id == change.was)).one()
    old.replaced_by = change.sku_id
    session.add(old)
