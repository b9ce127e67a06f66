"""gcw store: connect and watch your customers' TikTok Shops."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, Json, StoreName, Yes, act, runtime
from gcw_tiktok.errors import GcwError, Usage
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import connecting, customers, facilities

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Customer, Facility, Store
    from gcw_tiktok.tiktok.shops import Shop
    from gcw_tiktok.web.callback import Answer

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
    port: Annotated[int | None, typer.Option(help="The port of your app's redirect URL.")] = None,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the seller.", min=1)] = 600,
    as_json: Json = False,
) -> None:
    """Connect a customer's TikTok Shop (United States only)."""
    gcw = runtime(ctx)
    with gcw.database.view() as session:
        owner, place = customers.find(session, customer), facilities.find(session, facility)
    connecting.check_may_connect(owner)
    if resume:
        offer = connecting.resume(gcw.app, gcw.http, gcw.database, gcw.vault, gcw.clock, gcw.sleep)
        store = _keep(gcw, offer, shop, owner, place)
    else:
        store = _authorize(gcw, shop, owner, place, not no_browser, port, wait)
    output.thing(_shown(store, owner.name, place.name), as_json=as_json)
    output.note(f'Next: gcw products sync "{store.name}"')


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, as_csv: Csv = False) -> None:
    """List the stores and whether gcw may act for them."""
    with runtime(ctx).database.view() as session:
        owners = {one.id: one.name for one in customers.everyone(session)}
        places = {one.id: one.name for one in facilities.everyone(session)}
        listed = [
            _shown(store, owners[store.customer_id], places[store.facility_id])
            for store in connecting.everyone(session)
        ]
    output.rows(listed, ["name", "code", "status", "customer", "facility"], as_json=as_json, as_csv=as_csv)
    if not listed:
        output.note("No stores yet. Begin with `gcw store connect --customer NAME --facility NAME`.")


@app.command()
def show(ctx: typer.Context, store: StoreName, as_json: Json = False) -> None:
    """Show one store."""
    with runtime(ctx).database.view() as session:
        found = connecting.find(session, store)
        shown = _shown(found, *connecting.parties(session, found)) | connecting.facts(session, found)
    output.thing(shown, as_json=as_json)


@app.command()
def disconnect(ctx: typer.Context, store: StoreName, yes: Yes = False, as_json: Json = False) -> None:
    """Stop working for a store and forget its buyers' data. Its history stays."""
    gcw = runtime(ctx)
    with gcw.database.view() as session:
        found = connecting.find(session, store)
        at_stake = connecting.at_stake(session, found)
    _confirm(gcw, f"Disconnect {found.name}? {at_stake}", yes)
    with gcw.database.session() as session:
        ended = connecting.find(session, found.shop_id)
        last = connecting.disconnect(session, act(gcw), ended)
        parties = connecting.parties(session, ended)
    if last:
        with gcw.database.view() as session:
            connecting.drop_tokens(session, gcw.vault, found)
    output.thing(_shown(ended, *parties), as_json=as_json)
    output.note("The shop's owner can also remove your app in Seller Center.")


def _authorize(
    gcw: Runtime, shop: str, owner: "Customer", place: "Facility", browser: bool, port: int | None, wait: int
) -> "Store":
    from gcw_tiktok.tiktok import oauth
    from gcw_tiktok.web.callback import Listener

    state = connecting.new_state()
    address = oauth.authorize_address(gcw.app.authorize_url, gcw.app.service_id, state)
    _explain(gcw, owner.name, address)
    with Listener(gcw.settings.callback_port if port is None else port) as listener:
        listener.read_from(sys.stdin)
        if browser:
            _open(address)
        output.note(f"Waiting for an answer at {listener.address} (Ctrl-C to give up).")
        answer = listener.wait(wait)
        try:
            offer = connecting.redeem(gcw.app, gcw.http, answer.text, state, gcw.clock)
            store = _keep(gcw, offer, shop, owner, place)
        except GcwError as error:
            _tell(answer, False, "Not connected", str(error), "")
            raise
        _tell(answer, True, f"{store.name} is connected", "Go back to the terminal. Next:", "gcw products sync")
    return store


def _keep(gcw: Runtime, offer: connecting.Offer, wanted: str, owner: "Customer", place: "Facility") -> "Store":
    shop = connecting.choose_shop(offer, wanted)
    if shop is None and gcw.may_ask:
        shop = _ask_which(offer)
    connecting.store_tokens(gcw.vault, offer.grant)
    with gcw.database.session() as session:
        authorization = connecting.keep_grant(session, gcw.app, offer.grant, gcw.now())
        if shop:
            store = connecting.keep_store(session, act(gcw), shop, authorization, owner, place)
    if shop is None:
        raise connecting.several(offer, owner.name, place.name)
    _report(gcw, offer, shop)
    return store


def _report(gcw: Runtime, offer: connecting.Offer, shop: "Shop") -> None:
    for other in offer.foreign:
        output.warning(f"{other.name} was left out: it sells in {other.region}, and gcw prints for US shops only.")
    if offer.missing_scopes:
        output.warning(
            f"The permission lacks {', '.join(offer.missing_scopes)}. Add it to your app in Partner Center; "
            "then the shop's owner has to authorize again."
        )
    if not connecting.has_active_listings(gcw.app, gcw.http, offer, shop, gcw.clock):
        output.warning(f"{shop.name} has no active listings yet, so there is nothing to sync.")


def _explain(gcw: Runtime, owner: str, address: str) -> None:
    from gcw_tiktok.tiktok.shops import SCOPES

    output.heading(f"Connect {owner}'s TikTok Shop")
    output.note("TikTok will ask the shop's owner to allow:")
    for name, why in SCOPES.values():
        output.note(f"  {name} - {why}")
    output.note(f"\nThe page: {address}")
    output.note("Should the browser not come back here, paste the address it ends on, or the code in it:")


def _open(address: str) -> None:
    """In a thread: some browsers only return when they are closed."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()


def _tell(answer: "Answer", good: bool, title: str, words: str, command: str) -> None:
    from gcw_tiktok.web.callback import Page

    answer.reply(Page(good, title, words, command))


def _ask_which(offer: connecting.Offer) -> "Shop":
    for number, shop in enumerate(offer.american, 1):
        output.note(f"  {number}. {shop.name} ({shop.code})")
    wanted = output.ask("Which shop? Its number")
    if not wanted.isdigit() or not 1 <= int(wanted) <= len(offer.american):
        raise Usage(f"There is no shop number {wanted}.")
    return offer.american[int(wanted) - 1]


def _confirm(gcw: Runtime, question: str, yes: bool) -> None:
    if yes:
        return
    if not gcw.may_ask:
        raise Usage(f"{question} Nobody is here to be asked.", "Add --yes.")
    typer.confirm(question, abort=True, err=True)


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
