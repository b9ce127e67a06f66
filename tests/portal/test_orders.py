"""Orders on pages: the list and what it finds, one order, its pictures, and the spreadsheet."""

import csv
import io
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from sqlmodel import select

from gcw_tiktok.store.tables import Line
from orders.shop import NUMBER, OTHER_SKU, POSTER, SKU, STORE, UID
from portal.visit import Pages, Visitor


def connect(pages: Pages) -> None:
    pages.gcw("products", "connect", STORE, SKU, UID, "--design", str(POSTER))


def taken_in(pages: Pages, sku: str = SKU, quantity: int = 1) -> str:
    order_id = pages.sandbox.ready_order(sku, quantity)
    pages.gcw("orders", "pull")
    return order_id


def released(pages: Pages, quantity: int = 1) -> str:
    order_id = taken_in(pages, SKU, quantity)
    pages.gcw("orders", "release", order_id)
    return order_id


def ship(pages: Pages, order_id: str) -> None:
    pages.gcw("orders", "ship", order_id, "--carrier", "USPS", "--tracking", NUMBER)


def other(pages: Pages) -> Visitor:
    pages.gcw("customer", "add", "Other House", "--storefronts")
    return pages.admin("eve@other.example", "Other House")


def test_a_list_that_is_empty_says_how_orders_come(pages: Pages) -> None:
    admin = pages.admin()
    admin.get("/orders")
    assert "No orders yet" in admin.text


def test_orders_are_listed_newest_first_and_held_ones_say_why(pages: Pages) -> None:
    connect(pages)
    first, second = taken_in(pages), taken_in(pages, OTHER_SKU)
    admin = pages.admin()
    admin.get("/orders")
    assert admin.text.index(second) < admin.text.index(first)
    assert "2 orders" in admin.text
    assert "Not connected" in admin.text


def test_orders_are_found_by_what_is_known_of_them(pages: Pages) -> None:
    connect(pages)
    gone, waiting = released(pages), taken_in(pages, OTHER_SKU)
    ship(pages, gone)
    admin = pages.admin()
    for words, found, hidden in (
        (gone, gone, waiting),
        (OTHER_SKU.lower(), waiting, gone),
        (NUMBER, gone, waiting),
        (NUMBER[:10], gone, waiting),
    ):
        admin.get("/orders", query_string={"q": words})
        assert found in admin.text, words
        assert hidden not in admin.text, words
    admin.get("/orders?q=100%25")
    assert "No order is like that" in admin.text, "what means something to a database is only text"


def test_filters_narrow_the_list(pages: Pages) -> None:
    connect(pages)
    gone, waiting = released(pages), taken_in(pages, OTHER_SKU)
    ship(pages, gone)
    admin = pages.admin()
    today = f"{datetime.fromtimestamp(pages.portal.now(), ZoneInfo('America/Los_Angeles')):%Y-%m-%d}"
    for query, shown in (
        ("stage=shipped", {gone}),
        ("held=yes", {waiting}),
        ("stage=received&held=yes", {waiting}),
        ("store=1", {gone, waiting}),
        ("from=2100-01-01", set()),
        ("to=2001-01-01", set()),
        (f"from=2001-01-01&to={today}&zone=America/Los_Angeles", {gone, waiting}),
        ("stage=nonsense&from=yesterday&zone=../../etc/passwd&page=x", {gone, waiting}),
        ("page=99", {gone, waiting}),
    ):
        admin.get(f"/orders?{query}")
        assert {one for one in (gone, waiting) if one in admin.text} == shown, query


def test_a_page_holds_fifty(pages: Pages) -> None:
    for _ in range(51):
        pages.sandbox.order(SKU)
    pages.gcw("orders", "pull")
    admin = pages.admin()
    admin.get("/orders")
    assert "Page 1 of 2" in admin.text
    admin.get("/orders?page=2&held=yes")
    assert admin.seen.count('scope="row"') == 1
    assert "page=1&amp;held=yes" in admin.seen, "the filter stays"


