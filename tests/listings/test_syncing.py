"""`gcw products sync` brings listings level with TikTok's, and never loses a connection."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session, create_engine, select

from conftest import Gcw, Sandbox
from gcw_tiktok.sandbox.listings.products import Product
from gcw_tiktok.store.tables import Event, Listing, Store, Variant
from gcw_tiktok.workflow import times
from gcw_tiktok.workflow.listings import keeping, syncing
from listings.conftest import CONNECT, SKU, STORE, UID

NOTHING = {"new": 0, "changed": 0, "gone": 0, "re-keyed": 0}


@pytest.fixture
def poster(sandbox: Sandbox) -> Product:
    """The listing whose variant SKU is."""
    return next(one for one in ours(sandbox) if any(sku.seller_sku == SKU for sku in one.skus))


def ours(sandbox: Sandbox) -> list[Product]:
    return [one for one in sandbox.world.sellers[0].shops[0].products if one.status != "DELETED"]


def change(sandbox: Sandbox, product: Product, action: str, **wish: object) -> Any:
    """The seller does something to a listing, a minute later."""
    sandbox.control("POST", "clock", {"advance": 60})
    return sandbox.control("POST", f"products/{product.id}/{action}", wish)


def sync(gcw: Gcw, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = gcw("products", "sync", STORE, "--json", *more).json
    return found


def counts(found: dict[str, Any]) -> dict[str, int]:
    return {kind: found[kind] for kind in NOTHING}


def listed(gcw: Gcw, *more: str) -> dict[str, dict[str, Any]]:
    return {row["sku_id"]: row for row in gcw("products", "list", STORE, "--json", *more).json}


def details(sandbox: Sandbox) -> int:
    return sum(entry["method"] == "GET" for entry in sandbox.journal("/products/"))


@contextmanager
def rows(home: Path) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{home / 'profiles' / 'default' / 'gcw.db'}")
    with Session(engine) as session:
        yield session
    engine.dispose()


def everything(home: Path) -> Any:
    """All that a sync may touch, row by row."""
    with rows(home) as session:
        return [
            [row.model_dump(exclude={"synced_at", "id", "listing_id"}) for row in session.exec(select(table)).all()]
            for table in (Listing, Variant, Store)
        ]


def test_all_variants_are_known_with_what_they_are(connected: Gcw, sandbox: Sandbox) -> None:
    found = listed(connected)
    for product in ours(sandbox):
        for sku in product.skus:
            assert found[sku.id]["seller_sku"] == sku.seller_sku
            assert found[sku.id]["variant"] == " / ".join(sku.values)
            assert found[sku.id]["listing"] == product.title


def test_unchanged_listings_cost_no_request(connected: Gcw, sandbox: Sandbox, poster: Product) -> None:
    before = details(sandbox)
    assert before == len(ours(sandbox))
    assert counts(sync(connected)) == NOTHING
    assert details(sandbox) == before
    change(sandbox, poster, "retitle", title="A new title")
    sync(connected)
    assert details(sandbox) == before + 1


def test_a_changed_variant(connected: Gcw, sandbox: Sandbox, poster: Product) -> None:
    sku = poster.skus[2]
    change(sandbox, poster, "set-seller-sku", sku_id=sku.id, seller_sku="NEW-SKU")
    found = sync(connected)
    assert counts(found) == NOTHING | {"changed": 1}
    assert found["variants"] == [
        {
            "kind": "changed", "sku_id": sku.id, "seller_sku": "NEW-SKU", "title": " / ".join(sku.values),
            "product_id": poster.id, "was": "",
        }
    ]  # fmt: skip
    assert listed(connected)[sku.id]["seller_sku"] == "NEW-SKU"


def test_a_listing_that_is_gone_and_back_keeps_its_connection(
    connected: Gcw, sandbox: Sandbox, poster: Product
) -> None:
    connected(*CONNECT)
    mine = next(sku.id for sku in poster.skus if sku.seller_sku == SKU)
    status = poster.status
    change(sandbox, poster, "remove")
    assert counts(sync(connected)) == NOTHING | {"gone": len(poster.skus)}
    assert mine not in listed(connected)
    assert listed(connected, "--gone")[mine]["product_uid"] == UID
    assert counts(sync(connected)) == NOTHING

    change(sandbox, poster, "set-status", status=status)
    assert counts(sync(connected)) == NOTHING | {"changed": len(poster.skus)}
    assert listed(connected)[mine]["product_uid"] == UID
    assert listed(connected)[mine]["version"] == 1


def test_re_keyed_variants_are_told_and_connected_like_before(
    connected: Gcw, sandbox: Sandbox, poster: Product
) -> None:
    connected(*CONNECT)
    old = next(sku for sku in poster.skus if sku.seller_sku == SKU)
    was = old.id
    change(sandbox, poster, "rekey")
    ran = connected("products", "sync", STORE)
    assert f"{len(poster.skus)} re-keyed" in ran.stderr
    told = f"gcw products connect 'Paper Harbor Prints' {old.id} --like {was}"
    assert told in ran.stderr
    assert listed(connected)[old.id]["connection"] == "not connected"
    assert listed(connected, "--gone")[was]["product_uid"] == UID
    assert connected("products", "show", STORE, was, "--json").json["replaced_by"] == old.id

    import shlex

    connected(*shlex.split(told)[1:])
    new, former = (connected("products", "show", STORE, one, "--json").json["versions"] for one in (old.id, was))
    assert new[0]["product_uid"] == UID
    assert new[0]["designs"] == former[0]["designs"]


def test_nothing_at_all_stops_it(connected: Gcw, sandbox: Sandbox, home: Path) -> None:
    connected(*CONNECT)
    before = everything(home)
    sandbox.control("POST", "products", {"hidden": True})
    ran = connected.fails(8, "products", "sync", STORE, "--json")
    assert ran.error["code"] == "check_failed"
    assert f"gcw knows {len(ours(sandbox))}" in ran.error["message"]
    assert ran.error["hint"].endswith("`gcw products sync 'Paper Harbor Prints' --yes`")
    assert everything(home) == before

    assert sync(connected, "--yes")["gone"] == len(before[1])
    sandbox.control("POST", "products", {"hidden": False})
    assert sync(connected)["changed"] == len(before[1])
    assert [row["product_uid"] for row in listed(connected).values() if row["seller_sku"] == SKU] == [UID]


def test_a_shop_that_never_had_listings_is_no_alarm(gcw: Gcw, sandbox: Sandbox, tmp_path: Path) -> None:
    gcw("customer", "add", "Easel", "--storefronts")
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path}")
    code = sandbox.control("POST", "authorizations", {"seller": "empty-easel"})["code"]
    gcw("store", "connect", "--customer", "Easel", "--facility", "Main", "--no-browser", stdin=code)
    shop_id = gcw("store", "show", "Empty", "--json").json["shop_id"]
    sandbox.control("POST", "products", {"shop_id": shop_id, "hidden": True})
    assert "Nothing synced yet" in gcw("products", "list", "Empty").stderr
    assert counts(gcw("products", "sync", "Empty", "--json").json) == NOTHING
    assert "Nothing synced yet" not in gcw("products", "list", "Empty").stderr


def test_dry_run_writes_nothing(connected: Gcw, sandbox: Sandbox, poster: Product, home: Path) -> None:
    with rows(home) as session:
        synced, events = session.exec(select(Store.synced_at)).one(), len(session.exec(select(Event)).all())
    change(sandbox, poster, "rekey")
    before = everything(home)
    found = sync(connected, "--dry-run")
    assert (found["re-keyed"], found["dry_run"]) == (len(poster.skus), True)
    assert everything(home) == before
    with rows(home) as session:
        assert session.exec(select(Store.synced_at)).one() == synced
        assert len(session.exec(select(Event)).all()) == events
    assert counts(sync(connected))["re-keyed"] == len(poster.skus)


def test_what_happened_is_written_down(connected: Gcw, sandbox: Sandbox, poster: Product, home: Path) -> None:
    change(sandbox, poster, "rekey")
    sync(connected)
    sync(connected)  # nothing happens, so nothing is written down
    with rows(home) as session:
        told = [event.data for event in session.exec(select(Event).where(Event.what == "synced").order_by(Event.id))]  # type: ignore[arg-type]
    assert told[0]["new"] == sum(len(one.skus) for one in ours(sandbox))
    assert told[1:] == [NOTHING | {"re-keyed": len(poster.skus)}]


def test_a_frozen_listing_does_not_stop_the_others(connected: Gcw, sandbox: Sandbox, poster: Product) -> None:
    connected(*CONNECT)
    before = listed(connected)
    other = next(one for one in ours(sandbox) if one is not poster)
    change(sandbox, poster, "set-status", status="FREEZE")
    change(sandbox, other, "set-seller-sku", seller_sku="OTHER")
    found = sync(connected)
    assert counts(found) == NOTHING | {"changed": 1}
    assert list(found["unread"]) == [poster.title]
    after = listed(connected)
    for sku in poster.skus:
        assert after[sku.id] == before[sku.id] | {"status": "FREEZE"}

    change(sandbox, poster, "set-status", status="ACTIVATE")
    assert counts(sync(connected)) == NOTHING
    assert sync(connected)["unread"] == {}


@pytest.mark.parametrize("trouble", ["reset", "503", "html"])
def test_a_network_that_fails_in_the_middle_changes_nothing(
    trouble: str, connected: Gcw, sandbox: Sandbox, home: Path
) -> None:
    for product in ours(sandbox):
        change(sandbox, product, "rekey")
    before = everything(home)
    status = {"reset": 500, "503": 503, "html": 200}[trouble]
    sandbox.control(
        "POST",
        "faults",
        {"match": f"GET /product/202309/products/{ours(sandbox)[-1].id}", "kind": "status", "status": status},
    )
    connected.fails(6, "products", "sync", STORE)
    assert everything(home) == before
    sandbox.control("DELETE", "faults")
    assert sync(connected)["re-keyed"] == sum(len(one.skus) for one in ours(sandbox))


def test_a_network_that_fails_later_leaves_what_was_stored_and_the_next_sync_does_the_rest(
    connected: Gcw, sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "BATCH", 1)
    connected(*CONNECT)
    found = sorted(ours(sandbox), key=lambda one: one.create_time)  # the search begins with the newest
    change(sandbox, found[-1], "remove")
    for product in found[:-1]:
        change(sandbox, product, "rekey")
    last = f"GET /product/202309/products/{found[0].id}"
    sandbox.control("POST", "faults", {"match": last, "kind": "status", "status": 503})
    connected.fails(6, "products", "sync", STORE)
    with rows(home) as session:
        told = [event.data for event in session.exec(select(Event).where(Event.what == "synced"))][1:]
        gone = session.exec(select(Listing).where(Listing.gone_at != None)).all()  # noqa: E711
    assert len(told) == len(found) - 2
    assert gone == [], "not before all of the search was read"
    sandbox.control("DELETE", "faults")
    again = sync(connected)
    assert (again["re-keyed"], again["gone"]) == (len(found[0].skus), len(found[-1].skus))
    assert counts(sync(connected)) == NOTHING


def test_a_listing_that_another_sync_stored_meanwhile_is_not_gone(
    connected: Gcw, sandbox: Sandbox, home: Path, poster: Product
) -> None:
    """A webhook may tell of a listing that the search had passed already."""
    change(sandbox, poster, "remove")
    assert sync(connected)["gone"] == len(poster.skus)
    far = connected.transport
    assert far is not None

    class ThatComesBack(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = far.handle_request(request)
            if request.url.path.endswith("/products/search"):
                answer.read()
                connected.transport = far
                change(sandbox, poster, "set-status", status="ACTIVATE")
                sync(connected)
            return answer

    connected.transport = ThatComesBack()
    assert counts(sync(connected)) == NOTHING
    assert set(listed(connected)) >= {sku.id for sku in poster.skus}


def test_a_variant_that_moves_to_another_listing_keeps_its_connection(
    connected: Gcw, sandbox: Sandbox, poster: Product
) -> None:
    connected(*CONNECT)
    mine = next(sku for sku in poster.skus if sku.seller_sku == SKU)
    other = next(
        one for one in ours(sandbox) if len(one.version.axes) == len(poster.version.axes) and one is not poster
    )
    sandbox.control("POST", "clock", {"advance": 60})
    other.skus[0].id, mine.id = mine.id, "1730999999999999999"
    for product in (poster, other):
        sandbox.control("POST", f"products/{product.id}/retitle", {"title": product.title + " II"})
    sync(connected)
    moved = listed(connected)[other.skus[0].id]
    assert (moved["listing"], moved["product_uid"]) == (other.title, UID)


def test_when_variants_were_first_seen_and_last_changed(connected: Gcw, sandbox: Sandbox, poster: Product) -> None:
    start = connected.clock()
    connected.offset += 3_600
    change(sandbox, poster, "set-seller-sku", sku_id=poster.skus[0].id, seller_sku="RENAMED")
    sync(connected)
    shown = [connected("products", "show", STORE, sku.id, "--json").json for sku in poster.skus[:2]]
    assert [one["seen"] for one in shown] == [times.shown(int(start))] * 2
    assert [one["changed"] for one in shown] == [times.shown(int(start) + 3_600), ""]


def test_a_status_without_a_new_time_is_noticed_too(connected: Gcw, sandbox: Sandbox, poster: Product) -> None:
    before = details(sandbox)
    poster.status = "SELLER_DEACTIVATED"
    sync(connected)
    assert details(sandbox) == before
    assert {listed(connected)[sku.id]["status"] for sku in poster.skus} == {"SELLER_DEACTIVATED"}


class Killed(BaseException):
    """As good as `kill -9`: nothing catches it."""


@pytest.mark.parametrize("survives", [0, 1, 6, 11, 12])
def test_killed_between_any_two_batches_and_run_again(
    survives: int, connected: Gcw, sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(*CONNECT)
    found = ours(sandbox)
    change(sandbox, found[0], "rekey")
    change(sandbox, found[1], "remove")
    change(sandbox, found[2], "set-seller-sku", seller_sku="CHANGED")
    for product in found[3:]:
        change(sandbox, product, "rekey")
    monkeypatch.setattr(syncing, "BATCH", 1)
    left = [survives]
    really = keeping.writing

    @contextmanager
    def writing(*arguments: Any) -> Iterator[Session]:
        with really(*arguments) as session:
            yield session
            left[0] -= 1
            if left[0] < 0:
                raise Killed

    with monkeypatch.context() as cut:
        cut.setattr(keeping, "writing", writing)
        with suppress(Killed):
            connected.run("products", "sync", STORE)
    sync(connected)
    known = {sku.id: (sku.seller_sku, None) for product in found if product.status != "DELETED" for sku in product.skus}
    with rows(home) as session:
        variants = session.exec(select(Variant)).all()
        assert {one.sku_id: (one.seller_sku, None) for one in variants if one.gone_at is None} == known
        replaced = {one.replaced_by for one in variants if one.replaced_by}
        told = [event.data for event in session.exec(select(Event).where(Event.what == "synced"))]
    rekeyed = {sku.id for product in (found[0], *found[3:]) for sku in product.skus}
    assert replaced == rekeyed
    assert sum(one["re-keyed"] for one in told) == len(rekeyed)
    assert sum(one["gone"] for one in told) == len(found[1].skus)
    assert counts(sync(connected)) == NOTHING


def test_output_for_people_and_scripts(connected: Gcw, sandbox: Sandbox, poster: Product) -> None:
    change(sandbox, poster, "set-seller-sku", seller_sku="=1+1")
    ran = connected("products", "sync", STORE)
    assert "changed" in ran.stdout
    assert "0 new, 1 changed, 0 gone, 0 re-keyed variants." in ran.stderr
    assert "Next: gcw products list 'Paper Harbor Prints'" in ran.stderr
    lines = connected("products", "list", STORE, "--csv").stdout.splitlines()
    assert (
        lines[0]
        == "listing,variant,seller_sku,sku_id,status,connection,product_uid,version,gone,why_ignored,seen,changed"
    )
    assert any(",'=1+1," in line for line in lines)
    assert json.loads(connected("products", "list", STORE, "--json").stdout)
