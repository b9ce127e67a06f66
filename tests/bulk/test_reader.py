"""Whatever a table looks like, its rows are read as they were written; and no cell is run by a spreadsheet."""

import csv
import io
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow import cells, spreadsheets
from gcw_tiktok.workflow.bulk import text
from gcw_tiktok.workflow.bulk.columns import forgiven, layout, recognised

HEADER = ["Store Variant ID", "Product Title", "Product UID", "Design File URL"]
IDS = st.integers(10**17, 10**19 - 1).map(str)
FORMULAS = st.sampled_from(
    ["=1+1", "+49 30", "-5", "@here", "'=x", "''=x", "'quoted'", "\t=1", "\r", "\n=2", "'", "''"]
)
TITLES = st.sampled_from(
    ["Harbor 🌊 18x24 in", 'a "quoted" one', "two\nlines", "a;b,c\td", " blanks ", "", "Ümläut", "NA", "1e5"]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
CELLS = st.one_of(TITLES, FORMULAS, IDS, TEXT)
ROWS = st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=12)
QUICK = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def read(
    content: bytes, name: str = "table.csv", size: int = 3
) -> tuple[spreadsheets.Table, list[list[str]], set[int]]:
    """The table, its rows, and the numbers of those that are too long, as a spreadsheet counts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        table = spreadsheets.open_table(path, recognised)
        rows: list[list[str]] = []
        too_long: set[int] = set()
        for chunk in table.chunks(size):
            assert chunk.first == len(rows) + 2
            assert len(chunk) <= size
            too_long |= {chunk.first + number for number in chunk.too_long}
            rows += [list(row) for row in zip(*chunk.columns, strict=True)]
        return table, rows, too_long


def written(rows: Sequence[Sequence[str]], **how: str | int) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, **how)  # type: ignore[arg-type]
    writer.writerows(rows)
    return out.getvalue()


@QUICK
@given(
    ROWS,
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\r\n", "\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.integers(1, 5),
)
@example([["1731000000000000000", "a\rb", "x", "y"]], ",", "utf-8", "\n", csv.QUOTE_ALL, 2)
def test_a_table_is_read_as_it_was_written(
    rows: list[list[str]], separator: str, encoding: str, end: str, quoting: int, size: int
) -> None:
    if end == "\n" and any("\r" in cell for row in rows for cell in row):
        quoting = csv.QUOTE_ALL  # Python's writer leaves it without quotes, and then it ends a row for everybody
    text = written([HEADER, *rows], delimiter=separator, lineterminator=end, quoting=quoting)
    table, found, too_long = read(text.encode(encoding), size=size)
    assert table.header == tuple(HEADER)
    assert found == rows
    assert not too_long


@pytest.mark.parametrize("size", [1, 700, 10_000])
def test_of_many_rows_none_is_lost(size: int) -> None:
    rows = [[str(number), "a title", "u", "d"] for number in range(3 * spreadsheets.LINES_AT_ONCE)]
    rows[700] = ["700", "short"]
    rows[1200] += ["long"]
    _, found, too_long = read(written([HEADER, *rows]).encode(), size=size)
    assert found == [(row + [""] * 4)[:4] for row in rows]
    assert too_long == {1202}


@QUICK
@given(
    st.text(st.sampled_from('a,;"\n\r\x7fé€🌊'), max_size=24),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.integers(1, 9),
)
def test_lines_and_quotes_are_counted_however_a_file_is_written(content: str, encoding: str, block: int) -> None:
    if encoding == "cp1252":
        content = content.replace("🌊", "") + "é,"  # by which it is no UTF-8
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        path = Path(folder) / "table.csv"
        path.write_bytes(content.encode(encoding))
        patched.setattr(text, "BLOCK", block)
        found = text.look(path, recognised)
    assert found.encoding == encoding
    assert found.quotes == content.count('"')
    if "\r" not in content:
        assert found.lines == content.count("\n")


@pytest.mark.parametrize("content", [b"a\xc3" + b"b" * 9, b"a" * 9 + b"\xc3"])
def test_what_breaks_off_within_a_letter_is_no_utf_8(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "table.csv").write_bytes(content)
    monkeypatch.setattr(text, "BLOCK", 2)
    assert text.look(tmp_path / "table.csv", recognised).encoding == text.OLD


@QUICK
@given(st.lists(st.lists(TITLES | IDS, min_size=1, max_size=8), min_size=1, max_size=12), st.integers(1, 4))
def test_rows_of_any_length_keep_their_place(rows: list[list[str]], size: int) -> None:
    """Short ones are filled up; of long ones it is told. No row is lost, and none is another's."""
    _, found, too_long = read(written([HEADER, *rows], quoting=csv.QUOTE_ALL).encode(), size=size)
    assert found == [(row + [""] * 4)[:4] for row in rows]
    assert too_long == {number for number, row in enumerate(rows, 2) if "".join(row[4:]).strip()}


