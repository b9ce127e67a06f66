"""Sends the links that lead people in."""

from dataclasses import dataclass

from gcw_tiktok.errors import GcwError, SetupMissing
from gcw_tiktok.store.tables import LinkPurpose, Person
from gcw_tiktok.workflow import mail
from gcw_tiktok.workflow.people import signing_in
from gcw_tiktok.workflow.people.letters import letter
from gcw_tiktok.workflow.storefronts.portal import Portal


@dataclass(frozen=True)
class Sent:
    """What became of an invitation."""

    address: str
    """Where the link leads. It is a secret: whoever has it gets in."""
    mailed: bool
    why: str = ""
    """Why no mail went out, in a sentence."""


def send(portal: Portal, person: Person, purpose: LinkPurpose, secret: str) -> Sent:
    """Mails somebody their link. Where that fails the link is given back, for somebody to pass it on."""
    address = f"{portal.public_url}/{purpose.value}/{secret}"
    try:
        office = portal.post_office()
        mail.send(office, letter(person, purpose, address, portal.name), portal.now(), key=f"link {secret}")
    except SetupMissing as error:
        return Sent(address, False, str(error))
    except GcwError as error:
        return Sent(address, False, f"The mail could not be sent: {error}")
    return Sent(address, True)


def forgotten(portal: Portal, email: str, address: str) -> None:
    """Mails a link to a new password to whoever may sign in with this address. Nobody is told whether anybody may."""
    found = signing_in.forgotten(portal.database, portal.seal, email, address, portal.now())
    if found is not None:
        person, purpose, secret = found
        send(portal, person, purpose, secret)
