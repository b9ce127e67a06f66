"""The pages of an authorization in a real browser: the sandbox's question, and gcw's own page at the end."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connecting.conftest import CONNECT, Street
from connecting.process import connecting
from connecting.remembered import nothing_stored

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
SWITCHES = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTHS = [390, 1280]

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
    pytest.mark.skipif(os.name != "posix", reason="the prompt of these tests is POSIX's"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(params=WIDTHS)
def page(chromium: "Browser", request: pytest.FixtureRequest) -> Iterator["Page"]:
    """A page of a phone and of a desk, whose every error counts."""
    page = chromium.new_page(viewport={"width": request.param, "height": 800})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(60_000)
    yield page
    page.close()
    assert errors == []


def picture(page: "Page", name: str) -> None:
    """Taken where somebody wants to look: `SCREENSHOTS=/tmp/pages pytest tests/connecting`."""
    if wanted := os.environ.get("SCREENSHOTS"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(wanted) / f"{name}-{width}.png", full_page=True)


def fits(page: "Page") -> bool:
    """Whether nothing sticks out to the side."""
    found: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return found


def test_allow(street: Street, page: "Page") -> None:
    with connecting(*CONNECT, "--no-browser", "--json") as running:
        page.goto(running.address())
        assert page.get_by_role("heading", level=1).inner_text().endswith("wants to connect to your shop")
        picture(page, "consent")
        assert fits(page)
        page.get_by_label("Paper Harbor Prints").check()
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url("http://localhost:*/callback?**")
        assert page.get_by_role("heading", level=1).inner_text() == "Paper Harbor Prints is connected"
        assert page.get_by_role("code").inner_text() == "gcw products sync 'Paper Harbor Prints'"
        assert page.get_by_text("You can close this window").is_visible()
        picture(page, "connected")
        assert fits(page)
        code, out, said = running.ends()
    assert code == 0, said
    assert json.loads(out)["status"] == "connected"


def test_deny(street: Street, page: "Page", home: Path) -> None:
    with connecting(*CONNECT, "--no-browser", "--json") as running:
        page.goto(running.address())
        page.get_by_role("button", name="Deny").click()
        page.wait_for_url("http://localhost:*/callback?**")
        assert page.get_by_role("heading", level=1).inner_text() == "Not connected"
        assert page.get_by_text("The shop's owner denied the permission").is_visible()
        picture(page, "denied")
        assert fits(page)
        code, out, said = running.ends()
    assert (code, out) == (5, "")
    assert json.loads(said.strip().splitlines()[-1])["error"]["code"] == "denied"
    assert nothing_stored(home)


def test_a_shop_abroad(street: Street, page: "Page", home: Path) -> None:
    with connecting(*CONNECT, "--no-browser") as running:
        page.goto(running.address())
        page.get_by_label("Thames Prints").check()
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url("http://localhost:*/callback?**")
        assert "United States shops only" in page.get_by_role("main").inner_text()
        picture(page, "abroad")
        assert fits(page)
        code, _, _ = running.ends()
    assert code == 4
    assert nothing_stored(home)


def test_loaded_again_while_it_is_at_work(street: Street, chromium: "Browser") -> None:
    """Two windows come back at once, as with a double click; both are told the same."""
    with connecting(*CONNECT, "--no-browser") as running:
        back = street.allow(running.address())
        windows = [chromium.new_page(), chromium.new_page()]
        for window in windows:
            window.evaluate("address => { location.href = address }", back)
        for window in windows:
            window.wait_for_url("http://localhost:*/callback?**")
        titles = [window.get_by_role("heading", level=1).inner_text() for window in windows]
        code, _, _ = running.ends()
        for window in windows:
            window.close()
    assert code == 0
    assert titles == ["Paper Harbor Prints is connected"] * 2
