"""Orders, their units and their packages: the truth, before anything is masked or rendered."""

from dataclasses import dataclass, field
from typing import Any

from gcw_tiktok.sandbox import money
from gcw_tiktok.sandbox.listings.products import Product, Sku
from gcw_tiktok.sandbox.sales.carriers import Carrier
from gcw_tiktok.sandbox.sales.people import Address, Buyer
from gcw_tiktok.sandbox.shops import Shop

HOLD_SECONDS = 3_600
FREE_SHIPPING_FROM = 3_500
SHIPPING_FEE = 499

# Least advanced first: an order shows the least advanced of its live units.
PROGRESS = (
    "UNPAID",
    "ON_HOLD",
    "AWAITING_SHIPMENT",
    "AWAITING_COLLECTION",
    "IN_TRANSIT",
    "DELIVERED",
    "COMPLETED",
)
SHIPPED = frozenset(PROGRESS[3:])


# How far a package is, by how far the least advanced of its live units is.
PACKAGE_STATUS = {
    **dict.fromkeys(PROGRESS[:3], "TO_FULFILL"),
    "AWAITING_COLLECTION": "PROCESSING",
    "IN_TRANSIT": "FULFILLING",
    "DELIVERED": "COMPLETED",
    "COMPLETED": "COMPLETED",
    "CANCELLED": "CANCELLED",
}


@dataclass(frozen=True)
class Terms:
    """How an order was sold where that is not as usual. Times are Unix seconds."""

    order_type: str = "NORMAL"
    handling_days: int = 0
    handling_type: str = "BUSINESS_DAY"
    release_date: int = 0
    fulfillment_type: str = "FULFILLMENT_BY_SELLER"
    is_subscription_order: bool = False

    @property
    def by_tiktok(self) -> bool:
        """Whether TikTok's own warehouse sends it."""
        return self.fulfillment_type == "FULFILLMENT_BY_TIKTOK"


USUAL = Terms()


@dataclass(frozen=True)
class Label:
    """Postage bought through TikTok Shipping; the price in cents."""

    service_id: str
    service_name: str
    price: int
    days: tuple[int, int]


@dataclass(slots=True, eq=False)
class Package:
    """What travels in one box: units of one order, or of several to one address. `settled` is its last known status."""

    id: str
    orders: list["Order"]
    lines: list["Line"]
    create_time: int
    update_time: int
    tracking_number: str = ""
    carrier: Carrier | None = None
    ship_time: int = 0
    collection_time: int = 0
    delivery_time: int = 0
    corrections: int = 0
    label: Label | None = None
    dimension: dict[str, str] | None = None
    weight: dict[str, str] | None = None
    handover_method: str = ""
    pickup_slot: tuple[int, int] | None = None
    is_lost: bool = False
    settled: str = ""

    @property
    def order_pay_time(self) -> int:
        """By which packages may be sorted."""
        return self.orders[0].paid_time

    @property
    def status(self) -> str:
        """Follows from its units; without any that live, it is cancelled."""
        statuses = [line.status for line in self.live()]
        return PACKAGE_STATUS[min(statuses, key=PROGRESS.index)] if statuses else "CANCELLED"

    @property
    def is_combined(self) -> bool:
        return len(self.orders) > 1

    def live(self) -> list["Line"]:
        """The units that are not cancelled."""
        return [line for line in self.lines if line.status != "CANCELLED"]


@dataclass(frozen=True)
class Personalisation:
    """What a buyer wanted on one unit: the id that the line shows, and what the id stands for."""

    id: str
    document: dict[str, Any]


@dataclass(frozen=True)
class Component:
    """One unit inside a unit of a virtual bundle."""

    id: str
    product_id: str
    product_name: str
    sku_id: str
    sku_name: str
    seller_sku: str
    image: str
    price: int


