"""A world goes into a file and comes back the same, and no file makes the sandbox run anything."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract import scenario
from gcw_tiktok.sandbox import saving, server, state, things
from gcw_tiktok.sandbox.events import TOPICS
from gcw_tiktok.sandbox.faults import Faults
from gcw_tiktok.sandbox.gateway import Sandbox
from gcw_tiktok.sandbox.world import World
from sandbox.client import Client, StillClient, still_world
from sandbox.sellers_desk import HALF_AN_HOUR, SIZE_CHART_SENT, create, detail, live, template

HOOKS = "/event/202309/webhooks"
Json = dict[str, Any]


class Twin:
    """A client whose world's wall stands still, so that two of them can be compared to the second."""

    def __init__(self, seed: int = 7, orders: int = 12) -> None:
        self.world = still_world(seed=seed, orders=orders)
        self.status = 200
        sandbox = Sandbox(self.world, post=lambda *_: self.status)
        self.client = StillClient(self.world, httpx.WSGITransport(app=server.create_app(self.world, sandbox)))
        self.sandbox = sandbox

    def save(self) -> Json:
        return self.client.control("GET", "/save")

    def load(self, file: Json) -> None:
        self.client.control("POST", "/load", file)
        self.client.token = next(iter(self.world.authorizations._by_access), "")
        self.client.cipher = next(self.world.shops()).cipher

    def truth(self) -> Json:
        return {
            "state": self.client.control("GET", "/state"),
            "faults": self.client.control("GET", "/faults"),
            "deliveries": self.client.control("GET", "/webhooks"),
        }


def busy() -> Twin:
    """A world with everything in it: orders at every stage, webhooks on their way, faults, tokens of two sellers."""
    twin = Twin(orders=30)
    client = twin.client
    client.connect("tidewater")
    client.connect()
    client.data("PUT", HOOKS, {}, {"event_type": "ORDER_STATUS_CHANGE", "address": "http://localhost/hook"})
    client.control("POST", "/app", {"webhook_url": "http://localhost/app"})
    client.control("POST", "/faults", {"kind": "rate_limit", "match": "/order/", "rate": 0.5, "seed": 3})
    client.control("POST", "/faults", {"kind": "reorder_webhook", "times": 2})
    twin.status = 500
    for topic in TOPICS:
        client.control("POST", "/events", {"topic": topic})
    orders = [client.buy(status="AWAITING_SHIPMENT") for _ in range(4)]
    client.buy(status="UNPAID")
    client.buy()
    client.control("POST", f"/orders/{orders[0]}/request-cancel", {})
    body = {"tracking_number": "9400100000000000000011", "shipping_provider_id": "7117858858072016686"}
    client.call("POST", f"/fulfillment/202309/orders/{orders[1]}/packages", {}, body)
    client.call("POST", f"/return_refund/202309/cancellations/{'1' * 19}/reject", {"idempotency_key": "k"})
    client.control("POST", f"/orders/{orders[1]}/deliver")
    asked = client.control("POST", f"/orders/{orders[1]}/request-return", {"type": "RETURN_AND_REFUND"})
    client.call(
        "POST", f"/return_refund/202309/returns/{asked['return_id']}/approve", {}, {"decision": "APPROVE_RETURN"}
    )
    client.control("POST", f"/returns/{asked['return_id']}/send-back")
    client.control("POST", "/app", {"scopes": ["seller.order.info"], "regions": ["US"]})
    client.control("POST", "/webhooks/send")
    client.advance(5)
    return twin


def go_on(twin: Twin) -> list[Any]:
    """What happens in the days after: the same in two worlds that are the same."""
    twin.status = 200
    seen: list[Any] = []
    for _ in range(4):
        twin.client.advance(40 * 3_600)
        seen.append(twin.client.control("POST", "/webhooks/send"))
        seen.append(twin.client.call("POST", "/order/202309/orders/search", {"page_size": 50}))
        seen.append(twin.client.call("POST", "/return_refund/202602/returns/search"))
        seen.append(twin.client.buy())
        seen.append(twin.client.control("POST", "/authorizations", {"seller": "tidewater"}))
    return [*seen, twin.truth()]


