"""gcw catalog: what your customers may order."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, DryRun, Json, act, runtime
from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow import customers
from gcw_tiktok.workflow.catalog import importing, offer

app = typer.Typer(add_completion=False, no_args_is_help=True, help="What your customers may order.")


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="A catalog in YAML or JSON; - for stdin.")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take in a catalog file. It is checked whole before anything is written."""
    gcw = runtime(ctx)
    text = _read(file)
    with gcw.database.session() as session:
        read = importing.read(session, text, "stdin" if file == "-" else file)
        changes = importing.plan(session, read) if dry_run else importing.apply(session, read, act(gcw))
    shown = [{"kind": kind, **counts} for kind, counts in changes.counts().items()]
    output.rows(shown, as_json=as_json)
    for words in changes.warnings:
        output.warning(words)
    output.note("Nothing was written." if dry_run else "Next: gcw catalog uids")


@app.command()
def show(
    ctx: typer.Context,
    customer: Annotated[str, typer.Option(help="Whose catalog to show.")],
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show exactly what one customer may order."""
    with runtime(ctx).database.view() as session:
        found = customers.find(session, customer)
        offered = offer.orderable(session, found.id or 0)
    listed = [
        {
            "product": product.name,
            "variant": uid.variant,
            "uid": uid.uid,
            "categories": list(product.categories),
            "print_areas": [_area(area) for area in uid.areas],
        }
        for product in offered
        for uid in product.uids
    ]
    output.rows(listed, as_json=as_json, as_csv=as_csv)
    if not listed:
        output.note(f"{found.name} may not order anything yet. See `customers:` in the catalog file.")


@app.command()
def uids(
    ctx: typer.Context,
    search: Annotated[str, typer.Argument(help="Words that the product or the UID must contain.")] = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List product UIDs and who may order them."""
    with runtime(ctx).database.view() as session:
        found = offer.uids(session, search=search)
    listed = [
        {
            "uid": row.uid,
            "product": row.product,
            "values": row.values,
            "customers": ["all"] if row.all_customers else row.customers,
            "orderable": row.published and row.offered,
        }
        for row in found
    ]
    output.rows(listed, as_json=as_json, as_csv=as_csv)
    if not listed:
        output.note("No product UIDs. Begin with `gcw catalog import FILE`.")


def _area(area: offer.PrintArea) -> str:
    need = "" if area.required else " (optional)"
    return f"{area.name}{need}: {area.width_mm:g} x {area.height_mm:g} mm + {area.bleed_mm:g} mm bleed"


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not text in UTF-8.", "Save it as UTF-8.") from error
