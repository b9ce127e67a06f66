"""The newer view of the same returns: requests, each with what they ask for about each variant."""

from collections.abc import Callable

from gcw_tiktok.sandbox import page_tokens
from gcw_tiktok.sandbox.calls.searching import FOREVER
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.routes import DOCUMENTED, RETURNS, Json, route
from gcw_tiktok.sandbox.sales import return_view
from gcw_tiktok.sandbox.sales.returning import Return
from gcw_tiktok.sandbox.shelf import Window

PAGE = 10
WAITS, REVIEWED = "PENDING_REQUEST_REVIEW", "REQUEST_REVIEW_COMPLETED"
LINES, RETURN_REQUESTS = "LINE_ITEMS", "SKU_RETURN_REQUESTS"


@route(
    "POST",
    "/return_refund/202603/aftersales/search",
    DOCUMENTED,
    RETURNS,
    guess="A request holds one return. Without whitelisted_data_fields everything is told, except return merchandise"
    " authorizations: what they say is not documented. 10 to a page unless asked otherwise, 50 at most.",
)
def search(call: Call) -> Json:
    """A page of the shop's requests, oldest first unless asked otherwise; paging stands in the body."""
    window, asked = _window(call.body), call.body.get("pagination", {})
    name = f"{call.route.path}:{window.field}:{window.descending}"
    secret = call.world.app.secret
    after = page_tokens.read(secret, name, asked.get("page_token", ""))
    memo = (name, call.shop.id, repr(call.body.get("filters")))
    page = call.world.returns.page(window, _wanted(call), asked.get("page_size", PAGE), after, memo)
    fields = call.body.get("whitelisted_data_fields") or [LINES, RETURN_REQUESTS]
    return {
        "aftersales_requests": [_request(each, fields) for each in page.items],
        "next_page_token": page_tokens.write(secret, name, page.last),
        "total_count": page.total,
    }


def _window(body: Json) -> Window:
    sort = body.get("sort", {})
    field = sort.get("sort_field", "CREATE_TIME").lower()
    return Window(field, sort.get("sort_order", "ASC") == "DESC", *_bounds(body, field))


def _bounds(body: Json, field: str) -> tuple[int, int]:
    time = body.get("filters", {}).get("time", {}).get(field, {})
    return time.get("min_unix_time_inclusive", 0), time.get("max_unix_time_exclusive", FOREVER)


def _wanted(call: Call) -> Callable[[Return], bool]:
    filters = call.body.get("filters", {})
    values: dict[str, Callable[[Return], str]] = {
        "aftersales_request_ids": lambda each: each.id,
        "aftersales_request_statuses": _status,
        "return_types": lambda each: each.type,
        "main_order_ids": lambda each: each.order.id,
        "buyer_ids": lambda each: each.order.buyer.user_id,
    }
    asked = [(value, filters[name]) for name, value in values.items() if filters.get(name)]
    times = {name: _bounds(call.body, name) for name in ("create_time", "update_time")}

    def wanted(each: Return) -> bool:
        in_time = all(start <= getattr(each, name) < end for name, (start, end) in times.items())
        return each.order.shop is call.shop and in_time and all(value(each) in among for value, among in asked)

    return wanted


def _status(request: Return) -> str:
    return WAITS if request.next_action else REVIEWED


def _request(request: Return, fields: list[str]) -> Json:
    shown: Json = {"id": request.id, "status": _status(request)}
    if LINES in fields:
        shown["line_items"] = [
            {
                "return_line_item_id": line_id,
                "sku_id": line.sku_id,
                "main_order_id": request.order.id,
                "sku_return_request_id": request.id,
            }
            for line_id, line in zip(request.line_ids, request.lines, strict=True)
        ]
    if RETURN_REQUESTS in fields:
        shown["sku_return_requests"] = [return_view.newer(request)]
    return shown
