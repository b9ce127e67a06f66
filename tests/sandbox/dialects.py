"""How clients in the field write the same request: each dialect changes what travels, and signs it anew."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

import httpx

from gcw_tiktok.sandbox import contract, routes
from gcw_tiktok.sandbox.gate import TOKEN_HEADER
from gcw_tiktok.sandbox.refusals import Refusal
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.tiktok.signing import sign

Pairs = list[tuple[str, str]]
JSON = "application/json"
OURS = ("/_sandbox/", "/api/v2/", "/sandbox-")


@dataclass(frozen=True)
class Request:
    """A call on its way, before it is signed."""

    world: World
    operation: contract.Operation | None
    method: str
    pairs: Pairs
    body: bytes
    headers: Mapping[str, str]

    @property
    def is_json(self) -> bool:
        return self.headers.get("content-type", "").startswith(JSON)


def _same_pairs(request: Request) -> Pairs:
    return request.pairs


def _same_body(request: Request) -> bytes:
    return request.body


def _same_headers(request: Request) -> dict[str, str]:
    return dict(request.headers)


@dataclass(frozen=True)
class Dialect:
    """What is done to query, body and headers. `signed` is the body that the signature covers."""

    pairs: Callable[[Request], Pairs] = _same_pairs
    body: Callable[[Request], bytes] = _same_body
    headers: Callable[[Request], dict[str, str]] = _same_headers
    signed: Callable[[bytes], bytes] = lambda body: body
    encode: Callable[[str], str] = quote
    lag: int = 0
    chunked: bool = False


@dataclass
class Speaking(httpx.BaseTransport):
    """Carries calls over in a dialect, timed by the world's clock; everything else as it is."""

    world: World
    inner: httpx.BaseTransport
    dialect: Dialect = field(default_factory=Dialect)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.url.path.startswith(OURS):
            return self.inner.handle_request(request)
        return self.inner.handle_request(self._said(request))

    def close(self) -> None:
        self.inner.close()

    def _said(self, request: httpx.Request) -> httpx.Request:
        given = parse_qsl(request.url.query.decode(), keep_blank_values=True)
        own = [(name, value) for name, value in given if name not in ("sign", "timestamp")]
        pairs = [*own, ("timestamp", str(self.world.now() - self.dialect.lag))]
        headers = {name: request.headers[name] for name in (TOKEN_HEADER, "content-type") if name in request.headers}
        plain = Request(self.world, _operation(request), request.method, pairs, request.content, headers)
        pairs, body, carried = self.dialect.pairs(plain), self.dialect.body(plain), self.dialect.headers(plain)
        signed = self.dialect.signed(body)
        kind = headers.get("content-type", "")
        pairs.append(("sign", sign(self.world.app.secret, request.url.path, pairs, signed, kind)))
        query = "&".join(f"{self.dialect.encode(name)}={self.dialect.encode(value)}" for name, value in pairs)
        url = request.url.copy_with(raw_path=f"{request.url.path}?{query}".encode())
        content: Any = iter([body[:5], body[5:]]) if self.dialect.chunked and body else body
        return httpx.Request(request.method, url, headers=carried, content=content or None)


def _operation(request: httpx.Request) -> contract.Operation | None:
    try:
        return routes.operation(routes.find(request.method, request.url.path)[0])
    except Refusal:
        return None


def escaped(text: str) -> str:
    """Every character of every string of a JSON text as an escape."""
    return re.sub(r'"((?:[^"\\]|\\.)*)"', lambda found: f'"{_units(json.loads(found[0]))}"', text)


def _units(text: str) -> str:
    raw = text.encode("utf-16-be")
    return "".join(f"\\u{raw[place : place + 2].hex().upper()}" for place in range(0, len(raw), 2))


def php(request: Request) -> bytes:
    """As `json_encode` writes."""
    if not (request.is_json and request.body):
        return request.body
    return json.dumps(json.loads(request.body), separators=(",", ":")).replace("/", "\\/").encode()


