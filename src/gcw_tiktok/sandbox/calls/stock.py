"""Prices and stock: set at once, without a review."""

from collections.abc import Iterator

from gcw_tiktok.sandbox.calls.products import UNREADABLE, of_shop, wrong_status
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.listings import news, review, sku_rules
from gcw_tiktok.sandbox.listings.products import Product, Sku
from gcw_tiktok.sandbox.listings.writing import cents, units
from gcw_tiktok.sandbox.refusals import Refusal, business
from gcw_tiktok.sandbox.routes import DOCUMENTED, PRODUCT_WRITES, PRODUCTS, VERIFIED, Json, route
from gcw_tiktok.sandbox.sales.orders import SHIPPED

OPEN = "Units that are not shipped yet are committed; available is what is not sold."


@route("POST", "/product/202309/products/{product_id}/prices/update", DOCUMENTED, PRODUCT_WRITES)
def update_prices(call: Call) -> Json:
    """New prices of some variants of a live listing; all of them or none."""
    product = of_shop(call, call.in_path["product_id"])
    if product.status != "ACTIVATE":
        raise wrong_status()
    skus = _skus(product, call.body["skus"])
    _refuse(refusal for sent in call.body["skus"] for refusal in sku_rules.price(call.shop, sent["price"]))
    for sku, sent in zip(skus, call.body["skus"], strict=True):
        sku.price = cents(sent["price"])
        sku.more |= {name: sent[name] for name in ("list_price", "external_list_prices") if name in sent}
    _changed(call, product, "price")
    return {}


@route(
    "POST", "/product/202309/products/{product_id}/inventory/update", DOCUMENTED, PRODUCT_WRITES,
    guess="A stock of 0 is taken. Nothing of a call with a failure is done.",
)  # fmt: skip
def update_inventory(call: Call) -> Json:
    """New stock of some variants, in every warehouse they have; a single warehouse need not be named."""
    product = of_shop(call, call.in_path["product_id"])
    if product.status in UNREADABLE:
        raise wrong_status()
    skus = _skus(product, call.body["skus"])
    errors = [
        _error(sku, refusal)
        for sku, sent in zip(skus, call.body["skus"], strict=True)
        for refusal in sku_rules.inventory(call.shop, sent["inventory"], "pre_sale" in sku.more)
    ]
    if errors:
        return {"errors": errors}
    for sku, sent in zip(skus, call.body["skus"], strict=True):
        sku.quantity = units(sent["inventory"])
        sku.more |= {"backorder": back} if (back := sku_rules.backorder(sent["inventory"])) else {}
    _changed(call, product, "inventory")
    return {}


@route("POST", "/product/202309/inventory/search", VERIFIED, PRODUCTS, guess=OPEN)
def search_inventory(call: Call) -> Json:
    """What is left of each variant, and how much of it buyers wait for."""
    wanted = set(call.body.get("sku_ids") or ())
    found = _with_skus(call, wanted) if wanted else [of_shop(call, each) for each in call.body["product_ids"]]
    committed = _committed(call)
    return {
        "inventory": [
            {
                "product_id": product.id,
                "skus": [
                    _stock(call, sku, committed.get(sku.id, 0))
                    for sku in product.skus
                    if not wanted or sku.id in wanted
                ],
            }
            for product in found
        ]
    }


def _skus(product: Product, sent: list[Json]) -> list[Sku]:
    found = [product.version.sku(each["id"]) for each in sent]
    known = [sku for sku in found if sku]
    if len(known) < len(found):
        raise business(12052557, "The SKU id does not belong to the product.")
    return known


def _refuse(complaints: Iterator[Refusal]) -> None:
    complaint = next(complaints, None)
    if complaint:
        raise complaint


def _changed(call: Call, product: Product, member: str) -> None:
    review.touch(call.shop, product, call.world.now())
    news.changed(call.world, call.shop, product, {member: ...})
    call.effect = f"{member} of product {product.id} changed"


def _error(sku: Sku, refusal: Refusal) -> Json:
    reason = {"code": refusal.code, "message": refusal.message}
    return {"code": 12052990, "message": "Check failed", "detail": {"sku_id": sku.id, "extra_errors": [reason]}}


def _with_skus(call: Call, wanted: set[str]) -> list[Product]:
    return [each for each in call.shop.products if any(sku.id in wanted for sku in each.skus)]


def _committed(call: Call) -> dict[str, int]:
    """How many units of each variant buyers wait for."""
    waiting: dict[str, int] = {}
    for order in call.world.orders_of[call.shop.id]:
        for line in order.live():
            if line.status not in SHIPPED:
                waiting[line.sku_id] = waiting.get(line.sku_id, 0) + 1
    return waiting


def _stock(call: Call, sku: Sku, committed: int) -> Json:
    return {
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "total_available_inventory_distribution": {"in_shop_inventory": {"quantity": sku.quantity}},
        "total_available_quantity": sku.quantity,
        "total_committed_quantity": committed,
        "warehouse_inventory": [
            {
                "available_quantity": sku.quantity,
                "committed_quantity": committed,
                "warehouse_id": call.shop.warehouse_id,
            }
        ],
    }
