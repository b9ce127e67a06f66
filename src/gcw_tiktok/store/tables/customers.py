"""Whom the PSP prints for, and where."""

from sqlmodel import Field

from gcw_tiktok.store.tables.columns import Table, seconds, since


class Customer(Table, table=True):
    """The PSP's client, owner of stores."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    reference: str | None = Field(default=None, unique=True)
    """The customer's number in the PSP's own system."""
    description: str = ""
    storefronts: bool = False
    """Whether the customer may use Storefronts Connect; a store cannot be connected without."""
    facility_id: int | None = Field(default=None, foreign_key="facility.id")
    """Where the orders of shops that the customer connects itself are made; None where that is clear or unknown."""
    created_at: int = seconds()


class Facility(Table, table=True):
    """Where the PSP makes things."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    type: str = "internal"
    location: str = ""
    hand_off: str
    """How released orders reach it: `folder:/absolute/path` or `gelatoconnect:https://...`."""
    cancel_url: str = Field(default="", sa_column_kwargs=since("''"))
    """Where GelatoConnect is told that an order is cancelled, with `{reference}` in it; empty where by hand."""
    created_at: int = seconds()
