"""Draws the example designs anew, byte for byte: `python examples/make_designs.py [FOLDER]`.

One harbor at dusk in three forms: a vector poster as PDF with bleed, a transparent PNG for a T-shirt,
and a JPEG that wraps around a mug.
"""

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw
from reportlab.lib.colors import HexColor
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas

Point = tuple[float, float]
Fill = Callable[[Sequence[Point], str], None]

SKY = ("#f9c784", "#f7a072", "#ec7f6b", "#b95f72", "#6d4c77", "#3d3b63")
SUN, GLOW = "#fff1c9", "#fcdc9d"
HILLS = ("#4a3f66", "#37345a")
SEA = ("#2f4b6e", "#27405f", "#203652", "#192c45", "#132338")
HULL, SAIL, SHADE, TOWER, LAMP = "#1b1b2f", "#fdf6e3", "#e8d5b7", "#f4ede0", "#d1495b"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draw_poster(folder / "harbor-poster-18x24.pdf")
    draw_shirt(folder / "harbor-tee-front.png")
    draw_mug(folder / "harbor-mug-wrap.jpg")


def draw_poster(path: Path) -> None:
    """18 x 24 inches and an eighth of an inch of bleed all around, with a TrimBox."""
    bleed, width, height = inch / 8, 18 * inch, 24 * inch
    canvas = Canvas(str(path), pagesize=(width + 2 * bleed, height + 2 * bleed), invariant=True, pageCompression=1)
    canvas.setTitle("Harbor at dusk")
    canvas.setTrimBox((bleed, bleed, bleed + width, bleed + height))

    def fill(points: Sequence[Point], color: str) -> None:
        shape = canvas.beginPath()
        shape.moveTo(*points[0])
        for point in points[1:]:
            shape.lineTo(*point)
        shape.close()
        canvas.setFillColor(HexColor(color))
        canvas.drawPath(shape, stroke=0, fill=1)

    draw_scene(placed(fill, 0, 0, width + 2 * bleed, height + 2 * bleed), 0.75)
    canvas.showPage()
    canvas.save()


def draw_mug(path: Path) -> None:
    """9 x 3.5 inches at 300 dpi, drawn double and made smaller for smooth edges."""
    size = (2700, 1050)
    picture = Image.new("RGB", (size[0] * 2, size[1] * 2), SKY[0])
    draw_scene(placed(filler(picture), 0, picture.height, picture.width, -picture.height), 2.57)
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    picture.save(path, "JPEG", quality=86, optimize=True, dpi=(300, 300))


def draw_shirt(path: Path) -> None:
    """4500 x 5400 pixels at 300 dpi: the scene in a round badge, nothing around it."""
    size, scale = (4500, 5400), 2
    width, height = size[0] // scale, size[1] // scale
    picture = Image.new("RGBA", (width * 2, height * 2), (0, 0, 0, 0))
    scene = Image.new("RGBA", picture.size, SKY[0])
    side = picture.width - 600
    left, top = 300, (picture.height - side) // 2 - 200
    draw_scene(placed(filler(scene), left, top + side, side, -side), 1.0)
    badge = Image.new("1", picture.size, 0)
    ImageDraw.Draw(badge).ellipse((left, top, left + side, top + side), fill=1)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((left - 90, top - 90, left + side + 90, top + side + 90), fill=SAIL)
    pen.ellipse((left - 45, top - 45, left + side + 45, top + side + 45), fill=HULL)
    picture.paste(scene, (0, 0), badge)
    for row, (start, end) in enumerate(((0.12, 0.88), (0.24, 0.76), (0.36, 0.64))):
        y = top + side + 260 + row * 150
        line = wave(0, 1, 8, 0.0, 0.0)
        points = [(left + side * (start + (end - start) * x), y + 34 * math.sin(x * 16 * math.pi)) for x, _ in line]
        pen.line(points, fill=SAIL, width=46, joint="curve")
    flat = picture.convert("RGB").quantize(31, dither=Image.Dither.NONE)
    colors = flat.getpalette() or []
    nothing = len(colors) // 3  # one more color, which stands for none
    flat.putpalette([*colors, 0, 0, 0])
    flat.paste(nothing, mask=picture.getchannel("A").point(lambda alpha: 255 if alpha < 128 else 0))
    flat.save(path, "PNG", transparency=nothing, optimize=True, dpi=(300, 300))


def filler(picture: Image.Image) -> Fill:
    pen = ImageDraw.Draw(picture)

    def fill(points: Sequence[Point], color: str) -> None:
        pen.polygon(list(points), fill=color)

    return fill


def placed(fill: Fill, left: float, bottom: float, width: float, height: float) -> Fill:
    """Fills shapes given between 0 and 1, y upwards, in a rectangle."""

    def fill_placed(points: Sequence[Point], color: str) -> None:
        fill([(left + x * width, bottom + y * height) for x, y in points], color)

    return fill_placed


