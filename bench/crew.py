"""Four gcw that release at once on PostgreSQL beside one alone, where handing an order over takes a while."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlmodel import select

from bench import worlds
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import ConnectionDesign, DesignSource, Facility
from torture import place
from torture.place import Place

CREW = 4
HERE = Path(__file__).parent
SOURCE = "https://files.example.com/poster.pdf"


def measured(orders: int, seconds: float, runs: int) -> list[tuple[float, float]]:
    """Seconds that four took, and that one took, for so many orders whose hand-off takes `seconds` each."""
    with (
        tempfile.TemporaryDirectory() as folder,
        place.opened("postgresql", Path(folder)) as shop,
        _intake(seconds) as intake,
    ):
        _prepare(shop, orders, intake)
        return [(_release(shop, CREW, orders, intake), _release(shop, 1, orders, intake)) for _ in range(runs)]


@contextmanager
def _intake(seconds: float) -> Iterator[str]:
    command = [sys.executable, str(HERE / "intake.py"), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _prepare(shop: Place, orders: int, intake: str) -> None:
    """So many orders are ready, and are handed over to the intake."""
    wish = {"lines": [{"seller_sku": place.SKU}], "status": "AWAITING_SHIPMENT", "count": orders}
    shop.control("POST", "orders", wish)
    hand_off = f"gelatoconnect:{intake}"
    worlds.run(shop.environment, "facility", "add", "Far", "--hand-off", hand_off, stdin="a key")
    database = Database(shop.database_url)
    with database.session() as session:
        for facility in session.exec(select(Facility)):
            facility.hand_off = hand_off
        for design in session.exec(select(ConnectionDesign)):
            design.source = SOURCE
        session.add(DesignSource(address=SOURCE, sha256=design.sha256, asked_at=1))
    database.close()
    worlds.run(shop.environment, "orders", "pull")
    place.copy_database(shop.server, "gcw_now", "gcw_ready")


def _release(shop: Place, crew: int, orders: int, intake: str) -> float:
    place.copy_database(shop.server, "gcw_ready", "gcw_now")
    httpx.delete(intake)
    command = [*worlds.GCW, "orders", "release"]
    start = time.perf_counter()
    processes = [
        subprocess.Popen(command, env=shop.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(crew)
    ]
    said = [process.communicate()[1] for process in processes]
    took = time.perf_counter() - start
    told = httpx.get(intake).json()
    if told != {"orders": orders, "twice": 0} or any(process.returncode for process in processes):
        raise SystemExit(f"{crew} gcw released {told} of {orders} orders: {said}")
    return took
