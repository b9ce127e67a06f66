"""Where the browser returns from TikTok's page: a small server on loopback that waits for one answer."""

import queue
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Any

from flask import Flask, Response, render_template, request
from waitress.server import create_server

from gcw_tiktok.errors import SetupMissing, TryAgain

REPLY_WITHIN = 20
"""Seconds for which the page waits to be told how it ended."""
FLUSH_WITHIN = 2
"""Seconds that a browser has to fetch the last page before the server ends."""


@dataclass(frozen=True)
class Page:
    """What the browser shows at the end."""

    good: bool
    title: str
    words: str
    command: str = ""


@dataclass
class Answer:
    """What came back, through the browser or pasted, and a way to tell the browser how it ended."""

    text: str
    pasted: bool = False
    _verdict: "queue.Queue[Page]" = field(default_factory=queue.Queue)

    def reply(self, page: Page) -> None:
        self._verdict.put(page)

    def wait_for_page(self) -> Page:
        try:
            return self._verdict.get(timeout=REPLY_WITHIN)
        except queue.Empty:
            return Page(True, "Back to the terminal", "gcw is still at work. It will say there how it ended.")


class Listener:
    """Listens on `http://localhost:PORT/callback` for the length of a `with` block."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._answers: queue.Queue[Answer] = queue.Queue()
        self._server: Any = None

    def __enter__(self) -> "Listener":
        try:
            self._server = create_server(_app(self._take), host="127.0.0.1", port=self.port, threads=4)
        except OSError as error:
            raise SetupMissing(
                f"Port {self.port} on this machine is taken, so the browser could not return to gcw.",
                "End the other program, or choose another port with --port and in your app's redirect URL.",
                code="port_taken",
            ) from error
        self.port = self._server.effective_port
        threading.Thread(target=self._server.run, name="callback", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end = time.monotonic() + FLUSH_WITHIN
        while self._busy() and time.monotonic() < end:
            time.sleep(0.01)  # the page is on its way to the browser
        self._server.close()
        self._server.task_dispatcher.shutdown(timeout=5)

    def _busy(self) -> bool:
        channels = list(self._server.active_channels.values())
        return any(channel.requests or channel.total_outbufs_len for channel in channels)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/callback"

    def read_from(self, stream: IO[str]) -> None:
        """Also accepts an address or a code that is pasted at the prompt."""
        threading.Thread(target=self._read, args=(stream,), name="paste", daemon=True).start()

    def wait(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> Answer:
        """The first answer from either way; `TryAgain` when none comes in time."""
        end = clock() + seconds
        while (left := end - clock()) > 0:
            try:
                return self._answers.get(timeout=min(left, 0.5))  # short, so that Ctrl-C is heard everywhere
            except queue.Empty:
                continue
        raise TryAgain(
            "Nobody answered TikTok's page in time.", "Run the same command again when you are ready.", code="timeout"
        )

    def _take(self, query: str) -> Page:
        answer = Answer(f"{self.address}?{query}")
        self._answers.put(answer)
        return answer.wait_for_page()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            if line.strip():
                self._answers.put(Answer(line.strip(), pasted=True))
                return


def _app(take: Callable[[str], Page]) -> Flask:
    app = Flask(__name__)

    @app.get("/callback")
    def callback() -> Response:
        page = take(request.query_string.decode("utf-8", "replace"))
        response = Response(render_template("callback.html", page=page), 200 if page.good else 400)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return app


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
