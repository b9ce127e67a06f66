"""gcw serve and gcw webhooks listen as processes of their own, with a sandbox that really listens."""

import json
import os
import signal
import threading
import time
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select, update

from conftest import EXAMPLES, Gcw
from connecting.conftest import Street
from connecting.conftest import street as street
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.store.tables import Event, Line, Order, Stage
from gcw_tiktok.web import receiver, serving
from gcw_tiktok.workflow import outbox, webhooks
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.storefronts import unused
from orders.connector import KEY, Intake
from orders.shop import SKU, STORE
from webhooks.process import PATIENCE, running
from webhooks.pushes import id_of, push

Json = dict[str, Any]


@dataclass(frozen=True)
class Town:
    """A sandbox and gcw's store there, each reached by real requests."""

    gcw: Gcw
    url: str
    world: World

    @property
    def shop_id(self) -> str:
        return str(self.gcw("store", "list", "--json").json[0]["shop_id"])

    def control(self, method: str, path: str, body: Json | None = None) -> Any:
        answer = httpx.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=30)
        assert answer.is_success, answer.text
        return answer.json()

    def order(self) -> str:
        placed = self.control("POST", "orders", {"lines": [{"seller_sku": SKU, "quantity": 1}]})
        return str(placed["order_ids"][0])

    def of_order(self, order_id: str) -> bytes:
        return push(1, self.shop_id, order_id=order_id, order_status="ON_HOLD")

    def waits_for_tiktok(self) -> None:
        """Returns once gcw acts on the newest notification; TikTok's lock is held, so it gets no answer."""
        end = time.monotonic() + PATIENCE
        while not self.gcw("webhooks", "events", "--last", "1", "--json").json[0]["tries"]:
            assert time.monotonic() < end

    def stage(self, order_id: str) -> str:
        return str(self.gcw("orders", "show", order_id, "--json").json["stage"])