def draw_scene(fill: Fill, aspect: float) -> None:
    """The harbor between 0 and 1; `aspect`, width over height, keeps round what is round."""
    horizon = 0.38
    for band, color in enumerate(reversed(SKY)):
        low = horizon + (1 - horizon) * (1 - (band + 1) / len(SKY))
        high = horizon + (1 - horizon) * (1 - band / len(SKY))
        edge = wave(0, 1, 2 + band, 0.006, high + 0.004) if band else [(0.0, 1.0), (1.0, 1.0)]
        fill([*edge, (1, low - 0.02), (0, low - 0.02)], color)
    fill(disk(0.5, horizon + 0.17, 0.235, aspect), GLOW)
    fill(disk(0.5, horizon + 0.17, 0.19, aspect), SUN)
    fill([(0, horizon - 0.01), *wave(0, 1, 1.5, 0.035, horizon + 0.06, 0.6), (1, horizon - 0.01)], HILLS[0])
    fill([(0, horizon - 0.01), *wave(0, 1, 2.5, 0.02, horizon + 0.03, 2.4), (1, horizon - 0.01)], HILLS[1])
    draw_sea(fill, horizon)
    draw_lighthouse(fill, 0.84, horizon - 0.01, 1 / aspect)
    draw_boat(fill, 0.32, horizon - 0.13, 0.26, aspect)
    draw_boat(fill, 0.56, horizon - 0.03, 0.1, aspect)


def draw_sea(fill: Fill, horizon: float) -> None:
    for row, color in enumerate(SEA):
        top = horizon * (1 - (row / len(SEA)) ** 1.2)
        swell = 0.002 + 0.004 * row
        fill([(0, 0), *wave(0, 1, 14 - 2 * row, swell, top, row * 1.3), (1, 0)], color)
    for row in range(7):  # the sun's path on the water
        y, half = horizon - 0.022 - row * 0.03, 0.1 - row * 0.01
        drift = 0.012 * math.sin(row * 2.1)
        fill(
            [(0.5 + drift - half, y), (0.5 + drift, y + 0.005), (0.5 + drift + half, y), (0.5 + drift, y - 0.005)], GLOW
        )


def draw_lighthouse(fill: Fill, x: float, y: float, narrow: float) -> None:
    unit = 0.055 * narrow

    def part(bottom: float, top: float, low: float, high: float, color: str) -> None:
        corners = [(x - low * unit, y + bottom), (x + low * unit, y + bottom)]
        fill([*corners, (x + high * unit, y + top), (x - high * unit, y + top)], color)

    rock = [(x - 2.6 * unit, y - 0.02), (x - 1.9 * unit, y + 0.03), (x - unit, y + 0.045), (x + 0.9 * unit, y + 0.04)]
    fill([*rock, (x + 2.4 * unit, y + 0.025), (x + 3.6 * unit, y - 0.02)], HULL)
    for stripe in range(5):
        low, high = 0.72 - stripe * 0.07, 0.72 - (stripe + 1) * 0.07
        color = LAMP if stripe % 2 else TOWER
        part(0.035 + stripe * 0.045, 0.035 + (stripe + 1) * 0.045, low, high, color)
    part(0.26, 0.268, 0.62, 0.62, HULL)
    part(0.268, 0.298, 0.3, 0.3, SUN)
    part(0.298, 0.325, 0.42, 0.04, LAMP)


def draw_boat(fill: Fill, x: float, y: float, size: float, aspect: float) -> None:
    def at(points: Sequence[Point]) -> list[Point]:
        return [(x + size * px / aspect * 0.75, y + size * py) for px, py in points]

    fill(at([(-0.5, 0.14), (0.56, 0.14), (0.36, -0.06), (-0.36, -0.06)]), HULL)
    fill(at([(-0.015, 0.14), (0.015, 0.14), (0.015, 1.08), (-0.015, 1.08)]), HULL)
    fill(at([(0.04, 0.2), (0.5, 0.2), (0.04, 1.04)]), SAIL)
    fill(at([(-0.04, 0.2), (-0.36, 0.2), (-0.04, 0.86)]), SHADE)
    fill(at([(0.015, 1.08), (0.015, 1.0), (0.15, 1.04)]), LAMP)


def disk(x: float, y: float, radius: float, aspect: float) -> list[Point]:
    """A circle as 120 corners; the radius is a part of the height."""
    turns = [2 * math.pi * step / 120 for step in range(120)]
    return [(x + radius * math.cos(turn) / aspect, y + radius * math.sin(turn)) for turn in turns]


def wave(start: float, end: float, count: float, swell: float, y: float, phase: float = 0.0) -> list[Point]:
    """A sine from left to right."""
    steps = [step / 160 for step in range(161)]
    return [(start + (end - start) * s, y + swell * math.sin(2 * math.pi * count * s + phase)) for s in steps]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "designs")
