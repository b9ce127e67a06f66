"""The only module that prints. Results go to stdout, talk to stderr; `--json` and `--csv` never change shape."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from gcw_tiktok.errors import GcwError

if TYPE_CHECKING:
    from rich.console import Console

Row = Mapping[str, Any]
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


def rows(found: Iterable[Row], columns: Sequence[str] = (), *, as_json: bool = False, as_csv: bool = False) -> None:
    """A list: an array with `--json`, lines with `--csv`, else a table of `columns`."""
    listed = list(found)
    if as_json:
        _json(listed)
    elif as_csv:
        _csv(listed)
    elif listed:
        _table(listed, columns or list(listed[0]))


def thing(found: Row, *, as_json: bool = False) -> None:
    """One object: as JSON, else its fields one below another."""
    if as_json:
        _json(dict(found))
        return
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in found.items():
        table.add_row(_title(name), _cell(value))
    _console(sys.stdout).print(table)


def line(found: Row) -> None:
    """One object on one line of JSON, at once: for commands that go on."""
    sys.stdout.write(json.dumps(found, default=str, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def text(words: str) -> None:
    """Plain result text on stdout."""
    sys.stdout.write(words.rstrip("\n") + "\n")


def note(words: str) -> None:
    """Talk for the person at the terminal; never part of the result."""
    _console(sys.stderr).print(words, markup=False, highlight=False)


def heading(words: str) -> None:
    """A line that begins a new part of a longer run."""
    _console(sys.stderr).print(f"\n{words}", style="bold", markup=False, highlight=False)


def warning(words: str) -> None:
    """Something that worked but needs a look."""
    _console(sys.stderr).print(f"Warning: {words}", style="yellow", markup=False, highlight=False)


def failure(error: GcwError, *, as_json: bool = False) -> None:
    """What failed, why, and the next command to run."""
    if as_json:
        told = {"code": error.code, "message": str(error), "hint": error.hint, "request_id": error.request_id}
        sys.stderr.write(json.dumps({"error": told}, ensure_ascii=False) + "\n")
        return
    console = _console(sys.stderr)
    console.print(f"Error: {error}", style="red", markup=False, highlight=False)
    if error.hint:
        console.print(error.hint, markup=False, highlight=False)
    if error.request_id:
        console.print(f"TikTok's request id: {error.request_id}", style="dim", markup=False, highlight=False)


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
    if not sys.stderr.isatty():
        yield Progress()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=_console(sys.stderr), transient=True) as bar:
        yield Progress(bar, bar.add_task(words, total=None))


class Progress:
    """What a workflow reports its steps to; it does nothing where nobody watches."""

    def __init__(self, bar: Any = None, task: Any = None) -> None:
        self._bar = bar
        self._task = task

    def __call__(self, done: int, total: int | None = None) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total)


def _json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2, default=str, ensure_ascii=False) + "\n")


def _csv(listed: Sequence[Row]) -> None:
    import csv

    if listed:
        writer = csv.DictWriter(sys.stdout, list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _plain(value) for name, value in row.items()} for row in listed)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    if isinstance(value, str) and value[:1] in "=+-@\t\r":
        return "'" + value  # a spreadsheet would run it
    return value


def _table(listed: Sequence[Row], columns: Sequence[str]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(_title(name), overflow="fold")
    for row in listed:
        table.add_row(*(_cell(row.get(name, "")) for name in columns))
    _console(sys.stdout).print(table)


def _title(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: Any) -> Any:
    from rich.text import Text

    if value is None or value == "" or value == []:
        return Text("-", style="dim")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, list | tuple):
        return Text("\n".join(str(part) for part in value))
    if isinstance(value, dict):
        return Text(", ".join(f"{name}: {part}" for name, part in value.items()))
    return Text(str(value), style=COLOURS.get(str(value), ""))


def _console(stream: IO[str]) -> "Console":
    from rich.console import Console

    if stream.isatty():
        return Console(file=stream, highlight=False)
    return Console(file=stream, highlight=False, no_color=True, width=10_000, soft_wrap=True)


def without_password(url: str) -> str:
    """A database address that may be shown."""
    before, at, after = url.rpartition("@")
    scheme, slashes, login = before.partition("://")
    return f"{scheme}{slashes}{login.partition(':')[0]}@{after}" if at else url


def command(words: Sequence[str], *, piped: bool) -> None:
    """A command as a person would type it."""
    import shlex

    before = "echo SECRET | " if piped else ""
    _console(sys.stderr).print(f"\n$ {before}{shlex.join(words)}", style="bold cyan", markup=False, highlight=False)


def quoted(printed: str) -> None:
    """What another command printed, set in a little."""
    for row in printed.rstrip().splitlines():
        _console(sys.stderr).print(f"  {row.rstrip()}", markup=False, highlight=False)
