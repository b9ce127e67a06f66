"""Files that people uploaded and that nothing uses: whose they are, and how much of that may lie there.

What uses a design is a version of a connection, current or ended, a listing that is added or published, or a link that
gives the same file. Designs that came by links or from a terminal were never uploaded, and are none of these.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Text, cast
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.listed import listed
from gcw_tiktok.store.tables import ConnectionDesign, Design, DesignSource, Event, Job, JobState, Publication, Store
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.storefronts.jobs import SILENT_SECONDS

DAY = 86_400
KEPT_DAYS = 7
"""How long an upload lies there that nothing uses."""
MOST_BYTES = 2 << 30
"""How much one customer's people may have lying there unused."""
UPLOADED = "uploaded"
"""What a design's history says, once for each time that somebody brought it."""
HASH = re.compile(r"[0-9a-f]{64}")
PORTION = 100


@dataclass(frozen=True)
class Upload:
    """A design that was uploaded."""

    sha256: str
    name: str
    media_type: str
    size: int
    """Bytes."""
    at: int
    """When it was brought last."""
    customers: frozenset[int]
    """For whom."""


def brought(session: Session, act: Act, customer_id: int, stored: Stored, name: str) -> None:
    """Records a file that was uploaded for a customer, and that it was."""
    pinning.record(session, stored, act.now)
    named, size = pinning.name_of(name), stored.size
    history.record(session, act, subject(stored.sha256), UPLOADED, customer=customer_id, name=named, bytes=size)


def subject(sha256: str) -> str:
    """What a design goes by in the history."""
    return f"design:{sha256}"


def must_have_room(session: Session, customer_id: int) -> None:
    """`BadInput` where as much lies unused for this customer as may."""
    mine = [one for one in uploads(session, unreferred(session)) if customer_id in one.customers]
    if sum(one.size for one in mine) < MOST_BYTES:
        return
    named = mentioned(session, customer_id)
    if sum(one.size for one in mine if one.sha256 not in named) >= MOST_BYTES:
        raise BadInput(
            f"{MOST_BYTES / (1 << 30):.3g} GB of uploaded files lie here that nothing uses; no more fit.",
            f"Each goes by itself {KEPT_DAYS} days after it was uploaded. Until then give a link instead, or ask your "
            "print provider to make room.",
            code="too_much_unused",
        )


def unreferred(session: Session, among: Collection[str] | None = None) -> list[str]:
    """The hashes of designs, all or of these, to which no connection and no link leads. An upload that was once
    asked for by its own address is not used by that."""
    every = columns(col(Design.sha256))
    if among is not None:
        every = every.where(col(Design.sha256).in_(listed(session, among)))
    used = (
        columns(col(ConnectionDesign.sha256)),
        columns(col(ConnectionDesign.print_sha256)),
        columns(col(DesignSource.sha256)).where(~col(DesignSource.address).startswith(pinning.UPLOAD)),
        columns(col(DesignSource.changed_sha256)),
    )
    return list(session.connection().execute(every.except_(*used)).scalars())


def uploads(session: Session, hashes: Collection[str]) -> list[Upload]:
    """Those of these designs that were uploaded, by hash."""
    subjects = listed(session, [subject(one) for one in hashes])
    told = select(Event).where(col(Event.subject).in_(subjects), Event.what == UPLOADED)
    found: dict[str, list[Event]] = {}
    for one in session.exec(told.order_by(col(Event.id))):
        found.setdefault(one.subject, []).append(one)
    rows = select(Design).where(col(Design.sha256).in_(listed(session, hashes))).order_by(Design.sha256)
    return [_upload(row, found[key]) for row in session.exec(rows) if (key := subject(row.sha256)) in found]


def mentioned(session: Session, customer_id: int | None = None) -> set[str]:
    """The hashes of all files of which listings speak that are added or published, for a customer or for all."""
    texts = columns(cast(col(Publication.request), Text), cast(col(Publication.plan), Text))
    if customer_id is not None:
        texts = texts.join(Store, col(Store.id) == Publication.store_id).where(col(Store.customer_id) == customer_id)
    rows = session.connection().execute(texts.execution_options(yield_per=PORTION))
    return {one for row in rows for text in row for one in HASH.findall(text or "")}


def at_work(session: Session, now: int) -> set[int | None]:
    """The customers for whom pages are at work, who may be connecting what they uploaded long ago."""
    living = select(Job.customer_id).where(Job.state == JobState.RUNNING, col(Job.beat_at) > now - SILENT_SECONDS)
    return set(session.exec(living))


def _upload(row: Design, told: Sequence[Event]) -> Upload:
    """A design that was here before, and was swept and pinned anew, is as old as it is here."""
    name, at = told[-1].data.get("name", "design"), max(row.pinned_at, *(one.at for one in told))
    customers = frozenset(one.data["customer"] for one in told)
    return Upload(row.sha256, name, row.media_type, row.size, at, customers)
