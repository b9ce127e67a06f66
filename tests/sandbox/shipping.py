"""What tests of shipping say to the sandbox again and again."""

from typing import Any

from gcw_tiktok.sandbox.sales.carriers import CARRIERS
from sandbox.client import Client

USPS, UPS = CARRIERS[0].id, CARRIERS[1].id
NUMBER, OTHER_NUMBER = "9400100000000000000011", "9400100000000000000028"
HOUR, DAY = 3_600, 86_400
SELF = {"self_shipment": {"tracking_number": NUMBER, "shipping_provider_id": USPS}}
Json = dict[str, Any]


def ids(order: Json) -> list[str]:
    """The ids of an order's units."""
    return [line["id"] for line in order["line_items"]]


def mark_shipped(client: Client, order_id: str, **body: Any) -> Json:
    wanted = {"tracking_number": NUMBER, "shipping_provider_id": USPS} | body
    return client.call("POST", f"/fulfillment/202309/orders/{order_id}/packages", {}, wanted)


def buy_label(client: Client, order_id: str, **body: Any) -> Json:
    return client.call("POST", "/fulfillment/202309/packages", {}, {"order_id": order_id} | body)


def split(client: Client, order_id: str, *groups: list[str]) -> Json:
    wanted = [{"id": f"box-{number}", "order_line_item_ids": group} for number, group in enumerate(groups)]
    body = {"splittable_groups": wanted}
    return client.call("POST", f"/fulfillment/202309/orders/{order_id}/split", {}, body)


def ship_package(client: Client, package_id: str, **body: Any) -> Json:
    return client.call("POST", f"/fulfillment/202309/packages/{package_id}/ship", {}, body)


def package(client: Client, package_id: str) -> Json:
    return client.data("GET", f"/fulfillment/202309/packages/{package_id}")


def twins(client: Client, count: int = 2, **wish: Any) -> list[Json]:
    """Orders of one buyer to one address, ready to be shipped."""
    first = client.buy_ready(**wish)
    return [first, *(client.buy_ready(buyer_user_id=first["user_id"], **wish) for _ in range(count - 1))]


def drafts_of(client: Client, order: Json) -> list[Json]:
    """The combinable packages that hold an order."""
    path = "/fulfillment/202309/combinable_packages/search"
    found = client.data("GET", path, {"page_size": 50})["combinable_packages"]
    return [each for each in found if order["id"] in each["order_ids"]]


def combine(client: Client, draft_id: str, order_ids: list[str]) -> Json:
    body = {"combinable_packages": [{"id": draft_id, "order_ids": order_ids}]}
    return client.data("POST", "/fulfillment/202309/packages/combine", {}, body)


def told(client: Client, topic: str) -> list[Json]:
    """What the platform told of a topic, oldest first."""
    return [event.data for event in client.world.events if event.topic == topic]
