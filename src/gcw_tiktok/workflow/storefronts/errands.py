"""Small things that a page has done soon, while nobody waits for them: one after another, in a thread."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from gcw_tiktok.errors import GcwError, TryAgain

MOST_WAITING = 200


class Errands:
    """What is to be done, and whoever does it as long as there is something."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._runner: threading.Thread | None = None

    def do(self, errand: Callable[[], None]) -> None:
        """Has it done; `TryAgain` where too much waits."""
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                raise TryAgain("Much is at work here just now.", "Try again in a minute.", code="busy")
            self._waiting.append(errand)
            if self._runner is None:
                self._runner = threading.Thread(target=self._run, name="errands", daemon=True)
                self._runner.start()

    def wait(self, seconds: float) -> None:
        """Until all is done, or for so long."""
        runner = self._runner
        if runner is not None:
            runner.join(seconds)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._runner = None
                    return
                errand = self._waiting.popleft()
            try:
                errand()
            except GcwError as error:
                logging.getLogger(__name__).warning("What a page had done failed: %s", error)
            except Exception:
                logging.getLogger(__name__).exception("What a page had done failed.")
