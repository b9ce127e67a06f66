"""Brings the database's catalog level with a catalog file: decides first, then writes."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

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
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.catalog import checking, reading
from gcw_tiktok.workflow.catalog.checking import Known, KnownProduct, offers
from gcw_tiktok.workflow.catalog.reading import (
    AreaEntry,
    CatalogFile,
    ModelEntry,
    ProductEntry,
    in_words,
)
from gcw_tiktok.workflow.history import Act

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"
LONGEST_UID = 180


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


@dataclass(frozen=True)
class Changes:
    """What an import does, thing by thing, and what an operator should know about it."""

    rows: list[Change]
    warnings: list[str]

    def count(self, verdict: str, kind: str = "") -> int:
        return sum(row.verdict == verdict and kind in ("", row.kind) for row in self.rows)

    def counts(self) -> dict[str, dict[str, int]]:
        """For each kind, how many things are new, changed and unchanged."""
        tally = Counter((row.kind, row.verdict) for row in self.rows)
        kinds = dict.fromkeys(row.kind for row in self.rows)
        return {kind: {word: tally[kind, word] for word in (NEW, CHANGED, UNCHANGED)} for kind in kinds}


@dataclass(frozen=True)
class _Now:
    """The catalog as the database has it; everything goes by name."""

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


def read(session: Session, text: str, name: str) -> CatalogFile:
    """The file, checked within itself and against the database; `BadInput` lists every fault by line."""
    file = reading.read(text, name)
    checking.check(file, _known(_now(session)))
    return file


def plan(session: Session, file: CatalogFile) -> Changes:
    """What `apply` would do, without doing it."""
    return _decide(file, _now(session))


def apply(session: Session, file: CatalogFile, act: Act) -> Changes:
    """Writes the file, which `read` has checked, and tells what that changed.

    What the file does not name is left alone: models, products, UIDs, categories and a category's
    products from elsewhere. A product without `customers` keeps those it has. A combination that has a
    UID keeps it. A UID whose values a product no longer offers stays on record but cannot be ordered.
    """
    changes = plan(session, file)
    todo = [row for row in changes.rows if row.verdict != UNCHANGED]
    writers = {"model": _write_models, "product": _write_products, "uid": _write_uids, "category": _write_categories}
    for kind, write in writers.items():  # in this order: each rests on those before it
        write(session, [row for row in todo if row.kind == kind])
        session.flush()
    if todo:
        history.record(session, act, "catalog", "imported", file=file.name, counts=changes.counts())
    session.flush()
    return changes


def _known(now: _Now) -> Known:
    """The part of it that a file is checked against."""
    used: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for uid in now.in_use:
        product, values = now.uids[uid]
        used[product][uid] = values
    return Known(
        models={name: row.attributes for name, row in now.models.items()},
        products={
            name: KnownProduct(
                model=now.model_of[name],
                offer={attribute: [value] for attribute, value in row.base.items()} | row.variants,
                in_use=used[name],
            )
            for name, row in now.products.items()
        },
        customers=now.customers,
        uids={uid: product for uid, (product, _) in now.uids.items()},
    )


def _decide(file: CatalogFile, now: _Now) -> Changes:
    models = {model.name: model for model in file.models}
    taken = set(now.uids) | {entry.uid for product in file.products for entry in product.uids or []}
    rows = [_decide_model(model, now) for model in file.models]
    rows += [_decide_product(product, now) for product in file.products]
    for product in file.products:
        model = models.get(product.model)
        attributes = model.attributes if model else now.models[product.model].attributes
        rows += _decide_uids(product, list(attributes), now, taken)
    rows += _decide_categories(file, now)
    return Changes(rows, list(_warnings(file, rows, now)))


def _decide_model(model: ModelEntry, now: _Now) -> Change:
    wanted = {
        "description": model.description,
        "printed": model.printed,
        "attributes": model.attributes,
        "print_areas": [_stored(area) for area in model.print_areas],
    }
    return _compared("model", model.name, wanted, _columns(now.models.get(model.name), wanted))


def _stored(area: AreaEntry) -> dict[str, Any]:
    """An area as the database keeps it: JSON knows no tuples."""
    width, height = area.size or next(size for sizes in area.sizes.values() for size in sizes.values())
    stored = {
        "name": area.name,
        "required": area.required,
        "width_mm": width,
        "height_mm": height,
        "bleed_mm": area.bleed_mm,
        "min_dpi": area.min_dpi,
        "formats": area.formats,
    }
    if area.sizes:
        stored["sizes"] = {
            attribute: {value: list(size) for value, size in sizes.items()} for attribute, sizes in area.sizes.items()
        }
    return stored


def _decide_product(product: ProductEntry, now: _Now) -> Change:
    row = now.products.get(product.name)
    wanted: dict[str, Any] = {
        "description": product.description,
        "base": product.base,
        "variants": product.variants,
        "published": product.published,
    }
    if product.customers is not None:
        wanted["all_customers"] = product.all_customers
    have = _columns(row, wanted)
    wanted["model"] = product.model
    if product.customers is not None:
        wanted["customers"] = set(product.customers)
    if have is not None:
        have |= {"model": now.model_of[product.name], "customers": now.access.get(product.name, set())}
    return _compared("product", product.name, wanted, have)


def _decide_uids(product: ProductEntry, attributes: list[str], now: _Now, taken: set[str]) -> Iterator[Change]:
    if product.uids is not None:
        for entry in product.uids:
            wanted = {"product": product.name, "values": entry.values}
            have = now.uids.get(entry.uid)
            yield _compared("uid", entry.uid, wanted, have and {"product": have[0], "values": have[1]})
        return
    have_uid = {_key(values): uid for uid, (owner, values) in now.uids.items() if owner == product.name}
    for values in product.combinations():
        uid = have_uid.get(_key(values))
        if uid:
            yield Change("uid", uid, UNCHANGED, {})
            continue
        chosen = product.base | values
        uid = _new_uid(product, {name: chosen[name] for name in attributes if name in chosen}, taken)
        taken.add(uid)
        yield Change("uid", uid, NEW, {"product": product.name, "values": values})


def _new_uid(product: ProductEntry, values: Mapping[str, str], taken: set[str]) -> str:
    """A readable name that is free, in the pattern `model_attribute_value_attribute_value`."""
    pairs = [part for pair in values.items() for part in pair]
    short = "_".join(map(_kebab, [product.model, *pairs]))
    full = f"{short}_{_kebab(product.name)}"
    if len(full) > LONGEST_UID:
        short = full = f"{full[: LONGEST_UID - 13]}_{sha256(full.encode()).hexdigest()[:12]}"
    candidates = [short, full, *(f"{full}-{number}" for number in range(2, len(taken) + 3))]
    return next(uid for uid in candidates if uid not in taken)


def _kebab(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or sha256(text.encode()).hexdigest()[:8]


def _decide_categories(file: CatalogFile, now: _Now) -> Iterator[Change]:
    """A category holds exactly those of the file's products that it lists; products from elsewhere stay."""
    here = {product.name for product in file.products}
    for category in file.categories:
        have = now.categories.get(category.name)
        wanted = set(category.products) | ((have or set()) - here)
        yield _compared("category", category.name, {"products": wanted}, None if have is None else {"products": have})


