"""Authorizes stores, and ends that again."""

import secrets
import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, delete, select

from gcw_tiktok.errors import BadInput, GcwError, PartlyDone, SetupMissing, Usage
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Vault
from gcw_tiktok.store.tables import Authorization, Customer, Facility, Notification, Store, StoreStatus
from gcw_tiktok.tiktok import oauth, products, shops
from gcw_tiktok.tiktok.client import Client, Tokens
from gcw_tiktok.workflow import history, naming, privacy, stores, tokens
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.tokens import App as App
from gcw_tiktok.workflow.tokens import FreshTokens, Kept, Reach

MARKET = "US"
ELSEWHERE = "connected_elsewhere"
"""The code of the refusal of a shop that another customer has."""
PROFILES = "Keep the sandbox and the live shops in different profiles: `gcw --profile NAME ...`."
Ask = Callable[[Sequence[shops.Shop]], shops.Shop]
"""How somebody is asked which of several shops is meant."""


@dataclass(frozen=True)
class Offer:
    """What a seller has granted, and the shops it opens."""

    open_id: str
    tokens: Tokens
    grant: oauth.Grant | None
    """None where the permission was kept before: its tokens may have been renewed since."""
    american: list[shops.Shop]
    foreign: list[shops.Shop]
    missing_scopes: list[str]


def client_for(store: Store, reach: Reach) -> Client:
    """The door to TikTok for one store; refuses when the store is not connected here."""
    if store.status != StoreStatus.CONNECTED:
        raise stores.not_connected(store)
    with reach.database.view() as session:
        authorization = session.get_one(Authorization, store.authorization_id)
        pacer = reach.pacer_of(session, store)
    if not _same_world(authorization, reach.app):
        raise _other_world(store, authorization, reach.app)
    return reach.client(reach.tokens_of(authorization.open_id), store.cipher, pacer)


def new_state() -> str:
    """An unguessable word that TikTok's page must bring back."""
    return secrets.token_urlsafe(32)


def check_may_connect(session: Session, app: App, customer: Customer) -> None:
    """Refuses a customer without access to Storefronts Connect, and a profile that belongs to another TikTok."""
    _check_storefronts(customer)
    living = Store.status != StoreStatus.DISCONNECTED
    pairs = select(Store, Authorization).join(Authorization, col(Store.authorization_id) == Authorization.id)
    for store, authorization in session.exec(pairs.where(living)):
        if not _same_world(authorization, app):
            raise _other_world(store, authorization, app)


def authorize_address(app: App, state: str) -> str:
    """The page where the shop's owner says yes."""
    if not app.service_id:
        raise SetupMissing("gcw does not know your app's service id yet.", "Run `gcw app configure`.")
    return oauth.authorize_address(app.authorize_url, app.service_id, state)


def redeem(reach: Reach, answer: str, state: str) -> Offer:
    """Turns what TikTok's page sent back into tokens, and reads which shops they open. Stores nothing."""
    app = reach.app
    code = oauth.code_from_redirect(answer, state)
    grant = oauth.exchange(reach.http, app.auth_url, app.key, app.secret, code, tell=reach.tell)
    if not grant.is_seller:
        raise BadInput("That was no seller's account: it has no shop.", "The shop's owner has to authorize.")
    return _offer(reach, grant.open_id, FreshTokens(grant.access_token), grant.granted_scopes, grant)


def resume(reach: Reach) -> Offer:
    """The newest permission already granted, for connecting a further shop of the same seller."""
    with reach.database.view() as session:
        newest_first = select(Authorization).order_by(
            col(Authorization.granted_at).desc(), col(Authorization.id).desc()
        )
        found = next((one for one in session.exec(newest_first) if _same_world(one, reach.app)), None)
    if found is None:
        raise BadInput("There is no earlier permission to resume.", "Run it without --resume.")
    return _offer(reach, found.open_id, reach.tokens_of(found.open_id), found.scopes, None)


def settle(
    reach: Reach, act: Act, offer: Offer, wanted: str, customer: Customer, facility: Facility, ask: Ask | None
) -> Store:
    """The connected store. Where it is not clear which shop is meant, the permission alone is kept first, so
    that choosing again needs no new one."""
    if not offer.american:
        names = ", ".join(f"{shop.name} ({shop.region})" for shop in offer.foreign) or "no shop at all"
        raise BadInput(
            f"gcw prints for United States shops only; this permission covers {names}.",
            "Ask the owner of a US shop to authorize.",
            code="not_us",
        )
    shop = offer.american[0]
    if wanted or len(offer.american) > 1:
        _keep(reach, act, offer)
        shop = _chosen(offer, wanted, customer, facility, ask)
    store = _keep(reach, act, offer, shop, customer, facility)
    assert store is not None
    return store


