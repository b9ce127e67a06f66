"""Draws the job ticket that travels with each unit through production: 4 x 6 inches, one page a unit.

Nothing of the recipient is on it but what a buyer wants printed: tickets lie around on the floor.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PIL import Image, ImageOps
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import inch
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

PAGE = (4 * inch, 6 * inch)
MARGIN = 0.2 * inch
WIDTH = PAGE[0] - 2 * MARGIN
LEAST_THUMBNAIL = 60
ROW_OF_AREA = 20
MOST_SIDE_BY_SIDE = 3
THUMBNAIL_PIXELS = 480
THUMBNAIL_SECONDS = 2.0
PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
PACIFIC = "America/Los_Angeles"


@dataclass(frozen=True)
class TicketDesign:
    """What is printed on one print area."""

    area: str
    width_mm: float
    height_mm: float
    file_name: str
    file: Path | None = None
    """For the thumbnail; what cannot be shown is a box with its name."""


@dataclass(frozen=True)
class TicketLine:
    """One unit."""

    line_id: str
    product: str
    uid: str
    variant: str
    """The customer's choice in words, such as `size 18x24 in, paper matte`."""
    position: int
    """Which of the order's units this is, from 1."""
    of: int
    designs: tuple[TicketDesign, ...] = ()
    parcel: int | None = None
    parcels: int | None = None
    wishes: tuple[str, ...] = ()
    """What the buyer personalised, a sentence a print area."""


@dataclass(frozen=True)
class TicketOrder:
    """What the units of one order share."""

    reference: str
    customer: str
    store: str
    facility: str
    platform_order: str
    """The order number as TikTok and its buyer know it."""
    ship_by: int | None = None
    """Unix seconds."""
    notes: tuple[str, ...] = field(default=())
    kind: str = ""
    """What is special about it, in large letters: `SAMPLE`."""
    replaces: str = ""
    """The earlier order that it is sent once more for."""


def ticket(lines: Sequence[TicketLine], order: TicketOrder) -> bytes:
    """A PDF with a page for each line; equal input gives equal bytes."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=PAGE, invariant=True, pageCompression=1)
    canvas.setTitle(f"Job ticket {_printable(order.reference)}")
    canvas.setCreator("gcw")
    for line in lines:
        _Page(canvas).draw(line, order)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def in_time_zones(moment: int) -> tuple[str, str]:
    """A moment in UTC and in US Pacific time, which is TikTok Shop's; the latter empty where unknown."""
    at = datetime.fromtimestamp(moment, UTC)
    try:
        pacific = at.astimezone(ZoneInfo(PACIFIC))
    except ZoneInfoNotFoundError:  # a system without the time zone database
        return f"{at:%a %b %d %Y, %H:%M} UTC", ""
    return f"{at:%a %b %d %Y, %H:%M} UTC", f"{pacific:%a %b %d %Y, %I:%M %p %Z}"


