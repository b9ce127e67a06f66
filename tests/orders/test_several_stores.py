"""Several stores at once: none waits for another, none stops another, and Ctrl-C stops them all."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import EXAMPLES, Gcw, Sandbox, configured, new_sandbox
from gcw_tiktok.sandbox.server import serving
from gcw_tiktok.sandbox.world import World
from orders.shop import POSTER, UID

CONNECT = ("store", "connect", "--customer", "Tidewater", "--facility", "Main floor", "--no-browser")
GOODS, OUTLET = "Tidewater Goods", "Tidewater Outlet"
SEARCH, DETAIL, REFRESH = "/orders/search", "/orders", "/api/v2/token/refresh"


class Between(httpx.BaseTransport):
    """Stands between gcw and the sandbox; knows which shop each request is for."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = sandbox.transport
        self.names = {shop.cipher: shop.name for shop in sandbox.world.shops()}
        self.asked: list[tuple[str, str]] = []
        self.before: Callable[[str, httpx.Request], None] = lambda shop, request: None
        self.after: Callable[[str, httpx.Request], None] = lambda shop, request: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        shop = self.names.get(request.url.params.get("shop_cipher", ""), "")
        self.before(shop, request)
        self.asked.append((shop, request.url.path))
        response = self._inner.handle_request(request)
        self.after(shop, request)
        return response


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "postgresql":
        from conftest import new_postgres_database

        server = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("GCW_DATABASE_URL", new_postgres_database(server))


@pytest.fixture
def both(home: Path, engine: None, world: World, tmp_path: Path) -> Gcw:
    """Both shops of one seller connected, with one permission."""
    sandbox = new_sandbox(world)
    return connect_both(configured(sandbox), sandbox, tmp_path)


def connect_both(gcw: Gcw, sandbox: Sandbox, folder: Path) -> Gcw:
    gcw("customer", "add", "Tidewater", "--storefronts")
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{folder / 'hand-off'}")
    code = str(sandbox.control("POST", "authorizations", {"seller": "tidewater"})["code"])
    gcw(*CONNECT, "--shop", GOODS, stdin=code)
    gcw(*CONNECT, "--shop", OUTLET, "--resume")
    gcw.sandbox = sandbox  # type: ignore[attr-defined]
    gcw.transport = Between(sandbox)
    return gcw


def far(gcw: Gcw) -> Sandbox:
    found: Sandbox = gcw.sandbox  # type: ignore[attr-defined]
    return found


def between(gcw: Gcw) -> Between:
    assert isinstance(gcw.transport, Between)
    return gcw.transport


def buy(gcw: Gcw, shop: str, count: int = 1) -> None:
    shop_id = next(one.id for one in far(gcw).world.shops() if one.name == shop)
    far(gcw).control("POST", "orders", {"shop_id": shop_id, "count": count})


def counts(ran_json: list[dict[str, object]]) -> dict[str, object]:
    return {str(row["store"]): row["new"] for row in ran_json}


def test_a_store_that_tiktok_limits_delays_no_other(both: Gcw) -> None:
    buy(both, GOODS)
    buy(both, OUTLET)
    outlet_is_done = threading.Event()
    one_at_a_time = threading.RLock()
    threads: dict[str, set[threading.Thread]] = {GOODS: set(), OUTLET: set(), "slept": set()}

    def limit_goods(shop: str, request: httpx.Request) -> None:
        one_at_a_time.acquire()
        threads[shop].add(threading.current_thread())
        if shop == GOODS and not both.sleeps:
            far(both).control("POST", "faults", {"match": SEARCH, "kind": "rate_limit", "times": 1, "retry_after": 9})

    def let_go(shop: str, request: httpx.Request) -> None:
        one_at_a_time.release()
        if shop == OUTLET and request.url.path.endswith(DETAIL):
            outlet_is_done.set()

    def sleep(seconds: float) -> None:
        assert outlet_is_done.wait(timeout=30), "the outlet had to wait for the goods"
        both.sleeps.append(seconds)
        threads["slept"].add(threading.current_thread())

    between(both).before, between(both).after, both.sleep = limit_goods, let_go, sleep
    assert counts(both("orders", "pull", "--json").json) == {GOODS: 1, OUTLET: 1}
    assert round(both.sleeps[0]) == 9
    assert threads["slept"] == threads[GOODS] != threads[OUTLET]


def test_what_is_limited_for_long_is_told_and_the_rest_is_done(both: Gcw) -> None:
    buy(both, OUTLET)
    lock = threading.RLock()

    def limit_goods(shop: str, request: httpx.Request) -> None:
        lock.acquire()
        if shop == GOODS:
            wish = {"match": SEARCH, "kind": "rate_limit", "times": 1, "retry_after": 900}
            far(both).control("POST", "faults", wish)

    between(both).before = limit_goods
    between(both).after = lambda shop, request: lock.release()
    ran = both.fails(7, "orders", "pull", "--json")
    assert counts(ran.json) == {OUTLET: 1}
    assert f"{GOODS}: TikTok Shop could not answer" in ran.stderr
    assert both.sleeps == []

    between(both).asked.clear()
    again = both.fails(7, "orders", "pull", "--json")
    assert f"TikTok Shop wants no request for {GOODS} for another" in again.stderr
    assert {shop for shop, _ in between(both).asked} == {OUTLET}


def test_a_pull_with_nothing_new_asks_once_for_each_store(both: Gcw) -> None:
    both("orders", "pull")
    between(both).asked.clear()
    both("orders", "pull")
    assert sorted(between(both).asked) == [
        (GOODS, "/order/202309/orders/search"),
        (OUTLET, "/order/202309/orders/search"),
    ]


