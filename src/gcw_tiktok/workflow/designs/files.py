"""Looks into a design file: what it is, how large, and whether it is whole. Believes content, not names."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pypdf
from PIL import ExifTags, Image
from pypdf.generic import RectangleObject

from gcw_tiktok.errors import BadInput

MM_PER_INCH = 25.4
MM_PER_POINT = MM_PER_INCH / 72
MOST_PIXELS = 250_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # Pillow stops at twice that, before we see a size
MOST_PAGES = 2_000
TAIL = 2_048
PRINT_READY = "Export it as PDF, PNG, JPEG or TIFF."

MEDIA_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "tif": "image/tiff"}
"""The types that can be printed, by the extension they are kept under."""
PICTURES = {"png": "PNG", "jpg": "JPEG", "tif": "TIFF"}
SAME_AS = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "tiff": "tif"}
STARTS = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
)
UNPRINTABLE = (
    (rb"RIFF....WEBP", "webp", "WebP, which presses do not read"),
    (rb"GIF8[79]a", "gif", "GIF, which has too few colours to print"),
    (rb"....ftyp(heic|heix|mif1|avif)", "heic", "HEIC or AVIF, which presses do not read"),
    (rb"8BPS", "psd", "a Photoshop document"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "eps", "PostScript, which may hold programs"),
    (rb"BM.{4}\x00{4}", "bmp", "BMP, which has no place for a resolution or profile"),
    (rb"PK\x03\x04", "zip", "a ZIP archive or an office document"),
    (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!DOCTYPE svg|svg)", "svg", "SVG, which depends on fonts and links"),
    (rb"\s*<(!DOCTYPE html|html|head|body|script|!--)", "html", "a web page, not a file"),
)


@dataclass(frozen=True)
class FileFacts:
    """What a file is. Sizes are pixels for pictures and millimetres for a PDF's first page."""

    media_type: str
    extension: str
    """`pdf`, `png`, `jpg` or `tif`."""
    width: float
    height: float
    pages: int = 1
    dpi: float | None = None
    """What a picture says of itself; nothing relies on it."""
    trim: tuple[float, float] | None = None
    """Width and height of a PDF's TrimBox, when it states one."""

    @property
    def is_picture(self) -> bool:
        return self.extension != "pdf"

    @property
    def format(self) -> str:
        """As product models name it: `pdf`, `png`, `jpeg` or `tiff`."""
        return self.media_type.rpartition("/")[2]


def inspect(file: Path | bytes, name: str = "") -> FileFacts:
    """The facts of a whole and printable file; `BadInput` says why it is not one.

    `name` is what the file was called: its extension, if it is a known one, must be true. A picture
    that says it is to be turned (EXIF) is measured as turned.
    """
    shown = name or (file.name if isinstance(file, Path) else "The file")
    with _opened(file) as stream:
        extension = _kind(stream, shown)
        _must_be_as_named(shown, extension)
        stream.seek(0)
        if extension == "pdf":
            return _inspect_pdf(stream, shown)
        return _inspect_picture(stream, shown, extension)


@contextmanager
def _opened(file: Path | bytes) -> Iterator[BinaryIO]:
    if isinstance(file, bytes):
        yield BytesIO(file)
        return
    with file.open("rb") as stream:
        yield stream


def _kind(stream: BinaryIO, shown: str) -> str:
    start = stream.read(TAIL)
    if not start:
        raise BadInput(f"{shown} is empty.", PRINT_READY)
    for magic, extension in STARTS:
        if start.removeprefix(b"\xef\xbb\xbf").startswith(magic):
            return extension
    for pattern, _, reason in UNPRINTABLE:
        if re.match(pattern, start.removeprefix(b"\xef\xbb\xbf"), re.IGNORECASE | re.DOTALL):
            raise BadInput(f"{shown} is {reason}.", PRINT_READY, code="not_printable")
    raise BadInput(f"{shown} is no PDF, PNG, JPEG or TIFF file.", PRINT_READY, code="not_printable")


def _must_be_as_named(shown: str, extension: str) -> None:
    named = Path(shown).suffix.lower().lstrip(".")
    named = SAME_AS.get(named, named)
    known = {*MEDIA_TYPES, *(kind for _, kind, _ in UNPRINTABLE), "htm"}
    if named in known and named != extension:
        raise BadInput(
            f"{shown} is not what it is called: its content is {MEDIA_TYPES[extension]}.",
            f"Rename it to end in .{extension}, or export it anew.",
            code="wrong_extension",
        )


