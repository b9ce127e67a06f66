"""The pages of a store's products in Chromium: seen by everybody, worked by keyboard and by mouse."""

import base64
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw
from sqlmodel import col, select

from conftest import EXAMPLES
from gcw_tiktok.store.tables import Listing, Variant
from pages import nothing_serious, seen_by_everybody
from portal.visit import PASSWORD, Pages

if TYPE_CHECKING:
    from playwright.sync_api import Page

EMAIL = "ada@harbor.example"
STORE = "Paper Harbor"
MATTE = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
POSTER = EXAMPLES / "designs" / "harbor-poster-18x24.pdf"


def picture(colour: str) -> str:
    """A listing's picture as an address that needs no net."""
    made = Image.new("RGB", (300, 300), colour)
    ImageDraw.Draw(made).ellipse((60, 60, 240, 240), fill="#ffffff")
    into = BytesIO()
    made.save(into, "PNG")
    return "data:image/png;base64," + base64.b64encode(into.getvalue()).decode()


def fill(pages: Pages) -> dict[str, int]:
    """A shop as one finds it after a week; the ids of variants by seller SKU."""
    gcw = pages.gcw
    for file in ("apparel", "drinkware", "books"):
        gcw("catalog", "import", str(EXAMPLES / f"{file}.yaml"))
    gcw("products", "connect", STORE, "POSTER-DUNES-18X24-MATTE", MATTE, "--design", str(POSTER))
    gcw("products", "connect", STORE, "POSTER-HARBOR-18X24-MATTE", MATTE, "--design", str(POSTER))
    gcw("products", "ignore", STORE, "POSTER-DUNES-12X16-GLOSSY", "--why", "Sold out at the mill")
    gcw("products", "ignore", STORE, "--listing", "Lighthouse Ceramic")
    with pages.portal.database.session() as session:
        for number, one in enumerate(session.exec(select(Listing).order_by(col(Listing.id)))):
            one.picture = picture(("#8ecae6", "#ffb703", "#219ebc", "#adc178")[number % 4]) if number % 5 else ""
        return {one.seller_sku: one.id or 0 for one in session.exec(select(Variant))}


def listing_of(pages: Pages, sku: str) -> int:
    with pages.portal.database.view() as view:
        return view.exec(select(Variant.listing_id).where(Variant.seller_sku == sku)).one()


def sign_in(pages: Pages, page: "Page", address: str) -> None:
    pages.add(EMAIL)
    page.goto(address + "/sign-in")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/stores")


def look(page: "Page", name: str) -> None:
    seen_by_everybody(page, name)
    nothing_serious(page)


def test_every_page_of_it_is_for_everybody(pages: Pages, address: str, page: "Page") -> None:
    ids = fill(pages)
    box = "product=Mug+Gift+Box&v.size=11+oz"
    sign_in(pages, page, address)
    first, tee, mug = (ids[one] for one in ("POSTER-DUNES-18X24-MATTE", "TEE-DUNES-BLACK-S", "MUG-DUNES-11OZ-WHITE"))
    here = f"{address}/stores/1/products/{listing_of(pages, 'POSTER-DUNES-18X24-MATTE')}"
    for name, path in {
        "products": f"{address}/stores/1/products",
        "products-nothing-found": f"{address}/stores/1/products?q=zeppelin",
        "listing": here,
        "listing-waiting": f"{address}/stores/1/products/{listing_of(pages, 'TEE-DUNES-BLACK-S')}",
        "choose": f"{address}/stores/1/variants/{tee}/connect",
        "choose-values": f"{address}/stores/1/variants/{first}/connect?product=Harbor+Poster",
        "further": f"{address}/stores/1/variants/{first}/further",
        "from-stock": f"{address}/stores/1/variants/{mug}/connect/next?{box}&also={mug + 1}",
    }.items():
        page.goto(path)
        page.wait_for_load_state("networkidle")
        look(page, name)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_poster_is_connected_and_then_its_other_sizes(pages: Pages, address: str, page: "Page", width: int) -> None:
    fill(pages)
    sign_in(pages, page, address)
    page.set_viewport_size({"width": width, "height": 740})
    page.get_by_role("link", name="Products of Paper Harbor Prints").click()
    page.get_by_role("searchbox").fill("dunes poster")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Dunes Art Poster").click()
    page.get_by_role("link", name="Use what 18x24 in / Matte prints").click()
    assert page.get_by_role("checkbox", name="18x24 in / Glossy").is_checked()
    page.get_by_label("All", exact=True).check()
    page.get_by_label("All", exact=True).uncheck()
    page.get_by_role("checkbox", name="18x24 in / Glossy").check()
    page.get_by_role("button", name="Connect").click()
    page.get_by_text("1 further variant is connected.").wait_for()
    page.get_by_label("All", exact=True).check()
    page.get_by_text("6 of 6 ticked").wait_for()
    page.on("dialog", lambda asked: asked.accept())
    page.locator("#selected").get_by_role("button", name="Disconnect").click()
    page.get_by_text("2 variants are not connected any more.").wait_for()
    page.get_by_label("More for 12x16 in / Matte").click()
    page.locator("details[open]").get_by_role("button", name="Ignore").click()
    page.get_by_text("is ignored now.").wait_for()
