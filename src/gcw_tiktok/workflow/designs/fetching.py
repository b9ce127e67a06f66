"""Fetches a design from the net: within limits, and never from where only we can reach.

The address behind a name is looked up once, checked, and then connected to itself. Were the name given
to the connection, it could be looked up anew and lead elsewhere.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

import httpx

from gcw_tiktok import __version__
from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.workflow.designs import bodies, share_pages
from gcw_tiktok.workflow.designs.addresses import NO_MARKS, Marks, shown
from gcw_tiktok.workflow.designs.internet import Resolve, is_public, look_up

if TYPE_CHECKING:
    import ssl

MOST_BYTES = 200 * 1024 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LATER = frozenset({408, 425, 429})
UNCHANGED = 304
MOST_REMEMBERED = 400
"""Characters of an ETag; a longer one is no mark but a burden."""
HOST_IT = "Export the file and give its path, or put it where an address answers with the file itself."


@dataclass(frozen=True)
class Limits:
    """How much one fetch may take."""

    size: int = MOST_BYTES
    seconds: float = 120.0
    redirects: int = 5


@dataclass(frozen=True)
class Answer:
    """What came of one fetch."""

    unchanged: bool
    """The file is the one that was known; nothing was written."""
    marks: Marks = NO_MARKS


class Busy(TryAgain):
    """The far side says when to come back."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message, "Try again later.")
        self.seconds = seconds


@dataclass(frozen=True)
class Fetcher:
    """Fetches files. `transport`, `resolve` and `clock` are for tests; the clock counts seconds."""

    limits: Limits = Limits()
    transport: httpx.BaseTransport | None = None
    resolve: Resolve = look_up
    clock: Callable[[], float] = time.monotonic

    def fetch(self, url: str, into: BinaryIO, *, allow_private: bool = False, known: Marks = NO_MARKS) -> Answer:
        """Writes what the address answers with to `into`, unless it is still the file with the `known` marks.

        `BadInput` when the address is or leads to a page, a private network or something too large;
        `TryAgain` when the net or the far side is at fault.
        """
        deadline = self.clock() + self.limits.seconds
        first = address = _checked(url)
        with self._client() as client, _CutOff(self.limits.seconds) as cut_off, _failures_in_words(url, cut_off):
            for _ in range(self.limits.redirects + 1):
                asked = known if address == first else NO_MARKS
                with self._open(client, address, deadline, allow_private, asked, cut_off) as response:
                    if response.status_code not in REDIRECTS or "location" not in response.headers:
                        return self._taken(response, url, into, deadline, asked, direct=address == first)
                    address = _next(address, response.headers["location"])
        raise BadInput(f"{shown(url)} redirects more than {self.limits.redirects} times.", HOST_IT)

    def _client(self) -> httpx.Client:
        """No proxy from the environment: it would look the name up again, beyond our check. One for each fetch:
        a connection that is kept is found again by its IP, whichever host's certificate it was checked by."""
        transport = self.transport or httpx.HTTPTransport(verify=_tls(), trust_env=False)
        return httpx.Client(transport=transport, trust_env=False, timeout=httpx.Timeout(20, connect=10))

    @contextmanager
    def _open(
        self,
        client: httpx.Client,
        address: httpx.URL,
        deadline: float,
        allow_private: bool,
        asked: Marks,
        cut_off: "_CutOff",
    ) -> Iterator[httpx.Response]:
        response = self._send(client, address, deadline, allow_private, asked, cut_off)
        try:
            yield response
        finally:
            response.close()

    def _send(
        self,
        client: httpx.Client,
        address: httpx.URL,
        deadline: float,
        allow_private: bool,
        asked: Marks,
        cut_off: "_CutOff",
    ) -> httpx.Response:
        """The answer of the first of the host's addresses that can be connected to."""
        trouble: httpx.TransportError | None = None
        for ip in self._addresses(address, allow_private):
            self._in_time(deadline, str(address))
            request = httpx.Request(  # of its own, since a client would add the cookies of the page before
                "GET",
                address.copy_with(host=ip),
                headers={
                    "Host": address.netloc.decode(),
                    "Accept": "application/pdf,image/*,*/*;q=0.5",
                    "Accept-Encoding": "identity",
                    "User-Agent": f"gcw/{__version__}",
                    **asked.headers(),
                },
                extensions={
                    "sni_hostname": address.raw_host.decode(),  # the certificate is checked by it
                    "trace": cut_off.hear,
                },
            )
            try:
                return client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                trouble = error
        assert trouble is not None
        raise trouble

    def _addresses(self, address: httpx.URL, allow_private: bool) -> Sequence[str]:
        port = address.port or (443 if address.scheme == "https" else 80)
        try:
            found = self.resolve(address.raw_host.decode(), port)
        except socket.gaierror as error:
            if error.errno == socket.EAI_NONAME:
                raise BadInput(f"There is no host {address.host}.", "Check the address.") from error
            raise TryAgain(f"The host {address.host} cannot be looked up now.") from error
        except (OSError, UnicodeError) as error:
            raise BadInput(f"{address.host!r} is no host.", "Check the address.") from error
        if not found:
            raise BadInput(f"There is no host {address.host}.", "Check the address.")
        if not allow_private and not all(map(is_public, found)):
            raise BadInput(
                f"{shown(str(address))} is in a private network ({address.host}), which designs may not come from.",
                "Give the file's path, or allow private addresses in the settings.",
                code="private_address",
            )
        return found

    def _taken(
        self, response: httpx.Response, url: str, into: BinaryIO, deadline: float, asked: Marks, *, direct: bool
    ) -> Answer:
        if response.status_code == UNCHANGED and asked.headers():
            return Answer(unchanged=True, marks=asked)
        self._save(response, url, into, deadline)
        if not direct:  # the marks are another address's, and the next redirect may lead elsewhere
            return Answer(unchanged=False)
        named = (response.headers.get(name, "") for name in ("etag", "last-modified"))
        return Answer(False, Marks(*(mark if _is_mark(mark) else "" for mark in named)))

    def _save(self, response: httpx.Response, url: str, into: BinaryIO, deadline: float) -> None:
        _must_be_a_file(response, url)
        announced = response.headers.get("content-length", "")
        self._must_fit(int(announced) if announced.isdecimal() and len(announced) < 20 else 0, url)
        size, start = 0, b""
        encoding = response.headers.get("content-encoding", "").strip().lower()
        chunks = response.iter_raw() if encoding else response.iter_bytes()  # which unpacks without a bound
        for chunk in bodies.unpacked(chunks, encoding, shown(url)):
            size += len(chunk)
            self._must_fit(size, url)
            self._in_time(deadline, url)
            if len(start) < bodies.LOOKED_AT:
                start += chunk[: bodies.LOOKED_AT]
                _must_not_be_a_page(start, url)
            into.write(chunk)
        self._in_time(deadline, url)  # where no length was announced, being cut off looks like the end

    def _must_fit(self, size: int, url: str) -> None:
        if size > self.limits.size:
            raise BadInput(f"{shown(url)} is larger than {in_megabytes(self.limits.size)}.", "Export it smaller.")

    def _in_time(self, deadline: float, url: str) -> None:
        if self.clock() > deadline:
            raise TryAgain(f"{shown(url)} took longer than {self.limits.seconds:.0f} seconds.")


