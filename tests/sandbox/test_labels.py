import re
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256

import pytest

from gcw_tiktok.sandbox.sales import label_numbers
from sandbox.client import Client
from sandbox.shipping import (
    DAY,
    HOUR,
    Json,
    buy_label,
    ids,
    mark_shipped,
    package,
    ship_package,
    split,
    told,
    twins,
)

POUND, SMALL = {"value": "1.1", "unit": "POUND"}, {"length": "6", "width": "5", "height": "5", "unit": "INCH"}
NEW = "/fulfillment/202512/packages"


@pytest.fixture
def order(client: Client) -> Json:
    """Two units that TikTok ships."""
    return client.buy_ready(shipping_type="TIKTOK", lines=[{"quantity": 2}])


def services(client: Client, order_id: str, **body: object) -> Json:
    return client.call("POST", f"/fulfillment/202309/orders/{order_id}/shipping_services/query", {}, body or None)


def test_services_are_quoted_by_size_and_weight(client: Client, order: Json) -> None:
    small = services(client, order["id"], weight=POUND, dimension=SMALL)["data"]
    assert (small["order_id"], small["order_line_id"]) == (order["id"], ids(order))
    assert (small["weight"], small["dimension"]) == (POUND, SMALL)
    heavy = services(client, order["id"], weight={"value": "30", "unit": "POUND"}, dimension=SMALL)["data"]
    prices = [[Decimal(each["price"]) for each in answer["shipping_services"]] for answer in (small, heavy)]
    assert prices[0] == sorted(prices[0])
    assert prices[0][0] < prices[1][0]
    assert [each["is_default"] for each in small["shipping_services"]] == [True, False, False, False]
    assert services(client, order["id"], weight=POUND, dimension=SMALL)["data"] == small
    large = {"length": "200", "width": "100", "height": "60", "unit": "CM"}
    assert services(client, order["id"], weight=POUND, dimension=large)["code"] == 21011037
    over_70 = services(client, order["id"], weight={"value": "36000", "unit": "GRAM"}, dimension=SMALL)["data"]
    assert {each["shipping_provider_name"] for each in over_70["shipping_services"]} == {"UPS", "FedEx"}
    nothing = {"value": "0", "unit": "POUND"}
    assert services(client, order["id"], weight=nothing)["code"] == 21001001


def test_without_size_and_weight_the_listings_count(client: Client, order: Json) -> None:
    whole = services(client, order["id"])["data"]
    one = services(client, order["id"], order_line_item_ids=ids(order)[:1])["data"]
    assert Decimal(whole["weight"]["value"]) == 2 * Decimal(one["weight"]["value"]) > 0
    assert one["dimension"]["unit"] == "INCH"


def test_automatic_allocation_offers_one_service_and_ignores_the_asked_for(client: Client, order: Json) -> None:
    fedex = services(client, order["id"])["data"]["shipping_services"][-1]
    shop_id = client.control("GET", "/state?parts=shops")["shops"][0]["id"]
    client.control("POST", f"/shops/{shop_id}/settings", {"automatic_labels": True})
    assert len(services(client, order["id"])["data"]["shipping_services"]) == 1
    bought = buy_label(client, order["id"], shipping_service_id=fedex["id"])["data"]
    assert bought["shipping_service_info"]["name"] != fedex["name"]


def test_a_label_ships_the_order_under_a_number_of_the_platforms(client: Client, order: Json) -> None:
    client.advance(HOUR)
    offered = services(client, order["id"], weight=POUND, dimension=SMALL)["data"]["shipping_services"]
    wanted = next(each for each in offered if each["shipping_provider_name"] == "UPS")
    answer = buy_label(client, order["id"], shipping_service_id=wanted["id"], weight=POUND, dimension=SMALL)
    bought = answer["data"]
    assert bought["shipping_service_info"] == {name: wanted[name] for name in bought["shipping_service_info"]}
    assert "is_default" not in bought["shipping_service_info"]
    assert (bought["order_id"], bought["order_line_item_ids"]) == (order["id"], ids(order))
    shipped = client.order(order["id"])
    assert (shipped["status"], shipped["rts_time"]) == ("AWAITING_COLLECTION", bought["create_time"])
    assert shipped["tracking_number"].startswith("1Z")
    assert shipped["packages"] == [{"id": bought["package_id"]}]
    shown = package(client, bought["package_id"])
    assert (shown["package_status"], shown["package_sub_status"]) == ("PROCESSING", "RTS")
    assert (shown["shipping_type"], shown["handover_method"]) == ("TIKTOK", "DROP_OFF")
    assert (shown["weight"], shown["dimension"]) == (POUND, SMALL)
    assert shown["tracking_number"] == shipped["tracking_number"]
    assert "*" in shown["recipient_address"]["address_line1"]
    assert shown["sender_address"]["postal_code"] == "43215"


