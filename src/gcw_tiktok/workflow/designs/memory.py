"""Remembers what each address gave, and decides what becomes of it when it gives another file."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.listed import listed
from gcw_tiktok.store.tables import Connection, ConnectionDesign, Design, DesignSource, Variant
from gcw_tiktok.workflow import history, times
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.addresses import NO_MARKS, Marks, shown
from gcw_tiktok.workflow.designs.pinning import Known, Stored
from gcw_tiktok.workflow.history import Act

if TYPE_CHECKING:
    from sqlmodel.sql.expression import SelectOfScalar

DAY = 86_400
"""Seconds for which an answer is taken to hold."""
AT_ONCE = 500
LONGEST_KEY = 1_800
"""Characters of an address that are kept as they are; PostgreSQL's index holds few more."""


@dataclass(frozen=True)
class Got:
    """What came of one source: the file to use, or the error that says why there is none."""

    stored: Stored | None
    error: GcwError | None = None
    changed: Stored | None = None
    """The file that the address gives now, where another one is printed from there."""
    changed_at: int | None = None
    """When that was noticed first."""
    asked: bool = True
    """Whether the address was asked or the file read; else the database knew."""

    @property
    def given(self) -> Stored | None:
        """The file that the source gives, whether or not it may be used."""
        return self.stored or self.changed

    @property
    def file(self) -> Stored:
        """The file; where none may be used, its error is raised."""
        if self.stored is None:
            assert self.error is not None
            raise self.error
        return self.stored


@dataclass(frozen=True)
class Remembered:
    """What is known of a source before it is asked."""

    source: str
    former: str = ""
    """The hash of the file that was last used from there."""
    known: Stored | None = None
    """That file, where the folder has it."""
    changed: Stored | None = None
    """Another file that it gave since."""
    changed_at: int | None = None
    asked_at: int = 0
    marks: Marks = NO_MARKS
    printed: Mapping[str, int] = field(default_factory=dict)
    """How many variants print which file from there, by hash."""

    @property
    def host(self) -> str:
        with suppress(ValueError):  # what is no address will be told so when it is asked
            return (urlsplit(self.source).hostname or "") if pinning.is_address(self.source) else ""
        return ""

    @property
    def last(self) -> Stored | None:
        """The file that it gave last."""
        return self.changed if self.changed_at else self.known

    def is_news(self, got: Got) -> bool:
        """Whether there is anything to remember of what came of it."""
        same = got.stored is not None and got.stored.sha256 == self.former and not self.changed_at
        return got.given is not None and (got.asked or not same)

    @property
    def to_compare(self) -> Known | None:
        """What the address may be asked by whether it is still the same."""
        return Known(self.last, self.marks) if self.last else None


def recall(session: Session, sources: Collection[str], folder: Path) -> list[Remembered]:
    """What is known of each of these sources; a few hundred at a time."""
    keys = {source: key(source) for source in sources if pinning.is_address(source) and _can_be_stored(source)}
    rows = {row.address: row for row in session.exec(_rows(keys.values()))}
    hashes = {one for row in rows.values() for one in (row.sha256, row.changed_sha256) if one}
    designs = session.exec(select(Design).where(col(Design.sha256).in_(hashes))).all()
    kept = {design.sha256: pinning.kept(design, folder) for design in designs}
    printed = printed_from(session, keys)
    return [_remembered(source, rows.get(keys.get(source, "")), kept, printed.get(source, {})) for source in sources]


def at_hand(session: Session, sources: Collection[str], folder: Path, since: int) -> dict[str, Got]:
    """Those of these sources that answered after `since`, as they always did: nothing needs to be asked or written."""
    keys = {key(source): source for source in sources if pinning.is_address(source)}
    query = (
        select(DesignSource.address, Design)
        .join(Design, col(DesignSource.sha256) == Design.sha256)
        .where(
            col(DesignSource.address).in_(listed(session, keys)),
            col(DesignSource.asked_at) > since,
            col(DesignSource.changed_at).is_(None),
        )
    )
    found = {keys[address]: pinning.kept(design, folder) for address, design in session.exec(query).all()}
    return {source: Got(stored, asked=False) for source, stored in found.items() if stored}


