"""Secrets: sealed in the database or kept in the keyring, never in the clear, and every trouble in words."""

# ruff: noqa: TID251  the keyring is replaced here

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from gcw_tiktok.errors import BadInput, GcwError, SetupMissing
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import DATA_KEY, Keyring, Seal, Sealed, open_seal, open_vault
from gcw_tiktok.store.tables import SealedSecret, SealingKey

KEY, OTHER = "k" * 32, "o" * 32
NOW = 1_790_000_000


class InMemory(keyring.backend.KeyringBackend):
    """A keyring that forgets; it can be locked."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.puts: list[str] = []
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.puts.append(username)
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        del self.kept[service, username]

    def _open(self) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked("it is locked")


@pytest.fixture
def ring() -> Iterator[InMemory]:
    before = keyring.get_keyring()
    found = InMemory()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


@pytest.fixture
def no_ring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens_again(plain: bytes, purpose: str) -> None:
    seal = Seal(b"x" * 32)
    sealed = seal.close(plain, purpose)
    assert seal.open(sealed, purpose) == plain
    assert seal.close(plain, purpose) != sealed, "equal data must not look equal"
    with pytest.raises(SetupMissing):
        seal.open(sealed, purpose + "!")
    with pytest.raises(SetupMissing):
        Seal(b"y" * 32).open(sealed, purpose)


FORKING = """
import os
from gcw_tiktok.store.secrets import Seal

seal = Seal(b"k" * 32)
print(seal.close(b"Ada", "order").hex(), flush=True)
child = os.fork()
if child:
    os.waitpid(child, 0)
