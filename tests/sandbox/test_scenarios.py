"""What each scenario promises really happens."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from gcw_tiktok.sandbox.sales.business_days import PACIFIC
from sandbox.client import Client

PARCEL = {"tracking_number": "9400100000000000000011", "shipping_provider_id": "7117858858072016686"}
SHOPS = "/authorization/202309/shops"
Json = dict[str, Any]


def play(client: Client, name: str, **wish: Any) -> Json:
    found = client.control("POST", f"/scenarios/{name}", wish)
    assert found["shows"].endswith(".")
    assert found["do"]
    assert found["watch"]
    return found


def moments(found: Json) -> list[int]:
    """The moments to which the scenario wants the clock moved."""
    written = re.findall(r"clock advance --to (\S+)", " ".join(found["do"]))
    return [int(datetime.fromisoformat(each).replace(tzinfo=UTC).timestamp()) for each in written]


def test_all_of_them_are_listed(client: Client) -> None:
    assert [each["name"] for each in client.control("GET", "/scenarios")["scenarios"]] == [
        "hold-then-cancel",
        "auto-cancel-day-7",
        "combine-window",
        "token-dies-over-a-weekend",
        "lost-answer-on-ship",
        "personalised-order",
        "replacement",
    ]
    assert client.http.post("/_sandbox/scenarios/earthquake", json={}).status_code == 400


def test_hold_then_cancel(client: Client) -> None:
    order_id = play(client, "hold-then-cancel")["ids"]["order_id"]
    order = client.order(order_id)
    assert (order["status"], order["recipient_address"]["full_address"]) == ("ON_HOLD", "")
    client.advance(29 * 60)
    assert client.order(order_id)["status"] == "ON_HOLD"
    client.advance(2 * 60)
    assert client.order(order_id)["status"] == "CANCELLED"
    search = client.data("POST", "/return_refund/202309/cancellations/search", {}, {"order_ids": [order_id]})
    (cancellation,) = search["cancellations"]
    assert cancellation["role"] == "BUYER"
    assert "seller_next_action_response" not in cancellation


def test_a_buyer_whose_order_is_gone_changes_no_mind(client: Client) -> None:
    order_id = play(client, "hold-then-cancel")["ids"]["order_id"]
    client.control("POST", f"/orders/{order_id}/end-hold", {})
    assert client.call("POST", f"/fulfillment/202309/orders/{order_id}/packages", {}, PARCEL)["code"] == 0
    client.advance(31 * 60)
    assert client.order(order_id)["status"] == "AWAITING_COLLECTION"


def test_auto_cancel_on_day_7(client: Client) -> None:
    found = play(client, "auto-cancel-day-7")
    order_id = found["ids"]["order_id"]
    late, cancelled = moments(found)
    client.control("POST", "/clock", {"to": late})
    order = client.order(order_id)
    assert (order["status"], order["tts_sla_time"]) == ("AWAITING_SHIPMENT", late - 1)
    client.control("POST", "/clock", {"to": cancelled - 2})
    client.connect()
    assert client.order(order_id)["status"] == "AWAITING_SHIPMENT"
    client.control("POST", "/clock", {"to": cancelled})
    client.connect()  # the access token ended on the way
    order = client.order(order_id)
    assert (order["status"], order["cancellation_initiator"]) == ("CANCELLED", "SYSTEM")
    assert f"{datetime.fromtimestamp(cancelled - 1, PACIFIC):%H:%M:%S}" == "23:59:59"


def test_the_combine_window(client: Client) -> None:
    ids = play(client, "combine-window")["ids"]
    first, second = (client.order(order_id) for order_id in ids["order_ids"])
    assert first["auto_combine_group_id"] == second["auto_combine_group_id"] == ids["auto_combine_group_id"]
    assert first["user_id"] == second["user_id"]
    assert first["recipient_address"] == second["recipient_address"]
    found = client.data("GET", "/fulfillment/202309/combinable_packages/search", {"page_size": 10})
    together = [set(each["order_ids"]) for each in found["combinable_packages"]]
    assert set(ids["order_ids"]) in together
    for order_id in ids["order_ids"]:
        assert client.call("POST", f"/fulfillment/202309/orders/{order_id}/packages", {}, PARCEL)["code"] == 0


def test_a_token_dies_over_a_weekend(client: Client) -> None:
    data = client.connect()
    found = play(client, "token-dies-over-a-weekend")
    evening = datetime.fromtimestamp(client.control("GET", "/clock")["now"], PACIFIC)
    assert (evening.strftime("%A"), evening.hour) == ("Friday", 18)
    assert client.call("GET", SHOPS)["code"] == 0
    (monday,) = moments(found)
    morning = datetime.fromtimestamp(monday, PACIFIC)
    assert (morning.strftime("%A"), morning.hour) == ("Monday", 8)
    client.control("POST", "/clock", {"to": monday})
    reply = client.raw("GET", SHOPS)
    assert (reply.status_code, reply.json()["code"]) == (401, 105002)
    fresh = client.auth("refresh", refresh_token=data["refresh_token"], grant_type="refresh_token")["data"]
    client.token = fresh["access_token"]
    assert client.order(found["ids"]["order_id"])["status"] == "AWAITING_SHIPMENT"


def test_no_token_dies_where_none_was_given(make_client: Callable[..., Client]) -> None:
    reply = make_client().http.post("/_sandbox/scenarios/token-dies-over-a-weekend", json={})
    assert reply.status_code == 400
    assert "Connect the shop first" in reply.json()["error"]


@pytest.mark.parametrize("version", ["202309", "202610"])
def test_a_lost_answer_on_ship(client: Client, version: str) -> None:
    order_id = play(client, "lost-answer-on-ship")["ids"]["order_id"]
    other = client.buy_ready()["id"]
    path = f"/fulfillment/{version}/orders/{order_id}/packages"
    body: Json = PARCEL if version == "202309" else {"shipping_info_list": [PARCEL]}
    elsewhere = {**PARCEL, "tracking_number": "9400100000000000000022"}
    assert client.call("POST", f"/fulfillment/202309/orders/{other}/packages", {}, elsewhere)["code"] == 0
    with pytest.raises(ConnectionResetError):
        client.call("POST", path, {}, body)
    order = client.order(order_id)
    assert (order["status"], len(order["packages"])) == ("AWAITING_COLLECTION", 1)
    assert client.call("POST", path, {}, body)["code"] == 21011006


def test_a_personalised_order(client: Client) -> None:
    ids = play(client, "personalised-order")["ids"]
    (line,) = client.order(ids["order_id"])["line_items"]
    assert (line["is_pod_customized"], line["pod_info_id"]) == (True, ids["pod_info_id"])
    keys = {"order_line_id": line["id"], "pod_order_data_id": line["pod_info_id"]}
    keys |= {name: line[name] for name in ("product_id", "sku_id")}
    asked = {"main_order_id": ids["order_id"], "query_order_lines": [keys]}
    (found,) = client.data("POST", "/order/202606/pod_details/search", {}, asked)["pod_details"]
    areas = [area for surface in json.loads(found["pod_detail"])["surfaces"] for area in surface["custom_areas"]]
    assert {area["area_type"] for area in areas} == {"TEXT", "IMAGE"}


def test_a_replacement(client: Client) -> None:
    ids = play(client, "replacement")["ids"]
    first, second = (client.order(ids[name]) for name in ("order_id", "replacement_order_id"))
    assert first["status"] == "DELIVERED"
    assert (second["is_replacement_order"], second["replaced_order_id"]) == (True, first["id"])
    assert (second["status"], second["payment"]["total_amount"]) == ("AWAITING_SHIPMENT", "0")
    assert second["recipient_address"]["full_address"] == first["recipient_address"]["full_address"]


def test_scenarios_can_be_repeated_and_name_shop_and_sku(client: Client) -> None:
    shop = next(each for each in client.world.shops() if each.name == "Tidewater Goods")
    sku = next(iter(shop.products)).skus[-1].seller_sku
    client.connect("tidewater")
    for each in client.control("GET", "/scenarios")["scenarios"]:
        for _ in range(2):
            ids = play(client, each["name"], shop_id="Tidewater Goods", seller_sku=sku)["ids"]
            order = client.world.orders.get(ids.get("order_id") or ids["order_ids"][0])
            assert order
            assert (order.shop, order.lines[0].seller_sku) == (shop, sku)


def test_a_prepared_scenario_can_be_handed_out(client: Client, make_client: Callable[..., Client]) -> None:
    order_id = play(client, "hold-then-cancel")["ids"]["order_id"]
    other = make_client(seed=3)
    other.control("POST", "/load", client.control("GET", "/save"))
    other.advance(31 * 60)
    assert other.world.orders.get(order_id).status == "CANCELLED"  # type: ignore[union-attr]
    assert isinstance(other.http, httpx.Client)
