"""Works for several stores at once, so that none of them waits for another."""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from gcw_tiktok.errors import GcwError

AT_ONCE = 8
GRACE_SECONDS = 1.0
"""How long work that is interrupted may take to let go of what it holds; what is left then ends with the process,
as if it had been killed."""
SHORT_SECONDS = 0.5

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def each(
    things: Sequence[Thing], work: Callable[[Thing], Result], stopping: threading.Event
) -> list[Result | GcwError]:
    """What came of each, in their order: the result of `work`, or the failure that stopped it. None stops another;
    only Ctrl-C and a bug end all of it, which `stopping` tells whoever is in the middle of something."""
    if len(things) < 2:
        return [_attempt(work, thing) for thing in things]
    crew = _Crew(things, work, stopping)
    try:
        crew.wait()
    except KeyboardInterrupt:
        stopping.set()
        crew.wait(GRACE_SECONDS)
        raise
    if crew.bugs:
        raise crew.bugs[0]
    return [crew.outcomes[number] for number in range(len(things))]


class _Crew(Generic[Thing, Result]):
    """Threads that take one thing after another. They do not keep the process from ending."""

    def __init__(self, things: Sequence[Thing], work: Callable[[Thing], Result], stopping: threading.Event) -> None:
        self.outcomes: dict[int, Result | GcwError] = {}
        self.bugs: list[BaseException] = []
        self._left: SimpleQueue[tuple[int, Thing]] = SimpleQueue()
        for place in enumerate(things):
            self._left.put(place)
        self._work = work
        self._stopping = stopping
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in things[:AT_ONCE]]
        for thread in self._threads:
            thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Until all are done or so many seconds have passed; in short steps, so that Ctrl-C is heard everywhere."""
        left = seconds
        while any(thread.is_alive() for thread in self._threads) and (left is None or left > 0):
            next(thread for thread in self._threads if thread.is_alive()).join(SHORT_SECONDS)
            left = None if left is None else left - SHORT_SECONDS

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                number, thing = self._left.get_nowait()
            except Empty:
                return
            try:
                self.outcomes[number] = _attempt(self._work, thing)
            except BaseException as bug:  # noqa: BLE001  raised again where the work was asked for
                self.bugs.append(bug)
                self._stopping.set()


def _attempt(work: Callable[[Thing], Result], thing: Thing) -> Result | GcwError:
    try:
        return work(thing)
    except GcwError as error:
        return error
