"""What a variant can print: the catalog of its store's customer, and the choice that its own options stand for."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlmodel import Session

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Variant
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import OrderableProduct, OrderableUid, PrintArea

MOST_AREAS = 3
"""Drawn on a card: more of them could not be told apart."""
INCHES = re.compile(r"""(?<=\d)\s*(inches|inch|in\b|"|″|”|'')""")
NOISE = re.compile(r"[\s_\-]+")
VIEW, GAP = 100.0, 6.0


@dataclass(frozen=True)
class Shape:
    """A print area as it is drawn on a card, in hundredths of the picture."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Card:
    """A product of the catalog, to be chosen."""

    name: str
    description: str
    categories: Sequence[str]
    printed: bool
    shapes: Sequence[Shape]
    choices: str
    """What there is to choose, in words: `size, paper`."""


@dataclass(frozen=True)
class Catalog:
    """What a customer may order, as far as it is asked for."""

    cards: Sequence[Card]
    categories: Mapping[str, int]
    """Every category with how many products it has."""
    whole: int
    """How many products there are without a search."""


def catalog(session: Session, customer_id: int, search: str = "", category: str = "") -> Catalog:
    """The products of which the name, the description, a category or a value contains every word of the search."""
    names = offer.categories_of(session)
    cards, counts, whole = [], Counter[str](), 0
    words = search.casefold().split()
    for product, model in offer.allowed(session, customer_id):
        whole += 1
        counts.update(names[product.name])
        values = [value for chosen in product.variants.values() for value in chosen]
        text = " ".join((product.name, product.description, *names[product.name], *values)).casefold()
        if (category and category not in names[product.name]) or not all(word in text for word in words):
            continue
        first = product.base | {name: chosen[0] for name, chosen in product.variants.items() if chosen}
        areas = offer.areas_of(model, first, offer.parts_of(session, model))
        choices = ", ".join(name for name, chosen in product.variants.items() if len(chosen) > 1)
        facts = product.name, product.description, tuple(names[product.name])
        cards.append(Card(*facts, model.printed, shapes(areas), choices))
    return Catalog(cards, dict(sorted(counts.items())), whole)


def shapes(areas: Sequence[PrintArea]) -> list[Shape]:
    """The first print areas side by side, each in its proportions."""
    shown = list(islice(areas, MOST_AREAS))
    if not shown:
        return []
    wide = sum(area.width_mm for area in shown)
    high = max(area.height_mm for area in shown)
    scale = min((VIEW - GAP * (len(shown) + 1)) / wide, (VIEW - 2 * GAP) / high)
    left = (VIEW - wide * scale - GAP * (len(shown) - 1)) / 2
    found = []
    for area in shown:
        width, height = area.width_mm * scale, area.height_mm * scale
        found.append(Shape(round(left, 1), round((VIEW - height) / 2, 1), round(width, 1), round(height, 1)))
        left += width + GAP
    return found


def guess(product: OrderableProduct, variant: Variant, now: OrderableUid | None = None) -> dict[str, str]:
    """The values that a variant's options stand for, else those that it prints now, else the only ones there are."""
    found = {}
    for name, values in product.variants.items():
        by_mark = {_mark(value): value for value in values}
        told = _told(name, variant.options, by_mark)
        if not told and now and now.product == product.name and now.values.get(name) in values:
            told = now.values[name]
        if not told and len(values) == 1:
            told = values[0]
        if told:
            found[name] = told
    return found


def uid_of(product: OrderableProduct, values: Mapping[str, str]) -> OrderableUid | None:
    """The product UID that stands for these values."""
    return next((one for one in product.uids if one.values == values), None)


def require_uid(product: OrderableProduct, values: Mapping[str, str]) -> OrderableUid:
    """The same; `BadInput` says what is missing."""
    missing = [name for name in product.variants if not values.get(name)]
    if missing:
        raise BadInput(f"Choose {' and '.join(missing)}.")
    found = uid_of(product, values)
    if found is None:
        raise BadInput(f"{product.name} does not come in this combination.", "Choose other values.")
    return found


def _told(name: str, options: Mapping[str, str], by_mark: Mapping[str, str]) -> str:
    """The value among a variant's options: that of the same name, else one that means the same under any name."""
    same = [value for option, value in options.items() if _mark(option) == _mark(name)]
    for value in (*same, *options.values()):
        if _mark(value) in by_mark:
            return by_mark[_mark(value)]
    return ""


def _mark(text: str) -> str:
    """What is left of a word when spelling is put aside: `12 x 16 in` and `12x16"` are the same."""
    plain = INCHES.sub("", text.casefold().replace("\N{MULTIPLICATION SIGN}", "x"))
    return NOISE.sub("", plain)