def test_labels_that_are_refused(client: Client, order: Json) -> None:
    assert buy_label(client, "42")["code"] == 21011029
    assert buy_label(client, order["id"], order_line_item_ids=["42"])["code"] == 21011029
    assert buy_label(client, order["id"], shipping_service_id="42")["code"] == 21004008
    usps = services(client, order["id"])["data"]["shipping_services"][0]["id"]
    heavy = {"value": "100", "unit": "POUND"}
    assert buy_label(client, order["id"], shipping_service_id=usps, weight=heavy)["code"] == 11003011
    assert buy_label(client, order["id"], weight={"value": "500", "unit": "POUND"})["code"] == 11021009
    assert buy_label(client, client.buy_ready()["id"])["code"] == 21011012
    held = client.buy(shipping_type="TIKTOK")
    assert buy_label(client, held)["code"] == services(client, held)["code"] == 21011044
    unpaid = client.buy(shipping_type="TIKTOK", status="UNPAID")
    assert buy_label(client, unpaid)["code"] == 21042057
    many = client.buy_ready(shipping_type="TIKTOK", lines=[{"quantity": 101}])["id"]
    assert buy_label(client, many, weight=POUND, dimension=SMALL)["code"] == 11021018
    assert client.order(order["id"])["packages"] == []
    client.control("POST", f"/orders/{order['id']}/cancel")
    assert buy_label(client, order["id"])["code"] == 21011041
    assert services(client, "42")["code"] == 10006402


def test_a_label_is_bought_once(client: Client, order: Json) -> None:
    first, second = ids(order)
    part = buy_label(client, order["id"], order_line_item_ids=[first])["data"]
    assert buy_label(client, order["id"])["code"] == 21011048
    assert buy_label(client, order["id"], order_line_item_ids=[first])["code"] == 21022025
    assert client.order(order["id"])["status"] == "PARTIALLY_SHIPPING"
    rest = buy_label(client, order["id"], order_line_item_ids=[second])["data"]
    done = client.order(order["id"])
    assert (done["status"], done["split_or_combine_tag"]) == ("AWAITING_COLLECTION", "SPLIT")
    assert {each["id"] for each in done["packages"]} == {part["package_id"], rest["package_id"]}
    assert buy_label(client, order["id"])["code"] == 21022025
    assert services(client, order["id"])["code"] == 21011006
    assert mark_shipped(client, order["id"])["code"] == 21011004


def test_a_label_refuses_a_buyers_request(client: Client, order: Json) -> None:
    client.control("POST", f"/orders/{order['id']}/request-cancel")
    assert buy_label(client, order["id"])["code"] == 0
    assert not client.order(order["id"])["is_buyer_request_cancel"]


def test_the_newer_call_takes_an_order_units_or_several_orders(client: Client, order: Json) -> None:
    whole = client.data("POST", NEW, {}, {"ship_type": "1", "order_id": order["id"]})
    assert "order_id" not in whole
    assert package(client, whole["package_id"])["order_line_item_ids"] == ids(order)
    other = client.buy_ready(shipping_type="TIKTOK", lines=[{"quantity": 2}])
    line = {"order_line_id": ids(other)[1]}
    part = client.data("POST", NEW, {}, {"ship_type": "2", "order_line_item": [line]})
    assert package(client, part["package_id"])["order_line_item_ids"] == ids(other)[1:]
    a, b = twins(client, shipping_type="TIKTOK")
    both = client.data("POST", NEW, {}, {"ship_type": "3", "order_list_ids": [a["id"], b["id"]]})
    shown = package(client, both["package_id"])
    assert {each["id"] for each in shown["orders"]} == {a["id"], b["id"]}
    assert shown["split_and_combine_tag"] == "COMBINE"
    for one in (a, b):
        now = client.order(one["id"])
        assert (now["status"], now["split_or_combine_tag"]) == ("AWAITING_COLLECTION", "COMBINED")
        assert now["tracking_number"] == shown["tracking_number"]
    client.control("POST", f"/orders/{a['id']}/deliver")
    assert client.order(b["id"])["status"] == "DELIVERED"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ship_type": "1"}, 36009004),
        ({"ship_type": "2"}, 36009004),
        ({"ship_type": "3"}, 36009004),
        ({"ship_type": "4"}, 36009004),
        ({"ship_type": "2", "order_line_item": [{"order_line_id": "42"}]}, 21011029),
        ({"ship_type": "3", "order_list_ids": ["42", "43"]}, 21011029),
    ],
)
def test_the_newer_call_refuses_what_it_cannot_ship(client: Client, body: Json, code: int) -> None:
    assert client.call("POST", NEW, {}, body)["code"] == code


def test_orders_to_several_addresses_share_no_label(client: Client, order: Json) -> None:
    other = client.buy_ready(shipping_type="TIKTOK")
    body = {"ship_type": "3", "order_list_ids": [order["id"], other["id"]]}
    assert client.call("POST", NEW, {}, body)["code"] == 21011029


