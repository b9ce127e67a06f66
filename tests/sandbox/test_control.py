import json
from collections.abc import Callable

import httpx
import pytest

from gcw_tiktok.sandbox.server import create_app
from sandbox.client import Client

HOOKS = "/event/202309/webhooks"


def test_the_journal_keeps_every_request_but_no_secret(client: Client) -> None:
    client.http.get("/open/authorize", params={"service_id": client.world.app.service_id})
    client.call("POST", "/order/202309/orders/search", {"page_size": 1}, {"order_status": "ON_HOLD"})
    order = client.buy_ready()
    body = {"tracking_number": "9400100000000000000011", "shipping_provider_id": "7117858858072016686"}
    told = client.call("POST", f"/fulfillment/202309/orders/{order['id']}/packages", {}, body)
    entries = client.control("GET", "/journal")["entries"]
    text = json.dumps(entries)
    assert client.world.app.secret not in text
    assert client.token not in text
    assert "sign" not in entries[-1]["query"]
    assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[-1]["body"] == body
    assert entries[-1]["effect"] == f"order {order['id']}: 1 unit(s) shipped in package {told['data']['package_id']}"
    assert (entries[-1]["status"], entries[-1]["code"]) == (200, 0)
    assert entries[-1]["request_id"] == told["request_id"]
    later = client.control("GET", f"/journal?since={entries[-2]['number']}&path=packages")["entries"]
    assert later == entries[-1:]


def test_the_state_tells_the_truth(client: Client) -> None:
    state = client.control("GET", "/state")
    assert [shop["name"] for shop in state["shops"]][:2] == ["Paper Harbor Prints", "Tidewater Goods"]
    assert state["shops"][0]["cipher"] == client.cipher
    assert [seller["authorized"] for seller in state["sellers"]] == [True, False, False, False]
    assert len(state["orders"]) == 12
    assert not any("*" in order["recipient_address"]["full_address"] for order in state["orders"])
    assert set(client.control("GET", "/state?parts=now,shops")) == {"now", "shops"}


def test_a_reset_forgets(client: Client) -> None:
    client.buy()
    client.control("POST", "/faults", {"match": "", "kind": "rate_limit"})
    client.control("POST", "/reset")
    assert client.control("GET", "/journal")["entries"] == []
    assert client.control("GET", "/faults")["faults"] == []
    assert len(client.control("GET", "/state")["orders"]) == 12


def test_orders_can_be_made_in_numbers_and_by_sku_id(client: Client) -> None:
    on_sale = client.data("POST", "/product/202502/products/search", {"page_size": 1}, {"status": "ACTIVATE"})
    sku = on_sale["products"][0]["skus"][0]
    wish = {"lines": [{"seller_sku": sku["id"]}, {"sku_id": sku["id"], "quantity": 2}], "count": 3}
    made = client.control("POST", "/orders", wish | {"buyer_message": "Thanks!"})
    assert len(set(made["order_ids"])) == 3
    assert made["order_id"] == made["order_ids"][0]
    order = client.order(made["order_id"])
    assert {line["sku_id"] for line in order["line_items"]} == {sku["id"]}
    assert (len(order["line_items"]), order["buyer_message"]) == (3, "Thanks!")


def test_an_order_may_show_whatever_a_test_needs(client: Client) -> None:
    line = {"quantity": 2, "extra": {"is_gift": True, "pod_info_id": "789"}}
    order = client.order(client.buy(lines=[line, {}], extra={"fulfillment_type": "FULFILLMENT_BY_TIKTOK"}))
    assert order["fulfillment_type"] == "FULFILLMENT_BY_TIKTOK"
    assert [each["is_gift"] for each in order["line_items"]] == [True, True, False]