def test_tokens_that_expire_under_both_are_renewed_once(both: Gcw) -> None:
    buy(both, GOODS, 60)
    buy(both, OUTLET, 60)
    met: set[str] = set()
    meeting = threading.Barrier(2, lambda: far(both).control("POST", "clock", {"advance": 8 * 86_400}) and None)

    def meet_in_the_middle(shop: str, request: httpx.Request) -> None:
        if request.url.path.endswith(DETAIL) and shop not in met:
            met.add(shop)
            meeting.wait(timeout=30)

    between(both).before = meet_in_the_middle
    assert counts(both("orders", "pull", "--json").json) == {GOODS: 60, OUTLET: 60}
    expired = [entry for entry in far(both).journal() if entry["code"] == 105002]
    assert len(expired) == 2
    assert len(far(both).journal(REFRESH)) == 1


def test_a_permission_that_is_withdrawn_is_said_of_every_store_it_opened(both: Gcw) -> None:
    far(both).world.authorizations.withdraw(far(both).world.seller("tidewater"))
    ran = both.fails(3, "orders", "pull")
    assert ran.stderr.count("only the shop's owner can give it again") == 2
    assert len(far(both).journal(REFRESH)) == 1
    assert {row["status"] for row in both("store", "list", "--json").json} == {"reauthorize"}


def make_ready(gcw: Gcw) -> None:
    """One order of each store that may go to production."""
    gcw("catalog", "import", str(EXAMPLES / "wall-art.yaml"))
    for name in (GOODS, OUTLET):
        gcw("products", "sync", name)
        sku = gcw("products", "list", name, "--json").json[0]["sku_id"]
        gcw("products", "connect", name, sku, UID, "--design", str(POSTER))
        shop_id = next(one.id for one in far(gcw).world.shops() if one.name == name)
        wish = {"shop_id": shop_id, "lines": [{"sku_id": sku, "quantity": 2}]}
        order_id = far(gcw).control("POST", "orders", wish)["order_ids"][0]
        far(gcw).control("POST", f"orders/{order_id}/end-hold", {})
    gcw("orders", "pull")


def test_all_stores_are_released_into_the_same_folder_at_once(both: Gcw, tmp_path: Path) -> None:
    make_ready(both)
    meeting = threading.Barrier(2)
    met: set[str] = set()

    def meet(shop: str, request: httpx.Request) -> None:
        if request.url.path.endswith(DETAIL) and shop not in met:
            met.add(shop)
            meeting.wait(timeout=30)

    between(both).before = meet
    assert [row["result"] for row in both("orders", "release", "--json").json] == ["released", "released"]
    assert len(list((tmp_path / "hand-off").glob("TTS-*/order.json"))) == 2
    assert both("orders", "release", "--json").json == []


def test_one_stores_trouble_at_the_gate_stops_no_other(both: Gcw, tmp_path: Path) -> None:
    make_ready(both)

    def cut(shop: str, request: httpx.Request) -> None:
        if shop == GOODS:
            raise httpx.ConnectError("down", request=request)

    between(both).before = cut
    ran = both.fails(7, "orders", "release", "--json")
    assert [row["result"] for row in ran.json] == ["released"]
    assert f"{GOODS}: sandbox could not be reached" in ran.stderr
    between(both).before = lambda shop, request: None
    assert [row["result"] for row in both("orders", "release", "--json").json] == ["released"]
    assert len(list((tmp_path / "hand-off").glob("TTS-*/order.json"))) == 2


def test_naming_a_store_twice_pulls_it_once(both: Gcw) -> None:
    both("orders", "pull", GOODS, GOODS)
    assert between(both).asked == [(GOODS, "/order/202309/orders/search")]


def test_ctrl_c_stops_all_of_them_at_once_and_the_next_run_does_the_rest(
    home: Path, world: World, tmp_path: Path
) -> None:
    with serving(world) as url:
        gcw = Gcw(None)
        sandbox = Sandbox(world, httpx.HTTPTransport(), 0)
        app = world.app
        gcw(
            "app", "configure", "--key", app.key, "--service-id", app.service_id, "--api-url", url,
            "--auth-url", url, "--authorize-url", f"{url}/open/authorize", stdin=app.secret,
        )  # fmt: skip

        def control(method: str, path: str, body: object = None) -> dict[str, Any]:
            answer: dict[str, Any] = httpx.request(method, f"{url}/_sandbox/{path}", json=body).json()
            return answer

        sandbox.control = control  # type: ignore[method-assign]
        connect_both(gcw, sandbox, tmp_path)
        gcw.transport = None
        buy(gcw, GOODS, 3)
        buy(gcw, OUTLET, 3)
        control("POST", "faults", {"match": SEARCH, "kind": "slow", "seconds": 7, "times": 2})
        running = subprocess.Popen(
            [sys.executable, "-m", "gcw_tiktok", "orders", "pull"], stderr=subprocess.PIPE, text=True
        )
        began = time.monotonic()
        while len(control("GET", f"journal?path={SEARCH}")["entries"]) < 2:
            assert time.monotonic() - began < 30
        asked = time.monotonic()
        running.send_signal(signal.SIGINT)
        told = running.communicate(timeout=30)[1]
        assert time.monotonic() - asked < 5  # neither has been answered yet
        assert running.returncode == 130
        assert told == "Error: Stopped.\n"
        assert counts(gcw("orders", "pull", "--json").json) == {GOODS: 3, OUTLET: 3}
