"""The results folder: production drops a file into it for what it has done, and gcw reads and files it."""

import hashlib
import os
import stat
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gcw_tiktok.errors import BadInput, GcwError, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Facility
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.production import hearing, reports

FOLDER = "results"
DONE, FAILED = "done", "failed"
MOVED, LATER = hearing.MOVED, "later"
SUFFIXES = (".json", ".csv")
LARGEST = 1_000_000
YOUNG_SECONDS = 10
"""What cannot be read may still be written to for so long."""
NEAR_SECONDS = -2
"""A file server's clock may be ahead a little."""


@dataclass(frozen=True)
class Result:
    """What became of one report in one file."""

    facility: str
    file: str
    order_id: str
    result: str
    stage: str = ""
    why: str = ""
    command: str = ""
    error: GcwError | None = None


@dataclass(frozen=True)
class Dropped:
    """A file as it was read. Dropping the same again makes another of it."""

    path: Path
    content: bytes
    modified_ns: int

    @property
    def key(self) -> str:
        about = f"{self.path}\n{self.modified_ns}\n".encode() + self.content
        return f"result/{hashlib.sha256(about).hexdigest()}"

    def young(self, now: int) -> bool:
        return NEAR_SECONDS <= now - self.modified_ns / 1e9 < YOUNG_SECONDS


def folder_of(facility: Facility) -> Path | None:
    """Where production drops its files; None where orders do not go into a folder."""
    kind, _, where = facility.hand_off.partition(":")
    return Path(where) / FOLDER if kind == "folder" else None


def make(facility: Facility) -> None:
    """Makes the results folder. The hand-off itself is never made: a share may be unmounted."""
    folder = folder_of(facility)
    if folder is not None:
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise _unusable(folder, error) from error


def collect(database: Database, seal: Seal, act: Act, facility: Facility) -> list[Result]:
    """Reads every complete file, oldest first, and files it under `done` or, with the reason beside it, `failed`.

    Whatever is killed is done next time, and several processes at once count each file once.
    """
    folder = folder_of(facility)
    if folder is None:
        return []
    found: list[Result] = []
    for path in waiting(folder):
        found += _one(database, seal, act, facility, path)
    return found


def waiting(folder: Path) -> list[Path]:
    """Files that are to be read, oldest first. Hidden ones and those on their way, such as `x.json.part`, are not."""
    try:
        entries = [entry for entry in os.scandir(folder) if _counts(entry)]
        aged = [(entry.stat(follow_symlinks=False).st_mtime_ns, entry.name) for entry in entries]
    except FileNotFoundError:
        return []  # or another process filed one this moment: what is left is looked at next time
    except OSError as error:
        raise _unusable(folder, error) from error
    return [folder / name for _, name in sorted(aged)]


def _counts(entry: os.DirEntry[str]) -> bool:
    named = entry.name.lower().endswith(SUFFIXES) and not entry.name.startswith((".", "~"))
    return named and entry.is_file(follow_symlinks=False)


def _one(database: Database, seal: Seal, act: Act, facility: Facility, path: Path) -> Sequence[Result]:
    try:
        dropped = _read(path)
        if dropped is None:
            return [_result(facility, path, LATER, "It is still being written.")]
        found = _heard(database, seal, act, facility, dropped)
        if any(one.result == LATER for one in found):
            return found
        _file(dropped, [str(one.error) for one in found if one.error])
    except FileNotFoundError:
        return []  # another process had it in hand, and told it
    except OSError as error:
        raise _unusable(path, error) from error
    return found


def _read(path: Path) -> Dropped | None:
    """The file; None while somebody writes to it."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        content = file.read(LARGEST + 1) if stat.S_ISREG(before.st_mode) else b""
    after = path.stat(follow_symlinks=False)
    same = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
    return Dropped(path, content, after.st_mtime_ns) if same else None


def _heard(database: Database, seal: Seal, act: Act, facility: Facility, dropped: Dropped) -> Sequence[Result]:
    places = [facility.hand_off.partition(":")[2]]
    young = dropped.young(act.now)
    try:
        if len(dropped.content) > LARGEST:
            raise BadInput(f"It is larger than {LARGEST:,} bytes.")
        told = reports.read(dropped.path.name, dropped.content)
    except BadInput as error:
        return [_failed(facility, dropped.path, "", error, later=young)]
    found = []
    for number, report in enumerate(told):
        try:
            heard = hearing.hear(database, seal, act, places, report, f"{dropped.key}/{number}")
        except (BadInput, TryAgain) as error:
            later = isinstance(error, TryAgain) or (young and isinstance(error, hearing.Unknown))
            found.append(_failed(facility, dropped.path, report.reference, error, later=later))
        else:
            told_of = (heard.order_id, heard.result, heard.stage.value, heard.why, heard.command)
            found.append(Result(facility.name, dropped.path.name, *told_of))
    return found


def _result(facility: Facility, path: Path, result: str, why: str) -> Result:
    return Result(facility.name, path.name, "", result, why=why)


def _failed(facility: Facility, path: Path, reference: str, error: GcwError, *, later: bool) -> Result:
    order_id = reference.removeprefix("TTS-").partition("-")[0]
    why = (facility.name, path.name, order_id, LATER if later else FAILED)
    return Result(*why, why=str(error), command=error.hint, error=None if later else error)


def _file(dropped: Dropped, reasons: Sequence[str]) -> None:
    """Moves a file out of the way of the next run; the reason is there before the file is."""
    to = dropped.path.parent / (FAILED if reasons else DONE)
    to.mkdir(exist_ok=True)
    target = to / dropped.path.name
    if target.exists():
        target = to / f"{target.stem}.{uuid.uuid4().hex[:8]}{target.suffix}"
    reason = target.with_name(f"{target.name}.reason.txt")
    if reasons:
        reason.write_text("\n".join(dict.fromkeys(reasons)) + "\n", "utf-8")
    try:
        moved = _move(dropped.path, target)
    except FileNotFoundError:  # another process was faster, and wrote a reason of its own
        if reasons and not target.exists():
            reason.unlink(missing_ok=True)
        return
    if moved.st_mtime_ns != dropped.modified_ns:  # written to since it was read: what was added is read next time
        with suppress(OSError):
            target.rename(dropped.path)


def _move(path: Path, target: Path) -> os.stat_result:
    path.rename(target)
    return target.stat()


def _unusable(path: Path, error: OSError) -> TryAgain:
    return TryAgain(
        f"{path} cannot be used: {error.strerror or error}.",
        "See that the hand-off folder is there and that gcw may write to it, then run it again.",
    )
