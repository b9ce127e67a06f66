"""Adding a product in Chromium, step by step."""

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bulk.conftest import host
from conftest import EXAMPLES
from pages import nothing_serious, seen_by_everybody
from portal.test_adding import START, TITLE, Adding, pages
from portal.test_looks import EMAIL, _sign_in
from portal.visit import Pages

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["host", "pages"]


def test_a_product_is_added(pages: Pages, address: str, page: "Page", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", pages.sandbox.allow("tidewater"))
    code = next(shop.code for shop in pages.sandbox.world.shops() if shop.name.startswith("Tidewater"))
    pages.gcw("store", "connect", "--customer", "Paper Harbor", "--facility", "Main floor", "--shop", code)
    for name in ("apparel", "drinkware"):
        pages.gcw("catalog", "import", str(EXAMPLES / f"{name}.yaml"))
    rejected = Adding(pages, pages.admin(EMAIL))
    rejected.all(title="Reject me, Harbor Lights over a Sleeping Town Art Poster")
    _sign_in(page, address, EMAIL)
    page.goto(address + START)
    _look(page, "adding-start")
    page.goto(address + rejected.here)
    _look(page, "adding-rejected")
    page.goto(address + "/stores/2/products/add")
    page.get_by_role("button", name="Add Harbor Poster", exact=True).click()
    _fill(page, EXAMPLES / "designs" / "harbor-poster-18x24.pdf")
    _look(page, "adding-design")
    page.get_by_role("button", name="Keep and go on").click()
    page.get_by_role("heading", name="TikTok recommends").wait_for()
    page.get_by_role("searchbox").fill("photo")
    page.get_by_role("button", name="Look for it").click()
    _look(page, "adding-category")
    page.get_by_role("button", name="That is right").click()
    _look(page, "adding-attributes")
    page.get_by_label("Material").fill("Paper")
    page.get_by_role("button", name="Keep and go on").click()
    page.get_by_role("button", name="Check it").click()
    page.get_by_text("Nothing speaks against it").wait_for()
    _look(page, "adding-check")
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("heading", name="It is on sale").wait_for()
    _look(page, "adding-on-sale")


def test_what_is_missing_is_named(pages: Pages, address: str, page: "Page") -> None:
    pages.gcw("catalog", "import", str(EXAMPLES / "apparel.yaml"))
    adding = Adding(pages, pages.admin(EMAIL)).begin("Harbor Tee")
    _sign_in(page, address, EMAIL)
    page.goto(address + adding.here + "/design")
    page.get_by_label("Title").fill("Harbor T-Shirt")
    page.get_by_label("Price in USD").fill("no idea")
    page.get_by_role("button", name="Keep and go on").click()
    page.get_by_role("alert").wait_for()
    _look(page, "adding-tee")
    page.get_by_label("Price in USD").fill("24.99")
    page.get_by_role("button", name="Keep and go on").click()
    page.wait_for_url("**/category")
    page.goto(address + adding.here + "/category?search=t-shirts")
    page.get_by_role("button", name="Choose").first.click()
    page.get_by_role("heading", name="What TikTok asks for").wait_for()
    _look(page, "adding-tee-attributes")
    page.goto(address + adding.here + "/check")
    page.get_by_role("button", name="Check it").click()
    page.get_by_text("are to be mended").wait_for()
    _look(page, "adding-problems")


def _fill(page: "Page", design: Path) -> None:
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Description").fill("A quiet evening at the pier.\n\nPrinted after you order, on 200 gsm paper.")
    page.get_by_label("File", exact=True).set_input_files(design)
    page.get_by_label("Price in USD").fill("24.99")
    for size in ("12x16", "24x36"):
        for paper in ("matte", "glossy"):
            page.get_by_role("checkbox", name=f"{size} in / {paper}").uncheck()
    page.get_by_role("textbox", name="Own price of 18x24 in / glossy").fill("27.50")
    page.get_by_label("Weight").fill("0.6 lb")
    page.get_by_label("Size").fill("26 x 4 x 4 in")


def _look(page: "Page", name: str) -> None:
    seen_by_everybody(page, name)
    nothing_serious(page)
