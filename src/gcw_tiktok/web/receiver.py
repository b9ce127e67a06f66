"""Where TikTok's webhooks arrive: checked and recorded, answered at once, acted on by somebody else."""

from collections.abc import Callable

from flask import Blueprint, Flask, Response, request

from gcw_tiktok.errors import GcwError, Refused

PATH = "/webhooks/tiktok"
LARGEST_BODY = 256 << 10
"""Bytes. A webhook holds ids and a status; the largest known has a few hundred."""
Take = Callable[[bytes, str], None]
"""Keeps a body with its `Authorization`: `Refused` when TikTok did not sign it, another failure when it
could not be kept."""
Hear = Callable[[bytes, dict[str, str]], int]
"""Told a body and its headers; the status to answer."""
Ready = Callable[[], None]
"""Raises what stands in the way of working."""


def receiver(take: Take) -> Blueprint:
    """The one page that TikTok posts to."""
    page = Blueprint("receiver", __name__)

    @page.route(PATH, methods=["POST"], provide_automatic_options=False)
    def webhook() -> Response:
        """200 and nothing else: kept. Anything but 200 has TikTok send it again."""
        if (request.content_length or 0) > LARGEST_BODY:
            return _answer(413)
        try:
            take(request.get_data(cache=False), request.headers.get("Authorization", ""))
        except Refused:
            return _answer(401)
        except GcwError:
            return _answer(503)
        return _answer(200)

    return page


def health(ready: Ready) -> Blueprint:
    """For whatever watches over the process: whether it lives, and whether it can work."""
    page = Blueprint("health", __name__)

    @page.get("/healthz")
    def healthz() -> Response:
        return _answer(200, "ok\n")

    @page.get("/readyz")
    def readyz() -> Response:
        try:
            ready()
        except GcwError as error:
            return _answer(503, f"{error}\n")
        return _answer(200, "ok\n")

    return page


def create_app(take: Take, ready: Ready, *others: Blueprint) -> Flask:
    """The receiver, with whatever else is received."""
    app = Flask(__name__)
    app.register_blueprint(receiver(take))
    for page in others:
        app.register_blueprint(page)
    app.register_blueprint(health(ready))
    return app


def relay(hear: Hear) -> Flask:
    """Takes whatever is posted, wherever to, and answers what `hear` says."""
    app = Flask(__name__)

    @app.post("/")
    @app.post("/<path:_>")
    def posted(_: str = "") -> Response:
        if (request.content_length or 0) > LARGEST_BODY:
            return _answer(413)
        return _answer(hear(request.get_data(cache=False), dict(request.headers.items())))

    return app


def _answer(status: int, words: str = "") -> Response:
    return Response(words, status, content_type="text/plain; charset=utf-8")