print(seal.close(b"Ada", "order").hex(), flush=True)
"""
"""The child seals once, and then its parent does."""


def test_no_nonce_is_used_twice_by_threads() -> None:
    seals = [Seal(b"k" * 32), Seal(b"l" * 32)]
    with ThreadPoolExecutor(8) as threads:
        sealed = list(
            threads.map(lambda number: [seals[number % 2].close(b"Ada", "order") for _ in range(500)], range(8))
        )
    assert len({one[1:13] for part in sealed for one in part}) == 4000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_fork_does_not_count_on_from_where_its_parent_does() -> None:
    ran = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=True)
    before, *after = (int.from_bytes(bytes.fromhex(line)[1:13]) for line in ran.stdout.split())
    assert [number - before in range(10_000) for number in after] == [False, True]


@given(st.binary(min_size=8, max_size=40), st.data())
def test_what_was_changed_or_cut_does_not_open(plain: bytes, data: st.DataObject) -> None:
    seal = Seal(b"x" * 32)
    sealed = seal.close(plain, "order")
    place = data.draw(st.integers(1, len(sealed) - 1))
    changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
    for broken in (changed, sealed[:place], b""):
        with pytest.raises(SetupMissing):
            seal.open(broken, "order")


def test_a_mark_tells_changes_and_nothing_else() -> None:
    seal = Seal(b"x" * 32)
    assert seal.mark(b"a") == seal.mark(b"a") != seal.mark(b"b")
    assert seal.mark(b"a") != Seal(b"y" * 32).mark(b"a")


def test_sealed_secrets_are_kept_replaced_and_dropped(database: Database) -> None:
    vault = open_vault(database, KEY, "default")
    assert isinstance(vault, Sealed)
    assert vault.get("app-secret") is None
    vault.put("app-secret", "first")
    vault.put("app-secret", "second")
    vault.put("tokens/1", "ünïcode")
    assert open_vault(database, KEY, "default").get("app-secret") == "second"
    vault.drop("app-secret")
    vault.drop("app-secret")
    assert vault.get("app-secret") is None
    assert vault.get("tokens/1") == "ünïcode"


def test_a_secret_does_not_open_under_another_name(database: Database) -> None:
    vault = open_vault(database, KEY, "default")
    vault.put("tokens/1", "hush")
    with database.session() as session:
        row = session.get_one(SealedSecret, "tokens/1")
        session.add(SealedSecret(name="tokens/2", sealed=row.sealed))
    with pytest.raises(SetupMissing):
        vault.get("tokens/2")


def test_another_key_is_told_of_before_anything_is_read(database: Database) -> None:
    open_vault(database, KEY, "default").put("app-secret", "hush")
    with pytest.raises(SetupMissing, match="another key") as caught:
        open_vault(database, OTHER, "default")
    assert caught.value.exit_code == 3
    assert "GCW_SECRET_KEY" in caught.value.hint
    assert KEY not in f"{caught.value}{caught.value.hint}"


def test_a_short_key_is_refused_without_being_shown(database: Database) -> None:
    with pytest.raises(BadInput, match="too short") as caught:
        open_vault(database, "hush", "default")
    assert "hush" not in f"{caught.value}{caught.value.hint}"
    assert "openssl rand" in caught.value.hint


def test_nothing_sealed_is_in_the_file_in_the_clear(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gcw.db'}")
    open_vault(database, KEY, "default").put("app-secret", "a-secret-of-the-app")
    database.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"app-secret" in raw
    assert b"a-secret-of-the-app" not in raw
    assert KEY.encode() not in raw


def test_the_keyring_keeps_profiles_apart(database: Database, ring: InMemory) -> None:
    mine, other = open_vault(database, "", "default"), open_vault(database, "", "sandbox")
    assert isinstance(mine, Keyring)
    mine.put("app-secret", "hush")
    assert mine.get("app-secret") == "hush"
    assert other.get("app-secret") is None
    other.drop("app-secret")
    mine.drop("app-secret")
    assert not ring.kept
    with database.view() as session:
        assert not session.exec(select(SealedSecret)).all(), "nothing of it is in the database"


def test_without_a_keyring_and_a_key_it_says_what_to_do(database: Database, no_ring: None) -> None:
    with pytest.raises(SetupMissing, match="nowhere safe") as caught:
        open_vault(database, "", "default")
    assert caught.value.exit_code == 3
    assert "export GCW_SECRET_KEY=" in caught.value.hint


@pytest.mark.parametrize("act", ["get", "put", "drop", "seal"])
def test_a_locked_keyring_is_told_of(database: Database, ring: InMemory, act: str) -> None:
    vault = open_vault(database, "", "default")
    vault.put("app-secret", "hush")
    ring.locked = True
    acts = {
        "get": lambda: vault.get("app-secret"),
        "put": lambda: vault.put("app-secret", "hush"),
        "drop": lambda: vault.drop("app-secret"),
        "seal": lambda: open_seal(database, vault, "", NOW),
    }
    with pytest.raises(SetupMissing, match="it is locked") as caught:
        acts[act]()
    assert "GCW_SECRET_KEY" in caught.value.hint
    assert "hush" not in f"{caught.value}{caught.value.hint}"


def test_the_data_key_is_made_once(database: Database, ring: InMemory) -> None:
    sealed = open_seal(database, open_vault(database, "", "default"), "", NOW).close(b"Ada", "recipient")
    again = open_seal(database, open_vault(database, "", "default"), "", NOW)
    assert again.open(sealed, "recipient") == b"Ada"
    assert ring.puts == [f"default/{DATA_KEY}"]


def test_the_data_key_is_made_once_when_several_want_it_at_once(database: Database, ring: InMemory) -> None:
    prints, troubles, start = [], [], threading.Barrier(4)

    def want() -> None:
        start.wait()
        try:
            prints.append(open_seal(database, open_vault(database, "", "default"), "", NOW).fingerprint)
        except GcwError as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert len(prints) == 4
    assert len(set(prints)) == 1
    assert ring.puts == [f"default/{DATA_KEY}"]


def test_the_same_key_may_be_used_first_by_several_at_once(database: Database) -> None:
    troubles, start = [], threading.Barrier(4)

    def want() -> None:
        start.wait()
        try:
            open_vault(database, KEY, "default").put("app-secret", "hush")
        except BaseException as trouble:
            troubles.append(trouble)
            raise

    threads = [threading.Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    with database.view() as session:
        assert len(session.exec(select(SealingKey)).all()) == 1


def test_a_keyring_that_lacks_the_key_of_a_sealed_database(database: Database, ring: InMemory) -> None:
    open_seal(database, open_vault(database, "", "default"), "", NOW)
    ring.kept.clear()
    with pytest.raises(SetupMissing, match="another key"):
        open_seal(database, open_vault(database, "", "default"), "", NOW)
    assert not ring.kept, "no second key was made"
