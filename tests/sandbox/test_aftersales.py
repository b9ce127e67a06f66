"""What may be asked for about an order's units, and how much comes back."""

from collections.abc import Callable
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.client import Client, Json
from sandbox.test_cancelling_rules import NO_STOCK, shipped

VERSIONS = ("202309", "202512", "202602")
CANCEL, REFUND, RETURN = "CANCEL", "REFUND", "RETURN_AND_REFUND"


def eligible(client: Client, order_id: str, version: str = "202602", **query: str) -> dict[str, list[Json]]:
    """Verdicts by kind of request."""
    path = f"/return_refund/{version}/orders/{order_id}/aftersale_eligibility"
    verdicts: dict[str, list[Json]] = {}
    for sku in client.data("GET", path, query)["sku_eligibility"]:
        for each in sku["line_item_eligibility"]:
            verdicts.setdefault(each["request_type"], []).append(each)
    return verdicts


def may(client: Client, order_id: str, **query: str) -> set[str]:
    """The kinds of request that are open to every unit."""
    found = eligible(client, order_id, **query)
    return {kind for kind, verdicts in found.items() if all(each["eligible"] for each in verdicts)}


def delivered(client: Client, units: int = 1) -> Json:
    order = shipped(client, lines=[{"quantity": units}])
    client.control("POST", f"/orders/{order['id']}/deliver")
    return client.order(order["id"])


def test_what_is_open_follows_the_order(client: Client) -> None:
    seller, buyer = {}, {"initiate_aftersale_user": "BUYER"}
    for status in ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT"):
        order_id = client.buy(status=status)
        assert may(client, order_id, **seller) == may(client, order_id, **buyer) == {CANCEL}
    order_id = shipped(client)["id"]
    assert may(client, order_id, **seller) == {CANCEL}
    assert may(client, order_id, **buyer) == {REFUND}
    client.control("POST", f"/orders/{order_id}/collect")
    assert may(client, order_id, **seller) == may(client, order_id, **buyer) == {REFUND}
    client.control("POST", f"/orders/{order_id}/deliver")
    assert may(client, order_id, **seller) == may(client, order_id, **buyer) == {REFUND, RETURN}
    client.control("POST", f"/orders/{order_id}/complete")
    assert may(client, order_id, **seller) == may(client, order_id, **buyer) == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_says_it_in_its_way(client: Client, version: str) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    ids = [line["id"] for line in order["line_items"]]
    (verdict,) = eligible(client, order["id"], version)[CANCEL]
    assert verdict["order_line_items_ids"] == ids
    assert ("available_reason_names" in verdict) == (version != "202309")
    listed = [{"order_line_item_id": each} for each in ids]
    assert verdict.get("order_line_list") == (listed if version == "202602" else None)


@pytest.mark.parametrize("version", ["202512", "202602"])
def test_only_what_was_asked_for_is_said(client: Client, version: str) -> None:
    order_id = client.buy_ready()["id"]
    assert set(eligible(client, order_id, version, request_types=f"{CANCEL},{REFUND}")) == {CANCEL, REFUND}
    path = f"/return_refund/{version}/orders/{order_id}/aftersale_eligibility"
    assert client.call("GET", path, {"request_types": "CASH"})["code"] == 36009004


def test_reasons_that_are_named_are_taken(client: Client) -> None:
    for status in ("UNPAID", "AWAITING_SHIPMENT"):
        names = eligible(client, client.buy(status=status))[CANCEL][0]["available_reason_names"]
        assert len(names) == 4
        for name in names:
            wish = {"order_id": client.buy(status=status), "cancel_reason": name}
            assert client.call("POST", "/return_refund/202602/cancellations", {}, wish)["code"] == 0
    for kind in (REFUND, RETURN):
        order = delivered(client)
        for name in eligible(client, order["id"])[kind][0]["available_reason_names"]:
            wish = {"order_id": delivered(client)["id"], "return_type": kind, "return_reason": name}
            assert client.call("POST", "/return_refund/202602/returns", {}, wish)["code"] == 0


def test_units_of_one_variant_may_differ(client: Client) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    ids = [line["id"] for line in order["line_items"]]
    wish = {"order_id": order["id"], "cancel_reason": NO_STOCK, "order_line_item_ids": ids[:1]}
    client.data("POST", "/return_refund/202602/cancellations", {}, wish)
    gone, left = eligible(client, order["id"])[CANCEL]
    assert (gone["order_line_items_ids"], gone["eligible"], gone["ineligible_code"]) == (ids[:1], False, 25001051)
    assert "available_reason_names" not in gone
    assert (left["order_line_items_ids"], left["eligible"]) == (ids[1:], True)


def test_what_is_running_blocks_what_is_new(client: Client) -> None:
    order_id = client.buy_ready()["id"]
    client.control("POST", f"/orders/{order_id}/request-cancel")
    assert eligible(client, order_id)[CANCEL][0]["ineligible_code"] == 25001011


