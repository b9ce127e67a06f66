"""What each call of the API does once it got past the gate. Importing the package puts every route down."""

from gcw_tiktok.sandbox.calls import cancellations, fulfillment, logistics, orders, products, sellers, webhooks

__all__ = ["cancellations", "fulfillment", "logistics", "orders", "products", "sellers", "webhooks"]
