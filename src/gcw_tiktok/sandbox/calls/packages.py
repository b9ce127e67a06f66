"""Packages: searching, reading, and shipping those that were made beforehand."""

from collections.abc import Callable

from gcw_tiktok.sandbox.calls import finding, searching
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import Refusal, business
from gcw_tiktok.sandbox.routes import DOCUMENTED, SHIPPING, Json, route
from gcw_tiktok.sandbox.sales import handover, labels, package_view, shipping
from gcw_tiktok.sandbox.sales.orders import Package
from gcw_tiktok.sandbox.sales.shipping import Shipment


@route(
    "POST",
    "/fulfillment/202309/packages/search",
    DOCUMENTED,
    SHIPPING,
    guess="Without a status it finds packages of every status, also those that are not shipped yet.",
)
def search(call: Call) -> Json:
    """A page of the shop's packages."""
    page, token = searching.page(call, call.world.packages_of[call.shop.id], _wanted(call.body))
    return {
        "packages": [package_view.summary(each) for each in page.items],
        "next_page_token": token,
        "total_count": page.total,
    }


@route("GET", "/fulfillment/202309/packages/{package_id}", DOCUMENTED, SHIPPING)
def detail(call: Call) -> Json:
    """One package in full."""
    return package_view.detail(finding.package(call, call.parameters["package_id"], 10006402), call.world.now())


@route(
    "POST",
    "/fulfillment/202309/packages/{package_id}/ship",
    DOCUMENTED,
    SHIPPING,
    guess="A package of TikTok Shipping gets a label of the cheapest service.",
)
def ship(call: Call) -> Json:
    """Ships a package that splitting or combining made."""
    _ship(call, finding.package(call, call.parameters["package_id"]), call.body)
    call.effect = f"package {call.parameters['package_id']} shipped"
    return {}


@route("POST", "/fulfillment/202309/packages/ship", DOCUMENTED, SHIPPING)
def batch_ship(call: Call) -> Json:
    """Ships several; those that cannot be are told one by one."""
    errors = []
    for wish in call.body["packages"]:
        try:
            _ship(call, finding.package(call, wish["id"]), wish)
        except Refusal as refusal:
            errors.append({"code": refusal.code, "message": refusal.message, "detail": {"package_id": wish["id"]}})
    call.effect = f"{len(call.body['packages']) - len(errors)} package(s) shipped"
    return {"errors": errors}


def _ship(call: Call, package: Package, wish: Json) -> None:
    world, order = call.world, package.orders[0]
    _check_shippable(package)
    for each in package.orders:
        if each.live():
            shipping.check_open(each)
    if order.shipping_type == "TIKTOK":
        way, box = handover.asked(wish, world.now()), labels.box(order.shop, package.live(), {})
        offer = labels.choose(world, package.live(), order.shop, box, "")
        way.note(package)
        labels.buy(world, package, box, offer, world.now())
        return
    sent = wish.get("self_shipment")
    shipment = Shipment(sent["tracking_number"], sent["shipping_provider_id"]) if sent else None
    shipping.ship_package(world, package, shipment, world.now())


def _check_shippable(package: Package) -> None:
    if package.status == "CANCELLED":
        raise business(21011041, "The package has been cancelled.")
    if package.status == "COMPLETED":
        raise business(21011027, "The package has been delivered.")
    if package.status != "TO_FULFILL":
        raise business(21011020, "The package has been shipped already.")


def _wanted(body: Json) -> Callable[[Package], bool] | None:
    status = body.get("package_status")
    return (lambda package: package.status == status) if status else None
