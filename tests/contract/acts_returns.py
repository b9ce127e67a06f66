"""Cancelling, refunding, returning and replacing, as an app in the field does it."""

from typing import Any

from contract.acts_shipping import parcel
from sandbox.client import Client

CANCEL, RETURNS = "/return_refund/202309/cancellations", "/return_refund/202309/returns"
PACKED = "seller_reject_apply_product_has_been_packed"
NO_STOCK = "seller_cancel_reason_out_of_stock"
BUNDLE = {"bundle": [{"seller_sku": "POSTER-HARBOR-18X24-MATTE", "quantity": 2}]}
MISSING = "ecom_order_delivered_refund_reason_missing_product_seller"


def cancelling(client: Client) -> None:
    for answer, body in (("approve", None), ("reject", {"reject_reason": PACKED, "comment": "Printed already"})):
        order_id = client.buy_ready()["id"]
        cancel_id = client.control("POST", f"/orders/{order_id}/request-cancel")["cancel_id"]
        for query in ({}, {"check_decisions": "REJECT_REQUEST_CANCEL"}):
            query |= {"return_or_cancel_id": cancel_id}
            client.data("GET", "/return_refund/202601/decision_eligibility", query)
        client.data("POST", f"{CANCEL}/{cancel_id}/{answer}", {}, body)
    order = client.buy_ready(lines=[{"quantity": 3}])
    first, second = (line["id"] for line in order["line_items"][:2])
    wish: dict[str, Any] = {"order_id": order["id"], "cancel_reason": NO_STOCK}
    client.data("POST", CANCEL, {}, wish | {"order_line_item_ids": [first]})
    newer = "/return_refund/202602/cancellations"
    client.data("POST", newer, {}, wish | {"order_line_list": [{"order_line_item_id": second}]})
    client.data("POST", CANCEL, {}, wish)
    client.data("POST", CANCEL, {}, wish | {"order_id": client.buy_ready(lines=[BUNDLE])["id"]})
    for version in ("202309", "202602"):
        client.data("POST", f"/return_refund/{version}/cancellations/search", {"page_size": 50}, {})


def _delivered(client: Client, **line: Any) -> str:
    order_id = str(client.buy_ready(lines=[line])["id"])
    client.data("POST", f"/fulfillment/202309/orders/{order_id}/packages", {}, parcel(client))
    client.control("POST", f"/orders/{order_id}/deliver")
    return order_id


def _asked(client: Client, kind: str) -> str:
    wish = {"type": kind}
    return str(client.control("POST", f"/orders/{_delivered(client)}/request-return", wish)["return_id"])


def returning(client: Client) -> None:
    back = _asked(client, "RETURN_AND_REFUND")
    query = {"return_or_cancel_id": back}
    client.data("GET", "/return_refund/202601/decision_eligibility", query)
    client.data("GET", "/return_refund/202606/review_decision", query | {"seller_id": 1})
    reason = client.data("GET", "/return_refund/202309/reject_reasons", query)["reasons"][0]["name"]
    offer = {"decision": "OFFER_PARTIAL_REFUND", "partial_refund": {"amount": "1.5", "currency": "USD"}}
    client.data("POST", f"{RETURNS}/{back}/approve", {}, offer)
    client.control("POST", f"/returns/{back}/answer-offer", {"accept": False})
    client.data("POST", f"{RETURNS}/{back}/approve", {}, {"decision": "APPROVE_RETURN", "buyer_keep_item": False})
    client.control("POST", f"/returns/{back}/send-back")
    for version, kind, decision in (
        ("202309", "REFUND", "REJECT_REFUND"),
        ("202606", "REPLACEMENT", "REJECT_REPLACEMENT"),
    ):
        body = {"decision": decision, "reject_reason": reason, "comment": "No"}
        client.data("POST", f"/return_refund/{version}/returns/{_asked(client, kind)}/reject", {}, body)
    client.data("POST", f"{RETURNS}/{_asked(client, 'REPLACEMENT')}/approve", {}, {"decision": "APPROVE_REPLACEMENT"})
    client.data("POST", f"{RETURNS}/{_asked(client, 'REFUND')}/approve", {}, {"decision": "DIRECT_REFUND"})
    _asked(client, "EXCHANGE")
    client.control("POST", f"/orders/{_delivered(client, **BUNDLE)}/request-return", {"type": "REFUND"})
    client.data("GET", f"{RETURNS}/{back}/records")
    _giving_back(client)
    for version in ("202309", "202602"):
        client.data("POST", f"/return_refund/{version}/returns/search", {"page_size": 50}, {})
    client.data("POST", "/return_refund/202603/aftersales/search", {}, {"pagination": {"page_size": 50}})


def _giving_back(client: Client) -> None:
    for version in ("202309", "202602"):
        wish = {"order_id": _delivered(client), "return_type": "REFUND", "return_reason": MISSING}
        sums = {"order_id": wish["order_id"], "request_type": "REFUND", "reason_name": MISSING}
        client.data("POST", f"/return_refund/{version}/refunds/calculate", {}, sums)
        client.data("POST", f"/return_refund/{version}/returns", {"idempotency_key": version}, wish)
    for version in ("202309", "202512", "202602"):
        path = f"/return_refund/{version}/orders/{_delivered(client)}/aftersale_eligibility"
        client.data("GET", path, {"initiate_aftersale_user": "SELLER"})