class _Page:
    """Draws from the top down; `y` is how far it has come."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.y = PAGE[1] - MARGIN

    def draw(self, line: TicketLine, order: TicketOrder) -> None:
        self._head(line, order)
        self._kind(order.kind)
        self._barcode(line.line_id)
        self._ship_by(order.ship_by)
        self._text(line.product, BOLD, 12, most=2)
        if line.variant:
            self._text(line.variant, BOLD, 10, most=2)
        self._text(line.uid, PLAIN, 7, most=3)
        for wish in line.wishes:
            self._text(f"PERSONALISED {wish}", BOLD, 9, most=3)
        self._rule()
        self._facts(line, order)
        for note in order.notes:
            self._text(f"Note: {note}", BOLD, 8, most=2)
        self._rule()
        self._designs(line.designs)

    def _head(self, line: TicketLine, order: TicketOrder) -> None:
        """The order on the left; on the right, large, which of its units this is."""
        position = f"{line.position}/{line.of}"
        self.canvas.setFont(BOLD, 24)
        self.canvas.drawRightString(PAGE[0] - MARGIN, self.y - 20, position)
        room = WIDTH - stringWidth(position, BOLD, 24) - 10
        self._text("ORDER", PLAIN, 7, most=1)
        self._text(order.reference, BOLD, 13, most=2, width=room)
        self.y = min(self.y, PAGE[1] - MARGIN - 28)
        self._rule()

    def _kind(self, words: str) -> None:
        """White on black, so that nobody takes it for an order like the others."""
        if words:
            self.canvas.rect(MARGIN, self.y - 20, WIDTH, 18, stroke=0, fill=1)
            self.canvas.setFont(BOLD, 13)
            self.canvas.setFillGray(1)
            self.canvas.drawCentredString(PAGE[0] / 2, self.y - 16, _printable(words))
            self.canvas.setFillGray(0)
            self.y -= 28

    def _barcode(self, line_id: str) -> None:
        """As wide as fits, with the quiet zones that scanners need; below it, what it says."""
        text = _printable(line_id)
        narrow = Code128(text, barWidth=1, barHeight=36, quiet=False)
        bar = min(1.2, (WIDTH - 20) / narrow.width)
        code = Code128(text, barWidth=bar, barHeight=36, quiet=False)
        code.drawOn(self.canvas, (PAGE[0] - code.width) / 2, self.y - 38)
        self.y -= 40
        self.canvas.setFont(PLAIN, 8)
        self.canvas.drawCentredString(PAGE[0] / 2, self.y - 8, text)
        self.y -= 12
        self._rule()

    def _ship_by(self, moment: int | None) -> None:
        if moment is None:
            return
        utc, pacific = in_time_zones(moment)
        self._text(f"SHIP BY  {pacific or utc}", BOLD, 11, most=1)
        if pacific:
            self._text(utc, PLAIN, 8, most=1)
        self._rule()

    def _facts(self, line: TicketLine, order: TicketOrder) -> None:
        facts = [
            ("Customer", order.customer),
            ("Store", order.store),
            ("Facility", order.facility),
            ("TikTok order", order.platform_order),
        ]
        if order.replaces:
            facts.append(("Sent again for", order.replaces))
        if line.parcel is not None:
            facts.append(("Parcel", f"{line.parcel} of {line.parcels}" if line.parcels else str(line.parcel)))
        for name, value in facts:
            self.canvas.setFont(PLAIN, 7)
            self.canvas.drawString(MARGIN, self.y - 8, name)
            self._text(value, BOLD, 8, most=2, left=MARGIN + 52)

    def _designs(self, designs: Sequence[TicketDesign]) -> None:
        """Each area in words, and in what room is left, side by side, how the first of them look."""
        if not designs:
            self._text("No design: picked from stock.", BOLD, 10, most=1)
            return
        for index, design in enumerate(designs):
            if self.y - MARGIN < ROW_OF_AREA * (1 if index == len(designs) - 1 else 2):
                self._text(f"... and {len(designs) - index} more: see order.json", PLAIN, 7.5, most=1)
                return
            size = f"{design.width_mm:.1f} x {design.height_mm:.1f} mm" if design.width_mm else "size unknown"
            self._text(f"{design.area}: {size}  -  {design.file_name}", PLAIN, 7.5, most=2)
        self.y -= 4
        height = self.y - MARGIN
        if height < LEAST_THUMBNAIL:
            return
        pictured = designs[:MOST_SIDE_BY_SIDE]
        width = (WIDTH - 8 * (len(pictured) - 1)) / len(pictured)
        for index, design in enumerate(pictured):
            self._thumbnail(design, MARGIN + index * (width + 8), width, height)

    def _thumbnail(self, design: TicketDesign, left: float, width: float, height: float) -> None:
        """The picture within a thin frame, on grey so that white and transparent ones show."""
        room = height - 10
        picture = _small_picture(design.file)
        if picture is None:
            self._placeholder(design, left, width, room)
        else:
            scale = min(width / picture.width, room / picture.height)
            wide, high = picture.width * scale, picture.height * scale
            x, y = left + (width - wide) / 2, MARGIN + 10 + (room - high) / 2
            self.canvas.drawImage(ImageReader(picture), x, y, wide, high)
            self.canvas.setLineWidth(0.5)
            self.canvas.rect(x, y, wide, high)
        self.canvas.setFont(BOLD, 7)
        self.canvas.drawCentredString(left + width / 2, MARGIN, _printable(design.area))

    def _placeholder(self, design: TicketDesign, left: float, width: float, room: float) -> None:
        """A box in the shape of the print area with the file's name in it."""
        shape = (design.width_mm or 1, design.height_mm or 1)
        scale = min(width / shape[0], room / shape[1])
        wide, high = shape[0] * scale, shape[1] * scale
        x, y = left + (width - wide) / 2, MARGIN + 10 + (room - high) / 2
        self.canvas.setLineWidth(0.5)
        self.canvas.setDash(3, 2)
        self.canvas.rect(x, y, wide, high)
        self.canvas.setDash()
        rows = _wrapped(design.file_name, PLAIN, 7, wide - 6, max(1, int(high / 9)))
        self.canvas.setFont(PLAIN, 7)
        for index, row in enumerate(rows):
            middle = y + high / 2 + (len(rows) / 2 - index - 1) * 9 + 2
            self.canvas.drawCentredString(x + wide / 2, middle, row)

    def _text(self, text: str, font: str, size: float, *, most: int, left: float = MARGIN, width: float = 0) -> None:
        """Wrapped lines, at most so many; what does not fit ends in an ellipsis."""
        self.canvas.setFont(font, size)
        for row in _wrapped(text, font, size, width or PAGE[0] - MARGIN - left, most):
            self.y -= size * 1.15
            self.canvas.drawString(left, self.y, row)
        self.y -= size * 0.15

    def _rule(self) -> None:
        self.y -= 4
        self.canvas.setLineWidth(0.5)
        self.canvas.line(MARGIN, self.y, PAGE[0] - MARGIN, self.y)
        self.y -= 3


