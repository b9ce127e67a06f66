"""A client that signs as TikTok Shop asks and checks every reply by our description of the API."""

import json
import time
from itertools import count
from typing import Any

import httpx

from gcw_tiktok.sandbox import contract, routes
from gcw_tiktok.sandbox.refusals import Refusal
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.tiktok.signing import sign

START = 1_795_446_000  # Monday 23 November 2026, 15:00 UTC
Json = dict[str, Any]


class Client:
    """Calls the sandbox as an app would; `control` calls it as a test does."""

    def __init__(self, world: World, transport: httpx.BaseTransport | None, base_url: str = "http://sandbox") -> None:
        self.world = world
        self.http = httpx.Client(transport=transport, base_url=base_url)
        self.token = ""
        self.cipher = ""
        self.tracking_numbers = count(9_400_100_000_000_000_000_011)

    def connect(self, seller: str = "paper-harbor", shop: int = 0, **wish: Any) -> Json:
        """Authorizes a seller and keeps the access token and the cipher of one shop."""
        code = self.control("POST", "/authorizations", {"seller": seller, **wish})["code"]
        data = self.auth("get", auth_code=code, grant_type="authorized_code")["data"]
        self.token = data["access_token"]
        found = self.world.seller(seller)
        assert found
        self.cipher = found.shops[shop].cipher
        return data

    def auth(self, call: str, **query: str) -> Json:
        keys = {"app_key": self.world.app.key, "app_secret": self.world.app.secret}
        reply = self.http.get(f"/api/v2/token/{call}", params=keys | query)
        assert reply.status_code == 200
        answer: Json = reply.json()
        assert list(answer) == [each for each in ("code", "message", "data", "request_id") if each in answer]
        return answer

    def control(self, method: str, path: str, body: Json | None = None) -> Json:
        reply = self.http.request(method, f"/_sandbox{path}", json=body)
        assert reply.status_code == 200, reply.text
        answer: Json = reply.json()
        return answer

    def raw(
        self,
        method: str,
        path: str,
        query: Json | None = None,
        content: bytes = b"",
        headers: Json | None = None,
        *,
        cipher: bool | None = None,
        **override: Any,
    ) -> httpx.Response:
        """A signed request; `override` replaces or, with None, drops query parameters."""
        wanted = {"app_key": self.world.app.key, "timestamp": str(int(time.time())), **(query or {})}
        if self.needs_cipher(method, path) if cipher is None else cipher:
            wanted["shop_cipher"] = self.cipher
        wanted |= override
        wanted = {name: str(value) for name, value in wanted.items() if value is not None}
        carried = {"x-tts-access-token": self.token, "content-type": "application/json"} | (headers or {})
        if "sign" not in override:
            wanted["sign"] = sign(self.world.app.secret, path, wanted.items(), content, carried["content-type"])
        reply = self.http.request(method, path, params=wanted, content=content or None, headers=carried)
        check(method, path, reply)
        return reply

    def call(self, method: str, path: str, query: Json | None = None, body: object = None, **override: Any) -> Json:
        """The envelope of a call."""
        content = b"" if body is None else json.dumps(body).encode()
        answer: Json = self.raw(method, path, query, content, **override).json()
        return answer

    def data(self, method: str, path: str, query: Json | None = None, body: object = None, **override: Any) -> Json:
        """The data of a call that must succeed."""
        answer = self.call(method, path, query, body, **override)
        assert answer["code"] == 0, answer
        data: Json = answer["data"]
        return data

    def send_form(self, path: str, fields: Json, files: Json) -> Json:
        """The envelope of a call with files, whose body is not signed."""
        form = httpx.Request("POST", "http://sandbox", data=fields, files=files)
        answer: Json = self.raw("POST", path, None, form.read(), {"content-type": form.headers["content-type"]}).json()
        return answer

    @staticmethod
    def needs_cipher(method: str, path: str) -> bool:
        try:
            return routes.find(method, path)[0].cipher
        except Refusal:
            return True

    def advance(self, seconds: int) -> None:
        self.control("POST", "/clock", {"advance": seconds})

    def order(self, order_id: str) -> Json:
        found: Json = self.data("GET", "/order/202507/orders", {"ids": order_id})["orders"][0]
        return found

    def buy(self, **wish: Any) -> str:
        """A new order's id."""
        return str(self.control("POST", "/orders", wish)["order_id"])

    def buy_ready(self, **wish: Any) -> Json:
        """A new order that may be shipped."""
        return self.order(self.buy(status="AWAITING_SHIPMENT", **wish))


class StillClient(Client):
    """Asks at START: for worlds whose wall clock stands still there, so that two of them can be compared."""

    def raw(self, *arguments: Any, **override: Any) -> httpx.Response:
        return super().raw(*arguments, **{"timestamp": str(START), **override})


def still_world(**wanted: Any) -> World:
    """A world in which time passes only when it is told to."""
    return World(**{"seed": 7, "now": START, "wall": lambda: float(START), **wanted})


def check(method: str, path: str, reply: httpx.Response) -> None:
    """Every reply has the shape that the description gives it."""
    if not reply.headers["content-type"].startswith("application/json"):
        return
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    answer = reply.json()
    assert_sorted(answer)
    assert list(answer) == ["code", "data", "message", "request_id"]
    try:
        route, _ = routes.find(method, path)
    except Refusal:
        return
    schema = routes.operation(route).reply_schema
    errors = [error.message for error in contract.validator(schema).iter_errors(answer)]
    assert not errors, (path, answer, _deepest(schema, answer))


def _deepest(schema: Json, answer: Json) -> list[str]:
    """What is wrong with a success, beneath the `oneOf`."""
    return [
        f"{inner.json_path}: {inner.message}"
        for error in contract.validator(schema).iter_errors(answer)
        for inner in error.context or []
    ]


def assert_sorted(value: Any) -> None:
    """Members are in the order of their names, at every level."""
    if isinstance(value, dict):
        assert list(value) == sorted(value)
        for each in value.values():
            assert each is not None or list(value) == ["code", "data", "message", "request_id"]
            assert_sorted(each)
    elif isinstance(value, list):
        for each in value:
            assert_sorted(each)
