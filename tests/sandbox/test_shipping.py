from typing import Any

import pytest

from gcw_tiktok.sandbox.sales.carriers import BY_ID, CARRIERS
from sandbox.client import Client

USPS, UPS = CARRIERS[0].id, CARRIERS[1].id
NUMBER = "9400100000000000000011"
HOUR = 3_600
Json = dict[str, Any]


def ship(client: Client, order_id: str, version: str = "202309", **body: Any) -> Json:
    wanted = {"tracking_number": NUMBER, "shipping_provider_id": USPS} | body
    if version == "202610":
        lines = wanted.pop("order_line_item_ids", None)
        wanted = {"shipping_info_list": [wanted]}
        if lines:
            wanted["order_line_list"] = [{"order_line_id": line_id} for line_id in lines]
    return client.call("POST", f"/fulfillment/{version}/orders/{order_id}/packages", {}, wanted)


@pytest.mark.parametrize("version", ["202309", "202610"])
def test_a_shipped_order_shows_its_package(client: Client, version: str) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    client.advance(HOUR)
    data = ship(client, order["id"], version)["data"]
    assert data["order_line_item_ids"] == [line["id"] for line in order["line_items"]]
    assert "warning" not in data
    shipped = client.order(order["id"])
    assert shipped["status"] == "AWAITING_COLLECTION"
    assert shipped["packages"] == [{"id": data["package_id"]}]
    assert shipped["update_time"] == shipped["rts_time"] > order["update_time"]
    for line in shipped["line_items"]:
        assert line["package_id"] == data["package_id"]
        assert (line["tracking_number"], line["shipping_provider_name"]) == (NUMBER, "USPS")
        assert (line["package_status"], line["shipping_provider_id"]) == ("PROCESSING", USPS)
    package = client.data("GET", f"/fulfillment/202309/packages/{data['package_id']}")
    assert (package["tracking_number"], package["package_status"]) == (NUMBER, "PROCESSING")
    assert [each["id"] for each in package["orders"]] == [order["id"]]


@pytest.mark.parametrize("version", ["202309", "202610"])
def test_parcels_can_be_shipped_one_by_one(client: Client, version: str) -> None:
    order = client.buy_ready(lines=[{"quantity": 3}])
    ids = [line["id"] for line in order["line_items"]]
    assert ship(client, order["id"], version, order_line_item_ids=ids[:1])["code"] == 0
    partly = client.order(order["id"])
    assert partly["status"] == "PARTIALLY_SHIPPING"
    states = [line["display_status"] for line in partly["line_items"]]
    assert states == ["AWAITING_COLLECTION", "AWAITING_SHIPMENT", "AWAITING_SHIPMENT"]
    assert ship(client, order["id"], version)["code"] == 21011048
    rest = ship(client, order["id"], version, order_line_item_ids=ids[1:], tracking_number="9400100000000000000028")
    assert rest["code"] == 0
    done = client.order(order["id"])
    assert (done["status"], done["split_or_combine_tag"], len(done["packages"])) == ("AWAITING_COLLECTION", "SPLIT", 2)


def test_shipping_twice_is_refused(client: Client) -> None:
    order = client.buy_ready()
    assert ship(client, order["id"])["code"] == 0
    assert ship(client, order["id"])["code"] == 21011006
    assert ship(client, order["id"], order_line_item_ids=[order["line_items"][0]["id"]])["code"] == 21011006


def test_orders_that_may_not_be_shipped(client: Client) -> None:
    by_status = {order.status: order.id for order in client.world.orders if order.shipping_type == "SELLER"}
    tiktok = client.buy_ready(shipping_type="TIKTOK")["id"]
    assert ship(client, by_status["ON_HOLD"])["code"] == 21011044
    assert ship(client, by_status["UNPAID"])["code"] == 21042057
    assert ship(client, by_status["CANCELLED"])["code"] == 21011041
    assert ship(client, tiktok)["code"] == 21011004
    assert ship(client, "42")["code"] == 21011028
    assert ship(client, by_status["ON_HOLD"])["data"] == {}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"shipping_provider_id": "42"}, 21011022),
        ({"tracking_number": "123"}, 21011022),
        ({"tracking_number": "9400 1000 0000"}, 21004012),
        ({"order_line_item_ids": ["42"]}, 21011029),
        ({"quantity": 1}, 36009004),
    ],
)
def test_bad_shipments(client: Client, body: Json, code: int) -> None:
    order = client.buy_ready()
    assert ship(client, order["id"], **body)["code"] == code
    assert client.order(order["id"])["status"] == "AWAITING_SHIPMENT"


