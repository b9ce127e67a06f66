"""What `gcw serve` does beside listening: acts on notifications as they come, polls every store, and reads what
production reports."""

import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from gcw_tiktok.errors import GcwError, Interrupted
from gcw_tiktok.store.tables import Facility, Store
from gcw_tiktok.workflow import acting, chaining, facilities, notifications, privacy, recording, stores
from gcw_tiktok.workflow.acting import Means, Outcome, Place
from gcw_tiktok.workflow.crew import Crew
from gcw_tiktok.workflow.orders import answering, cancelling, intake, results
from gcw_tiktok.workflow.privacy import Purged
from gcw_tiktok.workflow.recording import Receipt

LOOK_SECONDS = 2
"""How often the database is looked at for what other processes recorded, and for what is due again."""
GATHER_SECONDS = 0.3
"""How long after a webhook others are waited for: TikTok often sends several about one order."""
HANDS = 4
FINISH_SECONDS = 20
TIDY_SECONDS = 3600
PURGE_SECONDS = 86_400
"""How often recipients that are kept for long enough are forgotten."""
AGAIN_SECONDS = 60
"""How often the same trouble is told."""


class Listener(Protocol):
    """Whoever wants to know what happens. Called from several threads."""

    def received(self, receipt: Receipt) -> None: ...

    def acted(self, outcome: Outcome) -> None: ...

    def polled(self, report: intake.Pulled) -> None: ...

    def collected(self, result: results.Result) -> None:
        """What production reported of an order."""

    def purged(self, reports: Sequence[Purged]) -> None: ...

    def trouble(self, store: str, error: GcwError) -> None:
        """What went wrong at a store; without its name, elsewhere."""

    def broken(self, error: Exception) -> None:
        """A bug."""


class Watch:
    """Runs from `start` to `end`, on threads of its own. Whatever it was at when it was killed is done next time."""

    def __init__(self, means: Means, poll_seconds: int, tell: Listener, keep_days: int = 0) -> None:
        self._means, self._poll_seconds, self._tell = means, poll_seconds, tell
        self._keep_days = keep_days
        self._stopping, self._heard = threading.Event(), threading.Event()
        self._actors, self._pollers = Crew("acting", HANDS, tell.broken), Crew("polling", HANDS, tell.broken)
        self._next_poll: dict[int, float] = {}
        self._tidied = self._told = self._purged = 0.0
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def heard(self) -> None:
        """Something was recorded just now."""
        self._heard.set()

    def nap(self, seconds: float) -> None:
        """Sleeps, but not beyond the end: what waits to ask TikTok again then asks at once, and is done."""
        self._stopping.wait(seconds)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> bool:
        """Lets what is being acted on be finished; whether all of it was."""
        self._stopping.set()
        self._heard.set()
        self._thread.join(FINISH_SECONDS)
        acted = self._actors.end(FINISH_SECONDS)
        return self._pollers.end(FINISH_SECONDS) and acted

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look()
            except GcwError as error:
                self._tell_at_times(error)
            except Exception as error:  # noqa: BLE001  whoever watches goes on watching
                self._tell.broken(error)
            if self._heard.wait(LOOK_SECONDS):
                self._stopping.wait(GATHER_SECONDS)
                self._heard.clear()

    def _look(self) -> None:
        for receipt in recording.take_up(self._means.database, lambda: self._means.seal):
            self._tell.received(receipt)
        for place in acting.waiting(self._means):
            self._actors.give(place, partial(self._act, place))
        if self._poll_seconds:
            with self._means.database.view() as session:
                found = stores.connected(session)
            for store in found:
                self._poll_if_due(store)
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
            self._tell.trouble("", error)

    def _purge(self) -> None:
        means = self._means
        try:
            with means.database.view() as session:
                everyone = stores.everyone(session)
            self._tell.purged(privacy.purge(means.database, everyone, means.act(), self._keep_days * privacy.DAY))
        except GcwError as error:
            self._tell.trouble("", error)

    def _tell_at_times(self, error: GcwError) -> None:
        """A database that is away is away at every look."""
        if time.monotonic() - self._told > AGAIN_SECONDS or not self._told:
            self._told = time.monotonic()
            self._tell.trouble("", error)

    def _act(self, place: Place) -> None:
        try:
            while not self._stopping.is_set() and (outcomes := acting.work(self._means, place)):
                for outcome in outcomes:
                    self._tell.acted(outcome)
        except GcwError as error:
            self._tell.trouble(place.shop_id, error)

    def _poll_if_due(self, store: Store) -> None:
        """Not where another process has just done it, and after a failure not before its time either."""
        assert store.id is not None
        here = time.monotonic()
        recent = store.pulled_at is not None and store.pulled_at > self._means.act().now - self._poll_seconds
        if not recent and here >= self._next_poll.get(store.id, here):
            self._next_poll[store.id] = here + self._poll_seconds
            self._pollers.give(store.id, partial(self._poll, store))

    def _poll(self, store: Store) -> None:
        means = self._means
        try:
            hands = answering.Means(means.database, means.client_for(store), means.seal, store, means.act())
            report = intake.pull(
                means.database,
                hands.client,
                means.seal,
                store,
                hands.act,
                every=self._poll_seconds,
                progress=self._go_on,
            )
            followed = cancelling.follow_up(hands, approve=means.approve)
        except Interrupted:  # it continues where it stopped
            return
        except GcwError as error:
            self._tell.trouble(store.name, error)
        else:
            self._tell.polled(report)
            for trouble in followed.troubles:
                self._tell.trouble(store.name, trouble)

    def _collect(self, facility: Facility) -> None:
        try:
            for result in results.collect(self._means.database, self._means.seal, self._means.act(), facility):
                if result.result in (results.MOVED, results.FAILED):
                    self._tell.collected(result)
        except GcwError as error:
            self._tell_at_times(error)

    def _go_on(self, done: int, total: int | None) -> None:
        """Between two groups of orders a pull can be stopped: what it has read is stored."""
        if self._stopping.is_set():
            raise Interrupted("Stopped.")
