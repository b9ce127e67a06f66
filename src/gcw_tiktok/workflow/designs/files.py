"""Looks into a design file: what it is, how large, and whether it is whole. Believes content, not names."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.designs.facts import AGAIN, MEDIA_TYPES, MM_PER_INCH, PRINTABLE, FileFacts, Flaw

__all__ = ["MEDIA_TYPES", "MM_PER_INCH", "FileFacts", "inspect"]

START = 4_096
PRINT_READY = "Export it as PDF, PNG, JPEG or TIFF."
SAME_AS = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "tiff": "tif"}
STARTS = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
)
XML = rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*"
UNPRINTABLE = (
    (rb"RIFF....WEBP", "webp", "WebP, which presses do not read"),
    (rb"GIF8[79]a", "gif", "GIF, which has too few colours to print"),
    (rb"....ftyp(heic|heix|mif1|avif)", "heic", "HEIC or AVIF, which presses do not read"),
    (rb"8BPS", "psd", "a Photoshop document"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "eps", "PostScript, which may hold programs"),
    (rb"BM.{4}\x00{4}", "bmp", "BMP, which has no place for a resolution or profile"),
    (rb"PK\x03\x04", "zip", "a ZIP archive or an office document"),
    (rb"\x1f\x8b", "svgz", "compressed as a whole, which presses do not read"),
    (rb"(II\+|MM\x00\+)", "btf", "a BigTIFF, which many presses do not read"),
    (XML + rb"<(!DOCTYPE html|html|head|body|script)", "html", "a web page, not a file"),
)
VECTORS = re.compile(XML + rb"<([\w-]+:)?(!DOCTYPE svg|svg|\?|!)", re.IGNORECASE | re.DOTALL)
UTF_16 = (b"\xff\xfe<\x00", b"\xfe\xff\x00<")


def inspect(file: Path | bytes, name: str = "") -> FileFacts:
    """The facts of a whole file of a kind that can be printed; `BadInput` says why it is not one.

    `name` is what the file was called: its extension, if it is a known one, must be true. A picture
    that says it is to be turned (EXIF) is measured as turned. Nothing outside of the file is opened.
    """
    shown = name or (file.name if isinstance(file, Path) else "The file")
    with _opened(file) as stream, _in_words(shown):
        extension = _kind(stream)
        _must_be_as_named(shown, extension)
        stream.seek(0)
        facts: FileFacts = import_module(f"gcw_tiktok.workflow.designs.formats.{extension}").read(stream)
    return facts


@contextmanager
def _opened(file: Path | bytes) -> Iterator[BinaryIO]:
    if isinstance(file, bytes):
        yield BytesIO(file)
        return
    with file.open("rb") as stream:
        yield stream


@contextmanager
def _in_words(shown: str) -> Iterator[None]:
    """The readers fail in a hundred ways on damaged files, and every one of them means: damaged."""
    try:
        yield
    except Flaw as flaw:
        raise BadInput(f"{shown} {flaw}", flaw.hint, code=flaw.code) from flaw
    except Exception as error:
        raise BadInput(f"{shown} is damaged or cut off and cannot be read.", AGAIN, code="damaged") from error


def _kind(stream: BinaryIO) -> str:
    start = stream.read(START)
    if not start:
        raise Flaw("is empty.", PRINT_READY)
    bare = start.removeprefix(b"\xef\xbb\xbf")
    for magic, extension in STARTS:
        if bare.startswith(magic):
            return extension
    for pattern, _, reason in UNPRINTABLE:
        if re.match(pattern, bare, re.IGNORECASE | re.DOTALL):
            raise Flaw(f"is {reason}.", PRINT_READY, "not_printable")
    if VECTORS.match(bare) or bare.startswith(UTF_16):
        return "svg"
    raise Flaw(f"is no {PRINTABLE} file.", PRINT_READY, "not_printable")


def _must_be_as_named(shown: str, extension: str) -> None:
    named = Path(shown).suffix.lower().lstrip(".")
    named = SAME_AS.get(named, named)
    known = {*MEDIA_TYPES, *(kind for _, kind, _ in UNPRINTABLE), "htm"}
    if named in known and named != extension:
        raise Flaw(
            f"is not what it is called: its content is {MEDIA_TYPES[extension]}.",
            f"Rename it to end in .{extension}, or export it anew.",
            "wrong_extension",
        )
