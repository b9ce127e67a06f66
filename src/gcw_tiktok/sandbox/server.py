"""The web server: one origin for all of TikTok Shop's hosts, and the control calls beside them."""

import logging
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from threading import Event, Thread
from types import FrameType
from typing import Any

from flask import Flask, Request, Response, request
from waitress import wasyncore
from waitress.server import create_server

from gcw_tiktok.sandbox import saving
from gcw_tiktok.sandbox.consent import PAGES, TOKEN_CALLS, Consent
from gcw_tiktok.sandbox.control import control
from gcw_tiktok.sandbox.documents import page as documents
from gcw_tiktok.sandbox.doings import settings
from gcw_tiktok.sandbox.gate import Received
from gcw_tiktok.sandbox.gateway import Answer, Sandbox
from gcw_tiktok.sandbox.limits import Limits
from gcw_tiktok.sandbox.listings import drawing
from gcw_tiktok.sandbox.listings.catalog import IMAGE_ROOM
from gcw_tiktok.sandbox.replies import Reply
from gcw_tiktok.sandbox.world import DEFAULT_REDIRECT, World

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HOST = "127.0.0.1"
THREADS = 8
ONE_WRITE = 256 << 10
FINISH_WITHIN = 2
"""Seconds that requests have to be answered in when the end comes."""
A_LONG_TIME = 3_600


@dataclass(frozen=True)
class Addresses:
    """What a client has to be told to use the sandbox."""

    api_url: str
    auth_url: str
    authorize_url: str
    service_id: str
    app_key: str
    app_secret: str
    control_url: str


def addresses(base_url: str, world: World) -> Addresses:
    """Where everything is, when the sandbox answers at `base_url`."""
    base = base_url.rstrip("/")
    return Addresses(
        api_url=base,
        auth_url=base,
        authorize_url=f"{base}/open/authorize",
        service_id=world.app.service_id,
        app_key=world.app.key,
        app_secret=world.app.secret,
        control_url=f"{base}/_sandbox",
    )


