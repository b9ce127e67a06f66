"""Which shops an authorization opens, and what gcw may do there."""

from collections.abc import Sequence

from gcw_tiktok.tiktok.client import Client, entries
from gcw_tiktok.tiktok.payload import Payload

SCOPES: dict[str, tuple[str, str]] = {
    "seller.authorization.info": ("Shop Authorized Information", "to find the shops that were authorized"),
    "seller.shop.info": ("Global Shop Information", "to check that the shop is active"),
    "seller.order.info": ("Order Information", "to take orders in"),
    "seller.fulfillment.basic": ("Fulfillment Basic", "to send tracking and to print labels"),
    "seller.logistics": ("Logistics Basic", "to read warehouses, delivery options and carriers"),
    "seller.product.basic": ("Product Basic", "to read the shop's listings"),
    "seller.return_refund.basic": ("Return & Refund Basic", "to see cancellations before printing"),
}
"""Scope key -> its name in Partner Center, and why gcw needs it."""
WRITES_LISTINGS = "seller.product.write"
"""What only those need who publish listings: `Product Modify` in Partner Center."""


class Shop(Payload):
    """One shop; `cipher` names it in calls, `id` in webhooks, `code` in Seller Center."""

    id: str
    name: str = ""
    region: str = ""
    seller_type: str = ""
    cipher: str = ""
    code: str = ""


def authorized(client: Client) -> list[Shop]:
    """The shops that the authorization opens."""
    data = client.call("authorized_shops", "GET", "/authorization/{version}/shops", repeatable=True, shop=False)
    return [Shop.parse(entry) for entry in entries(data, "shops")]


def permissions(client: Client) -> list[str]:
    """The seller's own rights with TikTok Shop, such as MANAGE_GLOBAL_PRODUCT; usually none."""
    data = client.call("seller_permissions", "GET", "/seller/{version}/permissions", repeatable=True, shop=False)
    found = data.get("permissions")
    return [str(right) for right in found if right] if isinstance(found, list) else []


def missing_scopes(granted: Sequence[str]) -> list[str]:
    """The scope keys that gcw needs and lacks; none where TikTok did not say what it granted."""
    return [scope for scope in SCOPES if scope not in granted] if granted else []


def may_publish(granted: Sequence[str]) -> bool:
    """Whether gcw may write listings, as far as TikTok said what it granted."""
    return not granted or WRITES_LISTINGS in granted
