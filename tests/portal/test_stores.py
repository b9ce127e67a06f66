"""The page of stores: what is there, and how one more is connected."""

from pathlib import Path

from portal.visit import Pages


def test_a_customers_admin_sees_its_stores(pages: Pages) -> None:
    admin = pages.admin()
    admin.get("/stores")
    assert "Paper Harbor" in admin.text
    assert "Connected" in admin.text
    assert "Main floor" not in admin.text, "a customer is not asked for facilities"


def test_another_customers_admin_sees_none_of_them(pages: Pages) -> None:
    pages.gcw("customer", "add", "Other House", "--storefronts")
    other = pages.admin("eve@other.example", "Other House")
    other.get("/stores")
    assert "Paper Harbor" not in other.text
    assert "No store yet" in other.text


def test_a_shop_is_connected_from_the_page(empty_pages: Pages, tmp_path: Path) -> None:
    pages = empty_pages
    pages.gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path / 'hand-off'}")
    admin = pages.admin()
    admin.get("/stores")
    there = admin.post("/stores/connect").headers["Location"]
    back = pages.allow(admin, there)
    assert back.headers["Location"] == "/stores"
    admin.get("/stores")
    assert "Paper Harbor Prints is connected." in admin.text
    assert pages.gcw("store", "list", "--json").json[0]["status"] == "connected"


def test_an_answer_that_another_browser_began_connects_nothing(empty_pages: Pages, tmp_path: Path) -> None:
    """Otherwise somebody could have another's shop connected to themselves."""
    pages = empty_pages
    pages.gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path / 'hand-off'}")
    attacker, victim = pages.admin(), pages.visitor()
    attacker.get("/stores")
    there = attacker.post("/stores/connect").headers["Location"]
    assert pages.allow(victim, there).status_code == 400
    assert pages.gcw("store", "list", "--json").json == []


def test_where_it_is_unclear_who_makes_the_orders_it_is_said(empty_pages: Pages, tmp_path: Path) -> None:
    pages = empty_pages
    for name in ("North", "South"):
        pages.gcw("facility", "add", name, "--hand-off", f"folder:{tmp_path / name}")
    admin = pages.admin()
    admin.get("/stores")
    admin.post("/stores/connect", 503)
    assert "not settled yet where your orders are made" in admin.text
    assert "gcw " not in admin.text, "a customer has no terminal"
