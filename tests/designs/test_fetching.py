"""Fetching designs: from where it may, within limits, from the very address that was checked."""

import socket
from collections.abc import Callable, Iterator
from io import BytesIO

import httpx
import pytest

from gcw_tiktok.errors import BadInput, GcwError, TryAgain
from gcw_tiktok.workflow.designs.fetching import Fetcher, Limits
from gcw_tiktok.workflow.designs.internet import is_public

Handler = Callable[[httpx.Request], httpx.Response]
PUBLIC = "93.184.215.14"
HOSTS = {
    "example.com": [PUBLIC],
    "cdn.example.com": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "inside.example.com": ["10.0.0.7"],
    "both.example.com": [PUBLIC, "127.0.0.1"],
    "127.0.0.1": ["127.0.0.1"],
    "docs.google.com": [PUBLIC],
}


def resolve(host: str, port: int) -> list[str]:
    if host not in HOSTS:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    return HOSTS[host]


def fetcher(handler: Handler, **limits: float) -> Fetcher:
    return Fetcher(Limits(**limits), httpx.MockTransport(handler), resolve)  # type: ignore[arg-type]


def pdf(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"%PDF-file", headers={"content-type": "application/pdf"})


def fetch(handler: Handler, url: str = "https://example.com/a.pdf", **limits: float) -> bytes:
    into = BytesIO()
    fetcher(handler, **limits).fetch(url, into)
    return into.getvalue()


def test_the_connection_goes_to_the_checked_address_in_the_hosts_name() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return pdf(request)

    assert fetch(answer, "https://example.com:8443/a%20b.pdf?sig=1%2F2") == b"%PDF-file"
    [request] = seen
    assert (request.url.host, request.url.port) == (PUBLIC, 8443)
    assert request.url.raw_path == b"/a%20b.pdf?sig=1%2F2"
    assert request.headers["host"] == "example.com:8443"
    assert request.extensions["sni_hostname"] == "example.com"


def test_an_ipv6_address_works_too() -> None:
    assert fetch(pdf, "https://cdn.example.com/a.pdf") == b"%PDF-file"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.pdf",
        "https://inside.example.com/a.pdf",
        "https://both.example.com/a.pdf",
    ],
)
def test_private_networks_are_refused_unless_allowed(url: str) -> None:
    with pytest.raises(BadInput, match="private network") as failure:
        fetch(pdf, url)
    assert failure.value.code == "private_address"
    into = BytesIO()
    fetcher(pdf).fetch(url, into, allow_private=True)
    assert into.getvalue() == b"%PDF-file"


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("64:ff9b::8.8.8.8", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("2001:0:a00:1::1", False),
        ("2001:db8::1", False),
    ],
)
def test_which_addresses_are_public(ip: str, public: bool) -> None:
    assert is_public(ip) is public


def redirect_to(target: str, status: int = 302) -> Handler:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a.pdf" and request.headers["host"] == "example.com":
            return httpx.Response(status, headers={"location": target})
        return pdf(request)

    return answer


