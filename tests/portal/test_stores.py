"""The page of stores: what is there, and how one more is connected."""

from pathlib import Path
from urllib.parse import urlsplit

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


def test_every_shop_of_a_permission_is_connected(empty_pages: Pages, tmp_path: Path) -> None:
    pages = empty_pages
    pages.gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path / 'hand-off'}")
    admin = pages.admin()
    admin.get("/stores")
    there = admin.post("/stores/connect").headers["Location"]
    pages.allow(admin, there, "tidewater")
    admin.get("/stores")
    assert "Tidewater Goods and Tidewater Outlet are connected." in admin.text
    assert len(pages.gcw("store", "list", "--json").json) == 2


def test_a_shop_of_another_customers_stays_where_it_is_and_names_nobody(pages: Pages) -> None:
    pages.gcw("customer", "add", "Other House", "--storefronts")
    before = pages.gcw("store", "list", "--json").json
    other = pages.admin("eve@other.example", "Other House")
    other.get("/stores")
    there = other.post("/stores/connect").headers["Location"]
    answer = pages.allow(other, there)
    said = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "Paper Harbor Prints cannot be connected from here." in said
    assert "connected for" not in said, "whose it is is nobody's business"
    assert "gcw " not in other.text
    assert pages.gcw("store", "list", "--json").json == before


def test_an_operator_reads_whose_the_shop_is(pages: Pages) -> None:
    pages.gcw("customer", "add", "Other House", "--storefronts")
    operator = pages.operator()
    operator.get("/stores")
    customer = next(one["id"] for one in pages.gcw("customer", "list", "--json").json if one["name"] == "Other House")
    there = operator.post("/stores/connect", customer=customer, facility=1).headers["Location"]
    assert "is connected for Paper Harbor already" in pages.allow(operator, there).get_data(as_text=True)


def test_an_owner_without_an_account_connects_by_a_link_that_works_once(empty_pages: Pages, tmp_path: Path) -> None:
    pages = empty_pages
    pages.gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path / 'hand-off'}")
    link = urlsplit(pages.gcw("store", "link", "Paper Harbor", "--json").json["link"]).path
    owner = pages.visitor()
    owner.get(link)
    assert "Paper Harbor" in owner.text
    answer = pages.allow(owner, owner.post(link).headers["Location"])
    assert answer.status_code == 200
    assert "Paper Harbor Prints: connected" in answer.get_data(as_text=True)
    assert pages.gcw("store", "list", "--json").json[0]["customer"] == "Paper Harbor"
    owner.get(link, status=400)
    owner.get("/stores", status=302)
