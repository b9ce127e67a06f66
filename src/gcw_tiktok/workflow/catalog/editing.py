"""Changes of the catalog by hand. Each is brought in like a file with one entry, so the same rules hold for both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, delete, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import (
    Category,
    CategoryEntry,
    Connection,
    Customer,
    CustomerProduct,
    ProductAccess,
    ProductModel,
    ProductUid,
)
from gcw_tiktok.workflow import history, naming
from gcw_tiktok.workflow.catalog import checking, exporting, importing, marked_yaml, now, reading, shapes
from gcw_tiktok.workflow.catalog.importing import Changes
from gcw_tiktok.workflow.catalog.now import Named, Now
from gcw_tiktok.workflow.catalog.print_areas import Size
from gcw_tiktok.workflow.catalog.shapes import Offer
from gcw_tiktok.workflow.catalog.writing import subject
from gcw_tiktok.workflow.history import Act

Entry = dict[str, Any]
KINDS: dict[type[Any], str] = {ProductModel: "model", CustomerProduct: "product", Category: "category"}


def find(session: Session, kind: type[Named], wanted: str) -> Named:
    """The model, customer product or category with this name or id."""
    rows = session.exec(select(kind).order_by(col(kind.name))).all()
    word = KINDS[kind]
    return naming.choose(word, wanted, rows, lambda row: (row.name, str(row.id)), f"gcw catalog {word} list")


@dataclass(frozen=True)
class ModelEdit:
    """What shall become of a model; None and what is not named stay as they are, what is named empty goes."""

    description: str | None = None
    printed: bool | None = None
    attributes: Mapping[str, list[str]] | None = None
    derived: Mapping[str, str] | None = None
    parts: Mapping[str, str] | None = None
    sizes: Mapping[tuple[str, str, str], Size] | None = None
    """By print area, attribute and value; without an area, of all areas whose sizes follow that attribute."""
    areas: Mapping[str, Size] | None = None
    """Print areas that come to it; a design may not be missing on any of them."""


def add_model(session: Session, act: Act, name: str, edit: ModelEdit) -> Changes:
    """A new model."""
    entry: Entry = {"name": _free(session, ProductModel, name)}
    return _bring(session, act, {"models": [_edited_model(session, entry, edit)]})


def edit_model(session: Session, act: Act, model: ProductModel, edit: ModelEdit, base: Mapping[str, str]) -> Changes:
    """Changes a model. What is new among its attributes its products get from `base`; what is gone they lose."""
    have = now.load(session)
    entry = _edited_model(session, exporting.model(model), edit)
    entry["print_areas"] = _resized(entry, edit.sizes or {})
    before = have.shapes()
    after = before | {model.name: shapes.Shape(entry["attributes"], entry["parts"], entry["derived"])}
    _must_be_said(have, model, after, base)
    products = [
        _rebased(
            exporting.product(have, name), shapes.choices(before[of], before), shapes.choices(after[of], after), base
        )
        for name, of in have.model_of.items()
        if model.name in (of, *before[of].parts.values())
    ]
    return _bring(session, act, {"models": [entry], "products": [one for one in products if one]})


def _must_be_said(have: Now, model: ProductModel, after: shapes.Shapes, base: Mapping[str, str]) -> None:
    """A product has a value of each attribute of its model, also of one that comes later."""
    for name, of in sorted(have.model_of.items()):
        if model.name in (of, *after[of].parts.values()):
            row = have.products[name]
            new = shapes.choices(after[of], after).keys() - row.base.keys() - row.variants.keys() - base.keys()
            if new:
                raise BadInput(
                    f"{name} is made from {of}, and nothing says what its {' and '.join(sorted(new))} is.",
                    f"Say it for all such products: --base {min(new)}=VALUE.",
                )


def _resized(entry: Entry, given: Mapping[tuple[str, str, str], Size]) -> list[Entry]:
    """The print areas without sizes for what is gone, and with those that are given for what is new."""
    areas = []
    for area in entry.get("print_areas", []):
        sizes = {
            attribute: {value: size for value, size in by_value.items() if value in entry["attributes"][attribute]}
            for attribute, by_value in area.get("sizes", {}).items()
            if attribute in entry["attributes"]
        }
        for (name, attribute, value), size in given.items():
            if name == area["name"] or (not name and attribute in sizes):
                sizes.setdefault(attribute, {})[value] = list(size)
        rest = {name: value for name, value in area.items() if name != "sizes"}
        areas.append(rest | ({"sizes": sizes} if sizes else {}))
    return areas


def _rebased(product: Entry, before: Offer, after: Offer, given: Mapping[str, str]) -> Entry | None:
    """The product with the base values that its changed model asks for; None where nothing changes."""
    base = product.get("base", {})
    kept = {name: value for name, value in base.items() if name in after or name not in before}
    new = {name: given[name] for name in after if name in given and name not in product.get("variants", {})}
    return product | {"base": kept | new} if kept | new != base else None


def set_area(
    session: Session,
    act: Act,
    model: ProductModel,
    name: str,
    facts: Mapping[str, Any],
    sizes: Mapping[tuple[str, str], Size],
) -> Changes:
    """A print area of a model, new or changed: `facts` as in a catalog file; sizes by attribute and value."""
    entry = exporting.model(model)
    areas = entry.setdefault("print_areas", [])
    area = next((one for one in areas if one["name"] == name), None)
    if area is None:
        area = {"name": name}
        areas.append(area)
    area.update(facts)
    for (attribute, value), (width, height) in sizes.items():
        if attribute:
            area.setdefault("sizes", {}).setdefault(attribute, {})[value] = [width, height]
        else:
            area.update(width_mm=width, height_mm=height)
    return _bring(session, act, {"models": [entry]})


def drop_area(session: Session, act: Act, model: ProductModel, name: str) -> Changes:
    entry = exporting.model(model)
    areas = entry.get("print_areas", [])
    left = [one for one in areas if one["name"] != name]
    if len(left) == len(areas):
        known = ", ".join(one["name"] for one in areas) or "none"
        raise BadInput(f"{model.name} has no print area {name} of its own; it has {known}.")
    return _bring(session, act, {"models": [entry | {"print_areas": left}]})


@dataclass(frozen=True)
class ProductEdit:
    """What shall become of a customer product, in the same way."""

    description: str | None = None
    base: Mapping[str, str] | None = None
    variants: Offer | None = None
    generate: bool = True
    """Whether combinations without a UID get one."""


def add_product(
    session: Session,
    act: Act,
    name: str,
    model: ProductModel,
    edit: ProductEdit,
    *,
    published: bool,
    customers: Sequence[Customer] | None,
) -> Changes:
    """A new customer product of a model; `customers` None: all of them."""
    entry: Entry = {"name": _free(session, CustomerProduct, name), "model": model.name, "published": published}
    entry["customers"] = "all" if customers is None else [one.name for one in customers]
    if not edit.generate:
        entry["uids"] = []
    return _bring(session, act, {"products": [_edited_product(entry, edit)]})


def edit_product(session: Session, act: Act, product: CustomerProduct, edit: ProductEdit, *, yes: bool) -> Changes:
    """Changes a product; values that are new get UIDs, and those that are gone cannot be ordered any more."""
    before = exporting.product(now.load(session), product.name)
    entry = _edited_product(before, edit)
    if entry["variants"] != before.get("variants", {}):
        entry["uids"] = [one for one in entry["uids"] if shapes.offers(entry["variants"], one["values"])]
        if edit.generate:
            del entry["uids"]
    return _bring(session, act, {"products": [entry]}, yes=yes)


def publish(session: Session, act: Act, product: CustomerProduct, published: bool, *, yes: bool = False) -> Changes:
    """Publishes a product, or withdraws it from all customers."""
    entry = exporting.product(now.load(session), product.name)
    return _bring(session, act, {"products": [entry | {"published": published}]}, yes=yes)


def allow(
    session: Session,
    act: Act,
    product: CustomerProduct,
    customers: Sequence[Customer] | None,
    *,
    only: bool = False,
    yes: bool = False,
) -> Changes:
    """Lets customers order a product, or all of them (None); `only`: these and nobody else."""
    have = now.load(session)
    if customers is None:
        return _let(session, act, have, product, "all", yes=yes)
    names = {one.name for one in customers}
    if product.all_customers and not only:
        raise BadInput(
            f"All customers may order {product.name} already.", "Add --only, and nobody but those you name may."
        )
    kept = set() if only else have.access.get(product.name, set())
    return _let(session, act, have, product, sorted(kept | names), yes=yes)


def disallow(
    session: Session, act: Act, product: CustomerProduct, customers: Sequence[Customer] | None, *, yes: bool
) -> Changes:
    """Takes a product away from customers, or from all of them (None)."""
    have = now.load(session)
    if customers is None:
        return _let(session, act, have, product, [], yes=yes)
    if product.all_customers:
        raise BadInput(
            f"All customers may order {product.name}.",
            "Name those who still may: `gcw catalog product allow PRODUCT CUSTOMER ... --only`.",
        )
    names = {one.name for one in customers}
    return _let(session, act, have, product, sorted(have.access.get(product.name, set()) - names), yes=yes)


def set_uid(session: Session, act: Act, product: CustomerProduct, uid: str, values: Mapping[str, str]) -> Changes:
    """A UID that production has given, for one choice of the product's values."""
    entry = exporting.product(now.load(session), product.name)
    others = [one for one in entry["uids"] if one["uid"] != uid]
    return _bring(session, act, {"products": [entry | {"uids": [*others, {"uid": uid, "values": values}]}]})


