"""Work that several hands do ahead of whoever needs its results."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.workflow import hands


@given(st.lists(st.integers(), max_size=40), st.integers(1, 4), st.integers(1, 8))
def test_results_come_in_the_order_of_the_things(things: list[int], workers: int, most: int) -> None:
    assert list(hands.in_order(lambda thing: thing * 2, things, workers, most)) == [thing * 2 for thing in things]


def test_several_are_worked_on_at_the_same_time() -> None:
    meeting = threading.Barrier(3)
    assert len(list(hands.in_order(lambda thing: meeting.wait(timeout=30), range(3), 3, 8))) == 3


def test_no_more_than_so_many_are_read_ahead() -> None:
    read: list[int] = []

    def things() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    for done, _ in enumerate(hands.in_order(str, things(), 2, 5)):
        assert len(read) <= done + 5


def test_a_failure_comes_where_its_result_would_and_ends_the_rest() -> None:
    done: list[int] = []

    def work(thing: int) -> int:
        if thing == 3:
            raise ValueError(thing)
        done.append(thing)
        return thing

    results = hands.in_order(work, range(1000), 2, 4)
    assert [next(results), next(results), next(results)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(results)
    assert max(done) < 10
    assert not [thread for thread in threading.enumerate() if thread.name.endswith("(_do)")]


def test_who_wants_no_more_leaves_nobody_at_work() -> None:
    results = hands.in_order(str, range(1000), 3, 4)
    next(results)
    results.close()
    assert not [thread for thread in threading.enumerate() if thread.name.endswith("(_do)")]


def test_ctrl_c_in_a_hand_is_ctrl_c() -> None:
    def stopped(thing: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(hands.in_order(stopped, [1], 2, 4))
