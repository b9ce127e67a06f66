"""The sellers of the world and their shops, warehouses and delivery options; always the same cast."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gcw_tiktok.sandbox.ids import Mint
from gcw_tiktok.sandbox.listings.catalog import SIZE_CHART
from gcw_tiktok.sandbox.listings.products import Product, Sku
from gcw_tiktok.sandbox.sales.people import Address, Place
from gcw_tiktok.sandbox.shelf import Shelf

PRINT_FLOOR = Address(
    "Dock", "One", "(+1)614-555-0100", "100 Harbor Pkwy", "Bay 4", Place(
        "Columbus", "Franklin County", "Ohio", "43215", "614", 750
    )
)  # fmt: skip


ACTIVE = "ACTIVE"
STATUS_CODES = {"NEW": "0", "PENDING": "1", ACTIVE: "2", "DEACTIVATED": "3", "REJECTED": "4", "WITHDRAWN": "6"}
"""How sellers and shops stand with TikTok Shop, and the number that says so."""


@dataclass
class DeliveryOption:
    """How parcels of an order travel; `shipping_type` tells who buys the postage."""

    id: str
    name: str
    type: str
    shipping_type: str


@dataclass
class Shop:
    """One shop of a seller with all that belongs to it."""

    id: str
    name: str
    code: str
    region: str
    seller_type: str
    cipher: str
    currency: str
    warehouse_id: str
    return_warehouse_id: str
    delivery_options: list[DeliveryOption]
    status: str = ACTIVE
    listings_hidden: bool = False
    automatic_labels: bool = False
    """Whether TikTok chooses the shipping service by itself."""
    shipping_type: str = "SELLER"
    """Who ships what is ordered without saying so: the seller, or TikTok with a label of its own."""
    combine_window: int = 0
    """Within how many seconds of each other orders to one address are combined by themselves; 0 is never."""
    approves_cancellations_after: int = 86_400
    """Seconds after which a buyer's request is granted by itself: the platform's day, or less as the seller set it."""
    products: Shelf[Product] = field(default_factory=lambda: Shelf[Product]())
    size_charts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By id; the shops of a seller share them."""
    webhooks: dict[str, dict[str, object]] = field(default_factory=dict)
    unready: dict[str, str] = field(default_factory=dict)
    """What the shop lacks for listing, by the check's name, and why."""

    def option_for(self, shipping_type: str) -> DeliveryOption:
        """The delivery option that orders of a shipping type use."""
        return next(each for each in self.delivery_options if each.shipping_type == shipping_type)


@dataclass
class Seller:
    """Who logs in on the consent page; `handle` is how control calls name them."""

    handle: str
    name: str
    region: str
    open_id: str
    shops: list[Shop]
    status: str = ACTIVE

    @property
    def names(self) -> frozenset[str]:
        """Everything that tells who is meant."""
        shops = (name for shop in self.shops for name in (shop.id, shop.name))
        return frozenset({self.handle, self.name, self.open_id, *shops})


@dataclass(frozen=True)
class Part:
    """A seller's lines in the script: what to make of them at the start."""

    handle: str
    name: str
    region: str
    seller_type: str
    shops: tuple[str, ...]


CAST = (
    Part("paper-harbor", "Paper Harbor Prints", "US", "LOCAL", ("Paper Harbor Prints",)),
    Part("tidewater", "Tidewater Goods", "US", "CROSS_BORDER", ("Tidewater Goods", "Tidewater Outlet")),
    Part("thames-prints", "Thames Prints", "GB", "LOCAL", ("Thames Prints",)),
    Part("empty-easel", "Empty Easel Studio", "US", "LOCAL", ("Empty Easel Studio",)),
)


def make_sellers(mint: Mint) -> list[Seller]:
    """The whole cast, their shops still empty."""
    return [_seller(part, mint) for part in CAST]


def _seller(part: Part, mint: Mint) -> Seller:
    charts: dict[str, dict[str, Any]] = {
        SIZE_CHART: {"template_name": "Unisex tops", "size_chart_mode": "REUSABLE_TEMPLATE"}
    }
    shops = [_shop(name, part, mint, charts) for name in part.shops]
    return Seller(part.handle, part.name, part.region, mint.token("open_id", "", 54), shops)


def _shop(name: str, part: Part, mint: Mint, size_charts: dict[str, dict[str, Any]]) -> Shop:
    shop_id = mint.next("shop")
    kind = "CB" if part.seller_type == "CROSS_BORDER" else "LC"
    return Shop(
        id=shop_id,
        name=name,
        code=part.region + kind + mint.digest("code", shop_id)[:6].upper(),
        region=part.region,
        seller_type=part.seller_type,
        cipher=mint.token("cipher", "TTP_" if part.region == "US" else "ROW_", 32),
        currency="USD" if part.region == "US" else "GBP",
        warehouse_id=mint.next("warehouse"),
        return_warehouse_id=mint.next("warehouse"),
        delivery_options=[
            DeliveryOption(mint.next("delivery_option"), "Standard Shipping", "SEND_BY_SELLER", "SELLER"),
            DeliveryOption(mint.next("delivery_option"), "TikTok Standard Shipping", "STANDARD", "TIKTOK"),
        ],
        size_charts=size_charts,
    )


def find_sku(shop: Shop, name: str) -> tuple[Product, Sku] | None:
    """The listing and variant with this id or seller SKU; of several, one that is on sale."""
    found = [(product, sku) for product in shop.products for sku in product.skus if name in (sku.id, sku.seller_sku)]
    return max(found, key=lambda pair: pair[0].status == "ACTIVATE", default=None)


def find_product(shops: Iterable[Shop], product_id: str) -> tuple[Shop, Product] | None:
    """The listing with this id, and whose it is."""
    return next(((shop, found) for shop in shops if (found := shop.products.get(product_id))), None)
