"""Gets ahead: what is slow to come is fetched in a thread while what came before is worked on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
GRACE_SECONDS = 1.0
"""How long the thread may take to end when the work was broken off; after that it ends with the process."""
STEP_SECONDS = 0.5
PAUSE_SECONDS = 0.1
"""What comes after no longer a wait still belongs to the group: to work on few things at a time costs more."""


@contextmanager
def ahead(source: Iterator[Thing], most: int, pause: float = PAUSE_SECONDS) -> Iterator[Iterator[list[Thing]]]:
    """What `source` gives, in its order, in groups of what comes without a pause: one thing at least, `most` at most.

    What `source` raises is raised here, after all that came before. Leaving the block early stops the source.
    """
    reader = _Reader(source, most, pause)
    try:
        yield reader.groups()
    except BaseException:
        reader.stop(GRACE_SECONDS)
        raise
    reader.stop(None)


class _End:
    """That nothing more comes, and why."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.failure = failure


class _Reader(Generic[Thing]):
    def __init__(self, source: Iterator[Thing], most: int, pause: float) -> None:
        self._source = source
        self._most = most
        self._pause = pause
        self._there: Queue[Thing | _End] = Queue(most)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def groups(self) -> Iterator[list[Thing]]:
        end: _End | None = None
        while end is None:
            group: list[Thing] = []
            thing: Thing | _End | None = self._first()
            while thing is not None and not isinstance(thing, _End):
                group.append(thing)
                thing = self._next() if len(group) < self._most else None
            if group:
                yield group
            end = thing if isinstance(thing, _End) else None
        if end.failure is not None:
            raise end.failure

    def _first(self) -> Thing | _End:
        """What comes next, however long it takes; nothing more once all was stopped."""
        while not self._stopped.is_set():
            with suppress(Empty):
                return self._there.get(timeout=STEP_SECONDS)
        return _End()

    def _next(self) -> Thing | _End | None:
        """What is there already or comes at once, if anything does."""
        try:
            return self._there.get(timeout=self._pause)
        except Empty:
            return None

    def stop(self, seconds: float | None) -> None:
        self._stopped.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        end = _End()
        try:
            for thing in self._source:
                if not self._put(thing):
                    break
        except BaseException as failure:  # noqa: BLE001  raised again where the things are worked on
            end = _End(failure)
        self._put(end)

    def _put(self, thing: Thing | _End) -> bool:
        """Whether there was room for it before all was stopped."""
        while not self._stopped.is_set():
            try:
                self._there.put(thing, timeout=STEP_SECONDS)
            except Full:
                continue
            return True
        return False
