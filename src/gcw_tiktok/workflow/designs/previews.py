"""Draws what will be printed as a picture for customers: the sheet with its lines, and below it what they mean."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.catalog.offer import OrderableUid, PrintArea
from gcw_tiktok.workflow.designs import pinning, placing, rendering
from gcw_tiktok.workflow.designs.laying import Laid

Colour = tuple[int, int, int]
NARROWEST, WIDEST = 200, 4_000
TALLEST = 1.4
MARGIN = 0.04
GROUND, EDGE, INK, QUIET = (243, 244, 246), (209, 213, 219), (31, 41, 55), (107, 114, 128)
AMBER = (180, 83, 9)
BLEED, TRIM, SAFE = (220, 38, 38), (37, 99, 235), (5, 150, 105)
WHITE, CHECKS = (255, 255, 255), ((238, 240, 243), (203, 208, 216))
HALO = (255, 255, 255, 200)
CUT_OFF = (255, 255, 255, 120)
"""Lies over the bleed, which is cut off."""
COLOUR_NAMES = ("color", "colour", "garment color", "garment colour")


@dataclass(frozen=True)
class Caption:
    """What is told below the picture."""

    title: str
    lines: Sequence[str]
    warnings: Sequence[str] = ()


def draw(laid: Laid, width: int) -> Image.Image:
    """What will be printed, so many pixels wide, with its lines, the legend and the caption."""
    sheet = _sheet(laid, _sheet_width(laid.area, width))
    margin, thickness = round(width * MARGIN), max(1, round(width / 900))
    lined = _with_lines(sheet, laid.area, thickness)
    page = _Page(width, margin)
    page.legend(laid.area)
    page.caption(caption_of(laid))
    whole = Image.new("RGB", (width, margin + lined.height + page.height + margin), GROUND)
    left = (width - lined.width) // 2
    frame = (left - 1, margin - 1, left + lined.width, margin + lined.height)
    ImageDraw.Draw(whole).rectangle(frame, outline=EDGE)
    whole.paste(lined.convert("RGB"), (left, margin))
    page.draw(whole, margin + lined.height)
    return whole


def bare(laid: Laid, width: int) -> Image.Image:
    """What will be printed on trim and bleed and nothing else, at most so many pixels wide; without lines or words."""
    return _sheet(laid, _sheet_width(laid.area, width)).convert("RGB")


def for_terminal(laid: Laid, columns: int, rows: int) -> list[list[Colour]]:
    """What will be printed with its lines, as colours row by row, within so many columns and rows."""
    printed = laid.area.printed_size
    width = max(1, min(columns, round(rows * printed[0] / printed[1])))
    lined = _with_lines(_sheet(laid, width), laid.area, 0).convert("RGB")
    flat = [lined.getpixel((x, y)) for y in range(lined.height) for x in range(lined.width)]
    return [flat[start : start + lined.width] for start in range(0, len(flat), lined.width)]  # type: ignore[misc]


def save(picture: Image.Image, path: Path) -> None:
    """Writes it as PNG: complete or not at all, readable by its owner only."""
    try:
        handle, name = tempfile.mkstemp(prefix=".gcw-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(as_png(picture))
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Name another file with -o.") from error


def caption_of(laid: Laid) -> Caption:
    """What is told below the picture."""
    area, variant = laid.area, laid.variant
    prints = f", prints at {laid.dpi:.0f} dpi" if laid.dpi else ""
    placed = str(laid.placement) if laid.placement else f"{placing.usual(area)}, the usual way"
    return Caption(
        ", ".join(filter(None, (variant.product, variant.variant))),
        (
            f"Print area {area.name}, {area.width_mm:.5g} x {area.height_mm:.5g} mm",
            f"{pinning.name_of(laid.source)}, {laid.size}{prints}",
            f"Placed: {placed}",
        ),
        [one.sentence for one in laid.findings() if one.level != "pass"],
    )


def _sheet(laid: Laid, width: int) -> Image.Image:
    printed = rendering.sheet(laid.design, laid.facts, laid.area, laid.placement, width)
    return _on_ground(printed, ground_of(laid.variant, laid.area))


def _sheet_width(area: PrintArea, width: int) -> int:
    """How wide the sheet is drawn within a picture of this width: less where it is much taller than wide."""
    printed = area.printed_size
    room = width * (1 - 2 * MARGIN)
    return max(1, round(min(room, room * TALLEST * printed[0] / printed[1])))


def ground_of(orderable: OrderableUid, area: PrintArea) -> Colour | None:
    """What shows where no ink comes: the product's own colour, or white paper; None where nobody knows."""
    told = {name.casefold(): value for name, value in (orderable.base | orderable.values).items()}
    for name in COLOUR_NAMES:
        colour = _colour(told.get(name, ""))
        if colour:
            return colour
    return WHITE if area.bleed_mm else None


def _on_ground(sheet: Image.Image, ground: Colour | None) -> Image.Image:
    """The sheet on the product's colour, or on the checks that stand for "anything"."""
    below = Image.new("RGBA", sheet.size, ground or CHECKS[0])
    if ground is None:
        _draw_checks(below)
    return Image.alpha_composite(below, sheet)


