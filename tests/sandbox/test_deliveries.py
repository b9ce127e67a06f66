"""Webhooks leave signed, are tried again as TikTok Shop does, and can be lost, doubled and mixed up on purpose."""

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.watch import Watched
from gcw_tiktok.sandbox import server
from gcw_tiktok.sandbox.deliveries import RETRIES_AFTER
from gcw_tiktok.sandbox.events import TOPICS, WITH_WHOLE_NUMBERS, Event
from gcw_tiktok.sandbox.gateway import Sandbox
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.tiktok.signing import sign_webhook, webhook_is_genuine
from sandbox.client import Client

HOOKS = "/event/202309/webhooks"
HERE = "http://127.0.0.1:9/hook"
ORDERS = "ORDER_STATUS_CHANGE"
VECTORS = json.loads((Path(__file__).parent.parent / "tiktok" / "webhook_vectors.json").read_text("utf-8"))
Json = dict[str, Any]


@dataclass
class Receiver:
    """Stands in for the network: keeps what was posted and answers with `status`."""

    status: int = 200
    got: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    then: Callable[[], object] = lambda: None

    def __call__(self, address: str, headers: Mapping[str, str], body: bytes) -> int:
        self.got.append((address, headers, body))
        self.then()
        if self.status == 0:
            raise TimeoutError("timed out")
        return self.status

    @property
    def bodies(self) -> list[Json]:
        return [json.loads(body) for _, _, body in self.got]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def client(make_world: Callable[..., World], receiver: Receiver) -> Iterator[Client]:
    """Connected, in a world whose webhooks go to the receiver."""
    world = make_world(orders=0)
    app = server.create_app(world, Sandbox(world, post=receiver))
    found = Client(world, Watched(httpx.WSGITransport(app=app), "accepted requests"))
    found.connect()
    yield found
    found.http.close()


def register(client: Client, topic: str = ORDERS, address: str = HERE) -> None:
    client.data("PUT", HOOKS, {}, {"event_type": topic, "address": address})


def send(client: Client) -> list[Json]:
    found: list[Json] = client.control("POST", "/webhooks/send")["attempts"]
    return found


def deliveries(client: Client, query: str = "") -> list[Json]:
    found: list[Json] = client.control("GET", f"/webhooks{query}")["deliveries"]
    return found


def test_an_event_goes_signed_to_the_shops_address(client: Client, receiver: Receiver) -> None:
    register(client)
    order_id = client.buy()
    assert receiver.got == [], "nothing is posted by itself in process"
    (attempt,) = send(client)
    ((address, headers, body),) = receiver.got
    app = client.world.app
    assert address == HERE
    assert headers == {"Content-Type": "application/json", "Authorization": sign_webhook(app.key, app.secret, body)}
    assert webhook_is_genuine(app.key, app.secret, body, headers["Authorization"])
    told = json.loads(body)
    assert list(told) == ["type", "tts_notification_id", "shop_id", "timestamp", "data"]
    assert told["data"] == {
        "is_on_hold_order": True,
        "order_id": order_id,
        "order_status": "ON_HOLD",
        "update_time": told["timestamp"],
    }
    assert (attempt["state"], attempt["tts_notification_id"]) == ("delivered", told["tts_notification_id"])
    assert send(client) == []


@pytest.mark.parametrize("name", ["official-order-status-change", "product-status-change-integer-product-id-unicode"])
def test_the_bytes_are_those_of_the_published_examples(name: str) -> None:
    (vector,) = [each for each in VECTORS if each["name"] == name]
    told = json.loads(vector["body"])
    topic = next(topic for topic, number in TOPICS.items() if number == told["type"])
    data = {key: str(value) if key == "product_id" else value for key, value in told["data"].items()}
    event = Event(told["tts_notification_id"], topic, told["shop_id"], told["timestamp"], data)
    assert event.raw.decode() == vector["body"]
    assert sign_webhook(vector["app_key"], vector["app_secret"], event.raw) == vector["expected_authorization"]