def test_wishes_that_cannot_come_true(client: Client) -> None:
    for path, wish in (
        ("/orders", {"lines": [{"seller_sku": "NOTHING"}]}),
        ("/orders", {"status": "DELIVERED"}),
        ("/orders", {"shop_id": "42"}),
        ("/orders", {"shipping_type": "PIGEON"}),
        ("/orders", {"lines": [{"quantity": 0}]}),
        ("/orders/42/pay", {}),
        ("/authorizations", {"seller": "nobody"}),
        ("/products/42/retitle", {}),
        ("/faults", {"kind": "earthquake"}),
        ("/faults", {"kind": "slow", "color": "red"}),
        ("/faults", {"kind": "slow", "id": 3}),
        ("/faults", {"kind": "slow", "rate": "often"}),
        ("/clock", {"advance": -5}),
        ("/orders/42/dance", {}),
    ):
        reply = client.http.post(f"/_sandbox{path}", json=wish)
        assert reply.status_code == 400, path
        assert reply.json()["error"]
    assert client.http.post("/_sandbox/clock", content=b"[1]").status_code == 400


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null"])
def test_no_wish_may_be_written_in_any_way(client: Client, content: bytes) -> None:
    order_id = client.buy()
    reply = client.http.post(f"/_sandbox/orders/{order_id}/end-hold", content=content)
    assert reply.json()["status"] == "AWAITING_SHIPMENT"


def test_only_this_machine_may_control(make_client: Callable[..., Client]) -> None:
    world = make_client().world
    transport = httpx.WSGITransport(app=create_app(world), remote_addr="192.0.2.7")
    with httpx.Client(transport=transport, base_url="http://sandbox") as away:
        assert away.get("/_sandbox/state").status_code == 403


def test_where_the_consent_page_leads_can_be_changed(client: Client) -> None:
    client.control("POST", "/app", {"redirect_url": "https://print.example/back?x=1"})
    told = client.control("POST", "/authorizations", {"seller": "Tidewater Goods", "state": "s"})
    assert told["redirect_url"].startswith("https://print.example/back?x=1&app_key=")
    assert told["code"] in told["redirect_url"]


def test_webhooks_are_kept_for_each_shop_and_type(client: Client) -> None:
    hook = {"event_type": "ORDER_STATUS_CHANGE", "address": "https://print.example/hook"}
    assert client.data("PUT", HOOKS, {}, hook) == {}
    client.advance(60)
    client.data("PUT", HOOKS, {}, hook | {"address": "https://print.example/other"})
    kept = client.data("GET", HOOKS)
    assert kept["total_count"] == 1
    assert kept["webhooks"][0]["address"] == "https://print.example/other"
    assert kept["webhooks"][0]["update_time"] >= kept["webhooks"][0]["create_time"] + 60
    client.data("DELETE", HOOKS, {}, {"event_type": "ORDER_STATUS_CHANGE"})
    assert client.data("GET", HOOKS) == {"total_count": 0, "webhooks": []}
    assert client.call("PUT", HOOKS, {}, {"event_type": "NEWS", "address": "https://a.example"})["code"] == 36009004
    assert client.call("PUT", HOOKS, {}, hook | {"address": "ftp://a.example"})["code"] == 36009004
    assert client.call("PUT", HOOKS, {}, {"event_type": "NEW_MESSAGE"})["code"] == 36009004


def test_permissions_and_active_shops(make_client: Callable[..., Client]) -> None:
    for seller, permissions in (("paper-harbor", []), ("tidewater", ["MANAGE_GLOBAL_PRODUCT"])):
        client = make_client()
        client.connect(seller)
        assert client.data("GET", "/seller/202309/permissions") == {"permissions": permissions}
        assert client.data("GET", "/seller/202309/shops")["shops"][0]["region"] == "US"


def test_a_wish_is_read_whatever_its_body_is_called(client: Client) -> None:
    """`curl -d` calls it a form."""
    for content_type in ("application/x-www-form-urlencoded", "text/plain", "application/json"):
        headers = {"content-type": content_type}
        reply = client.http.post("/_sandbox/orders", content=b'{"status": "UNPAID"}', headers=headers)
        assert reply.json()["status"] == "UNPAID"
