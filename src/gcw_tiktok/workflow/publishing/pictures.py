"""Pictures for TikTok: read from files, and checked by its rules before they are sent."""

import hashlib
import os
import threading
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from gcw_tiktok.errors import BadInput
from gcw_tiktok.tiktok.images import CUSTOMIZATION, MAIN, SIZE_CHART

MOST_BYTES = 10 * 1024 * 1024
FORMATS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "BMP": "image/bmp"}
HEIC = (b"heic", b"heix", b"mif1", b"hevc")
SIDES = {MAIN: (300, 4_000), SIZE_CHART: (100, 20_000), CUSTOMIZATION: (100, 20_000)}
"""Fewest and most pixels of a side, by what the picture is for."""
TAKEN = "TikTok takes JPG, PNG, WEBP, HEIC and BMP files of at most 10 MB."


@dataclass(frozen=True)
class Picture:
    """A picture that TikTok will take."""

    label: str
    """What it is called: its path, or what it shows."""
    use_case: str
    media_type: str
    sha256: str
    data: bytes = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """What tells it from others that were uploaded, whatever their files are called."""
        return f"{self.use_case} {self.sha256}"


def read(source: str, use_case: str = MAIN) -> Picture:
    """The picture in a file; `BadInput` says why TikTok would not take it."""
    path = Path(source).expanduser()
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except OSError as error:
        raise BadInput(f"The picture {source} cannot be read: {error.strerror}.", TAKEN, code="image_unfit") from error
    if not data:
        why = "is empty" if data is not None else "is larger than 10 MB"
        raise BadInput(f"The picture {source} {why}.", TAKEN, code="image_unfit")
    return of(data, source, use_case)


def of(data: bytes, label: str, use_case: str) -> Picture:
    """The picture in these bytes."""
    media_type = _media_type(label, data, *SIDES[use_case])
    return Picture(label, use_case, media_type, hashlib.sha256(data).hexdigest(), data)


def keep(data: bytes, name: str, folder: Path) -> str:
    """The path of these bytes in the folder, under a name that holds their hash. What is there already is marked as
    wanted anew, so that nobody takes it for forgotten."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    try:
        os.utime(path)
    except FileNotFoundError:
        aside = path.with_name(f".{name}.new-{os.getpid()}-{threading.get_ident()}")
        aside.write_bytes(data)
        aside.replace(path)
    return str(path)


def remove(path: Path, before: int) -> bool:
    """Removes a kept picture that nobody has wanted since; whether it did. Whoever wants it at this very moment either
    finds it marked, or brings it anew."""
    aside = path.with_name(f".{path.name}.old-{os.getpid()}-{threading.get_ident()}")
    try:
        path.rename(aside)
    except FileNotFoundError:  # another process sweeps too
        return False
    if aside.stat().st_mtime >= before:
        aside.rename(path)
        return False
    aside.unlink()
    return True


def _media_type(source: str, data: bytes, least: int, most: int) -> str:
    if data[4:8] == b"ftyp" and data[8:12] in HEIC:
        return "image/heic"  # Pillow cannot read it: how large it is, TikTok will say
    import io

    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nothing is decompressed
            with Image.open(io.BytesIO(data), formats=[name for name in FORMATS if name != "MPO"]) as picture:
                kind, (width, height) = picture.format or "", picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadInput(f"{source} is no picture that TikTok takes.", TAKEN, code="image_unfit") from None
    if min(width, height) < least or max(width, height) > most:
        raise BadInput(
            f"{source} has {width} x {height} pixels; TikTok takes {least} to {most} on each side.",
            "Scale the picture.",
            code="image_unfit",
        )
    return FORMATS[kind]
