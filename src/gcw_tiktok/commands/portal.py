"""What commands share about the pages of Storefronts Connect."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gcw_tiktok import output
from gcw_tiktok.errors import SetupMissing
from gcw_tiktok.runtime import Runtime

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from gcw_tiktok.workflow.mail import PostOffice
    from gcw_tiktok.workflow.people.inviting import Desk, Sent
    from gcw_tiktok.workflow.storefronts.portal import Portal

USUAL_PORT = 8766
JOBS_SECONDS = 10
"""How long work that pages have started may go on when the end comes. What is broken off is told to whoever asks."""
EVERYWHERE = ("127.0.0.1", "0.0.0.0")  # noqa: S104  told apart, not listened on
TELL_WHERE = "Run `gcw config set public_url https://YOUR-ADDRESS`."
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
        name=gcw.settings.public_name,
    )


def desk(gcw: Runtime) -> "Desk":
    """Where letters with links to the pages are written. None is mailed while it could lead to this machine only."""
    from gcw_tiktok.workflow.people.inviting import Desk

    def post_office() -> "PostOffice":
        office = gcw.post_office
        if not gcw.settings.public_url:
            raise SetupMissing("gcw does not know yet where its pages are in the world.", TELL_WHERE)
        return office

    return Desk(gcw.settings.public_name, public_url(gcw), post_office)


def told(sent: "Sent") -> dict[str, Any]:
    """What became of a link, for the reader. The link is a secret, and is shown only where no mail took it."""
    return {"mailed": sent.mailed, "why": sent.why, "link": None if sent.mailed else sent.address}


def say(gcw: Runtime, sent: "Sent", who: str) -> None:
    """What is to be done about a link that no mail took."""
    if sent.mailed:
        output.note(f"A mail with a link is on its way to {who}.")
        return
    if sent.why:
        output.warning(f"No mail went out. {sent.why} {sent.hint}".strip())
    output.note(f"Pass the link on to {who} yourself, and to nobody else: whoever has it gets in.")
    if not gcw.settings.public_url:
        output.note(f"It works on this machine only. {TELL_WHERE}")


def advise(gcw: Runtime, public_url: str, proxy: str) -> None:
    """Says what is missing for people to come in from outside."""
    from gcw_tiktok.workflow.people import people

    known = public_url or gcw.settings.public_url
    if known.startswith("https://") and not proxy:
        output.warning("Behind a proxy all people count as one address, and lock each other out: add --proxy IP.")
    if public_url and public_url.rstrip("/") != gcw.settings.public_url:
        output.note(f"For links made by other commands: gcw config set public_url {public_url}")
    with gcw.database.view() as session:
        if not people.may_come(session, None):
            output.note("No operator may sign in yet: gcw operator add EMAIL")


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
