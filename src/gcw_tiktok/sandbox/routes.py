"""Every address the sandbox answers, how sure we are that TikTok Shop answers alike, and which scope it asks for."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from gcw_tiktok.sandbox import contract
from gcw_tiktok.sandbox.refusals import gateway

Sureness = Literal["verified", "documented", "guessed"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Route:
    """One address. *Verified*: a recorded reply of the real API has this shape, which says nothing of refusals."""

    method: str
    path: str
    sureness: Sureness
    scopes: tuple[str, ...] = ()
    handler: str = ""
    cipher: bool = True

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.strip("/").split("/"))

    @property
    def version(self) -> str:
        return self.parts[1]


AUTHORIZED, SHOP = ("seller.authorization.info",), ("seller.shop.info",)
ORDERS, PRODUCTS, LOGISTICS = ("seller.order.info",), ("seller.product.basic",), ("seller.logistics",)
SHIPPING, RETURNS = ("seller.fulfillment.basic",), ("seller.return_refund.basic",)
EITHER = SHIPPING + LOGISTICS

PAGES = (
    Route("GET", "/open/authorize", "guessed", cipher=False),
    Route("GET", "/oauth/authorize", "guessed", cipher=False),
    Route("GET", "/api/v2/token/get", "verified", cipher=False),
    Route("GET", "/api/v2/token/refresh", "documented", cipher=False),
)

CALLS = (
    Route("GET", "/authorization/202309/shops", "verified", AUTHORIZED, "sellers.authorized_shops", cipher=False),
    Route("DELETE", "/authorization/202403/shops", "documented", AUTHORIZED, "sellers.deauthorize"),
    Route("GET", "/seller/202309/shops", "documented", SHOP, "sellers.active_shops", cipher=False),
    Route("GET", "/seller/202309/permissions", "documented", SHOP, "sellers.permissions", cipher=False),
    Route("GET", "/logistics/202309/warehouses", "documented", LOGISTICS, "logistics.warehouses"),
    Route(
        "GET",
        "/logistics/202309/warehouses/{warehouse_id}/delivery_options",
        "documented",
        LOGISTICS,
        "logistics.delivery_options",
    ),
    Route(
        "GET",
        "/logistics/202309/delivery_options/{delivery_option_id}/shipping_providers",
        "documented",
        EITHER,
        "logistics.shipping_providers",
    ),
    Route("POST", "/product/202309/products/search", "verified", PRODUCTS, "products.search"),
    Route("POST", "/product/202312/products/search", "documented", PRODUCTS, "products.search"),
    Route("POST", "/product/202502/products/search", "verified", PRODUCTS, "products.search"),
    Route("GET", "/product/202309/products/{product_id}", "verified", PRODUCTS, "products.detail"),
    Route("POST", "/order/202309/orders/search", "verified", ORDERS, "orders.search"),
    Route("GET", "/order/202309/orders", "documented", ORDERS, "orders.detail"),
    Route("GET", "/order/202507/orders", "verified", ORDERS, "orders.detail"),
    Route(
        "POST",
        "/fulfillment/202309/orders/{order_id}/packages",
        "documented",
        SHIPPING,
        "fulfillment.mark_shipped",
    ),
    Route(
        "POST",
        "/fulfillment/202610/orders/{order_id}/packages",
        "documented",
        SHIPPING,
        "fulfillment.mark_shipped_202610",
    ),
    Route(
        "POST",
        "/fulfillment/202309/orders/{order_id}/shipping_info/update",
        "documented",
        LOGISTICS,
        "fulfillment.correct_order",
    ),
    Route(
        "POST",
        "/fulfillment/202309/packages/{package_id}/shipping_info/update",
        "documented",
        SHIPPING,
        "fulfillment.correct_package",
    ),
    Route("GET", "/fulfillment/202309/packages/{package_id}", "documented", SHIPPING, "fulfillment.package"),
    Route("POST", "/return_refund/202309/cancellations", "documented", RETURNS, "cancellations.cancel"),
    Route(
        "POST",
        "/return_refund/202309/cancellations/search",
        "documented",
        RETURNS,
        "cancellations.search",
    ),
    Route(
        "POST",
        "/return_refund/202602/cancellations/search",
        "documented",
        RETURNS,
        "cancellations.search",
    ),
    Route(
        "POST",
        "/return_refund/202309/cancellations/{cancel_id}/approve",
        "documented",
        RETURNS,
        "cancellations.approve",
    ),
    Route(
        "POST",
        "/return_refund/202309/cancellations/{cancel_id}/reject",
        "documented",
        RETURNS,
        "cancellations.reject",
    ),
    Route("GET", "/event/202309/webhooks", "documented", (), "webhooks.registered"),
    Route("PUT", "/event/202309/webhooks", "documented", (), "webhooks.register"),
    Route("DELETE", "/event/202309/webhooks", "documented", (), "webhooks.remove"),
)

ROUTES = PAGES + CALLS


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of a request and what stands in its path; refused as path, then method, then version."""
    parts = path[1:].split("/")
    alike = [(route, found) for route in CALLS if (found := _match(route, parts)) is not None]
    if not alike or not re.fullmatch(r"\d{6}", parts[1]):
        raise gateway(36009009, "Invalid path. The request path does not match any API endpoint.", 404)
    callable_ = [pair for pair in alike if pair[0].method == method]
    if not callable_:
        raise gateway(36009010, f"Invalid method. {method} is not supported by this path.", 405)
    for route, found in callable_:
        if route.version == parts[1]:
            return route, found
    raise gateway(36009014, "Invalid API version. The version is not supported.")


def _match(route: Route, parts: list[str]) -> dict[str, str] | None:
    """What fills the placeholders when everything but the version agrees."""
    if len(route.parts) != len(parts):
        return None
    found = {}
    for place, (template, part) in enumerate(zip(route.parts, parts, strict=True)):
        if template.startswith("{") and re.fullmatch(r"\d{1,32}", part):
            found[template[1:-1]] = part
        elif template != part and place != 1:
            return None
    return found


@cache
def operation(route: Route) -> contract.Operation | None:
    """How our description of the API describes the route; the event calls are not in it."""
    return contract.operation(route.method, route.path)
