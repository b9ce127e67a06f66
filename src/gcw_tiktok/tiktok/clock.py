"""TikTok's time, told from this machine's clock, which may be wrong."""

import threading
import time
from collections.abc import Callable

OLDEST, NEWEST = 300, 30
"""Seconds that the time of a request may lie behind and ahead of TikTok's."""


class Clock:
    """This machine's clock until TikTok refuses it; from then on corrected. All clients of a run share one."""

    def __init__(
        self,
        machine: Callable[[], float] = time.time,
        noticed: Callable[[float], None] = lambda behind: None,
    ) -> None:
        self.machine = machine
        self.behind = 0.0
        """Seconds by which the machine's clock is behind TikTok's; negative when it is ahead."""
        self._noticed = noticed
        self._lock = threading.Lock()

    def now(self) -> float:
        """TikTok's Unix seconds, as well as they are known."""
        return self.machine() + self.behind

    def correct(self, sent: float, theirs: float) -> bool:
        """Whether `theirs`, the time of TikTok's answer, explains why it refused a request of the time `sent`.
        Then that is what the clock tells from now on."""
        if -NEWEST <= theirs - sent <= OLDEST:
            return False
        behind = theirs - self.machine()
        with self._lock:
            known = abs(behind - self.behind) <= NEWEST  # another thread has just been told the same
            self.behind = behind
        if not known:
            self._noticed(behind)
        return True
