"""What is changed in the history behind gcw's back is found."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlmodel import func, select

from conftest import Ran
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Event
from gcw_tiktok.workflow import chaining
from orders.shop import Json, Shop

VERIFY = ("orders", "history", "verify", "--json")


def verify(shop: Shop, *more: str) -> Json:
    told: Json = shop.gcw(*VERIFY, *more).json
    return told


def changed(shop: Shop, statement: str) -> Ran:
    """What verifying comes to after this was done to the database."""
    with shop.session() as session:
        session.connection().execute(text(statement))
    return shop.gcw.fails(8, *VERIFY)


def seq_of(shop: Shop, what: str) -> int:
    with shop.session() as session:
        return session.exec(select(Event.seq).where(Event.what == what)).first() or 0


def test_a_history_that_nobody_touched_is_whole_and_goes_on_where_it_was(either_shop: Shop) -> None:
    shop = either_shop
    first = verify(shop)
    shop.released()
    second = verify(shop)
    assert (first["result"], second["result"]) == ("whole", "whole")
    assert second["events"] == first["events"] + second["chained_now"]
    assert second["chained_now"] > 0
    assert len(second["newest"]) == 64
    assert verify(shop, "--expect", first["newest"])["newest"] == second["newest"]
    assert verify(shop)["chained_now"] == 0


@pytest.mark.parametrize(
    "change",
    [
        "what = 'nothing'",
        "who = 'nobody'",
        "why = 'x'",
        "at = at + 1",
        "data = '{}'",
        "subject = 'order:1'",
        "id = 999",
    ],
)
def test_a_changed_event_is_named(shop: Shop, change: str) -> None:
    shop.released()
    verify(shop)
    seq = seq_of(shop, "handed over")
    ran = changed(shop, f"UPDATE event SET {change} WHERE seq = {seq}")
    assert f"number {seq} is not what was chained" in ran.error["message"]
    assert ran.json["result"] == "changed"


def test_a_changed_event_is_named_on_either_database(either_shop: Shop) -> None:
    either_shop.released()
    verify(either_shop)
    ran = changed(either_shop, "UPDATE event SET what = 'nothing' WHERE seq = 2")
    assert "number 2 is not what was chained" in ran.error["message"]


@pytest.mark.parametrize("renumbered", [False, True])
def test_an_event_that_was_taken_out_is_missed(either_shop: Shop, *, renumbered: bool) -> None:
    shop = either_shop
    shop.released()
    verify(shop)
    statements = ["DELETE FROM event WHERE seq = 2"]
    if renumbered:
        statements += ["UPDATE event SET seq = -seq WHERE seq > 2", "UPDATE event SET seq = -seq - 1 WHERE seq < -2"]
    with shop.session() as session:
        for statement in statements:
            session.connection().execute(text(statement))
    assert "number 2 " in shop.gcw.fails(8, *VERIFY).error["message"]


def test_an_event_whose_data_cannot_be_read_any_more_is_found(shop: Shop) -> None:
    shop.released()
    verify(shop)
    assert "cannot be read" in changed(shop, "UPDATE event SET data = '{' WHERE seq = 2").error["message"]


def test_an_event_that_was_put_in_between_is_found(either_shop: Shop) -> None:
    shop = either_shop
    shop.released()
    last = verify(shop)
    with shop.session() as session:
        made_up = Event(at=1, who="x", subject="order:1", what="shipped", seq=last["events"] + 1, chain=last["newest"])
        session.add(made_up)
    assert f"number {last['events'] + 1} " in shop.gcw.fails(8, *VERIFY).error["message"]


def test_two_events_that_changed_places_are_found(either_shop: Shop) -> None:
    shop = either_shop
    shop.released()
    verify(shop)
    with shop.session() as session:
        for before, after in ((2, -2), (3, 2), (-2, 3)):
            session.connection().execute(text(f"UPDATE event SET seq = {after} WHERE seq = {before}"))
    assert "number 2 is not what was chained" in shop.gcw.fails(8, *VERIFY).error["message"]


def test_newest_events_that_were_taken_out_are_missed_by_the_hash_that_was_kept(either_shop: Shop) -> None:
    shop = either_shop
    shop.released()
    last = verify(shop)
    with shop.session() as session:
        session.connection().execute(text(f"DELETE FROM event WHERE seq = {last['events']}"))
    assert verify(shop)["result"] == "whole"
    assert last["newest"] in shop.gcw.fails(8, *VERIFY, "--expect", last["newest"]).error["message"]


def add(database: Database, count: int, who: str = "x") -> None:
    with database.session() as session:
        session.add_all(
            Event(at=1, who=who, subject="order:1", what="é\u2028 \U0001f600", data={"b": [1, 0.1, None], "a": "ü"})
            for _ in range(count)
        )


def test_several_that_chain_and_write_at_once_leave_one_whole_chain(
    either_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chaining, "PORTION", 7)

    def work(number: int) -> None:
        database = Database(either_shop.database_url)
        try:
            for _ in range(5):
                add(database, 9, str(number))
                chaining.chain(database)
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    told = verify(either_shop)
    with either_shop.session() as session:
        assert told["events"] == session.exec(select(func.count()).select_from(Event)).one() > 180
    assert told["result"] == "whole"


def test_what_was_committed_late_comes_later_in_the_chain(either_shop: Shop) -> None:
    verify(either_shop)
    with either_shop.session() as session:
        event = Event(id=9000, at=1, who="x", subject="order:1", what="early")
        session.add(event)
    verify(either_shop)
    with either_shop.session() as session:
        session.add(Event(id=8000, at=1, who="x", subject="order:1", what="late"))
    verify(either_shop)
    assert seq_of(either_shop, "late") == seq_of(either_shop, "early") + 1
