"""`gcw connections`: what variants print as a file, what it would change, and exactly that or nothing."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from conftest import Gcw, Sandbox
from filehost import file_host
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.listings import connections
from listings.conftest import CONNECT, GLOSSY, POSTER, SKU, STORE, UID

OTHER = "POSTER-HARBOR-18X24-GLOSSY"
THIRD = "POSTER-DUNES-18X24-MATTE"
Json = dict[str, Any]


@pytest.fixture
def shop(
    database_url: str, home: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Gcw:
    """A connected store, kept in SQLite and then in PostgreSQL; whoever works here stands in `tmp_path`."""
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    found: Gcw = request.getfixturevalue("connected")
    return found


def decided(gcw: Gcw) -> dict[str, tuple[str, str]]:
    rows = gcw("products", "list", STORE, "--json").json
    return {row["seller_sku"]: (row["connection"], row["product_uid"]) for row in rows}


def export(gcw: Gcw, file: str = "connections.yaml") -> Json:
    gcw("connections", "export", STORE, "-o", file)
    found: Json = yaml.safe_load(Path(file).read_text())
    return found


def write(told: Json, file: str = "connections.yaml") -> None:
    Path(file).write_text(yaml.safe_dump(told, sort_keys=False, allow_unicode=True))


def entry(told: Json, sku: str) -> Json:
    found: Json = next(
        one for listing in told["stores"][0]["listings"] for one in listing["variants"] if one["seller_sku"] == sku
    )
    return found


def plan(gcw: Gcw, *words: str, code: int = 8) -> dict[str, str]:
    """What each thing would become, by its name."""
    ran = gcw.run("connections", "plan", "connections.yaml", *words, "--json")
    assert ran.code == code, ran
    return {one["name"]: one["kind"] for one in ran.json["changes"]}


def apply(gcw: Gcw, *words: str) -> Json:
    found: Json = gcw("connections", "apply", "connections.yaml", "--yes", *words, "--json").json
    return found


def title(gcw: Gcw, sku: str) -> tuple[str, str]:
    told = gcw("connections", "export", STORE, "--all", "--json").json
    listing = next(
        one for one in told["stores"][0]["listings"] if any(each["seller_sku"] == sku for each in one["variants"])
    )
    return listing["listing"], listing["product_id"]


def two(gcw: Gcw) -> None:
    """One variant is connected, and another is ignored."""
    gcw(*map(str, CONNECT))
    gcw("products", "ignore", STORE, OTHER, "--why", "Sold out: never again")


def test_what_is_exported_changes_nothing_and_comes_back_the_same(shop: Gcw) -> None:
    two(shop)
    first = export(shop)
    text = Path("connections.yaml").read_text()
    assert entry(first, SKU)["uid"] == UID
    assert entry(first, SKU)["designs"]["default"]["source"] == str(POSTER)
    assert len(entry(first, SKU)["designs"]["default"]["sha256"]) == 64
    assert entry(first, OTHER)["ignore"] == "Sold out: never again"
    ran = shop("connections", "plan", "connections.yaml")
    assert ran.stdout == ""
    assert "3 unchanged." in ran.stderr  # the listing itself, and its two variants
    assert apply(shop)["applied"] == 0
    before = decided(shop)
    shop("products", "disconnect", STORE, SKU)
    shop("products", "ignore", STORE, OTHER, "--undo")
    assert plan(shop) == {SKU: "create", OTHER: "ignore"}
    assert apply(shop)["applied"] == 2
    assert decided(shop) == before
    export(shop, "again.yaml")
    assert Path("again.yaml").read_text() == text
    versions = shop("products", "history", STORE, SKU, "--json").json
    assert [one["why"] for one in versions] == ["", "Connections file connections.yaml"]


def test_every_kind_of_change_is_told_and_made(shop: Gcw) -> None:
    shop(*map(str, CONNECT))
    shop("products", "connect", STORE, OTHER, GLOSSY, "--design", str(POSTER))
    shop("products", "ignore", STORE, THIRD)
    name, product_id = title(shop, SKU)
    told = shop("connections", "export", STORE, "--json").json
    entry(told, SKU)["uid"] = GLOSSY
    for gone in ("uid", "designs"):
        del entry(told, OTHER)[gone]
    del entry(told, THIRD)["ignore"]
    listings = told["stores"][0]["listings"]
    next(one for one in listings if one["product_id"] == product_id)["ignore"] = "Only what is connected"
    fourth = "POSTER-DUNES-18X24-GLOSSY"
    told["stores"][0]["listings"].append(
        {"variants": [{"seller_sku": fourth, "uid": GLOSSY, "designs": {"default": str(POSTER)}}]}
    )
    fifth = "POSTER-DUNES-12X16-MATTE"
    told["stores"][0]["listings"].append({"variants": [{"seller_sku": fifth, "ignore": True}]})
    write(told)
    wanted = {
        SKU: "change", OTHER: "disconnect", THIRD: "unignore", name: "ignore", fourth: "create", fifth: "ignore",
    }  # fmt: skip
    before = decided(shop)
    assert plan(shop) == wanted
    assert decided(shop) == before
    done = apply(shop)
    assert {kind: done[kind] for kind in ("create", "change", "disconnect", "ignore", "unignore")} == {
        "create": 1, "change": 1, "disconnect": 1, "ignore": 2, "unignore": 1,
    }  # fmt: skip
    after = decided(shop)
    assert (after[SKU], after[fourth]) == (("connected", GLOSSY), ("connected", GLOSSY))
    assert (after[OTHER][0], after[THIRD][0], after[fifth][0]) == ("ignored", "not connected", "ignored")
    assert plan(shop, code=0) == {}


def test_a_plan_is_carried_out_exactly_or_not_at_all(shop: Gcw, tmp_path: Path) -> None:
    two(shop)
    told = export(shop)
    entry(told, SKU)["uid"] = GLOSSY
    del entry(told, OTHER)["ignore"]
    write(told)
    assert plan(shop, "-o", "plan.json") == {SKU: "change", OTHER: "unignore"}
    Path("connections.yaml").unlink()  # the plan alone says what is done
    shop("products", "ignore", STORE, OTHER, "--why", "Another reason")
    moved = shop.fails(4, "connections", "apply", "plan.json", "--json").error
    assert moved["code"] == "moved"
    assert f"{OTHER} is now: ignored: Another reason (version 2)." in moved["message"]
    assert SKU not in moved["message"]
    assert decided(shop)[SKU] == ("connected", UID)
    write(told)
    plan(shop, "-o", "plan.json")
    done = shop("connections", "apply", "plan.json", "--json").json
    assert done["applied"] == 2
    assert (decided(shop)[SKU], decided(shop)[OTHER][0]) == (("connected", GLOSSY), "not connected")
    again = shop.fails(4, "connections", "apply", "plan.json", "--json").error
    assert again["code"] == "moved"


def test_a_change_and_back_again_is_a_move_as_well(shop: Gcw) -> None:
    two(shop)
    told = export(shop)
    entry(told, SKU)["uid"] = GLOSSY
    write(told)
    plan(shop, "-o", "plan.json")
    shop("products", "disconnect", STORE, SKU)
    shop(*map(str, CONNECT))
    assert shop.fails(4, "connections", "apply", "plan.json", "--json").error["code"] == "moved"


def test_what_the_file_does_not_name_stays_unless_it_is_pruned(shop: Gcw) -> None:
    two(shop)
    name, product_id = title(shop, THIRD)
    shop("products", "ignore", STORE, "--listing", product_id)
    told = export(shop)
    told["stores"][0]["listings"] = []
    write(told)
    assert plan(shop, code=0) == {}
    assert plan(shop, "--prune") == {SKU: "disconnect", OTHER: "unignore", name: "unignore"}
    assert "--prune" in shop.fails(2, "connections", "apply", _planned(shop), "--prune", "--json").error["hint"]
    apply(shop, "--prune")
    assert {state for state, _ in decided(shop).values()} == {"not connected"}


def _planned(gcw: Gcw) -> str:
    plan(gcw, "--prune", "-o", "plan.json")
    return "plan.json"


def test_paths_go_from_the_file(shop: Gcw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repository" / "art").mkdir(parents=True)
    shutil.copy(POSTER, tmp_path / "repository" / "art" / "harbor.pdf")
    monkeypatch.chdir(tmp_path / "repository")
    shop("products", "connect", STORE, SKU, UID, "--design", "art/harbor.pdf")
    told = export(shop)
    assert entry(told, SKU)["designs"]["default"]["source"] == "art/harbor.pdf"
    del entry(told, SKU)["designs"]["default"]["sha256"]
    write(told)
    monkeypatch.chdir(tmp_path)
    assert shop("connections", "plan", "repository/connections.yaml").code == 0
    with (tmp_path / "repository" / "art" / "harbor.pdf").open("ab") as file:
        file.write(b"\n% another\n")
    ran = shop.fails(8, "connections", "plan", "repository/connections.yaml", "-o", "plan.json", "--json")
    assert [one["kind"] for one in ran.json["changes"]] == ["change"]
    (planned,) = json.loads(Path("plan.json").read_text())["changes"]
    assert planned["designs"]["default"]["source"] == str(tmp_path / "repository" / "art" / "harbor.pdf")
    monkeypatch.chdir("/")
    with (tmp_path / "repository" / "art" / "harbor.pdf").open("ab") as file:
        file.write(b"% and yet another\n")
    refused = shop.fails(4, "connections", "apply", str(tmp_path / "plan.json"), "--json").error
    assert "harbor.pdf is not the file that is meant" in refused["message"]
    assert len(shop("products", "history", STORE, SKU, "--json").json) == 1


def test_a_design_must_be_the_file_with_the_hash_that_is_written_beside_it(shop: Gcw) -> None:
    two(shop)
    told = export(shop)
    entry(told, SKU)["designs"]["default"]["sha256"] = "0" * 64
    write(told)
    error = shop.fails(4, "connections", "plan", "connections.yaml", "--json").error
    assert "harbor-poster-18x24.pdf is not the file that is meant" in error["message"]
    assert error["message"].startswith("connections.yaml:")


def test_every_fault_is_told_with_its_line_and_nothing_is_done(shop: Gcw) -> None:
    two(shop)
    before = decided(shop)
    Path("connections.yaml").write_text(f"""stores:
  - store: Paper Harbor
    listings:
      - listing: Any
        ignore: because
        variants:
          - {{seller_sku: {SKU}, uid: {UID}}}
          - {{seller_sku: {OTHER}, uid: {GLOSSY}X, designs: {{default: x.pdf}}}}
          - {{seller_sku: POSTER-HARBUR, uid: {UID}}}
          - {{sku_id: '1', ignore: x}}
          - {{seller_sku: {THIRD}, ignore: x, uid: {UID}, designs: {{default: {POSTER}, back: y.pdf}}}}
          - {{variant: nobody}}
          - {{seller_sku: {SKU}}}
      - {{product_id: '2'}}
  - store: Nowhere