def printed_from(session: Session, sources: Collection[str]) -> dict[str, dict[str, int]]:
    """How many variants print which file from each of these sources."""
    found: dict[str, dict[str, int]] = {}
    query = (
        select(ConnectionDesign.source, ConnectionDesign.sha256, func.count(func.distinct(Connection.variant_id)))
        .join(Connection, col(Connection.id) == ConnectionDesign.connection_id)
        .join(Variant, col(Variant.id) == Connection.variant_id)
        .where(col(Connection.ended_at).is_(None), col(Variant.gone_at).is_(None))
        .where(col(ConnectionDesign.source).in_(sources))
        .group_by(col(ConnectionDesign.source), col(ConnectionDesign.sha256))
    )
    for source, digest, count in session.exec(query):
        found.setdefault(source, {})[digest] = count
    return found


def decide(before: Remembered, given: Stored, now: int, *, accept: bool = False, asked: bool = True) -> Got:
    """Whether the file that a source gives may be used: it is the former, changes nothing that is printed from
    there, or is accepted."""
    others = {digest: count for digest, count in before.printed.items() if digest != given.sha256}
    former = before.former or (given.sha256 if given.sha256 in before.printed else "")
    if accept or given.sha256 == former or not others:
        return Got(given, asked=asked)
    noticed = before.changed is not None and before.changed.sha256 == given.sha256
    since = before.changed_at if noticed and before.changed_at else now
    return Got(None, _error(before.source, since, sum(others.values())), given, since, asked)


def write_down(session: Session, before: Remembered, got: Got, marks: Marks, act: Act) -> None:
    """Remembers what an address gave, and what became of it. The database knows the file itself already."""
    given = got.given
    assert given is not None
    row = _row(session, before, given, act.now)
    if got.asked:
        row.asked_at, row.etag, row.last_modified = act.now, marks.etag, marks.last_modified
    if got.changed:
        row.changed_sha256, row.changed_at = given.sha256, got.changed_at
        return
    if given.sha256 != row.sha256 and set(before.printed) - {given.sha256}:
        facts = {"address": shown(before.source), "former": row.sha256}
        history.record(session, act, f"design:{given.sha256}", "accepted", **facts)
    row.sha256, row.changed_sha256, row.changed_at = given.sha256, "", None


def ask_again(session: Session, sources: Collection[str]) -> None:
    """Makes the next run ask these addresses whatever it knows: their files could not be used, and may be mended."""
    keys = [key(source) for source in sources]
    for start in range(0, len(keys), AT_ONCE):
        for row in session.exec(_rows(keys[start : start + AT_ONCE])):
            row.asked_at = 0
            session.add(row)


def key(address: str) -> str:
    """What an address is remembered by."""
    if len(address.encode()) <= LONGEST_KEY:
        return address
    return f"{address[:200]}... sha256:{sha256(address.encode()).hexdigest()}"


def _can_be_stored(source: str) -> bool:
    """Not every text can: what a file of others holds may be any."""
    return "\0" not in source and not any("\ud800" <= letter <= "\udfff" for letter in source)


def _rows(keys: Collection[str]) -> "SelectOfScalar[DesignSource]":
    return select(DesignSource).where(col(DesignSource.address).in_(keys))


def _remembered(
    source: str, row: DesignSource | None, kept: Mapping[str, Stored | None], printed: Mapping[str, int]
) -> Remembered:
    if row is None:
        return Remembered(source, printed=printed)
    return Remembered(
        source,
        row.sha256,
        kept.get(row.sha256),
        kept.get(row.changed_sha256),
        row.changed_at,
        row.asked_at,
        Marks(row.etag, row.last_modified),
        printed,
    )


def _row(session: Session, before: Remembered, given: Stored, now: int) -> DesignSource:
    """The row of an address. A new one begins with what is printed from there, or else with what it gave."""
    named = key(before.source)
    row = session.get(DesignSource, named)
    if row is None:
        others = {digest: count for digest, count in before.printed.items() if digest != given.sha256}
        keep_former = others and given.sha256 not in before.printed
        former = max(others, key=others.__getitem__) if keep_former else given.sha256
        row = DesignSource(address=named, sha256=former, asked_at=now)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # another process asked it for the first time a moment ago
            return session.get_one(DesignSource, named)
    return row


def _error(source: str, since: int, variants: int) -> BadInput:
    print_it = "1 variant prints" if variants == 1 else f"{variants:,} variants print"
    return BadInput(
        f"The file at {shown(source)} is another one since {times.shown(since)}; {print_it} the former.",
        "To use the new one: --accept-changed",
        code="design_changed",
    )