def test_the_spreadsheet_has_what_is_filtered_and_nothing_of_a_recipient(pages: Pages) -> None:
    connect(pages)
    gone, _ = released(pages, 2), taken_in(pages, OTHER_SKU)
    ship(pages, gone)
    answer = pages.admin().get("/orders.csv?stage=shipped")
    assert answer.headers["Content-Disposition"] == "attachment; filename=orders.csv"
    (row,) = csv.DictReader(io.StringIO(answer.get_data(as_text=True)))
    assert (row["order"], row["seller_sku"], row["units"], row["tracking_number"]) == (gone, SKU, "2", NUMBER)
    known = pages.gcw("orders", "show", gone, "--with-recipient", "--json").json["address"]
    said = answer.get_data(as_text=True)
    assert not any(str(known[name]) in said for name in ("firstName", "lastName", "addressLine1", "postCode"))


def test_what_a_spreadsheet_would_run_is_defused(pages: Pages) -> None:
    taken_in(pages)
    with pages.portal.database.session() as session:
        for line in session.exec(select(Line)):
            line.product_name = "=HYPERLINK(1)"
    rows = list(csv.DictReader(io.StringIO(pages.admin().get("/orders.csv").get_data(as_text=True))))
    assert [row["product"] for row in rows] == ["'=HYPERLINK(1)"]


def test_an_order_tells_its_way_to_the_tracking_number(pages: Pages) -> None:
    connect(pages)
    order_id = released(pages, 2)
    ship(pages, order_id)
    admin = pages.admin()
    admin.get(f"/orders/{order_id}")
    for words in ("Received", "Sent to production", NUMBER, "2 units", "18x24", "version 1"):
        assert words in admin.text, words
    assert f"https://tools.usps.com/go/TrackConfirmAction?tLabels={NUMBER}" in admin.seen
    assert "gcw " not in admin.text, "a customer has no terminal"
    assert str(pages.runtime.profile.folder.parent) not in admin.text, "nor a folder of production"


def test_nothing_of_a_recipient_is_on_a_customers_page(pages: Pages) -> None:
    connect(pages)
    order_id = released(pages)
    known = pages.gcw("orders", "show", order_id, "--with-recipient", "--json").json["address"]
    admin = pages.admin()
    for path in ("/orders", f"/orders/{order_id}"):
        admin.get(path)
        assert not any(str(known[name]) in admin.text for name in ("firstName", "lastName", "addressLine1", "postCode"))


def test_a_hold_says_what_to_do(pages: Pages) -> None:
    order_id = taken_in(pages)
    admin = pages.admin()
    admin.get(f"/orders/{order_id}")
    assert "It is not known yet what to print" in admin.text
    assert "gcw " not in admin.text
    (address,) = re.findall(r'href="([^"]+/connect)"', admin.seen)
    admin.get(address)


def test_an_operator_reads_gcws_own_words(pages: Pages) -> None:
    order_id = taken_in(pages)
    operator = pages.operator()
    operator.get(f"/orders/{order_id}")
    assert f"Not connected: {SKU}." in operator.text
    assert "gcw products connect" in operator.text


def test_a_picture_shows_the_version_that_an_order_was_printed_with(pages: Pages, tmp_path: Path) -> None:
    connect(pages)
    before = released(pages)
    line = pages.gcw("orders", "show", before, "--json").json["lines"][0]["line"]
    admin = pages.admin()
    was = picture(admin, before, line)
    Image.new("RGB", (5400, 7200), "red").save(tmp_path / "red.png", dpi=(300, 300))
    pages.gcw("products", "connect", STORE, SKU, UID, "--design", str(tmp_path / "red.png"))
    after = taken_in(pages)
    its = pages.gcw("orders", "show", after, "--json").json["lines"][0]["line"]
    assert picture(admin, before, line).tobytes() == was.tobytes()
    assert picture(admin, after, its).getpixel((100, 100)) == (255, 0, 0), "what is not released prints the newest"
    admin.get(f"/orders/{after}/lines/{line}/preview/default.png", status=404)
    admin.get(f"/orders/{before}/lines/{line}/preview/back.png", status=404)


