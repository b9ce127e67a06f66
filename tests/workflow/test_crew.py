"""Jobs on a few threads: none twice at a time, and a bug in one ends none of the others."""

import threading

from gcw_tiktok.workflow.crew import Crew

SOON = 20


def test_a_job_that_is_being_done_is_not_begun_again_and_later_it_is() -> None:
    begun, may_end, done = threading.Semaphore(0), threading.Event(), []
    crew = Crew("test", 2, done.append)

    def job() -> None:
        begun.release()
        may_end.wait(SOON)

    crew.give("one", job)
    assert begun.acquire(timeout=SOON)
    crew.give("one", job)
    crew.give("other", job)
    assert begun.acquire(timeout=SOON)  # the other's, for the one's is not begun twice
    assert not begun.acquire(blocking=False)
    may_end.set()
    assert crew.end(SOON)
    assert done == []

    crew = Crew("test", 1, done.append)
    for number in range(3):
        again, over = threading.Event(), threading.Event()
        crew.give("one", again.set)
        assert again.wait(SOON)
        crew.give(f"after {number}", over.set)  # by the same thread, so the one's is over by then
        assert over.wait(SOON)
    assert crew.end(SOON)


def test_a_bug_is_told_and_the_next_job_is_done() -> None:
    told: list[Exception] = []
    crew, done = Crew("test", 1, told.append), threading.Event()
    crew.give("broken", lambda: [][0])
    crew.give("next", done.set)
    assert done.wait(SOON)
    assert [type(error) for error in told] == [IndexError]
    assert crew.end(SOON)


def test_the_end_waits_for_what_is_being_done_and_begins_nothing_more() -> None:
    begun, may_end, late = threading.Event(), threading.Event(), threading.Event()
    crew = Crew("test", 1, lambda error: None)

    def job() -> None:
        begun.set()
        may_end.wait(SOON)

    crew.give("long", job)
    assert begun.wait(SOON)
    crew.give("late", late.set)
    assert not crew.end(0)
    may_end.set()
    assert crew.end(SOON)
    assert not late.is_set()
