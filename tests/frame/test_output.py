"""What is printed, and where: tables for people, JSON and CSV for scripts, and nothing that acts by itself."""

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok import output
from gcw_tiktok.errors import BadInput, Refused

ROWS = [{"name": "Paper Harbor", "areas": ["front", "back"], "ready": True, "note": None}]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of 80 columns: for what is done within `at(terminal)`."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal()


@contextmanager
def at(terminal: Terminal) -> Iterator[None]:
    with redirect_stdout(terminal), redirect_stderr(terminal):
        yield


def unstyled(terminal: Terminal) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", terminal.getvalue())


def test_json_keeps_types_and_letters(capsys: pytest.CaptureFixture[str]) -> None:
    output.rows([{"name": "Ünïcode", "count": 3, "none": None, "on": True}], as_json=True)
    shown = capsys.readouterr().out
    assert json.loads(shown) == [{"name": "Ünïcode", "count": 3, "none": None, "on": True}]
    assert "Ünïcode" in shown


def test_a_table_without_a_terminal_has_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    output.rows([{"name": "word " * 100, "more": "x" * 300}])
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 2
    assert "\x1b" not in out


def test_colour_at_a_terminal_only_and_never_with_no_color(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with at(terminal):
        output.rows([{"stage": "failed"}])
    assert "\x1b[31m" in terminal.getvalue()
    terminal.truncate(0)
    monkeypatch.setenv("NO_COLOR", "1")
    with at(terminal):
        output.rows([{"stage": "failed"}])
    assert "\x1b[31m" not in terminal.getvalue()


WIDE = {
    "order": "576460752303423488",
    "store": "Paper Harbor",
    "status": "AWAITING_SHIPMENT",
    "stage": "received",
    "units": 2,
    "ship_by": "2026-11-23 15:02Z",
    "holds": "not_connected, tiktok_on_hold",
    "uid": "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver",
}


def test_a_narrow_terminal_breaks_no_word(terminal: Terminal) -> None:
    with at(terminal):
        output.rows([WIDE, WIDE])
    shown = unstyled(terminal)
    assert max(map(len, shown.splitlines())) <= 80
    for value in ("576460752303423488", "AWAITING_SHIPMENT", str(WIDE["uid"])):
        assert shown.count(value) == 2
    assert "ship by" in shown


def test_a_table_that_fits_stays_a_table(terminal: Terminal) -> None:
    with at(terminal):
        output.rows([{"name": "Paper Harbor", "description": "many short words, " * 10}] * 2)
    lines = unstyled(terminal).splitlines()
    assert lines[0].split() == ["name", "description"]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("outside", ["\x1b]0;owned\x07", "\x1b[2J", "a\rb", "\x9b31m", "\x00"])
def test_names_from_outside_cannot_act_in_a_terminal(outside: str, terminal: Terminal) -> None:
    with at(terminal):
        output.rows([{"title": f"Poster{outside}"}])
        output.thing({"title": f"Poster{outside}", "more": [outside], "facts": {"a": outside}})
        output.note(f"Poster{outside}")
        output.warning(outside)
        output.failure(BadInput(outside, outside))
    shown = terminal.getvalue()
    assert outside not in shown
    assert "Poster" in shown


def test_markup_and_emoji_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    output.rows([{"title": "[red]:smile:[/red]"}])
    output.note("[bold]:smile:")
    shown = capsys.readouterr()
    assert "[red]:smile:[/red]" in shown.out
    assert "[bold]:smile:" in shown.err


def test_a_failure_for_people_and_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    error = Refused("TikTok says no.", "Run `gcw doctor`.", request_id="2026")
    output.failure(error)
    assert capsys.readouterr().err.splitlines() == [
        "Error: TikTok says no.",
        "Run `gcw doctor`.",
        "TikTok's request id: 2026",
    ]
    output.failure(error, as_json=True)
    shown = capsys.readouterr()
    assert json.loads(shown.err) == {
        "error": {"code": "refused", "message": "TikTok says no.", "hint": "Run `gcw doctor`.", "request_id": "2026"}
    }
    assert shown.out == ""


def written(value: object) -> str:
    shown = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", shown)
        output.rows([{"cell": value}], as_csv=True)
    return next(csv.DictReader(io.StringIO(shown.getvalue(), newline="")))["cell"]


@given(st.sampled_from("=+-@\t\r\n"), st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_csv_holds_nothing_that_a_spreadsheet_would_run(first: str, rest: str) -> None:
    for cell in (first + rest, [first + rest, "b"], (first + rest,)):
        assert written(cell)[0] == "'"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_csv_keeps_everything_else(text: str) -> None:
    assert written(text) == ("'" + text if text[0] in "=+-@" else text)


def test_csv_of_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    output.rows(ROWS, as_csv=True)
    assert capsys.readouterr().out == 'name,areas,ready,note\nPaper Harbor,"front, back",True,\n'


def test_cells_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.rows([*ROWS, {"name": "Mug\nLife", "areas": [], "ready": False, "note": {"a": 1}}])
    assert capsys.readouterr().out.splitlines() == [
        "name          areas        ready  note",
        "Paper Harbor  front, back  yes    -",
        "Mug Life      -            no     a: 1",
    ]
    output.thing({"ship_by": None, "count": 0})
    assert capsys.readouterr().out == "ship by  -\ncount    0\n"


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress("Pulling") as progress:
        progress(1, 2)
    assert capsys.readouterr() == ("", "")


def test_progress_tells_its_rate_and_how_long_it_still_takes(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(output.time, "monotonic", lambda: now)
    with at(terminal), output.progress("Fetching designs") as progress:
        for done in range(20, 101, 20):
            now += 10
            progress(done, 500)
        progress._bar.refresh()  # a thread of its own does it ten times a second
    drawn = unstyled(terminal)
    assert "Fetching designs" in drawn
    assert "100/500 2/s 0:03:20" in " ".join(drawn.split())


WORDS = st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12), max_size=5).map(" ".join)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=4))
def test_a_table_breaks_no_word_and_is_no_wider_than_the_terminal(cells: list[tuple[str, str, str]]) -> None:
    spans = [output._span(column) for column in zip(*cells, strict=True)]
    widths = output._shared(spans, 40)
    if sum(narrowest for narrowest, _ in spans) > 40:
        assert widths == []
    else:
        assert sum(widths) <= 40
        assert all(narrowest <= width <= widest for width, (narrowest, widest) in zip(widths, spans, strict=True))
        assert sum(widths) == 40 or widths == [widest for _, widest in spans]


def test_ids_are_never_broken_over_lines(terminal: Terminal) -> None:
    row = {"order": "577100000194326798", "store": "Paper Harbor Prints", "status": "COMPLETED", "stage": "delivered"}
    with at(terminal):
        output.rows([row | {"units": 1, "ship_by": "2026-10-15 06:59Z", "holds": ["not_connected"]}])
    shown = unstyled(terminal)
    assert "577100000194326798" in shown
    assert max(map(len, shown.splitlines())) <= 80
