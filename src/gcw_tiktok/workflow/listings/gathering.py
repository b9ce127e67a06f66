"""The files that many variants name, fetched together, and each of them as the design of a print area."""

from collections.abc import Mapping
from pathlib import Path

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.designs.sources import Got
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.listings.connections import Pinned


class Gathered:
    """What came of each source. `warnings` grows with what may disappoint."""

    def __init__(self, got: Mapping[str, Got]) -> None:
        self._got = got
        self._pinned: dict[tuple[PrintArea, str, str, Placement | None], Pinned] = {}
        self.warnings: dict[str, None] = {}

    def pin(self, area: PrintArea, source: str, placement: Placement | None = None) -> Pinned:
        """The file as this area's design; `BadInput` where there is none or it cannot be printed there."""
        return self._checked(area, source, self._got[source].file, placement)

    def exactly(
        self, area: PrintArea, source: str, sha256: str, known: Mapping[str, Stored], placement: Placement | None
    ) -> Pinned:
        """The same, but the file must be the one with this hash, where there is one; those that are `known` are
        fetched from nowhere. A file that has changed at its address is as good as any if it is that one."""
        stored = known.get(sha256)
        if stored is None:
            got = self._got[source]
            if sha256 and got.given and got.given.sha256 != sha256:
                raise BadInput(
                    f"{pinning.name_of(source)} is not the file that is meant: its hash is {got.given.sha256}",
                    code="design_changed",
                )
            stored = got.given if sha256 and got.given else got.file
        return self._checked(area, source, stored, placement)

    def _checked(self, area: PrintArea, source: str, stored: Stored, placement: Placement | None) -> Pinned:
        """Looked at, and made print-ready where it must be, once for all that print it so."""
        key = (area, source, stored.sha256, placement)
        if key not in self._pinned:
            self._pinned[key], warnings = connections.checked(area, source, stored, placement)
            self.warnings |= dict.fromkeys(f"{pinning.name_of(source)} on {area.name}: {words}" for words in warnings)
        return self._pinned[key]


def beside(file: str, source: str) -> str:
    """A path that goes from the folder of the file that names it; an address stays as it is."""
    return source if pinning.is_address(source) or source.startswith("~") else str(Path(file).parent / source)
