"""gcw catalog product: what customers may order, and who."""

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import catalog_words as words
from gcw_tiktok.commands.options import Csv, Json, act, runtime
from gcw_tiktok.errors import Usage
from gcw_tiktok.store.tables import Customer, CustomerProduct, ProductModel
from gcw_tiktok.workflow import customers
from gcw_tiktok.workflow.catalog import editing, now, shapes
from gcw_tiktok.workflow.catalog.editing import ProductEdit
from gcw_tiktok.workflow.catalog.now import Now

if TYPE_CHECKING:
    from sqlmodel import Session

app = typer.Typer(add_completion=False, no_args_is_help=True, help="What customers may order, and who.")
Product = Annotated[str, typer.Argument(metavar="PRODUCT", help="A customer product's name or id.")]
Base = Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A value that all of it has.")]
Variants = Annotated[
    list[str] | None, typer.Option("--variant", metavar="NAME=VALUE,VALUE", help="Values that customers choose from.")
]
NoUids = Annotated[bool, typer.Option("--no-uids", help="Make up none: production has given them.")]
Some = Annotated[list[str] | None, typer.Argument(metavar="[CUSTOMER...]", help="Customers, by name, reference or id.")]
All = Annotated[bool, typer.Option("--all", help="All customers.")]
Withdraw = Annotated[bool, typer.Option("--yes", "-y", help="Also where connected variants lose what they print.")]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What customers call the product.")],
    model: Annotated[str, typer.Option(metavar="MODEL", help="The model that it is made from.")],
    base: Base = None,
    variant: Variants = None,
    description: Annotated[str, typer.Option(help="What customers read about it.")] = "",
    customer: Annotated[list[str] | None, typer.Option(help="Who may order it.")] = None,
    all_customers: Annotated[bool, typer.Option("--all-customers", help="All customers may order it.")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="Publish it; without, it is a draft.")] = False,
    no_uids: NoUids = False,
    as_json: Json = False,
) -> None:
    """Add a customer product, with a product UID for each combination of its values."""
    if customer and all_customers:
        raise Usage("--customer and --all-customers exclude each other.", "Leave one of them out.")
    gcw = runtime(ctx)
    edit = _edit(description or None, base, variant, no_uids)
    with gcw.database.session() as session:
        of = editing.find(session, ProductModel, model)
        who = None if all_customers else _customers(session, customer)
        changes = editing.add_product(session, act(gcw), name, of, edit, published=publish, customers=who)
        shown = _shown(now.load(session), editing.find(session, CustomerProduct, name))
    _print(words.shown(shown, changes, as_json=as_json), as_json=as_json)
    words.tell(changes)
    if not publish:
        output.note(f"It is a draft. Next: gcw catalog product publish {shlex.quote(shown['name'])}")


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, as_csv: Csv = False) -> None:
    """List the customer products."""
    with runtime(ctx).database.view() as session:
        have = now.load(session)
    listed = [_row(_shown(have, have.products[name])) for name in sorted(have.products)]
    output.rows(listed, as_json=as_json, as_csv=as_csv, may_go=["id", "categories", "model"])
    if not listed:
        output.note("No products yet. Begin with `gcw catalog import FILE` or `gcw catalog product add NAME`.")


@app.command()
def show(ctx: typer.Context, product: Product, as_json: Json = False) -> None:
    """Show one customer product: who may order it, and its UIDs."""
    with runtime(ctx).database.view() as session:
        shown = _shown(now.load(session), editing.find(session, CustomerProduct, product))
    _print(shown, as_json=as_json)


@app.command()
def edit(
    ctx: typer.Context,
    product: Product,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    base: Base = None,
    variant: Variants = None,
    description: Annotated[str | None, typer.Option(help="What customers read; empty to remove it.")] = None,
    no_uids: NoUids = False,
    yes: Withdraw = False,
    as_json: Json = False,
) -> None:
    """Change a customer product. --variant gives an attribute's values anew; new ones get UIDs."""
    gcw = runtime(ctx)
    wanted = _edit(description, base, variant, no_uids)
    with gcw.database.session() as session:
        found = editing.find(session, CustomerProduct, product)
        renamed = name is not None and editing.rename(session, act(gcw), found, name)
        changes = editing.edit_product(session, act(gcw), found, wanted, yes=yes)
        shown = _shown(now.load(session), found)
    _print(words.shown(shown, changes, as_json=as_json), as_json=as_json)
    words.tell(changes, renamed=renamed)


