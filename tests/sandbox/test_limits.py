"""An app that asks too often is told to wait: by shop and endpoint, and by the hour."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from gcw_tiktok.sandbox import server
from gcw_tiktok.sandbox.gateway import Sandbox
from gcw_tiktok.sandbox.limits import Limits
from gcw_tiktok.sandbox.world import World
from sandbox.client import Client

SHOPS, SEARCH, PRODUCTS = (
    "/authorization/202309/shops",
    "/order/202309/orders/search",
    "/product/202502/products/search",
)


class Asking:
    """A client, and the machine's own time as the limits see it."""

    def __init__(self, world: World) -> None:
        self.time = 1_000.0
        self.sandbox = Sandbox(world, limits=Limits(clock=lambda: self.time))
        self.client = Client(world, httpx.WSGITransport(app=server.create_app(world, self.sandbox)))
        self.client.connect()

    def search(self, path: str = SEARCH) -> int:
        reply = self.client.raw("POST", path, {"page_size": 10})
        if reply.status_code == 429:
            assert reply.json()["code"] == 36009002
            return int(reply.headers["retry-after"])
        assert reply.json()["code"] == 0
        return 0


@pytest.fixture
def asking(make_world: Callable[..., World]) -> Iterator[Asking]:
    found = Asking(make_world())
    yield found
    found.client.http.close()


def test_nothing_is_limited_unless_asked_for(asking: Asking) -> None:
    assert not any(asking.search() for _ in range(200))
    assert asking.client.control("GET", "/limits") == {"per_second": 0, "per_hour": 0}


def test_so_many_a_second_for_each_shop_and_endpoint(asking: Asking) -> None:
    asking.client.control("POST", "/limits", {"per_second": 3})
    assert [asking.search() for _ in range(5)] == [0, 0, 0, 1, 1]
    assert asking.search(PRODUCTS) == 0, "another endpoint"
    assert asking.client.call("GET", SHOPS)["code"] == 0, "another endpoint"
    token, cipher = asking.client.token, asking.client.cipher
    asking.client.connect("tidewater")
    assert asking.search() == 0, "another shop"
    asking.client.token, asking.client.cipher = token, cipher
    assert asking.search() == 1
    asking.time += 1.0
    assert [asking.search() for _ in range(4)] == [0, 0, 0, 1], "what was refused did not count"


def test_the_world_s_clock_changes_no_limit(asking: Asking) -> None:
    asking.client.control("POST", "/limits", {"per_second": 1})
    assert asking.search() == 0
    asking.client.advance(3_600)
    assert asking.search() == 1


def test_so_many_an_hour_for_each_shop(asking: Asking) -> None:
    asking.client.control("POST", "/limits", {"per_second": 0, "per_hour": 4})
    assert [asking.search(path) for path in (SEARCH, PRODUCTS, SEARCH, PRODUCTS)] == [0, 0, 0, 0]
    asking.time += 600
    assert asking.search() == 3_000
    asking.time += 3_000
    assert asking.search() == 0


def test_a_refused_write_has_no_effect_and_stands_in_the_journal(asking: Asking) -> None:
    order = asking.client.buy_ready()
    path = f"/fulfillment/202309/orders/{order['id']}/packages"
    body = {"tracking_number": "9400100000000000000011", "shipping_provider_id": "7117858858072016686"}
    asking.client.control("POST", "/limits", {"per_second": 1})
    assert asking.client.call("POST", path, {}, body | {"order_line_item_ids": ["1"]})["code"] == 21011029
    assert asking.client.call("POST", path, {}, body)["code"] == 36009002
    entry = asking.client.control("GET", "/journal?path=packages")["entries"][-1]
    assert (entry["status"], entry["code"], entry["effect"]) == (429, 36009002, "")
    assert asking.client.order(order["id"])["status"] == "AWAITING_SHIPMENT"


def test_limits_that_make_no_sense(asking: Asking) -> None:
    for wish in ({"per_second": -1}, {"per_second": 1.5}, {"per_hour": "many"}, {"per_day": 3}, {"per_second": True}):
        reply = asking.client.http.post("/_sandbox/limits", json=wish)
        assert reply.status_code == 400, wish
        assert reply.json()["error"]


def test_a_start_from_the_command_line_is_limited() -> None:
    assert server.opened(server.Wanted(per_second=50, per_hour=7)).limits.shown == {"per_second": 50, "per_hour": 7}
