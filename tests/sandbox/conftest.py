"""A sandbox in process, and clients of it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from contract import watch
from contract.watch import Watched
from gcw_tiktok.sandbox.server import create_app
from gcw_tiktok.sandbox.world import World
from sandbox.client import START, Client


@pytest.fixture
def make_world() -> Callable[..., World]:
    def make(**wanted: Any) -> World:
        return World(**{"seed": 7, "now": START, **wanted})

    return make


@pytest.fixture
def make_client(make_world: Callable[..., World]) -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(world: World | None = None, **wanted: Any) -> Client:
        world = world or make_world(**wanted)
        made.append(Client(world, Watched(httpx.WSGITransport(app=create_app(world)), "accepted requests")))
        return made[-1]

    yield make
    for client in made:
        client.http.close()
        watch.look_at_events(client.world)


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    """Connected to Paper Harbor Prints."""
    client = make_client()
    client.connect()
    return client
