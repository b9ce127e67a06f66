"""A print shop with a store connected, put back to a known state in a few milliseconds."""

import copy
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlmodel import Session, col, select

from conftest import EXAMPLES, Gcw, Sandbox
from contract.watch import Watched
from gcw_tiktok.sandbox.sales.orders import Order as Sold
from gcw_tiktok.sandbox.server import create_app
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import (
    CustomerProduct,
    Event,
    Hold,
    Line,
    Order,
    OutboxEntry,
    ProductUid,
    SetAside,
    Shipment,
    Store,
)
from gcw_tiktok.workflow.production.handoff import ASIDE

STORE = "Paper Harbor"
SKU = "POSTER-HARBOR-18X24-MATTE"
OTHER_SKU = "POSTER-HARBOR-24X36-MATTE"
UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
POSTER = EXAMPLES / "designs" / "harbor-poster-18x24.pdf"
NUMBER, SECOND_NUMBER = "9400100000000000000013", "9400100000000000000020"
Json = dict[str, Any]


def name_of(database_url: str) -> str:
    """What the server calls a database."""
    return urlsplit(database_url).path.lstrip("/")


def copy_of(world: World) -> World:
    return copy.deepcopy(world, {id(world.lock): threading.RLock()})


class Relay(httpx.BaseTransport):
    """Passes requests on to the sandbox; a test may put something in between."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner
        self.before: Callable[[httpx.Request], None] = lambda request: None
        self.change: Callable[[httpx.Request, Json], Json | None] = lambda request, answer: None
        """May change what the sandbox answered, or act between an answer and its arrival."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.before(request)
        response = self.inner.handle_request(request)
        if "/_sandbox/" in request.url.path or not response.headers["content-type"].startswith("application/json"):
            return response
        changed = self.change(request, json.loads(response.read()))
        if changed is None:
            return response
        headers = {name: response.headers[name] for name in ("date", "content-type")}
        return httpx.Response(response.status_code, headers=headers, json=changed)


