"""One order as its page shows it: what is printed on which units, its parcels, what holds it and what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, select

from gcw_tiktok.store.tables import Connection, HoldReason, Line, Order, Person, Shipment, Stage, Store, Variant
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN, least_advanced
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.orders import explaining, kinds, story
from gcw_tiktok.workflow.orders.explaining import Entry, Facts, Step
from gcw_tiktok.workflow.people import people
from gcw_tiktok.workflow.shipping import parcels
from gcw_tiktok.workflow.storefronts import deeds, sight, telling, tracking
from gcw_tiktok.workflow.storefronts.deeds import Deed
from gcw_tiktok.workflow.storefronts.telling import Explained, Milestone


@dataclass(frozen=True)
class Units:
    """Units of an order that are alike."""

    line_id: str
    """That of the first of them."""
    line_ids: Sequence[str]
    product: str
    variant: str
    seller_sku: str
    sku_id: str
    stage: Stage
    gift: bool = False
    personalised: bool = False
    ignored: bool = False
    prints: str = ""
    """What it is printed on, in words; empty where that is not known yet."""
    version: int | None = None
    areas: Sequence[str] = ()
    """Print areas of which there is a picture."""
    variant_id: int | None = None
    listing_id: int | None = None

    @property
    def count(self) -> int:
        return len(self.line_ids)

    @property
    def waits(self) -> bool:
        """Whether it is not known yet what to print."""
        return not self.prints and not self.ignored and self.stage in OPEN


@dataclass(frozen=True)
class Parcel:
    """What left in one box. Where somebody else told TikTok of it, when is not known."""

    carrier: str
    tracking_number: str
    page: str
    """Where anybody can follow it; empty where no such page is known."""
    stage: Stage
    units: int
    told_at: int | None = None
    warning: str = ""


@dataclass(frozen=True)
class Whole:
    """All that the page shows."""

    order: Order
    store: Store
    particular: Sequence[str]
    way: Sequence[Milestone]
    holds: Sequence[Explained]
    following: str
    units: Sequence[Units]
    parcels: Sequence[Parcel]
    story: Sequence[Entry]
    together: Sequence[str] = ()
    """The other orders that TikTok marked to travel with it."""
    commands: Mapping[str, Any] = field(default_factory=dict)
    """By reason: gcw's own sentence about a hold and the command that resolves it; for operators."""
    next: Step | None = None
    """The same of what happens next."""
    possible: Sequence[Deed] = ()
    """What operators may do about it with one click."""

    @property
    def is_open(self) -> bool:
        """Whether nothing of it is with production or has left."""
        return self.order.released_at is None and all(one.stage in OPEN | {Stage.CANCELED} for one in self.units)

    @property
    def is_over(self) -> bool:
        return self.order.stage not in OPEN | IN_WORK

    def to_connect(self, reason: HoldReason) -> list[Units]:
        """Variants, each once, whose connection resolves a hold; none where it waits for the buyer's wishes."""
        if reason == HoldReason.DESIGN_PROBLEM and any(one.personalised for one in self.units):
            return []
        found = [one for one in self.units if one.waits or (reason == HoldReason.DESIGN_PROBLEM and one.prints)]
        return list({one.sku_id: one for one in found if one.variant_id and one.stage in OPEN}.values())


def whole(session: Session, person: Person, order: Order, store: Store) -> Whole:
    """The order for this person: operators read gcw's own words, a customer's people those meant for them."""
    facts, operator = story.gather(session, order), sight.is_operator(person)
    own = {one.email: people.name_of(one) for one in people.of(session, store.customer_id)}
    return Whole(
        order=order,
        store=store,
        particular=list(kinds.facts(order)),
        way=telling.way(facts),
        holds=telling.explained(facts),
        following=telling.following(facts),
        units=_units(session, facts),
        parcels=_parcels(session, facts),
        story=explaining.timeline(facts) if operator else telling.story(facts, own),
        together=_together(session, order),
        commands={hold.reason: hold for hold in facts.holds} if operator else {},
        next=explaining.following(facts) if operator else None,
        possible=deeds.possible(order, facts.holds, to_approve=_personalised(facts)) if operator else (),
    )


def _personalised(facts: Facts) -> bool:
    return any(line.personalised and line.stage in OPEN for line in facts.lines)


def _together(session: Session, order: Order) -> list[str]:
    if not order.combine_group:
        return []
    mine = (Order.store_id == order.store_id, Order.combine_group != "", Order.combine_group == order.combine_group)
    others = select(Order.order_id).where(*mine, Order.id != order.id, Order.stage != Stage.CANCELED)
    return list(session.exec(others.order_by(Order.order_id)))


def _units(session: Session, facts: Facts) -> list[Units]:
    """Alike is what is the same variant, printed by the same version and as far."""
    groups: dict[tuple[Any, ...], list[Line]] = {}
    for line in facts.lines:
        version = facts.connections.get(line.line_id)
        alike = (line.sku_id, line.stage, version and version.id, line.ignored_id, line.gift, line.personalised)
        groups.setdefault(alike, []).append(line)
    listed = _listed(session, facts)
    versions = {one.id or 0: one for one in facts.connections.values()}
    prints = {key: _prints(session, one) for key, one in versions.items()}
    areas = {key: [one.area for one in ones] for key, ones in connections.pinned_of(session, list(versions)).items()}
    return [_alike(lines, facts.connections.get(lines[0].line_id), prints, areas, listed) for lines in groups.values()]


def _alike(
    lines: Sequence[Line],
    version: Connection | None,
    prints: Mapping[int, str],
    areas: Mapping[int, Sequence[str]],
    listed: Mapping[str, Variant],
) -> Units:
    first, variant = lines[0], listed.get(lines[0].sku_id)
    key = (version.id or 0) if version else 0
    return Units(
        line_id=first.line_id,
        line_ids=[line.line_id for line in lines],
        product=first.product_name,
        variant=first.sku_name,
        seller_sku=first.seller_sku,
        sku_id=first.sku_id,
        stage=first.stage,
        gift=first.gift,
        personalised=first.personalised,
        ignored=first.ignored_id is not None,
        prints=prints.get(key, ""),
        version=version.version if version else None,
        areas=areas.get(key, ()),
        variant_id=variant.id if variant else None,
        listing_id=variant.listing_id if variant else None,
    )


def _listed(session: Session, facts: Facts) -> dict[str, Variant]:
    skus = {line.sku_id for line in facts.lines}
    mine = select(Variant).where(Variant.store_id == facts.store.id, Variant.sku_id.in_(skus))  # type: ignore[attr-defined]
    return {one.sku_id: one for one in session.exec(mine)}


def _prints(session: Session, version: Connection) -> str:
    found = offer.variant_of(session, version.product_uid)
    return ", ".join(filter(None, (found.product, found.variant)))


def _parcels(session: Session, facts: Facts) -> list[Parcel]:
    told = {one.package_id: one for one in facts.shipments}
    found = []
    for inside in parcels.of_lines(facts.lines):
        first = inside[0]
        known: Shipment | None = told.get(first.package_id)
        found.append(
            Parcel(
                carrier=first.carrier,
                tracking_number=first.tracking_number,
                page=tracking.page(first.carrier, first.tracking_number),
                stage=least_advanced([line.stage for line in inside]),
                units=len(inside),
                told_at=known.told_at if known else None,
                warning=known.warning if known else "",
            )
        )
    return found
