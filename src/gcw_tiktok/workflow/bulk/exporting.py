"""Writes a store's variants as a file to fill in: one row a variant, with what each prints now."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from gcw_tiktok.store.tables import Connection, ConnectionDesign, Listing, Store, Variant
from gcw_tiktok.workflow.bulk.columns import DESIGN, GIVEN, UID, further, to_fill
from gcw_tiktok.workflow.bulk.finding import as_told
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.listings import ignoring, many
from gcw_tiktok.workflow.listings.many import Standing

LISTINGS_AT_ONCE = 500


@dataclass(frozen=True)
class Sheet:
    """A store as it is written out: which columns it has, and how many variants there are."""

    store: Store
    areas: tuple[str, ...]
    """Print areas that have a column of their own."""
    variants: int

    @property
    def header(self) -> list[str]:
        return [*GIVEN, UID, DESIGN, *map(further, self.areas)]

    @property
    def fill(self) -> list[str]:
        """The columns to fill in."""
        return [name for name in self.header if to_fill(name)]


def sheet(session: Session, store: Store) -> Sheet:
    """The columns: one for each area that is not the first of its product, in what its customer may order or prints."""
    mine = (Variant.store_id == store.id, col(Variant.gone_at).is_(None))
    used = select(Connection.product_uid, ConnectionDesign.area).distinct()
    used = used.join(ConnectionDesign, col(ConnectionDesign.connection_id) == Connection.id)
    used = used.join(Variant, col(Variant.id) == Connection.variant_id).where(*mine, col(Connection.ended_at).is_(None))
    firsts = Firsts(session)
    areas = {area for uid, area in session.exec(used).all() if area != firsts.of(uid)}
    for product in offer.orderable(session, store.customer_id):
        areas.update(area.name for one in product.uids[:1] for area in one.areas[1:])
    count = session.exec(select(func.count()).select_from(Variant).where(*mine)).one()
    return Sheet(store, tuple(sorted(areas)), count)


def chunks(
    session: Session, found: Sheet, *, not_connected: bool = False, for_customer: bool = False
) -> Iterator[list[list[str]]]:
    """The rows, column by column, some hundred listings at a time; those of a listing stand together.

    `for_customer`: uploaded designs are told by their names.
    """
    firsts = Firsts(session)
    for listings in _listings(session, found.store):
        rows = [
            _row(found, firsts, listing, variant, as_told(standing) if for_customer else standing, ignored)
            for listing, variant, standing, ignored in _variants(session, found.store, listings)
            if not (not_connected and (standing.current or ignored))
        ]
        if rows:
            yield [list(column) for column in zip(*rows, strict=True)]
        session.expunge_all()  # what is written is not kept in memory


class Firsts:
    """Which print area of a product is its first, by UID."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, str] = {}

    def of(self, uid: str) -> str:
        if uid not in self._known:
            areas = offer.variant_of(self._session, uid).areas
            self._known[uid] = areas[0].name if areas else ""
        return self._known[uid]


def _listings(session: Session, store: Store) -> Iterator[Sequence[Listing]]:
    last = 0
    while found := session.exec(
        select(Listing)
        .where(Listing.store_id == store.id, col(Listing.id) > last)
        .order_by(col(Listing.id))
        .limit(LISTINGS_AT_ONCE)
    ).all():
        last = found[-1].id or 0
        yield found


def _variants(
    session: Session, store: Store, listings: Sequence[Listing]
) -> Iterator[tuple[Listing, Variant, Standing, bool]]:
    assert store.id is not None
    ids = [one.id or 0 for one in listings]
    of_listing: dict[int, list[Variant]] = defaultdict(list)
    query = select(Variant).where(col(Variant.listing_id).in_(ids), col(Variant.gone_at).is_(None))
    for variant in session.exec(query.order_by(col(Variant.id))).all():
        of_listing[variant.listing_id].append(variant)
    pairs = [(variant, one) for one in listings for variant in of_listing[one.id or 0]]
    standings = many.standings(session, store.id, [variant.sku_id for variant, _ in pairs])
    connected = {sku_id for sku_id, standing in standings.items() if standing.current}
    ignored = ignoring.of_variants(session, store.id, pairs, connected)
    for variant, listing in pairs:
        yield listing, variant, standings[variant.sku_id], variant.sku_id in ignored


def _row(
    found: Sheet, firsts: Firsts, listing: Listing, variant: Variant, standing: Standing, ignored: bool
) -> list[str]:
    uid = standing.current.product_uid if standing.current else ""
    first = firsts.of(uid) if uid else ""
    state = "connected" if uid else "ignored" if ignored else "not_connected"
    title = " / ".join(variant.options.values())
    given = [listing.product_id, listing.title, variant.sku_id, title, variant.seller_sku, state]
    designs = [standing.sources.get(area, "") if area != first else "" for area in found.areas]
    return [*given, uid, standing.sources.get(first, ""), *designs]