def remove_uid(session: Session, act: Act, product: CustomerProduct, uid: str) -> None:
    """Forgets a UID that nothing ever printed."""
    row = session.get(ProductUid, uid)
    if row is None or row.product_id != product.id:
        raise BadInput(f"{product.name} has no UID {uid!r}.", "See `gcw catalog uids`.", code="unknown_uid")
    _must_be_unprinted(session, f"The UID {uid}", [uid], f"gcw catalog product edit '{product.name}' --variant")
    session.delete(row)
    history.record(session, act, subject("product", product.id), "UIDs removed", uids=[uid], count=1)


def categorise(session: Session, act: Act, name: str, put: Sequence[str] = (), take: Sequence[str] = ()) -> Changes:
    """Puts products into a category and takes others out of it; one that is not there yet is made."""
    have = now.load(session)
    products = sorted((have.categories.get(name, set()) | set(put)) - set(take))
    # The products themselves stay as they are: naming them makes the category hold exactly those that it lists.
    file = {
        "products": [exporting.product(have, one) for one in sorted({*put, *take})],
        "categories": [{"name": name, "products": products}],
    }
    return _bring(session, act, file)


def add_category(session: Session, act: Act, name: str, products: Sequence[str]) -> Changes:
    return categorise(session, act, _free(session, Category, name), products)


