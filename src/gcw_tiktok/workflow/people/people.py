"""The people who may use the pages: a customer's admins, and the PSP's operators."""

import secrets
import shlex
from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput, SetupMissing
from gcw_tiktok.store.tables import Customer, LinkPurpose, Person, PersonStatus
from gcw_tiktok.workflow import history, mail
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.people import links, passwords

LONGEST_NAME = 100


def subject(person: Person) -> str:
    """Under what a person's history is kept."""
    return f"person:{person.id}"


def name_of(person: Person) -> str:
    """How a person is addressed."""
    return f"{person.first_name} {person.last_name}".strip() or person.email


def invite(
    session: Session, act: Act, customer: Customer | None, email: str, first_name: str, last_name: str
) -> tuple[Person, str]:
    """A new person and the secret of the link that leads in. Without a customer it is an operator."""
    email = cleaned(email)
    if customer is not None and not customer.storefronts:
        raise BadInput(
            f"{customer.name} has no access to Storefronts Connect.",
            f"Run `gcw customer storefronts {shlex.quote(customer.name)} on`.",
            code="storefronts_off",
        )
    known = session.exec(select(Person).where(Person.email == email)).first()
    customer_id = customer.id if customer else None
    if known is not None and (known.status != PersonStatus.REVOKED or known.customer_id != customer_id):
        raise _known_already(known, customer)
    person = known or Person(email=email, session_key="", invited_at=act.now)
    person.first_name, person.last_name = _name("first", first_name), _name("last", last_name)
    person.customer_id, person.status, person.password = customer_id, PersonStatus.INVITED, ""
    person.session_key, person.invited_by, person.invited_at = _new_key(), act.who, act.now
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
    person.invited_at, person.invited_by = act.now, act.who
    session.add(person)
    history.record(session, act, subject(person), "invited again")
    return links.make(session, LinkPurpose.INVITATION, act.now, person_id=person.id)


def revoke(session: Session, act: Act, person: Person) -> bool:
    """Lets somebody in no longer, from this moment on; whether that changed anything."""
    if person.status == PersonStatus.REVOKED:
        return False
    assert person.id is not None
    person.status, person.password, person.session_key = PersonStatus.REVOKED, "", _new_key()
    links.forget(session, person.id)
    session.add(person)
    history.record(session, act, subject(person), "revoked")
    return True


def set_password(session: Session, act: Act, person: Person, password: str) -> None:
    """Sets the first or a new password, and ends every session that the person had."""
    assert person.id is not None
    passwords.check(password, person.email)
    what = "came in" if person.status == PersonStatus.INVITED else "set a new password"
    person.password, person.session_key = passwords.hashed(password), _new_key()
    person.status = PersonStatus.ACTIVE
    links.forget(session, person.id)
    session.add(person)
    history.record(session, act, subject(person), what)


def of(session: Session, customer_id: int | None) -> Sequence[Person]:
    """A customer's people, or the operators, by address."""
    return session.exec(select(Person).where(Person.customer_id == customer_id).order_by(Person.email)).all()


def find(session: Session, customer_id: int | None, email: str, listed_by: str) -> Person:
    """The one of them with this address or id."""
    for person in of(session, customer_id):
        if email.strip().casefold() in (person.email, str(person.id)):
            return person
    raise BadInput(f"Nobody has the address {email} there.", f"See `{listed_by}`.")


def may_enter(session: Session, person: Person) -> bool:
    """Whether somebody may use the pages now: their customer's access may be switched off."""
    if person.status != PersonStatus.ACTIVE:
        return False
    return person.customer_id is None or session.get_one(Customer, person.customer_id).storefronts


def by_session(session: Session, session_key: str) -> Person | None:
    """Whose session this is, while it lasts."""
    person = session.exec(select(Person).where(Person.session_key == session_key)).first()
    return person if person is not None and may_enter(session, person) else None


def require_operators(session: Session) -> None:
    """Says how the first operator is made, while there is none."""
    if not session.exec(select(func.count()).select_from(Person).where(col(Person.customer_id).is_(None))).one():
        raise SetupMissing("No operator may sign in yet.", "Run `gcw operator add ADDRESS`.")


def cleaned(email: str) -> str:
    """A mail address in the one form in which it is kept."""
    return mail.checked_address(email).casefold()


def _name(which: str, given: str) -> str:
    found = " ".join(given.split())
    if len(found) > LONGEST_NAME or not found.isprintable():
        raise BadInput(f"The {which} name may have {LONGEST_NAME} letters at most.")
    return found


def _known_already(known: Person, customer: Customer | None) -> BadInput:
    """Says no more of another customer's person than that the address is taken."""
    if known.customer_id != (customer.id if customer else None):
        return BadInput(f"{known.email} is in use already.", "Each person needs an address of their own.")
    if known.status == PersonStatus.INVITED:
        return BadInput(f"{known.email} is invited already.", "Send the invitation once more with `resend`.")
    return BadInput(f"{known.email} is there already.", "On the sign-in page, `Forgotten?` leads to a new password.")


def _new_key() -> str:
    return secrets.token_urlsafe(32)
