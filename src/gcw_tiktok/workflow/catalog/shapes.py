"""How models are put together: a model's choices are its own and those of its parts. Knows no files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Offer = dict[str, list[str]]
"""Values by attribute, in the order in which customers see them."""
PART_OF = "/"
"""Between a part and its print area: `cover/front`. No name has one within, so the whole tells both apart."""


@dataclass(frozen=True)
class Shape:
    """What of a model concerns others: products made from it, and models that it is a part of."""

    attributes: Offer
    """Its own."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """The model of each part, by the part's name. A part has no parts of its own."""
    derived: Mapping[str, str] = field(default_factory=dict)
    printed: bool = True


Shapes = Mapping[str, Shape]
"""By the model's name."""


def choices(shape: Shape, models: Shapes) -> Offer:
    """Every attribute with its values: the model's own, then what its parts add, as far as all of them know it."""
    whole = dict(shape.attributes)
    for part in parts_of(shape, models):
        for name, values in part.attributes.items():
            if name not in shape.attributes:
                whole[name] = [value for value in whole.get(name, values) if value in values]
    return whole


def parts_of(shape: Shape, models: Shapes) -> Iterator[Shape]:
    """The parts that are known, in their order."""
    return (models[name] for name in shape.parts.values() if name in models)


def misfits(shape: Shape, models: Shapes) -> Iterator[tuple[str, str]]:
    """What does not go together with the parts: attribute and value; the value is empty where none is left."""
    for part in parts_of(shape, models):
        for name, values in shape.attributes.items():
            yield from ((name, value) for value in values if value not in part.attributes.get(name, values))
    yield from ((name, "") for name, values in choices(shape, models).items() if not values)


def offers(variants: Mapping[str, list[str]], values: Mapping[str, str]) -> bool:
    """Whether these values are one full choice of what the variants offer."""
    return variants.keys() == values.keys() and all(values[name] in variants[name] for name in variants)


def in_words(values: Mapping[str, str]) -> str:
    """`size 18x24 in, paper matte`."""
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "no choice"
