"""One unit of work on a store's orders."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Event, Facility, Hold, Line, Order, Store
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.workflow import drafts, history
from gcw_tiktok.workflow.drafts import draft
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings.connections import Decision

Part = TypeVar("Part", Line, Hold)
CONNECTOR = "gelatoconnect:"
"""How a hand-off begins that is no folder."""


class Desk:
    """What is known of some orders, loaded with few queries, and the means to work on them."""

    def __init__(self, session: Session, store: Store, seal: Seal, act: Act, tiktok_now: int) -> None:
        self.session = session
        self.store = store
        self.seal = seal
        self.act = act
        self.tiktok_now = tiktok_now
        self.orders: dict[str, Order] = {}
        self._lines: dict[str, list[Line]] = {}
        self._holds: dict[str, list[Hold]] = {}
        self._new: dict[str, Order] = {}
        """Orders that the database does not hold yet: drafts, as their lines and holds are."""
        self._news: list[Event] = []
        self.decisions: dict[str, Decision] = {}
        self.refusals: dict[tuple[str, tuple[str, ...]], BadInput | None] = {}
        """By product UID and filled print areas: why that cannot be printed for the customer; None where it can."""
        self.misfits: dict[int, BadInput | None] = {}
        """By connection: why its print-ready files cannot be used any more; None where they can."""
        self.alarms: dict[str, str] = {}
        """By order id: what somebody else wrote at TikTok about what is made here."""

    def load(self, order_ids: Sequence[str]) -> None:
        """Brings these orders to the desk; a row that another process holds is waited for."""
        wanted = select(Order).where(Order.store_id == self.store.id, col(Order.order_id).in_(order_ids))
        for order in self.session.exec(wanted.order_by(col(Order.id)).with_for_update(key_share=True)):
            self.put(order)
        self._load_parts()

    def put(self, order: Order) -> None:
        self.orders[order.order_id] = order
        self._lines.setdefault(order.order_id, [])
        self._holds.setdefault(order.order_id, [])

    def _load_parts(self) -> None:
        known = self.known
        if not known:
            return
        for line in self.session.exec(select(Line).where(col(Line.order_pk).in_(known)).order_by(col(Line.id))):
            lines = self.lines_of(known[line.order_pk])
            if line not in lines:
                lines.append(line)
        for hold in self.session.exec(select(Hold).where(col(Hold.order_pk).in_(known))):
            holds = self.holds_of(known[hold.order_pk])
            if hold not in holds:
                holds.append(hold)

    @property
    def known(self) -> dict[int, Order]:
        """The orders that the database holds, by their key in it."""
        return {order.id: order for order in self.orders.values() if order.id is not None}

    def lines_of(self, order: Order) -> list[Line]:
        return self._lines[order.order_id]

    def holds_of(self, order: Order) -> list[Hold]:
        return self._holds[order.order_id]

    def open_order(self, **values: Any) -> Order:
        """An order that is new to us."""
        order = draft(Order, store_id=self.store.id, **values)
        self._new[order.order_id] = order
        self.put(order)
        return order

    def add_line(self, order: Order, **values: Any) -> Line:
        """A line more of an order."""
        line = self._row(order, Line, store_id=self.store.id, **values)
        self.lines_of(order).append(line)
        return line

    def add_hold(self, order: Order, **values: Any) -> Hold:
        """A hold more on an order."""
        hold = self._row(order, Hold, since=self.act.now, **values)
        self.holds_of(order).append(hold)
        return hold

    def note(self, order: Order, what: str, why: str = "", **data: Any) -> None:
        """Adds to the order's history."""
        subject = f"order:{order.order_id}"
        if order.order_id in self._new:
            self._news.append(history.event(self.act, subject, what, why, **data))
        else:
            history.record(self.session, self.act, subject, what, why, **data)

    def write_new(self) -> None:
        """Writes the orders that are new, with all that belongs to them. After it, they are no more on the desk."""
        new, self._new = self._new, {}
        if not new:
            return
        drafts.write(self.session, Order, list(new.values()))
        written = select(Order.id, Order.order_id).where(
            Order.store_id == self.store.id, col(Order.order_id).in_(list(new))
        )
        keys = {order_id: key for key, order_id in self.session.exec(written)}
        for part in (self._lines, self._holds):
            for order_id, key in keys.items():
                for row in part[order_id]:
                    row.order_pk = key or 0
        drafts.write(self.session, Line, [line for order_id in new for line in self._lines[order_id]])
        drafts.write(self.session, Hold, [hold for order_id in new for hold in self._holds[order_id]])
        drafts.write(self.session, Event, self._news)
        self._news = []
        for order_id in new:
            del self.orders[order_id], self._lines[order_id], self._holds[order_id]

    def _row(self, order: Order, table: type[Part], **values: Any) -> Part:
        if order.order_id in self._new:
            return draft(table, **values)
        row = table(order_pk=order.id or 0, **values)
        self.session.add(row)
        return row

    @cached_property
    def takes_labels(self) -> bool:
        """Whether the store's facility can be given TikTok's label: into a folder it can."""
        facility = self.session.get(Facility, self.store.facility_id)
        return facility is None or not facility.hand_off.startswith(CONNECTOR)

    def purpose(self, order: Order, what: str) -> str:
        """What a sealed part of an order is bound to."""
        return f"{what} {self.store.shop_id}/{order.order_id}"


def tiktok_time(client: Client, act: Act) -> int:
    """TikTok's own clock at its newest answer; before the first one, this machine's."""
    return int(client.server_time or act.now)