@pytest.mark.parametrize("topic", sorted(WITH_WHOLE_NUMBERS))
def test_some_topics_carry_an_integer_that_no_double_holds(client: Client, receiver: Receiver, topic: str) -> None:
    register(client, topic)
    client.control("POST", "/events", {"topic": topic})
    send(client)
    product_id = receiver.bodies[0]["data"]["product_id"]
    assert product_id > 1 << 53
    assert client.world.shop(receiver.bodies[0]["shop_id"]).products.get(str(product_id))  # type: ignore[union-attr]


def test_the_apps_address_hears_of_every_shop_where_a_shop_has_none(client: Client, receiver: Receiver) -> None:
    client.connect("tidewater")
    client.connect("paper-harbor")
    register(client, ORDERS, "http://localhost/of-the-shop")
    client.control("POST", "/app", {"webhook_url": "http://localhost/of-the-app", "webhook_topics": [ORDERS, 11]})
    tidewater = next(shop.id for shop in client.world.shops() if shop.name == "Tidewater Goods")
    order_id = client.buy()
    client.buy(shop_id=tidewater)
    client.control("POST", f"/orders/{order_id}/edit-address", {})
    client.control("POST", f"/orders/{order_id}/request-cancel", {})
    send(client)
    reached = [(address.rpartition("-")[2], json.loads(body)["type"]) for address, _, body in receiver.got]
    assert sorted(reached) == [("app", 1), ("app", 11), ("shop", 1), ("shop", 1)]
    assert client.control("POST", "/app", {})["webhook_topics"] == [ORDERS, "CANCELLATION_STATUS_CHANGE"]
    client.data("DELETE", HOOKS, {}, {"event_type": ORDERS})
    client.buy()
    send(client)
    assert receiver.got[-1][0] == "http://localhost/of-the-app"


def test_shops_that_never_allowed_the_app_are_not_told_of(client: Client, receiver: Receiver) -> None:
    client.control("POST", "/app", {"webhook_url": HERE})
    tidewater = next(shop.id for shop in client.world.shops() if shop.name == "Tidewater Goods")
    client.buy(shop_id=tidewater)
    assert send(client) == []
    client.control("POST", "/events", {"topic": "SELLER_DEAUTHORIZATION", "shop_id": tidewater})
    send(client)
    assert [body["type"] for body in receiver.bodies] == [6], "the end itself is told of"