def test_a_world_comes_back_as_it_was_and_goes_on_alike() -> None:
    first = busy()
    file = json.loads(json.dumps(first.save()))
    second = Twin(seed=99)
    second.load(file)
    assert second.truth() == first.truth()
    first.client.token, first.client.cipher = second.client.token, second.client.cipher
    assert go_on(second) == go_on(first)


def test_loading_twice_and_saving_again_changes_nothing() -> None:
    file = busy().save()
    twin = Twin()
    for _ in range(2):
        twin.load(file)
        again = twin.save()
        assert again == file


def test_listings_of_every_kind_come_back_with_their_pictures() -> None:
    first = Twin()
    first.client.connect()
    shown = live(first.client)
    path = f"/product/202509/products/{shown['id']}/partial_edit"
    personal = {"pod_info": {"pod_templates": [template(first.client, shown["skus"][0]["id"])]}}
    first.client.data("POST", path, None, personal | {"title": "Under Review"})
    first.client.data("POST", path, None, {"title": "Put Aside", "save_mode": "AS_DRAFT"})
    first.client.data("POST", "/product/202309/brands", None, {"name": "Pier & Sea"})
    first.client.data("POST", "/product/202610/size_charts", None, SIZE_CHART_SENT)
    second = Twin(seed=99)
    second.load(json.loads(json.dumps(first.save())))
    assert second.truth() == first.truth()
    picture = detail(second.client, shown["id"])["main_images"][0]["urls"][0]
    assert second.client.http.get(picture).content == first.client.http.get(picture).content
    for twin in (first, second):
        twin.client.advance(HALF_AN_HOUR)
        assert detail(twin.client, shown["id"])["title"] == "Under Review"
        assert detail(twin.client, shown["id"], return_draft_version="true")["title"] == "Put Aside"
    assert create(second.client) == create(first.client)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.sampled_from(["UNPAID", "ON_HOLD", "AWAITING_SHIPMENT"])),
        st.tuples(st.sampled_from(["pay", "end-hold", "request-cancel", "cancel", "edit-address"]), st.integers(0, 20)),
        st.tuples(st.just("advance"), st.integers(0, 400_000)),
        st.tuples(st.just("send"), st.sampled_from([200, 500])),
        st.tuples(st.just("trigger"), st.sampled_from(sorted(TOPICS))),
    ),
    max_size=12,
)


def act(twin: Twin, actions: list[tuple[str, Any]]) -> None:
    for action, what in actions:
        if action == "buy":
            twin.client.buy(status=what)
        elif action == "advance":
            twin.client.advance(what)
        elif action == "send":
            twin.status = what
            twin.client.control("POST", "/webhooks/send")
        elif action == "trigger":
            twin.client.control("POST", "/events", {"topic": what})
        else:
            ids = [each.id for each in twin.world.orders]
            twin.client.http.post(f"/_sandbox/orders/{ids[what % len(ids)]}/{action}", json={})


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTIONS, ACTIONS)
def test_whatever_happened_before_and_happens_after(
    before: list[tuple[str, Any]], after: list[tuple[str, Any]]
) -> None:
    first = Twin()
    first.client.connect()
    first.client.control("POST", "/app", {"webhook_url": "http://localhost/app"})
    act(first, before)
    second = Twin(seed=2)
    second.load(first.save())
    for twin in (first, second):
        act(twin, after)
    assert second.truth() == first.truth()


class Mirror(httpx.BaseTransport):
    """Asks two worlds the same; both must answer the same."""

    def __init__(self, *worlds: World) -> None:
        self.both = [httpx.WSGITransport(app=server.create_app(world)) for world in worlds]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        first, second = (each.handle_request(request) for each in self.both)
        assert first.read() == second.read(), request.url.path
        return first


def test_a_world_that_is_saved_and_loaded_all_the_time_answers_like_one_that_is_not() -> None:
    """Through a scenario in which every call of the sandbox is made."""
    world, twin, faults = still_world(), still_world(), Faults()
    client = StillClient(world, Mirror(world, twin))
    client.connect()
    for act in scenario.ACTS:
        act(client)
        saving.load(json.loads(json.dumps(saving.saved(twin, faults))), twin, faults)
    client.http.close()
    assert state.whole(world, []) == state.whole(twin, [])
    assert [each.body for each in world.events] == [each.body for each in twin.events]


