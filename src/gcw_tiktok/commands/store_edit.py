"""gcw store edit: what is decided for all orders of a store."""

from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Json, StoreName, act, runtime
from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import SamplePolicy
from gcw_tiktok.workflow import stores


def edit(
    ctx: typer.Context,
    store: StoreName,
    samples: Annotated[
        SamplePolicy | None,
        typer.Option(help="Free samples for creators: hold each for a decision, make them, or leave them to others."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change what becomes of a store's orders, and look again at those that wait."""
    from gcw_tiktok.workflow.orders import sampling

    gcw = runtime(ctx)
    if samples is None:
        raise BadInput("Nothing to change.", "For example: gcw store edit STORE --samples make", code="usage")
    with gcw.database.session() as session:
        found = stores.find(session, store)
        changed = sampling.set_policy(session, act(gcw), found, samples)
    again = sampling.look_again(gcw.database, gcw.seal, act(gcw), found)
    shown = {"name": found.name, "samples": samples.value, "changed": changed, "samples_waiting": again["waiting"]}
    output.thing(shown, as_json=as_json)
    if again["to_decide"]:
        output.note("See the samples that wait for a decision: gcw orders list --kind sample --held")
