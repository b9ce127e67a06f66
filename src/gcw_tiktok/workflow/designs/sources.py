"""Gathers the files behind many paths and addresses: each once, many at a time, and never another one in silence.

What an address gave is remembered, so that work that was interrupted goes on where it was, and so that a file
that changed at its address is noticed: what is printed from there stays the former until somebody says otherwise.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Design
from gcw_tiktok.workflow.designs import memory, pinning
from gcw_tiktok.workflow.designs.addresses import Marks
from gcw_tiktok.workflow.designs.asking import Asking
from gcw_tiktok.workflow.designs.fetching import Fetcher
from gcw_tiktok.workflow.designs.memory import DAY, Got, Remembered, ask_again
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.history import Act

__all__ = ["Got", "ask_again", "gather", "one"]

AT_ONCE = 8
LOOKED_UP_AT_ONCE = 500

Outcome = tuple[Remembered, tuple[Stored, Marks] | GcwError]


def gather(
    database: Database,
    sources: Iterable[str],
    folder: Path,
    act: Act,
    *,
    fetcher: Fetcher | None = None,
    allow_private: bool = False,
    workers: int = AT_ONCE,
    fresh_seconds: int = DAY,
    accept_changed: bool = False,
    dry_run: bool = False,
    sleep: Callable[[float], object] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    stopping: threading.Event | None = None,
) -> Iterator[tuple[str, Got]]:
    """Each distinct source with what came of it, in the order in which they answer. What is handed out is recorded.

    An address that answered within `fresh_seconds` is not asked again; an older one is asked whether its file
    is still the same. With `dry_run` nothing is recorded, though files come into the folder. The caller may hold no
    session open for writing while it goes through them.
    """
    wanted = list(dict.fromkeys(sources))
    stop = stopping or threading.Event()
    pinning.sweep(folder, act.now - DAY)
    work = _Work(database, folder, act, fetcher or Fetcher(), allow_private, accept_changed, dry_run)
    done = 0
    with Asking(work.ask, workers, stop, sleep or stop.wait) as asking:
        for asked, outcomes in _answered(work, asking, wanted, act.now - fresh_seconds):
            for source, got in work.settle(outcomes, asked=asked):
                done += 1
                progress(done, len(wanted))
                yield source, got


def one(
    database: Database,
    source: str,
    folder: Path,
    act: Act,
    *,
    fetcher: Fetcher | None = None,
    allow_private: bool = False,
    accept_changed: bool = False,
    dry_run: bool = False,
    sleep: Callable[[float], object] | None = None,
    stopping: threading.Event | None = None,
) -> Stored:
    """The file of one source, which is asked now; its error is raised where none may be used. Of a path nothing is
    recorded: there is nothing to remember of it until something prints it."""
    ((_, got),) = gather(
        database,
        [source],
        folder,
        act,
        fetcher=fetcher,
        allow_private=allow_private,
        workers=1,
        fresh_seconds=0,
        accept_changed=accept_changed,
        dry_run=dry_run or not pinning.is_address(source),
        sleep=sleep,
        stopping=stopping,
    )
    return got.file


def _answered(
    work: "_Work", asking: Asking[Remembered, tuple[Stored, Marks]], wanted: Sequence[str], since: int
) -> Iterator[tuple[bool, list[Outcome]]]:
    """What is known, and what is answered (then true), some at a time; no more is looked up than can soon be asked."""
    for start in range(0, len(wanted), LOOKED_UP_AT_ONCE):
        with work.database.view() as session:
            recalled = memory.recall(session, wanted[start : start + LOOKED_UP_AT_ONCE], work.folder)
        fresh = [(one, one.last) for one in recalled if one.asked_at > since]
        at_hand: list[Outcome] = [(one, (last, one.marks)) for one, last in fresh if last]
        known = {one.source for one, _ in at_hand}
        asking.give(one for one in recalled if one.source not in known)
        yield False, at_hand
        while asking.waiting >= LOOKED_UP_AT_ONCE:
            yield True, asking.take()
    while asking.busy:
        yield True, asking.take()


@dataclass(frozen=True)
class _Work:
    database: Database
    folder: Path
    act: Act
    fetcher: Fetcher
    allow_private: bool
    accept: bool
    dry_run: bool

    def ask(self, one: Remembered) -> tuple[Stored, Marks]:
        """The file that a source gives now. Runs in a thread, and leaves the database's writing to the others."""
        if not pinning.is_address(one.source):
            return pinning.read(one.source, self.folder, self._kept), Marks()
        return pinning.fetched(
            one.source, self.folder, self.fetcher, allow_private=self.allow_private, known=one.to_compare
        )

    def settle(self, outcomes: Sequence[Outcome], *, asked: bool) -> list[tuple[str, Got]]:
        """Decides what becomes of some answers, and records what is new of it in one short transaction."""
        settled = [(one, result, self._decided(one, result, asked)) for one, result in outcomes]
        news = [(one, got, result[1]) for one, result, got in settled if isinstance(result, tuple) and one.is_news(got)]
        if news and not self.dry_run:
            self._record(news)
        return [(one.source, got) for one, _, got in settled]

    def _record(self, news: Sequence[tuple[Remembered, Got, Marks]]) -> None:
        """Always in the same order: two runs must not wait for each other."""
        files = {got.given.sha256: got.given for _, got, _ in news if got.given}
        with self.database.session() as session:
            for digest in sorted(files):
                pinning.record(session, files[digest], self.act.now)
            for one, got, marks in sorted(news, key=lambda new: memory.key(new[0].source)):
                if pinning.is_address(one.source):
                    memory.write_down(session, one, got, marks, self.act)

    def _decided(self, one: Remembered, result: tuple[Stored, Marks] | GcwError, asked: bool) -> Got:
        if isinstance(result, GcwError):
            return Got(None, result)
        return memory.decide(one, result[0], self.act.now, accept=self.accept, asked=asked)

    def _kept(self, digest: str) -> Stored | None:
        with self.database.view() as session:
            design = session.get(Design, digest)
        return pinning.kept(design, self.folder) if design else None
