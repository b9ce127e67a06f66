"""What each variant prints: connections, in versions, each with its pinned designs."""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Connection, ConnectionDesign, Design, Ignored, IgnoreScope, Listing, Store, Variant
from gcw_tiktok.workflow import history, naming
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.designs import checks, pinning, placing
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import ignoring


@dataclass(frozen=True)
class Pinned:
    """A design for one print area, and where it was pinned from."""

    area: str
    sha256: str
    source: str
    stored: pinning.Stored | None = None
    """The file itself, where the database does not know it yet."""
    placement: Placement | None = None
    """Where it lies on the area; None: as the file itself says."""
    ready: pinning.Stored | None = None
    """The print-ready file that was made from it, where production does not get the design itself."""
    print_sha256: str | None = None
    """That file's hash."""

    @property
    def printed(self) -> "Printed":
        return Printed(self.sha256, self.placement, self.print_sha256)


@dataclass(frozen=True)
class Printed:
    """What one print area gets: the same values, the same print."""

    sha256: str
    placement: Placement | None = None
    print_sha256: str | None = None


@dataclass(frozen=True)
class Decision:
    """What a variant prints now: the current version of its connection, whole."""

    connection_id: int
    version: int
    product_uid: str
    designs: Mapping[str, Printed]
    """By print area."""


@dataclass
class VariantView:
    """A variant with its listing and what it prints."""

    variant: Variant
    listing: Listing
    decision: Decision | None
    sources: dict[str, str] = field(default_factory=dict)
    ignored: Ignored | None = None
    """Why nothing of it is printed here, where that was decided."""


def find_variant(session: Session, store: Store, wanted: str) -> Variant:
    """The variant with this SKU id or seller SKU; a seller SKU that stands for several is refused."""
    living = select(Variant).where(Variant.store_id == store.id)
    exact = session.exec(living.where((Variant.sku_id == wanted) | (Variant.seller_sku == wanted))).all()
    present = [variant for variant in exact if variant.gone_at is None] or list(exact)
    if len(present) == 1:
        return present[0]
    if present:
        ids = ", ".join(sorted(variant.sku_id for variant in present))
        raise BadInput(f"Several variants have the seller SKU {wanted}: {ids}.", "Name one by its SKU id.")
    everything = session.exec(living.where(col(Variant.gone_at).is_(None))).all()
    see = f"gcw products {'list' if everything else 'sync'} {shlex.quote(store.name)}"
    return naming.choose("variant", wanted, everything, lambda one: (one.seller_sku or one.sku_id, one.sku_id), see)


def split_designs(given: Sequence[str], areas: Sequence[offer.PrintArea]) -> dict[str, str]:
    """`FILE` or `AREA=FILE` for each design, as print area → source. A bare file is for the first area."""
    names = {area.name for area in areas}
    sources: dict[str, str] = {}
    for one in given:
        before, equals, after = one.partition("=")
        area, source = (before, after) if equals and before in names else (areas[0].name if areas else "", one)
        if not areas:
            raise BadInput("This product comes from stock: it takes no design.", "Leave --design out.")
        if equals and before not in names and re.fullmatch(r"[\w-]+", before):
            raise BadInput(
                f"The product has no print area {before}.", f"It has: {_list(names)}. A file's name may follow ./"
            )
        if area in sources:
            raise BadInput(
                f"The print area {area} is given two designs.", f"Write AREA=FILE; the areas are: {_list(names)}."
            )
        sources[area] = source
    missing = [area.name for area in areas if area.required and area.name not in sources]
    if missing:
        example = " ".join(f"--design {name}=FILE" for name in missing)
        raise BadInput(f"A design is missing for: {_list(missing)}.", f"Add {example}.", code="design_missing")
    return sources


def pin(
    area: offer.PrintArea,
    source: str,
    bring: Callable[[str], pinning.Stored],
    *,
    folder: Path | None = None,
    placement: Placement | None = None,
) -> tuple[Pinned, list[str]]:
    """Has one design brought in for a print area; `BadInput` when it cannot be printed there. Where it is placed,
    and where presses could not read it, its print-ready file is made as well: in `folder`, else beside it.

    What works but may disappoint comes back as warnings. The database knows of the file once it is connected.
    """
    return checked(area, source, bring(source), placement, folder)  # no transaction is open across the network


