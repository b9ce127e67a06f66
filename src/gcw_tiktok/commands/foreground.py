"""What commands that go on in the foreground share: how they are ended, and how they tell what happens."""

import gc
import queue
import signal
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from gcw_tiktok import output
from gcw_tiktok.errors import GcwError
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import notifications, times
from gcw_tiktok.workflow.orders import gaps

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Notification
    from gcw_tiktok.workflow.acting import Means, Outcome
    from gcw_tiktok.workflow.orders.intake import Pulled
    from gcw_tiktok.workflow.privacy import Purged
    from gcw_tiktok.workflow.production.results import Result
    from gcw_tiktok.workflow.recording import Receipt
    from gcw_tiktok.workflow.storefronts.sweeping import Swept

USUAL_THRESHOLDS = (700, 10, 10)
"""How often Python searches for garbage by itself; the command line has raised it for its start-up."""
FINISH_SECONDS = 5
AGAIN_SECONDS = 60
COUNTS = ("new", "changed", "orders", "set_aside", "webhooks", "folders", "designs", "pictures")


def for_weeks() -> None:
    """Has Python search for garbage as often as usual: what goes on so long makes more of it than a command does."""
    gc.set_threshold(*USUAL_THRESHOLDS)


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """Set by Ctrl-C or SIGTERM. A second one ends the program at once."""
    for_weeks()
    stop = threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def means_for(gcw: Runtime, who: str) -> Iterator["Means"]:
    """What it takes to act on notifications, under a name that others see to be alive."""
    from gcw_tiktok.workflow import alive
    from gcw_tiktok.workflow.acting import Means
    from gcw_tiktok.workflow.history import Act
    from gcw_tiktok.workflow.production import gelatoconnect

    running, approve = gcw.profile.folder / "running", gcw.settings.approve_cancellations
    with alive.sign(running) as holder:
        cancel_there = gelatoconnect.canceller(gcw.database, gcw.http, gcw.vault)
        hands = (gcw.database, gcw.seal, gcw.client_for, lambda: Act(who, gcw.now()))
        yield Means(*hands, running, holder, approve, cancel_there)


class Reporter:
    """Each event as a line of talk, or as one object a line with --json. Used as a context.

    One thread of its own prints, so that nobody who has TikTok waiting waits for a terminal. Nothing is told before
    `begin`: a script takes the first line for the address.
    """

    def __init__(self, gcw: Runtime, *, as_json: bool) -> None:
        self._gcw, self._as_json = gcw, as_json
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._names: dict[str, str] = {}
        self._counting, self._refused, self._tell_refused_at = threading.Lock(), 0, 0.0
        self._thread = threading.Thread(target=self._print, name="reporter", daemon=True)

    def __enter__(self) -> "Reporter":
        return self

    def begin(self) -> None:
        """Tells what has happened, and from now on what happens."""
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._lines.put(None)
        if self._thread.ident is not None:
            self._thread.join(FINISH_SECONDS)

    def received(self, receipt: "Receipt") -> None:
        self._tell("received" if receipt.new else "received again", **self._about(receipt.notification))

    def refused(self) -> None:
        """Told once a minute: it is either a wrong secret, which somebody has to know, or a stranger."""
        with self._counting:
            self._refused += 1
            if time.monotonic() < self._tell_refused_at:
                return
            self._tell_refused_at = time.monotonic() + AGAIN_SECONDS
            count, self._refused = self._refused, 0
        why = f"{count} came without TikTok's signature."
        hint = "If TikTok sent them: compare the app's key and secret with Partner Center, and start gcw again."
        self._tell("refused", count=count, why=why, hint=hint)

    def acted(self, outcome: "Outcome") -> None:
        state = outcome.state.value if outcome.state else "later"
        self._tell("acted", **self._about(outcome.notification), state=state, why=outcome.why)

    def polled(self, report: "Pulled") -> None:
        told = {"new": len(report.new), "changed": len(report.changed), "set_aside": len(report.set_aside)}
        if any(told.values()):
            self._tell("polled", store=report.store, **told)
        if report.gap:
            facts = gaps.facts(report.gap) or {}
            self._tell("gap", store=report.store, why=facts.pop("sentence"), **facts)
        self.alarmed(report.store, report.alarms)

    def alarmed(self, store: str, alarms: Mapping[str, str]) -> None:
        for order_id, sentence in alarms.items():
            hint = f"See `gcw orders explain {order_id}`."
            self._tell("alarm", store=store, about=[f"order:{order_id}"], why=sentence, hint=hint)

    def collected(self, result: "Result") -> None:
        about = [f"order:{result.order_id}"] if result.order_id else []
        facts = {"file": result.file, "about": about, "state": result.stage or result.result}
        self._tell("collected", facility=result.facility, **facts, why=result.why, hint=result.command)

    def purged(self, reports: "Sequence[Purged]") -> None:
        for one in reports:
            told = {"orders": one.orders, "set_aside": one.set_aside, "webhooks": one.webhooks, "folders": one.folders}
            if any(told.values()):
                self._tell("purged", store=one.store, **told)
            for error in one.failed:
                self.trouble(one.store, error)

    def swept(self, report: "Swept") -> None:
        told = {"designs": len(report.designs), "pictures": len(report.pictures)}
        if any(told.values()):
            self._tell("swept", **told, bytes=sum(one.size for one in report.designs))
        for why in report.failed:
            self._tell("trouble", why=why)

    def trouble(self, store: str, error: GcwError) -> None:
        self._tell("trouble", store=store, why=str(error), hint=error.hint)

    def well(self, store: str) -> None:
        self._tell("well again", store=store)

    def broken(self, error: Exception) -> None:
        """A bug: everything of it is shown, for whoever mends it."""
        self._tell("bug", why="".join(traceback.format_exception(error)))

    def _about(self, one: "Notification") -> dict[str, Any]:
        return {
            "id": one.notification_id,
            "topic": notifications.topic(one.type),
            "store": one.shop_id,
            "about": one.subjects,
        }

    def _tell(self, event: str, **facts: Any) -> None:
        self._lines.put({"at": self._gcw.now(), "event": event, **facts})

    def _print(self) -> None:
        while (line := self._lines.get()) is not None:
            line["store"] = self._name(line.get("store", ""))
            try:
                if self._as_json:
                    output.line({**line, "at": times.iso(line["at"])})
                else:
                    output.note(_in_words(line))
            except BrokenPipeError:  # nobody reads any more; the work goes on
                output.give_up()

    def _name(self, shop_id: str) -> str:
        """The store's name, where it is a shop that gcw knows."""
        if shop_id.isdigit() and shop_id not in self._names:
            try:
                with self._gcw.database.view() as session:
                    self._names = notifications.store_names(session)
            except GcwError:
                return shop_id
        return self._names.get(shop_id, shop_id)


def _in_words(line: Mapping[str, Any]) -> str:
    """`15:02:11Z acted ORDER_STATUS_CHANGE Paper Harbor order:576... done`."""
    facts = [
        line.get("topic", ""),
        line["store"],
        line.get("facility", ""),
        line.get("file", ""),
        *line.get("about", ()),
    ]
    facts += [f"{line[name]} {name.replace('_', ' ')}" for name in COUNTS if line.get(name)]
    facts += [line.get("state", ""), line.get("why", ""), line.get("hint", "")]
    return " ".join([times.iso(line["at"])[11:], line["event"], *filter(None, facts)])
