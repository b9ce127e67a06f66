"""What TikTok pushed to us: kept as it came, and what became of it."""

from enum import StrEnum

from sqlalchemy import JSON, Index, LargeBinary
from sqlmodel import Field

from gcw_tiktok.store.tables.columns import Table, seconds, word


class NotificationState(StrEnum):
    """What became of a notification."""

    RECORDED = "recorded"  # waits to be acted on, for the first time or once more
    DONE = "done"
    IGNORED = "ignored"  # nothing follows from it here
    FAILED = "failed"  # gcw has given up; polling still finds what changed


class Notification(Table, table=True):
    """One webhook of TikTok's. Only a hint: what it speaks of is read from TikTok again."""

    __table_args__ = (
        Index("ix_notification_waiting", "state", "due_at"),
        Index("ix_notification_shop", "shop_id", "type"),
    )

    id: int | None = Field(default=None, primary_key=True)
    notification_id: str = Field(unique=True)
    """`tts_notification_id`; where TikTok sent none, `sha256:` and the hash of the body."""
    type: int
    """TikTok's number of the topic; 0 where none could be read."""
    shop_id: str = ""
    open_id: str = ""
    """The seller, where TikTok names no shop."""
    subjects: list[str] = Field(default_factory=list, sa_type=JSON)
    """What it concerns, in the words of events: `order:576...`, `product:1729...`."""
    pushed_at: int | None = seconds(default=None)
    """By TikTok's clock."""
    received_at: int = seconds()
    sealed_raw: bytes = Field(sa_type=LargeBinary)
    """The body, byte for byte; some topics hold what a buyer wrote."""
    state: NotificationState = word(NotificationState, default=NotificationState.RECORDED)
    tries: int = 0
    """How often acting on it was begun."""
    due_at: int = seconds(default=0)
    """Not to be acted on before."""
    trouble: str = ""
    """Why it is not done, or why nothing follows from it."""
    acted_at: int | None = seconds(default=None)
    reserved_by: str | None = None
    reserved_until: int = seconds(default=0)