def products_in(session: Session, category: Category) -> list[str]:
    """What stands in a category, by name."""
    return list(
        session.exec(
            select(CustomerProduct.name)
            .where(CategoryEntry.product_id == CustomerProduct.id, CategoryEntry.category_id == category.id)
            .order_by(col(CustomerProduct.name))
        )
    )


def rename(session: Session, act: Act, row: Named, name: str) -> bool:
    """Gives a thing another name; whether that changed anything. Those who point to it do so by the new name."""
    kind: type[Any] = type(row)
    before = row.name
    if naming.cleaned(KINDS[kind], name) == before:
        return False
    row.name = _free(session, kind, name, but=row.id)
    session.add(row)
    if isinstance(row, ProductModel):
        _rename_part(session, before, row.name)
    history.record(session, act, subject(KINDS[kind], row.id), "renamed", name=row.name, was=before)
    session.flush()
    return True


def _rename_part(session: Session, before: str, name: str) -> None:
    for model in session.exec(select(ProductModel)).all():
        parts = [part | {"model": name} if part["model"] == before else part for part in model.parts or []]
        if parts != (model.parts or []):
            model.parts = parts
            session.add(model)


def remove_model(session: Session, act: Act, model: ProductModel) -> None:
    """Forgets a model that nothing is made from."""
    have = now.load(session)
    users = [f"the product {name}" for name, of in sorted(have.model_of.items()) if of == model.name]
    users += [f"the model {name}" for name, shape in have.shapes().items() if model.name in shape.parts.values()]
    if users:
        raise BadInput(f"{model.name} is needed by {', '.join(users)}.", "Remove those first.", code="in_use")
    _remove(session, act, model)


