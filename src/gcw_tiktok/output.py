"""The only module that prints. Results go to stdout, talk to stderr; `--json` and `--csv` never change shape."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import IO, TYPE_CHECKING, Any

from gcw_tiktok.errors import GcwError, Usage

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

Row = Mapping[str, Any]
GAP = 2
"""Between two columns."""
RATE_AFTER = 1.0
"""Seconds before a rate says anything."""
NOTHING = "-"
"""What stands in a cell that is empty."""
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell that a spreadsheet would run as a formula begins with."""
CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], "\N{REPLACEMENT CHARACTER}") | {10: "\n", 9: " "}
"""Names come from outside; in a terminal their control characters would act."""
UPPER_HALF = "\N{UPPER HALF BLOCK}"
WIDEST_PICTURE = 100
ROOM_BELOW = 14
"""Lines that what is said of a picture takes."""
COLOURS = {
    "connected": "green",
    "passed": "green",
    "shipped": "green",
    "delivered": "green",
    "done": "green",
    "ok": "green",
    "warn": "yellow",
    "received": "yellow",
    "reauthorize": "red",
    "failed": "red",
    "fail": "red",
    "canceled": "red",
}


def rows(
    found: Iterable[Row],
    columns: Sequence[str] = (),
    *,
    as_json: bool = False,
    as_csv: bool = False,
    may_go: Sequence[str] = (),
) -> None:
    """A list: an array with `--json`, lines with `--csv`, else a table of `columns`, where those that `may_go`
    do, one after another, as long as the terminal is too narrow for whole lines."""
    listed = list(found)
    if as_json:
        _json(listed)
    elif as_csv:
        _csv(listed)
    elif listed:
        _table(listed, columns or list(listed[0]), may_go)


def thing(found: Row, *, as_json: bool = False) -> None:
    """One object: as JSON, else its fields one below another."""
    if as_json:
        _json(dict(found))
        return
    if not sys.stdout.isatty():
        _aligned([[_title(name), _words(value)] for name, value in found.items()])
        return
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in found.items():
        table.add_row(_title(name), _cell(value))
    _show(table)


