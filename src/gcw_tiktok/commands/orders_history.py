"""gcw orders history: whether what was written down is as it was."""

from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, runtime
from gcw_tiktok.errors import CheckFailed

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Whether the history is as it was written.")


@app.callback()
def history() -> None:
    """Whether the history is as it was written."""


@app.command()
def verify(
    ctx: typer.Context,
    expect: Annotated[
        str, typer.Option(help="A hash that an earlier run told; it must still be in the chain.", metavar="HASH")
    ] = "",
    as_json: Json = False,
) -> None:
    """Chain what is new in the history and check all of it. Exit code 8 where it was changed."""
    from gcw_tiktok.workflow import chaining

    gcw = runtime(ctx)
    with output.progress("Checking the history") as progress:
        found = chaining.verify(gcw.database, expect.strip().lower(), progress)
        added = 0 if found.fault else chaining.chain(gcw.database, progress)
        whole = chaining.newest(gcw.database) if added else (found.events, found.newest)
    lost = bool(expect) and found.expected_at is None
    fault = found.fault
    told = {
        "result": "changed" if fault or lost else "whole",
        "events": whole[0],
        "chained_now": added,
        "newest": whole[1],
        "fault": fault.sentence if fault else f"No event has the hash {expect} any more." if lost else "",
        "event": fault.event_id if fault else None,
    }
    output.thing(told, as_json=as_json)
    if told["fault"]:
        raise CheckFailed(str(told["fault"]), "Compare the database with a backup; somebody wrote to it beside gcw.")
    output.note("Keep the newest hash elsewhere, and give it to --expect the next time.")
