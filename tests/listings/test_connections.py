"""`gcw products connect`: what a variant prints, in versions; and everything that is refused."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlmodel import Session, create_engine, select

from conftest import EXAMPLES, Gcw, Sandbox
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Connection, ConnectionDesign, Design, Event
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections, syncing
from listings.conftest import DESIGNS, GLOSSY, POSTER, SKU, STORE, UID

TWO_AREAS = """
models:
  - name: Card
    print_areas:
      - {name: front, required: true, formats: [png, pdf], min_dpi: 150, width_mm: 50.8, height_mm: 50.8}
      - {name: back-side, required: true, formats: [png, pdf], min_dpi: 150, width_mm: 50.8, height_mm: 50.8}
      - {name: inside, required: false, formats: [png, pdf], min_dpi: 150, width_mm: 50.8, height_mm: 50.8}
products:
  - {name: Card, model: Card, customers: all}
  - {name: Secret card, model: Card, customers: [Other]}
"""


def connect(gcw: Gcw, *words: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = gcw("products", "connect", STORE, *map(str, words), "--json").json
    return found


def refused(gcw: Gcw, home: Path, *words: str | Path, code: int = 4) -> dict[str, str]:
    """The refusal, after which everything is as it was."""
    before = stored(home)
    ran = gcw.fails(code, "products", "connect", STORE, *map(str, words), "--json")
    assert ran.stdout == ""
    assert stored(home) == before
    return ran.error


def stored(home: Path) -> list[Any]:
    engine = create_engine(f"sqlite:///{home / 'profiles' / 'default' / 'gcw.db'}")
    with Session(engine) as session:
        found = [
            [row.model_dump() for row in session.exec(select(table)).all()]
            for table in (Connection, ConnectionDesign, Design, Event)
        ]
    engine.dispose()
    return found


def shown(gcw: Gcw, sku: str = SKU) -> dict[str, Any]:
    found: dict[str, Any] = gcw("products", "show", STORE, sku, "--json").json
    return found


def sku_id(sandbox: Sandbox, seller_sku: str = SKU) -> str:
    products = sandbox.world.sellers[0].shops[0].products
    return next(sku.id for one in products for sku in one.skus if sku.seller_sku == seller_sku)


def picture(folder: Path, name: str = "square.png", pixels: int = 600) -> Path:
    path = folder / name
    Image.new("RGB", (pixels, pixels), "teal").save(path)
    return path


@pytest.fixture
def cards(connected: Gcw, tmp_path: Path) -> dict[str, str]:
    """Products with several print areas, by name their UID; the second is another customer's."""
    connected("customer", "add", "Other", "--storefronts")
    (tmp_path / "cards.yaml").write_text(TWO_AREAS)
    connected("catalog", "import", str(tmp_path / "cards.yaml"))
    return {row["product"]: row["uid"] for row in connected("catalog", "uids", "--json").json}


def test_by_seller_sku_and_by_sku_id(connected: Gcw, sandbox: Sandbox) -> None:
    first = connect(connected, SKU, UID, "--design", POSTER)
    assert (first["version"], first["product_uid"], first["sku_id"]) == (1, UID, sku_id(sandbox))
    assert first["designs"] == {"default": str(POSTER)}
    other = sku_id(sandbox, "POSTER-HARBOR-18X24-GLOSSY")
    assert connect(connected, other, GLOSSY, "--design", f"default={POSTER}")["seller_sku"].endswith("GLOSSY")


def test_the_same_again_is_no_new_version(connected: Gcw, home: Path) -> None:
    connect(connected, SKU, UID, "--design", POSTER)
    before = stored(home)
    ran = connected("products", "connect", STORE, SKU, UID, "--design", str(POSTER))
    assert "prints that already" in ran.stderr
    assert stored(home) == before


