"""Variants with their listings and connections as plain rows: a store may have very many."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlmodel import Session, SQLModel

from gcw_tiktok.store.tables import IgnoreScope, Store

SELLABLE = "ACTIVATE"
"""TikTok's status of a listing that buyers see."""
VARIANTS, LISTINGS, CONNECTIONS, IGNORED = (
    SQLModel.metadata.tables[name] for name in ("variant", "listing", "connection", "ignored")
)


class Seen(NamedTuple):
    """A variant with its listing, and which version of its connection is current."""

    id: int
    sku_id: str
    seller_sku: str
    options: dict[str, str]
    seen_at: int | None
    changed_at: int | None
    gone_at: int | None
    listing: str
    product_id: str
    status: str
    """TikTok's word for the listing."""
    connection_id: int | None
    version: int | None
    product_uid: str | None
    ignored: str | None
    """Why it is not printed here, which may be empty; None where nobody said so, or it is connected and so printed."""

    @property
    def title(self) -> str:
        return " / ".join(self.options.values())


@dataclass(frozen=True)
class Wanted:
    """Which variants of a store are asked for."""

    gone: bool = False
    """Also what TikTok no longer lists."""
    not_connected: bool = False
    """Only what prints nothing and is not ignored."""
    status: str = ""
    seen_since: int | None = None
    changed_since: int | None = None


def variants(session: Session, store: Store, wanted: Wanted) -> Iterator[Seen]:
    """A store's variants, by listing."""
    found = _query(store, wanted).order_by(LISTINGS.c.title, VARIANTS.c.id)
    return map(_seen, session.connection().execute(found))


def groups(session: Session, store: Store, wanted: Wanted, most: int) -> Iterator[list[Seen]]:
    """The same in groups, in the order in which they were first seen."""
    after = 0
    query = _query(store, wanted).order_by(VARIANTS.c.id).limit(most)
    while group := [_seen(row) for row in session.connection().execute(query.where(VARIANTS.c.id > after))]:
        yield group
        after = group[-1].id


def counts(session: Session) -> dict[int, tuple[int, int]]:
    """By store: how many of its variants buyers can order and nobody ignores, and how many of those print something."""
    connected = CONNECTIONS.c.id.is_not(None)
    query = (
        select(VARIANTS.c.store_id, func.count(), func.count(CONNECTIONS.c.id))
        .select_from(_joined())
        .where(VARIANTS.c.gone_at.is_(None), LISTINGS.c.status == SELLABLE, or_(connected, ~_is_ignored()))
        .group_by(VARIANTS.c.store_id)
    )
    return {store_id: (all_, some) for store_id, all_, some in session.connection().execute(query)}


def _seen(row: Any) -> Seen:
    return Seen(*row)


def _query(store: Store, wanted: Wanted) -> Select[Any]:
    variant, listing, connection = VARIANTS.c, LISTINGS.c, CONNECTIONS.c
    columns = (
        variant.id, variant.sku_id, variant.seller_sku, variant.options, variant.seen_at, variant.changed_at,
        variant.gone_at, listing.title, listing.product_id, listing.status, connection.id, connection.version,
        connection.product_uid, case((connection.id.is_(None), _why_ignored())),
    )  # fmt: skip
    query = select(*columns).select_from(_joined()).where(variant.store_id == store.id)
    if not wanted.gone:
        query = query.where(variant.gone_at.is_(None))
    if wanted.not_connected:
        query = query.where(connection.id.is_(None), ~_is_ignored())
    if wanted.status:
        query = query.where(listing.status == wanted.status)
    if wanted.seen_since is not None:
        query = query.where(variant.seen_at >= wanted.seen_since)
    if wanted.changed_since is not None:
        query = query.where(variant.changed_at >= wanted.changed_since)
    return query


def _joined() -> Any:
    current = and_(CONNECTIONS.c.variant_id == VARIANTS.c.id, CONNECTIONS.c.ended_at.is_(None))
    return VARIANTS.join(LISTINGS, LISTINGS.c.id == VARIANTS.c.listing_id).outerjoin(CONNECTIONS, current)


def _is_ignored() -> Any:
    return exists(_ignoring(IgnoreScope.VARIANT)) | exists(_ignoring(IgnoreScope.LISTING))


def _why_ignored() -> Any:
    """The decision on the variant itself, else that on its listing."""
    return func.coalesce(
        _ignoring(IgnoreScope.VARIANT).scalar_subquery(), _ignoring(IgnoreScope.LISTING).scalar_subquery()
    )


def _ignoring(scope: IgnoreScope) -> Select[Any]:
    subject = VARIANTS.c.sku_id if scope == IgnoreScope.VARIANT else LISTINGS.c.product_id
    return (
        select(IGNORED.c.why)
        .where(IGNORED.c.store_id == VARIANTS.c.store_id, IGNORED.c.scope == scope.value)
        .where(IGNORED.c.subject == subject, IGNORED.c.ended_at.is_(None))
        .correlate(VARIANTS, LISTINGS)
    )
