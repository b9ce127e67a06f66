import os
import shutil
from pathlib import Path

import httpx
import pytest

from conftest import Gcw, Sandbox, configured, new_postgres_database, new_sandbox, set_up
from gcw_tiktok.sandbox.server import create_app
from gcw_tiktok.sandbox.world import World
from orders.shop import POSTER, SKU, STORE, UID, Picture, Shop, name_of, put_back, take


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> "Pictures":
    return Pictures(tmp_path_factory.mktemp("shop"), request)


class Pictures:
    """A shop on each engine, set up once: SKU is connected and nothing has been ordered yet."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest) -> None:
        self.home, self.hand_off = folder / "home", folder / "hand-off"
        self._folder = folder
        self._request = request
        self._taken: dict[str, Picture] = {}

    def of(self, engine: str) -> Picture:
        if engine not in self._taken:
            self._taken[engine] = self._take(engine)
        return self._taken[engine]

    @property
    def postgres_server(self) -> str:
        server: str = self._request.getfixturevalue("postgres_server")
        return server

    def url(self, engine: str) -> str:
        """The address of a fresh copy of the database."""
        picture = self.of(engine)
        if engine == "sqlite":
            return f"sqlite:///{self.home / 'profiles' / 'default' / 'gcw.db'}"
        return self.copy(picture.database)

    def copy(self, database: str) -> str:
        return new_postgres_database(self.postgres_server, template=database)

    def _take(self, engine: str) -> Picture:
        url = new_postgres_database(self.postgres_server) if engine == "postgresql" else ""
        for left in (self.home, self.hand_off):  # by tests on the other engine, which come before
            shutil.rmtree(left, ignore_errors=True)
        with pytest.MonkeyPatch.context() as patch:
            machine(patch, self.home, url)
            sandbox = new_sandbox(World(seed=1, products=12, orders=0))
            gcw = set_up(configured(sandbox), sandbox, self.hand_off, patch)
            gcw("products", "connect", STORE, SKU, UID, "--design", str(POSTER))
            shop = Shop(gcw, sandbox, self.home, self.hand_off, url)
            return take(shop, self._folder / engine, name_of(url))


def machine(patch: pytest.MonkeyPatch, home: Path, database_url: str) -> None:
    """A machine of its own: no setting of the real one is seen."""
    for name in [name for name in os.environ if name.startswith("GCW_")]:
        patch.delenv(name)
    patch.setenv("GCW_HOME", str(home))
    patch.setenv("GCW_SECRET_KEY", "a key for tests, long enough to be taken")
    if database_url:
        patch.setenv("GCW_DATABASE_URL", database_url)


def open_shop(pictures: Pictures, engine: str, patch: pytest.MonkeyPatch) -> Shop:
    url = pictures.url(engine)
    machine(patch, pictures.home, url if engine == "postgresql" else "")
    return put_back(pictures.of(engine), _place(pictures), url)


def _place(pictures: Pictures) -> Shop:
    world = World(seed=1, products=1, orders=0)
    nobody = Sandbox(world, httpx.WSGITransport(app=create_app(world)), 0)
    return Shop(Gcw(nobody.transport), nobody, pictures.home, pictures.hand_off, "")


@pytest.fixture
def shop(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop on SQLite."""
    return open_shop(pictures, "sqlite", monkeypatch)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_shop(request: pytest.FixtureRequest, pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop on each engine in turn."""
    return open_shop(pictures, request.param, monkeypatch)
