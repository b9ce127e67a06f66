"""TikTok Shop's signatures on requests and webhooks. Pure functions of the bytes that travel."""

import hashlib
import hmac
from collections.abc import Iterable
from operator import itemgetter

UNSIGNED = frozenset({"sign", "access_token"})


def sign(secret: str, path: str, query: Iterable[tuple[str, str]], body: bytes = b"", content_type: str = "") -> str:
    """The `sign` query parameter: 64 lower-case hex digits.

    `query` holds decoded names and values, sorted here by name; a name that comes again keeps its order. `body` is
    signed exactly as it will be sent, except a multipart body, which TikTok leaves out.
    """
    pairs = sorted((pair for pair in query if pair[0] not in UNSIGNED), key=itemgetter(0))
    message = path.encode() + "".join(name + value for name, value in pairs).encode()
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        message += body
    key = secret.encode()
    return hmac.new(key, key + message + key, hashlib.sha256).hexdigest()


def sign_webhook(app_key: str, secret: str, body: bytes) -> str:
    """The `Authorization` header of a webhook: 64 lower-case hex digits over the raw body."""
    return hmac.new(secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()


def webhook_is_genuine(app_key: str, secret: str, body: bytes, authorization: str) -> bool:
    """Whether the `Authorization` header belongs to this raw body; compared in constant time."""
    expected = sign_webhook(app_key, secret, body)
    return hmac.compare_digest(expected.encode(), authorization.strip().encode())
