import io

import pytest
from PIL import Image
from pypdf import PdfReader

from gcw_tiktok.sandbox.documents import label
from sandbox.client import Client
from sandbox.shipping import (
    DAY,
    HOUR,
    SELF,
    Json,
    buy_label,
    combine,
    drafts_of,
    ids,
    mark_shipped,
    ship_package,
    split,
    twins,
)

MILLIMETER = 72 / 25.4


def ask(client: Client, package_id: str, kind: str = "SHIPPING_LABEL", **query: str) -> Json:
    path = f"/fulfillment/202309/packages/{package_id}/shipping_documents"
    return client.call("GET", path, {"document_type": kind, **query})


def fetch(client: Client, package_id: str, kind: str = "SHIPPING_LABEL", **query: str) -> bytes:
    reply = client.http.get(ask(client, package_id, kind, **query)["data"]["doc_url"])
    assert reply.status_code == 200
    assert reply.headers["content-type"] == ("image/png" if kind.endswith("PICTURE") else "application/pdf")
    return reply.content


def words(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.fixture
def order(client: Client) -> Json:
    return client.buy_ready(shipping_type="TIKTOK", lines=[{"quantity": 2}], buyer_message="Thanks!")


@pytest.fixture
def package_id(client: Client, order: Json) -> str:
    return str(buy_label(client, order["id"])["data"]["package_id"])


def test_a_label_says_where_to_and_by_whom(client: Client, order: Json, package_id: str) -> None:
    shown = words(fetch(client, package_id))
    shipped = client.order(order["id"])
    truth = client.world.orders.get(order["id"])
    assert truth
    for expected in (
        truth.address.name,
        truth.address.line1,
        truth.address.place.postal_code,
        "USPS GROUND ADVANTAGE",
        "100 Harbor Pkwy",
        label.grouped(shipped["tracking_number"]),
        package_id,
        "NO POSTAGE PAID",
    ):
        assert expected in shown
    assert ask(client, package_id)["data"]["tracking_number"] == shipped["tracking_number"]


@pytest.mark.parametrize(("size", "sides"), [("A6", (105, 148)), ("A5", (148, 210)), ("0", (105, 148))])
@pytest.mark.parametrize(
    ("kind", "pages"), [("SHIPPING_LABEL", 1), ("PACKING_SLIP", 1), ("SHIPPING_LABEL_AND_PACKING_SLIP", 2)]
)
def test_documents_have_the_asked_for_size(
    client: Client, package_id: str, kind: str, pages: int, size: str, sides: tuple[int, int]
) -> None:
    found = PdfReader(io.BytesIO(fetch(client, package_id, kind, document_size=size))).pages
    assert len(found) == pages
    for page in found:
        box = page.mediabox
        assert (round(float(box.width) / MILLIMETER), round(float(box.height) / MILLIMETER)) == sides


def test_a_picture_has_the_labels_bars(client: Client, order: Json, package_id: str) -> None:
    """Read as a scanner would: along one line, in steps of the narrowest bar."""
    image = Image.open(io.BytesIO(fetch(client, package_id, "SHIPPING_LABEL_PICTURE"))).convert("L")
    assert image.size == (1240, 1748)
    number = client.order(order["id"])["tracking_number"]
    expected = label.modules(number)
    row = [image.getpixel((x, round((419.5 - 120) * 300 / 72))) < 128 for x in range(image.width)]  # type: ignore[operator]
    runs: list[tuple[int, bool]] = []
    for black in row[row.index(True) : len(row) - row[::-1].index(True)]:
        runs[-1:] = [(runs[-1][0] + 1, black)] if runs and runs[-1][1] == black else [*runs[-1:], (1, black)]
    narrow = sum(width for width, _ in runs) / sum(width for width, _ in expected)
    assert [(round(width / narrow), black) for width, black in runs] == expected


def test_a_packing_slip_lists_what_is_in_the_box(client: Client, order: Json, package_id: str) -> None:
    shown = words(fetch(client, package_id, "PACKING_SLIP"))
    for expected in (f"Order {order['id']}", order["line_items"][0]["seller_sku"], "x 2", "Thanks!"):
        assert expected in shown


def test_a_long_packing_slip_has_several_pages(client: Client) -> None:
    shop = next(client.world.shops())
    skus = [sku.id for product in shop.products if product.status == "ACTIVATE" for sku in product.skus][:60]
    order = client.buy_ready(shipping_type="TIKTOK", lines=[{"sku_id": each} for each in skus])
    small = {"weight": {"value": "9", "unit": "POUND"}}
    small["dimension"] = {"length": "20", "width": "10", "height": "10", "unit": "INCH"}
    bought = buy_label(client, order["id"], **small)["data"]["package_id"]
    pdf = fetch(client, bought, "PACKING_SLIP")
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 1
    assert words(pdf).count("x 1") == len(skus)


def test_the_same_document_is_the_same_file(client: Client, package_id: str) -> None:
    assert fetch(client, package_id) == fetch(client, package_id)


def test_a_documents_address_lives_a_day(client: Client, package_id: str) -> None:
    """And the label itself until the carrier has it, which is later here."""
    url = ask(client, package_id)["data"]["doc_url"]
    assert url.startswith("http://sandbox/")
    client.world.packages[package_id].is_lost = True
    client.advance(DAY - 1)
    assert client.http.get(url).status_code == 200
    client.advance(1)
    assert client.http.get(url).status_code == 403
    client.connect()
    assert client.http.get(ask(client, package_id)["data"]["doc_url"]).status_code == 200


def test_an_address_cannot_be_made_up(client: Client, package_id: str) -> None:
    url = ask(client, package_id)["data"]["doc_url"]
    path, _, query = url.partition("?")
    for wrong in (path, f"{path}?{query[:-1]}x", url.replace("A6", "A5"), url.replace("expires=1", "expires=2")):
        assert client.http.get(wrong).status_code == 403
    assert client.http.get(f"{path}?token=%C3%A9&expires=").status_code == 403


def test_documents_that_are_refused(client: Client, order: Json) -> None:
    box = split(client, order["id"], ids(order)[:1])["data"]["packages"][0]["id"]
    assert ask(client, box)["code"] == 21042104
    assert ship_package(client, box)["code"] == 0
    assert ask(client, box)["code"] == 0
    for query in ({"document_type": "INVOICE_LABEL"}, {"document_type": "HAZMAT_LABEL"}, {"document_format": "ZPL"}):
        assert ask(client, box, kind=query.pop("document_type", "SHIPPING_LABEL"), **query)["code"] == 36009004
    client.control("POST", f"/orders/{order['id']}/collect")
    assert ask(client, box)["code"] == 21042102
    own = mark_shipped(client, client.buy_ready()["id"])["data"]["package_id"]
    assert ask(client, own)["code"] == 21008017
    assert ask(client, "42")["code"] == 21011028
    gone = client.buy_ready(shipping_type="TIKTOK")["id"]
    cancelled = buy_label(client, gone)["data"]["package_id"]
    client.control("POST", f"/orders/{gone}/cancel")
    assert ask(client, cancelled)["code"] == 21023059
    by_tiktok = client.buy(fulfillment_type="FULFILLMENT_BY_TIKTOK")
    client.advance(26 * HOUR)
    client.connect()
    sent = client.order(by_tiktok)["packages"][0]["id"]
    assert ask(client, sent)["code"] == 21008043


def test_a_combined_package_has_one_label(client: Client) -> None:
    a, b = twins(client, shipping_type="TIKTOK")
    combined = combine(client, drafts_of(client, a)[0]["id"], [])["packages"][0]["id"]
    assert ship_package(client, combined, **SELF)["code"] == 0
    shown = words(fetch(client, combined, "SHIPPING_LABEL_AND_PACKING_SLIP"))
    assert a["id"] in shown
    assert b["id"] in shown


def test_names_that_the_letters_cannot_write_do_no_harm(client: Client, order: Json) -> None:
    wish = {"first_name": "Żaneta 中文", "last_name": "Øre" * 30}
    client.control("POST", f"/orders/{order['id']}/edit-address", wish)
    package_id = buy_label(client, order["id"])["data"]["package_id"]
    assert "Øre" in words(fetch(client, package_id))
    assert fetch(client, package_id, "SHIPPING_LABEL_PICTURE")
