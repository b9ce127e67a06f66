"""The scenario's orders: one of each kind, what else is told of them, and their labels."""

from sandbox.client import Client
from sandbox.shipping import buy_label

SYSTEM = "ORDER_MANAGEMENT_SYSTEM"


def kinds_of_orders(client: Client) -> None:
    """One order of each kind is placed; they are read with all others later."""
    first = client.buy_ready(lines=[{"quantity": 1}, {"is_gift": True}])
    soon = {"combine_window": 3600}
    client.control("POST", f"/shops/{next(client.world.shops()).id}/settings", soon)
    for wish in (
        {"replaced_order_id": first["id"]},
        {"exchange_source_order_id": first["id"]},
        {"is_subscription_order": True, "is_sample_order": True},
        {"order_type": "PRE_ORDER"},
        {"order_type": "MADE_TO_ORDER", "handling_duration": {"days": "3", "type": "BUSINESS_DAY"}},
        {"fulfillment_type": "FULFILLMENT_BY_TIKTOK", "status": "AWAITING_SHIPMENT"},
        {"lines": [{"bundle": [{"seller_sku": "POSTER-HARBOR-18X24-MATTE", "quantity": 2}]}]},
    ):
        client.buy(**wish)


def about_orders(client: Client) -> None:
    order = client.buy_ready(lines=[{"customization": {"name": "Ada"}}])
    (line,) = order["line_items"]
    client.data("GET", f"/order/202407/orders/{order['id']}/price_detail")
    outside = {"id": "PSP-1", "platform": SYSTEM, "line_items": [{"id": "PSP-1-1", "origin_id": line["id"]}]}
    wanted = [{"id": order["id"], "external_order": outside}, {"id": "42", "external_order": outside}]
    client.data("POST", "/order/202406/orders/external_orders", {}, {"orders": wanted})
    client.data("GET", f"/order/202406/orders/{order['id']}/external_orders", {"platform": SYSTEM})
    query = {"platform": SYSTEM, "external_order_id": "PSP-1"}
    client.data("POST", "/order/202406/orders/external_order_search", query)
    keys = {"order_line_id": line["id"], "pod_order_data_id": line["pod_info_id"]}
    keys |= {name: line[name] for name in ("product_id", "sku_id")}
    for path in ("/order/202606/pod_details/search", "/fulfillment/202606/pod_details/get"):
        client.data("POST", path, {}, {"main_order_id": order["id"], "query_order_lines": [keys]})


def printing(client: Client) -> None:
    bought = buy_label(client, client.buy_ready(shipping_type="TIKTOK")["id"])["data"]["package_id"]
    path = f"/fulfillment/202309/packages/{bought}/shipping_documents"
    for size in ("A6", "0"):
        client.data("GET", path, {"document_type": "SHIPPING_LABEL", "document_size": size})
