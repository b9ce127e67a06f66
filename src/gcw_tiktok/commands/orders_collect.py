"""gcw orders collect: what production says it has done."""

from typing import Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import several
from gcw_tiktok.commands.options import Csv, Json, act, runtime
from gcw_tiktok.errors import GcwError


def collect(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[FACILITY]...", help="All facilities if none.")] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Read production's results folders, ask GelatoConnect, and move the orders' stages."""
    from gcw_tiktok.workflow import facilities
    from gcw_tiktok.workflow.production import gelatoconnect, polling, postbacks, results

    gcw = runtime(ctx)
    with gcw.database.view() as session:
        named = {facilities.find(session, name).id for name in names or []}
        places = [one for one in facilities.places(session) if one.id in named or not named]
    found, troubles = list[results.Result](), list[GcwError]()
    found += postbacks.act_on(gcw.database, gcw.seal, act(gcw))
    for place in places:
        try:
            results.make(place)
            found += results.collect(gcw.database, gcw.seal, act(gcw), place)
            if facilities.needs_key(place.hand_off):
                connector = gelatoconnect.Connector(place.hand_off, gcw.http, gcw.vault)
                found += polling.poll(gcw.database, gcw.seal, act(gcw), place, connector)
        except GcwError as error:
            troubles.append(several.about(place.name, error))
    troubles += [several.about(one.file or f"Order {one.order_id}", one.error) for one in found if one.error]
    several.fail_if_nothing_was_done(troubles, sum(one.error is None for one in found))
    output.rows([_shown(one) for one in found], as_json=as_json, as_csv=as_csv)
    if not found and not as_json:
        _say_where(results, places)
    several.complain([str(error) for error in troubles])


def _say_where(results: Any, places: Any) -> None:
    if not places:
        output.note("No facilities yet. Begin with `gcw facility add NAME --hand-off folder:PATH`.")
        return
    folders = [str(folder) for place in places if (folder := results.folder_of(place))]
    output.note(f"Nothing new. Production drops its files into {', '.join(folders)}" if folders else "Nothing new.")


def _shown(one: Any) -> dict[str, Any]:
    return {
        "facility": one.facility,
        "file": one.file,
        "order": one.order_id,
        "result": one.result,
        "stage": one.stage,
        "why": one.why,
        "command": one.command,
    }
