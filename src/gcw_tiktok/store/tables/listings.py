"""What a store sells on TikTok, and what each variant of it prints."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from gcw_tiktok.store.tables.columns import Table, seconds, word


class Listing(Table, table=True):
    """A product as listed on TikTok."""

    __table_args__ = (UniqueConstraint("store_id", "product_id"),)

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id", index=True)
    product_id: str
    title: str = ""
    status: str = ""
    """TikTok's word, such as ACTIVATE."""
    updated_at: int = seconds(default=0)
    """When TikTok last changed it; a sync reads the details of changed listings only."""
    picture: str | None = None
    """Where its main picture is, small; empty where it has none, None where nobody has looked yet."""
    gone_at: int | None = seconds(default=None)


class Variant(Table, table=True):
    """One TikTok SKU of a listing."""

    __table_args__ = (
        UniqueConstraint("store_id", "sku_id"),
        Index("ix_variant_seller_sku", "store_id", "seller_sku"),
    )

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id")
    listing_id: int = Field(foreign_key="listing.id", index=True)
    sku_id: str
    seller_sku: str = ""
    options: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    price: Decimal | None = Field(default=None, max_digits=18, decimal_places=4)
    currency: str = ""
    gone_at: int | None = seconds(default=None)
    replaced_by: str | None = None
    """The SKU id under which TikTok now lists the same options, when it re-keyed the variant."""
    seen_at: int | None = seconds(default=None)
    """When a sync first found it."""
    changed_at: int | None = seconds(default=None)
    """When a sync last found something of it changed."""


class Design(Table, table=True):
    """One pinned file, kept under its hash in the designs folder."""

    sha256: str = Field(primary_key=True)
    media_type: str
    size: int
    """Bytes."""
    width: float | None = None
    height: float | None = None
    """Pixels for pictures, millimetres for a PDF's first page."""
    pages: int = 1
    facts: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """What else an inspection found, such as colour space and fonts; None where it was never asked."""
    pinned_at: int = seconds()


class DesignSource(Table, table=True):
    """An address that designs were fetched from, and what it answered last."""

    __tablename__ = "design_source"

    address: str = Field(primary_key=True)
    sha256: str = Field(foreign_key="design.sha256")
    """The file that it gave when it was last used."""
    etag: str = ""
    last_modified: str = ""
    asked_at: int = seconds()
    """When it last answered."""
    changed_sha256: str = ""
    """Another file that it gives since, which nothing prints before somebody says so."""
    changed_at: int | None = seconds(default=None)


class Connection(Table, table=True):
    """What a variant prints. A change makes a new version; orders keep the one they were printed with."""

    __table_args__ = (
        UniqueConstraint("variant_id", "version"),
        Index(
            "uq_connection_current",
            "variant_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),  # on PostgreSQL too, as the migration says: naming it
            # here would load that engine's whole dialect at every start
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    variant_id: int = Field(foreign_key="variant.id")
    version: int
    product_uid: str = Field(foreign_key="product_uid.uid")
    made_at: int = seconds()
    made_by: str = ""
    why: str | None = None
    """Where the decision came from, such as the name of an imported file."""
    ended_at: int | None = seconds(default=None)


class ConnectionDesign(Table, table=True):
    """The design that one version of a connection prints on one print area."""

    __tablename__ = "connection_design"

    connection_id: int = Field(foreign_key="connection.id", primary_key=True)
    area: str = Field(primary_key=True)
    sha256: str = Field(foreign_key="design.sha256")
    source: str
    """The path or address that the file was pinned from."""
    placement: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """Where it lies on the area; None: as the file itself says."""
    print_sha256: str | None = Field(default=None, foreign_key="design.sha256")
    """The print-ready file made from it, which production gets; None: production gets the design itself."""


class IgnoreScope(StrEnum):
    """How much an operator's "not printed here" covers."""

    LINE = "line"
    VARIANT = "variant"
    LISTING = "listing"
    SAMPLES = "sample policy"


class Ignored(Table, table=True):
    """That something is not printed here: a line of an order, a variant, a whole listing, or a store's samples; in
    versions."""

    __table_args__ = (
        UniqueConstraint("store_id", "scope", "subject", "version"),
        Index("uq_ignored_current", "store_id", "scope", "subject", unique=True, sqlite_where=text("ended_at IS NULL")),
    )

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id")
    scope: IgnoreScope = word(IgnoreScope)
    subject: str
    """TikTok's line id, SKU id, product id or shop id."""
    version: int
    why: str = ""
    made_at: int = seconds()
    made_by: str = ""
    ended_at: int | None = seconds(default=None)
