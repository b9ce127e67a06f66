"""A store and what it takes to list a poster in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from conftest import EXAMPLES, Gcw, Sandbox, configured, new_postgres_database, set_up
from gcw_tiktok.sandbox.faults import ConnectionCut

STORE = "Paper Harbor"
PRODUCT = "Harbor Poster"
TITLE = "Evening Pier Art Poster"
POSTER = EXAMPLES / "designs" / "harbor-poster-18x24.pdf"
LARGE = "18x24 in"
MINUTE = 60


class Line(httpx.BaseTransport):
    """What a client sees of a connection that the sandbox cuts."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self.inner.handle_request(request)
        except ConnectionCut as cut:
            raise httpx.RemoteProtocolError(str(cut), request=request) from cut


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(
    request: pytest.FixtureRequest,
    home: Path,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> "Shop":
    """Paper Harbor's store, connected, on either database; whoever waits makes the sandbox's time pass."""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("GCW_DATABASE_URL", new_postgres_database(server))
    return open_shop(sandbox, tmp_path, monkeypatch)


@pytest.fixture
def quick(home: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Shop":
    """The same on SQLite alone."""
    return open_shop(sandbox, tmp_path, monkeypatch)


def open_shop(sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch) -> "Shop":
    sandbox.transport = Line(sandbox.transport)
    return Shop(set_up(configured(sandbox), sandbox, folder / "hand-off", monkeypatch), sandbox, folder)


class Shop:
    """The command line, the sandbox, and the files of a listing."""

    def __init__(self, gcw: Gcw, sandbox: Sandbox, folder: Path) -> None:
        self.gcw = gcw
        self.sandbox = sandbox
        self.folder = folder
        self.picture = picture(folder / "pier.png")
        self.slept: list[float] = []
        self.meanwhile: Callable[[], object] = lambda: None
        gcw.sleep = self._sleep

    def _sleep(self, seconds: float) -> None:
        """The sandbox's clock goes faster, so that a review of half an hour ends within ten minutes of waiting."""
        self.slept.append(seconds)
        self.meanwhile()
        self.sandbox.control("POST", "clock", {"advance": int(seconds) * 5})

    def options(self, **changes: str | None) -> list[str]:
        """What lists the two large posters; a change of None leaves an option out."""
        wanted: dict[str, str | None] = {
            "product": PRODUCT,
            "title": TITLE,
            "description": "Printed after you order.",
            "price": "24.99",
            "image": str(self.picture),
            "design": str(POSTER),
            "variants": LARGE,
            "weight": "0.6lb",
            "size": "26x4x4in",
            "attribute": "Material=Paper",
        } | changes
        return [
            word for name, what in wanted.items() if what is not None for word in (f"--{name.replace('_', '-')}", what)
        ]

    def add(self, *more: str, **changes: str | None) -> dict[str, Any]:
        made: dict[str, Any] = self.gcw(
            "products", "add", STORE, *self.options(**changes), "--yes", "--json", *more
        ).json
        return made

    def refused(self, code: int, *more: str, **changes: str | None) -> dict[str, str]:
        """The error of a listing that cannot be made."""
        words = ("products", "add", STORE, *self.options(**changes), "--yes", "--json", *more)
        return self.gcw.fails(code, *words).error

    def publications(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.gcw("products", "publications", STORE, "--json").json
        return found

    def variants(self, product_title: str = TITLE) -> list[dict[str, Any]]:
        """What gcw knows of the listing's variants."""
        return [one for one in self.gcw("products", "list", STORE, "--json").json if one["listing"] == product_title]

    def at_tiktok(self, title: str = TITLE) -> list[Any]:
        """The listings that the sandbox has under a title."""
        shop = next(self.sandbox.world.shops())
        return [product for product in shop.products if product.version.title == title]


def picture(path: Path, width: int = 600, height: int = 600, colour: str = "teal") -> Path:
    Image.new("RGB", (width, height), colour).save(path)
    return path