@pytest.mark.parametrize("target", ["https://cdn.example.com/b.pdf", "/b.pdf", "//cdn.example.com/b"])
def test_redirects_are_followed(target: str) -> None:
    assert fetch(redirect_to(target)) == b"%PDF-file"


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("https://127.0.0.1/secret", "private network"),
        ("http://cdn.example.com/b", "unprotected"),
        ("ftp://example.com/a.pdf", "no https address"),
        ("https://inside.example.com/x", "private network"),
        ("file:///etc/passwd", "no https address"),
        ("https://docs.google.com/document/d/1/edit", "page of Google Docs"),
        ("https://a:b@example.com/x", "name or password"),
    ],
)
def test_a_redirect_is_checked_like_the_first_address(target: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        fetch(redirect_to(target, 307))


def test_five_redirects_and_no_more() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        hop = int(request.url.path.strip("/"))
        return pdf(request) if hop == 0 else httpx.Response(301, headers={"location": f"/{hop - 1}"})

    assert fetch(answer, "https://example.com/5") == b"%PDF-file"
    with pytest.raises(BadInput, match="redirects more than 5 times"):
        fetch(answer, "https://example.com/6")


def test_an_announced_size_is_refused_before_it_is_read() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        def never() -> Iterator[bytes]:
            raise AssertionError("read")
            yield b""

        return httpx.Response(200, content=never(), headers={"content-length": "2000000"})

    with pytest.raises(BadInput, match="larger than 1 MB"):
        fetch(answer, size=1024 * 1024)


def test_an_endless_answer_is_cut_at_the_limit() -> None:
    given = 0

    def answer(request: httpx.Request) -> httpx.Response:
        def endless() -> Iterator[bytes]:
            nonlocal given
            while True:
                given += 1
                yield b"x" * 65536

        return httpx.Response(200, content=endless())

    with pytest.raises(BadInput, match="larger than 1 MB"):
        fetch(answer, size=1024 * 1024)
    assert given <= 17


def test_a_slow_drip_ends_in_time() -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 1
        return now

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=iter([b"x"] * 1000))

    slow = Fetcher(Limits(seconds=30), httpx.MockTransport(answer), resolve, clock)
    with pytest.raises(TryAgain, match="longer than 30 seconds"):
        slow.fetch("https://example.com/a", BytesIO())


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (200, BadInput, "web page"),
        (204, BadInput, "answers with 204"),
        (304, BadInput, "answers with 304"),
        (401, BadInput, "without signing in"),
        (403, BadInput, "without signing in"),
        (404, BadInput, "nothing at"),
        (410, BadInput, "nothing at"),
        (429, TryAgain, "answers with 429 now"),
        (503, TryAgain, "answers with 503 now"),
    ],
)
def test_other_answers_are_told_in_words(status: int, kind: type[GcwError], sentence: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text="<html>", headers={"content-type": "Text/HTML; charset=utf-8"})

    with pytest.raises(kind, match=sentence) as failure:
        fetch(answer, "https://example.com/a?token=hidden")
    assert "hidden" not in str(failure.value)


@pytest.mark.parametrize(
    "start", [b"<html>", b"\n<!DOCTYPE html>", b"\xef\xbb\xbf<?xml version='1.0'?><!-- x --><html>"]
)
@pytest.mark.parametrize("kind", ["application/pdf", "application/octet-stream", "image/png", ""])
def test_a_page_that_claims_to_be_a_file_is_told_by_its_content(start: bytes, kind: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=start + b"<body>viewer" * 100, headers={"content-type": kind})

    with pytest.raises(BadInput, match="web page") as failure:
        fetch(answer)
    assert failure.value.code == "web_page"


def test_a_drawing_is_no_page() -> None:
    drawing = b"<?xml version='1.0'?><!-- made by hand --><svg xmlns='http://www.w3.org/2000/svg'/>"
    assert fetch(lambda request: httpx.Response(200, content=drawing)) == drawing


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://example.com/a.pdf", "no https address"),
        ("https:///a.pdf", "no https address"),
        ("https://example.com:port/a", "no web address"),
        ("https://user:secret@example.com/a.pdf", "name or password"),
        ("https://nowhere.example.com/a.pdf", "There is no host nowhere.example.com"),
        ("https://drive.google.com/file/d/1aB/view", "page of Google Drive"),
    ],
)
def test_what_is_no_address_of_a_file(url: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as failure:
        fetch(pdf, url)
    assert failure.value.hint
    assert "secret" not in str(failure.value) + failure.value.hint


def test_the_direct_form_of_a_share_page_is_suggested() -> None:
    with pytest.raises(BadInput) as failure:
        fetch(pdf, "https://drive.google.com/file/d/1aB/view")
    assert "https://drive.google.com/uc?export=download&id=1aB" in failure.value.hint


@pytest.mark.parametrize(
    "error",
    [httpx.ReadTimeout("slow"), httpx.ConnectError("refused"), httpx.RemoteProtocolError("torn"), OSError("gone")],
)
def test_failures_of_the_net_may_be_tried_again(error: Exception) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(TryAgain):
        fetch(answer)


def test_the_next_address_is_tried_when_one_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HOSTS, "example.com", ["2606:4700::1", PUBLIC])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host != PUBLIC:
            raise httpx.ConnectError("no route")
        return pdf(request)

    assert fetch(answer) == b"%PDF-file"


def test_a_host_that_cannot_be_looked_up_now_may_be_tried_again() -> None:
    def later(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "later")

    with pytest.raises(TryAgain):
        Fetcher(transport=httpx.MockTransport(pdf), resolve=later).fetch("https://example.com/a", BytesIO())
