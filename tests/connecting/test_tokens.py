"""Tokens are renewed in time, once, and by one process; a permission that has ended is said to have ended."""

import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from conftest import Gcw, Sandbox
from connecting.conftest import CONNECT
from connecting.test_connecting import code
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.tiktok import shops
from gcw_tiktok.workflow import stores

DAY, HOUR = 86_400, 3600
REFRESH = "/api/v2/token/refresh"


@pytest.fixture
def store(ready: Gcw, sandbox: Sandbox) -> Gcw:
    ready(*CONNECT, "--no-browser", stdin=code(sandbox))
    return ready


def pass_time(gcw: Gcw, sandbox: Sandbox, seconds: int) -> None:
    """Here and at TikTok."""
    gcw.offset += seconds
    sandbox.control("POST", "clock", {"advance": seconds})


def renewals(sandbox: Sandbox) -> int:
    return len(sandbox.journal(REFRESH))


def test_renewed_an_hour_before_the_end(store: Gcw, sandbox: Sandbox) -> None:
    pass_time(store, sandbox, 7 * DAY - HOUR - 120)
    store("products", "sync", "Paper Harbor")
    assert renewals(sandbox) == 0
    pass_time(store, sandbox, 240)
    store("products", "sync", "Paper Harbor")
    store("products", "sync", "Paper Harbor")
    assert renewals(sandbox) == 1


def test_renewed_again_and_again_with_the_newest_refresh_token(store: Gcw, sandbox: Sandbox) -> None:
    for _ in range(4):
        pass_time(store, sandbox, 6 * DAY + 23 * HOUR + 1800)
        store("products", "sync", "Paper Harbor")
    assert renewals(sandbox) == 4
    assert store("store", "show", "Paper Harbor", "--json").json["status"] == "connected"


