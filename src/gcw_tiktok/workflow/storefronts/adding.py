"""Listings that a customer's people add on the pages: begun, filled in step by step, put aside, taken up again.

What was typed is kept as the request of a publication that nothing was sent of yet.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import (
    Connection,
    Listing,
    Person,
    Publication,
    PublicationState,
    Store,
    StoreStatus,
    Variant,
)
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import OrderableProduct, OrderableUid, PrintArea
from gcw_tiktok.workflow.publishing import choices, designs, drafting, sending
from gcw_tiktok.workflow.publishing.complaints import Complaints
from gcw_tiktok.workflow.publishing.wanted import Wanted, from_json, reference_of
from gcw_tiktok.workflow.storefronts import sight
from gcw_tiktok.workflow.storefronts.portal import Portal
from gcw_tiktok.workflow.storefronts.sight import NotThere

OPEN = frozenset(
    {
        PublicationState.WRITTEN,
        PublicationState.REJECTED,
        PublicationState.REFUSED,
        PublicationState.DRAFT,
        PublicationState.GONE,
    }
)
"""States in which a listing may be changed here."""
MOST_LISTED, MOST_TO_COPY = 50, 500
UNNAMED = "NEW-"
"""Begins the reference of what has no title yet."""
SEVERAL = "several"


@dataclass(frozen=True)
class Adding:
    """A listing that is being added, with what it is made from."""

    row: Publication
    store: Store
    wanted: Wanted
    product: OrderableProduct

    @property
    def id(self) -> int:
        return self.row.id or 0

    @property
    def is_open(self) -> bool:
        return self.row.state in OPEN

    @property
    def is_unsent(self) -> bool:
        """Whether TikTok knows nothing of it."""
        return self.row.state == PublicationState.WRITTEN and not self.row.product_id and not self.row.tries

    @property
    def category(self) -> tuple[str, ...]:
        """The way to its category, once that is settled."""
        return tuple(self.row.plan["place"]["way"])

    def areas(self) -> list[PrintArea]:
        return list(designs.areas_of(self.product).values()) if self.product.printed else []

    def sold(self) -> dict[str, str]:
        """The prices of the variants that are to be listed, by UID."""
        found = choices.chosen(self.product, self.wanted.variants, Complaints())
        return {uid.uid: drafting.price_of(self.wanted, self.product, uid) for uid in found}

    def sources(self) -> dict[str, str]:
        """The design of each print area, by name; `several` where variants differ."""
        given = designs.of_variants(self.wanted, self.product, self.product.uids, Complaints())
        by_area: dict[str, set[str]] = {}
        for one in given:
            for area, source in one.items():
                by_area.setdefault(area, set()).add(source)
        return {area: some.pop() if len(some) == 1 else SEVERAL for area, some in by_area.items()}

    def lies(self, area: str) -> str:
        """How the design of a print area lies: `file`, `fit` or `fill`."""
        said = dict(one.rpartition("=")[::2] for one in self.wanted.place)
        return said.get(area, said.get("", "file"))


def find(session: Session, person: Person, store_id: int, publication_id: int) -> Adding:
    """The listing with this id that is being added to this store."""
    store = sight.store(session, person, store_id)
    row = session.exec(
        select(Publication).where(Publication.id == publication_id, Publication.store_id == store.id)
    ).first()
    if row is None:
        raise NotThere
    wanted = from_json(row.request)
    return Adding(row, store, wanted, _product(session, store, wanted.product) or _withdrawn(wanted.product))


def listed(session: Session, store: Store) -> Sequence[Publication]:
    """What was added to a store or is being added, the newest first."""
    mine = select(Publication).where(Publication.store_id == store.id)
    return session.exec(mine.order_by(col(Publication.id).desc()).limit(MOST_LISTED)).all()


def products(session: Session, store: Store) -> list[OrderableProduct]:
    """What may be added: everything that the store's customer may order and that has variants."""
    return [one for one in offer.orderable(session, store.customer_id) if one.uids]


def to_copy(session: Session, store: Store) -> Sequence[tuple[Listing, Store]]:
    """What other stores of the same customer list and print, which may be listed here as well."""
    others = (Store.customer_id == store.customer_id, Store.id != store.id, Store.status == StoreStatus.CONNECTED)
    connected = (
        select(Variant.listing_id)
        .join(Connection, col(Connection.variant_id) == Variant.id)
        .where(col(Connection.ended_at).is_(None), col(Variant.gone_at).is_(None))
    )
    wanted = select(Listing, Store).join(Store, col(Listing.store_id) == Store.id).where(*others)
    wanted = wanted.where(col(Listing.gone_at).is_(None), col(Listing.id).in_(connected))
    return session.exec(wanted.order_by(col(Store.name), col(Listing.title)).limit(MOST_TO_COPY)).all()


