"""What sellers and reviewers do to listings."""

from gcw_tiktok.sandbox.doings import Action, Json, NotPossible, wished_shop
from gcw_tiktok.sandbox.listings import news, readiness, review
from gcw_tiktok.sandbox.listings.products import Product
from gcw_tiktok.sandbox.shops import Shop, find_product
from gcw_tiktok.sandbox.world import World

SELLER_CENTER = "SELLER_CENTER"


def hide_listings(world: World, wish: Json) -> Json:
    """Makes a shop's listing search come back empty, or whole again."""
    shop = wished_shop(world, wish)
    shop.listings_hidden = bool(wish.get("hidden", True))
    return {"shop_id": shop.id, "hidden": shop.listings_hidden}


def unready(world: World, wish: Json) -> Json:
    """Makes a shop fail the checks that `failed` names, each with a reason, and pass all others."""
    shop, failed = wished_shop(world, wish), wish.get("failed", {})
    if not isinstance(failed, dict) or not set(failed) <= set(readiness.CHECKS):
        raise NotPossible(f"`failed` is an object of reasons by check; there are {', '.join(readiness.CHECKS)}.")
    shop.unready = {item: str(reason) for item, reason in failed.items()}
    return {"shop_id": shop.id, "failed": shop.unready}


def _listing(world: World, product_id: str) -> tuple[Shop, Product]:
    found = find_product(world.shops(), product_id)
    if found is None:
        raise NotPossible(f"There is no product {product_id}.")
    return found


def _changed(world: World, shop: Shop, product: Product) -> Json:
    review.touch(shop, product, world.now())
    return _shown(product)


def _shown(product: Product) -> Json:
    skus = [{"id": sku.id, "seller_sku": sku.seller_sku} for sku in product.skus]
    return {"product_id": product.id, "status": product.status, "title": product.title, "skus": skus}


def retitle(world: World, product_id: str, wish: Json) -> Json:
    """The seller gives the listing another title."""
    shop, product = _listing(world, product_id)
    product.version.content["title"] = str(wish.get("title", product.title + " (new)"))
    shown = _changed(world, shop, product)
    news.changed(world, shop, product, {"title": product.title}, SELLER_CENTER)
    return shown


def remove(world: World, product_id: str, _: Json) -> Json:
    """The seller deletes the listing."""
    shop, product = _listing(world, product_id)
    product.status = "DELETED"
    shown = _changed(world, shop, product)
    news.status(world, shop, product)
    return shown


def set_status(world: World, product_id: str, wish: Json) -> Json:
    """The listing gets another status."""
    shop, product = _listing(world, product_id)
    product.status = str(wish["status"]) if "status" in wish else product.status
    shown = _changed(world, shop, product)
    news.status(world, shop, product)
    return shown


def rekey(world: World, product_id: str, _: Json) -> Json:
    """The seller edits the variants so that all of them get new ids."""
    shop, product = _listing(world, product_id)
    for sku in product.skus:
        sku.id = world.mint.next("new_sku")
    shown = _changed(world, shop, product)
    news.changed(world, shop, product, {"skus": shown["skus"]}, SELLER_CENTER)
    return shown


def set_seller_sku(world: World, product_id: str, wish: Json) -> Json:
    """The seller renames a variant; without `sku_id`, the first one."""
    shop, product = _listing(world, product_id)
    wanted = wish.get("sku_id", product.skus[0].id)
    found = [sku for sku in product.skus if sku.id == wanted]
    if not found:
        raise NotPossible(f"Product {product_id} has no variant {wanted}.")
    found[0].seller_sku = str(wish.get("seller_sku", ""))
    shown = _changed(world, shop, product)
    news.changed(world, shop, product, {"skus": shown["skus"]}, SELLER_CENTER)
    return shown


def approve(world: World, product_id: str, _: Json) -> Json:
    """The review passes now."""
    shop, product = _in_review(world, product_id)
    review.approve(world, shop, product, world.now())
    return _shown(product)


def reject(world: World, product_id: str, wish: Json) -> Json:
    """The review refuses now, for a `reason`."""
    shop, product = _in_review(world, product_id)
    reason = str(wish.get("reason", "Insufficient or incomplete product information"))
    review.reject(world, shop, product, reason, world.now())
    return _shown(product)


def _in_review(world: World, product_id: str) -> tuple[Shop, Product]:
    shop, product = _listing(world, product_id)
    if product.audit != "AUDITING":
        raise NotPossible(f"Product {product_id} is {product.status} and not under review.")
    return shop, product


ACTIONS: dict[str, Action] = {
    "approve": approve,
    "reject": reject,
    "retitle": retitle,
    "remove": remove,
    "rekey": rekey,
    "set-seller-sku": set_seller_sku,
    "set-status": set_status,
}