def checked(
    area: offer.PrintArea,
    source: str,
    stored: pinning.Stored,
    placement: Placement | None = None,
    folder: Path | None = None,
) -> tuple[Pinned, list[str]]:
    """A stored file as the design of a print area, and what may disappoint; `BadInput` where it cannot be printed.

    Its print-ready file, where it needs one, is made in `folder`, else beside the design.
    """
    findings = checks.check(stored.facts, area, placement)
    failures = [finding.sentence for finding in findings if finding.level == "fail"]
    if failures:
        raise BadInput(
            f"{pinning.name_of(source)} cannot be printed on {area.name}. {' '.join(failures)}", code="design_unfit"
        )
    pinned = Pinned(area.name, stored.sha256, source, stored, placement)
    if placing.needs_print_ready(stored.facts, placement):
        from gcw_tiktok.workflow.designs import printing  # it loads much, which few need

        ready = printing.ready(stored.path, stored.facts, area, placement, folder or stored.path.parent)
        pinned = replace(pinned, ready=ready, print_sha256=ready.sha256)
    return pinned, [one.sentence for one in findings if one.level == "warn"]


def connect(
    session: Session,
    act: Act,
    store: Store,
    variant: Variant,
    product_uid: str,
    pinned: Iterable[Pinned],
    why: str = "",
) -> tuple[Connection, bool]:
    """Ties the variant to what it prints; whether that is a new version or what it was already."""
    files = sorted(pinned, key=lambda one: one.area)
    lock(session, variant)
    before = current(session, [variant]).get(variant.sku_id)
    if before and before.product_uid == product_uid and before.designs == {one.area: one.printed for one in files}:
        return session.get_one(Connection, before.connection_id), False
    if before:
        _end(session, before, act)
    ignoring.end(session, act, store, [(IgnoreScope.VARIANT, variant.sku_id)], "It was connected.")
    assert variant.id is not None
    made = Connection(
        variant_id=variant.id,
        version=newest_version(session, variant) + 1,
        product_uid=product_uid,
        made_at=act.now,
        made_by=act.who,
        why=why or None,
    )
    session.add(made)
    session.flush()
    assert made.id is not None
    for one in files:
        for stored in (one.stored, one.ready):
            if stored:
                pinning.record(session, stored, act.now)
        session.add(
            ConnectionDesign(
                connection_id=made.id,
                area=one.area,
                sha256=one.sha256,
                source=one.source,
                placement=one.placement.as_json() if one.placement else None,
                print_sha256=one.print_sha256,
            )
        )
    session.flush()
    history.record(
        session,
        act,
        f"sku:{variant.sku_id}",
        "connected",
        why,
        version=made.version,
        product_uid=product_uid,
        store=store.shop_id,
    )
    return made, True


def lock(session: Session, variant: Variant) -> None:
    """Makes others who would connect this variant wait until the transaction ends."""
    session.exec(select(Variant.id).where(Variant.id == variant.id).with_for_update(key_share=True)).one()


def disconnect(session: Session, act: Act, variant: Variant, why: str = "") -> bool:
    """Ends what the variant prints; whether there was something to end."""
    before = current(session, [variant]).get(variant.sku_id)
    if before is None:
        return False
    _end(session, before, act)
    history.record(session, act, f"sku:{variant.sku_id}", "disconnected", why, version=before.version)
    return True


def newest_version(session: Session, variant: Variant) -> int:
    """The number of the variant's newest version, ended or not; 0 where it was never connected."""
    return session.exec(select(func.max(Connection.version)).where(Connection.variant_id == variant.id)).one() or 0


def like(session: Session, store: Store, wanted: str) -> tuple[str, list[Pinned]]:
    """The product UID and pinned designs of another variant's newest version, ended or not."""
    found = newest(session, find_variant(session, store, wanted))
    if found is None:
        raise BadInput(f"{wanted} has never been connected.", f"See `gcw products list {shlex.quote(store.name)}`.")
    return found.product_uid, pinned_of(session, [found.id or 0]).get(found.id or 0, [])


