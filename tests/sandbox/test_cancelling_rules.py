"""What a seller may cancel, why, and how buyers' requests end."""

from typing import Any

import pytest

from sandbox.client import Client, Json

DAY, HOUR = 86_400, 3_600
OLD, NEW = "/return_refund/202309/cancellations", "/return_refund/202602/cancellations"
NO_STOCK = "seller_cancel_reason_out_of_stock"
PRICE = "seller_cancel_reason_wrong_price"
USPS = "7117858858072016686"
BODIES = {OLD: lambda ids: {"order_line_item_ids": ids}, NEW: lambda ids: {"order_line_list": _lines(ids)}}


def _lines(ids: list[str]) -> list[Json]:
    return [{"order_line_item_id": each} for each in ids]


def shipped(client: Client, **wish: Any) -> Json:
    order = client.buy_ready(**wish)
    parcel = {"tracking_number": f"9400{int(order['id']) % 10**18:018}", "shipping_provider_id": USPS}
    client.data("POST", f"/fulfillment/202309/orders/{order['id']}/packages", {}, parcel)
    return client.order(order["id"])


def found(client: Client, cancel_id: str, version: str = "202602") -> Json:
    body = {"cancel_ids": [cancel_id]}
    (one,) = client.data("POST", f"/return_refund/{version}/cancellations/search", {}, body)["cancellations"]
    assert isinstance(one, dict)
    return one


def stock(client: Client, line: Json) -> int:
    product = client.data("GET", f"/product/202309/products/{line['product_id']}")
    (sku,) = [each for each in product["skus"] if each["id"] == line["sku_id"]]
    return int(sku["inventory"][0]["quantity"])


@pytest.mark.parametrize("path", BODIES)
def test_single_units_are_cancelled_for_want_of_stock_only(client: Client, path: str) -> None:
    order = client.buy_ready(lines=[{"quantity": 3}])
    ids = [line["id"] for line in order["line_items"]]
    wish = {"order_id": order["id"], "cancel_reason": PRICE} | BODIES[path](ids[:1])
    assert client.call("POST", path, {}, wish)["code"] == 25005010
    data = client.data("POST", path, {}, wish | {"cancel_reason": NO_STOCK})
    assert data["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    left = client.order(order["id"])
    assert [line["display_status"] for line in left["line_items"]].count("CANCELLED") == 1
    # All that is left is the whole order, and may be cancelled for any reason.
    assert client.call("POST", path, {}, wish | BODIES[path](ids[1:]))["code"] == 0
    assert client.order(order["id"])["status"] == "CANCELLED"


@pytest.mark.parametrize("path", BODIES)
def test_units_named_by_variant(client: Client, path: str) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    sku_id = order["line_items"][0]["sku_id"]
    wish = {"order_id": order["id"], "cancel_reason": NO_STOCK, "skus": [{"sku_id": sku_id, "quantity": 3}]}
    assert client.call("POST", path, {}, wish)["code"] == 25005011
    cancel_id = client.data("POST", path, {}, wish | {"skus": [{"sku_id": sku_id, "quantity": 1}]})["cancel_id"]
    assert len(found(client, cancel_id)["cancel_line_items"]) == 1


def test_units_are_named_in_one_way_only(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    ids = [order["line_items"][0]["id"]]
    wish = {"order_id": order["id"], "cancel_reason": NO_STOCK, "order_line_item_ids": ids}
    assert client.call("POST", NEW, {}, wish | {"order_line_list": _lines(ids)})["code"] == 25001001
    skus = [{"sku_id": order["line_items"][0]["sku_id"], "quantity": 1}]
    assert client.call("POST", OLD, {}, wish | {"skus": skus})["code"] == 25001001
    assert client.call("POST", OLD, {}, wish | {"order_line_list": _lines(ids)})["code"] == 36009004
    assert client.call("POST", NEW, {}, wish)["code"] == 0


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("seller_cancel_unpaid_reason_out_of_stock", 25001021),
        ("ecom_order_to_ship_canceled_reason_better_price", 25001015),
        ("bad_mood", 25001014),
        (PRICE, 0),
    ],
)
def test_reasons_of_a_paid_order(client: Client, path: str, reason: str, code: int) -> None:
    wish = {"order_id": client.buy_ready()["id"], "cancel_reason": reason}
    assert client.call("POST", path, {}, wish)["code"] == code


def test_an_unpaid_order_has_reasons_of_its_own_and_no_refund(client: Client) -> None:
    wish = {"order_id": client.buy(status="UNPAID"), "cancel_reason": PRICE}
    assert client.call("POST", NEW, {}, wish)["code"] == 25001021
    wish["cancel_reason"] = "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed"
    cancel_id = client.data("POST", NEW, {}, wish)["cancel_id"]
    assert found(client, cancel_id)["refund_amount"]["refund_total"] == "0"


