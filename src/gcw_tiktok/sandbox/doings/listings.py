"""What sellers and reviewers do to listings."""

from gcw_tiktok.sandbox.doings import Action, Json, NotPossible, wished_shop
from gcw_tiktok.sandbox.listings.catalog import Product
from gcw_tiktok.sandbox.shops import Shop
from gcw_tiktok.sandbox.world import World


def hide_listings(world: World, wish: Json) -> Json:
    """Makes a shop's listing search come back empty, or whole again."""
    shop = wished_shop(world, wish)
    shop.listings_hidden = bool(wish.get("hidden", True))
    return {"shop_id": shop.id, "hidden": shop.listings_hidden}


def _listing(world: World, product_id: str) -> tuple[Shop, Product]:
    for shop in world.shops():
        found = shop.products.get(product_id)
        if found:
            return shop, found
    raise NotPossible(f"There is no product {product_id}.")


def _changed(world: World, shop: Shop, product: Product) -> Json:
    before, product.update_time = product.update_time, max(world.now(), product.update_time)
    shop.products.moved(product, before)
    skus = [{"id": sku.id, "seller_sku": sku.seller_sku} for sku in product.skus]
    return {"product_id": product.id, "status": product.status, "title": product.title, "skus": skus}


def retitle(world: World, product_id: str, wish: Json) -> Json:
    """The seller gives the listing another title."""
    shop, product = _listing(world, product_id)
    product.title = str(wish.get("title", product.title + " (new)"))
    return _changed(world, shop, product)


def remove(world: World, product_id: str, _: Json) -> Json:
    """The seller deletes the listing."""
    shop, product = _listing(world, product_id)
    product.status = "DELETED"
    return _changed(world, shop, product)


def set_status(world: World, product_id: str, wish: Json) -> Json:
    """The listing gets another status."""
    shop, product = _listing(world, product_id)
    product.status = str(wish["status"]) if "status" in wish else product.status
    return _changed(world, shop, product)


def rekey(world: World, product_id: str, _: Json) -> Json:
    """The seller edits the variants so that all of them get new ids."""
    shop, product = _listing(world, product_id)
    for sku in product.skus:
        sku.id = world.mint.next("new_sku")
    return _changed(world, shop, product)


def set_seller_sku(world: World, product_id: str, wish: Json) -> Json:
    """The seller renames a variant; without `sku_id`, the first one."""
    shop, product = _listing(world, product_id)
    wanted = wish.get("sku_id", product.skus[0].id)
    found = [sku for sku in product.skus if sku.id == wanted]
    if not found:
        raise NotPossible(f"Product {product_id} has no variant {wanted}.")
    found[0].seller_sku = str(wish.get("seller_sku", ""))
    return _changed(world, shop, product)


ACTIONS: dict[str, Action] = {
    "retitle": retitle,
    "remove": remove,
    "rekey": rekey,
    "set-seller-sku": set_seller_sku,
    "set-status": set_status,
}
