"""A few threads that do named jobs, none of them twice at a time."""

import queue
import threading
import time
from collections.abc import Callable, Hashable

Job = Callable[[], None]


class Crew:
    """Daemon threads: what they leave undone when the process ends is done by the next one."""

    def __init__(self, name: str, size: int, broken: Callable[[Exception], None]) -> None:
        """`broken` is told of a bug that ended a job."""
        self._jobs: queue.SimpleQueue[tuple[Hashable, Job] | None] = queue.SimpleQueue()
        self._broken = broken
        self._in_hand: set[Hashable] = set()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name} {number}", daemon=True) for number in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def give(self, name: Hashable, job: Job) -> None:
        """Has the job done soon; nothing where one of this name waits or is being done."""
        with self._lock:
            if name in self._in_hand:
                return
            self._in_hand.add(name)
        self._jobs.put((name, job))

    def end(self, patience: float) -> bool:
        """Lets what is being done be finished; whether it was, within so many seconds."""
        while not self._jobs.empty():
            self._jobs.get()
        for _ in self._threads:
            self._jobs.put(None)
        until = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (given := self._jobs.get()) is not None:
            name, job = given
            try:
                job()
            except Exception as error:  # noqa: BLE001  a bug in one job must not end all the others
                self._broken(error)
            finally:
                with self._lock:
                    self._in_hand.discard(name)
