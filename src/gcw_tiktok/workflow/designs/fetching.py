"""Fetches a design from the net: within limits, and never from where only we can reach.

The address behind a name is looked up once, checked, and then connected to itself. Were the name given
to the connection, it could be looked up anew and lead elsewhere.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urljoin

import httpx

from gcw_tiktok import __version__
from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.workflow.designs import share_pages

MOST_BYTES = 200 * 1024 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LATER = frozenset({408, 425, 429})
NAT64 = ipaddress.ip_network("64:ff9b::/96")
HOST_IT = "Export the file and give its path, or put it where an address answers with the file itself."
Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True)
class Limits:
    """How much one fetch may take."""

    size: int = MOST_BYTES
    seconds: float = 120.0
    redirects: int = 5


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, in the order in which they should be tried."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Fetcher:
    """Fetches files. `transport`, `resolve` and `clock` are for tests; the clock counts seconds."""

    limits: Limits = Limits()
    transport: httpx.BaseTransport | None = None
    resolve: Resolve = look_up
    clock: Callable[[], float] = time.monotonic

    def fetch(self, url: str, into: BinaryIO, *, allow_private: bool = False) -> str:
        """Writes what the address answers with to `into`; the address that gave it comes back.

        `BadInput` when the address is or leads to a page, a private network or something too large;
        `TryAgain` when the net or the far side is at fault.
        """
        deadline = self.clock() + self.limits.seconds
        address = _checked(url)
        with self._client() as client, _net_failures_in_words(url):
            for _ in range(self.limits.redirects + 1):
                with self._open(client, address, deadline, allow_private) as response:
                    if response.status_code not in REDIRECTS or "location" not in response.headers:
                        self._save(response, url, into, deadline)
                        return str(address)
                    address = _checked(urljoin(str(address), response.headers["location"]))
        raise BadInput(f"{shown(url)} redirects more than {self.limits.redirects} times.", HOST_IT)

    def _client(self) -> httpx.Client:
        """No proxy from the environment: it would look the name up again, beyond our check."""
        tls = httpx.create_ssl_context()
        transport = self.transport or httpx.HTTPTransport(verify=tls, trust_env=False)
        return httpx.Client(transport=transport, trust_env=False, timeout=httpx.Timeout(20, connect=10))

    @contextmanager
    def _open(
        self, client: httpx.Client, address: httpx.URL, deadline: float, allow_private: bool
    ) -> Iterator[httpx.Response]:
        response = self._send(client, address, deadline, allow_private)
        try:
            yield response
        finally:
            response.close()

    def _send(self, client: httpx.Client, address: httpx.URL, deadline: float, allow_private: bool) -> httpx.Response:
        """The answer of the first of the host's addresses that can be connected to."""
        trouble: httpx.TransportError | None = None
        for ip in self._addresses(address, allow_private):
            self._in_time(deadline, str(address))
            request = client.build_request(
                "GET",
                address.copy_with(host=ip),
                headers={
                    "Host": address.netloc.decode(),
                    "Accept": "application/pdf,image/*,*/*;q=0.5",
                    "Accept-Encoding": "identity",
                    "User-Agent": f"gcw/{__version__}",
                },
                extensions={"sni_hostname": address.raw_host.decode()},  # the certificate is checked by it
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
        if not allow_private and not all(map(is_public, found)):
            raise BadInput(
                f"{shown(str(address))} is in a private network ({address.host}), which designs may not come from.",
                "Give the file's path, or allow private addresses in the settings.",
                code="private_address",
            )
        return found

    def _save(self, response: httpx.Response, url: str, into: BinaryIO, deadline: float) -> None:
        _must_be_a_file(response, url)
        announced = response.headers.get("content-length", "")
        self._must_fit(int(announced) if announced.isdecimal() else 0, url)
        size = 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            self._must_fit(size, url)
            self._in_time(deadline, url)
            into.write(chunk)

    def _must_fit(self, size: int, url: str) -> None:
        if size > self.limits.size:
            raise BadInput(f"{shown(url)} is larger than {in_megabytes(self.limits.size)}.", "Export it smaller.")

    def _in_time(self, deadline: float, url: str) -> None:
        if self.clock() > deadline:
            raise TryAgain(f"{shown(url)} took longer than {self.limits.seconds:.0f} seconds.")


def is_public(ip: str) -> bool:
    """Whether an address is on the public internet, also when it is wrapped in an IPv6 one."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            address = inner
        elif address.teredo is not None:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def shown(url: str) -> str:
    """An address for people: what comes after `?` often is a secret, and always is noise."""
    return url.partition("?")[0].partition("#")[0]


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


def _must_be_a_file(response: httpx.Response, url: str) -> None:
    status, kind = response.status_code, response.headers.get("content-type", "")
    if status >= 500 or status in LATER:
        raise TryAgain(f"{shown(url)} answers with {status} now.", "Try again later.")
    if status in (401, 403):
        raise BadInput(f"{shown(url)} may not be read without signing in ({status}).", HOST_IT)
    if status in (404, 410):
        raise BadInput(f"There is nothing at {shown(url)} ({status}).", "Check the address; it may have expired.")
    if status != 200:
        raise BadInput(f"{shown(url)} answers with {status} in place of a file.", HOST_IT)
    if kind.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml"):
        raise BadInput(f"{shown(url)} is a web page, not a file.", HOST_IT, code="web_page")


@contextmanager
def _net_failures_in_words(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise TryAgain(f"{shown(url)} does not answer in time.") from error
    except httpx.DecodingError as error:
        raise BadInput(f"{shown(url)} answers with damaged data.", HOST_IT) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise BadInput(f"The certificate of {shown(url)} is not valid.", HOST_IT) from error
        raise TryAgain(f"{shown(url)} cannot be fetched: {error}.") from error
