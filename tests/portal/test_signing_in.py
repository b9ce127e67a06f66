"""Signing in: who gets in, who does not, and what nobody learns by trying."""

from orders.shop import SKU
from portal.visit import Pages


def test_switching_storefronts_off_ends_sessions_and_keeps_the_rest(either_pages: Pages) -> None:
    pages, gcw = either_pages, either_pages.gcw
    order = pages.sandbox.ready_order(SKU)
    gcw("orders", "pull")
    ada, olive = pages.admin(), pages.operator()
    ada.get("/stores")
    gcw("customer", "storefronts", "Paper Harbor", "off")
    ada.get("/stores", status=302)
    olive.get("/stores")
    assert "Paper Harbor Prints" in olive.text
    assert [one["status"] for one in gcw("store", "list", "--json").json] == ["connected"]
    ada.get("/sign-in")
    ada.post("/sign-in", 400, email="ada@harbor.example", password="correct horse battery staple")
    assert [one["order"] for one in gcw("orders", "list", "--json").json] == [order]
    gcw("customer", "storefronts", "Paper Harbor", "on")
    ada.get("/stores", status=302)  # what was ended does not come back
    ada.sign_in("ada@harbor.example").get("/stores")
