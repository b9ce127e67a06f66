"""The numbers that sellers' own systems give to orders."""

from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import Refusal, business
from gcw_tiktok.sandbox.routes import DOCUMENTED, ORDERS, Json, route

UNKNOWN_ORDER = 36020001
SCOPE = "The scope is taken to be that of reading orders."


@route("POST", "/order/202406/orders/external_orders", DOCUMENTED, ORDERS, guess=SCOPE)
def add(call: Call) -> Json:
    """Keeps a number for each order and platform; a later one takes its place."""
    errors = []
    for wish in call.body["orders"]:
        try:
            _keep(call, wish)
        except Refusal as refusal:
            errors.append(_error(wish, refusal))
    call.effect = f"{len(call.body['orders']) - len(errors)} outside order number(s) kept"
    return {"errors": errors}


@route("GET", "/order/202406/orders/{order_id}/external_orders", DOCUMENTED, ORDERS, guess=SCOPE)
def read(call: Call) -> Json:
    """The numbers that one order has on a platform."""
    order_id = call.parameters["order_id"]
    if call.world.orders_of[call.shop.id].get(order_id) is None:
        raise business(UNKNOWN_ORDER, "Invalid order_id")
    kept = call.world.references.get((order_id, call.parameters["platform"]))
    return {"external_orders": [kept] if kept else []}


@route("POST", "/order/202406/orders/external_order_search", DOCUMENTED, ORDERS, guess=SCOPE)
def search(call: Call) -> Json:
    """The orders that carry a number."""
    wanted = (call.parameters["platform"], call.parameters["external_order_id"])
    mine = call.world.orders_of[call.shop.id]
    found = [
        {"id": order_id, "external_order": kept}
        for (order_id, platform), kept in call.world.references.items()
        if (platform, kept["id"]) == wanted and mine.get(order_id)
    ]
    return {"orders": found}


def _keep(call: Call, wish: Json) -> None:
    order = call.world.orders_of[call.shop.id].get(wish["id"])
    if order is None:
        raise business(UNKNOWN_ORDER, "Invalid order_id")
    outside = wish["external_order"]
    mine = {line.id for line in order.lines}
    if not mine.issuperset(line["origin_id"] for line in outside["line_items"]):
        raise business(21011029, "A line item does not belong to the order.")
    call.world.references[order.id, outside["platform"]] = outside


def _error(wish: Json, refusal: Refusal) -> Json:
    outside = wish["external_order"]
    about = {"id": outside["id"], "platform": outside["platform"]}
    return {
        "code": str(refusal.code),
        "message": refusal.message,
        "detail": {"order_id": wish["id"], "external_order": about},
    }
