"""The guide from both sides, in a browser: from the invitation's mail to the tracking number, with real processes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from conftest import EXAMPLES, Gcw
from gcw_tiktok.sandbox.server import serving
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.web.callback import free_port
from pages import chromium_page
from portal.visit import PASSWORD
from postbox import Postbox, Server
from webhooks.process import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SKU = "POSTER-HARBOR-18X24-MATTE"
TRACKING = "9400100000000000000013"


@dataclass
class Town:
    """A sandbox, a mail server and `gcw serve`, each of which really listens."""

    gcw: Gcw
    tiktok: str
    mail: Postbox
    address: str

    def control(self, path: str, **wish: object) -> dict[str, list[str]]:
        answer = httpx.post(f"{self.tiktok}/_sandbox/{path}", json=wish, timeout=60)
        assert answer.is_success, answer.text
        found: dict[str, list[str]] = answer.json()
        return found

    def link(self) -> str:
        """The link in the newest mail."""
        body = self.mail.mails[-1].get_body(("plain",))
        assert body is not None
        found = re.search(rf"{self.address}/\S+", body.get_content())
        assert found is not None
        return found[0]


@pytest.fixture
def town(home: Path, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    port = free_port()
    address = f"http://localhost:{port}"
    monkeypatch.setenv("GCW_PUBLIC_URL", address)
    world.app.redirect_url = f"{address}/callback"
    with serving(world) as tiktok, Server(Postbox()) as box:
        gcw, app = Gcw(None), world.app
        gcw(
            "app", "configure", "--key", app.key, "--service-id", app.service_id, "--api-url", tiktok,
            "--auth-url", tiktok, "--authorize-url", f"{tiktok}/open/authorize", stdin=app.secret,
        )  # fmt: skip
        mail = ("--host", "127.0.0.1", "--port", str(box.port), "--security", "none")
        gcw("config", "mail", *mail, "--from", "Main Floor Prints <prints@example.com>")
        gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path / 'hand-off'}")
        gcw("catalog", "import", str(EXAMPLES / "wall-art.yaml"))
        gcw("customer", "add", "Paper Harbor", "--storefronts")
        with running("serve", "--port", str(port), "--poll", "1"):
            yield Town(gcw, tiktok, box, address)


def come_in(town: Town, page: "Page") -> None:
    """Through the link of the newest mail."""
    page.goto(town.link())
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/stores")


def test_from_the_invitation_to_the_tracking_number(town: Town, chromium: "Browser") -> None:
    for page in chromium_page(chromium, 1280):
        who = ("--email", "ada@harbor.example", "--first-name", "Ada", "--last-name", "Reed")
        assert town.gcw("customer", "admin", "add", "Paper Harbor", *who, "--json").json["mailed"] is True
        come_in(town, page)
        _connect_the_shop(page)
        _connect_a_product(page)
        order_id = town.control("orders", lines=[{"seller_sku": SKU, "quantity": 2}])["order_ids"][0]
        town.control(f"orders/{order_id}/end-hold")
        _sees(page, town, order_id, "Received")
        town.gcw("orders", "pull")
        town.gcw("orders", "release", order_id)
        town.gcw("orders", "advance", order_id, "--to", "packaged")
        town.gcw("orders", "ship", order_id, "--carrier", "usps", "--tracking", TRACKING)
        page.reload()
        assert page.get_by_text(TRACKING).first.is_visible()
        assert page.get_by_text("Shipped").first.is_visible()


def test_an_operator_resolves_what_a_customer_left_open(town: Town, chromium: "Browser") -> None:
    for page in chromium_page(chromium, 1280):
        who = ("--first-name", "Olive", "--last-name", "Press")
        town.gcw("operator", "add", "olive@prints.example", *who)
        come_in(town, page)
        page.get_by_label("Customer").select_option("Paper Harbor")
        page.get_by_label("Facility").select_option("Main floor")
        _connect_the_shop(page)
        order_id = town.control("orders", lines=[{"seller_sku": SKU, "quantity": 1}])["order_ids"][0]
        town.control(f"orders/{order_id}/end-hold")
        _sees(page, town, order_id, "not connected")
        page.get_by_role("link", name="Held").first.click()
        assert page.get_by_text(order_id).first.is_visible()


def _connect_the_shop(page: "Page") -> None:
    page.get_by_role("button", name="Connect TikTok Shop").click()
    page.get_by_label("Paper Harbor Prints").check()
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url("**/stores")
    assert page.get_by_text("Paper Harbor Prints is connected.").is_visible()


def _connect_a_product(page: "Page") -> None:
    page.get_by_role("link", name="Products").first.click()
    page.get_by_role("button", name="Sync products").first.click()
    page.get_by_role("link", name="Harbor Art Poster, Museum Quality Wall Print").click()
    row = page.get_by_role("row").filter(has_text=SKU)
    row.get_by_role("link", name="Connect").click()
    page.get_by_role("link", name="Harbor Poster", exact=True).click()
    page.get_by_label("Size").select_option("18x24 in")
    page.get_by_label("Paper").select_option("matte")
    page.get_by_role("button", name="Next: the design").click()
    page.locator("input[type=file]").set_input_files(EXAMPLES / "designs" / "harbor-poster-18x24.pdf")
    page.get_by_role("button", name="Connect", exact=True).click()
    page.wait_for_url("**/products/*")
    assert page.get_by_text("1 of 6 variants connected").is_visible()


def _sees(page: "Page", town: Town, order_id: str, words: str) -> None:
    """The order's page, once `gcw serve` has taken it in."""
    for _ in range(60):
        answer = page.goto(f"{town.address}/orders/{order_id}")
        if answer is not None and answer.ok:
            break
        page.wait_for_timeout(500)
    assert page.get_by_text(words).first.is_visible()
