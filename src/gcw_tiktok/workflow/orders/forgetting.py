"""Takes the recipient out of what was handed over; the order's facts stay."""

import json
import os
import uuid
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.workflow import times
from gcw_tiktok.workflow.production.handoff import DOCUMENT, TICKET

PURGED = "recipientPurged"
"""The metadata by which order.json says that, and when, the recipient was taken out of it."""
OF_RECIPIENT = frozenset({"buyerMessage", "personalisation"})
LABELS = "*label*.pdf"


class Reached(StrEnum):
    """What became of one hand-off folder."""

    CLEANED = "cleaned"
    CLEAN = "clean"  # nothing of the recipient was in it
    AWAY = "away"  # production has moved it, or it is no longer gcw's to read


def forget(folder: Path, now: int) -> Reached:
    """Takes address, buyer's message and what the buyer personalised out of a hand-off folder, and its labels."""
    try:
        told = _read(folder)
        if told is None:
            return Reached.AWAY
        files = _personal_files(folder, told)
        for path in files:
            path.unlink()
        if _is_personal(told):
            _replace(folder / DOCUMENT, without_recipient(told, now))
    except OSError as error:
        raise _stuck(folder, error) from error
    return Reached.CLEANED if files or _is_personal(told) else Reached.CLEAN


def look(folder: Path) -> Reached:
    """What `forget` would do."""
    try:
        told = _read(folder)
        if told is None:
            return Reached.AWAY
        return Reached.CLEANED if _is_personal(told) or _personal_files(folder, told) else Reached.CLEAN
    except OSError as error:
        raise _stuck(folder, error) from error


def without_recipient(told: dict[str, Any], now: int) -> dict[str, Any]:
    """The document of an order without its recipient; a second time changes nothing."""
    kept = {name: value for name, value in told.items() if name != "shippingAddress"}
    kept["metadata"] = [*_impersonal(told), {"key": PURGED, "value": times.iso(now)}]
    kept["items"] = [_item(one) for one in told.get("items", [])]
    return kept


def _item(item: dict[str, Any]) -> dict[str, Any]:
    return item | {"metadata": _impersonal(item)} if "metadata" in item else item


def _impersonal(held: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in held.get("metadata", []) if one.get("key") not in OF_RECIPIENT]


def _is_personal(told: dict[str, Any]) -> bool:
    return "shippingAddress" in told or _tells_more(told) or _is_personalised(told)


def _is_personalised(told: dict[str, Any]) -> bool:
    return any(_tells_more(one) for one in told.get("items", []))


def _tells_more(held: dict[str, Any]) -> bool:
    return len(_impersonal(held)) < len(held.get("metadata", []))


def _personal_files(folder: Path, told: dict[str, Any]) -> list[Path]:
    """Labels; and the job ticket where it shows what the buyer wrote."""
    tickets = [folder / TICKET] if _is_personalised(told) else []
    return [path for path in (*sorted(folder.glob(LABELS)), *tickets) if path.is_file()]


def _stuck(folder: Path, error: OSError) -> TryAgain:
    return TryAgain(
        f"The recipient could not be taken out of {folder}: {error.strerror or error}.",
        "Mend the folder, then run `gcw privacy purge` again.",
    )


def _read(folder: Path) -> dict[str, Any] | None:
    """The document; None where there is none that gcw wrote."""
    try:
        told = json.loads((folder / DOCUMENT).read_bytes())
        ours = any(one["key"] == "gcwKey" for one in told["metadata"])
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None
    return told if ours else None


def _replace(path: Path, told: dict[str, Any]) -> None:
    """Written aside and renamed, so that nobody ever reads half of it."""
    for left in path.parent.glob(f".{path.name}.*"):
        left.unlink(missing_ok=True)  # by a run that was killed
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write((json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode())
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        with suppress(OSError):
            aside.unlink()
        raise
