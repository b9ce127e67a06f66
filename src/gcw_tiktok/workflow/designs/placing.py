"""Where a design lies on a print area: pure geometry, in millimetres."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs.facts import MM_PER_INCH, FileFacts

Mode = Literal["fit", "fill"]
TURNS = (0, 90, 180, 270)
SCALES = (0.01, 100.0)
FARTHEST_MM = 10_000.0
SIZE_TOLERANCE_MM = 0.05


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

    def __str__(self) -> str:
        """In words, such as `fill, 120 %, turned 90 degrees, 5 mm right, 2 mm up`."""
        words: list[str] = [self.mode]
        if self.scale != 1:
            words.append(f"{self.scale * 100:.5g} %")
        if self.rotate:
            words.append(f"turned {self.rotate} degrees")
        if self.x_mm:
            words.append(f"{abs(self.x_mm):.5g} mm {'right' if self.x_mm > 0 else 'left'}")
        if self.y_mm:
            words.append(f"{abs(self.y_mm):.5g} mm {'down' if self.y_mm > 0 else 'up'}")
        return ", ".join(words)


@dataclass(frozen=True)
class Box:
    """A rectangle in millimetres, from the top left corner of the area's trim."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Edges:
    """Millimetres at each edge."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def least(self) -> float:
        return min(self.left, self.top, self.right, self.bottom)

    @property
    def most(self) -> float:
        return max(self.left, self.top, self.right, self.bottom)

    def where(self, low: float, high: float = math.inf) -> str:
        """The edges at which it is between the two, the lower not included: `left and right`."""
        names = [name for name, value in asdict(self).items() if low < value <= high]
        return ", ".join(names[:-1]) + (" and " if names[:-1] else "") + (names[-1] if names else "")


def checked(placement: Placement) -> Placement:
    """The same placement, when its numbers make sense."""
    if placement.rotate not in TURNS:
        raise BadInput(f"A design cannot be turned by {placement.rotate} degrees.", "Use 0, 90, 180 or 270.")
    if not SCALES[0] <= placement.scale <= SCALES[1]:
        raise BadInput(
            f"A design cannot be scaled by {placement.scale:g}.",
            f"1 is the size that fit or fill gives; {SCALES[0]:g} to {SCALES[1]:g} are possible.",
        )
    if not all(abs(one) <= FARTHEST_MM for one in (placement.x_mm, placement.y_mm)):
        raise BadInput("The design would lie far outside every print area.", "--x and --y are in millimetres.")
    return placement


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


def beyond(facts: FileFacts, area: PrintArea, placement: Placement | None = None) -> Edges:
    """How far the design reaches beyond each edge of the trim; below zero where it ends short of it."""
    lies = box(facts, area, placement)
    right, bottom = lies.left + lies.width - area.width_mm, lies.top + lies.height - area.height_mm
    return Edges(-lies.left, -lies.top, right, bottom)


def needs_print_ready(facts: FileFacts, placement: Placement | None) -> bool:
    """Whether production gets a file that is made of the design, not the design itself: presses read no SVG."""
    return placement is not None or facts.extension == "svg"


def is_made_for(area: PrintArea, size: tuple[float, float], trim: tuple[float, float] | None) -> bool:
    """Whether a print-ready file of this size, with this trim where it is known, is made for the area as it is."""
    pairs = [(size, area.printed_size)]
    if trim:
        pairs.append((trim, (area.width_mm, area.height_mm)))
    return all(abs(a - b) <= SIZE_TOLERANCE_MM for found, wanted in pairs for a, b in zip(found, wanted, strict=True))