@pytest.mark.parametrize("status", [500, 201, 302, 401, 0])
def test_a_failed_delivery_is_tried_again_four_times_and_then_dropped(
    client: Client, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    register(client)
    client.buy(status="UNPAID")
    assert len(send(client)) == 1
    client.advance(RETRIES_AFTER[0] - 2)
    assert send(client) == []
    client.advance(4)
    assert len(send(client)) == 1
    client.advance(13 * 3_600)
    assert len(send(client)) == 2, "at 30 minutes and at 3 hours; the last one is 12 hours after that"
    client.advance(3 * 3_600)
    assert len(send(client)) == 1
    client.advance(30 * 86_400)
    send(client)  # of what became of the order meanwhile
    delivery = deliveries(client)[0]
    times = [attempt["time"] for attempt in delivery["attempts"]]
    assert [later - earlier for earlier, later in pairwise(times)] == [120, 1800, 10_800, 43_200]
    assert (delivery["state"], delivery["due"]) == ("given up", None)
    assert [each["status"] for each in delivery["attempts"]] == [status] * 5
    assert delivery["attempts"][0]["problem"] == ("timed out" if status == 0 else "")
    told = Counter(body for _, _, body in receiver.got)
    assert max(told.values()) == 5, "the same bytes, the same tts_notification_id"


def test_one_long_advance_plays_all_retries_in_their_order(client: Client, receiver: Receiver) -> None:
    receiver.status = 503
    register(client)
    first = client.buy(status="AWAITING_SHIPMENT")
    client.advance(60)
    second = client.buy(status="AWAITING_SHIPMENT")
    client.advance(16 * 3_600)
    attempts = send(client)
    assert len(attempts) == 10
    assert [body["data"]["order_id"] for body in receiver.bodies] == [first, second] * 5
    tried = [each["attempts"] for each in deliveries(client)]
    assert [attempt["time"] for attempt in tried[0]] == sorted(attempt["time"] for attempt in tried[0])


def test_a_receiver_that_recovers_gets_it_at_the_next_attempt(client: Client, receiver: Receiver) -> None:
    receiver.status = 500
    register(client)
    client.buy()
    send(client)
    receiver.status = 200
    client.advance(121)
    (attempt,) = send(client)
    assert [each["status"] for each in attempt["attempts"]] == [500, 200]
    assert attempt["state"] == "delivered"


def test_a_receiver_may_call_the_api_before_it_answers(client: Client, receiver: Receiver) -> None:
    register(client)
    order_id = client.buy()
    seen: list[str] = []

    def from_another_thread() -> None:
        fetch = threading.Thread(target=lambda: seen.append(client.order(order_id)["status"]))
        fetch.start()
        fetch.join(timeout=5)

    receiver.then = from_another_thread
    send(client)
    assert seen == ["ON_HOLD"], "the world is free while the webhook is posted"


def test_other_machines_are_not_called_unless_allowed(make_world: Callable[..., World]) -> None:
    for hosts, state in ((frozenset[str](), "not sent"), (frozenset({"print.example"}), "delivered")):
        world, receiver = make_world(orders=0), Receiver()
        app = server.create_app(world, Sandbox(world, post=receiver, webhook_hosts=hosts))
        client = Client(world, httpx.WSGITransport(app=app))
        client.connect()
        register(client, address="https://print.example/hook")
        client.buy()
        send(client)
        (delivery,) = deliveries(client)
        assert delivery["state"] == state
        assert len(receiver.got) == (state == "delivered")
        assert ("--webhook-host print.example" in delivery["note"]) == (state == "not sent")
        client.http.close()


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("http://localhost:8080/x", True),
        ("http://hooks.localhost/x", True),
        ("http://127.9.9.9/x", True),
        ("http://[::1]:8080/x", True),
        ("http://192.168.0.4/x", False),
        ("http://169.254.169.254/latest", False),
        ("https://localhost.example/x", False),
        ("http://0.0.0.0/x", False),
    ],
)
def test_what_counts_as_this_machine(client: Client, receiver: Receiver, address: str, near: bool) -> None:
    register(client, address=address)
    client.buy()
    send(client)
    assert bool(receiver.got) == near


def test_a_webhook_is_lost_on_purpose(client: Client, receiver: Receiver) -> None:
    register(client)
    client.control("POST", "/faults", {"kind": "drop_webhook", "match": ORDERS, "times": 1})
    lost, kept = client.buy(), client.buy()
    send(client)
    assert [body["data"]["order_id"] for body in receiver.bodies] == [kept]
    assert [each["state"] for each in deliveries(client)] == ["lost", "delivered"]
    assert deliveries(client, "?state=lost")[0]["body"]["data"]["order_id"] == lost
    entries = client.control("GET", "/journal?path=hook")["entries"]
    outgoing = [entry for entry in entries if entry["method"] == "WEBHOOK"]
    assert [(each["fault"], each["effect"]) for each in outgoing] == [
        ("drop_webhook", f"webhook {ORDERS} lost"),
        ("", f"webhook {ORDERS} delivered"),
    ]


def test_a_webhook_comes_twice_on_purpose(client: Client, receiver: Receiver) -> None:
    register(client)
    client.control("POST", "/faults", {"kind": "duplicate_webhook", "times": 1})
    client.buy()
    client.buy()
    send(client)
    ids = [body["tts_notification_id"] for body in receiver.bodies]
    assert (len(ids), len(set(ids))) == (3, 2)


def test_a_webhook_is_overtaken_on_purpose(client: Client, receiver: Receiver) -> None:
    register(client)
    client.control("POST", "/faults", {"kind": "reorder_webhook", "times": 1})
    first, second, third = (client.buy() for _ in range(3))
    send(client)
    assert [body["data"]["order_id"] for body in receiver.bodies] == [second, first, third]


def test_what_steps_back_goes_after_a_minute_when_nothing_follows(client: Client, receiver: Receiver) -> None:
    register(client)
    client.control("POST", "/faults", {"kind": "reorder_webhook", "times": 1})
    client.buy()
    assert send(client) == []
    client.advance(61)
    assert len(send(client)) == 1


