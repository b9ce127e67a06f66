"""What a shop needs before it may list, and how a listing is refused where that is missing."""

from collections.abc import Iterator

from gcw_tiktok.sandbox.refusals import Refusal, business
from gcw_tiktok.sandbox.shops import Shop

CHECKS = {
    "SHOP_STATUS": 12052700,
    "SHOP_TAX": 12052419,
    "PICKUP_WAREHOUSE": 12052115,
    "RETURN_WAREHOUSE": 12052535,
    "DELIVERY_OPTION": 12052420,
    "SHIPPING_TEMPLATE": 12052420,
    "PRODUCT_QUANTITY_LIMIT": 12052093,
    "EXTENDED_PRODUCER_RESPONSIBILITY": 12052419,
    "BANk_ACCOUNT": 0,
    "CONTACT_INFO": 12052995,
}
"""Each check, and the code of the refusal. Without a bank account a listing is taken, and is not reviewed."""
BANK_ACCOUNT = "BANk_ACCOUNT"
OLDER_NAMES = {
    "bank_account": BANK_ACCOUNT,
    "epr": "EXTENDED_PRODUCER_RESPONSIBILITY",
    "status": "SHOP_STATUS",
    "tax_info": "SHOP_TAX",
}


def complaints(shop: Shop) -> Iterator[Refusal]:
    """Why the shop may not list now."""
    return (business(CHECKS[item], reason) for item, reason in shop.unready.items() if CHECKS[item])
