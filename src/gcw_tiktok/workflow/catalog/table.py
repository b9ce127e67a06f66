"""The product table as CSV: one row a UID, with its product, its values and who may order it."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import CustomerProduct
from gcw_tiktok.workflow.catalog import marked_yaml, shapes
from gcw_tiktok.workflow.catalog.marked_yaml import At, Value, did_you_mean
from gcw_tiktok.workflow.catalog.now import Now
from gcw_tiktok.workflow.catalog.shapes import offers
from gcw_tiktok.workflow.cells import defused, restored

UID, PRODUCT, MODEL, CUSTOMERS, CATEGORIES, PUBLISHED = (
    "uid",
    "product",
    "model",
    "customers",
    "categories",
    "published",
)
VARIANT, BASE = "variant: ", "base: "
"""Before an attribute in the head of a column: what customers choose, and what is fixed for the whole product."""
WHOLE = (MODEL, CUSTOMERS, CATEGORIES, PUBLISHED)
"""What every row of a product says alike; an empty cell leaves it as it is."""
ALL = "all"
FLAGS = {"yes": True, "true": True, "no": False, "false": False}
SHORTENED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet makes of a long number."""
DELIMITERS = ",;\t"
MOST_CHARACTERS = 64_000_000


def write(have: Now) -> str:
    """The whole table, by product and in the order in which each offers its UIDs."""
    variants, base = _attributes(have, "variants"), _attributes(have, "base")
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    heads = [UID, PRODUCT, MODEL, *(f"{VARIANT}{name}" for name in variants), *(f"{BASE}{name}" for name in base)]
    lines.writerow([*heads, CUSTOMERS, CATEGORIES, PUBLISHED])
    for name, row in sorted(have.products.items()):
        categories = [category for category, products in sorted(have.categories.items()) if name in products]
        customers = ALL if row.all_customers else _list(sorted(have.access.get(name, ())))
        after = [customers, _list(categories), "yes" if row.published else "no"]
        for uid, values in in_order(row, have.uids_of(name)):
            chosen = [values.get(attribute, "") for attribute in variants]
            fixed = [row.base.get(attribute, "") for attribute in base]
            lines.writerow(map(defused, [uid, name, have.model_of[name], *chosen, *fixed, *after]))
    return out.getvalue()


def in_order(row: CustomerProduct, uids: Iterable[tuple[str, dict[str, str]]]) -> list[tuple[str, dict[str, str]]]:
    """Those that the product offers, with their values, in the order in which it offers them."""
    ranks = {name: {value: rank for rank, value in enumerate(values)} for name, values in row.variants.items()}
    found = [one for one in uids if offers(row.variants, one[1])]
    return sorted(found, key=lambda one: ([ranks[name][one[1][name]] for name in ranks], one[0]))


def read(text: str, name: str, have: Now) -> Value:
    """The table as a catalog file would say it; what it leaves out of a product that is known stays as it is."""
    if len(text) > MOST_CHARACTERS:
        raise BadInput(f"{name} is larger than {MOST_CHARACTERS // 1_000_000} MB.", "Split it into several files.")
    faults: list[tuple[int, str]] = []
    products: dict[str, _Product] = {}
    for line, cells in _rows(text, name, faults):
        if not cells.get(PRODUCT):
            faults.append((line, "the product is missing"))
            continue
        product = products.setdefault(cells[PRODUCT], _Product(cells[PRODUCT], line))
        product.add(line, cells, faults)
    entries = [product.entry(have) for product in products.values()]
    value = marked_yaml.of({"products": entries, "categories": _categories(products, have)}, name)
    for line, sentence in faults:
        value.faults.add(line, "", sentence)
    return value


