"""A listing is published from the catalog and connected from birth."""

import pytest

from publishing.conftest import POSTER, STORE, TITLE, Shop

UIDS = {f"flat_product_pf_18x24-inch_pt_200-gsm-coated-{paper}_cl_4-0_ver" for paper in ("matte", "glossy")}


def test_a_product_is_published_followed_and_connected(shop: Shop) -> None:
    made = shop.add()
    assert (made["state"], made["connected"]) == ("active", True)
    assert made["category"][-1] == "Posters & Prints"
    (listing,) = shop.at_tiktok()
    assert (listing.id, listing.status) == (made["product_id"], "ACTIVATE")
    assert listing.version.content["external_product_id"] == made["reference"] == "EVENING-PIER-ART-POSTER"
    assert [axis.name for axis in listing.version.axes] == ["Size", "Paper"]
    assert [sku.values for sku in listing.skus] == [("18x24 in", "matte"), ("18x24 in", "glossy")]
    variants = shop.variants()
    assert {one["product_uid"] for one in variants} == UIDS
    assert [one["seller_sku"] for one in variants] == made["variants"]
    assert made["variants"] == [f"EVENING-PIER-ART-POSTER-18X24-IN-{paper}" for paper in ("MATTE", "GLOSSY")]
    shown = shop.gcw("products", "show", STORE, made["variants"][0], "--json").json
    assert shown["versions"][0]["designs"]["default"]["source"] == str(POSTER)


def test_it_is_connected_before_it_can_be_bought(quick: Shop) -> None:
    seen: list[tuple[str, bool]] = []

    def look() -> None:
        (listing,) = quick.at_tiktok()
        connected = all(one["connection"] == "connected" for one in quick.variants())
        seen.append((listing.status, connected))

    quick.meanwhile = look
    quick.add()
    assert seen[0] == ("PENDING", True)


def test_run_twice_it_is_published_once(shop: Shop) -> None:
    first = shop.add()
    again = shop.add()
    assert again == first
    assert len(shop.at_tiktok()) == 1
    assert len(shop.sandbox.journal("/product/202309/products")) >= 1
    assert [one["state"] for one in shop.publications()] == ["active"]
    versions = shop.gcw("products", "show", STORE, first["variants"][0], "--json").json["versions"]
    assert len(versions) == 1


def test_a_listing_is_rejected_mended_and_published(shop: Shop) -> None:
    error = shop.refused(5, title="Reject me, Evening Pier Poster")
    assert error["code"] == "listing_rejected"
    assert 'The title contains "reject me".' in error["message"]
    assert "Product Name" in error["message"]
    (row,) = shop.publications()
    assert (row["state"], row["connected"]) == ("rejected", True)
    assert f"gcw products publish {row['id']}" in error["hint"]
    unchanged = shop.gcw.fails(5, "products", "publish", str(row["id"]), "--yes", "--json").error
    assert "Nothing of it has changed" in unchanged["message"]
    mended = shop.gcw("products", "publish", str(row["id"]), "--title", TITLE, "--yes", "--json").json
    assert (mended["state"], mended["product_id"]) == ("active", row["product_id"])
    (listing,) = shop.at_tiktok()
    assert listing.status == "ACTIVATE"
    assert {one["connection"] for one in shop.variants()} == {"connected"}
    assert [one["state"] for one in shop.publications()] == ["active"]


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "timeout"])
def test_a_lost_answer_makes_no_second_listing(shop: Shop, kind: str) -> None:
    fault = {"match": "POST /product/202309/products", "kind": kind, "times": 1}
    shop.sandbox.control("POST", "faults", fault)
    made = shop.add()
    assert made["state"] == "active"
    assert [one.id for one in shop.at_tiktok()] == [made["product_id"]]
    assert {one["connection"] for one in shop.variants()} == {"connected"}
