"""Notices what somebody else wrote at TikTok about units that are made here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlmodel import col, select

from gcw_tiktok.store.tables import Line, Order, OutboxEntry, Shipment, Stage
from gcw_tiktok.store.tables.stages import GONE_OUT, IN_WORK
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.orders import holds, reviewing
from gcw_tiktok.workflow.orders.desk import Desk

WRITTEN = "written by somebody else"
"""What an order's history says then."""


class Seen(NamedTuple):
    """How a unit stood before TikTok was read."""

    stage: Stage
    number: str


def seen(lines: Sequence[Line]) -> dict[str, Seen]:
    """How these units stand, by line id."""
    return {line.line_id: Seen(line.stage, line.tracking_number) for line in lines}


def given(line_ids: Iterable[str]) -> dict[str, Seen]:
    """How units stand that were being handed over; what TikTok said of them meanwhile is still to be noticed."""
    return {line_id: Seen(Stage.CREATED, "") for line_id in line_ids}


def notice(desk: Desk, order: Order, before: Mapping[str, Seen]) -> bool:
    """Asks for a decision where units that are or were made here have a number, or have left, and it was not gcw who
    told TikTok so. A number is told once: what was known before is not told again."""
    made = [(line, before[line.line_id]) for line in desk.lines_of(order) if line.line_id in before]
    moved = [(line, was) for line, was in made if line.connection_id is not None and _moved(line, was)]
    ours = _ours(desk, order, [line for line, _ in moved]) if moved else frozenset()
    found = [(line, was) for line, was in moved if not _is_ours(order, line, ours)]
    sentence = " ".join(_sentences(order, found))
    if not sentence:
        return False
    reviewing.add_hold(desk, order, holds.decision(order, sentence))
    numbers = sorted({line.tracking_number for line, _ in found} - {""})
    desk.note(order, WRITTEN, sentence, tracking_numbers=numbers)
    desk.alarms[order.order_id] = sentence
    return True


def strange(desk: Desk, order: Order) -> list[Line]:
    """Units that were made or are made here and that left with somebody else's number, or with none."""
    gone = [line for line in desk.lines_of(order) if line.connection_id is not None and line.stage in GONE_OUT]
    ours = _ours(desk, order, gone) if gone else frozenset()
    return [line for line in gone if not _is_ours(order, line, ours)]


def _moved(line: Line, was: Seen) -> bool:
    changed = bool(line.tracking_number) and _plain(line.tracking_number) != _plain(was.number)
    return changed or (was.stage in IN_WORK and line.stage in GONE_OUT)


def _ours(desk: Desk, order: Order, lines: Sequence[Line]) -> frozenset[str]:
    """The numbers that gcw gave TikTok, or was about to give, for this order and those in the same parcels, the
    parcels it made for them, and the units of which it bought a label, or was about to."""
    inside = {line.package_id for line in lines} - {""}
    mates = select(Line.order_pk).where(Line.store_id == desk.store.id, col(Line.package_id).in_(inside))
    orders = {order.id, *(desk.session.exec(mates) if inside else ())}
    parcels = desk.session.exec(select(Shipment).where(col(Shipment.order_pk).in_(orders))).all()
    effects = desk.session.exec(select(OutboxEntry).where(col(OutboxEntry.order_pk).in_(orders))).all()
    numbers = [one.tracking_number for one in parcels] + [one.payload.get("tracking_number") for one in effects]
    labelled = [line_id for one in effects if one.kind == outbox.LABEL for line_id in one.payload["lines"]]
    return frozenset(_plain(str(one)) for one in [*numbers, *labelled, *(one.package_id for one in parcels)] if one)


def _is_ours(order: Order, line: Line, ours: frozenset[str]) -> bool:
    """Where TikTok ships, it sets the number itself, and whoever fetched the label in Seller Center did what gcw had
    asked for: only a parcel beside one that gcw made is somebody else's."""
    if order.shipping_type == holds.TIKTOK:
        return not ours or bool({_plain(line.package_id), _plain(line.tracking_number), line.line_id} & ours)
    return _plain(line.tracking_number) in ours


def _plain(number: str) -> str:
    """As carriers compare numbers."""
    return "".join(filter(str.isalnum, number)).upper()


def _sentences(order: Order, moved: Sequence[tuple[Line, Seen]]) -> Iterator[str]:
    """One for each number that came, went before, or is missing."""
    found: dict[tuple[str, str, bool], int] = {}
    for line, was in moved:
        told = f"{line.carrier} {line.tracking_number}".strip() if line.tracking_number else ""
        key = (told, was.number, was.stage in IN_WORK)
        found[key] = found.get(key, 0) + 1
    for (told, earlier, in_work), count in sorted(found.items()):
        units = f"{count} {'unit' if count == 1 else 'units'}"
        if in_work and told:
            yield (
                f"Somebody else gave TikTok the tracking number {told} for {units} that production has: stop what "
                f"can be stopped, or it is sent twice. To tell production: gcw orders decide {order.order_id} stop"
            )
        elif in_work:
            yield f"TikTok says that {units} left that production has, and gcw gave it no tracking number."
        elif earlier:
            yield f"Somebody else changed the tracking number of {units} at TikTok from {earlier} to {told}."
        else:
            yield f"Somebody else gave TikTok the tracking number {told} for {units} that were made here."
