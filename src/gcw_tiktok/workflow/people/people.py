"""The people who may use the pages: a customer's admins, and the PSP's operators."""

import shlex
from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Customer, LinkPurpose, Person, PersonStatus
from gcw_tiktok.workflow import history, mail, naming
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.people import links, visits

LONGEST_NAME = 100
NOT_IN_NAMES = frozenset("/\\@:<>")
"""Names stand in mails to others; with these they could lead somewhere."""


def subject(person: Person) -> str:
    """Under what a person's history is kept."""
    return f"person:{person.id}"


def name_of(person: Person) -> str:
    """How a person is addressed."""
    return f"{person.first_name} {person.last_name}".strip() or person.email


def invite(
    session: Session, act: Act, customer: Customer | None, email: str, first_name: str, last_name: str
) -> tuple[Person, str]:
    """A new person and the secret of the link that leads in. Without a customer it is an operator.

    Whoever was revoked is a new person, wherever they were before.
    """
    email = cleaned(email)
    if customer is not None and not customer.storefronts:
        raise no_access(customer)
    known = session.exec(select(Person).where(Person.email == email)).first()
    if known is not None and known.status != PersonStatus.REVOKED:
        raise _known_already(known, customer)
    person = known or Person(email=email, invited_at=act.now)
    person.first_name, person.last_name = _name("first", first_name), _name("last", last_name)
    person.customer_id, person.status = customer.id if customer else None, PersonStatus.INVITED
    person.password, person.signed_in_at = "", None
    person.invited_by, person.invited_at = act.who, act.now
    session.add(person)
    session.flush()
    history.record(session, act, subject(person), "invited", customer=customer.name if customer else "")
    return person, links.make(session, LinkPurpose.INVITATION, act.now, person_id=person.id)


def invite_again(session: Session, act: Act, person: Person) -> str:
    """The secret of a new link for somebody who has not come yet; the old one is dead."""
    if person.status != PersonStatus.INVITED:
        word = "has a password already" if person.status == PersonStatus.ACTIVE else "was revoked"
        hint = "On the sign-in page, `Forgotten?` leads to a new one." if person.status == PersonStatus.ACTIVE else ""
        raise BadInput(f"{person.email} {word}.", hint or "Add the person again.")
    customer = session.get_one(Customer, person.customer_id) if person.customer_id is not None else None
    if customer is not None and not customer.storefronts:
        raise no_access(customer)
    person.invited_at, person.invited_by = act.now, act.who
    session.add(person)
    history.record(session, act, subject(person), "invited again")
    return links.make(session, LinkPurpose.INVITATION, act.now, person_id=person.id)


def revoke(session: Session, act: Act, person: Person) -> bool:
    """Lets somebody in no longer, from this moment on; whether that changed anything."""
    if person.status == PersonStatus.REVOKED:
        return False
    person.status, person.password = PersonStatus.REVOKED, ""
    _turn_out(session, person)
    history.record(session, act, subject(person), "revoked")
    return True


def set_password(session: Session, act: Act, person: Person, hashed: str) -> None:
    """Takes the first or a new password as it is kept, and signs the person out everywhere."""
    what = "came in" if person.status == PersonStatus.INVITED else "set a new password"
    person.status, person.password = PersonStatus.ACTIVE, hashed
    _turn_out(session, person)
    history.record(session, act, subject(person), what)


def of(session: Session, customer_id: int | None) -> Sequence[Person]:
    """A customer's people, or the operators, by address."""
    return session.exec(select(Person).where(Person.customer_id == customer_id).order_by(Person.email)).all()


def may_come(session: Session, customer_id: int | None) -> bool:
    """Whether any of a customer's people, or of the operators, is in or invited."""
    return any(one.status != PersonStatus.REVOKED for one in of(session, customer_id))


def everyones_admins(session: Session) -> Sequence[tuple[Person, Customer]]:
    """The admins of all customers, by customer and address."""
    both = select(Person, Customer).join(Customer, col(Person.customer_id) == Customer.id)
    return session.exec(both.order_by(func.lower(Customer.name), Person.email)).all()


def find_admin(session: Session, wanted: str) -> tuple[Person, Customer]:
    """The customer admin with this address, name or id, and whose admin it is."""
    admins = everyones_admins(session)
    return naming.choose("customer admin", wanted, admins, lambda one: _names(one[0]), "gcw customer admin list")


def find_operator(session: Session, wanted: str) -> Person:
    """The operator with this address, name or id."""
    return naming.choose("operator", wanted, of(session, None), _names, "gcw operator list")


def no_access(customer: Customer) -> BadInput:
    """The customer may not use the pages."""
    return BadInput(
        f"{customer.name} has no access to Storefronts Connect.",
        f"Run `gcw customer storefronts {shlex.quote(customer.name)} on`.",
        code="storefronts_off",
    )


def cleaned(email: str) -> str:
    """A mail address in the one form in which it is kept."""
    return mail.checked_address(email).casefold()


def _names(person: Person) -> tuple[str, ...]:
    return person.email, name_of(person), str(person.id)


def _name(which: str, given: str) -> str:
    found = " ".join(given.split())
    if len(found) > LONGEST_NAME:
        raise BadInput(f"The {which} name may have {LONGEST_NAME} letters at most.")
    if not found.isprintable() or NOT_IN_NAMES & set(found):
        raise BadInput(f"The {which} name has a character that no name has.", "Use letters, blanks, ' and -.")
    return found


def _known_already(known: Person, customer: Customer | None) -> BadInput:
    """Says no more of another customer's person than that the address is taken."""
    if known.customer_id != (customer.id if customer else None):
        return BadInput(f"{known.email} is in use already.", "Each person needs an address of their own.")
    if known.status == PersonStatus.INVITED:
        return BadInput(f"{known.email} is invited already.", "It can be sent once more: `resend`.")
    return BadInput(f"{known.email} is there already.", "On the sign-in page, `Forgotten?` leads to a new password.")


def _turn_out(session: Session, person: Person) -> None:
    """No link and no browser lets the person in any more."""
    assert person.id is not None
    links.forget(session, person.id)
    visits.end_all_of(session, person)
    session.add(person)
