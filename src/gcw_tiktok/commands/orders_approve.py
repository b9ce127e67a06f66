"""gcw orders approve: what a buyer personalised may be printed."""

from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, OrderId, act, runtime


def approve(
    ctx: typer.Context,
    order: OrderId,
    line: Annotated[list[str] | None, typer.Option(help="Only this line; repeat it for several.")] = None,
    as_json: Json = False,
) -> None:
    """Let what the buyer personalised be printed as it is now. Look first: orders show ORDER --with-recipient."""
    from gcw_tiktok.workflow.orders import approving

    gcw = runtime(ctx)
    approved = approving.approve(gcw.database, gcw.seal, act(gcw), order, line or [])
    output.thing(vars(approved), as_json=as_json)
    if approved.holds:
        output.note(f"It is still held: gcw orders show {approved.order}")
    else:
        output.note(f"Next: gcw orders release {approved.order}")
