"""Takes orders in: every order that TikTok has, once, each with what holds it."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session, col, delete, func, select

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import NEXT, Hold, HoldReason, Line, Order, SetAside, Stage, Store
from gcw_tiktok.store.tables.stages import GONE_OUT, IN_WORK, OPEN
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow import holds, order_stages, parcels
from gcw_tiktok.workflow.ahead import ahead
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.desk import Desk
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections, fitting, ignoring

OVERLAP_SECONDS = 300
"""How far a poll reads back behind the cursor: TikTok's search may show a change late."""
SETTLED_SECONDS = 2
"""An answer given this soon after a change may miss another change within the same second."""
GROUP = tiktok_orders.IDS_A_CALL
READ_AHEAD = 8
"""Groups that are read while others are stored, and stored in one transaction at most."""

STAGE_OF = {
    "AWAITING_COLLECTION": Stage.SHIPPED,
    "IN_TRANSIT": Stage.IN_TRANSIT,
    "DELIVERED": Stage.DELIVERED,
    "COMPLETED": Stage.DELIVERED,
    "CANCELLED": Stage.CANCELED,
}
"""TikTok's statuses that decide a line's stage; before shipping, the stage is ours to say."""
UNUSABLE = (DataError, IntegrityError, ValueError, OverflowError, GcwError)
"""What storing an order can raise when the order itself is at fault."""


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
    passed: int = 0
    held: int = 0


