"""Settings: which source wins, where each came from, and that secrets stay where they belong."""

import stat
from pathlib import Path

import pytest

from conftest import Gcw
from gcw_tiktok.errors import BadInput
from gcw_tiktok.settings import LIVE_API, Profile


@pytest.fixture
def plain(home: Path) -> Gcw:
    return Gcw(None)


def write(home: Path, text: str, profile: str = "default") -> Path:
    config = home / "profiles" / profile / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(text)
    return config


def origins(gcw: Gcw) -> dict[str, tuple[object, str]]:
    shown = gcw("config", "show", "--origin", "--json").json
    return {one["setting"]: (one["value"], one["origin"]) for one in shown}


def test_flag_before_environment_before_file_before_default(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def port(**flags: int) -> tuple[int, str]:
        profile = Profile(flags=flags)
        return profile.settings.callback_port, profile.origins["callback_port"]

    assert port() == (8765, "default")
    config = write(home, "callback_port = 1001\n")
    assert port() == (1001, str(config))
    monkeypatch.setenv("GCW_CALLBACK_PORT", "1002")
    assert port() == (1002, "environment GCW_CALLBACK_PORT")
    assert port(callback_port=1003) == (1003, "flag")


def test_config_show_tells_which_won(plain: Gcw, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write(home, 'tiktok_app_key = "from the file"\ncallback_port = 1001\n')
    monkeypatch.setenv("GCW_CALLBACK_PORT", "1002")
    told = origins(plain)
    assert told["tiktok_app_key"] == ("from the file", str(config))
    assert told["callback_port"] == (1002, "environment GCW_CALLBACK_PORT")
    assert told["tiktok_api_url"] == (LIVE_API, "default")
    assert told["secret_key"] == ("set", "environment GCW_SECRET_KEY")
    assert told["folder"] == (str(config.parent), "GCW_HOME")
    as_table = plain("config", "show", "--origin").stdout
    assert "environment GCW_CALLBACK_PORT" in as_table
    assert plain("config", "show", "--json").json["callback_port"] == 1002


def test_an_empty_variable_sets_nothing(plain: Gcw, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCW_TIKTOK_APP_KEY", "")
    write(home, 'tiktok_app_key = "from the file"')
    assert origins(plain)["tiktok_app_key"][0] == "from the file"


def test_profiles_are_apart(plain: Gcw, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain("customer", "add", "Paper Harbor")
    monkeypatch.setenv("GCW_PROFILE", "sandbox")
    assert plain("customer", "list", "--json").json == []
    assert plain("config", "show", "--json").json["profile"] == "sandbox"
    assert {path.name for path in (home / "profiles").iterdir()} == {"default", "sandbox"}


def test_the_flag_beats_the_variable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gcw_tiktok.cli import command

    monkeypatch.setenv("GCW_PROFILE", "from-the-environment")
    with pytest.raises(SystemExit) as end:
        command().main(["--profile", "from-a-flag", "facility", "list"])
    assert end.value.code == 0
    assert {path.name for path in (home / "profiles").iterdir()} == {"from-a-flag"}


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", "a b", "é/", "."])
def test_a_profile_is_no_path(plain: Gcw, home: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCW_PROFILE", name)
    assert "cannot name a profile" in plain.fails(4, "customer", "list").stderr
    assert not home.exists()


def test_home_may_be_written_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GCW_HOME", "~/mine")
    assert Profile().folder == tmp_path / "mine" / "profiles" / "default"
    monkeypatch.delenv("GCW_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert Profile().folder.is_relative_to(tmp_path)


@pytest.mark.parametrize("name", ["secret_key", "tiktok_app_secret"])
def test_secrets_do_not_belong_in_the_file(plain: Gcw, home: Path, name: str) -> None:
    write(home, f'{name} = "hush-hush-hush-hush-hush-hush-hush"')
    ran = plain.fails(4, "customer", "list")
    assert "secrets do not belong in a file" in ran.stderr
    assert "hush" not in ran.stderr


def test_an_unknown_setting_names_a_near_one(plain: Gcw, home: Path) -> None:
    config = write(home, "calback_port = 1")
    error = plain.fails(4, "customer", "list", "--json").error
    assert str(config) in error["message"]
    assert "callback_port" in error["message"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("callback_port = [", "cannot be read"),
        ("callback_port = 'many'", "callback_port"),
        ("callback_port = 70000", "callback_port"),
        ("tiktok_api_url = 'tiktok'", "begins with https://"),
        ("[tiktok]\napp_key = 1", "tiktok"),
        ("callback_port = 1\ncallback_port = 2", "cannot be read"),
    ],
)
def test_a_file_that_is_wrong_is_told_of(plain: Gcw, home: Path, text: str, words: str) -> None:
    config = write(home, text)
    ran = plain.fails(4, "customer", "list")
    assert words in ran.stderr
    assert str(config) in ran.stderr


def test_a_variable_that_is_wrong_is_told_of(plain: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCW_NO_INPUT", "perhaps")
    ran = plain.fails(4, "customer", "list")
    assert "no_input (environment GCW_NO_INPUT)" in ran.stderr


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://gcw:hush@db/gcw", "postgresql://gcw@db/gcw"),
        ("postgresql://gcw@db/gcw", "postgresql://gcw@db/gcw"),
        (
            "postgresql://db/gcw?user=gcw&password=hush&sslmode=require",
            "postgresql://db/gcw?user=gcw&password=***&sslmode=require",
        ),
        ("sqlite:////srv/gcw.db", "sqlite:////srv/gcw.db"),
    ],
)
def test_a_password_in_the_address_is_not_shown(
    plain: Gcw, url: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCW_DATABASE_URL", url)
    assert plain("config", "show", "--json").json["database_url"] == shown
    assert origins(plain)["database_url"] == (shown, "environment GCW_DATABASE_URL")


def test_saving_keeps_comments_and_stays_its_owners(home: Path) -> None:
    config = write(home, "# ours\ncallback_port = 1 # a comment\n")
    profile = Profile()
    profile.save({"tiktok_app_key": "ä", "callback_port": 2})
    assert config.read_text("utf-8").startswith("# ours\ncallback_port = 2 # a comment\n")
    assert (profile.settings.tiktok_app_key, profile.settings.callback_port) == ("ä", 2)
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"]


def test_what_cannot_be_used_is_not_saved(home: Path) -> None:
    config = write(home, "callback_port = 1\n")
    with pytest.raises(BadInput, match="begins with https://"):
        Profile().save({"tiktok_api_url": "tiktok"})
    assert config.read_text() == "callback_port = 1\n"


def test_addresses_lose_a_slash_at_the_end(home: Path) -> None:
    write(home, "tiktok_api_url = 'https://example.com/'")
    assert Profile().settings.tiktok_api_url == "https://example.com"
