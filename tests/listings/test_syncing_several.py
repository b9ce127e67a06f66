"""Several stores' listings at once, and several syncs of one store, on both databases."""

import threading

import httpx
import pytest

from conftest import Gcw
from orders.test_several_stores import GOODS, OUTLET, between, both, engine, far  # noqa: F401  fixtures

KINDS = ("new", "changed", "gone", "re-keyed")


def test_all_connected_stores_are_synced_and_reported_in_an_array(both: Gcw) -> None:  # noqa: F811
    found = both("products", "sync", "--json").json
    shops = {shop.name: shop for shop in far(both).world.shops()}
    assert {one["store"]: one["new"] for one in found} == {
        name: sum(len(product.skus) for product in shops[name].products) for name in (GOODS, OUTLET)
    }
    one = both("products", "sync", GOODS, "--json").json
    assert {kind: one[kind] for kind in KINDS} == dict.fromkeys(KINDS, 0), "one that is named is an object"
    assert [two["store"] for two in both("products", "sync", OUTLET, GOODS, "--json").json] == [OUTLET, GOODS]


def test_one_stores_failure_stops_no_other(both: Gcw) -> None:  # noqa: F811
    def cut(shop: str, request: httpx.Request) -> None:
        if shop == GOODS:
            raise httpx.ConnectError("down", request=request)

    between(both).before = cut
    ran = both.fails(7, "products", "sync", "--json")
    assert [one["store"] for one in ran.json] == [OUTLET]
    assert f"{GOODS}: sandbox could not be reached" in ran.stderr
    alone = both.fails(6, "products", "sync", GOODS, "--json")
    assert alone.stdout == ""
    assert both("products", "list", OUTLET, "--json").json
    assert both("products", "list", GOODS, "--json").json == []


def test_a_store_that_is_suddenly_empty_stops_no_other(both: Gcw) -> None:  # noqa: F811
    both("products", "sync")
    goods = next(shop for shop in far(both).world.shops() if shop.name == GOODS)
    far(both).control("POST", "products", {"shop_id": goods.id, "hidden": True})
    ran = both.fails(7, "products", "sync", "--json")
    assert [one["store"] for one in ran.json] == [OUTLET]
    assert f"{GOODS}: TikTok returned no listing at all where gcw knows" in ran.stderr
    assert both.fails(8, "products", "sync", GOODS, "--json").error["code"] == "check_failed"


def test_two_syncs_of_one_store_at_once_find_everything_once(both: Gcw) -> None:  # noqa: F811
    meeting = threading.Barrier(2, timeout=30)
    met: set[int] = set()

    def meet(shop: str, request: httpx.Request) -> None:
        if request.url.path.endswith("/products/search") and threading.get_ident() not in met:
            met.add(threading.get_ident())
            meeting.wait()

    between(both).before = meet
    found = [threading.Thread(target=_sync_in_process, args=(both,)) for _ in range(2)]
    for one in found:
        one.start()
    for one in found:
        one.join()
    between(both).before = lambda shop, request: None
    again = both("products", "sync", GOODS, "--json").json
    assert {kind: again[kind] for kind in KINDS} == dict.fromkeys(KINDS, 0)
    skus = [row["sku_id"] for row in both("products", "list", GOODS, "--json").json]
    goods = next(shop for shop in far(both).world.shops() if shop.name == GOODS)
    assert sorted(skus) == sorted(sku.id for product in goods.products for sku in product.skus)
    assert sum(_told(both)) == len(skus)


def _sync_in_process(gcw: Gcw) -> None:
    """Without the command line, whose output goes to one place."""
    from gcw_tiktok.runtime import Runtime
    from gcw_tiktok.workflow import stores
    from gcw_tiktok.workflow.history import Act
    from gcw_tiktok.workflow.listings import syncing

    runtime = Runtime(clock=gcw.clock, sleep=gcw.sleep, transport=gcw.transport)
    try:
        with runtime.database.view() as session:
            store = stores.find(session, GOODS)
        syncing.sync(runtime.database, runtime.client_for(store), store, Act("somebody", runtime.now()))
    finally:
        runtime.database.close()


def _told(gcw: Gcw) -> list[int]:
    from sqlmodel import select

    from gcw_tiktok.runtime import Runtime
    from gcw_tiktok.store.tables import Event

    runtime = Runtime()
    with runtime.database.view() as session:
        found = [event.data["new"] for event in session.exec(select(Event).where(Event.what == "synced"))]
    runtime.close()
    return found


@pytest.mark.parametrize("limit", [1, 3])
def test_a_limit_met_by_several_hands_is_kept_to(both: Gcw, limit: int) -> None:  # noqa: F811
    wish = {"match": "GET /product/202309/products/", "kind": "rate_limit", "times": limit, "retry_after": 4}
    far(both).control("POST", "faults", wish)
    both("products", "sync", GOODS)
    assert max(both.sleeps) > 3
    assert both("products", "list", GOODS, "--json").json