def create_app(world: World, sandbox: Sandbox | None = None) -> Flask:
    """The WSGI application. Errors go through to the server: a bug must not look like TikTok Shop's answer.

    It posts no webhook by itself: that is for `serving`, `run`, and the control call that asks for it.
    """
    app = Flask(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.url_map.merge_slashes = False
    sandbox, consent = sandbox or Sandbox(world), Consent(world)
    app.register_blueprint(control(sandbox, consent))
    for path in PAGES:
        _serve(app, path, sandbox, consent.page, ["GET", "POST"])
    for path in TOKEN_CALLS:
        _serve(app, path, sandbox, consent.token, METHODS)
    _serve(app, f"/{documents.ROOM}/<path:_>", sandbox, lambda got, _: documents.answer(world, got), ["GET"])
    app.add_url_rule(f"/{IMAGE_ROOM}/<name>", "image", lambda name: _image(world, name))
    _serve(app, "/<path:_>", sandbox, sandbox.call, METHODS)
    _serve(app, "/", sandbox, sandbox.call, METHODS)
    return app


def _serve(app: Flask, rule: str, sandbox: Sandbox, answer: Answer, methods: list[str]) -> None:
    def view(**_: str) -> Response:
        return _response(sandbox.respond(_received(request), answer), sandbox.world)

    app.add_url_rule(rule, rule, view, methods=methods, provide_automatic_options=False)


def _image(world: World, name: str) -> Response:
    """An uploaded picture as it came, or one that the world began with; whatever size the address asks for."""
    uri = f"{IMAGE_ROOM}/{name.partition('~')[0]}"
    with world.lock:
        image, known = world.images.get(uri), world.knows_image(uri)
    if image:
        return Response(image.data, content_type=image.media_type)
    return Response(drawing.drawn(uri), content_type=drawing.MEDIA_TYPE) if known else Response(status=404)


def _received(request: Request) -> Received:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.query_string.decode("latin-1")
    return Received(
        request.method, request.path, query, headers, request.get_data(cache=False), request.remote_addr or ""
    )


def _response(reply: Reply, world: World) -> Response:
    response = Response(reply.body, reply.status, content_type=reply.content_type)
    response.headers.update(reply.headers)  # afterwards, so that a fault may lie about the length
    response.headers["Date"] = formatdate(world.now(), usegmt=True)
    if reply.request_id:
        response.headers["X-Tt-Logid"] = reply.request_id
    return response


def _bind(app: Flask, port: int) -> Any:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a crowd of requests is what it is here for
    server = create_server(app, host=HOST, port=port, threads=THREADS, ident="tiktok-shop-sandbox")
    # Head and body leave together: the option itself is deprecated, what it sets is not.
    server.adj.send_bytes = ONE_WRITE
    return server


def _end(server: Any, thread: Thread) -> None:
    """Lets requests be answered, then closes everything in the server's own thread: closed from another one, a socket's
    number may belong to somebody else by the time the server looks at it. For the same reason it waits until it was
    told: it may be awake already, and would close what it is being told through."""
    told = Event()

    def close_all() -> None:
        told.wait(FINISH_WITHIN)
        wasyncore.close_all(server._map, ignore_all=True)

    server.task_dispatcher.shutdown(timeout=FINISH_WITHIN)
    server.trigger.pull_trigger(close_all)
    told.set()
    thread.join(timeout=FINISH_WITHIN)


@contextmanager
def serving(world: World, port: int = 0, sandbox: Sandbox | None = None) -> Iterator[str]:
    """The base URL of a server that runs on the side, its postman too, until the block ends."""
    sandbox = sandbox or Sandbox(world)
    server = _bind(create_app(world, sandbox), port)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        with sandbox.postman.at_work():
            yield f"http://{HOST}:{server.effective_port}"
    finally:
        _end(server, thread)


@dataclass(frozen=True)
class Wanted:
    """How a sandbox is to begin."""

    seed: int = 1
    products: int = 12
    orders: int = 12
    redirect_url: str = ""
    start_time: int | None = None
    webhook_url: str = ""
    webhook_hosts: frozenset[str] = frozenset()
    per_second: int = 0
    per_hour: int = 0
    world: Mapping[str, Any] | None = None
    """A saved one, instead of a new one."""


def opened(wanted: Wanted) -> Sandbox:
    """The sandbox that is asked for, not served yet; ValueError when there cannot be one."""
    fresh = wanted.world is None
    world = World(
        seed=wanted.seed,
        now=wanted.start_time,
        products=wanted.products if fresh else 0,
        orders=wanted.orders if fresh else 0,
        redirect_url=wanted.redirect_url or DEFAULT_REDIRECT,
    )
    limits = Limits(wanted.per_second, wanted.per_hour)
    sandbox = Sandbox(world, limits=limits, webhook_hosts=wanted.webhook_hosts)
    if not fresh:
        saving.load(wanted.world, world, sandbox.faults)
    given = {"redirect_url": wanted.redirect_url, "webhook_url": wanted.webhook_url}
    settings.configure(world, {name: value for name, value in given.items() if value})
    return sandbox


def run(sandbox: Sandbox, port: int = 0, on_ready: Callable[[Addresses], None] = lambda _: None) -> None:
    """Serves it until Ctrl-C or SIGTERM; `on_ready` is told the addresses once requests are heard."""
    server = _bind(create_app(sandbox.world, sandbox), port)
    before = signal.signal(signal.SIGTERM, _stop)
    # The server runs on the side: a signal that interrupts its own loop at a bad moment would be swallowed there.
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        with sandbox.postman.at_work():
            on_ready(addresses(f"http://{HOST}:{server.effective_port}", sandbox.world))
            while True:
                time.sleep(A_LONG_TIME)
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
        _end(server, thread)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
