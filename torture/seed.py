"""One seed: a day in the shop with everything that goes wrong, then quiet, and the verdict."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random

from sqlmodel import Session, col, select

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Hold, HoldReason, Order, Store
from torture import following, leaving, processes, verdict
from torture.day import HOUR, Day
from torture.floor import order_of
from torture.operator import Operator, Words
from torture.place import Place
from torture.processes import Death, Process
from torture.verdict import Truth

PATIENCE = 120
"""Seconds after which a process that does not end counts as hung."""
ENDS = frozenset({0, 3, 4, 5, 6, 7, 8})
"""How a command may end when things go wrong; 1 would be a bug of gcw's."""
KILLED = -9
AT_ONCE = (1, 1, 2, 3, 4)


@dataclass
class Outcome:
    """What one seed did, and what was found wrong."""

    seed: int
    engine: str
    carrier: str
    did: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0

    def line(self) -> str:
        """What is printed of it."""
        counted = ", ".join(f"{self.did[what]} {what}" for what in SHOWN if self.did[what])
        verdict_ = "ok" if not self.faults else f"WRONG: {'; '.join(self.faults[:5])}"
        where = f"{self.engine} with a {self.carrier}"
        return f"seed {self.seed} on {where}, {self.seconds:.0f} s: {counted}: {verdict_}"


SHOWN = (
    *("orders", "handed over", "parcels", "labels", "shared boxes", "corrections", "decisions", "commands", "kills"),
    *("faults", "restarts", "taken away", "production", "request-cancel"),
)


@dataclass(frozen=True)
class Seen:
    """How things were: at TikTok, on the floor, which orders were held by hand, what becomes of samples."""

    truth: Truth
    given: set[str]
    held: set[str]
    policy: str


class Wrong(Exception):
    """Something that must never be."""


