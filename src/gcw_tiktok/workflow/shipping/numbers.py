"""Whether a tracking number can be what its carrier prints: by its shape and its check digit. Shapes change, so a
doubt is put to a person and never the last word.

Check digits as the carriers publish them; the shapes also as collected by github.com/jkeen/tracking_number_data.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle

LONGEST_ROUTING = re.compile(r"420\d{5}(?:\d{4})?(9[1-5]\d{20}|9[1-5]\d{24})")
"""What a scanner reads off a USPS label: the ZIP code first, and then the tracking number."""


def by_threes(number: str) -> bool:
    """USPS, FedEx Ground: weights 1, 3, 1, 3 … from the check digit leftwards come to a multiple of ten."""
    return sum(int(digit) * weight for digit, weight in zip(reversed(number), cycle((1, 3)), strict=False)) % 10 == 0


def by_threes_after_91(number: str) -> bool:
    """Older USPS numbers of 20 digits leave out the 91 that their check digit counts."""
    return by_threes(number) or by_threes(f"91{number}")


def by_twos(number: str) -> bool:
    """UPS after its 1Z, OnTrac: every second character twice; a letter counts as its place in the alphabet and two,
    without the tens."""
    values = [int(one) if one.isdigit() else (ord(one) - 63) % 10 for one in number.removeprefix("1Z")]
    total = sum(value * weight for value, weight in zip(values[:-1], cycle((1, 2)), strict=False))
    return (total + values[-1]) % 10 == 0


def by_elevens(number: str) -> bool:
    """FedEx Express: weights 1, 3, 7 from the right; what is left after elevens, without the tens."""
    total = sum(int(digit) * weight for digit, weight in zip(number[-2::-1], cycle((1, 3, 7)), strict=False))
    return total % 11 % 10 == int(number[-1])


def by_sevens(number: str) -> bool:
    """DHL Express: what is left after sevens."""
    return int(number[:-1]) % 7 == int(number[-1])


def by_post(number: str) -> bool:
    """International post, as the Universal Postal Union has it (S10)."""
    total = sum(int(digit) * weight for digit, weight in zip(number[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11) == int(number[10])


def unchecked(number: str) -> bool:
    """Numbers whose check digit is not published, or that have none."""
    return True


@dataclass(frozen=True)
class Shape:
    """One form that a carrier's numbers have; its check digit counts the last so many characters, or all."""

    form: str
    holds: Callable[[str], bool] = unchecked
    last: int = 0
    lent: bool = False
    """It is another carrier's, who does a part of the way."""

    def fits(self, number: str) -> bool:
        return re.fullmatch(self.form, number) is not None

    def is_sound(self, number: str) -> bool:
        return self.fits(number) and self.holds(number[-self.last :])


LAST_MILE = Shape(r"92\d{20}|92\d{24}", by_threes, lent=True)

SHAPES: dict[str, Sequence[Shape]] = {
    "USPS": (
        Shape(r"9[1-5]\d{20}|9[1-5]\d{24}", by_threes),
        Shape(r"(?!96)\d{20}", by_threes_after_91),
        Shape(r"[A-Z]{2}\d{9}US", by_post),
    ),
    "UPS": (
        Shape(r"1Z[0-9A-Z]{15}\d", by_twos),
        Shape(r"[AHJKTV]\d{10}", by_twos, last=10),
        Shape(r"MI\d{6}[0-9A-Z]{1,22}"),
        LAST_MILE,
    ),
    "FedEx": (
        Shape(r"\d{12}", by_elevens),
        Shape(r"\d{15}", by_threes),
        Shape(r"\d{20}"),
        Shape(r"96\d{20}", by_threes, last=15),
        Shape(r"96\d{32}", by_elevens, last=14),
        LAST_MILE,
    ),
    "DHL Express": (Shape(r"\d{10,11}", by_sevens), Shape(r"J[A-Z]{1,3}\d{9,20}")),
    "DHL eCommerce": (
        Shape(r"(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9A-Z]{10,39}"),
        Shape(r"\d{14}"),
        Shape(r"9[2-5]\d{20}|9[2-5]\d{24}", by_threes, lent=True),
    ),
    "OnTrac": (Shape(r"[CD]\d{14}", by_twos), Shape(r"1LS[0-9A-Z]{9,15}(?:-\d)?", lent=True)),
    "LaserShip": (
        Shape(r"L[AIEHNX]\d{8}"),
        Shape(r"1LS[0-9A-Z]{9,15}(?:-\d)?"),
        Shape(r"[CD]\d{14}", by_twos, lent=True),
    ),
    "Amazon Logistics": (Shape(r"TB[ACM]\d{12}"),),
}
"""The carriers whose numbers are known well enough to doubt others. Of all that TikTok lists besides, only the
characters are looked at."""


def doubt(number: str, carrier: str) -> str:
    """What speaks against this number for the carrier, in a sentence; empty where nothing does."""
    name = _known(carrier)
    if not name or any(shape.is_sound(number) for shape in SHAPES[name]):
        return ""
    if scanned := LONGEST_ROUTING.fullmatch(number):
        return f"{number} is a whole bar code with the ZIP code before it; the tracking number is {scanned[1]}."
    others = looks_like(number)
    if others:
        return f"{number} is no number of {name}'s; it looks like one of {' or '.join(others)}."
    if any(shape.fits(number) for shape in SHAPES[name]):
        return f"The check digit of {number} is wrong for {name}: a digit was mistyped, or two were swapped."
    return f"{number} does not have the shape of {name}'s numbers ({len(number)} characters)."


def looks_like(number: str) -> list[str]:
    """The carriers of which it has a shape and, where there is one, the right check digit."""
    return [
        name for name, shapes in SHAPES.items() if any(shape.is_sound(number) and not shape.lent for shape in shapes)
    ]


def _known(carrier: str) -> str:
    plain = _plain(carrier)
    return next((name for name in SHAPES if _plain(name) == plain), "")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
