"""Brings our listings level with TikTok's; never loses a connection on the way."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.errors import CheckFailed
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Listing, Store, Variant
from gcw_tiktok.tiktok import products
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.history import Act

GONE = frozenset({"DELETED"})
"""Statuses under which TikTok still names a product that is not there any more."""
BATCH = 200
"""Listings stored in one transaction."""


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
    """new, changed, gone or re-keyed."""
    sku_id: str
    seller_sku: str
    title: str
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

    def count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.variants)


def compare(
    remote: Sequence[RemoteListing], known: Mapping[str, Mapping[str, KnownVariant]], *, complete: bool = True
) -> Changes:
    """What differs. `known` holds our variants by SKU id under their product id. With `complete`, a
    product that TikTok did not name is gone."""
    changes = Changes()
    for listing in remote:
        if listing.variants is None:
            changes.unchanged += 1
            continue
        changes.listings.append(listing)
        changes.variants += _compare_variants(listing.variants, known.get(listing.product_id, {}))
    if complete:
        missing = set(known) - {listing.product_id for listing in remote}
        for product_id in sorted(missing):
            living = [variant for variant in known[product_id].values() if not variant.gone]
            if living:
                changes.gone.append(product_id)
                changes.variants += [_gone(variant) for variant in living]
    return changes


def _compare_variants(remote: Sequence[RemoteVariant], known: Mapping[str, KnownVariant]) -> list[VariantChange]:
    found = []
    vanished = {v.sku_id: v for v in known.values() if not v.gone and v.sku_id not in {r.sku_id for r in remote}}
    for variant in remote:
        former = known.get(variant.sku_id)
        if former is None:
            was = _same_options(variant, vanished.values())
            kind = "re-keyed" if was else "new"
            found.append(VariantChange(kind, variant.sku_id, variant.seller_sku, variant.title, was))
            vanished.pop(was, None)
        elif former.gone or not _alike(variant, former):
            found.append(VariantChange("changed", variant.sku_id, variant.seller_sku, variant.title))
    return found + [_gone(variant) for variant in vanished.values()]


def _same_options(variant: RemoteVariant, vanished: Iterable[KnownVariant]) -> str:
    """The SKU id of the only vanished variant with the same options; TikTok re-keys after edits."""
    twins = [old.sku_id for old in vanished if variant.options and dict(old.options) == dict(variant.options)]
    return twins[0] if len(twins) == 1 else ""


def _alike(remote: RemoteVariant, known: KnownVariant) -> bool:
    return (
        remote.seller_sku == known.seller_sku
        and dict(remote.options) == dict(known.options)
        and remote.price == known.price
        and remote.currency == known.currency
    )


def _gone(variant: KnownVariant) -> VariantChange:
    return VariantChange("gone", variant.sku_id, variant.seller_sku, " / ".join(variant.options.values()))


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
        seen_at = dict(
            session.exec(select(Listing.product_id, Listing.updated_at).where(Listing.store_id == store.id)).all()
        )
    remote = []
    for row in products.search(client):
        if row.status not in GONE:
            same = seen_at.get(row.id) == row.update_time and any(not v.gone for v in known.get(row.id, {}).values())
            remote.append(_unchanged(row) if same else _read(client, row))
            progress(len(remote), None)
    if not remote and not accept_empty and any(not v.gone for variants in known.values() for v in variants.values()):
        raise CheckFailed(
            f"TikTok returned no listing at all for {store.name}, where gcw knows {len(known)}. Nothing was changed.",
            f'If they are really gone: gcw products sync "{store.name}" --yes',
        )
    changes = compare(remote, known)
    if not dry_run:
        _apply(database, store, changes, act)
    return changes


def _read(client: Client, row: products.ProductRow) -> RemoteListing:
    product = products.detail(client, row.id)
    variants = tuple(
        RemoteVariant(sku.id, sku.seller_sku, sku.options, sku.price, sku.currency) for sku in product.skus
    )
    return RemoteListing(row.id, product.title or row.title, row.status, row.update_time or 0, variants)


def _unchanged(row: products.ProductRow) -> RemoteListing:
    return RemoteListing(row.id, row.title, row.status, row.update_time or 0, None)


def _known(session: Session, store: Store) -> dict[str, dict[str, KnownVariant]]:
    known: dict[str, dict[str, KnownVariant]] = {}
    rows = session.exec(
        select(Listing.product_id, Variant)
        .join(Variant, col(Variant.listing_id) == Listing.id)
        .where(Listing.store_id == store.id)
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


def _apply(database: Database, store: Store, changes: Changes, act: Act) -> None:
    """Writes the columns that TikTok owns; connections hang on the variant's row and stay."""
    for start in range(0, len(changes.listings), BATCH):
        with database.session() as session:
            for listing in changes.listings[start : start + BATCH]:
                _write(session, store, listing, act.now)
    with database.session() as session:
        for row in session.exec(
            select(Listing).where(Listing.store_id == store.id, col(Listing.product_id).in_(changes.gone))
        ):
            row.gone_at = act.now
            session.add(row)
            _let_go(session, row, set(), act.now)
        for change in changes.variants:
            if change.kind == "re-keyed":
                _mark_replaced(session, store, change)
        found = session.get_one(Store, store.id)
        found.synced_at = act.now
        session.add(found)
        counts: dict[str, Any] = {kind: changes.count(kind) for kind in ("new", "changed", "gone", "re-keyed")}
        if any(counts.values()):
            history.record(session, act, f"store:{store.shop_id}", "synced", **counts)


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
        row.price, row.currency, row.gone_at = variant.price, variant.currency, None
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
