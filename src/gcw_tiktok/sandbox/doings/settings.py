"""What is set in Partner Center, and the clock."""

from gcw_tiktok.sandbox.deliveries import is_address
from gcw_tiktok.sandbox.doings import Json, NotPossible, webhooks
from gcw_tiktok.sandbox.world import World


def advance(world: World, wish: Json) -> Json:
    """Moves the clock and lets happen what was due."""
    now = world.clock.advance(int(wish.get("advance", 0)))
    world.catch_up()
    return {"now": now}


def configure(world: World, wish: Json) -> Json:
    """Changes the app's settings in Partner Center: where the consent page leads, and what hears of every shop."""
    app = world.app
    topics = wish.get("webhook_topics", app.webhook_topics)
    if not isinstance(topics, list):
        raise NotPossible("webhook_topics is a list of names or numbers.")
    webhook_url = str(wish.get("webhook_url", app.webhook_url))
    if webhook_url and not is_address(webhook_url):
        raise NotPossible(f"No webhook can be sent to {webhook_url!r}.")
    app.webhook_topics = [webhooks.topic(each) for each in topics]
    app.redirect_url = str(wish.get("redirect_url", app.redirect_url))
    app.webhook_url = webhook_url
    return {
        "redirect_url": app.redirect_url,
        "webhook_url": app.webhook_url,
        "webhook_topics": app.webhook_topics,
    }
