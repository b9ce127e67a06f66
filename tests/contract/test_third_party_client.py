"""The PyPI package's own client, unmodified, works a day in the sandbox; only the base URL is another."""

import asyncio
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.known import calls
from contract.marks import needs_october
from contract.third_party import App, model, refused
from contract.third_party_acts import EVERYTHING
from gcw_tiktok.sandbox import routes, server
from gcw_tiktok.sandbox.doings.webhooks import SAMPLES
from gcw_tiktok.sandbox.events import TOPICS
from gcw_tiktok.sandbox.gateway import Sandbox
from gcw_tiktok.sandbox.world import World
from sandbox.client import START, Client

pytestmark = needs_october
CLIENTS = {"sync": ("TikTokShop", "TikTokShopAuth"), "async": ("AsyncTikTokShop", "AsyncTikTokShopAuth")}
VECTORS = Path(__file__).parents[1] / "tiktok" / "webhook_vectors.json"


def package() -> Any:
    return import_module("tiktok_shop_api")


def work(kind: str, day: Callable[[App], Any]) -> list[Any]:
    """What the sandbox's journal has of an app's day."""
    client, auth = (getattr(package(), name) for name in CLIENTS[kind])
    world = World(seed=7, now=START)
    with server.serving(world) as base:
        app = App(world, base, client, auth)
        return asyncio.run(_whole(app, day))


async def _whole(app: App, day: Callable[[App], Any]) -> list[Any]:
    try:
        await app.connect()
        await day(app)
        entries: list[Any] = app.http.get("/_sandbox/journal").json()["entries"]
    finally:
        await app.close()
    return entries


@pytest.mark.parametrize("kind", CLIENTS)
def test_the_client_makes_every_call_that_it_knows(kind: str) -> None:
    async def day(app: App) -> None:
        for act in EVERYTHING:
            await act(app)

    entries = work(kind, day)
    assert {each["code"] for each in entries} <= {0, None}
    made = {routes.find(each["method"], each["path"])[0] for each in entries if each["code"] == 0 and _is_call(each)}
    assert sorted({f"{each.method} {each.path}" for each in made}) == sorted(calls()["october"])


def _is_call(entry: Any) -> bool:
    return not entry["path"].startswith("/api/v2/")


@pytest.mark.parametrize("kind", CLIENTS)
def test_the_client_raises_what_the_sandbox_refuses(kind: str) -> None:
    async def day(app: App) -> None:
        held = str(app.control("/orders")["order_id"])
        body = model(
            "MarkPackageAsShippedRequest", shipping_info_list=[{"tracking_number": "1", "shipping_provider_id": "2"}]
        )
        with refused(21011044):
            await app.say(app.shop.fulfillment.mark_package_as_shipped(held, body=body))
        with refused(106013):
            await app.say(app.clients[0].orders.get_order_detail(ids=[held]))

    work(kind, day)


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text()), ids=lambda vector: vector["name"])
def test_the_package_verifies_webhooks_as_gcw_does(vector: dict[str, Any]) -> None:
    verified = package().Webhooks.verify(
        app_key=vector["app_key"],
        app_secret=vector["app_secret"],
        raw_body=vector["body"],
        signature=vector["expected_authorization"],
    )
    assert verified == vector["verified"]


def test_the_package_verifies_and_reads_what_the_sandbox_delivers() -> None:
    world = World(seed=7, now=START)
    got: list[tuple[Mapping[str, str], bytes]] = []

    def post(_: str, headers: Mapping[str, str], body: bytes) -> int:
        got.append((headers, body))
        return 200

    client = Client(world, httpx.WSGITransport(app=server.create_app(world, Sandbox(world, post=post))))
    client.connect()
    client.control("POST", "/app", {"webhook_url": "http://localhost/hook", "webhook_topics": list(SAMPLES)})
    for topic in SAMPLES:
        client.control("POST", "/events", {"topic": topic})
    client.control("POST", "/webhooks/send")
    client.http.close()
    keys = {"app_key": world.app.key, "app_secret": world.app.secret}
    read = [
        package().Webhooks.verify_and_parse(**keys, raw_body=body, signature=headers["Authorization"])
        for headers, body in got
    ]
    assert {each.type_ for each in read} == {TOPICS[topic] for topic in SAMPLES}
