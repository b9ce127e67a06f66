"""Which variants a listing has, and which of several given things each of them gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gcw_tiktok.workflow.catalog.offer import OrderableProduct, OrderableUid
from gcw_tiktok.workflow.publishing.complaints import Complaints

What = TypeVar("What")
WHOLE = ""
"""Stands for all variants."""


@dataclass(frozen=True)
class For(Generic[What]):
    """Something for the variants that have all of these values."""

    values: frozenset[str]
    what: What

    def fits(self, uid: OrderableUid) -> bool:
        return self.values <= folded(uid)


def folded(uid: OrderableUid) -> frozenset[str]:
    """A variant's values, whatever their case."""
    return frozenset(value.casefold() for value in uid.values.values())


def known_values(product: OrderableProduct) -> dict[str, str]:
    """Every value that a customer may choose, by itself in lower case."""
    return {value.casefold(): value for uid in product.uids for value in uid.values.values()}


def values_of(text: str, known: Mapping[str, str]) -> frozenset[str] | None:
    """`18x24 in, matte` as values; None where one of them is unknown."""
    whole = text.strip().casefold()
    if whole in known:
        return frozenset({whole})
    parts = [part.strip().casefold() for part in text.split(",")]
    return frozenset(parts) if all(part in known for part in parts) else None


def split(given: str, known: Mapping[str, str]) -> tuple[frozenset[str] | None, str]:
    """`VALUE=WHAT` or `WHAT`: for which values, and what. None for values that the product does not have."""
    before, equals, after = given.rpartition("=")
    return (values_of(before, known), after.strip()) if equals else (frozenset(), given.strip())


def chosen(product: OrderableProduct, wanted: Sequence[str], complaints: Complaints) -> list[OrderableUid]:
    """The variants to be listed: all, or those that have a wanted value of every attribute that is spoken of, and
    those that are spoken of by several values at once, such as `18x24 in, matte`.

    There are none where a value is unknown.
    """
    known = known_values(product)
    names = {value.casefold(): name for uid in product.uids for name, value in uid.values.items()}
    groups: dict[str, set[str]] = {}
    combinations: list[frozenset[str]] = []
    for text in wanted:
        values = values_of(text, known)
        if values is None:
            complaints.add("unknown_value", f'{product.name} has no value "{text}".', f"It has: {listed(known)}.")
        elif len(values) > 1:
            combinations.append(values)
        else:
            groups.setdefault(names[min(values)], set()).update(values)
    if complaints.found:
        return []

    def is_wanted(uid: OrderableUid) -> bool:
        single = all(uid.values[name].casefold() in some for name, some in groups.items())
        return any(one <= folded(uid) for one in combinations) or (single and bool(groups or not combinations))

    return [uid for uid in product.uids if is_wanted(uid)]


def best(given: Sequence[For[What]], uid: OrderableUid) -> list[For[What]]:
    """What fits the variant most closely: several where that is not clear."""
    fitting = [one for one in given if one.fits(uid)]
    closest = max((len(one.values) for one in fitting), default=0)
    return [one for one in fitting if len(one.values) == closest]


def listed(known: Mapping[str, str]) -> str:
    return ", ".join(dict.fromkeys(known.values())) or "none"
