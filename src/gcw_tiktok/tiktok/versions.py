"""Which API versions each call may use, newest first. TikTok moves every call on its own."""

VERSIONS: dict[str, tuple[str, ...]] = {
    "authorized_shops": ("202309",),
    "seller_permissions": ("202309",),
    "search_products": ("202502", "202312", "202309"),
    "product_detail": ("202309",),
    "search_orders": ("202309",),
    "order_detail": ("202507", "202309"),
    "mark_shipped": ("202610", "202309"),
    "warehouses": ("202309",),
    "delivery_options": ("202309",),
    "shipping_providers": ("202309",),
    "search_cancellations": ("202602", "202309"),
    "registered_webhooks": ("202309",),
    "register_webhook": ("202309",),
    "remove_webhook": ("202309",),
}
