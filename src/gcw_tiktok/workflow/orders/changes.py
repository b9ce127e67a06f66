"""What changed about an order at TikTok, in words and with before and after; nothing of a recipient."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gcw_tiktok.store.tables import Line

OF_RECIPIENT = frozenset({"address", "message", "personalisation", "shipping"})
"""These changes are of no account once everything has left."""


@dataclass(frozen=True)
class Change:
    """One thing that is otherwise than it was."""

    what: str
    sentence: str
    line: str = ""
    before: str = ""
    after: str = ""
    given: bool = True
    """It concerns what production was given."""

    def facts(self) -> dict[str, Any]:
        """For the history."""
        return {name: value for name, value in asdict(self).items() if name not in ("sentence", "given") and value}


def added(line: Line) -> Change:
    """A unit more."""
    name = line.seller_sku or line.sku_id
    return Change("line added", f"a line was added ({name})", line.line_id, after=name)


def variant(line: Line, before: str, *, given: bool) -> Change:
    """A unit of another variant, which `before` was."""
    after = line.seller_sku or line.sku_id
    return Change("variant", f"a line changed from {before} to {after}", line.line_id, before, after, given)


def gone(line: Line, sentence: str, what: str) -> Change:
    """A unit that is not to be made any more."""
    name = line.seller_sku or line.sku_id
    return Change(what, sentence.format(name), line.line_id, before=name)


def of_recipient(before: Mapping[str, object], after: Mapping[str, object], *, hidden: bool) -> Iterator[Change]:
    """That something of what is kept sealed changed, and nothing of it. What was not known before has not changed."""
    if hidden and before.get("address"):
        yield Change("address", "the address changed, and TikTok does not show it")
    elif before.get("address") and before.get("address") != after.get("address"):
        yield Change("address", "the address changed")
    if before and before.get("message", "") != after.get("message", ""):
        yield Change("message", "the buyer's message changed")
    if before and before.get("wishes", {}) != after.get("wishes", {}):
        yield Change("personalisation", "what the buyer personalised changed")


def of_shipping(before: str, after: str) -> Iterator[Change]:
    """That somebody else ships it."""
    if before and before != after:
        yield Change("shipping", f"the way of shipping changed from {before} to {after}", before=before, after=after)
