"""Where packages are."""

from gcw_tiktok.sandbox.calls import finding
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.routes import DOCUMENTED, LOGISTICS, Json, route
from gcw_tiktok.sandbox.sales import tracking
from gcw_tiktok.sandbox.sales.orders import Package
from gcw_tiktok.sandbox.sales.tracking import Scan

CODES = "The numbers and names of the kinds of event are the sandbox's own; the newest event comes first."


@route("GET", "/fulfillment/202309/orders/{order_id}/tracking", DOCUMENTED, LOGISTICS, guess=CODES)
def of_order(call: Call) -> Json:
    """What carriers reported of an order's packages."""
    order = finding.order(call, call.parameters["order_id"])
    scans = [scan for package in order.packages for scan in tracking.until(package, call.world.now())]
    scans.sort(key=lambda scan: (scan.time, scan.code), reverse=True)
    return {"tracking": [_shown(scan) for scan in scans]}


@route("GET", "/logistics/202604/orders/{order_id}/tracking", DOCUMENTED, LOGISTICS, guess=CODES)
def by_package(call: Call) -> Json:
    """The same, package by package."""
    order = finding.order(call, call.parameters["order_id"])
    shipped = [package for package in order.packages if package.carrier]
    return {"order_id": order.id, "logistics_details": [_package(each, call.world.now()) for each in shipped]}


@route(
    "GET",
    "/fulfillment/202508/tts_tracking_validation",
    DOCUMENTED,
    LOGISTICS,
    guess="Nothing is collected by TikTok.",
)
def validate(call: Call) -> Json:
    """Whether a number stands on a label of TikTok Shipping."""
    number = call.parameters["tracking_number"]
    order_ids = call.world.tracked.get(number, [])
    packages = [package for each in order_ids if (order := call.world.orders.get(each)) for package in order.packages]
    bought = any(package.label and package.tracking_number == number for package in packages)
    return {"is_tiktok_shipping": bought, "is_tiktok_collection": False}


def _shown(scan: Scan) -> Json:
    return {"description": scan.text, "update_time_millis": scan.time * 1_000, "action_code": scan.code}


def _package(package: Package, now: int) -> Json:
    number = package.tracking_number
    return {
        "newest_tracking_no": number,
        "carrier_name": package.carrier.name if package.carrier else "",
        "track_list": [
            _shown(scan) | {"tracking_no": number, "action_code_name": scan.name}
            for scan in tracking.until(package, now)
        ],
    }
