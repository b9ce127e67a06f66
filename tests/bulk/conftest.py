"""A connected store on either database, a server that has designs, and files to fill in."""

import csv
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, Gcw, Sandbox, set_up
from gcw_tiktok.store.database import Database

STORE = "Paper Harbor"
UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
GLOSSY = "flat_product_pf_18x24-inch_pt_200-gsm-coated-glossy_cl_4-0_ver"
POSTER = (EXAMPLES / "designs" / "harbor-poster-18x24.pdf").read_bytes()
ID, PRODUCT_UID, DESIGN = "Store Variant ID", "Product UID", "Design File URL"


@dataclass
class Host:
    """Where designs are fetched from: what it has, and what was asked of it."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda name: None

    def put(self, name: str, content: bytes = POSTER) -> str:
        self.files[name] = content
        return f"{self.url}/{name}"


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.lstrip("/")
            found.asked.append(name)
            found.before(name)
            content = found.files.get(name)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Host(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("GCW_PRIVATE_DESIGN_URLS", "true")
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def shop(database_url: str, gcw: Gcw, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gcw:
    """The command line with Paper Harbor's store, on either database."""
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    return set_up(configured_again(gcw, sandbox), sandbox, tmp_path / "hand-off", monkeypatch)


def configured_again(gcw: Gcw, sandbox: Sandbox) -> Gcw:
    """The app's secret is sealed in the database, which is another one now."""
    app = sandbox.world.app
    gcw("app", "configure", "--key", app.key, "--service-id", app.service_id, stdin=app.secret)
    return gcw


def another_store(gcw: Gcw, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a second store, of another customer, once it is connected and synced."""
    import webbrowser

    monkeypatch.setattr(webbrowser, "open", sandbox.allow("empty-easel"))
    gcw("customer", "add", "Empty Easel", "--storefronts")
    known = {one["name"] for one in gcw("store", "list", "--json").json}
    gcw("store", "connect", "--customer", "Empty Easel", "--facility", "Main floor")
    (name,) = {one["name"] for one in gcw("store", "list", "--json").json} - known
    gcw("products", "sync", name)
    return str(name)


Rows = list[dict[str, str]]


def exported(gcw: Gcw, file: str = "store.csv", *more: str) -> Rows:
    gcw("bulk", "export", STORE, "-o", file, *more)
    return read(file)


def read(file: str | Path, **how: Any) -> Rows:
    with Path(file).open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened, **how))


def write(rows: Rows, file: str = "filled.csv", encoding: str = "utf-8", **how: Any) -> str:
    with Path(file).open("w", encoding=encoding, newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]), **how)
        writer.writeheader()
        writer.writerows(rows)
    return file


def filled(rows: Rows, design: str, uid: str = UID, count: int | None = None) -> Rows:
    """The same rows with what the first of them print filled in."""
    return [
        row | ({PRODUCT_UID: uid, DESIGN: design} if count is None or number < count else {})
        for number, row in enumerate(rows)
    ]


def counts(told: dict[str, Any]) -> tuple[int, int, int, int]:
    return told["connected"], told["unchanged"], told["skipped"], told["failed"]


def remembered(url: str) -> list[list[Any]]:
    """Every connection, design and event there is."""
    from sqlmodel import select

    from gcw_tiktok.store.tables import Connection, ConnectionDesign, Design, Event

    database = Database(url)
    with database.view() as session:
        found = [
            sorted(
                (row.model_dump(mode="json") for row in session.exec(select(table)).all()),
                key=lambda row: sorted(map(str, row.items())),
            )
            for table in (Connection, ConnectionDesign, Design, Event)
        ]
    database.close()
    return found
