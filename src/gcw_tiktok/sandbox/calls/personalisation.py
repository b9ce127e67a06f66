"""What buyers wanted on their units."""

import json

from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.routes import DOCUMENTED, ORDERS, SHIPPING, Json, route
from gcw_tiktok.sandbox.sales.orders import Order

NOT_FOUND = 1
GUESS = (
    "The scope, the form of the JSON in the string, and that keys which do not belong together give status code 1 "
    "and no entry. The id that the call asks for is the unit's pod_info_id."
)


@route("POST", "/order/202606/pod_details/search", DOCUMENTED, ORDERS, guess=GUESS)
def search(call: Call) -> Json:
    """The wishes for some units, as the order domain names them."""
    return _found(call, "pod_detail")


@route("POST", "/fulfillment/202606/pod_details/get", DOCUMENTED, SHIPPING, guess=GUESS)
def get(call: Call) -> Json:
    """The wishes for some units, as the fulfillment domain names them."""
    return _found(call, "pod_info_json")


def _found(call: Call, member: str) -> Json:
    order = call.world.orders_of[call.shop.id].get(call.body["main_order_id"])
    asked = call.body["query_order_lines"]
    wishes = [(each["order_line_id"], _wish(order, each) if order else None) for each in asked]
    details = [
        {"order_line_id": line_id, member: json.dumps(wish, ensure_ascii=False, sort_keys=True)}
        for line_id, wish in wishes
        if wish is not None
    ]
    return {"status_code": 0 if len(details) == len(asked) else NOT_FOUND, "pod_details": details}


def _wish(order: Order, asked: Json) -> Json | None:
    """The wish whose four keys all agree."""
    for line in order.lines:
        personalisation = line.personalisation
        if personalisation is None:
            continue
        keys = {
            "order_line_id": line.id,
            "product_id": line.product_id,
            "sku_id": line.sku_id,
            "pod_order_data_id": personalisation.id,
        }
        if asked == keys:
            return personalisation.document
    return None
