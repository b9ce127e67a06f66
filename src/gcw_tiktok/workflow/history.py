"""Writes down who changed what, when and why."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from gcw_tiktok.store.tables import Event
from gcw_tiktok.workflow import times
from gcw_tiktok.workflow.drafts import draft


@dataclass(frozen=True)
class Act:
    """Who does something, and when (Unix seconds)."""

    who: str
    now: int


def record(session: Session, act: Act, subject: str, what: str, why: str = "", **data: Any) -> None:
    """Adds one event. `data` holds facts only: no secrets, nothing of a recipient."""
    session.add(Event(at=act.now, who=act.who, subject=subject, what=what, why=why, data=data))


def event(act: Act, subject: str, what: str, why: str = "", **data: Any) -> Event:
    """The same, for those who write many at once."""
    return draft(Event, at=act.now, who=act.who, subject=subject, what=what, why=why, data=data)


def of(session: Session, subject: str) -> list[Event]:
    """What happened to one thing, oldest first."""
    return list(session.exec(select(Event).where(Event.subject == subject).order_by(col(Event.id))))


def shown(session: Session, subject: str) -> list[dict[str, Any]]:
    """The same for people and other programs."""
    return [
        {"at": times.shown(one.at), "who": one.who, "what": one.what, "why": one.why, "data": one.data}
        for one in of(session, subject)
    ]
