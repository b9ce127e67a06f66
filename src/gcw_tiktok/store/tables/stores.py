"""Connected TikTok Shops and the authorizations that let gcw speak for them."""

from enum import StrEnum

from sqlalchemy import JSON
from sqlmodel import Field

from gcw_tiktok.store.tables.columns import Table, seconds, since, word


class StoreStatus(StrEnum):
    """Whether gcw may act for the store."""

    CONNECTED = "connected"
    REAUTHORIZE = "reauthorize"  # the permission lapsed or was withdrawn: the shop's owner must grant it again
    DISCONNECTED = "disconnected"  # ended by the PSP; history stays


class SamplePolicy(StrEnum):
    """What becomes of the free samples that creators order."""

    HOLD = "hold"  # a person decides about each
    MAKE = "make"
    IGNORE = "ignore"  # somebody else sends them: they are recorded, and never made here


class Authorization(Table, table=True):
    """What a seller granted. One grant can cover several stores; its tokens are kept among the secrets."""

    id: int | None = Field(default=None, primary_key=True)
    open_id: str = Field(unique=True)
    seller_name: str = ""
    region: str = ""
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    api_url: str
    """Where it was granted: live and sandbox are never mixed."""
    access_expires_at: int = seconds()
    refresh_expires_at: int = seconds()
    granted_at: int = seconds()


class Store(Table, table=True):
    """A customer's TikTok Shop."""

    id: int | None = Field(default=None, primary_key=True)
    shop_id: str = Field(unique=True)
    name: str
    code: str = ""
    """The shop's code as its owner sees it in Seller Center."""
    region: str = "US"
    cipher: str
    customer_id: int = Field(foreign_key="customer.id", index=True)
    facility_id: int = Field(foreign_key="facility.id")
    authorization_id: int = Field(foreign_key="authorization.id")
    status: StoreStatus = word(StoreStatus, default=StoreStatus.CONNECTED)
    connected_at: int = seconds()
    orders_cursor: int = seconds()
    """Every order that TikTok changed before this moment has been taken in."""
    returns_cursor: int = seconds(default=0, sa_column_kwargs=since("0"))
    """Every return that TikTok changed before this moment has been looked at; 0 where none was yet."""
    pulled_at: int | None = seconds(default=None)
    synced_at: int | None = seconds(default=None)
    samples: SamplePolicy = word(SamplePolicy, default=SamplePolicy.HOLD, sa_column_kwargs=since("'hold'"))
    combine_hours: int = Field(default=4, sa_column_kwargs=since("4"))
    """How long after the newest of them was placed orders that TikTok marked to travel together wait for more."""


class Pace(Table, table=True):
    """What asking TikTok for a store has taught: how fast it may be asked, and how right the asking clock was."""

    store_id: int = Field(foreign_key="store.id", primary_key=True)
    rate: float = 0.0
    """Requests a second since the last refusal for haste; 0 where none was met."""
    limited_at: int | None = seconds(default=None)
    """When TikTok last said that it was asked too much."""
    limited_until: int | None = seconds(default=None)
    clock_behind: int = seconds(default=0)
    """Seconds by which the machine's clock was behind TikTok's when TikTok refused it; negative when ahead."""
    clock_at: int | None = seconds(default=None)
