"""Serves a web application on the side for as long as something else goes on."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.server import create_server

from gcw_tiktok.errors import SetupMissing

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 16
CONNECTIONS = 500
IDLE_SECONDS = 30
"""After so long without a byte a connection is closed, so that nobody can hold them all."""
LARGEST_REQUEST = 256 << 20
"""Bytes of the largest file that a page takes; each page has a limit of its own."""
FORWARDED = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
FINISH_WITHIN = 5
"""Seconds that requests have to be answered in when the end comes."""


@contextmanager
def serving(app: "WSGIApplication", host: str, port: int, *, proxy: str = "") -> Iterator[str]:
    """The address of a server that answers until the block ends; port 0 picks a free one. What the proxy at this
    address says of whom it asks for is believed, and nobody else."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a crowd of requests is what it is here for
    place = _bound(host, port)
    trusted: dict[str, Any] = {"trusted_proxy": proxy, "trusted_proxy_headers": FORWARDED} if proxy else {}
    server: Any = create_server(
        app,
        sockets=[place],
        threads=THREADS,
        ident="gcw",
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        max_request_body_size=LARGEST_REQUEST,
        clear_untrusted_proxy_headers=True,
        **trusted,
    )
    thread = Thread(target=server.run, name="server", daemon=True)
    thread.start()
    try:
        yield f"http://{_shown(host)}:{place.getsockname()[1]}"
    finally:
        server.task_dispatcher.shutdown(timeout=FINISH_WITHIN)
        close(server)
        thread.join(timeout=FINISH_WITHIN)


def by_path(parts: "dict[str, WSGIApplication]", rest: "WSGIApplication") -> "WSGIApplication":
    """One application of several: each of `parts` has the paths that begin with its name, `rest` has all others."""

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Any:
        first = "/" + environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
        return parts.get(first, rest)(environ, start)

    return answer


def close(server: Any) -> None:
    """Has a server close everything in its own thread, so that the port is free as soon as that ends.

    It waits until it was told: it may be awake already, and would close what it is being told through.
    """
    told = Event()

    def close_all() -> None:
        told.wait(FINISH_WITHIN)
        wasyncore.close_all(server._map, ignore_all=True)

    server.trigger.pull_trigger(close_all)
    told.set()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SetupMissing(
            f"gcw cannot listen on {_shown(host)}:{port}: {why}.", "Try another --port; 0 picks one.", code="port_taken"
        ) from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
