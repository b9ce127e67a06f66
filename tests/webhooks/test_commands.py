"""gcw webhooks, as it is typed."""

import csv
import io
from typing import Any

import httpx
import pytest

from conftest import Gcw
from gcw_tiktok.errors import BadInput
from gcw_tiktok.tiktok.signing import sign_webhook
from gcw_tiktok.web import receiver, serving
from gcw_tiktok.workflow import webhooks
from orders.shop import STORE, Shop
from webhooks.pushes import push, received, receiving, runtime_of, shop_id

ADDRESS = "https://gcw.example.com/webhooks/tiktok"


def registered(shop: Shop) -> dict[str, str]:
    listed = shop.gcw("webhooks", "list", STORE, "--json").json
    return {one["topic"]: one["address"] for one in listed if one["address"]}


def results(shop: Shop, *words: str) -> dict[str, str]:
    return {one["topic"]: one["result"] for one in shop.gcw("webhooks", *words, "--json").json}


def test_the_topics_that_gcw_acts_on_are_registered_once(shop: Shop) -> None:
    words = ("register", STORE, "--url", ADDRESS)
    assert set(results(shop, *words, "--dry-run").values()) == {"would be registered"}
    assert registered(shop) == {}
    assert results(shop, *words) == dict.fromkeys(webhooks.ACTED_ON, "registered")
    shop.requests()
    assert set(results(shop, *words).values()) == {"registered already"}
    assert shop.requests() == ["GET /event/202309/webhooks"]
    assert registered(shop) == dict.fromkeys(webhooks.ACTED_ON, ADDRESS)
    assert len(webhooks.ACTED_ON) == 13


def test_single_topics_are_registered_elsewhere_and_removed(shop: Shop) -> None:
    shop.gcw("webhooks", "register", STORE, "--url", ADDRESS)
    other = "https://other.example.com/"
    moved = shop.gcw("webhooks", "register", STORE, "--url", other, "--topic", "order-status-change", "--json").json
    assert moved == [
        {"topic": "ORDER_STATUS_CHANGE", "address": other, "was": ADDRESS, "result": "registered", "why": ""}
    ]
    assert set(results(shop, "remove", STORE, "--all", "--dry-run").values()) == {"would be removed"}
    assert results(shop, "remove", STORE, "--topic", "ORDER_STATUS_CHANGE", "--topic", "NEW_MESSAGE") == {
        "ORDER_STATUS_CHANGE": "removed",
        "NEW_MESSAGE": "was not registered",
    }
    assert set(registered(shop)) == set(webhooks.ACTED_ON) - {"ORDER_STATUS_CHANGE"}
    assert len(results(shop, "remove", STORE, "--all")) == 12
    assert registered(shop) == {}
    assert shop.gcw("webhooks", "remove", STORE, "--all", "--json").json == []


def test_the_list_tells_ours_from_others_and_when_one_came_last(shop: Shop) -> None:
    shop.gcw("webhooks", "register", STORE, "--url", ADDRESS, "--topic", "PACKAGE_UPDATE")
    shop.world.sellers[0].shops[0].webhooks["NEW_MESSAGE"] = {
        "event_type": "NEW_MESSAGE", "address": "https://chat.example.com/", "create_time": 1, "update_time": 1,
    }  # fmt: skip
    received(shop, push(4, shop_id(shop), package_list=[]))
    rows = {one["topic"]: one for one in shop.gcw("webhooks", "list", STORE, "--json").json}
    assert (rows["PACKAGE_UPDATE"]["ours"], rows["PACKAGE_UPDATE"]["acted_on"]) == (True, True)
    assert rows["PACKAGE_UPDATE"]["last_received"]
    assert (rows["NEW_MESSAGE"]["ours"], rows["NEW_MESSAGE"]["acted_on"]) == (False, False)
    assert rows["ORDER_STATUS_CHANGE"]["address"] == ""
    lines = list(csv.DictReader(io.StringIO(shop.gcw("webhooks", "list", STORE, "--csv").stdout)))
    assert {line["topic"] for line in lines} == set(rows)


@pytest.mark.parametrize("topic", ["ORDER_CHANGED", "1", ""])
def test_a_topic_that_tiktok_does_not_have_is_refused_with_those_it_has(shop: Shop, topic: str) -> None:
    ran = shop.gcw.fails(4, "webhooks", "register", STORE, "--url", ADDRESS, "--topic", topic, "--json")
    assert "PRODUCT_AUDIT_STATUS_CHANGE" in ran.error["hint"]


@pytest.mark.parametrize(
    "words",
    [("remove", STORE), ("remove", STORE, "--all", "--topic", "NEW_MESSAGE"), ("replay",), ("replay", "1", "--failed")],
)
def test_what_is_meant_has_to_be_said(shop: Shop, words: tuple[str, ...]) -> None:
    assert shop.gcw.fails(2, "webhooks", *words, "--json").error["message"].startswith("Say which")


