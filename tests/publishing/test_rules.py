"""What TikTok would refuse is named before anything is sent, all of it at once."""

import os
from pathlib import Path

import pytest
from sqlmodel import select

from conftest import EXAMPLES
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Authorization
from publishing.conftest import LARGE, POSTER, STORE, Shop, picture

REFUSALS = {
    "title_unfit": {"title": "x" * 256},
    "description_unfit": {"description": "<p>" + "x" * 10_000 + "</p>"},
    "price_missing": {"price": None},
    "price_unfit": {"price": "24.999"},
    "image_missing": {"image": None},
    "image_unfit": {"image": str(POSTER)},
    "design_missing": {"design": None},
    "weight_missing": {"weight": "heavy"},
    "size_missing": {"size": None},
    "units_mixed": {"weight": "300g"},
    "attributes_missing": {"attribute": None},
    "attribute_unknown": {"attribute": "Material=Paper=x"},
    "stock_unfit": {"stock": "100000"},
    "unknown_value": {"variants": "3x4 in"},
    "no_category": {"category": "1"},
    "handling_days_unfit": {"handling_days": "15"},
    "seller_sku_unfit": {"seller_sku": "PIER"},
    "unknown_name": {"product": "Nonsuch"},
}


@pytest.mark.parametrize("code", REFUSALS)
def test_it_is_refused_before_anything_is_sent(quick: Shop, code: str) -> None:
    change = REFUSALS[code] if code != "attribute_unknown" else {"attribute": "Nonsuch=Paper"}
    more = ("--attribute", "Material=Paper") if code == "attribute_unknown" else ()
    error = quick.refused(4, *more, **change)
    assert error["code"] == code
    assert error["message"]
    assert quick.publications() == []
    assert not [one for one in quick.sandbox.journal("/product/") if one["effect"]]


def test_everything_that_is_missing_is_named_at_once(quick: Shop) -> None:
    error = quick.refused(4, price=None, weight=None, size=None, attribute=None, image=None)
    for words in ("no price", "weight is missing", "package's size", "asks for Material: Paper", "no picture"):
        assert words in error["message"]
    for option in ("--price", "--weight", "--size", '--attribute "Material=VALUE"', "--image"):
        assert option in error["hint"]


def test_required_attributes_are_named_with_their_values(quick: Shop) -> None:
    error = quick.refused(4, attribute=None)
    assert "Material: Paper, Canvas, Metal, or a text of your own" in error["message"]


def test_a_design_that_cannot_be_printed_stops_it(quick: Shop, tmp_path: Path) -> None:
    error = quick.refused(4, design=str(picture(tmp_path / "small.png", 100, 100)))
    assert error["code"] == "design_unfit"
    assert "18x24 in" in error["message"]


@pytest.mark.parametrize(("width", "height"), [(299, 600), (600, 4001)])
def test_pictures_have_the_size_that_tiktok_takes(quick: Shop, tmp_path: Path, width: int, height: int) -> None:
    error = quick.refused(4, image=str(picture(tmp_path / "odd.png", width, height)))
    assert f"{width} x {height} pixels" in error["message"]


def test_ten_pictures_are_too_many(quick: Shop) -> None:
    error = quick.refused(4, *["--image", str(quick.picture)] * 9)
    assert "10 pictures are given" in error["message"]


def test_a_seller_sku_stands_for_one_variant_of_the_store(quick: Shop) -> None:
    error = quick.refused(4, "--seller-sku", "POSTER-HARBOR-{size}-{paper}", "--variants", "matte", variants=None)
    assert error["code"] in ("design_missing", "design_unfit", "listing_unfit", "seller_sku_taken")
    quick.add()
    error = quick.refused(4, title="Another Poster", seller_sku="EVENING-PIER-ART-POSTER-{size}-{paper}")
    assert error["code"] == "seller_sku_taken"
    assert "--reference" in error["hint"]


def test_what_the_store_lists_unknown_to_gcw_is_found_as_well(quick: Shop) -> None:
    shop = next(quick.sandbox.world.shops())
    listing = next(product for product in shop.products if product.status == "ACTIVATE")
    body = {"sku_id": listing.skus[0].id, "seller_sku": "EVENING-PIER-ART-POSTER-18X24-IN-MATTE"}
    quick.sandbox.control("POST", f"products/{listing.id}/set-seller-sku", body)
    assert quick.refused(4)["code"] == "seller_sku_taken"
    assert quick.at_tiktok() == []


def test_tiktoks_own_refusal_is_told_and_can_be_mended(quick: Shop) -> None:
    error = quick.refused(5, title="Pier \N{EARTH GLOBE AMERICAS}")
    assert "12052931" in error["message"]
    (row,) = quick.publications()
    assert (row["state"], row["product_id"]) == ("refused", "")
    mended = quick.gcw("products", "publish", row["id"], "--title", "Pier", "--yes", "--json").json
    assert mended["state"] == "active"
    assert len(quick.at_tiktok("Pier")) == 1


