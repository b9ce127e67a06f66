"""Signing in: by address and password, not too often in vain, and by links where the password is missing."""

from dataclasses import dataclass

from sqlmodel import Session, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Customer, Link, LinkPurpose, Person, PersonStatus
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.people import links, passwords, people, tries, visits
from gcw_tiktok.workflow.people.tries import Limit

MOST_OF_A_PERSON, MOST_OF_AN_ADDRESS = 5, 30
"""Tries in vain within a quarter of an hour, after which nobody is let in: for one person, and from one network
address."""
WRONG = "That is not the address and password of anybody who may sign in here."


@dataclass(frozen=True)
class Entered:
    """Somebody who is in, and the secret by which their browser shows it."""

    person: Person
    customer: Customer | None
    secret: str


def sign_in(database: Database, seal: Seal, email: str, password: str, address: str, now: int) -> Entered:
    """Who it is. `BadInput` when the two do not go together, `TryAgain` after too many tries."""
    email = _typed(email)
    counted = tries.count(database, seal, _limits("person", email, address), now)
    with database.view() as session:
        person, customer = _known(session, email)
        may = person is not None and visits.may_enter(person, customer)
    kept = person.password if person is not None and may else ""
    if not passwords.fits(kept, password) or person is None:
        raise BadInput(WRONG, "After a few tries you have to wait; `Forgotten?` leads to a new password.", code="wrong")
    renewed = passwords.hashed(password) if passwords.is_outdated(kept) else ""
    with database.session() as session:
        found = session.get_one(Person, person.id)
        if found.password != kept:  # revoked, or another password set, this very moment
            raise BadInput(WRONG, code="wrong")
        found.password = renewed or kept
        entered = _enter(session, found, customer, "signed in", now)
    tries.forget(database, counted)
    tries.forgive(database, seal, "person", email)
    return entered


def look(session: Session, purpose: LinkPurpose, secret: str, now: int) -> tuple[Person, Customer | None]:
    """Whom a link would lead in. Looking does not use it."""
    return _led_in(session, links.look(session, purpose, secret, now))


def accept(database: Database, seal: Seal, purpose: LinkPurpose, secret: str, password: str, now: int) -> Entered:
    """The person whom the link leads in, with the password that they choose. A refused password leaves it working."""
    with database.view() as session:
        person, customer = look(session, purpose, secret, now)
    known = (person.email, person.first_name, person.last_name, customer.name if customer else "")
    passwords.check(password, *known)
    hashed = passwords.hashed(password)
    with database.session() as session:
        person, customer = _led_in(session, links.use(session, purpose, secret, now))
        people.set_password(session, Act(person.email, now), person, hashed)
        entered = _enter(session, person, customer, "signed in", now)
    tries.forgive(database, seal, "person", person.email)
    return entered


def leave(database: Database, secret: str) -> None:
    """Signs out the browser that holds this secret."""
    with database.session() as session:
        visits.end(session, secret)


def ask_again(database: Database, seal: Seal, email: str, address: str, now: int) -> None:
    """Counts that somebody asks for a new password, so that nobody's mailbox is filled from here. Whether there is
    such a person is not looked at."""
    tries.count(database, seal, _limits("forgotten", _typed(email), address), now)


def forgotten(database: Database, email: str, now: int) -> tuple[Person, Customer | None, LinkPurpose, str] | None:
    """Who it is, and the purpose and secret of a link that leads in; None where nobody may with this address."""
    with database.session() as session:
        person, customer = _known(session, _typed(email))
        if person is None or person.status == PersonStatus.REVOKED or (customer and not customer.storefronts):
            return None
        purpose = LinkPurpose.INVITATION if person.status == PersonStatus.INVITED else LinkPurpose.PASSWORD
        return person, customer, purpose, links.make(session, purpose, now, person_id=person.id)


def _enter(session: Session, person: Person, customer: Customer | None, what: str, now: int) -> Entered:
    person.signed_in_at = now
    session.add(person)
    history.record(session, Act(person.email, now), people.subject(person), what)
    return Entered(person, customer, visits.begin(session, person, now))


def _led_in(session: Session, link: Link) -> tuple[Person, Customer | None]:
    person = session.get_one(Person, link.person_id)
    customer = session.get_one(Customer, person.customer_id) if person.customer_id is not None else None
    if customer is not None and not customer.storefronts:
        raise BadInput("Your access is switched off for now.", "Ask your print provider.")
    return person, customer


def _known(session: Session, email: str) -> tuple[Person | None, Customer | None]:
    both = select(Person, Customer).join(Customer, isouter=True).where(Person.email == email)
    return session.exec(both).first() or (None, None)


def _limits(kind: str, email: str, address: str) -> list[Limit]:
    place = tries.network(address)
    return [Limit(kind, email, MOST_OF_A_PERSON), Limit("address", place, MOST_OF_AN_ADDRESS)]


def _typed(email: str) -> str:
    """An address as it is kept. What could be nobody's is tried in vain like everything else."""
    try:
        return people.cleaned(email)
    except BadInput:
        return email.strip() if email.isprintable() else ""
