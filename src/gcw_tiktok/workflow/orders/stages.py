"""Which stage an order shows, from its lines."""

from collections.abc import Sequence

from gcw_tiktok.store.tables import Line, Stage
from gcw_tiktok.store.tables.stages import GONE_OUT, least_advanced

WAITING = frozenset({Stage.RECEIVED, Stage.PASSED})
"""Not printed yet: whether a line is ignored may still change."""
OVER = GONE_OUT | {Stage.CANCELED, Stage.RETURNED}
"""Nothing of such a line is to be made any more."""


def shown(lines: Sequence[Line]) -> Stage:
    """The stage of the least advanced live line. Lines that are ignored count only where there are no others."""
    live = [line for line in lines if line.stage != Stage.CANCELED]
    ours = [line for line in live if line.ignored_id is None]
    return least_advanced([line.stage for line in ours or live])


def is_ignored(lines: Sequence[Line]) -> bool:
    """Whether nothing of an order is made here, because each of its live lines is ignored."""
    live = [line for line in lines if line.stage != Stage.CANCELED]
    return bool(live) and all(line.ignored_id is not None for line in live)


def is_over(lines: Sequence[Line]) -> bool:
    """Whether nothing of an order is to be made any more. A returned unit says nothing of the others."""
    ours = [line for line in lines if line.ignored_id is None]
    return bool(lines) and shown(lines) in OVER and all(line.stage in OVER for line in ours)
