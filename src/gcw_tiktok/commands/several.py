"""One command's work for several stores, side by side."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from copy import copy
from typing import TypeVar

from gcw_tiktok import output
from gcw_tiktok.errors import GcwError, PartlyDone
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Store
from gcw_tiktok.workflow import stores

Result = TypeVar("Result")
Bar = Callable[[str], AbstractContextManager[output.Progress]]
Work = Callable[[Store, Bar], Result]


def connected(gcw: Runtime, names: Sequence[str]) -> list[Store]:
    """The stores that are named, each once; without a name, all that gcw may act for."""
    with gcw.database.view() as session:
        if names:
            named = [stores.find_connected(session, name) for name in names]
            return list({store.id: store for store in named}.values())
        found, waiting = stores.connected(session), stores.to_authorize_again(session)
    if waiting and not found:
        raise stores.not_connected(waiting[0])
    for store in waiting:
        output.warning(str(stores.not_connected(store)))
    if not found:
        output.note("No store is connected. Run `gcw store connect --customer NAME --facility NAME`.")
    return found


def for_each(gcw: Runtime, places: Sequence[Store], work: Work[Result]) -> tuple[list[Result], list[GcwError]]:
    """What was done, in the order of the stores, and what went wrong, each with its store's name in front."""
    from gcw_tiktok.workflow import side_by_side

    if not places:
        return [], []
    gcw.open_for_threads()
    with output.bars() as bar:
        outcomes = side_by_side.each(places, lambda store: work(store, bar), gcw.stopping)
    pairs = list(zip(places, outcomes, strict=True))
    troubles = [about(store.name, outcome) for store, outcome in pairs if isinstance(outcome, GcwError)]
    return [outcome for _, outcome in pairs if not isinstance(outcome, GcwError)], troubles


def about(whom: str, error: GcwError) -> GcwError:
    """The same failure, with whom it concerns in front."""
    told = copy(error)
    told.args = (f"{whom}: {error}",)
    return told


def fail_if_nothing_was_done(troubles: Sequence[GcwError], done: int) -> None:
    """A failure that is all there is to tell is told as what it is, not as a part of something."""
    if troubles and not done:
        told = copy(troubles[0])
        told.args = (" ".join(str(error) for error in troubles),)
        raise told


def complain(sentences: Sequence[str]) -> None:
    """What else went wrong, once everything that could be done is done and told."""
    if sentences:
        raise PartlyDone("Not everything was done. " + " ".join(sentences), "The rest is done; run it again later.")
