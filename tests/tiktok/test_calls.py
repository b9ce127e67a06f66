"""The calls beside orders: shops, products, logistics, fulfillment, cancellations, webhooks."""

import contextlib
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.errors import BadInput, Refused
from gcw_tiktok.tiktok import fulfillment, logistics, products, returns, shops, webhooks
from gcw_tiktok.tiktok.errors import AlreadyDone, Unavailable
from gcw_tiktok.tiktok.logistics import Provider
from gcw_tiktok.tiktok.signing import sign_webhook
from tiktok.far_side import FarSide, envelope


def test_shops_are_read_without_a_cipher(far: FarSide) -> None:
    shop = {"id": 7495, "name": "Example Prints", "region": "US", "cipher": "C", "code": "USLC1", "new": 1}
    far.will(envelope({"shops": [shop]}))
    (found,) = shops.authorized(far.client())
    assert (found.id, found.cipher, found.region) == ("7495", "C", "US")
    assert "shop_cipher" not in far.requests[0].url.params


def test_a_shop_without_id_is_not_a_bug_of_ours(far: FarSide) -> None:
    far.will(envelope({"shops": [{"name": "Nameless"}]}))
    with pytest.raises(Unavailable, match="shop that cannot be read: id"):
        shops.authorized(far.client())


def test_permissions_may_be_none(far: FarSide) -> None:
    far.will(envelope({"permissions": None}), envelope({"permissions": ["MANAGE_GLOBAL_PRODUCT"]}))
    client = far.client()
    assert shops.permissions(client) == []
    assert shops.permissions(client) == ["MANAGE_GLOBAL_PRODUCT"]


def test_missing_scopes_are_named_where_tiktok_says_what_it_granted() -> None:
    assert shops.missing_scopes([]) == []
    assert shops.missing_scopes(list(shops.SCOPES)) == []
    assert "seller.order.info" in shops.missing_scopes(["seller.product.basic"])


DETAIL: dict[str, Any] = {
    "id": "1729500000000000300",
    "title": "Mug",
    "status": "ACTIVATE",
    "category_chains": [{"local_name": "Home"}, {"local_name": "Mugs", "is_leaf": True}],
    "main_images": [{"uri": "u", "urls": []}, {"urls": ["https://img.example.test/1.jpg"]}],
    "skus": [
        {
            "id": "301",
            "seller_sku": "MUG-BLK",
            "price": {"currency": "USD", "sale_price": "9.99", "tax_exclusive_price": "10.00"},
            "inventory": [{"quantity": 3}, {"quantity": 4}],
            "sales_attributes": [
                {"name": "Color", "value_name": "Black"},
                {"name": "Size", "value_name": "XL"},
            ],
        },
        {"id": "302", "price": {"currency": "USD", "tax_exclusive_price": "11"}, "sales_attributes": None},
        {"id": "303"},
    ],
}


def test_a_product_is_read_with_its_variants(far: FarSide) -> None:
    far.will(envelope(DETAIL))
    product = products.detail(far.client(), "17/../x")
    assert far.requests[0].url.raw_path.startswith(b"/product/202309/products/17%2F..%2Fx?")
    assert product.categories == ["Home", "Mugs"]
    assert product.image_url == "https://img.example.test/1.jpg"
    first, second, third = product.skus
    assert (first.price, first.currency, first.quantity) == (Decimal("9.99"), "USD", 7)
    assert first.options == {"Color": "Black", "Size": "XL"}
    assert first.title == "Black / XL"
    assert second.price == Decimal(11)
    assert (third.price, third.currency, third.title, third.quantity) == (None, "", "", 0)


def test_products_are_searched_by_update_time(far: FarSide) -> None:
    far.will(envelope({"products": [DETAIL], "total_count": 1}))
    (row,) = products.search(far.client(), updated_since=9, status="ACTIVATE")
    assert row.id == "1729500000000000300"
    assert far.body() == {"status": "ACTIVATE", "update_time_ge": 9}
    assert far.requests[0].url.params["page_size"] == "100"


@pytest.mark.parametrize("refuses", [True, False])
def test_a_large_catalogue_is_read_in_windows(far: FarSide, refuses: bool) -> None:
    made = [1_700_000_000 + 997 * number for number in range(0, 40_000, 400)]

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        first, last = body.get("create_time_ge", 0), body.get("create_time_le", 10**10)
        hits = [{"id": str(time)} for time in made if first <= time <= last]
        if len(hits) > 30 and refuses:
            return envelope(code=12052180, message="too many")
        return envelope({"products": hits, "total_count": 20_000 if len(hits) > 30 else len(hits)})

    far.will(answer)
    found = [row.id for row in products.search(far.client())]
    assert sorted(found) == [str(time) for time in made]
    assert len(found) == len(set(found))


