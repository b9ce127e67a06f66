"""What a store sells, listing by listing, with how much of each is connected: as quick with very many."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlmodel import Session

from gcw_tiktok.errors import CheckFailed
from gcw_tiktok.store.tables import IgnoreScope, Person, Store, StoreStatus
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.listings import syncing
from gcw_tiktok.workflow.listings.overview import CONNECTIONS, IGNORED, LISTINGS, SELLABLE, VARIANTS
from gcw_tiktok.workflow.listings.syncing import Synced
from gcw_tiktok.workflow.publishing import following
from gcw_tiktok.workflow.storefronts.jobs import Beat, Ended, Work
from gcw_tiktok.workflow.storefronts.portal import Portal

A_PAGE = 50
MOST_WORDS = 8
"""Of a search; more than that is no search but an accident."""
SYNC = "sync"
"""The kind of job."""
ALL_GONE = "TikTok returned no product at all, though this store had some. Nothing was changed."


class Tab(StrEnum):
    """Which listings of a store are shown."""

    ALL = "all"
    CONNECTED = "connected"
    WAITING = "waiting"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Share:
    """How many of a store's variants print something."""

    connected: int
    variants: int
    ignored: int

    @property
    def sentence(self) -> str:
        """For whoever looks at the store."""
        if not self.variants:
            return "No products yet."
        if self.ignored == self.variants:
            return "None of its variants is printed here."
        return f"{self.connected:,} of {self.variants - self.ignored:,} variants connected."


@dataclass(frozen=True)
class Row:
    """A listing, and how many of its variants print something, or are ignored; the others wait for a decision."""

    id: int
    product_id: str
    title: str
    status: str
    picture: str | None
    updated_at: int
    variants: int
    connected: int
    ignored: int


@dataclass(frozen=True)
class Page:
    """One page of a store's listings, with how many each tab has."""

    rows: Sequence[Row]
    counts: Mapping[Tab, int]
    number: int
    pages: int
    share: Share
    """Of what the search finds."""


