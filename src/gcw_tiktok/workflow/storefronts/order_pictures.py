"""Pictures of what an order prints: the very version that it was printed with, or would be."""

from pathlib import Path

from sqlmodel import Session, select

from gcw_tiktok.store.tables import Connection, ConnectionDesign, Design, Line, Order
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.laying import Laid
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.orders.stages import WAITING
from gcw_tiktok.workflow.storefronts.sight import NotThere


def lies(session: Session, order: Order, line_id: str, area: str, folder: Path) -> Laid:
    """The design on one print area of a unit. What was released keeps its version, whatever is connected since."""
    version = _version(session, order, line_id)
    wanted = select(ConnectionDesign).where(ConnectionDesign.connection_id == version.id, ConnectionDesign.area == area)
    row = session.exec(wanted).first()
    if row is None:
        raise NotThere
    orderable = offer.variant_of(session, version.product_uid)
    place = next((one for one in orderable.areas if one.name == area), None)
    design = session.get_one(Design, row.sha256)
    path = pinning.path_of(design, folder)
    if place is None or not path.is_file():
        raise NotThere
    facts, placement = pinning.facts_of(design), connections.placement_of(row)
    return Laid(orderable, place, row.source, path, facts, placement)


def _version(session: Session, order: Order, line_id: str) -> Connection:
    line = session.exec(select(Line).where(Line.order_pk == order.id, Line.line_id == line_id)).first()
    if line is None:
        raise NotThere
    key = line.connection_id
    if key is None and line.stage in WAITING and line.ignored_id is None:
        current = connections.decisions(session, order.store_id, [line.sku_id]).get(line.sku_id)
        key = current.connection_id if current else None
    found = session.get(Connection, key) if key is not None else None
    if found is None:
        raise NotThere
    return found
