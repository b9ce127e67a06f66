"""Checks a catalog file as a whole: its entries against each other and against what the database knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import prod

from gcw_tiktok.workflow.catalog import formulas, shapes
from gcw_tiktok.workflow.catalog.marked_yaml import Value, did_you_mean
from gcw_tiktok.workflow.catalog.reading import CatalogFile, CategoryEntry, ModelEntry, ProductEntry, UidEntry
from gcw_tiktok.workflow.catalog.shapes import Offer, Shape, Shapes

MOST_COMBINATIONS = 5_000


@dataclass(frozen=True)
class KnownProduct:
    """A customer product that is in the database already."""

    model: str
    offer: Offer
    """Base values too, each as the only one."""
    in_use: Mapping[str, dict[str, str]] = field(default_factory=dict)
    """The values of each UID that a current connection prints."""


@dataclass(frozen=True)
class Known:
    """What the database knows, for a file may build on it."""

    models: Shapes = field(default_factory=dict)
    products: Mapping[str, KnownProduct] = field(default_factory=dict)
    customers: Iterable[str] = ()
    uids: Mapping[str, str] = field(default_factory=dict)
    """The product of each UID."""


def check(file: CatalogFile, known: Known) -> None:
    """`BadInput` lists every fault of the file, each with its line; nothing when there is none."""
    for kind in (file.models, file.products, file.categories):
        _check_names(kind)
    models = dict(known.models) | shapes_of(file)
    for model in file.models:
        _check_areas(model, models)
        _check_derived(model, models)
        _check_parts(model, models)
    _check_models_elsewhere(file, known, models)
    _check_products_elsewhere(file, known, models)
    for product in file.products:
        _check_product(product, models)
        _check_customers(product, known)
    _check_uids(file, known)
    products = {product.name for product in file.products} | set(known.products)
    for category in file.categories:
        for value in category.fields.items("products"):
            _must_be_one_of(value, "product", products)
    file.value.faults.raise_any()


def shapes_of(file: CatalogFile) -> dict[str, Shape]:
    """How the models of a file are put together."""
    return {one.name: Shape(one.attributes, one.parts, one.derived, one.printed) for one in file.models}


def _check_names(entries: Iterable[ModelEntry | ProductEntry | CategoryEntry]) -> None:
    seen: dict[str, int] = {}
    for entry in entries:
        name, value = entry.name, entry.fields.at("name")
        if name in seen:
            value.fault(f'"{name}" stands in line {seen[name]} already')
        elif name:
            seen[name] = value.node.start_mark.line + 1


def _must_be_one_of(value: Value | None, kind: str, known: Iterable[str]) -> None:
    if value is None:  # told already: it is missing
        return
    name = value.text()
    if name and name not in known:
        value.fault(f'there is no {kind} "{name}"{did_you_mean(name, known)}')


def _check_areas(model: ModelEntry, models: Shapes) -> None:
    printed_parts = [part for part in shapes.parts_of(models[model.name], models) if part.printed]
    if model.printed and not model.print_areas and not printed_parts:
        model.fields.whole.fault("a printed model needs print_areas; pick-and-pack says `printed: false`")
    if not model.printed and model.print_areas:
        model.fields.at("print_areas").fault("a model with `printed: false` takes no design")
    if not model.printed and printed_parts:
        model.fields.at("parts").fault("a model with `printed: false` has no printed parts")
    names = [area.name for area in model.print_areas]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        model.fields.at("print_areas").fault(f'the print area "{name}" stands here twice')


def _check_derived(model: ModelEntry, models: Shapes) -> None:
    attributes = shapes.choices(models[model.name], models)
    for name, value in model.fields.entries("derived").items():
        if name in attributes:
            value.fault(f'"{name}" is an attribute already')
        elif fault := formulas.fault(model.derived[name], attributes):
            value.fault(fault)


def _check_parts(model: ModelEntry, models: Shapes) -> None:
    """Every part is a model that is known, has no parts itself, and goes together with the whole."""
    for value in model.fields.entries("parts").values():
        name = value.text()
        _must_be_one_of(value, "model", models)
        if name == model.name or (name in models and models[name].parts):
            value.fault(f'"{name}" has parts itself, and a part has none')
    for attribute, wrong in shapes.misfits(models[model.name], models):
        if wrong:
            where = model.fields.entries("attributes").get(attribute, model.fields.whole)
            where.fault(f'a part has no {attribute} "{wrong}"')
        else:
            model.fields.at("parts").fault(f'the parts have no value of "{attribute}" in common')


def _check_models_elsewhere(file: CatalogFile, known: Known, models: Shapes) -> None:
    """A model that is a part of others must stay one that suits those which are not in this file."""
    here = {model.name: model for model in file.models}
    for whole, shape in known.models.items():
        changed = [here[name] for name in shape.parts.values() if name in here]
        if whole in here or not changed:
            continue
        where = changed[0].fields.at("attributes")
        if any(model.parts for model in changed):
            changed[0].fields.at("parts").fault(f'it is a part of "{whole}", and a part has no parts')
        for attribute, value in shapes.misfits(shape, models):
            where.fault(f'the model "{whole}", not in this file, needs {attribute} "{value}"')
        offered = shapes.choices(shape, models)
        where_lost = [name for name, formula in shape.derived.items() if formulas.fault(formula, offered)]
        for name in where_lost:
            where.fault(f'the model "{whole}", not in this file, derives {name} from what is gone')


def _check_products_elsewhere(file: CatalogFile, known: Known, models: Shapes) -> None:
    """A model must keep what products rest on that are in the database and not in this file."""
    here = {product.name for product in file.products}
    changed = {model.name: model for model in file.models}
    for name, product in known.products.items():
        shape = models[product.model]
        touched = [changed[one] for one in (product.model, *shape.parts.values()) if one in changed]
        if name in here or not touched:
            continue
        offered = shapes.choices(shape, models)
        where = touched[0].fields.at("attributes")
        for attribute, values in product.offer.items():
            for value in [value for value in values if value not in offered.get(attribute, ())]:
                where.fault(f'the product "{name}", not in this file, needs {attribute} "{value}"')
        before = shapes.choices(known.models[product.model], known.models)
        for attribute in offered.keys() - before.keys() - product.offer.keys():
            where.fault(f'the product "{name}", not in this file, says nothing of "{attribute}" yet')


def _check_product(product: ProductEntry, models: Shapes) -> None:
    if product.model not in models:
        _must_be_one_of(product.fields.get("model"), "model", models)
        return
    attributes = shapes.choices(models[product.model], models)
    for name, value in product.fields.entries("base").items():
        _check_attribute(value, name, [value], attributes)
    for name, value in product.fields.entries("variants").items():
        _check_attribute(value, name, value.items(), attributes)
        if name in product.base:
            value.fault(f'"{name}" is fixed in base already')
    for name in sorted(attributes.keys() - product.base.keys() - product.variants.keys()):
        product.fields.whole.fault(f'the model\'s attribute "{name}" is missing from base and variants')
    if prod(map(len, product.variants.values())) > MOST_COMBINATIONS:
        product.fields.at("variants").fault(f"more than {MOST_COMBINATIONS:,} combinations")


def _check_attribute(value: Value, name: str, values: list[Value], attributes: Offer) -> None:
    if name not in attributes:
        value.fault(f'the model has no attribute "{name}"{did_you_mean(name, attributes)}')
        return
    for one in values:
        text = one.text()
        if text and text not in attributes[name]:
            one.fault(f'the model\'s {name} has no value "{text}"{did_you_mean(text, attributes[name])}')


def _check_customers(product: ProductEntry, known: Known) -> None:
    if product.customers and not product.all_customers:
        for value in product.fields.items("customers"):
            _must_be_one_of(value, "customer", known.customers)


def _check_uids(file: CatalogFile, known: Known) -> None:
    owners: dict[str, tuple[str, UidEntry]] = {}
    for product in file.products:
        taken: dict[tuple[tuple[str, str], ...], UidEntry] = {}
        for entry in product.uids or []:
            _check_uid_values(entry, product)
            owner, first = owners.setdefault(entry.uid, (product.name, entry))
            before = known.uids.get(entry.uid, product.name)
            if entry.uid and first is not entry:
                entry.fields.at("uid").fault(f'"{entry.uid}" stands at "{owner}" already')
            elif entry.uid and before != product.name:
                entry.fields.at("uid").fault(f'"{entry.uid}" belongs to the product "{before}"')
            same = taken.setdefault(tuple(sorted(entry.values.items())), entry)
            if same is not entry and not {entry.uid, same.uid} <= known.uids.keys():
                entry.fields.at("values").fault(f'"{same.uid}" has the same values')
        if product.name in known.products:
            _check_in_use(product, known.products[product.name])


def _check_uid_values(entry: UidEntry, product: ProductEntry) -> None:
    for name, value in entry.fields.entries("values").items():
        if name not in product.variants:
            value.fault(f'the product has no variants by "{name}"{did_you_mean(name, product.variants)}')
        elif entry.values[name] not in product.variants[name]:
            near = did_you_mean(entry.values[name], product.variants[name])
            value.fault(f'the product has no {name} "{entry.values[name]}"{near}')
    missing = [name for name in product.variants if name not in entry.values]
    if missing:
        entry.fields.at("values").fault(f"the value of {' and '.join(missing)} is missing")


def _check_in_use(product: ProductEntry, known: KnownProduct) -> None:
    """A UID that a connected variant prints must stay what it is."""
    for entry in product.uids or []:
        if known.in_use.get(entry.uid, entry.values) != entry.values:
            why = "cannot get other values: connected variants print it (`gcw products disconnect` them first)"
            entry.fields.at("values").fault(f'the UID "{entry.uid}" {why}')
