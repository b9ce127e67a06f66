"""Reads the print areas of a model in a catalog file, and tells what is wrong with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gcw_tiktok.workflow.catalog.marked_yaml import Fields, Value, did_you_mean
from gcw_tiktok.workflow.catalog.shapes import PART_OF, Offer

FORMATS = {"pdf": "pdf", "png": "png", "jpeg": "jpeg", "jpg": "jpeg", "tiff": "tiff", "tif": "tiff", "svg": "svg"}
COLOR_SPACES = {"srgb": "srgb", "rgb": "srgb", "cmyk": "cmyk", "gray": "gray", "grey": "gray"}
PERSONALISE = {"text": "text", "image": "image"}
TRANSPARENCY = ("needed", "refused", "any")
USUAL_FORMATS = ("pdf", "png", "jpeg")
USUAL_MIN_DPI = 150.0
USUAL_WANTED_DPI = 300.0
CLEAR_FORMATS = frozenset({"pdf", "png", "tiff", "svg"})
"""Those that know transparency."""
MOST_PAGES = 10_000
ONE_PAGE = (1, 1)
FIELDS = (
    "name", "required", "width_mm", "height_mm", "sizes", "bleed_mm", "safe_mm", "min_dpi", "wanted_dpi",
    "color_spaces", "formats", "pages", "transparency", "personalise",
)  # fmt: skip

Size = tuple[float, float]
"""Width and height in millimetres."""


@dataclass(frozen=True)
class AreaEntry:
    """One print area of a model, with sizes that depend on an attribute's value where they do."""

    name: str
    required: bool
    size: Size | None
    sizes: dict[str, dict[str, Size]]
    bleed_mm: float
    safe_mm: float
    min_dpi: float
    wanted_dpi: float
    color_spaces: list[str]
    formats: list[str]
    pages: tuple[int, int]
    transparency: str
    personalise: list[str]

    def every_size(self) -> list[Size]:
        own = [self.size] if self.size else []
        return [*own, *(size for sizes in self.sizes.values() for size in sizes.values())]


def read(value: Value, attributes: Offer) -> AreaEntry:
    """One area; its sizes may follow the model's attributes."""
    fields = value.fields(*FIELDS)
    min_dpi = fields.number("min_dpi", USUAL_MIN_DPI)
    area = AreaEntry(
        name=_name(fields),
        required=fields.flag("required", False),
        size=_own_size(fields),
        sizes=_sizes(fields, attributes),
        bleed_mm=fields.number("bleed_mm", 0.0),
        safe_mm=fields.number("safe_mm", 0.0),
        min_dpi=min_dpi,
        wanted_dpi=fields.number("wanted_dpi", max(min_dpi, USUAL_WANTED_DPI)),
        color_spaces=_words(fields, "color_spaces", COLOR_SPACES),
        formats=_words(fields, "formats", FORMATS) or list(USUAL_FORMATS),
        pages=_pages(fields.get("pages")),
        transparency=_transparency(fields),
        personalise=_words(fields, "personalise", PERSONALISE),
    )
    if area.size is None and not covers(area.sizes, attributes):
        value.fault("give width_mm and height_mm, or sizes for every value of an attribute")
    _check(area, fields)
    return area


def covers(sizes: Mapping[str, Mapping[str, Any]], attributes: Offer) -> bool:
    """Whether every value of some attribute has a size."""
    return any(set(by_value) >= set(attributes.get(name, [""])) for name, by_value in sizes.items())


def stored(area: AreaEntry) -> dict[str, Any]:
    """An area as the database keeps it: JSON knows no tuples, and what is usual is left out where it was never kept."""
    width, height = area.every_size()[0]
    kept: dict[str, Any] = {
        "name": area.name,
        "required": area.required,
        "width_mm": width,
        "height_mm": height,
        "bleed_mm": area.bleed_mm,
        "min_dpi": area.min_dpi,
        "formats": area.formats,
    }
    newer = {
        "safe_mm": (area.safe_mm, 0.0),
        "wanted_dpi": (area.wanted_dpi, USUAL_WANTED_DPI),
        "color_spaces": (area.color_spaces, []),
        "pages": (list(area.pages), list(ONE_PAGE)),
        "transparency": (area.transparency, "any"),
        "personalise": (area.personalise, []),
    }
    kept |= {name: value for name, (value, usual) in newer.items() if value != usual}
    if area.sizes:
        kept["sizes"] = {
            attribute: {value: list(size) for value, size in sizes.items()} for attribute, sizes in area.sizes.items()
        }
    return kept


