"""gcw catalog category: the groups that customers browse by."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, Json, act, runtime
from gcw_tiktok.store.tables import Category, CustomerProduct
from gcw_tiktok.workflow.catalog import editing, now

if TYPE_CHECKING:
    from sqlmodel import Session

    from gcw_tiktok.workflow.catalog.importing import Changes

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The groups that customers browse by.")
Name = Annotated[str, typer.Argument(metavar="CATEGORY", help="A category's name or id.")]
Some = Annotated[list[str], typer.Argument(metavar="PRODUCT...", help="Customer products, by name or id.")]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What customers call it.")],
    products: Annotated[list[str] | None, typer.Argument(metavar="[PRODUCT...]", help="What is in it.")] = None,
    as_json: Json = False,
) -> None:
    """Add a category."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        changes = editing.add_category(session, act(gcw), name, _names(session, products or []))
        shown = _shown(session, editing.find(session, Category, name))
    _tell(shown, changes, as_json=as_json)


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, as_csv: Csv = False) -> None:
    """List the categories."""
    with runtime(ctx).database.view() as session:
        have = now.load(session)
        listed = [_shown(session, row) for row in now.by_name(session, Category).values()]
    listed.sort(key=lambda one: one["name"])
    output.rows(listed, ["name", "products"], as_json=as_json, as_csv=as_csv)
    if not have.categories:
        output.note("No categories yet. Begin with `gcw catalog category add NAME`.")


@app.command()
def show(ctx: typer.Context, category: Name, as_json: Json = False) -> None:
    """Show one category and what is in it."""
    with runtime(ctx).database.view() as session:
        output.thing(_shown(session, editing.find(session, Category, category)), as_json=as_json)


@app.command()
def put(ctx: typer.Context, category: Name, products: Some, as_json: Json = False) -> None:
    """Put products into a category."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = editing.find(session, Category, category)
        changes = editing.categorise(session, act(gcw), found.name, put=_names(session, products))
        shown = _shown(session, found)
    _tell(shown, changes, as_json=as_json)


@app.command()
def take(ctx: typer.Context, category: Name, products: Some, as_json: Json = False) -> None:
    """Take products out of a category."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = editing.find(session, Category, category)
        changes = editing.categorise(session, act(gcw), found.name, take=_names(session, products))
        shown = _shown(session, found)
    _tell(shown, changes, as_json=as_json)


@app.command()
def edit(
    ctx: typer.Context,
    category: Name,
    name: Annotated[str, typer.Option(help="A new name.")],
    as_json: Json = False,
) -> None:
    """Give a category another name."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = editing.find(session, Category, category)
        renamed = editing.rename(session, act(gcw), found, name)
        shown = _shown(session, found)
    output.thing(shown, as_json=as_json)
    if not renamed:
        output.note("Nothing to change.")


@app.command()
def remove(ctx: typer.Context, category: Name, as_json: Json = False) -> None:
    """Remove a category. Its products stay."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = editing.find(session, Category, category)
        editing.remove_category(session, act(gcw), found)
    output.thing({"name": found.name, "removed": True}, as_json=as_json)


def _tell(shown: dict[str, Any], changes: "Changes", *, as_json: bool) -> None:
    output.thing(shown, as_json=as_json)
    if not changes.count("new") and not changes.count("changed"):
        output.note("Nothing to change.")


def _names(session: "Session", products: list[str]) -> list[str]:
    return [editing.find(session, CustomerProduct, one).name for one in products]


def _shown(session: "Session", row: Category) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "products": editing.products_in(session, row)}
