"""Hands over what is free: finds the orders that may go, and leads them through the print gate."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, func, select

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Facility, Hold, HoldReason, Order, OutboxEntry, Stage, Store
from gcw_tiktok.store.tables.stages import OPEN
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow import alive, history, outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import groups, holds, reviewing
from gcw_tiktok.workflow.orders.desk import Desk, tiktok_time
from gcw_tiktok.workflow.orders.gate import AT_A_TIME, SETTLED, Gate, Outcome, held, not_here
from gcw_tiktok.workflow.production import carriers, stopping
from gcw_tiktok.workflow.production.carriers import Opener
from gcw_tiktok.workflow.production.stopping import CancelThere


def release(
    database: Database,
    client: Client,
    seal: Seal,
    store: Store,
    act: Act,
    designs: Path,
    running: Path,
    *,
    only: Sequence[str] = (),
    anyway: bool = False,
    open_carrier: Opener = carriers.folder,
    tests: Path | None = None,
    cancel_there: CancelThere = stopping.by_hand,
) -> list[Outcome]:
    """Hands over every order of the store that nothing holds, or those in `only`. With a folder for `tests`, test
    orders go there, and no others go anywhere; without one, none of them goes.

    `anyway` lifts the `manual` and `sample_policy` holds of orders that are named and settles what was to be
    decided about them. One order's failure does not stop the others. `running` is where the processes of this
    machine see of each other whether they run.
    """
    now = tiktok_time(client, act)
    settled = _approve(database, seal, store, act, only, now) if anyway and only else []
    reviewing.review_open(database, seal, store, act, now)
    ready, outcomes = _candidates(database, store, only, settled, tests=tests is not None)
    with alive.sign(running) as holder:
        gate = Gate(database, client, seal, store, act, designs, running, holder, open_carrier, tests)
        for start in range(0, len(ready), AT_A_TIME):
            outcomes += gate.pass_through(ready[start : start + AT_A_TIME], named=bool(only))
    _let_go_of_the_dead(database, store, running, int(client.now()))
    _tidy(database, store, open_carrier, tests)
    stopping.tell(database, seal, store, act, cancel=cancel_there)
    return outcomes


def _approve(database: Database, seal: Seal, store: Store, act: Act, ids: Sequence[str], tiktok_now: int) -> list[str]:
    """Lifts `manual` and `sample_policy` holds for good and settles decisions; the orders about which one was open."""
    with database.session() as session:
        desk = Desk(session, session.get_one(Store, store.id), seal, act, tiktok_now)
        desk.load(ids)
        for order in desk.orders.values():
            if (not order.approved or order.held_why is not None) and order.stage in OPEN:
                order.approved, order.held_why = True, None
                session.add(order)
                history.record(session, act, f"order:{order.order_id}", "approved by hand")
        return [order.order_id for order in desk.orders.values() if reviewing.settle(desk, order)]


def _candidates(
    database: Database, store: Store, only: Sequence[str], settled: Sequence[str], *, tests: bool
) -> tuple[list[str], list[Outcome]]:
    """The orders for the gate, oldest ship-by first; and what is to be said of others that were named."""
    unsure = outbox.begun(outbox.HAND_OFF)
    with database.view() as session:
        query = select(Order).where(Order.store_id == store.id)
        if only:
            query = query.where(col(Order.order_id).in_(only))
        may_go = or_(col(Order.stage) == Stage.PASSED, col(Order.id).in_(unsure), col(Order.id).in_(_held_by_time()))
        gate = query.where(may_go, col(Order.test).is_(tests)).order_by(col(Order.ship_by), col(Order.id))
        ready = [order.order_id for order in groups.adjacent(session.exec(gate).all())]
        staying = [order for order in session.exec(query).all() if order.order_id not in ready] if only else []
        return ready, [
            Outcome(order.order_id, SETTLED) if order.order_id in settled else _stays(session, order, tests=tests)
            for order in staying
        ]


def _stays(session: Session, order: Order, *, tests: bool) -> Outcome:
    return held(session, order) if order.test == tests else not_here(session, order)


def _let_go_of_the_dead(database: Database, store: Store, running: Path, now: int) -> None:
    """Frees the orders that killed processes had reserved, and that were cancelled before the gate saw them again."""
    with database.view() as session:
        kept = select(Order.id, Order.reserved_by, Order.reserved_until).where(
            Order.store_id == store.id, col(Order.reserved_by).is_not(None)
        )
        dead = {key for key, holder, until in session.exec(kept) if until <= now or alive.ended(running, holder or "")}
    if not dead:
        return
    with database.session() as session:
        rows = select(Order).where(col(Order.id).in_(dead)).order_by(col(Order.id)).with_for_update(key_share=True)
        for order in session.exec(rows):
            if order.reserved_until <= now or alive.ended(running, order.reserved_by or ""):
                order.reserved_by = None
                session.add(order)


def _tidy(database: Database, store: Store, open_carrier: Opener, tests: Path | None) -> None:
    """Removes what killed runs began of orders that nobody has in hand and of which nothing is to be done."""
    with database.view() as session:
        facility = session.get_one(Facility, session.get_one(Store, store.id).facility_id)
    carrier = open_carrier(facility.hand_off if tests is None else f"folder:{tests}")
    left = carrier.left_behind()
    if not left:
        return
    with database.view() as session:
        unsure = select(OutboxEntry.order_pk).where(
            OutboxEntry.state == outbox.WRITTEN, col(OutboxEntry.order_pk).is_not(None)
        )
        mine = select(Order.order_id).where(Order.store_id == store.id, col(Order.order_id).in_(left.values()))
        idle = mine.where(col(Order.reserved_by).is_(None), col(Order.id).not_in(unsure))
        forgotten = set(session.exec(idle))
    for reference, order_id in left.items():
        if order_id in forgotten:
            carrier.sweep(reference)


def _held_by_time() -> Any:
    """Orders that nothing holds but an hour that gcw waits out itself: whether it is over, TikTok's clock says."""
    return (
        select(Hold.order_pk)
        .join(Order, col(Hold.order_pk) == Order.id)
        .where(col(Order.skips_hold), col(Order.status).in_(holds.TO_MAKE), Order.stage == Stage.RECEIVED)
        .group_by(col(Hold.order_pk))
        .having(func.min(Hold.reason) == HoldReason.TIKTOK_ON_HOLD, func.count() == 1)
    )
