"""What each call of the API does once it got past the gate. Importing the package puts every route down."""

from gcw_tiktok.sandbox.calls import (
    brands,
    cancellations,
    categories,
    fulfillment,
    images,
    logistics,
    orders,
    product_states,
    product_writes,
    products,
    sellers,
    size_charts,
    stock,
    webhooks,
)

__all__ = [
    "brands",
    "cancellations",
    "categories",
    "fulfillment",
    "images",
    "logistics",
    "orders",
    "product_states",
    "product_writes",
    "products",
    "sellers",
    "size_charts",
    "stock",
    "webhooks",
]
