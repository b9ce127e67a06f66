"""One command's work for several stores, side by side."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from copy import copy
from typing import TypeVar

from gcw_tiktok import output
from gcw_tiktok.errors import GcwError
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Store

Result = TypeVar("Result")
Bar = Callable[[str], AbstractContextManager[output.Progress]]
Work = Callable[[Store, Bar], Result]


def for_each(gcw: Runtime, stores: Sequence[Store], work: Work[Result]) -> tuple[list[Result], list[GcwError]]:
    """What was done, in the order of the stores, and what went wrong, each with its store's name in front."""
    from gcw_tiktok.workflow import side_by_side

    if not stores:
        return [], []
    gcw.open_for_threads()
    with output.bars() as bar:
        outcomes = side_by_side.each(stores, lambda store: work(store, bar), gcw.stopping)
    pairs = list(zip(stores, outcomes, strict=True))
    troubles = [about(store.name, outcome) for store, outcome in pairs if isinstance(outcome, GcwError)]
    return [outcome for _, outcome in pairs if not isinstance(outcome, GcwError)], troubles


def about(whom: str, error: GcwError) -> GcwError:
    """The same failure, with whom it concerns in front."""
    told = copy(error)
    told.args = (f"{whom}: {error}",)
    return told