@dataclass
class _Product:
    """What the rows of one product say."""

    name: str
    line: int
    whole: dict[str, tuple[int, str]] = field(default_factory=dict)
    """What is said of the product itself, and in which line first."""
    uids: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)

    def add(self, line: int, cells: Mapping[str, str], faults: list[tuple[int, str]]) -> None:
        for head in [head for head in cells if head in WHOLE or head.startswith(BASE)]:
            first, said = self.whole.setdefault(head, (line, cells[head]))
            if said != cells[head]:
                faults.append((line, f'{head} is "{cells[head]}" here, and "{said}" in line {first}'))
        if SHORTENED.fullmatch(cells.get(UID, "")):
            faults.append((line, f"a spreadsheet has shortened the uid to {cells[UID]}: format the column as text"))
        values = {head.removeprefix(VARIANT): cell for head, cell in cells.items() if head.startswith(VARIANT)}
        self.uids.append((line, cells.get(UID, ""), values))

    def said(self, head: str) -> str:
        return self.whole[head][1] if head in self.whole else ""

    def entry(self, have: Now) -> At:
        """The product's entry in a catalog file: what is known of it, and what the table says."""
        row = have.products.get(self.name)
        known = {uid: values for _, uid, _ in self.uids if uid in have.uids for _, values in [have.uids[uid]]}
        uids = [(line, uid, values or known.get(uid, {})) for line, uid, values in self.uids]
        entry: dict[str, Any] = {"name": self.name, "variants": self._variants(row, uids)}
        if model := self.said(MODEL) or have.model_of.get(self.name, ""):
            entry["model"] = self._at(MODEL, model)
        if row and row.description:
            entry["description"] = row.description
        entry["base"] = (row.base if row else {}) | {
            head.removeprefix(BASE): At(line, cell)
            for head, (line, cell) in self.whole.items()
            if head.startswith(BASE)
        }
        entry["uids"] = [At(line, {"uid": At(line, uid), "values": values}) for line, uid, values in uids]
        published = self.said(PUBLISHED)
        if published or row:
            told = FLAGS.get(published.lower(), published) if published else bool(row and row.published)
            entry["published"] = self._at(PUBLISHED, told)
        if customers := self.said(CUSTOMERS):
            entry["customers"] = self._at(CUSTOMERS, ALL if customers == ALL else _parts(customers))
        return At(self.line, entry)

    def _variants(
        self, row: CustomerProduct | None, uids: Sequence[tuple[int, str, dict[str, str]]]
    ) -> dict[str, list[At]]:
        """What the product offers already, and behind it what the table adds."""
        offer = {name: dict.fromkeys(values, self.line) for name, values in (row.variants if row else {}).items()}
        for line, _, values in uids:
            for name, value in values.items():
                offer.setdefault(name, {}).setdefault(value, line)
        return {name: [At(line, value) for value, line in values.items()] for name, values in offer.items()}

    def _at(self, head: str, value: object) -> At:
        return At(self.whole[head][0] if head in self.whole else self.line, value)


def _rows(text: str, name: str, faults: list[tuple[int, str]]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row that says something, with its line: the cells that are filled, by the head of their column."""
    text = text.removeprefix("\N{BYTE ORDER MARK}")
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(DELIMITERS, key=first.count), strict=True)
    heads: list[str] = []
    line = 1
    try:
        for cells in reader:
            filled = [_clean(restored(cell.strip())) for cell in cells]
            if not heads:
                heads = _heads(filled, line, faults)
            elif any(filled):
                if len(filled) > len(heads) and any(filled[len(heads) :]):
                    faults.append((line, "it has more cells than the first line has names"))
                yield line, {head: cell for head, cell in zip(heads, filled, strict=False) if head and cell}
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(f"{name}:{line}: it is not valid CSV: {error}", f"Mend {name} and try again.") from error
    if not heads:
        raise BadInput(f"{name}:1: the file is empty", "`gcw catalog export --format csv` shows what it looks like.")


def _heads(cells: list[str], line: int, faults: list[tuple[int, str]]) -> list[str]:
    """The heads as we write them; one that is not known is told, and its column is not read."""
    known = [UID, PRODUCT, *WHOLE]
    heads = []
    for cell in cells:
        before, colon, attribute = cell.partition(":")
        kind = f"{before.strip().lower()}: "
        head = f"{kind}{attribute.strip()}" if colon and kind in (VARIANT, BASE) else cell.lower()
        if head and head not in known and not head.startswith((VARIANT, BASE)):
            guess = did_you_mean(head, known) or f"; known are {', '.join(known)}, variant: NAME and base: NAME"
            faults.append((line, f'the column "{cell}" is not known{guess}'))
            head = ""
        if head and head in heads:
            faults.append((line, f'the column "{head}" stands here twice'))
        heads.append(head)
    faults.extend((line, f'the column "{need}" is missing') for need in (UID, PRODUCT) if need not in heads)
    return heads


def _categories(products: Mapping[str, _Product], have: Now) -> list[At]:
    """A product stands in exactly the categories that its rows name; where they name none, in those it stands in."""
    wanted = {
        name: _parts(said) if (said := product.said(CATEGORIES)) else _categories_of(name, have)
        for name, product in products.items()
    }
    names = {category: None for name in wanted for category in (*wanted[name], *_categories_of(name, have))}
    lines = {category: products[name].whole[CATEGORIES][0] for name in wanted if products[name].said(CATEGORIES)
             for category in wanted[name]}  # fmt: skip
    return [
        At(
            lines.get(category, 1),
            {"name": category, "products": [name for name in wanted if category in wanted[name]]},
        )
        for category in names
    ]


def _categories_of(product: str, have: Now) -> list[str]:
    return [category for category, products in have.categories.items() if product in products]


def _attributes(have: Now, column: str) -> list[str]:
    """Every attribute that some product varies or fixes, as its model orders them."""
    models = have.shapes()
    names: dict[str, None] = {}
    for product, row in sorted(have.products.items()):
        given = getattr(row, column)
        names |= {name: None for name in shapes.choices(models[have.model_of[product]], models) if name in given}
    return list(names)


def _list(names: Sequence[str]) -> str:
    """Names in one cell, `;` between them; a name that has one within is quoted."""
    if list(names) == [ALL]:
        return f"{ALL};"  # `all` alone is everybody
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="").writerow(names)
    return out.getvalue()


def _parts(cell: str) -> list[str]:
    row = next(csv.reader([cell], delimiter=";", skipinitialspace=True), [])
    return [name for name in map(_clean, row) if name]


def _clean(cell: str) -> str:
    return " ".join(cell.split())
