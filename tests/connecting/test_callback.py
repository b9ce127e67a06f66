"""The small server that the browser returns to, and the prompt beside it."""

import io
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

import httpx
import pytest

from gcw_tiktok.errors import SetupMissing, TryAgain
from gcw_tiktok.web.callback import Listener, Page, free_port

GOOD = Page(True, "Paper Harbor Prints is connected", "Go back to the terminal. Next:", "gcw products sync 'Paper'")


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener(free_port()) as listening:
        yield listening


@contextmanager
def visiting(address: str, times: int = 1) -> Iterator[list[httpx.Response]]:
    """A browser, or several, that come back; their pages are there when the block has ended."""
    pages: list[httpx.Response] = []
    visitors = [threading.Thread(target=lambda: pages.append(httpx.get(address))) for _ in range(times)]
    for visitor in visitors:
        visitor.start()
    yield pages
    for visitor in visitors:
        visitor.join(timeout=30)


@contextmanager
def piped() -> Iterator[tuple[IO[str], IO[str]]]:
    """What a person types, and where it arrives."""
    reading, writing = os.pipe()
    with open(reading) as there, open(writing, "w", buffering=1) as here:  # noqa: PTH123  descriptors
        yield here, there


def test_the_answer_is_handed_over_and_the_page_says_what_is_next(listener: Listener) -> None:
    with visiting(f"{listener.address}?code=TTP_x%2Fy&state=abc&locale=en") as pages:
        assert listener.wait(30) == f"{listener.address}?code=TTP_x%2Fy&state=abc&locale=en"
        listener.tell(GOOD)
    page = pages[0]
    assert page.status_code == 200
    assert "Paper Harbor Prints is connected" in page.text
    assert "gcw products sync &#39;Paper&#39;" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_a_browser_without_our_state_is_never_mistaken_for_the_answer(listener: Listener) -> None:
    with visiting(f"{listener.address}?code=TTP_x"):
        assert listener.wait(30).endswith("?code=TTP_x&state=")
        listener.tell(Page(False, "Not connected", "<script>alert(1)</script>"))


def test_what_comes_from_outside_is_escaped(listener: Listener) -> None:
    with visiting(f"{listener.address}?error=1") as pages:
        listener.wait(30)
        listener.tell(Page(False, "<b>Not</b> connected", "<script>alert(1)</script>"))
    assert pages[0].status_code == 400
    assert "<script>" not in pages[0].text
    assert "<b>" not in pages[0].text


def test_a_page_that_is_loaded_twice_says_the_same(listener: Listener) -> None:
    with visiting(f"{listener.address}?code=TTP_x&state=abc", times=3) as pages:
        listener.wait(30)
        listener.tell(GOOD)
    assert [page.status_code for page in pages] == [200, 200, 200]


def test_a_browser_that_still_waits_at_the_end_is_told_so() -> None:
    with ExitStack() as browser, Listener(free_port()) as listening:
        pages = browser.enter_context(visiting(f"{listening.address}?code=x&state=y"))
        listening.wait(30)
    assert "gcw has stopped" in pages[0].text


def test_only_this_machine_is_heard(listener: Listener) -> None:
    own = socket.gethostbyname(socket.gethostname())
    if own.startswith("127."):
        pytest.skip("this machine has no other address than loopback")
    with socket.socket() as other:
        other.settimeout(2)
        assert other.connect_ex((own, listener.port)) != 0


def test_the_port_is_free_at_once(listener: Listener) -> None:
    port = free_port()
    for _ in range(3):
        with Listener(port) as again:
            httpx.get(f"http://localhost:{port}/favicon.ico")
        assert again.port == port


def test_a_taken_port_is_said_in_words(listener: Listener) -> None:
    with pytest.raises(SetupMissing, match="is taken") as failure, Listener(listener.port):
        pass
    assert failure.value.code == "port_taken"


def test_the_time_limit_is_kept(listener: Listener) -> None:
    moments = iter([100.0, 100.0, 159.9, 160.1])
    with pytest.raises(TryAgain, match="in time"):
        listener.wait(60, clock=lambda: next(moments))


def test_an_address_is_pasted(listener: Listener) -> None:
    with piped() as (here, there):
        listener.read_from(there)
        here.write("\n   \nhttp://localhost/callback?code=x&state=y  \n")
        assert listener.wait(30) == "http://localhost/callback?code=x&state=y"


def test_the_end_of_the_prompt_is_not_the_end(listener: Listener) -> None:
    with piped() as (here, there):
        listener.read_from(there)
        here.close()
        with visiting(f"{listener.address}?code=x&state=y"):
            assert "code=x" in listener.wait(30)
            listener.tell(GOOD)


def test_a_last_line_without_its_end_is_read(listener: Listener) -> None:
    with piped() as (here, there):
        listener.read_from(there)
        here.write("TTP_code")
        here.close()
        assert listener.wait(30) == "TTP_code"


def test_whatever_is_typed_later_is_left_for_later_questions(listener: Listener) -> None:
    """After the browser has answered, somebody may be asked which of several shops is meant."""
    with piped() as (here, there):
        listener.read_from(there)
        with visiting(f"{listener.address}?code=x&state=y"):
            listener.wait(30)
            listener.tell(GOOD)
        for thread in threading.enumerate():
            if thread.name == "paste":
                thread.join(timeout=10)
                assert not thread.is_alive()
        here.write("2\n")
        assert there.readline() == "2\n"


@pytest.mark.parametrize("stream", [None, io.StringIO(""), io.StringIO("\n\n")])
def test_without_anything_to_read_the_browser_is_waited_for(listener: Listener, stream: IO[str] | None) -> None:
    listener.read_from(stream)
    with visiting(f"{listener.address}?code=x&state=y"):
        assert "code=x" in listener.wait(30)
        listener.tell(GOOD)