@dataclass(slots=True, eq=False)
class Line:
    """One unit. Names and SKU are those of the moment of ordering."""

    id: str
    product_id: str
    product_name: str
    sku_id: str
    sku_name: str
    seller_sku: str
    image: str
    price: int
    seller_discount: int
    status: str
    package: Package | None = None
    cancel_reason: str = ""
    cancel_user: str = ""
    is_gift: bool = False
    personalisation: Personalisation | None = None
    components: tuple[Component, ...] = ()
    extra: dict[str, Any] | None = None  # members that a control call wants shown as they are
    from_stock: bool = False
    """Whether the unit was taken from the variant's stock, so that it goes back there when it is cancelled."""

    @property
    def sale_price(self) -> int:
        return self.price - self.seller_discount


@dataclass(slots=True, eq=False)
class Order:
    """What one buyer bought at once."""

    id: str
    shop: Shop
    buyer: Buyer
    address: Address
    lines: list[Line]
    create_time: int
    update_time: int
    status: str
    shipping_type: str = "SELLER"
    is_on_hold_order: bool = True
    is_sample_order: bool = False
    terms: Terms = USUAL
    combine_group: str = ""
    paid_time: int = 0
    buyer_message: str = ""
    address_updated: bool = False
    cancel_requested_at: int = 0
    cancel_time: int = 0
    cancel_reason: str = ""
    cancel_initiator: str = ""
    carrier_cannot_stop: bool = False
    """What was handed over cannot be cancelled any more."""
    rts_time: int = 0
    collection_time: int = 0
    delivery_time: int = 0
    completed_time: int = 0
    replaced_order_id: str = ""
    """The order whose units this one sends again, for a buyer who got no good ones."""
    exchange_source_order_id: str = ""
    """The order whose units the buyer swapped for these."""
    packages: list[Package] = field(default_factory=list)
    extra: dict[str, Any] | None = None
    told: str = ""
    """The status that the platform last told of."""
    settled: str = ""
    """The status after the last change."""

    def live(self) -> list[Line]:
        """The units that are not cancelled."""
        return [line for line in self.lines if line.status != "CANCELLED"]

    def settle(self) -> None:
        """Makes the order's status follow from its units."""
        statuses = {line.status for line in self.live()}
        if not statuses:
            self.status = "CANCELLED"
        elif "AWAITING_SHIPMENT" in statuses and statuses & SHIPPED:
            self.status = "PARTIALLY_SHIPPING"
        else:
            self.status = min(statuses, key=PROGRESS.index)

    def advance(self, status: str) -> None:
        """Moves every live unit to a status."""
        for line in self.live():
            line.status = status
        self.settle()


def make_line(line_id: str, product: Product, sku: Sku, status: str, free: bool = False) -> Line:
    """One unit of a variant; a free one is discounted whole by the seller."""
    return Line(
        id=line_id,
        product_id=product.id,
        product_name=product.title,
        sku_id=sku.id,
        sku_name=sku.name,
        seller_sku=sku.seller_sku,
        image=product.image,
        price=sku.price,
        seller_discount=sku.price if free else 0,
        status=status,
    )


@dataclass(frozen=True)
class Bill:
    """An order's money, in cents."""

    original: int
    seller_discount: int
    shipping: int
    shipping_discount: int
    taxes: tuple[int, ...]

    @property
    def sub_total(self) -> int:
        return self.original - self.seller_discount

    @property
    def tax(self) -> int:
        return sum(self.taxes)

    @property
    def total(self) -> int:
        return self.sub_total + self.shipping - self.shipping_discount + self.tax


def bill(order: Order) -> Bill:
    """What the buyer pays; taxes in the order of the units."""
    original = sum(line.price for line in order.lines)
    discount = sum(line.seller_discount for line in order.lines)
    sent_again = bool(order.replaced_order_id or order.exchange_source_order_id)
    free = original - discount >= FREE_SHIPPING_FROM or order.is_sample_order or sent_again
    rate = order.address.place.tax
    return Bill(
        original=original,
        seller_discount=discount,
        shipping=SHIPPING_FEE,
        shipping_discount=SHIPPING_FEE if free else 0,
        taxes=tuple(money.share(line.sale_price, rate) for line in order.lines),
    )