def test_a_number_of_another_carrier_is_taken_with_a_warning(client: Client) -> None:
    data = ship(client, client.buy_ready()["id"], tracking_number="1Z12345E0291980793")["data"]
    assert data["warning"]["message"].endswith("Did you mean to select UPS?")
    odd = ship(client, client.buy_ready()["id"], tracking_number="ABCDEFGH12")["data"]
    assert "No logistics provider" in odd["warning"]["message"]


def test_a_number_serves_one_address_only(client: Client) -> None:
    first, second = client.buy_ready(), client.buy_ready()
    while second["user_id"] == first["user_id"]:
        second = client.buy_ready()
    assert ship(client, first["id"])["code"] == 0
    assert ship(client, second["id"])["code"] == 21011025
    address = client.world.orders.get(first["id"])
    other = client.world.orders.get(second["id"])
    assert address
    assert other
    other.address = address.address
    assert ship(client, second["id"])["code"] == 0


def test_a_cancelled_unit_is_left_out(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    gone, kept = (line["id"] for line in order["line_items"])
    client.control("POST", f"/orders/{order['id']}/cancel", {"line_ids": [gone]})
    assert ship(client, order["id"], order_line_item_ids=[gone, kept])["code"] == 21011042
    assert ship(client, order["id"])["data"]["order_line_item_ids"] == [kept]
    assert client.order(order["id"])["status"] == "AWAITING_COLLECTION"


def test_shipping_refuses_a_pending_cancellation(client: Client) -> None:
    order = client.buy_ready()
    client.control("POST", f"/orders/{order['id']}/request-cancel")
    assert client.order(order["id"])["is_buyer_request_cancel"]
    assert ship(client, order["id"])["code"] == 0
    assert not client.order(order["id"])["is_buyer_request_cancel"]
    for version, spelling in (("202309", "CANCELLED"), ("202602", "CANCEL")):
        path = f"/return_refund/{version}/cancellations/search"
        found = client.data("POST", path, {}, {"order_ids": [order["id"]]})["cancellations"]
        assert found[0]["cancel_status"] == f"CANCELLATION_REQUEST_{spelling}"


def test_tracking_may_be_corrected_once_within_72_hours(client: Client) -> None:
    order = client.buy_ready()
    path = f"/fulfillment/202309/orders/{order['id']}/shipping_info/update"
    better = {"tracking_number": "1Z12345E0291980793", "shipping_provider_id": UPS}
    assert client.call("POST", path, {}, better)["code"] == 21011043
    package = ship(client, order["id"])["data"]["package_id"]
    assert client.call("POST", path, {}, better)["code"] == 0
    assert client.order(order["id"])["tracking_number"] == "1Z12345E0291980793"
    by_package = f"/fulfillment/202309/packages/{package}/shipping_info/update"
    assert client.call("POST", by_package, {}, better)["code"] == 21011051
    client.advance(73 * HOUR)
    assert client.call("POST", by_package, {}, better)["code"] == 21011049
    client.control("POST", f"/orders/{order['id']}/deliver")
    assert client.call("POST", by_package, {}, better)["code"] == 21011030


def test_carriers_of_a_delivery_option(client: Client) -> None:
    warehouse = client.data("GET", "/logistics/202309/warehouses")["warehouses"][0]
    assert "distict" in warehouse["address"]
    path = f"/logistics/202309/warehouses/{warehouse['id']}/delivery_options"
    own, tiktok = client.data("GET", path)["delivery_options"]
    order = client.buy_ready()
    assert (order["delivery_option_id"], order["warehouse_id"]) == (own["id"], warehouse["id"])
    providers = "/logistics/202309/delivery_options/{}/shipping_providers"
    found = client.data("GET", providers.format(own["id"]))["shipping_providers"]
    assert {"id": USPS, "name": "USPS"} in found
    assert {"GLS US", "GLS USA"} <= {each["name"] for each in found}
    assert client.call("GET", providers.format(tiktok["id"]))["code"] == 21008117
    assert client.call("GET", providers.format("42"))["code"] == 21008116
    assert client.call("GET", path.replace(warehouse["id"], "42"))["code"] == 11034009
    assert len(BY_ID) == len(CARRIERS)
