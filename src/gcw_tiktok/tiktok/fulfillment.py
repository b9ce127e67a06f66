"""Tells TikTok Shop that units are on their way."""

from collections.abc import Sequence
from typing import NamedTuple

from gcw_tiktok.errors import BadInput
from gcw_tiktok.tiktok.client import Client, path_part


class Shipped(NamedTuple):
    """The package TikTok made; `warning` is its doubt about the tracking number, to be shown to people."""

    package_id: str
    warning: str
    version: str


def mark_shipped(
    client: Client, order_id: str, line_ids: Sequence[str], tracking_number: str, provider_id: str
) -> Shipped:
    """Ships these units in one parcel. Not repeatable: after `OutcomeUnknown` read the order first."""
    if not line_ids:
        raise BadInput(f"No unit of order {order_id} was named to be shipped.")

    def body(version: str) -> object:
        shipment = {"tracking_number": tracking_number, "shipping_provider_id": provider_id}
        if version < "202610":
            return {"order_line_item_ids": list(line_ids), **shipment}
        lines = [{"order_line_id": line_id} for line_id in line_ids]
        return {"order_line_list": lines, "shipping_info_list": [shipment]}

    path = f"/fulfillment/{{version}}/orders/{path_part(order_id)}/packages"
    data = client.call("mark_shipped", "POST", path, json=body, repeatable=False)
    warning = data.get("warning")
    message = warning.get("message") if isinstance(warning, dict) else warning
    return Shipped(str(data.get("package_id") or ""), str(message or ""), client.version("mark_shipped"))


def correct(client: Client, package_id: str, tracking_number: str, provider_id: str) -> None:
    """Gives a shipped parcel another number. Not repeatable: after `OutcomeUnknown` read the order first."""

    def body(version: str) -> object:
        shipment = {"tracking_number": tracking_number, "shipping_provider_id": provider_id}
        return shipment if version < "202610" else {"shipping_info_list": [shipment]}

    path = f"/fulfillment/{{version}}/packages/{path_part(package_id)}/shipping_info/update"
    client.call("correct_parcel", "POST", path, json=body, repeatable=False)
