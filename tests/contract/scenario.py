"""Every call of the sandbox made once with success, as an app in the field makes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from contract.acts_listings import before_a_listing, listings, showing_and_hiding, writing
from contract.acts_orders import about_orders, kinds_of_orders, printing
from contract.acts_returns import cancelling, returning
from contract.acts_shipping import by_the_seller, by_tiktok, combining, splitting
from contract.exchanges import Exchange, read
from gcw_tiktok.sandbox.doings.webhooks import SAMPLES
from gcw_tiktok.sandbox.events import Event
from gcw_tiktok.sandbox.server import create_app
from gcw_tiktok.sandbox.world import World
from sandbox.client import START, Client

ORDERS = (kinds_of_orders, about_orders, printing)
SHIPPING = (by_the_seller, by_tiktok, splitting, combining)
LISTINGS = (listings, before_a_listing, writing, showing_and_hiding)
Json = dict[str, Any]


class Kept(httpx.BaseTransport):
    """Keeps what passed between an app and the sandbox."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.inner.handle_request(request)
        response.read()
        exchange = read(request, response)
        if exchange:
            self.exchanges.append(exchange)
        return response

    def close(self) -> None:
        self.inner.close()


@dataclass(frozen=True)
class Played:
    """What passed, and what webhooks would tell of it."""

    exchanges: list[Exchange]
    events: list[Event]


@cache
def play() -> Played:
    """The whole scenario, once."""
    world = World(seed=7, now=START)
    return act_out(world, httpx.WSGITransport(app=create_app(world)))


def act_out(world: World, transport: httpx.BaseTransport, base_url: str = "http://sandbox") -> Played:
    """The whole scenario in a world of seed 7."""
    kept = Kept(transport)
    client = Client(world, kept, base_url)
    client.connect()
    for act in ACTS:
        act(client)
    client.http.close()
    return Played(kept.exchanges, list(world.events))


def _selling(client: Client) -> None:
    client.data("GET", "/authorization/202309/shops")
    client.data("GET", "/seller/202309/shops")
    client.data("GET", "/seller/202309/permissions")
    client.data("GET", "/seller/202508/status")
    for warehouse in client.data("GET", "/logistics/202309/warehouses")["warehouses"]:
        path = f"/logistics/202309/warehouses/{warehouse['id']}/delivery_options"
        for option in client.data("GET", path)["delivery_options"]:
            client.call("GET", f"/logistics/202309/delivery_options/{option['id']}/shipping_providers")


def _orders(client: Client) -> None:
    client.buy(lines=[{"quantity": 2, "extra": {"is_pod_customized": True, "pod_info_id": "7350000000000000001"}}])
    ids = [order["id"] for order in _everything(client, "/order/202309/orders/search", "orders")]
    for version in ("202309", "202507"):
        client.data("GET", f"/order/{version}/orders", {"ids": ",".join(ids[:50])})


def _everything(client: Client, path: str, name: str) -> Iterator[Json]:
    token = ""
    while True:
        page = client.data("POST", path, {"page_size": 50, "page_token": token}, {})
        yield from page[name]
        token = page.get("next_page_token", "")
        if not token:
            return


def _events(client: Client) -> None:
    hook = {"event_type": "ORDER_STATUS_CHANGE", "address": "https://print.example/hook"}
    client.data("PUT", "/event/202309/webhooks", {}, hook)
    client.data("GET", "/event/202309/webhooks")
    client.data("DELETE", "/event/202309/webhooks", {}, {"event_type": "ORDER_STATUS_CHANGE"})
    for topic in SAMPLES:
        client.control("POST", "/events", {"topic": topic})


def _leaving(client: Client) -> None:
    client.data("DELETE", "/authorization/202403/shops")


STAYING = (_selling, *LISTINGS, *ORDERS, _orders, *SHIPPING, cancelling, returning, _events)
"""What an app does, except giving its authorization up."""
ACTS = (*STAYING, _leaving)
"""In their order; together they make every call."""
