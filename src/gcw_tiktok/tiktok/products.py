"""A shop's listings."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import Field

from gcw_tiktok.tiktok.client import Client, entries, path_part
from gcw_tiktok.tiktok.errors import TikTokRefused
from gcw_tiktok.tiktok.payload import Money, Payload, whole

PAGE = 100
MOST_RESULTS = 10_000
TOO_MANY_RESULTS = 12052180
UNKNOWN = frozenset({12019150, 12052032})
"""TikTok's codes for a product that does not exist."""
NOT_SHOWN = 12052901
"""TikTok's code for a product whose status does not let it be read."""
OLDEST = 1_577_836_800
"""2020-01-01, before TikTok Shop's first product."""
DAY = 86_400


class Price(Payload):
    """What the buyer sees: search says `tax_exclusive_price`, detail `sale_price`."""

    currency: str = ""
    sale_price: Money = None
    tax_exclusive_price: Money = None


class SalesAttribute(Payload):
    """One choice of a buyer, such as Color: Black."""

    name: str = ""
    value_name: str = ""


class Stock(Payload):
    """Pieces in one of TikTok's warehouses."""

    warehouse_id: str = ""
    quantity: int = 0


class Sku(Payload):
    """One variant of a product."""

    id: str
    seller_sku: str = ""
    asked: Price = Field(default=Price(), alias="price")
    sales_attributes: list[SalesAttribute] = Field(default_factory=list)
    inventory: list[Stock] = Field(default_factory=list)

    @property
    def price(self) -> Decimal | None:
        return self.asked.tax_exclusive_price if self.asked.sale_price is None else self.asked.sale_price

    @property
    def currency(self) -> str:
        return self.asked.currency

    @property
    def quantity(self) -> int:
        """Pieces in all warehouses together."""
        return sum(stock.quantity for stock in self.inventory)

    @property
    def options(self) -> dict[str, str]:
        """{"Color": "Black", "Size": "XL"}; empty for a product without choices, and in search results."""
        return {attribute.name: attribute.value_name for attribute in self.sales_attributes}

    @property
    def title(self) -> str:
        """ "Black / XL"."""
        return " / ".join(attribute.value_name for attribute in self.sales_attributes if attribute.value_name)


class ProductRow(Payload):
    """A product as the search shows it: its variants have no choices there."""

    id: str
    title: str = ""
    status: str = ""
    update_time: int = 0
    create_time: int = 0
    skus: list[Sku] = Field(default_factory=list)


class Category(Payload):
    """One step from the root of TikTok's categories to the leaf."""

    local_name: str = ""


class Image(Payload):
    """A picture at its several addresses."""

    uri: str = ""
    urls: list[str] = Field(default_factory=list)


class Product(ProductRow):
    """A product in full."""

    category_chains: list[Category] = Field(default_factory=list)
    main_images: list[Image] = Field(default_factory=list)

    @property
    def categories(self) -> list[str]:
        """Category names, root first."""
        return [category.local_name for category in self.category_chains if category.local_name]

    @property
    def image_url(self) -> str:
        """The first address of the main picture, or nothing."""
        return next((url for image in self.main_images for url in image.urls), "")


def search(client: Client, *, updated_since: int | None = None, status: str = "ALL") -> Iterator[ProductRow]:
    """Every product, or those changed since (Unix seconds, inclusive). Deleted ones are among `ALL`."""
    filters: dict[str, object] = {"status": status}
    if updated_since is not None:
        filters["update_time_ge"] = updated_since
    for page in search_pages(client, filters):
        yield from (ProductRow.parse(entry) for entry in entries(page, "products"))


def search_pages(client: Client, filters: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    """Every page of a search as TikTok sends it, for those who read few members of very many products."""
    return _search(client, filters, OLDEST, int(client.now()) + DAY, whole=True)


def _search(
    client: Client, filters: Mapping[str, object], start: int, end: int, *, whole: bool = False
) -> Iterator[dict[str, Any]]:
    """TikTok shows at most 10 000 results of a search, so a larger one is split by time of creation."""
    window: dict[str, object] = {} if whole else {"create_time_ge": start, "create_time_le": end}
    try:
        yield from _pages(client, {**filters, **window}, may_split=start < end)
    except _TooMany:
        middle = (start + end) // 2
        yield from _search(client, filters, start, middle)
        yield from _search(client, filters, middle + 1, end)


def _pages(client: Client, filters: Mapping[str, object], *, may_split: bool) -> Iterator[dict[str, Any]]:
    """The pages of one search; raises `_TooMany` before the first where not all could be shown."""
    pages = client.whole_pages(
        "search_products",
        "POST",
        "/product/{version}/products/search",
        params={"page_size": PAGE},
        json=filters,
    )
    try:
        first = next(pages)
    except TikTokRefused as error:
        if may_split and error.tiktok_code == TOO_MANY_RESULTS:
            raise _TooMany from error
        raise
    if may_split and whole(first.get("total_count")) >= MOST_RESULTS:
        raise _TooMany
    yield first
    yield from pages


class _TooMany(Exception):
    """More results than TikTok shows."""


def detail(client: Client, product_id: str) -> Product:
    """One product in full."""
    return Product.parse(raw_detail(client, product_id))


def raw_detail(client: Client, product_id: str) -> dict[str, Any]:
    """The same as TikTok sends it."""
    path = f"/product/{{version}}/products/{path_part(product_id)}"
    return client.call("product_detail", "GET", path, repeatable=True)
