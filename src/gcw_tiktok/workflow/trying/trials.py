"""Test orders: which orders are one, who said so, and what keeps a buyer's order from becoming one."""

import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import NEXT, Line, Listing, Order, OutboxEntry, Stage, Store
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.workflow import history, outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.orders import stages

MARK = "gcw-test-"
"""What the buyer's message of an order begins with that gcw has bought itself."""
ON_SALE = "ACTIVATE"
BACK = {
    Stage.PACKAGED: (Stage.IN_PRODUCTION, Stage.FAILED, Stage.RECEIVED),
    Stage.PRINTED: (Stage.IN_PRODUCTION, Stage.FAILED, Stage.RECEIVED),
    Stage.IN_PRODUCTION: (Stage.FAILED, Stage.RECEIVED),
    Stage.CREATED: (Stage.FAILED, Stage.RECEIVED),
}
"""How a unit that only a test has made is put back to be made."""


class Part(StrEnum):
    """What a test order is for."""

    THROUGH = "through"  # it is followed until it is shipped
    CANCEL = "cancel"  # its buyer cancels it


@dataclass(frozen=True)
class Wanted:
    """One unit of a variant that is connected, on sale, and to be bought."""

    product_id: str
    sku_id: str
    seller_sku: str
    title: str
    options: str
    product_uid: str


@dataclass(frozen=True)
class Trial:
    """One test order, from the moment it is wanted."""

    key: str
    part: Part
    wanted: Wanted
    by_gcw: bool
    """Bought by gcw itself, at a sandbox; else by a person."""
    begun_at: int
    """By TikTok's clock: what was placed before is a buyer's."""
    order_id: str = ""
    asked_toolkit: bool = False

    @property
    def message(self) -> str:
        """The buyer's message by which gcw knows its own order again. Nobody can guess it."""
        return MARK + self.key.rpartition("/")[2]


def something_to_buy(session: Session, store: Store, sku: str = "") -> Wanted:
    """The variant that is named, or the first that is connected and on sale."""
    if sku:
        variant = connections.find_variant(session, store, sku)
        listing = session.get_one(Listing, variant.listing_id)
        view = connections.VariantView(variant, listing, connections.current(session, [variant]).get(variant.sku_id))
        views = [view]
    else:
        views = [one for one in connections.views(session, store) if one.listing.status == ON_SALE]
    name = shlex.quote(store.name)
    for view in views:
        if view.decision is not None:
            return _wanted(view, view.decision.product_uid)
    if sku:
        raise BadInput(f"{sku} is not connected.", f"gcw products connect {name} {sku} UID --design FILE")
    raise BadInput(f"{store.name} has nothing on sale that is connected.", f"gcw products suggest {name}")


def _wanted(view: connections.VariantView, product_uid: str) -> Wanted:
    variant, listing = view.variant, view.listing
    options = ", ".join(f"{name}: {value}" for name, value in variant.options.items())
    return Wanted(listing.product_id, variant.sku_id, variant.seller_sku, listing.title, options, product_uid)


def open_trial(session: Session, store: Store, part: Part) -> Trial | None:
    """The test of this part that was begun and has not ended."""
    query = select(OutboxEntry).where(
        OutboxEntry.kind == outbox.TRIAL,
        col(OutboxEntry.key).startswith(_prefix(store)),
        OutboxEntry.state != outbox.VOID,
    )
    for entry in session.exec(query.order_by(col(OutboxEntry.id).desc())):
        trial = _read(entry)
        if trial.part == part and not entry.payload["ended"]:
            return trial
    return None


def begin(
    database: Database, store: Store, act: Act, part: Part, wanted: Wanted, *, by_gcw: bool, tiktok_now: int
) -> Trial:
    """The test of this part that is under way; else a new one, written down before anything is bought."""
    with database.session() as session:
        session.get_one(Store, store.id, with_for_update={"key_share": True})  # of two that begin at once, one does
        known = open_trial(session, store, part)
        if known:
            return known
        payload = {
            "part": part.value,
            "wanted": vars(wanted),
            "by_gcw": by_gcw,
            "begun_at": tiktok_now,
            "toolkit": False,
            "ended": False,
        }
        key = f"{_prefix(store)}{secrets.token_hex(16)}"
        entry = outbox.write(session, key, outbox.TRIAL, None, payload, act.now)
        history.record(session, act, f"store:{store.shop_id}", "test begun", sku=wanted.sku_id, part=part.value)
        return _read(entry)


def is_own(session: Session, store: Store, now: int, order_id: str, message: str) -> bool:
    """Whether gcw has bought this order, which is new to it, as a test: its message says so in words that only gcw
    and the shop know, and only the first order that has them counts. Noted with it, so that it cannot be forgotten."""
    if not message.startswith(MARK):
        return False
    entry = outbox.find(session, f"{_prefix(store)}{message.removeprefix(MARK)}")
    if entry is None or not entry.payload["by_gcw"] or entry.state == outbox.VOID:
        return False
    if entry.state == outbox.WRITTEN:
        outbox.done(session, entry, now, {"order_id": order_id})
    return bool(entry.answer["order_id"] == order_id)


