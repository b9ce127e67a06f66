"""Stands between a client and the sandbox, and asks the oracles about everything that passes."""

from typing import Literal

import httpx

from contract.exchanges import Difference, odd_in_events, odd_in_reply, odd_in_request, read
from contract.known import unexplained
from gcw_tiktok.sandbox.world import World

Looked = Literal["all requests", "accepted requests"]


class Watched(httpx.BaseTransport):
    """Passes everything on unchanged.

    What gcw sends must be right whatever the answer is. Tests of the sandbox send wrong things on purpose; of theirs
    only what it took is looked at, for it shall not take what TikTok Shop does not know: as it read it, since clients
    in the field send nulls, and gcw shall not.
    """

    def __init__(self, inner: httpx.BaseTransport, looked: Looked) -> None:
        self.inner = inner
        self.looked = looked

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        response: httpx.Response | None = None
        try:
            response = self.inner.handle_request(request)
            response.read()
        finally:
            self._look(request, response)
        return response

    def _look(self, request: httpx.Request, response: httpx.Response | None) -> None:
        exchange = read(request, response)
        if not exchange:
            return
        if self.looked == "all requests":
            found.extend(unexplained(odd_in_request(exchange)))
        elif exchange.succeeded:
            found.extend(unexplained(odd_in_request(exchange.forgiven())))
        found.extend(unexplained(odd_in_reply(exchange)))

    def close(self) -> None:
        self.inner.close()


def look_at_events(world: World) -> None:
    """Every webhook that the world's events make, sent or not, is looked at too."""
    found.extend(unexplained(odd_in_events(world.events)))


found: list[Difference] = []
"""What nobody has explained, since it was last emptied."""
