"""Kills gcw in process: at the n-th place where something outside its memory has happened or is about to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from gcw_tiktok.workflow.production import handoff
from orders.shop import Relay, Shop


class Killed(BaseException):
    """No part of gcw catches this; and once it was raised nothing works any more, as if the process were gone."""


class Reaper:
    """Counts the places that a run passes; kills at number `at`, or at the first whose name begins so."""

    def __init__(self, at: int | str = 0) -> None:
        self.at = at
        self.places: list[str] = []
        self.killed = False

    def around(self, what: str, do: Callable[[], Any]) -> Any:
        self._here(f"before {what}")
        done = do()
        self._here(f"after {what}")
        return done

    def _here(self, what: str) -> None:
        if self.killed:
            raise Killed
        self.places.append(what)
        if len(self.places) == self.at or (isinstance(self.at, str) and what.startswith(self.at)):
            self.killed = True
            raise Killed


class Cut(httpx.BaseTransport):
    """Every request is a place before it is sent, and one when its effect is there and its answer unread."""

    def __init__(self, inner: httpx.BaseTransport, reaper: Reaper) -> None:
        self._inner = inner
        self._reaper = reaper

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        what = f"{request.method} {request.url.path}"
        found: httpx.Response = self._reaper.around(what, lambda: self._inner.handle_request(request))
        return found


@contextmanager
def watched(shop: Shop, reaper: Reaper) -> Iterator[None]:
    """Every request, every commit and every step of writing a hand-off is a place to be killed at."""
    commit, write, rename, mkdir = Session.commit, handoff._write, Path.rename, Path.mkdir
    replace = Path.replace
    relay = shop.sandbox.transport
    assert isinstance(relay, Relay)
    inner = relay.inner

    def of_path(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(path: Path, *more: Any, **options: Any) -> Any:
            if handoff.ASIDE not in str(path) and not path.name.startswith(f".{handoff.DOCUMENT}."):
                return real(path, *more, **options)
            return reaper.around(
                f"{name} {path.name.split('.')[0] or handoff.DOCUMENT}", lambda: real(path, *more, **options)
            )

        return step

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "commit", lambda session: reaper.around("commit", lambda: commit(session)))
        patch.setattr(handoff, "_write", of_path("write", write))
        patch.setattr(Path, "rename", of_path("rename", rename))
        patch.setattr(Path, "replace", of_path("replace", replace))
        patch.setattr(Path, "mkdir", of_path("mkdir", mkdir))
        relay.inner = Cut(inner, reaper)
        try:
            yield
        finally:
            relay.inner = inner


def run(shop: Shop, command: tuple[str, ...], at: int | str = 0, *, surely: bool = True) -> list[str]:
    """The places that the command passed before it ended or, at `at`, was killed; not `surely` where the number of
    places is chance."""
    reaper = Reaper(at)
    with watched(shop, reaper):
        if not at:
            shop.gcw(*command)
            return reaper.places
        with pytest.raises(Killed) if surely else suppress(Killed):
            shop.gcw.run(*command)
    return reaper.places
