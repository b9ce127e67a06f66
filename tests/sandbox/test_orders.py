from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.client import START, Client

SEARCH = "/order/202309/orders/search"
HOUR, DAY = 3_600, 86_400
Json = dict[str, Any]


def search(client: Client, body: Json | None = None, **query: Any) -> list[Json]:
    found: list[Json] = client.data("POST", SEARCH, {"page_size": 100, **query}, body or {})["orders"]
    return found


def pages(client: Client, body: Json | None = None, **query: Any) -> list[list[Json]]:
    made: list[list[Json]] = []
    token = ""
    while not made or token:
        wanted = {**query, **({"page_token": token} if token else {})}
        data = client.data("POST", SEARCH, wanted, body or {})
        made.append(data["orders"])
        token = data["next_page_token"]
    return made


@pytest.mark.parametrize("sort_order", ["ASC", "DESC"])
@pytest.mark.parametrize("sort_field", ["create_time", "update_time"])
def test_pages_neither_lose_nor_repeat(make_client: Callable[..., Client], sort_field: str, sort_order: str) -> None:
    client = make_client(orders=150)
    client.connect()
    for _ in range(25):  # all with one create_time and, once paid, one update_time
        client.control("POST", "/orders", {})
    found = pages(client, page_size=7, sort_field=sort_field, sort_order=sort_order)
    ids = [order["id"] for page in found for order in page]
    times = [order[sort_field] for page in found for order in page]
    assert len(ids) == len(set(ids)) == 175
    assert times == sorted(times, reverse=sort_order == "DESC")
    assert max(Counter(times).values()) >= 2
    assert len(found) == 25
    assert all(len(page) == 7 for page in found)


def test_page_tokens_must_be_encoded(make_client: Callable[..., Client]) -> None:
    client = make_client(orders=60)
    client.connect()
    token, seen = "", 0
    while token or not seen:
        query = {"page_size": 5, **({"page_token": token} if token else {})}
        token = client.data("POST", SEARCH, query)["next_page_token"]
        seen += 1
        assert not token or (token.endswith("=") and "+" in token and "/" in token)
    assert seen == 12


def test_a_token_belongs_to_its_search(make_client: Callable[..., Client]) -> None:
    client = make_client(orders=20)
    client.connect()
    token = client.data("POST", SEARCH, {"page_size": 5})["next_page_token"]
    other = client.call("POST", SEARCH, {"page_size": 5, "page_token": token, "sort_order": "ASC"})
    assert other["code"] == 36009004


def test_an_order_that_changes_while_paging_comes_again(make_client: Callable[..., Client]) -> None:
    client = make_client(orders=30)
    client.connect()
    query = {"page_size": 10, "sort_field": "update_time", "sort_order": "ASC"}
    first = client.data("POST", SEARCH, query)
    changed = next(each for each in first["orders"] if each["status"] == "DELIVERED")["id"]
    client.control("POST", f"/orders/{changed}/complete")
    token, rest = first["next_page_token"], []
    while token:
        data = client.data("POST", SEARCH, query | {"page_token": token})
        token = data["next_page_token"]
        rest += [order["id"] for order in data["orders"]]
    assert rest[-1] == changed
    assert len({order["id"] for order in first["orders"]} | set(rest)) == 30


def test_filters(client: Client) -> None:
    everything = search(client)
    for body, wanted in (
        ({"order_status": "ON_HOLD"}, lambda order: order["status"] == "ON_HOLD"),
        ({"shipping_type": "TIKTOK"}, lambda order: order["shipping_type"] == "TIKTOK"),
        ({"is_buyer_request_cancel": True}, lambda order: order["is_buyer_request_cancel"]),
        ({"buyer_user_id": everything[0]["user_id"]}, lambda order: order["user_id"] == everything[0]["user_id"]),
        ({"warehouse_ids": ["1"]}, lambda order: False),
        ({"create_time_ge": START - DAY}, lambda order: order["create_time"] >= START - DAY),
        ({"create_time_lt": START - DAY}, lambda order: order["create_time"] < START - DAY),
        ({"update_time_ge": START - DAY}, lambda order: order["update_time"] >= START - DAY),
    ):
        expected = [order["id"] for order in everything if wanted(order)]
        data = client.data("POST", SEARCH, {"page_size": 100}, body)
        assert [order["id"] for order in data["orders"]] == expected
        assert data["total_count"] == len(expected)


def test_the_window_includes_its_start_and_excludes_its_end(client: Client) -> None:
    at = search(client)[0]["update_time"]
    assert search(client, {"update_time_ge": at, "update_time_lt": at + 1}, sort_field="update_time")
    assert not search(client, {"update_time_ge": at + 1, "update_time_lt": at + 1}, sort_field="update_time")


@pytest.mark.parametrize("version", ["202309", "202507"])
def test_details_come_for_known_ids_only(client: Client, version: str) -> None:
    known = [order["id"] for order in search(client)][:3]
    data = client.data("GET", f"/order/{version}/orders", {"ids": ",".join([known[0], "42", *known[1:]])})
    assert [order["id"] for order in data["orders"]] == known
    assert "payment_method_code" in data["orders"][0]
    assert "payment_method_code" not in search(client)[0]