""")
    error = shop.fails(4, "connections", "apply", "connections.yaml", "--yes", "--json").error
    for line, words in (
        (4, '"ignore" needs'),
        (7, "a design is missing for default"),
        (8, "the customer may order no product UID"),
        (9, "no variant with the seller sku 'POSTER-HARBUR'"),
        (10, "no variant with the sku id '1'"),
        (11, "exclude each other"),
        (11, "has no print area back"),
        (12, '"sku_id" or "seller_sku" is missing'),
        (13, "stands here twice"),
        (14, "the store has no listing 2"),
        (15, "There is no store 'Nowhere'"),
    ):
        assert any(
            one.startswith(f"connections.yaml:{line}: ") and words in one for one in error["message"].splitlines()
        ), (line, words, error["message"])
    assert decided(shop) == before


def test_one_design_that_cannot_be_printed_stops_all(shop: Gcw) -> None:
    two(shop)
    told = export(shop)
    entry(told, SKU)["uid"] = GLOSSY
    told["stores"][0]["listings"].append(
        {"variants": [{"seller_sku": THIRD, "uid": UID, "designs": {"default": "nowhere.pdf"}}]}
    )
    write(told)
    before = decided(shop)
    error = shop.fails(4, "connections", "apply", "connections.yaml", "--yes", "--json").error
    assert "nowhere.pdf does not exist" in error["message"]
    assert decided(shop) == before


def test_nothing_is_applied_unasked(shop: Gcw) -> None:
    two(shop)
    told = export(shop)
    entry(told, SKU)["uid"] = GLOSSY
    write(told)
    before = decided(shop)
    assert "--yes" in shop.fails(2, "connections", "apply", "connections.yaml", "--json").error["hint"]
    assert decided(shop) == before
    ran = shop.fails(8, "connections", "plan", "connections.yaml")
    assert "1 change," in ran.stderr
    assert "Pending changes: 1." in ran.stderr


def test_an_address_is_fetched_once_and_another_file_there_is_used_only_where_that_is_said(
    shop: Gcw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCW_PRIVATE_DESIGN_URLS", "true")
    with file_host() as host:
        host.files["/poster.pdf"] = POSTER.read_bytes()
        address = host.address("/poster.pdf")
        wanted = [{"seller_sku": sku, "uid": UID, "designs": {"default": address}} for sku in (SKU, OTHER)]
        write({"stores": [{"store": STORE, "listings": [{"variants": wanted}]}]})
        assert plan(shop) == {SKU: "create", OTHER: "create"}
        assert apply(shop)["applied"] == 2
        assert host.asked["/poster.pdf", 200] <= 2  # once for the plan, which records nothing, and once to do it
        assert plan(shop, code=0) == {}
        assert sum(host.asked.values()) <= 2
        host.files["/poster.pdf"] = another = POSTER.read_bytes() + b"\n% another\n"
        shop.offset = 90_000.0  # a day later it is asked again
        error = shop.fails(4, "connections", "plan", "connections.yaml", "--json").error
        assert "is another one since" in error["message"]
        assert plan(shop, "--accept-changed") == {SKU: "change", OTHER: "change"}
        wanted[0]["designs"] = {"default": {"source": address, "sha256": hashlib.sha256(another).hexdigest()}}
        write({"stores": [{"store": STORE, "listings": [{"variants": wanted[:1]}]}]})
        assert plan(shop) == {SKU: "change"}
        assert apply(shop)["applied"] == 1
        assert plan(shop, code=0) == {}


def test_titles_and_seller_skus_of_any_kind_survive(shop: Gcw, sandbox: Sandbox) -> None:
    product = next(
        one for one in sandbox.world.sellers[0].shops[0].products if any(sku.seller_sku == SKU for sku in one.skus)
    )
    odd = "A  B: 'c' #d \N{ARTIST PALETTE} \N{WOMAN}\N{ZERO WIDTH JOINER}\N{ARTIST PALETTE}"
    sandbox.control("POST", "clock", {"advance": 60})
    sku_id = next(sku.id for sku in product.skus if sku.seller_sku == SKU)
    sandbox.control("POST", f"products/{product.id}/set-seller-sku", {"sku_id": sku_id, "seller_sku": odd})
    shop("products", "sync", STORE)
    shop("products", "connect", STORE, sku_id, UID, "--design", str(POSTER))
    told = export(shop)
    assert entry(told, odd)["sku_id"] == sku_id
    assert shop("connections", "plan", "connections.yaml").code == 0
    del entry(told, odd)["sku_id"], entry(told, odd)["uid"], entry(told, odd)["designs"]
    write(told)
    assert plan(shop) == {odd: "disconnect"}


def test_the_export_of_everything_lists_what_nobody_has_decided_about(shop: Gcw) -> None:
    two(shop)
    some = shop("connections", "export", STORE).stdout
    everything = yaml.safe_load(shop("connections", "export", STORE, "--all").stdout)
    count = sum(len(one["variants"]) for one in everything["stores"][0]["listings"])
    assert count == len(decided(shop))
    assert sum(len(one["variants"]) for one in yaml.safe_load(some)["stores"][0]["listings"]) == 2
    assert shop("connections", "export", STORE, "--json").json == yaml.safe_load(some)
    assert some.startswith("# What the variants of these stores print.")
    assert shop("connections", "plan", "-", stdin=some).code == 0


def test_a_placed_design_is_made_print_ready_and_comes_back_the_same(shop: Gcw, tmp_path: Path) -> None:
    Image.new("RGB", (3_600, 4_783), "teal").save(tmp_path / "teal.png")
    placed = {"source": "teal.png", "placement": {"mode": "fill", "scale": 1.1, "x_mm": -2.5}}
    wanted = [{"seller_sku": sku, "uid": UID, "designs": {"default": placed}} for sku in (SKU, OTHER)]
    write({"stores": [{"store": STORE, "listings": [{"variants": wanted}]}]})
    plan(shop, "-o", "plan.json")
    shop("connections", "apply", "plan.json")
    ready = printed(shop)
    assert set(ready) == {SKU, OTHER}
    assert len(set(ready.values())) == 1
    assert plan(shop, code=0) == {}
    told = export(shop)
    assert entry(told, SKU)["designs"]["default"]["placement"]["x_mm"] == -2.5
    assert plan(shop, code=0) == {}
    shop("products", "disconnect", STORE, SKU)
    assert plan(shop) == {SKU: "create"}
    apply(shop)
    assert printed(shop) == ready
    entry(told, SKU)["designs"]["default"]["placement"]["scale"] = 1.2
    write(told)
    assert plan(shop) == {SKU: "change"}


def test_a_drawing_is_made_print_ready_though_nobody_placed_it(shop: Gcw, tmp_path: Path) -> None:
    (tmp_path / "cards.yaml").write_text(CARD)
    shop("catalog", "import", "cards.yaml")
    (uid,) = [row["uid"] for row in shop("catalog", "uids", "Drawn", "--json").json]
    (tmp_path / "drawing.svg").write_text(DRAWING)
    wanted = [{"seller_sku": SKU, "uid": uid, "designs": {"front": "drawing.svg"}}]
    write({"stores": [{"store": STORE, "listings": [{"variants": wanted}]}]})
    apply(shop)
    assert list(printed(shop)) == [SKU]
    assert plan(shop, code=0) == {}
    export(shop)
    assert plan(shop, code=0) == {}


CARD = """
models:
  - name: Drawn
    print_areas: [{name: front, required: true, formats: [svg, pdf], width_mm: 50.8, height_mm: 50.8}]
