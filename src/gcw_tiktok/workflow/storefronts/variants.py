"""One listing with its variants: what each prints, since when, by whose decision, and what is wrong with it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Connection, ConnectionDesign, Ignored, IgnoreScope, Listing, Store, Variant
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import OrderableUid
from gcw_tiktok.workflow.designs import checks, pinning
from gcw_tiktok.workflow.listings import connections, coverage, deciding, ignoring, soundness
from gcw_tiktok.workflow.listings.deciding import Target
from gcw_tiktok.workflow.listings.soundness import Flaw, Kept, Prints, Reason, Surroundings, Used
from gcw_tiktok.workflow.listings.suggesting import LONGEST_CHAIN
from gcw_tiktok.workflow.storefronts.sight import NotThere

KINDLY = {
    Reason.PRODUCT_WITHDRAWN: "This product is not in your catalog any more. Choose another one.",
    Reason.FILE_MISSING: "A design file is missing here: your print provider has to restore it, or you connect anew.",
    Reason.FILE_ALTERED: "A design file was damaged here: your print provider has to restore it, or you connect anew.",
}
"""What is told in other words to those who do not run the machine."""
GOES_ON = " What was connected goes on being printed; connect it anew to print the new file."


@dataclass(frozen=True)
class Design:
    """What one print area gets."""

    area: str
    name: str
    """As the file was called."""
    placed: str
    """How somebody laid it; empty where nobody did."""


@dataclass(frozen=True)
class Printing:
    """The current version of what a variant prints."""

    version: int
    product: str
    choice: str
    """The values that were chosen, in words."""
    since: int
    by: str
    designs: Sequence[Design]


@dataclass(frozen=True)
class Shown:
    """A variant as the page of its listing shows it."""

    variant: Variant
    printing: Printing | None
    ignored: Ignored | None
    warnings: Sequence[str] = ()
    before: str = ""
    """The id that TikTok gave it a new one for, where that one printed something that this one does not."""

    @property
    def name(self) -> str:
        return name_of(self.variant)

    @property
    def alone_ignored(self) -> bool:
        """Whether the variant itself is ignored, not its whole listing."""
        return self.ignored is not None and self.ignored.scope == IgnoreScope.VARIANT


@dataclass(frozen=True)
class Page:
    """A listing with all that TikTok has of it now."""

    variants: Sequence[Shown]
    ignored: Ignored | None
    """The decision on the listing as a whole."""

    @property
    def connected(self) -> int:
        return sum(one.printing is not None for one in self.variants)

    @property
    def example(self) -> Shown | None:
        """One that others could follow: the first that is connected without anything to say against it."""
        connected = [one for one in self.variants if one.printing]
        return next((one for one in connected if not one.warnings), connected[0] if connected else None)

    @property
    def waiting(self) -> list[Shown]:
        """Those that nobody has decided about."""
        return [one for one in self.variants if one.printing is None and one.ignored is None]


def page(session: Session, store: Store, listing: Listing, folder: Path) -> Page:
    """The listing's variants, in TikTok's order."""
    found = living(session, listing)
    printed = _printed(session, found)
    connected = {one.sku_id for one in found if one.id in printed.connections}
    ignored = ignoring.of_variants(session, store.id or 0, [(one, listing) for one in found], connected)
    products = _products(session, printed)
    prints = {one.sku_id: told for one in found if (told := printed.prints(one))}
    warnings = _Warnings(session, store, folder, prints.values())
    was = former(session, store, [one for one in found if one.sku_id not in connected])
    place = (IgnoreScope.LISTING, listing.product_id)
    return Page(
        [
            Shown(
                one,
                _printing(printed, one, products),
                ignored.get(one.sku_id),
                warnings.of(prints.get(one.sku_id)),
                was.get(one.sku_id, ""),
            )
            for one in found
        ],
        ignoring.current(session, store.id or 0, [place]).get(place),
    )


def living(session: Session, listing: Listing) -> Sequence[Variant]:
    """The variants that TikTok has now."""
    mine = select(Variant).where(Variant.listing_id == listing.id, col(Variant.gone_at).is_(None))
    return session.exec(mine.order_by(col(Variant.id))).all()


def chosen(session: Session, listing: Listing, ids: Sequence[int]) -> list[Variant]:
    """These variants of the listing, in its order; `NotThere` where one of them is not its."""
    found = [one for one in living(session, listing) if one.id in ids]
    if len(found) != len(set(ids)):
        raise NotThere
    return found


def targets(session: Session, listing: Listing, ids: Sequence[int]) -> list[Target]:
    """What a decision is about: these variants."""
    return [deciding.as_target(one) for one in chosen(session, listing, ids)]


def name_of(variant: Variant) -> str:
    """What a variant is called: its options, else its seller SKU."""
    return " / ".join(variant.options.values()) or variant.seller_sku or variant.sku_id


@dataclass(frozen=True)
class _Printed:
    """What is connected now, by the variant's key."""

    connections: Mapping[int, Connection]
    designs: Mapping[int, list[ConnectionDesign]] = field(default_factory=dict)

    def prints(self, variant: Variant) -> Prints | None:
        """The same as what is judged by."""
        found = self.connections.get(variant.id or 0)
        if found is None:
            return None
        rows = self.designs.get(variant.id or 0, ())
        used = {row.area: Used(row.source, row.sha256, connections.placement_of(row), row.print_sha256) for row in rows}
        return Prints(found.product_uid, used)


