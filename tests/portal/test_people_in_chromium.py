"""The page of people in Chromium, with people on it."""

from typing import TYPE_CHECKING

import pytest

from pages import nothing_serious, seen_by_everybody
from portal.visit import PASSWORD, Pages

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def crowded(pages: Pages) -> Pages:
    """Somebody of every kind."""
    pages.add("ada@harbor.example")
    pages.add(
        "bob.with.a.rather.long.address@prints.paper-harbor.example", first_name="Bob", last_name="Oakenshield-Moss"
    )
    for email, name in (("cleo@harbor.example", "Cleo"), ("dan@harbor.example", "Dan"), ("eve@harbor.example", "Eve")):
        pages.gcw("customer", "admin", "add", "Paper", "--email", email, "--first-name", name, "--last-name", "Marsh")
    pages.gcw("customer", "admin", "revoke", "eve")
    for number, name in enumerate(["Mug Life", "North Light Studio", "Old Mill Press & Daughters"]):
        pages.gcw("customer", "add", name, "--reference", f"C-{number + 100}", *["--storefronts"] * (number != 1))
    pages.gcw("operator", "add", "omar@printers.example", "--first-name", "Omar", "--last-name", "Stone")
    pages.add("op@printers.example", "", "Olive", "Press")
    return pages


def sign_in(page: "Page", address: str, email: str) -> None:
    page.goto(address + "/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/stores")


def test_an_admins_people(crowded: Pages, address: str, page: "Page") -> None:
    sign_in(page, address, "ada@harbor.example")
    page.get_by_role("link", name="People").click()
    page.get_by_text("Revoked (1)").click()
    seen_by_everybody(page, "people-full")
    nothing_serious(page)
    page.get_by_label("E-mail").fill("fay@harbor.example")
    page.get_by_label("First name").fill("Fay")
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_text("No mail went out to fay@harbor.example").wait_for()
    seen_by_everybody(page, "people-link")
    nothing_serious(page)
    assert "/invitation/" in page.get_by_label("The link for fay@harbor.example").input_value()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Revoke Fay").click()
    assert crowded.gcw("customer", "admin", "list", "--json").json[-1]["status"] == "invited", "it was asked, and no"
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Revoke Fay").click()
    page.get_by_text("fay@harbor.example is signed out everywhere").wait_for()


def test_an_operators_people(crowded: Pages, address: str, page: "Page") -> None:
    crowded.gcw("store", "link", "Paper Harbor")
    crowded.gcw("store", "link", "Paper Harbor", "--email", "owner.of.many.shops@harbor-art-and-prints.example")
    sign_in(page, address, "op@printers.example")
    page.get_by_role("link", name="People").click()
    seen_by_everybody(page, "customers-full")
    nothing_serious(page)
    page.get_by_role("link", name="Paper Harbor").click()
    seen_by_everybody(page, "customer-full")
    nothing_serious(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Withdraw the link for owner.of.many").click()
    page.get_by_text("does not work any more").wait_for()
    assert page.get_by_role("button", name="Withdraw").count() == 1
    page.goto(address + "/people/of/3")
    seen_by_everybody(page, "customer-off")
    nothing_serious(page)


def test_the_pages_of_links(crowded: Pages, address: str, page: "Page") -> None:
    ran = crowded.gcw("customer", "admin", "resend", "cleo", "--json").json
    page.goto(address + ran["link"].partition("8766")[2])
    seen_by_everybody(page, "invitation")
    nothing_serious(page)
    page.get_by_label("Password").fill("password1234")
    page.get_by_role("button", name="Set the password").click()
    page.get_by_text("too easy to guess").wait_for()
    seen_by_everybody(page, "invitation-weak")
    page.goto(address + "/password/nothing-such")
    seen_by_everybody(page, "password-dead")
    page.goto(address + "/invitation/nothing-such")
    seen_by_everybody(page, "invitation-dead")
    nothing_serious(page)
