"""The one door to TikTok Shop's API: signs, renews, retries, unwraps, pages."""

import json as json_module
import time
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

import httpx

from gcw_tiktok.tiktok import answers
from gcw_tiktok.tiktok.answers import Shape
from gcw_tiktok.tiktok.clock import Clock
from gcw_tiktok.tiktok.errors import HINTS, OutcomeUnknown, TikTokError, Unavailable
from gcw_tiktok.tiktok.pacing import Pacer, backoff
from gcw_tiktok.tiktok.signing import sign
from gcw_tiktok.tiktok.telling import Tell, nobody, tell_of
from gcw_tiktok.tiktok.versions import VERSIONS

TRIES = 5
PATIENCE = 120.0
"""Seconds that all pauses of one call may take together."""
MOST_PAGES = 100_000
NOTHING_LEFT = httpx.ByteStream(b"")
"""Takes the place of a stream that was read: that one points back at its response, and such a circle with all that
TikTok said in it stays until Python searches for circles."""
JSON, FORM = "application/json", "multipart/form-data"
LONGEST_FETCH = 60.0
"""Seconds that a file may take."""

Params = Mapping[str, str | int | None]
Body = object | Callable[[str], object]
"""What is sent as JSON, or how to build it for an API version."""


class Tokens(Protocol):
    """Where the client gets its access token."""

    def access(self) -> str:
        """A token that is good now."""
        ...

    def renew(self, stale: str) -> str:
        """A newer token than `stale`, which TikTok has called expired."""
        ...

    def over(self, error: TikTokError) -> TikTokError:
        """What it means that TikTok refuses even a token that it has renewed a moment ago."""
        ...


class Signature:
    """Signs requests, with the time of sending."""

    def __init__(self, app_key: str, app_secret: str, now: Callable[[], float]) -> None:
        self._app_key = app_key
        self._app_secret = app_secret
        self._now = now

    def signed(self, url: str, params: Mapping[str, str], body: bytes, content_type: str) -> httpx.URL:
        """The address to ask, with all that its query has to say. httpx looks at each letter of an address whenever
        one is made: it is made once, when all is known."""
        asked = httpx.URL(url)
        query = [*params.items(), ("app_key", self._app_key), ("timestamp", str(int(self._now())))]
        query.append(("sign", sign(self._app_secret, asked.path, query, body, content_type)))
        return asked.copy_with(params=query)


class Form(NamedTuple):
    """A body with a file, which travels as `multipart/form-data`."""

    fields: Mapping[str, str]
    name: str
    """The field that holds the file."""
    file_name: str
    data: bytes
    media_type: str


class _Request(NamedTuple):
    """One call at one API version; sent again, it is signed again."""

    call: str
    method: str
    path: str
    params: dict[str, str]
    body: bytes | Form | None
    repeatable: bool
    wanted: Shape | None

    @property
    def content(self) -> dict[str, Any]:
        """The body as httpx takes it."""
        if isinstance(self.body, Form):
            file = (self.body.file_name, self.body.data, self.body.media_type)
            return {"data": dict(self.body.fields), "files": {self.body.name: file}}
        return {"content": self.body, "headers": {"content-type": JSON}}

    def signed(self, api_url: str, signature: Signature) -> httpx.URL:
        """Where it goes, signed. A form's fields and file are not: TikTok leaves them out."""
        body, kind = (b"", FORM) if isinstance(self.body, Form) else (self.body or b"", JSON)
        return signature.signed(api_url + self.path, self.params, body, kind)


