"""Proves that every order that TikTok has is accounted for here, in exactly one place; repairs what is not."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Event, Hold, Line, Order, OutboxEntry, SetAside, Stage, Store
from gcw_tiktok.store.tables.stages import GONE_OUT, IN_WORK, OPEN
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import holds, intake, reviewing, stages
from gcw_tiktok.workflow.orders.desk import Desk, tiktok_time
from gcw_tiktok.workflow.production import handed

PORTION = 500
MISSING, BEHIND, LINES, UNKNOWN, TWICE, STAGE, NO_HAND_OFF, NO_REASON = (
    "missing",
    "behind",
    "lines",
    "unknown",
    "twice",
    "stage",
    "no_hand_off",
    "no_reason",
)
"""Kinds of difference."""
FETCHED = frozenset({MISSING, BEHIND, LINES, TWICE})
"""Differences that reading the order from TikTok again repairs; looking anew at what holds it repairs others."""
UNPULLED = "not pulled yet"
SET_ASIDE = "set aside"


@dataclass(frozen=True)
class Ours:
    """All that we hold of one order."""

    order: Order
    lines: Sequence[Line] = ()
    held: bool = False
    handed_over: bool = False
    """The outbox says that it went to production."""


@dataclass(frozen=True)
class Difference:
    """One order of which TikTok and we do not say the same, or of which we contradict ourselves."""

    order_id: str
    kind: str
    sentence: str


@dataclass
class Audit:
    """What an audit of one store found."""

    store: str
    since: int
    until: int
    at_tiktok: int = 0
    """Orders that TikTok names in the window."""
    places: Counter[str] = field(default_factory=Counter)
    """How many of them are in which place here."""
    differences: list[Difference] = field(default_factory=list)
    repaired: list[Difference] = field(default_factory=list)


def place(ours: Ours) -> str:
    """Where an order is, in one word or two; every order is in exactly one place."""
    order = ours.order
    if order.test:
        return "test"
    if order.fulfillment_type not in holds.OURS:
        return "not ours to make"
    if order.stage in OPEN:
        if stages.is_ignored(ours.lines):
            return "ignored"
        if order.stage == Stage.FAILED or any(line.stage == Stage.FAILED for line in ours.lines):
            return "failed"
        return "held" if ours.held else "ready" if order.stage == Stage.PASSED else "waiting"
    if order.stage in IN_WORK:
        return "in production"
    return "shipped" if order.stage in GONE_OUT else str(order.stage)


def compare(found: tiktok_orders.Found, ours: Ours | None, *, aside: bool, read_up_to: int) -> Iterator[Difference]:
    """What is wrong with one order of TikTok's. What changed after the last pull is not wrong, only not read yet."""
    late = found.update_time > read_up_to
    if ours is None:
        if not aside and not late:
            yield Difference(found.id, MISSING, "TikTok has this order, and gcw has nothing of it.")
        return
    if aside:
        yield Difference(found.id, TWICE, "It is set aside as unreadable, and taken in as well.")
    if not late and ours.order.updated_at < found.update_time:
        yield Difference(found.id, BEHIND, f"It changed at TikTok, where it is {found.status}; gcw missed that.")
    known = {line.line_id for line in ours.lines}
    if not late and found.line_ids and known != set(found.line_ids):
        gone, more = len(set(found.line_ids) - known), len(known - set(found.line_ids))
        yield Difference(found.id, LINES, f"{gone} of its lines are missing here, {more} are unknown to TikTok.")
    yield from contradictions(ours)


def contradictions(ours: Ours) -> Iterator[Difference]:
    """What we hold of an order and cannot all be true."""
    order, found = ours.order, [line.stage for line in ours.lines]
    if found and order.stage != stages.shown(ours.lines):
        sentence = f"It is said to be {order.stage}, but its lines are {stages.shown(ours.lines)}."
        yield Difference(order.order_id, STAGE, sentence)
    if any(stage in IN_WORK for stage in found) and not ours.handed_over:
        yield Difference(order.order_id, NO_HAND_OFF, "It is in production, but no hand-off of it is on record.")
    waits = order.stage == Stage.RECEIVED and Stage.FAILED not in found and order.status in holds.TO_MAKE
    if waits and order.fulfillment_type in holds.OURS and not ours.held and _undecided(ours):
        yield Difference(order.order_id, NO_REASON, "It waits, and nothing on record holds it.")


