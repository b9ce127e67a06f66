"""What operators see across all customers, from what gcw remembers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, and_, col, func, or_, select

from gcw_tiktok.store.tables import (
    Connection,
    Customer,
    Facility,
    Hold,
    HoldReason,
    Line,
    Notification,
    Order,
    Person,
    PersonStatus,
    SetAside,
    Stage,
    Store,
    StoreStatus,
    Variant,
)
from gcw_tiktok.store.tables.stages import OPEN
from gcw_tiktok.workflow import customers, facilities, status
from gcw_tiktok.workflow.orders.deadlines import WITHOUT_SEALED
from gcw_tiktok.workflow.storefronts import deeds
from gcw_tiktok.workflow.storefronts.deeds import Deed
from gcw_tiktok.workflow.storefronts.sight import NotThere

PAGE = 50
MOST_ASIDE = 100
FAILED = "failed"
"""Beside the reasons of holds: what production could not make."""


@dataclass(frozen=True)
class CustomerRow:
    """A customer with what it has."""

    customer: Customer
    stores: Sequence[Store]
    active: int
    invited: int


@dataclass(frozen=True)
class FacilityRow:
    """A facility with who uses it and what is in work there."""

    facility: Facility
    stores: Sequence[str]
    in_work: int


@dataclass(frozen=True)
class HeldRow:
    """An order that waits, why, and what may be done about it."""

    order: Order
    store: str
    customer: str
    holds: Sequence[Hold]
    deeds: Sequence[Deed]
    personalised: bool
    to_connect: Sequence[Variant] = ()
    """Variants of it of which nobody has said what they print."""


@dataclass(frozen=True)
class Held:
    """One page of them, and how many wait for which reason."""

    rows: Sequence[HeldRow]
    counts: dict[str, int]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def all_customers(session: Session) -> list[CustomerRow]:
    """All customers by name, with their stores and people."""
    mine: dict[int, list[Store]] = {}
    for store in session.exec(select(Store).order_by(col(Store.name))):
        mine.setdefault(store.customer_id, []).append(store)
    people: dict[tuple[int, PersonStatus], int] = {}
    counted = select(Person.customer_id, Person.status, func.count()).where(col(Person.customer_id).is_not(None))
    for owner, state, count in session.exec(counted.group_by(col(Person.customer_id), col(Person.status))):
        people[owner or 0, PersonStatus(state)] = count
    return [
        CustomerRow(
            one,
            mine.get(one.id or 0, []),
            people.get((one.id or 0, PersonStatus.ACTIVE), 0),
            people.get((one.id or 0, PersonStatus.INVITED), 0),
        )
        for one in customers.everyone(session)
    ]


def all_facilities(session: Session) -> list[FacilityRow]:
    """All facilities by name."""
    users: dict[int, list[str]] = {}
    for store in session.exec(select(Store).where(Store.status != StoreStatus.DISCONNECTED).order_by(col(Store.name))):
        users.setdefault(store.facility_id, []).append(store.name)
    return [
        FacilityRow(one, users.get(one.id or 0, []), len(facilities.in_work(session, one)))
        for one in facilities.everyone(session)
    ]


def held(session: Session, reason: str, number: int = 1, store_id: int | None = None) -> Held:
    """Orders that something holds or that production could not make, those that must leave first first; with a
    reason, which may be `failed`, only those."""
    mine: list[Any] = [col(Order.test).is_(False)]
    if store_id is not None:
        mine.append(Order.store_id == store_id)
    counts = _counts(session, mine)
    holding, failed = select(Hold.order_pk), Order.stage == Stage.FAILED
    if reason in list(HoldReason):
        query = select(Order.id).where(*mine, col(Order.id).in_(holding.where(Hold.reason == HoldReason(reason))))
    elif reason == FAILED:
        query = select(Order.id).where(*mine, failed)
    else:
        query = select(Order.id).where(*mine, or_(col(Order.id).in_(holding), failed))
    total = session.exec(select(func.count()).select_from(query.subquery())).one()
    number = max(1, min(number, -(-total // PAGE)))
    by = (col(Order.ship_by).is_(None), col(Order.ship_by), col(Order.id))
    keys = session.exec(query.order_by(*by).offset((number - 1) * PAGE).limit(PAGE)).all()
    return Held(_held_rows(session, [key for key in keys if key]), counts, total, number)


def set_aside(session: Session) -> list[tuple[SetAside, str]]:
    """Orders that could not be taken in, the newest first, each with its store."""
    query = select(SetAside, Store.name).join(Store, col(SetAside.store_id) == Store.id)
    return list(session.exec(query.order_by(col(SetAside.since).desc()).limit(MOST_ASIDE)).all())


def store_of_set_aside(session: Session, order_id: str) -> Store:
    """The store of an order that could not be taken in."""
    found = session.exec(select(SetAside.store_id).where(SetAside.order_id == order_id)).first()
    if found is None:
        raise NotThere
    return session.get_one(Store, found)


def health(session: Session, now: int) -> dict[str, Any]:
    """What `gcw status` tells, and when TikTok last pushed something about each store."""
    whole = status.whole(session, now)
    query = select(Notification.shop_id, func.max(Notification.received_at)).group_by(col(Notification.shop_id))
    pushed = dict(session.exec(query).all())
    codes = {store.name: store.shop_id for store in session.exec(select(Store))}
    for one in whole["stores"]:
        one["pushed_at"] = pushed.get(codes[one["name"]])
        one["words"] = status.in_words(one, now)
    return whole


def asked_to_cancel(session: Session) -> list[tuple[Order, Store]]:
    """Orders whose buyers have asked to cancel, as far as the last pull has told."""
    live = (Stage.CANCELED, Stage.RETURNED, Stage.DELIVERED)
    query = select(Order, Store).options(*WITHOUT_SEALED).join(Store, col(Order.store_id) == Store.id)
    found = query.where(col(Order.cancel_requested), col(Order.stage).not_in(live), col(Order.test).is_(False))
    return list(session.exec(found.order_by(col(Order.ship_by), col(Order.id))).all())


def is_unknown(session: Session, order_id: str) -> bool:
    """Whether an order that TikTok speaks of is not taken in yet."""
    return session.exec(select(Order.id).where(Order.order_id == order_id)).first() is None


def _counts(session: Session, mine: Sequence[Any]) -> dict[str, int]:
    real = select(Order.id).where(*mine)
    query = select(Hold.reason, func.count()).where(col(Hold.order_pk).in_(real))
    found = Counter({HoldReason(reason).value: count for reason, count in session.exec(query.group_by(Hold.reason))})
    failed = select(func.count()).select_from(Order).where(*mine, Order.stage == Stage.FAILED)
    found[FAILED] = session.exec(failed).one()
    return {reason: count for reason, count in found.most_common() if count}


def _held_rows(session: Session, keys: Sequence[int]) -> list[HeldRow]:
    query = select(Order, Store.name, Customer.name).options(*WITHOUT_SEALED)
    query = query.join(Store, col(Order.store_id) == Store.id)
    rows = session.exec(query.join(Customer, col(Store.customer_id) == Customer.id).where(col(Order.id).in_(keys)))
    known = {order.id: (order, store, customer) for order, store, customer in rows}
    holds: dict[int, list[Hold]] = {}
    for hold in session.exec(select(Hold).where(col(Hold.order_pk).in_(keys)).order_by(col(Hold.id))):
        holds.setdefault(hold.order_pk, []).append(hold)
    wished = set(session.exec(select(Line.order_pk).where(col(Line.order_pk).in_(keys), col(Line.personalised))))
    waiting = [key for key, ones in holds.items() if any(one.reason == HoldReason.NOT_CONNECTED for one in ones)]
    unconnected = _unconnected(session, waiting)
    return [
        HeldRow(
            *known[key],
            holds.get(key, []),
            deeds.possible(known[key][0], holds.get(key, []), to_approve=False),  # that needs a look at it first
            key in wished,
            unconnected.get(key, []),
        )
        for key in keys
    ]


def _unconnected(session: Session, keys: Sequence[int]) -> dict[int, list[Variant]]:
    """By order, its variants that have no connection."""
    connected = select(Connection.variant_id).where(col(Connection.ended_at).is_(None))
    same = and_(col(Variant.store_id) == Line.store_id, col(Variant.sku_id) == Line.sku_id)
    query = select(Line.order_pk, Variant).join(Variant, same).where(col(Line.order_pk).in_(keys))
    query = query.where(col(Line.ignored_id).is_(None), col(Line.stage).in_(OPEN), col(Variant.id).not_in(connected))
    found: dict[int, list[Variant]] = {}
    for key, variant in session.exec(query.order_by(col(Line.id))):
        mine = found.setdefault(key, [])
        mine += [variant] if variant not in mine else []
    return found
