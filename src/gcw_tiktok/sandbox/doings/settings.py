"""What is set in Partner Center, and the clock."""

from gcw_tiktok.sandbox.doings import Json
from gcw_tiktok.sandbox.world import World


def advance(world: World, wish: Json) -> Json:
    """Moves the clock and lets happen what was due."""
    now = world.clock.advance(int(wish.get("advance", 0)))
    world.catch_up()
    return {"now": now}


def configure(world: World, wish: Json) -> Json:
    """Changes the app's settings in Partner Center: where the consent page leads."""
    world.app.redirect_url = str(wish.get("redirect_url", world.app.redirect_url))
    return {"redirect_url": world.app.redirect_url}