def test_out_of_stock_empties_the_stock(client: Client) -> None:
    line = client.buy_ready()["line_items"][0]
    kept = client.buy_ready()
    client.data("POST", NEW, {}, {"order_id": kept["id"], "cancel_reason": PRICE})
    assert stock(client, line) > 0
    gone = client.buy_ready()
    cancel_id = client.data("POST", NEW, {}, {"order_id": gone["id"], "cancel_reason": NO_STOCK})["cancel_id"]
    assert stock(client, line) == 0
    assert found(client, cancel_id)["should_replenish_stock"] is False
    assert "should_replenish_stock" not in found(client, cancel_id, "202309")


def test_until_the_carrier_has_it_unless_it_cannot_be_stopped(client: Client) -> None:
    order = shipped(client)
    wish = {"order_id": order["id"], "cancel_reason": PRICE}
    client.control("POST", f"/orders/{order['id']}/hand-over", {"stoppable": False})
    assert client.call("POST", NEW, {}, wish)["code"] == 25001045
    client.control("POST", f"/orders/{order['id']}/hand-over", {"stoppable": True})
    client.data("POST", NEW, {}, wish)
    assert client.order(order["id"])["status"] == "CANCELLED"


def test_not_once_the_carrier_has_it(client: Client) -> None:
    order = shipped(client)
    client.control("POST", f"/orders/{order['id']}/collect")
    assert client.call("POST", NEW, {}, {"order_id": order["id"], "cancel_reason": PRICE})["code"] == 25001003
    client.control("POST", f"/orders/{order['id']}/deliver")
    client.control("POST", f"/orders/{order['id']}/complete")
    assert client.call("POST", NEW, {}, {"order_id": order["id"], "cancel_reason": PRICE})["code"] == 25001051


def test_a_shop_abroad_cannot_cancel_what_is_shipped(client: Client) -> None:
    client.connect("thames-prints")
    shop_id = next(shop.id for shop in client.world.shops() if shop.region == "GB")
    order = shipped(client, shop_id=shop_id)
    assert client.call("POST", NEW, {}, {"order_id": order["id"], "cancel_reason": PRICE})["code"] == 25001003


def test_the_seller_answers_a_request_instead_of_cancelling(client: Client) -> None:
    order = client.buy_ready()
    cancel_id = client.control("POST", f"/orders/{order['id']}/request-cancel")["cancel_id"]
    wish = {"order_id": order["id"], "cancel_reason": PRICE}
    assert client.call("POST", NEW, {}, wish)["code"] == 25001011
    client.data("POST", f"{OLD}/{cancel_id}/approve")
    assert client.order(order["id"])["status"] == "CANCELLED"


