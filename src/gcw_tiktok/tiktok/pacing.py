"""How fast one shop may be asked. TikTok tells no figure, so it is learned from its refusals."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gcw_tiktok.tiktok.telling import Tell, nobody

FASTEST = 50.0
"""Requests a second at which there is nothing to hold back any more."""
SLOWEST = 0.2
RISE = 0.1
"""Requests a second won by each answer that is no refusal for haste."""
FALL = 0.5
"""What such a refusal leaves of the rate."""
REMEMBERED = 3600
"""Seconds after the last refusal for which a rate learned then is kept to."""
KEPT_EVERY = 30
"""Seconds between two notes of how far the rate has risen again."""
LONGEST_PAUSE = 60.0
WORTH_TELLING = 5
"""Seconds of waiting that a person at the terminal should know the reason of."""


@dataclass(frozen=True)
class Learned:
    """What is known of a shop's limit. Moments are Unix seconds of this machine."""

    rate: float = 0.0
    """Requests a second; 0 while no limit was met."""
    limited_at: float = 0.0
    limited_until: float = 0.0


UNKNOWN = Learned()


class Pacer:
    """Lets the requests for one shop go one after another: at once until TikTok refuses one for haste, then
    at half the rate, which rises again with each answer. Other shops have other pacers, and never wait."""

    def __init__(
        self,
        shop: str = "this app",
        learned: Learned = UNKNOWN,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        tell: Tell = nobody,
        keep: Callable[[Learned], None] = lambda learned: None,
    ) -> None:
        self.shop = shop
        self._now = now
        self._sleep = sleep
        self._tell = tell
        self._keep = keep
        age = now() - learned.limited_at
        self._rate = learned.rate if 0 <= age < REMEMBERED else 0.0
        self._limited_at = learned.limited_at
        self._limited_until = learned.limited_until if age >= 0 else 0.0
        self._kept_at = now()
        self._not_before, self._why = self._limited_until, self._limits
        self._in_a_row = 0
        self._sent: deque[float] = deque(maxlen=int(FASTEST))
        self._lock = threading.RLock()

    @property
    def learned(self) -> Learned:
        return Learned(self._rate, self._limited_at, self._limited_until)

    @property
    def _limits(self) -> str:
        return f"TikTok limits {self.shop}"

    def due_in(self) -> float:
        """Seconds until the next request may go."""
        after_last = self._sent[-1] + 1 / self._rate if self._rate and self._sent else 0.0
        return max(self._not_before - self._now(), after_last - self._now(), 0.0)

    def take_turn(self) -> float:
        """Waits until the next request may go; how long that was, in seconds."""
        with self._lock:
            wait = self.due_in()
            if self._not_before > self._now():
                self._tell(f"waiting {wait:.0f} s: {self._why}", wait >= WORTH_TELLING)
            if wait:
                self._sleep(wait)
            self._not_before = 0.0
            self._sent.append(self._now())
        return wait

    def hold(self, seconds: float, why: str) -> None:
        """Nothing goes for so long."""
        with self._lock:
            self._not_before, self._why = self._now() + seconds, why

    def refused(self, retry_after: float, sent_at: float | None = None) -> None:
        """TikTok was asked too fast: nothing goes for as long as it wants or longer, and then less often. Requests
        that were on their way together are refused together, which counts once."""
        with self._lock:
            now = self._now()
            if sent_at is not None and sent_at < self._limited_at:
                self.hold(max(retry_after, self._not_before - now), self._limits)
                return
            before = self._rate or sum(now - at <= 1 for at in self._sent)
            self._rate = max(before * FALL, SLOWEST)
            self.hold(max(retry_after, backoff(self._in_a_row)), self._limits)
            self._in_a_row += 1
            self._limited_at, self._limited_until = now, self._not_before
            self._note(now)

    def answered(self) -> None:
        """An answer that was no refusal for haste."""
        with self._lock:
            self._in_a_row = 0
            if self._rate:
                risen = self._rate + RISE
                self._rate = risen if risen < FASTEST else 0.0
                now = self._now()
                if not self._rate or now - self._kept_at >= KEPT_EVERY:
                    self._note(now)

    def _note(self, now: float) -> None:
        self._kept_at = now
        self._keep(self.learned)


def backoff(attempt: int) -> float:
    """Seconds to wait after the attempt of this number, counted from 0: twice as long each time, and not
    all at the same moment."""
    return float(min(2.0**attempt + random.uniform(0, 0.5), LONGEST_PAUSE))
