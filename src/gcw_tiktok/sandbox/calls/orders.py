"""Order search and order detail."""

from collections.abc import Callable

from gcw_tiktok.sandbox.calls import searching
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, ORDERS, VERIFIED, Json, route
from gcw_tiktok.sandbox.sales import order_view, price_view
from gcw_tiktok.sandbox.sales.orders import Order


@route("POST", "/order/202309/orders/search", VERIFIED, ORDERS)
def search(call: Call) -> Json:
    """A page of the shop's orders."""
    page, token = searching.page(call, call.world.orders_of[call.shop.id], _wanted(call.body))
    now = call.world.now()
    return {
        "next_page_token": token,
        "orders": [order_view.order(each, now) for each in page.items],
        "total_count": page.total,
    }


@route("GET", "/order/202309/orders", DOCUMENTED, ORDERS)
@route("GET", "/order/202507/orders", VERIFIED, ORDERS)
def detail(call: Call) -> Json:
    """The orders with the asked-for ids; an unknown id is simply missing."""
    shelf = call.world.orders_of[call.shop.id]
    found = [order for order_id in dict.fromkeys(call.parameters["ids"]) if (order := shelf.get(order_id))]
    return {"orders": [order_view.detail(order, call.world.now()) for order in found]}


@route("GET", "/order/202407/orders/{order_id}/price_detail", DOCUMENTED, ORDERS)
def price_detail(call: Call) -> Json:
    """An order's money, part by part."""
    order = call.world.orders_of[call.shop.id].get(call.parameters["order_id"])
    if order is None:
        raise business(21008111, "The order does not belong to this shop.")
    return price_view.detail(order)


def _wanted(body: Json) -> Callable[[Order], bool] | None:
    tests: dict[str, Callable[[Order], bool]] = {
        "order_status": lambda order: order.status == body["order_status"],
        "shipping_type": lambda order: order.shipping_type == body["shipping_type"],
        "buyer_user_id": lambda order: order.buyer.user_id == body["buyer_user_id"],
        "is_buyer_request_cancel": lambda order: bool(order.cancel_requested_at) == body["is_buyer_request_cancel"],
        "warehouse_ids": lambda order: not body["warehouse_ids"] or order.shop.warehouse_id in body["warehouse_ids"],
    }
    asked = [test for member, test in tests.items() if member in body]
    return (lambda order: all(test(order) for test in asked)) if asked else None
