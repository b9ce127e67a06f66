"""Where a design lies on a print area: pure geometry, in millimetres."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs.facts import MM_PER_INCH, FileFacts

Mode = Literal["fit", "fill"]


@dataclass(frozen=True)
class Placement:
    """How a design is laid on a print area: fitted in or filling it, then turned, scaled and moved."""

    mode: Mode = "fit"
    """`fit`: all of the design within the trim. `fill`: no white within trim and bleed."""
    scale: float = 1.0
    """1 is the size that the mode gives."""
    x_mm: float = 0.0
    """How far the design's centre lies right of the area's."""
    y_mm: float = 0.0
    """How far it lies below."""
    rotate: int = 0
    """Degrees clockwise: 0, 90, 180 or 270."""

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a connection."""
        return asdict(self)


@dataclass(frozen=True)
class Box:
    """A rectangle in millimetres, from the top left corner of the area's trim."""

    left: float
    top: float
    width: float
    height: float


def usual(area: PrintArea) -> Placement:
    """What is meant where nobody placed the design: an area with bleed is filled, another is fitted in."""
    return Placement("fill" if area.bleed_mm else "fit")


def box(facts: FileFacts, area: PrintArea, placement: Placement | None = None) -> Box:
    """What the design covers once it is turned, scaled and moved; it may reach beyond the area."""
    placed = placement or usual(area)
    width, height = (facts.height, facts.width) if placed.rotate % 180 else (facts.width, facts.height)
    room = area.printed_size if placed.mode == "fill" else (area.width_mm, area.height_mm)
    choose = max if placed.mode == "fill" else min
    scale = choose(room[0] / width, room[1] / height) * placed.scale
    left = area.width_mm / 2 + placed.x_mm - width * scale / 2
    top = area.height_mm / 2 + placed.y_mm - height * scale / 2
    return Box(left, top, width * scale, height * scale)


def effective_dpi(facts: FileFacts, area: PrintArea, placement: Placement | None = None) -> float:
    """Pixels per inch on the product. Meaningful for pictures only."""
    placed = placement or usual(area)
    width = facts.height if placed.rotate % 180 else facts.width
    return width / box(facts, area, placed).width * MM_PER_INCH
