"""Reads JPEG: walks its segments to the end marker, and never draws a pixel."""

import re
from dataclasses import dataclass, field
from typing import BinaryIO

from gcw_tiktok.workflow.designs import facts
from gcw_tiktok.workflow.designs.facts import MEDIA_TYPES, MM_PER_INCH, FileFacts, Flaw
from gcw_tiktok.workflow.designs.formats import icc, tif

PIECE = 1024 * 1024
MOST_SEGMENTS = 10_000
MOST_SCANS = 500
MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""What ends a run of packed pixels: restart marks and stuffed bytes belong to them."""
START_OF_SCAN, END, APP0, APP1, APP2 = 0xDA, 0xD9, 0xE0, 0xE1, 0xE2
FRAMES = (0xC0, 0xC1, 0xC2)
OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
SPACES = {1: "gray", 3: "srgb", 4: "cmyk"}
CUT_OFF = "is cut off: the end of the JPEG is missing."


@dataclass
class Parts:
    """What the segments say."""

    size: tuple[int, int] | None = None
    channels: int = 0
    density: float | None = None
    exif: bytes = b""
    profile: dict[int, bytes] = field(default_factory=dict)
    scans: int = 0


def read(stream: BinaryIO) -> FileFacts:
    """The facts of a whole JPEG."""
    stream.seek(2)
    parts = _walk(stream)
    assert parts.size is not None
    width, height = parts.size
    camera = tif.exif(parts.exif)
    if camera.orientation in tif.TURNED:
        width, height = height, width
    space, name = SPACES[parts.channels], ""
    if parts.profile:
        profile = icc.describe(b"".join(parts.profile[number] for number in sorted(parts.profile)))
        space, name = ("rgb" if (space, profile.space) == ("srgb", "rgb") else space), profile.name
    return FileFacts(
        MEDIA_TYPES["jpg"],
        "jpg",
        width,
        height,
        dpi=parts.density or camera.dpi,
        color_spaces=(space,),
        profile=name,
        transparent=False,
    )


def _walk(stream: BinaryIO) -> Parts:
    parts = Parts()
    for _ in range(MOST_SEGMENTS):
        marker = _marker(stream)
        if marker == END:
            if not parts.scans:
                raise Flaw("is damaged: it has no pixels.")
            return parts
        data = _segment(stream)
        if marker == START_OF_SCAN:
            parts.scans += 1
            if parts.size is None or parts.scans > MOST_SCANS:
                raise Flaw("is damaged: its parts do not make a picture.")
            _skip_pixels(stream)
        else:
            _take(parts, marker, data)
    raise Flaw(f"is no usual JPEG: it has more than {MOST_SEGMENTS:,} parts.")


def _marker(stream: BinaryIO) -> int:
    if stream.read(1) != b"\xff":
        raise Flaw(CUT_OFF)
    while (byte := stream.read(1)) == b"\xff":  # fill bytes
        pass
    if not byte:
        raise Flaw(CUT_OFF)
    return byte[0]


def _segment(stream: BinaryIO) -> bytes:
    size = int.from_bytes(stream.read(2), "big")
    data = stream.read(size - 2) if size >= 2 else b""
    if size < 2 or len(data) < size - 2:
        raise Flaw(CUT_OFF)
    return data


def _skip_pixels(stream: BinaryIO) -> None:
    """To the next marker that is none of the pixels'."""
    while piece := stream.read(PIECE):
        found = MARKER.search(piece)
        if found:
            stream.seek(found.start() - len(piece), 1)
            return
        if piece.endswith(b"\xff") and len(piece) > 1:  # what it means, the next byte says
            stream.seek(-1, 1)
    raise Flaw(CUT_OFF)


def _take(parts: Parts, marker: int, data: bytes) -> None:
    if marker in FRAMES:
        _take_frame(parts, data)
    elif marker in OTHER_FRAMES:
        raise Flaw("is a JPEG of a rare kind, which presses do not read.", "Export it anew as a usual JPEG.")
    elif marker == APP0 and data.startswith(b"JFIF\0"):
        per_unit = {1: 1.0, 2: MM_PER_INCH / 10}.get(data[7] if len(data) > 9 else 0)
        parts.density = facts.stated_dpi(int.from_bytes(data[8:10], "big") * per_unit) if per_unit else None
    elif marker == APP1 and data.startswith(b"Exif\0\0") and not parts.exif:
        parts.exif = data[6:]
    elif marker == APP2 and data.startswith(b"ICC_PROFILE\0") and len(data) > 14:
        parts.profile.setdefault(data[12], data[14:])


def _take_frame(parts: Parts, data: bytes) -> None:
    if parts.size is not None or len(data) < 6 or len(data) != 6 + 3 * data[5] or data[5] not in SPACES:
        raise Flaw("is damaged: its header says what no JPEG can.")
    if data[0] != 8:
        raise Flaw(f"has {data[0]} bits a colour, which presses do not read in a JPEG.", "Export it with 8 bits.")
    parts.size = int.from_bytes(data[3:5], "big"), int.from_bytes(data[1:3], "big")
    parts.channels = data[5]
    facts.pixels(*parts.size)
