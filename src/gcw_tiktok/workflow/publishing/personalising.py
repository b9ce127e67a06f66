"""What buyers may personalise: templates made from print areas, and a buyer's wishes read back by print area.

Our print area's name is TikTok's `external_surface_id`; an area on it is called `NAME/text` or `NAME/image`.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gcw_tiktok.workflow.catalog.offer import PrintArea

Json = dict[str, Any]
TEXT, IMAGE = "text", "image"
LAYERS = (IMAGE, TEXT)
"""The kinds in the order of their layers: a text lies on the picture."""
MOST_SURFACES = 10
LONGEST_TEXT = 30
LONGEST_SIDE = 1_000
"""Pixels of the picture on which buyers see their wishes."""
TEXT_SHARE = 0.2
"""Of the height, where a text stands below a picture."""
TEXTS = ("text", "value", "content", "input_text")
PICTURES = ("url", "image_url", "urls", "uri")
"""How a wish may name what it holds; TikTok does not publish the form."""


@dataclass(frozen=True)
class Wishes:
    """What a buyer wants on one print area."""

    texts: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    """Addresses, or TikTok's names where it gives no address."""


def surfaces(areas: Sequence[PrintArea]) -> list[Json]:
    """A surface for each print area that buyers may personalise; its background is yet to be uploaded."""
    return [_surface(area) for area in areas if area.personalise][:MOST_SURFACES]


def background(area: PrintArea) -> bytes:
    """An empty print area as buyers see it, as PNG: white, with a line where the safe area ends."""
    from PIL import Image, ImageDraw

    width, height = canvas(area)
    picture = Image.new("RGB", (width, height), "white")
    left, top, right, bottom = _safe(area)
    ImageDraw.Draw(picture).rectangle((left, top, right - 1, bottom - 1), outline="#d0d0d0")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def canvas(area: PrintArea) -> tuple[int, int]:
    """The background's pixels: the trimmed area's shape, at least 100 on each side as TikTok asks."""
    scale = _scale(area)
    return max(100, round(area.width_mm * scale)), max(100, round(area.height_mm * scale))


def areas_of(document: object) -> dict[str, Wishes]:
    """A buyer's wishes by print area, from TikTok's answer as text or read; what fits none stands under ``""``.

    The answer's form is not published, so it is read leniently: nothing of a wish is dropped for its place.
    """
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return {}
    found: dict[str, Wishes] = {}
    for area, texts, images in _wishes(document):
        before = found.get(area, Wishes())
        found[area] = Wishes(before.texts + texts, before.images + images)
    return {area: wishes for area, wishes in found.items() if wishes != Wishes()}


def _surface(area: PrintArea) -> Json:
    kinds = [kind for kind in LAYERS if kind in area.personalise]
    return {
        "surface_name": area.name.replace("-", " ").capitalize(),
        "external_surface_id": area.name,
        "custom_areas": [_custom_area(area, kind, shared=len(kinds) > 1) for kind in kinds],
    }


def _custom_area(area: PrintArea, kind: str, *, shared: bool) -> Json:
    left, top, right, bottom = _safe(area)
    split = bottom - round((bottom - top) * TEXT_SHARE) if shared else (top if kind == TEXT else bottom)
    top, bottom = (split, bottom) if kind == TEXT else (top, split)
    common: Json = {
        "area_name": kind.capitalize(),
        "external_area_id": f"{area.name}/{kind}",
        "area_type": kind.upper(),
        "is_required": area.required,
        "area_placement": {
            "x_coordinate": f"{left:.2f}",
            "y_coordinate": f"{top:.2f}",
            "width": f"{right - left:.2f}",
            "height": f"{bottom - top:.2f}",
            "rotate_degree": "0.00",
        },
    }
    if kind == TEXT:
        return common | {"text_area": {"max_text_length": LONGEST_TEXT, "align_type": "CENTER"}}
    per_pixel = area.min_dpi / 25.4 / _scale(area)
    least = {"min_width": round((right - left) * per_pixel), "min_height": round((bottom - top) * per_pixel)}
    return common | {"image_area": least}


def _scale(area: PrintArea) -> float:
    """Pixels of the background for a millimetre."""
    return LONGEST_SIDE / max(area.width_mm, area.height_mm)


def _safe(area: PrintArea) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what nothing is cut from, in pixels of the background."""
    width, height = canvas(area)
    rim = round(area.safe_mm * _scale(area))
    rim = rim if 2 * rim < min(width, height) else 0
    return rim, rim, width - rim, height - rim


def _wishes(document: object) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    for surface in _entries(document, "surfaces"):
        name = str(surface.get("external_surface_id") or "")
        for custom in _entries(surface, "custom_areas"):
            layer = str(custom.get("external_area_id") or "")
            print_area = name or layer.rpartition("/")[0]
            texts = _said(custom.get("text_area"), TEXTS)
            images = _pictures(custom.get("image_area"))
            yield print_area, texts, images
    for template in _entries(document, "pod_templates"):
        yield from _wishes(template)


def _entries(holder: object, name: str) -> list[Mapping[str, Any]]:
    found = holder.get(name) if isinstance(holder, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _pictures(held: object) -> tuple[str, ...]:
    """A picture's address, told plainly or within `image`."""
    if isinstance(held, Mapping) and held.get("image") is not None:
        return _pictures(held["image"])
    return _said(held, PICTURES)


def _said(held: object, names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(held, str):
        return (held,) if held.strip() else ()
    if not isinstance(held, Mapping):
        return ()
    for name in names:
        value = held.get(name)
        if isinstance(value, list):
            value = next((one for one in value if isinstance(one, str) and one.strip()), None)
        if isinstance(value, str) and value.strip():
            return (value,)
    return ()