@pytest.fixture
def town(street: Street, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A store that is connected."""
    return new_town(street, monkeypatch)


@pytest.fixture
def either_town(home: Path, database_url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A store that is connected, on each engine in turn."""
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    return new_town(request.getfixturevalue("street"), monkeypatch)


def new_town(street: Street, monkeypatch: pytest.MonkeyPatch) -> Town:
    def browser(address: str) -> bool:
        back = street.allow(address)
        threading.Thread(target=lambda: httpx.get(back, timeout=30), daemon=True).start()
        return True

    monkeypatch.setattr(webbrowser, "open", browser)
    street.gcw("store", "connect", "--customer", "Paper Harbor", "--facility", "Main floor")
    return Town(street.gcw, street.url, street.world)


def test_an_order_that_is_pushed_is_there_a_moment_later(either_town: Town) -> None:
    town = either_town
    order_id = town.order()
    with running("serve", "--port", "0", "--poll", "0") as serve:
        body = town.of_order(order_id)
        assert serve.send(body, town.world.app).status_code == 200
        assert serve.until(event="received")["about"] == [f"order:{order_id}"]
        acted = serve.until(event="acted")
        assert (acted["id"], acted["state"]) == (id_of(body), "done")
        assert town.stage(order_id) == "received"
        assert serve.send(body, town.world.app).status_code == 200
        serve.until(event="received again", id=id_of(body))
        assert httpx.get(serve.ready["address"] + "/readyz").status_code == 200
        serve.signal(signal.SIGTERM)
        assert serve.ends() == 0


def test_what_no_webhook_told_is_found_by_polling(either_town: Town) -> None:
    town = either_town
    order_id = town.order()
    with running("serve", "--port", "0", "--poll", "1") as serve:
        assert serve.until(event="polled")["new"] == 1
        later = town.order()
        assert serve.until(event="polled")["new"] == 1
        assert town.stage(order_id) == town.stage(later) == "received"
        serve.signal(signal.SIGINT)
        assert serve.ends() == 0


def test_what_production_drops_is_read_and_filed(town: Town) -> None:
    hand_off = Path(town.gcw("facility", "list", "--json").json[0]["hand_off"].removeprefix("folder:"))
    (hand_off / "results").mkdir()
    with running("serve", "--port", "0", "--poll", "0") as serve:
        report = hand_off / "results" / "event.json.part"
        report.write_text('{"orderReferenceId": "TTS-1", "status": "beautiful"}')
        os.utime(report, (1, 1))  # nobody writes to it any more
        report.rename(report.with_suffix(""))
        told = serve.until(event="collected")
        assert (told["file"], told["state"], told["facility"]) == ("event.json", "failed", "Main floor")
        assert "beautiful" in told["why"]
    assert (hand_off / "results" / "failed" / "event.json").is_file()


def test_what_gelatoconnect_posts_is_acted_on(either_town: Town) -> None:
    secret = "a-secret-that-nobody-guesses"
    path = either_town.gcw("facility", "postbacks", "Main floor", "--json", stdin=secret).json["path"]
    with running("serve", "--port", "0", "--poll", "0") as serve:
        address = serve.ready["address"] + path
        body = {"orderReferenceId": "TTS-577000000000000009", "status": "printed"}
        assert httpx.post(address, json=body).status_code == 401
        assert httpx.post(address, json=body, headers={"X-Gcw-Secret": secret}).status_code == 200
        told = serve.until(event="collected")
        assert (told["file"], told["state"], told["facility"]) == ("postback", "failed", "Main floor")
        serve.signal(signal.SIGTERM)
        assert serve.ends() == 0
        assert secret not in serve.said


def test_a_connector_is_asked_how_far_its_orders_are(town: Town) -> None:
    order_id = town.order()
    town.gcw("orders", "pull")
    intake = Intake()
    intake.orders[f"TTS-{order_id}"] = {}
    intake.statuses[f"TTS-{order_id}"] = {"fulfillmentStatus": "printed"}
    with serving.serving(intake.app, "127.0.0.1", 0) as far:
        hand_off = f"gelatoconnect:{far}/api/harbor/7/order"
        town.gcw("facility", "edit", "Main floor", "--hand-off", hand_off, stdin=KEY)
        with Runtime().database.session() as session:  # as if it had been handed over
            session.exec(update(Order).values(stage=Stage.CREATED, released_at=1))
            session.exec(update(Line).values(stage=Stage.CREATED))
            order = session.exec(select(Order)).one()
            lines = {line.line_id: 1 for line in session.exec(select(Line))}
            given = {"folder": hand_off, "lines": lines}
            entry = outbox.write(session, "hand-off/x", outbox.HAND_OFF, order, given, 1)
            outbox.done(session, entry, 1, {"reference": f"TTS-{order_id}"})
        with running("serve", "--port", "0", "--poll", "1") as serve:
            told = serve.until(event="collected")
            assert (told["about"], told["state"], told["facility"]) == ([f"order:{order_id}"], "printed", "Main floor")
            serve.signal(signal.SIGTERM)
            assert serve.ends() == 0
    assert town.stage(order_id) == "printed"


def test_recipients_that_are_kept_for_long_enough_are_forgotten(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = town.order()
    town.gcw("orders", "pull")
    with Runtime().database.session() as session:
        session.exec(update(Order).values(stage=Stage.DELIVERED, updated_at=0))
        session.exec(update(Line).values(stage=Stage.DELIVERED))
    monkeypatch.setenv("GCW_KEEP_RECIPIENTS_DAYS", "30")
    with running("serve", "--port", "0", "--poll", "0") as serve:
        assert serve.until(event="purged")["orders"] == 1
        assert town.gcw("orders", "show", order_id, "--json").json["recipient"] == "purged"
        serve.signal(signal.SIGINT)
        assert serve.ends() == 0


def test_uploads_that_nothing_uses_are_removed(town: Town) -> None:
    gcw = Runtime()
    with (EXAMPLES / "designs" / "harbor-poster-18x24.pdf").open("rb") as content:
        stored = pinning.take(content, "harbor.pdf", gcw.profile.designs)
    with gcw.database.session() as session:
        unused.brought(session, Act("ada", gcw.now() - 8 * 86_400), 1, stored, "harbor.pdf")
    with running("serve", "--port", "0", "--poll", "0") as serve:
        told = serve.until(event="swept")
        assert (told["designs"], told["pictures"], told["bytes"]) == (1, 0, stored.size)
        assert not stored.path.exists()
        serve.signal(signal.SIGINT)
        assert serve.ends() == 0


def test_without_pages_webhooks_are_received_all_the_same(town: Town) -> None:
    with running("serve", "--port", "0", "--poll", "0", "--no-pages") as serve:
        assert serve.ready.keys() == {"address", "webhook_url", "poll_seconds"}
        for path in ("/", "/sign-in", "/stores", "/callback", "/static/portal.css"):
            answer = httpx.get(serve.ready["address"] + path)
            assert (answer.status_code, "sign" in answer.text.lower()) == (404, False), path
        assert httpx.get(serve.ready["address"] + "/healthz").status_code == 200
        assert httpx.get(serve.ready["address"] + "/readyz").status_code == 200
        order_id = town.order()
        assert serve.send(town.of_order(order_id), town.world.app).status_code == 200
        serve.until(event="acted", state="done", about=[f"order:{order_id}"])
        assert town.stage(order_id) == "received"
        serve.signal(signal.SIGINT)
        assert serve.ends() == 0
        assert "No operator may sign in" not in serve.said


def test_what_the_history_says_is_chained(town: Town) -> None:
    with running("serve", "--port", "0", "--poll", "0") as serve, Runtime().database.view() as session:
        until, chained = time.monotonic() + PATIENCE, None
        while chained is None and time.monotonic() < until:
            session.rollback()  # each look is at what is there by then
            chained = session.exec(select(Event.seq).where(Event.what == "connected")).first()
        serve.signal(signal.SIGINT)
        assert serve.ends() == 0
    assert chained


def test_what_another_gcw_has_just_pulled_is_not_polled_again(town: Town) -> None:
    town.gcw("orders", "pull")
    seen = town.control("GET", "journal")["entries"][-1]["number"]
    with running("serve", "--port", "0", "--poll", "300") as serve:
        order_id = town.order()
        serve.send(town.of_order(order_id), town.world.app)
        serve.until(event="acted", state="done")
        paths = [one["path"] for one in town.control("GET", f"journal?since={seen}")["entries"]]
    assert [path for path in paths if path.startswith("/order/")] == ["/order/202507/orders"]


def test_one_store_in_trouble_stops_neither_polling_nor_webhooks(town: Town) -> None:
    town.control("POST", "faults", {"match": "/orders/search", "kind": "code", "code": 36009009, "times": 1})
    with running("serve", "--port", "0", "--poll", "1") as serve:
        assert serve.until(event="trouble")["store"] == "Paper Harbor Prints"
        town.order()
        assert serve.until(event="polled")["new"] == 1
        for body in (b"{", push(1, town.shop_id, order_id="576000000000000001")):
            serve.send(body, town.world.app)
        acted = [serve.until(event="acted") for _ in range(2)]  # side by side, so in any order
        assert {line["topic"]: line["state"] for line in acted} == {
            "type 0": "ignored",
            "ORDER_STATUS_CHANGE": "failed",
        }
        order_id = town.order()
        serve.send(town.of_order(order_id), town.world.app)
        serve.until(event="acted", about=[f"order:{order_id}"], state="done")


def test_what_a_killed_gcw_left_is_acted_on_at_the_next_start(either_town: Town) -> None:
    town = either_town
    order_id = town.order()
    with running("serve", "--port", "0", "--poll", "0") as serve, town.world.lock:
        assert serve.send(town.of_order(order_id), town.world.app).status_code == 200
        town.waits_for_tiktok()
        serve.signal(signal.SIGKILL)
        assert serve.ends() == -signal.SIGKILL
    assert town.gcw("webhooks", "events", "--json").json[0]["state"] == "recorded"
    with running("serve", "--port", "0", "--poll", "0") as serve:
        assert serve.until(event="acted")["state"] == "done"
    assert town.stage(order_id) == "received"


def test_what_tiktok_did_not_sign_is_told_without_filling_the_screen(town: Town) -> None:
    stranger = World(seed=2, products=1, orders=0).app
    with running("serve", "--port", "0", "--poll", "0") as serve:
        for _ in range(5):
            assert serve.send(push(1, town.shop_id, order_id="5766"), stranger).status_code == 401
        told = serve.until(event="refused")
        assert (told["count"], "Partner Center" in told["hint"]) == (1, True)
        serve.send(push(4711, town.shop_id), town.world.app)
        assert serve.next()["event"] == "received"


def test_the_port_that_is_taken_is_told(town: Town) -> None:
    with running("serve", "--port", "0", "--poll", "0") as serve:
        port = serve.ready["address"].rpartition(":")[2]
        assert town.gcw.fails(3, "serve", "--port", port, "--json").error["code"] == "port_taken"


def test_a_stop_waits_for_what_is_being_acted_on(town: Town) -> None:
    order_id = town.order()
    with running("serve", "--port", "0", "--poll", "0") as serve:
        with town.world.lock:
            serve.send(town.of_order(order_id), town.world.app)
            town.waits_for_tiktok()
            serve.signal(signal.SIGTERM)
            serve.hears("Stopping")
        assert serve.until(event="acted")["state"] == "done"
        assert serve.ends() == 0
    assert town.stage(order_id) == "received"


def test_a_second_ctrl_c_stops_at_once(town: Town) -> None:
    order_id = town.order()
    with running("serve", "--port", "0", "--poll", "0") as serve, town.world.lock:
        serve.send(town.of_order(order_id), town.world.app)
        town.waits_for_tiktok()
        serve.signal(signal.SIGINT)
        serve.hears("Stopping")
        serve.signal(signal.SIGINT)
        assert serve.ends() == 130


def test_events_are_shown_and_passed_on_as_they_came(town: Town) -> None:
    seen: list[tuple[bytes, dict[str, str]]] = []

    def hear(body: bytes, headers: dict[str, str]) -> int:
        seen.append((body, headers))
        return 202 if len(seen) == 1 else 500

    with (
        serving.serving(receiver.relay(hear), "127.0.0.1", 0) as theirs,
        running("webhooks", "listen", "--forward-to", f"{theirs}/mine", "--print-json") as listen,
    ):
        hooks = town.control("GET", "state")["shops"][0]["webhooks"]
        assert {hook["address"] for hook in hooks} == {listen.ready["address"]}
        body = town.of_order("5766") + b"\n"
        assert listen.send(body, town.world.app).status_code == 202
        line = listen.next()
        assert (line["topic"], line["about"], line["status"]) == ("ORDER_STATUS_CHANGE", ["order:5766"], 202)
        assert line["body"]["data"]["order_id"] == "5766"
        assert listen.send(body, town.world.app).status_code == 500
        assert listen.send(body, World(seed=2, products=1, orders=0).app).status_code == 401
        listen.signal(signal.SIGINT)
        assert listen.ends() == 0
        assert "not passed on" in listen.said
    assert [one for one, _ in seen] == [body, body]
    assert seen[0][1]["Authorization"]
    assert town.control("GET", "state")["shops"][0]["webhooks"] == []
    assert town.gcw("webhooks", "events", "--json").json == []


def test_listening_gives_back_what_was_registered_before(town: Town) -> None:
    address = "https://gcw.example.com/webhooks/tiktok"
    town.gcw("webhooks", "register", STORE, "--url", address, "--topic", "PACKAGE_UPDATE")
    with running("webhooks", "listen", "--topic", "PACKAGE_UPDATE", STORE) as listen:
        (hook,) = town.control("GET", "state")["shops"][0]["webhooks"]
        assert hook["address"] == listen.ready["address"]
        assert listen.send(town.of_order("5766"), town.world.app).status_code == 200
        assert "status" not in listen.next()
        listen.signal(signal.SIGTERM)
        assert listen.ends() == 0
    (hook,) = town.control("GET", "state")["shops"][0]["webhooks"]
    assert hook["address"] == address


def test_what_happens_at_tiktok_is_known_here_by_its_webhooks(either_town: Town) -> None:
    """Nobody polls: a buyer orders, pays, asks to cancel; a listing changes; the owner removes the app."""
    town = either_town
    with running("serve", "--port", "0", "--poll", "0") as serve:
        town.gcw("webhooks", "register", STORE, "--url", serve.ready["webhook_url"])
        order_id = town.order()
        serve.until(event="acted", topic="ORDER_STATUS_CHANGE", about=[f"order:{order_id}"], state="done")
        assert town.stage(order_id) == "received"
        town.control("POST", "clock", {"advance": 3700})
        serve.until(event="acted", topic="ORDER_STATUS_CHANGE", about=[f"order:{order_id}"], state="done")
        shown = town.gcw("orders", "show", order_id, "--json").json
        assert (shown["status"], [hold["reason"] for hold in shown["holds"]]) == (
            "AWAITING_SHIPMENT",
            ["not_connected"],
        )
        town.control("POST", f"orders/{order_id}/request-cancel", {})
        serve.until(event="acted", topic="CANCELLATION_STATUS_CHANGE", about=[f"order:{order_id}"], state="done")
        assert town.stage(order_id) == "canceled"  # nothing was made of it, so that it was approved at once
        product_id = next(iter(town.world.sellers[0].shops[0].products)).id
        town.control("POST", f"products/{product_id}/retitle", {"title": "Harbor at dawn, a poster for your wall"})
        changed = json.dumps({"product_id": product_id, "changed_fields": ["title"]})
        town.gcw("webhooks", "trigger", "PRODUCT_INFORMATION_CHANGE", "--data", changed)
        serve.until(event="acted", about=[f"product:{product_id}"], state="done")
        listed = town.gcw("products", "list", STORE, "--json").json
        assert "Harbor at dawn, a poster for your wall" in {one["listing"] for one in listed}
        received = {one["topic"] for one in town.gcw("webhooks", "list", STORE, "--json").json if one["last_received"]}
        assert {"ORDER_STATUS_CHANGE", "CANCELLATION_STATUS_CHANGE"} <= received
        with town.world.lock:
            town.world.authorizations.withdraw(town.world.sellers[0])
        town.control("POST", "events", {"topic": "SELLER_DEAUTHORIZATION", "shop_id": town.shop_id})
        acted = serve.until(event="acted", topic="SELLER_DEAUTHORIZATION")
        assert (acted["state"], acted["why"].split(":")[0]) == ("done", "To be authorized again")
        assert [one["status"] for one in town.gcw("store", "list", "--json").json] == ["reauthorize"]


def test_every_topic_that_gcw_registers_is_acted_on_when_the_sandbox_pushes_it(town: Town) -> None:
    about = {
        "REVERSE_STATUS_UPDATE": {"order_id": town.order()},
        "PRODUCT_CATEGORY_CHANGE": {"product_id": next(iter(town.world.sellers[0].shops[0].products)).id},
    }
    with running("serve", "--port", "0", "--poll", "0") as serve:
        town.gcw("webhooks", "register", STORE, "--url", serve.ready["webhook_url"])
        for topic in webhooks.ACTED_ON:
            data = ("--data", json.dumps(about[topic])) if topic in about else ()
            told = town.gcw("webhooks", "trigger", topic, *data, "--json").json
            acted = serve.until(event="acted", id=told["tts_notification_id"])
            assert acted["topic"] == topic
            assert acted["state"] == ("ignored" if topic == "SELLER_DEAUTHORIZATION" else "done"), acted


def test_an_event_is_triggered_with_what_it_shall_say(town: Town) -> None:
    with running("webhooks", "listen", "--topic", "new-message", "--print-json") as listen:
        town.gcw("webhooks", "trigger", "NEW_MESSAGE", STORE, "--data", '{"content": "hello"}')
        assert listen.next()["body"]["data"] == {"content": "hello"}
    for words, why in ((("NEW_MESSAGE", "--data", "{"), "not JSON"), (("NEW_MESSAGE", "--data", "[]"), "sandbox says")):
        assert why in town.gcw.fails(4, "webhooks", "trigger", *words, "--json").error["message"]