class Client:
    """Calls for one shop (or, without a cipher, for one authorization)."""

    def __init__(
        self,
        http: httpx.Client,
        api_url: str,
        app_key: str,
        app_secret: str,
        tokens: Tokens,
        cipher: str = "",
        *,
        clock: Clock,
        pacer: Pacer,
        tell: Tell = nobody,
    ) -> None:
        self._http = http
        self._api_url = api_url.rstrip("/")
        self._tokens = tokens
        self._cipher = cipher
        self._clock = clock
        self._pacer = pacer
        self._tell = tell
        self._signature = Signature(app_key, app_secret, clock.now)
        self._sent_at = 0.0
        self.server_time: float | None = None
        """TikTok's own clock at the newest answer, in Unix seconds."""
        self._versions: dict[str, str] = {}
        self.last_request_id = ""

    def for_another_thread(self) -> "Client":
        """The same door: what one thread was answered last is not mixed up with what another was."""
        return copy(self)

    def now(self) -> float:
        """TikTok's time as this machine knows it, in Unix seconds."""
        return self._clock.now()

    def version(self, call: str) -> str:
        """The API version that worked for `call`, else the newest."""
        return self._versions.get(call, VERSIONS[call][0])

    def call(
        self,
        call: str,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Body | None = None,
        form: Form | None = None,
        repeatable: bool,
        shop: bool = True,
        wanted: Shape | None = None,
    ) -> dict[str, Any]:
        """The `data` of TikTok's answer to `json` or to a `form`, whole or what is `wanted` of it.

        `path` may contain `{version}`. Only what is `repeatable` (reads, searches, writes that leave the
        same state when done twice) is sent again after a failure that leaves the outcome open.
        """
        candidates = (self._versions[call],) if call in self._versions else VERSIONS[call]
        for version in candidates:
            body = json(version) if callable(json) else json
            request = _Request(
                call,
                method,
                path.replace("{version}", version),
                self._query(params or {}, shop),
                form if body is None else _encode(body),
                repeatable,
                wanted,
            )
            try:
                data = self._deliver(request)
            except TikTokError as error:
                if error.kind != "version" or version == candidates[-1]:
                    raise
            else:
                self._versions[call] = version
                return data
        raise AssertionError("every call has a version")

    def pages(
        self,
        call: str,
        method: str,
        path: str,
        key: str,
        *,
        params: Params | None = None,
        json: object | None = None,
        wanted: Shape | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Every entry of the list `key`, page after page."""
        for data in self.whole_pages(call, method, path, params=params, json=json, wanted=wanted):
            yield from entries(data, key)

    def whole_pages(
        self,
        call: str,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object | None = None,
        wanted: Shape | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Every page's `data`, for those who need its `total_count` too."""
        token = ""
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            query = {**(params or {}), "page_token": token}
            data = self.call(call, method, path, params=query, json=json, repeatable=True, wanted=wanted)
            token = str(data.get("next_page_token") or "")
            yield data
            if not token:
                return
            if token in seen:
                break
            seen.add(token)
        raise Unavailable(
            f'TikTok Shop sent the same page of "{call.replace("_", " ")}" again; not all of it was read.',
            HINTS["retry"],
            request_id=self.last_request_id,
            kind="retry",
        )

    def is_own(self, url: str) -> bool:
        """Whether an address is at the very place where TikTok's API answers."""
        try:
            there, here = httpx.URL(url), httpx.URL(self._api_url)
        except (httpx.InvalidURL, ValueError, TypeError):
            return False
        return (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port) and not there.userinfo

    def fetch(self, url: str, most: int) -> bytes:
        """A file of at most `most` bytes that lies open to all; it is told nothing of the shop."""
        where = url.partition("?")[0]  # what comes after it may be what opens the file
        ends = time.monotonic() + LONGEST_FETCH
        try:
            with self._http.stream("GET", url, follow_redirects=False) as response:
                found = b""
                for part in response.iter_bytes():
                    found += part
                    if len(found) > most or time.monotonic() > ends:
                        break
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise Unavailable(
                f"{where} cannot be read: {type(error).__name__}.", HINTS["retry"], kind="lost"
            ) from error
        if response.status_code != httpx.codes.OK or not found or len(found) > most or time.monotonic() > ends:
            raise Unavailable(
                f"{where} cannot be read: HTTP {response.status_code}, {len(found)} bytes.",
                HINTS["retry"],
                kind="retry",
            )
        return found

    def _query(self, params: Params, shop: bool) -> dict[str, str]:
        query = {name: str(value) for name, value in params.items() if value is not None and value != ""}
        if shop and self._cipher:
            query["shop_cipher"] = self._cipher
        return query

    def _deliver(self, request: _Request) -> dict[str, Any]:
        """Sends until there is an answer to keep: at most `TRIES` times, and once more for each thing mended."""
        token = self._tokens.access()
        mended: set[str] = set()
        waited = 0.0
        attempt = 0
        while True:
            waited += self._take_turn(PATIENCE - waited)
            try:
                return self._send(request, token)
            except TikTokError as error:
                failure = error
            if failure.kind not in mended and (again := self._mended(failure, token)):
                mended.add(failure.kind)
                token = again
                continue
            pause = self._pause(failure, attempt, request.repeatable)
            attempt += 1
            if pause is None or attempt == TRIES or waited + pause > PATIENCE:
                break
            if failure.kind != "limit":  # of a limit the pacer knows
                self._pacer.hold(pause, "TikTok did not answer as it should")
        raise self._tokens.over(failure) if failure.kind == "token" else _final(failure, request)

    def _take_turn(self, patience: float) -> float:
        """Waits until the shop may be asked again; how long that was, in seconds."""
        wait = self._pacer.due_in()
        if wait > patience:
            raise Unavailable(
                f"TikTok Shop wants no request for {self._pacer.shop} for another {wait:.0f} seconds.",
                HINTS["limit"],
                kind="limit",
                retry_after=wait,
            )
        return self._pacer.take_turn()

    def _pause(self, failure: TikTokError, attempt: int, repeatable: bool) -> float | None:
        """Seconds to wait before it is sent again; None where that must not be done."""
        if failure.kind == "limit":
            return self._pacer.due_in()
        if not (repeatable and failure.kind in ("retry", "lost", "unreached")):
            return None
        return max(failure.retry_after, backoff(attempt))

    def _mended(self, failure: TikTokError, token: str) -> str:
        """The token to try again with, once what was wrong with the request has been put right; else nothing."""
        if failure.kind == "token":
            return self._tokens.renew(token)
        theirs = self.server_time
        if failure.kind == "clock" and theirs is not None and self._clock.correct(self._sent_at, theirs):
            return token
        return ""

    def _send(self, request: _Request, token: str) -> dict[str, Any]:
        started = time.perf_counter()
        self._sent_at, sent_at = self.now(), self._clock.machine()
        built = self._http.build_request(
            request.method, request.signed(self._api_url, self._signature), **request.content
        )
        built.headers["x-tts-access-token"] = token
        try:
            response = self._http.send(built, follow_redirects=False)
        except httpx.RequestError as error:
            tell_of(self._tell, built, started, type(error).__name__)
            raise answers.network_failure(error, built.url.host) from error
        response.stream = NOTHING_LEFT
        try:
            answer = answers.read(response, request.call, request.wanted)
        except TikTokError as error:
            outcome = f"HTTP {response.status_code}, code {error.tiktok_code or '-'}"
            tell_of(self._tell, built, started, outcome, error.request_id)
            self._learn_from(error, response, sent_at)
            raise
        tell_of(self._tell, built, started, f"HTTP {response.status_code}, code 0", answer.request_id)
        self._pacer.answered()
        self.server_time = answers.date_of(response)
        self.last_request_id = answer.request_id
        return answer.data

    def _learn_from(self, error: TikTokError, response: httpx.Response, sent_at: float) -> None:
        theirs = answers.date_of(response)
        error.retry_after = answers.retry_after(response, theirs or self.now())
        self.last_request_id = error.request_id
        if error.kind == "limit":
            self._pacer.refused(error.retry_after, sent_at)
        if not error.tiktok_code:  # a proxy's page, with a proxy's time
            return
        self.server_time = theirs
        if error.kind == "clock" and theirs is not None:
            off = round(self._clock.machine() - theirs)
            side = "ahead of" if off > 0 else "behind"
            error.hint = f"This machine's clock is {abs(off)} s {side} TikTok's. {error.hint}"


def entries(data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer; a list that is absent or null is empty."""
    found = data.get(key)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def path_part(text: str) -> str:
    """An id made safe to stand in a path."""
    return quote(text, safe="")


def _encode(body: object) -> bytes:
    return json_module.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _final(failure: TikTokError, request: _Request) -> TikTokError:
    """What the caller gets to see: a write whose answer was lost is not merely unavailable."""
    if failure.kind == "limit" and failure.retry_after:
        failure.hint = f"TikTok Shop asks to wait {failure.retry_after:.0f} seconds. {failure.hint}"
    if request.repeatable or failure.kind not in ("retry", "lost"):
        return failure
    unknown = OutcomeUnknown(
        f'It is not known whether "{request.call.replace("_", " ")}" happened: {failure}',
        HINTS["unknown"],
        tiktok_code=failure.tiktok_code,
        request_id=failure.request_id,
        kind="unknown",
    )
    unknown.__cause__ = failure
    return unknown
