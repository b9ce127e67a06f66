"""How heavy and large a parcel is: as somebody says, else as the listings of its units do."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Line
from gcw_tiktok.tiktok import products
from gcw_tiktok.tiktok.client import Client, entries
from gcw_tiktok.tiktok.errors import BadRequest, TikTokRefused
from gcw_tiktok.tiktok.labels import Box
from gcw_tiktok.tiktok.payload import decimal

POUNDS = {
    "POUND": Decimal(1),
    "LB": Decimal(1),
    "OZ": 1 / Decimal(16),
    "GRAM": 1 / Decimal("453.59237"),
    "G": 1 / Decimal("453.59237"),
    "KILOGRAM": 1 / Decimal("0.45359237"),
    "KG": 1 / Decimal("0.45359237"),
}
INCHES = {"INCH": Decimal(1), "IN": Decimal(1), "CENTIMETER": 1 / Decimal("2.54"), "CM": 1 / Decimal("2.54")}
NUMBER = r"(\d{1,5}(?:\.\d{1,4})?)"
SIDES = ("length", "width", "height")
Raw = Mapping[str, Any]


def said(weight: str, size: str) -> Box:
    """From words such as `1.1lb`, `12oz` or `500g`, and `6x5x5in` or `15x12x12cm`."""
    return Box(_weight_said(weight) if weight else None, _size_said(size) if size else None)


def of_listings(client: Client, lines: Sequence[Line]) -> Box:
    """Weights added and heights stacked, from the listings of these units; what one of them does not tell is not
    known of the parcel."""
    listings = {one: _listing(client, one) for one in sorted({line.product_id for line in lines if line.product_id})}
    units = [_unit(listings.get(line.product_id, {}), line.sku_id) for line in lines]
    weights = [unit.pounds for unit in units if unit.pounds]
    sizes = [unit.inches for unit in units if unit.inches]
    longest, widest = (max((size[side] for size in sizes), default=Decimal(0)) for side in (0, 1))
    stacked = sum((size[2] for size in sizes), Decimal(0))
    return Box(
        sum(weights, Decimal(0)) if weights and len(weights) == len(units) else None,
        (longest, widest, stacked) if sizes and len(sizes) == len(units) else None,
    )


def _listing(client: Client, product_id: str) -> Raw:
    """The listing; nothing where TikTok does not show it any more."""
    try:
        return products.raw_detail(client, product_id)
    except (TikTokRefused, BadRequest):
        return {}


def _unit(listing: Raw, sku_id: str) -> Box:
    """A variant's own weight and size count before those of its listing."""
    variant = next((one for one in entries(listing, "skus") if str(one.get("id")) == sku_id), {})
    weight = _weight(variant.get("sku_weight")) or _weight(listing.get("package_weight"))
    size = _size(variant.get("sku_dimensions")) or _size(listing.get("package_dimensions"))
    return Box(weight, size)


def _weight(told: object) -> Decimal | None:
    if not isinstance(told, dict):
        return None
    unit, value = POUNDS.get(str(told.get("unit"))), decimal(told.get("value"))
    return value * unit if unit and value and value > 0 else None


def _size(told: object) -> tuple[Decimal, Decimal, Decimal] | None:
    if not isinstance(told, dict):
        return None
    unit = INCHES.get(str(told.get("unit")))
    length, width, height = (decimal(told.get(side)) for side in SIDES)
    if not unit or not length or not width or not height or min(length, width, height) <= 0:
        return None
    return length * unit, width * unit, height * unit


def _weight_said(words: str) -> Decimal:
    match = re.fullmatch(rf"{NUMBER} ?(lb|oz|kg|g)", words.strip().lower())
    if not match or not Decimal(match[1]):
        raise BadInput(f"{words!r} is no weight.", "Write it like 1.1lb, 12oz, 500g or 0.5kg.", code="weight")
    return Decimal(match[1]) * POUNDS[match[2].upper()]


def _size_said(words: str) -> tuple[Decimal, Decimal, Decimal]:
    match = re.fullmatch(rf"{NUMBER}x{NUMBER}x{NUMBER} ?(in|cm)", words.strip().lower())
    if not match or not all(Decimal(match[side]) for side in (1, 2, 3)):
        raise BadInput(
            f"{words!r} is no size.", "Write length x width x height like 6x5x5in or 15x12x12cm.", code="size"
        )
    unit = INCHES[match[4].upper()]
    return Decimal(match[1]) * unit, Decimal(match[2]) * unit, Decimal(match[3]) * unit
