"""An ordered collection: found by id, and read in pages by time without losing or repeating anything."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Place = tuple[int, str]
FIRST_ID, LAST_ID = "", "~"  # sort before and after every id


class Timed(Protocol):
    """What may stand on a shelf."""

    id: str
    create_time: int
    update_time: int


T = TypeVar("T", bound=Timed)


@dataclass(frozen=True)
class Window:
    """Which part of the shelf is asked for, in which order: `start` inclusive, `end` exclusive."""

    field: str = "create_time"
    descending: bool = True
    start: int = 0
    end: int = 1 << 62


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items, how many there are in all, and where the next page starts after."""

    items: list[T]
    total: int
    last: Place | None


class Shelf(Generic[T]):
    """Items by id, with an index by each time. Tell it of a changed `update_time` by `moved`.

    `more_times` names further times that never change.
    """

    def __init__(self, *more_times: str) -> None:
        self._items: dict[str, T] = {}
        self._indexes: dict[str, list[Place]] = {name: [] for name in ("create_time", "update_time", *more_times)}
        self._counted: dict[object, int] = {}

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def get(self, item_id: str) -> T | None:
        """The item with this id, or None."""
        return self._items.get(item_id)

    def fill(self, items: list[T]) -> None:
        """Puts many items up at once."""
        self._items.update((item.id, item) for item in items)
        for name, index in self._indexes.items():
            index.extend((getattr(item, name), item.id) for item in items)
            index.sort()
        self._counted.clear()

    def add(self, item: T) -> None:
        """Puts one item up."""
        self._items[item.id] = item
        for name, index in self._indexes.items():
            insort(index, (getattr(item, name), item.id))
        self._counted.clear()

    def moved(self, item: T, before: int) -> None:
        """Finds the new place of an item whose `update_time` was `before`."""
        index = self._indexes["update_time"]
        del index[bisect_left(index, (before, item.id))]
        insort(index, (item.update_time, item.id))
        self._counted.clear()

    def page(
        self, window: Window, wanted: Callable[[T], bool] | None, size: int, after: Place | None, memo: object
    ) -> Page[T]:
        """The items that follow `after`. `memo` names the search, so that its total is counted once."""
        items: list[T] = []
        last = None
        for place in self._walk(window, after):
            item = self._items[place[1]]
            if wanted and not wanted(item):
                continue
            if len(items) == size:
                last = (getattr(items[-1], window.field), items[-1].id)
                break
            items.append(item)
        return Page(items, self._count(window, wanted, memo), last)

    def walk(self, window: Window) -> Iterator[T]:
        """The items in a window, in its order."""
        return (self._items[item_id] for _, item_id in self._walk(window, None))

    def _bounds(self, window: Window) -> tuple[int, int]:
        index = self._indexes[window.field]
        return bisect_left(index, (window.start, FIRST_ID)), bisect_left(index, (window.end, FIRST_ID))

    def _walk(self, window: Window, after: Place | None) -> Iterator[Place]:
        index = self._indexes[window.field]
        low, high = self._bounds(window)
        if after and window.descending:
            high = min(high, bisect_left(index, after))
        elif after:
            low = max(low, bisect_left(index, (after[0], after[1] + LAST_ID)))
        steps = range(high - 1, low - 1, -1) if window.descending else range(low, high)
        return (index[step] for step in steps)

    def _count(self, window: Window, wanted: Callable[[T], bool] | None, memo: object) -> int:
        low, high = self._bounds(window)
        if not wanted:
            return max(high - low, 0)
        if memo not in self._counted:
            places = self._indexes[window.field][low:high]
            self._counted = {memo: sum(wanted(self._items[item_id]) for _, item_id in places)}
        return self._counted[memo]
