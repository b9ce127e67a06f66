"""Orders as a page lists them and as a spreadsheet gets them. Nothing sealed is opened here."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import literal
from sqlmodel import Session, and_, col, func, or_, select, union

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Hold, HoldReason, Line, Order, OrderKind, Person, Stage, Store
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.workflow import cells, times
from gcw_tiktok.workflow.storefronts import sight

PAGE = 50
AT_A_TIME = 500
"""Orders that an export reads in one go."""
COLUMNS = (
    "order",
    "store",
    "placed",
    "status",
    "stage",
    "on_hold",
    "ship_by",
    "seller_sku",
    "product",
    "variant",
    "units",
    "line_stage",
    "carrier",
    "tracking_number",
)


@dataclass(frozen=True)
class Wanted:
    """What a list of orders is narrowed to. Moments are Unix seconds."""

    store_id: int | None = None
    stage: Stage | None = None
    held: bool = False
    since: int | None = None
    until: int | None = None
    search: str = ""
    """A part of an order id, a seller SKU, a title or a tracking number."""

    @property
    def narrowed(self) -> bool:
        """Whether it leaves anything out."""
        return self != Wanted()


@dataclass(frozen=True)
class Item:
    """Units of an order that are alike, from TikTok's lines."""

    seller_sku: str
    product: str
    variant: str
    units: int
    stage: Stage
    carrier: str
    tracking_number: str


