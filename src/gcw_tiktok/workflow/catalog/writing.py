"""Writes decided changes of the catalog, and the history of each thing that they change."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, select

from gcw_tiktok.store.tables import Category, CategoryEntry, Customer, CustomerProduct, ProductAccess, ProductModel
from gcw_tiktok.store.tables import ProductUid as Uid
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.catalog.now import by_name
from gcw_tiktok.workflow.history import Act

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"
MOST_NAMED = 50
TOLD_WHOLE = frozenset({"published", "all_customers", "customers", "products", "model", "base", "variants"})
"""Columns whose new value the history keeps; of others it keeps that they changed."""


@dataclass(frozen=True)
class Change:
    """What happens, or would happen, to one thing."""

    kind: str
    """`model`, `product`, `uid` or `category`."""
    name: str
    verdict: str
    """`new`, `changed` or `unchanged`."""
    wanted: dict[str, Any] = field(repr=False)
    """Its columns as they shall be; other things in it are named by name."""
    changed: tuple[str, ...] = ()
    """Which of them are not so yet, where the thing is there already."""


def subject(kind: str, row_id: int | None) -> str:
    """What the history calls one thing of the catalog."""
    return f"catalog:{kind}:{row_id}"


def write(session: Session, act: Act, changes: Sequence[Change], why: str) -> None:
    """Makes the rows as they are wanted; `why` says where that comes from, such as a file's name."""
    todo = [row for row in changes if row.verdict != UNCHANGED]
    writers = {"model": _write_models, "product": _write_products, "uid": _write_uids, "category": _write_categories}
    for kind, writer in writers.items():  # in this order: each rests on those before it
        writer(session, act, [row for row in todo if row.kind == kind], why)
        session.flush()


def _record(session: Session, act: Act, change: Change, row_id: int | None, why: str) -> None:
    told = {name: _told(change.wanted[name]) for name in change.changed if name in TOLD_WHOLE}
    data: dict[str, Any] = {"name": change.name}
    if change.verdict == CHANGED:
        data |= {"changed": list(change.changed), **told}
    what = "added" if change.verdict == NEW else "changed"
    history.record(session, act, subject(change.kind, row_id), what, why, **data)


def _told(value: Any) -> Any:
    return sorted(value) if isinstance(value, set) else value


def _write_models(session: Session, act: Act, changes: list[Change], why: str) -> None:
    rows = by_name(session, ProductModel)
    for change in changes:
        row = rows.get(change.name) or ProductModel(name=change.name)
        for column, value in change.wanted.items():
            setattr(row, column, value)
        session.add(row)
        session.flush()
        _record(session, act, change, row.id, why)


def _write_products(session: Session, act: Act, changes: list[Change], why: str) -> None:
    models, rows = by_name(session, ProductModel), by_name(session, CustomerProduct)
    customers = {row.name: row.id or 0 for row in session.exec(select(Customer))}
    for change in changes:
        columns = dict(change.wanted)
        columns["model_id"] = models[columns.pop("model")].id
        allowed = columns.pop("customers", None)
        row = rows.get(change.name) or CustomerProduct(name=change.name, **columns)
        for column, value in columns.items():
            setattr(row, column, value)
        session.add(row)
        session.flush()
        if allowed is not None:
            _write_access(session, row.id or 0, {customers[name] for name in allowed})
        _record(session, act, change, row.id, why)


def _write_access(session: Session, product_id: int, wanted: set[int]) -> None:
    rows = session.exec(select(ProductAccess).where(ProductAccess.product_id == product_id)).all()
    for row in rows:
        if row.customer_id not in wanted:
            session.delete(row)
    new = wanted - {row.customer_id for row in rows}
    session.add_all([ProductAccess(product_id=product_id, customer_id=customer_id) for customer_id in new])


def _write_uids(session: Session, act: Act, changes: list[Change], why: str) -> None:
    products = by_name(session, CustomerProduct)
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for change in changes:
        row = session.get(Uid, change.name) if change.verdict == CHANGED else None
        row = row or Uid(uid=change.name, product_id=products[change.wanted["product"]].id or 0)
        row.values = change.wanted["values"]
        session.add(row)
        told[change.wanted["product"], "added" if change.verdict == NEW else "changed"].append(change.name)
    for (product, what), uids in told.items():
        data = {"uids": uids[:MOST_NAMED], "count": len(uids)}
        history.record(session, act, subject("product", products[product].id), f"UIDs {what}", why, **data)


def _write_categories(session: Session, act: Act, changes: list[Change], why: str) -> None:
    products, rows = by_name(session, CustomerProduct), by_name(session, Category)
    for change in changes:
        row = rows.get(change.name) or Category(name=change.name)
        session.add(row)
        session.flush()
        wanted = {products[name].id or 0 for name in change.wanted["products"]}
        entries = session.exec(select(CategoryEntry).where(CategoryEntry.category_id == row.id)).all()
        for entry in entries:
            if entry.product_id not in wanted:
                session.delete(entry)
        new = wanted - {entry.product_id for entry in entries}
        session.add_all([CategoryEntry(category_id=row.id or 0, product_id=product_id) for product_id in new])
        _record(session, act, change, row.id, why)
