"""What an operator wants a new listing to be, as given: by options or by a file."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

LONGEST_REFERENCE = 24


@dataclass(frozen=True)
class Wanted:
    """A listing as it was asked for. Lists hold `WHERE=WHAT` or just `WHAT`, which is meant for all."""

    product: str = ""
    """The catalog product's name."""
    reference: str = ""
    """The listing's own name; it begins its seller SKUs."""
    title: str = ""
    description: str = ""
    """HTML, or plain text whose paragraphs are parted by empty lines."""
    price: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    """Paths, the main picture first."""
    design: tuple[str, ...] = ()
    """By variant value and print area: `black/front=FILE`."""
    place: tuple[str, ...] = ()
    """How designs lie on print areas: `fill`, or `front=fit` for one of them; `file`, as the file itself says, is
    what holds where nothing is said."""
    weight: str = ""
    size: str = ""
    category: str = ""
    """TikTok's id of a leaf; empty: what TikTok recommends."""
    attribute: tuple[str, ...] = ()
    size_chart: str = ""
    """A picture's path, or `template:ID`."""
    stock: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    """Values that variants must have; empty: all combinations."""
    handling_days: int = 0
    """Business days to make it in; 0: an ordinary product."""
    seller_sku: str = ""
    """A pattern such as `HARBOR-{size}`."""
    personalise: bool = True
    """Whether buyers may personalise what the model lets them."""
    draft: bool = False
    """Whether TikTok keeps it without submitting it."""

    @property
    def named(self) -> "Wanted":
        """The same with a reference, made from the title where none was given."""
        return self if self.reference else replace(self, reference=reference_of(self.title))

    def as_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def with_changes(self, changes: Mapping[str, Any]) -> "Wanted":
        """The same with the members that are given; lists are replaced as a whole."""
        return replace(self, **_typed(changes))


def from_json(kept: Mapping[str, Any]) -> Wanted:
    """What `as_json` made of it."""
    return Wanted(**_typed(kept))


NAMES = tuple(field.name for field in fields(Wanted))
LISTS = tuple(field.name for field in fields(Wanted) if field.default == ())


def reference_of(title: str) -> str:
    """A title as a word for seller SKUs: the same title, the same word; and not the same for two titles."""
    whole = slug(title)
    if len(whole) <= LONGEST_REFERENCE and whole == "-".join(title.upper().split()) and whole:
        return whole
    return "-".join(filter(None, (whole[: LONGEST_REFERENCE - 7].rstrip("-."), digest(title))))


def slug(text: str) -> str:
    """`18x24 in` as `18X24-IN`."""
    return re.sub(r"[^A-Z0-9.]+", "-", text.upper()).strip("-.")


def digest(text: str) -> str:
    """Six letters and digits that tell texts apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:6].upper()


def _typed(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if name in LISTS else value for name, value in given.items() if name in NAMES}
