"""What operators have TikTok asked for all stores at once: requests to cancel, and how every store and place is."""

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.tables import Job, JobState, Person, Store
from gcw_tiktok.workflow import doctor, side_by_side, stores
from gcw_tiktok.workflow.cancelling import requests
from gcw_tiktok.workflow.production import gelatoconnect
from gcw_tiktok.workflow.storefronts import jobs, operators
from gcw_tiktok.workflow.storefronts.jobs import Beat, Ended, Jobs
from gcw_tiktok.workflow.storefronts.portal import Portal

CANCELLATIONS, CHECKS = "cancellations", "checks"
FRESH_SECONDS = 60
"""What was read so shortly ago is not read again by itself."""
FORGOTTEN_SECONDS = 86_400
"""An older answer is not worth showing."""


@dataclass(frozen=True)
class Reading:
    """What was asked last, and the newest answer."""

    job: Job | None
    facts: dict[str, Any]
    at: int | None
    """When that answer came."""

    def is_stale(self, now: int) -> bool:
        """Whether it is time to ask again."""
        return self.job is None or (self.job.state != JobState.RUNNING and self.job.beat_at < now - FRESH_SECONDS)


def begin(work_at: Jobs, portal: Portal, person: Person, kind: str) -> str:
    """The id of the job that asks."""

    def work(beat: Beat) -> Ended:
        beat(0, None, "TikTok is asked.")
        return _requests(portal, person) if kind == CANCELLATIONS else _checks(portal)

    return work_at.start(person, kind, work, store_id=None, customer_id=None)


def last(session: Session, kind: str) -> Reading:
    """The newest reading; while one goes on, with what the one before it found."""
    newest = jobs.last(session, None, kind, 3)
    found = next((job for job in newest if job.facts), None)
    return Reading(next(iter(newest), None), found.facts if found else {}, found.beat_at if found else None)


def queue(session: Session, reading: Reading, now: int) -> list[dict[str, Any]]:
    """Requests that wait for an answer, the nearest deadline first. Of those that only a pull has told of, TikTok's
    deadline is not known yet; what was answered since it was read is left out."""
    read = {one["order_id"]: one for one in reading.facts.get("requests", [])}
    found = []
    for order, store in operators.asked_to_cancel(session):
        known = read.pop(order.order_id, None)
        lines = requests.concerned(session, order, ())
        plain = {"order_id": order.order_id, "store": store.name, "reason": "", "deadline": None}
        newest = {"units": len(lines), "made": requests.made(lines), "proposal": asdict(requests.propose(order, lines))}
        found.append(plain | (known or {}) | newest)
    if (reading.at or 0) > now - FORGOTTEN_SECONDS:
        found += [one for one in read.values() if operators.is_unknown(session, one["order_id"])]
    return sorted(found, key=lambda one: (one["deadline"] is None, one["deadline"] or 0, one["order_id"]))


def _requests(portal: Portal, person: Person) -> Ended:
    with portal.database.view() as session:
        places = stores.connected(session)
    act = portal.act(person)

    def ask(store: Store) -> Sequence[requests.Request]:
        return requests.waiting(portal.database, portal.client_for(store), store, act)

    outcomes = side_by_side.each(places, ask, threading.Event())
    troubles = [
        f"{store.name}: {one}" for store, one in zip(places, outcomes, strict=True) if isinstance(one, GcwError)
    ]
    found = [asdict(request) for one in outcomes if not isinstance(one, GcwError) for request in one]
    words = " ".join(troubles) if troubles else f"{len(places)} stores were asked."
    return Ended(words, facts={"requests": found, "troubles": troubles})


def _checks(portal: Portal) -> Ended:
    reach = portal.reach
    found = doctor.everything(
        folder=lambda: portal.folder,
        database=lambda: portal.database,
        seal=lambda: portal.seal,
        app=lambda: reach.app,
        client_for=portal.client_for,
        clock=reach.clock,
        ask_connector=lambda hand_off: gelatoconnect.Connector(hand_off, reach.http, reach.vault).answers(),
    )
    checks = [asdict(one) for one in found]
    failed = sum(one["result"] == doctor.FAIL for one in checks)
    return Ended(f"{failed} of {len(checks)} checks failed." if failed else "All is well.", facts={"checks": checks})
