"""Judges design files before anything is connected: each against the print area that it is meant for."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.catalog.offer import OrderableUid, PrintArea
from gcw_tiktok.workflow.designs import checks, files, pinning
from gcw_tiktok.workflow.designs.files import FileFacts
from gcw_tiktok.workflow.designs.findings import RANK, Finding, Level

if TYPE_CHECKING:
    from gcw_tiktok.workflow.designs.fetching import Fetcher


@dataclass(frozen=True)
class Verdict:
    """What was found of one file on one print area; without a source, that the area has none."""

    area: str
    source: str
    findings: list[Finding]
    facts: FileFacts | None = None

    @property
    def level(self) -> Level:
        """The worst of the findings."""
        return max(self.findings, key=lambda one: one.rank).level

    @property
    def known(self) -> dict[str, Any] | None:
        """What the file is, for scripts; None where it cannot be read or is missing."""
        if self.facts is None:
            return None
        columns = {name: getattr(self.facts, name) for name in ("format", "width", "height", "pages")}
        return {**columns, "unit": "px" if self.facts.is_picture else "mm", **self.facts.as_json()}


def assign(product: OrderableUid, bare: Sequence[str], named: Sequence[str]) -> list[tuple[PrintArea, str]]:
    """Each file with the print area that it is for: those of `AREA=FILE`, and the first one for every other."""
    areas = {area.name: area for area in product.areas}
    if not areas:
        raise BadInput(f"{product.uid} comes from stock: it takes no design.", "See `gcw catalog uids`.")
    pairs = [(product.areas[0], source) for source in bare]
    for one in named:
        name, equals, source = one.partition("=")
        if not equals or not source:
            raise BadInput(f"{one!r} is not AREA=FILE.", f"The areas are: {', '.join(areas)}.")
        if name not in areas:
            raise BadInput(f"The product has no print area {name}.", f"It has: {', '.join(areas)}.")
        pairs.append((areas[name], source))
    return pairs


def judge(
    product: OrderableUid,
    pairs: Sequence[tuple[PrintArea, str]],
    *,
    fetch: "Fetcher | None" = None,
    allow_private: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Verdict]:
    """What is found of each file, then of each print area that needs a file and was given none.

    `BadInput` where a file cannot be had at all; one that is there and cannot be read has failed its check.
    """
    verdicts = []
    for done, (area, source) in enumerate(pairs, 1):
        with _at_hand(source, fetch, allow_private) as path:
            verdicts.append(_judge(area, source, path))
        progress(done, len(pairs))
    filled = {area.name for area, _ in pairs}
    return verdicts + [_empty(area) for area in product.areas if area.required and area.name not in filled]


def _judge(area: PrintArea, source: str, path: Path) -> Verdict:
    try:
        facts = files.inspect(path, pinning.name_of(source))
    except BadInput as error:
        return Verdict(area.name, source, [Finding("file", "fail", str(error), str(error), "a whole file", error.hint)])
    return Verdict(area.name, source, checks.check(facts, area), facts)


def _empty(area: PrintArea) -> Verdict:
    finding = Finding(
        "area",
        "fail",
        f"The print area {area.name} needs a file and has none.",
        "no file",
        "a file",
        f"Add --area {area.name}=FILE.",
    )
    return Verdict(area.name, "", [finding])


@contextmanager
def _at_hand(source: str, fetch: "Fetcher | None", allow_private: bool) -> Iterator[Path]:
    """The file where it lies, or fetched from its address and gone when the block ends."""
    if not pinning.is_address(source):
        yield pinning.local_file(source)
        return
    if fetch is None:
        from gcw_tiktok.workflow.designs.fetching import Fetcher

        fetch = Fetcher()
    with tempfile.TemporaryDirectory(prefix="gcw-") as folder:
        path = Path(folder) / "design"
        with path.open("wb") as file:
            fetch.fetch(source, file, allow_private=allow_private)
        yield path


def count(verdicts: Sequence[Verdict]) -> dict[Level, int]:
    """How many checks passed, warned and failed."""
    levels = [finding.level for one in verdicts for finding in one.findings]
    return {level: levels.count(level) for level in RANK}


def in_words(counts: dict[Level, int]) -> str:
    """Such as `5 checks: 4 passed, 1 failed`."""
    words: dict[Level, str] = {"pass": "passed", "warn": "warned", "fail": "failed"}
    told = ", ".join(f"{number} {words[level]}" for level, number in counts.items() if number)
    total = sum(counts.values())
    return f"{total} check{'' if total == 1 else 's'}: {told}"


def first_mend(verdicts: Sequence[Verdict], *, strict: bool) -> str:
    """How to mend the first thing that stands in the way."""
    bad = ("fail", "warn") if strict else ("fail",)
    return next((finding.mend for one in verdicts for finding in one.findings if finding.level in bad), "")
