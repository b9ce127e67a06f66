"""Pins designs: each brought in once and kept under its hash."""

import hashlib
import os
import re
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, BinaryIO
from urllib.parse import quote, unquote, urlsplit

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.tables import Design
from gcw_tiktok.workflow.designs import files
from gcw_tiktok.workflow.designs.addresses import Marks
from gcw_tiktok.workflow.designs.files import FileFacts

if TYPE_CHECKING:
    from gcw_tiktok.workflow.designs.fetching import Fetcher

MOST_BYTES = 200 * 1024 * 1024
CHUNK = 1024 * 1024
INCOMING = ".incoming-"
UPLOAD = "upload://"
"""Begins the address of a file that somebody brought to a page: it lies in the folder and nowhere else."""
SHARED = {"read": True, "key_share": True}
"""The lock by which PostgreSQL keeps a row from being deleted; what refers to the row takes the same one."""
EXTENSIONS = {media_type: extension for extension, media_type in files.MEDIA_TYPES.items()}
_one_at_a_time = threading.Lock()
"""Files are looked into one after another: a picture may take a gigabyte, and not every reader knows of threads."""


@dataclass(frozen=True)
class Stored:
    """A file in the designs folder, not yet in the database."""

    sha256: str
    size: int
    facts: FileFacts
    path: Path


@dataclass(frozen=True)
class Known:
    """A file that is kept already, and by what its address tells whether it is still the same."""

    stored: Stored
    marks: Marks


def pin(
    session: Session,
    source: str,
    folder: Path,
    now: int,
    *,
    fetch: "Fetcher | None" = None,
    allow_private: bool = False,
) -> Design:
    """The design behind a path or address: fetched once, stored under its hash, inspected, recorded.

    `BadInput` says why a file cannot be used. To keep no transaction open while the net is slow, call
    `store` before the session begins and `record` within it.
    """
    return record(session, store(source, folder, fetch=fetch, allow_private=allow_private), now)


def store(source: str, folder: Path, *, fetch: "Fetcher | None" = None, allow_private: bool = False) -> Stored:
    """Brings the file into the folder, readable by its owner only; a file that is there already is reused."""
    if is_address(source):
        return fetched(source, folder, fetch, allow_private=allow_private)[0]
    with _aside(folder) as (aside, path):
        _copy(local_file(source), aside)
        return _keep(aside, path, folder, name_of(source))


def take(content: IO[bytes], name: str, folder: Path) -> Stored:
    """Brings in a file that somebody uploads under this name, as `store` does one of a path."""
    with _aside(folder) as (aside, path):
        while chunk := content.read(CHUNK):
            if aside.tell() + len(chunk) > MOST_BYTES:
                raise BadInput(f"{name_of(name)} is larger than {MOST_BYTES >> 20} MB.", "Export it smaller.")
            aside.write(chunk)
        return _keep(aside, path, folder, name_of(name))


def address_of(stored: Stored, name: str) -> str:
    """What an uploaded file goes by as a source, its name included."""
    return f"{UPLOAD}{stored.sha256}.{stored.facts.extension}/{quote(name_of(name))}"


def fetched(
    address: str, folder: Path, fetch: "Fetcher | None", *, allow_private: bool = False, known: "Known | None" = None
) -> tuple[Stored, Marks]:
    """The file that an address gives, in the folder, with the marks it goes by there. Where the address says that
    it is still the `known` one, that one."""
    if address.startswith(UPLOAD):
        return known.stored if known else _uploaded(address, folder), Marks()
    from gcw_tiktok.workflow.designs.fetching import Fetcher

    with _aside(folder) as (aside, path):
        marks = known.marks if known else Marks()
        answer = (fetch or Fetcher()).fetch(address, aside, allow_private=allow_private, known=marks)
        if known and answer.unchanged:
            return known.stored, answer.marks
        return _keep(aside, path, folder, name_of(address)), answer.marks


def _uploaded(address: str, folder: Path) -> Stored:
    """A file that was uploaded before."""
    told = re.match(r"([0-9a-f]{64})\.([a-z]{3})/", address.removeprefix(UPLOAD))
    path = folder / f"{told[1]}.{told[2]}" if told else None
    if told is None or path is None or not path.is_file():
        raise BadInput(f"{name_of(address)} was uploaded once and is not here any more.", "Upload it again.")
    with _one_at_a_time:
        facts = files.inspect(path, name_of(address))
    return Stored(told[1], path.stat().st_size, facts, path)


def _keep(aside: BinaryIO, path: Path, folder: Path, name: str) -> Stored:
    aside.flush()
    os.fsync(aside.fileno())
    digest, size = _hash(path)
    with _one_at_a_time:
        facts = files.inspect(path, name)
    place = folder / f"{digest}.{facts.extension}"
    if not place.is_file() or _hash(place)[0] != digest:  # it was never there, or was damaged since
        path.replace(place)
        _sync_folder(folder)
    return Stored(digest, size, facts, place)