SHIPPED = {"order_id": "1", "package_id": 1153, "warning": {"message": "Did you mean UPS?"}}


def test_units_are_shipped_in_the_newest_form(far: FarSide) -> None:
    far.will(envelope(SHIPPED))
    shipped = fulfillment.mark_shipped(far.client(), "1", ["a", "b"], "9400", "7117")
    assert shipped == fulfillment.Shipped("1153", "Did you mean UPS?", "202610")
    assert far.requests[0].url.path == "/fulfillment/202610/orders/1/packages"
    assert far.body() == {
        "order_line_list": [{"order_line_id": "a"}, {"order_line_id": "b"}],
        "shipping_info_list": [{"tracking_number": "9400", "shipping_provider_id": "7117"}],
    }


def test_units_are_shipped_in_the_older_form_where_need_be(far: FarSide) -> None:
    far.will(envelope(code=36009009, status=404), envelope({"package_id": "1153"}))
    shipped = fulfillment.mark_shipped(far.client(), "1", ["a"], "9400", "7117")
    assert shipped == fulfillment.Shipped("1153", "", "202309")
    assert far.body() == {
        "order_line_item_ids": ["a"],
        "tracking_number": "9400",
        "shipping_provider_id": "7117",
    }


def test_shipping_twice_is_told_apart(far: FarSide) -> None:
    far.will(envelope(code=21011006, message="shipped already"))
    with pytest.raises(AlreadyDone):
        fulfillment.mark_shipped(far.client(), "1", ["a"], "9400", "7117")
    with pytest.raises(BadInput):
        fulfillment.mark_shipped(far.client(), "1", [], "9400", "7117")


def test_a_parcel_is_corrected_in_the_newest_form_and_in_the_older_one(far: FarSide) -> None:
    far.will(envelope(code=36009009, status=404), envelope({}))
    fulfillment.correct(far.client(), "1153", "9400", "7117")
    paths = [request.url.path for request in far.requests]
    assert paths == [f"/fulfillment/{version}/packages/1153/shipping_info/update" for version in ("202610", "202309")]
    shipment = {"tracking_number": "9400", "shipping_provider_id": "7117"}
    assert [json.loads(request.content) for request in far.requests] == [{"shipping_info_list": [shipment]}, shipment]


def test_logistics_are_read(far: FarSide) -> None:
    far.will(
        envelope({"warehouses": [{"id": "1", "type": "SALES_WAREHOUSE", "is_default": True}]}),
        envelope({"delivery_options": [{"id": 2, "name": "Standard"}]}),
        envelope({"shipping_providers": [{"id": "3", "name": "USPS"}]}),
    )
    client = far.client()
    assert logistics.warehouses(client)[0].is_default
    assert logistics.delivery_options(client, "1")[0].id == "2"
    assert logistics.shipping_providers(client, "2") == [Provider(id="3", name="USPS")]
    assert far.requests[1].url.params["scope"] == "WAREHOUSE"


CARRIERS = [
    Provider(id=number, name=name)
    for number, name in (
        ("7117858858072016686", "USPS"),
        ("7117859084333745966", "UPS"),
        ("7129720299146184490", "FedEx"),
        ("7213986298535610158", "DHL Express"),
        ("7220301902846625579", "DHL eCommerce"),
        ("7260760118063531777", "GLS US"),
        ("7443961280932611847", "GLS-US"),
        ("7254085043432195882", "Lone Star Overnight"),
    )
]


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("ups", "UPS"),
        (" U.S.P.S. ", "USPS"),
        ("fed ex", "FedEx"),
        ("dhl-ecommerce", "DHL eCommerce"),
        ("Lone Star", "Lone Star Overnight"),
        ("7129720299146184490", "FedEx"),
        ("7443961280932611847", "GLS-US"),
    ],
)
def test_a_carrier_is_found_however_it_is_written(wanted: str, name: str) -> None:
    assert logistics.find_provider(CARRIERS, wanted).name == name


