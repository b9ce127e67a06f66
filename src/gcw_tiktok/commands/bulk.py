"""gcw bulk: thousands of variants connected by a file."""

import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import DryRun, Json, StoreName, act, runtime
from gcw_tiktok.errors import BadInput, PartlyDone, Usage
from gcw_tiktok.workflow import stores

if TYPE_CHECKING:
    from gcw_tiktok.workflow.bulk.results import Summary

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Thousands of variants connected by a file.")
MOST_SHOWN = 20
STDIN_RESULT = "gcw-bulk.result.csv"


@app.command()
def export(
    ctx: typer.Context,
    store: StoreName,
    to: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="A .csv or .xlsx file; - for CSV on stdout.")
    ] = "-",
    not_connected: Annotated[bool, typer.Option("--not-connected", help="Only what prints nothing yet.")] = False,
    as_json: Json = False,
) -> None:
    """Write a store's variants as a file to fill in: one row each, with what it prints now."""
    from gcw_tiktok.workflow import spreadsheets
    from gcw_tiktok.workflow.bulk import exporting

    if as_json and to == "-":
        raise Usage("With --json, the rows go to a file.", "Name one: -o FILE.")
    gcw = runtime(ctx)
    rows = 0
    with gcw.database.view() as session, output.progress("Writing variants") as progress:
        found = stores.find(session, store)
        sheet = exporting.sheet(session, found)
        with spreadsheets.opened(to, sys.stdout, sheet.header, fill=sheet.fill) as writer:
            for columns in exporting.chunks(session, sheet, not_connected=not_connected):
                writer.write(columns)
                rows += len(columns[0])
                progress(rows, sheet.variants)
    if to != "-":
        output.thing({"store": found.name, "file": to, "rows": rows}, as_json=as_json)
        output.note(f"Fill in {' and '.join(sheet.fill[:2])}, then: gcw bulk import {shlex.quote(to)}")
    if found.synced_at is None:
        output.note(f"Nothing synced yet. Run `gcw products sync {shlex.quote(found.name)}`.")


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="A filled-in file, CSV or Excel; - for stdin.")],
    store: Annotated[str, typer.Option(metavar="STORE", help="Refuse rows of any other store.")] = "",
    result: Annotated[
        str, typer.Option(metavar="FILE", help="Where the rows with their status go; usually beside the file.")
    ] = "",
    dry_run: DryRun = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Connect nothing when a single row fails.")
    ] = False,
    accept_changed: Annotated[
        bool, typer.Option("--accept-changed", help="Print the new file where one changed at its address.")
    ] = False,
    local_files: Annotated[
        bool, typer.Option("--local-files", help="Take paths on this machine as designs, too.")
    ] = False,
    email: Annotated[str, typer.Option(metavar="ADDRESS", help="Also mail the result.")] = "",
    as_json: Json = False,
) -> None:
    """Connect variants as a file says. Rows that fail stop no others; running it again changes nothing twice."""
    from gcw_tiktok.workflow.bulk import importing

    gcw = runtime(ctx)
    office = gcw.post_office if email else None  # before any work is done
    with given(file) as path:
        to = Path(result) if result else None if dry_run else _beside(file)
        with gcw.database.view() as session:
            only = stores.find(session, store) if store else None
        ways = importing.Ways(
            name="stdin" if file == "-" else Path(file).name,
            store=only,
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            accept_changed=accept_changed,
            local_files=local_files,
            allow_private=gcw.settings.private_design_urls,
        )
        with output.bars() as bar:
            summary = importing.run(
                gcw.database,
                act(gcw),
                path,
                gcw.profile.designs,
                ways,
                result=to,
                bar=bar,
                say=output.note,
                stopping=gcw.stopping,
            )
    if office:
        from gcw_tiktok.workflow.bulk import telling

        telling.mail(office, email, ways, summary, to, gcw.now())
    _show(summary, ways.name, to, dry_run=dry_run, as_json=as_json)
    _conclude(summary, to, all_or_nothing=all_or_nothing, dry_run=dry_run)


def _beside(file: str) -> Path:
    from gcw_tiktok.workflow.bulk import results

    return Path(STDIN_RESULT) if file == "-" else results.beside(Path(file))


@contextmanager
def given(file: str) -> Iterator[Path]:
    """The file; what comes from stdin is kept aside, since it is read more than once."""
    if file != "-":
        yield Path(file)
        return
    with tempfile.TemporaryDirectory(prefix="gcw-") as folder:
        kept = Path(folder) / "stdin.csv"
        with kept.open("wb") as aside:
            if hasattr(sys.stdin, "buffer"):
                shutil.copyfileobj(sys.stdin.buffer, aside)
            else:
                aside.write(sys.stdin.read().encode())
        yield kept


def _show(summary: "Summary", name: str, to: Path | None, *, dry_run: bool, as_json: bool) -> None:
    told: dict[str, Any] = {"file": name, "stores": summary.stores, **summary.as_counts(), "dry_run": dry_run}
    told["result"] = str(to) if to else ""
    if as_json:
        more = {"failed_rows": summary.failed} | ({"changes": summary.changes} if dry_run else {})
        output.thing(told | more, as_json=True)
        return
    if dry_run:
        output.rows(summary.changes[:MOST_SHOWN], ["row", "variant_id", "was", "will_be"])
        if len(summary.changes) > MOST_SHOWN:
            output.note("... and more. All of them are in the file that --result names.")
    output.thing(told)
    for row in summary.failed[:MOST_SHOWN]:
        output.warning(f"Row {row['row']}: {row['message']}")
    if len(summary.failed) > MOST_SHOWN:
        output.note(f"... and {summary.as_counts()['failed'] - MOST_SHOWN:,} more rows that failed.")
    if summary.warned:
        output.note(f"Designs of {summary.warned:,} rows may disappoint; the result says why.")


def _conclude(summary: "Summary", to: Path | None, *, all_or_nothing: bool, dry_run: bool) -> None:
    failed = summary.as_counts()["failed"]
    if dry_run:
        output.note("Nothing was connected (--dry-run). Designs that had to be fetched for it are kept.")
    if not failed:
        return
    mend = (
        f"Mend them in {to}, and import that: gcw bulk import {shlex.quote(str(to))}"
        if to
        else "Mend them; --result FILE writes all rows with what is wrong."
    )
    rows = "1 row" if failed == 1 else f"{failed:,} rows"
    if all_or_nothing and not dry_run:
        raise BadInput(f"{rows} failed; nothing was connected (--all-or-nothing).", mend, code="rows_failed")
    raise PartlyDone(f"{rows} failed.", mend)
