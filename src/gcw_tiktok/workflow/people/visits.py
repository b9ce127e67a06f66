"""The browsers in which people are signed in. Each holds a secret of its own, so each can be shown the door alone."""

import secrets

from sqlmodel import Session, col, delete, select

from gcw_tiktok.store.tables import Customer, Person, PersonStatus, Visit
from gcw_tiktok.workflow.people.links import mark

LASTS_SECONDS = 12 * 3600
"""However busy somebody is: a working day later they sign in again."""


def begin(session: Session, person: Person, now: int) -> str:
    """The secret that a browser holds from now on."""
    session.exec(delete(Visit).where(col(Visit.ends_at) <= now))
    assert person.id is not None
    secret = secrets.token_urlsafe(32)
    session.add(Visit(mark=mark(secret), person_id=person.id, begun_at=now, ends_at=now + LASTS_SECONDS))
    return secret


def whose(session: Session, secret: str, now: int) -> tuple[Person, Customer | None] | None:
    """Who is signed in by this secret, and whose admin they are; None once the visit is over, or they may not enter."""
    mine = select(Person, Customer).join(Visit, col(Visit.person_id) == Person.id)
    wanted = mine.join(Customer, col(Person.customer_id) == Customer.id, isouter=True)
    found = session.exec(wanted.where(Visit.mark == mark(secret), col(Visit.ends_at) > now)).first()
    if found is None:
        return None
    person, customer = found
    return (person, customer) if may_enter(person, customer) else None


def may_enter(person: Person, customer: Customer | None) -> bool:
    """Whether somebody may use the pages now: their customer's access may be switched off."""
    return person.status == PersonStatus.ACTIVE and (customer is None or customer.storefronts)


def end(session: Session, secret: str) -> None:
    """Signs one browser out."""
    session.exec(delete(Visit).where(col(Visit.mark) == mark(secret)))


def end_all_of(session: Session, person: Person) -> None:
    """Signs somebody out everywhere."""
    session.exec(delete(Visit).where(col(Visit.person_id) == person.id))


def end_all_at(session: Session, customer: Customer) -> None:
    """Signs a customer's people out everywhere."""
    theirs = select(Person.id).where(Person.customer_id == customer.id)
    session.exec(delete(Visit).where(col(Visit.person_id).in_(theirs)))