def test_every_change_is_a_version_and_the_history_stays(connected: Gcw, tmp_path: Path) -> None:
    connect(connected, SKU, UID, "--design", POSTER)
    other = tmp_path / "other.pdf"
    other.write_bytes(POSTER.read_bytes() + b"\n% changed\n")
    assert connect(connected, SKU, UID, "--design", other)["version"] == 2
    assert connect(connected, SKU, GLOSSY, "--design", other)["version"] == 3
    versions = shown(connected)["versions"]
    assert [(one["version"], one["product_uid"], bool(one["ended"])) for one in versions] == [
        (3, GLOSSY, False), (2, UID, True), (1, UID, True),
    ]  # fmt: skip
    assert versions[2]["designs"]["default"]["source"] == str(POSTER)
    assert versions[1]["designs"]["default"]["sha256"] != versions[2]["designs"]["default"]["sha256"]
    assert "Version 3 (current)" in connected("products", "show", STORE, SKU).stderr


def test_disconnect_and_connect_again(connected: Gcw) -> None:
    connect(connected, SKU, UID, "--design", POSTER)
    disconnect = ("products", "disconnect", STORE, SKU, "--json")
    assert connected(*disconnect).json["disconnected"] is True
    assert connected(*disconnect).json["disconnected"] is False
    assert [bool(one["ended"]) for one in shown(connected)["versions"]] == [True]
    assert connect(connected, SKU, UID, "--design", POSTER)["version"] == 2


def test_what_is_not_connected_is_listed(connected: Gcw, sandbox: Sandbox) -> None:
    def waiting() -> set[str]:
        rows = connected("products", "list", STORE, "--not-connected", "--json").json
        return {row["sku_id"] for row in rows}

    everything = waiting()
    connect(connected, SKU, UID, "--design", POSTER)
    assert everything - waiting() == {sku_id(sandbox)}
    assert f"1 of {len(everything)} variants are connected" in connected("products", "list", STORE).stderr


def test_like_another_variant(connected: Gcw, home: Path) -> None:
    connect(connected, SKU, UID, "--design", POSTER)
    assert connect(connected, "POSTER-HARBOR-18X24-GLOSSY", "--like", SKU)["product_uid"] == UID
    never = refused(connected, home, SKU, "--like", "POSTER-HARBOR-12X16-MATTE")
    assert "has never been connected" in never["message"]
    assert "Leave --design out" in refused(connected, home, SKU, "--like", SKU, "--design", POSTER, code=2)["hint"]
    assert "--like" in refused(connected, home, SKU, code=2)["message"]
    refused(connected, home, SKU, UID, "--like", SKU, code=2)


def test_a_seller_sku_that_stands_for_several(connected: Gcw, sandbox: Sandbox, home: Path) -> None:
    product = next(iter(sandbox.world.sellers[0].shops[0].products))
    sandbox.control("POST", "clock", {"advance": 60})
    for sku in product.skus[:2]:
        sandbox.control("POST", f"products/{product.id}/set-seller-sku", {"sku_id": sku.id, "seller_sku": "TWIN"})
    connected("products", "sync", STORE)
    error = refused(connected, home, "TWIN", UID, "--design", POSTER)
    assert all(sku.id in error["message"] for sku in product.skus[:2])
    connect(connected, product.skus[0].id, UID, "--design", POSTER)


REFUSED: list[tuple[tuple[str | Path, ...], str]] = [
    (("POSTER-HARBUR-18X24-MATTE", UID, "--design", POSTER), "Did you mean POSTER-HARBOR-18X24-MATTE"),
    (("POSTER-HARBOR-18", UID, "--design", POSTER), "'POSTER-HARBOR-18' could be POSTER-HARBOR-18X24-GLOSSY"),
    ((SKU, UID.replace("18x24", "18x25"), "--design", POSTER), "There is no product UID"),
    ((SKU, UID), "A design is missing for: default"),
    ((SKU, UID, "--design", f"back={POSTER}"), "The product has no print area back"),
    ((SKU, UID, "--design", f"wrong-side={POSTER}"), "The product has no print area wrong-side"),
    ((SKU, UID, "--design", POSTER, "--design", POSTER), "given two designs"),
    ((SKU, UID, "--design", "nowhere.pdf"), "nowhere.pdf does not exist"),
    ((SKU, UID, "--design", DESIGNS), "is a folder"),
    ((SKU, UID, "--design", EXAMPLES / "wall-art.yaml"), "wall-art.yaml"),
    ((SKU, UID, "--design", DESIGNS / "harbor-mug-wrap.jpg"), "cannot be printed on default"),
    ((SKU, UID, "--design", "https://drive.google.com/file/d/abc123/view?usp=sharing"), "is a page of Google Drive"),
    ((SKU, UID, "--design", "https://www.dropbox.com/s/abc/poster.pdf?dl=0"), "is a page of Dropbox"),
    ((SKU, UID, "--design", "http://127.0.0.1:9/poster.pdf"), "private network"),
    ((SKU, UID, "--design", "ftp://example.com/poster.pdf"), "is no https address"),
]  # fmt: skip


