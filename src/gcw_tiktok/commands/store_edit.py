"""gcw store edit: what is decided for all orders of a store."""

from typing import Annotated, Any

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
    combine_hours: Annotated[
        int | None,
        typer.Option(help="How long orders that TikTok marks to travel together wait for more.", min=0, max=168),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change what becomes of a store's orders, and look again at those that wait."""
    from gcw_tiktok.workflow.orders import groups, sampling

    gcw = runtime(ctx)
    if samples is None and combine_hours is None:
        raise BadInput("Nothing to change.", "For example: gcw store edit STORE --samples make", code="usage")
    shown: dict[str, Any] = {}
    with gcw.database.session() as session:
        found = stores.find(session, store)
        changed = samples is not None and sampling.set_policy(session, act(gcw), found, samples)
        if combine_hours is not None:
            changed = groups.set_hours(session, act(gcw), found, combine_hours) or changed
            shown["combine_hours"] = combine_hours
    if samples is not None:
        again = sampling.look_again(gcw.database, gcw.seal, act(gcw), found)
        shown |= {"samples": samples.value, "samples_waiting": again["waiting"]}
    output.thing({"name": found.name, **shown, "changed": changed}, as_json=as_json)
    if samples is not None and again["to_decide"]:
        output.note("See the samples that wait for a decision: gcw orders list --kind sample --held")
    if combine_hours is not None:
        output.note("The next `gcw orders pull` or `release` goes by it.")
