"""Weights, sizes and prices as operators write them, in TikTok's units."""

import re
from decimal import Decimal, InvalidOperation

WEIGHTS = {
    "lb": ("POUND", Decimal(1)),
    "lbs": ("POUND", Decimal(1)),
    "oz": ("POUND", Decimal(1) / 16),
    "kg": ("KILOGRAM", Decimal(1)),
    "g": ("KILOGRAM", Decimal("0.001")),
}
LENGTHS = {
    "in": ("INCH", Decimal(1)),
    '"': ("INCH", Decimal(1)),
    "cm": ("CENTIMETER", Decimal(1)),
    "mm": ("CENTIMETER", Decimal("0.1")),
}
PLACES = {
    "POUND": Decimal("0.01"),
    "KILOGRAM": Decimal("0.001"),
    "INCH": Decimal("0.01"),
    "CENTIMETER": Decimal("0.01"),
}
SYSTEMS = {"POUND": "INCH", "KILOGRAM": "CENTIMETER"}
NUMBER = r"\d+(?:\.\d+)?"
WEIGHT = re.compile(rf"({NUMBER})\s*([a-z]+)", re.IGNORECASE)
SIZE = re.compile(rf"({NUMBER})\s*[x\u00d7]\s*({NUMBER})\s*[x\u00d7]\s*({NUMBER})\s*([a-z]+|\")", re.IGNORECASE)
SIDES = ("length", "width", "height")
CENT, MOST_MONEY = Decimal("0.01"), Decimal(1_000_000)


def weight(text: str) -> dict[str, str] | None:
    """`0.6 lb` as TikTok takes it; None where it is no weight above zero."""
    found = WEIGHT.fullmatch(text.strip())
    unit = WEIGHTS.get(found[2].lower()) if found else None
    if not found or not unit:
        return None
    value = _rounded(Decimal(found[1]) * unit[1], unit[0])
    return {"value": value, "unit": unit[0]} if Decimal(value) > 0 else None


def size(text: str) -> dict[str, str] | None:
    """`26 x 4 x 4 in` (length, width, height) as TikTok takes it; None where it is no such thing."""
    found = SIZE.fullmatch(text.strip())
    unit = LENGTHS.get(found[4].lower()) if found else None
    if not found or not unit:
        return None
    sides = {side: _rounded(Decimal(found[place]) * unit[1], unit[0]) for place, side in enumerate(SIDES, 1)}
    return sides | {"unit": unit[0]} if all(Decimal(one) > 0 for one in sides.values()) else None


def price(text: str) -> Decimal | None:
    """`24.99`, with or without a dollar sign; None where nobody can pay that."""
    try:
        amount = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        return None
    if not amount.is_finite() or not CENT <= amount < MOST_MONEY or amount != amount.quantize(CENT):
        return None
    return amount.quantize(CENT)


def _rounded(value: Decimal, unit: str) -> str:
    """Plain digits; what would vanish by rounding stays as small as it can be told."""
    step = PLACES[unit]
    rounded = max(value.quantize(step), step) if value else value
    return f"{rounded.normalize():f}"
