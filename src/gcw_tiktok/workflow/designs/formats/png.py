"""Reads PNG: walks its chunks and their check sums, and never draws a pixel."""

import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from gcw_tiktok.workflow.designs import facts
from gcw_tiktok.workflow.designs.facts import MEDIA_TYPES, MM_PER_INCH, FileFacts, Flaw
from gcw_tiktok.workflow.designs.formats import icc, tif

PIECE = 1024 * 1024
MOST_CHUNKS = 200_000
MOST_KEPT = 16 * 1024 * 1024
MOST_UNPACKED = 50_000_000
"""Pixels. In smaller pictures the packed data is counted as well: that finds data that ends too early."""
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
GRAYS, ALPHAS, PALETTE = (0, 4), (4, 6), 3
KEPT = {b"iCCP", b"pHYs", b"eXIf", b"sRGB", b"tRNS", b"PLTE"}
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Where each pass of an interlaced picture begins, and its steps: across and down."""
CUT_OFF = "is cut off: the end of the PNG is missing."
DAMAGED = "is damaged: a part of the PNG does not match its check sum."


@dataclass(frozen=True)
class Header:
    """What the first chunk says."""

    width: int
    height: int
    depth: int
    kind: int
    interlaced: bool

    @property
    def unpacked(self) -> int:
        """How many bytes the unpacked data has: each row has one more, for its filter."""
        if not self.interlaced:
            return self._rows(self.width, self.height)
        return sum(
            self._rows((self.width - x + across - 1) // across, (self.height - y + down - 1) // down)
            for x, y, across, down in PASSES
        )

    def _rows(self, width: int, height: int) -> int:
        return height * ((width * self.depth * CHANNELS[self.kind] + 7) // 8 + 1) if width > 0 < height else 0


def read(stream: BinaryIO) -> FileFacts:
    """The facts of a whole PNG."""
    stream.seek(8)
    header, kept = _walk(stream)
    width, height = header.width, header.height
    if b"eXIf" in kept and tif.exif(kept[b"eXIf"]).orientation in tif.TURNED:
        width, height = height, width
    space, profile = _colours(header, kept)
    return FileFacts(
        MEDIA_TYPES["png"],
        "png",
        width,
        height,
        dpi=_dpi(kept.get(b"pHYs", b"")),
        color_spaces=(space,),
        profile=profile,
        transparent=header.kind in ALPHAS or b"tRNS" in kept,
    )


def _walk(stream: BinaryIO) -> tuple[Header, dict[bytes, bytes]]:
    """The header, and those chunks that tell something; every other one is checked and let go."""
    size, name = _chunk_head(stream)
    header = _header(name, b"".join(_checked(stream, min(size, 14), name)))
    data, kept = _Packed(header), dict[bytes, bytes]()
    for _ in range(MOST_CHUNKS):
        size, name = _chunk_head(stream)
        pieces = _checked(stream, size, name)
        if name == b"IDAT":
            for piece in pieces:
                data.add(piece)
        elif name in KEPT and size <= MOST_KEPT:
            kept.setdefault(name, b"".join(pieces))
        else:
            deque(pieces, maxlen=0)  # their check sum is what matters
            if name == b"IEND":
                data.must_be_whole()
                return header, kept
            if not name[0] & 0x20:
                raise Flaw("is damaged: it has parts that no PNG has.")
    raise Flaw(f"is no usual PNG: it has more than {MOST_CHUNKS:,} parts.")


class _Packed:
    """Counts what the packed data gives, without keeping it."""

    def __init__(self, header: Header) -> None:
        self.wanted = header.unpacked
        self.found = 0
        self.seen = False
        self.unpack = zlib.decompressobj() if header.width * header.height <= MOST_UNPACKED else None

    def add(self, piece: bytes) -> None:
        self.seen = True
        while piece and self.unpack is not None and self.found < self.wanted and not self.unpack.eof:
            try:
                self.found += len(self.unpack.decompress(piece, PIECE))
            except zlib.error as error:
                raise Flaw("is damaged: its pixels cannot be unpacked.") from error
            piece = self.unpack.unconsumed_tail

    def must_be_whole(self) -> None:
        if self.unpack is not None and self.found < self.wanted:
            self.found += len(self.unpack.flush())
        if not self.seen or (self.unpack is not None and self.found < self.wanted):
            raise Flaw("is cut off: it has fewer pixels than it says.")


def _chunk_head(stream: BinaryIO) -> tuple[int, bytes]:
    head = stream.read(8)
    if len(head) < 8:
        raise Flaw(CUT_OFF)
    size = int.from_bytes(head[:4], "big")
    if size >= 1 << 31 or not head[4:].isalpha():
        raise Flaw("is damaged: what should be a part of the PNG is none.")
    return size, head[4:]


def _checked(stream: BinaryIO, size: int, name: bytes) -> Iterator[bytes]:
    """The chunk's data in pieces; `Flaw` at its end when the check sum is another."""
    check = zlib.crc32(name)
    while size:
        piece = stream.read(min(size, PIECE))
        if not piece:
            raise Flaw(CUT_OFF)
        check = zlib.crc32(piece, check)
        size -= len(piece)
        yield piece
    stated = stream.read(4)
    if len(stated) < 4:
        raise Flaw(CUT_OFF)
    if int.from_bytes(stated, "big") != check:
        raise Flaw(DAMAGED)


def _header(name: bytes, data: bytes) -> Header:
    if name != b"IHDR" or len(data) != 13:
        raise Flaw("is damaged: the PNG has no header.")
    width, height = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
    depth, kind, packing, filtering, interlacing = data[8:]
    if depth not in DEPTHS.get(kind, ()) or packing or filtering or interlacing > 1:
        raise Flaw("is damaged: the PNG's header says what no PNG can.")
    facts.pixels(width, height)
    return Header(width, height, depth, kind, bool(interlacing))


def _colours(header: Header, kept: dict[bytes, bytes]) -> tuple[str, str]:
    """The colour space, and the profile's name."""
    if header.kind == PALETTE and b"PLTE" not in kept:
        raise Flaw("is damaged: it has no palette.")
    usual = "gray" if header.kind in GRAYS else "srgb"
    if b"sRGB" in kept:
        return usual, "sRGB"
    if b"iCCP" not in kept:
        return usual, ""
    packed = kept[b"iCCP"].partition(b"\0")[2][1:]
    try:
        found = icc.describe(zlib.decompressobj().decompress(packed, MOST_KEPT))
    except zlib.error:
        return usual, "an unreadable profile"
    return (found.space if usual == "srgb" and found.space == "rgb" else usual), found.name


def _dpi(physical: bytes) -> float | None:
    if len(physical) != 9 or physical[8] != 1:  # 1: per metre
        return None
    return facts.stated_dpi(int.from_bytes(physical[:4], "big") * MM_PER_INCH / 1000)
