"""Sheets to draw on: pages of a PDF, or one picture. Lengths are points (1/72 inch) from the upper left corner."""

import io
from typing import Protocol

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

MILLIMETER = 72 / 25.4
SIZES = {"A6": (105 * MILLIMETER, 148 * MILLIMETER), "A5": (148 * MILLIMETER, 210 * MILLIMETER)}
DOTS = 300 / 72  # of a picture, for each point
PLAIN, BOLD = "Helvetica", "Helvetica-Bold"


class Sheet(Protocol):
    """What both kinds can do."""

    width: float
    height: float

    def text(self, x: float, y: float, size: float, text: str, bold: bool = False) -> None:
        """Writes one line whose letters stand on `y`."""

    def fill(self, x: float, y: float, width: float, height: float) -> None:
        """Blackens a rectangle."""

    def width_of(self, text: str, size: float, bold: bool = False) -> float:
        """How wide a line would be."""

    def turn(self) -> None:
        """Goes on to the next page."""

    def finish(self) -> bytes:
        """The file."""


class Pages:
    """A PDF. What its letters cannot write stands as a question mark; the same words make the same bytes."""

    def __init__(self, size: str) -> None:
        self.width, self.height = SIZES[size]
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=(self.width, self.height), invariant=1)
        self._canvas.setTitle("Shipping documents")

    def text(self, x: float, y: float, size: float, text: str, bold: bool = False) -> None:
        self._canvas.setFont(BOLD if bold else PLAIN, size)
        self._canvas.drawString(x, self.height - y, _writable(text))

    def fill(self, x: float, y: float, width: float, height: float) -> None:
        self._canvas.rect(x, self.height - y - height, width, height, stroke=0, fill=1)

    def width_of(self, text: str, size: float, bold: bool = False) -> float:
        return float(stringWidth(_writable(text), BOLD if bold else PLAIN, size))

    def turn(self) -> None:
        self._canvas.showPage()

    def finish(self) -> bytes:
        self._canvas.save()
        return self._file.getvalue()


class Picture:
    """A black and white PNG of one page."""

    def __init__(self, size: str) -> None:
        self.width, self.height = SIZES[size]
        self._image = Image.new("L", (round(self.width * DOTS), round(self.height * DOTS)), 255)
        self._draw = ImageDraw.Draw(self._image)

    def text(self, x: float, y: float, size: float, text: str, bold: bool = False) -> None:
        place = (x * DOTS, y * DOTS)
        self._draw.text(place, _writable(text), 0, _font(size), anchor="ls", stroke_width=1.5 if bold else 0)

    def fill(self, x: float, y: float, width: float, height: float) -> None:
        left, top = round(x * DOTS), round(y * DOTS)
        right, bottom = round((x + width) * DOTS) - 1, round((y + height) * DOTS) - 1
        self._draw.rectangle((left, top, max(left, right), max(top, bottom)), fill=0)

    def width_of(self, text: str, size: float, bold: bool = False) -> float:
        return float(_font(size).getlength(_writable(text))) / DOTS + (1.0 if bold else 0)

    def turn(self) -> None:
        raise ValueError("A picture has one page.")

    def finish(self) -> bytes:
        file = io.BytesIO()
        self._image.save(file, "PNG", dpi=(300, 300))
        return file.getvalue()


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size * DOTS)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType.")
    return font


def _writable(text: str) -> str:
    return text.encode("cp1252", "replace").decode("cp1252")
