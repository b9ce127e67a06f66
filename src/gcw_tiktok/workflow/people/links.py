"""Links that work once and not for ever. The database keeps a mark of each, by which nobody gets in."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, delete, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Link, LinkPurpose

HOUR = 3600
LASTS = {
    LinkPurpose.INVITATION: 7 * 24 * HOUR,
    LinkPurpose.PASSWORD: HOUR,
    LinkPurpose.CONNECT: 7 * 24 * HOUR,
    LinkPurpose.CONSENT: HOUR,
}
"""Seconds for which each kind works."""
DEAD = {
    LinkPurpose.INVITATION: "Ask whoever invited you for a new one. If you have chosen a password already, sign in.",
    LinkPurpose.PASSWORD: "Ask for a new one below.",
    LinkPurpose.CONNECT: "Ask your print provider for a new one.",
    LinkPurpose.CONSENT: "Begin once more with Connect TikTok Shop.",
}


def make(session: Session, purpose: LinkPurpose, now: int, *, person_id: int | None = None, **facts: Any) -> str:
    """The secret of a new link. Those that this person had for the same purpose are dead."""
    session.exec(delete(Link).where(col(Link.ends_at) < now))
    if person_id is not None:
        forget(session, person_id, purpose)
    secret = secrets.token_urlsafe(32)
    ends_at = now + LASTS[purpose]
    session.add(
        Link(mark=mark(secret), purpose=purpose, person_id=person_id, facts=facts, made_at=now, ends_at=ends_at)
    )
    return secret


def look(session: Session, purpose: LinkPurpose, secret: str, now: int) -> Link:
    """The link with this secret, which goes on to work; `BadInput` when it does not work any more."""
    found = session.get(Link, mark(secret))
    if found is None or found.purpose != purpose or found.ends_at <= now:
        raise _dead("This link does not work any more: it was used, replaced, or is too old.", purpose)
    return found


def use(session: Session, purpose: LinkPurpose, secret: str, now: int) -> Link:
    """The same, and it works no more. Of two who use it at once, one is refused."""
    found = look(session, purpose, secret, now)
    if session.exec(delete(Link).where(col(Link.mark) == found.mark)).rowcount != 1:
        raise _dead("This link was used a moment ago.", purpose)
    return found


def drop(session: Session, secret: str) -> None:
    """Lets a link die."""
    session.exec(delete(Link).where(col(Link.mark) == mark(secret)))


def forget(session: Session, person_id: int, purpose: LinkPurpose | None = None) -> None:
    """Lets a person's links die."""
    mine = delete(Link).where(col(Link.person_id) == person_id)
    session.exec(mine if purpose is None else mine.where(col(Link.purpose) == purpose))


def ends(session: Session, person_ids: Sequence[int | None], purpose: LinkPurpose) -> dict[int | None, int]:
    """When the links of these people end, by person."""
    wanted = select(Link.person_id, Link.ends_at).where(Link.purpose == purpose, col(Link.person_id).in_(person_ids))
    return dict(session.exec(wanted).all())


def mark(secret: str) -> str:
    """What is kept of a link. Its secret is as long as the mark, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _dead(why: str, purpose: LinkPurpose) -> BadInput:
    return BadInput(why, DEAD[purpose], code="dead_link")
