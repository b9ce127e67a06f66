"""Holds what gcw remembers of orders at a connector against the connector's own books."""

from collections.abc import Iterator, Mapping

from sqlmodel import Session, col, select

from gcw_tiktok.store.tables import Event, Line, Order, OutboxEntry, Stage
from gcw_tiktok.store.tables.stages import GONE_OUT, IN_WORK
from gcw_tiktok.workflow.production.reports import STAGE_OF
from torture import verdict
from torture.floor import Floor, Given

CANCELLED = "cancelled by production"


def of_books(session: Session, floor: Floor) -> Iterator[str]:
    """Each order is on record as the connector has it; where gcw cannot know that, a person was asked."""
    for entry in verdict.handed_over(session):
        given = floor.given.get(verdict.reference(entry))
        if given is not None and not _is_as_known(entry, given) and not verdict.is_asked_about(session, given.name):
            yield f"{given.name} is {given.number} with {len(given.units)} units there, not {entry.answer.get('id')}"


def _is_as_known(entry: OutboxEntry, given: Given) -> bool:
    return entry.answer.get("id") == given.number and set(entry.payload["lines"]) == given.units


def of_stages(session: Session, floor: Floor) -> Iterator[str]:
    """Every unit in work is as far as production says; what production cancelled was put to a person."""
    asked = set(session.exec(select(Event.subject).where(Event.what == CANCELLED)))
    newest = _newest(session, floor)
    query = select(Line, Order.order_id).join(Order, col(Line.order_pk) == Order.id)
    for line, order_id in session.exec(query.where(col(Line.stage).in_(IN_WORK))):
        given = newest.get(line.line_id)
        if given is None or given.statuses is None or line.line_id not in given.statuses:
            continue  # told elsewhere
        there = STAGE_OF[given.statuses[line.line_id]]
        if there == Stage.CANCELED and f"order:{order_id}" not in asked:
            yield f"production cancelled unit {line.line_id}, and nobody was asked"
        elif there != Stage.CANCELED and line.stage != (Stage.PACKAGED if there in GONE_OUT else there):
            yield f"unit {line.line_id} is {there} in production, and {line.stage} here"


def _newest(session: Session, floor: Floor) -> Mapping[str, Given]:
    """By unit: the last hand-off that has it."""
    names = [(entry, verdict.reference(entry)) for entry in verdict.handed_over(session)]
    return {unit: floor.given[name] for entry, name in names if name in floor.given for unit in entry.payload["lines"]}