GOOD = [ADDRESS, "https://gcw.example.com", "https://a.b/c?d=e"]
LIVE = "https://open-api.tiktokglobalshop.com"
BAD = {
    "http://gcw.example.com/": "not https",
    "https://gcw.example.com:443/": "it has a port",
    "https://gcw.example.com:8443/": "a port",
    "https://me:secret@gcw.example.com/": "a port or a login",
    "https://192.0.2.1/": "no domain name",
    "https://[2001:db8::1]/": "no domain name",
    "https://localhost/": "no domain name",
    f"https://gcw.example.com/{'x' * 240}": "characters",
    "https://": "no web address",
    "gcw.example.com": "no web address",
    "ftp://gcw.example.com": "no web address",
    "https://gcw.example.com/ x": "no web address",
    "https://gcw.example.com:x/": "no web address",
    "https://[::1": "no web address",
    "https://b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example/": "no web address",
}


@pytest.mark.parametrize("address", GOOD)
def test_addresses_that_tiktok_takes(address: str) -> None:
    webhooks.check_address(address, LIVE)


@pytest.mark.parametrize("address", BAD)
def test_addresses_that_tiktok_would_refuse_are_refused_before_it_is_asked(address: str) -> None:
    with pytest.raises(BadInput, match=BAD[address]):
        webhooks.check_address(address, LIVE)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8766/webhooks/tiktok", "http://localhost:1/", "http://[::1]:9/"])
def test_a_sandbox_reaches_what_this_machine_reaches(address: str, shop: Shop) -> None:
    for api in ("http://127.0.0.1:8790", "http://localhost:8790", "http://[::1]:8790"):
        webhooks.check_address(address, api)
    ran = shop.gcw("webhooks", "register", STORE, "--url", address, "--topic", "PACKAGE_UPDATE")
    assert "on this machine" in ran.stderr
    assert registered(shop) == {"PACKAGE_UPDATE": address}


def test_what_tiktok_refuses_of_one_topic_stops_none_of_the_others(shop: Shop) -> None:
    def refuse(request: httpx.Request, answer: dict[str, Any]) -> dict[str, Any] | None:
        if request.method == "PUT" and b"PACKAGE_UPDATE" in request.content:
            return answer | {"code": 36009004, "message": "invalid param error: event_type", "data": None}
        return None

    shop.relay.change = refuse
    ran = shop.gcw.fails(7, "webhooks", "register", STORE, "--url", ADDRESS, "--json")
    assert {one["topic"] for one in ran.json if one["result"] == "refused"} == {"PACKAGE_UPDATE"}
    assert "PACKAGE_UPDATE" in ran.error["message"]
    only = ("webhooks", "register", STORE, "--url", ADDRESS + "/2", "--topic", "PACKAGE_UPDATE", "--json")
    assert "event_type" in shop.gcw.fails(5, *only).error["message"]


def test_events_are_shown_newest_last_for_people_and_for_scripts(either_shop: Shop) -> None:
    shop = either_shop
    bodies = [push(1, shop_id(shop), order_id=str(number)) for number in range(5)] + [push(4711, "7000")]
    ids = received(shop, *bodies)
    assert [one["id"] for one in shop.gcw("webhooks", "events", "--last", "2", "--json").json] == ids[-2:]
    assert [one["id"] for one in shop.gcw("webhooks", "events", STORE, "--json").json] == ids[:-1]
    assert shop.gcw("webhooks", "events", "--failed", "--json").json == []
    lines = list(csv.DictReader(io.StringIO(shop.gcw("webhooks", "events", "--csv").stdout)))
    assert [line["id"] for line in lines] == ids
    shown = shop.gcw("webhooks", "events").stdout
    assert "ORDER_STATUS_CHANGE" in shown
    assert "type 4711" in shown


def test_a_notification_is_named_by_a_start_of_its_id(shop: Shop) -> None:
    received(shop, push(4711, id="1234"), push(4711, id="1235"), push(4711, id="12"))
    assert [one["id"] for one in shop.gcw("webhooks", "replay", "1234", "12", "--json").json] == ["1234", "12"]
    assert "1234, 1235" in shop.gcw.fails(4, "webhooks", "replay", "123", "--json").error["message"]
    for wanted in ("9", "%", "_", " "):
        assert shop.gcw.fails(4, "webhooks", "replay", wanted, "--json").error["code"] == "unknown_name"


def test_what_was_received_is_posted_again_signed_anew(shop: Shop) -> None:
    bodies = [push(13, shop_id(shop), content="zwölf"), b'{ "type": 5 }\n']
    with receiving(runtime_of(shop)) as place:
        for body in bodies:
            place.sends(body)
        place.rows()
    seen: list[tuple[bytes, str]] = []

    def hear(body: bytes, headers: dict[str, str]) -> int:
        seen.append((body, headers["Authorization"]))
        return 503 if len(seen) == 4 else 200

    gcw = Gcw(None)
    with serving.serving(receiver.relay(hear), "127.0.0.1", 0) as address:
        words = ("webhooks", "replay", "--last", "2", "--forward-to", f"{address}/hook", "--json")
        assert [one["result"] for one in gcw(*words).json] == ["200", "200"]
        app = shop.world.app
        assert seen == [(body, sign_webhook(app.key, app.secret, body)) for body in bodies]
        assert [one["result"] for one in gcw.fails(7, *words).json] == ["200", "503"]
    assert gcw.fails(6, *words).error["code"] == "no_receiver"
    assert "no web address" in gcw.fails(4, *words[:-2], "nowhere", "--json").error["message"]
