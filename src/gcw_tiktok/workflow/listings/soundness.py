"""Whether what a variant is to print can be printed now: decided from values alone."""

import shlex
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from gcw_tiktok.workflow.catalog.offer import OrderableUid, PrintArea
from gcw_tiktok.workflow.designs import addresses, checks, memory, pinning
from gcw_tiktok.workflow.designs.facts import FileFacts
from gcw_tiktok.workflow.designs.placing import Placement


class Reason(StrEnum):
    """What keeps a variant from being covered, the most basic first."""

    NOT_CONNECTED = "not connected"
    PRODUCT_WITHDRAWN = "product withdrawn"
    DESIGN_LACKING = "design lacking"
    FILE_MISSING = "file missing"
    FILE_ALTERED = "file altered"
    SOURCE_CHANGED = "source changed"
    DESIGN_UNFIT = "design unfit"


class Used(NamedTuple):
    """What one print area of a connection gets."""

    source: str
    sha256: str
    placement: Placement | None = None
    print_sha256: str | None = None


class Prints(NamedTuple):
    """A connection: what it prints, by print area."""

    product_uid: str
    designs: dict[str, Used]


class Kept(NamedTuple):
    """A pinned file as the database knows it, and how it lies on the disk."""

    facts: FileFacts
    there: bool
    whole: bool
    """Whether it has the size that it was pinned with."""


class Surroundings(NamedTuple):
    """What connections rely on."""

    offered: Mapping[str, OrderableUid]
    """What the store's customer may order, by UID."""
    kept: Mapping[str, Kept]
    """Pinned files by hash."""
    changed: Mapping[str, str]
    """The file that an address gives now where that is known to be another one, by the address's key."""


class Flaw(NamedTuple):
    """Why a variant is not covered."""

    reason: Reason
    sentence: str
    area: str = ""


UNCONNECTED = Flaw(Reason.NOT_CONNECTED, "It prints nothing.")


def flaw(prints: Prints | None, around: Surroundings) -> Flaw | None:
    """What keeps a variant that prints this from being covered: the most basic of all reasons, or none."""
    if prints is None:
        return UNCONNECTED
    product = around.offered.get(prints.product_uid)
    if product is None:
        return Flaw(Reason.PRODUCT_WITHDRAWN, f"The customer may not order {prints.product_uid} any more.")
    found = list(_flaws(prints, product, around))
    order = list(Reason)
    return min(found, key=lambda one: order.index(one.reason), default=None)


def mend(found: Flaw, store: str, customer: str, sku: str, prints: Prints | None) -> str:
    """The command to go on with."""
    if prints is None:
        return shlex.join(["gcw", "products", "suggest", store])
    if found.reason == Reason.PRODUCT_WITHDRAWN:
        return shlex.join(["gcw", "catalog", "show", "--customer", customer])
    if found.reason == Reason.SOURCE_CHANGED:
        return shlex.join(["gcw", "design", "accept", addresses.shown(prints.designs[found.area].source)])
    sources = {area: used.source for area, used in prints.designs.items()}
    if found.reason in (Reason.DESIGN_LACKING, Reason.DESIGN_UNFIT):
        sources[found.area] = "FILE"
    command = shlex.join(["gcw", "products", "connect", store, sku, prints.product_uid])
    return command + "".join(f" --design {shlex.quote(f'{area}={_typed(one)}')}" for area, one in sources.items())


def _typed(source: str) -> str:
    """A source as it may be shown: what an address has after `?` is often a secret."""
    return source if addresses.shown(source) == source else "FILE"


def _flaws(prints: Prints, product: OrderableUid, around: Surroundings) -> Iterator[Flaw]:
    areas = {area.name: area for area in product.areas}
    for area in product.areas:
        if area.required and area.name not in prints.designs:
            yield Flaw(Reason.DESIGN_LACKING, f"{area.name} has no design.", area.name)
    for name, used in prints.designs.items():
        yield from _lying(name, used, around)
        gives = around.changed.get(memory.key(used.source))
        if gives and gives != used.sha256:
            shown = pinning.name_of(used.source)
            yield Flaw(Reason.SOURCE_CHANGED, f"{shown} is another file at its address now.", name)
        if name not in areas:
            yield Flaw(Reason.DESIGN_UNFIT, f"{product.product} has no print area {name} any more.", name)
        elif used.sha256 in around.kept:
            yield from _unfit(areas[name], used, around.kept[used.sha256].facts)


def _lying(area: str, used: Used, around: Surroundings) -> Iterator[Flaw]:
    shown = pinning.name_of(used.source)
    for digest in filter(None, (used.sha256, used.print_sha256)):
        kept = around.kept.get(digest)
        if kept is None or not kept.there:
            yield Flaw(Reason.FILE_MISSING, f"The pinned file of {shown} is not in the designs folder.", area)
        elif not kept.whole:
            yield Flaw(
                Reason.FILE_ALTERED, f"The pinned file of {shown} has another size than when it was pinned.", area
            )


def _unfit(area: PrintArea, used: Used, facts: FileFacts) -> Iterator[Flaw]:
    for finding in checks.check(facts, area, used.placement):
        if finding.level == "fail":
            yield Flaw(Reason.DESIGN_UNFIT, finding.sentence, area.name)
