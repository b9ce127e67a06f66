"""Connects variants as a file says, some thousand rows at a time: read, fetch, decide, write, tell."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import itemgetter
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

from sqlmodel import Session

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Store
from gcw_tiktok.workflow.ahead import ahead
from gcw_tiktok.workflow.bulk import deciding, results
from gcw_tiktok.workflow.bulk.columns import Layout, layout, recognised
from gcw_tiktok.workflow.bulk.deciding import Asks, Changed, Decided, Matched, Rows, Wanted
from gcw_tiktok.workflow.bulk.finding import Finder, as_told
from gcw_tiktok.workflow.bulk.plans import Designs, Key, Plan, Planner, Uids, in_words
from gcw_tiktok.workflow.bulk.results import MOST_TOLD, Summary
from gcw_tiktok.workflow.bulk.seen import Seen
from gcw_tiktok.workflow.bulk.verdicts import CONNECTED, FAILED, SKIPPED, TO_CONNECT, Verdict
from gcw_tiktok.workflow.designs import memory
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import many
from gcw_tiktok.workflow.listings.many import Standing, Variants, Wish
from gcw_tiktok.workflow.spreadsheets import Chunk, Table, Writer, open_table, replacing

ROWS_AT_ONCE = 10_000
MOST_REMEMBERED = 50_000
"""Keys and designs that are kept at hand; files that have more are slower, not larger in memory."""
HELD_BACK = Verdict(SKIPPED, "Not connected, since other rows failed and it was to be all or nothing.")
Bar = Callable[[str], AbstractContextManager[Callable[[int, int | None], None]]]


@dataclass(frozen=True)
class Ways:
    """How a file is to be imported."""

    name: str
    """The file's, for the history."""
    store: Store | None = None
    dry_run: bool = False
    all_or_nothing: bool = False
    accept_changed: bool = False
    local_files: bool = False
    allow_private: bool = False
    for_customer: bool = False
    """Whether a customer gave it and reads what comes of it: then it tells of nothing that is another's, and takes
    links alone as designs."""
    words: Callable[[GcwError], str] = in_words
    """How an error is said in a row of the result."""


class Group(NamedTuple):
    """Some rows of a file, and the variants that they name."""

    chunk: Chunk
    rows: Rows
    variants: Sequence[Variants]
    """Store by store."""
    matched: Matched


