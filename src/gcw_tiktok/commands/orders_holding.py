"""gcw orders hold and retry: what an operator stops, and what is tried again."""

from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import several
from gcw_tiktok.commands.options import Json, OrderId, act, runtime
from gcw_tiktok.errors import BadInput
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow.orders import views

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.orders.holding import Tried


def hold(
    ctx: typer.Context,
    order: OrderId,
    why: Annotated[str, typer.Option(help="The reason, for whoever asks later.", metavar="TEXT")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Take the hold away.")] = False,
    as_json: Json = False,
) -> None:
    """Hold an order until somebody lifts it."""
    from gcw_tiktok.workflow.orders import holding

    gcw = runtime(ctx)
    if lift == bool(why):
        raise BadInput(
            "Write either --why TEXT or --lift.", f"For example: gcw orders hold {order} --why 'Paper is out'"
        )
    with gcw.database.session() as session:
        found = views.find(session, order)
        stage = (
            holding.lift(session, gcw.seal, act(gcw), found)
            if lift
            else holding.hold(session, gcw.seal, act(gcw), found, why)
        )
    output.thing({"order": found.order_id, "stage": stage.value, "held": not lift}, as_json=as_json)
    if not lift:
        output.note(f"Lift it with `gcw orders hold {found.order_id} --lift`.")


def retry(
    ctx: typer.Context,
    orders: Annotated[
        list[str] | None, typer.Argument(metavar="[ORDER]...", help="All that are set aside if none.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Try orders again that were set aside; and those named that failed in production."""
    from gcw_tiktok.workflow.orders import holding

    gcw = runtime(ctx)
    places = _by_store(gcw, orders or [])
    named = {place.id: ids for place, ids in places}

    def work(place: "Store", bar: several.Bar) -> "list[Tried]":
        with bar(f"Reading {place.name}"):
            client = gcw.client_for(place)
            return holding.retry(gcw.database, client, gcw.seal, place, act(gcw), named[place.id])

    done, troubles = several.for_each(gcw, [place for place, _ in places], work)
    tried = [one for ones in done for one in ones]
    aside = [one for one in tried if one.result == holding.SET_ASIDE]
    several.fail_if_nothing_was_done(troubles, len(tried))
    output.rows([{"order": one.order_id, "result": one.result, "why": one.why} for one in tried], as_json=as_json)
    if not tried and not troubles:
        output.note("Nothing is set aside.")
    several.complain([*map(str, troubles), *(f"Order {one.order_id} stays set aside: {one.why}." for one in aside)])


def _by_store(gcw: Runtime, wanted: list[str]) -> "list[tuple[Store, list[str]]]":
    """The named orders under their stores; without names, every store with none."""
    from gcw_tiktok.workflow.orders import holding

    if not wanted:
        return [(place, []) for place in several.connected(gcw, [])]
    places: dict[int | None, tuple[Store, list[str]]] = {}
    with gcw.database.view() as session:
        for name in wanted:
            store, order_id = holding.place_of(session, name)
            ids = places.setdefault(store.id, (store, []))[1]
            ids += [order_id] if order_id not in ids else []
    return list(places.values())
