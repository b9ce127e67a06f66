"""A store is disconnected: tokens and recipients are forgotten, history is not."""

from pathlib import Path

import pytest
from sqlmodel import Session, create_engine, select

from conftest import Gcw, Sandbox
from connecting.conftest import CONNECT
from connecting.remembered import database_file, remembered
from connecting.test_connecting import code
from gcw_tiktok.store.tables import Event, Order, SetAside
from gcw_tiktok.workflow import tokens

SKU = "POSTER-HARBOR-18X24-MATTE"


def test_it_asks_or_needs_yes(connected: Gcw) -> None:
    ran = connected.fails(2, "store", "disconnect", "Paper Harbor", "--json")
    assert "--yes" in ran.error["hint"]
    assert connected("store", "list", "--json").json[0]["status"] == "connected"


def test_recipients_and_tokens_are_forgotten_and_history_stays(connected: Gcw, sandbox: Sandbox, home: Path) -> None:
    order_id = sandbox.order(SKU)
    connected("orders", "pull")
    engine = create_engine(f"sqlite:///{database_file(home)}")
    with Session(engine) as session:
        order = session.exec(select(Order)).one()
        assert order.sealed_raw
        session.add(SetAside(store_id=order.store_id, order_id="2", reason="odd", sealed_raw=b"sealed", since=0))
        session.commit()

    ran = connected("store", "disconnect", "Paper Harbor", "--yes", "--json")

    assert ran.json["status"] == "disconnected"
    assert remembered(home)[2] == []
    with Session(engine) as session:
        order = session.exec(select(Order)).one()
        assert (order.order_id, order.sealed_recipient, order.sealed_raw, order.recipient_known) == (
            order_id, None, None, False,
        )  # fmt: skip
        assert session.exec(select(SetAside)).one().sealed_raw is None
        events = session.exec(select(Event.what).where(Event.subject == f"store:{ran.json['shop_id']}")).all()
        assert events[0] == "connected"
        assert events[-1] == "disconnected"
    engine.dispose()
    connected("orders", "show", order_id)
    connected("store", "show", "Paper Harbor")
    connected("products", "list", "Paper Harbor")


def test_what_is_at_stake_is_said(connected: Gcw, sandbox: Sandbox) -> None:
    sandbox.order(SKU)
    connected("orders", "pull")
    assert "1 of its orders" in connected.fails(2, "store", "disconnect", "Paper Harbor").stderr


def test_a_disconnected_store_is_left_alone(connected: Gcw, sandbox: Sandbox) -> None:
    connected("store", "disconnect", "Paper Harbor", "--yes")
    before = len(sandbox.journal())
    assert "is not connected" in connected.fails(3, "products", "sync", "Paper Harbor").stderr
    assert len(sandbox.journal()) == before


def test_twice_is_once(connected: Gcw, home: Path) -> None:
    for _ in range(2):
        connected("store", "disconnect", "Paper Harbor", "--yes")
    engine = create_engine(f"sqlite:///{database_file(home)}")
    with Session(engine) as session:
        assert len(session.exec(select(Event).where(Event.what == "disconnected")).all()) == 1
    engine.dispose()


def test_cut_short_it_is_completed_by_doing_it_again(
    connected: Gcw, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(tokens, "drop", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        connected.fails(130, "store", "disconnect", "Paper Harbor", "--yes")
    assert len(remembered(home)[2]) == 1
    connected("store", "disconnect", "Paper Harbor", "--yes")
    assert remembered(home)[2] == []


def test_tokens_that_another_store_needs_stay(ready: Gcw, sandbox: Sandbox, home: Path) -> None:
    ready(*CONNECT, "--shop", "Tidewater Goods", "--no-browser", stdin=code(sandbox, "tidewater"))
    ready(*CONNECT, "--resume", "--shop", "Tidewater Outlet")
    ready("store", "disconnect", "Tidewater Goods", "--yes")
    ready("products", "sync", "Tidewater Outlet")
    ready("store", "disconnect", "Tidewater Outlet", "--yes")
    assert remembered(home)[2] == []


def test_connected_again_it_goes_on(connected: Gcw, sandbox: Sandbox, home: Path) -> None:
    known = connected("products", "list", "Paper Harbor", "--json").json
    connected("store", "disconnect", "Paper Harbor", "--yes")
    connected(*CONNECT, "--no-browser", stdin=code(sandbox))
    assert connected("products", "list", "Paper Harbor", "--json").json == known
    synced = connected("products", "sync", "Paper Harbor", "--json").json
    assert [synced[kind] for kind in ("new", "changed", "gone", "re-keyed")] == [0, 0, 0, 0]
    assert [len(part) for part in remembered(home)] == [1, 1, 1]


def test_without_an_app_a_store_can_still_be_disconnected(
    connected: Gcw, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (database_file(home).parent / "config.toml").unlink()
    connected("store", "disconnect", "Paper Harbor", "--yes")
    assert remembered(home)[2] == []
