"""gcw as a process of its own, with a person at its prompt."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 60


class Connecting:
    """A running `gcw store connect`. What it says goes to a terminal (`at_terminal`) or to a pipe."""

    def __init__(self, words: tuple[str, ...], *, at_terminal: bool = False, without_stdin: bool = False) -> None:
        command = [sys.executable, "-m", "gcw_tiktok", *words]
        if without_stdin:
            command = ["sh", "-c", 'exec "$@" <&-', "sh", *command]
        self._said = ""
        if at_terminal:
            self._here, there = pty.openpty()
            self._process = subprocess.Popen(
                command, stdin=there, stdout=subprocess.PIPE, stderr=there, start_new_session=True
            )
            os.close(there)
            self._typing = self._here
        else:
            self._here, telling = os.pipe()
            reading, self._typing = os.pipe()
            self._process = subprocess.Popen(command, stdin=reading, stdout=subprocess.PIPE, stderr=telling)
            os.close(telling)
            os.close(reading)

    def hears(self, wanted: str) -> str:
        """All that was said, once `wanted` (a pattern) is in it."""
        end = time.monotonic() + PATIENCE
        while not re.search(wanted, self._said):
            assert time.monotonic() < end, self._said
            self._said += self._more(0.5)
        return self._said

    def address(self) -> str:
        """The authorization page."""
        said = self.hears(r"Waiting for an answer")
        found = re.search(r"The page:(.*)Should the browser", said, re.DOTALL)
        assert found, said
        return "".join(found.group(1).split())

    def type(self, words: str) -> None:
        os.write(self._typing, words.encode())

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def ends(self) -> tuple[int, str, str]:
        """Exit code, stdout, and all that was said. Its stdin is still open."""
        assert self._process.stdout is not None
        code = self._process.wait(timeout=PATIENCE)  # what it prints is short, and waits in the pipe
        out = self._process.stdout.read().decode()
        while more := self._more(0):
            self._said += more
        return code, out, self._said

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        for descriptor in {self._here, self._typing}:
            os.close(descriptor)

    def _more(self, seconds: float) -> str:
        if not select.select([self._here], [], [], seconds)[0]:
            return ""
        try:
            return os.read(self._here, 65_536).decode(errors="replace")
        except OSError:  # a terminal says so when nobody is left on the other side
            return ""


@contextmanager
def connecting(*words: str, **how: bool) -> Iterator[Connecting]:
    running = Connecting(words, **how)
    try:
        yield running
    finally:
        running.close()