def begin(session: Session, portal: Portal, person: Person, store: Store, product: str) -> Publication:
    """A listing of a catalog product, of which nothing is typed yet."""
    if _product(session, store, product) is None:
        raise BadInput("This product cannot be ordered.", "Choose another one.", code="unknown_name")
    return add(session, portal, person, store, Wanted(product=product), {})


def add(
    session: Session, portal: Portal, person: Person, store: Store, wanted: Wanted, prints: Mapping[str, Any]
) -> Publication:
    """Writes down a listing that is to be added; `prints` is what is pinned for it already."""
    reference = f"{UNNAMED}{secrets.token_hex(5).upper()}"
    row = Publication(
        store_id=store.id or 0,
        key=sending.key_of(store, reference),
        reference=reference,
        plan={"place": {"category": "", "way": []}, "prints": dict(prints), "uploads": {}, "templates": []},
        made_at=portal.now(),
        made_by=person.email,
        changed_at=portal.now(),
    )
    session.add(row)
    session.flush()
    _keep(session, store, row, wanted, portal.now())
    return row


def keep(
    portal: Portal,
    adding: Adding,
    changes: Mapping[str, Any],
    place: Mapping[str, Any] | None = None,
    *,
    typed: bool = True,
) -> None:
    """Keeps what was typed. A settled category comes as `place`."""
    try:
        with portal.database.session() as session:
            row = session.get_one(Publication, adding.row.id, with_for_update=True)
            if row.state not in OPEN:
                raise BadInput("This listing is with TikTok just now.", "Wait for its answer, then change it.")
            if place is not None:
                row.plan = row.plan | {"place": dict(place)}
            _keep(
                session,
                adding.store,
                row,
                from_json(row.request).with_changes(changes),
                portal.now() if typed else row.changed_at,
            )
    except IntegrityError as error:
        raise _taken() from error


def _keep(session: Session, store: Store, row: Publication, wanted: Wanted, now: int) -> None:
    """A listing goes by its title as soon as it has one, as `gcw products add` names it: the same title is the same
    listing, and no second one by mistake."""
    if row.reference.startswith(UNNAMED) and wanted.title.strip():
        reference = reference_of(wanted.title)
        if is_taken(session, store, wanted.title):
            raise _taken()
        row.reference, row.key = reference, sending.key_of(store, reference)
    row.request = wanted.with_changes({"reference": row.reference}).as_json()
    row.changed_at = now
    session.add(row)
    session.flush()


def is_taken(session: Session, store: Store, title: str) -> bool:
    """Whether the store has or adds a listing of this title."""
    return sending.find(session, store, reference_of(title)) is not None


def _taken() -> BadInput:
    return BadInput(
        "This store has or adds a listing with this title already.", "Give this one another title.", code="title_taken"
    )


def discard(portal: Portal, adding: Adding) -> None:
    """Forgets what was never sent."""
    with portal.database.session() as session:
        row = session.get(Publication, adding.row.id, with_for_update=True)
        if row is None:
            return
        if row.state != PublicationState.WRITTEN or row.product_id or row.tries:
            raise BadInput("TikTok has this listing already.", "Delete it in Seller Center.")
        session.delete(row)


def variants(product: OrderableProduct, sold: Mapping[str, str]) -> dict[str, Any]:
    """What is wanted when these UIDs are to be listed at these prices."""
    chosen = [uid for uid in product.uids if uid.uid in sold]
    prices = sorted({sold[uid.uid] for uid in chosen})
    if len(prices) > 1:
        prices = [f"{_named(uid)}={sold[uid.uid]}" for uid in chosen if sold[uid.uid]]
    everything = len(chosen) == len(product.uids)
    return {"variants": [] if everything else [_named(uid) for uid in chosen], "price": [one for one in prices if one]}


def with_designs(adding: Adding, new: Mapping[str, str], gone: Sequence[str]) -> list[str]:
    """The designs of the listing when some areas get a new one, or none any more."""
    changed = {*new, *gone}
    left = [one for one in adding.wanted.design if designs.area_of(one, adding.product) not in changed]
    return left + [f"{area}={source}" for area, source in new.items()]


def _named(uid: OrderableUid) -> str:
    return ", ".join(uid.values.values())


def _product(session: Session, store: Store, name: str) -> OrderableProduct | None:
    return next((one for one in products(session, store) if one.name == name), None)


def _withdrawn(name: str) -> OrderableProduct:
    """A product that the customer may not order any more."""
    return OrderableProduct(name, "", "", printed=False, base={}, variants={}, categories=(), uids=())
