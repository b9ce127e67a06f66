"""gcw orders ship: tells TikTok that an order is on its way."""

from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, OrderId, act, runtime
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.orders import views


def ship(
    ctx: typer.Context,
    order: OrderId,
    carrier: Annotated[str, typer.Option(help="A carrier that TikTok knows, such as USPS.")],
    tracking: Annotated[str, typer.Option(help="The tracking number.", metavar="NUMBER")],
    line: Annotated[list[str] | None, typer.Option(help="Only this line; repeat it for several.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Also where a decision is open or the number looks odd.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell TikTok that an order is on its way. Running it again changes nothing."""
    from gcw_tiktok.workflow.orders import shipping

    gcw = runtime(ctx)
    with gcw.database.view() as session:
        found = views.find(session, order)
        store = stores.of_order(session, found)
    told = shipping.ship(
        gcw.database,
        gcw.client_for(store),
        gcw.seal,
        store,
        act(gcw),
        found.order_id,
        carrier=carrier,
        tracking_number=tracking,
        line_ids=line or [],
        anyway=yes,
    )
    output.thing(vars(told), as_json=as_json)
    if told.warning:
        output.warning(f"TikTok says: {told.warning} It can be corrected once, within 72 hours, in Seller Center.")
    output.note("TikTok knew it already." if told.known_before else "TikTok has it.")
