"""Everything on one screen, from what gcw remembers. Nothing here asks TikTok."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from gcw_tiktok.store.tables import (
    Authorization,
    Customer,
    Facility,
    Hold,
    Order,
    OutboxEntry,
    Pace,
    SetAside,
    Stage,
    Store,
    StoreStatus,
)
from gcw_tiktok.store.tables.stages import IN_WORK
from gcw_tiktok.tiktok.pacing import REMEMBERED
from gcw_tiktok.workflow import outbox, stores, times
from gcw_tiktok.workflow.listings import overview

DAY = 86_400
Facts = dict[str, Any]


def whole(session: Session, now: int) -> Facts:
    """Stores with their orders and limits, what waits to be confirmed, and the clock. `next` is what to do first
    where something is missing."""
    found = stores.everyone(session)
    paces = {pace.store_id: pace for pace in session.exec(select(Pace))}
    orders = _orders(session)
    variants = overview.counts(session)
    owners = dict(session.exec(select(Customer.id, Customer.name)).all())
    places = dict(session.exec(select(Facility.id, Facility.name)).all())
    permissions = {one.id: one for one in session.exec(select(Authorization))}
    return {
        "stores": [
            {
                "name": store.name,
                "code": store.code,
                "status": store.status.value,
                "customer": owners[store.customer_id],
                "facility": places[store.facility_id],
                **_permission(store, permissions[store.authorization_id], now),
                "pulled_at": store.pulled_at,
                "synced_at": store.synced_at,
                "variants": dict(zip(("sellable", "connected"), variants.get(store.id or 0, (0, 0)), strict=True)),
                "orders": orders.get(store.id or 0, _none_of_all()),
                "rate_limit": _limit(paces.get(store.id or 0), now),
            }
            for store in found
        ],
        "unconfirmed": _unconfirmed(session),
        "clock_behind": _clock(found, paces),
        "next": _next_step(session, found),
    }


def _permission(store: Store, permission: Authorization, now: int) -> Facts:
    """Whole days left of the access token, which gcw renews itself, and of what the shop's owner has granted."""
    if store.status != StoreStatus.CONNECTED:
        return {"token_days": None, "permission_days": None}
    ends = (permission.access_expires_at, permission.refresh_expires_at)
    token, granted = (max(end - now, 0) // DAY for end in ends)
    return {"token_days": token, "permission_days": granted}


def _none_of_all() -> dict[str, int]:
    return {"ready": 0, "held": 0, "set_aside": 0, "at_work": 0}


def _orders(session: Session) -> dict[int, dict[str, int]]:
    """By store: how many orders may be released, are held, could not be taken in, or are in the house."""
    found: dict[int, dict[str, int]] = {}

    def add(store_id: int, what: str, count: int) -> None:
        found.setdefault(store_id, _none_of_all())[what] += count

    for store_id, stage, count in session.exec(
        select(Order.store_id, Order.stage, func.count())
        .where(col(Order.test).is_(False))
        .group_by(col(Order.store_id), col(Order.stage))
    ):
        if stage == Stage.PASSED:
            add(store_id, "ready", count)
        elif stage in IN_WORK:
            add(store_id, "at_work", count)
    held = select(Order.store_id, func.count(func.distinct(Order.id))).join(Hold, col(Hold.order_pk) == Order.id)
    held = held.where(col(Order.test).is_(False))
    for store_id, count in session.exec(held.group_by(col(Order.store_id))):
        add(store_id, "held", count)
    for store_id, count in session.exec(select(SetAside.store_id, func.count()).group_by(col(SetAside.store_id))):
        add(store_id, "set_aside", count)
    return found


def _limit(pace: Pace | None, now: int) -> Facts:
    """What TikTok's limits did lately: how long it still wants no request, and how fast gcw asks since then."""
    known = pace is not None and pace.limited_at is not None and now - pace.limited_at < REMEMBERED
    return {
        "wait": max((pace.limited_until or 0) - now, 0) if pace else 0,
        "requests_a_second": round(pace.rate, 1) if pace and known and pace.rate else None,
        "refused_at": pace.limited_at if pace else None,
    }


def _unconfirmed(session: Session) -> Facts:
    """Effects that were written down and of which nobody knows yet whether they happened, by kind."""
    query = (
        select(OutboxEntry.kind, Order.order_id, OutboxEntry.trouble)
        .join(Order, col(OutboxEntry.order_pk) == Order.id)
        .where(OutboxEntry.state == outbox.WRITTEN)
        .order_by(col(OutboxEntry.id))
    )
    found: Facts = {outbox.HAND_OFF: [], outbox.SHIP: []}
    for kind, order_id, trouble in session.exec(query):
        found.setdefault(kind, []).append({"order": order_id, "trouble": trouble})
    return found


def _clock(found: Sequence[Store], paces: dict[int, Pace]) -> int:
    """Seconds by which the machine that pulled last was behind TikTok's clock; 0 where TikTok has not minded."""
    for store in found:
        pace = paces.get(store.id or 0)
        if pace and pace.clock_at is not None and pace.clock_at >= (store.pulled_at or 0):
            return pace.clock_behind
    return 0


def _next_step(session: Session, found: Sequence[Store]) -> str:
    """The command to begin with; nothing once a store is connected."""
    if found:
        return ""
    if session.exec(select(Customer).limit(1)).first() is None:
        return "gcw customer add NAME --storefronts"
    if session.exec(select(Facility).limit(1)).first() is None:
        return "gcw facility add NAME --hand-off folder:PATH"
    return "gcw store connect --customer NAME --facility NAME"


def in_words(store: Facts, now: int) -> dict[str, str]:
    """One store of `whole` for people: how long ago, how long still, how many."""
    counts = {"ready": "ready", "held": "held", "at_work": "at work", "set_aside": "set aside"}
    orders = store["orders"]
    days, token = store["permission_days"], store["token_days"]
    return {
        "store": store["name"],
        "customer": store["customer"],
        "facility": store["facility"],
        "status": store["status"],
        "permission": "" if days is None else f"{days} d",
        "token": "" if token is None else f"{token} d",
        "pulled": times.ago(store["pulled_at"], now),
        "synced": times.ago(store["synced_at"], now),
        "connected": _connected(store["variants"]),
        "orders": ", ".join(f"{orders[name]} {word}" for name, word in counts.items() if orders[name]),
        "limit": _limit_in_words(store["rate_limit"], now),
    }


def _connected(variants: dict[str, int]) -> str:
    return f"{variants['connected']} of {variants['sellable']}" if variants["sellable"] else ""


def _limit_in_words(limit: Facts, now: int) -> str:
    if limit["wait"]:
        return f"none for {times.span(limit['wait'])}"
    if limit["requests_a_second"]:
        return f"{limit['requests_a_second']}/s since {times.span(now - limit['refused_at'])}"
    return ""