def test_a_shop_that_is_not_ready_is_told_so_and_tried_again(quick: Shop) -> None:
    failed = {"failed": {"PICKUP_WAREHOUSE": "No warehouse."}}
    quick.sandbox.control("POST", "prerequisites", failed)
    assert quick.refused(5)["code"] == "tiktok_refused"
    quick.sandbox.control("POST", "prerequisites", {"failed": {}})
    assert quick.add()["state"] == "active"


def test_a_recommended_category_is_confirmed(quick: Shop) -> None:
    ran = quick.gcw.fails(2, "products", "add", STORE, *quick.options(), "--json")
    assert "Home Supplies > Home Decor > Posters & Prints" in ran.error["message"]
    assert "--yes" in ran.error["hint"]
    assert quick.at_tiktok() == []


def test_a_category_that_is_named_needs_no_confirmation(quick: Shop) -> None:
    words = ("products", "add", STORE, *quick.options(category="600341"), "--json")
    assert quick.gcw(*words).json["category"] == ["Home Supplies", "Home Decor", "Photo Frames"]


@pytest.mark.parametrize("category", ["951944", "951950", "852104"])
def test_a_category_where_the_shop_may_not_list_is_refused(quick: Shop, category: str) -> None:
    assert quick.gcw.run("products", "add", STORE, *quick.options(category=category)).code in (4, 5)
    assert quick.publications() == []


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(quick: Shop) -> None:
    said = quick.gcw("products", "add", STORE, *quick.options(), "--dry-run", "--json").json
    shown = said["body"]
    assert [one["designs"] for one in said["variants"]] == [{"default": str(POSTER)}] * 2
    assert {one["product_uid"][:40] for one in said["variants"]} == {"flat_product_pf_18x24-inch_pt_200-gsm-co"}
    assert "Posters & Prints" in quick.gcw("products", "add", STORE, *quick.options(), "--dry-run").stdout
    assert shown["title"] == "Evening Pier Art Poster"
    assert shown["description"] == "<p>Printed after you order.</p>"
    assert [sku["seller_sku"][-5:] for sku in shown["skus"]] == ["MATTE", "LOSSY"]
    assert shown["main_images"] == [{"file": str(quick.picture)}]
    assert quick.publications() == []
    assert quick.at_tiktok() == []
    assert not [one for one in quick.sandbox.journal("/product/") if one["effect"]]


def test_apparel_needs_its_size_chart_and_takes_designs_by_colour(quick: Shop, tmp_path: Path) -> None:
    quick.gcw("catalog", "import", str(EXAMPLES / "apparel.yaml"))
    front = EXAMPLES / "designs" / "harbor-tee-front.png"
    night = picture(tmp_path / "night.png", 2250, 2700, "navy")
    wanted: dict[str, str | None] = {
        "product": "Harbor Tee",
        "title": "Harbor T-Shirt",
        "attribute": "Material=Cotton",
        "design": f"front={front}",
        "variants": "L",
        "price": "19.99",
    }
    more = [
        "--no-personalise",
        "--design",
        f"Navy/front={night}",
        "--price",
        "Navy=24.99",
        "--stock",
        "Black=7",
        "--category",
        "601226",
    ]
    assert quick.refused(4, *more, **wanted)["code"] == "size_chart_missing"
    chart = picture(tmp_path / "chart.png", 1200, 1200)
    made = quick.add(*more, "--size-chart", str(chart), **wanted)
    (listing,) = quick.at_tiktok("Harbor T-Shirt")
    assert [(sku.values, sku.price, sku.quantity) for sku in listing.skus] == [
        (("Black", "L"), 1999, 7),
        (("White", "L"), 1999, 9999),
        (("Navy", "L"), 2499, 9999),
    ]
    assert [axis.id for axis in listing.version.axes] == ["100000", "100007"], "TikTok's own attributes"
    printed = [
        quick.gcw("products", "show", STORE, sku, "--json").json["versions"][0]["designs"] for sku in made["variants"]
    ]
    assert [set(one) for one in printed] == [{"front"}] * 3
    assert [one["front"]["source"] for one in printed] == [str(front), str(front), str(night)]


def test_made_to_order_is_said_where_the_shop_may(quick: Shop) -> None:
    quick.add(handling_days="5")
    (listing,) = quick.at_tiktok()
    sale = {"type": "MADE_TO_ORDER", "fulfillment_type": {"handling_duration_days": 5}}
    assert [sku.more["pre_sale"] for sku in listing.skus] == [sale, sale]


def test_made_to_order_is_refused_where_the_shop_may_not(quick: Shop) -> None:
    next(quick.sandbox.world.shops()).seller_type = "CROSS_BORDER"
    assert quick.refused(4, handling_days="5")["code"] == "made_to_order_not_allowed"


def test_a_product_from_stock_takes_no_design(quick: Shop) -> None:
    quick.gcw("catalog", "import", str(EXAMPLES / "drinkware.yaml"))
    wanted: dict[str, str | None] = {
        "product": "Mug Gift Box",
        "title": "Coffee Mug Box",
        "variants": None,
        "attribute": "Material=Ceramic",
    }
    assert quick.refused(4, **wanted)["code"] == "design_unwanted"
    made = quick.add(design=None, **wanted)
    assert {one["connection"] for one in quick.variants("Coffee Mug Box")} == {"connected"}
    assert len(made["variants"]) == 2


