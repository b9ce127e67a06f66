"""What every command promises, whatever it does."""

import json
import re
from pathlib import Path

import pytest
from command_tree import commands, filled_in, parameters

from conftest import Gcw
from gcw_tiktok import cli, errors
from gcw_tiktok.commands.help import EXIT_CODES

ALL = commands()
LISTS = ["customer list", "facility list", "catalog uids", "store list", "store links", "orders list"]
LISTS += ["customer admin list", "operator list"]
LISTS += ["catalog model list", "catalog product list", "catalog category list"]
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@pytest.fixture
def plain(home: Path) -> Gcw:
    """The command line on a machine where nothing is set up."""
    return Gcw(None)


def told(stderr: str) -> dict[str, str]:
    """The error, which is the last thing said."""
    error: dict[str, str] = json.loads(stderr.splitlines()[-1])["error"]
    assert set(error) == {"code", "message", "hint", "request_id"}
    assert error["code"]
    assert error["message"]
    return error


def test_there_are_commands() -> None:
    assert {"customer add", "store connect", "orders release", "doctor", "help"} <= set(ALL)


@pytest.mark.parametrize("path", ALL)
def test_it_takes_json_and_explains_itself(path: str) -> None:
    command = ALL[path]
    assert "--json" in {name for one in command.params for name in one.opts}
    assert command.help
    assert command.help.endswith(".")
    assert command.help[0].isupper()
    for one in parameters(command):
        assert one.help, f"{path}: {one.name} has no help"
        assert one.help[0].isupper() or one.help.split()[0].rstrip(",.") in ("exit-codes", "in_production", "internal")


@pytest.mark.parametrize("path", ALL)
def test_its_help_fits_80_columns(path: str, plain: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = plain(*path.split(), "--help").stdout
    assert "<bool>" not in shown
    assert "--install-completion" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert not ESCAPES.search(shown)


@pytest.mark.parametrize("path", ALL)
def test_a_flag_it_does_not_have_is_a_usage_error(path: str, plain: Gcw) -> None:
    ran = plain.fails(2, *path.split(), "--no-such-flag", "--json")
    assert ran.stdout == ""
    assert told(ran.stderr)["code"] == "usage"
    assert f"gcw {path} --help" in told(ran.stderr)["hint"]


@pytest.mark.parametrize("path", sorted(set(ALL) - {"demo", "help"}))
def test_settings_that_cannot_be_read_stop_it_in_words(path: str, plain: Gcw, home: Path) -> None:
    config = home / "profiles" / "default" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("callback_port = [")
    ran = plain.run(*path.split(), *filled_in(ALL[path]), "--json")
    if path == "doctor":
        assert (ran.code, [one["result"] for one in ran.json]) == (8, ["fail"])
        return
    assert ran.code in (2, 4)
    assert ran.stdout == ""
    assert ESCAPES.search(ran.stderr) is None
    if ran.code == 4:
        told(ran.stderr)


@pytest.mark.parametrize("path", sorted(set(ALL) - {"demo", "help", "doctor", "config show", "sandbox start", *LISTS}))
def test_where_nothing_is_set_up_it_fails_in_words_or_does_its_work(path: str, plain: Gcw) -> None:
    """And asks nothing: nobody is at the terminal."""
    ran = plain.run(*path.split(), *filled_in(ALL[path]), "--json")
    assert ran.code in (0, 2, 3, 4, 6), ran
    if ran.code:
        assert ran.stdout == ""
        told(ran.stderr)
    else:
        json.loads(ran.stdout)


@pytest.mark.parametrize("path", LISTS)
def test_an_empty_list_is_no_failure(path: str, plain: Gcw) -> None:
    assert plain(*path.split(), "--json").json == []
    assert plain(*path.split(), "--csv").stdout == ""
    ran = plain(*path.split())
    assert ran.stdout == ""
    assert "`gcw " in ran.stderr, "it tells how to begin"


def test_every_list_takes_csv() -> None:
    for path, command in ALL.items():
        names = {name for one in command.params for name in one.opts}
        if path.endswith(" list"):
            assert "--csv" in names, path


def test_a_command_that_does_not_exist_names_a_near_one(plain: Gcw) -> None:
    ran = plain.fails(2, "custmer", "list", "--json")
    assert "Did you mean 'customer'?" in told(ran.stderr)["message"]
    assert "'list'" in plain.fails(2, "customer", "lits").stderr


def test_what_is_missing_is_named(plain: Gcw) -> None:
    assert "name" in told(plain.fails(2, "customer", "add", "--json").stderr)["message"]
    assert "--hand-off" in told(plain.fails(2, "facility", "add", "x", "--json").stderr)["message"]
    assert "--key" in told(plain.fails(2, "app", "configure", "--json").stderr)["hint"]


@pytest.mark.parametrize("words", [(), ("customer",)])
def test_no_command_shows_the_help(plain: Gcw, words: tuple[str, ...]) -> None:
    assert "Usage: gcw" in plain.fails(2, *words).stdout


def test_the_exit_codes_that_are_explained_are_those_there_are(plain: Gcw) -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.GcwError)]
    assert {0} | {kind.exit_code for kind in kinds} == set(EXIT_CODES)
    assert len({kind.code for kind in kinds}) == len(kinds)
    listed = plain("help", "exit-codes", "--json").json
    assert {one["exit"]: one["means"] for one in listed} == EXIT_CODES
    assert plain("help").stdout == plain("help", "exit-codes").stdout
    assert "exit-codes" in plain.fails(4, "help", "life").stderr


def test_the_groups_say_the_same_in_both_places() -> None:
    for name in set(cli.GROUPS) - cli.SINGLE:
        assert cli._load(name).help, name


def test_completion_knows_groups_and_commands(home: Path) -> None:
    import os
    import subprocess
    import sys

    def completed(line: str) -> set[str]:
        environment = {**os.environ, "_GCW_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line}
        ran = subprocess.run(
            [sys.executable, "-m", "gcw_tiktok"], env=environment, capture_output=True, text=True, timeout=60
        )
        return set(re.findall(r'"([a-z-]+)":', ran.stdout))

    assert completed("gcw cu") == {"customer"}
    assert {"add", "list", "show"} <= completed("gcw customer ")
