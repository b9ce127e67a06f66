"""The stores that gcw knows. Nothing here speaks to TikTok, so listing them loads nothing of it."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import SetupMissing
from gcw_tiktok.store.tables import Authorization, Customer, Facility, Order, Store, StoreStatus
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.workflow import history, naming, times
from gcw_tiktok.workflow.history import Act


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
        raise not_connected(store)
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
        "samples": store.samples.value,
        "synced_at": times.shown(store.synced_at),
        "pulled_at": times.shown(store.pulled_at),
        "orders": session.exec(select(func.count()).where(Order.store_id == store.id)).one(),
        "combine_hours": store.combine_hours,
    }


def at_stake(session: Session, store: Store) -> str:
    """What disconnecting would leave undone, in a sentence."""
    unfinished = select(func.count()).where(Order.store_id == store.id, col(Order.stage).in_(OPEN | IN_WORK))
    count = session.exec(unfinished).one()
    if not count:
        return "Nothing of it is in work."
    return f"{count} of its orders are not shipped yet, and their recipients will be forgotten."


def connected(session: Session) -> list[Store]:
    """The stores that gcw may act for, by name."""
    return [store for store in everyone(session) if store.status == StoreStatus.CONNECTED]


def to_authorize_again(session: Session) -> list[Store]:
    """The stores that wait for their owners to give the permission again, by name."""
    return [store for store in everyone(session) if store.status == StoreStatus.REAUTHORIZE]


def of_order(session: Session, order: Order) -> Store:
    """The store that an order was placed in."""
    return session.get_one(Store, order.store_id)


def must_authorize_again(session: Session, act: Act, store: Store, why: str) -> None:
    """Marks a store that gcw may no longer act for; one that is marked already stays as it is."""
    if store.status == StoreStatus.CONNECTED:
        store.status = StoreStatus.REAUTHORIZE
        session.add(store)
        history.record(session, act, f"store:{store.shop_id}", "to be authorized again", why)


def not_connected(store: Store) -> SetupMissing:
    """Why gcw may not act for the store."""
    if store.status == StoreStatus.REAUTHORIZE:
        why = f"{store.name} has to be authorized again by the shop's owner: its permission lapsed or was withdrawn."
    else:
        why = f"{store.name} is not connected."
    return SetupMissing(why, "Run `gcw store connect --customer ... --facility ...`.", code="not_connected")
