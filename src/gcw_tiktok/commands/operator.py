"""gcw operator: the PSP's own people, who see the pages of all customers."""

from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import customer_admin as admins
from gcw_tiktok.commands.customer_admin import FirstName, Invited, LastName
from gcw_tiktok.commands.options import Csv, Json, act, runtime

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Your own people, who see the pages of all customers."
)
Operator = Annotated[str, typer.Argument(metavar="OPERATOR", help="An operator's mail address, name or id.")]
COLUMNS = [name for name in admins.COLUMNS if name != "customer"]


@app.command()
def add(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="What they sign in with.")],
    first_name: FirstName = "",
    last_name: LastName = "",
    as_json: Json = False,
) -> None:
    """Invite one of your own people, who sees all customers. The link is mailed, or printed where no mail can go."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        invited = admins.invite(session, gcw, None, email, first_name, last_name)
    admins.tell(gcw, invited, None, as_json)


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, as_csv: Csv = False) -> None:
    """List the operators, and how far each has come."""
    from gcw_tiktok.workflow.people import people

    with runtime(ctx).database.view() as session:
        listed = admins.rows(session, [(person, None) for person in people.of(session, None)])
    output.rows(listed, COLUMNS, as_json=as_json, as_csv=as_csv, may_go=["invited_at"])
    if not listed:
        output.note("No operators yet. Begin with `gcw operator add EMAIL`.")


@app.command()
def resend(ctx: typer.Context, operator: Operator, as_json: Json = False) -> None:
    """Invite somebody once more who has not come yet. The link of before works no more."""
    from gcw_tiktok.workflow.people import people

    gcw = runtime(ctx)
    with gcw.database.session() as session:
        person = people.find_operator(session, operator)
        invited = Invited(person, people.invite_again(session, act(gcw), person))
    admins.tell(gcw, invited, None, as_json)


@app.command()
def revoke(ctx: typer.Context, operator: Operator, as_json: Json = False) -> None:
    """Let somebody in no longer. They are signed out everywhere at once."""
    from gcw_tiktok.workflow.people import people

    gcw = runtime(ctx)
    with gcw.database.session() as session:
        person = people.find_operator(session, operator)
        changed = people.revoke(session, act(gcw), person)
    output.thing(admins.shown(person, None), as_json=as_json)
    admins.say_revoked(person, changed)
