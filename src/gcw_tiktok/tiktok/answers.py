"""Reads what came back over HTTP into TikTok Shop's envelope, or says what came back instead."""

import json
import math
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import httpx
from pydantic_core import CoreSchema, SchemaValidator, core_schema, from_json

from gcw_tiktok.tiktok.errors import HINTS, TikTokError, Unavailable, from_answer, printable

Shape = SchemaValidator
"""Which parts of an answer are wanted."""


class Answer(NamedTuple):
    """TikTok's envelope; `code` 0 is success."""

    code: int
    message: str
    request_id: str
    data: dict[str, Any]


def parts(*names: str, **inside: CoreSchema) -> CoreSchema:
    """An object of which these parts are wanted, and those `inside` in parts as well."""
    wanted = {**dict.fromkeys(names, core_schema.any_schema()), **inside}
    fields = {name: core_schema.typed_dict_field(schema, required=False) for name, schema in wanted.items()}
    return core_schema.typed_dict_schema(fields, extra_behavior="ignore")


def shape(data: CoreSchema) -> Shape:
    """Which parts of an answer are wanted, by those of its `data`: of a long answer, a few are read in a third of the
    time. What does not have them as it should is read in full."""
    return Shape(parts("code", "message", "request_id", data=data))


def read(response: httpx.Response, call: str, wanted: Shape | None = None) -> Answer:
    """The envelope of a success, with all of its data or what is wanted of it; raises what the answer tells of
    otherwise."""
    answer = _envelope(response, wanted)
    if answer is None:
        raise not_tiktok(response)
    if answer.code == 0 and response.is_success:
        return answer
    failure = from_answer(response.status_code, answer.code, answer.message, answer.request_id, call)
    raise failure


def _envelope(response: httpx.Response, wanted: Shape | None) -> Answer | None:
    try:
        body = _json(response.content, wanted)
        code = int(body["code"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    data = body.get("data")
    if code == 0 and not isinstance(data, dict | None):
        return None
    message, request_id = body.get("message"), body.get("request_id")
    return Answer(code, str(message or ""), str(request_id or ""), data if isinstance(data, dict) else {})


def _json(content: bytes, wanted: Shape | None) -> Any:
    """What it says; Python's own reader takes what JSON can spell and strict ones refuse, such as half a character."""
    if wanted:
        with suppress(ValueError):
            return wanted.validate_json(content)
    try:
        return from_json(content)
    except ValueError:
        return json.loads(content)


def not_tiktok(response: httpx.Response) -> TikTokError:
    """An answer that is no envelope: a proxy's page, or TikTok's own cut short. Its body is never shown."""
    status = response.status_code
    content_type = printable(response.headers.get("content-type", ""), 60) or "no content type"
    kind = _kind_without_envelope(status)
    broken = response.is_success and "json" in content_type
    what = "JSON that is broken or not TikTok Shop's" if broken else f"{content_type} instead of JSON"
    return Unavailable(
        f"{response.url.host} answered HTTP {status} with {what}.",
        HINTS[kind],
        kind=kind,
    )


def _kind_without_envelope(status: int) -> str:
    if status == 429:
        return "limit"
    if status < 300 or status >= 500 or status == 408:
        return "lost"
    return "proxy"


def retry_after(response: httpx.Response, now: float) -> float:
    """Seconds the `Retry-After` header asks to wait, given as a number or a date; 0 without one."""
    value = response.headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        moment = http_date(value)
        seconds = 0.0 if moment is None else moment - now
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0


def date_of(response: httpx.Response) -> float | None:
    """The far side's own clock when it answered, in Unix seconds; None where it does not tell."""
    return http_date(response.headers.get("date", ""))


def http_date(value: str) -> float | None:
    """Unix seconds of an HTTP date; None where it is none."""
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


def network_failure(error: httpx.RequestError, host: str) -> TikTokError:
    """What to say when no answer came: nothing was sent, or it was and the answer is lost."""
    kind = "unreached" if isinstance(error, NOT_SENT) else "lost"
    what = "could not be reached" if kind == "unreached" else "did not answer in full"
    return Unavailable(f"{host} {what} ({type(error).__name__}).", HINTS[kind], kind=kind)