@QUICK
@given(ROWS.filter(bool), st.sampled_from([",", ";", "\t"]), st.integers(1, 5))
def test_what_is_written_is_defused_and_read_back(rows: list[list[str]], separator: str, at_once: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.csv"
        with spreadsheets.replacing(path, HEADER, separator) as writer:
            for start in range(0, len(rows), at_once):
                writer.write([list(column) for column in zip(*rows[start : start + at_once], strict=True)])
        text = path.read_bytes().decode("utf-8-sig")
        assert path.stat().st_mode & 0o077 == 0, "it is its owner's"
    given = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))[1:]
    assert not [cell for row in given for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    _, found, _ = read(text.encode())
    assert [[cells.restored(cell) for cell in row] for row in found] == rows


@QUICK
@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=6))
def test_excel_is_read_back_as_it_was_written(rows: list[list[str]]) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    rows = [[ILLEGAL_CHARACTERS_RE.sub("", cell).replace("\r", "") for cell in row] for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.xlsx"
        with spreadsheets.replacing(path, HEADER, fill=HEADER[2:]) as writer:
            writer.write([list(column) for column in zip(*rows, strict=True)])
        table, found, _ = read(path.read_bytes(), "out.xlsx")
    while rows and not any(rows[-1]):
        rows.pop()  # a spreadsheet has no end of rows but the last filled one
    assert table.header == tuple(HEADER)
    restored = [[cells.restored(cell) for cell in row] for row in found]
    assert restored[: len(rows)] == rows
    assert not any(map(any, restored[len(rows) :]))


@QUICK
@given(TEXT | FORMULAS)
@example("'=x")
def test_defusing_is_undone_by_restoring(cell: str) -> None:
    assert cells.restored(cells.defused(cell)) == cell
    assert not cells.defused(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_windows_1252_is_read_and_told() -> None:
    table, rows, _ = read(written([HEADER, ["1", "Müller's — 5 €", "u", "d"]]).encode("cp1252"))
    assert rows == [["1", "Müller's — 5 €", "u", "d"]]
    assert "Windows-1252" in table.note


@pytest.mark.parametrize(
    "name", ["store variant id", "STORE_VARIANT_ID", "  Store_Variant ID ", "\ufeffStore Variant ID"]
)
def test_header_names_are_forgiven(name: str) -> None:
    assert layout([name, "product_uid"]).variant_id == 0


def test_columns_come_in_any_order() -> None:
    names = ["Design_File_URL: Back", "My notes", "product uid", "design file url", "Status", "Store Variant ID", "SKU"]
    for order in itertools.permutations(range(len(names)), len(names)):
        found = layout([names[number] for number in order])
        named = {name: order.index(number) for number, name in enumerate(names)}
        assert (found.uid, found.variant_id) == (named["product uid"], named["Store Variant ID"])
        assert dict(found.designs) == {"back": named["Design_File_URL: Back"], "": named["design file url"]}
        assert found.unknown == ("My notes",)
        assert found.results == (named["Status"],)
        if order[0] > 1:  # a sample of the rest
            break


def test_names_are_compared_without_what_people_change() -> None:
    assert forgiven(" Design_File  URL : Back ") == "design file url : back"


def test_a_quote_that_is_never_closed_is_told_with_its_place() -> None:
    text = "\n".join([",".join(HEADER), "1,a,b,c", '2,"a,b,c', "3,a,b,c"])
    with pytest.raises(BadInput, match="a quote that is never closed"):
        read(text.encode(), size=1)


def test_numbers_that_lost_digits_are_seen() -> None:
    for cell in ("1.73E+18", "1,73E+18", "1.7e18", "2E+18", "1730000000000000000"):
        assert cells.shortened(cell), cell
    for cell in ("1731000000000000001", "1730", "E+18", "1000000000000000x", ""):
        assert not cells.shortened(cell), cell
