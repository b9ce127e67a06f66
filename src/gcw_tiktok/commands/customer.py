"""gcw customer: the people you print for."""

import shlex
from typing import Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import customer_admin
from gcw_tiktok.commands.options import Csv, Json, act, runtime
from gcw_tiktok.errors import Usage
from gcw_tiktok.store.tables import Customer, Facility
from gcw_tiktok.workflow import customers, facilities

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The people you print for.")
Name = Annotated[str, typer.Argument(metavar="CUSTOMER", help="A customer's name, reference or id.")]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What you call the customer.")],
    reference: Annotated[str, typer.Option(help="The customer's number in your own system.")] = "",
    description: Annotated[str, typer.Option(help="A note for yourselves.")] = "",
    storefronts: Annotated[bool, typer.Option("--storefronts", help="Give access to Storefronts Connect.")] = False,
    admin_email: Annotated[str, typer.Option(help="Invite this person as its admin.", metavar="ADDRESS")] = "",
    admin_first_name: Annotated[str, typer.Option(help="Their first name.")] = "",
    admin_last_name: Annotated[str, typer.Option(help="Their last name.")] = "",
    as_json: Json = False,
) -> None:
    """Add a customer, and where it has access invite its first admin."""
    if admin_email and not storefronts:
        raise Usage("An admin needs access to Storefronts Connect.", "Add --storefronts.")
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        added = customers.add(
            session, act(gcw), name, reference=reference, description=description, storefronts=storefronts
        )
        invited = (
            customer_admin.invite(session, gcw, added, admin_email, admin_first_name, admin_last_name)
            if admin_email
            else None
        )
    if invited is None:
        output.thing(_shown(added), as_json=as_json)
    else:
        customer_admin.tell_first(gcw, _shown(added), invited, added, as_json)
    if not storefronts:
        output.note(f"Its shop can be connected after `gcw customer storefronts {shlex.quote(added.name)} on`.")


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, as_csv: Csv = False) -> None:
    """List the customers."""
    with runtime(ctx).database.view() as session:
        listed = [_shown(customer) for customer in customers.everyone(session)]
    output.rows(listed, as_json=as_json, as_csv=as_csv)
    if not listed:
        output.note("No customers yet. Begin with `gcw customer add NAME --storefronts`.")


@app.command()
def show(ctx: typer.Context, customer: Name, as_json: Json = False) -> None:
    """Show one customer and its stores."""
    with runtime(ctx).database.view() as session:
        found = customers.find(session, customer)
        stores = [f"{store.name} ({store.status})" for store in customers.stores_of(session, found)]
        place = session.get(Facility, found.facility_id) if found.facility_id is not None else None
        admins = customer_admin.named(session, found)
    facts = {"facility": place.name if place else "", "admins": admins, "stores": stores}
    output.thing(_shown(found) | facts, as_json=as_json)


@app.command()
def edit(
    ctx: typer.Context,
    customer: Name,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    reference: Annotated[str | None, typer.Option(help="A new reference; empty to remove it.")] = None,
    description: Annotated[str | None, typer.Option(help="A new note.")] = None,
    as_json: Json = False,
) -> None:
    """Change a customer's name, reference or description."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = customers.find(session, customer)
        changed = customers.edit(session, act(gcw), found, name=name, reference=reference, description=description)
    output.thing(_shown(found), as_json=as_json)
    output.note(f"Changed: {', '.join(changed)}." if changed else "Nothing to change.")


@app.command()
def storefronts(
    ctx: typer.Context,
    customer: Name,
    switch: Annotated[str, typer.Argument(metavar="on|off", help="Whether the customer has access.")],
    facility: Annotated[
        str, typer.Option(help="Where orders of shops that the customer connects itself are made.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Switch a customer's access to Storefronts Connect on or off. Off signs its people out at once."""
    if switch not in ("on", "off"):
        raise typer.BadParameter("write on or off", param_hint="switch")
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = customers.find(session, customer)
        place = facilities.find(session, facility) if facility else None
        changed = customers.set_storefronts(session, act(gcw), found, switch == "on", place)
    output.thing(_shown(found) | ({"facility": place.name} if place else {}), as_json=as_json)
    output.note(f"Storefronts Connect is {switch} for {found.name}{'' if changed else ' already'}.")


app.add_typer(customer_admin.app, name="admin")


def _shown(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "name": customer.name,
        "reference": customer.reference,
        "storefronts": customer.storefronts,
        "description": customer.description,
    }
