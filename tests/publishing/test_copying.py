"""A listing of one store, in another store of the same customer."""

import webbrowser
from pathlib import Path

import pytest

from gcw_tiktok.sandbox.listings import drawing
from publishing.conftest import POSTER, STORE, TITLE, Shop

OTHER = "Tidewater"
UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"


@pytest.fixture
def two(quick: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A second store of Paper Harbor's."""
    connect(quick, "Paper Harbor", monkeypatch)
    return quick


def connect(quick: Shop, customer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", quick.sandbox.allow("tidewater"))
    code = next(shop.code for shop in quick.sandbox.world.shops() if shop.name.startswith(OTHER))
    quick.gcw("store", "connect", "--customer", customer, "--facility", "Main floor", "--shop", code)


def other(quick: Shop) -> str:
    names: list[str] = [one["name"] for one in quick.gcw("store", "list", "--json").json]
    return next(name for name in names if name.startswith(OTHER))


def test_it_is_listed_there_as_it_is_here_and_prints_the_same(two: Shop) -> None:
    first = two.add("--price", "glossy=29.50", handling_days="5")
    two.picture.unlink()
    for shop in two.sandbox.world.shops():
        shop.seller_type = "LOCAL"
    words = ("products", "add", other(two), "--from", f"{STORE}:{TITLE}", "--json")
    made = two.gcw(*words).json
    assert (made["state"], made["connected"]) == ("active", True)
    shop = next(shop for shop in two.sandbox.world.shops() if made["product_id"] in {one.id for one in shop.products})
    assert made["product_id"] != first["product_id"]
    source, copy = two.at_tiktok()[0].version, shop.products.get(made["product_id"]).version
    for member in ("title", "description", "category_id", "product_attributes", "package_weight", "package_dimensions"):
        assert copy.content[member] == source.content[member], member
    assert [sku.values for sku in copy.skus] == [sku.values for sku in source.skus]
    assert [(sku.price, sku.more["pre_sale"]) for sku in copy.skus] == [
        (sku.price, sku.more["pre_sale"]) for sku in source.skus
    ]
    assert copy.content["main_images"] != source.content["main_images"], "uploaded anew"
    for ours, theirs in zip(made["variants"], first["variants"], strict=True):
        here = two.gcw("products", "show", other(two), ours, "--json").json["versions"][0]
        there = two.gcw("products", "show", STORE, theirs, "--json").json["versions"][0]
        assert (here["product_uid"], here["designs"]) == (there["product_uid"], there["designs"])
    assert two.gcw(*words).json == made


def test_what_was_pinned_is_used_whatever_became_of_the_file(two: Shop, tmp_path: Path) -> None:
    design = tmp_path / "poster.pdf"
    design.write_bytes(POSTER.read_bytes())
    two.add(design=str(design))
    design.write_bytes(b"something else")
    made = two.gcw(
        "products", "add", other(two), "--from", f"{STORE}:{TITLE}", "--title", "Pier Again Poster", "--json"
    ).json
    assert made["state"] == "active"
    assert made["reference"] == "PIER-AGAIN-POSTER"


def test_only_what_is_connected_can_be_copied(two: Shop) -> None:
    listing = two.gcw("products", "list", STORE, "--json").json[0]["listing"]
    error = two.gcw.fails(4, "products", "add", other(two), "--from", f"{STORE}:{listing}", "--json").error
    assert error["code"] in ("not_connected", "ambiguous")
    assert two.gcw.fails(4, "products", "add", other(two), "--from", STORE, "--json").error["code"] == "input"


def test_another_customers_listing_cannot_be_copied(quick: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    quick.add()
    quick.gcw("customer", "add", "Somebody Else", "--storefronts")
    connect(quick, "Somebody Else", monkeypatch)
    error = quick.gcw.fails(4, "products", "add", other(quick), "--from", f"{STORE}:{TITLE}", "--json").error
    assert error["code"] == "other_customer"


def test_pictures_that_cannot_be_read_are_told_with_the_way_out(two: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "drawn", lambda uri: b"no picture")
    two.gcw("products", "connect", STORE, "POSTER-HARBOR-18X24-MATTE", UID, "--design", POSTER)
    listed = two.gcw("products", "list", STORE, "--json").json
    title = next(one["listing"] for one in listed if one["seller_sku"] == "POSTER-HARBOR-18X24-MATTE")
    ran = two.gcw.run("products", "add", other(two), "--from", f"{STORE}:{title}", "--json")
    assert ran.code in (4, 6)
    assert "--image" in ran.error["hint"]
