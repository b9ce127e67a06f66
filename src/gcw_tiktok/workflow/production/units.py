"""The units of a released order, with all that production needs to make each of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Connection, ConnectionDesign, Design, DesignSource, Line
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.designs import memory, pinning
from gcw_tiktok.workflow.listings import fitting
from gcw_tiktok.workflow.orders import wishes
from gcw_tiktok.workflow.production import handoff, tickets
from gcw_tiktok.workflow.production.handoff import Released, Unit, UnitDesign


def of_lines(
    session: Session,
    customer_id: int,
    lines: Sequence[Line],
    printed: Mapping[str, int],
    folder: Path,
    wished: Mapping[str, str],
) -> list[Unit]:
    """One unit for each line in `printed`, which gives the connection version by line id; `wished` what its buyer
    personalised.

    `BadInput` when a product UID was withdrawn, a pinned file is missing, or a print-ready one was made for
    another size: then nothing is printed.
    """
    return [
        replace(
            _unit(session, customer_id, line, session.get_one(Connection, printed[line.line_id]), folder),
            personalisation=wished.get(line.line_id, ""),
        )
        for line in sorted(lines, key=lambda one: one.line_id)
        if line.line_id in printed
    ]


def ticket(order: Released) -> bytes:
    """The order's job ticket as a PDF, one page a unit."""
    names = handoff.file_names(order.units)
    pages = [
        tickets.TicketLine(
            line_id=unit.line_id,
            product=unit.product,
            uid=unit.product_uid,
            variant=unit.variant,
            position=position,
            wishes=wishes.in_words(unit.personalisation) if unit.personalisation else (),
            of=len(order.units),
            designs=tuple(
                tickets.TicketDesign(one.area, one.width_mm, one.height_mm, names[one.path], one.path)
                for one in unit.designs
            ),
        )
        for position, unit in enumerate(order.units, 1)
    ]
    head = tickets.TicketOrder(
        reference=order.reference,
        customer=order.customer,
        store=order.store,
        facility=order.facility,
        platform_order=order.order_id,
        ship_by=order.ship_by,
        kind=order.kind.replace("_", " ").upper(),
        replaces=order.replaces,
        notes=tuple(_notes(order)),
    )
    return tickets.ticket(pages, head)


def _notes(order: Released) -> Iterator[str]:
    if order.travels_with:
        yield f"One parcel with {', '.join(order.travels_with)}"
    if order.by_tiktok:
        yield f"TikTok label: {handoff.label_name(1)}, before packing"


def _unit(session: Session, customer_id: int, line: Line, connection: Connection, folder: Path) -> Unit:
    orderable = offer.require_uid(session, connection.product_uid, customer_id)
    rows = session.exec(
        select(ConnectionDesign, Design)
        .join(Design, col(Design.sha256) == func.coalesce(ConnectionDesign.print_sha256, ConnectionDesign.sha256))
        .where(ConnectionDesign.connection_id == connection.id)
        .order_by(ConnectionDesign.area)
    ).all()
    sizes = {area.name: area for area in orderable.areas}
    return Unit(
        line_id=line.line_id,
        product_uid=connection.product_uid,
        product=orderable.product,
        variant=orderable.in_full,
        seller_sku=line.seller_sku,
        designs=tuple(_design(session, row, design, sizes.get(row.area), folder) for row, design in rows),
    )


def _design(
    session: Session, row: ConnectionDesign, design: Design, area: offer.PrintArea | None, folder: Path
) -> UnitDesign:
    if row.print_sha256 and not fitting.fits(design, area):
        raise BadInput(fitting.misfit(design, row.area, area), "Run `gcw orders pull`, which says how to mend it.")
    path = pinning.path_of(design, folder)
    if not path.is_file():
        raise BadInput(
            f"The pinned design {design.sha256[:12]} is missing from {folder}.",
            "Restore the folder from a backup, or connect the variant again.",
        )
    size = (area.width_mm, area.height_mm) if area else (0.0, 0.0)
    return UnitDesign(row.area, path, *size, *_address(session, row))


def _address(session: Session, row: ConnectionDesign) -> tuple[str, str]:
    """The address that gives exactly this file, as it last did; or nothing, and why."""
    if not row.source.startswith("https://"):
        return "", ""
    if row.print_sha256:
        return "", "a print-ready file was made of it here"
    seen = session.get(DesignSource, memory.key(row.source))
    if seen is None or seen.sha256 != row.sha256 or seen.changed_sha256:
        return "", "its address no longer gives the file that was pinned"
    return row.source, ""
