"""What `gcw serve` does beside listening: it watches, reads what production reports, and keeps the database tidy."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.tables import Facility
from gcw_tiktok.workflow import chaining, facilities, notifications, privacy, stores, watching
from gcw_tiktok.workflow.acting import Means
from gcw_tiktok.workflow.orders import results
from gcw_tiktok.workflow.privacy import Purged

TIDY_SECONDS = 3600
PURGE_SECONDS = 86_400
"""How often recipients that are kept for long enough are forgotten."""


class Listener(watching.Listener, Protocol):
    """Whoever wants to know of all of it. Called from several threads."""

    def collected(self, result: results.Result) -> None:
        """What production reported of an order."""

    def purged(self, reports: Sequence[Purged]) -> None: ...


class Tending(watching.Watch):
    """Runs from `start` to `end`, as the watch does."""

    def __init__(self, means: Means, poll_seconds: int, tell: Listener, keep_days: int = 0) -> None:
        super().__init__(means, poll_seconds, tell)
        self._listener, self._keep_days = tell, keep_days
        self._tidied = self._purged = 0.0

    def _look(self) -> None:
        super()._look()
        with self._means.database.view() as session:
            places = facilities.everyone(session)
        for facility in places:
            self._pollers.give(("results", facility.id), partial(self._collect, facility))
        if time.monotonic() - self._tidied > TIDY_SECONDS or not self._tidied:
            self._tidied = time.monotonic()
            notifications.forget_old(self._means.database, self._means.act().now)
            self._pollers.give("chain", self._chain)
        if self._keep_days and (time.monotonic() - self._purged > PURGE_SECONDS or not self._purged):
            self._purged = time.monotonic()
            self._pollers.give("purge", self._purge)

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

    def _collect(self, facility: Facility) -> None:
        try:
            for result in results.collect(self._means.database, self._means.seal, self._means.act(), facility):
                if result.result in (results.MOVED, results.FAILED):
                    self._listener.collected(result)
        except GcwError as error:
            self._tell_at_times(error)
