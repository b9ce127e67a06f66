"""gcw orders ship: tells TikTok that an order is on its way."""

from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, OrderId, act, runtime
from gcw_tiktok.errors import Usage
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.orders import views

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Order, Store


def ship(
    ctx: typer.Context,
    order: OrderId,
    carrier: Annotated[str, typer.Option(help="A carrier that TikTok knows, such as USPS.")],
    tracking: Annotated[str, typer.Option(help="The tracking number.", metavar="NUMBER")],
    line: Annotated[list[str] | None, typer.Option(help="Only this line; repeat it for several.")] = None,
    correct: Annotated[
        bool, typer.Option("--correct", help="TikTok has another number of this parcel: give it this one.")
    ] = False,
    parcel: Annotated[str, typer.Option(help="With --correct: which of several, as `gcw orders show` has it.")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Also where a decision is open or the number looks odd.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell TikTok that an order is on its way. Running it again changes nothing."""
    gcw = runtime(ctx)
    if correct and line:
        raise Usage("A parcel is corrected whole: --correct goes without --line.", "Name it with --parcel.")
    if parcel and not correct:
        raise Usage("--parcel goes with --correct.", "Name the units of a new parcel with --line.")
    with gcw.database.view() as session:
        found = views.find(session, order)
        store = stores.of_order(session, found)
    if correct:
        _correct(gcw, store, found, carrier, tracking, parcel, anyway=yes, as_json=as_json)
    else:
        _ship(gcw, store, found, carrier, tracking, line or [], anyway=yes, as_json=as_json)


def _ship(
    gcw: Runtime,
    store: "Store",
    order: "Order",
    carrier: str,
    number: str,
    lines: list[str],
    *,
    anyway: bool,
    as_json: bool,
) -> None:
    from gcw_tiktok.workflow.orders import shipping

    told = shipping.ship(
        gcw.database,
        gcw.client_for(store),
        gcw.seal,
        store,
        act(gcw),
        order.order_id,
        carrier=carrier,
        tracking_number=number,
        line_ids=lines,
        anyway=anyway,
    )
    output.thing(vars(told), as_json=as_json)
    if told.warning:
        output.warning(f"TikTok says: {told.warning} {told.advice}")
    output.note("TikTok knew it already." if told.known_before else "TikTok has it.")


def _correct(
    gcw: Runtime,
    store: "Store",
    order: "Order",
    carrier: str,
    number: str,
    parcel: str,
    *,
    anyway: bool,
    as_json: bool,
) -> None:
    from gcw_tiktok.workflow.orders import correcting

    told = correcting.correct(
        gcw.database,
        gcw.client_for(store),
        gcw.seal,
        store,
        act(gcw),
        order.order_id,
        carrier=carrier,
        tracking_number=number,
        parcel=parcel,
        anyway=anyway,
    )
    output.thing(vars(told), as_json=as_json)
    output.note("TikTok had it already." if told.known_before else "TikTok has it; it takes no second correction.")
