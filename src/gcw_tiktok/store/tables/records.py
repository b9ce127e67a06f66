"""What gcw writes down about itself: history, effects to carry out, leases and sealed secrets."""

from typing import Any

from sqlalchemy import JSON, Index, LargeBinary
from sqlmodel import Field

from gcw_tiktok.store.tables.columns import Table, big, seconds


class Event(Table, table=True):
    """Who changed what, when and why. Only ever added to."""

    __table_args__ = (Index("uq_event_seq", "seq", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    at: int = seconds()
    who: str
    subject: str = Field(index=True)
    """What it concerns, such as `order:576...`, `store:7495...`, `sku:1729...`."""
    what: str
    why: str = ""
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Facts without secrets and without recipients' data."""
    seq: int | None = big(default=None)
    """Its place in the chain of all events, given when it is chained."""
    chain: str | None = None
    """The hash over it and the hash before it."""


class OutboxEntry(Table, table=True):
    """An effect outside: written before it is done, done once, and read back when its outcome is unknown."""

    __tablename__ = "outbox"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    """Deterministic: the same effect of the same order always has the same key."""
    kind: str
    order_pk: int | None = Field(default=None, foreign_key="orders.id", index=True)
    """The order that it concerns, if it concerns one."""
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: str = "written"
    """`written` → `done`, or `void` when the order changed before it was carried out."""
    tries: int = 0
    trouble: str = ""
    written_at: int = seconds()
    done_at: int | None = seconds(default=None)
    answer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Lease(Table, table=True):
    """That one process, on whichever machine, does something that only one may do at a time."""

    name: str = Field(primary_key=True)
    holder: str
    until: int = seconds()


class SealedSecret(Table, table=True):
    """A secret, sealed with the key from GCW_SECRET_KEY; used where there is no keyring."""

    __tablename__ = "sealed_secret"

    name: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)


class SealingKey(Table, table=True):
    """A fingerprint of the key that seals this database, to tell a wrong key from damage."""

    __tablename__ = "sealing_key"

    id: int = Field(default=1, primary_key=True)
    fingerprint: str
