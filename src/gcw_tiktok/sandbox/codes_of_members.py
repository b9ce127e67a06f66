"""Members of a request whose limits TikTok Shop watches with codes of their own, rather than with its general one."""

import re

from gcw_tiktok.sandbox.refusals import Refusal, business
from gcw_tiktok.sandbox.words import words

INDEX = re.compile(r"\[\d+\]")
LIMITS = frozenset(words("anyOf enum maxItems maxLength maximum minItems minLength minimum pattern"))
POD = re.compile(r"^pod_info\.")

# Each member's limits, by the member's place without indexes; with a limit's name where limits differ in code.
CODES = {
    "category_id": (12052002, "The category id has a wrong format."),
    "description": (12052013, "The description must not exceed 10000 characters."),
    "external_product_id": (12052369, "The external product id must not exceed 999 characters."),
    "main_images minItems": (12052028, "The main image is missing."),
    "main_images": (12052306, "No more than 9 main images are allowed."),
    "product_ids": (12019120, "The number of product ids is out of range."),
    "seller_skus": (12019027, "No more than 10 seller SKUs are allowed."),
    "sku_ids": (12019087, "No more than 10 SKU ids are allowed."),
    "skus minItems": (12052902, "The list of SKUs is empty."),
    "skus": (12052050, "The product has too many SKUs."),
    "skus.external_sku_id": (12052369, "The external SKU id must not exceed 999 characters."),
    "skus.identifier_code.type": (12052591, "The type of the identifier code is invalid."),
    "skus.inventory minItems": (12052096, "The SKU has no warehouse."),
    "skus.inventory.quantity": (12052055, "The stock must be 1 to 99999."),
    "skus.pre_sale.fulfillment_type.handling_duration_days": (12052275, "The handling time is out of range."),
    "skus.price": (12052571, "The price of a SKU is missing."),
    "skus.price.amount": (12052073, "The price is invalid."),
    "skus.price.sale_price": (12052073, "The price is invalid."),
    "skus.price.currency": (12052084, "The currency is invalid."),
    "skus.sales_attributes": (12052525, "No more than 3 sales attributes are allowed."),
    "skus.sales_attributes.name": (12052240, "The name of a sales attribute must not exceed 20 characters."),
    "skus.sales_attributes.value_name": (12052240, "The value of a sales attribute must not exceed 50 characters."),
    "skus.sales_attributes.supplementary_sku_images": (12052356, "No more than 8 supplementary images are allowed."),
    "skus.seller_sku": (12052054, "The seller SKU must have 1 to 50 characters and no spaces."),
    "product_attributes.values.name": (12052240, "The value of an attribute must not exceed 2000 characters."),
    "package_weight.unit": (12019060, "The unit of the weight is invalid."),
    "package_weight.value": (12019011, "The weight is invalid."),
    "package_dimensions.unit": (12019061, "The unit of the dimensions is invalid."),
    "package_dimensions.length": (12052003, "The length is invalid."),
    "package_dimensions.width": (12052004, "The width is invalid."),
    "package_dimensions.height": (12052005, "The height is invalid."),
    "use_case": (11050001, "The use case of the image is invalid."),
    "title minLength": (12052261, "The product title is required."),
    "title": (12052051, "The product title must not exceed 255 characters."),
    "product_title minLength": (12052261, "The product title is required."),
    "product_title": (12052051, "The product title must not exceed 255 characters."),
}


def refusal_of(where: str, limit: str, message: str) -> Refusal | None:
    """How a limit that a member breaks is told, or None where the general code tells it."""
    place = INDEX.sub("", where)
    if limit not in LIMITS:
        return None
    if POD.match(place):
        return business(12052910, f"{where}: {message}")
    code = CODES.get(f"{place} {limit}") or CODES.get(place)
    return business(*code) if code else None