def newest(session: Session, variant: Variant) -> Connection | None:
    """The variant's newest version, ended or not."""
    query = select(Connection).where(Connection.variant_id == variant.id).order_by(col(Connection.version).desc())
    return session.exec(query).first()


def pinned_of(session: Session, connection_ids: Sequence[int]) -> dict[int, list[Pinned]]:
    """The designs of these versions, by the version's key."""
    found: dict[int, list[Pinned]] = {}
    for start in range(0, len(connection_ids), 500):
        mine = col(ConnectionDesign.connection_id).in_(connection_ids[start : start + 500])
        for row in session.exec(select(ConnectionDesign).where(mine).order_by(ConnectionDesign.area)):
            one = Pinned(row.area, row.sha256, row.source, placement=placement_of(row), print_sha256=row.print_sha256)
            found.setdefault(row.connection_id, []).append(one)
    return found


def current(session: Session, variants: Iterable[Variant]) -> dict[str, Decision]:
    """What these variants print now, by SKU id; those without a connection are left out."""
    return _current(session, {variant.id: variant.sku_id for variant in variants})


def decisions(session: Session, store_id: int, sku_ids: Iterable[str]) -> dict[str, Decision]:
    """What these SKUs of a store print now."""
    wanted = (Variant.store_id == store_id, col(Variant.sku_id).in_(set(sku_ids)))
    rows = session.exec(select(col(Variant.id), Variant.sku_id).where(*wanted))
    return _current(session, dict(rows.all()))


def _current(session: Session, by_id: Mapping[int | None, str]) -> dict[str, Decision]:
    """The decisions on variants, given by number; by SKU id."""
    about = (Connection.variant_id, col(Connection.id), Connection.version, Connection.product_uid)
    wanted = (col(Connection.variant_id).in_(by_id), col(Connection.ended_at).is_(None))
    found = session.exec(select(*about).where(*wanted)).all()
    files: dict[int, dict[str, Printed]] = {}
    if found:
        those = col(ConnectionDesign.connection_id).in_([connection_id for _, connection_id, _, _ in found])
        for row in session.exec(select(ConnectionDesign).where(those)):
            printed = Printed(row.sha256, placement_of(row), row.print_sha256)
            files.setdefault(row.connection_id, {})[row.area] = printed
    return {
        by_id[variant_id]: Decision(connection_id or 0, version, uid, files.get(connection_id or 0, {}))
        for variant_id, connection_id, version, uid in found
    }


def views(session: Session, store: Store, *, gone: bool = False) -> list[VariantView]:
    """Every variant of a store with its listing and connection, by listing."""
    query = (
        select(Variant, Listing)
        .join(Listing, col(Variant.listing_id) == Listing.id)
        .where(Variant.store_id == store.id)
        .order_by(col(Listing.title), col(Variant.id))
    )
    if not gone:
        query = query.where(col(Variant.gone_at).is_(None))
    pairs = session.exec(query).all()
    decided: dict[str, Decision] = {}
    for start in range(0, len(pairs), 500):
        decided |= current(session, [variant for variant, _ in pairs[start : start + 500]])
    ignored = ignoring.of_variants(session, store.id or 0, pairs, decided)
    return [
        VariantView(variant, listing, decided.get(variant.sku_id), ignored=ignored.get(variant.sku_id))
        for variant, listing in pairs
    ]


def versions(session: Session, variant: Variant) -> list[tuple[Connection, list[tuple[ConnectionDesign, Design]]]]:
    """Every version of what a variant prints or printed, newest first, with its designs."""
    found = session.exec(
        select(Connection).where(Connection.variant_id == variant.id).order_by(col(Connection.version).desc())
    ).all()
    return [
        (
            one,
            list(
                session.exec(
                    select(ConnectionDesign, Design)
                    .join(Design, col(ConnectionDesign.sha256) == Design.sha256)
                    .where(ConnectionDesign.connection_id == one.id)
                )
            ),
        )
        for one in found
    ]


def placement_of(row: ConnectionDesign) -> Placement | None:
    """Where somebody placed a design; None where nobody did."""
    return Placement(**row.placement) if row.placement else None


def _end(session: Session, decision: Decision, act: Act) -> None:
    row = session.get_one(Connection, decision.connection_id)
    row.ended_at = act.now
    session.add(row)
    session.flush()


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