def record(session: Session, stored: Stored, now: int) -> Design:
    """The database's row of a stored file; the one that is there already, if so. Both stay until the transaction ends:
    whoever sweeps leaves them alone, or has been there before; then `BadInput`."""
    design = session.get(Design, stored.sha256, with_for_update=SHARED)
    if design is None:
        design = Design(
            sha256=stored.sha256,
            media_type=stored.facts.media_type,
            size=stored.size,
            width=stored.facts.width,
            height=stored.facts.height,
            pages=stored.facts.pages,
            facts=stored.facts.as_json(),
            pinned_at=now,
        )
        try:
            with session.begin_nested():
                session.add(design)
        except IntegrityError:  # another process pinned the same file a moment ago
            design = session.get_one(Design, stored.sha256, with_for_update=SHARED)
    elif design.facts is None:  # an older gcw looked at fewer things
        design.facts = stored.facts.as_json()
        session.add(design)
    must_be_there(stored)
    return design


def must_be_there(stored: Stored) -> None:
    """`BadInput` where the file was swept since it was looked at."""
    if not stored.path.is_file():
        raise BadInput("The design's file is not here any more: nothing used it.", "Upload it again.", code="gone")


def kept(design: Design, folder: Path) -> Stored | None:
    """A design of the database as it lies in the folder; None where the file is not there, or an older gcw looked
    at fewer things of it."""
    path = path_of(design, folder)
    if design.facts is None or _size(path) != design.size:
        return None
    return Stored(design.sha256, design.size, facts_of(design), path)


def path_of(design: Design, folder: Path) -> Path:
    """Where a pinned file is kept."""
    return folder / f"{design.sha256}.{EXTENSIONS[design.media_type]}"


def _size(path: Path) -> int | None:
    """Of a file, in bytes; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def is_address(source: str) -> bool:
    """Whether a source is an address on the net; anything else is a path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", source) is not None


def name_of(source: str) -> str:
    """What the file is called at its source, such as `harbor.pdf`; safe to show, never used as a path."""
    path = source
    with suppress(ValueError):  # what only looks like an address
        path = unquote(urlsplit(source).path) if is_address(source) else source
    name = PurePosixPath(path.replace("\\", "/")).name
    return "".join(character for character in name if character.isprintable())[:120] or "design"


def facts_of(design: Design) -> FileFacts:
    """What the database remembers of a pinned file, without opening it."""
    columns = {
        "media_type": design.media_type,
        "extension": EXTENSIONS[design.media_type],
        "width": design.width or 0.0,
        "height": design.height or 0.0,
        "pages": design.pages,
    }
    return FileFacts.from_json(columns, design.facts)


def sweep(folder: Path, before: int) -> None:
    """Removes what was being brought in when a process was killed, so long ago that none works on it any more."""
    for path in folder.glob(f"{INCOMING}*"):
        with suppress(OSError):  # another process may sweep too
            if path.stat().st_mtime < before:
                path.unlink()


@contextmanager
def _aside(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file beside the kept ones, gone when the block ends unless it was renamed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=INCOMING, dir=folder)  # its owner's only: mode 600
    except OSError as error:
        raise BadInput(f"The designs folder {folder} cannot be written: {error.strerror}.") from error
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, path
    except OSError as error:
        raise TryAgain(f"The design could not be stored: {error.strerror}.", "Is the disk full?") from error
    finally:
        path.unlink(missing_ok=True)


def local_file(source: str) -> Path:
    """Where the file of this path lies; `BadInput` when there is none that may be read, or it is too large."""
    path = _local(source)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist or is no ordinary file"
        raise BadInput(f"{path} {what}.", "Give the path of a PDF, PNG, JPEG, TIFF or SVG file.")
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{path} is larger than {MOST_BYTES // (1024 * 1024)} MB.", "Export it smaller.")
    if not os.access(path, os.R_OK):
        raise BadInput(f"{path} may not be read.", "Check its permissions.")
    return path


def _local(source: str) -> Path:
    try:
        return Path(source).expanduser()
    except RuntimeError:  # `~name` of nobody here: a file may be called that
        return Path(source)


def _copy(source: Path, into: BinaryIO) -> None:
    try:
        with source.open("rb") as file:
            while chunk := file.read(CHUNK):
                into.write(chunk)
    except PermissionError as error:
        raise BadInput(f"{source} may not be read.", "Check its permissions.") from error


def read(source: str, folder: Path, known: Callable[[str], Stored | None]) -> Stored:
    """The file of a path, in the folder. It is not copied and looked into again where its hash is `known`."""
    path = local_file(source)
    stored = known(_hash(path)[0])
    named = path.suffix.lower().lstrip(".")
    if stored and files.SAME_AS.get(named, named) == stored.facts.extension:
        return stored
    return store(source, folder)


def _hash(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()


def _sync_folder(folder: Path) -> None:
    """Makes the rename itself survive a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
