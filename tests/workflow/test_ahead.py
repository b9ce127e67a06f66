"""What is read ahead comes in order, all of it, and its reader ends with the work."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.workflow.ahead import ahead


@given(st.lists(st.integers(), max_size=50), st.integers(1, 8))
def test_everything_comes_once_and_in_order(numbers: list[int], most: int) -> None:
    with ahead(iter(numbers), most) as groups:
        found = list(groups)
    assert [number for group in found for number in group] == numbers
    assert all(1 <= len(group) <= most for group in found)


def test_what_comes_without_a_pause_comes_together() -> None:
    with ahead(iter(range(7)), 3, pause=60) as groups:
        assert list(groups) == [[0, 1, 2], [3, 4, 5], [6]]


def test_a_failure_is_raised_after_what_came_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("the cable is out")

    seen: list[int] = []

    def work() -> None:
        with ahead(failing(), 1) as groups:
            for group in groups:
                seen.extend(group)

    with pytest.raises(ValueError, match="cable"):
        work()
    assert seen == [1, 2]


def test_leaving_early_stops_the_source() -> None:
    given: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            given.append(1)
            yield len(given)

    def broken_off() -> None:
        with ahead(endless(), 3) as groups:
            next(groups)
            raise KeyboardInterrupt

    before = threading.active_count()
    with ahead(endless(), 3) as groups:
        assert next(groups)
    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert threading.active_count() == before
    assert len(given) < 40


def doubled(groups: Iterator[list[int]]) -> Iterator[int]:
    for group in groups:
        yield from (2 * number for number in group)


def test_one_may_feed_another() -> None:
    with ahead(iter(range(1, 8)), 2) as numbers, ahead(doubled(numbers), 3, pause=60) as groups:
        assert list(groups) == [[2, 4, 6], [8, 10, 12], [14]]


def test_one_that_waits_for_another_ends_with_the_work() -> None:
    silent = threading.Event()

    def silenced() -> Iterator[int]:
        yield 1
        silent.wait()

    def broken_off() -> None:
        with ahead(silenced(), 1) as numbers, ahead(doubled(numbers), 1) as groups:
            assert next(groups) == [2]
            raise KeyboardInterrupt

    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        broken_off()
    silent.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()
