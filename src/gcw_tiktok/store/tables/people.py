"""Who may use the pages: a customer's people and the PSP's operators."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from gcw_tiktok.store.tables.columns import Table, seconds, since, word


class PersonStatus(StrEnum):
    """Whether somebody may sign in."""

    INVITED = "invited"  # no password yet: the link of the invitation leads to one
    ACTIVE = "active"
    REVOKED = "revoked"


class Person(Table, table=True):
    """A customer admin, or without a customer one of the PSP's operators."""

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    """In small letters: it is what people sign in with."""
    first_name: str = ""
    last_name: str = ""
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    status: PersonStatus = word(PersonStatus, default=PersonStatus.INVITED)
    password: str = ""
    """As argon2 writes it; empty until the person has set one."""
    invited_by: str = ""
    invited_at: int = seconds()
    signed_in_at: int | None = seconds(default=None)


class Visit(Table, table=True):
    """A browser in which somebody is signed in. Only a mark of the secret that it holds is kept."""

    mark: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    begun_at: int = seconds()
    ends_at: int = seconds(index=True)


class LinkPurpose(StrEnum):
    """What a link is for."""

    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105  forgotten, to be set anew
    CONNECT = "connect"  # for a shop's owner without an account
    CONSENT = "consent"  # the way back from TikTok's page


class Link(Table, table=True):
    """A way in that works once. Only a mark of its secret is kept."""

    mark: str = Field(primary_key=True)
    purpose: LinkPurpose = word(LinkPurpose)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What else it leads to, such as the customer whose shop is to be connected."""
    made_at: int = seconds()
    ends_at: int = seconds(index=True)


class Attempt(Table, table=True):
    """A failed try to sign in, or a mail that somebody asked for; kept for as long as it counts."""

    id: int | None = Field(default=None, primary_key=True)
    mark: str = Field(index=True)
    """Of the person's address or the network's; which one cannot be told from it."""
    at: int = seconds(index=True)


class JobState(StrEnum):
    """How far work that was started from a page is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Table, table=True):
    """Work that goes on while the page that started it looks on."""

    id: str = Field(primary_key=True)
    """Unguessable, and shown to its customer's people only all the same."""
    kind: str
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    """Whose people may look; None where only operators may."""
    store_id: int | None = Field(default=None, foreign_key="store.id")
    started_by: str
    state: JobState = word(JobState, default=JobState.RUNNING)
    done: int = Field(default=0, sa_column_kwargs=since("0"))
    total: int | None = None
    words: str = ""
    """What it is at, or how it ended, in a sentence."""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    file: bytes | None = None
    """What it made for the reader to fetch."""
    file_name: str = ""
    started_at: int = seconds(index=True)
    beat_at: int = seconds()
    """When it last showed that it is alive."""
