"""gcw orders watch: what happens to orders, a line each, as it happens."""

import queue
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import several
from gcw_tiktok.commands.foreground import for_weeks, means_for
from gcw_tiktok.commands.options import Json, Stores, runtime
from gcw_tiktok.errors import GcwError, SetupMissing
from gcw_tiktok.runtime import Runtime

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.acting import Outcome
    from gcw_tiktok.workflow.orders.intake import Pulled
    from gcw_tiktok.workflow.recording import Receipt
    from gcw_tiktok.workflow.watching import Watch

LOOK_SECONDS = 1
"""How often the database is looked at for what other processes did to orders."""
GRACE_SECONDS = 1.0
"""How long after Ctrl-C work may take to let go of what it holds; what is left then ends with the process, as if it
had been killed."""
Facts = dict[str, Any]


def watch(
    ctx: typer.Context,
    names: Stores = None,
    every: Annotated[int, typer.Option(help="Seconds between two polls of a store.", min=1)] = 60,
    polls: Annotated[int, typer.Option(help="End after so many polls of each store; 0 for never.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Poll every store and tell what happens to orders, a line each, until Ctrl-C. Releases nothing."""
    from gcw_tiktok.workflow.orders.news import Follower

    for_weeks()
    gcw = runtime(ctx)
    places = several.connected(gcw, names or [])
    if not places:
        raise SetupMissing("There is nothing to watch.", "Run `gcw store connect --customer NAME --facility NAME`.")
    with gcw.database.view() as session:
        follower = Follower(session, places, gcw.now())
    ear = Ear(gcw, as_json=as_json)
    with _watching(gcw, ear, every, places if names else (), polls) as watching:
        ear.say({"event": "watching", "stores": [store.name for store in places], "every": every})
        while not watching.over.is_set():
            ear.hear()
            ear.tell_news(follower)
    ear.hear(wait=False)
    ear.tell_news(follower)
    _complain(places, watching)


@contextmanager
def _watching(gcw: Runtime, ear: "Ear", every: int, only: "Sequence[Store]", polls: int) -> "Iterator[Watch]":
    """Threads that poll and act until the block ends. What they are at is then finished; Ctrl-C waits for nothing."""
    from gcw_tiktok.workflow.watching import Watch

    gcw.open_for_threads()
    with means_for(gcw, gcw.who) as means:
        found = Watch(means, every, ear, only=only, polls=polls)
        gcw.sleep = found.nap
        found.start()
        try:
            yield found
        except BaseException:
            found.end(GRACE_SECONDS)
            raise
        found.end()


class Ear:
    """Hears from the threads what the history does not tell, and prints; the main thread alone does."""

    def __init__(self, gcw: Runtime, *, as_json: bool) -> None:
        self._gcw, self._as_json = gcw, as_json
        self._heard: queue.SimpleQueue[Facts | None] = queue.SimpleQueue()
        self._aside: dict[str, str] = {}

    def hear(self, *, wait: bool = True) -> None:
        """Prints what was heard; waits a moment for something where nothing was."""
        try:
            while True:
                if facts := self._heard.get(block=wait, timeout=LOOK_SECONDS if wait else None):
                    self.say(facts)
                wait = False
        except queue.Empty:
            return

    def tell_news(self, follower: Any) -> None:
        """Prints what happened to orders since the last look."""
        with self._gcw.database.view() as session:
            for news in follower.look(session, self._gcw.now()):
                self.say(asdict(news))

    def say(self, facts: Mapping[str, Any]) -> None:
        from gcw_tiktok.workflow import times

        at = times.iso(int(facts.get("at") or self._gcw.now()))
        if self._as_json:
            output.line({"at": at, **facts} | {"at": at})
        else:
            output.text(_in_words(at, facts))

    def received(self, receipt: "Receipt") -> None:
        """A webhook is only a hint; what it leads to is told."""

    def acted(self, outcome: "Outcome") -> None:
        self._heard.put(None)

    def polled(self, report: "Pulled") -> None:
        from gcw_tiktok.workflow.orders import gaps

        if report.gap:
            facts = gaps.facts(report.gap) or {}
            self._heard.put({"event": "gap", "store": report.store, "why": facts.pop("sentence"), **facts})
        for order_id, why in report.set_aside.items():
            if self._aside.get(order_id) != why:
                self._aside[order_id] = why
                told = {"event": "set aside", "order": order_id, "store": report.store, "why": why}
                self._heard.put({**told, "command": f"gcw orders retry {order_id}"})
        self._heard.put(None)

    def trouble(self, store: str, error: GcwError) -> None:
        told = {"event": "trouble", "store": store, "code": error.code, "why": str(error), "command": error.hint}
        self._heard.put(told)

    def well(self, store: str) -> None:
        self._heard.put({"event": "well again", "store": store})

    def broken(self, error: Exception) -> None:
        self._heard.put({"event": "bug", "why": "".join(traceback.format_exception(error))})


def _in_words(at: str, facts: Mapping[str, Any]) -> str:
    """`15:02:11Z held 576... Paper Harbor not_connected: Not connected: MUG. > gcw products connect ...`."""
    stores, every = facts.get("stores"), facts.get("every")
    said = [at[11:], facts["event"], facts.get("order", ""), facts.get("store", "")]
    said += [f"{', '.join(stores)} every {every} s; Ctrl-C ends it"] if stores else []
    said += [facts.get("why", ""), f"> {facts['command']}" if facts.get("command") else ""]
    return " ".join(filter(None, said))


def _complain(places: "Sequence[Store]", watching: "Watch") -> None:
    """What the last polls of a bounded run failed at, as a pull says it."""
    names = {store.id: store.name for store in places}
    found = [(names.get(store_id, ""), error) for store_id, ones in watching.troubles.items() for error in ones]
    troubles = [several.about(name, error) for name, error in found]
    several.fail_if_nothing_was_done(troubles, sum(not ones for ones in watching.troubles.values()))
    several.complain([str(error) for error in troubles])
