"""What sellers do in Seller Center about the app, and how TikTok Shop stands to them."""

from gcw_tiktok.sandbox import authorizations
from gcw_tiktok.sandbox.doings import Action, Json, NotPossible
from gcw_tiktok.sandbox.shops import STATUS_CODES, Seller
from gcw_tiktok.sandbox.world import World


def _find(world: World, name: str) -> Seller:
    found = world.seller(name)
    if found is None:
        raise NotPossible(f"No seller is called {name}.")
    return found


def deauthorize(world: World, name: str, _: Json) -> Json:
    """The seller removes the app."""
    seller = _find(world, name)
    if seller.handle not in world.authorizations.active:
        raise NotPossible(f"Seller {seller.handle} has not authorized the app.")
    authorizations.withdraw(world, seller, world.now())
    return {"seller": seller.handle, "authorized": False}


def status(wish: Json) -> str:
    """The status that is wished for."""
    wanted = str(wish.get("status", ""))
    if wanted not in STATUS_CODES:
        raise NotPossible(f"The status is one of {', '.join(STATUS_CODES)}.")
    return wanted


def set_status(world: World, name: str, wish: Json) -> Json:
    """The seller account is deactivated, or active again."""
    seller = _find(world, name)
    seller.status = status(wish)
    return {"seller": seller.handle, "status": seller.status}


ACTIONS: dict[str, Action] = {"deauthorize": deauthorize, "set-status": set_status}