def in_megabytes(size: int) -> str:
    return f"{size / (1024 * 1024):.0f} MB"


def _checked(url: str) -> httpx.URL:
    """The address, when it can be that of a file; `BadInput` says what is wrong and what to give instead."""
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise BadInput(f"{shown(url)!r} is no web address: {error}.", "Check the address.") from error
    if address.scheme not in ("https", "http") or not address.host:
        raise BadInput(f"{shown(url)!r} is no https address.", "Give a path, or an address with https://.")
    if address.userinfo:
        raise BadInput("A design's address may not carry a name or password.", HOST_IT)
    page = share_pages.recognize(str(address))
    if page:
        hint = f"Use the file's own address: {page.direct}" if page.direct else HOST_IT
        raise BadInput(f"{shown(url)} is a page of {page.service}, not the file itself.", hint, code="share_page")
    return address


def _next(address: httpx.URL, location: str) -> httpx.URL:
    target = _checked(str(address.join(location)))
    if address.scheme == "https" and target.scheme == "http":
        raise BadInput(f"{shown(str(address))} redirects to an unprotected http address.", HOST_IT, code="unprotected")
    return target


def _is_mark(value: str) -> bool:
    return len(value) <= MOST_REMEMBERED and value.isascii() and value.isprintable()


def _must_not_be_a_page(start: bytes, url: str) -> None:
    if bodies.is_page(start):
        raise BadInput(f"{shown(url)} is a web page, not a file.", HOST_IT, code="web_page")


def _must_be_a_file(response: httpx.Response, url: str) -> None:
    status, kind = response.status_code, response.headers.get("content-type", "")
    if status >= 500 or status in LATER:
        raise Busy(f"{shown(url)} answers with {status} now.", _seconds(response.headers.get("retry-after", "")))
    if status in (401, 403):
        raise BadInput(f"{shown(url)} may not be read without signing in ({status}).", HOST_IT)
    if status in (404, 410):
        raise BadInput(f"There is nothing at {shown(url)} ({status}).", "Check the address; it may have expired.")
    if status != 200:
        raise BadInput(f"{shown(url)} answers with {status} in place of a file.", HOST_IT)
    if kind.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml"):
        raise BadInput(f"{shown(url)} is a web page, not a file.", HOST_IT, code="web_page")


def _seconds(retry_after: str) -> float:
    """What an answer asks to wait. Dates are not read: the far side's clock may be any."""
    return float(retry_after) if retry_after.isdecimal() and len(retry_after) < 10 else 0.0


@cache
def _tls() -> "ssl.SSLContext":
    """Made once: reading the list of authorities takes longer than many a fetch."""
    return httpx.create_ssl_context()


class _CutOff:
    """Ends the connection when time is up, whatever it is in the middle of. Waiting has a limit for each piece,
    and a far side that drips one byte at a time never reaches it."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._connection: Any = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> "_CutOff":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def hear(self, event: str, told: Any) -> None:
        """httpx tells each step; the connection is made, and again when it is protected."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._connection = told["return_value"].get_extra_info("socket")
            if self.over:
                self._end()

    def _end(self) -> None:
        self.over = True
        if self._connection is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._connection, socket.SHUT_RDWR)


@contextmanager
def _failures_in_words(url: str, cut_off: _CutOff) -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise TryAgain(f"{shown(url)} does not answer in time.") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        if cut_off.over:
            raise TryAgain(f"{shown(url)} took too long to answer.") from error
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise BadInput(f"The certificate of {shown(url)} is not valid.", HOST_IT) from error
        raise TryAgain(f"{shown(url)} cannot be fetched: {error}.") from error
