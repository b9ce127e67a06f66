"""Reads and writes tables of text as CSV or Excel, some thousand rows at a time. All of pandas and openpyxl is here."""

import csv
import os
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from time import sleep
from typing import IO, Any, Protocol

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.workflow import cells
from gcw_tiktok.workflow.bulk.text import SAVE_AS, Look, look

EXCEL = ".xlsx"
SMALL = 500_000_000
"""Bytes of a text file that is read without pandas, which needs a third of a second and 45 MB to be loaded, and reads
20 MB quicker than csv by a twentieth of one."""
LINES_AT_ONCE = 500
"""Lines that are read or written together: more would not fit into the processor's memory and take up to half as long
again."""
MOST_UNPACKED = 2_000_000_000
"""Bytes of an Excel file once it is unpacked."""
WIDEST = 48
WIDTHS = {"Product Title": 36, "Variant Title": 24, "Message": 60}
PALE = "FFF7D6"
"""Behind cells that are there to be filled in."""
Column = Sequence[str]


@dataclass(frozen=True)
class Chunk:
    """Some rows of a table, column by column; every column is as long as the others."""

    first: int
    """The first one's number as a spreadsheet counts: the header is row 1."""
    columns: Sequence[Column]
    too_long: frozenset[int] = frozenset()
    """Which of these rows, counted from 0, have more cells than the header."""

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0


@dataclass(frozen=True)
class Table:
    """A file of rows. It may be read again and again."""

    path: Path
    header: tuple[str, ...]
    rows: int | None
    """About how many there are, where that is known."""
    note: str
    text: Look | None
    """How it is written, if it is no Excel file."""

    @property
    def separator(self) -> str:
        return self.text.separator if self.text else ","

    def chunks(self, size: int) -> Generator[Chunk, None, None]:
        """All rows below the header."""
        if not self.text:
            return _excel_chunks(self.path, len(self.header), size)
        if self.path.stat().st_size <= SMALL and self.text.quotes % 2 == 0:
            return _plain_chunks(self.path, self.text, size)
        return _quick_chunks(self.path, self.text, size)


class _Sink(Protocol):
    def write(self, content: bytes, /) -> int: ...


class Writer(Protocol):
    """Where the rows of a table go, each chunk column by column."""

    def write(self, columns: Sequence[Column]) -> None: ...


def open_table(path: Path, knows: Callable[[Sequence[str]], int]) -> Table:
    """The table in a file; `BadInput` says why there is none. `knows` counts the names of a header that it knows."""
    try:
        if _is_excel(path):
            header, rows = _excel_header(path)
            return Table(path, header, rows, "", None)
        found = look(path, knows)
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.", "Check its name.") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", "Check what it is.") from error
    return Table(path, found.header, max(found.lines - 1, 0), found.note, found)


@contextmanager
def replacing(path: Path, header: Sequence[str], separator: str = ",", fill: Sequence[str] = ()) -> Iterator[Writer]:
    """A new file, CSV or Excel by its name, which takes its place when all is written. Cells are defused.

    `fill`: the columns that are there to be filled in.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            if path.suffix.lower() == EXCEL:
                with _excel_writer(file, header, fill) as writer:
                    yield writer
            else:
                text = _TextWriter(file, separator)
                file.write(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
                text.write([[title] for title in header])
                yield text
        aside.replace(path)
    except OSError as error:
        raise TryAgain(f"{path} could not be written: {error.strerror}.", "Is the disk full?") from error
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def opened(to: str, stdout: IO[str], header: Sequence[str], fill: Sequence[str] = ()) -> Iterator[Writer]:
    """A new file, or CSV on stdout where `to` is `-`."""
    if to != "-":
        with replacing(Path(to), header, fill=fill) as writer:
            yield writer
        return
    text = _TextWriter(_Bytes(stdout), ",")
    text.write([[title] for title in header])
    yield text
    stdout.flush()


class _Bytes:
    """What takes bytes and gives text to a stream that takes only that."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, content: bytes) -> int:
        return self._stream.write(content.decode())


class _TextWriter:
    """Works on whole columns: a few calls for thousands of cells, where one each would take longer than all else."""

    def __init__(self, file: _Sink, separator: str) -> None:
        self._file = file
        self._separator = separator

    def write(self, columns: Sequence[Column]) -> None:
        for start in range(0, len(columns[0]) if columns else 0, LINES_AT_ONCE):
            some = (self._quoted(column[start : start + LINES_AT_ONCE]) for column in columns)
            lines = map(self._separator.join, zip(*some, strict=True))
            self._file.write(("\n".join(lines) + "\n").encode("utf-8", "replace"))

    def _quoted(self, column: Column) -> Column:
        """The cells of a column, all in quotes if one of them needs them."""
        column, joined = cells.all_defused(column)
        if any(sign in joined for sign in (self._separator, '"', "\n", "\r")):
            return ('"' + joined.replace('"', '""').replace("\0", '"\0"') + '"').split("\0")
        return column


def _quick_chunks(path: Path, found: Look, size: int) -> Generator[Chunk, None, None]:
    """pandas reads quickly what is well formed. Where a row is too long it gives up, and csv reads on from there."""
    import pandas as pd

    width = len(found.header)
    seen = 0
    try:
        with pd.read_csv(
            path,
            sep=found.separator,
            encoding=found.encoding,
            header=None,
            names=list(range(width + 1)),
            index_col=False,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            chunksize=size,
            engine="c",
        ) as frames:
            for frame in frames:
                yield from _chunk([frame[name].tolist() for name in frame.columns], seen)
                seen += len(frame)
    except pd.errors.EmptyDataError:
        return
    except pd.errors.ParserError as error:
        if "EOF inside string" in str(error):
            raise BadInput(
                f"A cell below row {max(seen, 1)} begins with a quote that is never closed.",
                "Close it, or save the file again from a spreadsheet.",
                code="unreadable_file",
            ) from error
        yield from _plain_chunks(path, found, size, seen)


