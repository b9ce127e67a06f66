"""Which design each variant of a new listing gets on each of its print areas."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.catalog.offer import OrderableProduct, OrderableUid, PrintArea
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.listings.connections import Pinned
from gcw_tiktok.workflow.publishing import choices
from gcw_tiktok.workflow.publishing.choices import For
from gcw_tiktok.workflow.publishing.complaints import Complaints
from gcw_tiktok.workflow.publishing.wanted import Wanted

MODES = {"file": None, "fit": Placement("fit"), "fill": Placement("fill")}
"""How a design may lie: as its file says, or by a placement."""
Places = Mapping[str, Placement | None]
HINT = "Write --design FILE, AREA=FILE, VALUE=FILE or VALUE/AREA=FILE."


def of_variants(
    wanted: Wanted, product: OrderableProduct, uids: Sequence[OrderableUid], complaints: Complaints
) -> list[dict[str, str]]:
    """The source of each print area's file, for each of the variants."""
    if not product.printed:
        if wanted.design:
            complaints.add("design_unwanted", f"{product.name} comes from stock: it takes no design.")
        return [{} for _ in uids]
    known = choices.known_values(product)
    areas = list(dict.fromkeys(area.name for uid in product.uids for area in uid.areas))
    given: dict[str, list[For[str]]] = {area: [] for area in areas}
    for text in wanted.design:
        area, where = _read(text, areas, known)
        if area in given and where:
            given[area].append(where)
        else:
            complaints.add(
                "design_unclear",
                f"{text!r} names neither a print area nor a value of {product.name}.",
                f"{HINT} Print areas: {', '.join(areas)}. Values: {choices.listed(known)}.",
            )
    return [_of_variant(uid, given, complaints) for uid in uids]


def areas_of(product: OrderableProduct) -> dict[str, PrintArea]:
    """The print areas of a product, by name, each as its first variant has it."""
    found: dict[str, PrintArea] = {}
    for uid in product.uids:
        for area in uid.areas:
            found.setdefault(area.name, area)
    return found


def area_of(text: str, product: OrderableProduct) -> str:
    """The print area that one of the designs of a wanted listing is for."""
    return _read(text, list(areas_of(product)), choices.known_values(product))[0]


def placements(wanted: Wanted, uids: Sequence[OrderableUid], complaints: Complaints) -> Places:
    """How the design of each print area lies, where that was said."""
    areas = list(dict.fromkeys(area.name for uid in uids for area in uid.areas))
    found: dict[str, Placement | None] = {}
    for text in sorted(wanted.place, key=lambda one: "=" in one):  # what is said of one area goes before
        area, equals, mode = text.rpartition("=")
        if mode not in MODES or (equals and area not in areas):
            complaints.add(
                "place_unfit",
                f"{text!r} is not fit, fill or file for a print area.",
                f"Write --place fill, or --place AREA=fit. Print areas: {', '.join(areas) or 'none'}.",
            )
        else:
            found |= dict.fromkeys([area] if equals else areas, MODES[mode])
    return found


def _read(text: str, areas: Sequence[str], known: Mapping[str, str]) -> tuple[str, For[str] | None]:
    """The print area, and the source with the values that it is for."""
    key, equals, source = text.partition("=")
    first = areas[0] if areas else ""
    if not equals or pinning.is_address(key) or Path(text).is_file():
        return first, For(frozenset(), text)
    if key in areas:
        return key, For(frozenset(), source)
    values, slash, area = key.rpartition("/")
    if slash and area in areas and (found := choices.values_of(values, known)):
        return area, For(found, source)
    found = choices.values_of(key, known)
    return first, For(found, source) if found else None


def _of_variant(uid: OrderableUid, given: Mapping[str, Sequence[For[str]]], complaints: Complaints) -> dict[str, str]:
    sources = {}
    for area in uid.areas:
        found = list(dict.fromkeys(one.what for one in choices.best(given[area.name], uid)))
        if len(found) > 1:
            complaints.add("design_unclear", f"{uid.variant} has several designs for {area.name}.", HINT)
        elif found:
            sources[area.name] = found[0]
        elif area.required:
            complaints.add("design_missing", f"{uid.variant or uid.product} has no design for {area.name}.", HINT)
    return sources


class Pinner:
    """Pins each design once for each size of print area that it is for."""

    def __init__(
        self,
        bring: Callable[[str], Stored],
        before: Mapping[str, Sequence[Pinned]],
        placed: Places,
        folder: Path,
    ) -> None:
        """`before` is what was pinned for each UID: nothing of it is fetched again. `placed` says how designs lie, by
        print area; print-ready files are made in the folder."""
        self._bring, self._placed, self._folder = bring, placed, folder
        self._before = before
        self._pinned: dict[tuple[str, PrintArea], Pinned] = {}
        self.warnings: dict[str, None] = {}

    def pin(self, uid: OrderableUid, sources: Mapping[str, str], complaints: Complaints) -> list[Pinned]:
        """The files of one variant, checked against its print areas."""
        before = self._before.get(uid.uid, [])
        if before and {one.area: one.source for one in before} == sources and self._lie_so(before):
            return list(before)
        found = []
        for area in uid.areas:
            if area.name not in sources:
                continue
            key = (sources[area.name], area)
            try:
                if key not in self._pinned:
                    lies = self._placed.get(area.name)
                    self._pinned[key], warnings = connections.pin(
                        area, sources[area.name], self._bring, folder=self._folder, placement=lies
                    )
                    self.warnings |= dict.fromkeys(f"{uid.variant} {area.name}: {words}" for words in warnings)
                found.append(self._pinned[key])
            except BadInput as error:
                complaints.add(error.code, f"{uid.variant}: {error}" if uid.variant else str(error), error.hint)
        return found

    def _lie_so(self, before: Sequence[Pinned]) -> bool:
        """Whether these lie as is wanted; where nothing was said, they lie as they did."""
        return all(self._placed.get(one.area, one.placement) == one.placement for one in before)


def as_kept(one: Pinned) -> dict[str, Any]:
    """What is written down of a pinned file."""
    return {
        "area": one.area,
        "sha256": one.sha256,
        "source": one.source,
        "placement": one.placement.as_json() if one.placement else None,
        "print_sha256": one.print_sha256,
    }


def from_kept(kept: Mapping[str, Any]) -> Pinned:
    """The pinned file that was written down."""
    placement = Placement(**kept["placement"]) if kept["placement"] else None
    return Pinned(kept["area"], kept["sha256"], kept["source"], placement=placement, print_sha256=kept["print_sha256"])


def kept_by_uid(prints: Mapping[str, Any]) -> dict[str, list[Pinned]]:
    """What a publication prints, by UID."""
    return {one["uid"]: [from_kept(each) for each in one["designs"]] for one in prints.values()}