def written(kept: Mapping[str, Any], attributes: Offer) -> dict[str, Any]:
    """An area of the database as a catalog file says it."""
    told = {name: kept[name] for name in FIELDS if name in kept}
    sizes = [size for by_value in kept.get("sizes", {}).values() for size in by_value.values()]
    if sizes and sizes[0] == [kept["width_mm"], kept["height_mm"]] and covers(kept["sizes"], attributes):
        del told["width_mm"], told["height_mm"]  # they are the first size, for want of one of its own
    if not told["required"]:
        del told["required"]
    return {name: _short(value) for name, value in told.items()}


def _short(value: Any) -> Any:
    """`150` for 150.0, which means the same and reads better."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_short(one) for one in value]
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    return value


def _name(fields: Fields) -> str:
    name = fields.required("name")
    plain(name, fields.at("name"), "print area")
    return name


def plain(name: str, where: Value, kind: str) -> None:
    """A fault where a name has something in it that separates names elsewhere."""
    if any(sign in name for sign in (PART_OF, "=")):
        where.fault(f"a {kind}'s name has no / and no = in it")


def _own_size(fields: Fields) -> Size | None:
    given = [name for name in ("width_mm", "height_mm") if fields.get(name)]
    if not given:
        return None
    if len(given) == 1:
        fields.whole.fault("width_mm and height_mm go together")
    for name in given:
        if fields.number(name, 1.0) == 0:
            fields.at(name).fault("must be more than zero")
    return fields.number("width_mm", 1.0), fields.number("height_mm", 1.0)


def _sizes(fields: Fields, attributes: Offer) -> dict[str, dict[str, Size]]:
    sizes: dict[str, dict[str, Size]] = {}
    for attribute, by_value in fields.entries("sizes").items():
        if attribute not in attributes:
            by_value.fault(f'the model has no attribute "{attribute}"{did_you_mean(attribute, attributes)}')
            continue
        sizes[attribute] = {}
        for name, value in by_value.entries().items():
            if name not in attributes[attribute]:
                value.fault(f'{attribute} has no value "{name}"{did_you_mean(name, attributes[attribute])}')
            sizes[attribute][name] = _size(value)
    return sizes


def _size(value: Value) -> Size:
    numbers = [item.number() for item in value.items()]
    if len(numbers) == 2 and min(numbers) > 0:
        return numbers[0], numbers[1]
    value.fault("expected [width, height] in millimetres")
    return 1.0, 1.0


def _words(fields: Fields, name: str, known: Mapping[str, str]) -> list[str]:
    """A list of known words, each once; empty where none is given."""
    if not fields.get(name):
        return []
    words: list[str] = []
    for text in fields.texts(name):
        word = known.get(text.lower())
        if word is None:
            fields.at(name).fault(f'"{text}" is not known here; known are {in_a_row(known.values())}')
        elif word not in words:
            words.append(word)
    if not words:
        fields.at(name).fault(f"at least one is needed of {in_a_row(known.values())}; or leave it out")
    return words


def in_a_row(words: Iterable[str]) -> str:
    """`pdf, png and jpeg`."""
    *before, last = dict.fromkeys(words)
    return f"{', '.join(before)} and {last}" if before else last


def _pages(value: Value | None) -> tuple[int, int]:
    """`24`, or `[24, 200]` for the fewest and the most."""
    if value is None:
        return ONE_PAGE
    items = value.items() if value.is_list else [value, value]
    numbers = [item.number() for item in items]
    whole = all(number.is_integer() and 1 <= number <= MOST_PAGES for number in numbers)
    if len(numbers) == 2 and whole and numbers[0] <= numbers[1]:
        return int(numbers[0]), int(numbers[1])
    value.fault("expected a number of pages, or [fewest, most]")
    return ONE_PAGE


def _transparency(fields: Fields) -> str:
    word = fields.text("transparency")
    if word and word not in TRANSPARENCY:
        fields.at("transparency").fault(f'"{word}" is not known here; known are {in_a_row(TRANSPARENCY)}')
    return word or "any"


def _check(area: AreaEntry, fields: Fields) -> None:
    """What of an area contradicts itself."""
    if area.wanted_dpi < area.min_dpi:
        fields.at("wanted_dpi").fault(f"is less than min_dpi, which is {area.min_dpi:g}")
    shortest = min((min(size) for size in area.every_size()), default=0.0)
    if area.safe_mm and 2 * area.safe_mm >= shortest:
        fields.at("safe_mm").fault(f"leaves nothing of {shortest:g} mm")
    if area.transparency == "needed" and not CLEAR_FORMATS & set(area.formats):
        fields.at("formats").fault(f"{in_a_row(area.formats)} knows no transparency, which is needed")
