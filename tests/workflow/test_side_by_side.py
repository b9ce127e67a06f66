import threading
from collections.abc import Callable

import pytest

from gcw_tiktok.errors import GcwError, TryAgain
from gcw_tiktok.workflow import side_by_side
from gcw_tiktok.workflow.side_by_side import AT_ONCE


def each(things: list[int], work: Callable[[int], int]) -> list[int | GcwError]:
    return side_by_side.each(things, work, threading.Event())


@pytest.mark.parametrize("many", [0, 1, 2, AT_ONCE, 5 * AT_ONCE])
def test_all_is_done_and_told_in_order(many: int) -> None:
    assert each(list(range(many)), lambda thing: thing * 10) == [thing * 10 for thing in range(many)]


def test_they_really_go_side_by_side_but_not_more_than_so_many() -> None:
    together = threading.Barrier(AT_ONCE)
    names: set[int] = set()

    def work(thing: int) -> int:
        names.add(threading.get_ident())
        if thing < AT_ONCE:
            together.wait(timeout=20)
        return thing

    each(list(range(3 * AT_ONCE)), work)
    assert len(names) == AT_ONCE


@pytest.mark.parametrize("many", [1, 5])
def test_one_failure_stops_no_other(many: int) -> None:
    def work(thing: int) -> int:
        if thing == 0:
            raise TryAgain("TikTok is down.")
        return thing

    failed, *done = each(list(range(many)), work)
    assert isinstance(failed, TryAgain)
    assert done == list(range(1, many))


@pytest.mark.parametrize("many", [1, 5])
def test_a_bug_comes_through_as_what_it_is(many: int) -> None:
    with pytest.raises(ZeroDivisionError):
        each([0] * many, lambda thing: 1 // thing)


def test_what_is_alone_is_done_right_here() -> None:
    assert each([1], lambda _: threading.get_ident()) == [threading.get_ident()]


def test_an_interrupted_crew_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping, told = threading.Event(), []
    real = side_by_side._Crew.wait

    def interrupted(crew: side_by_side._Crew[int, int], seconds: float | None = None) -> None:
        if seconds is None:
            raise KeyboardInterrupt
        real(crew, seconds)

    monkeypatch.setattr(side_by_side._Crew, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        side_by_side.each([1, 2], lambda _: told.append(stopping.wait(20)), stopping)
    assert told == [True, True]
