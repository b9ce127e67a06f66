"""A far side that answers what a test tells it to, and a clock that only sleeping moves."""

import json
from collections.abc import Callable
from typing import Any

import httpx

from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.clock import Clock
from gcw_tiktok.tiktok.errors import TikTokError
from gcw_tiktok.tiktok.pacing import Learned, Pacer

NOW = 1_795_300_000.0
API = "https://api.example.test"

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Tokens:
    """Counts renewals: token-1, token-2, ..."""

    def __init__(self) -> None:
        self.number = 1

    def access(self) -> str:
        return f"token-{self.number}"

    def renew(self, stale: str) -> str:
        assert stale == self.access()
        self.number += 1
        return self.access()

    def over(self, error: TikTokError) -> TikTokError:
        return error


class FarSide:
    """Answers in the order given; the last answer stays."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []
        self.told: list[str] = []
        self.noticed: list[float] = []
        self.kept: list[Learned] = []
        self.tokens = Tokens()

    def now(self) -> float:
        return NOW + sum(self.slept)

    def http(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._handle))

    def client(self, cipher: str = "CIPHER") -> Client:
        return Client(
            self.http(),
            API,
            "key",
            "secret",
            self.tokens,
            cipher,
            clock=Clock(self.now, self.noticed.append),
            pacer=Pacer("Paper Harbor", now=self.now, sleep=self.slept.append, tell=self._hear, keep=self.kept.append),
            tell=self._hear,
        )

    def will(self, *answers: Answer) -> "FarSide":
        self.answers += answers
        return self

    def body(self, number: int = -1) -> Any:
        return json.loads(self.requests[number].content)

    def _hear(self, words: str, important: bool) -> None:
        self.told.append(words)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer


def envelope(
    data: object = None, *, code: int = 0, message: str = "Success", status: int = 200, **headers: str
) -> httpx.Response:
    body = {"code": code, "data": data, "message": message, "request_id": "REQ1"}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=sent)