def _compared(kind: str, name: str, wanted: dict[str, Any], have: Mapping[str, Any] | None) -> Change:
    if have is None:
        return Change(kind, name, NEW, wanted)
    same = all(have[column] == value for column, value in wanted.items())
    return Change(kind, name, UNCHANGED if same else CHANGED, wanted)


def _columns(row: ProductModel | CustomerProduct | None, wanted: Iterable[str]) -> dict[str, Any] | None:
    return None if row is None else {column: getattr(row, column) for column in wanted}


def _warnings(file: CatalogFile, rows: list[Change], now: _Now) -> Iterator[str]:
    changed = {(row.kind, row.name) for row in rows if row.verdict == CHANGED}
    by_product: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for uid, (owner, values) in now.uids.items():
        by_product[owner][uid] = values
    for row in rows:
        if row.kind == "uid" and row.wanted:
            by_product[row.wanted["product"]][row.name] = row.wanted["values"]
    for product in file.products:
        yield from _warnings_of_product(product, by_product[product.name], now)
        touched = {("product", product.name), ("model", product.model)} & changed
        used = now.in_use & set(by_product[product.name])
        if touched and used:
            yield f"{product.name} changed while connected variants print {_count(used)} of it: check them."


def _warnings_of_product(product: ProductEntry, uids: Mapping[str, dict[str, str]], now: _Now) -> Iterator[str]:
    allowed = now.access.get(product.name, set()) if product.customers is None else set(product.customers)
    row = now.products.get(product.name)
    everyone = bool(row and row.all_customers) if product.customers is None else product.all_customers
    if product.published and not everyone and not allowed:
        yield f"Nobody may order {product.name} yet: give it `customers`, or `all`."
    dropped = [uid for uid, values in uids.items() if not offers(product.variants, values)]
    if dropped:
        yield f"{product.name} no longer offers {_count(dropped)}; they cannot be connected any more."
    offered = Counter(_key(values) for uid, values in uids.items() if uid not in dropped)
    for key in [key for key, times in offered.items() if times > 1]:
        yield f"{product.name} has {offered[key]} UIDs for {in_words(dict(key))}: any of them can be ordered."
    missing = len(product.combinations()) - len(offered)
    if missing > 0:
        yield f"{product.name} has no UID for {missing} of its combinations; those cannot be ordered."


