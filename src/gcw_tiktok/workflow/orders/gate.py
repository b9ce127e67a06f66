"""The print gate: reserves an order, reads it from TikTok once more, and only then hands it over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import or_
from sqlmodel import Session, col, select, update

from gcw_tiktok.errors import GcwError, Refused, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import NEXT, Customer, Facility, Hold, Line, Order, OrderKind, OutboxEntry, Stage, Store
from gcw_tiktok.store.tables.stages import OPEN
from gcw_tiktok.tiktok import orders as tiktok_orders
from gcw_tiktok.tiktok import returns
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow import alive, history, outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import claims, elsewhere, groups, holds, kinds, reviewing, stages, taking, wishes
from gcw_tiktok.workflow.orders.changes import Change
from gcw_tiktok.workflow.orders.desk import Desk, tiktok_time
from gcw_tiktok.workflow.production import carriers, handoff, stopping, units
from gcw_tiktok.workflow.production.carriers import Carrier, Opener, Placed
from gcw_tiktok.workflow.production.handoff import Released

AT_A_TIME = 10
"""Orders that one process reserves and reads at once: so few that what was read is fresh when it is handed over, and
that other processes find work."""
RESERVED_SECONDS = 300
"""After this a reservation of another machine is free: its process was killed, or gives up when it finds out."""
RELEASED, SETTLED, HELD, FAILED = "released", "settled", "held", "failed"


CHANGED = "It changed at TikTok since it was last read; it is up to date now."


@dataclass(frozen=True)
class Outcome:
    """What became of one order at the gate."""

    order_id: str
    result: str
    why: str = ""
    folder: str = ""
    command: str = ""
    error: GcwError | None = None
    """Why it failed."""


@dataclass(frozen=True)
class Spot:
    """Where an order is to be handed over, and what an earlier run that was killed may have done of it."""

    carrier: Carrier
    reference: str
    key: str
    earlier: OutboxEntry | None
    unsure: bool = False
    """Nobody can tell what the earlier run did."""

    @property
    def doubt(self) -> str:
        """What a person has to look at, where that is so."""
        return f"It may have been handed over as {self.reference}: look for it in production." if self.unsure else ""


class Gate:
    """What the print gate needs at hand, and its three steps: reserve, read again, hand over."""

    def __init__(
        self,
        database: Database,
        client: Client,
        seal: Seal,
        store: Store,
        act: Act,
        designs: Path,
        running: Path,
        holder: str,
        open_carrier: Opener,
        tests: Path | None = None,
    ) -> None:
        self._database = database
        self._client = client
        self._seal = seal
        self._store = store
        self._act = act
        self._designs = designs
        self._running = running
        self._holder = holder
        self._open_carrier = open_carrier
        self._tests = tests

    def pass_through(self, ids: Sequence[str], *, named: bool) -> list[Outcome]:
        """A few orders. What another process has in hand or has handed over is its business, unless it was named."""
        reserved = self._reserve(ids, named=named)
        busy = [failed(order_id, _busy(order_id)) for order_id in ids if named and order_id not in reserved]
        try:
            read = wishes.with_wishes(self._client, tiktok_orders.detail(self._client, reserved))
            received = {one.id: one for one in read}
            found = returns.search_cancellations(self._client, order_ids=reserved) if reserved else ()
            asked = {one.order_id for one in found if one.is_pending}
            return [self._one(received[order_id], order_id in asked) for order_id in reserved] + busy
        finally:
            self._let_go(reserved)

    def _reserve(self, ids: Sequence[str], *, named: bool) -> list[str]:
        """Those of the orders that no other living process has in hand; without names, of those still to be made."""
        now = int(self._client.now())
        query = select(Order.order_id, Order.reserved_by, Order.reserved_until)
        query = query.where(Order.store_id == self._store.id, col(Order.order_id).in_(ids))
        if not named:
            query = query.where(or_(col(Order.stage).in_(OPEN), col(Order.id).in_(outbox.begun(outbox.HAND_OFF))))
        with self._database.session() as session:
            free = {
                order_id
                for order_id, holder, until in session.exec(
                    query.order_by(col(Order.id)).with_for_update(key_share=True)
                )
                if holder is None or until <= now or alive.ended(self._running, holder)
            }
            mine = (col(Order.store_id) == self._store.id, col(Order.order_id).in_(free))
            values = {"reserved_by": self._holder, "reserved_until": now + RESERVED_SECONDS}
            session.exec(update(Order).where(*mine).values(**values))
        return [order_id for order_id in ids if order_id in free]

    def _let_go(self, reserved: Sequence[str]) -> None:
        mine = (col(Order.store_id) == self._store.id, col(Order.order_id).in_(reserved))
        with self._database.session() as session:
            query = select(Order.id).where(*mine, Order.reserved_by == self._holder).order_by(col(Order.id))
            held = session.exec(query.with_for_update(key_share=True)).all()
            session.exec(update(Order).where(col(Order.id).in_(held)).values(reserved_by=None))

    def _one(self, received: tiktok_orders.Received, asked_to_cancel: bool) -> Outcome:
        try:
            spot = self._spot(received.id)
            try:
                if spot.earlier and (done := self._recall(received.id, spot, spot.earlier)):
                    return done
            except carriers.CannotTell:
                spot = replace(spot, unsure=True)
            return self._hand_over(received, asked_to_cancel, spot)
        except GcwError as error:
            return failed(received.id, error)

    def _spot(self, order_id: str) -> Spot:
        with self._database.view() as session:
            store = session.get_one(Store, self._store.id)
            facility = session.get_one(Facility, store.facility_id)
            query = select(Order.id).where(Order.store_id == store.id, Order.order_id == order_id)
            order_pk = session.exec(query).one() or 0
            time = outbox.times_done(session, outbox.HAND_OFF, order_pk) + 1
            earlier = outbox.pending(session, outbox.HAND_OFF, [order_pk]).get(order_pk)
        return Spot(
            carrier=self._open_carrier(earlier.payload["folder"] if earlier else self._where(facility)),
            reference=handoff.reference(order_id, time),
            key=f"hand-off/{store.shop_id}/{order_id}" + (f"/{time}" if time > 1 else ""),
            earlier=earlier,
        )

    def _where(self, facility: Facility) -> str:
        return facility.hand_off if self._tests is None else f"folder:{self._tests}"

    def _recall(self, order_id: str, spot: Spot, entry: OutboxEntry) -> Outcome | None:
        """The outcome, when the run that was killed had handed the order over before it could note it."""
        found = spot.carrier.earlier(spot.reference, spot.key, entry.payload["aside"])
        if found is None:
            return None
        self._confirm(order_id, entry, found)
        spot.carrier.sweep(spot.reference)
        return Outcome(order_id, RELEASED, folder=found.folder)

    def _hand_over(self, received: tiktok_orders.Received, asked: bool, spot: Spot) -> Outcome:
        """No transaction is open while the carrier is at work."""
        aside = spot.carrier.begin(spot.reference)
        try:
            with self._database.session() as session:
                desk = self._desk(session, received.id)
                refusal = self._refusal(desk, received, asked)
                if refusal is None:
                    entry, released = self._compose(desk, received, spot, aside)
                elif spot.earlier:
                    outbox.void(session, session.get_one(OutboxEntry, spot.earlier.id), refusal.why)
                    _ask(desk, received.id, spot.doubt)
            if refusal:
                spot.carrier.sweep(spot.reference)
                return refusal
            placed = spot.carrier.place(aside, released)
        except GcwError as error:
            self._give_up(received.id, spot, aside, error)
            raise
        self._confirm(received.id, entry, placed)
        return Outcome(received.id, RELEASED, why=placed.doubt, folder=placed.folder)

    def _desk(self, session: Session, order_id: str) -> Desk:
        now = tiktok_time(self._client, self._act)
        desk = Desk(session, session.get_one(Store, self._store.id), self._seal, self._act, now)
        desk.load([order_id])
        return desk

    def _refusal(self, desk: Desk, received: tiktok_orders.Received, asked: bool) -> Outcome | None:
        """Why the order stays, as TikTok shows it now; None when it may go."""
        order = desk.orders[received.id]
        if order.reserved_by != self._holder:
            raise _busy(order.order_id)
        if order.test != (self._tests is not None):
            order.reserved_by = None
            return not_here(desk.session, order)
        if received.order is None:
            return Outcome(order.order_id, HELD, f"TikTok's answer cannot be used: {received.fault}.")
        seen = order.content
        taking.take_in(desk, received)
        order.cancel_requested = order.cancel_requested or asked
        reviewing.review(desk, [order])
        if order.stage != Stage.PASSED:
            order.reserved_by = None
            return held(desk.session, order)
        if under_way := claims.why_not(desk.session, order):
            return Outcome(order.order_id, HELD, under_way, command="gcw orders pull")
        if wishes.unread(received) & {line.line_id for line in desk.lines_of(order) if line.stage == Stage.PASSED}:
            why = "TikTok did not show once more what the buyer personalised."
            order.reserved_by = None
            return Outcome(order.order_id, HELD, why, command=f"gcw orders release {order.order_id}")
        if order.content != seen:
            return Outcome(order.order_id, HELD, CHANGED, command=f"gcw orders release {order.order_id}")
        return None

    def _compose(
        self, desk: Desk, received: tiktok_orders.Received, spot: Spot, aside: str
    ) -> tuple[OutboxEntry, Released]:
        """The order as production needs it, from what was decided and pinned; written down as to be done."""
        order = desk.orders[received.id]
        lines = {
            line.line_id: desk.decisions[line.sku_id].connection_id
            for line in desk.lines_of(order)
            if line.stage == Stage.PASSED
        }
        facility = desk.session.get_one(Facility, desk.store.facility_id)
        customer = desk.session.get_one(Customer, desk.store.customer_id)
        currency = received.order.payment.currency if received.order else ""
        known = taking.recipient(desk.seal, desk.store, order)
        released = Released(
            key=spot.key,
            order_id=order.order_id,
            store=desk.store.name,
            customer=customer.name,
            facility=facility.name,
            currency=currency or "USD",
            ship_by=order.ship_by,
            address=handoff.shipping_address(known.get("address")) if order.shipping_type != holds.TIKTOK else {},
            message=str(known.get("message", "")),
            units=units.of_lines(
                desk.session,
                desk.store.customer_id,
                desk.lines_of(order),
                lines,
                self._designs,
                wishes.of_order(desk.seal, desk.store, order),
            ),
            reference=spot.reference,
            customer_reference=customer.reference or "",
            kind="" if order.kind == OrderKind.NORMAL else order.kind.value,
            replaces=order.replaces,
            travels_with=groups.sharing(desk, order),
            by_tiktok=order.shipping_type == holds.TIKTOK,
        )
        payload = {"lines": lines, "folder": spot.carrier.where, "aside": aside, "content": order.content}
        return outbox.write(desk.session, spot.key, outbox.HAND_OFF, order, payload, self._act.now), released

    def _give_up(self, order_id: str, spot: Spot, aside: str, error: GcwError) -> None:
        """First noted, then removed: a place aside that is gone means that the order was handed over."""
        with self._database.session() as session:
            desk = self._desk(session, order_id)
            entry = outbox.find(session, spot.key)
            if entry and entry.state == outbox.WRITTEN and entry.payload["aside"] == aside:
                if isinstance(error, carriers.Unsure):
                    outbox.failed(session, entry, str(error))
                else:
                    outbox.void(session, entry, str(error))
                    refused = str(error) if isinstance(error, Refused) else ""
                    _ask(desk, order_id, f"{spot.doubt} {refused}".strip())
            keep = entry.payload["aside"] if entry and entry.state == outbox.WRITTEN else ""
        spot.carrier.sweep(spot.reference, keep)

    def _confirm(self, order_id: str, entry: OutboxEntry, placed: Placed) -> None:
        with self._database.session() as session:
            desk = self._desk(session, order_id)
            order, fresh = desk.orders[order_id], session.get_one(OutboxEntry, entry.id)
            if fresh.state == outbox.DONE:
                return
            for line in desk.lines_of(order):
                if line.line_id in fresh.payload["lines"]:
                    line.connection_id, line.ignored_id = fresh.payload["lines"][line.line_id], None
                    for step in (Stage.PASSED, Stage.CREATED):  # it had passed, whatever was found since
                        line.stage = step if step in NEXT[line.stage] else line.stage
                    session.add(line)
            order.released_at, order.reserved_by = self._act.now, None
            order.stage = stages.shown(desk.lines_of(order))
            session.add(order)
            outbox.done(session, fresh, self._act.now, dict(placed.answer))
            history.record(session, self._act, f"order:{order_id}", "handed over", placed.doubt, **placed.answer)
            reviewing.review(desk, [order])
            if placed.doubt:
                doubt = holds.decision(order, placed.doubt, f"gcw orders decide {order.order_id}")
                reviewing.add_hold(desk, order, doubt)
            elsewhere.notice(desk, order, elsewhere.given(fresh.payload["lines"]))
            if order.content != fresh.payload["content"]:
                reviewing.ask_for_decision(desk, order, [Change("order", "it changed at TikTok")])
                stopping.note(desk, order)


def _ask(desk: Desk, order_id: str, sentence: str) -> None:
    """Holds an order until a person has looked."""
    if sentence:
        order = desk.orders[order_id]
        reviewing.add_hold(desk, order, holds.decision(order, sentence))
        reviewing.review(desk, [order])


def _busy(order_id: str) -> TryAgain:
    return TryAgain("Another gcw has it in hand.", f"gcw orders show {order_id}")


def failed(order_id: str, error: GcwError) -> Outcome:
    return Outcome(order_id, FAILED, str(error), command=error.hint, error=error)


def not_here(session: Session, order: Order) -> Outcome:
    """A test order where others are handed over, or the other way round."""
    store = session.get_one(Store, order.store_id).name
    why = "It is a test order, which production is never given." if order.test else "It is no test order."
    return Outcome(order.order_id, HELD, why, command=f'gcw orders test "{store}"' if order.test else "")


def held(session: Session, order: Order) -> Outcome:
    """An order that stays, with its reasons and the command that lifts the first of them."""
    if order.stage not in OPEN:
        return Outcome(order.order_id, HELD, f"It is {order.stage} already.")
    if order.kind == OrderKind.FULFILLED_BY_TIKTOK:
        return Outcome(order.order_id, HELD, kinds.NOT_OURS, command=f"gcw orders show {order.order_id}")
    if stages.is_ignored(session.exec(select(Line).where(Line.order_pk == order.id)).all()):
        why = "Everything in it is ignored, so nothing of it is made here."
        return Outcome(order.order_id, HELD, why, command=f"gcw orders show {order.order_id}")
    rows = session.exec(select(Hold).where(Hold.order_pk == order.id).order_by(col(Hold.id))).all()
    why = " ".join(row.sentence for row in rows) or f"TikTok says {order.status}."
    return Outcome(order.order_id, HELD, why, command=rows[0].command if rows else "")
