"""A permission that lapsed and was given again."""

import webbrowser

import pytest
from sqlmodel import select

from conftest import Gcw, Sandbox
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Store, StoreStatus


def test_one_new_permission_serves_all_stores_of_the_seller(
    gcw: Gcw, sandbox: Sandbox, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", sandbox.allow("tidewater"))
    gcw("customer", "add", "Tidewater", "--storefronts")
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path}/hand-off")
    where = ("--customer", "Tidewater", "--facility", "Main floor")
    gcw("store", "connect", *where, "--shop", "Tidewater Goods")
    gcw("store", "connect", *where, "--shop", "Tidewater Outlet", "--resume")
    runtime = Runtime()
    with runtime.database.session() as session:
        for store in session.exec(select(Store)):
            store.status = StoreStatus.REAUTHORIZE
            session.add(store)
    runtime.close()

    gcw("store", "connect", *where, "--shop", "Tidewater Goods")

    assert {one["status"] for one in gcw("store", "list", "--json").json} == {"connected"}
    assert len(gcw("orders", "pull", "--json").json) == 2
