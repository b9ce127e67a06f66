"""Listing search and listing detail."""

from collections.abc import Callable

from gcw_tiktok.sandbox.calls import searching
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.listings import product_view
from gcw_tiktok.sandbox.listings.product_view import View
from gcw_tiktok.sandbox.listings.products import Product, Version
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, PRODUCTS, VERIFIED, Json, route
from gcw_tiktok.sandbox.shops import find_product

MOST_RESULTS = 10_000
UNREADABLE = ("FREEZE", "DELETED")


@route("POST", "/product/202309/products/search", VERIFIED, PRODUCTS)
@route("POST", "/product/202312/products/search", DOCUMENTED, PRODUCTS)
@route("POST", "/product/202502/products/search", VERIFIED, PRODUCTS)
def search(call: Call) -> Json:
    """A page of the shop's listings, with the members of the asked-for version."""
    drafts = bool(call.body.get("return_draft_version"))
    page, token = searching.page(call, call.shop.products, _wanted(call.body, call.shop.listings_hidden))
    if page.total > MOST_RESULTS:
        raise business(12052180, "The search has more than 10000 results. Narrow the filter.")
    view = View(call.world, call.shop, call.origin)
    rows = ((each, (_draft(each) if drafts else None) or each.version) for each in page.items)
    return {
        "next_page_token": token,
        "products": [view.summary(product, version, call.route.version) for product, version in rows],
        "total_count": page.total,
    }


@route(
    "GET", "/product/202309/products/{product_id}", VERIFIED, PRODUCTS,
    guess="Without a draft, return_draft_version gives the base.",
)  # fmt: skip
def detail(call: Call) -> Json:
    """One listing of the shop: the base, the version under review, or the draft."""
    product = of_shop(call, call.in_path["product_id"])
    if product.status in UNREADABLE:
        raise wrong_status()
    under_review, draft = (call.parameters[f"return_{name}_version"] for name in ("under_review", "draft"))
    if under_review and draft:
        raise business(12052910, "return_under_review_version and return_draft_version exclude each other.")
    if under_review and product.audit != "AUDITING":
        raise business(12052547, "The product has no version under review.")
    version = product.under_review if under_review else product.draft if draft else None
    return View(call.world, call.shop, call.origin).detail(product, version)


def of_shop(call: Call, product_id: str) -> Product:
    """The listing with this id; refused when the shop has none."""
    product = call.shop.products.get(product_id)
    if product:
        return product
    if find_product(call.world.shops(), product_id):
        raise business(12052048, "The product does not belong to this shop.")
    raise business(12052032, "The product does not exist.")


def wrong_status() -> Exception:
    """The refusal of what a listing's status does not allow."""
    return business(12052901, "The product status does not allow this operation.")


def _draft(product: Product) -> Version | None:
    """What is not submitted yet: a draft beside the base, or a base that is one."""
    return product.version if product.status == "DRAFT" else product.draft


def _wanted(body: Json, hidden: bool) -> Callable[[Product], bool]:
    status = body.get("status", "ALL")
    if hidden:
        return lambda _: False
    tests: dict[str, Callable[[Product], bool]] = {
        "seller_skus": lambda each: any(sku.seller_sku in body["seller_skus"] for sku in each.skus),
        "sku_ids": lambda each: any(sku.id in body["sku_ids"] for sku in each.skus),
        "audit_status": lambda each: each.audit in body["audit_status"],
        "category_version": lambda _: body["category_version"] == "v2",
        "listing_quality_tier": lambda each: product_view.quality(each) == body["listing_quality_tier"],
        "listing_quality_tiers": lambda each: product_view.quality(each) in body["listing_quality_tiers"],
        "return_draft_version": lambda each: _draft(each) is not None,
        "sns_filter": lambda each: False,
    }
    asked = [test for member, test in tests.items() if body.get(member)]
    # Whether ALL includes deleted listings is not documented; a deleted one is shown only when asked for.
    asked.append(lambda each: each.status == status or (status == "ALL" and each.status != "DELETED"))
    return lambda each: all(test(each) for test in asked)
