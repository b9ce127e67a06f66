"""A unit of work is stored whole or not at all, and nobody fails because somebody else is busy."""

# ruff: noqa: PT012  a session fails when it ends

import threading
import time

import pytest
from sqlalchemy import event
from sqlmodel import select

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.store import database as module
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Customer


def named(database: Database) -> list[str]:
    with database.view() as session:
        return sorted(session.exec(select(Customer.name)))


def test_what_ends_well_is_stored(database: Database) -> None:
    with database.session() as session:
        session.add(Customer(name="Paper Harbor", created_at=1))
    assert named(database) == ["Paper Harbor"]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_does_not_end_well_is_undone(database: Database, failure: type[BaseException]) -> None:
    with pytest.raises(failure), database.session() as session:
        session.add(Customer(name="Paper Harbor", created_at=1))
        session.flush()
        raise failure
    assert named(database) == []


def test_rows_may_be_read_after_their_session(database: Database) -> None:
    with database.session() as session:
        kept = Customer(name="Paper Harbor", created_at=1)
        session.add(kept)
    assert kept.id is not None


def test_a_view_stores_nothing(database: Database) -> None:
    with database.view() as session:
        session.add(Customer(name="Paper Harbor", created_at=1))
    assert named(database) == []


def test_readers_and_a_writer_do_not_wait_for_each_other(database: Database) -> None:
    with database.view() as reading:
        assert not reading.exec(select(Customer)).all()
        with database.session() as writing:  # no timeout is waited out: it would take 30 seconds
            writing.add(Customer(name="Paper Harbor", created_at=1))
            writing.flush()
            assert named(database) == []
        assert not reading.exec(select(Customer)).all() or database.engine.dialect.name == "postgresql"
    assert named(database) == ["Paper Harbor"]


def test_a_long_writer_makes_others_wait_not_fail(database: Database) -> None:
    begun, order = threading.Event(), []

    def long() -> None:
        with database.session() as session:
            session.add(Customer(name="First", created_at=1))
            session.flush()
            begun.set()
            time.sleep(0.5)
            order.append("long")

    thread = threading.Thread(target=long)
    thread.start()
    assert begun.wait(10)
    with database.session() as session:
        session.add(Customer(name="Second", created_at=1))
        session.flush()
        if database.engine.dialect.name == "sqlite":
            assert order == ["long"], "SQLite has one writer at a time"
    thread.join()
    assert named(database) == ["First", "Second"]


def test_a_writer_that_never_ends_is_told_of(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.1)
    database = Database(f"sqlite:///{tmp_path}/gcw.db")
    with (
        database.session() as first,
        pytest.raises(TryAgain, match="Another gcw is writing"),
        database.session() as second,
    ):
        first.exec(select(Customer)).all()
        second.exec(select(Customer)).all()
    database.close()


def test_many_writers_lose_nothing(database: Database) -> None:
    def add(number: int) -> None:
        for step in range(5):
            with database.session() as session:
                session.add(Customer(name=f"{number}/{step}", created_at=1))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(named(database)) == 20


def test_a_database_that_is_held_open_is_not_opened_again(database: Database) -> None:
    opened: list[object] = []
    with database.held_open() as held:
        event.listen(held.engine, "connect", lambda connection, _: opened.append(connection))
        for number in range(3):
            with held.session() as session:
                session.add(Customer(name=f"Customer {number}", created_at=1))
            assert len(named(held)) == number + 1
    assert len(opened) <= 1
    assert len(named(database)) == 3
