"""Answers on their way out, with what the journal wants to know of them."""

import json
from dataclasses import dataclass, field
from typing import Any

from gcw_tiktok.sandbox.refusals import Refusal

JSON_TYPE = "application/json; charset=utf-8"


@dataclass
class Reply:
    """One answer. `code` is TikTok Shop's, None on pages."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    code: int | None = None
    message: str = ""
    request_id: str = ""
    effect: str = ""


def api_success(data: dict[str, Any], request_id: str, effect: str = "") -> Reply:
    """The API's envelope; members are sorted by name at every level."""
    envelope = {"code": 0, "data": data, "message": "Success", "request_id": request_id}
    return Reply(200, _sorted(envelope), code=0, message="Success", request_id=request_id, effect=effect)


def api_refusal(refusal: Refusal, request_id: str) -> Reply:
    """The same envelope around a refusal."""
    envelope = {
        "code": refusal.code,
        "data": refusal.data,
        "message": refusal.message,
        "request_id": request_id,
    }
    return Reply(
        refusal.status,
        _sorted(envelope),
        headers=dict(refusal.headers),
        code=refusal.code,
        message=refusal.message,
        request_id=request_id,
    )


def auth(code: int, message: str, request_id: str, data: dict[str, Any] | None = None) -> Reply:
    """The token host's envelope: another order of members, always HTTP 200, no `data` on failure."""
    envelope = {"code": code, "message": message, **({"data": data} if data else {}), "request_id": request_id}
    return Reply(200, _plain(envelope), code=code, message=message, request_id=request_id)


def _sorted(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _plain(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
