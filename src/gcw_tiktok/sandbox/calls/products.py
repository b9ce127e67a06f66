"""Listing search and listing detail."""

from collections.abc import Callable

from gcw_tiktok.sandbox.calls import searching
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.listings import product_view
from gcw_tiktok.sandbox.listings.catalog import Product
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, PRODUCTS, VERIFIED, Json, route

MOST_RESULTS = 10_000


@route("POST", "/product/202309/products/search", VERIFIED, PRODUCTS)
@route("POST", "/product/202312/products/search", DOCUMENTED, PRODUCTS)
@route("POST", "/product/202502/products/search", VERIFIED, PRODUCTS)
def search(call: Call) -> Json:
    """A page of the shop's listings, with the members of the asked-for version."""
    shop, version = call.shop, call.route.version
    wanted = _wanted(call.body, shop.listings_hidden)
    page, token = searching.page(call, shop.products, wanted)
    if page.total > MOST_RESULTS:
        raise business(12052180, "The search has more than 10000 results. Narrow the filter.")
    return {
        "next_page_token": token,
        "products": [product_view.summary(each, shop, version) for each in page.items],
        "total_count": page.total,
    }


@route("GET", "/product/202309/products/{product_id}", VERIFIED, PRODUCTS)
def detail(call: Call) -> Json:
    """One listing of the shop."""
    product = call.shop.products.get(call.parameters["product_id"])
    if product is None:
        others = [shop for shop in call.world.shops() if shop.products.get(call.parameters["product_id"])]
        if others:
            raise business(12052048, "The product does not belong to this shop.")
        raise business(12052032, "The product does not exist.")
    if product.status in ("FREEZE", "DELETED"):
        raise business(12052901, "The product status does not allow this operation.")
    return product_view.detail(product, call.shop)


def _wanted(body: Json, hidden: bool) -> Callable[[Product], bool]:
    status = body.get("status", "ALL")
    if hidden:
        return lambda _: False
    tests: dict[str, Callable[[Product], bool]] = {
        "seller_skus": lambda each: any(sku.seller_sku in body["seller_skus"] for sku in each.skus),
        "sku_ids": lambda each: any(sku.id in body["sku_ids"] for sku in each.skus),
        "audit_status": lambda each: each.audit in body["audit_status"],
        "listing_quality_tier": lambda each: product_view.quality(each) == body["listing_quality_tier"],
        "listing_quality_tiers": lambda each: product_view.quality(each) in body["listing_quality_tiers"],
        "sns_filter": lambda each: False,
    }
    asked = [test for member, test in tests.items() if body.get(member)]
    # Whether ALL includes deleted listings is not documented; a deleted one is shown only when asked for.
    asked.append(lambda each: each.status == status or (status == "ALL" and each.status != "DELETED"))
    return lambda each: all(test(each) for test in asked)
