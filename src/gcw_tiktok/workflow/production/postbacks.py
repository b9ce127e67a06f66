"""GelatoConnect's postbacks: kept before they are answered, acted on once, and never believed without the secret."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal, Vault
from gcw_tiktok.store.tables import Facility, OutboxEntry
from gcw_tiktok.workflow import facilities, outbox
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.production import hearing, reports
from gcw_tiktok.workflow.production.reports import Report
from gcw_tiktok.workflow.production.results import FAILED, Result

POSTBACK = "postback"
LARGEST = 256 << 10
"""Bytes. A postback holds one order's status."""
MOST = 500
"""Postbacks that are acted on in one go."""


KEPT_SECONDS = 30 * 86_400
"""How long it is remembered that a postback came, so that the same one is acted on once."""


class Wrong(Refused):
    """It does not come with the secret of a facility that takes postbacks."""


def take(
    database: Database, seal: Seal, vault: Vault, act: Act, facility_id: int, body: bytes, offered: Sequence[str]
) -> bool:
    """Keeps a postback until it is acted on; whether it is new. `Wrong` without the secret, `BadInput` where it is no
    report: then nothing is kept. `TryAgain` where it could not be kept."""
    with database.view() as session:
        facility = session.get(Facility, facility_id)
    secret = vault.get(facilities.postback_secret(facility)) if facility else None
    if not _is_among(secret or "", offered) or facility is None:
        raise Wrong("It came without the facility's secret.", "Compare it with `gcw facility postbacks FACILITY`.")
    read(body)
    key = f"{POSTBACK}/{facility.id}/{hashlib.sha256(body).hexdigest()}"
    sealed = base64.b64encode(seal.close(body, key)).decode()
    try:
        with database.session() as session:
            if outbox.find(session, key):
                return False
            outbox.write(session, key, POSTBACK, None, {"facility": facility.id, "sealed": sealed}, act.now)
    except IntegrityError:  # it came twice at once
        return False
    return True


def _is_among(secret: str, offered: Sequence[str]) -> bool:
    """Compared in constant time, each with each."""
    same = [hmac.compare_digest(secret.encode(), one.encode("utf-8", "replace")) for one in offered]
    return bool(secret) and any(same)


def read(body: bytes) -> list[dict[str, Any]]:
    """What a postback tells, as rows that each name an order; `BadInput` where it tells nothing."""
    if len(body) > LARGEST:
        raise BadInput(f"It is larger than {LARGEST:,} bytes.")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput("It is no JSON.", reports.EXAMPLE) from error
    rows = told if isinstance(told, list) else [told]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise BadInput("It holds something that is no report.", reports.EXAMPLE)
    for row in rows:
        if not reports.reference_of(row):
            raise BadInput("It names no order.", reports.EXAMPLE)
    return rows


def act_on(database: Database, seal: Seal, act: Act) -> list[Result]:
    """What is waiting, the oldest first. What cannot be yet is left for the next time."""
    waiting = (OutboxEntry.kind == POSTBACK, OutboxEntry.state == outbox.WRITTEN)
    with database.view() as session:
        entries = session.exec(select(OutboxEntry).where(*waiting).order_by(col(OutboxEntry.id)).limit(MOST)).all()
    found: list[Result] = []
    for entry in entries:
        found += _one(database, seal, act, entry)
    return found


def forget_old(database: Database, now: int) -> None:
    """Deletes what was acted on, or could not be, long ago."""
    closed = delete(OutboxEntry).where(col(OutboxEntry.kind) == POSTBACK, col(OutboxEntry.state) != outbox.WRITTEN)
    with database.session() as session:
        session.exec(closed.where(col(OutboxEntry.written_at) < now - KEPT_SECONDS))


def _one(database: Database, seal: Seal, act: Act, entry: OutboxEntry) -> list[Result]:
    with database.view() as session:
        facility = session.get(Facility, entry.payload["facility"])
        places = [facilities.place_of(one) for one in facilities.hand_offs(session, facility)] if facility else []
    name = facility.name if facility else ""
    try:
        told = _reports(seal.open(base64.b64decode(entry.payload["sealed"]), entry.key))
    except GcwError as error:
        _close(database, act, entry, str(error))
        return [_failed(name, error)]
    found: list[Result] = []
    for number, report in enumerate(told):
        try:
            heard = hearing.hear(database, seal, act, places, report, f"{entry.key}/{number}")
        except TryAgain as error:
            _close(database, act, entry, str(error), again=True)
            return found
        except GcwError as error:  # which takes no news of other units away
            found.append(_failed(name, error))
        else:
            told_of = (heard.order_id, heard.result, heard.stage.value, heard.why, heard.command)
            found.append(Result(name, POSTBACK, *told_of))
    _close(database, act, entry, " ".join(str(one.error) for one in found if one.error))
    return found


def _failed(name: str, error: GcwError) -> Result:
    return Result(name, POSTBACK, "", FAILED, why=str(error), command=error.hint, error=error)


def _reports(body: bytes) -> list[Report]:
    return [report for row in read(body) for report in reports.of(row)]


def _close(database: Database, act: Act, entry: OutboxEntry, trouble: str = "", *, again: bool = False) -> None:
    """What was acted on is kept no longer: a template may have put the recipient into it."""
    with database.session() as session:
        fresh = _fresh(session, entry)
        if again:
            outbox.failed(session, fresh, trouble)
            return
        if trouble:
            outbox.void(session, fresh, trouble)
        elif fresh.state == outbox.WRITTEN:
            outbox.done(session, fresh, act.now, {})
        fresh.payload = {"facility": entry.payload["facility"]}


def _fresh(session: Session, entry: OutboxEntry) -> OutboxEntry:
    return session.get_one(OutboxEntry, entry.id, with_for_update=True)
