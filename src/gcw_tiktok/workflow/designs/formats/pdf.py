"""Reads PDF with qpdf: pages and their boxes here, what they paint in `painting`."""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO

import pikepdf

from gcw_tiktok.workflow.designs import facts
from gcw_tiktok.workflow.designs.facts import MEDIA_TYPES, MM_PER_POINT, MOST_PAGES, FileFacts, Flaw
from gcw_tiktok.workflow.designs.formats import icc
from gcw_tiktok.workflow.designs.formats.painting import Painting, TooMuch

TAIL = 2_048
MOST_SECONDS = 20.0
MOST_UNPACKED = 64 * 1024 * 1024
SAME_MM = 0.5
EXPORT = "Export it anew, best as PDF/X-4."

pikepdf.settings.set_qpdf_limits(
    doc_max_warnings=100,
    flate_max_memory=MOST_UNPACKED,
    run_length_max_memory=MOST_UNPACKED,
    png_max_memory=MOST_UNPACKED,
    tiff_max_memory=MOST_UNPACKED,
)

warnings.filterwarnings("error", category=UserWarning, module=r"pikepdf\.models\._content_stream")
WRONG = (ArithmeticError, AttributeError, LookupError, TypeError, UserWarning, ValueError)
"""What comes of contents that say odd things; `pikepdf.PdfError` says that they are damaged."""
Rectangle = tuple[float, float, float, float]


def opened(stream: BinaryIO) -> pikepdf.Pdf:
    """The PDF, within the limits above and as it is: one that would have to be mended first is refused."""
    return pikepdf.open(stream, attempt_recovery=False, access_mode=pikepdf.AccessMode.stream)


def read(stream: BinaryIO) -> FileFacts:
    """The facts of a whole PDF. What it refers to outside of itself is never opened."""
    _must_end_like_a_pdf(stream)
    deadline = time.monotonic() + MOST_SECONDS
    with _opened(stream) as pdf:
        pages = len(pdf.pages)
        if not 0 < pages <= MOST_PAGES:
            raise Flaw(f"has {pages:,} pages; between 1 and {MOST_PAGES:,} can be read.", code="too_large")
        boxes = [_box(page.obj) for page in pdf.pages]
        odd = _odd(pdf, boxes)
        width, height, trim, bleed = _first(pdf.pages[0].obj, boxes[0])
        painting, unread = _painted(pdf, boxes, deadline)
        return FileFacts(
            MEDIA_TYPES["pdf"],
            "pdf",
            width,
            height,
            pages,
            trim=trim,
            bleed=bleed,
            odd_pages=odd,
            color_spaces=tuple(sorted(painting.spaces)),
            profile=_output_intent(pdf) or painting.colours.cmyk_profile,
            transparent=painting.transparent,
            fonts=tuple(sorted(painting.fonts)),
            images=painting.worst_images(),
            encrypted=pdf.is_encrypted,
            mended=_mended(pdf),
            unread=unread,
        )


def _must_end_like_a_pdf(stream: BinaryIO) -> None:
    """Readers mend a PDF that was cut off, and would print what is left of it."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - TAIL))
    if b"%%EOF" not in stream.read():
        raise Flaw("is cut off: the end of the PDF is missing.")
    stream.seek(0)


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[pikepdf.Pdf]:
    """The PDF, unless its table of contents is damaged: programs mend that differently, if at all."""
    try:
        pdf = opened(stream)
    except pikepdf.PasswordError as error:
        raise Flaw("is protected by a password.", "Export it without protection.", "encrypted") from error
    except pikepdf.PdfError as error:
        raise Flaw("is damaged or cut off: its parts are not where it says.", EXPORT) from error
    with pdf:
        yield pdf


def _mended(pdf: pikepdf.Pdf) -> str | None:
    """The first thing that qpdf had to mend; a page whose size it made up is no page."""
    told = [str(one) for one in pdf.get_warnings()]
    if any("MediaBox" in one for one in told):
        raise Flaw("is damaged: a page has no size.", EXPORT)
    return facts.words(told[0].rpartition(": ")[2], 200) if told else None


def _box(page: pikepdf.Object) -> Rectangle:
    """What is shown of a page, in its own units: its CropBox within its MediaBox, as viewers have it."""
    media = rectangle(page.MediaBox)
    if "/CropBox" not in page:
        return media
    crop = rectangle(page.CropBox)
    left, low, right, high = (
        max(crop[0], media[0]),
        max(crop[1], media[1]),
        min(crop[2], media[2]),
        min(crop[3], media[3]),
    )
    return (left, low, right, high) if left < right and low < high else media


def rectangle(box: Any) -> Rectangle:
    """A box with its corners in order."""
    left, low, right, high = (float(side) for side in box)
    return min(left, right), min(low, high), max(left, right), max(low, high)


def _first(page: pikepdf.Object, box: Rectangle) -> tuple[float, float, tuple[float, float] | None, float | None]:
    """Width and height of the page as it is shown, of its TrimBox, and the room around that; millimetres."""
    unit, turned = _unit(page) * MM_PER_POINT, int(page.get("/Rotate", 0)) % 180 != 0
    size = _size(box, unit, turned)
    facts.millimetres(*size)
    if "/TrimBox" not in page:
        return *size, None, None
    trim = rectangle(page.TrimBox)
    trimmed = _size(trim, unit, turned)
    facts.millimetres(*trimmed)
    room = min(trim[0] - box[0], trim[1] - box[1], box[2] - trim[2], box[3] - trim[3])
    return *size, trimmed, round(max(room * unit, 0.0), 2)


def _size(box: Rectangle, unit: float, turned: bool) -> tuple[float, float]:
    width, height = round((box[2] - box[0]) * unit, 2), round((box[3] - box[1]) * unit, 2)
    return (height, width) if turned else (width, height)


def _unit(page: pikepdf.Object) -> float:
    return float(page.get("/UserUnit", 1))


def _odd(pdf: pikepdf.Pdf, boxes: list[Rectangle]) -> int:
    sizes = [
        _size(box, _unit(page.obj) * MM_PER_POINT, int(page.obj.get("/Rotate", 0)) % 180 != 0)
        for page, box in zip(pdf.pages, boxes, strict=True)
    ]
    for size in sizes:
        facts.millimetres(*size)
    return sum(any(abs(a - b) > SAME_MM for a, b in zip(size, sizes[0], strict=True)) for size in sizes)


def _painted(pdf: pikepdf.Pdf, boxes: list[Rectangle], deadline: float) -> tuple[Painting, str | None]:
    """What all pages paint; and from where on that was too much to look at, if so."""
    painting = Painting(pdf, deadline)
    for number, (page, box) in enumerate(zip(pdf.pages, boxes, strict=True), 1):
        try:
            painting.look_at(page.obj, number, box, _unit(page.obj))
        except (TooMuch, *WRONG):
            return painting, f"page {number}" if number == len(boxes) else f"pages {number} to {len(boxes)}"
    return painting, None


def _output_intent(pdf: pikepdf.Pdf) -> str:
    """What the document says it was made for, such as `GRACoL2006_Coated1v2`."""
    for intent in islice(pdf.Root.get("/OutputIntents", ()), 10):
        for name in ("/OutputConditionIdentifier", "/OutputCondition", "/Info"):
            told = facts.words(str(intent.get(name, "")))
            if told and told != "Custom":
                return told
        if "/DestOutputProfile" in intent:
            return icc.describe(intent.DestOutputProfile.read_bytes()).name
    return ""
