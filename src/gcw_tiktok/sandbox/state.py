"""The truth about a world, unmasked: what tests and audits compare against."""

from collections.abc import Callable
from typing import Any

from gcw_tiktok.sandbox.listings.product_view import View
from gcw_tiktok.sandbox.listings.products import Product
from gcw_tiktok.sandbox.sales import order_view
from gcw_tiktok.sandbox.sales.cancelling import Cancellation
from gcw_tiktok.sandbox.sales.orders import Package
from gcw_tiktok.sandbox.sales.returning import Return
from gcw_tiktok.sandbox.shops import Seller, Shop
from gcw_tiktok.sandbox.world import World

Json = dict[str, Any]


def whole(world: World, parts: list[str]) -> Json:
    """Everything, or only the named parts."""
    makers: dict[str, Callable[[], object]] = {
        "now": world.now,
        "app": lambda: _app(world),
        "sellers": lambda: [_seller(each, world) for each in world.sellers],
        "shops": lambda: [_shop(each, world) for each in world.shops()],
        "products": lambda: [
            _product(View(world, shop), product) for shop in world.shops() for product in shop.products
        ],
        "orders": lambda: [order_view.unmasked(each) | {"shop_id": each.shop.id} for each in world.orders],
        "packages": lambda: [_package(each) for each in world.packages.values()],
        "cancellations": lambda: [_cancellation(each) for each in world.cancellations],
        "returns": lambda: [_return(each) for each in world.returns],
    }
    return {part: make() for part, make in makers.items() if not parts or part in parts}


def _product(view: View, product: Product) -> Json:
    """The listing, and its versions that are not live."""
    others = {"under_review": product.under_review, "draft": product.draft}
    return (
        view.detail(product)
        | {"shop_id": view.shop.id}
        | {name: view.detail(product, version) for name, version in others.items() if version}
    )


def _app(world: World) -> Json:
    return {
        "app_key": world.app.key,
        "app_secret": world.app.secret,
        "service_id": world.app.service_id,
        "redirect_url": world.app.redirect_url,
    }


def _seller(seller: Seller, world: World) -> Json:
    return {
        "seller": seller.handle,
        "name": seller.name,
        "region": seller.region,
        "open_id": seller.open_id,
        "shop_ids": [shop.id for shop in seller.shops],
        "status": seller.status,
        "authorized": seller.handle in world.authorizations.active,
        "authorization_ends": world.authorizations.ends.get(seller.handle, 0),
    }


def _shop(shop: Shop, world: World) -> Json:
    return {
        "id": shop.id,
        "name": shop.name,
        "code": shop.code,
        "region": shop.region,
        "seller_type": shop.seller_type,
        "cipher": shop.cipher,
        "status": shop.status,
        "warehouse_id": shop.warehouse_id,
        "delivery_options": [
            {"id": each.id, "name": each.name, "shipping_type": each.shipping_type} for each in shop.delivery_options
        ],
        "listings_hidden": shop.listings_hidden,
        "failed_prerequisites": shop.unready,
        "product_count": len(shop.products),
        "order_count": len(world.orders_of[shop.id]),
        "webhooks": list(shop.webhooks.values()),
    }


def _package(package: Package) -> Json:
    return {
        "id": package.id,
        "order_id": package.orders[0].id,
        "order_ids": [order.id for order in package.orders],
        "order_line_item_ids": [line.id for line in package.lines],
        "status": package.status,
        "tracking_number": package.tracking_number,
        "shipping_provider_id": package.carrier.id if package.carrier else "",
        "shipping_provider_name": package.carrier.name if package.carrier else "",
        "has_tiktok_label": package.label is not None,
        "is_lost": package.is_lost,
        "create_time": package.create_time,
        "ship_time": package.ship_time,
        "collection_time": package.collection_time,
        "delivery_time": package.delivery_time,
        "update_time": package.update_time,
    }


def _cancellation(request: Cancellation) -> Json:
    return {
        "id": request.id,
        "order_id": request.order.id,
        "type": request.type,
        "status": request.status,
        "role": request.role,
        "reason": request.reason.name,
        "order_line_item_ids": [line.id for line in request.lines],
        "deadline": request.deadline,
    }


def _return(request: Return) -> Json:
    return {
        "id": request.id,
        "order_id": request.order.id,
        "type": request.type,
        "status": request.status,
        "role": request.role,
        "reason": request.reason.name,
        "order_line_item_ids": [line.id for line in request.lines],
        "deadline": request.deadline,
        "new_order_id": request.new_order_id,
    }