def test_webhook_faults_keep_to_their_topic_and_shop_and_leave_requests_alone(
    client: Client, receiver: Receiver
) -> None:
    client.connect("tidewater")
    client.connect("paper-harbor")
    client.control("POST", "/app", {"webhook_url": HERE})
    mine, other = (shop.id for shop in list(client.world.shops())[:2])
    client.control("POST", "/faults", {"kind": "drop_webhook", "shop_id": other})
    client.control("POST", "/faults", {"kind": "drop_webhook", "match": "CANCELLATION"})
    order_id = client.buy(shop_id=mine)
    client.buy(shop_id=other)
    client.control("POST", f"/orders/{order_id}/request-cancel", {})
    send(client)
    assert {(body["shop_id"], body["type"]) for body in receiver.bodies} == {(mine, 1)}


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_any_topic_can_be_triggered_by_name_or_number(client: Client, receiver: Receiver, topic: str) -> None:
    client.buy()
    client.control("POST", "/app", {"webhook_url": HERE, "webhook_topics": [topic]})
    by_name = client.control("POST", "/events", {"topic": topic})["event"]
    by_number = client.control("POST", "/events", {"topic": TOPICS[topic], "data": {"order_id": "1"}})["event"]
    send(client)
    assert receiver.bodies == [by_name, by_number]
    assert by_number["data"] == {"order_id": "1"}


def test_events_that_cannot_be_told(client: Client) -> None:
    for wish in (
        {"topic": "NEWS"},
        {},
        {"topic": 1, "data": [1]},
        {"topic": 1, "shop_id": "42"},
        {"topic": "PRODUCT_STATUS_CHANGE", "data": {"product_id": "x"}},
        {"topic": ORDERS},
    ):
        reply = client.http.post("/_sandbox/events", json=wish)
        assert reply.status_code == 400, wish
        assert reply.json()["error"]


@pytest.mark.parametrize("address", ["ftp://localhost/x", "http://localhost:99999/", "http:///x", "http://localhost/ü"])
def test_addresses_that_no_webhook_can_be_sent_to(client: Client, address: str) -> None:
    assert client.call("PUT", HOOKS, {}, {"event_type": ORDERS, "address": address})["code"] == 36009004
    assert client.http.post("/_sandbox/app", json={"webhook_url": address}).status_code == 400


def test_a_reset_forgets_what_was_on_its_way(client: Client, receiver: Receiver) -> None:
    register(client)
    client.buy()
    client.control("POST", "/reset")
    assert send(client) == []
    assert deliveries(client) == []


@contextmanager
def listening(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, "list[bytes]"]]:
    """A real receiver on this machine."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/hook?tenant=1", got
        http.shutdown()
        thread.join()


def ok(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()


def test_a_served_sandbox_delivers_by_itself(make_world: Callable[..., World]) -> None:
    arrived = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        ok(handler)
        assert handler.path == "/hook?tenant=1"
        arrived.set()

    world = make_world(orders=0)
    with listening(answer) as (address, got), server.serving(world) as base:
        client = Client(world, None, base)
        client.connect()
        register(client, address=address)
        order_id = client.buy()
        assert arrived.wait(timeout=10)
        assert json.loads(got[0])["data"]["order_id"] == order_id
        client.http.close()


def trickle(handler: BaseHTTPRequestHandler) -> None:
    """Never falls silent for long, and never gets to the end of its answer."""
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-More: ")
        while not threading.Event().wait(0.02):
            handler.wfile.write(b".")


def test_a_receiver_that_dawdles_or_hangs_up_has_failed(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gcw_tiktok.sandbox import postman

    monkeypatch.setattr(postman, "PATIENCE", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        with pytest.raises(TimeoutError):
            postman.post(f"http://127.0.0.1:{deaf.getsockname()[1]}/hook", {}, b"{}")
    with listening(trickle) as (address, _), pytest.raises(TimeoutError):
        postman.post(address, {}, b"{}")
    with listening(lambda handler: handler.connection.close()) as (address, _), pytest.raises(ConnectionError):
        postman.post(address, {}, b"{}")
    with listening(ok) as (address, _):
        assert postman.post(address, {}, b"{}") == 200
