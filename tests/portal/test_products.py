"""The products of a store: read from TikTok, listed, ignored, connected to what the catalog has."""

import re
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from conftest import EXAMPLES, Gcw
from portal.visit import Pages, Visitor

STORE = "Paper Harbor"
POSTER = "flat_product_pf_12x16-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
LARGER = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
PAPER = "{size} in, paper {paper}"
STOCK = """
models:
  - name: Gift Box
    printed: false
    attributes: {size: [small, large]}
products:
  - name: Harbor Gift Box
    model: Gift Box
    variants: {size: [small, large]}
    uids:
      - {uid: box_small, values: {size: small}}
      - {uid: box_large, values: {size: large}}
    customers: all
    published: true
"""


def variants(gcw: Gcw) -> dict[str, dict[str, Any]]:
    """By seller SKU."""
    return {one["seller_sku"]: one for one in gcw("products", "list", STORE, "--json").json}


def connect(gcw: Gcw, sku: str = "POSTER-DUNES-18X24-MATTE", uid: str = LARGER) -> None:
    gcw("products", "connect", STORE, sku, uid, "--design", str(EXAMPLES / "designs" / "harbor-poster-18x24.pdf"))


def listing(visitor: Visitor, title: str) -> str:
    """The address of a listing's page, by way of the list."""
    visitor.get("/stores/1/products?q=" + title)
    found = re.search(r'href="(/stores/1/products/\d+)"', visitor.seen)
    assert found, visitor.text
    visitor.get(found[1])
    return found[1]


def variant(visitor: Visitor, name: str) -> int:
    """The id of a variant on the page of its listing."""
    found = re.search(rf'value="(\d+)" aria-label="Select {re.escape(name)}"', visitor.seen)
    assert found, visitor.text
    return int(found[1])


def test_the_stores_page_says_how_much_is_connected(pages: Pages) -> None:
    connect(pages.gcw)
    admin = pages.admin()
    admin.get("/stores")
    assert "1 of 90 variants connected." in admin.text
    assert 'href="/stores/1/products"' in admin.seen


def test_tabs_and_search(pages: Pages) -> None:
    connect(pages.gcw)
    for sku in variants(pages.gcw):
        if sku.startswith("POSTER-DUNES") and sku != "POSTER-DUNES-18X24-MATTE":
            pages.gcw("products", "ignore", STORE, sku)
    pages.gcw("products", "ignore", STORE, "--listing", "Harbor Ceramic")
    admin = pages.admin()
    admin.get("/stores/1/products")
    for tab in ("All 12", "Connected 1", "Not connected 10", "Ignored 1"):
        assert tab in admin.text
    admin.get("/stores/1/products?tab=connected")
    assert "Dunes Art Poster" in admin.text
    assert "Harbor Art Poster" not in admin.text
    admin.get("/stores/1/products?tab=ignored")
    assert "Not printed here" in admin.text
    known = variants(pages.gcw)["MUG-DUNES-11OZ-WHITE"]
    for search in ("mug-dunes-11oz-white", known["sku_id"], "DUNES ceramic"):
        admin.get(f"/stores/1/products?q={search}")
        assert "Dunes Ceramic Coffee Mug" in admin.text
        assert "Dunes Art Poster" not in admin.text
        assert "All 1" in admin.text
    admin.get("/stores/1/products?q=100%25_")
    assert "Nothing found" in admin.text, "% and _ stand for themselves"
    admin.get("/stores/1/products?page=99&tab=nonsense")
    assert "Dunes Art Poster" in admin.text


def test_products_are_synced_from_the_page(pages: Pages) -> None:
    admin = pages.admin()
    admin.get("/stores/1/products")
    admin.post("/stores/1/products/sync")
    pages.done()
    admin.get("/stores/1/products")
    assert "nothing changed at TikTok" in admin.text


