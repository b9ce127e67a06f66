"""What customers may order: product models, customer products, their UIDs and categories."""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from sqlmodel import Session, col, or_, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import (
    Category,
    CategoryEntry,
    Customer,
    CustomerProduct,
    ProductAccess,
    ProductModel,
    ProductUid,
)
from gcw_tiktok.workflow.catalog import formulas
from gcw_tiktok.workflow.catalog.shapes import PART_OF, in_words, offers

MM_PER_INCH = 25.4


@dataclass(frozen=True)
class PrintArea:
    """A place on one variant that takes a file, with the size that this variant has there."""

    name: str
    required: bool
    width_mm: float
    height_mm: float
    bleed_mm: float
    min_dpi: float
    formats: tuple[str, ...]
    safe_mm: float = 0.0
    """How far within the trim nothing important may lie."""
    wanted_dpi: float = 300.0
    color_spaces: tuple[str, ...] = ()
    """`srgb`, `cmyk`, `gray`: what production takes; empty where it takes all."""
    pages: tuple[int, int] = (1, 1)
    """Fewest and most pages of a file."""
    transparency: str = "any"
    """`needed`, `refused` or `any`."""
    personalise: tuple[str, ...] = ()
    """What a buyer may put here: `text`, `image`."""

    @property
    def printed_size(self) -> tuple[float, float]:
        """Width and height in millimetres that ink covers, bleed included."""
        return self.width_mm + 2 * self.bleed_mm, self.height_mm + 2 * self.bleed_mm

    def pixels(self, dpi: float = 300) -> tuple[int, int]:
        """How large a picture fills the area with its bleed."""
        width, height = self.printed_size
        return round(width / MM_PER_INCH * dpi), round(height / MM_PER_INCH * dpi)


@dataclass(frozen=True)
class OrderableUid:
    """One variant that may be ordered."""

    uid: str
    product: str
    model: str
    values: dict[str, str]
    """What the customer chose."""
    base: dict[str, str]
    printed: bool
    areas: tuple[PrintArea, ...]
    derived: dict[str, str] = field(default_factory=dict)
    """What follows from its values, base values among them, by the model's formulas."""

    @property
    def variant(self) -> str:
        """The choice in words, such as `size 18x24 in, paper matte`."""
        return in_words(self.values) if self.values else ""

    @property
    def in_full(self) -> str:
        """The choice and what is derived, in words, for whoever makes it."""
        told = self.values | self.derived
        return in_words(told) if told else ""


@dataclass(frozen=True)
class OrderableProduct:
    """A customer product as its customers see it."""

    name: str
    description: str
    model: str
    printed: bool
    base: dict[str, str]
    variants: dict[str, list[str]]
    categories: tuple[str, ...]
    uids: tuple[OrderableUid, ...]


@dataclass(frozen=True)
class UidRow:
    """One product UID with who may order it."""

    uid: str
    product: str
    values: dict[str, str]
    published: bool
    offered: bool
    """False when the product no longer offers these values."""
    all_customers: bool
    customers: list[str] = field(default_factory=list)


Parts = Sequence[tuple[str, ProductModel]]
"""Each part's name and its model."""


def areas_of(model: ProductModel, values: Mapping[str, str], parts: Parts = ()) -> list[PrintArea]:
    """The model's print areas, each in its size for these values (base values among them).

    Those of its parts come after its own, each under the part's name: `cover/front`.
    """
    own = [_area(entry, values) for entry in model.print_areas]
    of_parts = [(name, area) for name, part in parts for area in areas_of(part, values)]
    return own + [replace(area, name=f"{name}{PART_OF}{area.name}") for name, area in of_parts]


def parts_of(session: Session, model: ProductModel) -> Parts:
    """What the model is put together from, in its order."""
    if not model.parts:
        return ()
    names = {part["name"]: part["model"] for part in model.parts}
    found = session.exec(select(ProductModel).where(col(ProductModel.name).in_(set(names.values()))))
    models = {one.name: one for one in found}
    return [(name, models[of]) for name, of in names.items()]


def orderable(session: Session, customer_id: int) -> list[OrderableProduct]:
    """Exactly what this customer may order: published, allowed, and still offered; by name."""
    categories = categories_of(session)
    return [
        _orderable_product(session, product, model, categories[product.name])
        for product, model in list(allowed(session, customer_id))
    ]


