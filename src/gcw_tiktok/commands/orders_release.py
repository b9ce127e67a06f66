"""gcw orders release: through the print gate to production."""

from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import several
from gcw_tiktok.commands.options import Json, act, runtime
from gcw_tiktok.errors import BadInput
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.orders import views

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.orders.gate import Outcome


def release(
    ctx: typer.Context,
    orders: Annotated[
        list[str] | None, typer.Argument(metavar="[ORDER]...", help="All that are ready if none.")
    ] = None,
    store: Annotated[str, typer.Option(help="Only this store's.")] = "",
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="Lift manual and sample holds, settle open decisions of those named."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Read orders from TikTok once more and hand those that are free to production."""
    from gcw_tiktok.workflow.orders import gate

    gcw = runtime(ctx)
    places = _by_store(gcw, orders or [], store)
    named = {place.id: ids for place, ids in places}

    def work(place: "Store", bar: several.Bar) -> list["Outcome"]:
        with bar(f"Releasing for {place.name}"):
            return through_the_gate(gcw, place, named[place.id], anyway=yes)

    done, troubles = several.for_each(gcw, [place for place, _ in places], work)
    outcomes = [one for ones in done for one in ones]
    troubles += [several.about(f"Order {one.order_id}", one.error) for one in outcomes if one.error]
    if orders:  # an order that was named and stays is a refusal; of all that are ready, held ones are no failure
        troubles += [_stays(one) for one in outcomes if one.result == gate.HELD]
    failing = {gate.FAILED, gate.HELD} if orders else {gate.FAILED}
    several.fail_if_nothing_was_done(troubles, sum(one.result not in failing for one in outcomes))
    shown = [
        {
            "order": one.order_id,
            "result": one.result,
            "folder": one.folder,
            "why": one.why,
            "command": one.command,
        }
        for one in outcomes
    ]
    output.rows(shown, as_json=as_json)
    if not shown and not as_json:
        output.note("Nothing is ready. See `gcw orders list --held`.")
    several.complain([str(error) for error in troubles])


def through_the_gate(gcw: Runtime, place: "Store", only: list[str], *, anyway: bool = False) -> list["Outcome"]:
    """Releases for one store with what this run has in hand."""
    from gcw_tiktok.workflow.orders import release as releasing
    from gcw_tiktok.workflow.production import gelatoconnect

    return releasing.release(
        gcw.database,
        gcw.client_for(place),
        gcw.seal,
        place,
        act(gcw),
        gcw.profile.designs,
        gcw.profile.folder / "running",
        only=only,
        anyway=anyway,
        open_carrier=gelatoconnect.opener(gcw.http, gcw.vault),
        cancel_there=gelatoconnect.canceller(gcw.database, gcw.http, gcw.vault),
    )


def _by_store(gcw: Runtime, orders: list[str], store: str) -> list[tuple["Store", list[str]]]:
    """The named orders under their stores; without names, every store with none."""
    if not orders:
        return [(one, []) for one in several.connected(gcw, [store] if store else [])]
    with gcw.database.view() as session:
        found = [views.find(session, order) for order in orders]
        places = {one.store_id: stores.of_order(session, one) for one in found}
    return [
        (place, [order.order_id for order in found if order.store_id == store_id]) for store_id, place in places.items()
    ]


def _stays(one: "Outcome") -> BadInput:
    return BadInput(f"Order {one.order_id} stays: {one.why}", one.command, code="held")