def spaced(request: Request) -> bytes:
    """Everything escaped, indented, and a newline at the end, as from a file."""
    if not (request.is_json and request.body):
        return request.body
    return (escaped(json.dumps(json.loads(request.body), indent=2)) + "\n").encode()


def nothing_as(written: bytes) -> Callable[[Request], bytes]:
    """An empty filter written otherwise."""

    def write(request: Request) -> bytes:
        optional = request.operation and request.operation.body_schema and not request.operation.body_required
        return written if optional and request.body in (b"", b"{}") else request.body

    return write


def with_nulls(request: Request) -> bytes:
    """Every member that has no value is null, as typed languages write it."""
    schema = request.operation.body_schema if request.operation else None
    if not (request.is_json and request.body and schema):
        return request.body
    return json.dumps(_filled(schema, json.loads(request.body))).encode()


def _filled(schema: Any, value: Any) -> Any:
    schema = contract.resolved(schema)
    if isinstance(value, list):
        return [_filled(schema.get("items", {}), each) for each in value]
    if not isinstance(value, dict):
        return value
    members = schema.get("properties", {})
    return dict.fromkeys(members) | {name: _filled(members.get(name, {}), each) for name, each in value.items()}


def an_object_everywhere(request: Request) -> bytes:
    """`{}` where there is no body at all, GET included."""
    return request.body or b"{}"


def without_empty_object(body: bytes) -> bytes:
    """As TikTok's own Node SDK signs."""
    return b"" if body == b"{}" else body


def old_style(request: Request) -> Pairs:
    """Parameters of older versions, and an empty one for each that has no value."""
    cipher = dict(request.pairs).get("shop_cipher")
    shop = next((shop.id for shop in request.world.shops() if shop.cipher == cipher), "")
    given = {name for name, _ in request.pairs}
    known = (
        [each["name"] for each in request.operation.parameters if each["in"] == "query"] if request.operation else []
    )
    empty = [(name, "") for name in known if name not in given and name != "sign"]
    token = request.headers.get(TOKEN_HEADER, "")
    return [*request.pairs, ("version", "202309"), ("shop_id", shop), ("access_token", token), *empty]


def lists_said_again(request: Request) -> Pairs:
    """`ids=1&ids=2`."""
    parameters = request.operation.parameters if request.operation else []
    lists = {each["name"] for each in parameters if each["schema"].get("type") == "array"}
    return [(name, one) for name, value in request.pairs for one in (value.split(",") if name in lists else [value])]


def content_type(kind: str, on_get: str = "") -> Callable[[Request], dict[str, str]]:
    """JSON under another name; on GET, this or nothing at all."""

    def write(request: Request) -> dict[str, str]:
        headers = dict(request.headers)
        if request.method == "GET":
            headers.pop("content-type", None)
        wanted = on_get if request.method == "GET" else kind if request.is_json else headers["content-type"]
        return headers | ({"content-type": wanted} if wanted else {})

    return write


def shouted(request: Request) -> dict[str, str]:
    """Names in capitals, and JSON with its charset."""
    written = content_type(f"{JSON}; charset=UTF-8")(request)
    return {name.upper(): value for name, value in written.items()}


PLAIN = Dialect()
DIALECTS = {
    "PHP, old style": Dialect(old_style, php),
    "escaped, indented, newline": Dialect(body=spaced),
    "null members": Dialect(body=with_nulls),
    "no filter as null": Dialect(body=nothing_as(b"null")),
    "no filter as []": Dialect(body=nothing_as(b"[]")),
    "no filter as nothing": Dialect(body=nothing_as(b"")),
    "an object everywhere": Dialect(body=an_object_everywhere),
    "an object everywhere, unsigned": Dialect(body=an_object_everywhere, signed=without_empty_object),
    "lists said again, spaces as +": Dialect(lists_said_again, encode=quote_plus),
    "all but letters encoded": Dialect(encode=lambda text: quote(text, safe="")),
    "headers in capitals, with a charset, a clock 100 s behind": Dialect(headers=shouted, lag=100),
    "JSON as text, and on GET, a clock 30 s ahead": Dialect(headers=content_type("text/plain", JSON), lag=-30),
}