class Play:
    """Plays one seed at a place."""

    def __init__(self, place: Place, seed: int, orders: int, steps: int, *, connector: bool) -> None:
        self.place, self.steps = place, steps
        self.dice = Random(seed)
        self.outcome = Outcome(seed, place.engine, "connector" if connector else "folder")
        self.day = Day(place, self.dice, orders, connector=connector)
        self.operator = Operator(self.day)
        self.unsure: dict[str, Words] = {}
        """What was typed and may or may not have happened: it is typed again in the end."""
        self.told: set[str] = set()
        """Tracking numbers that a command has told, which ended well."""
        self.serving: Process | None = None
        self._numbers = itertools.count(1)
        self._log = (place.folder / "logs" / "day.txt").open("a", buffering=1)

    def play(self) -> Outcome:
        """The whole of it. Whatever happens, no process is left."""
        start = time.monotonic()
        try:
            self.day.look()
            if self.day.production:
                self.day.production.begin()
            for _ in range(self.steps):
                self._step()
            self._quiet()
        except Wrong as wrong:
            self.outcome.faults.append(str(wrong))
        finally:
            if self.serving:
                self.serving.kill()
            self._log.close()
        self.outcome.did.update(self.day.did)
        self.outcome.did["parcels"] = len(self.day.truth.packages)
        self.outcome.did["handed over"] = len(self.day.floor.all)
        self.outcome.seconds = time.monotonic() - start
        return self.outcome

    # The day.

    def _step(self) -> None:
        """Something happens; then some commands run at once, while more happens."""
        for _ in range(self.dice.choice([1, 1, 2])):
            self._note(self.day.something())
        self._serve_or_not()
        seen = self._see()
        running = [self._begin(self.operator.command()) for _ in range(self.dice.choice(AT_ONCE))]
        while self.dice.random() < 0.4:
            time.sleep(self.dice.random() * 0.2)
            self._note(self.day.something())
        for process in running:
            self._wait(process)
        if self.dice.random() < 0.6:
            self.place.mend()
        typed = [one.words for one in running]
        lifted = {words[2] for words in typed if "--lift" in words or (words[1] == "release" and "--yes" in words)}
        self._look_at_the_floor(seen, lifted)

    def _serve_or_not(self) -> None:
        """gcw serve is started, or killed."""
        if self.serving is None:
            if self.dice.random() < 0.3:
                words = ("serve", "--port", str(self.place.port), "--poll", self.dice.choice("0123"), "--json")
                self.serving = self._begin(words, mortal=False)
                self.outcome.did["restarts"] += 1
        elif self.dice.random() < 0.3 or self.serving.look():
            ended = self.serving.look()
            self.serving.kill()
            if ended:
                raise Wrong(f"gcw serve ended by itself with {self.serving.code}: {self.serving.said[-500:]}")
            self.outcome.did["kills"] += 1
            self.serving = None
            self._note("gcw serve is killed")

    def _begin(self, words: Words, *, mortal: bool = True) -> Process:
        number = next(self._numbers)
        offset = 0.0 if self.dice.random() < 0.1 else self.place.now() - time.time()
        death = self._death() if mortal and self.dice.random() < 0.45 else None
        log = self.place.folder / "logs" / f"{number:04}-{'-'.join(words[:2])}.txt"
        self._note(f"{number:04} gcw {' '.join(words)}{f' dies at {death}' if death else ''}")
        self.outcome.did["commands"] += 1
        return processes.begin(words, log, self.place.environment, offset=offset, death=death)

    def _death(self) -> Death:
        if self.dice.random() < 0.3:
            return Death(after=self.dice.random() * 0.6)
        return Death(at_place=1 + int(self.dice.expovariate(1 / 20)))

    def _wait(self, process: Process) -> None:
        if not process.wait(PATIENCE):
            process.kill()
            raise Wrong(f"gcw {' '.join(process.words)} did not end within {PATIENCE} s: {process.log.name}")
        self._note(f"{process.log.name} ended with {process.code}")
        key = " ".join(process.words)
        self._ended(process.words, process.code)
        if process.code == KILLED and process.death:
            self.outcome.did["kills"] += 1
            self._doubt(key, process.words)
        elif process.code == 6:
            self._doubt(key, process.words)
        elif process.code in ENDS and "Traceback" not in process.said:
            self.unsure.pop(key, None)
        else:
            raise Wrong(f"gcw {key} ended with {process.code}: {process.log.name}: {process.said[-800:]}")

    def _ended(self, words: Words, code: int | None) -> None:
        if words[1] == "ship" and "--tracking" in words and "--correct" not in words:
            number = words[words.index("--tracking") + 1]
            (self.told.add if code == 0 else self.told.discard)(number)

    def _doubt(self, key: str, words: Words) -> None:
        if words[1] in ("ship", "cancel", "answer", "label", "decide"):
            self.unsure[key] = words

    def _see(self) -> Seen:
        """How things are before commands run."""
        truth = self.day.look()
        self.day.touched = set()
        with self._session() as session:
            held = set(session.exec(select(Order.order_id).where(col(Order.held_why).is_not(None))))
            query = select(Order.order_id).join(Hold, col(Hold.order_pk) == Order.id)
            self.day.undecided = set(session.exec(query.where(Hold.reason == HoldReason.NEEDS_DECISION)))
            return Seen(truth, self.day.floor.names, held, session.exec(select(Store.samples)).one())

    def _look_at_the_floor(self, seen: Seen, lifted: set[str]) -> None:
        after, floor = self.day.look(), self.day.floor
        with self._session() as session:
            by_hand, policy = verdict.told_by_hand(session, floor), session.exec(select(Store.samples)).one()
        found = [*verdict.of_floor(floor, by_hand), *verdict.of_packages(after)]
        new = floor.names - seen.given
        found += verdict.of_new(seen.truth, after, floor, new, self.day.touched)
        held = {order_of(name) for name in new} & seen.held - lifted
        found += [f"order {order_id} was handed over though it was held by hand" for order_id in held]
        if policy == seen.policy:
            found += verdict.of_samples(seen.truth, new, policy, self.operator.insisted)
        if found:
            raise Wrong("; ".join(found))

    # The end of it.

    def _quiet(self) -> None:
        """Everything is mended and every command is typed once more: then all must be as it should."""
        self.place.mend()
        if self.serving:
            self.serving.kill()
            self.serving = None
        self.place.control("POST", "clock", {"advance": 2 * HOUR + 1})  # no order waits for another any more
        self._note("quiet")
        self._must("orders", "pull", may=frozenset({0, 7}))  # what a killed release began is not answered by it
        self._release()
        for words in list(self.unsure.values()):
            self._must(*words, may=frozenset({0, 4, 5, 7}))  # it may have been cancelled or shipped meanwhile
        self._must("orders", "label", "--from", "created", may=frozenset({0, 4, 5, 7}))
        self._must("orders", "pull")
        self._release()
        self._must("orders", "pull")
        if self.day.production:
            self._must("orders", "collect", may=frozenset({0, 4, 5, 7}))  # 5 where orders are not shown there
        self._judge()

    def _release(self) -> None:
        seen = self._see()
        self._must("orders", "release")
        self._look_at_the_floor(seen, set())

    def _judge(self) -> None:
        truth, floor = replace(self.day.look(), journal=self.place.control("GET", "journal")["entries"]), self.day.floor
        with self._session() as session:
            found = [*verdict.of_orders(session, truth), *verdict.of_effects(session, truth, floor)]
            found += [*verdict.of_cancelled(session, truth, floor), *leaving.of_labels(session, truth, floor)]
            if self.day.production:
                found += following.of_books(session, floor)
                if self.place.far.books()["reads_back"]:
                    found += following.of_stages(session, floor)
            self.outcome.did.update(leaving.counted(session, truth))
            found += [*leaving.of_parcels(session, truth), *leaving.of_ended_well(session, self.told)]
        self.outcome.faults += found
        self._must("orders", "audit", "--since", "60d")
        self._must("orders", "history", "verify")

    def _must(self, *words: str, may: frozenset[int] = frozenset({0})) -> None:
        """A command that nothing disturbs ends well."""
        number = next(self._numbers)
        log = self.place.folder / "logs" / f"{number:04}-{'-'.join(words[:2])}.txt"
        process = processes.begin(words, log, self.place.environment, offset=self.place.now() - time.time())
        if not process.wait(PATIENCE):
            process.kill()
        self._note(f"{number:04} gcw {' '.join(words)} ended with {process.code}")
        self._ended(words, process.code)
        if process.code not in may:
            raise Wrong(f"at last, gcw {' '.join(words)} ended with {process.code}: {process.said[-800:]}")

    @contextmanager
    def _session(self) -> Iterator[Session]:
        database = Database(self.place.database_url)
        try:
            with database.view() as session:
                yield session
        finally:
            database.close()

    def _note(self, words: str) -> None:
        self._log.write(f"{words}\n")