def _inspect_pdf(stream: BinaryIO, shown: str) -> FileFacts:
    _must_end_like_a_pdf(stream, shown)
    with _damage_in_words(shown), _quiet_pypdf():
        reader = pypdf.PdfReader(stream, strict=False)
        if reader.is_encrypted:
            raise BadInput(f"{shown} is protected by a password.", "Export it without protection.")
        pages = len(reader.pages)
        if not 0 < pages <= MOST_PAGES:
            raise BadInput(f"{shown} has {pages:,} pages; between 1 and {MOST_PAGES:,} can be read.")
        page = reader.pages[0]
        turned = page.rotation % 180 != 0
        width, height = _millimetres(page.cropbox, page.user_unit, turned)
        trim = _millimetres(page.trimbox, page.user_unit, turned) if "/TrimBox" in page else None
    if min(width, height) <= 0:
        raise BadInput(f"{shown} is damaged: its first page has no size.", "Export it anew.")
    return FileFacts(MEDIA_TYPES["pdf"], "pdf", width, height, pages, trim=trim)


def _must_end_like_a_pdf(stream: BinaryIO, shown: str) -> None:
    """Readers mend a PDF that was cut off, and would print what is left of it."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - TAIL))
    if b"%%EOF" not in stream.read():
        raise BadInput(f"{shown} is cut off: the end of the PDF is missing.", "Copy or export it anew.")
    stream.seek(0)


def _millimetres(box: RectangleObject, unit: float, turned: bool) -> tuple[float, float]:
    width, height = (round(float(side) * unit * MM_PER_POINT, 2) for side in (box.width, box.height))
    return (height, width) if turned else (width, height)


def _inspect_picture(stream: BinaryIO, shown: str, extension: str) -> FileFacts:
    with _damage_in_words(shown):
        with Image.open(stream, formats=[PICTURES[extension]]) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise _too_many_pixels(shown, width, height)
            picture.verify()
        stream.seek(0)
        with Image.open(stream, formats=[PICTURES[extension]]) as picture:
            pages = getattr(picture, "n_frames", 1) if extension == "tif" else 1
            _decode(picture, extension)
            dpi = _stated_dpi(picture)
            if picture.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8):
                width, height = height, width
        if extension == "jpg" and not _ends_with_marker(stream):
            raise BadInput(f"{shown} is cut off: the end of the JPEG is missing.", "Copy or export it anew.")
    return FileFacts(MEDIA_TYPES[extension], extension, width, height, pages, dpi)


def _decode(picture: Image.Image, extension: str) -> None:
    """Down to the last row: only that tells a file that was cut off from a whole one."""
    if extension == "jpg":
        picture.draft("RGB", (1, 1))  # an eighth of the pixels, yet all of the file
    picture.load()


def _ends_with_marker(stream: BinaryIO) -> bool:
    """Cameras append notes of their own after the end marker, so it need not be the very last."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 1024 * 1024))
    return b"\xff\xd9" in stream.read()


def _stated_dpi(picture: Image.Image) -> float | None:
    try:
        dpi = float(picture.info["dpi"][0])
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError):
        return None
    return round(dpi, 1) if 1 <= dpi <= 10_000 else None


def _too_many_pixels(shown: str, width: int, height: int) -> BadInput:
    return BadInput(
        f"{shown} has {width:,} x {height:,} pixels; at most {MOST_PIXELS:,} can be read.", "Export it smaller."
    )


@contextmanager
def _damage_in_words(shown: str) -> Iterator[None]:
    """The readers fail in a hundred ways on damaged files, and every one of them means: damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except BadInput:
        raise
    except Image.DecompressionBombError as error:
        raise BadInput(f"{shown} has more than {MOST_PIXELS:,} pixels.", "Export it smaller.") from error
    except Exception as error:
        raise BadInput(f"{shown} is damaged or cut off and cannot be read.", "Copy or export it anew.") from error


@contextmanager
def _quiet_pypdf() -> Iterator[None]:
    """It logs what it mends; what matters of it is told as an error."""
    logger = logging.getLogger("pypdf")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
