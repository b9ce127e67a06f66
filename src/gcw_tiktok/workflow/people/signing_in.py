"""Signing in: by address and password, not too often in vain, and by links where the password is missing."""

from sqlmodel import Session, col, delete, func, select

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Attempt, LinkPurpose, Person, PersonStatus
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.people import links, passwords, people

WINDOW_SECONDS = 15 * 60
MOST_OF_A_PERSON, MOST_OF_AN_ADDRESS = 5, 30
"""Failed tries within the window, after which nobody is let in: for one person, and from one network address."""
WRONG = "That is not the address and password of anybody who may sign in here."


def sign_in(database: Database, seal: Seal, email: str, password: str, address: str, now: int) -> Person:
    """Who it is. `BadInput` when the two do not go together, `TryAgain` after too many tries."""
    email = email.strip().casefold()
    with database.view() as session:
        _check_tries(session, seal, (email, address), now)
        person = session.exec(select(Person).where(Person.email == email)).first()
        kept = person.password if person and people.may_enter(session, person) else ""
    if not passwords.fits(kept, password) or person is None:
        note_try(database, seal, (email, address), now)
        raise BadInput(WRONG, "After a few tries you have to wait; `Forgotten?` leads to a new password.", code="wrong")
    with database.session() as session:
        person = session.get_one(Person, person.id)
        person.signed_in_at = now
        if passwords.is_outdated(person.password):
            person.password = passwords.hashed(password)
        session.add(person)
        session.exec(delete(Attempt).where(col(Attempt.mark) == _mark(seal, "person", email)))
        history.record(session, Act(email, now), people.subject(person), "signed in")
    return person


def accept(database: Database, purpose: LinkPurpose, secret: str, password: str, now: int) -> Person:
    """The person whom the link leads in, with the password that they choose. A refused password leaves it working."""
    with database.session() as session:
        link = links.look(session, purpose, secret, now)
        person = session.get_one(Person, link.person_id)
        passwords.check(password, person.email)
        links.use(session, purpose, secret, now)
        people.set_password(session, Act(person.email, now), person, password)
        person.signed_in_at = now
        if not people.may_enter(session, person):
            raise BadInput("Your access is switched off for now.", "Ask your print provider.")
    return person


def whose(session: Session, purpose: LinkPurpose, secret: str, now: int) -> Person:
    """Whom a link would lead in."""
    return session.get_one(Person, links.look(session, purpose, secret, now).person_id)


def forgotten(
    database: Database, seal: Seal, email: str, address: str, now: int
) -> tuple[Person, LinkPurpose, str] | None:
    """Who it is, and the purpose and secret of a link that leads in; None where nobody may with this address.

    Asking counts as a try, so that nobody's mailbox can be filled from here.
    """
    email = email.strip().casefold()
    asking = f"forgotten {email}"
    with database.view() as session:
        _check_tries(session, seal, (asking, address), now)
    note_try(database, seal, (asking, address), now)
    with database.session() as session:
        person = session.exec(select(Person).where(Person.email == email)).first()
        if person is None or person.status == PersonStatus.REVOKED:
            return None
        purpose = LinkPurpose.INVITATION if person.status == PersonStatus.INVITED else LinkPurpose.PASSWORD
        if purpose == LinkPurpose.PASSWORD and not people.may_enter(session, person):
            return None
        return person, purpose, links.make(session, purpose, now, person_id=person.id)


def note_try(database: Database, seal: Seal, tried: tuple[str, str], now: int) -> None:
    """Counts a try in vain."""
    email, address = tried
    with database.session() as session:
        session.exec(delete(Attempt).where(col(Attempt.at) < now - WINDOW_SECONDS))
        session.add(Attempt(mark=_mark(seal, "person", email), at=now))
        session.add(Attempt(mark=_mark(seal, "address", address), at=now))


def _check_tries(session: Session, seal: Seal, tried: tuple[str, str], now: int) -> None:
    email, address = tried
    limits = (("person", email, MOST_OF_A_PERSON), ("address", address, MOST_OF_AN_ADDRESS))
    for kind, value, most in limits:
        since = now - WINDOW_SECONDS
        mine = select(func.count()).where(Attempt.mark == _mark(seal, kind, value), col(Attempt.at) >= since)
        if session.exec(mine).one() >= most:
            raise TryAgain(
                "There were too many tries.", f"Wait {WINDOW_SECONDS // 60} minutes, then try again.", code="too_many"
            )


def _mark(seal: Seal, kind: str, value: str) -> str:
    return seal.mark(f"attempt {kind} {value}".encode())
