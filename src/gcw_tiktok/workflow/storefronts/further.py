"""Several variants of one listing at once: each its own size of a product, all of them the same design."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Connection, Design, Listing, Person, Store, Variant
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import OrderableProduct, OrderableUid, PrintArea
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections, ignoring, many
from gcw_tiktok.workflow.listings.connections import Pinned
from gcw_tiktok.workflow.storefronts import choosing, variants
from gcw_tiktok.workflow.storefronts.jobs import Beat, Ended, Work
from gcw_tiktok.workflow.storefronts.portal import Portal
from gcw_tiktok.workflow.storefronts.sight import NotThere

KIND = "further variants"
"""The kind of job."""


@dataclass(frozen=True)
class Candidate:
    """Another variant of the listing, with the choice of the product that suits it."""

    variant: Variant
    uid: str
    suits: bool
    """Whether its own options say so; otherwise it is the choice of the first."""
    prints: str
    """What it prints now, in words; empty where nothing."""
    ticked: bool
    ignored: bool = False
    """Whether somebody said that it is not printed here."""

    @property
    def name(self) -> str:
        return variants.name_of(self.variant)


@dataclass(frozen=True)
class Example:
    """What a variant prints, for others to print it as well."""

    variant: Variant
    product: OrderableProduct
    uid: OrderableUid
    pinned: Sequence[Pinned]


def example(session: Session, store: Store, variant: Variant) -> Example:
    """What this variant prints now."""
    decision = connections.current(session, [variant]).get(variant.sku_id)
    if decision is None:
        raise BadInput(f"{variants.name_of(variant)} is not connected.", "Connect it first.")
    uid = offer.require_uid(session, decision.product_uid, store.customer_id)
    pinned = connections.pinned_of(session, [decision.connection_id]).get(decision.connection_id, [])
    return Example(variant, offer.orderable_product(session, store.customer_id, uid.product), uid, pinned)


def candidates(
    session: Session, first: Variant, product: OrderableProduct, uid: OrderableUid, ticked: Sequence[int] | None = None
) -> list[Candidate]:
    """The other variants of the listing. Ticked are the given ones, else those that nobody has decided about."""
    listing = session.get_one(Listing, first.listing_id)
    others = [one for one in variants.living(session, listing) if one.id != first.id]
    now = connections.current(session, others)
    store_id, pairs = listing.store_id, [(one, listing) for one in others]
    ignored = ignoring.of_variants(session, store_id, pairs, now)
    names = {each.product_uid for each in now.values()}
    known = {each: offer.variant_of(session, each) for each in names}
    found = []
    for one in others:
        decision = now.get(one.sku_id)
        printed = known[decision.product_uid] if decision else None
        suited = choosing.uid_of(product, uid.values | choosing.guess(product, one))
        told = ", ".join(filter(None, (printed.product, printed.variant))) if printed else ""
        left = one.sku_id in ignored
        tick = decision is None and not left if ticked is None else one.id in ticked
        found.append(Candidate(one, (suited or uid).uid, _says(product, one), told, tick, left))
    return found


def _says(product: OrderableProduct, variant: Variant) -> bool:
    """Whether something of the choice can be told from the variant's own options."""
    return any(len(product.variants[name]) > 1 for name in choosing.guess(product, variant))


def from_stock(session: Session, act: Act, store: Store, first: Variant, wanted: Mapping[int, str]) -> int:
    """Connects variants of the first one's listing to products that need no design, all or nothing; how many of
    them print something new."""
    found = _variants(session, first, wanted)
    for uid in set(wanted.values()):
        offer.must_be_filled(offer.require_uid(session, uid, store.customer_id), ())
    nothing: list[Pinned] = []
    done = many.connect_many(session, act, store, {one.sku_id: (wanted[one.id or 0], nothing) for one in found})
    return sum(done.values())


def as_example(portal: Portal, store: Store, person: Person, given: Example, wanted: Mapping[int, str]) -> Work:
    """Prints on other variants of the listing what one of them prints, each on the product UID that is given."""
    with portal.database.view() as view:
        _variants(view, given.variant, wanted)

    def work(beat: Beat) -> Ended:
        made: dict[str, Sequence[Pinned]] = {}
        troubles: dict[str, str] = {}
        uids = list(dict.fromkeys(wanted.values()))
        for number, uid in enumerate(uids, 1):
            try:
                made[uid] = _laid_on(portal, store, given, uid)
            except BadInput as error:
                troubles[uid] = str(error)
            beat(number, len(uids), "Laying the design out…")
        act, why = portal.act(person), f"As {variants.name_of(given.variant)}"
        with portal.database.session() as session:
            found = _variants(session, given.variant, wanted)
            wishes = {one.sku_id: (uid, made[uid]) for one in found if (uid := wanted[one.id or 0]) in made}
            done = sum(many.connect_many(session, act, store, wishes, why).values())
        left = [(variants.name_of(one), wanted[one.id or 0]) for one in found]
        told = {name: troubles[uid] for name, uid in left if uid in troubles}
        return Ended(_in_words(done), facts={"listing": given.variant.listing_id, "troubles": told})

    return work


def as_before(session: Session, act: Act, store: Store, variant: Variant) -> Connection:
    """Prints what the variant printed under the id that TikTok has since replaced."""
    former = variants.former(session, store, [variant]).get(variant.sku_id)
    if former is None:
        raise NotThere
    uid, pinned = connections.like(session, store, former)
    offer.must_be_filled(offer.require_uid(session, uid, store.customer_id), [one.area for one in pinned])
    made, _ = connections.connect(session, act, store, variant, uid, pinned)
    return made


def _variants(session: Session, first: Variant, wanted: Mapping[int, str]) -> list[Variant]:
    return variants.chosen(session, session.get_one(Listing, first.listing_id), list(wanted))


def _laid_on(portal: Portal, store: Store, given: Example, uid: str) -> Sequence[Pinned]:
    """The designs of the example, laid on another product UID as they lie on its own."""
    if uid == given.uid.uid:
        return given.pinned
    with portal.database.view() as view:
        other = offer.require_uid(view, uid, store.customer_id)
        kept = {one.sha256: pinning.kept(view.get_one(Design, one.sha256), portal.designs) for one in given.pinned}
    offer.must_be_filled(other, [one.area for one in given.pinned])
    before, after = ({area.name: area for area in each.areas} for each in (given.uid, other))
    found = []
    for one in given.pinned:
        stored = kept[one.sha256]
        if one.area not in after:
            raise BadInput(f"{other.product} has no print area {one.area} in this choice.")
        if stored is None:
            raise BadInput(f"The file {pinning.name_of(one.source)} is missing here. Connect it anew.")
        moved = _scaled(one, before.get(one.area), after[one.area])
        found.append(connections.checked(after[one.area], one.source, stored, moved.placement, portal.designs)[0])
    return found


def _scaled(one: Pinned, before: PrintArea | None, after: PrintArea) -> Pinned:
    """What was moved by millimetres is moved by as much of the other area."""
    if one.placement is None or before is None:
        return one
    across, down = after.width_mm / before.width_mm, after.height_mm / before.height_mm
    x_mm, y_mm = round(one.placement.x_mm * across, 3), round(one.placement.y_mm * down, 3)
    return replace(one, placement=replace(one.placement, x_mm=x_mm, y_mm=y_mm))


def _in_words(done: int) -> str:
    if not done:
        return "Nothing was changed."
    return "1 further variant is connected." if done == 1 else f"{done} further variants are connected."
