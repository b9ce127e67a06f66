"""gcw doctor: each check tells what is wrong in words and how to mend it; what is wrong gives exit code 8."""

import shutil
from pathlib import Path

import pytest

from conftest import Gcw, Sandbox


def found(gcw: Gcw, code: int = 8) -> dict[str, dict[str, str]]:
    ran = gcw.fails(code, "doctor", "--json")
    if code == 8:
        assert ran.error["code"] == "check_failed"
    return {one["check"]: one for one in ran.json}


def failed(gcw: Gcw) -> dict[str, dict[str, str]]:
    return {name: one for name, one in found(gcw).items() if one["result"] == "fail"}


def test_on_a_new_machine_it_names_the_first_step(home: Path) -> None:
    trouble = failed(Gcw(None))
    assert set(trouble) == {"app at TikTok"}
    assert "gcw app configure" in trouble["app at TikTok"]["mend"]


def test_where_all_is_well(connected: Gcw) -> None:
    told = found(connected, 0)
    assert {one["result"] for one in told.values()} == {"ok"}
    assert any(name.startswith("store ") for name in told)
    assert any(name.startswith("hand-off of ") for name in told)


def test_settings_that_cannot_be_read(home: Path) -> None:
    config = home / "profiles" / "default" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("nonsense")
    assert "cannot be read" in failed(Gcw(None))["settings"]["found"]


def test_a_damaged_database(gcw: Gcw, home: Path) -> None:
    (home / "profiles" / "default" / "gcw.db").write_text("no database " * 500)
    trouble = failed(gcw)
    assert "damaged" in trouble["database"]["found"]
    assert "backup" in trouble["database"]["mend"]


def test_another_key(gcw: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCW_SECRET_KEY", "another key, and long enough to be taken")
    assert "another key" in failed(gcw)["app at TikTok"]["found"]


def test_an_app_without_its_service_id(gcw: Gcw, home: Path) -> None:
    config = home / "profiles" / "default" / "config.toml"
    lines = [line for line in config.read_text().splitlines() if "service_id" not in line]
    config.write_text("\n".join(lines))
    assert "no store can be connected" in failed(gcw)["service id"]["found"]


def test_a_hand_off_folder_that_is_gone_is_not_made_anew(connected: Gcw, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "hand-off")
    trouble = failed(connected)["hand-off of Main floor"]
    assert "No such file" in trouble["found"]
    assert not (tmp_path / "hand-off").exists(), "it may be a share that is not mounted"


@pytest.mark.parametrize("offset", [-25, -3600, 3600])
def test_a_clock_that_is_off(offset: int, connected: Gcw) -> None:
    """Whether TikTok minds it yet or not."""
    connected.offset = offset
    told = [one for name, one in found(connected, 0).items() if name.startswith("store ")]
    assert [one["result"] for one in told] == ["warn"]
    seconds = int(told[0]["found"].split("off by ")[1].split()[0])
    assert abs(seconds - offset) <= 2


def test_a_permission_that_was_withdrawn(connected: Gcw, sandbox: Sandbox) -> None:
    sandbox.world.authorizations.withdraw(sandbox.world.sellers[0])
    trouble = [one for name, one in failed(connected).items() if name.startswith("store ")]
    assert len(trouble) == 1
    assert trouble[0]["mend"]
