"""One unit of work on a store's orders."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Hold, Line, Order, Store
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings.connections import Decision


class Desk:
    """What is known of some orders, loaded with few queries, and the means to work on them."""

    def __init__(self, session: Session, store: Store, seal: Seal, act: Act, tiktok_now: int) -> None:
        self.session = session
        self.store = store
        self.seal = seal
        self.act = act
        self.tiktok_now = tiktok_now
        self.orders: dict[str, Order] = {}
        self.lines: dict[int, list[Line]] = {}
        self.holds: dict[int, list[Hold]] = {}
        self.decisions: dict[str, Decision] = {}
        self.refusals: dict[str, BadInput | None] = {}
        """By product UID: why the customer may not order it, or None where it may."""

    def load(self, order_ids: Sequence[str]) -> None:
        """Brings these orders to the desk; a row that another process holds is waited for."""
        wanted = select(Order).where(Order.store_id == self.store.id, col(Order.order_id).in_(order_ids))
        for order in self.session.exec(wanted.order_by(col(Order.id)).with_for_update(key_share=True)):
            self.put(order)
        self._load_parts()

    def put(self, order: Order) -> None:
        assert order.id is not None
        self.orders[order.order_id] = order
        self.lines.setdefault(order.id, [])
        self.holds.setdefault(order.id, [])

    def _load_parts(self) -> None:
        for line in self.session.exec(select(Line).where(col(Line.order_pk).in_(self.lines)).order_by(col(Line.id))):
            if line not in self.lines[line.order_pk]:
                self.lines[line.order_pk].append(line)
        for hold in self.session.exec(select(Hold).where(col(Hold.order_pk).in_(self.holds))):
            if hold not in self.holds[hold.order_pk]:
                self.holds[hold.order_pk].append(hold)

    def lines_of(self, order: Order) -> list[Line]:
        return self.lines[order.id or 0]

    def holds_of(self, order: Order) -> list[Hold]:
        return self.holds[order.id or 0]

    def purpose(self, order: Order, what: str) -> str:
        """What a sealed part of an order is bound to."""
        return f"{what} {self.store.shop_id}/{order.order_id}"
