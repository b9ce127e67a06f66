"""gcw serve: hears of changes, acts on them, and looks for itself as well."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.foreground import Reporter, means_for, until_told
from gcw_tiktok.commands.options import Json, runtime
from gcw_tiktok.errors import Refused, TryAgain
from gcw_tiktok.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gcw_tiktok.store.tables import Facility
    from gcw_tiktok.workflow.production.results import Result
    from gcw_tiktok.workflow.recording import Recorder
    from gcw_tiktok.workflow.tending import Tending


app = typer.Typer(add_completion=False, help="Receive webhooks, act on them, poll every store, and serve the pages.")


@app.command()
def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 picks a free one.", min=0, max=65535)] = 8766,
    public_url: Annotated[str, typer.Option(help="Its address in the world, by your proxy.", metavar="URL")] = "",
    proxy: Annotated[
        str, typer.Option(help="The address of your proxy, whose X-Forwarded headers are believed.", metavar="IP")
    ] = "",
    pages: Annotated[bool, typer.Option("--pages/--no-pages", help="Serve Storefronts Connect as well.")] = True,
    poll: Annotated[int, typer.Option(help="Seconds between two pulls of a store; 0 for none.", min=0)] = 300,
    as_json: Json = False,
) -> None:
    """Receive webhooks, act on them, poll every store and serve the pages, in the foreground until Ctrl-C."""
    from gcw_tiktok.commands import portal
    from gcw_tiktok.web import postbacks, receiver, serving
    from gcw_tiktok.web.callback import free_port

    gcw = runtime(ctx)
    with (
        until_told() as stop,
        Reporter(gcw, as_json=as_json) as report,
        _watch(gcw, poll, report) as (recorder, watch),
    ):

        def take(body: bytes, authorization: str) -> None:
            try:
                receipt = recorder.take(body, authorization)
            except Refused:
                report.refused()
                raise
            if receipt:
                report.received(receipt)
            watch.heard()

        def posted(facility: int, body: bytes, offered: "Sequence[str]") -> None:
            _keep(gcw, facility, body, offered)
            watch.posted()

        def ready() -> None:
            recorder.ready()
            if not watch.alive:
                raise TryAgain("Nobody acts on what is recorded.")

        received = receiver.create_app(take, ready, postbacks.postbacks(posted))
        port = port or free_port()
        here = (public_url or portal.public_url(gcw, host, port)).rstrip("/")
        served = portal.beside(gcw, received, here) if pages else nullcontext(received)
        with served as whole, serving.serving(whole, host, port, proxy=proxy) as address:
            _say_ready(address, here, poll, pages, as_json)
            if pages:
                portal.advise(gcw, public_url, proxy)
            report.begin()
            stop.wait()
        output.note("Stopping; what is being acted on is finished first. Ctrl-C again stops at once.")


def _keep(gcw: Runtime, facility: int, body: bytes, offered: "Sequence[str]") -> None:
    from gcw_tiktok.workflow.history import Act
    from gcw_tiktok.workflow.production import postbacks
    from gcw_tiktok.workflow.tokens import GCW

    postbacks.take(gcw.database, gcw.seal, gcw.vault, Act(GCW, gcw.now()), facility, body, offered)


def _asker(gcw: Runtime) -> "Callable[[Facility], list[Result]]":
    """Asks a connector how far its orders are."""
    from gcw_tiktok.workflow.history import Act
    from gcw_tiktok.workflow.production import gelatoconnect, polling
    from gcw_tiktok.workflow.tokens import GCW

    def ask(facility: "Facility") -> "list[Result]":
        connector = gelatoconnect.Connector(facility.hand_off, gcw.http, gcw.vault)
        return polling.poll(gcw.database, gcw.seal, Act(GCW, gcw.now()), facility, connector)

    return ask


@contextmanager
def _watch(gcw: Runtime, poll: int, report: Reporter) -> Iterator[tuple["Recorder", "Tending"]]:
    """Whoever records and whoever acts. Both end with the block, and what they are at is finished."""
    from gcw_tiktok.workflow.recording import Recorder
    from gcw_tiktok.workflow.tending import Folders, Tending
    from gcw_tiktok.workflow.tokens import GCW

    folders = Folders(gcw.profile.designs, gcw.profile.pictures)
    recorder = Recorder(gcw.profile.database_url, gcw.seal, gcw.app, gcw.clock)
    try:
        with means_for(gcw, GCW) as means:
            watch = Tending(means, poll, report, folders, gcw.settings.keep_recipients_days, _asker(gcw))
            gcw.sleep = watch.nap
            gcw.open_for_threads()
            watch.start()
            try:
                yield recorder, watch
            finally:
                watch.end()
    finally:
        recorder.close()


def _say_ready(address: str, here: str, poll: int, pages: bool, as_json: bool) -> None:
    from gcw_tiktok.web import receiver

    found = {"address": address, "webhook_url": here + receiver.PATH, "poll_seconds": poll}
    if pages:
        found |= {"pages": here + "/", "redirect_url": here + "/callback"}
    if as_json:
        output.line(found)
        return
    output.thing(found)
    output.note(f"Tell TikTok: gcw webhooks register STORE --url {found['webhook_url']}")
    output.note("Ctrl-C ends it.")
