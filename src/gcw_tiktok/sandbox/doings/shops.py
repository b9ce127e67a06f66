"""What a seller sets in Seller Center."""

from gcw_tiktok.sandbox.doings import Action, Json, NotPossible, sellers, wished_shop
from gcw_tiktok.sandbox.sales.cancelling import ANSWER_WITHIN
from gcw_tiktok.sandbox.world import World

SHIPPING_TYPES = ("SELLER", "TIKTOK")


def settings(world: World, shop_id: str, wish: Json) -> Json:
    """Who ships, automatic labels, the window of automatic combination, and after how long cancellations are granted.

    Both times are seconds. A window of 0 combines nothing; a cancellation is granted after a day at the latest.
    """
    shop = wished_shop(world, {"shop_id": shop_id})
    after = wish.get("approves_cancellations_after", shop.approves_cancellations_after)
    if not isinstance(after, int) or not 0 <= after <= ANSWER_WITHIN:
        raise NotPossible(f"approves_cancellations_after is whole seconds up to {ANSWER_WITHIN}.")
    shipping_type = wish.get("shipping_type", shop.shipping_type)
    if shipping_type not in SHIPPING_TYPES:
        raise NotPossible("shipping_type is SELLER or TIKTOK.")
    shop.shipping_type = shipping_type
    shop.automatic_labels = bool(wish.get("automatic_labels", shop.automatic_labels))
    shop.combine_window = max(int(wish.get("combine_window", shop.combine_window)), 0)
    shop.approves_cancellations_after = after
    return {
        "shop_id": shop.id,
        "shipping_type": shop.shipping_type,
        "automatic_labels": shop.automatic_labels,
        "combine_window": shop.combine_window,
        "approves_cancellations_after": after,
    }


def set_status(world: World, shop_id: str, wish: Json) -> Json:
    """The shop is deactivated, or active again."""
    shop = wished_shop(world, {"shop_id": shop_id})
    shop.status = sellers.status(wish)
    return {"shop_id": shop.id, "status": shop.status}


ACTIONS: dict[str, Action] = {"settings": settings, "set-status": set_status}