@dataclass
class Shop:
    """The command line, the far side and the floor of one print shop."""

    gcw: Gcw
    sandbox: Sandbox
    home: Path
    hand_off: Path
    database_url: str
    _kept: dict[str, Any] = field(default_factory=dict)

    @property
    def relay(self) -> Relay:
        assert isinstance(self.sandbox.transport, Relay)
        return self.sandbox.transport

    @property
    def world(self) -> World:
        return self.sandbox.world

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A look into gcw's memory, or a change behind its back."""
        database = Database(self.database_url)
        try:
            with database.session() as session:
                yield session
        finally:
            database.close()

    def change_orders(self, change: Callable[[Json], None], path: str = "/orders") -> None:
        """TikTok shows orders otherwise than the sandbox does: `change` edits each order of a detail answer."""

        def edit(request: httpx.Request, answer: Json) -> Json | None:
            if request.method != "GET" or not request.url.path.endswith(path) or not answer["data"]:
                return None
            for order in answer["data"]["orders"]:
                change(order)
            return answer

        self.relay.change = edit

    def advance(self, seconds: int) -> None:
        self.sandbox.control("POST", "clock", {"advance": seconds})

    def do(self, order_id: str, action: str, **wish: Any) -> Json:
        done: Json = self.sandbox.control("POST", f"orders/{order_id}/{action}", wish)
        return done

    def fault(self, match: str, kind: str, **more: Any) -> None:
        self.sandbox.control("POST", "faults", {"match": match, "kind": kind, "times": 1, **more})

    def requests(self) -> list[str]:
        """What gcw has asked of TikTok since the last time."""
        entries = self.sandbox.control("GET", f"journal?since={self._kept.get('journal', 0)}")["entries"]
        self._kept["journal"] = entries[-1]["number"] if entries else self._kept.get("journal", 0)
        return [f"{entry['method']} {entry['path']}" for entry in entries]

    def sold(self, order_id: str) -> Sold:
        """The order as the sandbox has it."""
        found = self.world.orders.get(order_id)
        assert found is not None
        return found

    def order(self, order_id: str) -> Json:
        shown: Json = self.gcw("orders", "show", order_id, "--json").json
        return shown

    def stage(self, order_id: str) -> str:
        return str(self.order(order_id)["stage"])

    def holds(self, order_id: str) -> list[str]:
        return sorted(hold["reason"] for hold in self.order(order_id)["holds"])

    def history(self, order_id: str) -> list[str]:
        return [event["what"] for event in self.order(order_id)["history"]]

    def lines(self, order_id: str) -> list[str]:
        return [str(line["line"]) for line in self.order(order_id)["lines"]]

    def ready(self, quantity: int = 1, sku: str = SKU, **more: Any) -> str:
        """An order that was taken in and may go to production."""
        order_id = self.sandbox.ready_order(sku, quantity, **more)
        self.gcw("orders", "pull")
        return order_id

    def released(self, quantity: int = 1, **more: Any) -> str:
        order_id = self.ready(quantity, **more)
        self.gcw("orders", "release", order_id)
        return order_id

    def ship(self, order_id: str, *more: str, number: str = NUMBER) -> tuple[str, ...]:
        return ("orders", "ship", order_id, "--carrier", "USPS", "--tracking", number, *more)

    def withdraw(self, *, published: bool = False) -> None:
        """The PSP no longer offers what SKU prints; or offers it again."""
        with self.session() as session:
            uid = session.get_one(ProductUid, UID)
            session.get_one(CustomerProduct, uid.product_id).published = published

    def connect_other(self) -> None:
        self.gcw("products", "connect", STORE, OTHER_SKU, "--like", SKU)

    def folders(self) -> list[str]:
        return sorted(path.name for path in self.hand_off.iterdir() if path.name != ASIDE)

    def left_aside(self) -> list[str]:
        aside = self.hand_off / ASIDE
        return sorted(path.name for path in aside.iterdir()) if aside.exists() else []

    def document(self, order_id: str) -> Json:
        found: Json = json.loads((self.hand_off / f"TTS-{order_id}" / "order.json").read_text())
        return found

    def told(self) -> list[str]:
        """Every parcel that TikTok has been told of, from its own journal."""
        return [entry["effect"] for entry in self.sandbox.journal("/packages") if entry["effect"]]

    def state(self) -> Json:
        """Everything that must come out the same, however the way there was."""
        with self.session() as session:
            orders = {order.id: order for order in session.exec(select(Order))}
            newest = max((one.update_time for one in self.world.orders), default=0)
            return {
                "orders": sorted(
                    (one.order_id, one.status, one.stage, one.content, one.released_at is not None)
                    for one in orders.values()
                ),
                "lines": sorted(
                    (line.line_id, line.stage, line.status, line.connection_id, line.tracking_number, line.package_id)
                    for line in session.exec(select(Line))
                ),
                "holds": sorted(
                    (orders[hold.order_pk].order_id, hold.reason, hold.sentence, hold.command)
                    for hold in session.exec(select(Hold))
                ),
                "effects": sorted((one.key, one.state) for one in session.exec(select(OutboxEntry))),
                "shipments": sorted(
                    (one.package_id, one.tracking_number, one.line_ids) for one in session.exec(select(Shipment))
                ),
                "set aside": sorted(session.exec(select(SetAside.order_id))),
                "reserved": sorted(session.exec(select(Order.order_id).where(col(Order.reserved_by).is_not(None)))),
                "unread": newest - session.exec(select(Store.orders_cursor)).one(),
                "events": sorted((one.subject, one.what) for one in session.exec(select(Event))),
                "floor": self._floor(),
                "left aside": self.left_aside(),
                "told": self.told(),
            }

    def _floor(self) -> Json:
        """The hand-off's folders with the files in each and what they say."""
        return {
            folder: sorted(
                (path.name, path.read_text() if path.suffix == ".json" else path.read_bytes()[:4])
                for path in (self.hand_off / folder).iterdir()
            )
            for folder in self.folders()
        }


@dataclass(frozen=True)
class Picture:
    """The state of a shop, to be put back as often as wanted."""

    home: Path
    hand_off: Path
    world: World
    database: str = ""
    """A PostgreSQL database to copy; empty where it is a file under `home`."""


def take(shop: Shop, folder: Path, database: str = "") -> Picture:
    shutil.copytree(shop.home, folder / "home")
    shutil.copytree(shop.hand_off, folder / "hand-off")
    return Picture(folder / "home", folder / "hand-off", copy_of(shop.world), database)


def put_back(picture: Picture, shop: Shop, database_url: str) -> Shop:
    """The shop as it was; its folders are the same, its sandbox is another."""
    for kept, place in ((picture.home, shop.home), (picture.hand_off, shop.hand_off)):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(kept, place)
    world = copy_of(picture.world)
    sandbox = Sandbox(world, Relay(Watched(httpx.WSGITransport(app=create_app(world)), "all requests")), 0)
    return Shop(Gcw(sandbox.transport), sandbox, shop.home, shop.hand_off, database_url)
