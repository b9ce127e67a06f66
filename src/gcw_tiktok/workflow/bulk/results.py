"""What became of a file: counts, the first rows that failed, and the result file to mend and import again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gcw_tiktok.workflow.bulk.columns import MESSAGE, STATUS, Layout
from gcw_tiktok.workflow.bulk.deciding import Rows
from gcw_tiktok.workflow.bulk.verdicts import CONNECTED, FAILED, SKIPPED, TO_CONNECT, UNCHANGED, Verdict
from gcw_tiktok.workflow.spreadsheets import Chunk

MOST_TOLD = 1_000
RESULT = ".result"


@dataclass
class Summary:
    """How many rows came to what. Of failed rows and of changes, the first thousand are told one by one."""

    counts: Counter[str] = field(default_factory=Counter)
    failed: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    warned: int = 0
    stores: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    def as_counts(self) -> dict[str, int]:
        """`connected` is what would be connected, where it is a dry run."""
        connected = self.counts[CONNECTED] + self.counts[TO_CONNECT]
        return {"rows": self.rows, CONNECTED: connected} | {
            name: self.counts[name] for name in (UNCHANGED, SKIPPED, FAILED)
        }

    def add(self, rows: Rows, verdicts: Sequence[Verdict]) -> None:
        """Counts some rows."""
        found = Counter(verdicts)  # few are unlike
        for verdict, count in found.items():
            self.counts[verdict.status] += count
            self.warned += count if verdict.status == CONNECTED and verdict.message else 0
        if len(self.failed) < MOST_TOLD and any(verdict.status == FAILED for verdict in found):
            self._tell_failed(rows, verdicts)

    def _tell_failed(self, rows: Rows, verdicts: Sequence[Verdict]) -> None:
        for number, verdict in enumerate(verdicts):
            if verdict.status == FAILED and len(self.failed) < MOST_TOLD:
                told = {"row": rows.first + number, "variant_id": rows.variant_ids[number], "message": verdict.message}
                self.failed.append(told)


def header(layout: Layout) -> list[str]:
    """The columns of the result: those of the file, with Status and Message at the end."""
    return [name for number, name in enumerate(layout.names) if number not in layout.results] + [STATUS, MESSAGE]


def columns(layout: Layout, chunk: Chunk, verdicts: Sequence[Verdict]) -> list[Sequence[str]]:
    """Rows of the result, column by column."""
    kept = [column for number, column in enumerate(chunk.columns) if number not in layout.results]
    return [*kept, [verdict[0] for verdict in verdicts], [verdict[1] for verdict in verdicts]]


def beside(file: Path) -> Path:
    """Where the result of a file goes: beside it, under a name of its own, even if it was a result itself."""
    stem, _, number = file.stem.partition(RESULT)
    if RESULT not in file.stem:
        return file.with_name(f"{file.stem}{RESULT}{file.suffix}")
    next_one = int(number.strip(".")) + 1 if number.strip(".").isdecimal() else 2
    return file.with_name(f"{stem}{RESULT}.{next_one}{file.suffix}")
