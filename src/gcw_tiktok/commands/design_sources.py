"""gcw design: whether the addresses that files were taken from still give them."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, DryRun, Json, act, runtime
from gcw_tiktok.errors import CheckFailed, TryAgain
from gcw_tiktok.workflow import stores, times

if TYPE_CHECKING:
    from gcw_tiktok.workflow.designs.rechecking import Checked


def recheck(
    ctx: typer.Context,
    store: Annotated[
        list[str] | None, typer.Argument(metavar="[STORE]...", help="Only what these stores print.")
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Ask every address that designs came from for its file. Nothing printed changes; exit code 8 if a file did."""
    from gcw_tiktok.workflow.designs import rechecking

    gcw = runtime(ctx)
    with gcw.database.view() as session:
        ids = {stores.find(session, one).id or 0 for one in store} if store else None
        printed = rechecking.printing(session, ids)
    with output.progress("Asking for files") as progress:
        found = list(
            rechecking.recheck(
                gcw.database,
                printed,
                gcw.profile.designs,
                act(gcw),
                allow_private=gcw.settings.private_design_urls,
                sleep=gcw.sleep,
                progress=progress,
                stopping=gcw.stopping,
            )
        )
    found.sort(key=lambda one: one.address)
    whole = as_json or as_csv  # people look for what is not as it was
    listed = [vars(one) | {"since": times.shown(one.since)} for one in found if whole or one.status != "unchanged"]
    columns = ["status", "address", "variants", "since", "why"]
    output.rows(listed, columns, as_json=as_json, as_csv=as_csv, may_go=["since"])
    _tell(found)


def _tell(found: "Sequence[Checked]") -> None:
    counts = Counter(one.status for one in found)
    if counts["changed"] or counts["gone"]:
        raise CheckFailed(
            f"Of {len(found)} addresses, {counts['changed']} give another file than is printed, {counts['gone']} none.",
            "What is printed stays as it was. To print the new file: gcw design accept ADDRESS",
        )
    if counts["unreachable"]:
        raise TryAgain(f"{counts['unreachable']} of {len(found)} addresses could not be asked now.", "Run it again.")
    if found:
        output.note(f"All {len(found)} addresses give the files that are printed.")
    else:
        output.note("Nothing is printed from an address. See `gcw products connect --help`.")


def accept(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An address, or the start of one.")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Print the file that an address gives now, on everything that printed a former one from there."""
    from gcw_tiktok.workflow.listings import accepting

    gcw = runtime(ctx)
    with gcw.database.view() as session:
        found = accepting.find(session, address)
    given, moved = accepting.accept(
        gcw.database,
        found,
        gcw.profile.designs,
        act(gcw),
        dry_run=dry_run,
        allow_private=gcw.settings.private_design_urls,
        sleep=gcw.sleep,
        stopping=gcw.stopping,
    )
    listed = [vars(one) for one in moved]
    if as_json:
        output.thing({"address": found, "sha256": given.sha256, "dry_run": dry_run, "variants": listed}, as_json=True)
    else:
        output.rows(listed)
    if dry_run:
        output.note(f"{len(moved)} variants would print the new file. Nothing was stored (--dry-run).")
    elif moved:
        output.note(f"{len(moved)} variants print it from now on. Orders that were released keep the former.")
    else:
        output.note("Everything prints the file that it gives already; nothing was changed.")
