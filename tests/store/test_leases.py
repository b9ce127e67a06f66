"""One holder at a time; waiting, and the death of a holder, are played with a clock and a sleep of the test's own."""

import threading

import pytest

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.leases import LASTS, _take, lease
from gcw_tiktok.store.tables import Lease

NOW = 1_790_000_000


def held(database: Database) -> list[str]:
    from sqlmodel import select

    with database.view() as session:
        return list(session.exec(select(Lease.name)))


def test_a_lease_ends_with_its_block(database: Database) -> None:
    with lease(database, "tokens", NOW):
        assert held(database) == ["tokens"]
    assert held(database) == []


def test_a_lease_ends_when_its_block_fails(database: Database) -> None:
    with pytest.raises(KeyboardInterrupt), lease(database, "tokens", NOW):
        raise KeyboardInterrupt
    assert held(database) == []


def test_another_waits_until_it_is_free(database: Database) -> None:
    sleeps: list[float] = []
    first = lease(database, "tokens", NOW)
    first.__enter__()

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == 3:
            first.__exit__(None, None, None)

    with lease(database, "tokens", NOW, sleep=sleep):
        assert held(database) == ["tokens"]
    assert len(sleeps) == 3


def test_patience_ends(database: Database) -> None:
    sleeps: list[float] = []
    with (
        lease(database, "tokens", NOW),
        pytest.raises(TryAgain, match="busy with tokens"),
        lease(database, "tokens", NOW, patience=5, sleep=sleeps.append),
    ):
        pytest.fail("two hold it")
    assert 5 <= sum(sleeps) < 6


def test_other_leases_are_free(database: Database) -> None:
    with lease(database, "tokens/a", NOW), lease(database, "tokens/b", NOW, patience=0):
        assert sorted(held(database)) == ["tokens/a", "tokens/b"]


def test_what_a_killed_holder_held_is_free_after_a_while(database: Database) -> None:
    assert _take(database, "tokens", "the killed one", NOW)
    assert not _take(database, "tokens", "another", NOW + LASTS - 1)
    sleeps: list[float] = []
    with lease(database, "tokens", NOW, sleep=sleeps.append):
        assert held(database) == ["tokens"]
    assert LASTS <= sum(sleeps) < LASTS + 2


def test_one_who_comes_back_too_late_frees_nothing_of_anothers(database: Database) -> None:
    late = lease(database, "tokens", NOW)
    late.__enter__()
    with lease(database, "tokens", NOW + LASTS, patience=0):
        late.__exit__(None, None, None)
        assert held(database) == ["tokens"]


def test_of_many_at_once_one_holds_it(database: Database) -> None:
    inside, most, lock = 0, 0, threading.Lock()
    troubles: list[BaseException] = []

    def work() -> None:
        nonlocal inside, most
        try:
            with lease(database, "tokens", NOW, sleep=lambda _: threading.Event().wait(0.01) and None):
                with lock:
                    inside += 1
                    most = max(most, inside)
                threading.Event().wait(0.02)
                with lock:
                    inside -= 1
        except BaseException as trouble:
            troubles.append(trouble)
            raise

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert most == 1
