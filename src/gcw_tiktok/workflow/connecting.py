"""Authorizes stores and keeps their tokens fresh."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput, SetupMissing, Usage
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.leases import lease
from gcw_tiktok.store.secrets import Vault
from gcw_tiktok.store.tables import Authorization, Customer, Facility, Order, Store, StoreStatus
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.tiktok import oauth, products, shops
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.errors import NotAuthorized
from gcw_tiktok.workflow import history, naming, times
from gcw_tiktok.workflow.history import Act

RENEW_BEFORE = 3600
"""Seconds before its end at which an access token is renewed, so that it never ends in the middle of work."""
MARKET = "US"


@dataclass(frozen=True)
class App:
    """The PSP's app at TikTok and the addresses it talks to."""

    key: str
    secret: str = field(repr=False)
    service_id: str
    api_url: str
    auth_url: str
    authorize_url: str


@dataclass(frozen=True)
class Kept:
    """Both tokens of one authorization and when each ends (Unix seconds); always stored together."""

    access: str = field(repr=False)
    access_ends: int
    refresh: str = field(repr=False)
    refresh_ends: int

    @classmethod
    def of(cls, grant: oauth.Grant) -> "Kept":
        return cls(
            access=grant.access_token,
            access_ends=grant.access_token_expire_in,
            refresh=grant.refresh_token,
            refresh_ends=grant.refresh_token_expire_in,
        )


