"""gcw webhooks: what TikTok pushes, where to, and what became of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, DryRun, Json, StoreName, act, runtime
from gcw_tiktok.errors import PartlyDone, Refused, Usage
from gcw_tiktok.workflow import stores, times

if TYPE_CHECKING:
    from gcw_tiktok.workflow.webhooks import Change

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="What TikTok pushes, where to, and what became of it."
)
Topic = Annotated[
    list[str] | None, typer.Option(help="Only this topic, such as ORDER_STATUS_CHANGE; repeat it for several.")
]
ForwardTo = Annotated[str, typer.Option(help="Post the events to this address.", metavar="URL")]


@app.command()
def register(
    ctx: typer.Context,
    store: StoreName,
    url: Annotated[str, typer.Option(help="Your receiver: https, a domain name, no port.", metavar="URL")],
    topic: Topic = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Have TikTok push a store's events to your receiver; all topics that gcw acts on, if none is named."""
    from gcw_tiktok.workflow import webhooks

    gcw = runtime(ctx)
    wanted = webhooks.topics(topic or [])
    only_here = webhooks.check_address(url, gcw.app.api_url)
    with gcw.database.view() as session:
        found = stores.find_connected(session, store)
    client = gcw.client_for(found)
    changes = webhooks.register(gcw.database, client, found, act(gcw), url, wanted, dry_run=dry_run)
    _show(changes, as_json=as_json, as_csv=as_csv)
    if only_here:
        output.note(f"This profile's TikTok is on this machine, and takes it. The live one would not: {only_here}.")


@app.command("list")
def list_(ctx: typer.Context, store: StoreName, as_json: Json = False, as_csv: Csv = False) -> None:
    """List what TikTok pushes for a store, where to, and when each topic came last."""
    from gcw_tiktok.tiktok import webhooks as tiktok_webhooks
    from gcw_tiktok.workflow import notifications, recording, tokens, webhooks

    gcw = runtime(ctx)
    with gcw.database.view() as session:
        found = stores.find_connected(session, store)
    recording.take_up(gcw.database, lambda: gcw.seal)
    registered = tiktok_webhooks.registered(gcw.client_for(found))
    with gcw.database.view() as session:
        listed = webhooks.listed(session, found, registered)
        ends = notifications.ending(session, found)
        hint = tokens.connect_hint(session, found)
    output.rows(listed, ["topic", "address", "ours", "acted_on", "last_received"], as_json=as_json, as_csv=as_csv)
    if not registered:
        output.note("Nothing is registered. Begin with `gcw webhooks register STORE --url URL`.")
    if ends:
        output.warning(f"TikTok says that the permission of {found.name} ends on {times.shown(ends)}. {hint}")


@app.command()
def remove(
    ctx: typer.Context,
    store: StoreName,
    topic: Topic = None,
    everything: Annotated[bool, typer.Option("--all", help="All topics that are registered.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Have TikTok push these events of a store no longer."""
    from gcw_tiktok.workflow import webhooks

    if bool(topic) == everything:
        raise Usage("Say which: --topic NAME, or --all.", "See `gcw webhooks list STORE`.")
    gcw = runtime(ctx)
    wanted = None if everything else webhooks.topics(topic or [])
    with gcw.database.view() as session:
        found = stores.find_connected(session, store)
    _show(webhooks.remove(gcw.client_for(found), wanted, dry_run=dry_run), as_json=as_json, as_csv=as_csv)


@app.command()
def events(
    ctx: typer.Context,
    store: Annotated[str, typer.Argument(metavar="[STORE]", help="Only this store's.")] = "",
    last: Annotated[int, typer.Option(help="Only so many, the newest.", min=1)] = 30,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that gcw gave up on.")] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show what was received, the newest last, and what became of it."""
    from gcw_tiktok.workflow import notifications, recording

    gcw = runtime(ctx)
    recording.take_up(gcw.database, lambda: gcw.seal)
    with gcw.database.view() as session:
        only = stores.find(session, store) if store else None
        found = notifications.newest(session, only, failed=failed, last=last)
        names = notifications.store_names(session)
    listed = [notifications.shown(one, names) for one in found]
    columns = ["received_at", "id", "topic", "store", "about", "state", "why"]
    output.rows(listed, columns, as_json=as_json, as_csv=as_csv)
    if not listed:
        output.note("Nothing was received. `gcw serve` receives, once `gcw webhooks register` has told TikTok where.")


@app.command()
def replay(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="TikTok's id of it, or an unambiguous start.")
    ] = None,
    last: Annotated[int, typer.Option(help="The newest so many.", min=0)] = 0,
    failed: Annotated[bool, typer.Option("--failed", help="All that gcw gave up on.")] = False,
    forward_to: ForwardTo = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Act once more on what was received; or post it, signed anew, to an address."""
    from gcw_tiktok.commands import replaying

    if sum(map(bool, (ids, last, failed))) != 1:
        raise Usage("Say which: an ID, --last N, or --failed.", "See `gcw webhooks events`.")
    gcw = runtime(ctx)
    chosen = replaying.choose(gcw, ids or [], last=last, failed=failed)
    rows = replaying.forward(gcw, chosen, forward_to) if forward_to else replaying.act_again(gcw, chosen)
    replaying.show(rows, as_json=as_json, as_csv=as_csv)


@app.command()
def listen(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[STORE]...", help="All stores if none.")] = None,
    forward_to: ForwardTo = "",
    topic: Topic = None,
    port: Annotated[int, typer.Option(help="The port; 0 picks a free one.", min=0, max=65535)] = 0,
    print_json: Annotated[bool, typer.Option("--print-json", help="Print what TikTok sent, one object each.")] = False,
    as_json: Json = False,
) -> None:
    """Show events as they arrive and pass them on to your own program, until Ctrl-C. Nothing is stored."""
    from gcw_tiktok.commands import listening

    listening.listen(
        runtime(ctx), names or [], topic or [], forward_to=forward_to, port=port, bodies=print_json, as_json=as_json
    )


@app.command()
def trigger(
    ctx: typer.Context,
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="Such as ORDER_STATUS_CHANGE.")],
    store: Annotated[str, typer.Argument(metavar="[STORE]", help="Whose event; not needed for an only store.")] = "",
    data: Annotated[str, typer.Option(help="What it says, as JSON; else something plausible.", metavar="JSON")] = "",
    as_json: Json = False,
) -> None:
    """Have the sandbox push an event that nothing in it has caused."""
    from gcw_tiktok.commands import triggering
    from gcw_tiktok.workflow import webhooks

    gcw = runtime(ctx)
    (name,) = webhooks.topics([topic])
    told = triggering.trigger(gcw, triggering.store(gcw, store), name, data)
    output.thing(told, as_json=as_json)
    output.note("It is pushed to whoever is registered. See `gcw webhooks events`, or `gcw webhooks listen`.")


def _show(changes: Sequence["Change"], *, as_json: bool, as_csv: bool) -> None:
    """The changes; a failure where TikTok refused some of them, or all."""
    refused = [change for change in changes if change.result == "refused"]
    if refused and len(refused) == len(changes):
        raise Refused(refused[0].why, "See `gcw webhooks list STORE`.")
    output.rows(
        [vars(one) for one in changes], ["topic", "address", "was", "result", "why"], as_json=as_json, as_csv=as_csv
    )
    if not changes:
        output.note("Nothing was registered.")
    if refused:
        said = " ".join(f"{change.topic}: {change.why}" for change in refused)
        raise PartlyDone(f"Not everything was done. {said}", "The rest is done; run it again later.")
