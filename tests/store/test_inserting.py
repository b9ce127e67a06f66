"""What is inserted straight through the driver is what SQLAlchemy would have written."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Authorization, Customer, Event, Facility, Order, OrderKind, Stage, Store
from gcw_tiktok.workflow import drafts
from gcw_tiktok.workflow.drafts import draft

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
BYTES = st.none() | st.binary(max_size=8)
SECONDS = st.integers(-(2**63), 2**63 - 1)
FACTS = {
    "status": WORDS,
    "stage": st.sampled_from(Stage),
    "kind": st.sampled_from(OrderKind),
    "skips_hold": st.booleans(),
    "paid_at": st.none() | SECONDS,
    "updated_at": SECONDS,
    "sealed_recipient": BYTES,
    "sealed_raw": BYTES,
    "held_why": st.none() | WORDS,
}
DATA = st.dictionaries(WORDS, st.none() | WORDS | st.integers() | st.lists(WORDS, max_size=2), max_size=3)


@pytest.fixture
def busy(database: Database) -> Database:
    """A database with a store."""
    with database.session() as session:
        session.add(Customer(id=1, name="Paper Harbor", created_at=1))
        session.add(Facility(id=1, name="Main floor", hand_off="folder:/x", created_at=1))
        grant = {"access_expires_at": 1, "refresh_expires_at": 1, "granted_at": 1}
        session.add(Authorization(id=1, open_id="o", api_url="https://x", **grant))
        session.flush()
        belongs = {"customer_id": 1, "facility_id": 1, "authorization_id": 1, "connected_at": 1, "orders_cursor": 1}
        session.add(Store(id=1, shop_id="7495", name="Paper Harbor", code="US", cipher="c", **belongs))
    return database


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.fixed_dictionaries({}, optional=FACTS), min_size=1, max_size=4))
def test_orders_are_as_the_other_way_writes_them(busy: Database, told: list[dict[str, Any]]) -> None:
    rows = [{"status": "", "placed_at": 1, "updated_at": 1, "read_at": 1, "store_id": 1, **one} for one in told]
    with busy.session() as session:
        drafts.write(session, Order, [draft(Order, order_id=f"a{place}", **row) for place, row in enumerate(rows)])
        session.add_all([Order(order_id=f"b{place}", **row) for place, row in enumerate(rows)])
        session.flush()
        session.expire_all()
        found = {order.order_id: order.model_dump(exclude={"id", "order_id"}) for order in session.exec(select(Order))}
        session.rollback()
    assert len(found) == 2 * len(rows)
    for place in range(len(rows)):
        assert found[f"a{place}"] == found[f"b{place}"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.tuples(WORDS, DATA), min_size=1, max_size=4))
def test_history_is_as_it_was_told(database: Database, told: list[tuple[str, dict[str, Any]]]) -> None:
    with database.session() as session:
        rows = [draft(Event, at=1, who=who, subject="100 %(s)s ?", what="'", data=data) for who, data in told]
        drafts.write(session, Event, rows)
        found = session.exec(select(Event).order_by("id")).all()
        assert [(one.who, one.data) for one in found] == told
        assert {(one.subject, one.what, one.why, one.seq, one.chain) for one in found} == {
            ("100 %(s)s ?", "'", "", None, None)
        }
        session.rollback()


def test_what_the_database_refuses_fails_in_the_same_words(busy: Database) -> None:
    facts = {"store_id": 1, "order_id": "577", "status": "", "placed_at": 1, "updated_at": 1, "read_at": 1}
    with busy.session() as session:
        with pytest.raises(IntegrityError), session.begin_nested():
            drafts.write(session, Order, [draft(Order, **facts), draft(Order, **facts)])
        with pytest.raises(IntegrityError), session.begin_nested():
            drafts.write(session, Order, [draft(Order, **facts | {"status": None})])
        assert session.exec(select(Order)).all() == []


def test_nothing_is_written_for_nothing(database: Database) -> None:
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: seen.append(told[2]))
    with database.session() as session:
        drafts.write(session, Event, [])
    assert not any("INSERT" in statement for statement in seen)