@dataclass(frozen=True)
class Row:
    """An order in the list."""

    order_id: str
    store: str
    status: str
    stage: Stage
    kind: OrderKind
    placed_at: int
    ship_by: int | None
    items: Sequence[Item] = ()
    holds: Sequence[HoldReason] = ()

    @property
    def units(self) -> int:
        return sum(item.units for item in self.items)

    @property
    def products(self) -> list[str]:
        """What was bought, each title once."""
        return list(dict.fromkeys(item.product or item.seller_sku for item in self.items))

    @property
    def numbers(self) -> list[str]:
        """Its tracking numbers."""
        return list(dict.fromkeys(item.tracking_number for item in self.items if item.tracking_number))

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to leave."""
        return self.stage in OPEN | IN_WORK

    def is_late(self, now: int) -> bool:
        """Whether it should have left."""
        return self.is_waiting and self.ship_by is not None and self.ship_by < now


@dataclass(frozen=True)
class Found:
    """One page of a list, and how many orders there are on all of them."""

    rows: list[Row] = field(default_factory=list)
    total: int = 0
    page: int = 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def page(session: Session, person: Person, wanted: Wanted, number: int = 1) -> Found:
    """A page of the orders that the person may see, the newest first; past the end it is the first page."""
    rules = _rules(session, person, wanted)
    # what an index counts at once is counted by itself; what has to be searched is gone through but once
    count = func.count().over() if wanted.search else _count(rules)
    found = session.exec(_newest(rules).add_columns(count).offset((number - 1) * PAGE).limit(PAGE)).all()
    if not found and number > 1:
        return page(session, person, wanted)
    return Found(_rows(session, [key for key, *_ in found]), found[0][2] if found else 0, number)


def spreadsheet(database: Database, person: Person, wanted: Wanted) -> Iterator[str]:
    """The same orders as CSV, one row for units that are alike; cells that a spreadsheet would run are defused."""
    with database.view() as session:
        rules = _rules(session, person, wanted)  # refuses before anything is sent
    return _exported(database, rules)


def _exported(database: Database, rules: Sequence[Any]) -> Iterator[str]:
    yield _as_csv([COLUMNS])
    after: tuple[int, int] | None = None
    while True:
        with database.view() as session:
            keys = session.exec(_newest([*rules, *_past(after)]).limit(AT_A_TIME)).all()
            rows = _rows(session, [key for key, _ in keys])
        if not keys:
            return
        yield _as_csv([cell_row for row in rows for cell_row in _cells(row)])
        after = (keys[-1][1], keys[-1][0])


def _rules(session: Session, person: Person, wanted: Wanted) -> list[Any]:
    """Conditions on orders. All but the search are answered by one index, without a look at the orders themselves."""
    if wanted.store_id is not None:
        mine = [sight.store(session, person, wanted.store_id).id]
    else:
        mine = [store.id for store in sight.stores(session, person)]
    rules: list[Any] = [col(Order.store_id).in_(mine), col(Order.test).is_(False)]
    if wanted.stage:
        rules.append(Order.stage == wanted.stage)
    if wanted.since is not None:
        rules.append(col(Order.placed_at) >= wanted.since)
    if wanted.until is not None:
        rules.append(col(Order.placed_at) < wanted.until)
    if wanted.held:
        rules.append(col(Order.id).in_(select(Hold.order_pk)))
    if wanted.search:
        rules.append(_matches(mine, wanted.search))
    return rules


def _matches(mine: Sequence[int | None], search: str) -> Any:
    called = select(Order.id).where(
        col(Order.store_id).in_(mine), col(Order.order_id).contains(search, autoescape=True)
    )
    said: Any = literal("")
    for one in (Line.seller_sku, Line.tracking_number, Line.product_name, Line.sku_name):
        said = said + "\n" + col(one)  # so that a line is looked through but once
    inside = select(Line.order_pk).where(
        col(Line.store_id).in_(mine), func.lower(said).contains(search.lower(), autoescape=True)
    )
    return col(Order.id).in_(union(called, inside))


def _newest(rules: Sequence[Any]) -> Any:
    order = (col(Order.placed_at).desc(), col(Order.id).desc())
    return select(Order.id, Order.placed_at).where(*rules).order_by(*order)


def _count(rules: Sequence[Any]) -> Any:
    return select(func.count()).select_from(Order).where(*rules).scalar_subquery()


def _past(last: tuple[int, int] | None) -> list[Any]:
    """Only what comes after the last one of the page before."""
    if last is None:
        return []
    placed_at, key = last
    return [or_(col(Order.placed_at) < placed_at, and_(col(Order.placed_at) == placed_at, col(Order.id) < key))]


def _rows(session: Session, keys: Sequence[int]) -> list[Row]:
    """These orders in this order; what is sealed is not even read."""
    facts = (
        Order.id,
        Order.order_id,
        Store.name,
        Order.status,
        Order.stage,
        Order.kind,
        Order.placed_at,
        Order.ship_by,
    )
    query = select(*facts).join(Store, col(Order.store_id) == Store.id).where(col(Order.id).in_(keys))  # type: ignore[call-overload]
    known: dict[int, Any] = {row[0]: row[1:] for row in session.exec(query)}
    items, holds = _items(session, keys), _holds(session, keys)
    return [Row(*(*known[key], items.get(key, []), holds.get(key, []))) for key in keys if key in known]


def _items(session: Session, keys: Sequence[int]) -> dict[int, list[Item]]:
    alike = (
        Line.order_pk,
        Line.seller_sku,
        Line.product_name,
        Line.sku_name,
        Line.stage,
        Line.carrier,
        Line.tracking_number,
    )
    query = select(*alike, func.count(), func.min(Line.id)).where(col(Line.order_pk).in_(keys))  # type: ignore[call-overload]
    found: dict[int, list[Item]] = {}
    for key, sku, product, variant, stage, carrier, number, units, _ in session.exec(
        query.group_by(*alike).order_by(func.min(Line.id))
    ):
        found.setdefault(key, []).append(Item(sku, product, variant, units, stage, carrier, number))
    return found


def _holds(session: Session, keys: Sequence[int]) -> dict[int, list[HoldReason]]:
    found: dict[int, list[HoldReason]] = {}
    query = select(Hold.order_pk, Hold.reason).where(col(Hold.order_pk).in_(keys)).order_by(col(Hold.id))
    for key, reason in session.exec(query):
        found.setdefault(key, []).append(HoldReason(reason))
    return found


def _cells(row: Row) -> Iterator[Sequence[str]]:
    for item in row.items:
        yield (
            row.order_id,
            row.store,
            times.iso(row.placed_at),
            row.status,
            row.stage.value,
            " ".join(reason.value for reason in row.holds),
            times.iso(row.ship_by),
            item.seller_sku,
            item.product,
            item.variant,
            str(item.units),
            item.stage.value,
            item.carrier,
            item.tracking_number,
        )


def _as_csv(rows: Sequence[Sequence[str]]) -> str:
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\r\n").writerows([[cells.defused(cell) for cell in row] for row in rows])
    return lines.getvalue()
