"""Work that takes longer than a page may: it goes on in a thread, and any process's pages see how far it is."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, delete, select, update

from gcw_tiktok.errors import GcwError, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Job, JobState, Person
from gcw_tiktok.workflow.storefronts.errands import Errands

MOST_AT_ONCE = 4
"""Of one process; one customer gets no more than one of each kind."""
KEPT_SECONDS = 7 * 86_400
SILENT_SECONDS, SIGN_SECONDS = 120, 30
"""After so long without a sign a job counts as broken off: its process is gone. How often it gives one, however long a
step of its work takes."""
BEAT_SECONDS = 1.0
WITHOUT_FILE = defer(Job.file)  # type: ignore[arg-type]
"""Files may be large: they are read when they are asked for."""
BROKEN_OFF = "This was broken off half-way. What is done stays done; start it again for the rest."
BUG = "Something went wrong here that should not. Your print provider can see what in the log."


@dataclass
class Ended:
    """How a job ended, with a file for the reader where it made one."""

    words: str
    file: bytes | None = None
    file_name: str = ""
    facts: dict[str, Any] | None = None


class Beat:
    """Tells how far the work is. It may be called often: the database hears of it once a second."""

    def __init__(self, database: Database, job_id: str, now: Callable[[], int]) -> None:
        self._database, self._id, self._now, self._next = database, job_id, now, 0.0

    def __call__(self, done: int, total: int | None, words: str = "") -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + BEAT_SECONDS
        with self._database.session() as session:
            values = {"done": done, "total": total, "beat_at": self._now()} | ({"words": words} if words else {})
            session.exec(update(Job).where(col(Job.id) == self._id).values(**values))


Work = Callable[[Beat], Ended]


class Jobs:
    """Starts work, a few at once."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database, self._now = database, now
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._threads: list[threading.Thread] = []
        self.errands = Errands()

    def start(self, person: Person, kind: str, work: Work, *, store_id: int | None, customer_id: int | None) -> str:
        """The id of the job that does this work; `TryAgain` where the same is at work already, or too much is."""
        if not self._room.acquire(blocking=False):
            raise TryAgain("Much is at work here just now.", "Try again in a minute.", code="busy")
        try:
            job_id = self._add(person, kind, store_id, customer_id)
        except BaseException:
            self._room.release()
            raise
        thread = threading.Thread(target=self._run, args=(job_id, work), name=job_id, daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()
        return job_id

    def ended(self, job_id: str, within: float) -> Job:
        """A job as it is once it has ended, or after so many seconds."""
        for thread in [one for one in self._threads if one.name == job_id]:
            thread.join(within)
        with self._database.view() as session:
            return session.get_one(Job, job_id)

    def wait(self, seconds: float) -> None:
        """Until all that was started has ended, or for so long."""
        self.errands.wait(seconds)
        for thread in list(self._threads):
            thread.join(seconds)

    def _add(self, person: Person, kind: str, store_id: int | None, customer_id: int | None) -> str:
        now = self._now()
        with self._database.session() as session:
            session.exec(delete(Job).where(col(Job.started_at) < now - KEPT_SECONDS))
            same = select(Job.id).where(Job.kind == kind, Job.store_id == store_id, Job.customer_id == customer_id)
            living = same.where(Job.state == JobState.RUNNING, col(Job.beat_at) > now - SILENT_SECONDS)
            if session.exec(living).first():
                raise TryAgain("This is at work already.", "Wait for it to end.", code="at_work")
            job = Job(
                id=secrets.token_urlsafe(16),
                kind=kind,
                customer_id=customer_id,
                store_id=store_id,
                started_by=person.email,
                started_at=now,
                beat_at=now,
            )
            session.add(job)
        return job.id

    def _run(self, job_id: str, work: Work) -> None:
        over = threading.Event()
        threading.Thread(target=self._give_signs, args=(job_id, over), name=f"signs of {job_id}", daemon=True).start()
        try:
            self._end(job_id, JobState.DONE, work(Beat(self._database, job_id, self._now)))
        except GcwError as error:
            self._end(job_id, JobState.FAILED, Ended(_in_words(error)))
        except Exception:
            logging.getLogger(__name__).exception("A job of a page failed.")
            self._end(job_id, JobState.FAILED, Ended(BUG))
        finally:
            over.set()
            self._room.release()

    def _give_signs(self, job_id: str, over: threading.Event) -> None:
        while not over.wait(SIGN_SECONDS):
            with suppress(GcwError), self._database.session() as session:  # which may be busy with the job itself
                session.exec(update(Job).where(col(Job.id) == job_id).values(beat_at=self._now()))

    def _end(self, job_id: str, state: JobState, ended: Ended) -> None:
        with self._database.session() as session:
            job = session.get_one(Job, job_id)
            job.state, job.words, job.beat_at = state, ended.words, self._now()
            job.file, job.file_name, job.facts = ended.file, ended.file_name, ended.facts or {}
            if state == JobState.DONE and job.total:
                job.done = job.total
            session.add(job)


def _in_words(error: GcwError) -> str:
    """Whoever reads it may have no terminal."""
    return f"{error} {'' if 'gcw ' in error.hint else error.hint}".strip()


def shown(job: Job, now: int) -> dict[str, Any]:
    """How far a job is, for a page to show."""
    silent = job.state == JobState.RUNNING and job.beat_at < now - SILENT_SECONDS
    return {
        "state": JobState.FAILED.value if silent else job.state.value,
        "done": job.done,
        "total": job.total,
        "words": BROKEN_OFF if silent else job.words,
        "facts": job.facts,
        "file": job.file_name,
    }


def latest(session: Session, store_id: int | None, kind: str) -> Job | None:
    """The newest job of this kind for a store."""
    return next(iter(last(session, store_id, kind, 1)), None)


def last(session: Session, store_id: int | None, kind: str, most: int) -> Sequence[Job]:
    """The newest jobs of this kind for a store, without their files."""
    mine = select(Job).options(WITHOUT_FILE).where(Job.store_id == store_id, Job.kind == kind)
    return session.exec(mine.order_by(col(Job.started_at).desc()).limit(most)).all()
