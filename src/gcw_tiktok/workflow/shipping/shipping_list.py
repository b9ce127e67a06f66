"""A day's parcels told to TikTok from a file: one row each, run again without harm."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session

from gcw_tiktok.errors import BadInput, GcwError, SetupMissing
from gcw_tiktok.store.tables import Store
from gcw_tiktok.workflow import spreadsheets, stores
from gcw_tiktok.workflow.orders import views
from gcw_tiktok.workflow.orders.means import Means
from gcw_tiktok.workflow.shipping import shipping, together

ORDER, CARRIER, TRACKING, LINES = "order", "carrier", "tracking", "lines"
NAMES: Mapping[str, str] = {
    **dict.fromkeys(("order", "orderid", "tiktokorderid"), ORDER),
    **dict.fromkeys(("carrier", "shippingprovider", "provider"), CARRIER),
    **dict.fromkeys(("tracking", "trackingnumber", "trackingid", "number"), TRACKING),
    **dict.fromkeys(("lines", "line", "lineids", "lineid"), LINES),
}
"""How the columns may be called, without spaces and signs."""
STATUS, MESSAGE = "Status", "Message"
SHIPPED, TO_SHIP, UNCHANGED, FAILED = "shipped", "to ship", "unchanged", "failed"
PORTION = 200
"""Rows that are read and written at once."""
MOST_TOLD = 1_000

View = Callable[[], AbstractContextManager[Session]]
Open = Callable[[Store], Means]
"""What it takes to ship for a store."""


class Parcel(NamedTuple):
    """One row: which units travel under which number; no lines are all that are in work."""

    row: int
    order: str
    carrier: str
    tracking: str
    lines: tuple[str, ...]


class Verdict(NamedTuple):
    """What became of a row."""

    status: str
    message: str = ""


@dataclass
class Summary:
    """How many rows came to what; the first thousand that failed, and TikTok's doubts, one by one."""

    counts: Counter[str] = field(default_factory=Counter)
    failed: list[dict[str, object]] = field(default_factory=list)
    warnings: list[dict[str, object]] = field(default_factory=list)

    def add(self, parcel: Parcel, verdict: Verdict) -> None:
        self.counts[verdict.status] += 1
        told: dict[str, object] = {"row": parcel.row, "order": parcel.order, "message": verdict.message}
        into = self.failed if verdict.status == FAILED else self.warnings
        if verdict.message and len(into) < MOST_TOLD:
            into.append(told)


def run(
    path: Path,
    open_hands: Open,
    view: View,
    *,
    result: Path | None,
    dry_run: bool,
    anyway: bool,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Summary:
    """Tells TikTok of each row's parcel; a row that fails stops no other. The rows with what became of them go into
    `result`, which can be mended and given again."""
    table = spreadsheets.open_table(path, lambda header: sum(_plain(name) in NAMES for name in header))
    places = _places(table.header)
    kept = [number for number, name in enumerate(table.header) if name not in (STATUS, MESSAGE)]
    summary, hands = Summary(), _Once(open_hands)
    header = [table.header[number] for number in kept] + [STATUS, MESSAGE]
    with spreadsheets.replacing(result, header, table.separator) if result else nullcontext() as writer:
        for chunk in table.chunks(PORTION):
            verdicts = []
            for parcel in _rows(chunk, places):
                verdicts.append(_one(parcel, hands, view, dry_run=dry_run, anyway=anyway))
                summary.add(parcel, verdicts[-1])
                progress(summary.counts.total(), table.rows)
            if writer:
                columns = [chunk.columns[number] for number in kept]
                writer.write([*columns, [one.status for one in verdicts], [one.message for one in verdicts]])
    return summary


class _Once:
    """What it takes to ship for a store, opened once."""

    def __init__(self, open_hands: Open) -> None:
        self._open = open_hands
        self._known: dict[int | None, Means] = {}

    def of(self, store: Store) -> Means:
        if store.id not in self._known:
            self._known[store.id] = self._open(store)
        return self._known[store.id]


def _places(header: Sequence[str]) -> dict[str, int]:
    """Where each column is; refused where one is missing or there twice."""
    found: dict[str, int] = {}
    for number, name in enumerate(header):
        known = NAMES.get(_plain(name))
        if known in found:
            raise BadInput(f"Two columns tell the {known}: {header[found[known]]} and {name}.", "Remove one of them.")
        if known:
            found[known] = number
    missing = [name for name in (ORDER, CARRIER, TRACKING) if name not in found]
    if missing:
        columns = "The columns are order, carrier, tracking and, for a part of an order, lines."
        raise BadInput(f"The file has no column {' or '.join(missing)}.", columns, code="columns")
    return found


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _rows(chunk: spreadsheets.Chunk, places: Mapping[str, int]) -> Iterator[Parcel]:
    def cell(name: str, row: int) -> str:
        return chunk.columns[places[name]][row].strip() if name in places else ""

    for row in range(len(chunk)):
        lines = tuple(cell(LINES, row).replace(";", " ").replace(",", " ").split())
        yield Parcel(chunk.first + row, cell(ORDER, row), cell(CARRIER, row), cell(TRACKING, row), lines)


def _one(parcel: Parcel, hands: _Once, view: View, *, dry_run: bool, anyway: bool) -> Verdict:
    try:
        if not parcel.order:
            raise BadInput("The row names no order.")
        with view() as session:
            order = views.find(session, parcel.order)
            store = stores.of_order(session, order)
        if dry_run:
            known = shipping.would_be(
                hands.of(store),
                order.order_id,
                carrier=parcel.carrier,
                tracking_number=parcel.tracking,
                line_ids=parcel.lines,
                anyway=anyway,
            )
            return Verdict(UNCHANGED if known else TO_SHIP)
        told = together.ship(
            hands.of(store),
            order.order_id,
            carrier=parcel.carrier,
            tracking_number=parcel.tracking,
            line_ids=parcel.lines,
            anyway=anyway,
            alone=True,
        ).told
    except SetupMissing:  # it would be so for every row
        raise
    except GcwError as error:
        return Verdict(FAILED, f"{error} {error.hint}".strip())
    return Verdict(UNCHANGED if told.known_before else SHIPPED, f"{told.warning} {told.advice}".strip())
