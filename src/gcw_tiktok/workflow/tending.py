"""What `gcw serve` does beside listening: it watches, reads what production reports, and keeps the database tidy."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.tables import Facility
from gcw_tiktok.workflow import chaining, facilities, notifications, privacy, stores, watching
from gcw_tiktok.workflow.acting import Means
from gcw_tiktok.workflow.privacy import Purged
from gcw_tiktok.workflow.production import postbacks, results
from gcw_tiktok.workflow.storefronts import sweeping
from gcw_tiktok.workflow.storefronts.sweeping import Swept

TIDY_SECONDS = 3600
PURGE_SECONDS = 86_400
"""How often recipients that are kept for long enough are forgotten, and uploads that nothing uses removed."""


class Listener(watching.Listener, Protocol):
    """Whoever wants to know of all of it. Called from several threads."""

    def collected(self, result: results.Result) -> None:
        """What production reported of an order."""

    def purged(self, reports: Sequence[Purged]) -> None: ...

    def swept(self, report: Swept) -> None: ...


@dataclass(frozen=True)
class Folders:
    """Where files lie that people upload."""

    designs: Path
    pictures: Path


class Tending(watching.Watch):
    """Runs from `start` to `end`, as the watch does."""

    def __init__(
        self,
        means: Means,
        poll_seconds: int,
        tell: Listener,
        folders: Folders,
        keep_days: int = 0,
        ask: Callable[[Facility], list[results.Result]] = lambda facility: [],
    ) -> None:
        super().__init__(means, poll_seconds, tell)
        self._listener, self._folders, self._keep_days, self._ask = tell, folders, keep_days, ask
        self._tidied = self._purged = self._swept = self._looked = 0.0
        self._posted = True
        self._next_ask: dict[str, float] = {}
        self._said: dict[str, set[str]] = {}
        """By order: what was last told of asking a connector about it and its units."""

    def posted(self) -> None:
        """Production has posted something just now."""
        self._posted = True
        self.heard()

    def _look(self) -> None:
        super()._look()
        self._look_at_production()
        if time.monotonic() - self._tidied > TIDY_SECONDS or not self._tidied:
            self._tidied = time.monotonic()
            notifications.forget_old(self._means.database, self._means.act().now)
            postbacks.forget_old(self._means.database, self._means.act().now)
            self._pollers.give("chain", self._chain)
        if self._keep_days and (time.monotonic() - self._purged > PURGE_SECONDS or not self._purged):
            self._purged = time.monotonic()
            self._pollers.give("purge", self._purge)

        if time.monotonic() - self._swept > PURGE_SECONDS or not self._swept:
            self._swept = time.monotonic()
            self._pollers.give("sweep", self._sweep)

    def _look_at_production(self) -> None:
        if self._posted or time.monotonic() - self._looked > watching.AGAIN_SECONDS:
            self._looked = time.monotonic()
            self._pollers.give("postbacks", self._act_on_postbacks)
        with self._means.database.view() as session:
            places = facilities.places(session)
        for facility in places:
            if not facilities.needs_key(facility.hand_off):
                self._pollers.give(("results", facility.hand_off), partial(self._collect, facility))
            elif self._poll_seconds and self._is_due(facility.hand_off):
                self._pollers.give(("connector", facility.hand_off), partial(self._ask_connector, facility))

    def _is_due(self, place: str) -> bool:
        here = time.monotonic()
        due = here >= self._next_ask.get(place, here)
        if due:
            self._next_ask[place] = here + self._poll_seconds
        return due

    def _act_on_postbacks(self) -> None:
        means, self._posted = self._means, False  # what is posted from here on is looked at once more
        try:
            for result in postbacks.act_on(means.database, means.seal, means.act()):
                self._listener.collected(result)
        except GcwError as error:
            self._posted = True
            self._tell_at_times(error)

    def _ask_connector(self, facility: Facility) -> None:
        """What it says once more is not told again."""
        try:
            found = self._ask(facility)
        except GcwError as error:
            self._tell_at_times(error)
            return
        said: dict[str, set[str]] = {}
        for result in found:
            is_new = result.why and result.why not in self._said.get(result.order_id, ())
            if result.result == results.MOVED or is_new:
                self._listener.collected(result)
            said.setdefault(result.order_id, set()).add(result.why)
        self._said |= said

    def _chain(self) -> None:
        """What is chained early can be changed behind gcw's back for a short time only."""
        try:
            chaining.chain(self._means.database)
        except GcwError as error:
            self._listener.trouble("", error)

    def _purge(self) -> None:
        means = self._means
        try:
            with means.database.view() as session:
                everyone = stores.everyone(session)
            self._listener.purged(privacy.purge(means.database, everyone, means.act(), self._keep_days * privacy.DAY))
        except GcwError as error:
            self._listener.trouble("", error)

    def _sweep(self) -> None:
        means, folders = self._means, self._folders
        try:
            found = sweeping.sweep(means.database, folders.designs, folders.pictures, means.act(), dry_run=False)
            self._listener.swept(found)
        except GcwError as error:
            self._listener.trouble("", error)

    def _collect(self, facility: Facility) -> None:
        try:
            for result in results.collect(self._means.database, self._means.seal, self._means.act(), facility):
                if result.result in (results.MOVED, results.FAILED):
                    self._listener.collected(result)
        except GcwError as error:
            self._tell_at_times(error)
