"""Takes orders in: every order that TikTok has, once, each with what holds it."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session, col, delete, func, select

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Hold, HoldReason, Line, Order, SetAside, Stage, Store
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow.ahead import ahead
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import gaps, reviewing, taking, wishes
from gcw_tiktok.workflow.orders.desk import Desk, tiktok_time
from gcw_tiktok.workflow.orders.holds import LOOK_AGAIN
from gcw_tiktok.workflow.shipping import labelled, parcels

OVERLAP_SECONDS = 300
"""How far a poll reads back behind the cursor: TikTok's search may show a change late."""
SETTLED_SECONDS = 2
"""An answer given this soon after a change may miss another change within the same second."""
GROUP = tiktok_orders.IDS_A_CALL
READ_AHEAD = 8
"""Groups that are read while others are stored, and stored in one transaction at most."""
UNUSABLE = (DataError, IntegrityError, ValueError, OverflowError, GcwError)
"""What storing an order can raise when the order itself is at fault."""


class Page(NamedTuple):
    """What a part of the search found."""

    found: list[tiktok_orders.Found]
    told_at: int
    """TikTok's time when it answered."""


@dataclass(frozen=True)
class Read:
    """A part of what TikTok has."""

    received: list[tiktok_orders.Received]
    told_at: int
    """TikTok's time when it answered."""
    reached: int = 0
    """Up to which change the search had come."""
    found: int = 0


@dataclass
class Pulled:
    """What one pull of a store did."""

    store: str
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    set_aside: dict[str, str] = field(default_factory=dict)
    """Order id → why it could not be taken in."""
    alarms: dict[str, str] = field(default_factory=dict)
    """Order id → what somebody else wrote at TikTok about it."""
    passed: int = 0
    held: int = 0
    gap: gaps.Gap | None = None
    """The time without a pull that this one ended."""


