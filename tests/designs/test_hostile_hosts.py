"""Hosts that mean harm, over real sockets: none of them costs more than the limits, and none is believed."""

import gzip
import re
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

import pytest

from filehost import raw_host
from gcw_tiktok.errors import BadInput, GcwError, TryAgain
from gcw_tiktok.workflow.designs import fetching
from gcw_tiktok.workflow.designs.fetching import Fetcher, Limits, Marks
from gcw_tiktok.workflow.designs.internet import is_public, look_up

MB = 1024 * 1024
FILE = b"%PDF-1.7 file"


def answer(*parts: bytes) -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return send


def head(*fields: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode()


def fetched(how: Callable[[socket.socket], None], **limits: float) -> bytes:
    into = BytesIO()
    with raw_host(how) as port:
        Fetcher(Limits(**limits)).fetch(f"http://127.0.0.1:{port}/a.pdf", into, allow_private=True)  # type: ignore[arg-type]
    return into.getvalue()


def drip(first: bytes, one: bytes) -> Callable[[socket.socket], None]:
    """A byte now and then, for as long as somebody listens."""

    def send(connection: socket.socket) -> None:
        pause = threading.Event()
        connection.sendall(first)
        for _ in range(400):
            connection.sendall(one)
            pause.wait(0.05)

    return send


@pytest.mark.parametrize(
    ("first", "one"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (head("Content-Length: 1000000"), b"%"),
        (head(), b"%"),
        (b"", b"H"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a_slow_drip_is_cut_off_when_time_is_up(first: bytes, one: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(TryAgain):
        fetched(drip(first, one), seconds=0.5)
    assert time.monotonic() - begun < 10


def test_what_ends_by_being_cut_off_is_no_whole_file() -> None:
    into = BytesIO()
    with raw_host(drip(head(), b"%")) as port, pytest.raises(TryAgain):
        Fetcher(Limits(seconds=0.5)).fetch(f"http://127.0.0.1:{port}/", into, allow_private=True)


def test_a_host_that_takes_the_connection_and_says_nothing_is_left() -> None:
    with pytest.raises(TryAgain):
        fetched(lambda connection: threading.Event().wait(3) and None, seconds=0.5)


@pytest.mark.parametrize("size", [200 * 1024, 5 * MB])
def test_endless_headers_are_not_read_to_their_end(size: int) -> None:
    with pytest.raises(TryAgain):
        fetched(answer(b"HTTP/1.1 200 OK\r\nX: ", b"x" * size), seconds=20)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_a_file_that_comes_zipped_is_unpacked(encoding: str) -> None:
    packed = gzip.compress(FILE * 1000)
    assert (
        fetched(answer(head(f"Content-Encoding: {encoding}", f"Content-Length: {len(packed)}"), packed)) == FILE * 1000
    )


def bomb() -> bytes:
    """A gigabyte of nothing, in a megabyte."""
    packer = zlib.compressobj(9, wbits=31)
    nothing = bytes(MB)
    return b"".join([*(packer.compress(nothing) for _ in range(1024)), packer.flush()])


def test_a_bomb_is_cut_at_the_limit_and_never_in_memory() -> None:
    packed = bomb()
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="larger than 5 MB"):
            fetched(answer(head("Content-Encoding: gzip", f"Content-Length: {len(packed)}"), packed), size=5 * MB)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 40 * MB


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "deflate", "compress", "gzip\t, gzip, gzip"])
def test_other_packings_are_refused(encoding: str) -> None:
    with pytest.raises(BadInput, match="packed in a way that was not asked for"):
        fetched(answer(head(f"Content-Encoding: {encoding}", "Content-Length: 5"), b"12345"))


def test_a_zipped_file_that_is_cut_short_or_damaged_is_no_file() -> None:
    packed = gzip.compress(bytes(range(256)) * 1000)
    with pytest.raises(TryAgain, match="broke off"):
        fetched(answer(head("Content-Encoding: gzip", "Content-Length: 100"), packed[:100]))
    with pytest.raises(BadInput, match="damaged data"):
        fetched(answer(head("Content-Encoding: gzip", "Content-Length: 100"), b"x" * 100))


@pytest.mark.parametrize(
    "parts",
    [
        [head("Content-Length: 1000"), FILE],
        [head("Transfer-Encoding: chunked"), b"d\r\n", FILE],
        [b"\x00\x01\x02garbage\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n12345"],
        [b""],
    ],
)
def test_a_torn_or_senseless_answer_is_no_file(parts: list[bytes]) -> None:
    with pytest.raises(TryAgain, match="cannot be fetched"):
        fetched(answer(*parts))


@pytest.mark.parametrize("length", ["99999999999999999999999", "209715201", "٣"])
def test_a_size_that_is_a_lie_is_no_way_around_the_limit(length: str) -> None:
    with pytest.raises(GcwError):
        fetched(answer(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode(), b"x" * 1000))


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/", "data:application/pdf,x", "javascript:1",
     "http://a:b@127.0.0.1/", "http://[::1", "http://" + "x" * 70_000, "http:///x", "//"],
)  # fmt: skip
def test_a_redirect_leads_to_no_other_kind_of_place(target: str) -> None:
    with pytest.raises(GcwError) as failure:
        fetched(answer(head(f"Location: {target}", "Content-Length: 0", status="302 Found")))
    assert "root:" not in str(failure.value)


