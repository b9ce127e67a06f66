"""Opaque page tokens. Each holds `+`, `/` and a final `=`: a client that forgets to encode them fails here."""

import base64
import hashlib
import json
from itertools import count

from gcw_tiktok.sandbox.refusals import Refusal, bad_parameter
from gcw_tiktok.sandbox.shelf import Place


def write(secret: str, search: str, place: Place | None) -> str:
    """The token that continues a search after a place; empty on the last page."""
    if place is None:
        return ""
    plain = json.dumps([_mark(search), *place]).encode()
    plain += b" " * ((1 - len(plain)) % 3)  # with one byte of salt before it, the base64 ends in "="
    for salt in count():
        token = base64.b64encode(bytes([salt % 256]) + _veil(secret, salt % 256, plain)).decode()
        if ("+" in token and "/" in token) or salt >= 255:
            return token
    raise AssertionError  # pragma: no cover - count() does not end


def read(secret: str, search: str, token: str) -> Place | None:
    """The place a token stands for; refused when it is damaged or of another search."""
    if not token:
        return None
    try:
        raw = base64.b64decode(token, validate=True)
        mark, time, item_id = json.loads(_veil(secret, raw[0], raw[1:]))
    except (ValueError, IndexError, TypeError):
        raise _invalid() from None
    if mark != _mark(search):
        raise _invalid()
    return int(time), str(item_id)


def _mark(search: str) -> str:
    return hashlib.sha256(search.encode()).hexdigest()[:8]


def _veil(secret: str, salt: int, data: bytes) -> bytes:
    stream = hashlib.shake_128(f"{secret}:{salt}".encode()).digest(len(data))
    return bytes(byte ^ mask for byte, mask in zip(data, stream, strict=True))


def _invalid() -> Refusal:
    return bad_parameter("The 'page_token' query parameter is invalid.")
