"""gcw orders test: one order bought to see that everything works, from the sale to the parcel."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import toolkit
from gcw_tiktok.commands.asking import confirm
from gcw_tiktok.commands.options import Json, StoreName, Yes, act, ago, runtime
from gcw_tiktok.errors import BadInput, CheckFailed, TryAgain, Usage
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import stores, times, webhooks

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.trying.proving import Check
    from gcw_tiktok.workflow.trying.trials import Trial, Wanted
    from gcw_tiktok.workflow.trying.trying import Means

SUFFIXES = (".md", ".json")


def try_out(
    ctx: typer.Context,
    store: StoreName,
    cancel: Annotated[bool, typer.Option("--cancel", help="Also a second order, which its buyer cancels.")] = False,
    order: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="The order that you bought for it, in full; then the second.")
    ] = None,
    sku: Annotated[str, typer.Option(help="Buy this variant, by its seller SKU or SKU id.")] = "",
    wait: Annotated[str, typer.Option(help="How long to wait for what happens next, such as 10m.")] = "10m",
    folder: Annotated[str, typer.Option(metavar="PATH", help="Where it is handed over; else within the profile.")] = "",
    report: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Also a report, .md or .json by its name.")
    ] = "",
    with_toolkit: Annotated[
        bool, typer.Option("--toolkit", help="Have TikTok's own toolkit place it, where that is installed.")
    ] = False,
    new: Annotated[bool, typer.Option("--new", help="Leave what was begun, and begin with another order.")] = False,
    real: Annotated[
        str, typer.Option(metavar="ID", help="This test order was a buyer's after all: it is to be made.")
    ] = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Try a store with an order of your own, check by check. Exit code 8 where one fails, 6 while some still wait."""
    if report and not report.endswith(SUFFIXES):
        raise Usage(f"{report} is no report that gcw writes.", "Let its name end in .md or .json.")
    gcw = runtime(ctx)
    seconds = ago(wait, "--wait")
    with gcw.database.view() as session:
        place = stores.find_connected(session, store)
        parties = stores.parties(session, place)
    if real:
        _put_back(gcw, place, real, yes=yes, as_json=as_json)
        return
    means = _means(gcw, place, folder)
    begun = _begin(gcw, means, cancel=cancel, sku=sku, new=new)
    if with_toolkit:
        order = [*(order or []), *_by_toolkit(gcw, means, begun)]
    _adopt(gcw, means, begun, order or [], yes=yes)
    checks = _run(means, begun, seconds)
    _tell(_summary(means, parties, begun, checks), checks, report, as_json=as_json)


def _put_back(gcw: Runtime, place: "Store", order_id: str, *, yes: bool, as_json: bool) -> None:
    from gcw_tiktok.workflow.trying import trials

    confirm(gcw, f"Order {order_id} becomes an ordinary order, to be made and sent.", yes)
    trials.put_back(gcw.database, place, act(gcw), order_id)
    output.thing({"order": order_id, "test": False}, as_json=as_json)
    output.note("It is looked at with the next `gcw orders pull`.")


def _means(gcw: Runtime, place: "Store", folder: str) -> "Means":
    from gcw_tiktok.workflow.trying.trying import Means

    where = Path(folder).expanduser().absolute() if folder else gcw.profile.folder / "test-orders"
    try:
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{where} cannot be made: {error.strerror}.", "Name another one with --folder.") from error
    return Means(
        database=gcw.database,
        client=gcw.client_for(place),
        seal=gcw.seal,
        store=place,
        act=lambda: act(gcw),
        designs=gcw.profile.designs,
        running=gcw.profile.folder / "running",
        folder=where,
        sleep=gcw.sleep,
        buyer=Buyer(gcw, place) if webhooks.is_near(gcw.app.api_url) else None,
        choose=lambda trial, found: _choose(gcw, found),
        approve=gcw.settings.approve_cancellations,
    )


class Buyer:
    """Buys at the sandbox that the profile belongs to, by the calls that it documents."""

    def __init__(self, gcw: Runtime, place: "Store") -> None:
        self._gcw, self._place = gcw, place

    def buy(self, wanted: "Wanted", message: str) -> str:
        lines = [{"sku_id": wanted.sku_id, "quantity": 1}]
        wish = {"shop_id": self._place.shop_id, "lines": lines, "buyer_message": message}
        return str(self._ask("orders", wish)["order_id"])

    def end_hold(self, order_id: str) -> None:
        self._ask(f"orders/{order_id}/end-hold", {})

    def ask_to_cancel(self, order_id: str) -> None:
        self._ask(f"orders/{order_id}/request-cancel", {})

    def _ask(self, path: str, wish: dict[str, Any]) -> Any:
        from gcw_tiktok.commands.sandbox_control import control

        return control(self._gcw, self._gcw.app.api_url, "POST", path, wish)


def _choose(gcw: Runtime, found: Sequence[str]) -> str:
    """The one that a person at the terminal says is theirs."""
    if gcw.may_ask:
        for order_id in found:
            if typer.confirm(f"Order {order_id} was bought since. Is it yours, not a buyer's?", err=True):
                return order_id
    return ""


