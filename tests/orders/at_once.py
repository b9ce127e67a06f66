"""Two gcw at work on the same database at the same time, made to meet where it matters."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import pytest
from sqlmodel import select

from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Store
from orders.shop import Shop

T = TypeVar("T")


class Meeting(httpx.BaseTransport):
    """The answers to the first request of each that `meet` picks arrive only when both were given."""

    def __init__(self, shop: Shop, meet: Callable[[httpx.Request], bool]) -> None:
        self._inner = shop.sandbox.transport
        self._meet = meet
        self._barrier = threading.Barrier(2, timeout=20)
        self._lock = threading.Lock()
        self._came: set[int] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            response = self._inner.handle_request(request)
        me = threading.get_ident()
        if self._meet(request) and me not in self._came:
            self._came.add(me)
            self._barrier.wait()
        return response


def meet_at(patch: pytest.MonkeyPatch, owner: type, method: str) -> None:
    """Neither goes into this method before both have come to it."""
    barrier = threading.Barrier(2, timeout=20)
    real = getattr(owner, method)

    def together(*given: Any, **more: Any) -> Any:
        barrier.wait()
        return real(*given, **more)

    patch.setattr(owner, method, together)


def run(
    shop: Shop, work: Callable[[Runtime, Store], T], meet: Callable[[httpx.Request], bool] = lambda request: False
) -> list[T]:
    """What each of two that do the same work at once came to."""
    meeting = Meeting(shop, meet)

    def one(_: int) -> T:
        gcw = Runtime(transport=meeting, sleep=lambda seconds: None)
        try:
            with gcw.database.view() as session:
                store = session.exec(select(Store)).one()
            return work(gcw, store)
        finally:
            gcw.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))
