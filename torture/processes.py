"""gcw's commands as processes of their own, ended by SIGKILL where the plan says so.

They are forked from this one, which has loaded all of gcw: so hundreds of them start in the time of a few. What they
do from there on is what `gcw` does, with connections, files and memory of their own.
"""

import importlib
import os
import pkgutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.orm import Session

import gcw_tiktok
from gcw_tiktok.cli import command
from gcw_tiktok.runtime import Runtime

SHORTER = 0.02
"""How much of each pause of gcw's is really waited out: a minute is a second."""
POLL_SECONDS = 0.005
OS_STEPS = ("fsync", "rename", "replace", "mkdir")
"""What the system does for a hand-off: each is a place to be killed at."""


@dataclass(frozen=True)
class Death:
    """When a process is killed: at a moment after its start, or at its n-th place where something has happened
    outside its memory or is about to."""

    after: float = 0
    at_place: int = 0

    def __str__(self) -> str:
        return f"place {self.at_place}" if self.at_place else f"{self.after * 1000:.0f} ms"


@dataclass
class Process:
    """One gcw. `code` is how it ended: as the shell has it, and -9 where it was killed."""

    pid: int
    words: tuple[str, ...]
    log: Path
    death: Death | None
    started: float = field(default_factory=time.monotonic)
    code: int | None = None

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def look(self) -> bool:
        """Whether it has ended; kills it when its time is up."""
        if self.code is None:
            found, status = os.waitpid(self.pid, os.WNOHANG)
            if found:
                self.code = os.waitstatus_to_exitcode(status)
            elif self.death and self.death.after and time.monotonic() - self.started >= self.death.after:
                os.kill(self.pid, signal.SIGKILL)
        return self.code is not None

    def wait(self, seconds: float) -> bool:
        """Whether it ended within so many seconds."""
        end = time.monotonic() + seconds
        while not self.look() and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        return self.code is not None

    def kill(self) -> None:
        if not self.look():
            os.kill(self.pid, signal.SIGKILL)
            self.wait(10)


def load_everything() -> None:
    """What the processes to come will use is loaded once, here."""
    for found in pkgutil.walk_packages(gcw_tiktok.__path__, "gcw_tiktok."):
        if not found.name.endswith(("__main__", ".env")) and ".sandbox" not in found.name:
            importlib.import_module(found.name)
    importlib.import_module("psycopg")


def begin(
    words: Sequence[str], log: Path, environment: Mapping[str, str], *, offset: float = 0, death: Death | None = None
) -> Process:
    """Starts `gcw WORDS`, whose clock is `offset` seconds ahead of this machine's."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        os._exit(_child(words, log, environment, offset, death.at_place if death else 0))
    return Process(pid, tuple(words), log, death)


def _child(words: Sequence[str], log: Path, environment: Mapping[str, str], offset: float, at_place: int) -> int:
    """The exit code. Nothing of the parent's is tidied up here."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _redirect(log)
        os.environ.update(environment)
        if at_place:
            _die_at(at_place)
        gcw = Runtime(
            clock=lambda: time.time() + offset,
            sleep=lambda seconds: time.sleep(seconds * SHORTER),
            transport=httpx.HTTPTransport(),
        )
        command(gcw).main(list(words))
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001  a bug, told as Python tells it
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _redirect(log: Path) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (file, 1), (file, 2)):
        os.dup2(here, there)


def _die_at(place: int) -> None:
    """Counts the places that this process passes, and kills it for good at this one."""
    passed = 0

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **more: Any) -> Any:
            reached()
            done = real(*given, **more)
            reached()
            return done

        return step

    def reached() -> None:
        nonlocal passed
        passed += 1
        if passed == place:
            os.kill(os.getpid(), signal.SIGKILL)

    Session.commit = around(Session.commit)  # type: ignore[method-assign]
    httpx.HTTPTransport.handle_request = around(httpx.HTTPTransport.handle_request)  # type: ignore[method-assign]
    for name in OS_STEPS:
        setattr(os, name, around(getattr(os, name)))