def test_the_money_is_under_way_for_a_day(client: Client) -> None:
    cancel_id = client.control("POST", f"/orders/{client.buy()}/request-cancel")["cancel_id"]
    before = found(client, cancel_id)
    assert before["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    client.advance(DAY)
    after = found(client, cancel_id)
    assert after["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    assert after["update_time"] == before["update_time"] + DAY
    (last,) = [each for each in client.world.events if each.data.get("cancel_status") == after["cancel_status"]]
    assert last.data["cancel_id"] == cancel_id


def test_a_withdrawn_request_has_two_spellings(client: Client) -> None:
    order = client.buy_ready()
    cancel_id = client.control("POST", f"/orders/{order['id']}/request-cancel")["cancel_id"]
    client.control("POST", f"/orders/{order['id']}/withdraw-cancel")
    assert found(client, cancel_id, "202309")["cancel_status"] == "CANCELLATION_REQUEST_CANCELLED"
    assert found(client, cancel_id, "202602")["cancel_status"] == "CANCELLATION_REQUEST_CANCEL"
    for version in ("202309", "202602"):
        body = {"cancel_status": ["CANCELLATION_REQUEST_CANCEL"]}
        path = f"/return_refund/{version}/cancellations/search"
        assert client.data("POST", path, {}, body)["total_count"] == 1
        wrong = {"cancel_status": ["CANCELLATION_REQUEST_CANCELLED"]}
        assert client.call("POST", path, {}, wrong)["code"] == 36009004
    assert client.call("POST", f"{OLD}/{cancel_id}/approve")["code"] == 25020009
    assert not client.order(order["id"])["is_buyer_request_cancel"]


def test_reject_reasons_are_those_that_are_offered(client: Client) -> None:
    cancel_id = client.control("POST", f"/orders/{client.buy_ready()['id']}/request-cancel")["cancel_id"]
    query = {"return_or_cancel_id": cancel_id}
    offered = client.data("GET", "/return_refund/202309/reject_reasons", query)["reasons"]
    path = f"{OLD}/{cancel_id}/reject"
    assert client.call("POST", path)["code"] == 36009004
    assert client.call("POST", path, {}, {"reject_reason": "bad_mood"})["code"] == 25001014
    assert client.call("POST", path, {}, {"reject_reason": PRICE})["code"] == 25001016
    assert client.call("POST", path, {}, {"reject_reason": offered[0]["name"]})["code"] == 0
    assert client.call("GET", "/return_refund/202309/reject_reasons", {"return_or_cancel_id": "42"})["code"] == 25007006


@pytest.mark.parametrize("hours", [1, 3, 5])
def test_a_seller_may_have_requests_granted_sooner(client: Client, hours: int) -> None:
    shop_id = next(client.world.shops()).id
    client.control("POST", f"/shops/{shop_id}/settings", {"approves_cancellations_after": hours * HOUR})
    order_id = client.buy_ready()["id"]
    cancel_id = client.control("POST", f"/orders/{order_id}/request-cancel")["cancel_id"]
    deadline = found(client, cancel_id)["seller_next_action_response"][0]["deadline"]
    client.advance(hours * HOUR - 60)
    assert client.order(order_id)["status"] == "AWAITING_SHIPMENT"
    client.advance(60)
    granted = client.order(order_id)
    assert (granted["status"], granted["cancel_time"]) == ("CANCELLED", deadline)


def test_a_seller_may_have_requests_granted_at_once(client: Client) -> None:
    shop_id = next(client.world.shops()).id
    client.control("POST", f"/shops/{shop_id}/settings", {"approves_cancellations_after": 0})
    order_id = client.buy_ready()["id"]
    asked = client.control("POST", f"/orders/{order_id}/request-cancel")
    assert (asked["status"], asked["cancel_status"]) == ("CANCELLED", "CANCELLATION_REQUEST_SUCCESS")


def test_shipping_refuses_the_request(client: Client) -> None:
    order = client.buy_ready()
    cancel_id = client.control("POST", f"/orders/{order['id']}/request-cancel")["cancel_id"]
    parcel = {"tracking_number": "9400100000000000000011", "shipping_provider_id": USPS}
    client.data("POST", f"/fulfillment/202309/orders/{order['id']}/packages", {}, parcel)
    assert found(client, cancel_id)["cancel_status"] == "CANCELLATION_REQUEST_CANCEL"
    client.advance(DAY)
    assert client.order(order["id"])["status"] != "CANCELLED"


def test_a_repeated_answer_with_its_key_is_the_same_answer(client: Client) -> None:
    cancel_id = client.control("POST", f"/orders/{client.buy_ready()['id']}/request-cancel")["cancel_id"]
    for _ in range(2):
        client.data("POST", f"{OLD}/{cancel_id}/approve", {"idempotency_key": "k1"})
    assert client.call("POST", f"{OLD}/{cancel_id}/approve", {"idempotency_key": "k2"})["code"] == 25020003


def test_the_parts_of_a_bundle_belong_together_and_are_shown_by_newer_versions(client: Client) -> None:
    bundle = {"bundle": [{"seller_sku": "POSTER-HARBOR-18X24-MATTE", "quantity": 2}]}
    order = client.buy_ready(lines=[bundle, {}])
    bundled = order["line_items"][0]
    parts = [each["id"] for each in bundled["sub_item_info"]]
    path = f"/return_refund/202602/orders/{order['id']}/aftersale_eligibility"
    offered = client.data("GET", path, {"request_types": "CANCEL"})["sku_eligibility"]
    (listed,) = [
        each["line_item_eligibility"][0]["order_line_list"]
        for each in offered
        if bundled["id"] in each["line_item_eligibility"][0]["order_line_items_ids"]
    ]
    assert [each.get("sub_order_line_item_id") for each in listed][:2] == parts
    wish = {"order_id": order["id"], "cancel_reason": NO_STOCK}
    for wrong in (listed[:1], [{"order_line_item_id": bundled["id"], "sub_order_line_item_id": "42"}]):
        assert client.call("POST", NEW, {}, wish | {"order_line_list": wrong})["code"] == 25005010
    whole = [each for each in listed if each["order_line_item_id"] == bundled["id"]]
    cancel_id = client.data("POST", NEW, {}, wish | {"order_line_list": whole})["cancel_id"]
    (shown,) = found(client, cancel_id)["cancel_line_items"]
    assert shown["order_line_item_id"] == bundled["id"]
    assert [each["sub_order_line_item_id"] for each in shown["cancel_sub_line_items"]] == parts
    (older,) = found(client, cancel_id, "202309")["cancel_line_items"]
    assert "cancel_sub_line_items" not in older
