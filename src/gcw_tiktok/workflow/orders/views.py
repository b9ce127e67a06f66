"""Orders as people look at them. Nothing of a recipient is in here."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, case, col, func, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Connection, Hold, Ignored, Line, Order, OrderKind, SetAside, Shipment, Stage, Store
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN, least_advanced
from gcw_tiktok.workflow import history, times
from gcw_tiktok.workflow.orders import kinds, stages, taking
from gcw_tiktok.workflow.shipping import parcels


def find(session: Session, wanted: str) -> Order:
    """The order with this id, or whose id alone begins so."""
    exact = session.exec(select(Order).where(Order.order_id == wanted)).all()
    digits = wanted.strip()
    found = exact or (
        session.exec(select(Order).where(col(Order.order_id).startswith(digits)).limit(6)).all()
        if digits.isdigit()
        else []
    )
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(order.order_id for order in found[:5])
        raise BadInput(f"Several orders begin with {wanted}: {ids}.", "Write more of it.", code="ambiguous")
    raise BadInput(f"There is no order {wanted}.", "Take orders in with `gcw orders pull`.", code="unknown_name")


def listed(
    session: Session,
    store: Store | None,
    stage: Stage | None,
    *,
    held: bool,
    limit: int,
    kind: OrderKind | None = None,
    tests: bool = False,
) -> list[dict[str, Any]]:
    """Orders with their stage and holds: what is still to be made and sent, the nearest ship-by first, then what has
    left or ended, the newest first. Test orders by themselves, with `tests`."""
    query = select(Order, Store.name).join(Store, col(Order.store_id) == Store.id).where(col(Order.test).is_(tests))
    if store:
        query = query.where(Order.store_id == store.id)
    if stage:
        query = query.where(Order.stage == stage)
    if kind:
        query = query.where(Order.kind == kind)
    if held:
        query = query.where(col(Order.id).in_(select(Hold.order_pk)))
    over = col(Order.stage).in_(stages.OVER)
    urgency = case((over, -col(Order.placed_at)), else_=func.coalesce(Order.ship_by, 2**62))
    by = (over, urgency, col(Order.placed_at), col(Order.id))
    rows = session.exec(query.order_by(*by).limit(limit)).all()
    units = _units(session, [order for order, _ in rows])
    holds = _holds(session, [order for order, _ in rows])
    ignored = _ignored(session, [order for order, _ in rows])
    return [
        {
            "order": order.order_id,
            "store": name,
            "status": order.status,
            "stage": order.stage.value,
            "kind": order.kind.value,
            "units": units.get(order.id or 0, 0),
            "test": order.test,
            "ignored": ignored.get(order.id or 0, ""),
            "placed": times.shown(order.placed_at),
            "ship_by": times.shown(order.ship_by),
            "holds": [hold.reason.value for hold in holds.get(order.id or 0, [])],
            "command": next((hold.command for hold in holds.get(order.id or 0, [])), ""),
        }
        for order, name in rows
    ]


def set_aside(session: Session, store: Store | None) -> dict[str, str]:
    """Orders that could not be taken in, and why."""
    query = select(SetAside)
    if store:
        query = query.where(SetAside.store_id == store.id)
    return {row.order_id: row.reason for row in session.exec(query)}


def whole(session: Session, order: Order) -> dict[str, Any]:
    """One order: facts, lines, holds and history."""
    store = session.get_one(Store, order.store_id)
    lines = session.exec(select(Line).where(Line.order_pk == order.id).order_by(col(Line.id))).all()
    holds = session.exec(select(Hold).where(Hold.order_pk == order.id).order_by(col(Hold.id))).all()
    return {
        "order": order.order_id,
        "store": store.name,
        "status": order.status,
        "stage": order.stage.value,
        "kind": order.kind.value,
        "particular": " ".join(kinds.facts(order)),
        "ignored": _ignored_in_words(lines),
        "replaces": _earlier(session, order),
        "replaced_by": [_beside(one) for one in _later(session, order)],
        "type": order.order_type,
        "shipping": order.shipping_type,
        "placed": times.shown(order.placed_at),
        "paid": times.shown(order.paid_at),
        "starts": times.shown(order.starts_at),
        "handling_time": order.handling,
        "ship_by": times.shown(order.ship_by),
        "released": times.shown(order.released_at),
        "sample": order.kind == OrderKind.SAMPLE,
        "test": order.test,
        "cancel_requested": order.cancel_requested,
        "together": _together(session, order),
        "recipient": _recipient(order),
        "lines": [_line(session, line) for line in lines],
        "parcels": _parcels(session, order, lines),
        "holds": [
            {
                "reason": hold.reason.value,
                "sentence": hold.sentence,
                "command": hold.command,
                "since": times.shown(hold.since),
            }
            for hold in holds
        ],
        "history": history.shown(session, f"order:{order.order_id}"),
    }


def _earlier(session: Session, order: Order) -> str:
    """What a replacement or an exchange is for, with its stage where it is known here."""
    if not order.replaces:
        return ""
    earlier = select(Order).where(Order.store_id == order.store_id, Order.order_id == order.replaces)
    known = session.exec(earlier).first()
    return _beside(known) if known else f"{order.replaces} (not known here)"


def _later(session: Session, order: Order) -> Sequence[Order]:
    """What is sent once more for this order."""
    later = select(Order).where(Order.store_id == order.store_id, Order.replaces == order.order_id)
    return session.exec(later.order_by(col(Order.id))).all()


def _beside(order: Order) -> str:
    return f"{order.order_id} ({order.stage})"


def _together(session: Session, order: Order) -> list[str]:
    """The other orders that TikTok marked to travel with it."""
    if not order.combine_group:
        return []
    mine = (Order.store_id == order.store_id, Order.combine_group != "", Order.combine_group == order.combine_group)
    others = select(Order.order_id).where(*mine, Order.id != order.id, Order.stage != Stage.CANCELED)
    return list(session.exec(others.order_by(Order.order_id)))


def _recipient(order: Order) -> str:
    if taking.is_purged(order):
        return "purged"
    return "known (sealed)" if order.recipient_known else "not shown by TikTok"


def _ignored_in_words(lines: Sequence[Line]) -> str:
    if stages.is_ignored(lines):
        return "all of it: nothing of this order is made here"
    ignored = sum(line.ignored_id is not None for line in lines)
    return f"{ignored} of {len(lines)} units" if ignored else ""


def _parcels(session: Session, order: Order, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """What left, a parcel a row; of those that somebody else told TikTok of, when is not known."""
    known = parcels.of_lines(lines)
    packages = {inside[0].package_id for inside in known}
    mine = select(Shipment).where(Shipment.store_id == order.store_id, col(Shipment.package_id).in_(packages))
    told = {one.package_id: one for one in session.exec(mine)}
    more = " so far" if any(line.stage in OPEN | IN_WORK for line in lines) else ""
    rows = []
    for position, inside in enumerate(known, 1):
        shipment = told.get(inside[0].package_id)
        rows.append(
            {
                "parcel": f"{position} of {len(known)}{more}",
                "carrier": inside[0].carrier,
                "tracking_number": inside[0].tracking_number,
                "units": len(inside),
                "stage": least_advanced([line.stage for line in inside]).value,
                "told": times.shown(shipment.told_at) if shipment else "",
                "corrected": times.shown(shipment.corrected_at) if shipment else "",
                "warning": shipment.warning if shipment else "",
                "package_id": inside[0].package_id,
                "lines": [line.line_id for line in inside],
            }
        )
    return rows


def _line(session: Session, line: Line) -> dict[str, Any]:
    ignored = session.get(Ignored, line.ignored_id) if line.ignored_id else None
    printed = session.get(Connection, line.connection_id) if line.connection_id else None
    return {
        "line": line.line_id,
        "sku_id": line.sku_id,
        "seller_sku": line.seller_sku,
        "product": line.product_name,
        "variant": line.sku_name,
        "status": line.status,
        "stage": line.stage.value,
        "gift": line.gift,
        "personalised": line.personalised,
        "product_uid": printed.product_uid if printed else "",
        "version": printed.version if printed else None,
        "ignored": f"{ignored.scope}{': ' if ignored.why else ''}{ignored.why}" if ignored else "",
        "carrier": line.carrier,
        "tracking_number": line.tracking_number,
        "package_id": line.package_id,
    }


def _units(session: Session, orders: Sequence[Order]) -> dict[int, int]:
    ids = [order.id for order in orders]
    counted = select(Line.order_pk, func.count()).where(col(Line.order_pk).in_(ids)).group_by(col(Line.order_pk))
    return dict(session.exec(counted).all())


def _ignored(session: Session, orders: Sequence[Order]) -> dict[int, str]:
    """`all` where nothing of an order is made here, `1 of 3` where a part is not."""
    ids = [order.id for order in orders]
    live = (col(Line.order_pk).in_(ids), Line.stage != Stage.CANCELED)
    counted = select(Line.order_pk, func.count(col(Line.ignored_id)), func.count()).where(*live)
    return {
        order_pk: "all" if ignored == units else f"{ignored} of {units}"
        for order_pk, ignored, units in session.exec(counted.group_by(col(Line.order_pk)))
        if ignored
    }


def _holds(session: Session, orders: Sequence[Order]) -> dict[int, list[Hold]]:
    found: dict[int, list[Hold]] = {}
    mine = select(Hold).where(col(Hold.order_pk).in_([order.id for order in orders]))
    for hold in session.exec(mine.order_by(col(Hold.id))):
        found.setdefault(hold.order_pk, []).append(hold)
    return found
