"""gcw facility: where you make things."""

from typing import Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, Json, act, runtime
from gcw_tiktok.errors import BadInput, Usage
from gcw_tiktok.store.tables import Facility
from gcw_tiktok.workflow import facilities

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Where you make things, and how orders reach it.")


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What you call the facility.")],
    hand_off: Annotated[
        str, typer.Option(help="How orders reach it: folder:PATH or gelatoconnect:URL.", metavar="KIND:WHERE")
    ],
    type: Annotated[str, typer.Option(help="internal or external.")] = "internal",
    location: Annotated[str, typer.Option(help="Where it is.")] = "",
    as_json: Json = False,
) -> None:
    """Add a facility. A folder is made if it is not there; a connector's key is asked for, or read from stdin."""
    gcw = runtime(ctx)
    key = _key() if facilities.needs_key(facilities.hand_off_address(hand_off)) else ""
    with gcw.database.session() as session:
        added = facilities.add(session, act(gcw), name, hand_off=hand_off, type=type, location=location)
    if key:
        gcw.vault.put(added.hand_off, key)
    output.thing(_shown(added), as_json=as_json)


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, as_csv: Csv = False) -> None:
    """List the facilities."""
    with runtime(ctx).database.view() as session:
        listed = [_shown(facility) for facility in facilities.everyone(session)]
    output.rows(listed, as_json=as_json, as_csv=as_csv)
    if not listed:
        output.note("No facilities yet. Begin with `gcw facility add NAME --hand-off folder:PATH`.")


@app.command()
def show(
    ctx: typer.Context,
    facility: Annotated[str, typer.Argument(help="A facility's name or id.")],
    as_json: Json = False,
) -> None:
    """Show one facility."""
    with runtime(ctx).database.view() as session:
        output.thing(_shown(facilities.find(session, facility)), as_json=as_json)


@app.command()
def key(
    ctx: typer.Context,
    facility: Annotated[str, typer.Argument(help="A facility's name or id.")],
    as_json: Json = False,
) -> None:
    """Keep another key for a facility's connector in GelatoConnect. It is asked for, or read from stdin."""
    gcw = runtime(ctx)
    with gcw.database.view() as session:
        found = facilities.find(session, facility)
    if not facilities.needs_key(found.hand_off):
        raise BadInput(f"{found.name} hands over to a folder, which needs no key.", f'gcw facility show "{found.name}"')
    gcw.vault.put(found.hand_off, _key())
    output.thing(_shown(found), as_json=as_json)


def _key() -> str:
    given = output.ask_secret("The connector's key in GelatoConnect")
    if not given or not given.isascii() or not given.isprintable():
        raise Usage("The connector's key is missing.", "Give it on stdin: gcw facility ... < key.txt")
    return given


def _shown(facility: Facility) -> dict[str, Any]:
    return {
        "id": facility.id,
        "name": facility.name,
        "type": facility.type,
        "location": facility.location,
        "hand_off": facility.hand_off,
    }
