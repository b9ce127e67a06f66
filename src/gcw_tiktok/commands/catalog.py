"""gcw catalog: what your customers may order."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import catalog_category, catalog_model, catalog_product, catalog_words
from gcw_tiktok.commands.options import Csv, DryRun, Json, act, runtime
from gcw_tiktok.commands.reading import read_text
from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow import customers
from gcw_tiktok.workflow.catalog import exporting, importing, offer

app = typer.Typer(add_completion=False, no_args_is_help=True, help="What your customers may order.")
app.add_typer(catalog_model.app, name="model")
app.add_typer(catalog_product.app, name="product")
app.add_typer(catalog_category.app, name="category")
Format = Annotated[str, typer.Option(metavar="FORMAT", help="One of yaml, json and csv; else the file's name says it.")]


NESTED = ("base", "values", "derived", "areas")
"""Members of what is offered that a CSV has no cell for; `catalog export` writes the table that has."""


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="A catalog in YAML or JSON, or its UIDs in CSV; - for stdin.")],
    format: Format = "",
    dry_run: DryRun = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Also where connected variants lose what they print.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take in a catalog file. It is checked whole before anything is written."""
    gcw = runtime(ctx)
    text, known = read_text(file), importing.format_of(file, format)
    with gcw.database.session() as session:
        read = importing.read(session, text, "stdin" if file == "-" else file, known)
        changes = importing.plan(session, read) if dry_run else importing.apply(session, read, act(gcw), yes=yes)
    shown = [{"kind": kind, **counts} for kind, counts in changes.counts().items()]
    output.rows(shown, as_json=as_json)
    for words in changes.warnings:
        output.warning(words)
    catalog_words.tell_broken(changes, dry_run=dry_run)
    output.note("Nothing was written." if dry_run else "Next: gcw catalog uids")


@app.command()
def export(
    ctx: typer.Context,
    to: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where to write it; - for stdout.")] = "-",
    format: Format = "",
    as_json: Json = False,
) -> None:
    """Write the catalog as a file that import takes back without a change. --json is --format json."""
    known = importing.format_of(to, format or ("json" if as_json and to == "-" else ""))
    with runtime(ctx).database.view() as session:
        text = exporting.text(session, known)
    if to == "-":
        output.text(text)
        return
    _write(to, text)
    output.thing({"file": to, "format": known, "bytes": len(text.encode())}, as_json=as_json)


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
    listed = [_offered(product, uid) for product in offered for uid in product.uids]
    if as_csv:
        listed = [{name: told for name, told in row.items() if name not in NESTED} for row in listed]
    columns = ["product", "variant", "uid", "print_areas"]
    output.rows(listed if as_json or as_csv else map(_in_short, listed), columns, as_json=as_json, as_csv=as_csv)
    if not listed:
        output.note(f"{found.name} may not order anything yet. See `gcw catalog product allow PRODUCT CUSTOMER`.")


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


def _offered(product: offer.OrderableProduct, uid: offer.OrderableUid) -> dict[str, Any]:
    """All that is known of one orderable variant; the shorter members first, for whoever reads them in a table."""
    return {
        "product": product.name,
        "variant": uid.variant,
        "uid": uid.uid,
        "categories": list(product.categories),
        "print_areas": [_area(area) for area in uid.areas],
        "description": product.description,
        "model": product.model,
        "printed": product.printed,
        "base": uid.base,
        "values": uid.values,
        "derived": uid.derived,
        "areas": [vars(area) for area in uid.areas],
    }


def _in_short(shown: dict[str, Any]) -> dict[str, Any]:
    """A row that fits: each print area that needs a design with its trim size, and how many others there are."""
    needed = [area for area in shown["areas"] if area["required"]]
    told = [f"{area['name']} {area['width_mm']:g} x {area['height_mm']:g} mm" for area in needed]
    if more := len(shown["areas"]) - len(needed):
        told.append(f"{more} optional")
    return shown | {"print_areas": ", ".join(told) if shown["printed"] else "pick-and-pack"}


def _area(area: offer.PrintArea) -> str:
    need = "" if area.required else " (optional)"
    return f"{area.name}{need}: {area.width_mm:g} x {area.height_mm:g} mm + {area.bleed_mm:g} mm bleed"


def _write(file: str, text: str) -> None:
    """Readable by its owner only, like every file that gcw makes."""
    try:
        Path(file).touch(mode=0o600)
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from error