def picture(visitor: Visitor, order_id: str, line: str) -> Image.Image:
    answer = visitor.get(f"/orders/{order_id}/lines/{line}/preview/default.png")
    assert answer.mimetype == "image/png"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    return Image.open(io.BytesIO(answer.data))


def test_another_customers_admin_finds_none_of_it(pages: Pages) -> None:
    connect(pages)
    order_id = released(pages)
    line = pages.gcw("orders", "show", order_id, "--json").json["lines"][0]["line"]
    eve = other(pages)
    for path in (f"/orders/{order_id}", f"/orders/{order_id}/lines/{line}/preview/default.png", "/orders?store=1"):
        eve.get(path, status=404)
    eve.get("/orders.csv?store=1", status=404)
    eve.get("/orders")
    assert order_id not in eve.text
    eve.get(f"/orders?q={order_id}")
    assert "No order is like that" in eve.text
    assert order_id not in eve.get("/orders.csv").get_data(as_text=True)


def test_a_customer_cancels_its_order_with_a_reason_of_tiktoks(pages: Pages) -> None:
    order_id = taken_in(pages)
    admin = pages.admin()
    admin.get(f"/orders/{order_id}")
    admin.post(f"/orders/{order_id}/cancel", 200)
    assert "Out of stock" in admin.text
    assert pages.sandbox.orders()[order_id]["status"] != "CANCELLED", "to be asked why cancels nothing"
    admin.post(f"/orders/{order_id}/cancel", reason="seller_cancel_reason_out_of_stock")
    pages.done()
    admin.get(f"/orders/{order_id}")
    assert "It is cancelled." in admin.text
    assert "Out of stock" in admin.text
    assert pages.sandbox.orders()[order_id]["status"] == "CANCELLED"
    shown = pages.gcw("orders", "show", order_id, "--json").json
    assert shown["stage"] == "canceled"
    assert "ada@harbor.example" in [one["who"] for one in shown["history"]]


def test_what_production_has_a_customer_cannot_cancel(pages: Pages) -> None:
    connect(pages)
    order_id = released(pages)
    admin = pages.admin()
    admin.get(f"/orders/{order_id}")
    assert "Cancel the order" not in admin.text
    admin.post(f"/orders/{order_id}/cancel", 400)
    assert "It is with production" in admin.text
    admin.post(f"/orders/{order_id}/cancel", reason="seller_cancel_reason_out_of_stock", anyway="yes")
    pages.done()
    admin.get(f"/orders/{order_id}")
    assert "It is with production" in admin.text
    assert "--yes" not in admin.text
    assert pages.sandbox.orders()[order_id]["status"] != "CANCELLED"


def test_an_operator_cancels_what_production_has_with_a_tick(pages: Pages) -> None:
    connect(pages)
    order_id = released(pages)
    operator = pages.operator()
    operator.get(f"/orders/{order_id}")
    operator.post(f"/orders/{order_id}/cancel", 200)
    operator.post(f"/orders/{order_id}/cancel", reason="seller_cancel_reason_out_of_stock", anyway="yes")
    pages.done()
    assert pages.sandbox.orders()[order_id]["status"] == "CANCELLED"
    operator.get(f"/orders/{order_id}")
    assert "production told of the cancellation" in operator.text.lower()


def test_a_reason_that_tiktok_does_not_offer_cancels_nothing(pages: Pages) -> None:
    order_id = taken_in(pages)
    admin = pages.admin()
    admin.get("/orders")
    admin.post(f"/orders/{order_id}/cancel", reason="because")
    pages.done()
    admin.get(f"/orders/{order_id}")
    assert "TikTok does not offer" in admin.text
    assert "gcw " not in admin.text
    assert pages.sandbox.orders()[order_id]["status"] != "CANCELLED"
