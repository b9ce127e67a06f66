"""gcw as a process of its own that goes on until it is told to stop."""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from gcw_tiktok.tiktok.signing import sign_webhook

PATIENCE = 60
Json = dict[str, Any]


class Running:
    """A running `gcw serve`, `gcw webhooks listen` or `gcw orders watch`, with --json."""

    def __init__(self, words: tuple[str, ...]) -> None:
        command = [sys.executable, "-m", "gcw_tiktok", *words, "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._said: list[str] = []
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self._lines.put), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self._said.append), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self.ready = self.next()
        assert self.ready.keys() & {"address", "every"}, "the first line tells that it is ready"

    def next(self) -> Json:
        """The next line that it prints."""
        try:
            line = self._lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"nothing more came: {self.said}") from None
        assert line, f"it has ended: {self.said}"
        found: Json = json.loads(line)
        return found

    def until(self, **wanted: Any) -> Json:
        """The next line with these members."""
        end = time.monotonic() + PATIENCE
        while not wanted.items() <= (line := self.next()).items():
            assert time.monotonic() < end, f"{wanted} did not come, but {line}"
        return line

    def hears(self, wanted: str) -> None:
        """Returns once it has said this on stderr."""
        end = time.monotonic() + PATIENCE
        while wanted not in self.said:
            assert time.monotonic() < end, self.said

    @property
    def said(self) -> str:
        return "".join(self._said)

    def send(self, body: bytes, app: Any) -> httpx.Response:
        """Posts as TikTok does."""
        headers = {"authorization": sign_webhook(app.key, app.secret, body), "content-type": "application/json"}
        address = self.ready.get("webhook_url") or self.ready["address"]
        return httpx.post(address, content=body, headers=headers, timeout=10)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ends(self) -> int:
        code = self.process.wait(timeout=PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.ends()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    @staticmethod
    def _read(stream: Any, put: Callable[[str], None]) -> None:
        for line in stream:
            put(line)
        put("")


@contextmanager
def running(*words: str) -> Iterator[Running]:
    found = Running(words)
    try:
        yield found
    finally:
        found.close()