class StoreTokens:
    """The tokens of one authorization. Only one process at a time renews them; the others wait and read."""

    def __init__(
        self,
        open_id: str,
        database: Database,
        vault: Vault,
        app: App,
        http: httpx.Client,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._open_id = open_id
        self._database = database
        self._vault = vault
        self._app = app
        self._http = http
        self._clock = clock
        self._sleep = sleep
        self._kept: Kept | None = None

    def access(self) -> str:
        """An access token that is good for a while yet."""
        kept = self._kept or self._read()
        if kept.access_ends - self._clock() > RENEW_BEFORE:
            self._kept = kept
            return kept.access
        return self.renew(kept.access)

    def renew(self, stale: str) -> str:
        """A newer access token than `stale`, fetched here or by the process that was faster."""
        with lease(self._database, f"tokens/{self._open_id}", int(self._clock()), sleep=self._sleep):
            kept = self._read()
            if kept.access == stale:
                kept = self._refreshed(kept)
        self._kept = kept
        return kept.access

    def _read(self) -> Kept:
        stored = self._vault.get(_token_name(self._open_id))
        if stored is None:
            raise SetupMissing(
                "The store's permission is not on this machine: its tokens are missing from the keyring.",
                "Run `gcw store connect` again, or set GCW_SECRET_KEY on every machine.",
                code="not_connected",
            )
        return Kept(**json.loads(stored))

    def _refreshed(self, kept: Kept) -> Kept:
        try:
            grant = oauth.refresh(self._http, self._app.auth_url, self._app.key, self._app.secret, kept.refresh)
        except NotAuthorized:
            with self._database.session() as session:
                _ask_again(session, self._open_id)
            raise
        fresh = Kept.of(grant)
        _keep_tokens(self._vault, self._open_id, fresh)
        with self._database.session() as session:
            row = session.exec(select(Authorization).where(Authorization.open_id == self._open_id)).one()
            row.access_expires_at, row.refresh_expires_at = fresh.access_ends, fresh.refresh_ends
            session.add(row)
        return fresh


class FreshTokens:
    """The tokens of a grant that was given a moment ago and is not stored yet."""

    def __init__(self, access: str) -> None:
        self._access = access

    def access(self) -> str:
        return self._access

    def renew(self, stale: str) -> str:
        raise NotAuthorized(
            "TikTok refuses the permission that it gave a moment ago.", "Run `gcw store connect` again."
        )


def client_for(
    store: Store,
    database: Database,
    vault: Vault,
    app: App,
    http: httpx.Client,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Client:
    """The door to TikTok for one store; refuses when the store is not connected here."""
    if store.status != StoreStatus.CONNECTED:
        raise _not_connected(store)
    with database.view() as session:
        authorization = session.get_one(Authorization, store.authorization_id)
    if authorization.api_url != app.api_url:
        raise SetupMissing(
            f"{store.name} was connected at {authorization.api_url}, but this profile now speaks to {app.api_url}.",
            "Keep the sandbox and the live shops in different profiles: `gcw --profile NAME ...`.",
        )
    tokens = StoreTokens(authorization.open_id, database, vault, app, http, clock, sleep)
    return Client(http, app.api_url, app.key, app.secret, tokens, store.cipher, now=clock, sleep=sleep)


def new_state() -> str:
    """An unguessable word that TikTok's page must bring back."""
    return secrets.token_urlsafe(32)


def check_may_connect(customer: Customer) -> None:
    """Refuses a customer without access to Storefronts Connect."""
    if not customer.storefronts:
        raise BadInput(
            f"{customer.name} has no access to Storefronts Connect, so its shop cannot be connected.",
            f'Run `gcw customer storefronts "{customer.name}" on`.',
            code="storefronts_off",
        )


@dataclass(frozen=True)
class Offer:
    """What a seller has granted: its tokens, and the shops they open."""

    grant: oauth.Grant
    american: list[shops.Shop]
    foreign: list[shops.Shop]
    missing_scopes: list[str]


def redeem(app: App, http: httpx.Client, answer: str, state: str, clock: Callable[[], float]) -> Offer:
    """Turns what TikTok's page sent back into tokens, and reads which shops they open. Stores nothing."""
    code = oauth.code_from_redirect(answer, state)
    grant = oauth.exchange(http, app.auth_url, app.key, app.secret, code)
    if not grant.is_seller:
        raise BadInput("That was no seller's account: it has no shop.", "The shop's owner has to authorize.")
    return _offer(app, http, grant, FreshTokens(grant.access_token), clock)


def resume(
    app: App,
    http: httpx.Client,
    database: Database,
    vault: Vault,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Offer:
    """The newest permission already granted, for connecting a further shop of the same seller."""
    with database.view() as session:
        newest = session.exec(select(Authorization).order_by(col(Authorization.granted_at).desc())).first()
    if newest is None:
        raise BadInput("There is no earlier permission to resume.", "Run it without --resume.")
    tokens = StoreTokens(newest.open_id, database, vault, app, http, clock, sleep)
    access = tokens.access()
    kept = Kept(**json.loads(vault.get(_token_name(newest.open_id)) or "{}"))
    grant = oauth.Grant(
        access_token=access,
        access_token_expire_in=kept.access_ends,
        refresh_token=kept.refresh,
        refresh_token_expire_in=kept.refresh_ends,
        open_id=newest.open_id,
        seller_name=newest.seller_name,
        seller_base_region=newest.region,
        granted_scopes=newest.scopes,
    )
    return _offer(app, http, grant, tokens, clock)


def _offer(
    app: App,
    http: httpx.Client,
    grant: oauth.Grant,
    tokens: StoreTokens | FreshTokens,
    clock: Callable[[], float],
) -> Offer:
    client = Client(http, app.api_url, app.key, app.secret, tokens, now=clock)
    found = shops.authorized(client)
    return Offer(
        grant=grant,
        american=[shop for shop in found if shop.region == MARKET],
        foreign=[shop for shop in found if shop.region != MARKET],
        missing_scopes=shops.missing_scopes(grant.granted_scopes),
    )


def choose_shop(offer: Offer, wanted: str) -> shops.Shop | None:
    """The shop to connect; None when there are several and none was named."""
    if not offer.american:
        names = ", ".join(f"{shop.name} ({shop.region})" for shop in offer.foreign) or "no shop at all"
        raise BadInput(
            f"gcw prints for United States shops only; this permission covers {names}.",
            "Ask the owner of a US shop to authorize.",
            code="not_us",
        )
    if wanted:
        if any(wanted.casefold() in (shop.name.casefold(), shop.code.casefold(), shop.id) for shop in offer.foreign):
            raise BadInput(f"{wanted} is not a United States shop.", code="not_us")
        return naming.choose(
            "shop", wanted, offer.american, lambda shop: (shop.name, shop.code, shop.id), "gcw store list"
        )
    return offer.american[0] if len(offer.american) == 1 else None


def several(offer: Offer, customer: str, facility: str) -> Usage:
    """The complaint when somebody must choose a shop and nobody is there to be asked."""
    shown = ", ".join(f"{shop.code} ({shop.name})" for shop in offer.american)
    return Usage(
        f"The permission covers several US shops: {shown}.",
        f'Run `gcw store connect --customer "{customer}" --facility "{facility}" --resume --shop '
        f"{offer.american[0].code}`, once for each shop.",
    )


def has_active_listings(
    app: App, http: httpx.Client, offer: Offer, shop: shops.Shop, clock: Callable[[], float]
) -> bool:
    """Whether the shop sells anything now."""
    tokens = FreshTokens(offer.grant.access_token)
    client = Client(http, app.api_url, app.key, app.secret, tokens, shop.cipher, now=clock)
    return next(iter(products.search(client, status="ACTIVATE")), None) is not None


def keep_grant(session: Session, app: App, grant: oauth.Grant, now: int) -> Authorization:
    """Stores the facts of what was granted; its tokens go among the secrets (`store_tokens`)."""
    kept = Kept.of(grant)
    row = session.exec(select(Authorization).where(Authorization.open_id == grant.open_id)).first()
    row = row or Authorization(
        open_id=grant.open_id, api_url=app.api_url, granted_at=now, access_expires_at=0, refresh_expires_at=0
    )
    row.seller_name, row.region, row.scopes = (
        grant.seller_name,
        grant.seller_base_region,
        grant.granted_scopes,
    )
    row.api_url, row.granted_at = app.api_url, now
    row.access_expires_at, row.refresh_expires_at = kept.access_ends, kept.refresh_ends
    session.add(row)
    session.flush()
    return row


def keep_store(
    session: Session,
    act: Act,
    shop: shops.Shop,
    authorization: Authorization,
    customer: Customer,
    facility: Facility,
) -> Store:
    """The connected store. A shop that was connected before keeps its listings, connections and orders."""
    store = session.exec(select(Store).where(Store.shop_id == shop.id)).first()
    if store and store.customer_id != customer.id and store.status != StoreStatus.DISCONNECTED:
        owner = session.get_one(Customer, store.customer_id)
        raise BadInput(
            f"{shop.name} is connected for {owner.name} already.",
            f'Run `gcw store disconnect "{store.name}"` first.',
        )
    if store is None:
        store = Store(
            shop_id=shop.id,
            name="",
            cipher="",
            customer_id=0,
            facility_id=0,
            authorization_id=0,
            connected_at=act.now,
            orders_cursor=act.now,
        )
    elif store.status == StoreStatus.DISCONNECTED:
        store.connected_at = act.now
    store.name, store.code, store.region, store.cipher = shop.name, shop.code, shop.region, shop.cipher
    assert customer.id and facility.id and authorization.id
    store.customer_id, store.facility_id, store.authorization_id = customer.id, facility.id, authorization.id
    store.status = StoreStatus.CONNECTED
    session.add(store)
    session.flush()
    history.record(session, act, f"store:{store.shop_id}", "connected", customer=customer.name, facility=facility.name)
    return store


def store_tokens(vault: Vault, grant: oauth.Grant) -> None:
    """Puts the tokens among the secrets; called before the rows that speak of them are committed."""
    _keep_tokens(vault, grant.open_id, Kept.of(grant))


def disconnect(session: Session, act: Act, store: Store) -> bool:
    """Ends gcw's work for the store and forgets its buyers; history stays. Whether its tokens may go too."""
    store.status = StoreStatus.DISCONNECTED
    session.add(store)
    for order in session.exec(select(Order).where(Order.store_id == store.id)):
        order.sealed_recipient, order.sealed_raw, order.recipient_known = None, None, False
        session.add(order)
    history.record(session, act, f"store:{store.shop_id}", "disconnected")
    others = select(Store).where(
        Store.authorization_id == store.authorization_id,
        Store.id != store.id,
        Store.status != StoreStatus.DISCONNECTED,
    )
    return session.exec(others).first() is None


def drop_tokens(session: Session, vault: Vault, store: Store) -> None:
    """Forgets the tokens of the store's authorization."""
    vault.drop(_token_name(session.get_one(Authorization, store.authorization_id).open_id))


def find(session: Session, wanted: str) -> Store:
    """The store with this name, shop code or id."""
    return naming.choose(
        "store",
        wanted,
        everyone(session),
        lambda store: (store.name, store.code, store.shop_id),
        "gcw store list",
    )


def find_connected(session: Session, wanted: str) -> Store:
    """The store that is named, if gcw may act for it."""
    store = find(session, wanted)
    if store.status != StoreStatus.CONNECTED:
        raise _not_connected(store)
    return store


def everyone(session: Session) -> Sequence[Store]:
    """All stores ever connected, by name."""
    return session.exec(select(Store).order_by(col(Store.name))).all()


def parties(session: Session, store: Store) -> tuple[str, str]:
    """The names of the store's customer and facility."""
    return (
        session.get_one(Customer, store.customer_id).name,
        session.get_one(Facility, store.facility_id).name,
    )


def facts(session: Session, store: Store) -> dict[str, Any]:
    """When the store was connected and read, and how long its permission lasts."""
    authorization = session.get_one(Authorization, store.authorization_id)
    return {
        "seller": authorization.seller_name,
        "connected_at": times.shown(store.connected_at),
        "permission_until": times.shown(authorization.refresh_expires_at),
        "synced_at": times.shown(store.synced_at),
        "pulled_at": times.shown(store.pulled_at),
        "orders": session.exec(select(func.count()).where(Order.store_id == store.id)).one(),
    }


def at_stake(session: Session, store: Store) -> str:
    """What disconnecting would leave undone, in a sentence."""
    unfinished = select(func.count()).where(Order.store_id == store.id, col(Order.stage).in_(OPEN | IN_WORK))
    count = session.exec(unfinished).one()
    if not count:
        return "Nothing of it is in work."
    return f"{count} of its orders are not shipped yet, and their recipients will be forgotten."


def _not_connected(store: Store) -> SetupMissing:
    if store.status == StoreStatus.REAUTHORIZE:
        why = f"{store.name} has to be authorized again: its permission lapsed or was withdrawn. Only the shop's owner can."
    else:
        why = f"{store.name} is not connected."
    return SetupMissing(why, "Run `gcw store connect --customer ... --facility ...`.", code="not_connected")


def _ask_again(session: Session, open_id: str) -> None:
    """Marks every store of a lapsed authorization: its owner must authorize again."""
    authorization = session.exec(select(Authorization).where(Authorization.open_id == open_id)).one()
    connected = Store.status == StoreStatus.CONNECTED
    for store in session.exec(select(Store).where(Store.authorization_id == authorization.id, connected)):
        store.status = StoreStatus.REAUTHORIZE
        session.add(store)


def _keep_tokens(vault: Vault, open_id: str, kept: Kept) -> None:
    vault.put(_token_name(open_id), json.dumps(vars(kept)))


def _token_name(open_id: str) -> str:
    return f"tokens/{open_id}"


def connected(session: Session) -> list[Store]:
    """The stores that gcw may act for, by name."""
    return [store for store in everyone(session) if store.status == StoreStatus.CONNECTED]


def of_order(session: Session, order: Order) -> Store:
    """The store that an order was placed in."""
    return session.get_one(Store, order.store_id)