@app.command()
def publish(ctx: typer.Context, product: Product, as_json: Json = False) -> None:
    """Publish a draft, so that those who are allowed may order it."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = editing.find(session, CustomerProduct, product)
        changes = editing.publish(session, act(gcw), found, True)
        shown = _shown(now.load(session), found)
    _print(words.shown(shown, changes, as_json=as_json), as_json=as_json)
    words.tell(changes)


@app.command()
def withdraw(ctx: typer.Context, product: Product, yes: Withdraw = False, as_json: Json = False) -> None:
    """Make it a draft again, which nobody may order; where variants print it, --yes is needed."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = editing.find(session, CustomerProduct, product)
        changes = editing.publish(session, act(gcw), found, False, yes=yes)
        shown = _shown(now.load(session), found)
    _print(words.shown(shown, changes, as_json=as_json), as_json=as_json)
    words.tell(changes)


@app.command()
def allow(
    ctx: typer.Context,
    product: Product,
    customer: Some = None,
    everyone: All = False,
    only: Annotated[bool, typer.Option("--only", help="These customers, and nobody else any more.")] = False,
    yes: Withdraw = False,
    as_json: Json = False,
) -> None:
    """Let customers order a product."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = editing.find(session, CustomerProduct, product)
        who = _who(session, customer, everyone)
        changes = editing.allow(session, act(gcw), found, who, only=only, yes=yes)
        shown = _shown(now.load(session), found)
    _print(words.shown(shown, changes, as_json=as_json), as_json=as_json)
    words.tell(changes)


@app.command()
def disallow(
    ctx: typer.Context,
    product: Product,
    customer: Some = None,
    everyone: All = False,
    yes: Withdraw = False,
    as_json: Json = False,
) -> None:
    """Take a product away from customers; where their variants print it, --yes is needed."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = editing.find(session, CustomerProduct, product)
        changes = editing.disallow(session, act(gcw), found, _who(session, customer, everyone), yes=yes)
        shown = _shown(now.load(session), found)
    _print(words.shown(shown, changes, as_json=as_json), as_json=as_json)
    words.tell(changes)


@app.command()
def uid(
    ctx: typer.Context,
    product: Product,
    uid: Annotated[str, typer.Argument(metavar="UID", help="A UID that production has given; taken as it is.")],
    value: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE...]", help="What it stands for.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove a UID that was never connected.")] = False,
    as_json: Json = False,
) -> None:
    """Give one choice of a product's values the UID that production knows it by."""
    if remove and value:
        raise Usage("--remove takes no values.", "Leave them out.")
    gcw = runtime(ctx)
    changes = None
    with gcw.database.session() as session:
        found = editing.find(session, CustomerProduct, product)
        if remove:
            editing.remove_uid(session, act(gcw), found, uid)
        else:
            changes = editing.set_uid(session, act(gcw), found, uid, words.pairs(value, "NAME=VALUE"))
        session.flush()
        shown = _shown(now.load(session), found)
    _print(shown, as_json=as_json)
    if changes:
        words.tell(changes)


@app.command()
def remove(ctx: typer.Context, product: Product, as_json: Json = False) -> None:
    """Remove a product that was never connected. Any other can be withdrawn."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = editing.find(session, CustomerProduct, product)
        editing.remove_product(session, act(gcw), found)
    output.thing({"name": found.name, "removed": True}, as_json=as_json)


def _edit(description: str | None, base: list[str] | None, variant: list[str] | None, no_uids: bool) -> ProductEdit:
    return ProductEdit(
        description=description,
        base=words.pairs(base, "--base"),
        variants=words.lists(variant, "--variant"),
        generate=not no_uids,
    )


def _who(session: "Session", named: list[str] | None, everyone: bool) -> list[Customer] | None:
    if bool(named) == everyone:
        raise Usage("Name customers, or say --all.", "See `gcw customer list`.")
    return None if everyone else _customers(session, named)


def _customers(session: "Session", named: list[str] | None) -> list[Customer]:
    return [customers.find(session, one) for one in named or []]


def _print(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.thing(shown, as_json=True)
        return
    output.thing({name: told for name, told in shown.items() if name != "uids"})
    if shown["uids"]:
        output.heading("Product UIDs")
    output.rows(shown["uids"])


def _shown(have: Now, row: CustomerProduct) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "model": have.model_of[row.name],
        "description": row.description,
        "base": row.base,
        "variants": row.variants,
        "published": row.published,
        "all_customers": row.all_customers,
        "customers": sorted(have.access.get(row.name, ())),
        "categories": [name for name, products in sorted(have.categories.items()) if row.name in products],
        "uids": [
            {
                "uid": uid,
                "values": values,
                "offered": shapes.offers(row.variants, values),
                "connected": uid in have.in_use,
            }
            for uid, values in have.uids_of(row.name)
        ],
    }


def _row(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": shown["id"],
        "name": shown["name"],
        "model": shown["model"],
        "published": shown["published"],
        "customers": "all" if shown["all_customers"] else shown["customers"],
        "categories": shown["categories"],
        "uids": sum(one["offered"] for one in shown["uids"]),
    }