def orderable_product(session: Session, customer_id: int, name: str) -> OrderableProduct:
    """The one of them with this name; `BadInput` where this customer may order no such product."""
    for product, model in allowed(session, customer_id):
        if product.name == name:
            return _orderable_product(session, product, model, categories_of(session)[name])
    raise BadInput(f"There is no product {name!r} to order.", "Choose another one.", code="unknown_name")


def orderable_uids(session: Session, customer_id: int) -> dict[str, OrderableUid]:
    """The same by UID, for those who look up many of them."""
    return {one.uid: one for product in orderable(session, customer_id) for one in product.uids}


def uids(session: Session, *, search: str = "") -> list[UidRow]:
    """All UIDs of which the UID, the product's name or a value contains every word of `search`."""
    names = _customer_names(session)
    rows = session.exec(
        select(ProductUid, CustomerProduct)
        .where(ProductUid.product_id == CustomerProduct.id)
        .order_by(col(CustomerProduct.name), col(ProductUid.uid))
    )
    found = [
        UidRow(
            uid=row.uid,
            product=product.name,
            values=row.values,
            published=product.published,
            offered=offers(product.variants, row.values),
            all_customers=product.all_customers,
            customers=[] if product.all_customers else names[product.id or 0],
        )
        for row, product in rows
    ]
    return [row for row in found if _matches(row, search)]


def require_uid(session: Session, uid: str, customer_id: int) -> OrderableUid:
    """The variant behind a UID, when this customer may order it; `BadInput` says why not."""
    row = session.get(ProductUid, uid)
    if row is None:
        raise BadInput(
            f"There is no product UID {uid!r}.{_near(session, uid, customer_id)}",
            "See `gcw catalog uids`.",
            code="unknown_uid",
        )
    product, model = _product_of(session, row)
    _must_be_orderable(session, row, product, customer_id)
    return _orderable_uid(row, product, model, parts_of(session, model))


def must_be_filled(variant: OrderableUid, areas: Iterable[str]) -> None:
    """`BadInput` where a print area that needs a design has none: its model may have changed since."""
    given = set(areas)
    missing = [area.name for area in variant.areas if area.required and area.name not in given]
    if missing:
        raise BadInput(
            f"{variant.product} ({variant.uid}) needs a design for {' and '.join(missing)} by now.",
            "Connect it again with all its designs: gcw products connect STORE SKU UID --design AREA=FILE",
            code="design_missing",
        )


def variant_of(session: Session, uid: str) -> OrderableUid:
    """The variant behind a UID that is connected already, though it may have been withdrawn since."""
    row = session.get(ProductUid, uid)
    if row is None:
        raise BadInput(f"There is no product UID {uid!r}.", "See `gcw catalog uids`.", code="unknown_uid")
    product, model = _product_of(session, row)
    return _orderable_uid(row, product, model, parts_of(session, model))


def _product_of(session: Session, row: ProductUid) -> tuple[CustomerProduct, ProductModel]:
    return session.exec(
        select(CustomerProduct, ProductModel)
        .where(CustomerProduct.id == row.product_id)
        .where(CustomerProduct.model_id == ProductModel.id)
    ).one()


def _must_be_orderable(session: Session, row: ProductUid, product: CustomerProduct, customer_id: int) -> None:
    customer = session.get(Customer, customer_id)
    name = customer.name if customer else str(customer_id)
    see = f'See `gcw catalog show --customer "{name}"` for what it may order.'
    if not product.published:
        publish = f"gcw catalog product publish {shlex.quote(product.name)}"
        raise BadInput(
            f"{row.uid} belongs to {product.name}, which is not published.",
            f"Publish it (`{publish}`), or choose another: `gcw catalog uids`.",
            code="uid_unpublished",
        )
    if not product.all_customers and not session.get(ProductAccess, (product.id, customer_id)):
        raise BadInput(f"{name} may not order {product.name} ({row.uid}).", see, code="uid_not_allowed")
    if not offers(product.variants, row.values):
        raise BadInput(
            f"{product.name} no longer comes with {in_words(row.values)} ({row.uid}).", see, code="uid_dropped"
        )