def test_a_draft_waits_to_be_submitted(shop: Shop) -> None:
    made = shop.add("--draft", attribute=None)
    assert (made["state"], made["connected"]) == ("draft", True)
    (listing,) = shop.at_tiktok()
    assert listing.status == "DRAFT"
    assert shop.add("--draft", attribute=None) == made
    error = shop.gcw.fails(4, "products", "publish", made["id"], "--json").error
    assert error["code"] == "attributes_missing"
    sent = shop.gcw("products", "publish", made["id"], "--attribute", "Material=Paper", "--json").json
    assert (sent["state"], sent["product_id"]) == ("active", made["product_id"])


def test_what_is_on_sale_is_not_made_something_else(quick: Shop) -> None:
    quick.add()
    error = quick.refused(4, price="5")
    assert error["code"] == "already_published"
    assert quick.at_tiktok()[0].skus[0].price == 2499


def test_waiting_ends_and_can_be_taken_up_again(quick: Shop) -> None:
    error = quick.refused(6, "--timeout", "20")
    assert error["code"] == "in_review"
    assert sum(quick.slept) == 20
    (row,) = quick.publications()
    assert (row["state"], row["connected"]) == ("reviewing", True)
    assert quick.gcw("products", "publish", row["id"], "--json").json["state"] == "active"


def test_without_waiting_it_is_under_review(quick: Shop) -> None:
    made = quick.add("--no-wait")
    assert (made["state"], made["connected"], quick.slept) == ("reviewing", True, [])


def test_what_was_deleted_at_tiktok_is_told_and_can_be_made_anew(quick: Shop) -> None:
    first = quick.add("--no-wait")
    quick.sandbox.control("POST", f"products/{first['product_id']}/remove", {})
    error = quick.gcw.fails(5, "products", "publish", first["id"], "--json").error
    assert "no such listing" in error["message"]
    made = quick.add()
    assert made["state"] == "active"
    assert made["product_id"] != first["product_id"]


def test_a_listing_from_a_file(quick: Shop, tmp_path: Path) -> None:
    picture(tmp_path / "front.png")
    file = tmp_path / "pier.yaml"
    file.write_text(
        f"""product: Harbor Poster
title: Evening Pier Art Poster
reference: PIER
description: |
  Printed after you order.

  On 200 gsm paper.
price: {{matte: 24.99, glossy: 26.50}}
image: front.png
design: {POSTER}
variants: [{LARGE}]
weight: 0.6lb
size: 26x4x4in
attribute: {{Material: Paper}}
"""
    )
    made = quick.gcw("products", "add", STORE, "--file", file, "--yes", "--json").json
    assert made["variants"] == ["PIER-18X24-IN-MATTE", "PIER-18X24-IN-GLOSSY"]
    (listing,) = quick.at_tiktok()
    assert [sku.price for sku in listing.skus] == [2499, 2650]
    assert listing.version.content["description"] == "<p>Printed after you order.</p><p>On 200 gsm paper.</p>"
    assert quick.gcw("products", "add", STORE, "--file", file, "--yes", "--json").json == made


def test_a_file_that_says_what_is_not_known_is_refused_with_its_line(quick: Shop, tmp_path: Path) -> None:
    file = tmp_path / "pier.yaml"
    file.write_text("product: Harbor Poster\ntitel: Pier\n")
    error = quick.gcw.fails(4, "products", "add", STORE, "--file", file, "--json").error
    assert "pier.yaml:2" in error["message"]
    assert 'did you mean "title"' in error["message"]


def test_a_store_that_does_not_let_gcw_publish_is_told_which_permission_is_missing(quick: Shop) -> None:
    (shop,) = quick.gcw("store", "list", "--json").json
    database = Database(f"sqlite:///{os.environ['GCW_HOME']}/profiles/default/gcw.db")
    with database.session() as session:
        (authorization,) = session.exec(select(Authorization)).all()
        authorization.scopes = [scope for scope in authorization.scopes if scope != "seller.product.write"]
        session.add(authorization)
    database.close()
    error = quick.refused(3)
    assert error["code"] == "not_authorized"
    assert shop["name"] in error["message"]
    assert "Product Modify" in error["hint"]


def test_a_design_of_another_shape_is_placed_where_that_is_said(quick: Shop, tmp_path: Path) -> None:
    square = str(picture(tmp_path / "square.png", 4000, 4000))
    assert quick.refused(4, design=square)["code"] == "design_unfit"
    assert quick.refused(4, "--place", "back=fill", design=square)["code"] in ("place_unfit", "listing_unfit")
    made = quick.add("--place", "default=fill", design=square)
    shown = quick.gcw("products", "show", STORE, made["variants"][0], "--json").json
    assert shown["versions"][0]["designs"]["default"]["placement"]["mode"] == "fill"