def remove_product(session: Session, act: Act, product: CustomerProduct) -> None:
    """Forgets a product that nothing ever printed. One that was printed stays on record: it can be withdrawn."""
    uids = [uid for uid, _ in now.load(session).uids_of(product.name)]
    _must_be_unprinted(session, product.name, uids, f"gcw catalog product withdraw '{product.name}'")
    for table in (CategoryEntry, ProductAccess, ProductUid):
        session.exec(delete(table).where(col(table.product_id) == product.id))
    _remove(session, act, product)


def remove_category(session: Session, act: Act, category: Category) -> None:
    """Forgets a category; its products stay."""
    session.exec(delete(CategoryEntry).where(col(CategoryEntry.category_id) == category.id))
    _remove(session, act, category)


def _remove(session: Session, act: Act, row: ProductModel | CustomerProduct | Category) -> None:
    kind = KINDS[type(row)]
    history.record(session, act, subject(kind, row.id), "removed", name=row.name)
    session.delete(row)
    session.flush()


def _must_be_unprinted(session: Session, what: str, uids: Sequence[str], instead: str) -> None:
    """Orders keep the version they were printed with, and so the UID."""
    for start in range(0, len(uids), 500):
        some = uids[start : start + 500]
        if session.exec(select(Connection.id).where(col(Connection.product_uid).in_(some))).first():
            raise BadInput(
                f"{what} is or was printed by connected variants, whose history needs it.",
                f"Withdraw it instead: `{instead}`.",
                code="in_use",
            )


def _free(session: Session, kind: type[Named], name: str, but: int | None = None) -> str:
    tidy, word = naming.cleaned(KINDS[kind], name), KINDS[kind]
    for row in now.by_name(session, kind).values():
        if row.id != but and row.name.casefold() == tidy.casefold():
            raise BadInput(f"There is a {word} {row.name} already.", f'See `gcw catalog {word} show "{row.name}"`.')
    return tidy


def _edited_model(session: Session, entry: Entry, edit: ModelEdit) -> Entry:
    """The entry with the changes in it; each of its maps is there, though it may be empty."""
    parts = {name: of and find(session, ProductModel, of).name for name, of in (edit.parts or {}).items()}
    entry = entry | {
        "attributes": _merged(entry.get("attributes", {}), edit.attributes),
        "derived": _merged(entry.get("derived", {}), edit.derived),
        "parts": _merged(entry.get("parts", {}), parts),
    }
    if edit.printed is not None:
        entry["printed"] = edit.printed
    if edit.printed is False:
        entry["print_areas"] = []  # what comes from stock takes no design
    entry["print_areas"] = entry.get("print_areas", []) + [
        {"name": area, "required": True, "width_mm": width, "height_mm": height}
        for area, (width, height) in (edit.areas or {}).items()
    ]
    return _described(entry, edit.description)


def _edited_product(entry: Entry, edit: ProductEdit) -> Entry:
    base, variants = dict(entry.get("base", {})), dict(entry.get("variants", {}))
    for name in edit.variants or {}:
        base.pop(name, None)
    for name in edit.base or {}:
        variants.pop(name, None)
    entry = entry | {"base": _merged(base, edit.base), "variants": _merged(variants, edit.variants)}
    return _described(entry, edit.description)


def _described(entry: Entry, description: str | None) -> Entry:
    if description is None:
        return entry
    rest = {name: value for name, value in entry.items() if name != "description"}
    return rest | ({"description": description} if description.strip() else {})


def _merged(have: Mapping[str, Any], change: Mapping[str, Any] | None) -> Entry:
    """Both; what the change names empty goes."""
    return {name: value for name, value in {**have, **(change or {})}.items() if value}


def _let(session: Session, act: Act, have: Now, product: CustomerProduct, who: Any, *, yes: bool) -> Changes:
    entry = exporting.product(have, product.name)
    return _bring(session, act, {"products": [entry | {"customers": who}]}, yes=yes)


def _bring(session: Session, act: Act, told: Entry, *, yes: bool = False) -> Changes:
    """What was typed, checked and written like a file."""
    file = reading.entries(marked_yaml.of(told, ""), "")
    checking.check(file, now.load(session).known())
    return importing.apply(session, file, act, yes=yes)
