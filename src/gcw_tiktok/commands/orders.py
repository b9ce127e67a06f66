"""gcw orders: take orders in, release them, ship them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import (
    orders_approve,
    orders_at_risk,
    orders_audit,
    orders_cancelling,
    orders_collect,
    orders_decide,
    orders_explain,
    orders_history,
    orders_holding,
    orders_label,
    orders_release,
    orders_ship,
    orders_trying,
    orders_watch,
    several,
)
from gcw_tiktok.commands.options import Csv, Json, OrderId, Stores, act, ago, runtime
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import OrderKind, Stage
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.orders import views

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Take orders in, release them, ship them.")


@app.command()
def pull(
    ctx: typer.Context,
    names: Stores = None,
    since: Annotated[str, typer.Option(help="Also what changed since, such as 7d, 12h or 30m ago.")] = "",
    as_json: Json = False,
) -> None:
    """Take in every order that is new or changed at TikTok."""
    from gcw_tiktok.workflow.cancelling import cancelling
    from gcw_tiktok.workflow.orders import gaps, intake

    gcw = runtime(ctx)
    back = ago(since, "--since")

    def work(store: "Store", bar: several.Bar) -> tuple[intake.Pulled, cancelling.Followed]:
        start = gcw.now() - back if back else None
        with bar(f"Pulling {store.name}") as progress:
            means = orders_cancelling.means_for(gcw, store)
            report = intake.pull(gcw.database, means.client, gcw.seal, store, means.act, since=start, progress=progress)
            return report, cancelling.follow_up(means, approve=gcw.settings.approve_cancellations)

    done, troubles = several.for_each(gcw, several.connected(gcw, names or []), work)
    reports, followed = [report for report, _ in done], [one for _, one in done]
    shown = [
        {
            "store": one.store,
            "new": len(one.new),
            "changed": len(one.changed),
            "ready": one.passed,
            "held": one.held,
            "set_aside": one.set_aside,
            "approved": [told.order_id for told in then.answered if told.answer == "approve"],
            "alarms": one.alarms,
            "gap": gaps.facts(one.gap),
        }
        for one, then in done
    ]
    several.fail_if_nothing_was_done(troubles, len(reports))
    output.rows(shown, ["store", "new", "changed", "ready", "held", "set_aside", "approved"], as_json=as_json)
    _say_next(reports)
    _say_approved([told.order_id for then in followed for told in then.answered if told.answer == "approve"])
    several.complain(
        [str(error) for error in troubles]
        + [str(error) for then in followed for error in then.troubles]
        + [f"Order {order_id}: {why}." for one in reports for order_id, why in one.set_aside.items()]
    )


@app.command("list")
def list_(
    ctx: typer.Context,
    store: Annotated[str, typer.Option(help="Only this store's.")] = "",
    stage: Annotated[Stage | None, typer.Option(help="Only orders in this stage.")] = None,
    kind: Annotated[OrderKind | None, typer.Option(help="Only orders of this kind.")] = None,
    held: Annotated[bool, typer.Option("--held", help="Only orders that something holds.")] = False,
    tests: Annotated[bool, typer.Option("--tests", help="Test orders, which are else left out.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many, the most urgent first.", min=1)] = 200,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List orders, the most urgent first."""
    with runtime(ctx).database.view() as session:
        only = stores.find(session, store) if store else None
        listed = views.listed(session, only, stage, held=held, limit=limit, kind=kind, tests=tests)
        aside = views.set_aside(session, only)
    columns = ["order", "store", "status", "stage", "units", "ship_by", "holds", "command" if held else ""]
    if any(row["ignored"] for row in listed):
        columns.insert(5, "ignored")
    if any(row["kind"] != OrderKind.NORMAL for row in listed):
        columns.insert(4, "kind")
    may_go = ["status", "units", "store", "ship_by"] if held else ["units", "status"]
    output.rows(listed, list(filter(None, columns)), as_json=as_json, as_csv=as_csv, may_go=may_go)
    if not listed:
        output.note("No such orders. `gcw orders pull` takes them in.")
    if theirs := sum(row["kind"] == OrderKind.FULFILLED_BY_TIKTOK for row in listed):
        output.note(f"{theirs} of them TikTok sends from its own warehouse; nothing of those is made here.")
    for order_id, why in aside.items():
        output.warning(f"Order {order_id} is set aside: {why}. The next pull tries it again.")