def test_a_split_package_of_tiktoks_is_shipped_with_a_pickup(client: Client, order: Json) -> None:
    first, second = ids(order)
    boxes = [each["id"] for each in split(client, order["id"], [first], [second])["data"]["packages"]]
    assert ship_package(client, boxes[0], handover_method="PICKUP")["code"] == 21004017
    past = {"start_time": 1, "end_time": 2}
    assert ship_package(client, boxes[0], handover_method="PICKUP", pickup_slot=past)["code"] == 21011053
    path = f"/fulfillment/202309/packages/{boxes[0]}/handover_time_slots"
    slots = client.data("GET", path)
    assert slots["can_pickup"]
    free = slots["pickup_slots"][-1]  # the first one may close while the test runs
    assert free.pop("avaliable")
    assert ship_package(client, boxes[0], handover_method="PICKUP", pickup_slot=free)["code"] == 0
    shown = package(client, boxes[0])
    assert (shown["handover_method"], shown["pickup_slot"]) == ("PICKUP", free)
    assert client.order(order["id"])["status"] == "PARTIALLY_SHIPPING"
    assert ship_package(client, boxes[0])["code"] == 21011020
    assert ship_package(client, boxes[1])["code"] == 0
    assert client.order(order["id"])["status"] == "AWAITING_COLLECTION"


def test_a_handover_can_be_booked_for_an_order(client: Client, order: Json) -> None:
    slots = client.data("GET", f"/fulfillment/202309/orders/{order['id']}/handover_time_slots")["pickup_slots"]
    first, last = slots[-2:]
    assert first.pop("avaliable")
    assert last.pop("avaliable")
    body = {"order_id": order["id"], "handover_method": "PICKUP", "pickup_slot": first}
    booked = client.data("POST", "/fulfillment/202309/packages/schedule", {}, body)
    assert client.order(order["id"])["tracking_number"] == booked["tracking_number"] != ""
    again = client.data("POST", "/fulfillment/202309/packages/schedule", {}, body | {"pickup_slot": last})
    assert (again["package_id"], again["tracking_number"]) == (booked["package_id"], booked["tracking_number"])
    assert package(client, again["package_id"])["pickup_slot"] == last
    seller = client.buy_ready()["id"]
    assert client.call("GET", f"/fulfillment/202309/orders/{seller}/handover_time_slots")["code"] == 21001001


def test_pickup_slots_lie_on_business_days(client: Client) -> None:
    order_id = client.buy_ready(shipping_type="TIKTOK")["id"]
    client.advance(2 * DAY + 20 * HOUR)  # Thanksgiving, after midnight Pacific
    client.connect()
    slots = client.data("GET", f"/fulfillment/202309/orders/{order_id}/handover_time_slots")["pickup_slots"]
    assert [each["avaliable"] for each in slots] == [True] * 6
    assert slots[0]["start_time"] - client.world.now() > DAY


def test_numbers_of_labels_are_known_for_what_they_are(client: Client, order: Json) -> None:
    path = "/fulfillment/202508/tts_tracking_validation"
    buy_label(client, order["id"])
    number = client.order(order["id"])["tracking_number"]
    assert client.data("GET", path, {"tracking_number": number})["is_tiktok_shipping"]
    own = client.buy_ready()["id"]
    mark_shipped(client, own)
    number = client.order(own)["tracking_number"]
    assert not client.data("GET", path, {"tracking_number": number})["is_tiktok_shipping"]
    assert not client.data("GET", path, {"tracking_number": "42"})["is_tiktok_shipping"]


@pytest.mark.parametrize(("carrier", "shape"), [("USPS", r"94\d{20}"), ("UPS", r"1Z\d{16}"), ("FedEx", r"\d{12}")])
def test_label_numbers_have_their_carriers_form(carrier: str, shape: str) -> None:
    made = {label_numbers.of(carrier, sha256(bytes([number])).hexdigest()) for number in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(shape, each) for each in made)


def test_label_numbers_carry_their_check_digit() -> None:
    usps = label_numbers.of("USPS", "ab" * 32)
    weighted = (int(digit) * (1, 3)[place % 2] for place, digit in enumerate(reversed(usps)))
    assert sum(weighted) % 10 == 0


def test_a_label_for_part_of_an_order_is_told_as_a_split(client: Client, order: Json) -> None:
    buy_label(client, order["id"], order_line_item_ids=ids(order)[:1])
    event = told(client, "PACKAGE_UPDATE")[-1]
    assert (event["sc_type"], event["role_type"]) == ("SPLIT", "ROLE_SELLER")
    assert event["package_list"][0]["order_id_list"] == [order["id"]]


def test_the_same_seed_gives_the_same_labels(make_client: Callable[..., Client]) -> None:
    numbers = []
    for _ in range(2):
        client = make_client()
        client.connect()
        order_id = client.buy_ready(shipping_type="TIKTOK")["id"]
        buy_label(client, order_id)
        numbers.append(client.order(order_id)["tracking_number"])
    assert numbers[0] == numbers[1]
