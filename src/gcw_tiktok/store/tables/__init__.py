"""The tables, by noun. Importing this package registers all of them with SQLModel's metadata."""

from gcw_tiktok.store.tables.catalog import (
    Category,
    CategoryEntry,
    CustomerProduct,
    ProductAccess,
    ProductModel,
    ProductUid,
)
from gcw_tiktok.store.tables.customers import Customer, Facility
from gcw_tiktok.store.tables.listings import (
    Connection,
    ConnectionDesign,
    Design,
    DesignSource,
    Ignored,
    IgnoreScope,
    Listing,
    Variant,
)
from gcw_tiktok.store.tables.notifications import Notification, NotificationState
from gcw_tiktok.store.tables.orders import Hold, HoldReason, Line, Order, OrderKind, SetAside, Shipment
from gcw_tiktok.store.tables.people import Attempt, Job, JobState, Link, LinkPurpose, Person, PersonStatus, Visit
from gcw_tiktok.store.tables.publications import Publication, PublicationState
from gcw_tiktok.store.tables.records import Event, Lease, OutboxEntry, SealedSecret, SealingKey
from gcw_tiktok.store.tables.stages import NEXT, Stage
from gcw_tiktok.store.tables.stores import Authorization, Pace, SamplePolicy, Store, StoreStatus

__all__ = [
    "NEXT",
    "Attempt",
    "Authorization",
    "Category",
    "CategoryEntry",
    "Connection",
    "ConnectionDesign",
    "Customer",
    "CustomerProduct",
    "Design",
    "DesignSource",
    "Event",
    "Facility",
    "Hold",
    "HoldReason",
    "IgnoreScope",
    "Ignored",
    "Job",
    "JobState",
    "Lease",
    "Line",
    "Link",
    "LinkPurpose",
    "Listing",
    "Notification",
    "NotificationState",
    "Order",
    "OrderKind",
    "OutboxEntry",
    "Pace",
    "Person",
    "PersonStatus",
    "ProductAccess",
    "ProductModel",
    "ProductUid",
    "Publication",
    "PublicationState",
    "SamplePolicy",
    "SealedSecret",
    "SealingKey",
    "SetAside",
    "Shipment",
    "Stage",
    "Store",
    "StoreStatus",
    "Variant",
    "Visit",
]
