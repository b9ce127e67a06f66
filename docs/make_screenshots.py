"""Takes the pictures of Storefronts Connect in docs/screenshots, from the seeded demo: `make screenshots`.

It needs Playwright and Chromium. What is pictured is what `gcw demo --portal` serves; nothing is drawn by hand.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "screenshots"
PASSWORD = "correct horse battery staple"  # noqa: S105  of people who are gone with the demo
SIZES = {"": (1280, 800), "-phone": (390, 800)}
ADMIN, OPERATOR = "ada@harbor.example", "olive@prints.example"


@contextmanager
def portal() -> Iterator[dict[str, Any]]:
    """The seeded pages, and the links that lead in."""
    command = [sys.executable, "-m", "gcw_tiktok", "demo", "--portal", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own command
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=60)
        process.stdout.close()


def enter(browser: Browser, told: dict[str, Any], email: str) -> Page:
    """Somebody's page, signed in by their invitation."""
    link = next(one["link"] for one in told["people"] if one["email"] == email)
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US").new_page()
    page.goto(link)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/stores")
    page.goto(told["pages"])
    return page


def take(page: Page, name: str) -> None:
    """The page as it is, on a desk and on a phone."""
    for suffix, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}{suffix}.png", full_page=True)
    width, height = SIZES[""]
    page.set_viewport_size({"width": width, "height": height})


def follow(page: Page, *names: str) -> None:
    """Clicks links one after the other, the first of each name."""
    for name in names:
        page.get_by_role("link", name=name).first.click()


def customers(page: Page, pages: str) -> None:
    """The pages of a customer's admin, on the way that they would take."""
    take(page, "stores")
    follow(page, "Products")
    take(page, "products")
    follow(page, "Harbor Ceramic Coffee Mug")
    take(page, "listing")
    page.get_by_role("link", name="Change what").first.click()
    take(page, "choose")
    page.get_by_role("link", name="Harbor Mug", exact=True).click()
    page.get_by_role("button", name="Next: the design").click()
    take(page, "design")
    for name in ("Bulk", "Orders", "People"):
        page.goto(pages)
        page.get_by_label("Pages").get_by_role("link", name=name).click()
        take(page, name.lower())
    page.goto(pages + "orders")
    page.get_by_role("row").filter(has_text="Shipped").get_by_role("link").first.click()
    take(page, "order")


def operators(page: Page, pages: str) -> None:
    """The pages that operators have besides."""
    names = ("Held", "At risk", "Cancellations", "Health", "Customers")
    for name in names:
        page.goto(pages)
        page.get_by_role("link", name=name).first.click()
        take(page, "operators-" + name.lower().replace(" ", "-"))


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    chromium = shutil.which("chromium")
    with portal() as told, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--headless=new"])
        customers(enter(browser, told, ADMIN), told["pages"])
        operators(enter(browser, told, OPERATOR), told["pages"])
        browser.close()


if __name__ == "__main__":
    main()
