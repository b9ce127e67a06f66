"""Links by which shop owners without an account connect their shops: they are listed, and withdrawn one by one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gcw_tiktok.workflow import history
from portal.visit import Pages, Visitor

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def make(pages: Pages) -> Make:
    """A link for another shop of Paper Harbor."""

    def made(email: str = "", customer: str = "Paper Harbor") -> dict[str, Any]:
        to = ("--email", email) if email else ()
        found: dict[str, Any] = pages.gcw("store", "link", customer, *to, "--json").json
        return found

    return made


def path(made: dict[str, Any]) -> str:
    return urlsplit(made["link"]).path


def listed(pages: Pages, *more: str) -> list[str]:
    return [one["link"] for one in pages.gcw("store", "links", *more, "--json").json]


def works(pages: Pages, made: dict[str, Any]) -> bool:
    return pages.visitor().client.get(path(made)).status_code == 200


def test_the_links_that_work_are_listed(pages: Pages, make: Make, tmp_path: Path) -> None:
    ran = pages.gcw("store", "links")
    assert "`gcw store link CUSTOMER` makes one" in ran.stderr
    first = make("owner@shop.example")
    pages.gcw.offset += 60
    pages.gcw("customer", "add", "Other House", "--storefronts")
    second = make(customer="Other House")
    assert listed(pages) == [second["link_id"], first["link_id"]]
    assert listed(pages, "--customer", "Paper Harbor") == [first["link_id"]]
    (row,) = pages.gcw("store", "links", "--customer", "Paper", "--json").json
    assert (row["to"], row["customer"], row["facility"]) == ("owner@shop.example", "Paper Harbor", "Main floor")
    assert row["made_by"]
    assert row["works_until"] == first["works_until"]
    told = pages.gcw("store", "links", "--json").stdout + pages.gcw("store", "links").stdout
    assert not any(one["link"].rpartition("/")[2] in told for one in (first, second)), "what lets in is not told again"
    pages.gcw.offset += 7 * 86_400
    assert listed(pages) == []


def test_one_is_withdrawn_and_the_others_go_on(pages: Pages, make: Make) -> None:
    first, second = make("owner@shop.example"), make()
    gone = pages.gcw("store", "withdraw", first["link_id"][:6].upper(), "--json").json
    assert (gone["link"], gone["to"]) == (first["link_id"], "owner@shop.example")
    assert (works(pages, first), works(pages, second)) == (False, True)
    assert listed(pages) == [second["link_id"]]
    said = pages.gcw.fails(4, "store", "withdraw", first["link_id"], "--json").error
    assert (said["code"], "gcw store links" in said["hint"]) == ("unknown_name", True)
    pages.gcw.fails(4, "store", "withdraw", "")
    assert listed(pages) == [second["link_id"]], "no name is no name for all"


def test_who_is_on_tiktoks_page_comes_back_to_nothing(pages: Pages, make: Make) -> None:
    first, second = make(), make()
    owners = pages.visitor(), pages.visitor()
    there = [_go(owner, made) for owner, made in zip(owners, (first, second), strict=True)]
    pages.gcw("store", "withdraw", first["link_id"])
    back = pages.allow(owners[0], there[0], "tidewater")
    assert back.status_code == 400
    assert "does not work any more" in back.get_data(as_text=True)
    assert len(pages.gcw("store", "list", "--json").json) == 1
    assert pages.allow(owners[1], there[1]).status_code == 200, "the other owner's way is as it was"
    assert listed(pages) == []


def _go(owner: Visitor, made: dict[str, Any]) -> str:
    owner.get(path(made))
    return owner.post(path(made)).headers["Location"]


def test_an_operator_withdraws_on_the_customers_page(pages: Pages, make: Make) -> None:
    made, other = make("owner@shop.example"), make()
    operator = pages.operator()
    operator.get("/people/of/1")
    assert "Links for shop owners" in operator.text
    assert "owner@shop.example" in operator.text
    assert "Passed on by hand" in operator.text
    here = f"/people/of/1/links/{made['link_id']}/withdraw"
    assert operator.post(here).headers["Location"] == "/people/of/1"
    operator.get("/people/of/1")
    assert "The link for owner@shop.example does not work any more." in operator.text
    assert listed(pages) == [other["link_id"]]
    operator.post(here, 400)
    assert "There is no such link" in operator.text
    with pages.portal.database.view() as view:
        (event,) = [one for one in history.of(view, "customer:1") if one.what == "store link withdrawn"]
    assert event.who == "op@printers.example"


def test_a_page_withdraws_only_the_links_of_its_customer(pages: Pages, make: Make) -> None:
    made = make()
    pages.gcw("customer", "add", "Other House", "--storefronts")
    operator = pages.operator()
    operator.get("/people/of/2")
    assert "Links for shop owners" not in operator.text
    operator.post(f"/people/of/2/links/{made['link_id']}/withdraw", 400)
    operator.post(f"/people/of/9/links/{made['link_id']}/withdraw", 404)
    admin = pages.admin()
    admin.get("/people")
    assert "Links for shop owners" not in admin.text
    admin.post(f"/people/of/1/links/{made['link_id']}/withdraw", 404)
    assert works(pages, made)
