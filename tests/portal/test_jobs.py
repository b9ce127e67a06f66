"""Work that pages have started: it is seen to be alive, ends in words, and is not started twice."""

import itertools
import threading
from collections.abc import Iterator

import pytest
from sqlmodel import select

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Job, Person
from gcw_tiktok.workflow.storefronts import jobs
from gcw_tiktok.workflow.storefronts.jobs import Beat, Ended, Jobs

ADA = Person(email="ada@harbor.example", invited_at=1)
PATIENCE = 60


@pytest.fixture
def seconds() -> Iterator[int]:
    """A clock that goes on whenever it is looked at."""
    return itertools.count(1_000)


@pytest.fixture
def at_work(database: Database, seconds: Iterator[int]) -> Jobs:
    return Jobs(database, lambda: next(seconds))


def start(at_work: Jobs, work: jobs.Work) -> str:
    return at_work.start(ADA, "sync", work, store_id=None, customer_id=None)


def found(database: Database, job_id: str) -> Job:
    with database.view() as session:
        return session.exec(select(Job).where(Job.id == job_id)).one()


def test_a_step_that_takes_long_still_shows_that_it_is_alive(
    database: Database, at_work: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SIGN_SECONDS", 0.01)
    alive = threading.Event()

    def work(beat: Beat) -> Ended:
        assert alive.wait(PATIENCE)
        return Ended("done")

    job_id = start(at_work, work)
    begun = found(database, job_id).beat_at
    for _ in range(2_000):
        if found(database, job_id).beat_at > begun + 2:
            alive.set()
            break
    assert alive.is_set(), "it gave no sign"
    assert at_work.ended(job_id, PATIENCE).words == "done"


def test_what_gives_no_sign_counts_as_broken_off(database: Database, at_work: Jobs) -> None:
    job_id = start(at_work, lambda beat: Ended("done"))
    job = at_work.ended(job_id, PATIENCE)
    job.state = jobs.JobState.RUNNING
    assert jobs.shown(job, job.beat_at + jobs.SILENT_SECONDS)["state"] == "running"
    told = jobs.shown(job, job.beat_at + jobs.SILENT_SECONDS + 1)
    assert (told["state"], told["words"]) == ("failed", jobs.BROKEN_OFF)


def test_the_same_is_not_started_twice(at_work: Jobs) -> None:
    over = threading.Event()

    def work(beat: Beat) -> Ended:
        over.wait(PATIENCE)
        return Ended("done")

    job_id = start(at_work, work)
    with pytest.raises(TryAgain, match="at work already"):
        start(at_work, work)
    over.set()
    at_work.ended(job_id, PATIENCE)
    assert at_work.ended(start(at_work, work), PATIENCE).words == "done"


def test_a_bug_ends_in_a_sentence_and_leaves_room_for_others(at_work: Jobs) -> None:
    def work(beat: Beat) -> Ended:
        raise ZeroDivisionError

    for _ in range(jobs.MOST_AT_ONCE + 1):
        job = at_work.ended(start(at_work, work), PATIENCE)
        assert (job.state, job.words) == (jobs.JobState.FAILED, jobs.BUG)
