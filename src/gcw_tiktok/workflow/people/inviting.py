"""Sends the links that lead people in."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from gcw_tiktok.errors import GcwError, SetupMissing
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Customer, LinkPurpose, Person
from gcw_tiktok.workflow import mail
from gcw_tiktok.workflow.mail import Message, PostOffice
from gcw_tiktok.workflow.people import letters, signing_in


@dataclass(frozen=True)
class Desk:
    """Where letters with links are written: what the pages are called, where they are, and who takes the mail."""

    name: str
    public_url: str
    """Without a `/` at its end."""
    post_office: Callable[[], PostOffice]
    """`SetupMissing` until there is one whose mail would be of use."""


@dataclass(frozen=True)
class Sent:
    """What became of a link."""

    address: str
    """Where it leads. It is a secret: whoever has it gets in."""
    mailed: bool
    why: str = ""
    """Why no mail went out, in a sentence."""
    hint: str = ""
    """How that is mended, for an operator."""


def send(desk: Desk, person: Person, customer: Customer | None, purpose: LinkPurpose, secret: str, now: int) -> Sent:
    """Mails somebody their link. Where that fails the link is given back, for somebody to pass it on."""
    address = f"{desk.public_url}/{purpose.value}/{secret}"
    return _post(desk, letters.to_person(person, customer, purpose, address, desk.name), address, secret, now)


def send_to_owner(desk: Desk, email: str, customer: Customer, secret: str, now: int) -> Sent:
    """Mails a shop's owner without an account the link by which they connect it; without an address it is given back
    at once."""
    address = f"{desk.public_url}/{LinkPurpose.CONNECT.value}/{secret}"
    if not email:
        return Sent(address, False)
    return _post(desk, letters.to_owner(email, customer, address), address, secret, now)


def send_forgotten(desk: Desk, database: Database, email: str, now: int) -> None:
    """Mails a link to a new password to whoever may sign in with this address, if anybody may. Nobody waits for it:
    how long it takes would tell whether anybody may."""
    found = signing_in.forgotten(database, email, now)
    if found is None:
        return
    person, customer, purpose, secret = found
    sent = send(desk, person, customer, purpose, secret, now)
    if not sent.mailed:
        logging.getLogger(__name__).error("A link to a new password could not be mailed. %s", sent.why)


def _post(desk: Desk, letter: Message, address: str, secret: str, now: int) -> Sent:
    try:
        mail.send(desk.post_office(), letter, now, key=f"link {secret}")
    except SetupMissing as error:
        return Sent(address, False, str(error), error.hint)
    except GcwError as error:
        return Sent(address, False, f"The mail could not be sent: {error}", error.hint)
    return Sent(address, True)
