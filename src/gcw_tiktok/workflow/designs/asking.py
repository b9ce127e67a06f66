"""Asks many hosts many things at once: a few at a time of each, with patience, and not for ever where one is down."""

import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from gcw_tiktok.errors import GcwError, TryAgain
from gcw_tiktok.workflow.crew import Crew
from gcw_tiktok.workflow.designs.fetching import Busy

OF_ONE_HOST = 4
WAITS = (1.0, 4.0)
"""Seconds before each further try."""
LONGEST_WAIT = 60.0
"""A host that asks for more than that is not waited for."""
IN_A_ROW = 5
"""So many failures of one host, and it is left alone."""
STEP_SECONDS = 0.5
TOGETHER_SECONDS = 0.1
MOST_TOGETHER = 100
GRACE_SECONDS = 1.0


class Question(Protocol):
    """Something to ask, and whom."""

    @property
    def host(self) -> str: ...


Asked = TypeVar("Asked", bound=Question)
Result = TypeVar("Result")


class Asking(Generic[Asked, Result]):
    """Questions wait here, each for its turn at its host. `ask` runs in threads, and `sleep` in them too."""

    def __init__(
        self,
        ask: Callable[[Asked], Result],
        workers: int,
        stopping: threading.Event,
        sleep: Callable[[float], object],
    ) -> None:
        self._ask = ask
        self._workers = workers
        self._stopping = stopping
        self._sleep = sleep
        self._waiting: dict[str, deque[Asked]] = {}
        self._in_hand: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._answers: queue.SimpleQueue[tuple[Asked, Result | BaseException]] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._crew = Crew("asking", workers, lambda bug: None)

    def __enter__(self) -> "Asking[Asked, Result]":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """What is in hand may let go of what it holds; it does not keep the process from ending."""
        self._ended.set()
        self._crew.end(GRACE_SECONDS)

    @property
    def stopped(self) -> bool:
        """Whether nobody waits for answers any more."""
        return self._ended.is_set() or self._stopping.is_set()

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    @property
    def busy(self) -> bool:
        return self._in_hand.total() > 0 or self.waiting > 0

    def give(self, questions: Iterable[Asked]) -> None:
        for question in questions:
            self._waiting.setdefault(question.host, deque()).append(question)
        self._hand_out()

    def take(self) -> list[tuple[Asked, Result | GcwError]]:
        """What has been answered, in any order; it waits until there is something, and a little for more, so that
        there is one step for many. Ctrl-C is heard meanwhile."""
        taken = self._given_up()
        until = time.monotonic() + TOGETHER_SECONDS
        while self.busy and len(taken) < MOST_TOGETHER and not (taken and time.monotonic() > until):
            if self._stopping.is_set():
                raise KeyboardInterrupt
            with suppress(queue.Empty):
                wait = max(until - time.monotonic(), 0.0) if taken else STEP_SECONDS
                taken.append(self._noted(*self._answers.get(timeout=wait)))
            self._hand_out()
        return taken

    def _hand_out(self) -> None:
        for host, questions in self._waiting.items():
            if self._failed[host] >= IN_A_ROW:
                continue
            while questions and self._in_hand[host] < OF_ONE_HOST and self._in_hand.total() < self._workers:
                question = questions.popleft()
                self._in_hand[host] += 1
                self._crew.give(id(question), lambda question=question: self._answer(question))  # type: ignore[misc]

    def _answer(self, question: Asked) -> None:
        try:
            self._answers.put((question, self._patiently(question)))
        except BaseException as bug:  # noqa: BLE001  raised again where the answers are taken
            self._answers.put((question, bug))

    def _patiently(self, question: Asked) -> Result:
        for wait in WAITS:
            try:
                return self._ask(question)
            except TryAgain as error:
                asked_for = error.seconds if isinstance(error, Busy) else 0.0
                if asked_for > LONGEST_WAIT or self.stopped:
                    raise
                self._sleep(max(wait, asked_for))
        return self._ask(question)

    def _noted(self, question: Asked, result: Result | BaseException) -> tuple[Asked, Result | GcwError]:
        self._in_hand[question.host] -= 1
        if isinstance(result, BaseException) and not isinstance(result, GcwError):
            raise result
        if isinstance(result, TryAgain):
            self._failed[question.host] += 1
        else:
            self._failed[question.host] = 0
        return question, result

    def _given_up(self) -> list[tuple[Asked, Result | GcwError]]:
        """What waits for a host that failed again and again."""
        given_up: list[tuple[Asked, Result | GcwError]] = []
        for host, questions in self._waiting.items():
            if self._failed[host] >= IN_A_ROW:
                trouble = TryAgain(
                    f"{host or 'Reading files'} failed {IN_A_ROW} times in a row; this was not tried.",
                    "Try again later.",
                )
                given_up += [(question, trouble) for question in questions]
                questions.clear()
        return given_up
