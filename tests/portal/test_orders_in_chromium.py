"""Pages about orders in Chromium: for everybody, with much going on."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pages import by_keyboard, nothing_serious, seen_by_everybody
from portal import busy
from portal.visit import PASSWORD, Pages

if TYPE_CHECKING:
    from playwright.sync_api import Page

EMAIL, OPERATOR = "ada@harbor.example", "op@printers.example"


def sign_in(page: "Page", address: str, email: str) -> None:
    page.goto(address + "/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/stores")


def test_a_customer_follows_its_orders(pages: Pages, address: str, page: "Page", tmp_path: Path) -> None:
    found = busy.fill(pages, tmp_path)
    pages.add(EMAIL)
    sign_in(page, address, EMAIL)
    for name, path in {
        "orders": "/orders",
        "orders-filtered": "/orders?held=yes&stage=received",
        "orders-none": "/orders?q=nothing-like-it",
        "order-delivered": f"/orders/{found.delivered}",
        "order-parcels": f"/orders/{found.parcels}",
        "order-changed": f"/orders/{found.changed}",
        "order-not-connected": f"/orders/{found.not_connected}",
        "order-new": f"/orders/{found.new}",
    }.items():
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        seen_by_everybody(page, name)
        nothing_serious(page)
    page.get_by_role("button", name="Cancel the order…").click()
    page.get_by_role("heading", name="Cancel order").wait_for()
    seen_by_everybody(page, "order-cancel")
    nothing_serious(page)
    page.get_by_label("Wrong price").check()
    page.get_by_role("button", name="Cancel the order").click()
    page.get_by_text("It is cancelled.").wait_for()
    seen_by_everybody(page, "order-cancelled")


def test_operators_work_off_what_waits(pages: Pages, address: str, page: "Page", tmp_path: Path) -> None:
    found = busy.fill(pages, tmp_path)
    pages.gcw("customer", "add", "Other House", "--reference", "K-4711")
    pages.add(EMAIL)
    pages.add(OPERATOR, "", "Olive", "Press")
    sign_in(page, address, OPERATOR)
    for name, path in {
        "operator-held": "/held",
        "operator-at-risk": "/at-risk?within=168",
        "operator-cancellations": "/cancellations",
        "operator-customers": "/customers",
        "operator-facilities": "/facilities",
        "operator-health": "/health",
        "operator-order": f"/orders/{found.changed}",
        "operator-order-personalised": f"/orders/{found.personalised}",
    }.items():
        page.goto(address + path)
        pages.done()
        page.wait_for_load_state("networkidle")
        seen_by_everybody(page, name)
        nothing_serious(page)
    page.get_by_role("button", name="Show recipient").click()
    page.get_by_text("Ada Lovelace").wait_for()
    seen_by_everybody(page, "operator-order-recipient")
    nothing_serious(page)
    page.goto(address + "/cancellations")
    page.get_by_role("button", name="Approve or refuse…").click()
    page.get_by_role("heading", name="The buyer asks").wait_for()
    seen_by_everybody(page, "operator-answer")
    nothing_serious(page)
    page.goto(address + "/health")
    page.get_by_role("button", name="Check everything").click()
    page.get_by_text("app at TikTok").wait_for()
    seen_by_everybody(page, "operator-checked")
    nothing_serious(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_bar_of_operators_is_reached_by_keyboard(pages: Pages, address: str, page: "Page", width: int) -> None:
    pages.add(OPERATOR, "", "Olive", "Press")
    sign_in(page, address, OPERATOR)
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(address + "/customers")
    places = by_keyboard(page)
    for name in ("Stores", "Orders", "Held", "At risk", "Cancellations", "Customers", "Facilities", "Health"):
        assert name in places