@dataclass
class _Run:
    """One import: what it needs, and what it has learned until now."""

    database: Database
    act: Act
    folder: Path
    ways: Ways
    layout: Layout
    bar: Bar
    stopping: Event
    finder: Finder
    designs: Designs
    plans: dict[tuple[int, Key], Plan] = field(default_factory=dict)
    planners: dict[int, Planner] = field(default_factory=dict)
    brought: set[Wanted] = field(default_factory=set)
    """Whose designs were brought in."""

    def groups(self, table: Table, results: "_Results") -> Generator[Group, None, None]:
        """All rows of a file, with the variants that they name. It may run ahead in a thread of its own."""
        seen, asks = Seen(), Asks(self.layout)
        with closing(table.chunks(ROWS_AT_ONCE)) as chunks:
            chunk = next(chunks, None)
            while chunk is not None:
                results.catch_up()
                rows = deciding.rows_of(chunk.first, chunk.columns, chunk.too_long, self.layout, asks)
                with self.database.view() as session:
                    variants = self.finder.find(session, compress(rows.variant_ids, rows.asks))
                group = Group(chunk, rows, variants, deciding.match(rows, variants, seen))
                if len(asks) > MOST_REMEMBERED:
                    asks = Asks(self.layout)
                try:
                    chunk = next(chunks, None)  # now, while the former group is written: deciding needs Python too
                finally:
                    yield group

    def decide(self, group: Group, within: Session | None, *, dry_run: bool) -> Decided:
        """Decides some rows, with every design that they need, and connects them unless it is a dry run."""
        if not self.ways.all_or_nothing:  # else the last pass, which fetches nothing, needs all of them
            self._forget()
        while True:
            scope = nullcontext(within) if within else self.database.view() if dry_run else self.database.session()
            with scope as session:
                decided = self._decide(session, group, lock=not dry_run)
                missing = decided.wanted - self.brought
                if within or not missing:
                    self._explain(session, group.rows, decided)
                    if not dry_run:
                        self._write(session, decided.changes)
                    return decided
            self._bring_in(missing)

    def _forget(self) -> None:
        if self.designs.forget(MOST_REMEMBERED) or len(self.plans) > MOST_REMEMBERED:
            self.plans.clear()
            self.brought.clear()

    def _bring_in(self, wanted: set[Wanted]) -> None:
        """Brings in the designs that plans wait for. No session is open meanwhile."""
        needed = {source for one in wanted for source in self.plans[one].sources.values()} - self.designs.got.keys()
        with self.database.view() as session:
            self.designs.got |= memory.at_hand(session, needed, self.folder, self.act.now - memory.DAY)
        missing = sorted(needed - self.designs.got.keys())
        if missing:
            with self.bar("Fetching designs") as progress:
                self._gather(missing, progress)
        self._prepare(wanted)
        self.brought |= wanted

    def _prepare(self, wanted: Iterable[Wanted]) -> None:
        """Looks at the designs on the print areas that they are for; what waited for them is planned anew."""
        with self.bar("Checking designs") as progress:
            self.designs.prepare(progress)
        for one in wanted:
            del self.plans[one]
        if self.designs.unfit:  # they may be mended at their address: the next run asks
            with self.database.session() as session:
                memory.ask_again(session, self.designs.unfit)
            self.designs.unfit.clear()

    def _gather(self, wanted: Iterable[str], progress: Callable[[int, int | None], None]) -> None:
        from gcw_tiktok.workflow.designs import sources  # with httpx, which most runs do without

        for source, got in sources.gather(
            self.database,
            wanted,
            self.folder,
            self.act,
            allow_private=self.ways.allow_private,
            accept_changed=self.ways.accept_changed,
            progress=progress,
            stopping=self.stopping,
        ):
            self.designs.got[source] = got

    def _decide(self, session: Session, group: Group, *, lock: bool) -> Decided:
        connected = many.with_versions(session, group.variants, lock=lock)
        if self.ways.for_customer:
            connected = {number: as_told(standing) for number, standing in connected.items()}

        def plan(store_id: int, key: Key) -> Plan:
            found = self.plans.get((store_id, key))
            if found is None:
                found = self.plans[store_id, key] = self._planner(session, store_id).plan(session, key)
            return found

        return deciding.decide(group.matched, connected, plan, accept_changed=self.ways.accept_changed)

    def _planner(self, session: Session, store_id: int) -> Planner:
        if store_id not in self.planners:
            uids = Uids(session, self.finder.stores[store_id].customer_id, self.ways.words, self.ways.for_customer)
            areas = [area for area, _ in self.layout.designs]
            self.planners[store_id] = Planner(
                uids,
                areas,
                self.designs,
                self.ways.local_files,
                self.ways.words,
                links_only=self.ways.for_customer,
            )
        return self.planners[store_id]

    def _explain(self, session: Session, rows: Rows, decided: Decided) -> None:
        """Puts into words why the variants of some rows are not known."""
        asked = [(rows.variant_ids[number], rows.skus[number]) for number in decided.unknown]
        if asked:
            for number, why in zip(decided.unknown, self.finder.why_unknown(session, asked), strict=True):
                decided.verdicts[number] = Verdict(FAILED, why)

    def _write(self, session: Session, changes: Iterable[Changed]) -> None:
        for store_id, _, batch in sorted(changes, key=itemgetter(0)):
            many.write(session, self.act, self.finder.stores[store_id], batch, self.ways.name)


def run(
    database: Database,
    act: Act,
    file: Path,
    folder: Path,
    ways: Ways,
    *,
    result: Path | None,
    bar: Bar,
    say: Callable[[str], None],
    stopping: Event,
) -> Summary:
    """Connects variants as the file says; what became of each row is in the summary and, whole, in `result`.

    Rows that fail stop no others, unless it is all or nothing: then nothing is written when one fails.
    """
    table = open_table(file, recognised)
    found = layout(table.header)
    for words in (table.note, _overlooked(found)):
        if words:
            say(words)
    finder = Finder(ways.store, told_elsewhere=not ways.for_customer)
    with _result(result, table, found) as writer, database.held_open() as held:
        run = _Run(held, act, folder, ways, found, bar, stopping, finder, Designs(ways.words))
        if not ways.all_or_nothing or ways.dry_run:
            return _through(run, table, writer, None, dry_run=ways.dry_run)
        if _through(run, table, None, None, dry_run=True).counts[FAILED]:
            return _through(run, table, writer, None, dry_run=True, held_back=True)
        with held.session() as session:
            summary = _through(run, table, writer, session, dry_run=False)
            if summary.counts[FAILED]:  # others changed something since
                raise BadInput("The stores changed meanwhile; nothing was connected.", "Run it again.")
            return summary


