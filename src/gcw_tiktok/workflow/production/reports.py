"""What production reports of orders, in GelatoConnect's words: JSON or CSV in, reports out."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Stage

STAGE_OF = {
    "received": Stage.CREATED,  # to production these three are one: the order is theirs and not begun
    "passed": Stage.CREATED,
    "created": Stage.CREATED,
    "in_production": Stage.IN_PRODUCTION,
    "printed": Stage.PRINTED,
    "produced": Stage.PRINTED,
    "packaged": Stage.PACKAGED,
    "shipped": Stage.SHIPPED,
    "in_transit": Stage.IN_TRANSIT,
    "delivered": Stage.DELIVERED,
    "failed": Stage.FAILED,
    "error": Stage.FAILED,
    "canceled": Stage.CANCELED,
    "cancelled": Stage.CANCELED,
}
"""GelatoConnect's words, and those of its public webhooks and printer interface, in ours."""
LONGEST_COMMENT = 200
EXAMPLE = 'Write {"orderReferenceId": "TTS-...", "status": "printed"}, or CSV with these two columns.'


@dataclass(frozen=True)
class Report:
    """That an order, or one unit of it, has come so far."""

    reference: str
    stage: Stage
    line_id: str = ""
    """One unit; the whole order where it is empty."""
    comment: str = ""
    tracking: str = ""


def read(name: str, content: bytes) -> list[Report]:
    """The reports in a file; `BadInput` with what is wrong with it, and then none of it counts."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("It is no text in UTF-8.", EXAMPLE) from error
    rows = _csv_rows(text) if name.lower().endswith(".csv") else _json_rows(text)
    found = [report for row in rows for report in of(row)]
    if not found:
        raise BadInput("It reports nothing.", EXAMPLE)
    return found


def _csv_rows(text: str) -> Sequence[Mapping[str, Any]]:
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BadInput(f"It is no CSV: {error}.", EXAMPLE) from error


def _json_rows(text: str) -> Sequence[Mapping[str, Any]]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput("It is no JSON.", EXAMPLE) from error
    rows = told if isinstance(told, list) else [told]
    if not all(isinstance(row, dict) for row in rows):
        raise BadInput("It holds something that is no report.", EXAMPLE)
    return rows


def of(row: Mapping[str, Any]) -> Iterator[Report]:
    """One report; or one for each unit, where the units have statuses of their own."""
    row = _as_order(row)
    reference = reference_of(row)
    if not reference:
        raise BadInput("A report names no orderReferenceId.", EXAMPLE)
    items = row.get("items")
    if items:
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            raise BadInput("Its items are no list of reports.", EXAMPLE)
        for one in items:
            yield _report(reference, {**row, **one})
        return
    yield _report(reference, row)


def reference_of(row: Mapping[str, Any]) -> str:
    """What production calls the order that a report is about; nothing where it names none."""
    return _text(_as_order(row), "orderReferenceId")


def _as_order(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """GelatoConnect's package status, which says the same in other words, as a report of its units."""
    order, package, shipment = (_inner(row, name) for name in ("order", "package", "shipment"))
    if not order or not package:
        return row
    units = [{"itemReferenceId": one.get("referenceId")} for one in _list(package, "items")]
    told = {"orderReferenceId": order.get("referenceId"), "status": package.get("status"), "items": units}
    return {**told, "trackingCode": _inner(shipment, "tracking").get("code")}


def _inner(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = row.get(name)
    return found if isinstance(found, dict) else {}


def _list(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = row.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _tracking(row: Mapping[str, Any]) -> str:
    """A unit's own number; in Gelato's words it stands in each unit's `fulfillments`."""
    return _text(row, "trackingCode") or next(
        (code for one in _list(row, "fulfillments") if (code := _text(one, "trackingCode"))), ""
    )


def _report(reference: str, row: Mapping[str, Any]) -> Report:
    word = _text(row, "fulfillmentStatus") or _text(row, "status")
    stage = STAGE_OF.get(re.sub(r"[\s_-]+", "_", word).casefold())
    if stage is None:
        said = f"{word[:40]!r} is no status that production reports" if word else "A report has no status"
        raise BadInput(f"{said}.", f"Statuses: {', '.join(STAGE_OF)}.")
    return Report(
        reference=reference,
        stage=stage,
        line_id=_text(row, "itemReferenceId"),
        comment=_text(row, "comment")[:LONGEST_COMMENT],
        tracking=_tracking(row),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    """One line of text; numbers count as what they look like."""
    found = row.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return " ".join("".join(one if one.isprintable() else " " for one in str(found)).split())
