"""The pages of an authorization in a real browser: the sandbox's question, and gcw's own page at the end."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connecting.conftest import CONNECT, Street
from connecting.process import connecting
from connecting.remembered import nothing_stored
from gcw_tiktok.sandbox.authorizations import DAY, DURATIONS
from pages import by_keyboard, chromium_page, seen_by_everybody

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
SWITCHES = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
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


@pytest.fixture
def page(chromium: "Browser") -> Iterator["Page"]:
    """A phone's."""
    yield from chromium_page(chromium)


def test_allow(street: Street, page: "Page") -> None:
    with connecting(*CONNECT, "--no-browser", "--json") as running:
        page.goto(running.address())
        assert page.get_by_role("heading", level=1).inner_text().endswith("wants to connect to your shop")
        seen_by_everybody(page, "consent")
        page.get_by_label("Paper Harbor Prints").check()
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url("http://localhost:*/callback?**")
        assert page.get_by_role("heading", level=1).inner_text() == "Paper Harbor Prints is connected"
        assert page.get_by_role("code").inner_text() == "gcw products sync 'Paper Harbor Prints'"
        assert page.get_by_text("You can close this window").is_visible()
        seen_by_everybody(page, "connected")
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
        seen_by_everybody(page, "denied")
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
        seen_by_everybody(page, "abroad")
        code, _, _ = running.ends()
    assert code == 4
    assert nothing_stored(home)


def test_loaded_again_while_it_is_at_work(street: Street, chromium: "Browser") -> None:
    """Two windows come back at once, as with a double click; both are told the same."""
    with connecting(*CONNECT, "--no-browser") as running:
        back = street.allow(running.address())
        windows = [chromium.new_page(), chromium.new_page()]
        with street.world.lock:  # TikTok answers once both have come back
            for window in windows:
                with window.expect_request("http://localhost:*/callback?**"):
                    window.evaluate("address => { location.href = address }", back)
        for window in windows:
            window.wait_for_url("http://localhost:*/callback?**")
        titles = [window.get_by_role("heading", level=1).inner_text() for window in windows]
        code, _, _ = running.ends()
        for window in windows:
            window.close()
    assert code == 0
    assert titles == ["Paper Harbor Prints is connected"] * 2


def test_by_keyboard_alone_one_of_several_sellers_for_a_month(street: Street, page: "Page") -> None:
    with connecting(*CONNECT, "--no-browser", "--json") as running:
        page.goto(running.address())
        assert by_keyboard(page) == ["Paper Harbor Prints", "365 days", "Deny", "Allow"]
        page.goto(running.address())
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        assert page.get_by_label("Tidewater Goods").is_checked()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")  # from the last around to the first
        assert page.get_by_label("30 days").is_checked()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("http://localhost:*/callback?**")
        assert page.get_by_role("heading", level=1).inner_text() == "Paper Harbor Prints is connected"
        code, _, said = running.ends()
    assert code == 0, said
    (end,) = street.world.authorizations.ends.values()
    assert 0 <= street.world.now() + 30 * DAY - end < 600


@pytest.mark.parametrize("days", DURATIONS)
def test_for_how_long(street: Street, page: "Page", days: int) -> None:
    street.world.app.redirect_url = f"{street.url}/_sandbox/journal"  # nobody needs to listen
    page.goto(f"{street.url}/open/authorize?service_id={street.world.app.service_id}&state=s")
    page.get_by_label(f"{days} days").check()
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url("**/_sandbox/journal?**")
    code = parse_qs(urlsplit(page.url).query)["code"][0]
    keys = {"app_key": street.world.app.key, "app_secret": street.world.app.secret}
    query = keys | {"auth_code": code, "grant_type": "authorized_code"}
    until = httpx.get(f"{street.url}/api/v2/token/get", params=query).json()["data"]["refresh_token_expire_in"]
    assert 0 <= street.world.now() + days * DAY - until < 600


def test_pages_that_lead_nowhere(street: Street, page: "Page") -> None:
    app = street.world.app
    page.goto(f"{street.url}/open/authorize?service_id={app.key}")
    seen_by_everybody(page, "unknown")
    app.regions = ("US",)
    page.goto(f"{street.url}/open/authorize?service_id={app.service_id}&state=s")
    page.get_by_label("Thames Prints").check()
    page.get_by_role("button", name="Allow").click()
    assert page.get_by_role("heading", level=1).inner_text() == "This shop cannot be connected"
    seen_by_everybody(page, "refused")


def test_axe_finds_nothing(street: Street, page: "Page") -> None:
    from axe_playwright_python.sync_playwright import Axe

    def odd() -> list[str]:
        return [each["id"] for each in Axe().run(page).response["violations"]]

    for answer in ("Allow", "Deny"):
        with connecting(*CONNECT, "--no-browser") as running:
            page.goto(running.address())
            assert odd() == []
            page.get_by_role("button", name=answer).click()
            page.wait_for_url("http://localhost:*/callback?**")
            assert odd() == []
            running.ends()
