from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from gcw_tiktok.sandbox import gateway, server
from gcw_tiktok.sandbox.faults import Faults
from gcw_tiktok.sandbox.world import World
from sandbox.client import Client

SHOPS = "/authorization/202309/shops"
BODY = b'{"tracking_number":"9400100000000000000011","shipping_provider_id":"7117858858072016686"}'


def add(client: Client, **wanted: Any) -> None:
    client.control("POST", "/faults", wanted)


@pytest.fixture
def far(make_world: Callable[..., World]) -> Iterator[Client]:
    """The same client, over a real socket."""
    world = make_world()
    with server.serving(world) as base:
        client = Client(world, None, base)
        client.connect()
        yield client
        client.http.close()


def test_rate_limits(client: Client) -> None:
    add(client, match="GET /authorization", kind="rate_limit", times=2, retry_after=3)
    for _ in range(2):
        reply = client.raw("GET", SHOPS)
        assert (reply.status_code, reply.json()["code"]) == (429, 36009002)
        assert reply.headers["retry-after"] == "3"
    assert client.call("GET", SHOPS)["code"] == 0
    assert client.call("POST", "/order/202309/orders/search", {"page_size": 1})["code"] == 0


def test_a_rate_strikes_the_same_requests_for_the_same_seed(client: Client) -> None:
    runs = []
    for _ in range(2):
        client.control("DELETE", "/faults")
        add(client, match="shops", kind="rate_limit", rate=0.5, seed=3)
        runs.append([client.call("GET", SHOPS)["code"] for _ in range(12)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {0, 36009002}


@pytest.mark.parametrize("match", ["POST /fulfillment/202309/orders/{order_id}/packages", "/orders/*/packages"])
def test_a_rule_may_leave_steps_of_the_path_open(client: Client, match: str) -> None:
    order, other = client.buy_ready(), client.buy_ready()
    client.control("POST", "/faults", {"match": match, "kind": "rate_limit"})
    assert client.call("GET", "/order/202507/orders", {"ids": order["id"]})["code"] == 0
    assert client.call("POST", f"/fulfillment/202309/orders/{other['id']}/packages", body={})["code"] == 36009002


def test_statuses_and_codes(client: Client) -> None:
    add(client, match="shops", kind="status", status=503, times=1)
    add(client, match="shops", kind="code", code=36009003, times=1)
    reply = client.raw("GET", SHOPS)
    assert reply.status_code == 503
    assert reply.headers["content-type"].startswith("text/html")
    assert client.call("GET", SHOPS)["code"] == 36009003
    assert [fault["times"] for fault in client.control("GET", "/faults")["faults"]] == [0, 0]


def test_an_answer_is_lost_after_its_effect_in_process(client: Client) -> None:
    order = client.buy_ready()
    add(client, match="/packages", kind="reset_after", times=1)
    with pytest.raises(ConnectionResetError):
        client.raw("POST", f"/fulfillment/202309/orders/{order['id']}/packages", {}, BODY)
    assert client.order(order["id"])["status"] == "AWAITING_COLLECTION"
    entry = client.control("GET", "/journal?path=packages")["entries"][-1]
    assert (entry["fault"], entry["code"]) == ("reset_after", 0)
    assert "shipped" in entry["effect"]


def test_an_answer_is_lost_after_its_effect_on_the_wire(far: Client) -> None:
    order = far.buy_ready()
    add(far, match="/packages", kind="reset_after", times=1)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        far.raw("POST", f"/fulfillment/202309/orders/{order['id']}/packages", {}, BODY)
    assert far.order(order["id"])["status"] == "AWAITING_COLLECTION"


def test_a_cut_before_the_effect_has_none(far: Client) -> None:
    order = far.buy_ready()
    add(far, match="/packages", kind="reset_before", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        far.raw("POST", f"/fulfillment/202309/orders/{order['id']}/packages", {}, BODY)
    assert far.order(order["id"])["status"] == "AWAITING_SHIPMENT"


def test_half_an_answer(far: Client) -> None:
    add(far, match="shops", kind="truncate", times=1)
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        far.raw("GET", SHOPS)


def test_slow_and_timed_out_answers(make_world: Callable[..., World]) -> None:
    slept: list[float] = []
    sandbox = gateway.Sandbox(make_world(), faults=Faults(sleep=slept.append))
    sandbox.faults.add({"kind": "slow", "seconds": 4, "times": 1})
    sandbox.faults.add({"kind": "timeout", "seconds": 60})
    received = gateway.Received("GET", SHOPS, "", {}, b"")
    assert sandbox.respond(received, sandbox.call).code == 36009004
    with pytest.raises(ConnectionResetError):
        sandbox.respond(received, sandbox.call)
    assert slept == [4, 60]
