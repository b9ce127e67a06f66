"""Returns, refunds, replacements and exchanges, from the request to the money or the new order."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gcw_tiktok.sandbox.sales import deciding, returning
from sandbox.client import Client, Json
from sandbox.test_aftersales import delivered, eligible
from sandbox.test_cancelling_rules import shipped

DAY, HOUR = 86_400, 3_600
REFUND, RETURN, REPLACEMENT, EXCHANGE = "REFUND", "RETURN_AND_REFUND", "REPLACEMENT", "EXCHANGE"
BROKEN = "ecom_order_delivered_refund_and_return_reason_damaged"
MISSING = "ecom_order_delivered_refund_reason_missing_product_seller"
WRONG = "ecom_order_delivered_refund_and_return_reason_wrong_product_seller"


def ask(client: Client, kind: str, order: Json | None = None, **wish: Any) -> Json:
    """A buyer's request: its id and the order's."""
    order_id = (order or delivered(client))["id"]
    return client.control("POST", f"/orders/{order_id}/request-return", {"type": kind, **wish})


def found(client: Client, asked: Json, version: str = "202602") -> Json:
    body = {"return_ids": [asked["return_id"]]}
    (one,) = client.data("POST", f"/return_refund/{version}/returns/search", {}, body)["return_orders"]
    assert isinstance(one, dict)
    return one


def status(client: Client, asked: Json) -> str:
    return str(found(client, asked)["return_status"])


def answer(client: Client, asked: Json, decision: str, version: str = "202309", **body: Any) -> int:
    """The code of the answer to a decision."""
    verb = "reject" if "reject_reason" in body else "approve"
    path = f"/return_refund/{version}/returns/{asked['return_id']}/{verb}"
    return int(client.call("POST", path, {}, {"decision": decision, **body})["code"])


def later(client: Client, days: int) -> None:
    """Time that outlives an access token."""
    client.advance(days * DAY)
    client.connect()


def reasons(client: Client, asked: Json) -> list[str]:
    query = {"return_or_cancel_id": asked["return_id"]}
    return [each["name"] for each in client.data("GET", "/return_refund/202309/reject_reasons", query)["reasons"]]


def test_a_refund_from_the_request_to_the_money(client: Client) -> None:
    order = shipped(client)
    asked = ask(client, REFUND, order)
    first = found(client, asked)
    assert (first["return_status"], first["role"]) == ("RETURN_OR_REFUND_REQUEST_PENDING", "BUYER")
    (action,) = first["seller_next_action_response"]
    assert action == {"action": "SELLER_RESPOND_REFUND", "deadline": first["create_time"] + 2 * DAY}
    assert first["refund_amount"]["refund_total"] == order["payment"]["total_amount"]
    assert answer(client, asked, "APPROVE_REFUND") == 0
    agreed = found(client, asked)
    assert agreed["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    assert "seller_next_action_response" not in agreed
    client.advance(DAY)
    assert status(client, asked) == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    assert client.order(order["id"])["status"] == "COMPLETED"


def test_a_return_from_the_request_to_the_money(client: Client) -> None:
    asked = ask(client, RETURN, reason=BROKEN)
    assert found(client, asked)["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_RETURN"
    assert answer(client, asked, "APPROVE_RETURN") == 0
    assert status(client, asked) == "AWAITING_BUYER_SHIP"
    client.control("POST", f"/returns/{asked['return_id']}/send-back")
    back = found(client, asked)
    assert back["return_status"] == "BUYER_SHIPPED_ITEM"
    assert back["return_tracking_number"].startswith("9400")
    assert back["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_RECEIVE_PACKAGE"
    assert answer(client, asked, "APPROVE_RECEIVED_PACKAGE") == 0
    assert status(client, asked) == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    client.advance(DAY)
    assert status(client, asked) == "RETURN_OR_REFUND_REQUEST_COMPLETE"


def test_what_is_being_refunded_cannot_be_cancelled_as_well(client: Client) -> None:
    order = shipped(client)
    asked = ask(client, REFUND, order)
    wish = {"order_id": order["id"], "cancel_reason": "seller_cancel_reason_wrong_price"}
    path = "/return_refund/202602/cancellations"
    assert client.call("POST", path, {}, wish)["code"] == 25001011
    client.control("POST", f"/returns/{asked['return_id']}/withdraw")
    assert client.call("POST", path, {}, wish)["code"] == 0


def test_the_buyer_may_keep_it(client: Client) -> None:
    asked = ask(client, RETURN)
    assert not found(client, asked)["can_buyer_keep_item"]
    assert answer(client, asked, "APPROVE_RETURN", buyer_keep_item=True) == 0
    kept = found(client, asked)
    assert (kept["return_status"], kept["can_buyer_keep_item"]) == ("RETURN_OR_REFUND_REQUEST_SUCCESS", True)
    for kind in (REFUND, RETURN):
        other = ask(client, kind)
        assert answer(client, other, "DIRECT_REFUND") == 0
        assert status(client, other) == "RETURN_OR_REFUND_REQUEST_SUCCESS"


def test_some_units_only(client: Client) -> None:
    order = delivered(client, units=2)
    line = order["line_items"][0]
    asked = ask(client, RETURN, order, line_ids=[line["id"]])
    shown = found(client, asked)
    assert [each["order_line_item_id"] for each in shown["return_line_items"]] == [line["id"]]
    assert shown["refund_amount"]["refund_subtotal"] == line["sale_price"]
    blocked, free = eligible(client, order["id"])[RETURN]
    assert (blocked["order_line_items_ids"], blocked["ineligible_code"]) == ([line["id"]], 25001011)
    assert free["eligible"]


def test_a_replacement_is_a_new_order_to_make(client: Client) -> None:
    old = delivered(client, units=2)
    line = old["line_items"][0]
    asked = ask(client, REPLACEMENT, old, line_ids=[line["id"]])
    first = found(client, asked)
    assert first["return_status"] == "REPLACEMENT_REQUEST_PENDING"
    (action,) = first["seller_next_action_response"]
    assert action == {"action": "SELLER_RESPOND_REPLACEMENT", "deadline": first["create_time"] + DAY}
    assert answer(client, asked, "APPROVE_REPLACEMENT") == 0
    assert status(client, asked) == "REPLACEMENT_REQUEST_COMPLETE"
    ready = client.data(
        "POST", "/order/202309/orders/search", {"page_size": 100}, {"order_status": "AWAITING_SHIPMENT"}
    )
    (new,) = [each for each in ready["orders"] if each["is_replacement_order"]]
    assert (new["replaced_order_id"], new["is_exchange_order"]) == (old["id"], False)
    assert "exchange_source_order_id" not in new
    (again,) = new["line_items"]
    assert (again["sku_id"], again["sale_price"]) == (line["sku_id"], "0")
    assert new["payment"]["total_amount"] == "0"
    assert again["id"] != line["id"]
    assert new["recipient_address"]["postal_code"] == old["recipient_address"]["postal_code"]
    told = [each.data["order_id"] for each in client.world.events if each.topic == "ORDER_STATUS_CHANGE"]
    assert new["id"] in told


def test_a_replacement_may_be_refunded_or_refused(client: Client) -> None:
    asked = ask(client, REPLACEMENT)
    assert answer(client, asked, "ISSUE_REPLACEMENT_REFUND") == 0
    assert status(client, asked) == "REPLACEMENT_REQUEST_REFUND_SUCCESS"
    other = ask(client, REPLACEMENT)
    assert answer(client, other, "REJECT_REPLACEMENT", reject_reason=reasons(client, other)[0]) == 0
    assert status(client, other) == "REPLACEMENT_REQUEST_REJECT"
    assert not [each for each in client.world.orders if each.replaced_order_id]


def test_an_exchange_is_shown_by_the_newer_search_only(client: Client) -> None:
    old = delivered(client)
    wanted = next(
        sku.id
        for product in next(client.world.shops()).products
        for sku in product.skus
        if product.status == "ACTIVATE"
    )
    asked = ask(client, EXCHANGE, old, sku_id=wanted)
    assert status(client, asked) == "EXCHANGE_REQUEST_PENDING"
    body = {"return_ids": [asked["return_id"]]}
    assert client.data("POST", "/return_refund/202309/returns/search", {}, body)["total_count"] == 0
    client.advance(DAY)
    assert status(client, asked) == "EXCHANGE_REQUEST_COMPLETE"
    state = client.control("GET", "/state?parts=returns")["returns"]
    new = client.order(next(each["new_order_id"] for each in state if each["id"] == asked["return_id"]))
    assert (new["is_exchange_order"], new["exchange_source_order_id"]) == (True, old["id"])
    assert new["line_items"][0]["sku_id"] == wanted
    assert new["payment"]["total_amount"] == "0"
    assert "replaced_order_id" not in new


@pytest.mark.parametrize(
    ("kind", "after", "then"),
    [
        (REFUND, 2 * DAY, "RETURN_OR_REFUND_REQUEST_SUCCESS"),
        (RETURN, 2 * DAY, "AWAITING_BUYER_SHIP"),
        (REPLACEMENT, DAY, "REPLACEMENT_REQUEST_COMPLETE"),
    ],
)
def test_the_platform_answers_for_a_silent_seller(client: Client, kind: str, after: int, then: str) -> None:
    asked = ask(client, kind)
    client.advance(after - 60)
    assert status(client, asked).endswith("_PENDING")
    client.advance(60)
    assert status(client, asked) == then
    assert (
        client.data("GET", f"/return_refund/202309/returns/{asked['return_id']}/records")["records"][0]["role"]
        == "SYSTEM"
    )


def test_what_is_not_sent_back_is_closed_and_what_is_not_inspected_is_refunded(client: Client) -> None:
    kept, sent = ask(client, RETURN), ask(client, RETURN)
    for asked in (kept, sent):
        answer(client, asked, "APPROVE_RETURN")
    client.control("POST", f"/returns/{sent['return_id']}/send-back")
    client.advance(5 * DAY)
    assert status(client, sent) == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    later(client, 9)
    assert status(client, kept) == "RETURN_OR_REFUND_REQUEST_CANCEL"


def test_an_offer_is_taken_or_not(client: Client) -> None:
    asked = ask(client, RETURN)
    total = Decimal(found(client, asked)["refund_amount"]["refund_total"])
    part = {"amount": "5.00", "currency": "USD"}
    assert answer(client, asked, "OFFER_PARTIAL_REFUND") == 25001001
    assert answer(client, asked, "OFFER_PARTIAL_REFUND", partial_refund=part | {"amount": str(total)}) == 25005005
    assert answer(client, asked, "OFFER_PARTIAL_REFUND", partial_refund=part | {"currency": "GBP"}) == 25001001
    for accept, then in ((False, "RETURN_OR_REFUND_REQUEST_PENDING"), (True, "RETURN_OR_REFUND_REQUEST_SUCCESS")):
        assert answer(client, asked, "OFFER_PARTIAL_REFUND", partial_refund=part) == 0
        offered = found(client, asked)
        assert offered["return_status"] == "AWAITING_BUYER_RESPONSE"
        assert offered["seller_proposed_return_type"] == "PARTIAL_REFUND"
        client.control("POST", f"/returns/{asked['return_id']}/answer-offer", {"accept": accept})
        after = found(client, asked)
        assert (after["return_status"], after["buyer_rejected_partial_refund"]) == (then, not accept)
    assert found(client, asked)["refund_amount"]["refund_total"] == "5"


def test_an_offer_after_the_parcel_came_back(client: Client) -> None:
    asked = ask(client, RETURN)
    answer(client, asked, "APPROVE_RETURN")
    client.control("POST", f"/returns/{asked['return_id']}/send-back")
    offer = {"partial_refund_total": "3.50", "currency": "USD"}
    decision, reason = "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG", reasons(client, asked)[0]
    assert answer(client, asked, decision, reject_reason=reason) == 36009004
    assert answer(client, asked, decision, "202606", reject_reason=reason, partial_refund_amount=offer) == 0
    client.advance(2 * DAY)  # silence is no consent
    assert status(client, asked) == "BUYER_SHIPPED_ITEM"
    assert answer(client, asked, "REJECT_RECEIVED_PACKAGE", "202606", reject_reason=reason) == 0
    assert status(client, asked) == "REJECT_RECEIVE_PACKAGE"


@pytest.mark.parametrize("version", ["202309", "202606"])
def test_a_refusal_needs_a_reason_that_is_offered(client: Client, version: str) -> None:
    for kind, decision in ((REFUND, "REJECT_REFUND"), (RETURN, "REJECT_RETURN")):
        asked = ask(client, kind)
        assert answer(client, asked, decision, version, reject_reason="bad_mood") == 25001014
        assert answer(client, asked, decision, version, reject_reason=WRONG) == 25001016
        assert answer(client, asked, decision, version, reject_reason=reasons(client, asked)[0], comment="No.") == 0
        assert status(client, asked) == "REFUND_OR_RETURN_REQUEST_REJECT"
        assert reasons(client, asked) == []
        path = f"/return_refund/202309/returns/{asked['return_id']}/records"
        newest = client.data("GET", path)["records"][0]
        assert (newest["role"], newest["note"], newest["event"]) == ("SELLER", "No.", "ORDER_RETURN")


@pytest.mark.parametrize(("for_buyer", "then"), [(True, "SUPPORT_BUYER"), (False, "SUPPORT_SELLER")])
def test_a_refusal_may_be_judged(client: Client, for_buyer: bool, then: str) -> None:
    asked = ask(client, REFUND)
    answer(client, asked, "REJECT_REFUND", reject_reason=reasons(client, asked)[0])
    client.control("POST", f"/returns/{asked['return_id']}/dispute")
    assert found(client, asked)["arbitration_status"] == "IN_PROGRESS"
    client.control("POST", f"/returns/{asked['return_id']}/judge", {"for_buyer": for_buyer})
    judged = found(client, asked)
    assert judged["arbitration_status"] == then
    assert (judged["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS") == for_buyer
    body = {"arbitration_status": [then]}
    assert client.data("POST", "/return_refund/202602/returns/search", {}, body)["total_count"] == 1


@pytest.mark.parametrize("kind", [REFUND, RETURN, REPLACEMENT, EXCHANGE])
def test_a_buyer_may_withdraw(client: Client, kind: str) -> None:
    asked = ask(client, kind)
    client.control("POST", f"/returns/{asked['return_id']}/withdraw")
    ended = "RETURN_OR_REFUND" if kind in (REFUND, RETURN) else kind
    assert status(client, asked) == f"{ended}_REQUEST_CANCEL"
    assert answer(client, asked, "APPROVE_REFUND") == 25020009
    assert ask(client, kind, {"id": asked["order_id"]})["return_id"] != asked["return_id"]


def test_decisions_that_do_not_fit(client: Client) -> None:
    asked = ask(client, RETURN)
    assert answer(client, asked, "APPROVE_REFUND") == 25020004
    assert answer(client, asked, "APPROVE_RECEIVED_PACKAGE") == 25011012
    assert answer(client, asked, "REJECT_RECEIVED_PACKAGE", reject_reason=reasons(client, asked)[0]) == 25011010
    assert answer(client, asked, "SHRUG") == 36009004
    assert answer(client, {"return_id": "42"}, "APPROVE_REFUND") == 25007006


@pytest.mark.parametrize("version", ["202309", "202602"])
def test_the_seller_gives_back(client: Client, version: str) -> None:
    path = f"/return_refund/{version}/returns"
    order = delivered(client, units=2)
    wish = {"order_id": order["id"], "return_type": REFUND, "return_reason": MISSING}
    first = order["line_items"][0]["id"]
    units = (
        {"order_line_item_ids": [first]}
        if version == "202309"
        else {"order_line_list": [{"order_line_item_id": first}]}
    )
    part = wish | units | {"refund_total": "4.20"}
    assert client.call("POST", path, {}, part)["code"] == 25001001
    assert client.call("POST", path, {}, part | {"refund_total": "900", "currency": "USD"})["code"] == 25005005
    made = client.data("POST", path, {}, part | {"currency": "USD"})
    assert made["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    shown = found(client, made)
    assert (shown["role"], shown["refund_amount"]["refund_total"]) == ("SELLER", "4.2")
    assert client.call("POST", path, {}, wish | units)["code"] == 25001011
    rest = {"skus": [{"sku_id": order["line_items"][1]["sku_id"], "quantity": 3}]}
    assert client.call("POST", path, {}, wish | rest)["code"] == 25005011
    other = wish | {"order_id": delivered(client)["id"], "return_type": RETURN, "return_reason": WRONG}
    assert client.data("POST", path, {}, other)["return_status"] == "AWAITING_BUYER_SHIP"


def test_what_the_seller_cannot_give_back(client: Client) -> None:
    path = "/return_refund/202602/returns"
    wish = {"order_id": client.buy_ready()["id"], "return_type": REFUND, "return_reason": MISSING}
    assert client.call("POST", path, {}, wish)["code"] == 25001003
    assert client.call("POST", path, {}, wish | {"return_reason": "bad_mood"})["code"] == 25001014
    assert client.call("POST", path, {}, wish | {"return_reason": BROKEN})["code"] == 25001015
    assert client.call("POST", path, {}, wish | {"order_id": "42"})["code"] == 25007006
    cancelled = next(order.id for order in client.world.orders if order.status == "CANCELLED")
    assert client.call("POST", path, {}, wish | {"order_id": cancelled})["code"] == 25001051


def test_a_repeated_write_with_its_key_is_one_write(client: Client) -> None:
    wish = {"order_id": delivered(client)["id"], "return_type": REFUND, "return_reason": MISSING}
    path, key = "/return_refund/202602/returns", {"idempotency_key": "once"}
    assert client.data("POST", path, key, wish) == client.data("POST", path, key, wish)
    assert client.data("POST", "/return_refund/202602/returns/search")["total_count"] == 1


def test_searching(client: Client) -> None:
    for kind in (REFUND, RETURN, REPLACEMENT) * 4:
        ask(client, kind)
        client.advance(60)
    path = "/return_refund/202602/returns/search"
    assert client.call("POST", path, {"page_size": 9})["code"] == 36009004
    assert client.call("POST", path, {"page_size": 51})["code"] == 36009004
    first = client.data("POST", path)
    second = client.data("POST", path, {"page_token": first["next_page_token"]})
    assert (len(first["return_orders"]), len(second["return_orders"]), first["total_count"]) == (10, 2, 12)
    times = [each["create_time"] for each in first["return_orders"] + second["return_orders"]]
    assert times == sorted(times)
    assert client.data("POST", path, {}, {"return_types": [REPLACEMENT]})["total_count"] == 4
    assert client.data("POST", path, {}, {"return_status": ["REPLACEMENT_REQUEST_PENDING"]})["total_count"] == 4
    assert client.data("POST", path, {}, {"create_time_ge": times[6]})["total_count"] == 6
    buyer = client.data("POST", "/return_refund/202309/returns/search", {}, {"order_ids": ["42"]})
    assert buyer["total_count"] == 0
    old = client.call("POST", "/return_refund/202309/returns/search", {}, {"return_types": [EXCHANGE]})
    assert old["code"] == 36009004


def test_the_newer_search_has_its_paging_in_the_body(client: Client) -> None:
    path = "/return_refund/202603/aftersales/search"
    asked = [ask(client, kind) for kind in (REFUND, RETURN, REPLACEMENT, EXCHANGE)]
    assert answer(client, asked[2], "APPROVE_REPLACEMENT") == 0

    def found_ids(**body: Any) -> list[str]:
        return [each["id"] for each in client.data("POST", path, {}, body)["aftersales_requests"]]

    ids = [each["return_id"] for each in asked]
    assert sorted(found_ids()) == sorted(ids)
    first = client.data("POST", path, {}, {"pagination": {"page_size": 3}})
    rest = {"page_size": 3, "page_token": first["next_page_token"]}
    second = client.data("POST", path, {}, {"pagination": rest})
    assert (len(first["aftersales_requests"]), len(second["aftersales_requests"])) == (3, 1)
    assert (second["next_page_token"], second["total_count"]) == ("", 4)
    assert found_ids(filters={"return_types": [EXCHANGE]}) == [ids[3]]
    assert found_ids(filters={"main_order_ids": [asked[1]["order_id"]]}) == [ids[1]]
    assert found_ids(filters={"aftersales_request_statuses": ["REQUEST_REVIEW_COMPLETED"]}) == sorted(ids[2:])
    last = found(client, asked[2])["update_time"]
    assert found_ids(filters={"time": {"update_time": {"min_unix_time_inclusive": last + 1}}}) == []
    assert found_ids(sort={"sort_order": "DESC"}) == found_ids()[::-1]
    only = {"aftersales_request_ids": [ids[2]]}
    (whole,) = client.data("POST", path, {}, {"filters": only})["aftersales_requests"]
    assert whole["sku_return_requests"][0]["reshipment_order_id"] == status_of(client, ids[2])["new_order_id"]
    assert whole["line_items"][0]["main_order_id"] == asked[2]["order_id"]
    (lean,) = client.data("POST", path, {}, {"filters": only, "whitelisted_data_fields": ["LINE_ITEMS"]})[
        "aftersales_requests"
    ]
    assert set(whole) - set(lean) == {"sku_return_requests"}
    for wrong in ({"pagination": {"page_size": 51}}, {"filters": {"colour": "red"}}, {"sort": {"sort_field": "PRICE"}}):
        assert client.call("POST", path, {}, wrong)["code"] == 36009004


def status_of(client: Client, return_id: str) -> Json:
    """What is true about a return."""
    (truth,) = [each for each in client.control("GET", "/state?parts=returns")["returns"] if each["id"] == return_id]
    assert isinstance(truth, dict)
    return truth


def test_shops_do_not_see_each_others(client: Client) -> None:
    asked = ask(client, REFUND)
    client.connect("tidewater")
    assert client.data("POST", "/return_refund/202602/returns/search")["total_count"] == 0
    assert answer(client, asked, "APPROVE_REFUND") == 25007006


def test_webhooks_tell_each_status(client: Client) -> None:
    asked = ask(client, RETURN)
    answer(client, asked, "APPROVE_RETURN")
    client.control("POST", f"/returns/{asked['return_id']}/send-back")
    answer(client, asked, "APPROVE_RECEIVED_PACKAGE")
    client.advance(DAY)
    ask(client, EXCHANGE)
    told = [each.data for each in client.world.events if each.topic == "RETURN_STATUS_CHANGE"]
    assert [each["return_status"] for each in told] == [
        "RETURN_OR_REFUND_REQUEST_PENDING",
        "AWAITING_BUYER_SHIP",
        "BUYER_SHIPPED_ITEM",
        "RETURN_OR_REFUND_REQUEST_SUCCESS",
        "RETURN_OR_REFUND_REQUEST_COMPLETE",
    ]
    names = ["create_time", "order_id", "return_id", "return_role", "return_status", "return_type", "update_time"]
    assert sorted(told[0]) == names
    assert {each["return_id"] for each in told} == {asked["return_id"]}


def test_what_makes_no_sense(client: Client) -> None:
    for order_id, wish in (
        ("42", {}),
        (delivered(client)["id"], {"type": "CASH"}),
        (delivered(client)["id"], {"reason": "bad_mood"}),
        (delivered(client)["id"], {"type": EXCHANGE, "sku_id": "42"}),
        (client.buy_ready()["id"], {"type": RETURN}),
    ):
        refused = client.http.post(f"/_sandbox/orders/{order_id}/request-return", json=wish)
        assert refused.status_code == 400
    asked = ask(client, REFUND)
    for action in ("send-back", "answer-offer", "dispute", "judge"):
        assert client.http.post(f"/_sandbox/returns/{asked['return_id']}/{action}", json={}).status_code == 400
    assert client.http.post("/_sandbox/returns/42/withdraw", json={}).status_code == 400


ENDED = {"REFUND_OR_RETURN_REQUEST_REJECT", "REJECT_RECEIVE_PACKAGE", "REPLACEMENT_REQUEST_REJECT"} | {
    f"{kind}_REQUEST_{end}"
    for kind in ("RETURN_OR_REFUND", REPLACEMENT, EXCHANGE)
    for end in ("CANCEL", "COMPLETE", "REFUND_SUCCESS")
}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(returning.TYPES),
    moves=st.lists(st.sampled_from([*deciding.DECISIONS, "send-back", "yes", "no", "withdraw", "time"]), max_size=8),
)
def test_whatever_is_decided_a_return_ends(make_client: Any, kind: str, moves: list[str]) -> None:
    """And what is refused leaves it as it was; what the eligibility call says is what is then taken."""
    client = make_client(orders=0, products=1)
    client.connect()
    asked = ask(client, kind)
    for move in moves:
        _make(client, asked, move)
    later(client, 30)
    assert status(client, asked) in ENDED
    for replacement in client.world.orders:
        if replacement.replaced_order_id or replacement.exchange_source_order_id:
            assert status(client, asked) == f"{kind}_REQUEST_COMPLETE"


def _make(client: Client, asked: Json, move: str) -> None:
    act = f"/_sandbox/returns/{asked['return_id']}/"
    if move == "time":
        later(client, 1)
    elif move in ("yes", "no"):
        client.http.post(act + "answer-offer", json={"accept": move == "yes"})
    elif move in ("send-back", "withdraw"):
        client.http.post(act + move, json={})
    else:
        _decide(client, asked, move)


def _decide(client: Client, asked: Json, decision: str) -> None:
    query = {"seller_id": 1, "return_or_cancel_id": asked["return_id"], "check_decisions": decision}
    line = client.data("GET", "/return_refund/202606/review_decision", query)["line_items"][0]
    said = {each["decision"]: each for each in line["decisions"]}.get(decision, {"eligible": False})
    if decision == "ISSUE_EXCHANGE_REFUND":
        return  # no call takes it
    before = found(client, asked)
    offered = said.get("available_reject_reasons")
    rejects = deciding.DECISIONS[decision].reasons is not None
    body: Json = {"reject_reason": offered[0]["name"] if offered else MISSING} if rejects else {}
    offer = {"partial_refund_amount": {"partial_refund_total": "1", "currency": "USD"}}
    part = {"partial_refund": {"amount": "1", "currency": "USD"}}
    body |= {deciding.OFFER_AFTERWARDS: offer, "OFFER_PARTIAL_REFUND": part}.get(decision, {})
    code = answer(client, asked, decision, "202606" if rejects else "202309", **body)
    assert (code == 0) == said["eligible"]
    if code:
        assert found(client, asked) == before
