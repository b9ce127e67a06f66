"""Where webhooks lie until the database has room for them: a file each, on disk before TikTok is answered.

SQLite lets one writer in at a time, and a pull writes for longer than a webhook may wait. A file waits for nobody.
"""

import hashlib
import os
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gcw_tiktok.errors import GcwError, TryAgain
from gcw_tiktok.store.secrets import Seal

PURPOSE = "webhook in the inbox"
MOMENT = 8
"""Bytes before the sealed body: when it came, in microseconds, since several come within a second."""
HIDDEN = "."
"""What the name of a file begins with while it is being written."""


@dataclass(frozen=True)
class Letter:
    """One webhook that lies here."""

    path: Path
    moment: int
    """When it came, in Unix microseconds."""
    body: bytes

    @property
    def received_at(self) -> int:
        """In Unix seconds."""
        return self.moment // 1_000_000


class Inbox:
    """A folder of sealed webhooks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, body: bytes, seal: Seal, now: float) -> None:
        """On disk when this returns, once however often it comes; `TryAgain` when the disk does not take it."""
        name = hashlib.sha256(body).hexdigest()
        aside = self._folder / f"{HIDDEN}{name}.{uuid.uuid4().hex}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(aside, int(now * 1_000_000).to_bytes(MOMENT) + seal.close(body, PURPOSE))
            aside.rename(self._folder / name)
            _write_names(self._folder)
        except OSError as error:
            with suppress(OSError):
                aside.unlink()
            raise TryAgain(f"The webhook could not be kept: {error.strerror}.", "Look at the disk.") from error

    @property
    def empty(self) -> bool:
        return next(iter(self._paths()), None) is None

    def letters(self, seal: Seal, most: int) -> list[Letter]:
        """What lies here, at most so many. What was sealed with another key is left lying."""
        found: list[Letter] = []
        for path in self._paths():
            if len(found) == most:
                break
            if letter := _read(path, seal):
                found.append(letter)
        return sorted(found, key=lambda letter: letter.moment)

    def take_out(self, letters: Sequence[Letter]) -> None:
        """Once the database has them."""
        for letter in letters:
            letter.path.unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if not path.name.startswith(HIDDEN)]
        except FileNotFoundError:
            return []


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _write_names(folder: Path) -> None:
    """A file is only sure to be there once its name is on disk too."""
    if os.name == "nt":  # which cannot be asked for it
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path, seal: Seal) -> Letter | None:
    try:
        content = path.read_bytes()
        return Letter(path, int.from_bytes(content[:MOMENT]), seal.open(content[MOMENT:], PURPOSE))
    except (OSError, GcwError):  # another process has just taken it out, or it is another key's
        return None
