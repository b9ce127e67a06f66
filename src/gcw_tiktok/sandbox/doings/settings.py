"""What is set in Partner Center, and the clock."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from gcw_tiktok.sandbox.authorizations import SCOPES
from gcw_tiktok.sandbox.deliveries import is_address
from gcw_tiktok.sandbox.doings import Json, NotPossible, webhooks
from gcw_tiktok.sandbox.world import World

FARTHEST = 10 * 366 * 86_400


def time(world: World) -> Json:
    """What time it is, and how many seconds the world is ahead of this machine."""
    return {"now": world.now(), "ahead": world.now() - world.clock.wall()}


def advance(world: World, wish: Json) -> Json:
    """Moves the clock by `advance` seconds, or on `to` a moment, and lets happen what was due."""
    seconds = wish["to"] - world.now() if "to" in wish else wish.get("advance", 0)
    if type(seconds) is not int or not 0 <= seconds <= FARTHEST:
        raise NotPossible("The clock moves forward, by whole seconds and at most ten years at once.")
    world.clock.advance(seconds)
    world.catch_up()
    return time(world)


def configure(world: World, wish: Json) -> Json:
    """Changes the app's settings in Partner Center; what the wish does not name stays. All of them are told."""
    checks: dict[str, Callable[[Any], Any]] = {
        "redirect_url": str,
        "webhook_url": _webhook_url,
        "webhook_topics": lambda topics: [webhooks.topic(each) for each in _list("webhook_topics", topics)],
        "scopes": _scopes,
        "regions": lambda regions: tuple(map(str, _list("regions", regions))),
        "allowed_ips": lambda addresses: tuple(str(ip_address(each)) for each in _list("allowed_ips", addresses)),
        "refresh_rotation": _rotation,
    }
    wanted = {name: check(wish[name]) for name, check in checks.items() if name in wish}
    for name, value in wanted.items():
        setattr(world.app, name, value)
    return {name: getattr(world.app, name) for name in checks}


def _list(name: str, wanted: object) -> list[Any]:
    if not isinstance(wanted, list):
        raise NotPossible(f"{name} is a list.")
    return wanted


def _webhook_url(wanted: object) -> str:
    if wanted and not is_address(str(wanted)):
        raise NotPossible(f"No webhook can be sent to {wanted!r}.")
    return str(wanted)


def _scopes(wanted: object) -> tuple[str, ...]:
    unknown = [each for each in _list("scopes", wanted) if each not in SCOPES]
    if unknown:
        raise NotPossible(f"There is no scope {unknown[0]}; there are {', '.join(SCOPES)}.")
    return tuple(_list("scopes", wanted))


def _rotation(wanted: object) -> str:
    if wanted not in ("strict", "lenient"):
        raise NotPossible("refresh_rotation is strict or lenient.")
    return str(wanted)