@app.command()
def show(
    ctx: typer.Context,
    order: OrderId,
    with_recipient: Annotated[
        bool, typer.Option("--with-recipient", help="Also the recipient; the history tells that you looked.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show one order: its lines, what holds it, what happened to it."""
    gcw = runtime(ctx)
    known = _recipient(gcw, order) if with_recipient else {}
    with gcw.database.view() as session:
        shown = views.whole(session, views.find(session, order)) | known
    wished = _wishes(gcw, shown, in_full=with_recipient)
    if as_json:
        output.thing(shown, as_json=True)
        return
    lines, holds, events = shown.pop("lines"), shown.pop("holds"), shown.pop("history")
    parcels = shown.pop("parcels")
    address = shown.pop("address", {})
    output.thing(shown)
    if address:
        output.heading("Recipient")
        output.thing(address)
    output.heading("Lines")
    columns = ["line", "seller_sku", "product", "variant", "stage", "version", "tracking_number"]
    if any(line["ignored"] for line in lines):
        columns.insert(5, "ignored")
    output.rows(lines, columns)
    if parcels:
        output.heading("Parcels")
        columns = ["parcel", "carrier", "tracking_number", "units", "stage", "told", "corrected", "warning"]
        output.rows(parcels, [name for name in columns if any(one[name] for one in parcels)])
    if wished:
        output.heading("Personalised")
        output.rows(wished)
    if holds:
        output.heading("Holds")
        output.rows(holds, ["reason", "sentence", "command"])
    output.heading("History")
    output.rows(events, ["at", "who", "what", "why"])


def advance(
    ctx: typer.Context,
    order: OrderId,
    to: Annotated[Stage | None, typer.Option(help="in_production, printed, packaged or failed; else one on.")] = None,
    as_json: Json = False,
) -> None:
    """Say how far production is with an order."""
    from gcw_tiktok.workflow.production import production

    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = views.find(session, order)
        stage = production.advance(session, act(gcw), found, to)
    output.thing({"order": found.order_id, "stage": stage.value}, as_json=as_json)


def _wishes(gcw: Runtime, shown: dict[str, Any], *, in_full: bool) -> list[dict[str, Any]]:
    """What buyers personalised, a row a print area; each line is told its own as well."""
    if not any(line["personalised"] for line in shown["lines"]):
        return []
    from gcw_tiktok.workflow.orders import looking

    found = looking.personalised(gcw.database, gcw.seal, shown["order"], in_full=in_full)
    for line in shown["lines"]:
        line["wishes"] = found.get(line["line"], [])
    return [{"line": line_id, **one} for line_id, ones in found.items() for one in ones]


def _recipient(gcw: Runtime, order: str) -> dict[str, Any]:
    from gcw_tiktok.workflow.orders import looking

    return looking.recipient(gcw.database, gcw.seal, act(gcw), order)


def _say_next(reports: list[Any]) -> None:
    for one in reports:
        if one.gap:
            output.note(f"{one.store}: {one.gap.sentence}")
        for order_id, sentence in one.alarms.items():
            output.warning(f"Order {order_id}: {sentence} See `gcw orders explain {order_id}`.")
    if any(one.held for one in reports):
        output.note("See what holds orders with `gcw orders list --held`.")
    if any(one.passed for one in reports):
        output.note("Hand over what is ready with `gcw orders release`.")


def _say_approved(orders: list[str]) -> None:
    if orders:
        output.note(f"Nothing was made yet, so the buyer's request to cancel was approved: {', '.join(orders)}.")


app.command("watch")(orders_watch.watch)
app.command("release")(orders_release.release)
app.command("advance")(advance)
app.command("ship")(orders_ship.ship)
app.command("services")(orders_label.services)
app.command("label")(orders_label.label)
app.command("explain")(orders_explain.explain)
app.command("approve")(orders_approve.approve)
app.command("decide")(orders_decide.decide)
app.command("hold")(orders_holding.hold)
app.command("retry")(orders_holding.retry)
app.command("collect")(orders_collect.collect)
app.command("cancellations")(orders_cancelling.cancellations)
app.command("answer")(orders_cancelling.answer)
app.command("cancel")(orders_cancelling.cancel)
app.command("at-risk")(orders_at_risk.at_risk)
app.command("audit")(orders_audit.audit)
app.command("test")(orders_trying.try_out)
app.add_typer(orders_history.app, name="history")
