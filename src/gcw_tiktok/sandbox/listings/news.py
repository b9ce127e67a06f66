"""What webhooks tell of listings."""

from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.listings.products import Json, Product
from gcw_tiktok.sandbox.shops import Shop

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

TOLD_BY_NAME = frozenset({"description", "main_images", "product_attributes", "title"})
FIRST_PASS, CHANGED, REFUSED = "PRODUCT_FIRST_PASS_REVIEW", "PRODUCT_STATUS_CHANGED", "PRODUCT_AUDIT_FAILURE"


def created(world: "World", shop: Shop, product: Product) -> None:
    """Topic 16: there is a new listing."""
    data = {"product_id": product.id, "product_types": [], "update_time": product.update_time}
    world.events.tell("PRODUCT_CREATION", shop.id, product.update_time, data)


def changed(world: "World", shop: Shop, product: Product, members: Json, source: str = "OPEN_API") -> None:
    """Topic 15: these members of a listing were sent anew. Only some are told by name."""
    fields = {name if name in TOLD_BY_NAME else "others" for name in members if name != "size_chart"}
    fields |= {f"size_chart_{part}" for part in members.get("size_chart", {})}
    data = {
        "product_id": product.id,
        "changed_fields": sorted(fields),
        "change_source": source,
        "update_time": product.update_time,
    }
    world.events.tell("PRODUCT_INFORMATION_CHANGE", shop.id, product.update_time, data)


def recategorized(world: "World", shop: Shop, product: Product, before: str) -> None:
    """Topic 18: the listing moved from one category to another."""
    data = {
        "product_id": product.id,
        "previous_category_id": before,
        "current_category_id": product.version.content["category_id"],
        "update_time": product.update_time,
    }
    world.events.tell("PRODUCT_CATEGORY_CHANGE", shop.id, product.update_time, data)


def status(world: "World", shop: Shop, product: Product, kind: str = CHANGED, reason: str = "") -> None:
    """Topic 5: the listing has another status, or a review ended."""
    data = {
        "product_id": product.id,
        "status": kind,
        "suspended_reason": reason,
        "update_time": product.update_time,
    }
    world.events.tell("PRODUCT_STATUS_CHANGE", shop.id, product.update_time, data)


def audit(world: "World", shop: Shop, product: Product) -> None:
    """Topic 37: the review has got somewhere."""
    data = {
        "product_id": product.id,
        "audit": {"status": product.audit, "pre_approved_reasons": []},
        "update_time": product.update_time,
    }
    world.events.tell("PRODUCT_AUDIT_STATUS_CHANGE", shop.id, product.update_time, data)
