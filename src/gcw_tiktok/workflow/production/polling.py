"""Asks GelatoConnect how far the orders are that it was given."""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Facility, Line, Order, OutboxEntry, Stage
from gcw_tiktok.store.tables.stages import IN_WORK
from gcw_tiktok.workflow import outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.production import hearing, reports
from gcw_tiktok.workflow.production.carriers import CannotTell
from gcw_tiktok.workflow.production.gelatoconnect import Connector
from gcw_tiktok.workflow.production.results import FAILED, Result


def poll(database: Database, seal: Seal, act: Act, facility: Facility, connector: Connector) -> list[Result]:
    """Reads each order that is in work there, and moves its stages. Where GelatoConnect does not answer, the orders
    that are left are asked for next time."""
    found: list[Result] = []
    for reference, order_id in _in_work(database, facility).items():
        try:
            told = connector.get(reference)
        except CannotTell as error:
            found.append(_failed(facility, order_id, error))
        except GcwError as error:
            return [*found, _failed(facility, order_id, error)]
        else:
            found += _heard(database, seal, act, facility, order_id, told)
    return found


def _in_work(database: Database, facility: Facility) -> dict[str, str]:
    """Reference → order id, the oldest first. Of units that were handed over anew, their newest reference."""
    working = select(Line.order_pk).where(col(Line.stage).in_(IN_WORK))
    query = (
        select(OutboxEntry, Order.order_id)
        .join(Order, col(OutboxEntry.order_pk) == Order.id)
        .where(
            OutboxEntry.kind == outbox.HAND_OFF,
            OutboxEntry.state == outbox.DONE,
            col(OutboxEntry.order_pk).in_(working),
        )
        .order_by(col(OutboxEntry.id))
    )
    with database.view() as session:
        rows = [(entry, order_id) for entry, order_id in session.exec(query)]
        lines = set(session.exec(select(Line.line_id).where(col(Line.stage).in_(IN_WORK))))
    newest = {(order_id, line_id): entry.key for entry, order_id in rows for line_id in entry.payload["lines"]}
    return {
        str(entry.answer["reference"]): order_id
        for entry, order_id in rows
        if entry.payload["folder"] == facility.hand_off
        and any(line_id in lines and newest[order_id, line_id] == entry.key for line_id in entry.payload["lines"])
    }


def _heard(
    database: Database, seal: Seal, act: Act, facility: Facility, order_id: str, told: Mapping[str, Any]
) -> list[Result]:
    """An order is shown as it is now, so that hearing it again changes nothing; only that it was cancelled there is
    put to a person once."""
    found = []
    try:
        for report in reports.of(told):
            found.append(_one(database, seal, act, facility, order_id, report))
    except BadInput as error:
        found.append(_failed(facility, order_id, error))
    return found


def _one(database: Database, seal: Seal, act: Act, facility: Facility, order_id: str, report: reports.Report) -> Result:
    """What cannot be so of one unit takes no news of the others away."""
    about = f"{facility.hand_off}\n{report.reference}\n{report.line_id}"
    once = f"cancelled there/{hashlib.sha256(about.encode()).hexdigest()}"
    key = once if report.stage == Stage.CANCELED else ""
    try:
        heard = hearing.hear(database, seal, act, [facility.hand_off], report, key)
    except BadInput as error:
        return _failed(facility, order_id, error)
    return Result(facility.name, "", heard.order_id, heard.result, heard.stage.value, heard.why, heard.command)


def _failed(facility: Facility, order_id: str, error: GcwError) -> Result:
    return Result(facility.name, "", order_id, FAILED, why=str(error), command=error.hint, error=error)
