"""Renders designs as pictures for people: small, within bounds of pixels and time."""

import ctypes
import io
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageCms
from pypdfium2 import raw

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import embedding, placing, printing, vectors
from gcw_tiktok.workflow.designs.facts import FileFacts
from gcw_tiktok.workflow.designs.placing import Placement

SECONDS = 30.0
MOST_SIDE = 6_000
STRIP = 64
CLEAR = (255, 255, 255, 0)
TURN = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
"""Pillow turns the other way."""
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What EXIF asks for."""
ONE_AT_A_TIME = threading.Lock()
"""PDFium does not bear two at once."""


def sheet(design: Path, facts: FileFacts, area: PrintArea, placement: Placement | None, width: int) -> Image.Image:
    """What is printed on trim and bleed, so many pixels wide; clear where no ink comes.

    A PDF goes the way of the print-ready file, so that what is shown is what is printed.
    """
    printed = area.printed_size
    size = width, max(1, round(width * printed[1] / printed[0]))
    if facts.extension == "pdf":
        return page(printing.compose(design, facts, area, placement), size)
    lies, per_mm = placing.box(facts, area, placement), width / printed[0]
    left, top = (lies.left + area.bleed_mm) * per_mm, (lies.top + area.bleed_mm) * per_mm
    frame = left, top, left + lies.width * per_mm, top + lies.height * per_mm
    return _lay(_read(design, facts, frame, placement.rotate if placement else 0), frame, size)


def page(content: bytes, size: tuple[int, int], seconds: float = SECONDS) -> Image.Image:
    """The first page of a PDF in this size, clear where nothing is printed."""
    with _first_page(content) as found, _bitmap(size) as bitmap:
        return _drawn(found, bitmap, size, seconds)


@lru_cache(maxsize=32)
def thumbnail(file: Path, pixels: int, seconds: float) -> Image.Image | None:
    """The first page of a pinned PDF, at most so many pixels wide and high; None when it cannot be drawn in time.

    The name of a pinned file stands for its content, so what was drawn once is remembered.
    """
    try:
        with _first_page(file) as found:
            width, height = found.get_size()
            scale = pixels / max(width, height)
            size = max(1, round(width * scale)), max(1, round(height * scale))
            with _bitmap(size) as bitmap:
                return _drawn(found, bitmap, size, seconds)
    except (BadInput, OSError):
        return None


@contextmanager
def _first_page(source: bytes | Path) -> Iterator[Any]:
    with ONE_AT_A_TIME:
        try:
            pdf = pypdfium2.PdfDocument(source)
            try:
                found = pdf[0]
                try:
                    yield found
                finally:
                    found.close()
            finally:
                pdf.close()
        except pypdfium2.PdfiumError as error:
            raise BadInput(f"The PDF cannot be shown: {error}.", "Export it anew.") from error


@contextmanager
def _bitmap(size: tuple[int, int]) -> Iterator[Any]:
    bitmap = pypdfium2.PdfBitmap.new_native(*size, raw.FPDFBitmap_BGRA)
    try:
        bitmap.fill_rect(CLEAR, 0, 0, *size)
        yield bitmap
    finally:
        bitmap.close()


def _drawn(found: Any, bitmap: Any, size: tuple[int, int], seconds: float) -> Image.Image:
    """Draws until it is done or the time is over; PDFium asks again and again whether it should pause."""
    deadline = time.monotonic() + seconds
    pause = raw.IFSDK_PAUSE(version=1)
    wanted = type(pause.NeedToPauseNow)
    asked = wanted(lambda _: int(time.monotonic() > deadline))
    pause.NeedToPauseNow = asked
    flags = raw.FPDF_ANNOT | raw.FPDF_PRINTING
    status = raw.FPDF_RenderPageBitmap_Start(bitmap, found, 0, 0, *size, 0, flags, ctypes.byref(pause))
    raw.FPDF_RenderPage_Close(found)
    if status != raw.FPDF_RENDER_DONE:
        raise BadInput(f"The PDF takes longer than {seconds:g} seconds to draw.", "Export it simpler.")
    shown: Image.Image = bitmap.to_pil()
    return shown.copy()


Frame = tuple[float, float, float, float]


def _read(design: Path, facts: FileFacts, frame: Frame, rotate: int) -> Image.Image:
    """The picture upright, turned as it was placed, and no larger than its frame asks for."""
    wanted = max(1, round(frame[2] - frame[0])), max(1, round(frame[3] - frame[1]))
    upright_size = wanted[::-1] if rotate % 180 else wanted
    with warnings.catch_warnings(), _opened(design, facts, upright_size) as picture:
        warnings.simplefilter("ignore")
        stored = embedding.orientation(design, facts.extension)
        profile = picture.info.get("icc_profile")
        smaller = _shrunk(picture, upright_size[::-1] if stored >= 5 else upright_size)
        upright = _in_screen_colours(smaller.transpose(UPRIGHT[stored]) if stored > 1 else smaller, profile)
    return upright.transpose(TURN[rotate]) if rotate else upright


def _shrunk(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """About as large as asked for. Flat colours are mixed as what they stand for, a strip at a time."""
    factor = min(picture.width // size[0], picture.height // size[1])
    if picture.mode not in ("P", "PA", "1"):
        picture.thumbnail(size, reducing_gap=2.0)
        return picture
    if factor < 2:
        return picture.convert("RGBA")
    rows = factor * STRIP
    whole = Image.new("RGBA", (-(-picture.width // factor), -(-picture.height // factor)), CLEAR)
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        whole.paste(strip.convert("RGBA").reduce(factor), (0, top // factor))
    return whole


@contextmanager
def _opened(design: Path, facts: FileFacts, size: tuple[int, int]) -> Iterator[Image.Image]:
    if facts.extension == "svg":
        shrink = min(1.0, MOST_SIDE / max(size))
        with Image.open(io.BytesIO(vectors.drawn(design, max(1, round(size[0] * shrink))))) as picture:
            yield picture
        return
    try:
        with Image.open(design) as picture:
            yield picture
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadInput(f"The picture cannot be shown: {error}.", "Export it anew.") from error


def _in_screen_colours(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """As RGBA; colours with a profile, as ink and wide gamuts have, are shown as they are meant."""
    if profile and picture.mode in ("CMYK", "RGB"):
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            told = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            shown = ImageCms.profileToProfile(picture, told, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return shown.convert("RGBA") if shown else picture.convert("RGBA")
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 256, "L") if picture.mode == "I;16" else picture.convert("L")
    return picture.convert("RGBA")


def _lay(picture: Image.Image, frame: Frame, size: tuple[int, int]) -> Image.Image:
    """The part of the picture that lies on the sheet; only that is made as large as it is shown."""
    laid = Image.new("RGBA", size, CLEAR)
    left, top = max(0, round(frame[0])), max(0, round(frame[1]))
    right, bottom = min(size[0], round(frame[2])), min(size[1], round(frame[3]))
    if right <= left or bottom <= top:
        return laid
    across, down = picture.width / (frame[2] - frame[0]), picture.height / (frame[3] - frame[1])
    part = (
        max(0.0, (left - frame[0]) * across),
        max(0.0, (top - frame[1]) * down),
        min(float(picture.width), (right - frame[0]) * across),
        min(float(picture.height), (bottom - frame[1]) * down),
    )
    laid.paste(picture.resize((right - left, bottom - top), Image.Resampling.LANCZOS, box=part), (left, top))
    return laid
