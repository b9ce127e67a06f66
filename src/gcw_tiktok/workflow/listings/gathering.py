"""The files that many variants name, fetched together, and each of them as the design of a print area."""

from collections.abc import Mapping
from pathlib import Path

from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.designs.sources import Got
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.listings.connections import Pinned


class Gathered:
    """What came of each source. `warnings` grows with what may disappoint."""

    def __init__(self, got: Mapping[str, Got]) -> None:
        self._got = got
        self.warnings: dict[str, None] = {}

    def pin(self, area: PrintArea, source: str, placement: Placement | None = None) -> Pinned:
        """The file as this area's design; `BadInput` where there is none or it cannot be printed there."""
        pinned, warnings = connections.checked(area, source, self._got[source].file, placement)
        self.warnings |= dict.fromkeys(f"{pinning.name_of(source)} on {area.name}: {words}" for words in warnings)
        return pinned


def beside(file: str, source: str) -> str:
    """A path that goes from the folder of the file that names it; an address stays as it is."""
    return source if pinning.is_address(source) or source.startswith("~") else str(Path(file).parent / source)
