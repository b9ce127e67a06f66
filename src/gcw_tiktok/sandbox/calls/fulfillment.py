"""Marking packages as shipped, correcting their tracking, and reading them."""

from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, LOGISTICS, SHIPPING, Json, route
from gcw_tiktok.sandbox.sales import masking, shipping
from gcw_tiktok.sandbox.sales.order_view import PACKAGE_STATUS
from gcw_tiktok.sandbox.sales.orders import Order, Package
from gcw_tiktok.sandbox.sales.shipping import Shipment


@route("POST", "/fulfillment/202309/orders/{order_id}/packages", DOCUMENTED, SHIPPING)
def mark_shipped(call: Call) -> Json:
    """Ships the named units, or all of them, in one parcel."""
    body = call.body
    line_ids = tuple(body.get("order_line_item_ids", ()))
    return _mark(call, Shipment(body["tracking_number"], body["shipping_provider_id"], line_ids))


@route("POST", "/fulfillment/202610/orders/{order_id}/packages", DOCUMENTED, SHIPPING)
def mark_shipped_202610(call: Call) -> Json:
    """The same with another body."""
    first, *more = call.body["shipping_info_list"]
    if more:
        raise business(21011012, "Several parcels for one unit are open to allow-listed sellers only.")
    line_ids = tuple(line["order_line_id"] for line in call.body.get("order_line_list", ()))
    return _mark(call, Shipment(first["tracking_number"], first["shipping_provider_id"], line_ids))


@route("POST", "/fulfillment/202309/orders/{order_id}/shipping_info/update", DOCUMENTED, LOGISTICS)
def correct_order(call: Call) -> Json:
    """Corrects the tracking of an order that travels in one parcel."""
    order = _order(call, call.parameters["order_id"])
    if not order.packages:
        raise business(21011043, "The order has not been shipped yet.")
    if len(order.packages) > 1:
        raise business(21011048, "The order has several packages. Correct each by its own id.")
    return _correct(call, order, order.packages[0])


@route("POST", "/fulfillment/202309/packages/{package_id}/shipping_info/update", DOCUMENTED, SHIPPING)
def correct_package(call: Call) -> Json:
    """Corrects the tracking of one parcel."""
    return _correct(call, *_package(call))


@route("GET", "/fulfillment/202309/packages/{package_id}", DOCUMENTED, SHIPPING)
def package(call: Call) -> Json:
    """One parcel in full."""
    order, found = _package(call)
    units = [line for line in order.lines if line.package is found]
    tag = "SPLIT" if len(order.packages) > 1 else "DEFAULT"
    option = order.shop.option_for(order.shipping_type)
    recipient = masking.recipient(order, call.world.now())
    kept = ("name", "phone_number", "full_address", "address_detail", "postal_code", "region_code")
    return {
        "package_id": found.id,
        "package_status": PACKAGE_STATUS[units[0].status],
        "shipping_type": order.shipping_type,
        "tracking_number": found.tracking_number,
        "shipping_provider_id": found.carrier.id,
        "shipping_provider_name": found.carrier.name,
        "delivery_option_id": option.id,
        "delivery_option_name": option.name,
        "orders": [{"id": order.id}],
        "order_line_item_ids": found.line_ids,
        "has_multi_skus": len({line.sku_id for line in units}) > 1,
        "note_tag": "BUYER_NOTED" if order.buyer_message else "BUYER_UNNOTED",
        "split_and_combine_tag": tag,
        "recipient_address": {member: recipient[member] for member in kept},
        "warehouse_id": order.shop.warehouse_id,
        "create_time": found.create_time,
        "update_time": found.update_time,
    }


def _mark(call: Call, shipment: Shipment) -> Json:
    order = _order(call, call.parameters["order_id"])
    made, warning = shipping.mark_shipped(call.world, order, shipment, call.world.now())
    call.effect = f"order {order.id}: {len(made.line_ids)} unit(s) shipped in package {made.id}"
    data = {"order_id": order.id, "order_line_item_ids": made.line_ids, "package_id": made.id}
    return data | ({"warning": {"message": warning}} if warning else {})


def _correct(call: Call, order: Order, found: Package) -> Json:
    shipment = Shipment(call.body["tracking_number"], call.body["shipping_provider_id"])
    shipping.correct(call.world, order, found, shipment, call.world.now())
    call.effect = f"package {found.id}: tracking corrected"
    return {}


def _order(call: Call, order_id: str) -> Order:
    order = call.world.orders_of[call.shop.id].get(order_id)
    if order is None:
        raise business(21011028, "The order does not belong to this shop.")
    return order


def _package(call: Call) -> tuple[Order, Package]:
    found = call.world.packages.get(call.parameters["package_id"])
    if found is None or call.world.orders_of[call.shop.id].get(found.order_id) is None:
        raise business(21011028, "The package does not belong to this shop.")
    return _order(call, found.order_id), found
