"""Designs of four colours, by which a print tells where a design lies and how it is turned."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

RED, GREEN, BLUE, YELLOW = (230, 20, 20), (20, 200, 20), (20, 20, 230), (240, 240, 0)
COLOURS = ((RED, GREEN), (BLUE, YELLOW))
"""Row by row, as the design shows upright."""
WIDTH, HEIGHT = 240, 160
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What undoes each of EXIF's orientations."""


def picture(mode: str = "RGB") -> Image.Image:
    drawn = Image.new("RGB", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(drawn)
    for row, colours in enumerate(COLOURS):
        for column, colour in enumerate(colours):
            left, top = column * WIDTH // 2, row * HEIGHT // 2
            pen.rectangle((left, top, left + WIDTH // 2 - 1, top + HEIGHT // 2 - 1), fill=colour)
    return drawn.convert(mode) if mode != "P" else drawn.quantize(8)


def png(path: Path, mode: str = "RGB", *, interlaced: bool = False) -> Path:
    assert not interlaced
    picture(mode).save(path, "PNG")
    return path


def clear_corner(path: Path, mode: str) -> Path:
    """The red quarter lets everything through."""
    drawn = picture("RGBA")
    drawn.paste((230, 20, 20, 0), (0, 0, WIDTH // 2, HEIGHT // 2))
    if mode == "P":
        flat = picture("P")
        index = flat.getpixel((5, 5))
        flat.save(path, "PNG", transparency=index)
    else:
        drawn.save(path, "TIFF" if path.suffix == ".tif" else "PNG")
    return path


def turned(path: Path, orientation: int) -> Path:
    """Stored lying or mirrored, with an EXIF note that says so."""
    how = STORED_AS[orientation]
    stored = picture().transpose(how) if how is not None else picture()
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(path, exif=exif, **({"quality": 95, "subsampling": 0} if path.suffix == ".jpg" else {}))
    return path


def cmyk(path: Path, *, profile: bytes | None = None) -> Path:
    picture("CMYK").save(path, **({"quality": 95} if path.suffix == ".jpg" else {}), icc_profile=profile)
    return path


def svg(path: Path) -> Path:
    parts = "".join(
        f'<rect x="{column * 120}" y="{row * 80}" width="120" height="80" fill="#{bytes(colour).hex()}"/>'
        for row, colours in enumerate(COLOURS)
        for column, colour in enumerate(colours)
    )
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 160" width="240" height="160">{parts}</svg>'
    )
    return path


def pdf(path: Path, *, rotate: int = 0, change: Callable[[pikepdf.Page], None] = lambda page: None) -> Path:
    """Upright as a reader shows it, whatever the page's own rotation; with black around the crop box."""
    width, height = (WIDTH, HEIGHT) if rotate % 180 == 0 else (HEIGHT, WIDTH)
    drawn = io.BytesIO()
    canvas = Canvas(drawn, pagesize=(width + 60, height + 60), invariant=True)
    canvas.rect(0, 0, width + 60, height + 60, stroke=0, fill=1)
    canvas.translate(30, 30)
    if rotate == 90:
        canvas.translate(0, 0)
        canvas.transform(0, 1, -1, 0, width, 0)
    elif rotate == 180:
        canvas.transform(-1, 0, 0, -1, width, height)
    elif rotate == 270:
        canvas.transform(0, -1, 1, 0, 0, height)
    for row, colours in enumerate(COLOURS):
        for column, colour in enumerate(colours):
            canvas.setFillColor(HexColor(f"#{bytes(colour).hex()}"))
            canvas.rect(column * WIDTH / 2, HEIGHT / 2 - row * HEIGHT / 2, WIDTH / 2, HEIGHT / 2, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    with pikepdf.open(io.BytesIO(drawn.getvalue())) as made:
        page = made.pages[0]
        page.mediabox = pikepdf.Array([0, 0, width + 60, height + 60])
        page.cropbox = pikepdf.Array([30, 30, width + 30, height + 30])
        page.obj.Rotate = rotate
        change(page)
        made.save(path, static_id=True)
    return path
