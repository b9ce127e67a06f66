"""Brings the database's catalog level with a catalog file: decides first, then writes."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import CustomerProduct, ProductModel
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.catalog import checking, now, print_areas, reading, shapes, table, withdrawing, writing
from gcw_tiktok.workflow.catalog.now import Now
from gcw_tiktok.workflow.catalog.reading import CatalogFile, ModelEntry, ProductEntry
from gcw_tiktok.workflow.catalog.shapes import in_words, offers
from gcw_tiktok.workflow.catalog.withdrawing import Broken, Terms
from gcw_tiktok.workflow.catalog.writing import CHANGED, NEW, UNCHANGED, Change
from gcw_tiktok.workflow.history import Act

LONGEST_UID = 180
YAML, JSON, CSV = "yaml", "json", "csv"
FORMATS = (YAML, JSON, CSV)


@dataclass(frozen=True)
class Changes:
    """What an import does, thing by thing, and what an operator should know about it."""

    rows: list[Change]
    warnings: list[str]
    broken: list[Broken] = field(default_factory=list)
    """Connected variants that cannot be ordered any more by it."""

    def count(self, verdict: str, kind: str = "") -> int:
        return sum(row.verdict == verdict and kind in ("", row.kind) for row in self.rows)

    def counts(self) -> dict[str, dict[str, int]]:
        """For each kind, how many things are new, changed and unchanged."""
        tally = Counter((row.kind, row.verdict) for row in self.rows)
        kinds = dict.fromkeys(row.kind for row in self.rows)
        return {kind: {word: tally[kind, word] for word in (NEW, CHANGED, UNCHANGED)} for kind in kinds}


def format_of(file: str, wanted: str = "") -> str:
    """The format that is wanted, or that the file's name says; YAML where it says nothing."""
    if wanted and wanted.lower() not in FORMATS:
        raise BadInput(f"There is no format {wanted}.", f"Choose {print_areas.in_a_row(FORMATS)}.")
    ending = file.lower().rpartition(".")[2]
    return wanted.lower() or {"csv": CSV, "tsv": CSV, "json": JSON}.get(ending, YAML)


def read(session: Session, text: str, name: str, format: str = YAML) -> CatalogFile:
    """The file, checked within itself and against the database; `BadInput` lists every fault by line."""
    have = now.load(session)
    file = reading.entries(table.read(text, name, have), name) if format == CSV else reading.read(text, name)
    checking.check(file, have.known())
    return file


def plan(session: Session, file: CatalogFile) -> Changes:
    """What `apply` would do, without doing it."""
    return _decide(session, file, now.load(session))


def apply(session: Session, file: CatalogFile, act: Act, *, yes: bool = False, why: str = "") -> Changes:
    """Writes the file, which `read` has checked, and tells what that changed.

    What the file does not name is left alone: models, products, UIDs, categories and a category's
    products from elsewhere. A product without `customers` keeps those it has. A combination that has a
    UID keeps it. A UID whose values a product no longer offers stays on record but cannot be ordered.

    `BadInput` where connected variants would lose what they print, unless `yes` says that they may.
    """
    changes = plan(session, file)
    if not yes:
        refuse(file, changes.broken)
    writing.write(session, act, changes.rows, why or file.name)
    if file.name and any(row.verdict != UNCHANGED for row in changes.rows):
        history.record(session, act, "catalog", "imported", file=file.name, counts=changes.counts())
    session.flush()
    return changes


def refuse(file: CatalogFile, broken: list[Broken]) -> None:
    """`BadInput` names each connected variant that would lose what it prints, at the line that does it."""
    by_place: dict[tuple[str, str], list[Broken]] = defaultdict(list)
    for one in broken:
        by_place[one.product, one.term].append(one)
    entries = {product.name: product for product in file.products}
    for (product, term), some in by_place.items():
        entry = entries[product].fields
        where = entry.at(term) if file.name else entry.whole  # what was typed has no places
        where.fault(f"This withdraws {product} from {withdrawing.count(some)}:\n{withdrawing.told(some)}")
    file.value.faults.raise_any(withdrawing.HINT, "in_use")


