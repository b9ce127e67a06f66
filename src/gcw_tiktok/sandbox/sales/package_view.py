"""Packages as the API shows them."""

from typing import Any

from gcw_tiktok.sandbox.money import text
from gcw_tiktok.sandbox.sales import masking
from gcw_tiktok.sandbox.sales.order_view import IMAGES
from gcw_tiktok.sandbox.sales.orders import Line, Order, Package
from gcw_tiktok.sandbox.shops import PRINT_FLOOR

SHOWN_OF_ADDRESS = (
    *("name", "phone_number", "full_address", "address_detail", "address_line1", "address_line2"),
    *("postal_code", "region_code"),
)
SUB_STATUS = {
    "TO_FULFILL": "STOCKING",
    "PROCESSING": "RTS",
    "FULFILLING": "TTS",
    "COMPLETED": "DELIVERED",
    "CANCELLED": "CANCELLED",
}
Json = dict[str, Any]


def summary(package: Package) -> Json:
    """What a search tells. Its names differ from those of the detail."""
    return {
        "id": package.id,
        "status": package.status,
        "create_time": package.create_time,
        "update_time": package.update_time,
        "order_line_item_ids": [line.id for line in package.lines],
        "orders": [_order(order, package) for order in package.orders],
        **_carrier(package),
    }


def detail(package: Package, now: int) -> Json:
    """Everything about a package, addressed as its first order is shown."""
    order = package.orders[0]
    option = order.shop.option_for(order.shipping_type)
    recipient = masking.recipient(order, now)
    shown: Json = {
        "package_id": package.id,
        "package_status": package.status,
        "package_sub_status": "SHIP_EXCEPTION" if _is_gone(package) else SUB_STATUS[package.status],
        "shipping_type": order.shipping_type,
        "delivery_option_id": option.id,
        "delivery_option_name": option.name,
        "orders": [_order(each, package) for each in package.orders],
        "order_line_item_ids": [line.id for line in package.lines],
        "has_multi_skus": len({line.sku_id for line in package.lines}) > 1,
        "note_tag": "BUYER_NOTED" if any(each.buyer_message for each in package.orders) else "BUYER_UNNOTED",
        "split_and_combine_tag": _tag(package),
        "recipient_address": {member: recipient[member] for member in SHOWN_OF_ADDRESS},
        "sender_address": sender(order.shop.region),
        "insurance": {"is_purchased": False, "is_claim_eligible": False, "coverage_amount": text(0)},
        "biz_extension_tags": [],
        "warehouse_id": order.shop.warehouse_id,
        "create_time": package.create_time,
        "update_time": package.update_time,
        **_carrier(package),
    }
    return shown | _box(package)


def sender(region: str) -> Json:
    """Where packages come from."""
    return {
        "name": PRINT_FLOOR.name,
        "phone_number": PRINT_FLOOR.phone_number,
        "full_address": PRINT_FLOOR.full,
        "address_detail": PRINT_FLOOR.detail,
        "address_line1": PRINT_FLOOR.line1,
        "address_line2": PRINT_FLOOR.line2,
        "postal_code": PRINT_FLOOR.place.postal_code,
        "region_code": region,
    }


def _box(package: Package) -> Json:
    shown: Json = {}
    if _is_gone(package):
        shown["ship_exception_reason"] = "PACKAGE_LOST"
    if package.dimension and package.weight:
        shown |= {"dimension": package.dimension, "weight": package.weight}
    if package.handover_method:
        shown["handover_method"] = package.handover_method
    if package.pickup_slot:
        start, end = package.pickup_slot
        shown["pickup_slot"] = {"start_time": start, "end_time": end}
    return shown


def _is_gone(package: Package) -> bool:
    """Lost, and known to be: the platform gave up on it."""
    return package.is_lost and package.status == "CANCELLED"


def _carrier(package: Package) -> Json:
    carrier = package.carrier
    return {
        "tracking_number": package.tracking_number,
        "shipping_provider_id": carrier.id if carrier else "",
        "shipping_provider_name": carrier.name if carrier else "",
    }


def _tag(package: Package) -> str:
    if package.is_combined:
        return "COMBINE"
    return "SPLIT" if len(package.orders[0].packages) > 1 else "DEFAULT"


def _order(order: Order, package: Package) -> Json:
    lines = [line for line in order.lines if line.package is package]
    by_sku: dict[str, list[Line]] = {}
    for line in lines:
        by_sku.setdefault(line.sku_id, []).append(line)
    return {"id": order.id, "skus": [_sku(same) for same in by_sku.values()]}


def _sku(same: list[Line]) -> Json:
    line = same[0]
    return {
        "id": line.sku_id,
        "name": line.sku_name,
        "image_url": f"{IMAGES}{line.image}~tplv-200.jpeg",
        "quantity": len(same),
    }
