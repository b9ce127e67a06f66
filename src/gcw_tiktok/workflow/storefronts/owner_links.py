"""The links by which shop owners without an account connect their shops: made, listed, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, delete, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Customer, Facility, Link, LinkPurpose
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.people import links

SHORT = 10
"""Digits of a link's mark by which people name it. Nobody gets in by them."""


@dataclass(frozen=True)
class OwnerLink:
    """A link that still works."""

    id: str
    customer: str
    facility: str
    to: str
    """The address that it was to be mailed to; empty where somebody passed it on."""
    made_by: str
    made_at: int
    ends_at: int


def make(session: Session, act: Act, customer: Customer, facility: Facility, to: str = "") -> tuple[str, int]:
    """The secret of a new link for this customer, and until when it works."""
    secret = links.make(
        session, LinkPurpose.CONNECT, act.now, customer=customer.id, facility=facility.id, to=to, by=act.who
    )
    history.record(session, act, f"customer:{customer.id}", "store link made", facility=facility.name)
    return secret, act.now + links.LASTS[LinkPurpose.CONNECT]


def short(secret: str) -> str:
    """What people name a link by."""
    return links.mark(secret)[:SHORT]


def working(session: Session, now: int, customer_id: int | None = None) -> list[OwnerLink]:
    """The links that work, a customer's or all, the newest first."""
    rows = [one for one in _rows(session, now) if customer_id in (None, one.facts["customer"])]
    return [_shown(session, one) for one in rows]


def withdraw(session: Session, act: Act, named: str, customer_id: int | None = None) -> OwnerLink:
    """Lets a link die, and whatever was begun by it and is not done: whoever is on TikTok's page just now comes back
    to nothing. `BadInput` where there is none of this name, or of this customer's."""
    found = [one for one in _rows(session, act.now) if one.mark.startswith(named.strip().lower())]
    mine = [one for one in found if customer_id in (None, one.facts["customer"])]
    if len(mine) != 1 or not named.strip():
        several = "Several links begin so." if len(mine) > 1 else "There is no such link, or it does not work any more."
        raise BadInput(several, "See `gcw store links`.", code="unknown_name")
    (one,) = mine
    shown = _shown(session, one)
    begun = session.exec(select(Link).where(Link.purpose == LinkPurpose.CONSENT)).all()
    dying = [one.mark, *(each.mark for each in begun if each.facts.get("link") == one.mark)]
    session.exec(delete(Link).where(col(Link.mark).in_(dying)))
    subject = f"customer:{one.facts['customer']}"
    history.record(session, act, subject, "store link withdrawn", facility=shown.facility)
    return shown


def _rows(session: Session, now: int) -> Sequence[Link]:
    alive = select(Link).where(Link.purpose == LinkPurpose.CONNECT, col(Link.ends_at) > now)
    return session.exec(alive.order_by(col(Link.made_at).desc(), Link.mark)).all()


def _shown(session: Session, one: Link) -> OwnerLink:
    """Who made it was not written down at first."""
    customer, facility = session.get(Customer, one.facts["customer"]), session.get(Facility, one.facts["facility"])
    return OwnerLink(
        one.mark[:SHORT],
        customer.name if customer else "",
        facility.name if facility else "",
        one.facts.get("to", ""),
        one.facts.get("by", ""),
        one.made_at,
        one.ends_at,
    )