@pytest.mark.parametrize("version", ["202309", "202602"])
def test_a_refund_is_computed_before_it_is_made(client: Client, version: str) -> None:
    order = client.buy_ready(lines=[{"quantity": 2}])
    wish = {"order_id": order["id"], "request_type": CANCEL, "reason_name": NO_STOCK}
    path = f"/return_refund/{version}/refunds/calculate"
    whole = client.data("POST", path, {}, wish)["order_refund_amount"]
    assert whole["refund_total"] == order["payment"]["total_amount"]
    one = client.data("POST", path, {}, wish | {"order_line_item_ids": [order["line_items"][0]["id"]]})
    parts = {name: Decimal(value) for name, value in one["order_refund_amount"].items() if name != "currency"}
    assert parts["refund_subtotal"] == Decimal(order["line_items"][0]["sale_price"])
    assert parts["refund_shipping_fee"] == 0
    assert parts["refund_total"] == parts["refund_subtotal"] + parts["refund_tax"]
    skus = [{"sku_id": order["line_items"][0]["sku_id"], "quantity": 1}]
    assert client.data("POST", path, {}, wish | {"skus": skus}) == one
    assert client.call("POST", path, {}, wish | {"reason_name": "bad_mood"})["code"] == 25001001
    assert client.call("POST", path, {}, wish | {"order_id": "42"})["code"] == 25007006


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=4), sku=st.sampled_from(["POSTER", "MUG", "TEE"]))
def test_in_whatever_parts_an_order_is_cancelled_all_of_its_money_comes_back_once(
    make_client: Callable[..., Client], sizes: list[int], sku: str
) -> None:
    client = make_client(orders=0, products=3)
    client.connect()
    variants = [each for product in next(client.world.shops()).products for each in product.skus]
    chosen = next(each.id for each in variants if each.seller_sku.startswith(sku))
    order = client.buy_ready(lines=[{"sku_id": chosen, "quantity": sum(sizes)}])
    ids = iter(line["id"] for line in order["line_items"])
    back = Decimal(0)
    for size in sizes:
        units = list(islice(ids, size))
        sums = {"order_id": order["id"], "order_line_item_ids": units}
        wish = sums | {"request_type": CANCEL, "reason_name": NO_STOCK}
        promised = client.data("POST", "/return_refund/202309/refunds/calculate", {}, wish)["order_refund_amount"]
        wish = sums | {"cancel_reason": NO_STOCK}
        cancel_id = client.data("POST", "/return_refund/202309/cancellations", {}, wish)["cancel_id"]
        body = {"cancel_ids": [cancel_id]}
        (made,) = client.data("POST", "/return_refund/202602/cancellations/search", {}, body)["cancellations"]
        assert made["refund_amount"] == promised
        back += Decimal(promised["refund_total"])
    assert back == Decimal(order["payment"]["total_amount"])


def test_decisions_about_a_cancellation(client: Client) -> None:
    order_id = client.buy_ready()["id"]
    query = {"return_or_cancel_id": client.control("POST", f"/orders/{order_id}/request-cancel")["cancel_id"]}
    path = "/return_refund/202601/decision_eligibility"
    yes, no = client.data("GET", path, query)["decisions"]
    assert (yes["decision"], yes["eligible"]) == ("APPROVE_REQUEST_CANCEL", True)
    assert (no["decision"], no["eligible"]) == ("REJECT_REQUEST_CANCEL", True)
    assert (
        no["available_reject_reasons"] == client.data("GET", "/return_refund/202309/reject_reasons", query)["reasons"]
    )
    named = client.data("GET", path, query | {"check_decisions": "REJECT_REQUEST_CANCEL"})["decisions"]
    assert named == [no]
    assert client.call("GET", path, query | {"check_decisions": "SHRUG"})["code"] == 36009004
    client.data("POST", f"/return_refund/202309/cancellations/{query['return_or_cancel_id']}/approve")
    for each in client.data("GET", path, query)["decisions"]:
        assert (each["eligible"], each["ineligible_code"]) == (False, 25020003)
        assert "available_reject_reasons" not in each


def test_decisions_about_each_unit(client: Client) -> None:
    order = delivered(client, units=2)
    asked = client.control("POST", f"/orders/{order['id']}/request-return", {"type": RETURN})
    query = {"seller_id": 7, "return_or_cancel_id": asked["return_id"]}
    lines = client.data("GET", "/return_refund/202606/review_decision", query)["line_items"]
    assert len(lines) == 2
    open_now = {each["decision"]: each for each in lines[0]["decisions"] if each["eligible"]}
    assert set(open_now) == {"APPROVE_RETURN", "REJECT_RETURN", "DIRECT_REFUND", "OFFER_PARTIAL_REFUND"}
    most = open_now["OFFER_PARTIAL_REFUND"]["partial_refund_amount_range"]
    assert Decimal(most["max_amount"]) == Decimal(order["payment"]["total_amount"]) - Decimal("0.01")
