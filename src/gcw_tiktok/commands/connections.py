"""gcw connections: what variants print, as a file under version control."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import gathering
from gcw_tiktok.commands.asking import confirm
from gcw_tiktok.commands.options import AcceptChanged, Json, Yes, act, runtime
from gcw_tiktok.commands.reading import read_text, write_text
from gcw_tiktok.errors import BadInput, CheckFailed, Usage
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import stores

if TYPE_CHECKING:
    from gcw_tiktok.workflow.listings.planning import Change

app = typer.Typer(add_completion=False, no_args_is_help=True, help="What variants print, as a file.")
File = Annotated[str, typer.Argument(help="A connections file in YAML; - for stdin.")]
Prune = Annotated[
    bool, typer.Option("--prune", help="End what the file does not speak of, in the stores that it names.")
]
MOST_SHOWN = 200


@app.command()
def export(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="STORE...", help="Names, codes or ids of stores.")],
    out: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where to; else stdout.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also variants that nobody has decided about.")] = False,
    as_json: Json = False,
) -> None:
    """Write what stores' variants print as a file, in an order that stays."""
    from gcw_tiktok.workflow.listings import connection_file

    folder = Path(out).parent if out else None
    with runtime(ctx).database.view() as session:
        found = {store.id: store for store in (stores.find(session, name) for name in names)}
        told = connection_file.write(session, list(found.values()), folder, everything=everything)
    variants = sum(len(listing["variants"]) for store in told["stores"] for listing in store["listings"])
    if out:
        write_text(out, connection_file.as_yaml(told))
        output.thing({"file": out, "stores": len(found), "variants": variants}, as_json=as_json)
        output.note(f"Next: gcw connections plan {out}")
    elif as_json:
        output.thing(told, as_json=True)
    else:
        output.text(connection_file.as_yaml(told))
    if not variants:
        output.note("Nothing is connected or ignored yet. --all writes every variant.")


@app.command()
def plan(
    ctx: typer.Context,
    file: File,
    out: Annotated[str, typer.Option("--output", "-o", metavar="PLAN", help="Write the plan for `apply`.")] = "",
    prune: Prune = False,
    accept_changed: AcceptChanged = False,
    as_json: Json = False,
) -> None:
    """Show what the file would change. Exit 0 when nothing, 8 when something would."""
    from gcw_tiktok.workflow.listings import planned

    gcw = runtime(ctx)
    text = read_text(file)
    if planned.is_plan(text):
        raise BadInput(f"{file} is a plan already.", f"Carry it out with `gcw connections apply {file}`.")
    changes = _decide(gcw, text, file, prune=prune, accept_changed=accept_changed, dry_run=True)
    pending = [one for one in changes if planned.pending(one)]
    if out:
        write_text(out, planned.write(changes, file, gcw.now()))
    _show(file, changes, {"plan": out}, as_json=as_json)
    if pending:
        raise CheckFailed(f"Pending changes: {len(pending)}.", f"Make them with `gcw connections apply {out or file}`.")


@app.command("apply")
def apply_(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="A connections file, or a plan that `plan -o` wrote; - for stdin.")],
    prune: Prune = False,
    accept_changed: AcceptChanged = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Do what a plan says, or make the database say what a file says: all of it or nothing."""
    from gcw_tiktok.workflow.listings import planned

    gcw = runtime(ctx)
    text = read_text(file)
    is_plan = planned.is_plan(text)
    if is_plan and prune:
        raise Usage("A plan is carried out as it is.", "Leave --prune out, or give it to `gcw connections plan`.")
    changes = _decide(gcw, text, file, prune=prune, accept_changed=accept_changed, dry_run=False)
    pending = [one for one in changes if planned.pending(one)]
    if pending and not (is_plan or yes):
        if not as_json:
            _show(file, changes, {}, as_json=False)
        confirm(gcw, f"Make these changes ({len(pending)})?", yes)
    if pending:
        with gcw.database.session() as session:
            planned.apply(session, act(gcw), changes, file)
    if as_json or is_plan or yes or not pending:
        _show(file, changes, {"applied": len(pending)}, as_json=as_json)
    if pending:
        output.note("Done. Orders that wait are looked at again by the next `gcw orders pull` or `gcw orders release`.")


def _decide(gcw: Runtime, text: str, file: str, *, prune: bool, accept_changed: bool, dry_run: bool) -> "list[Change]":
    """What is to be done, with all its designs at hand."""
    from gcw_tiktok.workflow.listings import connection_file, planned, planning

    folder = gcw.profile.designs
    with gcw.database.view() as session:
        if planned.is_plan(text):
            read = planned.read(session, text, file, folder)
        else:
            read = planning.look_up(session, connection_file.read(text, file), folder, prune=prune)
    gathered = gathering.gather(gcw, read.sources, accept_changed=accept_changed, dry_run=dry_run)
    changes = planning.decide(read, gathered)
    for words in gathered.warnings:
        output.warning(words)
    return changes


def _show(file: str, changes: "list[Change]", more: dict[str, Any], *, as_json: bool) -> None:
    from gcw_tiktok.workflow.listings import planned, planning

    rows = [_row(one) for one in changes if planned.pending(one)]
    counts = planning.counts(changes)
    if as_json:
        output.thing({"file": file, **counts, **more, "changes": rows}, as_json=True)
    else:
        output.rows(rows[:MOST_SHOWN], ["kind", "name", "was", "will_be"])
        if len(rows) > MOST_SHOWN:
            output.note(f"... and {len(rows) - MOST_SHOWN} more (all of them with --json).")
    output.note(", ".join(f"{count} {kind}" for kind, count in counts.items()) + ".")


def _row(one: "Change") -> dict[str, Any]:
    scope, subject = one.target.place
    return {
        "store": one.store.name,
        "kind": one.kind,
        "scope": scope.value,
        "id": subject,
        "name": one.target.name,
        "was": one.was,
        "will_be": one.will_be,
    }