def findings(reach: Reach, offer: Offer, store: Store) -> list[str]:
    """What the operator should know about a store that was just connected, a sentence each."""
    found = [
        f"{other.name} was left out: it sells in {other.region}, and gcw prints for US shops only."
        for other in offer.foreign
    ]
    if offer.missing_scopes:
        found.append(
            f"The permission lacks {', '.join(offer.missing_scopes)}. Add it to your app in Partner Center; "
            "then the shop's owner has to authorize again."
        )
    try:
        active = next(products.search(reach.client(offer.tokens, store.cipher), status="ACTIVATE"), None)
    except GcwError as error:  # the store is connected all the same
        return [*found, f"The listings of {store.name} could not be looked at: {error}"]
    if active is None:
        found.append(f"{store.name} has no active listings yet, so there is nothing to sync.")
    return found


def disconnect(
    database: Database, vault: Vault, act: Act, store: Store, *, sleep: Callable[[float], None] = time.sleep
) -> Store:
    """Ends gcw's work for the store and forgets its buyers, and its tokens where no other store needs them.
    Its history stays. What was cut short is completed by doing it again."""
    with database.view() as session:
        open_id = session.get_one(Authorization, store.authorization_id).open_id
    with tokens.held(database, open_id, act.now, sleep):
        with database.session() as session:
            ended, last = _disconnected(session, act, session.get_one(Store, store.id))
        if last:
            tokens.drop(vault, open_id)
    if stuck := privacy.forget_folders(database, [ended], act):
        raise PartlyDone(" ".join([f"{ended.name} is disconnected.", *stuck]), "Mend it, and disconnect once more.")
    return ended


def _disconnected(session: Session, act: Act, store: Store) -> tuple[Store, bool]:
    """The store, and whether its tokens may go too."""
    if store.status != StoreStatus.DISCONNECTED:
        store.status = StoreStatus.DISCONNECTED
        session.add(store)
        history.record(session, act, f"store:{store.shop_id}", "disconnected")
    privacy.forget_store(session, store)
    session.exec(delete(Notification).where(col(Notification.shop_id) == store.shop_id))
    others = select(Store).where(
        Store.authorization_id == store.authorization_id,
        Store.id != store.id,
        Store.status != StoreStatus.DISCONNECTED,
    )
    return store, session.exec(others).first() is None


def _offer(reach: Reach, open_id: str, access: Tokens, scopes: Sequence[str], grant: oauth.Grant | None) -> Offer:
    found = shops.authorized(reach.client(access))
    return Offer(
        open_id=open_id,
        tokens=access,
        grant=grant,
        american=[shop for shop in found if shop.region == MARKET],
        foreign=[shop for shop in found if shop.region != MARKET],
        missing_scopes=shops.missing_scopes(scopes),
    )


def _chosen(offer: Offer, wanted: str, customer: Customer, facility: Facility, ask: Ask | None) -> shops.Shop:
    again = (
        f"gcw store connect --customer {shlex.quote(customer.name)} --facility {shlex.quote(facility.name)} "
        f"--resume --shop {shlex.quote(offer.american[0].code)}"
    )
    if wanted:
        if any(wanted.casefold() in (shop.name.casefold(), shop.code.casefold(), shop.id) for shop in offer.foreign):
            raise BadInput(f"{wanted} is not a United States shop.", f"For another one: `{again}`.", code="not_us")
        return naming.choose("shop", wanted, offer.american, lambda shop: (shop.name, shop.code, shop.id), again)
    if ask:
        return ask(offer.american)
    shown = ", ".join(f"{shop.code} ({shop.name})" for shop in offer.american)
    raise Usage(
        f"The permission covers several US shops: {shown}. It is kept, so nobody has to authorize again.",
        f"Run `{again}`, once for each shop.",
    )


def _keep(
    reach: Reach,
    act: Act,
    offer: Offer,
    shop: shops.Shop | None = None,
    customer: Customer | None = None,
    facility: Facility | None = None,
) -> Store | None:
    """Stores the tokens, the facts of the permission and, where it is given, the shop: all of it or nothing."""
    with tokens.held(reach.database, offer.open_id, act.now, reach.sleep):
        first = offer.grant is not None and tokens.put(reach.vault, offer.open_id, Kept.of(offer.grant))
        try:
            with reach.database.session() as session:
                authorization = _authorization(session, reach.app, offer, act.now)
                _revive(session, act, offer, authorization)
                if shop is None or customer is None or facility is None:
                    return None
                return _store(session, act, shop, authorization, customer, facility)
        except BaseException:
            if first:
                tokens.drop(reach.vault, offer.open_id)
            raise