def _plain_chunks(path: Path, found: Look, size: int, seen: int = 0) -> Generator[Chunk, None, None]:
    width = len(found.header)
    with path.open(encoding=found.encoding, newline="") as file:
        rows = islice(csv.reader(file, delimiter=found.separator), seen, None)
        while (columns := _gathered(rows, size, width))[0]:
            yield from _chunk(columns, seen)
            seen += len(columns[0])


def _gathered(rows: Iterator[list[str]], size: int, width: int) -> list[Column]:
    """The next rows, so many, column by column."""
    columns: list[list[str]] = [[] for _ in range(width + 1)]
    while (left := size - len(columns[0])) and (some := _some(rows, min(left, LINES_AT_ONCE))):
        for column, more in zip(columns, _columns(some, width), strict=True):
            column.extend(more)
        sleep(0)  # while csv reads, no other thread can run
    return list(columns)


def _columns(rows: list[list[str]], width: int) -> list[Column]:
    """Rows of any length, column by column, and last what stands beyond the header."""
    if set(map(len, rows)) != {width}:
        rows = [[*row[:width], *[""] * (width - len(row)), "".join(row[width:])] for row in rows]
        return list(zip(*rows, strict=True))
    return [*zip(*rows, strict=True), ("",) * len(rows)]


def _some(rows: Iterator[list[str]], size: int) -> list[list[str]]:
    try:
        return list(islice(rows, size))
    except csv.Error as error:
        raise BadInput(f"The file cannot be read: {error}.", SAVE_AS, code="unreadable_file") from error


def _chunk(columns: Sequence[Column], seen: int) -> Iterator[Chunk]:
    """Without the header, and with what stands beyond it taken note of."""
    *inside, beyond = columns
    if not seen:
        inside, beyond = [column[1:] for column in inside], beyond[1:]
    too_long = frozenset(row for row, cell in enumerate(beyond) if cell.strip()) if any(beyond) else frozenset()
    if beyond:
        yield Chunk(max(seen, 1) + 1, inside, too_long)


def _is_excel(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput(f"{path.name} is an old Excel file (.xls) or a protected one.", "Save it as .xlsx or CSV.")
    return start.startswith(b"PK\x03\x04") or path.suffix.lower() == EXCEL


@contextmanager
def _sheet(path: Path) -> Iterator[Any]:
    """The first sheet of an Excel file."""
    import openpyxl

    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
        if unpacked > MOST_UNPACKED:
            raise BadInput(f"{path.name} unpacks to {unpacked:,} bytes.", "Save it as CSV.", code="unreadable_file")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and rules that nothing here needs
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, TypeError) as error:
        raise BadInput(f"{path.name} is not a whole Excel file.", SAVE_AS, code="unreadable_file") from error
    try:
        if not book.worksheets:
            raise BadInput(f"{path.name} has no sheet of cells.", SAVE_AS, code="unreadable_file")
        yield book.worksheets[0]
    finally:
        book.close()


def _excel_header(path: Path) -> tuple[tuple[str, ...], int | None]:
    with _sheet(path) as sheet:
        rows = sheet.max_row
        sheet.reset_dimensions()  # what it says of its size may be wrong
        header = [_as_text(cell) for cell in next(sheet.iter_rows(values_only=True), ())]
    while header and not header[-1]:
        header.pop()
    return tuple(header), rows - 1 if rows else None


def _excel_chunks(path: Path, width: int, size: int) -> Generator[Chunk, None, None]:
    with _sheet(path) as sheet:
        sheet.reset_dimensions()
        seen = 0
        rows = ([_as_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
        while some := list(islice(rows, size)):
            yield from _chunk(_columns(some, width), seen)
            seen += len(some)


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        exact = cell.is_integer() and abs(cell) < 10**cells.EXACT_DIGITS
        return str(int(cell)) if exact else f"{cell:.15G}"
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


@contextmanager
def _excel_writer(file: IO[bytes], header: Sequence[str], fill: Sequence[str]) -> Iterator[Writer]:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Variants")
    sheet.freeze_panes = "A2"
    yield _ExcelWriter(sheet, header, fill)
    with suppress(AttributeError):
        sheet.close()
    book.save(file)


class _ExcelWriter:
    """Every cell is text: a spreadsheet would round long numbers."""

    def __init__(self, sheet: Any, header: Sequence[str], fill: Sequence[str]) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
        from openpyxl.styles import Font, PatternFill
        from openpyxl.utils import get_column_letter

        self._sheet, self._cell, self._illegal = sheet, WriteOnlyCell, ILLEGAL_CHARACTERS_RE
        self._paper = [PatternFill("solid", fgColor=PALE) if name in fill else None for name in header]
        for number, name in enumerate(header, 1):
            usual = WIDEST if name in fill else 22
            sheet.column_dimensions[get_column_letter(number)].width = WIDTHS.get(name, usual)
        titles = [self._made(name, paper) for name, paper in zip(header, self._paper, strict=True)]
        for title in titles:
            title.font = Font(bold=True)
        sheet.append(titles)

    def write(self, columns: Sequence[Column]) -> None:
        for row in zip(*columns, strict=True):
            self._sheet.append([self._made(*pair) for pair in zip(row, self._paper, strict=True)])

    def _made(self, value: str, paper: Any) -> Any:
        cell = self._cell(self._sheet, self._illegal.sub("", cells.defused(value)))
        cell.number_format = "@"
        if paper is not None:
            cell.fill = paper
        return cell