def test_refused(connected: Gcw, home: Path) -> None:
    for words, sentence in REFUSED:
        assert sentence in refused(connected, home, *words)["message"]


def test_share_pages_suggest_the_direct_address(connected: Gcw, home: Path) -> None:
    drive = refused(connected, home, SKU, UID, "--design", "https://drive.google.com/file/d/abc123/view")
    assert "https://drive.google.com/uc?export=download&id=abc123" in drive["hint"]
    dropbox = refused(connected, home, SKU, UID, "--design", "https://www.dropbox.com/s/abc/poster.pdf?dl=0")
    assert dropbox["hint"].endswith("https://www.dropbox.com/s/abc/poster.pdf?dl=1")


def test_a_picture_that_is_too_coarse(connected: Gcw, home: Path, tmp_path: Path) -> None:
    coarse = tmp_path / "coarse.png"
    Image.new("RGB", (463, 616), "teal").save(coarse)
    error = refused(connected, home, SKU, UID, "--design", coarse)
    assert error["code"] == "design_unfit"
    assert "Too coarse to print: 25 dpi" in error["message"]


def test_a_file_that_is_not_what_it_claims(connected: Gcw, home: Path, tmp_path: Path) -> None:
    page = tmp_path / "poster.pdf"
    page.write_text("<html><body>Sign in</body></html>")
    assert "poster.pdf" in refused(connected, home, SKU, UID, "--design", page)["message"]
    renamed = tmp_path / "renamed.pdf"
    renamed.write_bytes((DESIGNS / "harbor-mug-wrap.jpg").read_bytes())
    refused(connected, home, SKU, UID, "--design", renamed)


def test_a_design_for_each_area(connected: Gcw, cards: dict[str, str], home: Path, tmp_path: Path) -> None:
    front, back = picture(tmp_path), picture(tmp_path, "a=b.png", 601)
    error = refused(connected, home, SKU, cards["Card"], "--design", front)
    assert "A design is missing for: back-side" in error["message"]
    assert "--design back-side=FILE" in error["hint"]
    made = connect(connected, SKU, cards["Card"], "--design", front, "--design", f"back-side={back}")
    assert made["designs"] == {"front": str(front), "back-side": str(back)}
    assert connect(connected, SKU, cards["Card"], "--design", back, "--design", f"back-side={back}")["version"] == 2


def test_one_bad_design_of_two_stores_neither(
    connected: Gcw, cards: dict[str, str], home: Path, tmp_path: Path
) -> None:
    front, coarse = picture(tmp_path), picture(tmp_path, "coarse.png", 60)
    refused(connected, home, SKU, cards["Card"], "--design", f"front={front}", "--design", f"back-side={coarse}")


def test_another_customers_product_is_refused(
    connected: Gcw, cards: dict[str, str], home: Path, tmp_path: Path
) -> None:
    error = refused(connected, home, SKU, cards["Secret card"], "--design", picture(tmp_path))
    assert "Paper Harbor" in error["message"]


def test_what_comes_from_stock_takes_no_design(connected: Gcw, home: Path, tmp_path: Path) -> None:
    connected("catalog", "import", str(EXAMPLES / "drinkware.yaml"))
    box = connected("catalog", "uids", "Gift Box", "--json").json[0]["uid"]
    assert "takes no design" in refused(connected, home, SKU, box, "--design", POSTER)["message"]
    assert connect(connected, SKU, box)["designs"] == {}


