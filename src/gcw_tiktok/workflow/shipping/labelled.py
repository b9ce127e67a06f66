"""Parcels that TikTok ships: remembered once, whoever bought their label and however gcw found out."""

from collections.abc import Mapping, Sequence
from typing import Any

from gcw_tiktok.store.tables import Line, Order, Shipment, Stage
from gcw_tiktok.workflow import history, outbox
from gcw_tiktok.workflow.orders.desk import Desk
from gcw_tiktok.workflow.shipping import parcels

BOUGHT = "label bought"
"""What an order's history says then."""


def settle(desk: Desk) -> None:
    """Closes purchases whose answer was lost or which were never sent, where TikTok now shows what became of their
    units: a number of TikTok's on all of them, in one package, says that the label was bought."""
    known = desk.known
    for entry in outbox.unconfirmed(desk.session, outbox.LABEL, list(known)):
        order = known[entry.order_pk or 0]
        lines = [line for line in desk.lines_of(order) if line.line_id in entry.payload["lines"]]
        labelled = {line.package_id for line in lines if line.tracking_number} - {""}
        inside = [line for line in desk.lines_of(order) if line.package_id in labelled]
        if len(labelled) == 1 and {line.line_id for line in inside} == {line.line_id for line in lines}:
            keep(desk, order, lines)
        elif labelled or any(line.stage == Stage.CANCELED for line in lines):
            outbox.void(desk.session, entry, parcels.OTHERWISE)


def keep(desk: Desk, order: Order, lines: Sequence[Line], carrier_id: str = "") -> None:
    """Keeps a parcel that TikTok ships, in which these units travel, and closes the purchase of its label. One that
    somebody else has bought is kept as well: its label can be fetched."""
    assert order.id is not None
    assert desk.store.id is not None
    first, line_ids = lines[0], sorted(line.line_id for line in lines)
    entry = next(
        (
            one
            for one in outbox.unconfirmed(desk.session, outbox.LABEL, [order.id])
            if sorted(one.payload["lines"]) == line_ids
        ),
        None,
    )
    told: Mapping[str, Any] = entry.payload if entry else {}
    known = parcels.of_package(desk.session, desk.store.id, first.package_id)
    others = [one for one in str(told.get("together", "")).split(",") if one not in ("", order.order_id)]
    together = f"In one parcel with order {' and '.join(others)}." if others else ""
    if known is not None and entry is not None and others:
        facts = {"service": known.service, "carrier": known.carrier, "tracking_number": known.tracking_number}
        desk.note(order, BOUGHT, together, package_id=first.package_id, lines=len(line_ids), **facts)
    if known is None:
        shipment = Shipment(
            store_id=desk.store.id,
            order_pk=order.id,
            package_id=first.package_id,
            carrier_id=carrier_id or told.get("carrier_id", ""),
            carrier=first.carrier or told.get("carrier", ""),
            tracking_number=first.tracking_number,
            line_ids=",".join(line_ids),
            service_id=told.get("service_id", ""),
            service=told.get("service", ""),
            told_at=desk.act.now,
        )
        desk.session.add(shipment)
        history.record(
            desk.session,
            desk.act,
            f"order:{order.order_id}",
            BOUGHT if entry else "label bought outside gcw",
            together,
            service=shipment.service,
            carrier=shipment.carrier,
            tracking_number=shipment.tracking_number,
            package_id=shipment.package_id,
            lines=len(line_ids),
            price=told.get("price", ""),
            currency=told.get("currency", ""),
        )
    if entry:
        outbox.done(desk.session, entry, desk.act.now, {"package_id": first.package_id})
