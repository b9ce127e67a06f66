"""Who may act for whom: authorization codes and tokens, their lifetimes and their rotation."""

from dataclasses import dataclass

from gcw_tiktok.sandbox.ids import Mint
from gcw_tiktok.sandbox.refusals import Refusal
from gcw_tiktok.sandbox.shops import Seller

CODE_LIFE = 30 * 60
ACCESS_LIFE = 7 * 86_400
REFRESH_LIFE = 365 * 86_400

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


@dataclass(frozen=True)
class Code:
    """What a click on Allow leaves behind."""

    seller: Seller
    scopes: tuple[str, ...]
    expires: int


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

    def __init__(self, mint: Mint, strict_rotation: bool = True) -> None:
        self._mint = mint
        self._strict = strict_rotation
        self._codes: dict[str, Code] = {}
        self._by_access: dict[str, Grant] = {}
        self._by_refresh: dict[str, Grant] = {}
        self.active: list[str] = []

    def allow(self, seller: Seller, now: int, scopes: tuple[str, ...] = tuple(SCOPES)) -> str:
        """The authorization code: good once, for half an hour."""
        code = self._mint.token("code")
        self._codes[code] = Code(seller, scopes, now + CODE_LIFE)
        return code

    def exchange(self, code: str, now: int) -> Grant:
        """The first pair of tokens for a code."""
        given = self._codes.pop(code, None)
        if given is None or now >= given.expires:
            raise Refusal(36004004, "invalid auth code")
        if given.seller.handle not in self.active:
            self.active.append(given.seller.handle)
        return self._grant(given.seller, given.scopes, now, now + REFRESH_LIFE)

    def refresh(self, token: str, now: int) -> Grant:
        """The next pair of tokens; the access token before it stays good until it expires."""
        old = self._by_refresh.get(token)
        if old is None:
            raise Refusal(36004005, "can not find related auth record")
        if now >= old.refresh_expires:
            raise Refusal(36004001, "rt has expired")
        if self._strict:
            del self._by_refresh[token]
        return self._grant(old.seller, old.scopes, now, old.refresh_expires)

    def find(self, access_token: str) -> Grant | None:
        """What an access token stands for, expired or not."""
        return self._by_access.get(access_token)

    def withdraw(self, seller: Seller) -> None:
        """Ends a seller's authorization: all of its tokens stop working."""
        self._by_access = {key: grant for key, grant in self._by_access.items() if grant.seller is not seller}
        self._by_refresh = {key: grant for key, grant in self._by_refresh.items() if grant.seller is not seller}
        self.active = [handle for handle in self.active if handle != seller.handle]

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