def page(session: Session, store_id: int, tab: Tab, search: str, number: int) -> Page:
    """The listings of a tab that the search finds, by title."""
    counted = [_Counts(*row) for row in session.connection().execute(_counting(store_id, search))]
    of_tab = Counter(one.tab for one in counted)
    mine = counted if tab == Tab.ALL else [one for one in counted if one.tab == tab]
    pages = max(1, -(-len(mine) // A_PAGE))
    number = min(max(number, 1), pages)
    shown = mine[(number - 1) * A_PAGE : number * A_PAGE]
    counts = {one: len(counted) if one == Tab.ALL else of_tab[one] for one in Tab}
    return Page(_rows(session, shown), counts, number, pages, _share(counted))


class _Counts(NamedTuple):
    """A listing's variants, counted."""

    listing_id: int
    variants: int
    connected: int
    ignored: int
    on_sale: int

    @property
    def tab(self) -> Tab:
        """Where the listing stands, beside *all*."""
        if self.variants > self.connected + self.ignored:
            return Tab.WAITING
        return Tab.CONNECTED if self.connected else Tab.IGNORED


def _share(counted: Sequence[_Counts]) -> Share:
    on_sale = [one for one in counted if one.on_sale]
    connected, ignored = sum(one.connected for one in on_sale), sum(one.ignored for one in on_sale)
    return Share(connected, sum(one.variants for one in on_sale), ignored)


def shares(session: Session, store_ids: Sequence[int]) -> dict[int, Share]:
    """By store: of the variants that buyers can order, how many are connected. What is ignored is told apart."""
    store_id = LISTINGS.c.store_id
    query = (
        select(store_id, func.count(CONNECTIONS.c.id), func.count(), func.count(case((_ignored(), 1))))
        .select_from(_joined())
        .where(store_id.in_(store_ids), VARIANTS.c.gone_at.is_(None), LISTINGS.c.status == SELLABLE)
        .group_by(store_id)
    )
    found = {of: Share(*counts) for of, *counts in session.connection().execute(query)}
    return {of: found.get(of, Share(0, 0, 0)) for of in store_ids}


def syncs(portal: Portal, store: Store, person: Person, *, accept_empty: bool) -> Work:
    """Brings the store's listings level with TikTok's, as `gcw products sync` does."""
    if store.status != StoreStatus.CONNECTED:
        raise stores.not_connected(store)

    def work(beat: Beat) -> Ended:
        act, database = portal.act(person), portal.database
        client = portal.client_for(store)
        try:
            found = syncing.sync(database, client, store, act, accept_empty=accept_empty, most=0, progress=beat)
        except CheckFailed:
            return Ended(ALL_GONE, facts={"all_gone": True})
        with database.session() as session:
            following.complete(session, store, act)
        return Ended(_in_words(found), facts={"unread": found.unread})

    return work


def _in_words(found: Synced) -> str:
    told = [f"{count:,} {kind}" for kind, count in found.counts.items() if count]
    if not told:
        return "Your products are as they were: nothing changed at TikTok."
    number = sum(found.counts.values())
    return f"{', '.join(told)} {'variant' if number == 1 else 'variants'}."


def _rows(session: Session, shown: Sequence[_Counts]) -> list[Row]:
    listing = LISTINGS.c
    facts = (listing.id, listing.product_id, listing.title, listing.status, listing.picture, listing.updated_at)
    wanted = select(*facts).where(listing.id.in_([one.listing_id for one in shown]))
    told = {row.id: row for row in session.connection().execute(wanted)}
    return [Row(*told[one.listing_id], one.variants, one.connected, one.ignored) for one in shown]


def _counting(store_id: int, search: str) -> Any:
    """Every listing of the store that the search finds, by title, with the counts of its variants."""
    variant, listing = VARIANTS.c, LISTINGS.c
    ignored, on_sale = func.count(case((_ignored(), 1))), case((listing.status == SELLABLE, 1), else_=0)
    query = (
        select(listing.id, func.count(), func.count(CONNECTIONS.c.id), ignored, on_sale)
        .select_from(_joined())
        .where(listing.store_id == store_id, listing.gone_at.is_(None), variant.gone_at.is_(None))
        .group_by(listing.id)
        .order_by(func.lower(listing.title), listing.id)
    )
    for word in search.split()[:MOST_WORDS]:
        query = query.where(_has(word))
    return query


def _has(word: str) -> Any:
    """Whether a listing's title or id, or a variant's seller SKU or id, contains a word."""
    variant, listing = VARIANTS.c, LISTINGS.c
    mine: Select[Any] = select(variant.id).where(variant.listing_id == listing.id, variant.gone_at.is_(None))
    sku = or_(variant.seller_sku.icontains(word, autoescape=True), variant.sku_id.contains(word, autoescape=True))
    title = listing.title.icontains(word, autoescape=True)
    return or_(title, listing.product_id.contains(word, autoescape=True), exists(mine.where(sku).correlate(LISTINGS)))


def _joined() -> Any:
    """Listings with their variants and what those print."""
    current = and_(CONNECTIONS.c.variant_id == VARIANTS.c.id, CONNECTIONS.c.ended_at.is_(None))
    return LISTINGS.join(VARIANTS, VARIANTS.c.listing_id == LISTINGS.c.id).outerjoin(CONNECTIONS, current)


def _ignored() -> Any:
    """Whether nothing of a variant is printed here because somebody said so."""
    by_variant = _saying(IgnoreScope.VARIANT, VARIANTS.c.sku_id).correlate(VARIANTS, LISTINGS)
    by_listing = _saying(IgnoreScope.LISTING, LISTINGS.c.product_id).correlate(VARIANTS, LISTINGS)
    return and_(CONNECTIONS.c.id.is_(None), or_(by_listing.exists(), by_variant.exists()))


def _saying(scope: IgnoreScope, subject: Any) -> Select[Any]:
    one = IGNORED.c
    mine = one.store_id == LISTINGS.c.store_id
    return select(one.id).where(mine, one.scope == scope.value, one.subject == subject, one.ended_at.is_(None))