def test_a_redirect_to_oneself_ends() -> None:
    with pytest.raises(BadInput, match="redirects more than 5 times"):
        fetched(answer(head("Location: /a.pdf", "Content-Length: 0", status="302 Found")))


def test_cookies_are_not_carried_to_the_next_page() -> None:
    """Two hosts may share one IP, and a client would take them for one."""
    asked: list[bytes] = []

    def listen(server: socket.socket) -> None:
        for reply in (
            head("Location: /b", "Set-Cookie: secret=1; Path=/", "Content-Length: 0", status="302 Found"),
            head(f"Content-Length: {len(FILE)}") + FILE,
        ):
            with suppress(OSError), server.accept()[0] as connection:
                asked.append(connection.recv(65536))
                connection.sendall(reply)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=listen, args=[server], daemon=True)
        thread.start()
        Fetcher().fetch(f"http://127.0.0.1:{server.getsockname()[1]}/a", BytesIO(), allow_private=True)
        thread.join(10)
    assert len(asked) == 2
    assert not any(b"cookie" in one.lower() or b"referer" in one.lower() for one in asked)


def test_an_answer_of_unchanged_that_nobody_asked_for_is_no_file() -> None:
    with pytest.raises(BadInput, match="answers with 304"):
        fetched(answer(head(status="304 Not Modified")))


def test_marks_are_kept_only_where_the_address_itself_gave_the_file() -> None:
    def moved(connection: socket.socket) -> None:
        connection.sendall(head('ETag: "old"', "Location: /b", "Content-Length: 0", status="302 Found"))

    def gave(connection: socket.socket) -> None:
        connection.sendall(head('ETag: "new"', f"Content-Length: {len(FILE)}") + FILE)

    with raw_host(gave) as port:
        direct = Fetcher().fetch(f"http://127.0.0.1:{port}/", BytesIO(), allow_private=True)
    assert direct.marks == Marks('"new"')
    hops = iter([moved, gave])
    with raw_host(lambda connection: next(hops)(connection)) as port:
        assert Fetcher().fetch(f"http://127.0.0.1:{port}/", BytesIO(), allow_private=True).marks == Marks()


@pytest.mark.parametrize("mark", ["x" * 5000, "\xe9t\xe9", "a\x01b"])
def test_a_mark_that_could_not_be_sent_back_is_not_kept(mark: str) -> None:
    with (
        raw_host(
            answer(b"HTTP/1.1 200 OK\r\nETag: " + mark.encode("latin-1") + b"\r\nContent-Length: 5\r\n\r\n%PDF-")
        ) as port,
        suppress(TryAgain),
    ):  # the library refuses some of these by itself
        found = Fetcher().fetch(f"http://127.0.0.1:{port}/", BytesIO(), allow_private=True)
        assert found.marks == Marks()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0.0.0.0", "0", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "localhost",
     "localhost.", "LOCALHOST", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "[::127.0.0.1]",
     "[fe80::1%25lo]",
     "[fec0::1]", "169.254.169.254", "[fd00:ec2::254]", "①②⑦.0.0.1", "127.0.0.1%00.example.com", "192.168.0.1.", "..",
     "[64:ff9b:1::7f00:1]"],
)  # fmt: skip
def test_no_spelling_of_a_private_address_is_let_through(host: str) -> None:
    """Looked up as this machine does, and connected to nothing: nobody listens there anyway."""
    with pytest.raises(GcwError) as failure:
        Fetcher(Limits(seconds=5)).fetch(f"http://{host}:9/a.pdf", BytesIO())
    told = str(failure.value)
    assert re.search("private network|no web address|no https address|no host|cannot be looked up", told), told


@pytest.mark.parametrize("found", [["93.184.215.14", "10.0.0.1"], ["2606:4700::1", "::1"], ["fe80::1%lo"], []])
def test_one_private_answer_among_public_ones_is_enough(found: list[str]) -> None:
    with pytest.raises(BadInput):
        Fetcher(resolve=lambda host, port: found).fetch("https://example.com/a.pdf", BytesIO())


def test_a_name_is_looked_up_once_for_each_page_and_the_answer_is_what_is_connected_to() -> None:
    """A name that leads elsewhere a moment later leads nowhere: it is not looked up again."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    into = BytesIO()
    with raw_host(answer(head(f"Content-Length: {len(FILE)}"), FILE)) as port:
        Fetcher(resolve=resolve).fetch(f"http://files.example.com:{port}/a.pdf", into, allow_private=True)
    assert into.getvalue() == FILE
    assert asked == ["files.example.com"]


def test_public_is_only_what_is_handed_out_to_the_public() -> None:
    assert all(map(is_public, ["1.1.1.1", "2001:4860:4860::8888", "2a00:1450::1"]))
    assert not any(map(is_public, ["fec0::1", "::7f00:1", "::ffff:0:127.0.0.1", "64:ff9b:1::1", "5f00::1", "4000::1"]))
    assert look_up("127.0.0.1", 80) == ["127.0.0.1"]


def test_a_hidden_page_is_not_read_to_its_end() -> None:
    sent = 0

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(head("Content-Type: application/octet-stream"))
        for _ in range(10_000):
            connection.sendall(b"<!doctype html><p>viewer" * 1000)
            sent += 24_000

    with pytest.raises(BadInput, match="web page") as failure:
        fetched(endless)
    assert failure.value.code == "web_page"
    assert failure.value.hint == fetching.HOST_IT
    assert sent < 50 * MB
