"""`reset_after` on every write: the effect happens, the answer is lost.

A scenario makes every call of the sandbox. A second world hears the same requests, and each of its writes loses its
answer; in the end both worlds are the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from contract import scenario
from gcw_tiktok.sandbox import routes, server, things
from gcw_tiktok.sandbox.faults import ConnectionCut
from gcw_tiktok.sandbox.gateway import Sandbox
from gcw_tiktok.sandbox.refusals import Refusal
from gcw_tiktok.sandbox.routes import Route
from gcw_tiktok.sandbox.saving import STAYS
from sandbox.client import StillClient, still_world

READING = ("search", "query", "calculate", "recommend", "listing_check", "external_order_search", "pod_details/get")
"""How the addresses of calls end that only look although they are posted."""
WRITES = {
    route
    for route in set(routes.everything()) - set(routes.PAGES)
    if route.method != "GET" and not route.path.endswith(READING)
}


class Losing(httpx.BaseTransport):
    """Answers from the first world; the second one does the same, and loses the answers of its writes."""

    def __init__(self, first: httpx.BaseTransport, second: httpx.BaseTransport, twin: Sandbox, base: str) -> None:
        self.first, self.second, self.twin, self.base = first, second, twin, base
        self.lost: set[Route] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        answer = self.first.handle_request(request)
        answer.read()
        again = httpx.Request(
            request.method, self.base + request.url.raw_path.decode(), headers=request.headers, content=request.content
        )
        again.headers["host"] = again.url.netloc.decode()
        route = _write(request)
        if route is None:
            self.second.handle_request(again).read()
        else:
            self._lose(route, again, answer)
        return answer

    def _lose(self, route: Route, again: httpx.Request, answer: httpx.Response) -> None:
        fault = self.twin.faults.add({"kind": "reset_after", "match": f"{again.method} {again.url.path}", "times": 1})
        with pytest.raises((ConnectionCut, httpx.RemoteProtocolError, httpx.ReadError)):
            self.second.handle_request(again).read()
        entry = self.twin.journal.read()[-1]
        assert (entry["fault"], entry["code"], fault.times) == ("reset_after", answer.json()["code"], 0)
        self.twin.faults.clear()
        if entry["code"] == 0:
            self.lost.add(route)


def _write(request: httpx.Request) -> Route | None:
    try:
        route = routes.find(request.method, request.url.path)[0]
    except Refusal:
        return None
    return route if route in WRITES else None


@contextmanager
def reached(twin: Sandbox, over: str) -> Iterator[tuple[httpx.BaseTransport, str]]:
    """The second world, in process or behind a real socket."""
    if over == "in process":
        yield httpx.WSGITransport(app=server.create_app(twin.world, twin)), "http://sandbox"
        return
    with server.serving(twin.world, sandbox=twin) as base, httpx.HTTPTransport() as transport:
        yield transport, base


@pytest.mark.parametrize("over", ["in process", "sockets"])
def test_every_write_has_its_effect_and_loses_its_answer(over: str) -> None:
    world, twin = still_world(), Sandbox(still_world())
    with reached(twin, over) as (second, base):
        losing = Losing(httpx.WSGITransport(app=server.create_app(world)), second, twin, base)
        client = StillClient(world, losing)
        client.connect()
        for act in scenario.ACTS:
            act(client)
        client.http.close()
    missing = {f"{route.method} {route.path}" for route in WRITES - losing.lost}
    assert not missing, sorted(missing)
    assert len(losing.lost) > 30
    assert things.written(world, STAYS) == things.written(twin.world, STAYS)
