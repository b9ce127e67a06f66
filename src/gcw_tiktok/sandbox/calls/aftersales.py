"""What may be asked for, how it may be answered, and how much comes back."""

from gcw_tiktok.sandbox.calls import units
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import Refusal, bad_parameter, business
from gcw_tiktok.sandbox.routes import DOCUMENTED, RETURNS, Json, route
from gcw_tiktok.sandbox.sales import cancelling, deciding, eligibility, reasons, refunds
from gcw_tiktok.sandbox.sales.cancelling import Cancellation
from gcw_tiktok.sandbox.sales.deciding import CANCELLATION_DECISIONS, DECISIONS, OFFER_AFTERWARDS
from gcw_tiktok.sandbox.sales.eligibility import REQUEST_TYPES, Verdict
from gcw_tiktok.sandbox.sales.orders import Line
from gcw_tiktok.sandbox.sales.reasons import Reasons
from gcw_tiktok.sandbox.sales.returning import Return

Request = Cancellation | Return
NAMES = "TikTok Shop publishes no whole list of the names of reasons about returns; some are made by their pattern."
OFFERS = ("OFFER_PARTIAL_REFUND", OFFER_AFTERWARDS)


@route("GET", "/return_refund/202309/orders/{order_id}/aftersale_eligibility", DOCUMENTED, RETURNS)
@route("GET", "/return_refund/202512/orders/{order_id}/aftersale_eligibility", DOCUMENTED, RETURNS, guess=NAMES)
@route("GET", "/return_refund/202602/orders/{order_id}/aftersale_eligibility", DOCUMENTED, RETURNS, guess=NAMES)
def aftersale_eligibility(call: Call) -> Json:
    """What the seller or the buyer may ask for about each unit."""
    order = units.order_of(call, call.parameters["order_id"])
    kinds = tuple(call.parameters.get("request_types") or REQUEST_TYPES)
    role = call.parameters["initiate_aftersale_user"]
    found = list(eligibility.verdicts(call.world, order, role, kinds))
    return {
        "sku_eligibility": [
            {
                "sku_id": sku_id,
                "line_item_eligibility": [
                    _verdict(each, call.route.version) for each in found if each.sku_id == sku_id
                ],
            }
            for sku_id in dict.fromkeys(each.sku_id for each in found)
        ]
    }


@route("GET", "/return_refund/202309/reject_reasons", DOCUMENTED, RETURNS, guess=NAMES)
def reject_reasons(call: Call) -> Json:
    """How the seller may justify a refusal."""
    request = _request(call)
    if isinstance(request, Cancellation):
        return {"reasons": _reasons(reasons.REJECTS_CANCELLATION)}
    offered: Reasons = {}
    for decision in DECISIONS.values():
        if decision.reasons and decision.fits(request):
            offered |= decision.reasons
    return {"reasons": _reasons(offered)}


@route("GET", "/return_refund/202601/decision_eligibility", DOCUMENTED, RETURNS, guess=NAMES)
def decision_eligibility(call: Call) -> Json:
    """Which answers the seller may give now."""
    request = _request(call)
    return {"decisions": [_decision(request, name) for name in _asked(call, request) if name not in OFFERS]}


@route(
    "GET",
    "/return_refund/202606/review_decision",
    DOCUMENTED,
    RETURNS,
    guess="Every unit of a request may be answered alike. `seller_id` is not looked at.",
)
def review_decision(call: Call) -> Json:
    """Which answers the seller may give now about each unit."""
    request = _request(call)
    names = _asked(call, request)
    decisions = [_decision(request, name) | _range(request, name) for name in names]
    return {"line_items": [{"return_line_item_id": each, "decisions": decisions} for each in request.line_ids]}


@route("POST", "/return_refund/202309/refunds/calculate", DOCUMENTED, RETURNS)
@route("POST", "/return_refund/202602/refunds/calculate", DOCUMENTED, RETURNS)
def calculate(call: Call) -> Json:
    """What would come back for some units."""
    body = call.body
    order = units.order_of(call, body["order_id"])
    known = {
        **eligibility.reasons_for(order, body["request_type"], "SELLER"),
        **eligibility.reasons_for(order, body["request_type"], "BUYER"),
    }
    if body["reason_name"] not in known:
        raise business(25001001, "The reason does not fit the request.")
    return {"order_refund_amount": refunds.of_units(order, cancelling.chosen(order, units.meant(order, body))).shown}


def _request(call: Call) -> Request:
    wanted = call.parameters["return_or_cancel_id"]
    found: Request | None = call.world.cancellations.get(wanted) or call.world.returns.get(wanted)
    if found is None or found.order.shop is not call.shop:
        raise business(25007006, "There is no such return or cancellation.")
    return found


def _asked(call: Call, request: Request) -> list[str]:
    """The decisions to look at: all those about such a request, unless the caller names some."""
    if isinstance(request, Cancellation):
        fitting: tuple[str, ...] = CANCELLATION_DECISIONS
    else:
        fitting = tuple(name for name, each in DECISIONS.items() if request.type in each.types)
    named = call.parameters.get("check_decisions", [])
    unknown = set(named) - {*CANCELLATION_DECISIONS, *DECISIONS}
    if unknown:
        raise bad_parameter(f"The 'check_decisions' query parameter is invalid: {min(unknown)}.")
    return [name for name in fitting if not named or name in named]


def _decision(request: Request, name: str) -> Json:
    if isinstance(request, Cancellation):
        refusal = deciding.why_not_cancel(request)
        offered = reasons.REJECTS_CANCELLATION if name == "REJECT_REQUEST_CANCEL" else None
    else:
        refusal, offered = deciding.why_not(request, name), DECISIONS[name].reasons
    shown: Json = {"decision": name, **_outcome(refusal)}
    if offered is not None and not refusal:
        shown["available_reject_reasons"] = _reasons(offered)
    return shown


def _range(request: Request, name: str) -> Json:
    if name not in OFFERS or isinstance(request, Cancellation):
        return {}
    most = request.refund
    return {
        "partial_refund_amount_range": {
            "currency": most.currency,
            "min_amount": "0.01",
            "max_amount": refunds.Refund(most.currency, most.total - 1).shown["refund_total"],
        }
    }


def _outcome(refusal: Refusal | None) -> Json:
    if refusal is None:
        return {"eligible": True}
    return {"eligible": False, "ineligible_code": refusal.code, "ineligible_reason": refusal.message}


def _verdict(verdict: Verdict, version: str) -> Json:
    line_ids = [line.id for line in verdict.lines]
    shown: Json = {
        "request_type": verdict.request_type,
        "order_line_items_ids": line_ids,
        **_outcome(verdict.refusal),
    }
    if version != "202309" and verdict.reasons:
        shown["available_reason_names"] = list(verdict.reasons)
    if version == "202602":
        shown["order_line_list"] = [each for line in verdict.lines for each in _named(line)]
    return shown


def _named(line: Line) -> list[Json]:
    """A unit, or each part of a bundle."""
    parts = [{"order_line_item_id": line.id, "sub_order_line_item_id": part.id} for part in line.components]
    return parts or [{"order_line_item_id": line.id}]


def _reasons(offered: Reasons) -> list[Json]:
    return [{"name": each.name, "text": each.text} for each in offered.values()]