def _area(entry: Mapping[str, object], values: Mapping[str, str]) -> PrintArea:
    facts = dict(entry)
    by_attribute = facts.pop("sizes", None) or {}
    assert isinstance(by_attribute, dict)
    for attribute, sizes in by_attribute.items():
        size = sizes.get(values.get(attribute))
        if size:
            facts["width_mm"], facts["height_mm"] = size
            break
    lists = {name: tuple(value) for name, value in facts.items() if isinstance(value, list)}
    return PrintArea(**(facts | lists))  # type: ignore[arg-type]


def _orderable_product(
    session: Session, product: CustomerProduct, model: ProductModel, categories: Sequence[str]
) -> OrderableProduct:
    parts = parts_of(session, model)
    return OrderableProduct(
        name=product.name,
        description=product.description,
        model=model.name,
        printed=model.printed,
        base=product.base,
        variants=product.variants,
        categories=tuple(categories),
        uids=tuple(_orderable_uid(row, product, model, parts) for row in _offered(session, product)),
    )


def _orderable_uid(row: ProductUid, product: CustomerProduct, model: ProductModel, parts: Parts) -> OrderableUid:
    values = product.base | row.values
    return OrderableUid(
        uid=row.uid,
        product=product.name,
        model=model.name,
        values=row.values,
        base=product.base,
        printed=model.printed,
        areas=tuple(areas_of(model, values, parts)),
        derived={name: formulas.result(formula, values) for name, formula in (model.derived or {}).items()},
    )


def allowed(session: Session, customer_id: int) -> Iterable[tuple[CustomerProduct, ProductModel]]:
    """The published products that a customer may order, with their models, by name."""
    may = select(ProductAccess.product_id).where(ProductAccess.customer_id == customer_id)
    return session.exec(
        select(CustomerProduct, ProductModel)
        .where(CustomerProduct.model_id == ProductModel.id)
        .where(col(CustomerProduct.published))
        .where(or_(col(CustomerProduct.all_customers), col(CustomerProduct.id).in_(may)))
        .order_by(col(CustomerProduct.name))
    )


def _offered(session: Session, product: CustomerProduct) -> list[ProductUid]:
    """The UIDs that the product still offers, in the order in which it offers them."""
    ranks = {name: {value: rank for rank, value in enumerate(values)} for name, values in product.variants.items()}
    placed = []
    for row in session.exec(select(ProductUid).where(ProductUid.product_id == product.id)):
        place = [ranks[name].get(row.values.get(name, ""), -1) for name in ranks]
        if row.values.keys() == ranks.keys() and min(place, default=0) >= 0:
            placed.append((place, row.uid, row))
    return [row for *_, row in sorted(placed, key=lambda one: one[:2])]


def categories_of(session: Session) -> dict[str, list[str]]:
    """The categories of each product, by name."""
    rows = session.exec(
        select(CustomerProduct.name, Category.name)
        .where(CategoryEntry.product_id == CustomerProduct.id)
        .where(CategoryEntry.category_id == Category.id)
        .order_by(col(Category.name))
    )
    found: dict[str, list[str]] = defaultdict(list)
    for product, category in rows:
        found[product].append(category)
    return found


def _customer_names(session: Session) -> dict[int, list[str]]:
    rows = session.exec(
        select(ProductAccess.product_id, Customer.name)
        .where(ProductAccess.customer_id == Customer.id)
        .order_by(col(Customer.name))
    )
    names: dict[int, list[str]] = defaultdict(list)
    for product_id, name in rows:
        names[product_id].append(name)
    return names


def _matches(row: UidRow, search: str) -> bool:
    text = " ".join((row.uid, row.product, *row.values.values())).casefold()
    return all(word in text for word in search.casefold().split())


def _near(session: Session, uid: str, customer_id: int) -> str:
    """Near UIDs among those that the customer may order: it learns nothing of others' products."""
    folded = {known.casefold(): known for known in orderable_uids(session, customer_id)}
    near = [folded[match] for match in get_close_matches(uid.casefold(), folded, 3, 0.75)]
    return f" Did you mean {' or '.join(near)}?" if near else ""
