"""Whether a process of this machine still runs, however it ended: its lock goes with it."""

import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl

KEPT_SECONDS = 86_400
"""How long the sign of a process that was killed is kept: longer than anything is held in its name."""


@contextmanager
def sign(folder: Path) -> Iterator[str]:
    """A name under which this process holds things; whoever shares the folder can ask whether it has `ended`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _tidy(folder)
    path = folder / uuid.uuid4().hex
    with path.open("xb") as file:
        _lock(file)
        try:
            yield path.name
        except Exception:
            path.unlink(missing_ok=True)
            raise
        path.unlink(missing_ok=True)


def ended(folder: Path, name: str) -> bool:
    """Whether the holder of this name was killed. Of other machines' processes nothing is known: False."""
    try:
        with (folder / name).open("rb") as file:
            return _lock(file)
    except OSError:
        return False


def _lock(file: IO[bytes]) -> bool:
    if sys.platform == "win32":
        return False  # a killed process's things are free when their time is up
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _tidy(folder: Path) -> None:
    for left in folder.iterdir():
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - KEPT_SECONDS and ended(folder, left.name):
                left.unlink()
