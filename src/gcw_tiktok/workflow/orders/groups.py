"""Orders that TikTok marked to travel together: how long they wait for one another, and which share a box.

The mark is TikTok's `auto_combine_group_id`. Whether it can still come to an order that has none is not documented, so
nothing waits for a mark; one that comes after the release finds its order in work, and they may still share a box.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import HoldReason, Line, Order, Stage, Store
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.workflow import history, outbox, times
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import holds, sealed, stages
from gcw_tiktok.workflow.orders.desk import Desk
from gcw_tiktok.workflow.production import handoff

WAITING = OPEN | IN_WORK
ALIVE = frozenset(Stage) - {Stage.CANCELED}
LAST_SECONDS = 24 * 3600
"""So long before its ship-by an order waits for no other any more: it has to be made."""


@dataclass(frozen=True)
class Group:
    """The orders of one mark that have not left."""

    newest: int
    """When the one that came last was paid."""
    ship_by: int | None
    """The earliest among them."""
    order_ids: tuple[str, ...]

    def waits_until(self, hours: int) -> int:
        """When no more are waited for: the same moment for all of them, so that they go together."""
        window = self.newest + hours * 3600
        return window if self.ship_by is None else min(window, self.ship_by - LAST_SECONDS)


def set_hours(session: Session, act: Act, store: Store, hours: int) -> bool:
    """Changes how long a store's orders wait for others; whether it was otherwise before."""
    if store.combine_hours == hours:
        return False
    before, store.combine_hours = store.combine_hours, hours
    session.add(store)
    history.record(session, act, f"store:{store.shop_id}", f"combine hours: {hours}", f"They were {before} before.")
    return True


def gather(orders: Iterable[Order]) -> dict[str, Group]:
    """By TikTok's mark, what these orders come to; without those that left or were cancelled, and test orders."""
    marked: dict[str, list[Order]] = {}
    for order in orders:
        if order.combine_group and order.stage in WAITING and not order.test:
            marked.setdefault(order.combine_group, []).append(order)
    return {
        mark: Group(
            newest=max(order.paid_at or order.placed_at for order in together),
            ship_by=min((order.ship_by for order in together if order.ship_by), default=None),
            order_ids=tuple(sorted(order.order_id for order in together)),
        )
        for mark, together in marked.items()
    }


def on_desk(desk: Desk, orders: Sequence[Order]) -> dict[str, Group]:
    """The groups of these orders, with those that are on the desk or only in the database."""
    marks = {order.combine_group for order in orders} - {""}
    if not marks:
        return {}
    found = {order.order_id: order for order in _marked(desk.session, desk.store, marks, WAITING)} | desk.orders
    return {mark: group for mark, group in gather(found.values()).items() if mark in marks}


def due(order: Order, lines: Sequence[Line], store: Store, now: int, known: Mapping[str, Group]) -> Iterator[holds.Due]:
    """The hold of an order that others may still join. Only those wait that could go otherwise."""
    group = known.get(order.combine_group)
    to_make = any(line.stage in OPEN and line.ignored_id is None for line in lines)
    if group is None or order.approved or order.test or not to_make:
        return
    if order.status not in holds.TO_MAKE or order.fulfillment_type not in holds.OURS:
        return
    until = group.waits_until(store.combine_hours)
    if now < until:
        yield holds.Due(
            HoldReason.COMBINING, _sentence(order, group, until), f"gcw orders release {order.order_id} --yes"
        )


def _sentence(order: Order, group: Group, until: int) -> str:
    others = [order_id for order_id in group.order_ids if order_id != order.order_id]
    together = f"with {' and '.join(others)}" if others else "with others, of which gcw has none"
    rest = "Then what is ready goes, and waits for nothing that is held."
    return f"TikTok marked it to travel {together}; more may join until {times.shown(until)}. {rest}"


def adjacent(orders: Sequence[Order]) -> list[Order]:
    """In their order, but those of one mark follow the first of them, so that they are released together."""
    first: dict[str, int] = {}
    for place, order in enumerate(orders):
        first.setdefault(order.combine_group or order.order_id, place)
    return sorted(orders, key=lambda order: first[order.combine_group or order.order_id])


def companions(session: Session, seal: Seal, store: Store, order: Order) -> list[Order]:
    """The others of an order's mark that may share its box: for the same recipient, shipped by the same, and not
    cancelled; those that left as well. Where TikTok ships it shows no address, and looks at it itself."""
    by_tiktok = order.shipping_type == holds.TIKTOK
    if not order.combine_group or order.test or not (by_tiktok or order.recipient_known):
        return []
    here = None if by_tiktok else _recipient(seal, store, order)
    return [
        other
        for other in _marked(session, store, {order.combine_group}, ALIVE)
        if other.order_id != order.order_id
        and other.shipping_type == order.shipping_type
        and other.fulfillment_type in holds.OURS
        and (by_tiktok or (other.recipient_known and _recipient(seal, store, other) == here))
    ]


def sharing(desk: Desk, order: Order) -> list[str]:
    """What production calls the orders that may still go into an order's box."""
    others = [one for one in companions(desk.session, desk.seal, desk.store, order) if one.stage in WAITING]
    return [handed_over_as(desk.session, one) for one in others if not _is_ignored(desk.session, one)]


def handed_over_as(session: Session, order: Order) -> str:
    """The reference under which an order went to production, or will go."""
    times_done = outbox.times_done(session, outbox.HAND_OFF, order.id or 0)
    again = order.stage in OPEN
    return handoff.reference(order.order_id, max(times_done + again, 1))


def _is_ignored(session: Session, order: Order) -> bool:
    return stages.is_ignored(session.exec(select(Line).where(Line.order_pk == order.id)).all())


def _recipient(seal: Seal, store: Store, order: Order) -> object:
    return sealed.kept(seal, store, order).get("address")


def _marked(session: Session, store: Store, marks: set[str], among: frozenset[Stage]) -> Sequence[Order]:
    """Orders with one of these marks, in these stages; the index of marks leaves out the orders that have none."""
    mine = (Order.store_id == store.id, Order.combine_group != "", col(Order.combine_group).in_(marks))
    found = select(Order).where(*mine, col(Order.stage).in_(among), col(Order.test).is_(False))
    return session.exec(found.order_by(col(Order.placed_at), col(Order.id))).all()
