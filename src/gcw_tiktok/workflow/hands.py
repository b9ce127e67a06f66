"""Several hands do work ahead of whoever needs its results."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

GRACE_SECONDS = 1.0
"""How long what is still being done is waited for when its result is not wanted any more."""

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Thing], Result], things: Iterable[Thing], hands: int, most: int
) -> Generator[Result, None, None]:
    """What `work` makes of each thing, in their order. So many `hands` work at once, on things that are read at
    `most` so many ahead. A failure is raised where its result would have come; what lies behind it is dropped."""
    jobs: SimpleQueue[tuple[Future[Result], Thing] | None] = SimpleQueue()
    crew = [threading.Thread(target=_do, args=(work, jobs), daemon=True) for _ in range(hands)]
    for hand in crew:
        hand.start()
    coming: deque[Future[Result]] = deque()
    try:
        for thing in things:
            coming.append(Future())
            jobs.put((coming[-1], thing))
            while coming and (len(coming) >= most or coming[0].done()):
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        for future in coming:
            future.cancel()
        for _ in crew:
            jobs.put(None)
        for hand in crew:
            hand.join(GRACE_SECONDS)


def _do(work: Callable[[Thing], Result], jobs: "SimpleQueue[tuple[Future[Result], Thing] | None]") -> None:
    while (job := jobs.get()) is not None:
        future, thing = job
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(work(thing))
        except BaseException as error:  # noqa: BLE001  raised again where the result is asked for
            future.set_exception(error)
