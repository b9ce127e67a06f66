"""Reads a catalog file into entries that know where they stand in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product as every_combination

from gcw_tiktok.workflow.catalog import marked_yaml
from gcw_tiktok.workflow.catalog.marked_yaml import Fields, Value, did_you_mean

FORMATS = {"pdf": "pdf", "png": "png", "jpeg": "jpeg", "jpg": "jpeg", "tiff": "tiff", "tif": "tiff"}
USUAL_FORMATS = ("pdf", "png", "jpeg")
USUAL_MIN_DPI = 150.0
Offer = dict[str, list[str]]
"""Values by attribute, in the order in which customers see them."""
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
    min_dpi: float
    formats: list[str]


@dataclass(frozen=True)
class ModelEntry:
    name: str
    description: str
    printed: bool
    attributes: Offer
    print_areas: list[AreaEntry]
    fields: Fields = field(compare=False, repr=False)


@dataclass(frozen=True)
class UidEntry:
    uid: str
    values: dict[str, str]
    fields: Fields = field(compare=False, repr=False)


@dataclass(frozen=True)
class ProductEntry:
    name: str
    model: str
    description: str
    base: dict[str, str]
    variants: Offer
    uids: list[UidEntry] | None
    """None: generated, one for each combination."""
    published: bool
    all_customers: bool
    customers: list[str] | None
    """Exactly who may order it; None leaves that as it is."""
    fields: Fields = field(compare=False, repr=False)

    def combinations(self) -> list[dict[str, str]]:
        """Every choice that a customer has; one empty choice when there is nothing to choose."""
        return [dict(zip(self.variants, values, strict=True)) for values in every_combination(*self.variants.values())]


@dataclass(frozen=True)
class CategoryEntry:
    name: str
    products: list[str]
    fields: Fields = field(compare=False, repr=False)


@dataclass(frozen=True)
class CatalogFile:
    """A whole file."""

    name: str
    models: list[ModelEntry]
    products: list[ProductEntry]
    categories: list[CategoryEntry]
    value: Value = field(compare=False, repr=False)


def read(text: str, name: str) -> CatalogFile:
    """What the file says, each entry read by itself; `name` is for telling faults.

    `BadInput` when it is not YAML at all. Other faults gather in `value.faults` until `catalog_check.check`
    has added those between entries and raises them together.
    """
    value = marked_yaml.read(text, name)
    fields = value.fields("models", "products", "categories")
    if not fields.given and not value.faults.found:
        value.fault("the file has no models, products or categories")
    return CatalogFile(
        name=name,
        models=[_model(item) for item in fields.items("models")],
        products=[_product(item) for item in fields.items("products")],
        categories=[_category(item) for item in fields.items("categories")],
        value=value,
    )


def _model(value: Value) -> ModelEntry:
    fields = value.fields("name", "description", "printed", "attributes", "print_areas")
    attributes = _offer(fields, "attributes")
    return ModelEntry(
        name=fields.required("name"),
        description=fields.text("description"),
        printed=fields.flag("printed", True),
        attributes=attributes,
        print_areas=[_area(item, attributes) for item in fields.items("print_areas")],
        fields=fields,
    )


def _offer(fields: Fields, name: str) -> Offer:
    offer = {}
    for attribute, value in fields.entries(name).items():
        offer[attribute] = value.texts()
        if not offer[attribute]:
            value.fault(f'"{attribute}" needs at least one value')
    return offer


def _area(value: Value, attributes: Offer) -> AreaEntry:
    fields = value.fields("name", "required", "width_mm", "height_mm", "sizes", "bleed_mm", "min_dpi", "formats")
    area = AreaEntry(
        name=fields.required("name"),
        required=fields.flag("required", False),
        size=_own_size(fields),
        sizes=_sizes(fields, attributes),
        bleed_mm=fields.number("bleed_mm", 0.0),
        min_dpi=fields.number("min_dpi", USUAL_MIN_DPI),
        formats=_formats(fields),
    )
    covered = any(set(sizes) >= set(attributes[name]) for name, sizes in area.sizes.items())
    if area.size is None and not covered:
        value.fault("give width_mm and height_mm, or sizes for every value of an attribute")
    return area


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


def _formats(fields: Fields) -> list[str]:
    if not fields.get("formats"):
        return list(USUAL_FORMATS)
    formats = []
    for text in fields.texts("formats"):
        known = FORMATS.get(text.lower())
        if known is None:
            fields.at("formats").fault(f'"{text}" is no format; known are pdf, png, jpeg and tiff')
        elif known not in formats:
            formats.append(known)
    if not formats:
        fields.at("formats").fault("at least one format is needed")
    return formats


def _product(value: Value) -> ProductEntry:
    fields = value.fields("name", "model", "description", "base", "variants", "uids", "published", "customers")
    everyone, customers = _customers(fields.get("customers"))
    return ProductEntry(
        name=fields.required("name"),
        model=fields.required("model"),
        description=fields.text("description"),
        base={attribute: value.text() for attribute, value in fields.entries("base").items()},
        variants=_offer(fields, "variants"),
        uids=[_uid(item) for item in fields.items("uids")] if fields.get("uids") else None,
        published=fields.flag("published", True),
        all_customers=everyone,
        customers=customers,
        fields=fields,
    )


def _customers(value: Value | None) -> tuple[bool, list[str] | None]:
    if value is None:
        return False, None
    if getattr(value.node, "value", None) == "all":
        return True, []
    return False, value.texts()


def _uid(value: Value) -> UidEntry:
    fields = value.fields("uid", "values")
    uid = fields.required("uid")
    if " " in uid:
        fields.at("uid").fault(f'"{uid}" has a space within')
    values = {attribute: value.text() for attribute, value in fields.entries("values").items()}
    return UidEntry(uid, values, fields)


def _category(value: Value) -> CategoryEntry:
    fields = value.fields("name", "products")
    return CategoryEntry(fields.required("name"), fields.texts("products"), fields)


def in_words(values: Mapping[str, str]) -> str:
    """`size 18x24 in, paper matte`."""
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "no choice"