def _with_lines(sheet: Image.Image, area: PrintArea, thickness: int) -> Image.Image:
    """The sheet with its trim and safe lines, unless they have no thickness; what is cut off is paler."""
    per_mm = sheet.width / area.printed_size[0]
    over = Image.new("RGBA", sheet.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(over)
    bleed = round(area.bleed_mm * per_mm)
    trim = (bleed, bleed, sheet.width - 1 - bleed, sheet.height - 1 - bleed)
    if bleed:
        pen.rectangle((0, 0, *sheet.size), fill=CUT_OFF)
        pen.rectangle(trim, fill=(0, 0, 0, 0))
    if not thickness:
        return Image.alpha_composite(sheet, over)
    safe = area.safe_mm * per_mm
    inner = (trim[0] + safe, trim[1] + safe, trim[2] - safe, trim[3] - safe)
    if area.safe_mm and inner[2] > inner[0] and inner[3] > inner[1]:
        _dashed(pen, inner, SAFE, thickness)
    _frame(pen, trim, TRIM, thickness)
    if area.bleed_mm:
        _frame(pen, (0, 0, sheet.width - 1, sheet.height - 1), BLEED, thickness)
    return Image.alpha_composite(sheet, over)


def as_png(picture: Image.Image) -> bytes:
    content = BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()


class _Page:
    """Collects what comes below the sheet, then draws it."""

    def __init__(self, width: int, margin: int) -> None:
        self.width, self.margin = width, margin
        self.size = max(11, round(width / 62))
        self.height = margin // 2
        self.parts: list[tuple[int, int, str, Colour, float]] = []
        self.swatches: list[tuple[int, int, Colour, bool]] = []

    def legend(self, area: PrintArea) -> None:
        """A stroke of each line with what it is, side by side as far as they fit."""
        name = "trim" if area.bleed_mm else "print area"
        said = [(TRIM, False, f"{name} {area.width_mm:.5g} x {area.height_mm:.5g} mm")]
        if area.bleed_mm:
            said.insert(0, (BLEED, False, f"bleed {area.bleed_mm:.4g} mm, cut off"))
        if area.safe_mm:
            said.append((SAFE, True, f"safe area, {area.safe_mm:.4g} mm within"))
        left, stroke = self.margin, self.size * 2
        for colour, dashed, words in said:
            wide = stroke + self.size // 2 + round(_font(self.size * 0.9).getlength(words))
            if left > self.margin and left + wide > self.width - self.margin:
                left, self.height = self.margin, self.height + round(self.size * 1.6)
            self.swatches.append((left, self.height + round(self.size * 0.6), colour, dashed))
            self.parts.append((left + stroke + self.size // 2, self.height, words, QUIET, 0.9))
            left += wide + self.size * 2
        self.height += round(self.size * 2.2)

    def caption(self, caption: Caption) -> None:
        self._text(caption.title, INK, 1.35)
        for line in caption.lines:
            self._text(line, INK, 1.0)
        for line in caption.warnings:
            self._text(line, AMBER, 1.0)

    def _text(self, words: str, colour: Colour, times: float) -> None:
        for row in _wrapped(words, _font(self.size * times), self.width - 2 * self.margin):
            self.parts.append((self.margin, self.height, row, colour, times))
            self.height += round(self.size * times * 1.45)

    def draw(self, whole: Image.Image, top: int) -> None:
        pen = ImageDraw.Draw(whole)
        thick = max(2, self.size // 6)
        for left, down, colour, dashed in self.swatches:
            y, right = top + down, left + self.size * 2
            step = self.size * 2 / 3
            spans = [(left + step * n, left + step * (n + 0.6)) for n in range(3)] if dashed else [(left, right)]
            for start, end in spans:
                pen.line((start, y, end, y), fill=colour, width=thick)
        for left, down, words, colour, times in self.parts:
            pen.text((left, top + down), words, fill=colour, font=_font(self.size * times))


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _wrapped(words: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    rows = [""]
    for word in words.split():
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and font.getlength(longer) > width:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows


def _colour(name: str) -> Colour | None:
    try:
        found = ImageColor.getrgb(name.casefold().replace(" ", "").replace("-", "").replace("_", ""))
    except ValueError:
        return None
    return found[0], found[1], found[2]


def _draw_checks(picture: Image.Image) -> None:
    side = max(4, round(max(picture.size) / 60))
    pen = ImageDraw.Draw(picture)
    for row, top in enumerate(range(0, picture.height, side)):
        for left in range(side * (row % 2), picture.width, 2 * side):
            pen.rectangle((left, top, left + side - 1, top + side - 1), fill=CHECKS[1])


Box = tuple[float, float, float, float]


def _frame(pen: ImageDraw.ImageDraw, box: Box, colour: Colour, thickness: int) -> None:
    """A line with a light one within, so that it shows on dark and on light."""
    outer = tuple(map(round, box))
    inner = outer[0] + thickness, outer[1] + thickness, outer[2] - thickness, outer[3] - thickness
    if inner[2] > inner[0] and inner[3] > inner[1]:
        pen.rectangle(inner, outline=HALO, width=thickness)
    pen.rectangle(outer, outline=colour, width=thickness)


def _dashed(pen: ImageDraw.ImageDraw, box: Box, colour: Colour, thickness: int) -> None:
    left, top, right, bottom = map(round, box)
    pen.rectangle((left, top, right, bottom), outline=HALO, width=thickness)
    dash, gap = thickness * 6, thickness * 4
    for x in range(left, right, dash + gap):
        for y in (top, bottom):
            pen.line((x, y, min(x + dash, right), y), fill=colour, width=thickness)
    for y in range(top, bottom, dash + gap):
        for x in (left, right):
            pen.line((x, y, x, min(y + dash, bottom)), fill=colour, width=thickness)