def test_a_store_that_was_never_synced_says_what_to_do_first(pages: Pages) -> None:
    from sqlmodel import delete

    from gcw_tiktok.store.tables import Listing, Store, Variant

    with pages.portal.database.session() as session:
        session.exec(delete(Variant))
        session.exec(delete(Listing))
        session.get_one(Store, 1).synced_at = None
    admin = pages.admin()
    admin.get("/stores/1/products")
    assert "No products yet" in admin.text
    admin.post("/stores/1/products/sync")
    pages.done()
    admin.get("/stores/1/products")
    assert "120 new variants." in admin.text
    assert "All 12" in admin.text
    assert len(variants(pages.gcw)) == 120


def test_where_all_products_are_suddenly_gone_a_person_decides(pages: Pages) -> None:
    admin = pages.admin()
    shop = next(one for one in pages.sandbox.world.shops() if one.name == "Paper Harbor Prints")
    pages.sandbox.control("POST", "products", {"shop_id": shop.id, "hidden": True})
    admin.get("/stores/1/products")
    admin.post("/stores/1/products/sync")
    pages.done()
    admin.get("/stores/1/products")
    assert "TikTok returned no product at all" in admin.text
    assert "gcw " not in admin.text
    assert len(variants(pages.gcw)) == 120
    admin.post("/stores/1/products/sync", accept_empty="yes")
    pages.done()
    admin.get("/stores/1/products")
    assert "120 gone variants." in admin.text
    assert variants(pages.gcw) == {}