def pull(
    database: Database,
    client: Client,
    seal: Seal,
    store: Store,
    act: Act,
    *,
    since: int | None = None,
    every: int = 0,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Pulled:
    """Takes in every order changed since the last pull, and those changed since `since` when it is given. `every` is
    the time between two pulls, where somebody polls.

    The cursor moves in the transaction that stores the orders it covers, so a pull that is cut off
    anywhere continues where it stopped. While some are stored, the next ones are read, and found the ones after them.
    """
    report = Pulled(store.name)
    start = store.orders_cursor - OVERLAP_SECONDS
    start = start if since is None else min(start, since)
    known = _newest(database, store)
    done = 0
    with (
        database.held_open() as held,
        ahead(_find(client, act, start), 1) as pages,
        ahead(_read(held, client.for_another_thread(), store, act, pages), READ_AHEAD) as groups,
    ):
        for reads in groups:
            _store(held, seal, store, act, reads, report)
            progress(done := done + sum(read.found for read in reads), None)
    _try_again(database, client, seal, store, act, report)
    _close(database, seal, store, act, client, report, known)
    with database.session() as session:
        fresh = session.get_one(Store, store.id, with_for_update={"key_share": True})
        report.gap = gaps.close(session, act, fresh, every)
    return report


def fetch(database: Database, client: Client, seal: Seal, store: Store, act: Act, order_ids: Sequence[str]) -> Pulled:
    """Takes in these orders as TikTok has them now. The cursor stays: others may have changed before them."""
    report = Pulled(store.name)
    ids = list(dict.fromkeys(order_ids))
    for start in range(0, len(ids), GROUP):
        received = wishes.with_wishes(client, tiktok_orders.detail(client, ids[start : start + GROUP]))
        _store(database, seal, store, act, [Read(received, tiktok_time(client, act))], report)
    return report


def _find(client: Client, act: Act, start: int) -> Iterator[Page]:
    """All that changed since, in the order in which it did."""
    for found in _groups(tiktok_orders.search(client, updated_from=start)):
        yield Page(found, tiktok_time(client, act))


def _read(
    database: Database, client: Client, store: Store, act: Act, pages: Iterable[Sequence[Page]]
) -> Iterator[Read]:
    """What is not known yet of that, in full."""
    for page in itertools.chain.from_iterable(pages):
        wanted = _worth_reading(database, store, page.found)
        received = wishes.with_wishes(client, tiktok_orders.detail(client, wanted)) if wanted else []
        told_at = tiktok_time(client, act) if wanted else page.told_at
        yield Read(received, told_at, page.found[-1].update_time, len(page.found))


def _newest(database: Database, store: Store) -> int:
    """The key of the newest order that we hold."""
    with database.view() as session:
        return session.exec(select(func.max(Order.id)).where(Order.store_id == store.id)).one() or 0


def _groups(found: Iterable[tiktok_orders.Found]) -> Iterable[list[tiktok_orders.Found]]:
    iterator = iter(found)
    while group := list(itertools.islice(iterator, GROUP)):
        yield group


def _worth_reading(database: Database, store: Store, group: Sequence[tiktok_orders.Found]) -> list[str]:
    """The orders whose newest state we do not surely have."""
    given = {"store": store.id, "settled": SETTLED_SECONDS, "ids": json.dumps([one.id for one in group])}
    with database.view() as session:
        connection = session.connection()
        rows = connection.execute(SETTLED[connection.dialect.name], given).all()
    known: dict[str, int] = dict(map(tuple, rows))
    return list(dict.fromkeys(one.id for one in group if one.id and known.get(one.id, -1) < one.update_time))


SETTLED = {
    "sqlite": text(
        "SELECT order_id, updated_at FROM orders WHERE store_id = :store AND read_at - updated_at > :settled"
        " AND order_id IN (SELECT value FROM json_each(:ids))"
    ),
    "postgresql": text(
        "SELECT order_id, updated_at FROM orders WHERE store_id = :store AND read_at - updated_at > :settled"
        " AND order_id IN (SELECT json_array_elements_text(CAST(:ids AS json)))"
    ),
}
"""Which of these orders are surely held as they were at a time, and at which; asked for each page of a search."""


def _store(database: Database, seal: Seal, store: Store, act: Act, reads: Sequence[Read], report: Pulled) -> None:
    """Stores what was read and moves the cursor, in one transaction."""
    received = [one for read in reads for one in read.received]
    with database.session() as session:
        fresh = session.get_one(Store, store.id, with_for_update={"key_share": True})
        if not _take_together(session, fresh, seal, act, reads, report):
            for read in reads:
                for one in read.received:
                    _take_or_set_aside(Desk(session, fresh, seal, act, read.told_at), one, report)
        _forget_set_aside(session, store, [one.id for one in received if one.id not in report.set_aside])
        # a cursor in the future would pass what changes until then
        reached = min(reads[-1].reached, reads[-1].told_at)
        if reached > fresh.orders_cursor:
            fresh.orders_cursor = reached
            session.add(fresh)


def _take_together(session: Session, store: Store, seal: Seal, act: Act, reads: Sequence[Read], report: Pulled) -> bool:
    """Stores them all with few statements; False, and nothing stored, when one of them is unusable."""
    if any(one.order is None for read in reads for one in read.received):
        return False
    outcomes: dict[str, str] = {}
    try:
        with session.begin_nested(), session.no_autoflush:
            desk = Desk(session, store, seal, act, reads[-1].told_at)
            desk.load(list({one.id for read in reads for one in read.received}))
            for read in reads:
                desk.tiktok_now = read.told_at
                for one in read.received:
                    outcome = taking.take_in(desk, one)
                    if outcomes.get(one.id, "same") == "same":  # it may have come twice
                        outcomes[one.id] = outcome
            _finish(desk)
    except UNUSABLE:
        return False
    for order_id, outcome in outcomes.items():
        _count(report, order_id, outcome)
    report.alarms |= desk.alarms
    return True


def _take_or_set_aside(desk: Desk, received: tiktok_orders.Received, report: Pulled) -> None:
    """One bad order never blocks the rest."""
    if received.order is None:
        set_aside(desk, received, received.fault, report)
        return
    try:
        with desk.session.begin_nested():
            desk.load([received.id])
            outcome = taking.take_in(desk, received)
            _finish(desk)
    except UNUSABLE as error:
        set_aside(desk, received, f"could not be stored: {type(error).__name__}", report)
        return
    _count(report, received.id, outcome)
    report.alarms |= desk.alarms


def _finish(desk: Desk) -> None:
    """What follows from the orders that were taken in, and all of it written."""
    parcels.settle(desk)
    labelled.settle(desk)
    reviewing.review(desk, list(desk.orders.values()))
    desk.write_new()
    desk.session.flush()


def _count(report: Pulled, order_id: str, outcome: str) -> None:
    if outcome == "new":
        report.new.append(order_id)
    elif outcome == "changed":
        report.changed.append(order_id)


def set_aside(desk: Desk, received: tiktok_orders.Received, reason: str, report: Pulled) -> None:
    """Keeps what could not be taken in, with its raw answer, for the next pull to try."""
    assert desk.store.id is not None
    query = select(SetAside).where(SetAside.store_id == desk.store.id, SetAside.order_id == received.id)
    row = desk.session.exec(query).first()
    if row is None:
        row = SetAside(store_id=desk.store.id, order_id=received.id, reason=reason, since=desk.act.now, tries=0)
    row.reason, row.tries = reason, row.tries + 1
    raw = received.as_json
    row.sealed_raw = desk.seal.close(raw, f"set aside {desk.store.shop_id}/{received.id}")
    desk.session.add(row)
    desk.session.flush()
    report.set_aside[received.id] = reason


def _forget_set_aside(session: Session, store: Store, taken: Sequence[str]) -> None:
    mine = col(SetAside.store_id) == store.id
    if session.exec(select(SetAside.id).where(mine).limit(1)).first():  # most often there is none to look for
        session.exec(delete(SetAside).where(mine, col(SetAside.order_id).in_(taken)))


def _try_again(database: Database, client: Client, seal: Seal, store: Store, act: Act, report: Pulled) -> None:
    """Asks once more for the orders that an earlier pull set aside, and for those to be made whose recipients were
    forgotten while the store was not connected or of which TikTok did not show what was personalised."""
    unread = select(Hold.order_pk).where(
        Hold.reason == HoldReason.DESIGN_PROBLEM,
        Hold.command == LOOK_AGAIN,
        col(Hold.order_pk).in_(select(Line.order_pk).where(Line.store_id == store.id, col(Line.personalised))),
    )
    unfinished = (col(Order.stage).in_(OPEN | IN_WORK), col(Order.sealed_raw).is_(None))
    with database.view() as session:
        waiting = session.exec(select(SetAside.order_id).where(SetAside.store_id == store.id)).all()
        forgotten = session.exec(select(Order.order_id).where(Order.store_id == store.id, *unfinished)).all()
        unseen = session.exec(select(Order.order_id).where(Order.store_id == store.id, col(Order.id).in_(unread))).all()
    known = dict.fromkeys([*waiting, *forgotten, *unseen])
    ids = [order_id for order_id in known if order_id not in report.set_aside]
    if ids:
        received = wishes.with_wishes(client, tiktok_orders.detail(client, ids))
        _store(database, seal, store, act, [Read(received, tiktok_time(client, act))], report)


def _close(database: Database, seal: Seal, store: Store, act: Act, client: Client, report: Pulled, known: int) -> None:
    """Looks again at everything that waits: time and connections may have lifted a hold."""
    reviewing.review_open(database, seal, store, act, tiktok_time(client, act), known)
    with database.view() as session:
        tried = select(Order.order_id).where(Order.store_id == store.id, col(Order.id) > known, col(Order.test))
        tests = set(session.exec(tried))
        report.new = [order_id for order_id in report.new if order_id not in tests]
        mine = select(func.count(func.distinct(Order.id))).where(Order.store_id == store.id, col(Order.test).is_(False))
        report.passed = session.exec(mine.where(Order.stage == Stage.PASSED)).one()
        report.held = session.exec(mine.join(Hold, col(Hold.order_pk) == Order.id)).one()
