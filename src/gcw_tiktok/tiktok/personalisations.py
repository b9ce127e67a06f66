"""What buyers wanted on their units: a text of TikTok's whose form it does not publish."""

from collections.abc import Iterator
from typing import Any

from gcw_tiktok.tiktok.client import Client, entries
from gcw_tiktok.tiktok.orders import Line, Order

MEMBERS = ("pod_info_json", "pod_detail")


def personalised(order: Order) -> list[Line]:
    """The units of an order that TikTok can be asked about."""
    return [line for line in order.live_lines if line.is_pod_customized and line.pod_info_id]


def as_fulfillment(client: Client, order: Order) -> dict[str, str]:
    """The wishes by line id, as the fulfillment domain tells them; what it does not know is not in it."""
    return _ask(client, "pod_details", "/fulfillment/{version}/pod_details/get", order)


def as_orders(client: Client, order: Order) -> dict[str, str]:
    """The same from the order domain."""
    return _ask(client, "search_pod_details", "/order/{version}/pod_details/search", order)


def _ask(client: Client, call: str, path: str, order: Order) -> dict[str, str]:
    asked = [
        {
            "order_line_id": line.id,
            "product_id": line.product_id,
            "sku_id": line.sku_id,
            "pod_order_data_id": line.pod_info_id,
        }
        for line in personalised(order)
    ]
    body = {"main_order_id": order.id, "query_order_lines": asked}
    data = client.call(call, "POST", path, json=body, repeatable=True)
    return dict(_told(data))


def _told(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for row in entries(data, "pod_details"):
        text = next((row[name] for name in MEMBERS if isinstance(row.get(name), str) and row[name].strip()), "")
        if text:
            yield str(row.get("order_line_id") or ""), text
