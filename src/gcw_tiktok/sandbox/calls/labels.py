"""TikTok Shipping: quotes, labels, documents, and how packages are handed over."""

from gcw_tiktok.sandbox.calls import finding, naming
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.money import text
from gcw_tiktok.sandbox.refusals import business, required
from gcw_tiktok.sandbox.routes import DOCUMENTED, PACKAGES, SHIPPING, Json, route
from gcw_tiktok.sandbox.sales import combining, handover, labels, parcels, shipping
from gcw_tiktok.sandbox.sales.labels import Box, Offer
from gcw_tiktok.sandbox.sales.orders import Line, Order, Package

BOUGHT_ALREADY = 21022025
NOT_ITS = 21011029
WHOLE, PART, SEVERAL = "1", "2", "3"


@route(
    "POST",
    "/fulfillment/202309/orders/{order_id}/shipping_services/query",
    DOCUMENTED,
    SHIPPING,
    guess="Services and prices are the sandbox's own; without size and weight those of the listings count. "
    "It also answers for an order that is part of a combined package.",
)
def services(call: Call) -> Json:
    """The services that may carry some units of an order, with prices."""
    order = finding.order(call, call.parameters["order_id"], 10006402)
    labels.check(order)
    named = naming.ids(call.body) or naming.lines(order, call.body, "order_line_list")
    lines = shipping.choose(order, named, shared=True)
    box = labels.box(order.shop, lines, call.body)
    offers = labels.offers(call.world, order.shop, box)
    if not offers:
        raise business(21011037, "No shipping service takes a package of this size and weight.")
    shown = [_service(offer, order) | {"is_default": offer is offers[0]} for offer in offers]
    return {
        "order_id": order.id,
        "order_line_id": [line.id for line in lines],
        "dimension": box.dimension,
        "weight": box.weight,
        "shipping_services": shown,
    }


@route("POST", "/fulfillment/202309/packages", DOCUMENTED, SHIPPING)
def create(call: Call) -> Json:
    """Buys a label for an order or some units of it."""
    order = finding.order(call, call.body["order_id"], NOT_ITS)
    package, box, offer = _buy(call, [order], _units(order, naming.ids(call.body)))
    line_ids = [line.id for line in package.live()]
    return _created(package, box, offer) | {"order_id": order.id, "order_line_item_ids": line_ids}


@route(
    "POST",
    "/fulfillment/202512/packages",
    DOCUMENTED,
    SHIPPING,
    guess="It buys the label at once. Orders that do not travel to one address are refused with 21011029.",
)
def create_202512(call: Call) -> Json:
    """Buys a label for an order, for some units, or for several orders in one box."""
    orders, lines = _of_ship_type(call)
    package, box, offer = _buy(call, orders, lines)
    return _created(package, box, offer)


@route("GET", "/fulfillment/202309/packages/{package_id}/handover_time_slots", DOCUMENTED, PACKAGES)
def package_slots(call: Call) -> Json:
    """When a package can be picked up."""
    package = finding.package(call, call.parameters["package_id"], 21001001)
    return _slots(call, package.orders[0])


@route("GET", "/fulfillment/202309/orders/{order_id}/handover_time_slots", DOCUMENTED, SHIPPING)
def order_slots(call: Call) -> Json:
    """When what an order holds can be picked up."""
    return _slots(call, finding.order(call, call.parameters["order_id"], 21001001))


@route(
    "POST",
    "/fulfillment/202309/packages/schedule",
    DOCUMENTED,
    SHIPPING,
    guess="It buys the label of the cheapest service; a package that has one already is only booked anew.",
)
def schedule(call: Call) -> Json:
    """Books a pickup or a drop-off."""
    order = finding.order(call, call.body["order_id"], NOT_ITS)
    held = _labelled(order, naming.ids(call.body))
    if held:
        handover.asked(call.body, call.world.now()).note(held)
        call.world.touch_package(held, call.world.now())
        return _scheduled(held, order)
    lines = _units(order, naming.ids(call.body))
    package, _, _ = _buy(call, [order], lines)
    return _scheduled(package, order)


def _slots(call: Call, order: Order) -> Json:
    if order.shipping_type != "TIKTOK":
        raise business(21001001, "Time slots exist for TikTok Shipping only.")
    return handover.shown(call.world.now())


