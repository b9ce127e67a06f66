"""Reads a catalog file into entries that know where they stand in it."""

from dataclasses import dataclass, field
from itertools import product as every_combination

from gcw_tiktok.workflow.catalog import marked_yaml, print_areas
from gcw_tiktok.workflow.catalog.marked_yaml import Fields, Value
from gcw_tiktok.workflow.catalog.print_areas import AreaEntry
from gcw_tiktok.workflow.catalog.shapes import Offer

MOST_PARTS = 20


@dataclass(frozen=True)
class ModelEntry:
    name: str
    description: str
    printed: bool
    attributes: Offer
    """Its own; those of its parts come to them."""
    derived: dict[str, str]
    """A formula by attribute."""
    parts: dict[str, str]
    """The model of each part, by the part's name."""
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
    return entries(marked_yaml.read(text, name), name)


def entries(value: Value, name: str) -> CatalogFile:
    """The same of what has been read already, from a table or from what was typed."""
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
    fields = value.fields("name", "description", "printed", "attributes", "derived", "parts", "print_areas")
    attributes = _offer(fields, "attributes")
    return ModelEntry(
        name=fields.required("name"),
        description=fields.text("description"),
        printed=fields.flag("printed", True),
        attributes=attributes,
        derived={name: formula.text() for name, formula in fields.entries("derived").items()},
        parts=_parts(fields),
        print_areas=[print_areas.read(item, attributes) for item in fields.items("print_areas")],
        fields=fields,
    )


def _parts(fields: Fields) -> dict[str, str]:
    """`parts: {cover: Book Cover, pages: Book Block}`."""
    parts = {}
    for name, value in fields.entries("parts").items():
        print_areas.plain(name, value, "part")
        parts[name] = value.text()
    if len(parts) > MOST_PARTS:
        fields.at("parts").fault(f"more than {MOST_PARTS} parts")
    return parts


def _offer(fields: Fields, name: str) -> Offer:
    offer = {}
    for attribute, value in fields.entries(name).items():
        offer[attribute] = value.texts()
        if not offer[attribute]:
            value.fault(f'"{attribute}" needs at least one value')
    return offer


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
