"""gcw orders decide: what becomes of an order that changed after its release."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import orders_release, several
from gcw_tiktok.commands.options import DryRun, Json, OrderId, act, runtime
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.orders import views
from gcw_tiktok.workflow.orders.decisions import Choice

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.orders.decisions import Decided

DONE = {
    Choice.STOP: "It waits. Go on with `gcw orders release {0} --yes` or `gcw orders cancel {0} --reason REASON`.",
    Choice.CONTINUE: "What was released stays as it is.",
    Choice.REMAKE: "It was handed over anew.",
}


def decide(
    ctx: typer.Context,
    order: OrderId,
    choice: Annotated[Choice | None, typer.Argument(help="Without it: what changed, and what may be decided.")] = None,
    line: Annotated[
        list[str] | None, typer.Option(help="Stop or remake only this line; repeat it for several.")
    ] = None,
    why: Annotated[str, typer.Option(help="The reason, for whoever asks later.", metavar="TEXT")] = "",
    with_recipient: Annotated[
        bool, typer.Option("--with-recipient", help="Also the address before and after; the history tells of it.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Decide about an order that changed after its release: stop it, let it continue, or remake it."""
    from gcw_tiktok.workflow.orders import decisions
    from gcw_tiktok.workflow.production import gelatoconnect

    gcw = runtime(ctx)
    with gcw.database.view() as session:
        found = views.find(session, order)
        store = stores.of_order(session, found)
    if choice is None:
        _show(gcw, found.order_id, with_recipient=with_recipient, as_json=as_json)
        return
    hands = gcw.database, gcw.seal, store, act(gcw)
    done = decisions.decide(
        *hands,
        found.order_id,
        choice,
        line_ids=line or [],
        why=why,
        dry_run=dry_run,
        cancel_there=gelatoconnect.canceller(gcw.database, gcw.http, gcw.vault),
    )
    made_anew = choice == Choice.REMAKE and not dry_run and (done.resumed or not done.known_before)
    remade = _remake(gcw, store, found.order_id) if made_anew else {}
    output.thing(_told(done) | remade | {"dry_run": dry_run}, as_json=as_json)
    if remade and remade["outcome"] != "released":
        several.complain([f"Order {found.order_id} was stopped, and stays: {remade['why']}"])
    output.note(_say(done, dry_run=dry_run))


def _remake(gcw: Runtime, store: "Store", order_id: str) -> dict[str, Any]:
    """Through the print gate at once, as it is now. What changed at TikTok meanwhile is the newest there is."""
    from gcw_tiktok.workflow.orders import gate

    for _ in range(2):  # the gate leaves an order that it finds changed to the next run, which is ours
        (one,) = orders_release.through_the_gate(gcw, store, [order_id])
        if one.why != gate.CHANGED:
            break
    return {"outcome": one.result, "folder": one.folder, "why": one.why, "command": one.command}


def _told(done: "Decided") -> dict[str, Any]:
    return {
        "order": done.order_id,
        "choice": done.choice,
        "lines": list(done.lines),
        "made": done.made,
        "known_before": done.known_before,
    }


def _say(done: "Decided", *, dry_run: bool) -> str:
    if dry_run:
        return "Nothing was done."
    if done.known_before and not done.resumed:
        return "It was decided so already."
    if done.left:
        return "Production is told to stop. What it made of it stays with you: somebody else has sent it."
    return DONE[Choice(done.choice)].format(done.order_id)


def _show(gcw: Runtime, order_id: str, *, with_recipient: bool, as_json: bool) -> None:
    from gcw_tiktok.workflow.orders import decisions, looking

    with gcw.database.view() as session:
        asked = decisions.question(session, views.find(session, order_id))
    choices = [
        {"choice": one.value, "means": decisions.MEANS[one], "command": f"gcw orders decide {order_id} {one}"}
        for one in Choice
    ]
    shown = {"order": order_id, "stage": asked.stage, "made": asked.made, "question": asked.question}
    recipient = looking.given(gcw.database, gcw.seal, act(gcw), order_id) if with_recipient else {}
    if as_json:
        output.thing({**shown, "changes": asked.changes, "choices": choices, **recipient}, as_json=True)
        return
    output.thing(shown)
    if asked.changes:
        output.heading("What changed")
        output.rows(asked.changes, ["what", "line", "before", "after"])
    for name, known in recipient.items():
        output.heading(f"Recipient {name}")
        output.thing({**known["address"], "message": known["message"]})
    output.heading("What may be decided")
    output.rows(choices)