def _authorization(session: Session, app: App, offer: Offer, now: int) -> Authorization:
    row = session.exec(select(Authorization).where(Authorization.open_id == offer.open_id)).first()
    if offer.grant is None:
        assert row is not None
        return row
    grant, kept = offer.grant, Kept.of(offer.grant)
    row = row or Authorization(
        open_id=offer.open_id, api_url="", granted_at=0, access_expires_at=0, refresh_expires_at=0
    )
    row.seller_name, row.region, row.scopes = grant.seller_name, grant.seller_base_region, grant.granted_scopes
    row.api_url, row.granted_at = app.api_url, now
    row.access_expires_at, row.refresh_expires_at = kept.access_ends, kept.refresh_ends
    session.add(row)
    session.flush()
    return row


def _store(
    session: Session, act: Act, shop: shops.Shop, authorization: Authorization, customer: Customer, facility: Facility
) -> Store:
    """A shop that was connected before keeps its listings, connections and orders."""
    assert customer.id is not None
    assert facility.id is not None
    assert authorization.id is not None
    store = session.exec(select(Store).where(Store.shop_id == shop.id)).first()
    _check_still_possible(session, shop, store, customer, facility)
    if store is None:
        store = _new_store(shop, act.now)
    elif store.status == StoreStatus.DISCONNECTED:
        store.connected_at = act.now
    store.name, store.code, store.region, store.cipher = shop.name, shop.code, shop.region, shop.cipher
    store.customer_id, store.facility_id, store.authorization_id = customer.id, facility.id, authorization.id
    store.status = StoreStatus.CONNECTED
    session.add(store)
    session.flush()
    history.record(session, act, f"store:{store.shop_id}", "connected", customer=customer.name, facility=facility.name)
    return store


def _revive(session: Session, act: Act, offer: Offer, authorization: Authorization) -> None:
    """A permission that was given again is given to every store that waited for it."""
    offered = {shop.id: shop for shop in offer.american}
    waiting = select(Store).where(Store.authorization_id == authorization.id, Store.status == StoreStatus.REAUTHORIZE)
    for store in session.exec(waiting):
        if store.shop_id in offered:
            store.status, store.cipher = StoreStatus.CONNECTED, offered[store.shop_id].cipher
            session.add(store)
            history.record(session, act, f"store:{store.shop_id}", "authorized again")


def _check_still_possible(
    session: Session, shop: shops.Shop, store: Store | None, customer: Customer, facility: Facility
) -> None:
    """The seller may take minutes to answer, and much can change meanwhile."""
    owner = session.get(Customer, customer.id)
    if owner is None or session.get(Facility, facility.id) is None:
        gone = customer.name if owner is None else facility.name
        raise BadInput(f"{gone} was removed meanwhile, so the shop cannot be connected.")
    _check_storefronts(owner)
    if store and store.customer_id != owner.id and store.status != StoreStatus.DISCONNECTED:
        other = session.get_one(Customer, store.customer_id)
        raise BadInput(
            f"{shop.name} is connected for {other.name} already.",
            f"Run `gcw store disconnect {shlex.quote(store.name)}` first.",
            code=ELSEWHERE,
        )


def _new_store(shop: shops.Shop, now: int) -> Store:
    return Store(
        shop_id=shop.id,
        name="",
        cipher="",
        customer_id=0,
        facility_id=0,
        authorization_id=0,
        connected_at=now,
        orders_cursor=now,
    )


def _check_storefronts(customer: Customer) -> None:
    if not customer.storefronts:
        raise BadInput(
            f"{customer.name} has no access to Storefronts Connect, so its shop cannot be connected.",
            f"Run `gcw customer storefronts {shlex.quote(customer.name)} on`.",
            code="storefronts_off",
        )


def _same_world(authorization: Authorization, app: App) -> bool:
    return authorization.api_url.rstrip("/") == app.api_url.rstrip("/")


def _other_world(store: Store, authorization: Authorization, app: App) -> SetupMissing:
    return SetupMissing(
        f"{store.name} was connected at {authorization.api_url}, but this profile now speaks to {app.api_url}.",
        f"{PROFILES} Or end it: `gcw store disconnect {shlex.quote(store.name)}`.",
        code="other_world",
    )
