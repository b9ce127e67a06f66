"""How soon gcw acknowledges webhooks while all orders are pulled: by `gcw serve` itself, or by another gcw."""

import http.client
import itertools
import json
import math
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import httpx

from bench.worlds import Sandbox
from gcw_tiktok.tiktok.signing import sign_webhook

GCW = [sys.executable, "-m", "gcw_tiktok"]
SENDERS, PAUSE = 4, 0.05
"""TikTok's connections, and seconds between two webhooks of each: some 70 a second."""
LONG_AGO = 400 * 86_400
numbers = itertools.count(7_380_066_284_010_030_890)


def p99(sandbox: Sandbox, environment: dict[str, str], *, by_itself: bool) -> float:
    """Seconds within which 99 of 100 acknowledgements came; each order is pushed once."""
    sandbox.forget_orders()
    _forget_pulls(sandbox)
    with _serve(environment, poll=int(by_itself)) as (address, pulled):
        if not by_itself:
            threading.Thread(target=_pull, args=(environment, pulled), daemon=True).start()
        took = _acknowledged(sandbox, address, pulled)
    return statistics.quantiles(took, n=100)[-1]


@contextmanager
def _serve(environment: dict[str, str], poll: int) -> Iterator[tuple[str, threading.Event]]:
    """Where it listens, and what is set once it has pulled all orders."""
    words = ["serve", "--port", "0", "--poll", str(poll), "--json"]
    process = subprocess.Popen(
        [*GCW, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    assert process.stdout is not None
    try:
        ready, pulled = json.loads(process.stdout.readline()), threading.Event()
        reader = threading.Thread(target=_read, args=(process.stdout, pulled), daemon=True)
        reader.start()
        yield ready["webhook_url"], pulled
    finally:
        process.terminate()
        process.wait(timeout=60)
        reader.join()
        process.stdout.close()


def _read(lines: Iterator[str], pulled: threading.Event) -> None:
    for line in lines:
        if json.loads(line)["event"] == "polled":
            pulled.set()
    pulled.set()


def _pull(environment: dict[str, str], pulled: threading.Event) -> None:
    words = ["orders", "pull", "--since", f"{LONG_AGO // 86_400}d"]
    subprocess.run([*GCW, *words], env=environment, check=True, capture_output=True)
    pulled.set()


def _forget_pulls(sandbox: Sandbox) -> None:
    with closing(sqlite3.connect(sandbox.database)) as connection:
        connection.execute("UPDATE store SET pulled_at = NULL, orders_cursor = orders_cursor - ?", (LONG_AGO,))
        connection.execute("DELETE FROM notification")
        connection.commit()


def _acknowledged(sandbox: Sandbox, address: str, pulled: threading.Event) -> list[float]:
    state = httpx.get(f"{sandbox.access['api_url']}/_sandbox/state", timeout=60).json()
    orders = itertools.cycle([order["id"] for order in state["orders"]])
    took: list[float] = []
    senders = [
        threading.Thread(target=_send, args=(sandbox, state["shops"][0]["id"], address, orders, pulled, took))
        for _ in range(SENDERS)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return took


def _send(
    sandbox: Sandbox,
    shop_id: str,
    address: str,
    orders: Iterator[str],
    pulled: threading.Event,
    took: list[float],
) -> None:
    parts = urlsplit(address)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=30)) as connection:
        while not pulled.is_set():
            data = {"order_id": next(orders), "order_status": "AWAITING_SHIPMENT"}
            push = {"type": 1, "tts_notification_id": str(next(numbers)), "shop_id": shop_id, "data": data}
            body = json.dumps(push).encode()
            signature = sign_webhook(sandbox.access["app_key"], sandbox.access["app_secret"], body)
            start = time.perf_counter()
            connection.request("POST", parts.path, body, {"authorization": signature})
            answer = connection.getresponse()
            answer.read()
            took.append(time.perf_counter() - start if answer.status == 200 else math.inf)
            time.sleep(PAUSE)