def _labelled(order: Order, line_ids: tuple[str, ...]) -> Package | None:
    """The package with a label that waits for its carrier and holds the named units, or the only one."""
    waiting = [package for package in order.packages if package.label and package.status == "PROCESSING"]
    found = [each for each in waiting if {line.id for line in each.lines}.issuperset(line_ids)]
    return found[0] if found and (line_ids or order.status == "AWAITING_COLLECTION") else None


def _units(order: Order, line_ids: tuple[str, ...]) -> list[Line]:
    labels.check(order)
    return shipping.choose(order, line_ids, BOUGHT_ALREADY)


def _of_ship_type(call: Call) -> tuple[list[Order], list[Line]]:
    body = call.body
    if body["ship_type"] == SEVERAL:
        return _several(call)
    if body["ship_type"] == PART:
        named = body.get("order_line_item") or []
        order = _order_of(call, named)
        return [order], _units(order, naming.lines(order, body, "order_line_item"))
    if "order_id" not in body:
        raise required("order_id")
    order = finding.order(call, body["order_id"], NOT_ITS)
    return [order], _units(order, ())


def _order_of(call: Call, named: list[Json]) -> Order:
    """The order that the body names, else the one that holds the first of its units."""
    if not named:
        raise required("order_line_item")
    if "order_id" in call.body:
        return finding.order(call, call.body["order_id"], NOT_ITS)
    wanted = named[0]["order_line_id"]
    shelf = call.world.orders_of[call.shop.id]
    found = (order for order in shelf if any(line.id == wanted for line in order.lines))
    order = next(found, None)
    if order is None:
        raise business(NOT_ITS, "A line item does not belong to this shop.")
    return order


def _several(call: Call) -> tuple[list[Order], list[Line]]:
    wanted = list(dict.fromkeys(call.body.get("order_list_ids", ())))
    if not wanted:
        raise required("order_list_ids")
    orders = [finding.order(call, order_id, NOT_ITS) for order_id in wanted]
    for order in orders:
        labels.check(order)
    shared = parcels.combined(orders[0])
    if shared and set(shared.orders) == set(orders):
        return orders, shared.live()
    lines = [line for order in orders for line in _units(order, ())]
    if not combining.travel_together(orders):
        raise business(NOT_ITS, "The orders do not travel to one address.")
    return orders, lines


def _buy(call: Call, orders: list[Order], lines: list[Line]) -> tuple[Package, Box, Offer]:
    world, now = call.world, call.world.now()
    order = orders[0]
    box = labels.box(order.shop, lines, call.body)
    offer = labels.choose(world, lines, order.shop, box, call.body.get("shipping_service_id", ""))
    way = handover.asked(call.body, now)
    package = parcels.around(world, orders, lines, now)
    way.note(package)
    labels.buy(world, package, box, offer, now)
    if len(lines) < sum(len(order.live()) for order in orders):
        parcels.tell(world, "SPLIT", parcels.SELLER, order.packages, now)
    call.effect = f"package {package.id}: label bought for {len(lines)} unit(s)"
    return package, box, offer


def _created(package: Package, box: Box, offer: Offer) -> Json:
    return {
        "package_id": package.id,
        "create_time": package.create_time,
        "dimension": box.dimension,
        "weight": box.weight,
        "shipping_service_info": _service(offer, package.orders[0]),
    }


def _service(offer: Offer, order: Order) -> Json:
    carrier = labels.carrier_of(offer.service)
    earliest, latest = offer.service.days
    return {
        "id": offer.id,
        "name": offer.service.name,
        "price": text(offer.price),
        "currency": order.shop.currency,
        "shipping_provider_id": carrier.id,
        "shipping_provider_name": carrier.name,
        "earliest_delivery_days": earliest,
        "latest_delivery_days": latest,
    }


def _scheduled(package: Package, order: Order) -> Json:
    carrier = package.carrier
    return {
        "package_id": package.id,
        "order_id": order.id,
        "order_line_item_ids": [line.id for line in package.live()],
        "handover_method": package.handover_method,
        "tracking_number": package.tracking_number,
        "shipping_provider_id": carrier.id if carrier else "",
        "shipping_provider_name": carrier.name if carrier else "",
        "dimension": package.dimension or {},
        "weight": package.weight or {},
        "create_time": package.create_time,
        "update_time": package.update_time,
    }
