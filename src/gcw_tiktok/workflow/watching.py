"""Acts on notifications as they come, and polls every store: what `gcw serve` and `gcw orders watch` share."""

import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from gcw_tiktok.errors import GcwError, Interrupted
from gcw_tiktok.store.tables import Store
from gcw_tiktok.workflow import acting, recording, stores
from gcw_tiktok.workflow.acting import Means, Outcome, Place
from gcw_tiktok.workflow.cancelling import cancelling
from gcw_tiktok.workflow.crew import Crew
from gcw_tiktok.workflow.orders import intake
from gcw_tiktok.workflow.orders import means as orders
from gcw_tiktok.workflow.recording import Receipt

LOOK_SECONDS = 2
"""How often the database is looked at for what other processes recorded, and for what is due again."""
GATHER_SECONDS = 0.3
"""How long after a webhook others are waited for: TikTok often sends several about one order."""
HANDS = 4
FINISH_SECONDS = 20
AGAIN_SECONDS = 60
"""How often the same trouble of the database is told."""


class Listener(Protocol):
    """Whoever wants to know what happens. Called from several threads."""

    def received(self, receipt: Receipt) -> None: ...

    def acted(self, outcome: Outcome) -> None: ...

    def polled(self, report: intake.Pulled) -> None: ...

    def trouble(self, store: str, error: GcwError) -> None:
        """What went wrong at a store; without its name, elsewhere."""

    def well(self, store: str) -> None:
        """A store that was in trouble is not any more."""

    def broken(self, error: Exception) -> None:
        """A bug."""


class Watch:
    """Runs from `start` to `end`, on threads of its own. Whatever it was at when it was killed is done next time."""

    def __init__(
        self, means: Means, poll_seconds: int, tell: Listener, *, only: Sequence[Store] = (), polls: int = 0
    ) -> None:
        """`poll_seconds` is 0 where nobody polls; `only` are the stores that are watched, all where none is named;
        after so many `polls` of each, 0 for ever, it is `over`."""
        self._means, self._poll_seconds, self._tell = means, poll_seconds, tell
        self._only, self._polls = {store.id: store.shop_id for store in only}, polls
        self._stopping, self._heard = threading.Event(), threading.Event()
        self.over = threading.Event()
        self._actors, self._pollers = Crew("acting", HANDS, tell.broken), Crew("polling", HANDS, tell.broken)
        self._next_poll: dict[int, float] = {}
        self._begun: dict[int, int] = {}
        self._ended: dict[int, int] = {}
        self._troubles: dict[int, dict[str, GcwError]] = {}
        self._told = 0.0
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

    @property
    def troubles(self) -> dict[int, list[GcwError]]:
        """What went wrong at the newest poll of each store that was polled; nothing where it went well."""
        return {store_id: list(found.values()) for store_id, found in self._troubles.items()}

    def end(self, patience: float = FINISH_SECONDS) -> bool:
        """Lets what is being acted on be finished, for so many seconds; whether all of it was."""
        self._stopping.set()
        self._heard.set()
        self._thread.join(patience)
        acted = self._actors.end(patience)
        return self._pollers.end(patience) and acted

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
            if not self._only or place.shop_id in self._only.values():
                self._actors.give(place, partial(self._act, place))
        if self._poll_seconds:
            found = self._stores()
            for store in found:
                self._poll_if_due(store)
            self._see_whether_over(found)

    def _stores(self) -> list[Store]:
        """Those that gcw may act for now."""
        with self._means.database.view() as session:
            return [store for store in stores.connected(session) if not self._only or store.id in self._only]

    def _see_whether_over(self, found: Sequence[Store]) -> None:
        if self._polls and all(self._ended.get(store.id or 0, 0) >= self._polls for store in found):
            self.over.set()

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
        """Not where another process has just done it, and after a failure not before its time either. A number of
        polls that was asked for is done whatever others do."""
        assert store.id is not None
        here, begun = time.monotonic(), self._begun.get(store.id, 0)
        recent = store.pulled_at is not None and store.pulled_at > self._means.act().now - self._poll_seconds
        free = begun < self._polls if self._polls else not recent
        if free and here >= self._next_poll.get(store.id, here):
            self._next_poll[store.id] = here + self._poll_seconds
            self._begun[store.id] = begun + 1
            self._pollers.give(store.id, partial(self._poll, store))

    def _poll(self, store: Store) -> None:
        means = self._means
        try:
            hands = orders.Means(
                means.database, means.client_for(store), means.seal, store, means.act(), means.cancel_there
            )
            every, client = self._poll_seconds, hands.client
            report = intake.pull(
                means.database, client, means.seal, store, hands.act, every=every, progress=self._go_on
            )
            followed = cancelling.follow_up(hands, approve=means.approve)
        except Interrupted:  # it continues where it stopped
            return
        except GcwError as error:
            self._tell_once(store, {error.code: error})
        else:
            self._tell.polled(report)
            self._tell_once(store, {str(error): error for error in followed.troubles})
        finally:
            self._ended[store.id or 0] = self._ended.get(store.id or 0, 0) + 1
            if self._polls:
                self._heard.set()

    def _tell_once(self, store: Store, now: dict[str, GcwError]) -> None:
        """A store that is in trouble is so at every poll."""
        before = self._troubles.get(store.id or 0, {})
        self._troubles[store.id or 0] = now
        for name in now.keys() - before.keys():
            self._tell.trouble(store.name, now[name])
        if before and not now:
            self._tell.well(store.name)

    def _go_on(self, done: int, total: int | None) -> None:
        """Between two groups of orders a pull can be stopped: what it has read is stored."""
        if self._stopping.is_set():
            raise Interrupted("Stopped.")
