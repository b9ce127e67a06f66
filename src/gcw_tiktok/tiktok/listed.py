"""A shop's listings with the few facts that a sync compares, read without a model for each of very many variants."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from gcw_tiktok.tiktok import products
from gcw_tiktok.tiktok.client import Client, entries
from gcw_tiktok.tiktok.errors import HINTS, Unavailable
from gcw_tiktok.tiktok.payload import decimal, whole

NO_FILTER = {"status": "ALL"}
MOST_MONEY, PLACES = 10**14, 4
"""What an amount must be below, and its digits after the point."""
Raw = Mapping[str, Any]


class Variant(NamedTuple):
    """A variant as TikTok lists it now."""

    sku_id: str
    seller_sku: str
    options: Mapping[str, str]
    """{"Color": "Black", "Size": "XL"}; empty for a product without choices, and in search results."""
    price: Decimal | None
    currency: str

    @property
    def title(self) -> str:
        return " / ".join(self.options.values())


class Row(NamedTuple):
    """A listing as a search or its detail shows it."""

    product_id: str
    title: str
    status: str
    updated_at: int
    """Unix seconds."""
    skus: Sequence[Raw]
    """Its variants, as TikTok sent them."""
    picture: str = ""
    """Where its main picture is, small; a search does not tell."""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Without choices, which a search leaves out. Made when asked for: of most rows only the detail's are."""
        return tuple(map(_variant, self.skus))


class Page(NamedTuple):
    """A part of what a search finds."""

    rows: list[Row]
    total: int
    """How many the whole search finds; 0 where TikTok does not tell."""


def search(client: Client) -> Iterator[Page]:
    """Every listing of the shop, page by page."""
    for page in products.search_pages(client, NO_FILTER):
        rows, total = [_row(raw) for raw in entries(page, "products")], whole(page.get("total_count"))
        page.clear()  # with a hundred variants a listing it is large, and the next one is on its way
        yield Page(rows, total)


def detail(client: Client, product_id: str) -> Row:
    """One listing in full, the choices of its variants among it."""
    return _row(products.raw_detail(client, product_id))


def _row(raw: Raw) -> Row:
    facts = _text(raw, "title"), _text(raw, "status"), whole(raw.get("update_time"))
    return Row(_id(raw, "product"), *facts, entries(raw, "skus"), _picture(raw))


def _picture(raw: Raw) -> str:
    """The first address of the main picture, the small one where there is one; nothing that is no web address."""
    for image in entries(raw, "main_images"):
        for name in ("thumb_urls", "urls"):
            addresses = image.get(name)
            first = addresses[0] if isinstance(addresses, list) and addresses else ""
            if isinstance(first, str) and first.startswith(("https://", "http://")):
                return _storable(first)
    return ""


def _variant(raw: Raw) -> Variant:
    price = raw.get("price")
    if not isinstance(price, dict):
        price = {}
    asked = _amount(str(price.get("sale_price")))
    return Variant(
        _id(raw, "variant"),
        _text(raw, "seller_sku"),
        {_text(one, "name"): _text(one, "value_name") for one in entries(raw, "sales_attributes")},
        _amount(str(price.get("tax_exclusive_price"))) if asked is None else asked,
        _text(price, "currency"),
    )


def _text(raw: Raw, name: str) -> str:
    """A text, or a number as text; empty where there is neither."""
    value = raw.get(name)
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else _storable(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _storable(text: str) -> str:
    """What every database can keep: JSON may hold halves of characters, and NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


@lru_cache(1_000)  # a shop has few prices
def _amount(text: str) -> Decimal | None:
    """An amount as exact as it is kept; None where it is nonsense."""
    number = decimal(text)
    if number is None or abs(number) >= MOST_MONEY:
        return None
    return round(number, PLACES) if int(number.as_tuple().exponent) < -PLACES else number


def _id(raw: Raw, what: str) -> str:
    found = _text(raw, "id")
    if not found:
        raise Unavailable(f"TikTok Shop sent a {what} that cannot be read: it has no id.", HINTS["retry"], kind="retry")
    return found
