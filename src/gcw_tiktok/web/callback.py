"""Where the browser returns from TikTok's page: a small server on loopback that waits for one answer."""

import os
import queue
import random
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any

from flask import Flask, Response, render_template, request
from waitress.server import create_server

from gcw_tiktok.errors import SetupMissing, TryAgain
from gcw_tiktok.web.serving import close

REPLY_WITHIN = 20
"""Seconds for which the page waits to be told how it ended."""
FLUSH_WITHIN = 2
"""Seconds that a browser has to fetch the last page before the server ends."""
SHORT = 0.2
"""Seconds after which a waiting thread looks whether it is still wanted."""


@dataclass(frozen=True)
class Page:
    """What the browser shows at the end."""

    good: bool
    title: str
    words: str
    command: str = ""


AT_WORK = Page(True, "Back to the terminal", "gcw is still at work. It will say there how it ended.")
STOPPED = Page(False, "gcw has stopped", "The terminal says why. Nothing was connected through this page.")


class Listener:
    """Listens on `http://localhost:PORT/callback` for the length of a `with` block."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._answers: queue.Queue[str] = queue.Queue()
        self._answered = threading.Event()
        self._told = threading.Event()
        self._page = AT_WORK
        self._server: Any = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "Listener":
        place = _bound(self.port)
        self.port = int(place.getsockname()[1])
        self._server = create_server(_app(self._take), sockets=[place], threads=4)
        self._thread = threading.Thread(target=self._server.run, name="callback", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answered.set()
        if not self._told.is_set():
            self.tell(STOPPED)
        end = time.monotonic() + FLUSH_WITHIN
        while self._busy() and time.monotonic() < end:
            time.sleep(0.01)  # the page is on its way to the browser
        self._server.task_dispatcher.shutdown(timeout=5)
        close(self._server)
        if self._thread:
            self._thread.join(timeout=5)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/callback"

    def read_from(self, stream: IO[str] | None) -> None:
        """Also accepts an address or a code that is pasted at the prompt, until there is an answer."""
        if stream is not None:
            threading.Thread(target=self._read, args=(stream,), name="paste", daemon=True).start()

    def wait(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> str:
        """The first answer from either way, as it came; `TryAgain` when none comes in time."""
        end = clock() + seconds
        while (left := end - clock()) > 0:
            try:
                answer = self._answers.get(timeout=min(left, SHORT))  # short, so that Ctrl-C is heard everywhere
            except queue.Empty:
                continue
            self._answered.set()
            return answer
        raise TryAgain(
            "Nobody answered TikTok's page in time.", "Run the same command again when you are ready.", code="timeout"
        )

    def tell(self, page: Page) -> None:
        """Shows the browser how it ended, however often it asked."""
        self._page = page
        self._told.set()

    def _take(self, query: str) -> Page:
        self._answers.put(f"{self.address}?{query}")
        self._told.wait(REPLY_WITHIN)
        return self._page

    def _read(self, stream: IO[str]) -> None:
        for line in _lines(stream, self._answered):
            if line.strip():
                self._answers.put(line.strip())
                return

    def _busy(self) -> bool:
        channels = list(self._server.active_channels.values())
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


def _bound(port: int) -> socket.socket:
    """The port, ours alone: `SetupMissing` says why it cannot be had."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except PermissionError as error:
        raise SetupMissing(
            f"Port {port} may not be used by you on this machine.",
            "Choose one above 1023 with --port, and in your app's redirect URL.",
            code="port_taken",
        ) from error
    except (OSError, OverflowError) as error:
        raise SetupMissing(
            f"Port {port} on this machine is taken, so the browser could not return to gcw.",
            "End the other program, or choose another port with --port and in your app's redirect URL.",
            code="port_taken",
        ) from error


def _lines(stream: IO[str], stopped: threading.Event) -> Iterator[str]:
    """Lines as they come, until the end or until `stopped`.

    The descriptor is read, not the stream: a thread that waits inside `sys.stdin` holds its lock, and
    neither a later question nor the end of the program gets past it.
    """
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # nothing of the system's, such as a test's
        yield from iter(stream.readline, "")  # not from the stream itself, which would be closed with this
        return
    rest = b""
    while not stopped.is_set():
        try:
            if not _readable(descriptor):
                continue
            if stopped.is_set():  # meanwhile: what was typed is meant for the next question
                return
            chunk = os.read(descriptor, 4096)
        except OSError:  # the terminal has gone away
            return
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode(errors="replace") for line in whole)
        if not chunk:
            yield rest.decode(errors="replace")
            return


def _readable(descriptor: int) -> bool:
    if os.name == "nt":  # which can only ask this of sockets
        return True
    return bool(select.select([descriptor], [], [], SHORT)[0])


def _app(take: Callable[[str], Page]) -> Flask:
    app = Flask(__name__)

    @app.get("/callback")
    def callback() -> Response:
        query = request.query_string.decode("utf-8", "replace")
        if "state" not in request.args:  # TikTok always sends the browser back with ours; nobody else knows it
            query += "&state="
        page = take(query)
        response = Response(render_template("callback.html", page=page), 200 if page.good else 400)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return response

    return app


def free_port() -> int:
    """A port of this machine that nobody listens on now. It is below those that systems give to outgoing
    connections, so none of these can take it before it is listened on."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise SetupMissing("No port of this machine is free.", code="port_taken")
