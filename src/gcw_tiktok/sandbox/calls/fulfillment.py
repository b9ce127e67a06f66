"""Seller shipping: marking packages as shipped and correcting their tracking."""

from gcw_tiktok.sandbox.calls import finding, naming
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, LOGISTICS, SHIPPING, Json, route
from gcw_tiktok.sandbox.sales import shipping
from gcw_tiktok.sandbox.sales.orders import Order, Package
from gcw_tiktok.sandbox.sales.shipping import Shipment

SEVERAL_PARCELS = "Several parcels for one unit are open to allow-listed sellers only."


@route("POST", "/fulfillment/202309/orders/{order_id}/packages", DOCUMENTED, SHIPPING)
def mark_shipped(call: Call) -> Json:
    """Ships the named units, or all of them, in one parcel."""
    return _mark(call, finding.order(call, call.parameters["order_id"]), call.body, naming.ids(call.body))


@route(
    "POST",
    "/fulfillment/202610/orders/{order_id}/packages",
    DOCUMENTED,
    SHIPPING,
    guess="Nobody is on the list of sellers who may use several parcels for one unit. "
    "A unit of a bundle is shipped whole.",
)
def mark_shipped_202610(call: Call) -> Json:
    """The same with another body."""
    order = finding.order(call, call.parameters["order_id"])
    return _mark(call, order, _only(call.body["shipping_info_list"]), naming.lines(order, call.body, "order_line_list"))


@route("POST", "/fulfillment/202309/orders/{order_id}/shipping_info/update", DOCUMENTED, LOGISTICS)
def correct_order(call: Call) -> Json:
    """Corrects the tracking of an order that travels in one parcel."""
    order = finding.order(call, call.parameters["order_id"])
    if not order.packages:
        raise business(21011043, "The order has not been shipped yet.")
    if len(order.packages) > 1:
        raise business(21011048, "The order has several packages. Correct each by its own id.")
    return _correct(call, order.packages[0], call.body)


@route("POST", "/fulfillment/202309/packages/{package_id}/shipping_info/update", DOCUMENTED, SHIPPING)
def correct_package(call: Call) -> Json:
    """Corrects the tracking of one parcel."""
    return _correct(call, finding.package(call, call.parameters["package_id"]), call.body)


@route("POST", "/fulfillment/202610/packages/{package_id}/shipping_info/update", DOCUMENTED, SHIPPING)
def correct_package_202610(call: Call) -> Json:
    """The same with another body."""
    package = finding.package(call, call.parameters["package_id"])
    return _correct(call, package, _only(call.body["shipping_info_list"]))


def _only(infos: list[Json]) -> Json:
    if len(infos) > 1:
        raise business(21011012, SEVERAL_PARCELS)
    return infos[0]


def _mark(call: Call, order: Order, info: Json, line_ids: tuple[str, ...]) -> Json:
    shipment = Shipment(info["tracking_number"], info["shipping_provider_id"], line_ids)
    made, warning = shipping.mark_shipped(call.world, order, shipment, call.world.now())
    shipped = [line.id for line in made.live()]
    call.effect = f"order {order.id}: {len(shipped)} unit(s) shipped in package {made.id}"
    data = {"order_id": order.id, "order_line_item_ids": shipped, "package_id": made.id}
    return data | ({"warning": {"message": warning}} if warning else {})


def _correct(call: Call, package: Package, info: Json) -> Json:
    shipment = Shipment(info["tracking_number"], info["shipping_provider_id"])
    shipping.correct(call.world, package, shipment, call.world.now())
    call.effect = f"package {package.id}: tracking corrected"
    return {}
