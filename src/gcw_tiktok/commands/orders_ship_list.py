"""gcw orders ship --from FILE: a day's parcels."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gcw_tiktok import output
from gcw_tiktok.commands.bulk import given
from gcw_tiktok.commands.options import act
from gcw_tiktok.errors import PartlyDone
from gcw_tiktok.runtime import Runtime

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.orders.means import Means
    from gcw_tiktok.workflow.shipping.shipping_list import Summary

STDIN_RESULT = "gcw-ship.result.csv"
MOST_SHOWN = 20


def ship_list(gcw: Runtime, file: str, result: str, *, dry_run: bool, anyway: bool, as_json: bool) -> None:
    """Tells TikTok of every parcel in the file."""
    from gcw_tiktok.workflow.bulk import results
    from gcw_tiktok.workflow.orders.means import Means
    from gcw_tiktok.workflow.shipping import shipping_list

    def hands(store: "Store") -> "Means":
        return Means(gcw.database, gcw.client_for(store), gcw.seal, store, act(gcw))

    beside = Path(STDIN_RESULT) if file == "-" else results.beside(Path(file))
    to = Path(result) if result else None if dry_run else beside
    with given(file) as path, output.progress("Shipping") as progress:
        summary = shipping_list.run(
            path, hands, gcw.database.view, result=to, dry_run=dry_run, anyway=anyway, progress=progress
        )
    _show(summary, file, to, dry_run=dry_run, as_json=as_json)


def _show(summary: "Summary", file: str, to: Path | None, *, dry_run: bool, as_json: bool) -> None:
    counts = summary.counts
    told: dict[str, Any] = {
        "file": "stdin" if file == "-" else Path(file).name,
        "rows": counts.total(),
        "shipped": counts["shipped"] + counts["to ship"],
        "unchanged": counts["unchanged"],
        "failed": counts["failed"],
        "dry_run": dry_run,
        "result": str(to) if to else "",
    }
    more = {"failed_rows": summary.failed, "warnings": summary.warnings}
    output.thing(told | more if as_json else told, as_json=as_json)
    if not as_json:
        for row in (summary.failed + summary.warnings)[:MOST_SHOWN]:
            output.warning(f"Row {row['row']}, order {row['order']}: {row['message']}")
    if dry_run:
        output.note("TikTok was told nothing (--dry-run).")
    if counts["failed"]:
        rows = "1 row" if counts["failed"] == 1 else f"{counts['failed']:,} rows"
        mend = (
            f"Mend them in {to}, and give that: gcw orders ship --from {shlex.quote(str(to))}"
            if to
            else "Mend them; --result FILE writes all rows with what is wrong."
        )
        raise PartlyDone(f"{rows} failed.", mend)
