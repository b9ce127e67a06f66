"""Who may act for whom: authorization codes and tokens, their lifetimes and their rotation."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gcw_tiktok.sandbox.agenda import step
from gcw_tiktok.sandbox.ids import Mint
from gcw_tiktok.sandbox.refusals import Refusal
from gcw_tiktok.sandbox.shops import Seller

CODE_LIFE = 30 * 60
ACCESS_LIFE = 7 * 86_400
DAY = 86_400
DURATIONS = (30, 90, 180, 365)
"""For how many days a seller may allow an app; which ones TikTok Shop offers is guessed."""
WARNED_BEFORE = 30 * DAY

# What each scope allows, in the words of the consent page.
SCOPES = {
    "seller.authorization.info": "See which shops you have connected",
    "seller.shop.info": "See your shops and their regions",
    "seller.product.basic": "See your product listings, prices and stock",
    "seller.product.write": "Create and change your product listings",
    "seller.product.delete": "Delete and recover your product listings",
    "seller.order.info": "See your orders, including recipients' names and addresses",
    "seller.fulfillment.basic": "Ship your orders and upload tracking numbers",
    "seller.fulfillment.package.write": "Create, split and combine packages",
    "seller.logistics": "See your warehouses, delivery options and carriers",
    "seller.return_refund.basic": "See and answer cancellations, returns and refunds",
}

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World


@dataclass(frozen=True)
class Code:
    """What a click on Allow leaves behind."""

    seller: Seller
    scopes: tuple[str, ...]
    expires: int
    days: int = DURATIONS[-1]


@dataclass(frozen=True)
class Grant:
    """What a token stands for. The end of an authorization is fixed when it is given."""

    seller: Seller
    scopes: tuple[str, ...]
    access_token: str
    access_expires: int
    refresh_token: str
    refresh_expires: int


class Authorizations:
    """Every code and token of the world."""

    def __init__(self, mint: Mint) -> None:
        self._mint = mint
        self._codes: dict[str, Code] = {}
        self._by_access: dict[str, Grant] = {}
        self._by_refresh: dict[str, Grant] = {}
        self.ends: dict[str, int] = {}
        """When the authorization of each seller ends, by handle; nobody else has one."""

    @property
    def active(self) -> list[str]:
        """The sellers, by handle, whose authorization has not ended."""
        return list(self.ends)

    def allow(self, seller: Seller, now: int, scopes: tuple[str, ...], days: int = DURATIONS[-1]) -> str:
        """The authorization code: good once, for half an hour."""
        code = self._mint.token("code")
        self._codes[code] = Code(seller, scopes, now + CODE_LIFE, days)
        return code

    def exchange(self, code: str, now: int) -> Grant:
        """The first pair of tokens for a code."""
        given = self._codes.pop(code, None)
        if given is None or now >= given.expires:
            raise Refusal(36004004, "invalid auth code")
        until = now + given.days * DAY
        self.ends[given.seller.handle] = until
        return self._grant(given.seller, given.scopes, now, until)

    def refresh(self, token: str, now: int, keep_old: bool = False) -> Grant:
        """The next pair of tokens; the access token before it stays good until it expires."""
        old = self._by_refresh.get(token)
        if old is None:
            raise Refusal(36004005, "can not find related auth record")
        if now >= old.refresh_expires:
            raise Refusal(36004001, "rt has expired")
        if not keep_old:
            del self._by_refresh[token]
        return self._grant(old.seller, old.scopes, now, old.refresh_expires)

    def find(self, access_token: str) -> Grant | None:
        """What an access token stands for, expired or not."""
        return self._by_access.get(access_token)

    def withdraw(self, seller: Seller) -> None:
        """Ends a seller's authorization: all of its tokens stop working."""
        self._by_access = {key: grant for key, grant in self._by_access.items() if grant.seller is not seller}
        self._by_refresh = {key: grant for key, grant in self._by_refresh.items() if grant.seller is not seller}
        self.ends.pop(seller.handle, None)

    def cut_short(self, seller: Seller, access_expires: int) -> int:
        """When the seller's access tokens end from now on: then, or before."""
        for token, grant in list(self._by_access.items()):
            if grant.seller is seller:
                shorter = replace(grant, access_expires=min(grant.access_expires, access_expires))
                self._by_access[token] = shorter
                if grant.refresh_token in self._by_refresh:
                    self._by_refresh[grant.refresh_token] = shorter
        return access_expires

    def _grant(self, seller: Seller, scopes: tuple[str, ...], now: int, until: int) -> Grant:
        grant = Grant(
            seller,
            scopes,
            self._mint.token("access", size=160),
            min(now + ACCESS_LIFE, until),
            self._mint.token("refresh", size=76),
            until,
        )
        self._by_access[grant.access_token] = self._by_refresh[grant.refresh_token] = grant
        return grant


def payload(grant: Grant) -> dict[str, object]:
    """The `data` of a token reply; both expiries are absolute times despite their names."""
    return {
        "access_token": grant.access_token,
        "access_token_expire_in": grant.access_expires,
        "refresh_token": grant.refresh_token,
        "refresh_token_expire_in": grant.refresh_expires,
        "open_id": grant.seller.open_id,
        "seller_name": grant.seller.name,
        "seller_base_region": grant.seller.region,
        "user_type": 0,
        "granted_scopes": list(grant.scopes),
    }


def plan_end(world: "World", handle: str) -> None:
    """Puts down what happens towards the end of a seller's authorization."""
    end = world.authorizations.ends[handle]
    key = f"{handle} {end}"
    world.agenda.plan(max(end - WARNED_BEFORE, world.now()), "warn_of_end", key)
    world.agenda.plan(end, "end_authorization", key)


@step
def warn_of_end(world: "World", key: str, when: int) -> None:
    """Told from thirty days before the end on, then at every midnight of UTC (a guess), until allowed again."""
    handle, end = key.split()
    seller = world.seller(handle)
    if seller is None or world.authorizations.ends.get(handle) != int(end) or when >= int(end):
        return
    days = -(-(int(end) - when) // DAY)
    data = {"message": f"The authorization ends in {days} day(s).", "expiration_time": end}
    for shop in seller.shops:
        world.events.tell("UPCOMING_AUTHORIZATION_EXPIRATION", shop.id, when, data)
    world.agenda.plan((when // DAY + 1) * DAY, "warn_of_end", key)


@step
def end_authorization(world: "World", key: str, when: int) -> None:
    """The time that the seller chose is over; tokens end by themselves."""
    handle, end = key.split()
    if world.authorizations.ends.get(handle) == int(end):
        del world.authorizations.ends[handle]


def withdraw(world: "World", seller: Seller, when: int) -> None:
    """Ends a seller's authorization and tells of it for every shop."""
    world.authorizations.withdraw(seller)
    for shop in seller.shops:
        data = {"message": f"Shop {shop.id} is no longer authorized."}
        world.events.tell("SELLER_DEAUTHORIZATION", shop.id, when, data)
