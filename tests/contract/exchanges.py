"""What the oracles say of one request and its answer."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from types import ModuleType
from urllib.parse import parse_qsl

import httpx

from contract import october_models, our_description, tiktok_description
from contract.shapes import Call, Finding, Json, Shape, check
from gcw_tiktok.sandbox import routes
from gcw_tiktok.sandbox.events import Event
from gcw_tiktok.sandbox.refusals import Refusal

ORACLES: dict[str, ModuleType] = {
    "ours": our_description,
    "tiktok": tiktok_description,
    "october": october_models,
}
OUTER = {name: oracle for name, oracle in ORACLES.items() if name != "ours"}
PRESENT = {name: oracle for name, oracle in OUTER.items() if not oracle.ABSENT}

EVERY_CALL_TAKES = {"app_key", "timestamp", "sign", "shop_cipher", "access_token", "shop_id", "version"}
"""Older clients send the last three with every request."""


@dataclass(frozen=True, order=True)
class Difference:
    """What an oracle finds odd at a member of a request or reply."""

    call: str
    part: str
    member: str
    oracle: str
    what: str


@dataclass(frozen=True)
class Exchange:
    """A request to a known call, and the answer if one came."""

    route: routes.Route
    in_path: dict[str, str]
    query: tuple[tuple[str, str], ...]
    content_type: str
    sent: bytes
    answer: Json | None

    @property
    def name(self) -> str:
        return f"{self.route.method} {self.route.path}"

    @property
    def succeeded(self) -> bool:
        return bool(self.answer) and self.answer is not None and self.answer.get("code") == 0

    def forgiven(self) -> "Exchange":
        """The same with its body as TikTok Shop reads it; what only repeats the path does no harm."""
        if self.body is None:
            return self
        body = without_nothing(self.body)
        if isinstance(body, dict):
            body = {name: each for name, each in body.items() if self.in_path.get(name) != str(each)}
        return replace(self, sent=json.dumps(body).encode())

    @cached_property
    def body(self) -> object:
        """What JSON was sent; None where none was."""
        if not self.sent.strip() or not self.content_type.startswith("application/json"):
            return None
        return json.loads(self.sent)


def read(request: httpx.Request, response: httpx.Response | None) -> Exchange | None:
    """The exchange, unless it is no call that the sandbox knows."""
    try:
        route, in_path = routes.find(request.method, request.url.path)
    except Refusal:
        return None
    query = tuple(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    content_type = request.headers.get("content-type", "")
    return Exchange(route, in_path, query, content_type, request.content, _answer(response))


def _answer(response: httpx.Response | None) -> Json | None:
    """The envelope, unless a fault tore it."""
    try:
        answer = response.json() if response else None
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and "code" in answer else None


def without_nothing(value: object) -> object:
    """A body as TikTok Shop reads it: what is null is not there, and an empty list or null is an empty body."""
    if not isinstance(value, dict):
        return value or {}
    return {
        name: without_nothing(each) if isinstance(each, dict) else each
        for name, each in value.items()
        if each is not None
    }


def odd_in_request(exchange: Exchange) -> Iterator[Difference]:
    for name, oracle in PRESENT.items():
        call = oracle.call(exchange.route.method, exchange.route.path)
        for part, finding in _odd_in_request(call, exchange) if call else ():
            yield Difference(exchange.name, part, finding.member, name, finding.what)


def _odd_in_request(call: Call, exchange: Exchange) -> Iterator[tuple[str, Finding]]:
    own = [(name, text) for name, text in exchange.query if name not in EVERY_CALL_TAKES]
    yield from (("query", finding) for finding in check(call.query, _typed(call.query, own)))
    if not call.cipher and "shop_cipher" in dict(exchange.query):
        yield "query", Finding("shop_cipher", "unknown")
    if call.body:
        yield from (("body", finding) for finding in check(call.body, {} if exchange.body is None else exchange.body))
    elif exchange.body:
        yield "body", Finding("", "unknown")


def _typed(shape: Shape, query: list[tuple[str, str]]) -> Json:
    """Parameters as values; an empty one is as good as none, a list is joined by commas or repeated."""
    values: Json = {}
    for name, text in query:
        kind = shape.members[name].kind if name in shape.members else "string"
        if kind == "array":
            values.setdefault(name, []).extend(text.split(","))
        elif text:
            values[name] = _value(kind, text)
    return values


def _value(kind: str, text: str) -> object:
    if kind == "integer":
        return int(text) if text.lstrip("-").isdigit() else text
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text


def odd_in_reply(exchange: Exchange) -> Iterator[Difference]:
    """What of a success no description allows, ours included; a refusal's `data` is described by nobody."""
    answer = exchange.answer
    if not answer:
        return
    if not exchange.succeeded:
        answer = {name: each for name, each in answer.items() if name != "data"}
    for name, oracle in {"ours": our_description, **PRESENT}.items():
        call = oracle.call(exchange.route.method, exchange.route.path)
        if call and (name != "ours" or exchange.succeeded):
            for finding in check(call.reply, answer):
                yield Difference(exchange.name, "reply", finding.member, name, finding.what)
    if exchange.succeeded and "october" in PRESENT:
        yield from _unparsed(exchange)


def _unparsed(exchange: Exchange) -> Iterator[Difference]:
    """The October models read the reply with their own code."""
    if not october_models.call(exchange.route.method, exchange.route.path):
        return
    try:
        october_models.reply_model(exchange.route.method, exchange.route.path).from_dict(exchange.answer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield Difference(exchange.name, "reply", "", "october", f"does not parse: {error!r}")


def odd_in_events(events: Iterable[Event]) -> Iterator[Difference]:
    """What of the webhooks for some events the October models do not know."""
    if "october" not in PRESENT:
        return
    for event in events:
        shape = october_models.webhook(event.body["type"])
        odd = list(check(shape, event.body)) if shape else []
        unread = october_models.unreadable(event.raw)
        for finding in [*odd, *([Finding("", unread)] if unread else [])]:
            yield Difference(f"webhook {event.topic}", "webhook", finding.member, "october", finding.what)
