"""Cancellations: searching them, asking for one, answering one."""

from collections.abc import Callable

from gcw_tiktok.sandbox.calls import searching, units
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, RETURNS, Json, route
from gcw_tiktok.sandbox.sales import cancelling, reasons, return_view
from gcw_tiktok.sandbox.sales.cancelling import Cancellation


@route(
    "POST",
    "/return_refund/202309/cancellations/search",
    DOCUMENTED,
    RETURNS,
    guess="Texts are in English whatever `locale` says. Refunds are under way for a day.",
)
@route("POST", "/return_refund/202602/cancellations/search", DOCUMENTED, RETURNS)
def search(call: Call) -> Json:
    """A page of the shop's cancellations, oldest first unless asked otherwise."""
    page, token = searching.page(call, call.world.cancellations, _wanted(call))
    return {
        "cancellations": [_shown(each, call.route.version) for each in page.items],
        "next_page_token": token,
        "total_count": page.total,
    }


@route(
    "POST",
    "/return_refund/202309/cancellations",
    DOCUMENTED,
    RETURNS,
    guess="Only the codes are documented. Units of an order whose cancellation the buyer asked for are refused with"
    " 25001011. Whoever cancels for want of stock is left with none of the variant.",
)
def cancel(call: Call) -> Json:
    """The seller cancels an order, or some units of it."""
    body = call.body
    order = units.order_of(call, body["order_id"])
    made = cancelling.by_seller(call.world, order, units.meant(order, body), body["cancel_reason"], call.world.now())
    call.effect = f"order {order.id}: {len(made.lines)} unit(s) cancelled by the seller"
    return {"cancel_id": made.id, "cancel_status": made.status}


route("POST", "/return_refund/202602/cancellations", DOCUMENTED, RETURNS)(cancel)


@route("POST", "/return_refund/202309/cancellations/{cancel_id}/approve", DOCUMENTED, RETURNS)
def approve(call: Call) -> Json:
    """The seller grants a buyer's request."""
    request = _request(call)
    cancelling.approve(call.world, request, call.world.now())
    call.effect = f"order {request.order.id}: cancellation approved"
    return {}


@route(
    "POST",
    "/return_refund/202309/cancellations/{cancel_id}/reject",
    DOCUMENTED,
    RETURNS,
    guess="TikTok Shop announced in 2024 to give the call up in the US; it is taken here. The reason must be one of"
    " those that GET reject_reasons offers.",
)
def reject(call: Call) -> Json:
    """The seller refuses a buyer's request."""
    request = _request(call)
    cancelling.check_reject_reason(call.body["reject_reason"], reasons.REJECTS_CANCELLATION)
    cancelling.reject(call.world, request, call.world.now())
    call.effect = f"order {request.order.id}: cancellation rejected"
    return {}


def _request(call: Call) -> Cancellation:
    found = call.world.cancellations.get(call.parameters["cancel_id"])
    if found is None or found.order.shop is not call.shop:
        raise business(25007006, "The cancellation does not exist.")
    return found


def _wanted(call: Call) -> Callable[[Cancellation], bool]:
    body, shop = call.body, call.shop
    asked: list[Callable[[Cancellation], bool]] = [lambda each: each.order.shop is shop]
    values: dict[str, Callable[[Cancellation], str]] = {
        "cancel_ids": lambda each: each.id,
        "order_ids": lambda each: each.order.id,
        "buyer_user_ids": lambda each: each.order.buyer.user_id,
        "cancel_types": lambda each: each.type,
        "cancel_status": lambda each: each.status,
    }
    for member, value in values.items():
        if body.get(member):
            asked.append(_among(value, body[member]))
    return lambda each: all(test(each) for test in asked)


def _among(value: Callable[[Cancellation], str], wanted: list[str]) -> Callable[[Cancellation], bool]:
    return lambda each: value(each) in wanted


def _shown(request: Cancellation, version: str) -> Json:
    # The filter and the newer version say CANCEL; the older version answers CANCELLED.
    withdrawn = request.status == cancelling.WITHDRAWN and version == "202309"
    shown: Json = {
        "cancel_id": request.id,
        "order_id": request.order.id,
        "cancel_type": request.type,
        "cancel_status": request.status + ("LED" if withdrawn else ""),
        "role": request.role,
        "cancel_reason": request.reason.name,
        "cancel_reason_text": request.reason.text,
        "create_time": request.create_time,
        "update_time": request.update_time,
        "refund_amount": request.refund.shown,
        "cancel_line_items": [
            return_view.unit(line, request.order, line_id, "cancel", version)
            for line_id, line in zip(request.line_ids, request.lines, strict=True)
        ],
    }
    if version != "202309":
        shown["should_replenish_stock"] = request.reason.name not in reasons.OUT_OF_STOCK
    if request.deadline:
        action = {"action": "SELLER_RESPOND_CANCEL", "deadline": request.deadline}
        shown["seller_next_action_response"] = [action]
    return shown