@pytest.mark.parametrize("wanted", ["dhl", "GLS US", "GLS"])
def test_an_ambiguous_carrier_lists_the_candidates(wanted: str) -> None:
    with pytest.raises(BadInput) as caught:
        logistics.find_provider(CARRIERS, wanted)
    assert str(caught.value).count("(7") == 2


def test_an_unknown_carrier_gets_a_suggestion() -> None:
    with pytest.raises(BadInput) as caught:
        logistics.find_provider(CARRIERS, "Fedx")
    assert "FedEx (7129720299146184490)" in caught.value.hint
    for wanted in ("", "zzz", "Ⅷ"):
        with pytest.raises(BadInput, match="carrier"):
            logistics.find_provider(CARRIERS, wanted)
    with pytest.raises(BadInput):
        logistics.find_provider([], "UPS")


@given(st.text(), st.sampled_from(CARRIERS))
def test_whatever_is_named_is_found_or_refused(wanted: str, carrier: Provider) -> None:
    assert logistics.find_provider(CARRIERS, carrier.id) == carrier
    with contextlib.suppress(BadInput):
        assert logistics.find_provider(CARRIERS, wanted) in CARRIERS


def test_cancellations_are_read_in_either_spelling(far: FarSide) -> None:
    def row(number: int, status: str) -> dict[str, Any]:
        return {
            "cancel_id": number,
            "order_id": "9",
            "cancel_type": "REQUEST_CANCEL_REFUND",
            "cancel_status": status,
            "cancel_line_items": [{"order_line_item_id": "91"}, {}],
            "seller_next_action_response": [{"action": "SELLER_RESPOND_CANCEL", "deadline": 1795632400}],
        }

    rows = [
        row(1, "CANCELLATION_REQUEST_PENDING"),
        row(2, "CANCELLATION_REQUEST_CANCEL"),
        row(3, "CANCELLATION_REQUEST_CANCELLED"),
    ]
    far.will(envelope({"cancellations": rows}))
    found = list(returns.search_cancellations(far.client(), updated_from=5))
    assert [one.is_pending for one in found] == [True, False, False]
    assert found[1].cancel_status == found[2].cancel_status
    assert (found[0].deadline, found[0].line_ids) == (1795632400, ["91"])
    assert far.body() == {"update_time_ge": 5}
    assert far.requests[0].url.path == "/return_refund/202602/cancellations/search"


def test_cancellations_of_many_orders_are_asked_for_in_groups(far: FarSide) -> None:
    far.will(envelope({"cancellations": None}))
    assert list(returns.search_cancellations(far.client(), order_ids=[str(n) for n in range(60)])) == []
    assert [len(far.body(number)["order_ids"]) for number in range(len(far.requests))] == [50, 10]


def test_webhooks_are_listed_registered_and_removed(far: FarSide) -> None:
    address = "https://psp.example.test/webhooks"
    far.will(envelope({"webhooks": [{"event_type": "ORDER_STATUS_CHANGE", "address": address}]}), envelope({}))
    client = far.client()
    assert webhooks.registered(client)[0].address == address
    webhooks.register(client, "PACKAGE_UPDATE", address)
    assert (far.requests[-1].method, far.body()["event_type"]) == ("PUT", "PACKAGE_UPDATE")
    webhooks.remove(client, "PACKAGE_UPDATE")
    assert (far.requests[-1].method, far.body()) == ("DELETE", {"event_type": "PACKAGE_UPDATE"})


def push(body: bytes) -> webhooks.Notification:
    return webhooks.read(body, sign_webhook("key", "secret", body), "key", "secret")


def test_a_push_keeps_large_numbers_exact() -> None:
    body = {"type": 5, "timestamp": 1, "data": {"product_id": 1729592969712207008, "other": None}}
    read = push(json.dumps(body).encode())
    assert read.text("product_id") == "1729592969712207008"
    assert read.text("other") == read.text("absent") == ""
    assert (read.tts_notification_id, read.shop_id) == ("", "")


def test_a_push_of_an_unknown_kind_is_read_all_the_same() -> None:
    assert push(b'{"type": 4711, "shop_id": 7495, "data": null, "x": 1}').shop_id == "7495"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"type": "x"}', b"\xff"])
def test_a_genuine_push_that_cannot_be_read_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput):
        push(body)


@given(st.binary(), st.text())
def test_a_false_signature_is_refused_before_anything_is_read(body: bytes, authorization: str) -> None:
    with pytest.raises(Refused):
        webhooks.read(body, authorization, "key", "secret")
