"""The pages in Chromium: for everybody, and without anything that axe calls serious."""

from typing import TYPE_CHECKING

import pytest

from pages import nothing_serious, seen_by_everybody
from portal.visit import PASSWORD, Pages

if TYPE_CHECKING:
    from playwright.sync_api import Page

EMAIL = "ada@harbor.example"
PATHS = {"stores": "/stores", "bulk": "/bulk"}
"""What a customer's admin sees, by name."""
OPERATORS = {"operators-stores": "/stores", "operators-bulk": "/bulk"}
OUTSIDE = {"sign-in": "/sign-in", "forgotten": "/forgotten", "nothing-there": "/no-such-page"}


@pytest.mark.parametrize("name", OUTSIDE)
def test_before_signing_in(pages: Pages, address: str, page: "Page", name: str) -> None:
    page.goto(address + OUTSIDE[name])
    seen_by_everybody(page, name)
    nothing_serious(page)


@pytest.mark.parametrize("name", PATHS)
def test_as_a_customers_admin(pages: Pages, address: str, page: "Page", name: str) -> None:
    pages.add(EMAIL)
    _sign_in(page, address, EMAIL)
    page.goto(address + PATHS[name])
    seen_by_everybody(page, name)
    nothing_serious(page)


@pytest.mark.parametrize("name", OPERATORS)
def test_as_an_operator(pages: Pages, address: str, page: "Page", name: str) -> None:
    pages.add("op@printers.example", "", "Olive", "Press")
    _sign_in(page, address, "op@printers.example")
    page.goto(address + OPERATORS[name])
    seen_by_everybody(page, name)
    nothing_serious(page)


def _sign_in(page: "Page", address: str, email: str) -> None:
    page.goto(address + "/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/stores")
