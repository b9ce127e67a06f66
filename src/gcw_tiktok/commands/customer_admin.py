"""gcw customer admin: a customer's own people, who use the pages of Storefronts Connect."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import portal
from gcw_tiktok.commands.options import Csv, Json, act, runtime
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import times

if TYPE_CHECKING:
    from sqlmodel import Session

    from gcw_tiktok.store.tables import Customer, Person
    from gcw_tiktok.workflow.people.inviting import Sent

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="A customer's own people, who use Storefronts Connect."
)
Admin = Annotated[str, typer.Argument(metavar="ADMIN", help="A customer admin's mail address, name or id.")]
FirstName = Annotated[str, typer.Option(help="The first name, as the mail says hello.")]
LastName = Annotated[str, typer.Option(help="The last name.")]
COLUMNS = ["email", "name", "customer", "status", "invited_at", "link_ends_at", "signed_in_at"]


@dataclass(frozen=True)
class Invited:
    """Somebody with a new link."""

    person: "Person"
    secret: str


@app.command()
def add(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="A customer's name, reference or id.")],
    email: Annotated[str, typer.Option(help="Where the invitation goes, and what they sign in with.")],
    first_name: FirstName = "",
    last_name: LastName = "",
    as_json: Json = False,
) -> None:
    """Invite somebody to Storefronts Connect for a customer. The link is mailed, or printed where no mail can go."""
    from gcw_tiktok.workflow import customers

    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = customers.find(session, customer)
        invited = invite(session, gcw, found, email, first_name, last_name)
    tell(gcw, invited, found, as_json)


@app.command("list")
def list_(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="[CUSTOMER]", help="Only this customer's.")] = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the customer admins, and how far each has come."""
    from gcw_tiktok.workflow import customers
    from gcw_tiktok.workflow.people import people

    with runtime(ctx).database.view() as session:
        only = customers.find(session, customer).id if customer else None
        admins = [(person, one) for person, one in people.everyones_admins(session) if only in (None, one.id)]
        listed = rows(session, admins)
    output.rows(listed, COLUMNS, as_json=as_json, as_csv=as_csv, may_go=["invited_at", "customer"])
    if not listed:
        output.note("No customer admins yet. Begin with `gcw customer admin add CUSTOMER --email ADDRESS`.")


@app.command()
def resend(ctx: typer.Context, admin: Admin, as_json: Json = False) -> None:
    """Invite somebody once more who has not come yet. The link of before works no more."""
    from gcw_tiktok.workflow.people import people

    gcw = runtime(ctx)
    with gcw.database.session() as session:
        person, customer = people.find_admin(session, admin)
        invited = Invited(person, people.invite_again(session, act(gcw), person))
    tell(gcw, invited, customer, as_json)


@app.command()
def revoke(ctx: typer.Context, admin: Admin, as_json: Json = False) -> None:
    """Let somebody in no longer. They are signed out everywhere at once."""
    from gcw_tiktok.workflow.people import people

    gcw = runtime(ctx)
    with gcw.database.session() as session:
        person, customer = people.find_admin(session, admin)
        changed = people.revoke(session, act(gcw), person)
    output.thing(shown(person, customer), as_json=as_json)
    say_revoked(person, changed)


def invite(
    session: "Session", gcw: Runtime, customer: "Customer | None", email: str, first_name: str, last_name: str
) -> Invited:
    """A new person, and the secret of the link that leads in."""
    from gcw_tiktok.workflow.people import people

    return Invited(*people.invite(session, act(gcw), customer, email, first_name, last_name))


def send(gcw: Runtime, invited: Invited, customer: "Customer | None") -> "Sent":
    """Mails the link, and says what is to be done where that cannot be."""
    from gcw_tiktok.store.tables import LinkPurpose
    from gcw_tiktok.workflow.people import inviting

    desk, purpose = portal.desk(gcw), LinkPurpose.INVITATION
    return inviting.send(desk, invited.person, customer, purpose, invited.secret, gcw.now())


def tell(gcw: Runtime, invited: Invited, customer: "Customer | None", as_json: bool) -> None:
    """Sends the invitation and shows who is invited."""
    sent = send(gcw, invited, customer)
    output.thing(told(invited.person, customer, sent), as_json=as_json)
    portal.say(gcw, sent, invited.person.email)


def tell_first(gcw: Runtime, shown: dict[str, Any], invited: Invited, customer: "Customer", as_json: bool) -> None:
    """The same for a customer who was added with its first admin."""
    sent = send(gcw, invited, customer)
    admin = told(invited.person, customer, sent)
    if as_json:
        output.thing(shown | {"admin": admin}, as_json=True)
    else:
        output.thing(shown)
        output.heading("Its first admin")
        output.thing(admin)
    portal.say(gcw, sent, invited.person.email)


def told(person: "Person", customer: "Customer | None", sent: "Sent") -> dict[str, Any]:
    """Somebody who was just invited, and what became of the link."""
    return shown(person, customer) | portal.told(sent)


def say_revoked(person: "Person", changed: bool) -> None:
    """What revoking did."""
    output.note(
        f"{person.email} is signed out everywhere, and may not sign in any more."
        if changed
        else f"{person.email} was revoked already."
    )


def named(session: "Session", customer: "Customer") -> list[str]:
    """A customer's admins in short."""
    from gcw_tiktok.workflow.people import people

    return [f"{one.email} ({one.status})" for one in people.of(session, customer.id)]


def rows(session: "Session", found: "Iterable[tuple[Person, Customer | None]]") -> list[dict[str, Any]]:
    """People with how far each has come."""
    from gcw_tiktok.store.tables import LinkPurpose
    from gcw_tiktok.workflow.people import links

    everybody = list(found)
    ends = links.ends(session, [person.id for person, _ in everybody], LinkPurpose.INVITATION)
    return [
        shown(person, customer) | {"link_ends_at": times.shown(ends.get(person.id))} for person, customer in everybody
    ]


def shown(person: "Person", customer: "Customer | None") -> dict[str, Any]:
    """One person."""
    from gcw_tiktok.workflow.people import people

    whose = {"customer": customer.name} if customer else {}
    return {
        "id": person.id,
        "email": person.email,
        "name": people.name_of(person),
        **whose,
        "status": person.status.value,
        "invited_by": person.invited_by,
        "invited_at": times.shown(person.invited_at),
        "signed_in_at": times.shown(person.signed_in_at),
    }
