"""The order or the package that a call is about."""

from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.sales.orders import Order, Package

FOREIGN = 21011028


def order(call: Call, order_id: str, refusal: int = FOREIGN) -> Order:
    """An order of the shop."""
    found = call.world.orders_of[call.shop.id].get(order_id)
    if found is None:
        raise business(refusal, "The order does not belong to this shop.")
    return found


def package(call: Call, package_id: str, refusal: int = FOREIGN) -> Package:
    """A package of the shop."""
    found = call.world.packages_of[call.shop.id].get(package_id)
    if found is None:
        raise business(refusal, "The package does not belong to this shop.")
    return found
