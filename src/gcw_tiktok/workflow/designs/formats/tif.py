"""Reads TIFF: its directories, and whether all pixels they speak of are there. EXIF is written the same way."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from gcw_tiktok.workflow.designs import facts
from gcw_tiktok.workflow.designs.facts import MEDIA_TYPES, MM_PER_INCH, MOST_PAGES, FileFacts, Flaw
from gcw_tiktok.workflow.designs.formats import icc

PIECE = 1024 * 1024
MOST_ENTRIES = 4_096
MOST_PARTS = 2_000_000
MOST_PROFILE = 16 * 1024 * 1024
MOST_UNPACKED = 50_000_000
"""Pixels. In smaller pictures packed data is counted as well: that finds data that ends too early."""
UNPACKED, DEFLATE = 1, (8, 32946)
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
LETTERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I"}
TURNED = (5, 6, 7, 8)
"""Orientations that lay a picture on its side."""
KIND, WIDTH, HEIGHT, BITS, PACKING, COLOURS = 254, 256, 257, 258, 259, 262
STRIPS, ORIENTATION, CHANNELS, ROWS, STRIP_SIZES = 273, 274, 277, 278, 279
ACROSS, PLANES, UNIT, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_SIZES = 282, 284, 296, 322, 323, 324, 325
EXTRA, PROFILE = 338, 34675
SPACES = {0: "gray", 1: "gray", 2: "srgb", 3: "srgb", 5: "cmyk", 6: "srgb", 8: "lab", 9: "lab", 10: "lab"}
SUBSAMPLED = 6
NO_PAGES = 1 | 4
"""Smaller copies and masks of another picture."""
CUT_OFF = "is cut off: a part of the TIFF is missing."


@dataclass(frozen=True)
class Directory:
    """One picture's entries, by tag: kind, how many values, and where they lie."""

    stream: BinaryIO
    order: str
    entries: dict[int, tuple[int, int, bytes]]

    def numbers(self, tag: int, most: int = 16) -> tuple[int, ...]:
        """An entry's whole numbers; none where there is no such entry."""
        kind, count, _ = self.entries.get(tag, (0, 0, b""))
        if kind not in LETTERS or not count:
            return ()
        if count > most:
            raise Flaw("is damaged: the TIFF lists more than it can hold.")
        return struct.unpack(f"{self.order}{count}{LETTERS[kind]}", self.raw(tag, count * SIZES[kind]))

    def number(self, tag: int, default: int = 0) -> int:
        found = self.numbers(tag)
        return found[0] if found else default

    def raw(self, tag: int, most: int) -> bytes:
        """An entry's bytes, wherever they lie."""
        kind, count, value = self.entries[tag]
        size = min(count * SIZES.get(kind, 1), most)
        if count * SIZES.get(kind, 1) <= 4:
            return value[:size]
        self.stream.seek(struct.unpack(f"{self.order}I", value)[0])
        data = self.stream.read(size)
        if len(data) < size:
            raise Flaw(CUT_OFF)
        return data

    @property
    def orientation(self) -> int:
        return self.number(ORIENTATION, 1)

    @property
    def dpi(self) -> float | None:
        if self.entries.get(ACROSS, (0, 0, b""))[0] != 5 or self.number(UNIT, 2) not in (2, 3):
            return None
        above, below = struct.unpack(f"{self.order}II", self.raw(ACROSS, 8))
        return (
            facts.stated_dpi(above / below * (MM_PER_INCH / 10 if self.number(UNIT, 2) == 3 else 1)) if below else None
        )


@dataclass(frozen=True)
class Exif:
    """What a camera said beside the picture."""

    orientation: int = 1
    dpi: float | None = None


def read(stream: BinaryIO) -> FileFacts:
    """The facts of a whole TIFF's first page."""
    size = stream.seek(0, 2)
    directories = _directories(stream)
    pages = [one for one in directories if not one.number(KIND) & NO_PAGES] or directories[:1]
    for one in pages:
        _must_be_whole(one, size)
    first = pages[0]
    width, height = first.number(WIDTH), first.number(HEIGHT)
    space, profile = _colours(first)
    if first.orientation in TURNED:
        width, height = height, width
    return FileFacts(
        MEDIA_TYPES["tif"],
        "tif",
        width,
        height,
        len(pages),
        first.dpi,
        color_spaces=(space,),
        profile=profile,
        transparent=any(one in (1, 2) for one in first.numbers(EXTRA)),
    )


