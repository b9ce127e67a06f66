"""gcw demo when a command that it runs fails: its sentence, hint and exit code are the demo's own."""

import sys
from pathlib import Path

import pytest

from conftest import Gcw
from gcw_tiktok.commands import demo, demo_portal
from gcw_tiktok.commands.demo import Stage
from gcw_tiktok.errors import BadInput, GcwError

UNKNOWN = "There is no variant 'NO-SUCH'."
HINT = "See `gcw products list 'Paper Harbor Prints'`."


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo ties a listing that no shop has."""
    monkeypatch.setattr(demo, "POSTER", "NO-SUCH")


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("more", [(), ("--portal",)])
def test_what_fails_is_told_as_it_was_said(gcw: Gcw, more: tuple[str, ...]) -> None:
    ran = gcw.fails(4, "demo", *more, "--json")
    assert ran.stdout == ""
    assert len(ran.stderr.splitlines()) == 1, "nothing stands before or around it"
    assert ran.error == {"code": "unknown_name", "message": UNKNOWN, "hint": HINT, "request_id": ""}


@pytest.mark.usefixtures("failing")
def test_people_read_it_once_at_the_end(gcw: Gcw) -> None:
    said = gcw.fails(4, "demo").stderr
    assert "$ gcw products connect 'Paper Harbor' NO-SUCH" in said
    assert said.rstrip().endswith(f"Error: {UNKNOWN}\n{HINT}")
    assert said.count(UNKNOWN) == 1


def test_what_runs_beside_fails_in_the_same_way(gcw: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    def typed(*words: str) -> list[str]:
        more = ["--orders", "many"] if words[0] == "sandbox" else []
        return [sys.executable, "-m", "gcw_tiktok", *words, *more]

    monkeypatch.setattr(Stage, "typed", staticmethod(typed))
    ran = gcw.fails(2, "demo", "--json")
    assert len(ran.stderr.splitlines()) == 1
    assert ran.error["code"] == "usage"
    assert "Invalid value for '--orders'" in ran.error["message"]
    assert ran.error["hint"] == "See `gcw sandbox start --help`."


def test_pages_that_cannot_be_served_say_why(gcw: Gcw, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(demo_portal, "_seed", lambda stage, stack, port: None)
    monkeypatch.setattr(demo_portal, "_people", lambda stage: [])
    ran = gcw.fails(3, "demo", "--portal", "--home", str(tmp_path / "demo"), "--json")
    assert ran.error["message"] == "gcw does not know your TikTok Shop app yet."
    assert ran.error["hint"]
    assert len(ran.stderr.splitlines()) == 1


def test_what_says_nothing_of_itself_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(tmp_path, tmp_path, quiet=True)
    with pytest.raises(BadInput, match="There is no order 1"):
        stage.quietly("orders", "show", "1")
    broken = [sys.executable, "-c", "raise SystemExit('a bug')"]
    monkeypatch.setattr(Stage, "typed", staticmethod(lambda *words: broken))
    for quiet in (True, False):
        with pytest.raises(GcwError, match=r"`gcw orders list` ended with 1.\na bug$") as caught:
            Stage(tmp_path, tmp_path, quiet=quiet).run("orders", "list")
        assert caught.value.exit_code == 1