def _undecided(ours: Ours) -> bool:
    return any(line.stage in OPEN and line.ignored_id is None for line in ours.lines)


def audit(
    database: Database,
    client: Client,
    seal: Seal,
    store: Store,
    act: Act,
    since: int,
    *,
    repair: bool = False,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Audit:
    """Compares every order that changed at TikTok since (Unix seconds) with what we hold, and the other way round.

    With `repair`, what differs is read from TikTok again and looked at once more; what then still differs stays
    in `differences`.
    """
    found = _look(database, client, store, act, since, progress)
    if not repair or not found.differences:
        return found
    _repair(database, client, seal, store, act, found.differences)
    again = _look(database, client, store, act, since, progress)
    left = {(one.order_id, one.kind) for one in again.differences}
    again.repaired = [one for one in found.differences if (one.order_id, one.kind) not in left]
    return again


def _look(
    database: Database,
    client: Client,
    store: Store,
    act: Act,
    since: int,
    progress: Callable[[int, int | None], None],
) -> Audit:
    with database.view() as session:
        read_up_to = session.get_one(Store, store.id).orders_cursor
    result = Audit(store.name, since, act.now)
    seen: set[str] = set()
    for portion in _portions(tiktok_orders.search(client, updated_from=since), PORTION):
        fresh = [one for one in portion if one.id not in seen]  # one that changes meanwhile is named twice
        seen.update(one.id for one in fresh)
        with database.view() as session:
            ours = _ours(session, store, [one.id for one in fresh])
            aside = _set_aside(session, store, [one.id for one in fresh])
        for one in fresh:
            mine = ours.get(one.id)
            result.differences += compare(one, mine, aside=one.id in aside, read_up_to=read_up_to)
            where = place(mine) if mine else SET_ASIDE if one.id in aside else ""
            result.places[where or (UNPULLED if one.update_time > read_up_to else MISSING)] += 1
        result.at_tiktok = len(seen)
        progress(len(seen), None)
    result.until = int(client.server_time or act.now)
    result.differences += _only_ours(database, client, store, since, seen)
    return result


def _portions(found: Iterable[tiktok_orders.Found], most: int) -> Iterator[list[tiktok_orders.Found]]:
    iterator = iter(found)
    while portion := list(itertools.islice(iterator, most)):
        yield portion


def _ours(session: Session, store: Store, ids: Sequence[str]) -> dict[str, Ours]:
    orders = session.exec(select(Order).where(Order.store_id == store.id, col(Order.order_id).in_(ids))).all()
    keys = [order.id for order in orders]
    lines: dict[int, list[Line]] = {}
    for line in session.exec(select(Line).where(col(Line.order_pk).in_(keys))):
        lines.setdefault(line.order_pk, []).append(line)
    held = set(session.exec(select(Hold.order_pk).where(col(Hold.order_pk).in_(keys))))
    done = select(OutboxEntry.order_pk).where(
        OutboxEntry.kind == outbox.HAND_OFF, OutboxEntry.state != outbox.VOID, col(OutboxEntry.order_pk).in_(keys)
    )
    handed = set(session.exec(done))
    return {
        order.order_id: Ours(order, lines.get(order.id or 0, ()), order.id in held, order.id in handed)
        for order in orders
    }


def _set_aside(session: Session, store: Store, ids: Sequence[str]) -> set[str]:
    mine = select(SetAside.order_id).where(SetAside.store_id == store.id, col(SetAside.order_id).in_(ids))
    return set(session.exec(mine))


def _only_ours(database: Database, client: Client, store: Store, since: int, seen: set[str]) -> Iterator[Difference]:
    """Orders that we hold and that changed in the window, which the search did not name and TikTok does not know."""
    with database.view() as session:
        mine = select(Order.order_id).where(Order.store_id == store.id, Order.updated_at >= since)
        unseen = [order_id for order_id in session.exec(mine) if order_id not in seen]
    for received in tiktok_orders.detail(client, unseen):
        if not received.raw:
            yield Difference(received.id, UNKNOWN, "gcw holds this order, and TikTok does not know it.")


def _repair(
    database: Database, client: Client, seal: Seal, store: Store, act: Act, differences: Sequence[Difference]
) -> None:
    kinds: dict[str, set[str]] = {}
    for one in differences:
        kinds.setdefault(one.order_id, set()).add(one.kind)
    fetched = [order_id for order_id, found in kinds.items() if found & FETCHED]
    _forget_times(database, store, fetched)
    intake.fetch(database, client, seal, store, act, fetched)
    with database.session() as session:
        desk = Desk(session, session.get_one(Store, store.id), seal, act, tiktok_time(client, act))
        desk.load(list(kinds))
        _remember_hand_offs(desk, [one for one in fetched if kinds[one] & {MISSING, LINES}])
        for order in desk.orders.values():
            if lines := desk.lines_of(order):
                order.stage = stages.shown(lines)
        reviewing.review(desk, list(desk.orders.values()))


def _forget_times(database: Database, store: Store, ids: Sequence[str]) -> None:
    """Lets an answer count that is no newer than the one which we have, or seem to have."""
    with database.session() as session:
        mine = select(Order).where(Order.store_id == store.id, col(Order.order_id).in_(ids))
        for order in session.exec(mine.order_by(col(Order.id)).with_for_update(key_share=True)):
            order.updated_at = min(order.updated_at, order.placed_at)
            order.read_at = 0


def _remember_hand_offs(desk: Desk, ids: Sequence[str]) -> None:
    """Lines that were lost are in production again where the outbox has their hand-off on record; where only the
    history tells of one, a person decides."""
    told = _handed_over_by_history(desk.session, ids)
    for order_id in ids:
        order = desk.orders.get(order_id)
        if order is None:
            continue
        made = _lines_handed_over(desk.session, order)
        for line in desk.lines_of(order):
            if line.line_id in made and line.stage in OPEN:
                line.stage, line.connection_id, line.ignored_id = Stage.CREATED, made[line.line_id], None
        if not made and order_id in told:
            sentence = "Its record was lost, and its history says that it went to production before."
            reviewing.add_hold(desk, order, holds.decision(order, sentence))


def _lines_handed_over(session: Session, order: Order) -> dict[str, int]:
    return {
        line_id: one.entry.payload["lines"][line_id]
        for one in handed.of_order(session, order)
        for line_id in one.newest - one.stopped
    }


def _handed_over_by_history(session: Session, ids: Sequence[str]) -> set[str]:
    subjects = [f"order:{order_id}" for order_id in ids]
    told = select(Event.subject).where(col(Event.subject).in_(subjects), Event.what == "handed over")
    return {subject.removeprefix("order:") for subject in session.exec(told)}


def in_words(found: Audit, shown: Callable[[int], str]) -> str:
    """The audit as a page that can be given to a customer; nothing of a recipient is on it."""
    places = "\n".join(f"| {where} | {count} |" for where, count in sorted(found.places.items()))
    rows = [("repaired", one) for one in found.repaired] + [("open", one) for one in found.differences]
    listed = "\n".join(f"| {one.order_id} | {state} | {one.sentence} |" for state, one in rows)
    verdict = (
        "Every one of them is accounted for." if not found.differences else "Not all are accounted for: see below."
    )
    return (
        f"# Orders of {found.store}\n\n"
        f"TikTok Shop names {found.at_tiktok} orders that were placed or changed between {shown(found.since)} and "
        f"{shown(found.until)}. {verdict}\n\n| where they are | orders |\n|---|---|\n{places}\n"
        + (f"\n| order | | what was found |\n|---|---|---|\n{listed}\n" if rows else "")
    )


def counts(audits: Sequence[Audit]) -> Mapping[str, int]:
    """Over all stores: orders at TikTok, differences that are open, and those repaired."""
    return {
        "at_tiktok": sum(one.at_tiktok for one in audits),
        "open": sum(len(one.differences) for one in audits),
        "repaired": sum(len(one.repaired) for one in audits),
    }