def _through(
    run: _Run, table: Table, writer: Writer | None, within: Session | None, *, dry_run: bool, held_back: bool = False
) -> Summary:
    """Goes through the whole file once."""
    summary, done, told = Summary(), 0, _Results(writer, run.layout)
    with run.bar("Rows") as progress, closing(run.groups(table, told)) as groups, ahead(groups, 1) as coming:
        for group in chain.from_iterable(coming):
            progress(done, table.rows)
            decided = run.decide(group, within, dry_run=dry_run)
            if held_back:
                decided.verdicts = [HELD_BACK if one.status == CONNECTED else one for one in decided.verdicts]
            _tell(summary, group.rows, decided, dry_run=dry_run)
            told.add(group.chunk, decided.verdicts)
            done += len(group.chunk)
            progress(done, table.rows)
    told.catch_up()
    summary.stores = sorted(store.name for store in run.finder.stores.values())
    return summary


def _tell(summary: Summary, rows: Rows, decided: Decided, *, dry_run: bool) -> None:
    if dry_run:
        for number, told in _one_by_one(decided.changes, rows.first):
            verdict = decided.verdicts[number]
            if verdict.status == CONNECTED:
                words = f"{told['was']} -> {told['will_be']} {verdict.message}".strip()
                decided.verdicts[number] = Verdict(TO_CONNECT, words)
            if len(summary.changes) < MOST_TOLD:
                summary.changes.append(told)
    summary.add(rows, decided.verdicts)


def _one_by_one(changes: Iterable[Changed], first: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row, counted from 0, with what it changes, in words."""
    found = [
        (row, sku_id, batch.former.get(variant_id), wish)
        for _, rows, batch in changes
        for row, sku_id, variant_id, wish in zip(rows, batch.sku_ids, batch.variant_ids, batch.wishes, strict=True)
    ]
    for row, sku_id, former, wish in sorted(found, key=itemgetter(0)):
        yield row, {"row": first + row, "variant_id": sku_id} | _in_words(former, wish)


class _Results:
    """Takes what became of some rows, and writes it where and when there is time: by the thread that reads ahead, which
    computes while the other waits for the database."""

    def __init__(self, writer: Writer | None, layout: Layout) -> None:
        self._writer = writer
        self._layout = layout
        self._waiting: deque[tuple[Chunk, Sequence[Verdict]]] = deque()

    def add(self, chunk: Chunk, verdicts: Sequence[Verdict]) -> None:
        if self._writer:
            self._waiting.append((chunk, verdicts))

    def catch_up(self) -> None:
        """Writes all that was added."""
        while self._writer and self._waiting:
            self._writer.write(results.columns(self._layout, *self._waiting.popleft()))


def _in_words(former: Standing | None, wish: Wish) -> dict[str, Any]:
    """A change as a dry run tells it."""
    uid, pinned = wish
    was = _prints(former.current.product_uid, former.sources) if former and former.current else "not connected"
    return {"was": was, "will_be": _prints(uid, {one.area: one.source for one in pinned})}


def _prints(uid: str, designs: Any) -> str:
    return f"{uid} ({', '.join(f'{area}: {source}' for area, source in sorted(designs.items()))})" if designs else uid


@contextmanager
def _result(path: Path | None, table: Table, found: Layout) -> Iterator[Writer | None]:
    if path is None:
        yield None
        return
    with replacing(path, results.header(found), table.separator) as writer:
        yield writer


def _overlooked(found: Layout) -> str:
    if not found.unknown:
        return ""
    names = ", ".join(repr(name) for name in found.unknown[:10])
    return f"Columns that mean nothing here were overlooked: {names}."
