"""The shop owner's permission: the address to open, what comes back, and tokens for it.

The token addresses carry secrets in their query, so they are kept out of logs and messages.
"""

import hmac
import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote

import httpx
from pydantic import Field

from gcw_tiktok.errors import BadInput, Refused
from gcw_tiktok.tiktok import answers
from gcw_tiktok.tiktok.codes import CODES
from gcw_tiktok.tiktok.errors import (
    HINTS,
    AppMisconfigured,
    NotAuthorized,
    OutcomeUnknown,
    TikTokError,
    Unavailable,
)
from gcw_tiktok.tiktok.payload import Payload
from gcw_tiktok.tiktok.telling import Tell, nobody, tell_of

PASTE_HINT = "Paste the whole address of the page that TikTok sent the browser to after Allow."
AGAIN_HINT = "Run `gcw store connect` again."


class Grant(Payload):
    """Both tokens of an authorization; the `..._expire_in` are moments in Unix seconds, despite their names."""

    access_token: str = Field(repr=False)
    access_token_expire_in: int
    refresh_token: str = Field(repr=False)
    refresh_token_expire_in: int
    open_id: str
    seller_name: str = ""
    seller_base_region: str = ""
    user_type: int = 0
    granted_scopes: list[str] = Field(default_factory=list)

    @property
    def is_seller(self) -> bool:
        """False for a creator's or partner's account, which opens no shop."""
        return self.user_type == 0


def authorize_address(authorize_url: str, service_id: str, state: str) -> str:
    """Where the shop owner says yes."""
    query = {"service_id": service_id, "state": state.strip()}
    return str(httpx.URL(authorize_url).copy_merge_params(query))


def code_from_redirect(answer: str, state: str) -> str:
    """The authorization code in what came back: an address, its query, or the bare code, as pasted."""
    text = answer.strip().strip("\"'<>`").strip()
    found = _query(text)
    if found is None:
        return _usable(_bare(text))
    for carried in found.get("state", []):
        if not _same(carried, state):
            raise BadInput("This answer belongs to another attempt to connect a store.", AGAIN_HINT)
    if any(found.get("error", [])):
        raise _denied()
    codes = {code.strip().replace(" ", "+") for code in found.get("code", [])}
    if len(codes) != 1:
        raise BadInput("There is no authorization code in this answer.", PASTE_HINT)
    return _usable(codes.pop())


def _same(carried: str, state: str) -> bool:
    """In constant time, whatever letters were pasted."""
    return hmac.compare_digest(
        carried.strip().encode("utf-8", "surrogatepass"), state.strip().encode("utf-8", "surrogatepass")
    )


def _query(text: str) -> dict[str, list[str]] | None:
    """The parameters of an address or a query; None where the text is neither."""
    if "://" not in text and not re.search(r"(^|[?&#])(code|state|error)=", text):
        return None
    joined = "".join(text.split())
    before, _, after = joined.partition("?")
    query = after or (before if "://" not in before else "")
    return parse_qs(query.replace("#", "&"), keep_blank_values=True)


def _bare(text: str) -> str:
    if not text or len(text.split()) > 1:
        raise BadInput("There is no authorization code in this answer.", PASTE_HINT)
    return unquote(text)


def _usable(code: str) -> str:
    if code in ("", "null"):
        raise _denied()
    return code


def _denied() -> Refused:
    return Refused("The shop's owner denied the permission.", AGAIN_HINT, code="denied")


def exchange(
    http: httpx.Client, auth_url: str, app_key: str, app_secret: str, code: str, *, tell: Tell = nobody
) -> Grant:
    """The tokens for an authorization code, which works once: never repeated here."""
    query = {
        "app_key": app_key,
        "app_secret": app_secret,
        "auth_code": code,
        "grant_type": "authorized_code",
    }
    try:
        return _grant(http, f"{auth_url.rstrip('/')}/api/v2/token/get", query, "exchange the code", tell)
    except Unavailable as error:
        if error.kind not in ("lost", "retry"):
            raise
        raise OutcomeUnknown(f"{error} The code may be used up.", AGAIN_HINT, kind="unknown") from None


def refresh(
    http: httpx.Client, auth_url: str, app_key: str, app_secret: str, refresh_token: str, *, tell: Tell = nobody
) -> Grant:
    """New tokens for an authorization; store both at once. `NotAuthorized` means it has ended for good."""
    query = {
        "app_key": app_key,
        "app_secret": app_secret,
        "refresh_token": refresh_token,
        "grant_type": "refresh_token",
    }
    return _grant(http, f"{auth_url.rstrip('/')}/api/v2/token/refresh", query, "renew the authorization", tell)


def _grant(http: httpx.Client, address: str, query: Mapping[str, str], call: str, tell: Tell) -> Grant:
    request = httpx.Request("GET", address)  # as it is told of: without the secrets
    started = time.perf_counter()
    try:
        with _unlogged():
            response = http.get(address, params=query, follow_redirects=False)
    except httpx.RequestError as error:
        tell_of(tell, request, started, type(error).__name__)
        raise answers.network_failure(error, httpx.URL(address).host) from None
    try:
        answer = answers.read(response, call)
    except TikTokError as error:
        outcome = f"HTTP {response.status_code}, code {error.tiktok_code or '-'}"
        tell_of(tell, request, started, outcome, error.request_id)
        raise _sorted(error) from None
    tell_of(tell, request, started, f"HTTP {response.status_code}, code 0", answer.request_id)
    return Grant.parse(answer.data)


def _sorted(error: TikTokError) -> TikTokError:
    """The token host has its own codes, few of them published: where the code is unknown, the message tells
    whose fault it is, and without a hint there it is taken for the app's."""
    known = error.tiktok_code in CODES and isinstance(error, NotAuthorized)
    if isinstance(error, Unavailable | AppMisconfigured) or (known and not blames_the_app(error)):
        return error
    said = str(error).lower()
    ours = ("auth_code" in said or "refresh_token" in said) and not blames_the_app(error)
    kind = "grant" if ours else "app"
    kinds: dict[str, type[TikTokError]] = {"grant": NotAuthorized, "app": AppMisconfigured}
    return kinds[kind](str(error), HINTS[kind], tiktok_code=error.tiktok_code, request_id=error.request_id, kind=kind)


def blames_the_app(error: TikTokError) -> bool:
    """Whether TikTok names the app's key or secret as what is wrong."""
    said = str(error).lower().replace(" ", "_")
    return any(word in said for word in ("app_key", "app_secret", "client_key", "client_secret"))


@contextmanager
def _unlogged() -> Iterator[None]:
    """httpx logs every address it asks; this thread's are left out for a while."""
    thread = threading.get_ident()

    def others(record: logging.LogRecord) -> bool:
        return record.thread != thread

    logger = logging.getLogger("httpx")
    logger.addFilter(others)
    try:
        yield
    finally:
        logger.removeFilter(others)
