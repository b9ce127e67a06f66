"""What a seller sets in Seller Center."""

from gcw_tiktok.sandbox.doings import Action, Json, wished_shop
from gcw_tiktok.sandbox.world import World


def settings(world: World, shop_id: str, wish: Json) -> Json:
    """Automatic labels, and the window of automatic combination in seconds, of which 0 means never."""
    shop = wished_shop(world, {"shop_id": shop_id})
    shop.automatic_labels = bool(wish.get("automatic_labels", shop.automatic_labels))
    shop.combine_window = max(int(wish.get("combine_window", shop.combine_window)), 0)
    return {"shop_id": shop.id, "automatic_labels": shop.automatic_labels, "combine_window": shop.combine_window}


ACTIONS: dict[str, Action] = {"settings": settings}