def test_what_a_variant_prints_is_shown_with_its_picture(pages: Pages) -> None:
    connect(pages.gcw)
    admin = pages.admin()
    listing(admin, "Dunes Art Poster")
    assert "Harbor Poster , size 18x24 in, paper matte" in admin.text
    assert "Version 1, since" in admin.text
    address = re.search(r'src="(/stores/1/variants/\d+/preview/default\.png)"', admin.seen)
    assert address
    answer = admin.get(address[1])
    with Image.open(BytesIO(answer.data)) as picture:
        assert picture.format == "PNG"
        assert picture.width <= 240
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = admin.get(address[1], status=304, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.data == b""
    pages.gcw("design", "place", STORE, "POSTER-DUNES-18X24-MATTE", "--fit", "--scale", "1.02")
    assert admin.get(address[1]).headers["ETag"] != answer.headers["ETag"]
    admin.get(address[1].replace("default", "back"), status=404)


def test_what_is_wrong_with_a_connection_is_said_without_commands(pages: Pages) -> None:
    connect(pages.gcw)
    for one in pages.portal.designs.glob("*.pdf"):
        one.unlink()
    admin = pages.admin()
    listing(admin, "Dunes Art Poster")
    assert "your print provider has to restore it" in admin.text
    pages.gcw("catalog", "product", "withdraw", "Harbor Poster", "--yes")
    listing(admin, "Dunes Art Poster")
    assert "This product is not in your catalog any more." in admin.text


def test_variants_are_ignored_and_disconnected(pages: Pages) -> None:
    connect(pages.gcw)
    admin = pages.admin()
    here = listing(admin, "Dunes Art Poster")
    connected, other = variant(admin, "18x24 in / Matte"), variant(admin, "18x24 in / Glossy")
    admin.post(f"{here}/decide", do="ignore", variant=[other])
    admin.get(here)
    assert (
        "18x24 in / Glossy is ignored now." in admin.text or "POSTER-DUNES-18X24-GLOSSY is ignored now." in admin.text
    )
    assert variants(pages.gcw)["POSTER-DUNES-18X24-GLOSSY"]["connection"] == "ignored"
    admin.post(f"{here}/decide", do="undo", variant=[other])
    assert variants(pages.gcw)["POSTER-DUNES-18X24-GLOSSY"]["connection"] == "not connected"
    admin.post(f"{here}/decide", do="disconnect", variant=[connected, other])
    assert variants(pages.gcw)["POSTER-DUNES-18X24-MATTE"]["connection"] == "not connected"
    past = pages.gcw("products", "history", STORE, "POSTER-DUNES-18X24-MATTE", "--json").json
    assert past[0]["ended_by"] == "ada@harbor.example"
    admin.post(f"{here}/decide", do="ignore", whole="yes")
    admin.get(here)
    assert "This product is ignored" in admin.text
    assert {one["connection"] for sku, one in variants(pages.gcw).items() if "POSTER-DUNES" in sku} == {"ignored"}
    admin.post(f"{here}/decide", do="undo", whole="yes")
    assert {one["connection"] for sku, one in variants(pages.gcw).items() if "POSTER-DUNES" in sku} == {"not connected"}
    admin.post(f"{here}/decide", do="ignore")
    admin.get(here)
    assert "Tick the variants first." in admin.text
    admin.post(f"{here}/decide", 404, do="explode", whole="yes")
    admin.post(f"{here}/decide", 404, do="ignore", variant=[1])  # of another listing


def test_a_printed_product_leads_to_the_design_editor(pages: Pages) -> None:
    admin = pages.admin()
    here = listing(admin, "Dunes Art Poster")
    first, larger = (variant(admin, f"{one} / Matte") for one in ("12x16 in", "18x24 in"))
    to = admin.post(f"{here}/decide", do="connect", whole="yes").headers["Location"]
    assert urlsplit(to).path == f"/stores/1/variants/{first}/connect"
    assert len(parse_qs(urlsplit(to).query)["also"]) == 5
    admin.get(to)
    assert "What does 12x16 in / Matte print?" in admin.text
    assert "Harbor Poster" in admin.text
    address = re.search(r'href="(/stores/[^"]+product=Harbor\+Poster[^"]*)"', admin.seen)
    assert address
    admin.get(address[1].replace("&amp;", "&"))
    assert "<option selected>12x16 in</option>" in admin.seen, "its options say so"
    assert "<option selected>matte</option>" in admin.seen
    assert "its options say 18x24 in" in admin.text
    assert not re.search(rf'name="also" value="{larger}" checked', admin.seen), "another size is another product"
    asked = f"product=Harbor+Poster&v.size=12x16+in&v.paper=matte&also={larger}"
    there = admin.get(f"/stores/1/variants/{first}/connect/next?{asked}", status=302).headers["Location"]
    assert there == f"/stores/1/variants/{first}/design?uid={POSTER}&also={larger}"
    admin.get(there)
    admin.get(f"/stores/1/variants/{first}/connect/next?product=Harbor+Poster&v.size=12x16+in", status=400)
    assert "Choose paper." in admin.text
    admin.get(f"/stores/1/variants/{first}/connect/next?product=Nothing", status=400)
    admin.get(f"/stores/1/variants/{first}/connect/next?{asked}&also=1", status=404)


def test_the_catalog_is_searched_and_shows_only_what_may_be_ordered(pages: Pages) -> None:
    admin = pages.admin()
    admin.get("/stores/1/variants/1/connect")
    assert "Harbor Poster" in admin.text
    admin.get("/stores/1/variants/1/connect?q=glossy+poster")
    assert "Harbor Poster" in admin.text
    admin.get("/stores/1/variants/1/connect?q=zeppelin")
    assert "Nothing found" in admin.text
    pages.gcw("catalog", "product", "withdraw", "Harbor Poster")
    admin.get("/stores/1/variants/1/connect?product=Harbor+Poster", status=400)


def test_the_design_is_used_for_further_variants_each_in_its_own_size(pages: Pages) -> None:
    connect(pages.gcw)
    admin = pages.admin()
    here = listing(admin, "Dunes Art Poster")
    assert "5 variants print nothing yet" in admin.text
    first = variant(admin, "18x24 in / Matte")
    others = [variant(admin, one) for one in ("18x24 in / Glossy", "24x36 in / Matte")]
    admin.get(f"/stores/1/variants/{first}/further")
    chosen = dict(re.findall(r'<select name="uid-(\d+)".*?<option value="([^"]+)" selected>', admin.seen, re.DOTALL))
    assert "18x24-inch" in chosen[str(others[0])]
    assert "glossy" in chosen[str(others[0])]
    assert "24x36-inch" in chosen[str(others[1])]
    fields = {f"uid-{one}": chosen[str(one)] for one in others}
    admin.post(f"/stores/1/variants/{first}/further", variant=others, **fields)
    pages.done()
    admin.get(here)
    known = variants(pages.gcw)
    assert known["POSTER-DUNES-18X24-GLOSSY"]["product_uid"] == chosen[str(others[0])]
    assert "further variant" in admin.text


def test_what_needs_no_design_is_connected_at_once(pages: Pages, tmp_path: Any) -> None:
    (tmp_path / "stock.yaml").write_text(STOCK)
    pages.gcw("catalog", "import", str(tmp_path / "stock.yaml"))
    admin = pages.admin()
    here = listing(admin, "Dunes Ceramic")
    first, second = variant(admin, "11 oz / White"), variant(admin, "11 oz / Black")
    admin.get(f"/stores/1/variants/{first}/connect?product=Harbor+Gift+Box&also={second}")
    assert "No design" not in admin.text
    admin.get(f"/stores/1/variants/{first}/connect/next?product=Harbor+Gift+Box&v.size=small&also={second}")
    assert "it needs no design" in admin.text
    fields = {f"uid-{first}": "box_small", f"uid-{second}": "box_large"}
    admin.post(f"/stores/1/variants/{first}/connect/from-stock", variant=[first, second], **fields)
    admin.get(here)
    assert "2 variants are connected." in admin.text
    known = variants(pages.gcw)
    assert known["MUG-DUNES-11OZ-WHITE"]["product_uid"] == "box_small"
    assert known["MUG-DUNES-11OZ-BLACK"]["product_uid"] == "box_large"
    admin.post(f"/stores/1/variants/{first}/connect/from-stock", 400, variant=[first], **{f"uid-{first}": POSTER})
    assert "needs a design" in admin.text
    assert "gcw " not in admin.text


def test_a_variant_with_a_new_id_prints_the_same_as_before(pages: Pages) -> None:
    connect(pages.gcw)
    was = variants(pages.gcw)["POSTER-DUNES-18X24-MATTE"]
    shop = next(one for one in pages.sandbox.world.shops() if one.name == "Paper Harbor Prints")
    product = next(one for one in shop.products if one.version.title.startswith("Dunes Art"))
    admin = pages.admin()
    for _ in range(2):  # and once more, before anybody looked
        pages.sandbox.control("POST", "clock", {"advance": 60})
        pages.sandbox.control("POST", f"products/{product.id}/rekey", {})
        admin.get("/stores/1/products")
        admin.post("/stores/1/products/sync")
        pages.done()
    here = listing(admin, "Dunes Art Poster")
    assert "TikTok gave this variant a new id." in admin.text
    to = re.search(r'action="(/stores/1/variants/\d+/as-before)"', admin.seen)
    assert to
    admin.post(to[1])
    now = variants(pages.gcw)["POSTER-DUNES-18X24-MATTE"]
    assert now["sku_id"] != was["sku_id"]
    assert (now["connection"], now["product_uid"]) == ("connected", was["product_uid"])
    admin.get(here)
    assert "prints the same as before" in admin.text
    admin.post(to[1].replace("/1/variants/", "/1/variants/9"), 404)


def test_another_customers_admin_finds_nothing(pages: Pages) -> None:
    connect(pages.gcw)
    pages.gcw("customer", "add", "Other House", "--storefronts")
    other = pages.admin("eve@other.example", "Other House")
    other.get("/stores")
    for path in (
        "/stores/1/products",
        "/stores/1/products/1",
        "/stores/1/variants/1/connect",
        "/stores/1/variants/1/connect?product=Harbor+Poster",
        "/stores/1/variants/1/connect/next?product=Harbor+Poster&v.size=12x16+in&v.paper=matte",
        "/stores/1/variants/1/further",
        "/stores/1/variants/1/preview/default.png",
    ):
        other.get(path, status=404)
    for path, fields in (
        ("/stores/1/products/sync", {}),
        ("/stores/1/products/1/decide", {"do": "ignore", "whole": "yes"}),
        ("/stores/1/products/1/decide", {"do": "connect", "whole": "yes"}),
        ("/stores/1/variants/1/connect/from-stock", {"variant": "1", "uid-1": POSTER}),
        ("/stores/1/variants/1/as-before", {}),
        ("/stores/1/variants/1/further", {"variant": "2", "uid-2": POSTER}),
    ):
        other.post(path, 404, **fields)
