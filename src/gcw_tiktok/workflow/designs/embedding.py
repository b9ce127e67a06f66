"""Pictures as PDF images: as the file has them, with their profile, and losing nothing."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image, ImageOps

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.designs.formats import tif

ROWS_AT_A_TIME = 256
QUICK = 3
"""Of 9. Packing harder takes minutes for large pictures and saves little."""
DEVICE = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}
PROFILE_OF = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
GRAY, COLOUR, PALETTE = 0, 2, 3
PARTS = {GRAY: 1, COLOUR: 3, PALETTE: 1}
"""Of a PNG's colour types, those that PDF can take as they are: how many numbers make a pixel."""
INVERTED = [1, 0] * 4


@dataclass(frozen=True)
class Embedded:
    """A picture within a PDF."""

    stream: Stream
    orientation: int = 1
    """How EXIF says that it is to be turned to stand upright: 1 to 8."""


def embed(pdf: Pdf, path: Path, extension: str, frame: int = 0) -> Embedded:
    """The picture as an image of `pdf`. A JPEG stays as it is, CMYK and profile included; a PNG's pixels stay
    packed as they are where PDF can say the same, else they are packed anew without loss.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path) as picture:
            if extension == "jpg":
                return Embedded(_jpeg(pdf, path, picture), orientation(path, extension))
            if extension == "png":
                return Embedded(_png_file(pdf, path, picture), orientation(path, extension))
            picture.seek(frame)
            return Embedded(_pixels(pdf, ImageOps.exif_transpose(picture), picture.info.get("icc_profile")))


def frames(path: Path) -> int:
    """How many pictures a TIFF holds."""
    with Image.open(path) as picture:
        return int(getattr(picture, "n_frames", 1))


def embed_png(pdf: Pdf, content: bytes) -> Embedded:
    """The same for a PNG in memory."""
    with Image.open(BytesIO(content)) as picture:
        return Embedded(_pixels(pdf, picture, None))


def orientation(path: Path, extension: str) -> int:
    """How EXIF says that the picture is to be turned, 1 to 8, read as its facts are. Pillow itself turns a TIFF."""
    told = b""
    if extension == "jpg":
        with Image.open(path) as picture:
            told = picture.info.get("exif", b"").removeprefix(b"Exif\0\0")
    elif extension == "png":
        told = _read_png(path.read_bytes()).exif
    found = tif.exif(told).orientation if told else 1
    return found if found in range(1, 9) else 1


def _jpeg(pdf: Pdf, path: Path, picture: Image.Image) -> Stream:
    parts = len(picture.getbands())
    stream = _image(pdf, path.read_bytes(), picture.size, 8, _space(pdf, parts, picture.info.get("icc_profile")))
    stream.Filter = Name.DCTDecode
    if parts == 4 and "adobe" in picture.info:
        stream.Decode = Array(INVERTED)  # Adobe stores how much ink is missing
    return stream


def _png_file(pdf: Pdf, path: Path, picture: Image.Image) -> Stream:
    png = _read_png(path.read_bytes())
    profile = picture.info.get("icc_profile")
    if png.colour not in PARTS or png.interlaced:
        return _pixels(pdf, picture, profile)
    stream = _png(pdf, png, profile)
    if png.transparent and png.colour == PALETTE:
        opacity = list(png.transparent.ljust(256, b"\xff"))
        stream.SMask = _opacity(pdf, picture.point(opacity, "L"))
    elif png.transparent:  # one colour stands for none
        colour = struct.unpack(f">{len(png.transparent) // 2}H", png.transparent)
        stream.Mask = Array([value for one in colour for value in (one, one)])
    return stream


def _pixels(pdf: Pdf, picture: Image.Image, profile: bytes | None) -> Stream:
    """A picture that was decoded, packed anew; what it lets through becomes a mask."""
    if picture.mode == "RGBA" or picture.mode == "LA" or "transparency" in picture.info:
        clear = picture if picture.mode in ("RGBA", "LA") else picture.convert("RGBA")
        stream = _packed(pdf, clear.convert("L" if clear.mode == "LA" else "RGB"), profile)
        opacity = clear.getchannel("A")
        if opacity.getextrema() != (255, 255):
            stream.SMask = _opacity(pdf, opacity)
        return stream
    return _packed(pdf, picture, profile)


def _packed(pdf: Pdf, picture: Image.Image, profile: bytes | None) -> Stream:
    if picture.mode == "CMYK":
        packer = zlib.compressobj()
        packed = b"".join([*map(packer.compress, _rows(picture)), packer.flush()])
        stream = _image(pdf, packed, picture.size, 8, _space(pdf, 4, profile))
        stream.Filter = Name.FlateDecode
        return stream
    if picture.mode in ("P", "PA", "YCbCr", "RGBX"):
        picture = picture.convert("RGB")
    elif picture.mode == "I;16B":
        picture = picture.convert("I;16")
    if picture.mode not in ("1", "L", "I;16", "RGB"):
        raise BadInput(
            f"A picture in {picture.mode} colours cannot be made print-ready.", "Export it in RGB, gray or CMYK."
        )
    content = BytesIO()
    picture.save(content, "PNG", icc_profile=None, exif=None, compress_level=QUICK)
    return _png(pdf, _read_png(content.getvalue()), profile)


def _rows(picture: Image.Image) -> Iterator[bytes]:
    for top in range(0, picture.height, ROWS_AT_A_TIME):
        yield picture.crop((0, top, picture.width, min(top + ROWS_AT_A_TIME, picture.height))).tobytes()


def _opacity(pdf: Pdf, picture: Image.Image) -> Stream:
    return _packed(pdf, picture, None)


@dataclass
class _Png:
    """What of a PNG goes into a PDF."""

    width: int = 0
    height: int = 0
    bits: int = 8
    colour: int = COLOUR
    interlaced: bool = False
    palette: bytes = b""
    transparent: bytes = b""
    exif: bytes = b""
    packed: list[bytes] = field(default_factory=list)


def _read_png(content: bytes) -> _Png:
    png, at = _Png(), 8
    while at + 12 <= len(content):
        (size,) = struct.unpack_from(">I", content, at)
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            png.width, png.height, png.bits, png.colour, _, _, interlaced = struct.unpack(">IIBBBBB", data)
            png.interlaced = bool(interlaced)
        elif kind == b"PLTE":
            png.palette = data
        elif kind == b"tRNS":
            png.transparent = data
        elif kind == b"eXIf":
            png.exif = data
        elif kind == b"IDAT":
            png.packed.append(data)
        at += size + 12
    return png


def _png(pdf: Pdf, png: _Png, profile: bytes | None) -> Stream:
    """PDF reads rows packed as PNG packs them."""
    parts = PARTS[png.colour]
    space = _space(pdf, 3 if png.colour == PALETTE else parts, profile)
    if png.colour == PALETTE:
        space = Array([Name.Indexed, space, len(png.palette) // 3 - 1, pikepdf.String(png.palette)])
    stream = _image(pdf, b"".join(png.packed), (png.width, png.height), png.bits, space)
    stream.Filter = Name.FlateDecode
    stream.DecodeParms = Dictionary(Predictor=15, Colors=parts, BitsPerComponent=png.bits, Columns=png.width)
    return stream


def _image(pdf: Pdf, packed: bytes, size: tuple[int, int], bits: int, space: pikepdf.Object) -> Stream:
    stream = Stream(pdf, packed)
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height = size
    stream.BitsPerComponent = bits
    stream.ColorSpace = space
    return stream


def _space(pdf: Pdf, parts: int, profile: bytes | None) -> pikepdf.Object:
    """The picture's own colour space where it brings a profile that is meant for its colours."""
    if not profile or PROFILE_OF.get(profile[16:20]) != parts:
        return DEVICE[parts]
    kept = Stream(pdf, profile)
    kept.N, kept.Alternate = parts, DEVICE[parts]
    return Array([Name.ICCBased, pdf.make_indirect(kept)])
