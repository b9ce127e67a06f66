"""Serves a web application on the side for as long as something else goes on."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from gcw_tiktok.errors import SetupMissing

THREADS = 16
CONNECTIONS = 500
IDLE_SECONDS = 30
"""After so long without a byte a connection is closed, so that nobody can hold them all."""
LARGEST_REQUEST = 1 << 20
FINISH_WITHIN = 5
"""Seconds that requests have to be answered in when the end comes."""


@contextmanager
def serving(app: Flask, host: str, port: int) -> Iterator[str]:
    """The address of a server that answers until the block ends; port 0 picks a free one."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a crowd of requests is what it is here for
    place = _bound(host, port)
    server: Any = create_server(
        app,
        sockets=[place],
        threads=THREADS,
        ident="gcw",
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        max_request_body_size=LARGEST_REQUEST,
    )
    thread = Thread(target=server.run, name="server", daemon=True)
    thread.start()
    try:
        yield f"http://{_shown(host)}:{place.getsockname()[1]}"
    finally:
        server.task_dispatcher.shutdown(timeout=FINISH_WITHIN)
        close(server)
        thread.join(timeout=FINISH_WITHIN)


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
