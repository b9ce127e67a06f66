"""What a change of the catalog takes away from variants that are connected, and from orders that wait for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlmodel import Session, col, func, select

from gcw_tiktok.store.tables import Connection, Customer, CustomerProduct, Line, ProductUid, Store, Variant
from gcw_tiktok.store.tables.stages import OPEN
from gcw_tiktok.workflow.catalog.shapes import Offer, offers

MOST_SHOWN = 10
MOST_ASKED = 500
HINT = "Connect them to something else first (`gcw products connect`), or add --yes: their orders are then held."


@dataclass(frozen=True)
class Terms:
    """On what terms a customer product may be ordered."""

    published: bool
    everyone: bool
    customers: frozenset[str]
    variants: Offer

    def allow(self, customer: str, values: Mapping[str, str]) -> bool:
        return not self.against(customer, values)

    def against(self, customer: str, values: Mapping[str, str]) -> str:
        """The term that stands against it, by its name in a catalog file; empty where none does."""
        if not self.published:
            return "published"
        if not self.everyone and customer not in self.customers:
            return "customers"
        return "" if offers(self.variants, values) else "variants"


@dataclass(frozen=True)
class Broken:
    """A connected variant whose customer could not order what it prints any more."""

    product: str
    uid: str
    store: str
    seller_sku: str
    sku_id: str
    orders: int = 0
    """How many orders wait to be printed with it."""
    term: str = ""
    """What stands against it: `published`, `customers` or `variants`."""

    @property
    def sentence(self) -> str:
        waiting = "" if not self.orders else f"; {self.orders} order{'s wait' if self.orders > 1 else ' waits'} for it"
        return f"{self.store}: {self.seller_sku or self.sku_id} prints {self.uid}{waiting}"


def find(session: Session, before: Mapping[str, Terms], after: Mapping[str, Terms]) -> list[Broken]:
    """What the new terms break that the old ones did not, by product and store. Both go by product."""
    changed = [name for name in after if name in before and before[name] != after[name]]
    broken = []
    for used in _in_use(session, changed):
        old, new = before[used.one.product], after[used.one.product]
        term = new.against(used.customer, used.values)
        if term and old.allow(used.customer, used.values):
            broken.append((used.store_id, replace(used.one, term=term)))
    waiting = _waiting(session, {(store, one.sku_id) for store, one in broken})
    return [replace(one, orders=waiting.get((store, one.sku_id), 0)) for store, one in broken]


def told(broken: Sequence[Broken]) -> str:
    """One line for each, as far as a person reads them."""
    lines = [f"  {one.sentence}" for one in broken[:MOST_SHOWN]]
    more = [f"  ... and {len(broken) - MOST_SHOWN:,} more"] if len(broken) > MOST_SHOWN else []
    return "\n".join([*lines, *more])


def count(broken: Sequence[Broken]) -> str:
    """`2 connected variants`."""
    return "a connected variant" if len(broken) == 1 else f"{len(broken):,} connected variants"


@dataclass(frozen=True)
class _Used:
    store_id: int
    customer: str
    values: dict[str, str]
    one: Broken


def _in_use(session: Session, products: Sequence[str]) -> Iterator[_Used]:
    """What connected variants print of these products."""
    if not products:
        return
    customers = {row.id: row.name for row in session.exec(select(Customer))}
    for some in _some(products):
        rows = session.exec(
            select(Store, Variant, ProductUid, CustomerProduct)
            .where(col(CustomerProduct.name).in_(some))
            .where(ProductUid.product_id == CustomerProduct.id)
            .where(Connection.product_uid == ProductUid.uid, col(Connection.ended_at).is_(None))
            .where(Variant.id == Connection.variant_id, Store.id == Variant.store_id)
            .order_by(col(CustomerProduct.name), col(Store.name), col(Variant.seller_sku), col(Variant.sku_id))
        ).all()
        for store, variant, uid, product in rows:
            one = Broken(product.name, uid.uid, store.name, variant.seller_sku, variant.sku_id)
            yield _Used(store.id or 0, customers[store.customer_id], uid.values, one)


def _waiting(session: Session, variants: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """How many orders wait for each variant: nothing of them has been printed yet."""
    found: dict[tuple[int, str], int] = {}
    for some in _some(sorted(variants)):
        rows = session.exec(
            select(Line.store_id, Line.sku_id, func.count(func.distinct(Line.order_pk)))
            .where(col(Line.store_id).in_({store for store, _ in some}), col(Line.sku_id).in_([sku for _, sku in some]))
            .where(col(Line.stage).in_(OPEN), col(Line.ignored_id).is_(None))
            .group_by(col(Line.store_id), col(Line.sku_id))
        )
        found |= {(store, sku): number for store, sku, number in rows}
    return found


Each = TypeVar("Each")


def _some(things: Sequence[Each]) -> Iterator[Sequence[Each]]:
    return (things[start : start + MOST_ASKED] for start in range(0, len(things), MOST_ASKED))
