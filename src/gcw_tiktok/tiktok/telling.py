"""Tells what is asked of TikTok. Never a query, a body or a header: they hold secrets and recipients' data."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

Tell = Callable[[str, bool], None]
"""Is given words, and whether they matter to somebody who did not ask to be told everything."""


def nobody(words: str, important: bool) -> None:
    """Where nobody wants to know."""


def tell_of(tell: Tell, request: "httpx.Request", started: float, outcome: str, request_id: str = "") -> None:
    """Tells of one request: method, path, what came of it, how long it took since `started` and TikTok's id of it."""
    took = (time.perf_counter() - started) * 1000
    tell(f"{request.method} {request.url.path}: {outcome}, {took:.0f} ms {request_id}".rstrip(), False)
