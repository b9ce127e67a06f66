"""gcw orders at-risk: what may not leave in time."""

from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, Json, ago, runtime
from gcw_tiktok.errors import CheckFailed
from gcw_tiktok.workflow import stores, times
from gcw_tiktok.workflow.orders import deadlines


def at_risk(
    ctx: typer.Context,
    within: Annotated[str, typer.Option(help="How soon, such as 8h, 2d or 30m.")] = "8h",
    store: Annotated[str, typer.Option(help="Only this store's orders.")] = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List orders whose ship-by is near or past: first what can still be saved. Exit code 8 where there are any."""
    gcw = runtime(ctx)
    with gcw.database.view() as session:
        only = stores.find(session, store) if store else None
        found = deadlines.at_risk(session, gcw.now(), ago(within, "--within"), only)
    listed = [
        {
            "order": one.order_id,
            "store": one.store,
            "stage": one.stage,
            "ship_by": times.shown(one.ship_by),
            "left": times.span(one.left) if one.left >= 0 else f"late by {times.span(-one.left)}",
            "late": one.left < 0,
            "why": one.why,
            "command": one.command,
        }
        for one in found
    ]
    columns = ["order", "store", "stage", "left", "why", "command"]
    output.rows(listed, columns, as_json=as_json, as_csv=as_csv, may_go=["store"])
    if not found:
        output.note(f"Nothing must leave within {within}.")
        return
    late = sum(one.left < 0 for one in found)
    raise CheckFailed(
        f"{len(found)} orders must leave within {within}; {late} of them are late.", f"Next: {found[0].command}"
    )