def _printed(session: Session, variants: Sequence[Variant]) -> _Printed:
    ids = [one.id for one in variants]
    current = select(Connection).where(col(Connection.variant_id).in_(ids), col(Connection.ended_at).is_(None))
    found = {one.variant_id: one for one in session.exec(current)}
    of = {one.id: variant_id for variant_id, one in found.items()}
    designs: dict[int, list[ConnectionDesign]] = {}
    mine = select(ConnectionDesign).where(col(ConnectionDesign.connection_id).in_(of))
    for row in session.exec(mine.order_by(col(ConnectionDesign.area))):
        designs.setdefault(of[row.connection_id], []).append(row)
    return _Printed(found, designs)


def _products(session: Session, printed: _Printed) -> dict[str, OrderableUid]:
    return {uid: offer.variant_of(session, uid) for uid in {one.product_uid for one in printed.connections.values()}}


def _printing(printed: _Printed, variant: Variant, products: Mapping[str, OrderableUid]) -> Printing | None:
    found = printed.connections.get(variant.id or 0)
    if found is None:
        return None
    product = products[found.product_uid]
    designs = [
        Design(row.area, pinning.name_of(row.source), str(connections.placement_of(row) or ""))
        for row in printed.designs.get(variant.id or 0, ())
    ]
    return Printing(found.version, product.product, product.variant, found.made_at, found.made_by, designs)


class _Warnings:
    """What may disappoint, and what keeps a variant from being printed at all. The same is judged once."""

    def __init__(self, session: Session, store: Store, folder: Path, prints: Collection[Prints]) -> None:
        kept: dict[str, Kept] = {}
        coverage.look_at_files(session, folder, prints, kept)
        offered = dict(_still_offered(session, store, {one.product_uid for one in prints}))
        self._around = Surroundings(offered, kept, coverage.changed_files(session))
        self._known: dict[object, list[str]] = {}

    def of(self, prints: Prints | None) -> Sequence[str]:
        """In sentences for whoever sells it; none where nothing is printed."""
        if prints is None:
            return ()
        alike = prints.product_uid, tuple(prints.designs.items())
        if alike not in self._known:
            self._known[alike] = list(dict.fromkeys(self._judge(prints)))
        return self._known[alike]

    def _judge(self, prints: Prints) -> Iterator[str]:
        found = soundness.flaw(prints, self._around)
        if found is not None:
            yield _kindly(found)
            return
        for area in self._around.offered[prints.product_uid].areas:
            used = prints.designs.get(area.name)
            if used and used.sha256 in self._around.kept:
                findings = checks.check(self._around.kept[used.sha256].facts, area, used.placement)
                yield from (one.sentence for one in findings if one.level == "warn")


def _kindly(found: Flaw) -> str:
    words = KINDLY.get(found.reason, found.sentence)
    return words + GOES_ON if found.reason == Reason.SOURCE_CHANGED else words


def _still_offered(session: Session, store: Store, uids: set[str]) -> Iterator[tuple[str, OrderableUid]]:
    for uid in uids:
        try:
            yield uid, offer.require_uid(session, uid, store.customer_id)
        except BadInput:
            continue  # it is told as a flaw


def former(session: Session, store: Store, variants: Sequence[Variant]) -> dict[str, str]:
    """By SKU id, the former SKU id of what TikTok has re-keyed, where that was connected once."""
    found: dict[str, str] = {}
    now = {one.sku_id: one.sku_id for one in variants}
    for _ in range(LONGEST_CHAIN):
        wanted = select(Variant).where(Variant.store_id == store.id, col(Variant.replaced_by).in_(now))
        before = {
            one.sku_id: (now[one.replaced_by or ""], one) for one in session.exec(wanted.order_by(col(Variant.id)))
        }
        if not before:
            break
        connected = {was: sku_id for was, (sku_id, one) in before.items() if connections.newest(session, one)}
        found |= {sku_id: was for was, sku_id in connected.items()}
        now = {was: sku_id for was, (sku_id, _) in before.items() if sku_id not in found}
    return found
