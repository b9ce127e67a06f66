"""What control calls make happen: things that buyers, sellers and carriers do outside of the API."""

from collections.abc import Callable
from typing import Any

from gcw_tiktok.sandbox.shops import Shop
from gcw_tiktok.sandbox.world import World

Json = dict[str, Any]
Action = Callable[[World, str, Json], Json]
"""Does something to the thing with an id, as a wish in JSON asks."""


class NotPossible(ValueError):
    """The wish makes no sense in the present world."""


def wished_shop(world: World, wish: Json) -> Shop:
    """The shop named by `shop_id`, its code or its name; without a name, the first."""
    wanted = wish.get("shop_id") or next(world.shops()).id
    shop = next((each for each in world.shops() if wanted in (each.id, each.code, each.name)), None)
    if shop is None:
        raise NotPossible(f"There is no shop {wanted}.")
    return shop
