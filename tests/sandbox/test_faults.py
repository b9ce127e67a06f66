from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.sandbox import gateway, server
from gcw_tiktok.sandbox.faults import AFTER, BEFORE, Faults
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


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({}, "needs a kind"),
        ({"kind": "earthquake"}, "kind must be one of"),
        ({"kind": ["slow"]}, "kind must be one of"),
        ({"kind": "slow", "color": "red"}, "has no color; it has"),
        ({"kind": "slow", "id": 3}, "has no id"),
        ({"kind": "slow", "struck": 3}, "has no struck"),
        ({"kind": "slow", "match": 5}, "match must be a text"),
        ({"kind": "slow", "match": None}, "match must be a text"),
        ({"kind": "slow", "shop_id": 5}, "shop_id must be a text"),
        ({"kind": "slow", "times": 0}, "times must be a whole number from 1 on"),
        ({"kind": "slow", "times": "twice"}, "times must be"),
        ({"kind": "slow", "times": True}, "times must be"),
        ({"kind": "slow", "rate": "often"}, "rate must be a number between 0 and 1"),
        ({"kind": "slow", "rate": 1.1}, "rate must be"),
        ({"kind": "slow", "seed": 1.5}, "seed must be"),
        ({"kind": "status", "status": 199}, "status must be an HTTP status from 200 to 599"),
        ({"kind": "code", "code": 0}, "code must be"),
        ({"kind": "code", "code": "36009003"}, "code must be"),
        ({"kind": "code", "message": 1}, "message must be a text"),
        ({"kind": "rate_limit", "retry_after": -1}, "retry_after must be whole seconds"),
        ({"kind": "slow", "seconds": 1e9}, "seconds must be seconds, at most"),
    ],
)
def test_rules_that_make_no_sense_are_refused_in_a_sentence(client: Client, wanted: Any, words: str) -> None:
    reply = client.http.post("/_sandbox/faults", json=wanted)
    assert reply.status_code == 400
    assert words in reply.json()["error"]
    assert client.control("GET", "/faults")["faults"] == []


def test_one_rule_is_taken_away_and_the_others_stay(client: Client) -> None:
    for kind in ("slow", "code", "status"):
        add(client, match="nowhere", kind=kind)
    first, second, third = (fault["id"] for fault in client.control("GET", "/faults")["faults"])
    client.control("DELETE", f"/faults/{second}")
    assert [fault["id"] for fault in client.control("GET", "/faults")["faults"]] == [first, third]
    gone = client.http.delete(f"/_sandbox/faults/{second}")
    assert (gone.status_code, gone.json()) == (400, {"error": f"There is no fault {second}."})
    assert client.control("POST", "/faults", {"kind": "slow"})["id"] > third, "ids are never used twice"


def test_a_rule_keeps_to_its_shop(client: Client) -> None:
    shops = {shop.cipher: shop.id for shop in client.world.shops()}
    add(client, kind="code", code=36009003, shop_id=shops[client.cipher])
    path = "/order/202309/orders/search"
    assert client.call("POST", path, {"page_size": 1})["code"] == 36009003
    assert client.call("GET", SHOPS)["code"] == 0, "no shop is named there"
    client.connect("tidewater")
    assert client.call("POST", path, {"page_size": 1})["code"] == 0


@pytest.mark.parametrize("kind", sorted(BEFORE | AFTER))
def test_the_journal_tells_what_every_fault_did(make_world: Callable[..., World], kind: str) -> None:
    world = make_world()
    sandbox = gateway.Sandbox(world, faults=Faults(sleep=lambda _: None))
    client = Client(world, httpx.WSGITransport(app=server.create_app(world, sandbox)))
    client.connect()
    order = client.buy_ready()
    add(client, match="/packages", kind=kind, times=1)
    path = f"/fulfillment/202309/orders/{order['id']}/packages"
    with suppress(ConnectionResetError, ValueError):
        client.raw("POST", path, {}, BODY)
    entry = client.control("GET", "/journal?path=packages")["entries"][-1]
    shipped = client.order(order["id"])["status"] == "AWAITING_COLLECTION"
    assert entry["fault"] == kind
    assert bool(entry["effect"]) == shipped == (kind in AFTER)
    assert client.control("GET", "/faults")["faults"][0]["struck"] == 1
    client.http.close()


RULE = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["code", "rate_limit", "status"]),
        "match": st.sampled_from(["", "GET", "/order/", "{order_id}", "shops"]),
        "rate": st.floats(0, 1),
        "seed": st.integers(0, 5),
        "times": st.one_of(st.none(), st.integers(1, 4)),
    }
)
ASKED = st.lists(st.sampled_from(["GET /order/202507/orders", "GET /authorization/202309/shops", "POST /order/1"]))


@given(st.lists(RULE, min_size=1, max_size=4), ASKED)
def test_the_same_rules_strike_the_same_requests(rules: list[dict[str, Any]], asked: list[str]) -> None:
    runs = []
    for _ in range(2):
        faults = Faults()
        made = [faults.add(dict(rule)) for rule in rules]
        struck = [fault.id if fault else 0 for line in asked for fault in [faults.strike(line)]]
        runs.append(struck)
        for fault, rule in zip(made, rules, strict=True):
            assert fault.struck == struck.count(fault.id)
            assert rule["times"] is None or fault.struck <= rule["times"]
    assert runs[0] == runs[1]