def fitting(session: Session, store: Store, trial: Trial) -> list[str]:
    """Orders that a person may have bought for this test, none of which is taken for one before somebody says so."""
    query = (
        select(Order)
        .join(Line, col(Line.order_pk) == Order.id)
        .where(Order.store_id == store.id, Order.placed_at >= trial.begun_at, Line.sku_id == trial.wanted.sku_id)
        .order_by(col(Order.placed_at))
    )
    return [order.order_id for order in session.exec(query).unique() if _why_not(session, order, trial) is None]


def adopt(database: Database, store: Store, act: Act, trial: Trial, order_id: str) -> None:
    """Takes an order that a person has bought and named for this test. `BadInput` for any that may be a buyer's."""
    with database.session() as session:
        query = select(Order).where(Order.store_id == store.id, Order.order_id == order_id)
        order = session.exec(query.with_for_update(key_share=True)).first()
        if order is None:
            hint = "Write the whole id, as TikTok shows it; `gcw orders pull` takes orders in."
            raise BadInput(f"{store.name} has no order {order_id}.", hint, code="unknown_name")
        entry = outbox.find(session, trial.key)
        assert entry is not None
        if entry.state == outbox.DONE:
            raise BadInput(f"This test has its order: {entry.answer['order_id']}.", "Begin another one with --new.")
        why = _why_not(session, order, trial)
        if why:
            raise BadInput(f"Order {order_id} is no test order: {why}", "Buy what `gcw orders test` names.")
        order.test = True
        session.add(order)
        outbox.done(session, entry, act.now, {"order_id": order_id})
        history.record(session, act, f"order:{order_id}", "said to be a test order")


def _why_not(session: Session, order: Order, trial: Trial) -> str | None:
    """What speaks against an order's being the one that was to be bought."""
    lines = session.exec(select(Line).where(Line.order_pk == order.id)).all()
    if order.test:
        return "it is the order of another test."
    if order.placed_at < trial.begun_at:
        return "it was placed before the test began, so that it is a buyer's."
    if len(lines) != 1 or lines[0].sku_id != trial.wanted.sku_id:
        return f"it is not one unit of {trial.wanted.seller_sku or trial.wanted.sku_id} and nothing else."
    handed = select(OutboxEntry.id).where(
        OutboxEntry.order_pk == order.id, OutboxEntry.kind == outbox.HAND_OFF, OutboxEntry.state != outbox.VOID
    )
    if order.stage not in OPEN or order.reserved_by or session.exec(handed).first():
        return "it is on its way to production, or was cancelled."
    return None


def put_back(database: Database, store: Store, act: Act, order_id: str) -> None:
    """Makes a test order an ordinary one, to be made and sent: somebody was wrong about it."""
    with database.session() as session:
        query = select(Order).where(Order.store_id == store.id, Order.order_id == order_id)
        order = session.exec(query.with_for_update(key_share=True)).first()
        if order is None or not order.test:
            raise BadInput(f"{store.name} has no test order {order_id}.", "See `gcw orders list --tests`.")
        lines = session.exec(select(Line).where(Line.order_pk == order.id)).all()
        if any(line.stage not in OPEN | IN_WORK for line in lines):
            raise BadInput(f"Order {order_id} is {order.stage} already.", f"See `gcw orders show {order_id}`.")
        for line in lines:
            _back(line)
            session.add(line)
        for entry in _entries(session, store, order_id):
            outbox.void(session, entry, "The order was a buyer's.")
        order.test, order.released_at = False, None
        order.stage = stages.shown(lines)
        session.add(order)
        history.record(session, act, f"order:{order_id}", "no test order any more")


def _back(line: Line) -> None:
    for step in BACK.get(line.stage, ()):
        assert step in NEXT[line.stage]
        line.stage = step
    line.connection_id = None


def _entries(session: Session, store: Store, order_id: str) -> list[OutboxEntry]:
    mine = select(OutboxEntry).where(OutboxEntry.kind == outbox.TRIAL, col(OutboxEntry.key).startswith(_prefix(store)))
    return [entry for entry in session.exec(mine) if entry.answer.get("order_id") == order_id]


def asked_toolkit(database: Database, trial: Trial) -> None:
    """Notes, before it is asked, that TikTok's toolkit places this order: it is not asked a second time."""
    _change(database, trial, toolkit=True)


def end(database: Database, found: Sequence[Trial], *, drop: bool = False) -> None:
    """The next test begins with another order. Those to `drop` were never completed."""
    for trial in found:
        _change(database, trial, ended=True)
        if drop and not trial.order_id:
            with database.session() as session:
                entry = outbox.find(session, trial.key)
                if entry and entry.state == outbox.WRITTEN:
                    outbox.void(session, entry, "Another test was begun.")


def _change(database: Database, trial: Trial, **facts: Any) -> None:
    with database.session() as session:
        entry = outbox.find(session, trial.key)
        assert entry is not None
        entry.payload = {**entry.payload, **facts}
        session.add(entry)


def _read(entry: OutboxEntry) -> Trial:
    told = entry.payload
    return Trial(
        key=entry.key,
        part=Part(told["part"]),
        wanted=Wanted(**told["wanted"]),
        by_gcw=told["by_gcw"],
        begun_at=told["begun_at"],
        order_id=str((entry.answer or {}).get("order_id", "")),
        asked_toolkit=told["toolkit"],
    )


def _prefix(store: Store) -> str:
    return f"trial/{store.shop_id}/"