def _wrapped(text: str, font: str, size: float, width: float, most: int) -> list[str]:
    """The text in rows that fit; words too long for a row, such as UIDs, are broken."""
    rows: list[str] = []
    for row in simpleSplit(_printable(text), font, size, width):
        rows += _broken(row, font, size, width)
    if len(rows) <= most:
        return rows
    last = rows[most - 1]
    while last and stringWidth(f"{last}...", font, size) > width:
        last = last[:-1]
    return [*rows[: most - 1], f"{last}..."]


def _broken(row: str, font: str, size: float, width: float) -> list[str]:
    parts = [""]
    for character in row:
        if parts[-1] and stringWidth(parts[-1] + character, font, size) > width:
            parts.append("")
        parts[-1] += character
    return parts


def _printable(text: str) -> str:
    """The text in the letters that the built-in fonts have; any other shows as a question mark."""
    plain = " ".join(text.split())
    return plain.encode("cp1252", "replace").decode("cp1252")


def _small_picture(file: Path | None) -> Image.Image | None:
    """A thumbnail on light grey; None for what cannot be read or drawn in time, which is no reason to stop."""
    if file is None:
        return None
    if file.suffix.lower() == ".pdf":
        from gcw_tiktok.workflow.designs import rendering  # it loads much

        drawn = rendering.thumbnail(file, THUMBNAIL_PIXELS, THUMBNAIL_SECONDS)
        return _on_grey(drawn) if drawn else None
    try:
        with Image.open(file) as picture:
            picture.draft("RGB", (THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
            picture.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
            clear = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return _on_grey(clear)


def _on_grey(clear: Image.Image) -> Image.Image:
    paper = Image.new("RGBA", clear.size, "#dddddd")
    return Image.alpha_composite(paper, clear).convert("RGB")
