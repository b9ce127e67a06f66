"""Uploaded pictures: which are taken, and what is known of them afterwards."""

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.listings.catalog import IMAGE_ROOM
from gcw_tiktok.sandbox.refusals import business

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.ids import Mint

LARGEST = 10 << 20
FORMATS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
}
HEIC_BRANDS = (b"heic", b"heix", b"mif1", b"hevc")
SIDES, MAIN_SIDES = (100, 20_000), (300, 4_000)
SIDES_FOR = {"MAIN_IMAGE": MAIN_SIDES, "SIZE_CHART_IMAGE": (1_024, 20_000)}
SQUARED = ("MAIN_IMAGE", "ATTRIBUTE_IMAGE")
TALLEST = 4 / 3  # beyond this ratio of its sides a picture in a gallery is brought to a square
UNREAD_SIDE = 1_200


@dataclass(frozen=True)
class Image:
    """One uploaded picture."""

    uri: str
    use_case: str
    width: int
    height: int
    media_type: str
    data: bytes


def take(mint: "Mint", number: int, data: bytes, use_case: str) -> Image:
    """The `number`th picture under its new uri, or why it is not taken."""
    if not data:
        raise business(12019116, "The image file is empty.")
    if len(data) > LARGEST:
        raise business(12038004, "The image file must not exceed 10 MB.")
    media_type, width, height = _read(data)
    least, most = SIDES_FOR.get(use_case, SIDES)
    if not (least <= min(width, height) and max(width, height) <= most):
        raise business(12038005, f"The image must be {least} to {most} pixels on each side; it is {width} x {height}.")
    if max(width, height) > TALLEST * min(width, height) and use_case in SQUARED:
        width = height = min(width, height)
    uri = f"{IMAGE_ROOM}/{mint.digest('upload', number)[:32]}"
    return Image(uri, use_case, width, height, media_type, data)


def _read(data: bytes) -> tuple[str, int, int]:
    """The media type and the size in pixels; only the head of the file is read."""
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return "image/heic", UNREAD_SIDE, UNREAD_SIDE  # Pillow cannot read the format
    from PIL import Image as Pillow  # a slow import that few worlds need

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)  # nothing is decompressed
            with Pillow.open(io.BytesIO(data), formats=list(FORMATS)) as picture:
                return FORMATS.get(picture.format or "", FORMATS["JPEG"]), *picture.size  # some cameras' JPEGs are MPO
    except Pillow.DecompressionBombError:
        raise business(12038005, "The image has too many pixels.") from None
    except (OSError, ValueError, SyntaxError):  # Pillow's own for broken files
        raise business(12038002, "The file is not a JPG, JPEG, PNG, WEBP, HEIC or BMP image.") from None
