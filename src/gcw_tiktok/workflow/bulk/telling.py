"""Mails what became of a file to whoever filled it in."""

from pathlib import Path

from gcw_tiktok.workflow import mail as post
from gcw_tiktok.workflow.bulk.importing import Ways
from gcw_tiktok.workflow.bulk.results import Summary
from gcw_tiktok.workflow.mail import Attachment, Message, PostOffice
from gcw_tiktok.workflow.spreadsheets import EXCEL

MOST_ROWS = 20
EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def mail(office: PostOffice, to: str, ways: Ways, summary: Summary, result: Path | None, now: int) -> None:
    """Sends the counts, the first rows that failed, and the result if it is small enough for a mail."""
    post.send(office, message(to, ways, summary, result), now)


def message(to: str, ways: Ways, summary: Summary, result: Path | None) -> Message:
    """The mail."""
    counts = summary.as_counts()
    did = "would be connected" if ways.dry_run else "connected"
    subject = f"{ways.name}: {counts['connected']} {did}, {counts['failed']} failed"
    lines = [f"{ways.name}: {counts['rows']} rows", ""]
    lines += [f"{name}: {count}" for name, count in counts.items() if name != "rows"]
    if summary.failed:
        lines += ["", "Rows that failed:"]
        lines += [f"row {one['row']} ({one['variant_id']}): {one['message']}" for one in summary.failed[:MOST_ROWS]]
    if counts["failed"] > MOST_ROWS:
        lines.append(f"... and {counts['failed'] - MOST_ROWS} more.")
    attachments = _attached(result)
    if result and not attachments:
        lines += ["", "The result is too large for a mail; ask for the file."]
    elif attachments:
        lines += [
            "",
            "The file that goes with this mail has every row with its status. Mend the rows that failed in it.",
        ]
    return Message(to, subject, "\n".join(lines) + "\n", attachments=attachments)


def _attached(result: Path | None) -> tuple[Attachment, ...]:
    if result is None or result.stat().st_size > post.MOST_ATTACHED:
        return ()
    kind = EXCEL_TYPE if result.suffix.lower() == EXCEL else "text/csv"
    return (Attachment(result.name, result.read_bytes(), kind),)
