"""What commands share about the pages of Storefronts Connect."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gcw_tiktok.runtime import Runtime

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from gcw_tiktok.workflow.storefronts.portal import Portal

USUAL_PORT = 8766
JOBS_SECONDS = 10
"""How long work that pages have started may go on when the end comes. What is broken off is told to whoever asks."""
EVERYWHERE = ("127.0.0.1", "0.0.0.0")  # noqa: S104  told apart, not listened on
RECEIVED = ("/webhooks", "/postbacks", "/healthz", "/readyz")
"""What is not a page."""


def public_url(gcw: Runtime, host: str = "127.0.0.1", port: int = USUAL_PORT) -> str:
    """Where the pages are in the world, as far as gcw was told; on this machine otherwise."""
    name = "localhost" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return gcw.settings.public_url or f"http://{name}:{port}"


def portal(gcw: Runtime, url: str = "") -> "Portal":
    """What the pages have in hand."""
    from gcw_tiktok.workflow.storefronts.portal import Portal

    return Portal(
        reach=gcw.reach,
        seal=gcw.seal,
        client_for=gcw.client_for,
        post_office=lambda: gcw.post_office,
        designs=gcw.profile.designs,
        folder=gcw.profile.folder,
        public_url=(url or public_url(gcw)).rstrip("/"),
        allow_private=gcw.settings.private_design_urls,
    )


@contextmanager
def beside(gcw: Runtime, received: "WSGIApplication", url: str) -> Iterator["WSGIApplication"]:
    """The pages, beside what is received from outside."""
    from gcw_tiktok.web import serving
    from gcw_tiktok.web.portal import app
    from gcw_tiktok.workflow.storefronts.jobs import Jobs

    jobs = Jobs(gcw.database, gcw.now)
    try:
        yield serving.by_path(dict.fromkeys(RECEIVED, received), app.create(portal(gcw, url), jobs))
    finally:
        jobs.wait(JOBS_SECONDS)
