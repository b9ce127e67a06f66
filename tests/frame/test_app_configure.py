"""The PSP's app: its secret is taken from stdin and seen nowhere again."""

import stat
from pathlib import Path

import pytest

from conftest import Gcw

SECRET = "0123456789abcdef-the-secret-of-the-app"
CONFIGURE = ("app", "configure", "--key", "6key", "--service-id", "7299")


@pytest.fixture
def plain(home: Path) -> Gcw:
    return Gcw(None)


def test_the_secret_is_never_seen_again(plain: Gcw, home: Path) -> None:
    runs = [plain(*CONFIGURE, stdin=SECRET + "\n"), plain(*CONFIGURE, "--json", stdin=SECRET)]
    runs += [plain("app", "show"), plain("app", "show", "--json"), plain("config", "show", "--origin")]
    assert all(SECRET not in ran.stdout + ran.stderr for ran in runs)
    kept = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert len(kept) >= 2
    assert not [path for path, content in kept.items() if SECRET.encode() in content]
    assert runs[1].json["secret"] == "set"


def test_what_it_makes_is_its_owners_only(plain: Gcw, home: Path) -> None:
    plain(*CONFIGURE, stdin=SECRET)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in home.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE((home / "profiles" / "default").stat().st_mode) == 0o700


def test_the_secret_of_the_environment_wins(plain: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    assert plain("app", "show", "--json").json["secret"] == "missing"
    monkeypatch.setenv("GCW_TIKTOK_APP_SECRET", SECRET)
    ran = plain("app", "show", "--json")
    assert ran.json["secret"] == "set"
    assert SECRET not in ran.stdout + ran.stderr


def test_show_tells_what_the_app_needs_at_tiktok(plain: Gcw) -> None:
    plain(*CONFIGURE, "--port", "9000", stdin=SECRET)
    ran = plain("app", "show")
    assert "http://localhost:9000/callback" in ran.stdout
    for words in ("Order Information", "Fulfillment Basic", "United States"):
        assert words in ran.stderr


@pytest.mark.parametrize(
    ("words", "stdin", "hint"),
    [
        (("app", "configure"), SECRET, "--key"),
        (("app", "configure", "--key", "6key"), SECRET, "--service-id"),
        (CONFIGURE, "", "stdin"),
        (CONFIGURE, "  \n", "stdin"),
    ],
)
def test_what_is_missing_is_told_and_nothing_is_kept(
    plain: Gcw, home: Path, words: tuple[str, ...], stdin: str, hint: str
) -> None:
    ran = plain.fails(2, *words, "--json", stdin=stdin)
    assert hint in ran.error["hint"]
    assert ran.stderr.count("\n") == 1, "nothing but the error"
    assert not list(home.rglob("config.toml"))


def test_an_address_that_is_none_is_refused_and_not_kept(plain: Gcw, home: Path) -> None:
    assert "begins with https://" in plain.fails(4, *CONFIGURE, "--api-url", "tiktok", stdin=SECRET).stderr
    assert not list(home.rglob("config.toml"))
    assert "--port" in plain.fails(2, *CONFIGURE, "--port", "70000", stdin=SECRET).stderr


def test_without_a_place_for_secrets_it_says_what_to_do(plain: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring  # noqa: TID251
    import keyring.backends.fail  # noqa: TID251

    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    monkeypatch.delenv("GCW_SECRET_KEY")
    try:
        error = plain.fails(3, *CONFIGURE, "--json", stdin=SECRET).error
    finally:
        keyring.set_keyring(before)
    assert "GCW_SECRET_KEY" in error["hint"]


def test_the_key_of_another_database(plain: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    plain(*CONFIGURE, stdin=SECRET)
    monkeypatch.setenv("GCW_SECRET_KEY", "another key, and long enough to be taken")
    error = plain.fails(3, "app", "show", "--json").error
    assert "another key" in error["message"]
    monkeypatch.setenv("GCW_SECRET_KEY", "short")
    assert "too short" in plain.fails(4, "app", "show", "--json").error["message"]
