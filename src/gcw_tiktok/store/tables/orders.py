"""Orders, their lines, what holds them, and how they left."""

from enum import StrEnum

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from gcw_tiktok.store.tables.columns import Table, seconds, since, word
from gcw_tiktok.store.tables.stages import Stage


class HoldReason(StrEnum):
    """Why an order may not go to production yet."""

    TIKTOK_ON_HOLD = "tiktok_on_hold"
    UNPAID = "unpaid"
    NOT_CONNECTED = "not_connected"
    DESIGN_PROBLEM = "design_problem"
    NO_FACILITY = "no_facility"
    ADDRESS_MISSING = "address_missing"
    CANCEL_REQUESTED = "cancel_requested"
    COMBINING = "combining"
    NEEDS_DECISION = "needs_decision"
    SAMPLE_POLICY = "sample_policy"
    MANUAL = "manual"


class OrderKind(StrEnum):
    """What sort of order it is; the first that fits."""

    FULFILLED_BY_TIKTOK = "fulfilled_by_tiktok"  # made and sent from TikTok's own stock: never produced here
    SAMPLE = "sample"  # free, for a creator
    REPLACEMENT = "replacement"  # sent once more for an earlier order
    EXCHANGE = "exchange"  # sent in exchange for something of an earlier order
    GIFT = "gift"  # all of it comes free with another purchase
    PRE_ORDER = "pre_order"
    MADE_TO_ORDER = "made_to_order"
    BACK_ORDER = "back_order"
    NORMAL = "normal"


class Order(Table, table=True):
    """A TikTok order. The columns hold its facts; the recipient and the raw answer are sealed."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("store_id", "order_id"),
        Index("ix_orders_stage", "store_id", "stage"),
        Index("ix_orders_newest", "store_id", "placed_at", "stage", "test"),
        Index("ix_orders_combine_group", "store_id", "combine_group", sqlite_where=text("combine_group <> ''")),
    )

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id")
    order_id: str
    status: str
    stage: Stage = word(Stage, default=Stage.RECEIVED)
    order_type: str = ""
    shipping_type: str = ""
    fulfillment_type: str = ""
    delivery_option_id: str = ""
    skips_hold: bool = False
    """TikTok spares this order the free-cancel hour, so gcw waits it out itself."""
    cancel_requested: bool = False
    kind: OrderKind = word(OrderKind, default=OrderKind.NORMAL, sa_column_kwargs=since("'normal'"))
    replaces: str = Field(default="", sa_column_kwargs=since("''"))
    """The earlier order that a replacement or an exchange is for."""
    starts_at: int | None = seconds(default=None)
    """Until when TikTok holds a pre-order."""
    handling: str = Field(default="", sa_column_kwargs=since("''"))
    """How long TikTok gives for making it first, in words; of what is made to order, and of back-orders."""
    combine_group: str = Field(default="", sa_column_kwargs=since("''"))
    """TikTok's mark on orders that are to travel together."""
    combined: str = Field(default="", sa_column_kwargs=since("''"))
    """`COMBINED` or `SPLIT`, where TikTok says so."""
    warehouse_id: str = Field(default="", sa_column_kwargs=since("''"))
    test: bool = Field(default=False, sa_column_kwargs=since("false"))
    """Bought to try things out: never produced, and counted nowhere."""
    placed_at: int = seconds()
    paid_at: int | None = seconds(default=None)
    updated_at: int = seconds()
    """TikTok's `update_time` of the answer that is stored here."""
    read_at: int = seconds()
    """TikTok's own time when that answer was given."""
    ship_by: int | None = seconds(default=None)
    content: str = ""
    """Hash of all that decides what is printed and where it goes; the print gate compares it."""
    sealed_recipient: bytes | None = Field(default=None, sa_type=LargeBinary)
    recipient_known: bool = False
    sealed_raw: bytes | None = Field(default=None, sa_type=LargeBinary)
    approved: bool = False
    """An operator lifted the `manual` holds of this order."""
    held_why: str | None = None
    """Why an operator holds it; None where nobody does."""
    reserved_by: str | None = None
    reserved_until: int = seconds(default=0)
    released_at: int | None = seconds(default=None)


class Line(Table, table=True):
    """One line item: one unit to print."""

    __tablename__ = "line"
    __table_args__ = (UniqueConstraint("store_id", "line_id"),)

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id")
    order_pk: int = Field(foreign_key="orders.id", index=True)
    line_id: str
    product_id: str = ""
    sku_id: str
    seller_sku: str = ""
    product_name: str = ""
    sku_name: str = ""
    status: str = ""
    stage: Stage = word(Stage, default=Stage.RECEIVED)
    gift: bool = False
    personalised: bool = False
    connection_id: int | None = Field(default=None, foreign_key="connection.id")
    """The version that was printed; set when the order is released."""
    ignored_id: int | None = Field(default=None, foreign_key="ignored.id")
    """Why nothing of it was printed; set when the order is released."""
    package_id: str = ""
    tracking_number: str = ""
    carrier: str = ""


class Hold(Table, table=True):
    """One reason why an order may not go on, with the command that resolves it."""

    __table_args__ = (UniqueConstraint("order_pk", "reason"),)

    id: int | None = Field(default=None, primary_key=True)
    order_pk: int = Field(foreign_key="orders.id", index=True)
    reason: HoldReason = word(HoldReason)
    sentence: str
    command: str = ""
    since: int = seconds()


class SetAside(Table, table=True):
    """An order that could not be read or stored; the next pull tries it again."""

    __tablename__ = "set_aside"
    __table_args__ = (UniqueConstraint("store_id", "order_id"),)

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id")
    order_id: str
    reason: str
    sealed_raw: bytes | None = Field(default=None, sa_type=LargeBinary)
    since: int = seconds()
    tries: int = 1


class Shipment(Table, table=True):
    """A parcel's carrier and tracking number, as told to TikTok."""

    __table_args__ = (UniqueConstraint("store_id", "package_id"),)

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="store.id")
    order_pk: int = Field(foreign_key="orders.id", index=True)
    package_id: str | None = None
    """TikTok's id; not known before TikTok has answered."""
    carrier_id: str
    carrier: str
    tracking_number: str
    line_ids: str
    """TikTok's line ids in this parcel, separated by commas."""
    warning: str = ""
    service_id: str = Field(default="", sa_column_kwargs=since("''"))
    service: str = Field(default="", sa_column_kwargs=since("''"))
    """TikTok's shipping service, where TikTok ships."""
    sealed_label: bytes | None = Field(default=None, sa_type=LargeBinary)
    """TikTok's label as a PDF; it shows the recipient."""
    corrected_at: int | None = seconds(default=None)
    """When its number was corrected; TikTok takes that once."""
    told_at: int | None = seconds(default=None)
    """When TikTok confirmed it."""
