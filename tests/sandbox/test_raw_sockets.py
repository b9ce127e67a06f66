"""Requests as old, odd and careful clients put them on the wire."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import BytesParser
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from gcw_tiktok.sandbox.server import serving
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.tiktok.signing import sign
from sandbox.client import Client

SHOPS = "/authorization/202309/shops"
SEARCH = "/order/202309/orders/search"
PATIENCE = 30


@dataclass
class Answer:
    """One answer as it came."""

    version: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def say(self, *lines: str, body: bytes = b"") -> None:
        self.socket.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode() + body)

    def hear(self, bodiless: bool = False) -> Answer:
        version, status, _ = self.file.readline().decode().split(" ", 2)
        head = b"".join(iter(self.file.readline, b"\r\n"))
        headers = {name.lower(): value for name, value in BytesParser().parsebytes(head).items()}
        body = b"" if bodiless else self.file.read(int(headers.get("content-length", 0)))
        return Answer(version, int(status), headers, body)

    def is_closed(self) -> bool:
        return self.file.read(1) == b""


@dataclass
class Street:
    """A sandbox that listens, and what is needed to sign for it by hand."""

    world: World
    port: int
    token: str
    cipher: str

    def wire(self) -> Wire:
        return Wire(self.port)

    def target(self, path: str, body: bytes = b"", **query: str) -> str:
        """The request's target, signed."""
        pairs = {"app_key": self.world.app.key, "timestamp": str(self.world.clock.wall())} | query
        pairs["sign"] = sign(self.world.app.secret, path, pairs.items(), body)
        return f"{path}?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs.items())

    def headers(self, *more: str) -> tuple[str, ...]:
        return (f"Host: 127.0.0.1:{self.port}", f"x-tts-access-token: {self.token}", *more)


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    world = World(seed=7)
    with serving(world) as base:
        client = Client(world, None, base)
        client.connect()
        client.http.close()
        yield Street(world, int(urlsplit(base).port or 0), client.token, client.cipher)


def test_old_clients_speak_http_1_0(street: Street) -> None:
    with street.wire() as wire:
        wire.say(f"GET {street.target(SHOPS)} HTTP/1.0", *street.headers())
        answer = wire.hear()
        assert (answer.status, answer.json["code"]) == (200, 0)
        assert wire.is_closed()


def test_a_connection_serves_many_requests(street: Street) -> None:
    with street.wire() as wire:
        for _ in range(3):
            wire.say(f"GET {street.target(SHOPS)} HTTP/1.1", *street.headers())
            assert wire.hear().json["code"] == 0
        wire.say("GET /nothing/here HTTP/1.1", *street.headers())
        assert wire.hear().status == 404
        wire.say(f"GET {street.target(SHOPS)} HTTP/1.1", *street.headers("Connection: close"))
        assert wire.hear().json["code"] == 0
        assert wire.is_closed()


def test_requests_may_be_sent_before_the_answers_come(street: Street) -> None:
    with street.wire() as wire:
        for _ in range(3):
            wire.say(f"GET {street.target(SHOPS)} HTTP/1.1", *street.headers())
        assert [wire.hear().json["code"] for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("name", ["X-TTS-ACCESS-TOKEN", "x-tts-access-token", "X-Tts-Access-Token"])
def test_header_names_in_any_case(street: Street, name: str) -> None:
    with street.wire() as wire:
        wire.say(f"GET {street.target(SHOPS)} HTTP/1.1", f"hOST: 127.0.0.1:{street.port}", f"{name}:{street.token}")
        assert wire.hear().json["code"] == 0


def test_a_body_in_chunks(street: Street) -> None:
    body = b'{"order_status": "ON_HOLD"}\n'
    target = street.target(SEARCH, body, page_size="10", shop_cipher=street.cipher)
    chunks = b"5\r\n" + body[:5] + b"\r\n" + f"{len(body) - 5:X}".encode() + b"\r\n" + body[5:] + b"\r\n0\r\n\r\n"
    with street.wire() as wire:
        headers = street.headers("Transfer-Encoding: chunked", "Content-Type: application/json")
        wire.say(f"POST {target} HTTP/1.1", *headers, body=chunks)
        assert wire.hear().json["code"] == 0


def test_a_careful_client_asks_before_it_sends(street: Street) -> None:
    body = b'{"order_status": "ON_HOLD"}'
    target = street.target(SEARCH, body, page_size="10", shop_cipher=street.cipher)
    with street.wire() as wire:
        headers = street.headers(f"Content-Length: {len(body)}", "Expect: 100-continue")
        wire.say(f"POST {target} HTTP/1.1", *headers)
        assert wire.hear(bodiless=True).status == 100
        wire.socket.sendall(body)
        assert wire.hear().json["code"] == 0


def test_head_has_no_body(street: Street) -> None:
    with street.wire() as wire:
        wire.say(f"HEAD {street.target(SHOPS)} HTTP/1.1", *street.headers())
        assert wire.hear(bodiless=True).status == 405
        wire.say(f"GET {street.target(SHOPS)} HTTP/1.1", *street.headers())
        assert wire.hear().json["code"] == 0


def test_what_is_no_request_harms_nobody(street: Street) -> None:
    with street.wire() as wire:
        wire.say("HELLO")
        assert wire.hear().status == 400
    with street.wire() as wire:
        wire.say(f"GET {street.target(SHOPS)} HTTP/1.1", *street.headers())
        answer = wire.hear()
        assert answer.json["code"] == 0
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["x-tt-logid"] == answer.json["request_id"]
