"""Makes print-ready files: a design laid on its print area, as a PDF exactly as large as trim and bleed."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name, Pdf

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import embedding, pinning, placing, vectors
from gcw_tiktok.workflow.designs.facts import MM_PER_POINT, FileFacts
from gcw_tiktok.workflow.designs.formats.pdf import opened
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.designs.placing import Placement

MADE = "print-ready"
"""The folder, within that of the designs, that tells which file was made of what."""
WAY = 1
"""How files are made. Another number makes all of them anew."""
DEEPEST = 50
"""Levels of pages above a page; a damaged file may go round in circles."""
TURNED = {
    0: Matrix(1, 0, 0, 1, 0, 0),
    90: Matrix(0, -1, 1, 0, 0, 1),
    180: Matrix(-1, 0, 0, -1, 1, 1),
    270: Matrix(0, 1, -1, 0, 1, 0),
}
"""The unit square turned clockwise within itself."""
UPRIGHT = {
    1: TURNED[0],
    2: Matrix(-1, 0, 0, 1, 1, 0),
    3: TURNED[180],
    4: Matrix(1, 0, 0, -1, 0, 1),
    5: Matrix(0, -1, -1, 0, 1, 1),
    6: TURNED[90],
    7: Matrix(0, 1, 1, 0, 0, 0),
    8: TURNED[270],
}
"""The same for what EXIF says of a picture."""


def ready(design: Path, facts: FileFacts, area: PrintArea, placement: Placement | None, folder: Path) -> Stored:
    """The print-ready file of a pinned design on an area, kept in `folder` like any pinned file.

    Call it where `placing.needs_print_ready` says so, outside of any transaction, for each connection of many:
    what was made of the same design, placement and area is found again by name, without opening a file.
    `design` is where the design is pinned, as `pinning.path_of` or `Stored.path` give it. The result goes into
    `Pinned.ready`, its hash into `Pinned.print_sha256`, and `connections.connect` records both.
    """
    note = folder / MADE / _name(design, facts, area, placement)
    return _made_before(note, folder, area) or _make(note, design, facts, area, placement, folder)


def compose(design: Path, facts: FileFacts, area: PrintArea, placement: Placement | None) -> bytes:
    """The print-ready PDF. The same input gives the same bytes; `BadInput` says why there can be none."""
    pdf, out = Pdf.new(), BytesIO()
    try:
        with _pages(pdf, design, facts, area, placement) as pages:
            for matrix, drawn in pages:
                _add_page(pdf, area, matrix, drawn)
            pdf.save(
                out,
                min_version="1.6",
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
                fix_metadata_version=False,
            )
    except (pikepdf.PdfError, OSError, ValueError, KeyError, TypeError, SyntaxError) as error:
        raise BadInput(f"No print-ready file can be made of the design: {error}.", "Export it anew.") from error
    return out.getvalue()


@contextmanager
def _pages(
    pdf: Pdf, design: Path, facts: FileFacts, area: PrintArea, placement: Placement | None
) -> Iterator[Iterator[tuple[Matrix, pikepdf.Object]]]:
    """What is drawn on each page, with the matrix that lays it in place."""
    if facts.extension == "pdf":
        with design.open("rb") as stream, opened(stream) as source:
            yield _vectors(pdf, source, facts, area, placement)
    else:
        yield _pictures(pdf, design, facts, area, placement)


def _vectors(
    pdf: Pdf, source: Pdf, facts: FileFacts, area: PrintArea, placement: Placement | None
) -> Iterator[tuple[Matrix, pikepdf.Object]]:
    """Each page as a form, clipped to what a reader shows of it; what of its notes prints is drawn into it."""
    del source.pages[area.pages[1] :]
    source.flatten_annotations("print")
    for name in (Name.OCProperties, Name.OutputIntents):  # else hidden layers would be printed
        if name in source.Root:
            pdf.Root[name] = pdf.copy_foreign(source.make_indirect(source.Root[name]))
    for page in source.pages:
        left, bottom, right, top = _shown(page)
        unit, turned = float(page.obj.get("/UserUnit", 1)), _rotation(page)
        width, height = ((side * unit * MM_PER_POINT) for side in (right - left, top - bottom))
        if turned % 180:
            width, height = height, width
        form = page.as_form_xobject(handle_transformations=False)
        form.BBox = Array([left, bottom, right, top])
        square = Matrix(1 / (right - left), 0, 0, 1 / (top - bottom), -left / (right - left), -bottom / (top - bottom))
        laid = _laid(replace(facts, width=width, height=height), area, placement, turned)
        yield square @ laid, pdf.copy_foreign(form)


def _shown(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """What a reader shows: the crop box as far as it lies on the medium."""
    crop, media = (_corners(one) for one in (page.cropbox, page.mediabox))
    left, bottom = max(crop[0], media[0]), max(crop[1], media[1])
    right, top = min(crop[2], media[2]), min(crop[3], media[3])
    if right <= left or top <= bottom:
        return media
    return left, bottom, right, top


def _corners(box: pikepdf.Object) -> tuple[float, float, float, float]:
    x, y, other_x, other_y = (float(one) for one in box)
    return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)


def _rotation(page: pikepdf.Page) -> int:
    """Clockwise degrees; a page takes it from the pages above it where it says nothing."""
    node: pikepdf.Object = page.obj
    for _ in range(DEEPEST):
        if "/Rotate" in node or "/Parent" not in node:
            break
        node = node.Parent
    return int(node.get("/Rotate", 0)) % 360 // 90 * 90


def _pictures(
    pdf: Pdf, design: Path, facts: FileFacts, area: PrintArea, placement: Placement | None
) -> Iterator[tuple[Matrix, pikepdf.Object]]:
    if facts.extension == "svg":
        pixels = _pixels_of(facts, area, placement)
        pictures = [embedding.embed_png(pdf, vectors.drawn(design, pixels))]
    else:
        count = min(embedding.frames(design), area.pages[1]) if facts.extension == "tif" else 1
        pictures = [embedding.embed(pdf, design, facts.extension, frame) for frame in range(count)]
    for picture in pictures:
        width, height = int(picture.stream.Width), int(picture.stream.Height)
        if picture.orientation >= 5:
            width, height = height, width
        drawn = facts.extension == "svg"  # its pixels are rounded, it is not
        measured = facts if drawn else replace(facts, width=float(width), height=float(height))
        yield UPRIGHT[picture.orientation] @ _laid(measured, area, placement), picture.stream


def _pixels_of(facts: FileFacts, area: PrintArea, placement: Placement | None) -> int:
    """How many pixels wide a drawing is made: as the area wants it, unless that is more than anybody sees."""
    lies = placing.box(facts, area, placement)
    turned = placement is not None and placement.rotate % 180
    width, height = (lies.height, lies.width) if turned else (lies.width, lies.height)
    return vectors.pixels_for(width, height, area.wanted_dpi)


def _laid(facts: FileFacts, area: PrintArea, placement: Placement | None, turned: int = 0) -> Matrix:
    """Lays the unit square, turned as the page itself says and then as it was placed, where the design lies."""
    lies = placing.box(facts, area, placement)
    turn = TURNED[(turned + (placement.rotate if placement else 0)) % 360]
    left = lies.left + area.bleed_mm
    bottom = area.printed_size[1] - (lies.top + area.bleed_mm) - lies.height
    return turn @ Matrix(
        *(side / MM_PER_POINT for side in (lies.width, 0, 0, lies.height, left, bottom)),
    )


def _add_page(pdf: Pdf, area: PrintArea, matrix: Matrix, drawn: pikepdf.Object) -> None:
    width, height = (side / MM_PER_POINT for side in area.printed_size)
    bleed = area.bleed_mm / MM_PER_POINT
    numbers = " ".join(_number(one) for one in matrix.shorthand)
    content = f"q 0 0 {_number(width)} {_number(height)} re W n {numbers} cm /Design Do Q\n"
    whole = Array([0, 0, *_points(width, height)])
    page = Dictionary(
        Type=Name.Page,
        MediaBox=whole,
        CropBox=whole,
        BleedBox=whole,
        TrimBox=Array(_points(bleed, bleed, width - bleed, height - bleed)),
        Resources=Dictionary(XObject=Dictionary(Design=pdf.make_indirect(drawn))),
        Contents=pdf.make_stream(content.encode()),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _points(*values: float) -> list[float]:
    return [round(one, 4) for one in values]


def _name(design: Path, facts: FileFacts, area: PrintArea, placement: Placement | None) -> str:
    """A name for everything that the file depends on."""
    placed = placement or placing.usual(area)
    sizes = [area.width_mm, area.height_mm, area.bleed_mm, area.pages[1]]
    dpi = area.wanted_dpi if facts.extension == "svg" else None
    told = json.dumps([WAY, design.stem, facts.extension, placed.as_json(), sizes, dpi])
    return hashlib.sha256(told.encode()).hexdigest()


def _made_before(note: Path, folder: Path, area: PrintArea) -> Stored | None:
    try:
        told = json.loads(note.read_bytes())
        kept = folder / f"{told['sha256']}.pdf"
        if kept.stat().st_size != told["size"]:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Stored(told["sha256"], told["size"], _facts(area, told["pages"]), kept)


def _make(
    note: Path, design: Path, facts: FileFacts, area: PrintArea, placement: Placement | None, folder: Path
) -> Stored:
    content = compose(design, facts, area, placement)
    with _written(folder, content) as made:
        stored = pinning.store(str(made), folder)
    note.parent.mkdir(mode=0o700, exist_ok=True)
    told = {"sha256": stored.sha256, "size": stored.size, "pages": stored.facts.pages}
    with _written(note.parent, json.dumps(told).encode()) as aside:
        aside.replace(note)
    return stored


@contextmanager
def _written(folder: Path, content: bytes) -> Iterator[Path]:
    """A file with this content beside the kept ones, gone when the block ends unless it was renamed."""
    try:
        handle, name = tempfile.mkstemp(prefix=".making-", suffix=".pdf", dir=folder)
    except OSError as error:
        raise BadInput(f"The designs folder {folder} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        yield Path(name)
    except OSError as error:
        raise TryAgain(f"The print-ready file could not be stored: {error.strerror}.", "Is the disk full?") from error
    finally:
        Path(name).unlink(missing_ok=True)


def _facts(area: PrintArea, pages: int) -> FileFacts:
    width, height = (round(side, 2) for side in area.printed_size)
    trim = round(area.width_mm, 2), round(area.height_mm, 2)
    return FileFacts("application/pdf", "pdf", width, height, pages, trim=trim)