def _begin(gcw: Runtime, means: "Means", *, cancel: bool, sku: str, new: bool) -> "list[Trial]":
    from gcw_tiktok.workflow.trying import trials, trying
    from gcw_tiktok.workflow.trying.trials import Part

    if new:
        with gcw.database.view() as session:
            left = [one for part in Part if (one := trials.open_trial(session, means.store, part))]
        trials.end(gcw.database, left, drop=True)
    parts = [Part.THROUGH, Part.CANCEL] if cancel else [Part.THROUGH]
    begun = [trying.begin(means, part, sku) for part in parts]
    for one in begun:
        if one.order_id:
            output.note(f"Goes on with order {one.order_id}.")
        elif not one.by_gcw:
            _say_what_to_buy(means, one)
    return begun


def _say_what_to_buy(means: "Means", trial: "Trial") -> None:
    from gcw_tiktok.workflow.trying.trials import Part

    wanted = trial.wanted
    what = " · ".join(filter(None, [wanted.title, wanted.options, f"seller SKU {wanted.seller_sku}"]))
    output.note(f"Buy one of this in {means.store.name}, and nothing else with it: {what}")
    output.note("At a development shop: Partner Center, Development Kits, Sandbox, Create test order.")
    output.note("At a shop that sells: in the TikTok app, with an account of your own. It is paid, and is not made.")
    if trial.part == Part.CANCEL:
        output.note("Cancel this one again in the TikTok app, within the hour or later.")


def _by_toolkit(gcw: Runtime, means: "Means", begun: "Sequence[Trial]") -> list[str]:
    """The orders that TikTok's toolkit has placed, one for each test that lacks its own; each is asked for once."""
    from gcw_tiktok.workflow.trying import trials

    placed = []
    for one in begun:
        if one.order_id or one.by_gcw:
            continue
        if one.asked_toolkit:
            raise BadInput(
                "The toolkit was asked for this order already, and nobody knows what became of it.",
                "Look for it in Partner Center, and name it with --order; or begin another one with --new.",
            )
        toolkit.must_be_there()
        trials.asked_toolkit(gcw.database, one)
        placed.append(toolkit.place(means.store.shop_id, one.wanted.product_id, one.wanted.sku_id))
    return placed


def _adopt(gcw: Runtime, means: "Means", begun: "Sequence[Trial]", named: Sequence[str], *, yes: bool) -> None:
    """Gives the orders that were named to the tests that have none, in their order."""
    from gcw_tiktok.workflow.orders import intake
    from gcw_tiktok.workflow.trying import trials

    known = {one.order_id for one in begun}
    waiting = [one for one in begun if not one.order_id and not one.by_gcw]
    given = [order_id for order_id in named if order_id not in known]
    if len(given) > len(waiting):
        raise BadInput(
            f"No test waits for order {given[len(waiting)]}.", "Begin another one with --new, or leave --order out."
        )
    for trial, order_id in zip(waiting, given, strict=False):
        intake.fetch(gcw.database, means.client, gcw.seal, means.store, act(gcw), [order_id])
        confirm(gcw, f"Order {order_id} is your own, bought for this test, and will not be made.", yes)
        trials.adopt(gcw.database, means.store, act(gcw), trial, order_id)


def _run(means: "Means", begun: "Sequence[Trial]", seconds: int) -> "list[Check]":
    from gcw_tiktok.workflow.trying import trials, trying

    with output.progress(f"Trying {means.store.name}"):
        checks = trying.run(means, begun, seconds)
    if all(one.result == "pass" for one in checks):
        trials.end(means.database, begun)
    return checks


def _summary(
    means: "Means", parties: tuple[str, str], begun: "Sequence[Trial]", checks: "Sequence[Check]"
) -> dict[str, Any]:
    customer, facility = parties
    return {
        "store": means.store.name,
        "customer": customer,
        "facility": facility,
        "at": times.iso(means.act().now),
        "passed": all(one.result == "pass" for one in checks),
        "orders": {one.part: one.order_id for one in checks if one.order_id},
        "sku": begun[0].wanted.seller_sku or begun[0].wanted.sku_id,
        "hand_off": str(means.folder),
        "checks": [
            {
                "part": one.part,
                "order": one.order_id,
                "check": one.check,
                "result": one.result,
                "found": one.found,
                "command": one.command,
            }
            for one in checks
        ],
    }


def _tell(summary: dict[str, Any], checks: "Sequence[Check]", report: str, *, as_json: bool) -> None:
    from gcw_tiktok.workflow.production import reporting

    if report:
        _write(report, reporting.page(summary) if report.endswith(".md") else reporting.json_text(summary))
    if as_json:
        output.thing(summary, as_json=True)
    else:
        columns = ["order", "check", "result", "found"]
        columns += ["command"] if any(one.command for one in checks) else []
        output.rows(summary["checks"], columns, may_go=["order"])
    failed = [one for one in checks if one.result == "fail"]
    waiting = [one for one in checks if one.result == "waiting"]
    if failed:
        raise CheckFailed(f"{failed[0].check}: {failed[0].found}", failed[0].command)
    if waiting:
        again = waiting[0].command or f'Run `gcw orders test "{summary["store"]}"` again: it goes on with this order.'
        raise TryAgain(f"{waiting[0].check}: {waiting[0].found}", again)
    output.note(f"All {len(checks)} checks passed.")


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"The report cannot be written to {file}: {error.strerror}.") from error
