"""What the app does when orders end otherwise: cancelled, refunded, sent back, replaced."""

from contract.third_party import App, model
from contract.third_party_shipping import ready_order
from gcw_tiktok.sandbox.sales.carriers import CARRIERS

NUMBERS = iter(range(9_400_100_000_000_006_000_011, 9_400_100_000_000_006_009_999))


async def delivered(app: App) -> str:
    order_id = ready_order(app)
    parcel = {"tracking_number": str(next(NUMBERS)), "shipping_provider_id": CARRIERS[0].id}
    body = model("MarkPackageAsShippedRequest", shipping_info_list=[parcel])
    await app.say(app.shop.fulfillment.mark_package_as_shipped(order_id, body=body))
    app.control(f"/orders/{order_id}/deliver")
    return order_id


async def asked(app: App, kind: str) -> str:
    return str(app.control(f"/orders/{await delivered(app)}/request-return", type=kind)["return_id"])


async def cancelling(app: App) -> None:
    returns = app.shop.return_and_refund
    requests = [str(app.control(f"/orders/{ready_order(app)}/request-cancel")["cancel_id"]) for _ in range(2)]
    await app.say(returns.approve_cancellation(requests[0]))
    open_now = (await app.say(returns.get_decision_eligibility(return_or_cancel_id=requests[1]))).decisions
    (reason, *_) = next(each for each in open_now if each.decision == "REJECT_REQUEST_CANCEL").available_reject_reasons
    await app.say(
        returns.reject_cancellation(requests[1], body=model("RejectCancellationRequest", reject_reason=reason.name))
    )
    found = await app.say(returns.search_cancellations(body=model("SearchCancellationsRequest", cancel_ids=requests)))
    assert {each.cancel_status for each in found.cancellations} == {
        "CANCELLATION_REQUEST_SUCCESS",
        "CANCELLATION_REQUEST_CANCEL",
    }


async def cancelling_units(app: App) -> None:
    returns = app.shop.return_and_refund
    order_id = ready_order(app)
    verdicts = (await app.say(returns.get_aftersale_eligibility(order_id))).sku_eligibility[0].line_item_eligibility
    verdict = next(each for each in verdicts if each.request_type == "CANCEL")
    body = model(
        "CancelOrderRequest",
        order_id=order_id,
        cancel_reason=verdict.available_reason_names[0],
        order_line_list=[{"order_line_item_id": each.order_line_item_id} for each in verdict.order_line_list],
    )
    sums = model(
        "CalculateRefundRequest",
        order_id=order_id,
        request_type="CANCEL",
        reason_name=verdict.available_reason_names[0],
    )
    assert (await app.say(returns.calculate_refund(body=sums))).order_refund_amount.refund_total
    assert (await app.say(returns.cancel_order(body=body))).cancel_status == "CANCELLATION_REQUEST_SUCCESS"


async def returning(app: App) -> None:
    returns = app.shop.return_and_refund
    back = await asked(app, "RETURN_AND_REFUND")
    lines = (await app.say(returns.get_available_review_decisions(seller_id=1, return_or_cancel_id=back))).line_items
    assert "APPROVE_RETURN" in {each.decision for each in lines[0].decisions if each.eligible}
    await app.say(returns.approve_return(back, body=model("ApproveReturnRequest", decision="APPROVE_RETURN")))
    app.control(f"/returns/{back}/send-back")
    reasons = (await app.say(returns.get_reject_reasons(return_or_cancel_id=back))).reasons
    body = model("RejectReturnRequest", decision="REJECT_RECEIVED_PACKAGE", reject_reason=reasons[0].name)
    await app.say(returns.reject_return(back, body=body))
    assert (await app.say(returns.get_return_records(back))).records
    again = await asked(app, "REPLACEMENT")
    await app.say(returns.approve_return(again, body=model("ApproveReturnRequest", decision="APPROVE_REPLACEMENT")))
    wish = {"return_type": "REFUND", "return_reason": "ecom_order_delivered_refund_reason_missing_product_seller"}
    made = await app.say(
        returns.create_return(body=model("CreateReturnRequest", order_id=await delivered(app), **wish))
    )
    found = await app.say(
        returns.search_returns(body=model("SearchReturnsRequest", return_ids=[back, again, made.return_id]))
    )
    wish = {"filters": {"aftersales_request_ids": [again]}}
    body = model("SearchAftersalesRequestsRequest", **wish)
    (request,) = (await app.say(returns.search_aftersales_requests(body=body))).aftersales_requests
    assert request.sku_return_requests[0].reshipment_order_id
    assert [each.return_status for each in found.return_orders] == [
        "REJECT_RECEIVE_PACKAGE",
        "REPLACEMENT_REQUEST_COMPLETE",
        "RETURN_OR_REFUND_REQUEST_SUCCESS",
    ]


RETURNS = (cancelling, cancelling_units, returning)
