"""The print gate: reserves an order, reads it from TikTok once more, and only then hands it over."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import or_
from sqlmodel import Session, col, select, update

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import NEXT, Customer, Facility, Hold, Order, OutboxEntry, Stage, Store
from gcw_tiktok.store.tables.stages import OPEN, least_advanced
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.tiktok import returns
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow import handoff, history, holds, intake, outbox, units
from gcw_tiktok.workflow.desk import Desk
from gcw_tiktok.workflow.handoff import Released
from gcw_tiktok.workflow.history import Act

RESERVED_SECONDS = 300
"""After this a reservation whose process was killed is free again; everything under it can be redone."""
RELEASED, HELD, FAILED = "released", "held", "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of one order at the gate."""

    order_id: str
    result: str
    why: str = ""
    folder: str = ""
    command: str = ""


def release(
    database: Database,
    client: Client,
    seal: Seal,
    store: Store,
    act: Act,
    designs: Path,
    *,
    only: Sequence[str] = (),
    anyway: bool = False,
) -> list[Outcome]:
    """Hands over every order of the store that nothing holds, or those in `only`.

    `anyway` lifts the `manual` holds of orders that are named. One order's failure does not stop the others.
    """
    if anyway and only:
        _approve(database, store, act, only)
    intake.review_open(database, seal, store, act, int(client.server_time or act.now))
    ready, outcomes = _candidates(database, store, only)
    gate = Gate(database, client, seal, store, act, designs)
    for start in range(0, len(ready), intake.GROUP):
        outcomes += gate.pass_through(ready[start : start + intake.GROUP])
    return outcomes


class Gate:
    """What the print gate needs at hand, and its three steps: reserve, read again, hand over."""

    def __init__(self, database: Database, client: Client, seal: Seal, store: Store, act: Act, designs: Path) -> None:
        self._database = database
        self._client = client
        self._seal = seal
        self._store = store
        self._act = act
        self._designs = designs
        self._holder = uuid.uuid4().hex

    def pass_through(self, ids: Sequence[str]) -> list[Outcome]:
        """Up to 50 orders."""
        reserved = self._reserve(ids)
        try:
            received = {one.id: one for one in tiktok_orders.detail(self._client, reserved)}
            found = returns.search_cancellations(self._client, order_ids=reserved) if reserved else ()
            asked = {one.order_id for one in found if one.is_pending}
            return [self._one(received[order_id], order_id in asked) for order_id in reserved]
        finally:
            self._let_go()

    def _reserve(self, ids: Sequence[str]) -> list[str]:
        """Those of the orders that no other process has in hand."""
        free = or_(col(Order.reserved_by).is_(None), col(Order.reserved_until) <= self._act.now)
        taken = []
        with self._database.session() as session:
            for order_id in ids:
                mine = (col(Order.store_id) == self._store.id, col(Order.order_id) == order_id, free)
                until = self._act.now + RESERVED_SECONDS
                claim = update(Order).where(*mine).values(reserved_by=self._holder, reserved_until=until)
                if session.exec(claim).rowcount == 1:
                    taken.append(order_id)
        return taken

    def _let_go(self) -> None:
        with self._database.session() as session:
            session.exec(update(Order).where(col(Order.reserved_by) == self._holder).values(reserved_by=None))

    def _one(self, received: tiktok_orders.Received, asked_to_cancel: bool) -> Outcome:
        try:
            with self._database.session() as session:
                desk = Desk(session, session.get_one(Store, self._store.id), self._seal, self._act, self._tiktok_now)
                desk.load([received.id])
                decided = self._decide(desk, received, asked_to_cancel)
                if isinstance(decided, Outcome):
                    return decided
                order, folder, ticket = self._compose(desk, received, decided)
            where = handoff.place(folder, order, ticket)
            self._confirm(received.id, decided, where)
        except GcwError as error:
            return Outcome(received.id, FAILED, str(error), command=error.hint)
        return Outcome(received.id, RELEASED, folder=str(where))

    def _decide(self, desk: Desk, received: tiktok_orders.Received, asked: bool) -> OutboxEntry | Outcome:
        """The effect to carry out, written down; or why there is none."""
        order = desk.orders[received.id]
        seen = order.content
        entry = outbox.pending(desk.session, outbox.HAND_OFF, [order.id or 0]).get(order.id or 0)
        if entry and handoff.placed(Path(entry.payload["folder"]), f"TTS-{order.order_id}", entry.key):
            return entry  # it happened before gcw could note it
        if received.order is None:
            return Outcome(order.order_id, HELD, f"TikTok's answer cannot be used: {received.fault}.")
        intake.take_in(desk, received)
        order.cancel_requested = order.cancel_requested or asked
        intake.review(desk, [order])
        outcome = self._refusal(desk, order, changed=order.content != seen)
        if outcome:
            if entry:
                outbox.void(desk.session, entry, outcome.why)
            return outcome
        lines = {
            line.line_id: desk.decisions[line.sku_id].connection_id
            for line in desk.lines_of(order)
            if line.stage == Stage.PASSED
        }
        facility = desk.session.get_one(Facility, desk.store.facility_id)
        payload = {"lines": lines, "folder": facility.hand_off.removeprefix("folder:")}
        key = f"hand-off/{desk.store.shop_id}/{order.order_id}"
        return outbox.write(desk.session, key, outbox.HAND_OFF, order, payload, self._act.now)

    def _refusal(self, desk: Desk, order: Order, *, changed: bool) -> Outcome | None:
        if order.stage != Stage.PASSED:
            return held(desk.session, order)
        if changed:
            why = "It changed at TikTok since it was last read; it is up to date now."
            return Outcome(order.order_id, HELD, why, command=f"gcw orders release {order.order_id}")
        return None

    def _compose(
        self, desk: Desk, received: tiktok_orders.Received, entry: OutboxEntry
    ) -> tuple[Released, Path, bytes]:
        """The order as production needs it, from what was decided and pinned."""
        order = desk.orders[received.id]
        facility = desk.session.get_one(Facility, desk.store.facility_id)
        customer = desk.session.get_one(Customer, desk.store.customer_id)
        currency = received.order.payment.currency if received.order else ""
        known = intake.recipient(desk.seal, desk.store, order) if order.shipping_type != holds.TIKTOK else {}
        released = Released(
            key=entry.key,
            order_id=order.order_id,
            store=desk.store.name,
            customer=customer.name,
            facility=facility.name,
            currency=currency or "USD",
            ship_by=order.ship_by,
            address=handoff.shipping_address(known.get("address")),
            message=str(known.get("message", "")),
            units=units.of_lines(
                desk.session, desk.store.customer_id, desk.lines_of(order), entry.payload["lines"], self._designs
            ),
        )
        return released, Path(entry.payload["folder"]), units.ticket(released)

    def _confirm(self, order_id: str, entry: OutboxEntry, where: Path) -> None:
        with self._database.session() as session:
            store = session.get_one(Store, self._store.id)
            desk = Desk(session, store, self._seal, self._act, self._tiktok_now)
            desk.load([order_id])
            order = desk.orders[order_id]
            for line in desk.lines_of(order):
                if line.line_id in entry.payload["lines"]:
                    line.connection_id = entry.payload["lines"][line.line_id]
                    if Stage.CREATED in NEXT[line.stage]:
                        line.stage = Stage.CREATED
                    session.add(line)
            order.released_at = self._act.now
            order.stage = least_advanced([line.stage for line in desk.lines_of(order)])
            session.add(order)
            outbox.done(session, session.get_one(OutboxEntry, entry.id), self._act.now, {"folder": str(where)})
            history.record(session, self._act, f"order:{order_id}", "handed over", folder=str(where))

    @property
    def _tiktok_now(self) -> int:
        return int(self._client.server_time or self._act.now)


