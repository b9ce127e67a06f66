"""gcw orders explain: the whole story of one order."""

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, OrderId, runtime


def explain(
    ctx: typer.Context,
    order: OrderId,
    as_json: Json = False,
) -> None:
    """Tell the whole story of an order, oldest first, and what happens next."""
    from gcw_tiktok.workflow.orders import story

    with runtime(ctx).database.view() as session:
        told = story.of(session, order)
    if as_json:
        output.thing(told, as_json=True)
        return
    entries, step = told.pop("timeline"), told.pop("next")
    output.thing(told)
    output.heading("What happened")
    output.rows(entries, ["at", "who", "what", "sentence"])
    output.text(" ".join(filter(None, ["Next:", step["sentence"], step["command"]])))
