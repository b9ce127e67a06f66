"""What the calls about cancellations, refunds and returns share: an order and its units, as a body names them."""

from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import Json
from gcw_tiktok.sandbox.sales.cancelling import Units
from gcw_tiktok.sandbox.sales.orders import Order


def order_of(call: Call, order_id: str) -> Order:
    """The shop's order with this id."""
    order = call.world.orders_of[call.shop.id].get(order_id)
    if order is None:
        raise business(25007006, "The order does not exist.")
    return order


def meant(order: Order, body: Json) -> Units:
    """The units that a body names in one of three ways; two at once are refused."""
    listed = _listed(order, body.get("order_line_list", []))
    ids, skus = body.get("order_line_item_ids", []), body.get("skus", [])
    if sum(map(bool, (listed, ids, skus))) > 1:
        raise business(25001001, "Name the units in one way only.")
    return Units(tuple(listed or ids), tuple((each["sku_id"], each["quantity"]) for each in skus))


def _listed(order: Order, lines: list[Json]) -> list[str]:
    """Units by id. Of a bundle all parts must be named, or none by itself (guessed)."""
    named: dict[str, set[str]] = {}
    for line in lines:
        named.setdefault(line["order_line_item_id"], set()).add(line.get("sub_order_line_item_id", ""))
    inside = {line.id: {part.id for part in line.components} for line in order.lines}
    for line_id, parts in named.items():
        if parts != {""} and parts != inside.get(line_id):
            raise business(25005010, "The parts of a bundle belong together.")
    return list(named)
