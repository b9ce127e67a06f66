"""The world's time: the wall clock plus an offset that only grows."""

import time
from collections.abc import Callable

Wall = Callable[[], float]


class Clock:
    """Tells the virtual time in Unix seconds; `start` is what it shows when it is made."""

    def __init__(self, start: int | None = None, wall: Wall = time.time) -> None:
        self._wall = wall
        self._offset = 0 if start is None else start - self.wall()

    def wall(self) -> int:
        """The machine's own Unix seconds."""
        return int(self._wall())

    def now(self) -> int:
        """The world's Unix seconds."""
        return self.wall() + self._offset

    def showing(self, start: int) -> "Clock":
        """A clock on the same wall that shows another time."""
        return Clock(start, self._wall)

    def advance(self, seconds: int) -> int:
        """The new virtual time. Time in the world never runs backwards."""
        if seconds < 0:
            raise ValueError("The clock only moves forward.")
        self._offset += seconds
        return self.now()
