"""Returns, refunds, replacements and exchanges: searching them, opening one, answering one."""

from collections.abc import Callable

from gcw_tiktok.sandbox.calls import searching, units
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.money import cents
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, EITHER_RETURNS, RETURNS, Json, route
from gcw_tiktok.sandbox.sales import cancelling, deciding, reasons, returning
from gcw_tiktok.sandbox.sales.deciding import Answer
from gcw_tiktok.sandbox.sales.refunds import Refund
from gcw_tiktok.sandbox.sales.return_view import shown
from gcw_tiktok.sandbox.sales.returning import EXCHANGE, Ask, Record, Return

TIMES = "Replacements wait a day for an answer, as documented; how long refunds and returns wait is guessed."


@route(
    "POST",
    "/return_refund/202309/returns/search",
    DOCUMENTED,
    RETURNS,
    guess=f"Exchanges are not shown. {TIMES} Texts are in English whatever `locale` says.",
)
@route("POST", "/return_refund/202602/returns/search", DOCUMENTED, RETURNS, guess=TIMES)
def search(call: Call) -> Json:
    """A page of the shop's returns, oldest first unless asked otherwise."""
    page, token = searching.page(call, call.world.returns, _wanted(call))
    return {
        "return_orders": [shown(each, call.route.version) for each in page.items],
        "next_page_token": token,
        "total_count": page.total,
    }


@route("POST", "/return_refund/202309/returns", DOCUMENTED, EITHER_RETURNS)
@route("POST", "/return_refund/202602/returns", DOCUMENTED, RETURNS)
def create(call: Call) -> Json:
    """The seller gives back, or asks for units to be sent back."""
    body = call.body
    order = units.order_of(call, body["order_id"])
    reason = returning.reasons_for(body["return_type"], "SELLER").get(body["return_reason"])
    if reason is None:
        known = body["return_reason"] in reasons.EVERYTHING
        raise business(25001015 if known else 25001014, "The reason is unknown or not open to sellers.")
    ask = Ask(body["return_type"], cancelling.chosen(order, units.meant(order, body)), reason, total=_total(body))
    made = returning.by_seller(call.world, order, ask, call.world.now())
    call.effect = f"order {order.id}: return {made.id} of {len(made.lines)} unit(s)"
    return {"return_id": made.id, "return_status": made.status}


@route("POST", "/return_refund/202309/returns/{return_id}/approve", DOCUMENTED, RETURNS)
def approve(call: Call) -> Json:
    """The seller grants a step of a return."""
    body, partial = call.body, call.body.get("partial_refund", {})
    offer = _refund(partial.get("amount"), partial.get("currency"))
    return _decide(call, Answer(body["decision"], buyer_keeps_item=bool(body.get("buyer_keep_item")), offer=offer))


@route("POST", "/return_refund/202309/returns/{return_id}/reject", DOCUMENTED, RETURNS)
@route("POST", "/return_refund/202606/returns/{return_id}/reject", DOCUMENTED, RETURNS)
def reject(call: Call) -> Json:
    """The seller refuses a step of a return, or offers a part instead."""
    body, partial = call.body, call.body.get("partial_refund_amount", {})
    offer = _refund(partial.get("partial_refund_total"), partial.get("currency"))
    return _decide(call, Answer(body["decision"], body["reject_reason"], body.get("comment", ""), offer=offer))


@route(
    "GET",
    "/return_refund/202309/returns/{return_id}/records",
    DOCUMENTED,
    RETURNS,
    guess="The wording of the descriptions.",
)
def records(call: Call) -> Json:
    """What was done about a return, newest first."""
    return {"records": [_record(each) for each in reversed(_return(call).records)]}


def _decide(call: Call, answer: Answer) -> Json:
    request = _return(call)
    deciding.decide(call.world, request, answer, call.world.now())
    call.effect = f"return {request.id}: {answer.decision}"
    return {}


def _return(call: Call) -> Return:
    found = call.world.returns.get(call.parameters["return_id"])
    if found is None or found.order.shop is not call.shop:
        raise business(25007006, "The return does not exist.")
    return found


def _total(body: Json) -> Refund | None:
    if body.get("refund_total") and not body.get("currency"):
        raise business(25001001, "A refund_total needs a currency.")
    return _refund(body.get("refund_total"), body.get("currency"))


def _refund(amount: str | None, currency: str | None) -> Refund | None:
    return Refund(currency or "", cents(amount)) if amount else None


def _wanted(call: Call) -> Callable[[Return], bool]:
    values: dict[str, Callable[[Return], str]] = {
        "return_ids": lambda each: each.id,
        "order_ids": lambda each: each.order.id,
        "buyer_user_ids": lambda each: each.order.buyer.user_id,
        "return_types": lambda each: each.type,
        "return_status": lambda each: each.status,
        "arbitration_status": lambda each: each.arbitration,
        "seller_proposed_return_type": lambda each: "PARTIAL_REFUND" if each.offer else "",
    }
    asked = [(value, call.body[member]) for member, value in values.items() if call.body.get(member)]
    hidden = EXCHANGE if call.route.version == "202309" else ""

    def wanted(each: Return) -> bool:
        mine = each.order.shop is call.shop and each.type != hidden
        return mine and all(value(each) in among for value, among in asked)

    return wanted


def _record(record: Record) -> Json:
    return {
        "event": "ORDER_RETURN",
        "role": record.role,
        "description": record.description,
        "reason_text": record.reason_text,
        "note": record.note,
        "create_time": record.create_time,
        "images": [],
        "videos": [],
    }
