"""Pictures of new listings: given by somebody, or drawn from the designs as they will be printed."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO

from PIL import Image

from gcw_tiktok.errors import BadInput
from gcw_tiktok.tiktok.images import MAIN, SIZE_CHART
from gcw_tiktok.workflow.catalog.offer import OrderableUid, PrintArea
from gcw_tiktok.workflow.designs import previews, rendering
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.publishing import pictures

__all__ = ["MAIN", "SIZE_CHART", "draw", "is_drawn", "kept", "take"]
DRAWN = "from-design-"
"""Begins the names of files that were drawn, by which they are known: they are drawn anew when a design changes."""
SIDE, ROOM = 1_200, 0.86
"""Pixels of a picture's side, and how much of it the product takes."""
GROUND, SHADOW = (241, 240, 236), (205, 203, 197)
MOST = 9
_drawing = threading.Lock()
"""Large designs are drawn one after another: each may take a gigabyte."""


def take(content: IO[bytes], name: str, use_case: str, folder: Path) -> str:
    """The path of a picture that somebody uploads; `BadInput` where TikTok would not take it."""
    data = content.read(pictures.MOST_BYTES + 1)
    if not data or len(data) > pictures.MOST_BYTES:
        raise BadInput(f"{name} {'is larger than 10 MB' if data else 'is empty'}.", pictures.TAKEN, code="image_unfit")
    found = pictures.of(data, name, use_case)
    return pictures.keep(data, f"{found.sha256}.{found.media_type.rpartition('/')[2]}", folder)


def is_drawn(path: str) -> bool:
    return Path(path).name.startswith(DRAWN)


def kept(path: str, folder: Path) -> tuple[bytes, str] | None:
    """A picture with its media type, where it is one of this folder's; nobody else's file is shown."""
    file = Path(path)
    if file.parent != folder or not file.is_file():
        return None
    return file.read_bytes(), f"image/{file.suffix.lstrip('.')}"


def draw(
    uids: list[OrderableUid],
    files: Mapping[str, Mapping[str, Stored]],
    placed: Mapping[str, Placement | None],
    folder: Path,
) -> list[str]:
    """The paths of pictures of what is printed: every area of the first variant, then variants of other colours or
    designs. `files` are the designs by UID and area."""
    drawn: dict[str, None] = {}
    with _drawing:
        for uid, area in _views(uids, files):
            if len(drawn) == MOST:
                break
            stored = files[uid.uid][area.name]
            content = _jpeg(_drawn(uid, area, stored, placed.get(area.name)))
            name = f"{DRAWN}{hashlib.sha256(content).hexdigest()}.jpeg"
            drawn[pictures.keep(content, name, folder)] = None
    return list(drawn)


def _views(
    uids: list[OrderableUid], files: Mapping[str, Mapping[str, Stored]]
) -> Iterator[tuple[OrderableUid, PrintArea]]:
    """What is worth a picture: what looks like another one is left out."""
    seen = set()
    for number, uid in enumerate(uids):
        areas = [area for area in uid.areas if area.name in files.get(uid.uid, {})]
        for area in areas if number == 0 else areas[:1]:
            shape = round(area.width_mm / area.height_mm, 2)
            look = (area.name, files[uid.uid][area.name].sha256, previews.ground_of(uid, area), shape)
            if look not in seen:
                seen.add(look)
                yield uid, area


def _drawn(uid: OrderableUid, area: PrintArea, stored: Stored, placement: Placement | None) -> Image.Image:
    """The trimmed product in the middle of a square."""
    scale = SIDE * ROOM / max(area.width_mm, area.height_mm)
    sheet = rendering.sheet(stored.path, stored.facts, area, placement, max(1, round(area.printed_size[0] * scale)))
    bleed = round(area.bleed_mm * scale)
    sheet = sheet.crop((bleed, bleed, sheet.width - bleed, sheet.height - bleed)).convert("RGBA")
    colour = previews.ground_of(uid, area)
    on_fabric = colour is not None and not area.bleed_mm
    whole = Image.new("RGB", (SIDE, SIDE), colour if on_fabric and colour else GROUND)
    left, top = (SIDE - sheet.width) // 2, (SIDE - sheet.height) // 2
    if not on_fabric:
        whole.paste(SHADOW, (left + 5, top + 7, left + sheet.width + 5, top + sheet.height + 7))
        whole.paste(colour or (255, 255, 255), (left, top, left + sheet.width, top + sheet.height))
    whole.paste(sheet, (left, top), sheet)
    return whole


def _jpeg(picture: Image.Image) -> bytes:
    content = BytesIO()
    picture.save(content, "JPEG", quality=92, optimize=True)
    return content.getvalue()