@contextmanager
def website(body: bytes, content_type: str) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/harbor.pdf?key=secret"
        server.shutdown()
        thread.join()


def test_from_an_address(connected: Gcw, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCW_PRIVATE_DESIGN_URLS", "true")
    with website(POSTER.read_bytes(), "application/pdf") as url:
        assert connect(connected, SKU, UID, "--design", url)["version"] == 1
        kept = list((home / "profiles" / "default" / "designs").iterdir())
    assert [path.read_bytes() for path in kept] == [POSTER.read_bytes()]
    with website(b"<html>Please sign in</html>", "text/html; charset=utf-8") as url:
        error = refused(connected, home, SKU, GLOSSY, "--design", url)
        assert error["code"] == "web_page"
        assert "secret" not in error["message"]
    with website(b"<html>Please sign in</html>", "application/pdf") as url:
        refused(connected, home, SKU, GLOSSY, "--design", url)


def test_a_bad_design_says_what_to_look_at(connected: Gcw) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (10, 10)).save(buffer, "PNG")
    ran = connected.fails(4, "products", "show", STORE, "NOTHING-LIKE-IT")
    assert "gcw products list 'Paper Harbor Prints'" in ran.stderr
    assert "not connected" in connected("products", "list", STORE).stdout


def together(work: Callable[[Runtime], object], gcw: Gcw, crowd: int = 3) -> None:
    """Does the same several times at once, each with all that a process of its own would have; none may fail."""
    failures = []

    def one() -> None:
        mine = Runtime(transport=gcw.transport)
        try:
            work(mine)
        except Exception as error:  # noqa: BLE001  whatever it is, the test wants to show it
            failures.append(error)
        finally:
            mine.close()

    workers = [threading.Thread(target=one) for _ in range(crowd)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert failures == []


@pytest.fixture
def engine(database_url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is kept in SQLite, and then in PostgreSQL."""
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)


def test_several_who_connect_at_once_make_whole_versions(engine: None, connected: Gcw) -> None:
    connect(connected, SKU, UID, "--design", POSTER)
    start = threading.Barrier(3)

    def work(mine: Runtime) -> None:
        with mine.database.view() as session:
            store = stores.find(session, STORE)
            variant = connections.find_variant(session, store, SKU)
            _, pinned = connections.like(session, store, SKU)
        start.wait(timeout=30)
        for uid in (UID, GLOSSY) * 3:
            with mine.database.session() as session:
                connections.connect(session, Act("worker", 1), store, variant, uid, pinned)

    together(work, connected)
    versions = shown(connected)["versions"]
    assert [one["version"] for one in versions] == list(range(len(versions), 0, -1))
    assert [bool(one["ended"]) for one in versions] == [False] + [True] * (len(versions) - 1)


def test_several_first_syncs_at_once(engine: None, gcw: Gcw, sandbox: Sandbox, tmp_path: Path) -> None:
    gcw("customer", "add", "Paper Harbor", "--storefronts")
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{tmp_path}")
    code = sandbox.control("POST", "authorizations", {"seller": "paper-harbor"})["code"]
    gcw("store", "connect", "--customer", "Paper", "--facility", "Main", "--no-browser", stdin=code)
    products = [one for one in sandbox.world.sellers[0].shops[0].products if one.status != "DELETED"]
    reading = threading.Barrier(3)

    def all_read(done: int, _: int | None) -> None:
        """Nobody writes before everybody has read the last listing."""
        if done == len(products):
            reading.wait(timeout=30)

    def work(mine: Runtime) -> None:
        with mine.database.view() as session:
            store = stores.find(session, STORE)
        syncing.sync(mine.database, mine.client_for(store), store, Act("worker", 1), progress=all_read)

    together(work, gcw)
    found = gcw("products", "list", STORE, "--json").json
    assert sorted(row["sku_id"] for row in found) == sorted(sku.id for one in products for sku in one.skus)
