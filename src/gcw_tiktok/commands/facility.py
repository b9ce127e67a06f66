"""gcw facility: where you make things."""

from typing import Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.asking import confirm
from gcw_tiktok.commands.options import Csv, Json, Yes, act, runtime
from gcw_tiktok.errors import BadInput, Usage
from gcw_tiktok.store.tables import Facility
from gcw_tiktok.workflow import facilities

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Where you make things, and how orders reach it.")
Name = Annotated[str, typer.Argument(metavar="FACILITY", help="A facility's name or id.")]
SHORTEST_SECRET = 16


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
    _show(added, as_json)


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
        _show(facilities.find(session, facility), as_json)


@app.command()
def edit(
    ctx: typer.Context,
    facility: Name,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    location: Annotated[str | None, typer.Option(help="Where it is.")] = None,
    type: Annotated[str | None, typer.Option(help="What it is: internal or external.")] = None,
    hand_off: Annotated[
        str | None,
        typer.Option(help="How orders reach it from now on: folder:PATH or gelatoconnect:URL.", metavar="KIND:WHERE"),
    ] = None,
    cancel_url: Annotated[
        str | None,
        typer.Option(
            help="Where GelatoConnect takes a cancellation, with {reference} in it; empty for none.", metavar="URL"
        ),
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Change a facility. Orders that it has stay where they are, and are followed there."""
    gcw = runtime(ctx)
    wish = facilities.Wish(name, type, location, hand_off, cancel_url)
    with gcw.database.view() as session:
        found = facilities.find(session, facility)
        waiting = facilities.in_work(session, found) if hand_off else []
    if waiting:
        what = f"{len(waiting)} orders are in work where {found.name} is handed its orders now, and stay there."
        confirm(gcw, f"{what} Only later ones go elsewhere.", yes)
    where = facilities.hand_off_address(hand_off) if hand_off else found.hand_off
    if facilities.needs_key(where) and not gcw.vault.get(where):
        gcw.vault.put(where, _key())
    with gcw.database.session() as session:
        found = facilities.find(session, facility)
        changed = facilities.edit(session, act(gcw), found, wish)
    _show(found, as_json)
    words = ", ".join(changed).replace("_", "-")
    output.note(f"Changed: {words}." if changed else "Nothing to change.")


@app.command()
def remove(ctx: typer.Context, facility: Name, yes: Yes = False, as_json: Json = False) -> None:
    """Forget a facility that no store uses and that has nothing in work."""
    gcw = runtime(ctx)
    with gcw.database.view() as session:
        found = facilities.find(session, facility)
        secrets = [*facilities.hand_offs(session, found), facilities.postback_secret(found)]
    confirm(gcw, f"{found.name} is forgotten; its history stays.", yes)
    with gcw.database.session() as session:
        facilities.remove(session, act(gcw), facilities.find(session, facility))
    for one in secrets:
        if not one.startswith("folder:"):
            gcw.vault.drop(one)
    output.thing(_shown(found) | {"removed": True}, as_json=as_json)


@app.command()
def postbacks(
    ctx: typer.Context,
    facility: Name,
    off: Annotated[bool, typer.Option("--off", help="Take no postbacks any more.")] = False,
    as_json: Json = False,
) -> None:
    """Take GelatoConnect's postbacks at `gcw serve`. The secret that it sends is asked for, or read from stdin."""
    gcw = runtime(ctx)
    with gcw.database.view() as session:
        found = facilities.find(session, facility)
    name = facilities.postback_secret(found)
    if off:
        gcw.vault.drop(name)
    else:
        gcw.vault.put(name, _secret())
    path = facilities.postback_path(found)
    output.thing({"facility": found.name, "postbacks": not off, "path": path}, as_json=as_json)
    if not off:
        output.note(
            f"Tell GelatoConnect: https://YOUR-ADDRESS{path}, which leads to `gcw serve`; see docs/postbacks.md."
        )


def _secret() -> str:
    given = output.ask_secret("The secret that GelatoConnect will send")
    if len(given) < SHORTEST_SECRET or not given.isascii() or not given.isprintable() or " " in given:
        raise Usage(
            f"The secret has {SHORTEST_SECRET} letters or digits at least, and no blanks.",
            "Give it on stdin: openssl rand -hex 24 | tee postback-secret.txt | gcw facility postbacks FACILITY",
        )
    return given


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
    _show(found, as_json)


def _key() -> str:
    given = output.ask_secret("The connector's key in GelatoConnect")
    if not given or not given.isascii() or not given.isprintable():
        raise Usage("The connector's key is missing.", "Give it on stdin: gcw facility ... < key.txt")
    return given


def _show(facility: Facility, as_json: bool) -> None:
    """People are told where to cancel only of connectors that know it."""
    shown = _shown(facility)
    if not as_json and not facility.cancel_url:
        del shown["cancel_url"]
    output.thing(shown, as_json=as_json)


def _shown(facility: Facility) -> dict[str, Any]:
    return {
        "id": facility.id,
        "name": facility.name,
        "type": facility.type,
        "location": facility.location,
        "hand_off": facility.hand_off,
        "cancel_url": facility.cancel_url,
    }
