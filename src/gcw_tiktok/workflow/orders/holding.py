"""Orders that an operator holds, or has tried again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Order, SetAside, Stage, Store
from gcw_tiktok.store.tables.stages import OPEN
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow import outbox, stores
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import intake, reviewing, views
from gcw_tiktok.workflow.orders.desk import Desk, tiktok_time

LONGEST_WHY = 300
SET_ASIDE = "set aside"


@dataclass(frozen=True)
class Tried:
    """What became of an order that was tried again."""

    order_id: str
    result: str
    """Its stage, or that it is still set aside."""
    why: str = ""


def hold(session: Session, seal: Seal, act: Act, order: Order, why: str) -> Stage:
    """Holds an order until somebody lifts it; no review and no pull does."""
    reason = " ".join(why.split())
    if not reason or len(reason) > LONGEST_WHY:
        raise BadInput(f"Write why, in at most {LONGEST_WHY} characters.", "For example: --why 'Paper is out'")
    desk, order = _at_the_desk(session, seal, act, order)
    _may_be_held(session, order)
    order.held_why = reason
    desk.note(order, "held by hand", reason)
    return _reviewed(desk, order)


def lift(session: Session, seal: Seal, act: Act, order: Order) -> Stage:
    """Takes an operator's hold away; whatever else holds the order stays."""
    desk, order = _at_the_desk(session, seal, act, order)
    if order.held_why is None:
        raise BadInput(f"Nobody holds order {order.order_id} by hand.", f"See `gcw orders explain {order.order_id}`.")
    desk.note(order, "hold by hand lifted", order.held_why)
    order.held_why = None
    return _reviewed(desk, order)


def retry(
    database: Database, client: Client, seal: Seal, store: Store, act: Act, named: Sequence[str] = ()
) -> list[Tried]:
    """Reads orders that were set aside once more, all of the store's or those named; those that are named and failed
    in production wait to be made again."""
    with database.view() as session:
        query = select(SetAside.order_id).where(SetAside.store_id == store.id)
        aside = session.exec(query.order_by(col(SetAside.id))).all()
        failed = [order_id for order_id in named if order_id not in aside]
        for order_id in failed:
            _must_have_failed(session, store, order_id)
    wanted = [order_id for order_id in aside if order_id in named] if named else list(aside)
    report = intake.fetch(database, client, seal, store, act, [*wanted, *failed])
    with database.session() as session:
        desk = Desk(session, session.get_one(Store, store.id), seal, act, tiktok_time(client, act))
        desk.load([*wanted, *failed])
        for order_id in failed:
            _make_again(desk, desk.orders[order_id])
        return [
            Tried(order_id, SET_ASIDE, report.set_aside[order_id])
            if order_id in report.set_aside
            else Tried(order_id, desk.orders[order_id].stage.value)
            for order_id in (*wanted, *failed)
        ]


def place_of(session: Session, wanted: str) -> tuple[Store, str]:
    """The store and the id of an order that is known, or set aside."""
    aside = session.exec(select(SetAside).where(SetAside.order_id == wanted.strip())).first()
    if aside is not None:
        return session.get_one(Store, aside.store_id), aside.order_id
    found = views.find(session, wanted)
    return stores.of_order(session, found), found.order_id


def _at_the_desk(session: Session, seal: Seal, act: Act, order: Order) -> tuple[Desk, Order]:
    """The order, locked. The time that counts is that of TikTok's last answer about it: no hour ends early."""
    desk = Desk(session, session.get_one(Store, order.store_id), seal, act, order.read_at)
    desk.load([order.order_id])
    fresh = desk.orders[order.order_id]
    desk.tiktok_now = fresh.read_at
    return desk, fresh


def _may_be_held(session: Session, order: Order) -> None:
    if order.id is not None and outbox.pending(session, outbox.HAND_OFF, [order.id]):
        raise TryAgain(
            f"Order {order.order_id} is being handed over.", f"See `gcw orders explain {order.order_id}` in a minute."
        )
    if order.stage not in OPEN:
        raise BadInput(
            f"Order {order.order_id} is {order.stage}: only what is not released can be held.",
            f"See `gcw orders explain {order.order_id}`.",
        )


def _reviewed(desk: Desk, order: Order) -> Stage:
    desk.session.add(order)
    reviewing.review(desk, [order])
    return order.stage


def _must_have_failed(session: Session, store: Store, order_id: str) -> None:
    order = session.exec(select(Order).where(Order.store_id == store.id, Order.order_id == order_id)).one()
    if order.stage != Stage.FAILED:
        raise BadInput(
            f"Order {order_id} is {order.stage}: only what was set aside or has failed is tried again.",
            f"See `gcw orders explain {order_id}`.",
        )


def _make_again(desk: Desk, order: Order) -> None:
    failed = [line for line in desk.lines_of(order) if line.stage == Stage.FAILED]
    for line in failed:
        line.stage = Stage.RECEIVED
        desk.session.add(line)
    if failed:
        desk.note(order, "to be made again", lines=len(failed))
        reviewing.review(desk, [order])
        desk.session.add(order)
