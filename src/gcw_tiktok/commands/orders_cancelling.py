"""gcw orders cancellations, answer, cancel: what buyers ask to cancel, and what we cancel ourselves."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import several
from gcw_tiktok.commands.options import Csv, DryRun, Json, OrderId, act, ago, runtime
from gcw_tiktok.errors import CheckFailed
from gcw_tiktok.workflow import stores, times
from gcw_tiktok.workflow.orders import views

if TYPE_CHECKING:
    from gcw_tiktok.runtime import Runtime
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.cancelling.requests import Request
    from gcw_tiktok.workflow.orders.means import Means

Reason = Annotated[str, typer.Option(help="One that TikTok offers; without it, the error lists them.")]


class Say(StrEnum):
    """How a request may be answered."""

    APPROVE = "approve"
    REFUSE = "refuse"


def cancellations(
    ctx: typer.Context,
    store: Annotated[str, typer.Option(help="Only this store's.")] = "",
    due: Annotated[str, typer.Option(help="Exit code 8 where some must be answered within, such as 4h.")] = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the buyers' requests to cancel that wait for an answer, the nearest deadline first."""
    from gcw_tiktok.workflow.cancelling import requests

    gcw = runtime(ctx)
    within = ago(due, "--due")

    def work(place: "Store", bar: several.Bar) -> list["Request"]:
        with bar(f"Reading {place.name}"):
            return requests.waiting(gcw.database, gcw.client_for(place), place, act(gcw))

    found, troubles = several.for_each(gcw, several.connected(gcw, [store] if store else []), work)
    several.fail_if_nothing_was_done(troubles, len(found))
    waiting = sorted((one for ones in found for one in ones), key=lambda one: (one.left is None, one.left or 0))
    columns = ["order", "store", "left", "made", "propose", "why", "command"]
    output.rows(map(_row, waiting), columns, as_json=as_json, as_csv=as_csv, may_go=["store", "why"])
    if found and not waiting:
        output.note("No buyer waits for an answer.")
    several.complain([str(error) for error in troubles])
    near = [one for one in waiting if one.left is not None and one.left <= within]
    if due and near:
        raise CheckFailed(f"{len(near)} requests must be answered within {due}.", f"Next: {near[0].proposal.command}")


def _row(one: "Request") -> dict[str, object]:
    left = "" if one.left is None else times.span(one.left) if one.left >= 0 else f"late by {times.span(-one.left)}"
    return {
        "order": one.order_id,
        "store": one.store,
        "cancel_id": one.cancel_id,
        "reason": one.reason,
        "units": one.units,
        "made": one.made,
        "deadline": times.iso(one.deadline),
        "left": left,
        "seconds_left": one.left,
        "propose": one.proposal.answer,
        "why": one.proposal.why,
        "command": one.proposal.command,
    }


def answer(
    ctx: typer.Context,
    order: OrderId,
    say: Annotated[Say, typer.Argument(help="How to answer.")],
    reason: Reason = "",
    comment: Annotated[str, typer.Option(help="What else TikTok is told with a refusal.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Approve although production has it.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Answer a buyer's request to cancel. Running it again changes nothing."""
    from gcw_tiktok.workflow.cancelling import answering

    gcw = runtime(ctx)
    order_id, means = _at_hand(gcw, order)
    wanted = answering.Answer(say.value, reason, comment, anyway=yes)
    told = answering.answer(means, order_id, wanted, dry_run=dry_run)
    output.thing(vars(told) | {"dry_run": dry_run}, as_json=as_json)
    output.note(
        "Nothing was sent." if dry_run else "It was answered so already." if told.known_before else "TikTok has it."
    )


def cancel(
    ctx: typer.Context,
    order: OrderId,
    line: Annotated[list[str] | None, typer.Option(help="Only this line; repeat it for several.")] = None,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Cancel although production has it.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Cancel an order, or some of its lines, at TikTok. Running it again changes nothing."""
    from gcw_tiktok.workflow.cancelling import cancelling

    gcw = runtime(ctx)
    order_id, means = _at_hand(gcw, order)
    done = cancelling.cancel(means, order_id, reason=reason, line_ids=line or [], anyway=yes, dry_run=dry_run)
    output.thing(vars(done) | {"dry_run": dry_run}, as_json=as_json)
    output.note(
        "Nothing was sent." if dry_run else "It was cancelled already." if done.known_before else "TikTok has it."
    )


def means_for(gcw: "Runtime", store: "Store") -> "Means":
    """What it takes to answer and cancel for a store."""
    from gcw_tiktok.workflow.orders.means import Means
    from gcw_tiktok.workflow.production import gelatoconnect

    cancel_there = gelatoconnect.canceller(gcw.database, gcw.http, gcw.vault)
    return Means(gcw.database, gcw.client_for(store), gcw.seal, store, act(gcw), cancel_there)


def _at_hand(gcw: "Runtime", order: str) -> tuple[str, "Means"]:
    with gcw.database.view() as session:
        found = views.find(session, order)
        store = stores.of_order(session, found)
    return found.order_id, means_for(gcw, store)
