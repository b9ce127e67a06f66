"""A design on its print area, as it is looked at before it is printed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.catalog.offer import OrderableUid, PrintArea
from gcw_tiktok.workflow.designs import checks, pinning, placing
from gcw_tiktok.workflow.designs.checks import Finding
from gcw_tiktok.workflow.designs.facts import FileFacts
from gcw_tiktok.workflow.designs.placing import Placement


@dataclass(frozen=True)
class Laid:
    """A design on its print area, with where it lies there."""

    variant: OrderableUid
    area: PrintArea
    source: str
    design: Path
    facts: FileFacts
    placement: Placement | None = None

    @property
    def dpi(self) -> float | None:
        """Pixels per inch on the product; None for what has no pixels."""
        if self.facts.extension in ("pdf", "svg"):
            return None
        return round(placing.effective_dpi(self.facts, self.area, self.placement), 1)

    @property
    def size(self) -> str:
        """The file's own size in words."""
        unit = "mm" if self.dpi is None else "px"
        return f"{self.facts.width:.5g} x {self.facts.height:.5g} {unit}"

    def findings(self) -> list[Finding]:
        """What speaks for and against printing it so."""
        return checks.check(self.facts, self.area, self.placement)


@contextmanager
def of_file(variant: OrderableUid, area: str, source: str, *, allow_private: bool) -> Iterator[Laid]:
    """A file that is not pinned yet, on one of the variant's areas: the first, where none is named."""
    areas = {each.name: each for each in variant.areas}
    if not areas:
        raise BadInput(f"{variant.uid} comes from stock: it takes no design.", "See `gcw catalog uids`.")
    if area and area not in areas:
        raise BadInput(f"The product has no print area {area}.", f"It has: {', '.join(areas)}.")
    with tempfile.TemporaryDirectory(prefix="gcw-preview-") as aside:
        stored = pinning.store(source, Path(aside), allow_private=allow_private)
        yield Laid(variant, areas[area] if area else variant.areas[0], source, stored.path, stored.facts)
