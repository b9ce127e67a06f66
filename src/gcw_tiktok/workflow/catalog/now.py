"""The catalog as the database has it, whole, for those who change or export it."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from sqlmodel import Session, col, select

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
from gcw_tiktok.workflow.catalog.checking import Known, KnownProduct
from gcw_tiktok.workflow.catalog.shapes import Shape
from gcw_tiktok.workflow.catalog.withdrawing import Terms


@dataclass(frozen=True)
class Now:
    """Everything goes by name."""

    models: dict[str, ProductModel]
    products: dict[str, CustomerProduct]
    model_of: dict[str, str]
    uids: dict[str, tuple[str, dict[str, str]]]
    """Product and values of each UID."""
    customers: list[str]
    access: dict[str, set[str]]
    categories: dict[str, set[str]]
    in_use: set[str]
    """UIDs that current connections print."""

    def uids_of(self, product: str) -> list[tuple[str, dict[str, str]]]:
        """The UIDs of one product, with their values."""
        return self._uids_by_product.get(product, [])

    @cached_property
    def _uids_by_product(self) -> dict[str, list[tuple[str, dict[str, str]]]]:
        found: dict[str, list[tuple[str, dict[str, str]]]] = defaultdict(list)
        for uid, (product, values) in self.uids.items():
            found[product].append((uid, values))
        return found

    def terms(self) -> dict[str, Terms]:
        """On what terms each product may be ordered."""
        return {
            name: Terms(row.published, row.all_customers, frozenset(self.access.get(name, ())), row.variants)
            for name, row in self.products.items()
        }

    def shapes(self) -> dict[str, Shape]:
        """How the models are put together."""
        return {name: shape_of(row) for name, row in self.models.items()}

    def known(self) -> Known:
        """The part of it that a file is checked against."""
        used: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        for uid in self.in_use:
            product, values = self.uids[uid]
            used[product][uid] = values
        return Known(
            models=self.shapes(),
            products={
                name: KnownProduct(
                    model=self.model_of[name],
                    offer={attribute: [value] for attribute, value in row.base.items()} | row.variants,
                    in_use=used[name],
                )
                for name, row in self.products.items()
            },
            customers=self.customers,
            uids={uid: product for uid, (product, _) in self.uids.items()},
        )


def shape_of(row: ProductModel) -> Shape:
    parts = {part["name"]: part["model"] for part in row.parts or []}
    return Shape(row.attributes, parts, row.derived or {}, row.printed)


Named = TypeVar("Named", ProductModel, CustomerProduct, Category)


def by_name(session: Session, kind: type[Named]) -> dict[str, Named]:
    return {row.name: row for row in session.exec(select(kind))}


def load(session: Session) -> Now:
    models, products = by_name(session, ProductModel), by_name(session, CustomerProduct)
    model_names = {row.id: row.name for row in models.values()}
    names = {row.id: row.name for row in products.values()}
    customers = {row.id: row.name for row in session.exec(select(Customer))}
    access: dict[str, set[str]] = defaultdict(set)
    for permit in session.exec(select(ProductAccess)):
        access[names[permit.product_id]].add(customers[permit.customer_id])
    categories = {row.id: (row.name, set[str]()) for row in session.exec(select(Category))}
    for entry in session.exec(select(CategoryEntry)):
        categories[entry.category_id][1].add(names[entry.product_id])
    return Now(
        models=models,
        products=products,
        model_of={row.name: model_names[row.model_id] for row in products.values()},
        uids={row.uid: (names[row.product_id], row.values) for row in session.exec(select(ProductUid))},
        customers=list(customers.values()),
        access=access,
        categories=dict(categories.values()),
        in_use=set(session.exec(select(Connection.product_uid).where(col(Connection.ended_at).is_(None)))),
    )