def test_not_renewed_for_every_call_in_the_permissions_last_hour(store: Gcw, sandbox: Sandbox) -> None:
    pass_time(store, sandbox, 365 * DAY - HOUR // 2)
    store("products", "sync", "Paper Harbor")
    store("products", "sync", "Paper Harbor")
    assert renewals(sandbox) == 1


class Meanwhile(httpx.BaseTransport):
    """Lets something happen just before the nth request whose path contains `match`."""

    def __init__(self, inner: httpx.BaseTransport, match: str, nth: int, happen: Callable[[], object]) -> None:
        self._inner, self._match, self._left, self._happen = inner, match, nth, happen

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._match in request.url.path:
            self._left -= 1
            if self._left == 0:
                self._happen()
        return self._inner.handle_request(request)


@pytest.mark.parametrize("nth", [2, 7])
def test_expired_in_the_middle_of_a_sync(nth: int, store: Gcw, sandbox: Sandbox) -> None:
    def a_week_passes() -> None:
        sandbox.control("POST", "clock", {"advance": 8 * DAY})

    store.transport = Meanwhile(sandbox.transport, "/products/17", nth, a_week_passes)
    found = store("products", "sync", "Paper Harbor", "--json").json
    assert found["new"] == sum(len(product.skus) for product in sandbox.world.sellers[0].shops[0].products)
    assert renewals(sandbox) == 1


ENDINGS: dict[str, Callable[[Gcw, Sandbox], None]] = {
    "the owner removed the app": lambda _, sandbox: sandbox.world.authorizations.withdraw(sandbox.world.sellers[0]),
    "a year has passed": lambda gcw, sandbox: pass_time(gcw, sandbox, 366 * DAY),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_permission_that_has_ended(ending: str, store: Gcw, sandbox: Sandbox) -> None:
    ENDINGS[ending](store, sandbox)
    first = store.fails(3, "products", "sync", "Paper Harbor", "--json").error
    assert "only the shop's owner can give it again" in first["message"]
    assert first["hint"] == "Run `gcw store connect --customer 'Paper Harbor' --facility 'Main floor'`."
    assert store("store", "show", "Paper", "--json").json["status"] == "reauthorize"

    asked = len(sandbox.journal())
    again = store.fails(3, "products", "sync", "Paper Harbor")
    assert "owner" in again.stderr
    assert len(sandbox.journal()) == asked

    store(*CONNECT, "--no-browser", stdin=code(sandbox))
    store("products", "sync", "Paper Harbor")


def test_the_other_stores_go_on(store: Gcw, sandbox: Sandbox) -> None:
    store(*CONNECT, "--shop", "Tidewater Goods", "--no-browser", stdin=code(sandbox, "tidewater"))
    sandbox.world.authorizations.withdraw(sandbox.world.sellers[0])
    ran = store.fails(7, "orders", "pull", "--json")
    assert [row["store"] for row in ran.json] == ["Tidewater Goods"]
    assert "only the shop's owner can give it again" in ran.stderr
    states = {row["name"]: row["status"] for row in store("store", "list", "--json").json}
    assert states == {"Paper Harbor Prints": "reauthorize", "Tidewater Goods": "connected"}
    again = store("orders", "pull", "--json")
    assert [row["store"] for row in again.json] == ["Tidewater Goods"]
    assert "Paper Harbor Prints has to be authorized again by the shop's owner" in again.stderr


def test_where_no_other_store_is_left_that_is_a_failure_each_time(store: Gcw, sandbox: Sandbox) -> None:
    sandbox.world.authorizations.withdraw(sandbox.world.sellers[0])
    for _ in range(2):
        assert "the shop's owner" in store.fails(3, "orders", "pull").stderr
    assert "gcw store connect" in store.fails(3, "orders", "release").stderr


@pytest.mark.parametrize("trouble", [{"kind": "status", "status": 503}, {"kind": "rate_limit"}])
def test_a_token_host_that_is_down_ends_no_permission(trouble: dict[str, object], store: Gcw, sandbox: Sandbox) -> None:
    sandbox.control("POST", "clock", {"advance": 8 * DAY})
    sandbox.control("POST", "faults", {"match": REFRESH, **trouble})
    store.fails(6, "products", "sync", "Paper Harbor")
    sandbox.control("DELETE", "faults")
    store("products", "sync", "Paper Harbor")


def test_a_wrong_app_secret_ends_no_permission(store: Gcw, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    pass_time(store, sandbox, 8 * DAY)
    monkeypatch.setenv("GCW_TIKTOK_APP_SECRET", "wrong")
    assert "gcw app configure" in store.fails(3, "products", "sync", "Paper Harbor").stderr
    monkeypatch.delenv("GCW_TIKTOK_APP_SECRET")
    store("products", "sync", "Paper Harbor")


REFUSALS = {
    "expired": {"code": 105002, "message": "Expired credentials."},
    "invalid": {"code": 105001, "message": "Access token is invalid."},
    "another code of the family": {"code": 105003, "message": ""},
    "the code that stands for many": {
        "code": 36009004,
        "message": "Invalid credentials. The 'x-tts-access-token' header is invalid.",
    },
}


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("renewal", ["renewed", "refused"])
def test_whatever_tiktok_answers_once_the_permission_is_gone(
    renewal: str, refusal: str, store: Gcw, sandbox: Sandbox
) -> None:
    """What it really answers is not published: a code nobody knows at the token host, or tokens that open nothing."""
    sandbox.control("POST", "faults", {"match": "/order/", "kind": "code", **REFUSALS[refusal]})
    if renewal == "refused":
        sandbox.control("POST", "faults", {"match": REFRESH, "kind": "code", "code": 36004999, "message": "no"})
    told = store.fails(3, "orders", "pull", "--json").error
    assert "only the shop's owner can give it again" in told["message"]
    assert told["hint"].startswith("Run `gcw store connect --customer 'Paper Harbor'")
    assert store("store", "show", "Paper", "--json").json["status"] == "reauthorize"
    assert renewals(sandbox) == 1


def test_a_token_host_that_is_down_stops_nothing_while_the_token_is_good(store: Gcw, sandbox: Sandbox) -> None:
    sandbox.control("POST", "faults", {"match": REFRESH, "kind": "status", "status": 503})
    pass_time(store, sandbox, 7 * DAY - HOUR // 2)
    store("orders", "pull")
    pass_time(store, sandbox, HOUR)
    store.fails(6, "orders", "pull")
    sandbox.control("DELETE", "faults")
    store("orders", "pull")


@pytest.mark.parametrize("message", ["", "invalid app_secret", "system busy"])
def test_a_renewal_that_is_refused_in_time_ends_nothing_while_the_old_token_works(
    message: str, store: Gcw, sandbox: Sandbox
) -> None:
    sandbox.control("POST", "faults", {"match": REFRESH, "kind": "code", "code": 36004999, "message": message})
    pass_time(store, sandbox, 7 * DAY - HOUR // 2)
    store("orders", "pull")
    assert renewals(sandbox) >= 1
    assert store("store", "show", "Paper", "--json").json["status"] == "connected"


def test_a_token_host_that_blames_the_app_ends_no_permission(store: Gcw, sandbox: Sandbox) -> None:
    wrong = {"match": REFRESH, "kind": "code", "code": 36004003, "message": "app_key or app_secret is invalid"}
    sandbox.control("POST", "faults", wrong)
    sandbox.control("POST", "faults", {"match": "/order/", "kind": "code", **REFUSALS["expired"]})
    assert "gcw app configure" in store.fails(3, "orders", "pull").stderr
    assert store("store", "show", "Paper", "--json").json["status"] == "connected"


class Listening(httpx.BaseTransport):
    """Remembers every secret that goes by."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.secrets: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        names = ("app_secret", "refresh_token", "sign", "shop_cipher")
        self.secrets |= {request.url.params[name] for name in names if name in request.url.params}
        self.secrets |= {request.headers["x-tts-access-token"]} if "x-tts-access-token" in request.headers else set()
        return self._inner.handle_request(request)


def test_verbose_tells_what_is_asked_and_no_secret(store: Gcw, sandbox: Sandbox) -> None:
    pass_time(store, sandbox, 7 * DAY)
    listening = store.transport = Listening(sandbox.transport)
    told = store("--verbose", "orders", "pull").stderr
    assert "GET /api/v2/token/refresh: HTTP 200, code 0" in told
    assert "Paper Harbor Prints: POST /order/202309/orders/search: HTTP 200, code 0" in told
    assert len(listening.secrets) >= 5
    assert not any(secret in told for secret in listening.secrets)
    assert "HTTP" not in store("orders", "pull").stderr


def test_tokens_sealed_with_another_key(store: Gcw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCW_SECRET_KEY", "a quite different key, long enough")
    assert "sealed with another key" in store.fails(3, "products", "sync", "Paper Harbor").stderr


CROWD = 4


class Patient(httpx.BaseTransport):
    """Answers a renewal only when all others wait for it."""

    def __init__(self, inner: httpx.BaseTransport, waiting: threading.Barrier) -> None:
        self._inner, self._waiting = inner, waiting

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == REFRESH:
            self._waiting.wait(timeout=30)
        return self._inner.handle_request(request)


@pytest.mark.parametrize("early", [True, False], ids=["before the end", "after the end"])
def test_only_one_of_many_renews(
    early: bool, database_url: str, home: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    store: Gcw = request.getfixturevalue("store")
    sandbox.control("POST", "clock", {"advance": 8 * DAY})
    if early:
        store.offset = 8 * DAY
    waiting = threading.Barrier(CROWD)
    transport = Patient(sandbox.transport, waiting)
    found: list[int] = []

    def work() -> None:
        """What a process of its own would do."""
        met: list[bool] = []

        def sleep(seconds: float) -> None:
            if not met:
                met.append(True)
                waiting.wait(timeout=30)
            threading.Event().wait(0.01)

        gcw = Runtime(clock=store.clock, sleep=sleep, transport=transport)
        try:
            with gcw.database.view() as session:
                ours = stores.find(session, "Paper Harbor")
            client = gcw.client_for(ours)
            found.append(len(shops.authorized(client)))
        finally:
            gcw.close()

    crowd = [threading.Thread(target=work) for _ in range(CROWD)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(timeout=60)
    assert found == [1] * CROWD
    assert renewals(sandbox) == 1