def line(found: Row) -> None:
    """One object on one line of JSON, at once: for commands that go on."""
    sys.stdout.write(json.dumps(found, default=str, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def text(words: str) -> None:
    """Plain result text on stdout."""
    _write(words.rstrip("\n") + "\n")


def binary(content: bytes) -> None:
    """A file as the result, for whatever stands behind a pipe; a terminal is spared it."""
    if sys.stdout.isatty():
        raise Usage("A picture is no text for a terminal.", "Pipe it on, or name a file with -o.")
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    except BrokenPipeError:
        give_up()


def picture_room() -> tuple[int, int] | None:
    """How many pixels wide and high a picture here may be; None where none can be shown."""
    if not sys.stdout.isatty():
        return None
    console = _console(sys.stdout)
    if console.no_color or console.color_system is None:
        return None
    return min(console.width, WIDEST_PICTURE), max(8, 2 * (console.height - ROOM_BELOW))


def picture(pixels: Sequence[Sequence[tuple[int, int, int]]]) -> None:
    """A small picture in the terminal: half a character is a pixel."""
    from rich.color import Color
    from rich.style import Style
    from rich.text import Text

    for top in range(0, len(pixels), 2):
        below = pixels[top + 1] if top + 1 < len(pixels) else ()
        row = Text(no_wrap=True)
        for column, upper in enumerate(pixels[top]):
            lower = Color.from_rgb(*below[column]) if below else None
            row.append(UPPER_HALF, Style(color=Color.from_rgb(*upper), bgcolor=lower))
        _show(row)


def note(words: str) -> None:
    """Talk for the person at the terminal; never part of the result."""
    _say(words)


def heading(words: str) -> None:
    """A line that begins a new part of a longer run."""
    _say(f"\n{words}", "bold")


def warning(words: str) -> None:
    """Something that worked but needs a look."""
    _say(f"Warning: {words}", "yellow")


def failure(error: GcwError, *, as_json: bool = False) -> None:
    """What failed, why, and the next command to run."""
    if as_json:
        told = {"code": error.code, "message": str(error), "hint": error.hint, "request_id": error.request_id}
        sys.stderr.write(json.dumps({"error": told}, ensure_ascii=False) + "\n")
        return
    _say(f"Error: {error}", "red")
    if error.hint:
        _say(error.hint)
    if error.request_id:
        _say(f"TikTok's request id: {error.request_id}", "dim")


def ask(question: str, default: str = "") -> str:
    """A line typed by the operator; the question goes to stderr."""
    import typer

    return str(typer.prompt(question, default=default or None, err=True))


def ask_secret(question: str) -> str:
    """A secret typed by the operator without being shown; without a terminal, the first line of stdin."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    import getpass

    return getpass.getpass(f"{question}: ", stream=sys.stderr).strip()


@contextmanager
def progress(words: str) -> Iterator["Progress"]:
    """Shows how far long work is, with its rate; silent without a terminal."""
    with bars() as bar, bar(words) as shown:
        yield shown


@contextmanager
def bars() -> Iterator[Callable[[str], AbstractContextManager["Progress"]]]:
    """The same for several works at once: what it gives shows one of them until that ends."""
    if not sys.stderr.isatty():
        yield lambda words: nullcontext(Progress())
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    clock = Progress.clock
    with Bar(*columns, console=_console(sys.stderr), transient=True, get_time=clock) as bar, _drawing(bar.console):

        @contextmanager
        def show(words: str) -> Iterator["Progress"]:
            task = bar.add_task(_printable(words), total=None, rate="")
            try:
                yield Progress(bar, task)
            finally:
                bar.remove_task(task)

        yield show


@contextmanager
def _drawing(console: "Console") -> Iterator[None]:
    """What is said meanwhile goes through the console that draws, which puts it above its drawing."""
    _drawn_by.append(console)
    try:
        yield
    finally:
        _drawn_by.remove(console)


_drawn_by: list["Console"] = []


class Progress:
    """What a workflow reports its steps to; it does nothing where nobody watches."""

    def __init__(self, bar: Any = None, task: Any = None) -> None:
        self._bar = bar
        self._task = task
        self._began = self.clock()

    @staticmethod
    def clock() -> float:
        """Seconds: by one clock, the rate and the estimate agree."""
        return time.monotonic()

    def __call__(self, done: int, total: int | None = None) -> None:
        if self._bar is not None:
            took = self.clock() - self._began
            rate = f"{done / took:.0f}/s" if took >= RATE_AFTER else ""
            self._bar.update(self._task, completed=done, total=total, rate=rate)


def _json(value: object) -> None:
    _write(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n")


def _csv(listed: Sequence[Row]) -> None:
    import csv
    import io

    if listed:
        lines = io.StringIO()
        writer = csv.DictWriter(lines, list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _plain(value) for name, value in row.items()} for row in listed)
        _write(lines.getvalue())


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        value = ", ".join(str(part) for part in value)
    if isinstance(value, str) and value.startswith(RUN_BY_SPREADSHEETS):
        return "'" + value  # a spreadsheet would run it
    return value


def _table(listed: Sequence[Row], columns: Sequence[str], may_go: Sequence[str]) -> None:
    if not sys.stdout.isatty():
        lines = [[_words(row.get(name, "")) for name in columns] for row in listed]
        _aligned([[_title(name) for name in columns], *lines])
        return
    room = _console(sys.stdout).width
    for gone in range(len(may_go) + 1):
        shown = [name for name in columns if name not in may_go[:gone]]
        spans = [_span([_title(name), *(_words(row.get(name, ""), "\n") for row in listed)]) for name in shown]
        if sum(widest for _, widest in spans) + GAP * (len(spans) - 1) <= room:
            break
    widths = _shared(spans, room - GAP * (len(spans) - 1))
    if widths:
        _show(_drawn(listed, shown, widths))
    else:
        _stacked(listed, shown)


def _drawn(listed: Sequence[Row], columns: Sequence[str], widths: Sequence[int]) -> "Table":
    from rich.table import Table

    table = Table(box=None, padding=(0, GAP, 0, 0), header_style="bold", pad_edge=False)
    for name, width in zip(columns, widths, strict=True):
        table.add_column(_title(name), overflow="fold", width=width)
    for row in listed:
        table.add_row(*(_cell(row.get(name, "")) for name in columns))
    return table


def _span(texts: Iterable[str]) -> tuple[int, int]:
    """How wide these texts are where no word is broken, and where no line is."""
    from rich.cells import cell_len

    lines = {line for text in texts for line in text.splitlines()}
    words = {word for line in lines for word in line.split()}
    return max(map(cell_len, words), default=0), max(map(cell_len, lines), default=0)


def _shared(spans: Sequence[tuple[int, int]], room: int) -> list[int]:
    """How wide each column is to be: as narrow as its longest word, and what is left goes to those first that lack
    least. Empty where there is too little room."""
    widths = [narrowest for narrowest, _ in spans]
    left = room - sum(widths)
    if left < 0:
        return []
    for number in sorted(range(len(spans)), key=lambda one: spans[one][1] - spans[one][0]):
        more = min(left, spans[number][1] - widths[number])
        widths[number] += more
        left -= more
    return widths


def _stacked(listed: Sequence[Row], columns: Sequence[str]) -> None:
    for number, row in enumerate(listed):
        if number:
            _show("")
        thing({name: row.get(name, "") for name in columns})


def _title(name: str) -> str:
    return name.replace("_", " ")


def _aligned(lines: Sequence[Sequence[str]]) -> None:
    """Columns for whoever reads in a pipe: one line each, however long, and nothing to load for it."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    _write("\n".join(padded) + "\n")


def _cell(value: Any) -> Any:
    from rich.text import Text

    words = _words(value, "\n")
    return Text(words, style="dim" if words == NOTHING else COLOURS.get(words, ""))


def _words(value: Any, between: str = ", ") -> str:
    if value is None or value in ("", [], (), {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return between.join(_words(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_words(part)}" for name, part in value.items())
    words = _printable(str(value))
    return words if between == "\n" else words.replace("\n", " ")


def _printable(words: str) -> str:
    return words.translate(CONTROLS)


def _show(what: "RenderableType") -> None:
    """Rich renders and we write, since Rich would end the program when nobody reads any more."""
    console = _console(sys.stdout)
    with console.capture() as shown:
        console.print(what)
    _write(shown.get())


def _write(results: str) -> None:
    try:
        sys.stdout.write(results)
        sys.stdout.flush()  # before any talk that follows
    except BrokenPipeError:  # the reader, such as `head`, has what it wanted; the work goes on
        give_up()


def _say(words: str, style: str = "") -> None:
    words = _printable(words)
    if sys.stderr.isatty():
        # The terminal itself wraps long lines: an address that Rich had broken could not be copied whole.
        console = _drawn_by[-1] if _drawn_by else _console(sys.stderr)
        console.print(words, style=style, markup=False, highlight=False, soft_wrap=True)
    else:
        sys.stderr.write(words + "\n")


def _console(stream: IO[str]) -> "Console":
    """A terminal's; elsewhere nothing of Rich is needed, and it takes a while to load."""
    from rich.console import Console

    return Console(file=stream, highlight=False, emoji=False)


def give_up() -> None:
    """Nobody reads the results any more: what is left of them goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def without_password(url: str) -> str:
    """A database address that may be shown."""
    import re

    before, at, after = re.sub(r"(?<=password=)[^&]*", "***", url).rpartition("@")
    scheme, slashes, login = before.partition("://")
    return f"{scheme}{slashes}{login.partition(':')[0]}@{after}" if at else after


def command(words: Sequence[str], *, piped: bool) -> None:
    """A command as a person would type it."""
    import shlex

    before = "echo SECRET | " if piped else ""
    _say(f"\n$ {before}{shlex.join(words)}", "bold cyan")


def quoted(printed: str) -> None:
    """What another command printed, set in a little."""
    for row in printed.rstrip().splitlines():
        _say(f"  {row.rstrip()}")
