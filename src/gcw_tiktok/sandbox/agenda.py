"""What time does: each step is due at a moment and done when the world next looks at the clock."""

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

Step = Callable[["World", str, int], None]
"""Does what is due: the world, the id of what it concerns, and the moment at which it was due."""
STEPS: dict[str, Step] = {}


def step(do: Step) -> Step:
    """Puts a function down as a step; it is planned by its name."""
    STEPS[do.__name__] = do
    return do


class Agenda:
    """Steps waiting for their moment."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, str, str]] = []
        self._serial = 0

    def plan(self, when: int, step: str, key: str) -> None:
        """Puts a step down for what has the id `key`."""
        self._serial += 1
        heapq.heappush(self._waiting, (when, self._serial, step, key))

    def planned(self) -> set[str]:
        """The names of the steps that wait."""
        return {step for _, _, step, _ in self._waiting}

    def run(self, world: "World", until: int) -> None:
        """Does every step due by then, each as if at its own moment."""
        while self._waiting and self._waiting[0][0] <= until:
            when, _, name, key = heapq.heappop(self._waiting)
            STEPS[name](world, key, when)