def _decide(session: Session, file: CatalogFile, have: Now) -> Changes:
    models = have.shapes() | checking.shapes_of(file)
    taken = set(have.uids) | {entry.uid for product in file.products for entry in product.uids or []}
    rows = [_decide_model(model, have) for model in file.models]
    rows += [_decide_product(product, have) for product in file.products]
    for product in file.products:
        attributes = shapes.choices(models[product.model], models)
        rows += _decide_uids(product, list(attributes), have, taken)
    rows += _decide_categories(file, have)
    broken = withdrawing.find(session, have.terms(), {one.name: _terms(one, have) for one in file.products})
    return Changes(rows, list(_warnings(file, rows, have)), broken)


def _terms(product: ProductEntry, have: Now) -> Terms:
    """On what terms the product may be ordered once the file is in."""
    row = have.products.get(product.name)
    if product.customers is not None:
        everyone, customers = product.all_customers, frozenset(product.customers)
    else:
        everyone, customers = bool(row and row.all_customers), frozenset(have.access.get(product.name, ()))
    return Terms(product.published, everyone, customers, product.variants)


def _decide_model(model: ModelEntry, have: Now) -> Change:
    wanted = {
        "description": model.description,
        "printed": model.printed,
        "attributes": model.attributes,
        "print_areas": [print_areas.stored(area) for area in model.print_areas],
        "parts": [{"name": name, "model": of} for name, of in model.parts.items()] or None,
        "derived": model.derived or None,
    }
    return _compared("model", model.name, wanted, _columns(have.models.get(model.name), wanted))


def _decide_product(product: ProductEntry, have: Now) -> Change:
    row = have.products.get(product.name)
    wanted: dict[str, Any] = {
        "description": product.description,
        "base": product.base,
        "variants": product.variants,
        "published": product.published,
    }
    if product.customers is not None:
        wanted["all_customers"] = product.all_customers
    columns = _columns(row, wanted)
    wanted["model"] = product.model
    if product.customers is not None:
        wanted["customers"] = set(product.customers)
    if columns is not None:
        columns |= {"model": have.model_of[product.name], "customers": have.access.get(product.name, set())}
    return _compared("product", product.name, wanted, columns)


def _decide_uids(product: ProductEntry, attributes: list[str], have: Now, taken: set[str]) -> Iterator[Change]:
    if product.uids is not None:
        for entry in product.uids:
            wanted = {"product": product.name, "values": entry.values}
            known = have.uids.get(entry.uid)
            yield _compared("uid", entry.uid, wanted, known and {"product": known[0], "values": known[1]})
        return
    have_uid = {_key(values): uid for uid, (owner, values) in have.uids.items() if owner == product.name}
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


def _decide_categories(file: CatalogFile, have: Now) -> Iterator[Change]:
    """A category holds exactly those of the file's products that it lists; products from elsewhere stay."""
    here = {product.name for product in file.products}
    for category in file.categories:
        known = have.categories.get(category.name)
        wanted = set(category.products) | ((known or set()) - here)
        yield _compared("category", category.name, {"products": wanted}, None if known is None else {"products": known})


def _compared(kind: str, name: str, wanted: dict[str, Any], have: Mapping[str, Any] | None) -> Change:
    if have is None:
        return Change(kind, name, NEW, wanted)
    changed = tuple(column for column, value in wanted.items() if have[column] != value)
    return Change(kind, name, CHANGED if changed else UNCHANGED, wanted, changed)


def _columns(row: ProductModel | CustomerProduct | None, wanted: Iterable[str]) -> dict[str, Any] | None:
    return None if row is None else {column: getattr(row, column) for column in wanted}


def _warnings(file: CatalogFile, rows: list[Change], have: Now) -> Iterator[str]:
    changed = {(row.kind, row.name) for row in rows if row.verdict == CHANGED}
    by_product: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for uid, (owner, values) in have.uids.items():
        by_product[owner][uid] = values
    for row in rows:
        if row.kind == "uid" and row.wanted:
            by_product[row.wanted["product"]][row.name] = row.wanted["values"]
    for product in file.products:
        yield from _warnings_of_product(product, by_product[product.name], have)
    models = have.shapes() | checking.shapes_of(file)
    model_of = have.model_of | {product.name: product.model for product in file.products}
    for name, of in model_of.items():
        built = {("model", one) for one in (of, *models[of].parts.values())}
        used = have.in_use & set(by_product[name])
        if used and changed & {("product", name), *built}:
            yield f"{name} changed while connected variants print {_count(used)} of it: check them."


def _warnings_of_product(product: ProductEntry, uids: Mapping[str, dict[str, str]], have: Now) -> Iterator[str]:
    terms = _terms(product, have)
    if product.published and not terms.everyone and not terms.customers:
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
