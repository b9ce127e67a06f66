"""Listings as the API shows them: a search says less than the detail, and older versions less than newer ones."""

from typing import Any

from gcw_tiktok.sandbox.listings.catalog import Product, Sku
from gcw_tiktok.sandbox.money import text
from gcw_tiktok.sandbox.sales.order_view import IMAGES
from gcw_tiktok.sandbox.shops import Shop

SINCE_202312 = ("audit", "listing_quality_tier")
SINCE_202502 = ("has_draft", "is_not_for_sale", "product_tags", "recommended_categories")
Json = dict[str, Any]


def summary(product: Product, shop: Shop, version: str) -> Json:
    """A row of a search in one of its versions."""
    shown: Json = {
        "id": product.id,
        "title": product.title,
        "status": product.status,
        "create_time": product.create_time,
        "update_time": product.update_time,
        "sales_regions": [shop.region],
        "skus": [_sku(sku, product, shop) for sku in product.skus],
        "audit": _audit(product),
        "listing_quality_tier": quality(product),
        "has_draft": False,
        "is_not_for_sale": False,
        "product_tags": [],
        "recommended_categories": [],
    }
    later = {"202309": SINCE_202312 + SINCE_202502, "202312": SINCE_202502}.get(version, ())
    if version != "202502":
        for sku in shown["skus"]:
            del sku["status_info"]
    return {member: value for member, value in shown.items() if member not in later}


def detail(product: Product, shop: Shop) -> Json:
    """Everything about a listing."""
    length, width, height = product.kind.size
    weight = {"unit": "POUND", "value": product.kind.weight}
    size = {"height": height, "length": length, "unit": "INCH", "width": width}
    return {
        "id": product.id,
        "title": product.title,
        "status": product.status,
        "product_status": "DRAFT" if product.status == "PENDING" else product.status,
        "audit": _audit(product),
        "brand": {"id": "7265982318457707330", "name": shop.name},
        "category_chains": _categories(product),
        "create_time": product.create_time,
        "update_time": product.update_time,
        "description": f"<p>{product.title}. Printed after you order.</p>",
        "main_images": [_image(product)],
        "package_dimensions": size,
        "package_weight": weight,
        "product_attributes": [
            {"id": "100157", "name": "Material", "values": [{"id": "1000039", "name": product.kind.material}]}
        ],
        "listing_quality_tier": quality(product),
        "product_types": ["UNKNOWN"],
        "shipping_insurance_requirement": "NOT_SUPPORTED",
        "skus": [_full_sku(sku, product, shop, weight, size) for sku in product.skus],
        **dict.fromkeys(("has_draft", "is_cod_allowed", "is_not_for_sale", "is_pre_owned", "is_replicated"), False),
        "product_tags": [],
        "recommended_categories": [],
    }


def _sku(sku: Sku, product: Product, shop: Shop) -> Json:
    status = "NORMAL" if product.status == "ACTIVATE" else "DEACTIVATED"
    return {
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "price": {"currency": shop.currency, "tax_exclusive_price": text(sku.price)},
        "inventory": [{"quantity": sku.quantity, "warehouse_id": shop.warehouse_id}],
        "status_info": {"status": status},
    }


def _full_sku(sku: Sku, product: Product, shop: Shop, weight: Json, size: Json) -> Json:
    shown = _sku(sku, product, shop)
    shown["price"] = shown["price"] | {"sale_price": text(sku.price)}
    return shown | {
        "global_listing_policy": {"inventory_type": "EXCLUSIVE", "price_sync": False},
        "sales_attributes": _sales_attributes(sku, product),
        "sku_dimensions": size,
        "sku_weight": weight,
    }


def _sales_attributes(sku: Sku, product: Product) -> list[Json]:
    return [
        {
            "id": axis.id,
            "name": axis.name,
            "value_id": product.mint.at("value", product.number * 128 + axis_no * 32 + _place(axis.values, value)),
            "value_name": value,
        }
        for axis_no, (axis, value) in enumerate(zip(product.kind.axes, sku.values, strict=True))
    ]


def _place(values: tuple[tuple[str, str, int], ...], wanted: str) -> int:
    return next(place for place, value in enumerate(values) if value[0] == wanted)


def _audit(product: Product) -> Json:
    return {"pre_approved_reasons": [], "status": product.audit}


def quality(product: Product) -> str:
    """How good TikTok Shop finds the listing."""
    return ("GOOD", "FAIR", "POOR")[product.number % 7 % 3]


def _categories(product: Product) -> list[Json]:
    chain = product.kind.categories
    return [
        {
            "id": category_id,
            "is_leaf": level == len(chain) - 1,
            "local_name": name,
            "parent_id": chain[level - 1][0] if level else "0",
        }
        for level, (category_id, name) in enumerate(chain)
    ]


def _image(product: Product) -> Json:
    return {
        "height": 1200,
        "thumb_urls": [f"{IMAGES}{product.image}~tplv-300.jpeg"],
        "uri": product.image,
        "urls": [f"{IMAGES}{product.image}~tplv-origin.jpeg"],
        "width": 1200,
    }
