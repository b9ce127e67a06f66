"""The worlds that budgets are measured in: a database full of stores, and a sandbox full of orders."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Authorization, Customer, Facility, Listing, Order, Store, Variant
from gcw_tiktok.web.callback import free_port

STORES, ORDERS_A_STORE, LISTINGS_A_STORE = 100, 200, 20
PYTHON = sys.executable
HERE = Path(__file__).parent
GCW = [PYTHON, "-m", "gcw_tiktok"]


def fill(home: Path) -> None:
    """A database of a PSP that has been busy for a while."""
    now = int(time.time())
    database = Database(f"sqlite:///{home / 'profiles' / 'default' / 'gcw.db'}")
    with database.session() as session:
        session.add(Facility(id=1, name="Main floor", hand_off="folder:/tmp", created_at=now))
        for one in range(1, STORES + 1):
            session.add(Customer(id=one, name=f"Customer {one}", storefronts=True, created_at=now))
            session.add(
                Authorization(
                    id=one,
                    open_id=f"open-{one}",
                    api_url="http://none",
                    access_expires_at=now,
                    refresh_expires_at=now,
                    granted_at=now,
                )
            )
        session.flush()
        for one in range(1, STORES + 1):
            session.add(
                Store(
                    id=one,
                    shop_id=f"7495{one:012}",
                    name=f"Shop {one}",
                    code=f"USLC{one:06}",
                    cipher="c",
                    customer_id=one,
                    facility_id=1,
                    authorization_id=one,
                    connected_at=now,
                    orders_cursor=now,
                )
            )
            session.flush()
            for number in range(ORDERS_A_STORE):
                session.add(
                    Order(
                        store_id=one,
                        order_id=f"5771{one:06}{number:08}",
                        status="COMPLETED",
                        placed_at=now,
                        updated_at=now,
                        read_at=now,
                    )
                )
            for number in range(LISTINGS_A_STORE):
                listing = Listing(store_id=one, product_id=f"1729{one:06}{number:08}", title=f"Poster {number}")
                session.add(listing)
                session.flush()
                assert listing.id is not None
                session.add(Variant(store_id=one, listing_id=listing.id, sku_id=f"1730{one:06}{number:08}"))
    database.close()


@dataclass
class Sandbox:
    """A running sandbox with one connected store."""

    access: dict[str, str]
    orders: int
    variants: int
    database: Path

    def some_orders(self) -> str:
        """Ids of a few orders, comma-joined."""
        state = httpx.get(f"{self.access['api_url']}/_sandbox/state?parts=orders", timeout=60).json()
        return ",".join(order["id"] for order in state["orders"][:100])

    def forget_orders(self) -> None:
        self._empty("event", "hold", "line", "orders", "set_aside")

    def forget_listings(self) -> None:
        self._empty("event", "variant", "listing")

    def _empty(self, *tables: str) -> None:
        with closing(sqlite3.connect(self.database)) as connection:
            for table in tables:
                connection.execute(f"DELETE FROM {table}")
            connection.commit()


@contextmanager
def hello() -> Iterator[str]:
    """The address of a server that only says hello."""
    with subprocess.Popen([PYTHON, str(HERE / "hello.py")], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@contextmanager
def sandbox(
    home: Path, environment: dict[str, str], orders: int = 5_000, products: int = 300, *, broad: bool = False
) -> Iterator[Sandbox]:
    """A sandbox with one connected and synced store; `broad` listings have 100 variants each."""
    with started(environment, orders, products, broad=broad) as told:
        set_up(environment, told, home / "hand-off")
        access = _access(told)
        database = home / "profiles" / "default" / "gcw.db"
        with closing(sqlite3.connect(database)) as connection:
            (variants,) = connection.execute("SELECT count(*) FROM variant").fetchone()
        yield Sandbox(access, orders, variants, database)


@contextmanager
def started(
    environment: dict[str, str], orders: int, products: int, *, broad: bool = False
) -> Iterator[dict[str, str]]:
    """A sandbox as a process of its own; what it says of itself when it is ready."""
    gcw = [PYTHON, str(HERE / "broad.py")] if broad else GCW
    world = ["--orders", str(orders), "--products", str(products), "--rate-limit", "0"]
    command = [*gcw, "sandbox", "start", "--port", "0", *world, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    try:
        assert process.stdout is not None
        told: dict[str, str] = json.loads(process.stdout.readline())
        yield told
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout:
            process.stdout.close()


def run(environment: dict[str, str], *words: str, stdin: str = "") -> str:
    """What a gcw of its own printed."""
    ran = subprocess.run(
        [*GCW, *words], env=environment, input=stdin, text=True, check=False, capture_output=True, cwd=HERE.parent
    )
    if ran.returncode:
        raise SystemExit(f"gcw {' '.join(words)} ended with {ran.returncode}:\n{ran.stderr}")
    return ran.stdout


def set_up(environment: dict[str, str], told: dict[str, str], hand_off: Path) -> None:
    """A customer, a facility, and Paper Harbor's store connected and synced."""
    addresses = [f"--{name.replace('_', '-')}={told[name]}" for name in ("api_url", "auth_url", "authorize_url")]
    app = ["app", "configure", "--key", told["app_key"], "--service-id", told["service_id"], *addresses]
    run(environment, *app, stdin=told["app_secret"])
    run(environment, "customer", "add", "Paper Harbor", "--storefronts")
    run(environment, "facility", "add", "Main", "--hand-off", f"folder:{hand_off}")
    _connect(GCW, environment, told)
    run(environment, "products", "sync", "Paper Harbor")


def _connect(gcw: list[str], environment: dict[str, str], told: dict[str, str]) -> None:
    """Pastes what the browser would have ended on."""
    process = subprocess.Popen(
        [
            *gcw,
            "store",
            "connect",
            "--customer",
            "Paper Harbor",
            "--facility",
            "Main",
            "--no-browser",
            "--port",
            str(free_port()),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if "/open/authorize" in line:
            break
    else:
        raise SystemExit("".join(said))
    state = parse_qs(urlsplit(said[-1].split()[-1]).query)["state"][0]
    back = _authorize(told, state)
    process.stdin.write(back["redirect_url"] + "\n")
    process.stdin.close()
    process.stderr.read()
    if process.wait(timeout=60):
        raise SystemExit("The store could not be connected.")


def _authorize(told: dict[str, str], state: str) -> dict[str, str]:
    asked = {"seller": "paper-harbor", "state": state}
    found: dict[str, str] = httpx.post(f"{told['control_url']}/authorizations", json=asked).json()
    return found


def _access(told: dict[str, str]) -> dict[str, str]:
    """An access token and cipher of its own for the bare loop."""
    code = _authorize(told, "bench")["code"]
    query = {
        "app_key": told["app_key"],
        "app_secret": told["app_secret"],
        "auth_code": code,
        "grant_type": "authorized_code",
    }
    token = httpx.get(f"{told['auth_url']}/api/v2/token/get", params=query).json()["data"]["access_token"]
    shops = httpx.get(f"{told['control_url']}/state?parts=shops", timeout=60).json()["shops"]
    cipher = next(shop["cipher"] for shop in shops if shop["name"] == "Paper Harbor Prints")
    return {
        "api_url": told["api_url"],
        "app_key": told["app_key"],
        "app_secret": told["app_secret"],
        "token": token,
        "cipher": cipher,
    }