def pull(
    database: Database,
    client: Client,
    seal: Seal,
    store: Store,
    act: Act,
    *,
    since: int | None = None,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Pulled:
    """Takes in every order changed since the last pull, and those changed since `since` when it is given.

    The cursor moves in the transaction that stores the orders it covers, so a pull that is cut off
    anywhere continues where it stopped. While some are stored, the next ones are read.
    """
    report = Pulled(store.name)
    start = store.orders_cursor - OVERLAP_SECONDS
    start = start if since is None else min(start, since)
    known = _newest(database, store)
    done = 0
    with ahead(_read(database, client, store, act, start), READ_AHEAD) as groups:
        for reads in groups:
            _store(database, seal, store, act, reads, report)
            progress(done := done + sum(read.found for read in reads), None)
    _try_again(database, client, seal, store, act, report)
    _close(database, seal, store, act, client, report, known)
    return report


def fetch(database: Database, client: Client, seal: Seal, store: Store, act: Act, order_ids: Sequence[str]) -> Pulled:
    """Takes in these orders as TikTok has them now. The cursor stays: others may have changed before them."""
    report = Pulled(store.name)
    ids = list(dict.fromkeys(order_ids))
    for start in range(0, len(ids), GROUP):
        received = list(tiktok_orders.detail(client, ids[start : start + GROUP]))
        _store(database, seal, store, act, [Read(received, tiktok_time(client, act))], report)
    return report


def _read(database: Database, client: Client, store: Store, act: Act, start: int) -> Iterator[Read]:
    """All that changed since, in the order in which it did."""
    for group in _groups(tiktok_orders.search(client, updated_from=start)):
        wanted = _worth_reading(database, store, group)
        received = list(tiktok_orders.detail(client, wanted)) if wanted else []
        yield Read(received, tiktok_time(client, act), group[-1].update_time, len(group))


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
    ids = [one.id for one in group]
    with database.view() as session:
        rows = session.exec(
            select(Order.order_id, Order.updated_at, Order.read_at).where(
                Order.store_id == store.id, col(Order.order_id).in_(ids)
            )
        )
        known = {
            order_id: updated_at for order_id, updated_at, read_at in rows if read_at - updated_at > SETTLED_SECONDS
        }
    return list(dict.fromkeys(one.id for one in group if one.id and known.get(one.id, -1) < one.update_time))


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
                    outcome = take_in(desk, one)
                    if outcomes.get(one.id, "same") == "same":  # it may have come twice
                        outcomes[one.id] = outcome
            _finish(desk)
    except UNUSABLE:
        return False
    for order_id, outcome in outcomes.items():
        _count(report, order_id, outcome)
    return True


def _take_or_set_aside(desk: Desk, received: tiktok_orders.Received, report: Pulled) -> None:
    """One bad order never blocks the rest."""
    if received.order is None:
        set_aside(desk, received, received.fault, report)
        return
    try:
        with desk.session.begin_nested():
            desk.load([received.id])
            outcome = take_in(desk, received)
            _finish(desk)
    except UNUSABLE as error:
        set_aside(desk, received, f"could not be stored: {type(error).__name__}", report)
        return
    _count(report, received.id, outcome)


def _finish(desk: Desk) -> None:
    """What follows from the orders that were taken in, and all of it written."""
    parcels.settle(desk)
    review(desk, list(desk.orders.values()))
    desk.write_new()
    desk.session.flush()


def _count(report: Pulled, order_id: str, outcome: str) -> None:
    if outcome == "new":
        report.new.append(order_id)
    elif outcome == "changed":
        report.changed.append(order_id)


def take_in(desk: Desk, received: tiktok_orders.Received) -> str:
    """Stores one order as TikTok sent it: `new`, `changed`, or `same`. An older answer changes nothing."""
    told = received.order
    assert told is not None
    order = desk.orders.get(told.id) or _open(desk, told)
    new = not order.content
    if (told.update_time, desk.tiktok_now) < (order.updated_at, order.read_at):
        return "same"
    before = (order.status, order.content)
    _copy_facts(desk, order, told)
    _copy_recipient(desk, order, told)
    order.sealed_raw = desk.seal.close(json.dumps(received.raw).encode(), desk.purpose(order, "raw"))
    changes = _copy_lines(desk, order, told)
    order.content = _content(desk, order, told)
    if order.released_at and before[1] != order.content:
        ask_for_decision(desk, order, changes)
    order.stage = order_stages.shown(desk.lines_of(order))
    if new:
        desk.note(order, "taken in", status=order.status)
        return "new"
    if before == (order.status, order.content):
        return "same"
    what = f"{order.status} at TikTok" if before[0] != order.status else "changed at TikTok"
    desk.note(order, what, "; ".join(changes), status=order.status)
    return "changed"


def _open(desk: Desk, told: tiktok_orders.Order) -> Order:
    """A row for an order that is not known yet; its `content` is empty until it has been taken in."""
    return desk.open_order(
        order_id=told.id,
        status=told.status,
        placed_at=told.create_time,
        updated_at=told.update_time,
        read_at=desk.tiktok_now,
    )


def _copy_facts(desk: Desk, order: Order, told: tiktok_orders.Order) -> None:
    order.status = told.status
    order.order_type = told.order_type
    order.shipping_type = told.shipping_type
    order.fulfillment_type = told.fulfillment_type
    order.delivery_option_id = told.delivery_option_id
    order.skips_hold = not told.is_on_hold_order
    order.cancel_requested = told.is_buyer_request_cancel
    order.sample = told.is_sample_order
    order.placed_at = told.create_time
    order.paid_at = told.paid_time
    order.updated_at = told.update_time
    order.read_at = desk.tiktok_now
    order.ship_by = told.ship_by


def _copy_recipient(desk: Desk, order: Order, told: tiktok_orders.Order) -> None:
    """A masked address never overwrites a clear one; but a change that we may not see makes ours stale."""
    kept = _kept_recipient(desk.seal, desk.store, order)
    before = dict(kept)
    address = told.recipient_address
    if address is not None and not address.is_masked:
        kept = {"address": address.model_dump(), "message": told.buyer_message}
        order.recipient_known = True
    elif told.has_updated_recipient_address:
        order.recipient_known = False
    if told.buyer_message:
        kept["message"] = told.buyer_message
    if kept != before:
        plain = json.dumps(kept, sort_keys=True).encode()
        order.sealed_recipient = desk.seal.close(plain, desk.purpose(order, "recipient"))


def _copy_lines(desk: Desk, order: Order, told: tiktok_orders.Order) -> list[str]:
    """Writes the lines; what changed comes back in words."""
    known = {line.line_id: line for line in desk.lines_of(order)}
    changes, aside = [], []
    for sent in told.line_items:
        line = known.get(sent.id)
        if line is None:
            line = desk.add_line(order, line_id=sent.id, sku_id=sent.sku_id)
            changes += ["a line was added"] if known else []
        elif line.sku_id != sent.sku_id:
            changes.append("a line's variant changed")
        was = line.stage
        _copy_line(line, sent, told.status)
        if line.stage == Stage.CANCELED and was in IN_WORK:
            changes.append(f"{line.seller_sku or line.sku_id} was cancelled")
        if line.stage != was == Stage.RECEIVED and line.ignored_id:  # somebody else makes it, and sends it
            aside += ["a unit that is not made here was cancelled"] if line.stage == Stage.CANCELED else []
        elif line.stage in GONE_OUT and was in OPEN and known:
            changes.append(f"{line.seller_sku or line.sku_id} was shipped outside gcw")
    return changes + (aside if any(line.stage in IN_WORK for line in known.values()) else [])


def _new_line(desk: Desk, order: Order, sent: tiktok_orders.Line) -> Line:
    assert desk.store.id is not None
    assert order.id is not None
    line = Line(store_id=desk.store.id, order_pk=order.id, line_id=sent.id, sku_id=sent.sku_id)
    desk.lines_of(order).append(line)
    return line


def _copy_line(line: Line, sent: tiktok_orders.Line, order_status: str) -> None:
    line.product_id, line.sku_id, line.seller_sku = sent.product_id, sent.sku_id, sent.seller_sku
    line.product_name, line.sku_name = sent.product_name, sent.sku_name
    line.status = sent.display_status
    line.gift = sent.is_gift
    line.personalised = sent.is_pod_customized
    line.package_id, line.tracking_number = sent.package_id, sent.tracking_number
    line.carrier = sent.shipping_provider_name
    told = STAGE_OF.get(order_status) if order_status == tiktok_orders.CANCELLED else STAGE_OF.get(sent.display_status)
    if told is None and sent.tracking_number and sent.package_id:
        told = Stage.SHIPPED
    told = told or (STAGE_OF.get(order_status) if not sent.display_status else None)
    if told is not None and told in NEXT[line.stage]:
        line.stage = told


def _content(desk: Desk, order: Order, told: tiktok_orders.Order) -> str:
    """Everything that decides what is printed and where it goes, as a keyed hash."""
    recipient = b""
    if order.sealed_recipient:
        recipient = desk.seal.open(order.sealed_recipient, desk.purpose(order, "recipient"))
    lines = sorted(
        (one.id, one.sku_id, one.is_cancelled or told.status == tiktok_orders.CANCELLED, one.pod_info_id)
        for one in told.line_items
    )
    facts = [lines, told.shipping_type, told.fulfillment_type, order.recipient_known]
    return desk.seal.mark(json.dumps(facts).encode() + recipient)


def ask_for_decision(desk: Desk, order: Order, changes: Sequence[str]) -> None:
    """Holds an order that changed after its release, where the change concerns what is or was in work."""
    found = holds.after_release(order, desk.lines_of(order), changes)
    if found is not None:
        add_hold(desk, order, found)


def add_hold(desk: Desk, order: Order, due: holds.Due) -> None:
    """One hold more; what it says is added to what it said before."""
    said = next((hold.sentence for hold in desk.holds_of(order) if hold.reason == due.reason), "")
    whole = said if due.sentence in said else f"{said} {due.sentence}".strip()
    _set_holds(desk, order, [replace(due, sentence=whole)], keep=True)


def settle(desk: Desk, order: Order) -> bool:
    """Closes an open decision; whether there was one."""
    found = [hold for hold in desk.holds_of(order) if hold.reason == HoldReason.NEEDS_DECISION]
    for hold in found:
        desk.session.delete(hold)
        desk.holds_of(order).remove(hold)
        desk.note(order, "decided", f"Settled: {hold.sentence}")
    return bool(found)


def review(desk: Desk, orders: Iterable[Order]) -> None:
    """Works out anew what holds these orders, and lets pass what nothing holds.

    A decision that is open stays open; only a person settles it.
    """
    waiting = [order for order in orders if any(line.stage in OPEN for line in desk.lines_of(order))]
    skus = {line.sku_id for order in waiting for line in desk.lines_of(order)}
    assert desk.store.id is not None
    desk.decisions |= connections.decisions(desk.session, desk.store.id, skus - set(desk.decisions))
    _decide_what_is_ignored(desk, waiting)
    for order in orders:
        lines = desk.lines_of(order)
        found = holds.due(order, lines, desk.decisions, desk.store, desk.tiktok_now)
        _set_holds(desk, order, found or _withdrawn(desk, lines))
        _let_pass(order, lines, held=bool(desk.holds_of(order)))


def _decide_what_is_ignored(desk: Desk, orders: Sequence[Order]) -> None:
    """Marks the lines that are not printed here. What was left out when its order was released stays so."""
    open_to_decide = [
        line
        for order in orders
        for line in desk.lines_of(order)
        if line.stage in order_stages.WAITING and not (order.released_at and line.ignored_id)
    ]
    ignored = ignoring.of_lines(desk.session, desk.store.id or 0, open_to_decide, desk.decisions)
    for line in open_to_decide:
        if line.ignored_id != ignored.get(line.line_id):
            line.ignored_id = ignored.get(line.line_id)


def _withdrawn(desk: Desk, lines: Sequence[Line]) -> list[holds.Due]:
    """A hold for each product UID that the customer may no longer order, or that needs more designs than it has
    since its model was changed, and for each design that was made print-ready for a print area as it no longer
    is; asked of orders that would pass."""
    waiting = {line.sku_id for line in lines if line.stage in OPEN and line.ignored_id is None}
    decided = {sku: desk.decisions[sku] for sku in sorted(waiting) if sku in desk.decisions}
    printed = {(one.product_uid, tuple(sorted(one.designs))) for one in decided.values()}
    for uid, areas in printed - set(desk.refusals):
        try:
            offer.must_be_filled(offer.require_uid(desk.session, uid, desk.store.customer_id), areas)
            desk.refusals[uid, areas] = None
        except BadInput as error:
            desk.refusals[uid, areas] = error
    refused = [found for one in sorted(printed) if (found := desk.refusals[one])]
    for sku, decision in decided.items():
        if decision.connection_id not in desk.misfits:
            found = fitting.refusal(desk.session, desk.store, sku, decision)
            desk.misfits[decision.connection_id] = found
        refused += filter(None, [desk.misfits[decision.connection_id]])
    return [holds.Due(HoldReason.DESIGN_PROBLEM, str(one), one.hint) for one in refused]


def _let_pass(order: Order, lines: Sequence[Line], *, held: bool) -> None:
    ready = not held and order.status in holds.TO_MAKE and order.fulfillment_type in holds.OURS
    for line in lines:
        to = Stage.PASSED if ready and line.ignored_id is None else Stage.RECEIVED
        # What failed stays so: only a person may have it made again.
        if line.stage != Stage.FAILED and line.stage in OPEN and to in NEXT[line.stage]:
            line.stage = to
    order.stage = order_stages.shown(lines)


def _set_holds(desk: Desk, order: Order, found: Sequence[holds.Due], *, keep: bool = False) -> None:
    """Makes the stored holds equal to `found`; a hold that stays keeps its beginning."""
    wanted: dict[HoldReason, list[holds.Due]] = {}
    for one in found:
        wanted.setdefault(one.reason, []).append(one)
    here = {hold.reason: hold for hold in desk.holds_of(order)}
    for reason, hold in here.items():
        lasting = reason == HoldReason.NEEDS_DECISION
        if reason not in wanted and not keep and not lasting:
            desk.session.delete(hold)
            desk.holds_of(order).remove(hold)
    for reason, dues in wanted.items():
        if reason not in here:
            here[reason] = desk.add_hold(order, reason=reason, sentence="")
        hold = here[reason]
        hold.sentence = " ".join(one.sentence for one in dues)
        hold.command = dues[0].command


def set_aside(desk: Desk, received: tiktok_orders.Received, reason: str, report: Pulled) -> None:
    """Keeps what could not be taken in, with its raw answer, for the next pull to try."""
    assert desk.store.id is not None
    query = select(SetAside).where(SetAside.store_id == desk.store.id, SetAside.order_id == received.id)
    row = desk.session.exec(query).first()
    if row is None:
        row = SetAside(store_id=desk.store.id, order_id=received.id, reason=reason, since=desk.act.now, tries=0)
    row.reason, row.tries = reason, row.tries + 1
    raw = json.dumps(received.raw).encode()
    row.sealed_raw = desk.seal.close(raw, f"set aside {desk.store.shop_id}/{received.id}")
    desk.session.add(row)
    desk.session.flush()
    report.set_aside[received.id] = reason


def _forget_set_aside(session: Session, store: Store, taken: Sequence[str]) -> None:
    session.exec(delete(SetAside).where(col(SetAside.store_id) == store.id, col(SetAside.order_id).in_(taken)))


def _try_again(database: Database, client: Client, seal: Seal, store: Store, act: Act, report: Pulled) -> None:
    """Asks once more for the orders that an earlier pull set aside."""
    with database.view() as session:
        waiting = session.exec(select(SetAside.order_id).where(SetAside.store_id == store.id)).all()
    ids = [order_id for order_id in waiting if order_id not in report.set_aside]
    if ids:
        received = list(tiktok_orders.detail(client, ids))
        _store(database, seal, store, act, [Read(received, tiktok_time(client, act))], report)


def _close(database: Database, seal: Seal, store: Store, act: Act, client: Client, report: Pulled, known: int) -> None:
    """Looks again at everything that waits: time and connections may have lifted a hold."""
    review_open(database, seal, store, act, tiktok_time(client, act), known)
    with database.session() as session:
        fresh = session.get_one(Store, store.id)
        fresh.pulled_at = act.now
        session.add(fresh)
    with database.view() as session:
        mine = select(func.count(func.distinct(Order.id))).where(Order.store_id == store.id)
        report.passed = session.exec(mine.where(Order.stage == Stage.PASSED)).one()
        report.held = session.exec(mine.join(Hold, col(Hold.order_pk) == Order.id)).one()


def review_open(
    database: Database, seal: Seal, store: Store, act: Act, tiktok_now: int, newest: int | None = None
) -> None:
    """Works out the holds of all orders of a store that are not released, in groups; those up to the key `newest`
    where it is given."""
    waiting = select(Order.order_id).where(Order.store_id == store.id, col(Order.stage).in_(OPEN))
    if newest is not None:
        waiting = waiting.where(col(Order.id) <= newest)
    with database.view() as session:
        ids = session.exec(waiting.order_by(col(Order.id))).all()
    for start in range(0, len(ids), 500):
        with database.session() as session:
            desk = Desk(session, session.get_one(Store, store.id), seal, act, tiktok_now)
            desk.load(ids[start : start + 500])
            review(desk, list(desk.orders.values()))


def tiktok_time(client: Client, act: Act) -> int:
    """TikTok's own clock at its newest answer; before the first one, this machine's."""
    return int(client.server_time or act.now)


def recipient(seal: Seal, store: Store, order: Order) -> dict[str, object]:
    """The unsealed recipient: the buyer's `message`, and the `address` as TikTok sent it unless it is stale."""
    kept = _kept_recipient(seal, store, order)
    return kept if order.recipient_known else {"message": kept.get("message", "")}


def _kept_recipient(seal: Seal, store: Store, order: Order) -> dict[str, object]:
    if order.sealed_recipient is None:
        return {}
    plain = seal.open(order.sealed_recipient, f"recipient {store.shop_id}/{order.order_id}")
    found: dict[str, object] = json.loads(plain)
    return found