def _approve(database: Database, store: Store, act: Act, ids: Sequence[str]) -> None:
    with database.session() as session:
        for order in session.exec(select(Order).where(Order.store_id == store.id, col(Order.order_id).in_(ids))):
            if not order.approved:
                order.approved = True
                session.add(order)
                history.record(session, act, f"order:{order.order_id}", "approved by hand")


def _candidates(database: Database, store: Store, only: Sequence[str]) -> tuple[list[str], list[Outcome]]:
    """The orders for the gate, oldest ship-by first; and why those that were named cannot go there."""
    with database.view() as session:
        unsure = select(OutboxEntry.order_pk).where(
            OutboxEntry.kind == outbox.HAND_OFF, OutboxEntry.state == outbox.WRITTEN
        )
        query = select(Order).where(Order.store_id == store.id)
        if only:
            query = query.where(col(Order.order_id).in_(only))
        gate = query.where(or_(col(Order.stage) == Stage.PASSED, col(Order.id).in_(unsure)))
        ready = [order.order_id for order in session.exec(gate.order_by(col(Order.ship_by), col(Order.id)))]
        named = session.exec(query).all() if only else []
        return ready, [held(session, order) for order in named if order.order_id not in ready]


def held(session: Session, order: Order) -> Outcome:
    """An order that stays, with its reasons and the command that lifts the first of them."""
    if order.stage not in OPEN:
        return Outcome(order.order_id, HELD, f"It is {order.stage} already.")
    rows = session.exec(select(Hold).where(Hold.order_pk == order.id).order_by(col(Hold.id))).all()
    why = " ".join(row.sentence for row in rows) or f"TikTok says {order.status}."
    return Outcome(order.order_id, HELD, why, command=rows[0].command if rows else "")
