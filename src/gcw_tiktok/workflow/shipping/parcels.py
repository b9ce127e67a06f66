"""Parcels that TikTok knows of: remembered once, whoever found out and however."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, select

from gcw_tiktok.store.tables import Line, Order, OutboxEntry, Shipment, Stage
from gcw_tiktok.store.tables.stages import IN_WORK, OPEN
from gcw_tiktok.workflow import history, outbox
from gcw_tiktok.workflow.orders.desk import Desk

CORRECTED = "tracking corrected"
"""What an order's history says then."""
OTHERWISE = "Some of its units left otherwise, or were cancelled."


def settle(desk: Desk) -> None:
    """Closes what was written down to be told to TikTok, and whose answer was lost or which was never sent, where
    TikTok now shows what became of its units: all left in this parcel, or the parcel cannot be any more."""
    known = desk.known
    _settle_corrections(desk, known)
    for entry in outbox.unconfirmed(desk.session, outbox.SHIP, list(known)):
        order = known[entry.order_pk or 0]
        lines = [line for line in desk.lines_of(order) if line.line_id in entry.payload["lines"]]
        if all(line.stage in OPEN | IN_WORK for line in lines):
            continue
        if {line.tracking_number for line in lines} == {entry.payload["tracking_number"]}:
            remember(desk, order, entry.payload, lines[0].package_id, "")
            outbox.done(desk.session, entry, desk.act.now, {"package_id": lines[0].package_id, "warning": ""})
        else:
            outbox.void(desk.session, entry, OTHERWISE)


def _settle_corrections(desk: Desk, known: Mapping[int, Order]) -> None:
    for entry in outbox.unconfirmed(desk.session, outbox.CORRECT, list(known)):
        order, wish = known[entry.order_pk or 0], entry.payload
        lines = [line for line in desk.lines_of(order) if line.line_id in wish["lines"]]
        shown = {(line.tracking_number, line.carrier) for line in lines}
        if shown == {(wish["tracking_number"], wish["carrier"])}:
            corrected(desk, order, entry)
        elif {number for number, _ in shown} - {wish["was"], wish["tracking_number"]}:
            outbox.void(desk.session, entry, "The parcel has another number at TikTok by now.")
        elif all(line.stage in (Stage.DELIVERED, Stage.RETURNED, Stage.CANCELED) for line in lines):
            outbox.void(desk.session, entry, "The parcel's number can no longer be corrected.")


def corrected(desk: Desk, order: Order, entry: OutboxEntry) -> None:
    """Notes that TikTok has a parcel's other number, unless that is noted already."""
    if entry.state == outbox.DONE:
        return
    wish = entry.payload
    assert desk.store.id is not None
    assert order.id is not None
    shipment = of_package(desk.session, desk.store.id, wish["package_id"]) or Shipment(
        store_id=desk.store.id,
        order_pk=order.id,
        package_id=wish["package_id"],
        line_ids=",".join(wish["lines"]),
        carrier_id=wish["carrier_id"],
        carrier=wish["carrier"],
        tracking_number=wish["tracking_number"],
    )
    shipment.carrier_id, shipment.carrier = wish["carrier_id"], wish["carrier"]
    shipment.tracking_number, shipment.warning = wish["tracking_number"], ""
    shipment.corrected_at = desk.act.now
    desk.session.add(shipment)
    told = {name: wish[name] for name in ("was", "tracking_number", "carrier", "package_id")}
    desk.note(order, CORRECTED, f"{wish['was']} became {wish['tracking_number']}.", **told)
    outbox.done(desk.session, entry, desk.act.now, {"package_id": wish["package_id"]})


def of_lines(lines: Sequence[Line]) -> list[list[Line]]:
    """The units of each parcel that left, in the order in which their parcels were made."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        if line.package_id and line.tracking_number:
            found.setdefault(line.package_id, []).append(line)
    return [found[package_id] for package_id in sorted(found, key=lambda one: (len(one), one))]


def confirm(desk: Desk, order: Order, entry: OutboxEntry, package_id: str, warning: str) -> None:
    """Notes that TikTok has it, unless that is noted already."""
    if entry.state != outbox.DONE:
        remember(desk, order, entry.payload, package_id, warning)
        outbox.done(desk.session, entry, desk.act.now, {"package_id": package_id, "warning": warning})


def remember(desk: Desk, order: Order, parcel: Mapping[str, Any], package_id: str, warning: str) -> None:
    """Keeps the parcel and adds it to the order's history."""
    assert order.id is not None
    assert desk.store.id is not None
    shipment = of_package(desk.session, desk.store.id, package_id) or Shipment(
        store_id=desk.store.id,
        order_pk=order.id,
        package_id=package_id or None,
        carrier_id=parcel["carrier_id"],
        carrier=parcel["carrier"],
        tracking_number=parcel["tracking_number"],
        line_ids=",".join(parcel["lines"]),
    )
    shipment.warning, shipment.told_at = warning, desk.act.now
    desk.session.add(shipment)
    history.record(
        desk.session,
        desk.act,
        f"order:{order.order_id}",
        "shipped",
        warning,
        carrier=parcel["carrier"],
        tracking_number=parcel["tracking_number"],
        package_id=package_id,
        lines=len(parcel["lines"]),
    )


def of_package(session: Session, store_id: int, package_id: str) -> Shipment | None:
    if not package_id:
        return None
    known = select(Shipment).where(Shipment.store_id == store_id, Shipment.package_id == package_id)
    return session.exec(known).first()
