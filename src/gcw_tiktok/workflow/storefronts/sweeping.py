"""Removes what people uploaded and nothing ever used: designs from database and folder, pictures from theirs."""

import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, col, delete, select

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Design, DesignSource
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.publishing import pictures
from gcw_tiktok.workflow.storefronts import unused
from gcw_tiktok.workflow.storefronts.unused import DAY, HASH, PORTION, Upload

SWEPT = "removed, as nothing used it"
"""What a design's history says."""


@dataclass(frozen=True)
class Shown:
    """A picture that somebody uploaded for a listing, or that was drawn for one."""

    path: Path
    size: int
    """Bytes."""
    at: int
    """When it was wanted last."""


@dataclass
class Swept:
    """What was removed, or would be."""

    designs: list[Upload] = field(default_factory=list)
    pictures: list[Shown] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """Files that cannot be removed; they are tried again by the next run."""


def sweep(
    database: Database, folder: Path, shown: Path, act: Act, older_than: int = unused.KEPT_DAYS * DAY, *, dry_run: bool
) -> Swept:
    """Removes uploads that are so many seconds old, of the folders of designs and of pictures. The time has to be
    longer than anybody takes from uploading to keeping what was uploaded: a day at least."""
    swept, before = Swept(), act.now - older_than
    with database.view() as session:
        found = _old(session, unused.unreferred(session), before, act.now)
    if dry_run:
        swept.designs = found
    else:
        for start in range(0, len(found), PORTION):
            _sweep_designs(database, folder, act, found[start : start + PORTION], before, swept)
    _sweep_pictures(database, shown, before, swept, dry_run=dry_run)
    return swept


def _old(session: Session, hashes: Sequence[str], before: int, now: int) -> list[Upload]:
    """The uploads among these that nothing uses, and that nobody has in hand."""
    if not hashes:
        return []
    busy = unused.at_work(session, now)
    found = [one for one in unused.uploads(session, hashes) if one.at < before and not one.customers & busy]
    named = unused.mentioned(session) if found else set()
    return [one for one in found if one.sha256 not in named]


def _sweep_designs(
    database: Database, folder: Path, act: Act, found: Sequence[Upload], before: int, swept: Swept
) -> None:
    """Locked first, then looked at once more: whoever would refer to one of them meanwhile waits for the end, and then
    finds neither row nor file. What somebody has locked is being used."""
    hashes = [one.sha256 for one in found]
    with database.session() as session:
        rows = select(Design.sha256).where(col(Design.sha256).in_(hashes)).order_by(Design.sha256)
        mine = session.exec(rows.with_for_update(skip_locked=True)).all()
        for one in _old(session, unused.unreferred(session, mine), before, act.now):
            path = folder / f"{one.sha256}.{pinning.EXTENSIONS[one.media_type]}"
            if not path.is_file() and one.at > 2 * before - act.now:
                continue  # it lies on another machine, which sweeps it
            try:
                with session.begin_nested():
                    _remove(session, act, one, path)
                swept.designs.append(one)
            except OSError as error:
                swept.failed.append(f"{path} cannot be removed: {error.strerror}.")


def _remove(session: Session, act: Act, one: Upload, path: Path) -> None:
    """The file last: what the database refuses to forget stays. It is gone before anybody else may refer to it."""
    of_it = delete(DesignSource).where(col(DesignSource.sha256) == one.sha256)
    session.exec(of_it.where(col(DesignSource.address).startswith(pinning.UPLOAD)))
    session.exec(delete(Design).where(col(Design.sha256) == one.sha256))
    history.record(session, act, unused.subject(one.sha256), SWEPT, name=one.name, bytes=one.size)
    session.flush()
    path.unlink(missing_ok=True)


def _sweep_pictures(database: Database, folder: Path, before: int, swept: Swept, *, dry_run: bool) -> None:
    old = [one for one in _shown(folder) if one.at < before]
    if not old:
        return
    with database.view() as session:
        named = unused.mentioned(session)
    for one in old:
        sha256 = HASH.search(one.path.name)
        if sha256 is None or sha256[0] in named:
            continue
        try:
            if dry_run or pictures.remove(one.path, before):
                swept.pictures.append(one)
        except OSError as error:
            swept.failed.append(f"{one.path} cannot be removed: {error.strerror}.")


def _shown(folder: Path) -> Iterator[Shown]:
    """What lies in the folder of pictures."""
    try:
        for path in folder.iterdir() if folder.is_dir() else ():
            with suppress(FileNotFoundError):  # another process sweeps too
                told = path.stat()
                if stat.S_ISREG(told.st_mode):
                    yield Shown(path, told.st_size, int(told.st_mtime))
    except OSError as error:
        raise TryAgain(f"The folder {folder} cannot be read: {error.strerror}.") from error
