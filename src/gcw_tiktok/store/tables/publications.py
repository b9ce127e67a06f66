"""Listings that gcw publishes: what was wanted, what was sent, and what TikTok made of it."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from gcw_tiktok.store.tables.columns import Table, seconds, word


class PublicationState(StrEnum):
    """How far a listing has come."""

    WRITTEN = "written"  # decided and written down; TikTok has no listing of it yet
    SENDING = "sending"  # on its way: it may have arrived, which the next run finds out
    DRAFT = "draft"  # kept by TikTok, not submitted
    REVIEWING = "reviewing"  # submitted
    ACTIVE = "active"  # on sale
    REJECTED = "rejected"  # the review said no, or TikTok took it down
    REFUSED = "refused"  # TikTok did not take what was sent
    GONE = "gone"  # deleted at TikTok


class Publication(Table, table=True):
    """One listing that gcw publishes."""

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id", index=True)
    key: str = Field(unique=True)
    """Deterministic: the shop's id and the reference. The same listing always has the same key."""
    reference: str
    """The listing's name in the operator's own words; TikTok keeps it as `external_product_id`."""
    request: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What the operator asked for, as given."""
    plan: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What follows from it: the body for TikTok, and what each seller SKU prints."""
    state: PublicationState = word(PublicationState, default=PublicationState.WRITTEN)
    product_id: str = ""
    """TikTok's, once it has the listing."""
    reason: str = ""
    """Why it is rejected or refused, or what TikTok waits for."""
    tries: int = 0
    """How often it was sent."""
    made_at: int = seconds()
    made_by: str = ""
    changed_at: int = seconds()
    connected_at: int | None = seconds(default=None)
    """When its variants were connected; None until they are."""
