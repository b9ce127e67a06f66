"""Works out what holds orders, and lets pass what nothing holds."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlmodel import col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import NEXT, HoldReason, IgnoreScope, Line, Order, OrderKind, SamplePolicy, Stage, Store
from gcw_tiktok.store.tables.stages import OPEN
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections, fitting, ignoring
from gcw_tiktok.workflow.orders import groups, holds, stages, wishes
from gcw_tiktok.workflow.orders.changes import Change
from gcw_tiktok.workflow.orders.desk import Desk

DECIDED = "decided"
"""What the history says of a decision; its data tells which."""
PORTION = 500
"""Orders that are looked at in one transaction."""


def ask_for_decision(desk: Desk, order: Order, changes: Sequence[Change]) -> None:
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
    """Closes an open decision by letting the order go on as it is; whether there was one."""
    question = close_decision(desk, order)
    if question:
        desk.note(order, DECIDED, f"Settled: {question}", decision="continue")
    return bool(question)


def close_decision(desk: Desk, order: Order) -> str:
    """Ends an open decision; what was to be decided."""
    found = [hold for hold in desk.holds_of(order) if hold.reason == HoldReason.NEEDS_DECISION]
    for hold in found:
        desk.session.delete(hold)
        desk.holds_of(order).remove(hold)
    return " ".join(hold.sentence for hold in found)


def review(desk: Desk, orders: Iterable[Order]) -> None:
    """Works out anew what holds these orders, and lets pass what nothing holds.

    A decision that is open stays open; only a person settles it.
    """
    waiting = [order for order in orders if any(line.stage in OPEN for line in desk.lines_of(order))]
    skus = {line.sku_id for order in waiting for line in desk.lines_of(order)}
    assert desk.store.id is not None
    desk.decisions |= connections.decisions(desk.session, desk.store.id, skus - set(desk.decisions))
    _decide_what_is_ignored(desk, waiting)
    wished, grouped = wishes.look_up(desk, waiting), groups.on_desk(desk, waiting)
    for order in orders:
        lines = desk.lines_of(order)
        known = wished.get(order.order_id, holds.NOTHING_WISHED)
        labelled = order.shipping_type != holds.TIKTOK or desk.takes_labels  # asked only where it matters
        found = holds.due(order, lines, desk.decisions, desk.store, desk.tiktok_now, known, takes_labels=labelled)
        found += groups.due(order, lines, desk.store, desk.tiktok_now, grouped)
        _set_holds(desk, order, found or _withdrawn(desk, lines))
        _let_pass(order, lines, held=bool(desk.holds_of(order)))


def _decide_what_is_ignored(desk: Desk, orders: Sequence[Order]) -> None:
    """Marks the lines that are not printed here. What was left out when its order was released stays so."""
    open_to_decide = [
        line
        for order in orders
        for line in desk.lines_of(order)
        if line.stage in stages.WAITING and not (order.released_at and line.ignored_id)
    ]
    ignored = ignoring.of_lines(desk.session, desk.store.id or 0, open_to_decide, desk.decisions)
    ignored = _samples_left_out(desk, orders) | ignored
    for line in open_to_decide:
        if line.ignored_id != ignored.get(line.line_id):
            line.ignored_id = ignored.get(line.line_id)


def _samples_left_out(desk: Desk, orders: Sequence[Order]) -> dict[str, int]:
    """By line id, the rule by which a sample is not made here, unless somebody released this one all the same."""
    left_out = [order for order in orders if order.kind == OrderKind.SAMPLE and not order.approved]
    if desk.store.samples != SamplePolicy.IGNORE or not left_out:
        return {}
    rules = ignoring.current(desk.session, desk.store.id or 0, [(IgnoreScope.SAMPLES, desk.store.shop_id)])
    return {line.line_id: rule.id or 0 for rule in rules.values() for one in left_out for line in desk.lines_of(one)}


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
    order.stage = stages.shown(lines)


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
            desk.note(order, holds.LIFTED, hold.sentence, reason=reason.value, since=hold.since)
    for reason, dues in wanted.items():
        if reason not in here:
            here[reason] = desk.add_hold(order, reason=reason, sentence="")
        hold = here[reason]
        hold.sentence = " ".join(one.sentence for one in dues)
        hold.command = dues[0].command


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
    for start in range(0, len(ids), PORTION):
        with database.session() as session:
            desk = Desk(session, session.get_one(Store, store.id), seal, act, tiktok_now)
            desk.load(ids[start : start + PORTION])
            review(desk, list(desk.orders.values()))