products:
  - {name: Drawn, model: Drawn, customers: all}
"""
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="50.8mm" height="50.8mm" viewBox="0 0 100 100">
<rect x="10" y="10" width="80" height="80" fill="#008080"/></svg>
"""


def printed(gcw: Gcw) -> dict[str, str]:
    """By seller SKU, the print-ready file of what is printed now from its first print area, where there is one."""
    runtime = Runtime()
    try:
        with runtime.database.view() as session:
            views = connections.views(session, stores.find(session, STORE))
            decided = {view.variant.seller_sku: view.decision for view in views if view.decision}
    finally:
        runtime.close()
    first = {sku: next(iter(decision.designs.values())) for sku, decision in decided.items()}
    return {sku: one.print_sha256 for sku, one in first.items() if one.print_sha256}


@pytest.mark.usefixtures("somebody_there")
def test_the_word_that_applies_a_plan_is_typed(shop: Gcw) -> None:
    two(shop)
    told = export(shop)
    entry(told, SKU)["uid"] = GLOSSY
    write(told)
    before = decided(shop)
    assert (
        "Make these changes (1)? [y/N]"
        in shop.fails(130, "connections", "apply", "connections.yaml", stdin="n\n").stderr
    )
    assert decided(shop) == before
    shop("connections", "apply", "connections.yaml", stdin="y\n")
    assert decided(shop) != before