def test_one_line_item_is_one_unit(client: Client) -> None:
    order = client.buy_ready(lines=[{"seller_sku": "POSTER-HARBOR-18X24-MATTE", "quantity": 3}])
    assert [line["seller_sku"] for line in order["line_items"]] == ["POSTER-HARBOR-18X24-MATTE"] * 3
    assert len({line["id"] for line in order["line_items"]}) == 3
    assert order["line_items"][0]["sku_name"] == "18x24 in, Matte"
    assert "package_id" not in order["line_items"][0]


def test_the_hold_ends_an_hour_after_payment(client: Client) -> None:
    order_id = client.buy()
    held = client.order(order_id)
    assert (held["status"], held["is_on_hold_order"]) == ("ON_HOLD", True)
    client.advance(HOUR - 10)
    assert client.order(order_id)["status"] == "ON_HOLD"
    client.advance(10)
    ready = client.order(order_id)
    assert ready["status"] == "AWAITING_SHIPMENT"
    assert ready["update_time"] == held["paid_time"] + HOUR
    assert ready["line_items"][0]["display_status"] == "AWAITING_SHIPMENT"


def test_an_order_that_skips_the_hold(client: Client) -> None:
    order = client.order(client.buy(is_on_hold_order=False))
    assert (order["status"], order["is_on_hold_order"]) == ("AWAITING_SHIPMENT", False)
    assert order["paid_time"] >= START


def test_paying_starts_the_hold(client: Client) -> None:
    order_id = client.buy(status="UNPAID")
    unpaid = client.order(order_id)
    assert "paid_time" not in unpaid
    assert "rts_sla_time" not in unpaid
    client.advance(600)
    client.control("POST", f"/orders/{order_id}/pay")
    paid = client.order(order_id)
    assert paid["status"] == "ON_HOLD"
    assert paid["update_time"] == paid["paid_time"] >= unpaid["create_time"] + 600


def test_what_is_not_shipped_in_time_is_cancelled_by_the_platform(client: Client) -> None:
    order = client.buy_ready()
    client.advance(order["shipping_due_time"] - client.world.now() + 1)
    client.connect()
    late = client.order(order["id"])
    assert (late["status"], late["cancellation_initiator"]) == ("CANCELLED", "SYSTEM")
    assert late["update_time"] == order["shipping_due_time"]


def test_parcels_travel_by_themselves(client: Client) -> None:
    moving = next(order for order in search(client) if order["status"] == "AWAITING_COLLECTION")
    for days, status in ((1, "IN_TRANSIT"), (3, "DELIVERED"), (30, "COMPLETED")):
        client.connect()
        client.advance(days * DAY)
        client.connect()
        assert client.order(moving["id"])["status"] == status


def hidden(order: Json) -> set[str]:
    """The members of an address that say nothing."""
    address = order["recipient_address"]
    return {member for member, value in address.items() if isinstance(value, str) and (not value or "*" in value)}


ALWAYS_EMPTY = {"address_line3", "address_line4", "first_name_local_script", "last_name_local_script"}
STREET = {"address_detail", "address_line1", "full_address"}


def test_masking_by_status_and_shipping_type(client: Client) -> None:
    for order in client.world.orders:
        shown = client.order(order.id)
        gone = hidden(shown) - ALWAYS_EMPTY - {"address_line2"}
        if order.status == "ON_HOLD":
            assert gone == STREET | {"name", "first_name", "last_name", "phone_number", "postal_code"}
            assert shown["recipient_address"]["district_info"] == []
        elif order.status in ("UNPAID", "CANCELLED"):
            assert gone == STREET | {"name", "first_name", "last_name", "phone_number", "postal_code"}
            assert "*" in shown["recipient_address"]["district_info"][3]["address_name"]
        elif order.shipping_type == "TIKTOK":
            assert gone == STREET | {"phone_number"}
        else:
            assert gone == set()
            assert shown["recipient_address"]["name"] == order.address.name


def test_addresses_are_masked_thirty_days_after_completion(client: Client) -> None:
    done = next(order for order in client.world.orders if order.status == "COMPLETED")
    assert "phone_number" not in hidden(client.order(done.id))
    client.advance(31 * DAY)
    client.connect()
    assert "phone_number" in hidden(client.order(done.id))
    truth = next(each for each in client.control("GET", "/state?parts=orders")["orders"] if each["id"] == done.id)
    assert truth["recipient_address"]["phone_number"] == done.address.phone_number


def test_a_changed_address_is_told(client: Client) -> None:
    order = client.buy_ready()
    client.advance(60)
    client.control("POST", f"/orders/{order['id']}/edit-address", {"line1": "7 New Pier"})
    changed = client.order(order["id"])
    assert changed["has_updated_recipient_address"]
    assert changed["recipient_address"]["address_line1"] == "7 New Pier"
    assert changed["update_time"] > order["update_time"]


def test_samples_cost_nothing(client: Client) -> None:
    order = client.buy_ready(is_sample_order=True)
    assert order["is_sample_order"]
    assert order["payment"]["total_amount"] == "0"
    assert order["line_items"][0]["sale_price"] == "0"
