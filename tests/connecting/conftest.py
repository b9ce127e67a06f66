from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from conftest import Gcw
from gcw_tiktok.sandbox.server import serving
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.web.callback import free_port

CONNECT = ("store", "connect", "--customer", "Paper Harbor", "--facility", "Main floor")


@pytest.fixture
def ready(gcw: Gcw, tmp_path: Path) -> Gcw:
    """All is set up for connecting a store."""
    return people(gcw, tmp_path)


def people(gcw: Gcw, folder: Path) -> Gcw:
    gcw("customer", "add", "Paper Harbor", "--storefronts")
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{folder / 'hand-off'}")
    return gcw


@dataclass(frozen=True)
class Street:
    """A sandbox that really listens, and gcw set up for it."""

    gcw: Gcw
    url: str
    world: World
    port: int

    def allow(self, address: str, seller: str = "paper-harbor") -> str:
        """Where a click on Allow leads the browser."""
        wish = {"seller": seller, "state": httpx.URL(address).params["state"]}
        answer = httpx.post(f"{self.url}/_sandbox/authorizations", json=wish).json()
        return str(answer["redirect_url"])


@pytest.fixture
def street(home: Path, world: World, tmp_path: Path) -> Iterator[Street]:
    port = free_port()
    world.app.redirect_url = f"http://localhost:{port}/callback"
    with serving(world) as url:
        gcw = Gcw(None)
        app = world.app
        gcw(
            "app", "configure", "--key", app.key, "--service-id", app.service_id, "--api-url", url,
            "--auth-url", url, "--authorize-url", f"{url}/open/authorize", "--port", str(port), stdin=app.secret,
        )  # fmt: skip
        yield Street(people(gcw, tmp_path), url, world, port)