def exif(data: bytes) -> Exif:
    """What a picture's EXIF data says; where it cannot be read, nothing."""
    try:
        found = _directories(BytesIO(data), most=1)[0]
        return Exif(found.orientation, found.dpi)
    except (Flaw, struct.error):
        return Exif()


def _directories(stream: BinaryIO, most: int = 2 * MOST_PAGES) -> list[Directory]:
    stream.seek(0)
    head = stream.read(8)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        raise Flaw(CUT_OFF)
    place = struct.unpack(f"{order}I", head[4:])[0]
    found: list[Directory] = []
    seen: set[int] = set()
    while place and len(found) < most:
        if place in seen:
            raise Flaw("is damaged: its pages lead in a circle.")
        seen.add(place)
        directory, place = _directory(stream, order, place)
        found.append(directory)
    if not found or (place and most > 1):
        raise Flaw("is damaged: it has no page, or too many.")
    return found


def _directory(stream: BinaryIO, order: str, place: int) -> tuple[Directory, int]:
    """The directory there, and where the next one lies."""
    stream.seek(place)
    count = int.from_bytes(stream.read(2), "little" if order == "<" else "big")
    data = stream.read(12 * count + 4) if count <= MOST_ENTRIES else b""
    if not 0 < count <= MOST_ENTRIES or len(data) < 12 * count:
        raise Flaw(CUT_OFF)
    entries: dict[int, tuple[int, int, bytes]] = {}
    for number in range(count):
        tag, kind, values, value = struct.unpack_from(f"{order}HHI4s", data, 12 * number)
        entries.setdefault(tag, (kind, values, value))
    after = data[12 * count :]
    return Directory(stream, order, entries), struct.unpack(f"{order}I", after)[0] if len(after) == 4 else 0


def _must_be_whole(page: Directory, size: int) -> None:
    """All parts lie within the file, and there are as many as the picture's size asks for."""
    width, height = page.number(WIDTH), page.number(HEIGHT)
    facts.pixels(width, height)
    tiled = TILES in page.entries
    places = page.numbers(TILES if tiled else STRIPS, MOST_PARTS)
    sizes = page.numbers(TILE_SIZES if tiled else STRIP_SIZES, MOST_PARTS)
    if len(places) < max(1, _parts(page, width, height, tiled)) or len(sizes) != len(places):
        raise Flaw(CUT_OFF)
    if any(place + length > size or not length for place, length in zip(places, sizes, strict=True)):
        raise Flaw(CUT_OFF)
    bits = page.numbers(BITS) or (1,)
    least = (width * (sum(bits) if len(bits) > 1 else bits[0] * page.number(CHANNELS, 1)) + 7) // 8 * height
    packing = page.number(PACKING, 1)
    if packing == UNPACKED and page.number(COLOURS) != SUBSAMPLED and sum(sizes) < least:
        raise Flaw(CUT_OFF)
    if packing in DEFLATE and width * height <= MOST_UNPACKED:
        _count(page.stream, list(zip(places, sizes, strict=True)), least)


def _count(stream: BinaryIO, parts: list[tuple[int, int]], least: int) -> None:
    """Counts what packed pixels give, without keeping them."""
    found = 0
    for place, size in parts:
        stream.seek(place)
        unpack, waiting = zlib.decompressobj(), stream.read(size)
        while waiting and found < least and not unpack.eof:
            try:
                found += len(unpack.decompress(waiting, PIECE))
            except zlib.error as error:
                raise Flaw("is damaged: its pixels cannot be unpacked.") from error
            waiting = unpack.unconsumed_tail
        found += len(unpack.flush()) if found < least else 0
    if found < least:
        raise Flaw("is cut off: it has fewer pixels than it says.")


def _parts(page: Directory, width: int, height: int, tiled: bool) -> int:
    planes = page.number(CHANNELS, 1) if page.number(PLANES, 1) == 2 else 1
    if tiled:
        across, down = page.number(TILE_WIDTH), page.number(TILE_HEIGHT)
        if not across or not down:
            raise Flaw("is damaged: its tiles have no size.")
        return -(-width // across) * -(-height // down) * planes
    return -(-height // min(page.number(ROWS, height) or height, height)) * planes


def _colours(page: Directory) -> tuple[str, str]:
    """The colour space, and the profile's name."""
    space = SPACES.get(page.number(COLOURS, -1))
    if space is None:
        raise Flaw("has colours of a kind that presses do not read.", "Export it as RGB, CMYK or gray.")
    if PROFILE not in page.entries:
        return space, ""
    profile = icc.describe(page.raw(PROFILE, MOST_PROFILE))
    return ("rgb" if (space, profile.space) == ("srgb", "rgb") else space), profile.name
