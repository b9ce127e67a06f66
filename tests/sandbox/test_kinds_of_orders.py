"""Orders that are not sold, made or shipped as usual, and what time does to each kind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from gcw_tiktok.sandbox.sales.business_days import PACIFIC
from sandbox.client import START, Client
from sandbox.shipping import DAY, HOUR, Json, buy_label, mark_shipped, package, split, told


def day(moment: int) -> str:
    """The Pacific day that a deadline ends."""
    at = datetime.fromtimestamp(moment, UTC).astimezone(PACIFIC)
    assert (at.hour, at.minute, at.second) == (23, 59, 59)
    return at.strftime("%m-%d")


def days(order: Json) -> list[str]:
    members = ("rts_sla_time", "tts_sla_time", "delivery_sla_time", "shipping_due_time", "collection_due_time")
    return [day(order[member]) for member in members]


def go_to(client: Client, moment: int) -> None:
    client.advance(moment - client.world.now())
    client.connect()


def test_a_regular_order_has_two_business_days(client: Client) -> None:
    """Paid on Monday 23 November 2026; Thursday is Thanksgiving."""
    order = client.buy_ready()
    assert days(order) == ["11-25", "11-25", "12-02", "12-03", "12-07"]
    assert order["delivery_due_time"] > order["collection_due_time"]


def test_what_has_to_be_made_first_has_its_handling_time(client: Client) -> None:
    wish = {"order_type": "MADE_TO_ORDER", "handling_duration": {"days": "3", "type": "BUSINESS_DAY"}}
    order = client.buy_ready(**wish)
    assert (order["order_type"], order["handling_duration"]) == ("MADE_TO_ORDER", wish["handling_duration"])
    assert days(order) == ["11-30", "11-30", "12-04", "12-04", "12-08"]
    calendar = {"days": "3", "type": "CALENDAR_DAY"}
    back = client.buy_ready(order_type="BACK_ORDER", handling_duration=calendar)
    assert back["handling_duration"] == calendar
    assert days(back) == ["11-27", "11-27", "12-03", "12-03", "12-07"]


def test_a_pre_order_is_held_until_its_release(client: Client) -> None:
    release = START + 10 * DAY  # Thursday 3 December
    order_id = client.buy(order_type="PRE_ORDER", release_date=release)
    order = client.order(order_id)
    assert (order["order_type"], order["release_date"]) == ("PRE_ORDER", release)
    assert days(order) == ["12-07", "12-07", "12-11", "12-14", "12-16"]
    go_to(client, release - 1)
    assert client.order(order_id)["status"] == "ON_HOLD"
    assert mark_shipped(client, order_id)["code"] == 21011044
    go_to(client, release)
    ready = client.order(order_id)
    assert (ready["status"], ready["update_time"]) == ("AWAITING_SHIPMENT", release)
    assert mark_shipped(client, order_id)["code"] == 0


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"order_type": "MADE_TO_ORDER", "handling_duration": {"days": 10}},
        {"order_type": "PRE_ORDER", "release_date": START + 5 * DAY},
    ],
)
def test_what_is_not_shipped_in_its_time_is_cancelled(client: Client, wish: Json) -> None:
    order_id = client.buy(**wish)
    due = client.order(order_id)["shipping_due_time"]
    go_to(client, due - 1)
    assert client.order(order_id)["status"] == "AWAITING_SHIPMENT"
    go_to(client, due)
    late = client.order(order_id)
    assert (late["status"], late["cancellation_initiator"], late["cancel_time"]) == ("CANCELLED", "SYSTEM", due)


def test_what_no_carrier_scans_is_cancelled(client: Client) -> None:
    order = client.buy_ready()
    package_id = mark_shipped(client, order["id"])["data"]["package_id"]
    client.control("POST", f"/orders/{order['id']}/lose")
    go_to(client, order["collection_due_time"] - 1)
    assert client.order(order["id"])["status"] == "AWAITING_COLLECTION"
    go_to(client, order["collection_due_time"])
    assert client.order(order["id"])["status"] == "CANCELLED"
    shown = package(client, package_id)
    assert (shown["package_status"], shown["ship_exception_reason"]) == ("CANCELLED", "PACKAGE_LOST")


def test_what_does_not_arrive_is_cancelled(client: Client) -> None:
    order = client.buy_ready()
    mark_shipped(client, order["id"])
    client.control("POST", f"/orders/{order['id']}/collect")
    client.control("POST", f"/orders/{order['id']}/lose")
    go_to(client, order["delivery_due_time"] - 1)
    assert client.order(order["id"])["status"] == "IN_TRANSIT"
    go_to(client, order["delivery_due_time"])
    assert client.order(order["id"])["status"] == "CANCELLED"


def test_what_is_not_paid_is_cancelled(client: Client) -> None:
    order_id = client.buy(status="UNPAID")
    client.advance(DAY - 1)
    client.connect()
    assert client.order(order_id)["status"] == "UNPAID"
    client.advance(1)
    gone = client.order(order_id)
    assert (gone["status"], gone["cancellation_initiator"]) == ("CANCELLED", "SYSTEM")
    assert gone["cancel_reason"] == "Buyer did not pay on time"
    assert "paid_time" not in gone


def test_an_order_passes_every_status_and_tells_of_it(client: Client) -> None:
    order_id = client.buy(status="UNPAID")
    seen = [client.order(order_id)["status"]]
    for step in ("pay", "end-hold", "ship", "collect", "deliver", "complete"):
        if step == "ship":
            mark_shipped(client, order_id)
        else:
            client.control("POST", f"/orders/{order_id}/{step}")
        seen.append(client.order(order_id)["status"])
    assert seen == [
        *("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "AWAITING_COLLECTION"),
        *("IN_TRANSIT", "DELIVERED", "COMPLETED"),
    ]
    events = [each["order_status"] for each in told(client, "ORDER_STATUS_CHANGE") if each["order_id"] == order_id]
    assert events == seen


def test_a_gift_costs_nothing(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 1}, {"is_gift": True}])
    paid, gift = order["line_items"]
    assert (paid["is_gift"], gift["is_gift"]) == (False, True)
    assert (gift["sale_price"], gift["gift_retail_price"]) == ("0", paid["original_price"])
    assert order["payment"]["sub_total"] == paid["sale_price"]


def test_a_replacement_names_what_it_replaces(client: Client) -> None:
    first = client.buy_ready(lines=[{"seller_sku": "POSTER-HARBOR-18X24-MATTE", "quantity": 2}])
    again = client.buy_ready(replaced_order_id=first["id"])
    assert (again["is_replacement_order"], again["replaced_order_id"]) == (True, first["id"])
    assert again["user_id"] == first["user_id"]
    assert [line["sku_id"] for line in again["line_items"]] == [line["sku_id"] for line in first["line_items"]]
    assert again["payment"]["sub_total"] == "0"
    assert mark_shipped(client, again["id"])["code"] == 0


def test_exchanges_and_subscriptions_are_marked(client: Client) -> None:
    first = client.buy_ready()
    exchange = client.buy_ready(exchange_source_order_id=first["id"])
    assert (exchange["is_exchange_order"], exchange["exchange_source_order_id"]) == (True, first["id"])
    assert client.buy_ready(is_subscription_order=True)["is_subscription_order"]
    assert not first["is_exchange_order"]
    assert "exchange_source_order_id" not in first


def test_tiktoks_own_warehouse_sends_what_it_keeps(client: Client) -> None:
    order_id = client.buy(fulfillment_type="FULFILLMENT_BY_TIKTOK")
    client.control("POST", f"/orders/{order_id}/end-hold")
    order = client.order(order_id)
    assert (order["fulfillment_type"], order["shipping_type"]) == ("FULFILLMENT_BY_TIKTOK", "TIKTOK")
    address = order["recipient_address"]
    hidden = ("name", "phone_number", "full_address", "address_line1", "postal_code")
    assert all("*" in address[member] for member in hidden)
    assert "*" not in address["district_info"][3]["address_name"]
    assert buy_label(client, order_id)["code"] == 21008025
    assert split(client, order_id, [order["line_items"][0]["id"]])["code"] == 21008025
    client.advance(DAY + HOUR)
    client.connect()
    sent = client.order(order_id)
    assert (sent["status"], sent["shipping_provider"]) == ("AWAITING_COLLECTION", "USPS")


def test_an_address_moves_before_and_after_the_hold(client: Client) -> None:
    order_id = client.buy()
    client.control("POST", f"/orders/{order_id}/edit-address", {"line1": "7 New Pier"})
    held = client.order(order_id)
    assert (held["has_updated_recipient_address"], held["recipient_address"]["address_line1"]) == (True, "")
    client.advance(HOUR)
    assert client.order(order_id)["recipient_address"]["address_line1"] == "7 New Pier"
    client.control("POST", f"/orders/{order_id}/edit-address", {"line1": "8 New Pier"})
    assert client.order(order_id)["recipient_address"]["address_line1"] == "8 New Pier"
    assert [each["order_id"] for each in told(client, "RECIPIENT_ADDRESS_UPDATE")] == [order_id] * 2


@pytest.mark.parametrize(
    "wish",
    [
        {"order_type": "LOAN"},
        {"fulfillment_type": "FULFILLMENT_BY_MAGIC"},
        {"replaced_order_id": "42"},
        {"buyer_user_id": "42"},
        {"lines": [{"customization": "none"}]},
        {"order_type": "MADE_TO_ORDER", "handling_duration": {"type": "YEARS"}},
    ],
)
def test_wishes_that_make_no_sense_are_refused(client: Client, wish: Json) -> None:
    before = len(client.world.orders)
    assert client.http.post("/_sandbox/orders", json=wish).status_code == 400
    assert len(client.world.orders) == before


def test_a_message_of_the_buyers_is_kept(client: Client) -> None:
    order = client.buy_ready(buyer_message="To Ada, please")
    assert order["buyer_message"] == "To Ada, please"
    package_id = mark_shipped(client, order["id"])["data"]["package_id"]
    assert package(client, package_id)["note_tag"] == "BUYER_NOTED"


def test_deadlines_do_not_depend_on_the_hour(client: Client) -> None:
    """An order paid late on a Pacific evening counts from that day."""
    late = datetime(2026, 11, 23, 23, 30, tzinfo=PACIFIC) - datetime.fromtimestamp(START, UTC)
    client.advance(int(late / timedelta(seconds=1)))
    assert day(client.order(client.buy(is_on_hold_order=False))["rts_sla_time"]) == "11-25"


def test_a_crowd_of_opening_orders_has_all_sorts_in_it(make_client: Callable[..., Client]) -> None:
    client = make_client(orders=200)
    client.connect()
    query = {"page_size": 100}
    first = client.data("POST", "/order/202309/orders/search", query)
    second = client.data("POST", "/order/202309/orders/search", query | {"page_token": first["next_page_token"]})
    orders = first["orders"] + second["orders"]
    assert {"NORMAL", "MADE_TO_ORDER"} == {order["order_type"] for order in orders}
    assert any(order["is_subscription_order"] for order in orders)
    assert any(order["buyer_message"] for order in orders)
    gifts = [line for order in orders for line in order["line_items"] if line["is_gift"]]
    assert gifts
    assert {line["sale_price"] for line in gifts} == {"0"}
