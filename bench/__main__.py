"""Measures gcw's budgets as ratios of two things timed in turn, prints a table and writes docs/performance.md.

`make bench`; a name or two as arguments measure only those rows. Machines are noisy: the ratio is the median of pairs.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import browsing, bulk, crew, designs, webhooks, worlds
from bench import inside as timing
from bench.pairs import Pair, pairs

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
PYTHON = sys.executable
CROWD = 4_000
GCW = str(Path(PYTHON).parent / "gcw")
SOME_LISTINGS = 100
"""A hundred variants each."""
SOME_ORDERS = 10_000
BULK_ROWS = 100_000
FLAT = 1.25
"""How much more memory ten times the work may take: a tenth of it is a single page of the search."""
Command = list[str]
ACKNOWLEDGED_WITHIN, PAGE_WITHIN = 0.1, 0.3
BROWSED_ORDERS, BROWSED_LISTINGS = 10_000, 200
HAND_OFFS, HAND_OFF_SECONDS = 400, 0.1
"""How many orders a crew releases, and how long production takes to answer about each."""


@dataclass(frozen=True)
class Row:
    """One budget: gcw against what it is measured by."""

    work: str
    budget: float
    ours: Command
    theirs: Command
    against: str
    runs: int = 11
    before: Callable[[], None] = lambda: None
    """Runs before each of our runs, untimed: puts the state back."""
    requests: int = 0
    """How many requests a run makes, where a rate says more than a time."""
    inside: bool = False
    """Our command times its own work (bench/inside.py), so that start-up stays aside."""

    memory: bool = False
    """It is megabytes that are compared."""

    def shown(self, seconds: float) -> str:
        if self.memory:
            return f"{seconds:.0f} MB"
        if self.requests:
            return f"{self.requests / seconds:.0f} requests/s"
        return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.1f} ms"


@dataclass(frozen=True)
class Figure:
    row: Row
    ours: float
    theirs: float
    ratio: float

    @property
    def verdict(self) -> str:
        return "ok" if self.ratio <= self.row.budget else "over"


def measure(row: Row, environment: dict[str, str]) -> Figure:
    """Both commands in turn, after one untimed round."""
    pairs = []
    for number in range(row.runs + 1):
        row.before()
        pair = (_seconds(row.ours, environment, inside=row.inside), _seconds(row.theirs, environment))
        if number:
            pairs.append(pair)
    return Figure(
        row,
        statistics.median(ours for ours, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
        statistics.median(ours / theirs for ours, theirs in pairs),
    )


def _seconds(command: Command, environment: dict[str, str], *, inside: bool = False) -> float:
    start = time.perf_counter()
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    if ran.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {ran.returncode}:\n{ran.stderr}")
    return timing.seconds(ran.stdout) if inside else took


def start_up(home: Path) -> Iterator[Row]:
    """Rows that need no network."""
    gcw = [GCW]
    tiny = [PYTHON, str(HERE / "tiny_app.py")]
    for words in (["--help"], ["--version"]):
        yield Row(f"gcw {words[0]}", 1.25, [*gcw, *words], [*tiny, "--help"], "a two-command Typer app")
    worlds.fill(home)
    yield Row(
        "gcw store list, full database",
        1.5,
        [*gcw, "store", "list"],
        [PYTHON, "-c", "import sqlmodel"],
        'python -c "import sqlmodel"',
    )


def design_files(folder: Path) -> Iterator[Row]:
    """Rows of design files: looked into as `gcw design check` does, beside tools that read the same file."""
    look = [PYTHON, str(HERE / "designs.py")]
    booklet, picture = designs.booklet(folder / "booklet.pdf"), designs.picture(folder / "picture.png")
    yield Row(
        "design check, a PDF of 20 pages A3",
        1.5,
        [*look, str(booklet)],
        ["sh", "-c", f"pdfinfo {booklet} && pdfimages -list {booklet}"],
        "pdfinfo and pdfimages -list",
        inside=True,
    )
    yield Row(
        "design check, a PNG of 100 megapixels",
        0.1,
        [*look, str(picture)],
        [PYTHON, "-c", f"from PIL import Image; Image.open({str(picture)!r}).load()"],
        "decoding it with Pillow",
        inside=True,
    )


def bulk_imports(environment: dict[str, str], home: Path) -> Iterator[Figure]:
    """A first import of 100 000 rows, all checks but the network, beside tools that store the same file as it is."""
    make = [PYTHON, str(HERE / "bulk.py"), "make"]
    subprocess.run([*make, str(home), str(BULK_ROWS)], check=True)
    file, aside = home / "filled.csv", home / "aside.db"
    ours = [GCW, "bulk", "import", str(file)]
    work = f"gcw bulk import, {BULK_ROWS} rows"
    shell = f"rm -f {aside}; sqlite3 {aside} -cmd '.mode csv' '.import {file} rows'"
    utils = f"rm -f {aside}; {PYTHON} -m sqlite_utils insert {aside} rows {file} --csv --silent"
    before = partial(bulk.empty, home)
    yield measure(
        Row(
            f"{work}, start-up aside",
            4,
            [PYTHON, str(HERE / "bulk.py"), "import", str(home)],
            ["sh", "-c", shell],
            "sqlite3 .import",
            runs=7,
            before=before,
            inside=True,
        ),
        environment,
    )
    yield measure(Row(work, 0.33, ours, ["sh", "-c", utils], "sqlite-utils insert", runs=5, before=before), environment)
    few = pairs(ours, ["true"], environment, 2, before)
    with _home() as (larger, its):
        subprocess.run([*make, str(larger), str(10 * BULK_ROWS)], check=True)
        many = pairs([*ours[:-1], str(larger / "filled.csv")], ["true"], its, 1, partial(bulk.empty, larger))
    yield from _by_ten(f"gcw bulk import, {10 * BULK_ROWS} rows", "a tenth of the rows", few, many)


def _by_ten(work: str, tenth: str, few: list[Pair], many: list[Pair]) -> Iterator[Figure]:
    """Ten times the work beside the work: in time and in memory."""
    median = statistics.median
    slow, quick = (median(one.ours.seconds for one in ones) for ones in (many, few))
    yield Figure(Row(work, 11, [], [], tenth), slow, quick, slow / quick)
    large, little = (median(one.ours.megabytes for one in ones) for ones in (many, few))
    yield Figure(Row(f"{work}, memory", FLAT, [], [], tenth, memory=True), large, little, large / little)


def acknowledgements(sandbox: worlds.Sandbox, environment: dict[str, str]) -> Iterator[Figure]:
    """Rows measured from within: their budget is a time, not another command."""
    for by_itself, who in ((True, "it"), (False, "another gcw")):
        row = Row(f"webhook acknowledged by gcw serve while {who} pulls, p99", 1, [], [], "the budget")
        took = webhooks.p99(sandbox, environment, by_itself=by_itself)
        yield Figure(row, took, ACKNOWLEDGED_WITHIN, took / ACKNOWLEDGED_WITHIN)


def pages() -> Iterator[Figure]:
    """Storefronts Connect under a crowd of people."""
    with _home() as (home, environment):
        took, seen = browsing.p95(home, environment, BROWSED_ORDERS, BROWSED_LISTINGS)
    shop = f"{BROWSED_ORDERS} orders and {100 * BROWSED_LISTINGS} variants"
    work = f"{browsing.PEOPLE} people browse {shop} while orders are pulled, p95 of {seen} pages"
    yield Figure(Row(work, 1, [], [], "the budget"), took, PAGE_WITHIN, took / PAGE_WITHIN)


def crews() -> Iterator[Figure]:
    """Several gcw that release at once: 2.5 times as much as one, in two fifths of its time."""
    found = crew.measured(HAND_OFFS, HAND_OFF_SECONDS, runs=1)
    work = f"{crew.CREW} gcw orders release on PostgreSQL, {HAND_OFFS} orders handed over in {HAND_OFF_SECONDS} s each"
    ours, theirs = (statistics.median(column) for column in zip(*found, strict=True))
    ratio = statistics.median(four / one for four, one in found)
    yield Figure(Row(work, 0.4, [], [], "one gcw"), ours, theirs, ratio)


def large_worlds(wanted: list[str]) -> Iterator[Figure]:
    """A first sync and a first pull: beside the same requests made bare, and beside a tenth of the work. A crew that
    releases beside one that does it alone."""
    if not wanted or "crew" in wanted:
        yield from crews()
    if not wanted or "sync" in wanted:
        yield from _beside("products sync", "variants", _syncs, SOME_LISTINGS, 1.3)
    if not wanted or "pull" in wanted:
        yield from _beside("orders pull", "orders", _pulls, SOME_ORDERS, 1.5)


Pairs = Callable[[Path, dict[str, str], int, int], tuple[int, list[Pair]]]


def _syncs(home: Path, environment: dict[str, str], listings: int, runs: int) -> tuple[int, list[Pair]]:
    with worlds.sandbox(home, environment, orders=0, products=listings, broad=True) as sandbox:
        ours = [GCW, "products", "sync", "Paper Harbor"]
        bare = [PYTHON, str(HERE / "bare_loop.py"), json.dumps(sandbox.access), "products"]
        return sandbox.variants, pairs(ours, bare, environment, runs, sandbox.forget_listings)


def _pulls(home: Path, environment: dict[str, str], orders: int, runs: int) -> tuple[int, list[Pair]]:
    with worlds.sandbox(home, environment, orders=orders, products=30) as sandbox:
        ours = [GCW, "orders", "pull", "--since", "400d"]
        bare = [PYTHON, str(HERE / "bare_loop.py"), json.dumps(sandbox.access), "orders"]
        return orders, pairs(ours, bare, environment, runs, sandbox.forget_orders)


def _beside(command: str, things: str, measured: Pairs, some: int, budget: float) -> Iterator[Figure]:
    with _home() as (home, environment):
        _, few = measured(home, environment, some, 2)
    with _home() as (home, environment):
        number, many = measured(home, environment, 10 * some, 3)
    work, tenth = f"gcw {command}, {number} {things}", f"a tenth of the {things}"
    median = statistics.median
    ours, theirs = median(one.ours.seconds for one in many), median(one.theirs.seconds for one in many)
    ratio = median(one.ours.seconds / one.theirs.seconds for one in many)
    yield Figure(Row(work, budget, [], [], "the same requests, bare"), ours, theirs, ratio)
    yield from _by_ten(work, tenth, few, many)


def crowd(sandbox: worlds.Sandbox, hello: str) -> Row:
    """The sandbox beside the least that a server under the same waitress does."""
    ask = [PYTHON, str(HERE / "crowd.py")]
    api_url = sandbox.access["api_url"]
    return Row(
        "sandbox, orders read by a crowd of 8",
        5,
        [*ask, api_url, str(CROWD), json.dumps(sandbox.access | {"orders": sandbox.some_orders()})],
        [*ask, hello, str(CROWD)],
        'a bare Flask "hello"',
        runs=5,
        requests=CROWD,
    )


def show(figures: list[Figure]) -> str:
    lines = ["| work | measured | against | measured | ratio | budget | |", "|---|---|---|---|---|---|---|"]
    for one in figures:
        lines.append(
            f"| {one.row.work} | {one.row.shown(one.ours)} | {one.row.against} | {one.row.shown(one.theirs)} "
            f"| {one.ratio:.2f} | {one.row.budget:g} | {one.verdict} |"
        )
    return "\n".join(lines)


@contextmanager
def _home() -> Iterator[tuple[Path, dict[str, str]]]:
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GCW_")}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode with it
        yield Path(folder), {**kept, "GCW_HOME": folder, "GCW_SECRET_KEY": "b" * 64}


def _chosen(row: Row, wanted: list[str]) -> bool:
    return not wanted or any(word in row.work for word in wanted)


def main(wanted: list[str]) -> None:
    figures = []
    with _home() as (home, environment):
        for row in start_up(home):
            if _chosen(row, wanted):
                figures.append(measure(row, environment))
    if not wanted or "design" in wanted:
        with _home() as (folder, environment):
            figures += [measure(row, environment) for row in design_files(folder)]
    if not wanted or "bulk" in wanted:
        with _home() as (home, environment):
            figures += bulk_imports(environment, home)
    figures += large_worlds(wanted)
    figures += pages() if not wanted or "pages" in wanted else []
    if not wanted or any(word in ("webhook", "crowd") for word in wanted):
        with _home() as (home, environment), worlds.sandbox(home, environment) as sandbox:
            with worlds.hello() as hello:
                row = crowd(sandbox, hello)
                figures += [measure(row, environment)] if _chosen(row, wanted) else []
            if not wanted or "webhook" in wanted:
                figures += acknowledgements(sandbox, environment)
    table = show(figures)
    print(table)
    if not wanted:
        machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
        PAGE.write_text(
            "# Performance\n\nWritten by `make bench`: medians of runs in turn, and the median of the ratios pair by "
            f"pair.\nMeasured on {machine}. The ratios are what counts.\n\n{table}\n"
        )


main(sys.argv[1:])
