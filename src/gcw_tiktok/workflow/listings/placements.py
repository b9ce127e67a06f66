"""Where the designs of a connection lie on their print areas: looked at, planned, and made a new version."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import Session

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.tables import Connection, Design, Store, Variant
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import pinning, placing
from gcw_tiktok.workflow.designs.laying import Laid
from gcw_tiktok.workflow.designs.placing import Mode, Placement
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.listings.connections import Pinned


@dataclass(frozen=True)
class Wish:
    """What is to change of a placement; what is None stays."""

    mode: Mode | None = None
    scale: float | None = None
    x_mm: float | None = None
    y_mm: float | None = None
    rotate: int | None = None
    reset: bool = False
    """Begin with no placement at all."""

    def changed(self, before: Placement | None, area: PrintArea) -> Placement | None:
        """The placement as it is wished for; None where nobody places the design."""
        start = None if self.reset else before
        told = {name: value for name, value in vars(self).items() if name != "reset" and value is not None}
        if not told:
            return start
        return placing.checked(replace(start or placing.usual(area), **told))


@dataclass(frozen=True)
class Plan:
    """What one placement makes of a connection."""

    connection_id: int
    product_uid: str
    pinned: Sequence[Pinned]
    """What it prints now, by area."""
    before: Laid
    after: Laid

    def refuse(self) -> None:
        """`BadInput` when the design could not be printed as it would lie."""
        failures = [one.sentence for one in self.after.findings() if one.level == "fail"]
        if failures:
            words = f"It cannot be printed so on {self.after.area.name}. {' '.join(failures)}"
            raise BadInput(words, "See it with `gcw design preview` and the same options.", code="design_unfit")


def look(session: Session, store: Store, variant: Variant, area: str, folder: Path) -> Plan:
    """The design on one print area of what a variant prints now; the area may be left out where there is one."""
    name = shlex.quote(store.name)
    decision = connections.current(session, [variant]).get(variant.sku_id)
    if decision is None:
        sku = shlex.quote(variant.seller_sku or variant.sku_id)
        raise BadInput(
            f"{variant.seller_sku or variant.sku_id} is not connected.",
            f"Run `gcw products connect {name} {sku} UID --design FILE`.",
            code="not_connected",
        )
    pinned = connections.pinned_of(session, [decision.connection_id]).get(decision.connection_id, [])
    orderable = offer.variant_of(session, decision.product_uid)
    one = _chosen(pinned, area, decision.product_uid)
    areas = {each.name: each for each in orderable.areas}
    if one.area not in areas:
        raise BadInput(
            f"{orderable.product} has no print area {one.area} any more.", "Connect the variant again.", code="no_area"
        )
    design = session.get_one(Design, one.sha256)
    path = pinning.path_of(design, folder)
    if not path.is_file():
        raise BadInput(f"The pinned design {design.sha256[:12]} is missing from {folder}.", "Restore it from a backup.")
    laid = Laid(orderable, areas[one.area], one.source, path, pinning.facts_of(design), one.placement)
    return Plan(decision.connection_id, decision.product_uid, pinned, laid, laid)


def plan(seen: Plan, wish: Wish) -> Plan:
    """The same with the design placed as wished."""
    return replace(seen, after=replace(seen.after, placement=wish.changed(seen.before.placement, seen.before.area)))


def apply(
    session: Session, act: Act, store: Store, variant: Variant, plan: Plan, ready: pinning.Stored | None
) -> tuple[Connection, bool]:
    """Makes it what the variant prints; whether that is a new version. `ready` is what `make` gave."""
    connections.lock(session, variant)
    decision = connections.current(session, [variant]).get(variant.sku_id)
    if decision is None or decision.connection_id != plan.connection_id:
        raise TryAgain("The variant was connected anew meanwhile.", "Run it again.")
    after = plan.after
    pinned = [
        replace(one, placement=after.placement, ready=ready, print_sha256=ready.sha256 if ready else None)
        if one.area == after.area.name
        else one
        for one in plan.pinned
    ]
    why = f"{after.area.name} placed: {after.placement or 'as the file says'}"
    return connections.connect(session, act, store, variant, plan.product_uid, pinned, why=why)


def make(plan: Plan, folder: Path) -> pinning.Stored | None:
    """The print-ready file of the design as it will lie, where production needs one."""
    after = plan.after
    if not placing.needs_print_ready(after.facts, after.placement):
        return None
    from gcw_tiktok.workflow.designs import printing  # it loads much, which few need

    return printing.ready(after.design, after.facts, after.area, after.placement, folder)


def split_places(given: Sequence[str], areas: Sequence[PrintArea]) -> dict[str, Placement]:
    """`fit`, `fill` or `AREA=fit` for each, as print area → placement. A bare one is for the first area."""
    names = [area.name for area in areas]
    found: dict[str, Placement] = {}
    for one in given:
        before, equals, after = one.rpartition("=")
        area = before if equals else next(iter(names), "")
        if area not in names:
            raise BadInput(f"The product has no print area {area}.", f"It has: {', '.join(names) or 'none'}.")
        if after not in ("fit", "fill"):
            raise BadInput(f"{after!r} is no way to place a design.", "Use fit or fill.")
        found[area] = Placement("fill" if after == "fill" else "fit")
    return found


def _chosen(pinned: Sequence[Pinned], area: str, uid: str) -> Pinned:
    names = [one.area for one in pinned]
    if not pinned:
        raise BadInput(f"{uid} comes from stock: it has no design to place.")
    if not area and len(pinned) == 1:
        return pinned[0]
    if not area:
        raise BadInput(f"It has designs on several print areas: {', '.join(names)}.", "Name one after the SKU.")
    for one in pinned:
        if one.area == area:
            return one
    raise BadInput(f"There is no design on {area}.", f"There are designs on: {', '.join(names)}.")
