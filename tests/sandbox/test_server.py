import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, fields
from urllib.parse import urlsplit

import httpx

from gcw_tiktok.sandbox import routes, server
from gcw_tiktok.sandbox.world import World
from sandbox.client import START, Client

CALLS = [route for route in routes.everything() if route not in routes.PAGES]


def test_head_and_body_leave_in_one_write(make_world: Callable[..., World]) -> None:
    world = make_world(orders=60)
    with server.serving(world) as base:
        client = Client(world, None, base)
        client.connect()
        sent = client.http.build_request("GET", f"{base}/_sandbox/state?parts=shops")
        place = urlsplit(base)
        with socket.create_connection((place.hostname, place.port), timeout=5) as wire:
            wire.sendall(f"GET {sent.url.raw_path.decode()} HTTP/1.1\r\nHost: sandbox\r\n\r\n".encode())
            head, _, body = wire.recv(1 << 20).partition(b"\r\n\r\n")
        length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        assert len(body) == int(length.split(b":")[1])
        client.http.close()


def test_many_at_once_see_one_world(make_world: Callable[..., World]) -> None:
    world = make_world(orders=0)
    with server.serving(world) as base:

        def buy() -> None:
            with httpx.Client(base_url=base) as http:
                for _ in range(5):
                    assert http.post("/_sandbox/orders", json={}).status_code == 200

        threads = [threading.Thread(target=buy) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(world.orders) == 30


def test_a_run_is_ready_when_it_tells_its_addresses_and_ends_on_sigterm() -> None:
    script = (
        "from dataclasses import asdict; import json; from gcw_tiktok.sandbox.server import Wanted, opened, run\n"
        "run(opened(Wanted(seed=3)), on_ready=lambda found: print(json.dumps(asdict(found)), flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = server.Addresses(**json.loads(process.stdout.readline()))
        state = httpx.get(f"{told.control_url}/state?parts=app").json()["app"]
        assert (state["app_key"], state["app_secret"]) == (told.app_key, told.app_secret)
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_the_addresses_are_what_clients_are_promised(make_world: Callable[..., World]) -> None:
    found = server.addresses("http://127.0.0.1:9/", make_world())
    names = ["api_url", "auth_url", "authorize_url", "service_id", "app_key", "app_secret", "control_url"]
    assert [field.name for field in fields(found)] == names
    assert asdict(found)["authorize_url"] == "http://127.0.0.1:9/open/authorize"


def test_every_route_has_a_description_that_agrees_about_the_cipher() -> None:
    for route in CALLS:
        assert routes.operation(route).needs_cipher == route.cipher


def test_no_address_is_answered_by_two() -> None:
    addresses = [(route.method, route.path) for route in routes.everything()]
    assert len(addresses) == len(set(addresses))


def test_the_same_seed_and_moment_make_the_same_world_to_the_last_byte() -> None:
    words = ["sandbox", "start", "--port", "0", "--seed", "5", "--at", "2026-11-23T15:00", "--json"]
    worlds = []
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-m", "gcw_tiktok", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout
        with process.stdout:
            told = json.loads(process.stdout.readline())
            parts = "app,sellers,shops,products,orders,packages,cancellations"
            worlds.append(httpx.get(f"{told['control_url']}/state?parts={parts}", timeout=60).content)
            process.terminate()
            process.wait(timeout=20)
    assert worlds[0] == worlds[1]
    placed = [order["create_time"] for order in json.loads(worlds[0])["orders"]]
    assert max(placed) == START - 600  # the newest order that a world begins with is ten minutes old
