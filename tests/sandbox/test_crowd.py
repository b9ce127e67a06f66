"""10 000 requests from 8 threads against a served sandbox: every one is answered right, every write happens once."""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from gcw_tiktok.sandbox.sales.carriers import CARRIERS
from gcw_tiktok.tiktok.signing import sign

THREADS, ORDERS_EACH, REQUESTS_AN_ORDER = 8, 125, 10
Json = dict[str, Any]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A sandbox in a process of its own, and a seller's token and cipher."""
    words = ["sandbox", "start", "--port", "0", "--orders", "0", "--rate-limit", "0", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gcw_tiktok", *words],
        stdout=subprocess.PIPE,
        text=True,
        env={"GCW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    try:
        assert process.stdout
        told: dict[str, str] = json.loads(process.stdout.readline())
        with httpx.Client(timeout=60) as http:
            code = http.post(f"{told['control_url']}/authorizations", json={"seller": "paper-harbor"}).json()["code"]
            query = {"app_key": told["app_key"], "app_secret": told["app_secret"], "auth_code": code}
            got = http.get(f"{told['auth_url']}/api/v2/token/get", params=query | {"grant_type": "authorized_code"})
            shops = http.get(f"{told['control_url']}/state?parts=shops").json()["shops"]
            wish = {"status": "AWAITING_SHIPMENT", "count": THREADS * ORDERS_EACH}
            made = http.post(f"{told['control_url']}/orders", json=wish).json()["order_ids"]
        yield told | {
            "token": got.json()["data"]["access_token"],
            "cipher": shops[0]["cipher"],
            "orders": ",".join(made),
        }
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout:
            process.stdout.close()


@dataclass
class Caller:
    """One of the crowd, on one connection, with orders of its own."""

    access: dict[str, str]
    orders: list[str]
    number: int
    asked: int = 0

    def run(self, wrong: list[str], request_ids: list[str]) -> None:
        place = urlsplit(self.access["api_url"]).netloc
        self.connection = http.client.HTTPConnection(place, timeout=60)
        self.request_ids = request_ids
        try:
            for place_in_line, order_id in enumerate(self.orders):
                self.one_order(order_id, f"94001000000000{self.number:02}{place_in_line:06}")
        except AssertionError as problem:
            wrong.append(str(problem))
        finally:
            self.connection.close()

    def one_order(self, order_id: str, tracking: str) -> None:
        """Reads, ships once, is refused a second time, and reads again: ten requests."""
        ship = f"/fulfillment/202309/orders/{order_id}/packages"
        parcel = {"tracking_number": tracking, "shipping_provider_id": CARRIERS[0].id}
        for _ in range(3):
            assert self.status(order_id) == "AWAITING_SHIPMENT", order_id
        found = self.call("POST", "/order/202309/orders/search", {"page_size": "2"}, {})
        assert len(found["data"]["orders"]) == 2
        assert found["data"]["total_count"] == THREADS * ORDERS_EACH
        shipped = self.call("POST", ship, {}, parcel)
        assert (shipped["code"], shipped["data"]["order_id"]) == (0, order_id), shipped
        package = shipped["data"]["package_id"]
        assert self.call("POST", ship, {}, parcel)["code"] == 21011006
        read = self.call("GET", f"/fulfillment/202309/packages/{package}")["data"]
        assert (read["tracking_number"], read["orders"][0]["id"]) == (tracking, order_id)
        for _ in range(3):
            assert self.status(order_id) == "AWAITING_COLLECTION", order_id

    def status(self, order_id: str) -> str:
        (order,) = self.call("GET", "/order/202507/orders", {"ids": order_id})["data"]["orders"]
        assert order["id"] == order_id
        return str(order["status"])

    def call(self, method: str, path: str, query: dict[str, str] | None = None, body: Json | None = None) -> Json:
        content = json.dumps(body).encode() if body is not None else b""
        wanted = {"app_key": self.access["app_key"], "timestamp": str(int(time.time())), **(query or {})}
        wanted["shop_cipher"] = self.access["cipher"]
        wanted["sign"] = sign(self.access["app_secret"], path, wanted.items(), content)
        headers = {"x-tts-access-token": self.access["token"], "content-type": "application/json"}
        self.connection.request(method, f"{path}?{urlencode(wanted)}", content, headers)
        answer = self.connection.getresponse()
        told: Json = json.loads(answer.read())
        assert answer.status == 200, told
        self.request_ids.append(told["request_id"])
        self.asked += 1
        return told


def test_a_crowd_is_answered_right(served: dict[str, str]) -> None:
    orders = served["orders"].split(",")
    callers = [Caller(served, orders[number::THREADS], number) for number in range(THREADS)]
    wrong: list[str] = []
    request_ids: list[str] = []
    threads = [threading.Thread(target=each.run, args=(wrong, request_ids)) for each in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]
    total = THREADS * ORDERS_EACH * REQUESTS_AN_ORDER
    assert sum(each.asked for each in callers) == total == len(set(request_ids)) == 10_000
    with httpx.Client(timeout=60) as http:
        packages = http.get(f"{served['control_url']}/state?parts=packages").json()["packages"]
        entries = http.get(f"{served['control_url']}/journal?path=/packages").json()["entries"]
    assert sorted(each["order_id"] for each in packages) == sorted(orders), "each order was shipped exactly once"
    assert len({each["tracking_number"] for each in packages}) == len(orders)
    writes = [entry for entry in entries if entry["method"] == "POST"]
    assert sum(bool(entry["effect"]) for entry in writes) == len(orders)
    assert len(writes) == 2 * len(orders)
