"""gcw store: connect and watch your customers' TikTok Shops."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import store_edit, store_link, store_links
from gcw_tiktok.commands.asking import confirm
from gcw_tiktok.commands.options import Csv, Json, StoreName, Yes, act, runtime
from gcw_tiktok.workflow import customers, facilities, history, stores

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store

NEWEST = 20
"""So many events of a store are shown to people."""

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Connect and watch your customers' TikTok Shops.")


@app.command()
def connect(
    ctx: typer.Context,
    customer: Annotated[str, typer.Option(help="Whose shop it is.")],
    facility: Annotated[str, typer.Option(help="Where its orders are made.")],
    shop: Annotated[str, typer.Option(help="Which shop, when the seller has several: name, code or id.")] = "",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Use the newest permission, for a further shop of one seller.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="The port of your app's redirect URL.", min=1, max=65535)] = None,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the seller.", min=1)] = 600,
    as_json: Json = False,
) -> None:
    """Connect a customer's TikTok Shop (United States only)."""
    from gcw_tiktok.commands import authorization
    from gcw_tiktok.workflow import connecting

    gcw = runtime(ctx)
    with gcw.database.view() as session:
        owner, place = customers.find(session, customer), facilities.find(session, facility)
        connecting.check_may_connect(session, gcw.app, owner)
    if resume:
        store = authorization.resume(gcw, shop, owner, place)
    else:
        there = gcw.settings.callback_port if port is None else port
        store = authorization.authorize(gcw, shop, owner, place, browser=not no_browser, port=there, wait=wait)
    output.thing(_shown(store, owner.name, place.name), as_json=as_json)
    output.note(f"Next: {authorization.next_command(store)}")


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, as_csv: Csv = False) -> None:
    """List the stores and whether gcw may act for them."""
    with runtime(ctx).database.view() as session:
        owners = {one.id: one.name for one in customers.everyone(session)}
        places = {one.id: one.name for one in facilities.everyone(session)}
        listed = [
            _shown(store, owners[store.customer_id], places[store.facility_id]) for store in stores.everyone(session)
        ]
    output.rows(listed, ["name", "code", "status", "customer", "facility"], as_json=as_json, as_csv=as_csv)
    if not listed:
        output.note("No stores yet. Begin with `gcw store connect --customer NAME --facility NAME`.")


@app.command()
def show(ctx: typer.Context, store: StoreName, as_json: Json = False) -> None:
    """Show one store, and what happened to it."""
    with runtime(ctx).database.view() as session:
        found = stores.find(session, store)
        shown = _shown(found, *stores.parties(session, found)) | stores.facts(session, found)
        events = history.shown(session, f"store:{found.shop_id}")
    if as_json:
        output.thing(shown | {"history": events}, as_json=True)
        return
    output.thing(shown)
    output.heading("History")
    output.rows(events[-NEWEST:], ["at", "who", "what", "why"])
    if len(events) > NEWEST:
        output.note(f"The newest {NEWEST} of {len(events)}; all of it with --json.")


@app.command()
def disconnect(ctx: typer.Context, store: StoreName, yes: Yes = False, as_json: Json = False) -> None:
    """Stop working for a store and forget its buyers' data. Its history stays."""
    from gcw_tiktok.workflow import connecting

    gcw = runtime(ctx)
    with gcw.database.view() as session:
        found = stores.find(session, store)
        at_stake = stores.at_stake(session, found)
    confirm(gcw, f"Disconnect {found.name}? {at_stake}", yes)
    ended = connecting.disconnect(gcw.database, gcw.vault, act(gcw), found, sleep=gcw.sleep)
    with gcw.database.view() as session:
        output.thing(_shown(ended, *stores.parties(session, ended)), as_json=as_json)
    output.note("The shop's owner can also remove your app in Seller Center.")


app.command("edit")(store_edit.edit)
app.command("link")(store_link.link)
app.command("links")(store_links.links)
app.command("withdraw")(store_links.withdraw)


def _shown(store: "Store", customer: str, facility: str) -> dict[str, Any]:
    return {
        "name": store.name,
        "code": store.code,
        "shop_id": store.shop_id,
        "status": store.status.value,
        "region": store.region,
        "customer": customer,
        "facility": facility,
    }
