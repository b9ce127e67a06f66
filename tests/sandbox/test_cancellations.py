from typing import Any

from sandbox.client import Client

SEARCH = "/return_refund/202602/cancellations/search"
CANCEL = "/return_refund/202309/cancellations"
DAY = 86_400
Json = dict[str, Any]


def request_cancel(client: Client, order_id: str) -> Json:
    return client.control("POST", f"/orders/{order_id}/request-cancel")


def found(client: Client, **body: Any) -> list[Json]:
    cancellations: list[Json] = client.data("POST", SEARCH, {"page_size": 50}, body)["cancellations"]
    return cancellations


def test_in_the_first_hour_the_buyer_cancels_freely(client: Client) -> None:
    order_id = client.buy()
    request_cancel(client, order_id)
    order = client.order(order_id)
    assert (order["status"], order["cancellation_initiator"]) == ("CANCELLED", "BUYER")
    assert order["line_items"][0]["cancel_user"] == "BUYER"
    cancellation = found(client, order_ids=[order_id])[0]
    assert (cancellation["cancel_type"], cancellation["cancel_status"]) == ("CANCEL", "CANCELLATION_REQUEST_SUCCESS")
    assert "seller_next_action_response" not in cancellation


def test_later_the_seller_is_asked_and_silence_grants(client: Client) -> None:
    order = client.buy_ready()
    request_cancel(client, order["id"])
    asked = client.order(order["id"])
    assert asked["is_buyer_request_cancel"]
    assert asked["update_time"] >= order["update_time"]
    cancellation = found(client, order_ids=[order["id"]])[0]
    assert (cancellation["cancel_type"], cancellation["role"]) == ("BUYER_CANCEL", "BUYER")
    deadline = cancellation["seller_next_action_response"][0]["deadline"]
    assert deadline == asked["request_cancel_time"] + DAY
    client.advance(DAY)
    granted = client.order(order["id"])
    assert (granted["status"], granted["update_time"]) == ("CANCELLED", deadline)
    assert found(client, order_ids=[order["id"]])[0]["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"


def test_the_seller_answers(client: Client) -> None:
    for answer, status in (("approve", "CANCELLED"), ("reject", "AWAITING_SHIPMENT")):
        order = client.buy_ready()
        cancel_id = request_cancel(client, order["id"])["cancel_id"]
        body = {"reject_reason": "seller_reject_apply_product_has_been_packed"} if answer == "reject" else None
        assert client.call("POST", f"{CANCEL}/{cancel_id}/{answer}", {}, body)["code"] == 0
        assert client.order(order["id"])["status"] == status
        assert client.call("POST", f"{CANCEL}/{cancel_id}/{answer}", {}, body)["code"] == 25020003
    assert client.call("POST", f"{CANCEL}/42/approve")["code"] == 25007006


def test_the_seller_cancels_a_unit(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    unit = order["line_items"][1]["id"]
    wish = {"order_id": order["id"], "cancel_reason": "seller_cancel_reason_out_of_stock"}
    data = client.data("POST", CANCEL, {}, wish | {"order_line_item_ids": [unit]})
    assert data["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    left = client.order(order["id"])
    assert left["status"] == "AWAITING_SHIPMENT"
    assert [line["display_status"] for line in left["line_items"]] == ["AWAITING_SHIPMENT", "CANCELLED"]
    cancelled = found(client, cancel_ids=[data["cancel_id"]])[0]
    assert [line["order_line_item_id"] for line in cancelled["cancel_line_items"]] == [unit]
    assert client.call("POST", CANCEL, {}, wish | {"order_line_item_ids": [unit]})["code"] == 25005010
    assert client.call("POST", CANCEL, {}, wish)["code"] == 0
    assert client.call("POST", CANCEL, {}, wish)["code"] == 25001011


def test_reasons_belong_to_a_status(client: Client) -> None:
    order = client.buy_ready()
    wish = {"order_id": order["id"], "cancel_reason": "seller_cancel_unpaid_reason_wrong_price"}
    assert client.call("POST", CANCEL, {}, wish)["code"] == 25001021
    assert client.call("POST", CANCEL, {}, wish | {"cancel_reason": "bad mood"})["code"] == 25001014
    assert client.call("POST", CANCEL, {}, wish | {"order_id": "42"})["code"] == 25007006


def test_delivered_orders_are_past_cancelling(client: Client) -> None:
    delivered = next(order.id for order in client.world.orders if order.status == "DELIVERED")
    wish = {"order_id": delivered, "cancel_reason": "seller_cancel_reason_out_of_stock"}
    assert client.call("POST", CANCEL, {}, wish)["code"] == 25001003
    refused = client.http.post(f"/_sandbox/orders/{delivered}/request-cancel", json={})
    assert refused.status_code == 400


def test_shops_do_not_see_each_others(client: Client) -> None:
    other = next(iter(list(client.world.shops())[1].products)).skus[0].id
    request_cancel(client, client.buy(lines=[{"sku_id": other}]))
    assert client.data("POST", SEARCH)["total_count"] == 1
    client.connect("tidewater")
    assert client.data("POST", SEARCH)["total_count"] == 1
    client.connect("tidewater", shop=1)
    assert client.data("POST", SEARCH)["total_count"] == 0


def test_searching(client: Client) -> None:
    for _ in range(3):
        request_cancel(client, client.buy())
        client.advance(60)
    everything = found(client)
    assert len(everything) == 4
    assert [each["create_time"] for each in everything] == sorted(each["create_time"] for each in everything)
    assert len(found(client, cancel_status=["CANCELLATION_REQUEST_PENDING"])) == 1
    assert len(found(client, cancel_types=["CANCEL"])) == 3
    assert found(client, update_time_ge=everything[-1]["update_time"])[0] == everything[-1]
    assert client.data("POST", SEARCH)["total_count"] == 4
