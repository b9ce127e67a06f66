"""gcw design sweep: removes files that people uploaded to pages and that nothing uses."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import several
from gcw_tiktok.commands.options import Csv, DryRun, Json, act, ago, runtime
from gcw_tiktok.errors import Usage

if TYPE_CHECKING:
    from gcw_tiktok.runtime import Runtime
    from gcw_tiktok.workflow.storefronts.sweeping import Swept

DAY = 86_400
COLUMNS = ["file", "customer", "bytes", "uploaded"]


def sweep(
    ctx: typer.Context,
    older_than: Annotated[
        str, typer.Option(help="Uploaded so long ago, such as 30d; 1d at least.", metavar="TIME")
    ] = "7d",
    dry_run: DryRun = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Remove designs and pictures that people uploaded to pages and nothing uses. `gcw serve` does so every day."""
    from gcw_tiktok.workflow.storefronts import sweeping

    gcw = runtime(ctx)
    if (age := ago(older_than, "--older-than")) < DAY:
        raise Usage("Somebody may be at work on younger ones.", "Write --older-than 1d or more.")
    profile = gcw.profile
    found = sweeping.sweep(gcw.database, profile.designs, profile.pictures, act(gcw), age, dry_run=dry_run)
    output.rows(_listed(gcw, found), COLUMNS, as_json=as_json, as_csv=as_csv)
    if dry_run:
        output.note("Nothing was changed. Without --dry-run these files are removed for good.")
    elif not found.designs and not found.pictures:
        output.note("There was nothing to remove.")
    several.complain(found.failed)


def _listed(gcw: "Runtime", found: "Swept") -> list[dict[str, Any]]:
    from gcw_tiktok.store.tables import Customer
    from gcw_tiktok.workflow import times

    with gcw.database.view() as session:
        names = {key: session.get_one(Customer, key).name for one in found.designs for key in one.customers}
    designs = [
        {
            "file": one.name,
            "customer": ", ".join(sorted(names[key] for key in one.customers)),
            "bytes": one.size,
            "uploaded": times.shown(one.at),
            "sha256": one.sha256,
        }
        for one in found.designs
    ]
    pictures = [
        {"file": one.path.name, "customer": "", "bytes": one.size, "uploaded": times.shown(one.at), "sha256": ""}
        for one in found.pictures
    ]
    return designs + pictures