def _count(uids: Iterable[str]) -> str:
    known = sorted(uids)
    return f"the UID {known[0]}" if len(known) == 1 else f"{len(known)} UIDs"


def _key(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(values.items()))


def _write_models(session: Session, changes: list[Change]) -> None:
    rows = _by_name(session, ProductModel)
    for change in changes:
        row = rows.get(change.name) or ProductModel(name=change.name)
        for column, value in change.wanted.items():
            setattr(row, column, value)
        session.add(row)


def _write_products(session: Session, changes: list[Change]) -> None:
    models, rows = _by_name(session, ProductModel), _by_name(session, CustomerProduct)
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


def _write_access(session: Session, product_id: int, wanted: set[int]) -> None:
    rows = session.exec(select(ProductAccess).where(ProductAccess.product_id == product_id)).all()
    for row in rows:
        if row.customer_id not in wanted:
            session.delete(row)
    new = wanted - {row.customer_id for row in rows}
    session.add_all([ProductAccess(product_id=product_id, customer_id=customer_id) for customer_id in new])


def _write_uids(session: Session, changes: list[Change]) -> None:
    products = _by_name(session, CustomerProduct)
    for change in changes:
        row = session.get(ProductUid, change.name) if change.verdict == CHANGED else None
        row = row or ProductUid(uid=change.name, product_id=products[change.wanted["product"]].id or 0)
        row.values = change.wanted["values"]
        session.add(row)


def _write_categories(session: Session, changes: list[Change]) -> None:
    products, rows = _by_name(session, CustomerProduct), _by_name(session, Category)
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


Named = TypeVar("Named", ProductModel, CustomerProduct, Category)


def _by_name(session: Session, kind: type[Named]) -> dict[str, Named]:
    return {row.name: row for row in session.exec(select(kind))}


def _now(session: Session) -> _Now:
    models, products = _by_name(session, ProductModel), _by_name(session, CustomerProduct)
    model_names = {row.id: row.name for row in models.values()}
    names = {row.id: row.name for row in products.values()}
    customers = {row.name: row.id or 0 for row in session.exec(select(Customer))}
    customer_names = {row_id: name for name, row_id in customers.items()}
    access: dict[str, set[str]] = defaultdict(set)
    for permit in session.exec(select(ProductAccess)):
        access[names[permit.product_id]].add(customer_names[permit.customer_id])
    categories = {row.id: (row.name, set[str]()) for row in session.exec(select(Category))}
    for entry in session.exec(select(CategoryEntry)):
        categories[entry.category_id][1].add(names[entry.product_id])
    return _Now(
        models=models,
        products=products,
        model_of={row.name: model_names[row.model_id] for row in products.values()},
        uids={row.uid: (names[row.product_id], row.values) for row in session.exec(select(ProductUid))},
        customers=list(customers),
        access=access,
        categories=dict(categories.values()),
        in_use=set(session.exec(select(Connection.product_uid).where(col(Connection.ended_at).is_(None)))),
    )
