"""What is known of a design file, as readers of files find it and the database keeps it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

MM_PER_INCH = 25.4
MM_PER_POINT = MM_PER_INCH / 72
MOST_PIXELS = 250_000_000
MOST_PAGES = 2_000
LARGEST_MM = 100_000.0
PRINTABLE = "PDF, PNG, JPEG, TIFF or SVG"
AGAIN = "Copy or export it anew."

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "tif": "image/tiff",
    "svg": "image/svg+xml",
}
"""The types that can be printed, by the extension they are kept under."""
PICTURES = frozenset({"png", "jpg", "tif"})
COLUMNS = frozenset({"media_type", "extension", "width", "height", "pages"})
"""What the table of designs has columns for."""


class Flaw(Exception):
    """Why a file cannot be printed, as the end of a sentence that begins with its name."""

    def __init__(self, sentence: str, hint: str = AGAIN, code: str = "damaged") -> None:
        super().__init__(sentence)
        self.hint = hint
        self.code = code


class PlacedImage(NamedTuple):
    """A picture on a page of a PDF."""

    page: int
    """Counted from 1."""
    dpi: float
    """At the size at which the page shows it."""
    share: float
    """How much of the page it covers, from 0 to 1."""


@dataclass(frozen=True)
class FileFacts:
    """What a file is. Sizes are pixels for pictures, and millimetres for an SVG and a PDF's first page.

    None says that nobody asked: the file was looked at by an older gcw, or has no such thing.
    """

    media_type: str
    extension: str
    """`pdf`, `png`, `jpg`, `tif` or `svg`."""
    width: float
    height: float
    pages: int = 1
    dpi: float | None = None
    """What a picture says of itself; nothing relies on it."""
    trim: tuple[float, float] | None = None
    """Width and height of a PDF's TrimBox, when it states one."""
    bleed: float | None = None
    """The least room in millimetres between that box and the page's edge."""
    odd_pages: int | None = None
    """How many pages have another size than the first."""
    color_spaces: tuple[str, ...] | None = None
    """`srgb`, `rgb` (with another profile), `cmyk`, `gray`, `lab`, `spot`; sorted."""
    profile: str | None = None
    """The name of a picture's colour profile, or a PDF's output intent or else CMYK profile; empty without one."""
    transparent: bool | None = None
    """Whether a picture has an alpha channel, or a document paints with transparency."""
    fonts: tuple[str, ...] | None = None
    """Fonts that text is set in and the file does not hold."""
    images: tuple[PlacedImage, ...] | None = None
    """Pictures in a PDF: the largest and the coarsest of each page, coarsest first."""
    encrypted: bool | None = None
    outside: tuple[str, ...] | None = None
    """What an SVG refers to and does not hold."""
    mended: str | None = None
    """What a reader had to mend; presses may not."""
    unread: str | None = None
    """What was too intricate to be looked at."""

    @property
    def is_picture(self) -> bool:
        """Whether it is made of pixels only."""
        return self.extension in PICTURES

    @property
    def format(self) -> str:
        """As product models name it: `pdf`, `png`, `jpeg`, `tiff` or `svg`."""
        return self.media_type.rpartition("/")[2].removesuffix("+xml")

    def as_json(self) -> dict[str, Any]:
        """What the table of designs has no column for."""
        return {name: value for name, value in asdict(self).items() if name not in COLUMNS and value is not None}

    @classmethod
    def from_json(cls, columns: Mapping[str, Any], more: Mapping[str, Any] | None) -> "FileFacts":
        """The same facts again; what a newer gcw found beside them is left out."""
        found = {name: _tuples(value) for name, value in (more or {}).items() if name in FURTHER}
        if found.get("images"):
            found["images"] = tuple(PlacedImage(*one) for one in found["images"])
        return cls(**columns, **found)


FURTHER = frozenset(one.name for one in fields(FileFacts)) - COLUMNS
"""What the database keeps beside those columns."""


def pixels(width: int, height: int) -> None:
    """`Flaw` unless a picture of this size can be read."""
    if width < 1 or height < 1:
        raise Flaw("is damaged: it has no pixels.")
    if width * height > MOST_PIXELS:
        raise Flaw(
            f"has {width:,} x {height:,} pixels; at most {MOST_PIXELS:,} can be read.",
            "Export it smaller.",
            "too_large",
        )


def millimetres(*sides: float) -> None:
    """`Flaw` unless these are sizes of something that can be printed."""
    if not all(math.isfinite(side) and 0 < side <= LARGEST_MM for side in sides):
        raise Flaw("is damaged: its page has no size that can be printed.", "Export it anew.")


def stated_dpi(dpi: float) -> float | None:
    """What a picture says of its resolution, when that can be true."""
    return round(dpi, 1) if 1 <= dpi <= 10_000 else None


def words(text: str, most: int = 80) -> str:
    """What a file calls something, as it may be shown and kept."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:most]


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