def test_what_a_loaded_world_does_not_share_with_the_one_it_came_from() -> None:
    first, second = busy(), Twin()
    second.load(first.save())
    second.client.advance(3_600)
    assert second.world.now() == first.world.now() + 3_600
    assert second.client.control("GET", "/journal")["entries"] == []


def refused(file: object) -> str:
    twin = Twin()
    before = twin.truth()
    reply = twin.client.http.post("/_sandbox/load", json=file)
    assert reply.status_code == 400, reply.text
    assert twin.truth() == before, "nothing has changed"
    return str(reply.json()["error"])


def summed(file: Json, table: Any) -> Json:
    return file | {"things": table, "sha256": saving._sum(table)}


def test_files_that_are_no_worlds() -> None:
    file = Twin().save()
    assert "no saved sandbox" in refused({})
    assert "no saved sandbox" in refused({"format": "other"})
    assert "newer gcw" in refused(file | {"version": 2})
    assert "newer gcw" in refused(file | {"version": "1"})
    assert "damaged" in refused(file | {"things": file["things"][:-1]})
    assert "damaged" in refused(file | {"now": "soon"})
    assert "damaged" in refused({name: value for name, value in file.items() if name != "sha256"})


@pytest.mark.parametrize(
    "row",
    [
        ["object", "os.system", {}],
        ["object", "subprocess.Popen", {"args": "true"}],
        ["object", "world.World.reset", {}],
        ["object", "faults.ConnectionCut", {}],
        ["object", "server.Wanted", {"port": 1, "evil": 2}],
        ["object", "shops.Shop", {}],
        ["enum", "world.World", "reset"],
        ["random", 3, [1, 2], None],
        ["bytes", "***"],
        ["deque", "long"],
        ["tuple", [0], 7, [99_999_999]],
        ["lambda", "1"],
        ["dict", 5],
        [],
        "text",
        None,
    ],
)
def test_rows_that_no_sandbox_writes(row: Any) -> None:
    file = Twin().save()
    assert "does not fit" in refused(summed(file, [row, *file["things"]]))
    assert "does not fit" in refused(summed(file, [*file["things"], row]))


def test_a_part_of_another_kind_or_an_unknown_step() -> None:
    file = Twin().save()
    table: list[Any] = json.loads(json.dumps(file["things"]))
    world = next(row for row in table if row[:2] == ["object", "world.World"])
    for name, value in (("orders", 5), ("seed", "x"), ("app", world[2]["orders"])):
        changed = [
            row if row[:2] != world[:2] else ["object", "world.World", world[2] | {name: value}] for row in table
        ]
        assert f"its {name}" in refused(summed(file, changed))
    steps = json.loads(json.dumps(table).replace('"give_up"', '"launch"'))
    assert "launch" in refused(summed(file, steps))


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_table_changed_anywhere_ends_in_a_sentence_or_loads(data: st.DataObject) -> None:
    table = json.loads(json.dumps(FILE["things"]))
    number = data.draw(st.integers(0, len(table) - 1))
    value = data.draw(st.one_of(st.none(), st.integers(), st.text(max_size=3), st.lists(st.integers(0, 9), max_size=2)))
    row = table[number]
    row[data.draw(st.integers(0, len(row) - 1))] = value
    twin = Twin(orders=0)
    reply = twin.client.http.post("/_sandbox/load", json=summed(FILE, table))
    assert reply.status_code in (200, 400)


FILE = Twin(orders=0).save()


def test_deep_nesting_is_no_way_in(make_client: Callable[..., Client]) -> None:
    reply = make_client().http.post("/_sandbox/load", content=b"[" * 200_000)
    assert reply.status_code == 400


def test_what_cannot_be_saved_is_named() -> None:
    @dataclass
    class Foreign:
        x: int = 1

    with pytest.raises(TypeError, match="Foreign cannot be saved"):
        things.written([Foreign()], {})


def test_a_field_that_came_later_has_its_default() -> None:
    file = Twin().save()
    table = json.loads(json.dumps(file["things"]))
    for row in table:
        if row[:2] == ["object", "sales.orders.Order"]:
            del row[2]["buyer_message"]
    twin = Twin()
    twin.load(summed(file, table))
    assert {order.buyer_message for order in twin.world.orders} == {""}
