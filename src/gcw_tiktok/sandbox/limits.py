"""How often an app may ask: dynamic limits for each app, shop and endpoint, and the hourly one of development shops."""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gcw_tiktok.sandbox.refusals import Refusal

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.gate import Call

HOUR = 3_600
MOST = 1_000_000
Json = dict[str, Any]


class Limits:
    """Counts calls that got past the gate by this machine's own time; 0 means no limit."""

    def __init__(self, per_second: int = 0, per_hour: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.per_hour, self._clock = per_second, per_hour, clock
        self._counted: dict[tuple[str, ...], deque[float]] = {}

    def set(self, wish: Json) -> Json:
        """Changes what is named, and forgets what was counted; ValueError when it makes no sense."""
        unknown = set(wish) - {"per_second", "per_hour"}
        if unknown:
            raise ValueError(f"Limits have no {', '.join(sorted(unknown))}; they have per_second and per_hour.")
        for name, value in wish.items():
            if type(value) is not int or not 0 <= value <= MOST:
                raise ValueError(f"{name} must be a whole number up to {MOST}, 0 for no limit; it is {value!r}.")
        self.per_second = wish.get("per_second", self.per_second)
        self.per_hour = wish.get("per_hour", self.per_hour)
        if wish:
            self._counted.clear()
        return self.shown

    @property
    def shown(self) -> Json:
        return {"per_second": self.per_second, "per_hour": self.per_hour}

    def count(self, call: "Call") -> None:
        """Refused when the app asked the shop too often; what is refused does not count."""
        whose = call.shop.id if call.route.cipher else call.grant.seller.open_id
        windows = [
            ((whose, call.route.method, call.route.path), self.per_second, 1),
            ((whose,), self.per_hour, HOUR),
        ]
        now = self._clock()
        recent = [(self._recent(key, now - seconds), limit, seconds) for key, limit, seconds in windows if limit]
        for times, limit, seconds in recent:
            if len(times) >= limit:
                raise _too_many(times[0] + seconds - now)
        for times, _, _ in recent:
            times.append(now)

    def _recent(self, key: tuple[str, ...], start: float) -> deque[float]:
        times = self._counted.setdefault(key, deque())
        while times and times[0] <= start:
            times.popleft()
        return times


def _too_many(seconds: float) -> Refusal:
    refusal = Refusal(36009002, "Too many requests. Please try again later.", 429)
    refusal.headers["Retry-After"] = str(max(math.ceil(seconds), 1))
    return refusal
