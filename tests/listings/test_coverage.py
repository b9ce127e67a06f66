"""`gcw products coverage`: whether everything that is sold can be printed."""

import csv
import io
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from conftest import EXAMPLES, Gcw, Sandbox
from gcw_tiktok.sandbox.listings.products import Product
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Design, DesignSource
from listings.conftest import CONNECT, POSTER, SKU, STORE, UID


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "postgresql":
        from conftest import new_postgres_database

        server = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("GCW_DATABASE_URL", new_postgres_database(server))


@pytest.fixture
def shop(engine: None, connected: Gcw) -> Gcw:
    """A store in which everything but the poster's six variants is ignored."""
    rows = connected("products", "list", STORE, "--json").json
    others = [row["sku_id"] for row in rows if "POSTER-HARBOR" not in row["seller_sku"]]
    connected("products", "ignore", STORE, *others, "--why", "elsewhere")
    return connected


@contextmanager
def rows(home: Path) -> Iterator[Session]:
    import os

    database = Database(os.environ.get("GCW_DATABASE_URL", f"sqlite:///{home / 'profiles' / 'default' / 'gcw.db'}"))
    with database.session() as session:
        yield session
    database.close()


def covered(gcw: Gcw, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = gcw("products", "coverage", STORE, "--json", *more).json["stores"][0]
    return found


def reasons(gcw: Gcw) -> dict[str, int]:
    return {one["reason"]: one["variants"] for one in covered(gcw)["reasons"]}


def poster(sandbox: Sandbox) -> Product:
    products = sandbox.world.sellers[0].shops[0].products
    return next(one for one in products if any(sku.seller_sku == SKU for sku in one.skus))


def kept(home: Path) -> Path:
    return next(path for path in home.rglob("*.pdf"))


def test_the_share_that_is_connected_with_sound_designs(shop: Gcw, sandbox: Sandbox) -> None:
    assert reasons(shop) == {"not connected": 6}
    shop(*CONNECT)
    found = covered(shop)
    assert (found["sellable"], found["covered"], found["share"], found["new"]) == (6, 1, 16.6, 6)
    assert found["ignored"] > 6
    (reason,) = found["reasons"]
    assert reason["command"] == "gcw products suggest 'Paper Harbor Prints'"
    assert shop(*shlex.split(reason["command"])[1:])


def test_a_listing_that_nobody_can_buy_does_not_count(shop: Gcw, sandbox: Sandbox) -> None:
    listing = poster(sandbox)
    sandbox.control("POST", "clock", {"advance": 60})
    sandbox.control("POST", f"products/{listing.id}/set-status", {"status": "SELLER_DEACTIVATED"})
    shop("products", "sync")
    found = covered(shop, "--min", "100")
    assert (found["sellable"], found["share"], found["reasons"]) == (0, 100.0, [])


def test_what_is_ignored_and_connected_all_the_same_counts(shop: Gcw, sandbox: Sandbox) -> None:
    shop("products", "ignore", STORE, poster(sandbox).skus[0].id)
    assert covered(shop)["sellable"] == 5
    for sku in poster(sandbox).skus[1:]:
        shop("products", "connect", STORE, sku.id, UID, "--design", POSTER)
    assert covered(shop, "--min", "100")["share"] == 100.0


def test_below_the_mark_it_ends_with_8_and_names_the_next_command(shop: Gcw) -> None:
    shop(*CONNECT)
    shop("products", "coverage", STORE)
    shop("products", "coverage", STORE, "--min", "16.6")
    ran = shop.fails(8, "products", "coverage", "--min", "16.7", "--json")
    assert ran.json["total"]["covered"] == 1, "what was found is told all the same"
    assert ran.error["code"] == "check_failed"
    assert ran.error["message"] == "Less than 16.7 % are covered: Paper Harbor Prints has 16.6 %."
    assert ran.error["hint"].startswith("Next: gcw products suggest")
    shop.fails(2, "products", "coverage", "--min", "101")


def test_a_file_that_is_gone_or_was_altered(shop: Gcw, home: Path) -> None:
    shop(*CONNECT)
    file = kept(home)
    whole = file.read_bytes()
    file.write_bytes(whole + b" ")
    assert reasons(shop) == {"not connected": 5, "file altered": 1}
    file.unlink()
    assert reasons(shop) == {"not connected": 5, "file missing": 1}
    command = next(one["command"] for one in covered(shop)["reasons"] if one["reason"] == "file missing")
    shop(*shlex.split(command)[1:])
    assert reasons(shop) == {"not connected": 5}


def test_a_source_that_changed(shop: Gcw, home: Path) -> None:
    shop(*CONNECT)
    with rows(home) as session:
        design = session.get_one(Design, kept(home).stem)
        session.add(
            DesignSource(address=str(POSTER), sha256=design.sha256, asked_at=1, changed_sha256="0" * 64, changed_at=2)
        )
    assert reasons(shop) == {"not connected": 5, "source changed": 1}


def test_a_product_that_is_no_longer_offered_or_asks_for_more(shop: Gcw, tmp_path: Path) -> None:
    shop(*CONNECT)
    catalog = (EXAMPLES / "wall-art.yaml").read_text()
    changed = tmp_path / "changed.yaml"
    changed.write_text(catalog.replace("formats: [pdf, png,", "formats: [png,"))
    shop("catalog", "import", changed, "--yes")
    assert reasons(shop) == {"not connected": 5, "design unfit": 1}
    changed.write_text(catalog.replace("customers: all", "customers: []"))
    shop("catalog", "import", changed, "--yes")
    assert reasons(shop) == {"not connected": 5, "product withdrawn": 1}


def test_what_is_new_or_changed_since_yesterday(shop: Gcw, sandbox: Sandbox) -> None:
    shop.offset += 2 * 86_400
    assert (covered(shop)["new"], covered(shop)["changed"]) == (0, 0)
    assert covered(shop, "--since", "3d")["new"] == 6
    listing = poster(sandbox)
    sandbox.control("POST", "clock", {"advance": 60})
    sandbox.control("POST", f"products/{listing.id}/set-seller-sku", {"sku_id": listing.skus[0].id, "seller_sku": "X"})
    shop("products", "sync")
    assert (covered(shop)["new"], covered(shop)["changed"]) == (0, 1)
    sandbox.control("POST", f"products/{listing.id}/rekey", {})
    sandbox.control("POST", "clock", {"advance": 60})
    sandbox.control("POST", f"products/{listing.id}/retitle", {})
    shop("products", "sync")
    found = covered(shop)
    assert (found["new"], found["new_uncovered"]) == (6, 6)
    assert "6 of 6 that are new since 24h ago are not covered." in shop("products", "coverage").stderr
    rows = shop("products", "list", STORE, "--new", "24h", "--json").json
    assert {row["sku_id"] for row in rows} == {sku.id for sku in listing.skus}
    assert shop("products", "list", STORE, "--changed", "24h", "--json").json == []


def test_csv_lists_what_is_not_covered(shop: Gcw) -> None:
    shop(*CONNECT)
    listed = list(csv.DictReader(io.StringIO(shop("products", "coverage", "--csv").stdout)))
    assert len(listed) == 5
    assert {row["reason"] for row in listed} == {"not connected"}
    assert SKU not in {row["seller_sku"] for row in listed}
    ran = shop.fails(8, "products", "coverage", "--csv", "--min", "100")
    assert len(ran.stdout.splitlines()) == 6


def test_for_people_it_is_one_screen(shop: Gcw) -> None:
    shop(*CONNECT)
    ran = shop("products", "coverage")
    assert "16.6 %" in ran.stdout
    assert "not connected" in ran.stdout
    assert "Next: gcw products suggest 'Paper Harbor Prints'" in ran.stderr
    assert len((ran.stdout + ran.stderr).splitlines()) < 24


def test_a_store_that_was_never_synced_reaches_no_mark(gcw: Gcw, sandbox: Sandbox, tmp_path: Path) -> None:
    gcw("customer", "add", "Easel", "--storefronts")
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path}")
    code = sandbox.control("POST", "authorizations", {"seller": "empty-easel"})["code"]
    gcw("store", "connect", "--customer", "Easel", "--facility", "Main", "--no-browser", stdin=code)
    assert gcw("products", "coverage", "--json").json["stores"][0]["share"] is None
    error = gcw.fails(8, "products", "coverage", "--min", "0", "--json").error
    assert error["message"].endswith("has never been synced.")
    assert error["hint"] == "Run `gcw products sync`."


def test_it_asks_tiktok_nothing(shop: Gcw, sandbox: Sandbox) -> None:
    before = len(sandbox.journal())
    shop("products", "coverage")
    assert len(sandbox.journal()) == before


def test_status_tells_the_share_that_is_connected(shop: Gcw) -> None:
    shop(*CONNECT)
    (store,) = shop("status", "--json").json["stores"]
    assert store["variants"] == {"sellable": 6, "connected": 1}
    assert "1 of 6" in shop("status").stdout


def test_a_mark_is_not_reached_where_no_store_is_connected(gcw: Gcw) -> None:
    """A nightly job with another profile than was meant must not look well."""
    assert gcw("products", "coverage", "--json").json["stores"] == []
    assert "nothing was checked" in gcw.fails(3, "products", "coverage", "--min", "100").stderr
