"""`gcw products ignore`, and what disconnecting, connecting and history tell beside it."""

import threading
from typing import Any

import pytest

from conftest import Gcw, Sandbox
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections, deciding, many
from listings.conftest import CONNECT, GLOSSY, POSTER, SKU, STORE, UID
from listings.test_connections import together

OTHER = "POSTER-HARBOR-18X24-GLOSSY"


@pytest.fixture
def engine(database_url: str, home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is kept in SQLite, and then in PostgreSQL."""
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)


@pytest.fixture
def shop(engine: None, connected: Gcw) -> Gcw:
    return connected


def state(gcw: Gcw, sku: str = SKU) -> str:
    rows = gcw("products", "list", STORE, "--json").json
    return next(str(row["connection"]) for row in rows if row["seller_sku"] == sku)


def ignore(gcw: Gcw, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gcw("products", "ignore", STORE, *words, "--json").json["changes"]
    return found


def past(gcw: Gcw, sku: str = SKU) -> list[tuple[str, int, str, bool]]:
    rows = gcw("products", "history", STORE, sku, "--json").json
    return [(row["what"], row["version"], row["why"], bool(row["ended"])) for row in rows]


def title_of(sandbox: Sandbox, sku: str = SKU) -> str:
    products = sandbox.world.sellers[0].shops[0].products
    return next(one.title for one in products if any(sku == each.seller_sku for each in one.skus))


def test_a_variant_that_is_ignored_needs_no_connection_any_more(shop: Gcw) -> None:
    (change,) = ignore(shop, SKU, "--why", "Sold out")
    assert (change["kind"], change["name"]) == ("variant", SKU)
    assert (change["was"], change["will_be"]) == ("not connected", "ignored: Sold out (version 1)")
    assert state(shop) == "ignored"
    waiting = shop("products", "list", STORE, "--not-connected", "--json").json
    assert SKU not in {row["seller_sku"] for row in waiting}
    assert "1 ignored" in shop("products", "list", STORE).stderr
    assert past(shop) == [("ignored", 1, "Sold out", False)]


def test_the_same_again_is_no_new_version_and_another_reason_is(shop: Gcw) -> None:
    ignore(shop, SKU, "--why", "Sold out")
    assert [one["changed"] for one in ignore(shop, SKU, SKU, "--why", "Sold out")] == [False]
    assert [one["changed"] for one in ignore(shop, SKU)] == [False]
    ignore(shop, SKU, "--why", "Licence ended")
    assert past(shop) == [("ignored", 1, "Sold out", True), ("ignored", 2, "Licence ended", False)]


def test_ignoring_ends_a_connection_and_connecting_ends_an_ignore(shop: Gcw) -> None:
    shop(*map(str, CONNECT))
    (change,) = ignore(shop, SKU)
    assert change["was"].startswith(f"{UID}, version 1: default ")
    assert change["will_be"] == "ignored (version 1)"
    assert state(shop) == "ignored"
    shop(*map(str, CONNECT))
    assert state(shop) == "connected"
    assert past(shop) == [("connected", 1, "", True), ("ignored", 1, "", True), ("connected", 2, "", False)]
    assert ignore(shop, SKU, "--undo")[0]["changed"] is False
    assert state(shop) == "connected"


def test_undo_leaves_the_variant_without_a_decision(shop: Gcw) -> None:
    ignore(shop, SKU, OTHER)
    changes = ignore(shop, SKU, OTHER, "--undo")
    assert [one["will_be"] for one in changes] == ["not connected"] * 2
    assert (state(shop), state(shop, OTHER)) == ("not connected", "not connected")
    assert past(shop) == [("ignored", 1, "", True)]
    assert "It was so already" in shop("products", "ignore", STORE, SKU, "--undo").stderr


def test_a_listing_covers_all_its_variants_but_those_that_are_connected(shop: Gcw, sandbox: Sandbox) -> None:
    shop(*map(str, CONNECT))
    (change,) = ignore(shop, "--listing", title_of(sandbox)[:12], "--why", "Not ours")
    assert (change["kind"], change["was"], change["will_be"]) == (
        "listing", "not ignored", "ignored: Not ours (version 1)",
    )  # fmt: skip
    assert (state(shop), state(shop, OTHER)) == ("connected", "ignored")
    assert past(shop, OTHER) == [("listing ignored", 1, "Not ours", False)]
    ignore(shop, "--listing", change["id"], "--undo")
    assert (state(shop), state(shop, OTHER)) == ("connected", "not connected")


def test_dry_run_tells_what_would_change_and_writes_nothing(shop: Gcw, sandbox: Sandbox, home: Any) -> None:
    designs = home / "profiles" / "default" / "designs"
    told = shop(*map(str, CONNECT), "--dry-run", "--json").json["changes"][0]
    assert (told["was"], told["will_be"].split(":")[0]) == ("not connected", f"{UID}, version 1")
    assert not designs.exists()
    assert state(shop) == "not connected"
    shop(*map(str, CONNECT))
    again = shop(*map(str, CONNECT), "--dry-run", "--json").json["changes"][0]
    assert again["changed"] is False
    other = shop("products", "connect", STORE, SKU, GLOSSY, "--design", str(POSTER), "--dry-run", "--json").json
    assert other["changes"][0]["will_be"].startswith(f"{GLOSSY}, version 2: default ")
    (gone,) = shop("products", "disconnect", STORE, SKU, "--dry-run", "--json").json["changes"]
    assert (gone["was"].startswith(UID), gone["will_be"]) == (True, "not connected")
    assert [one["changed"] for one in ignore(shop, SKU, "--listing", title_of(sandbox), "--dry-run")] == [True, True]
    ran = shop("products", "ignore", STORE, SKU, "--dry-run")
    assert "1 of 1 would change. Nothing was written" in ran.stderr
    assert (state(shop), past(shop)) == ("connected", [("connected", 1, "", False)])


def test_several_are_disconnected_at_once_or_none(shop: Gcw) -> None:
    shop(*map(str, CONNECT))
    shop("products", "connect", STORE, OTHER, "--like", SKU)
    shop.fails(4, "products", "disconnect", STORE, SKU, OTHER, "NO-SUCH-SKU")
    assert (state(shop), state(shop, OTHER)) == ("connected", "connected")
    done = shop("products", "disconnect", STORE, SKU, OTHER, "--why", "Season is over", "--json").json
    assert [one["will_be"] for one in done["changes"]] == ["not connected"] * 2
    assert (state(shop), state(shop, OTHER)) == ("not connected", "not connected")


def test_history_tells_who_when_and_why(shop: Gcw) -> None:
    shop(*map(str, CONNECT))
    shop("products", "disconnect", STORE, SKU, "--why", "Wrong paper")
    (row,) = shop("products", "history", STORE, SKU, "--json").json
    who = row["by"]
    assert who
    assert row == {
        "made": row["made"],
        "by": who,
        "what": "connected",
        "version": 1,
        "product_uid": UID,
        "designs": {"default": str(POSTER)},
        "why": "",
        "ended": row["ended"],
        "ended_by": who,
    }
    assert row["made"][:3] == row["ended"][:3] == "202"
    assert "Nothing was decided" in shop("products", "history", STORE, OTHER).stderr
    assert shop("products", "history", STORE, SKU, "--csv").stdout.startswith("made,by,what,version")


def test_what_cannot_be_ignored_is_refused_with_the_reason(shop: Gcw) -> None:
    assert "--listing PRODUCT" in shop.fails(2, "products", "ignore", STORE, "--json").error["message"]
    assert "--undo" in shop.fails(2, "products", "ignore", STORE, SKU, "--undo", "--why", "x", "--json").error["hint"]
    unknown = shop.fails(4, "products", "ignore", STORE, "--line", "1", "--json").error
    assert (unknown["code"], unknown["hint"]) == ("unknown_name", "See `gcw orders show ORDER`.")
    assert "no listing" in shop.fails(4, "products", "ignore", STORE, "--listing", "Nowhere", "--json").error["message"]


def test_a_variant_is_never_connected_and_ignored_at_once_whoever_decides(shop: Gcw) -> None:
    shop(*map(str, CONNECT))
    start = threading.Barrier(3)

    def work(mine: Runtime) -> None:
        with mine.database.view() as session:
            store = stores.find(session, STORE)
            variant = connections.find_variant(session, store, SKU)
            uid, pinned = connections.like(session, store, SKU)
        start.wait(timeout=30)
        for moment in range(3):
            with mine.database.session() as session:
                deciding.ignore(session, Act("worker", moment), store, [deciding.as_target(variant)], f"{moment}")
            with mine.database.session() as session:
                many.connect_many(session, Act("worker", moment), store, {variant.sku_id: (uid, pinned)})

    together(work, shop)
    rows = shop("products", "history", STORE, SKU, "--json").json
    assert [row["what"] for row in rows if not row["ended"]] == ["connected"]
    for what in ("connected", "ignored"):
        versions = sorted(row["version"] for row in rows if row["what"] == what)
        assert versions == list(range(1, len(versions) + 1))
        assert len(versions) > 1
