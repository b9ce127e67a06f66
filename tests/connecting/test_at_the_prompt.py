"""`gcw store connect` as a process, with a pipe or a terminal that stays open for as long as it likes."""

import json
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from connecting.conftest import CONNECT, Street
from connecting.process import connecting
from connecting.remembered import nothing_stored, remembered

pytestmark = pytest.mark.skipif(os.name != "posix", reason="terminals and signals are POSIX's here")

TERMINAL = pytest.mark.parametrize("at_terminal", [False, True], ids=["pipe", "terminal"])


def port_is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@TERMINAL
def test_the_browser_answers_while_stdin_stays_open(at_terminal: bool, street: Street) -> None:
    with connecting(*CONNECT, "--no-browser", "--json", at_terminal=at_terminal) as running:
        page = httpx.get(street.allow(running.address()), timeout=60)
        code, out, said = running.ends()
    assert code == 0, said
    assert json.loads(out)["status"] == "connected"
    assert page.status_code == 200
    assert "gcw products sync &#39;Paper Harbor Prints&#39;" in page.text


@TERMINAL
def test_the_address_is_pasted(at_terminal: bool, street: Street) -> None:
    with connecting(*CONNECT, "--no-browser", "--json", at_terminal=at_terminal) as running:
        running.type(street.allow(running.address()) + "\n")
        code, out, said = running.ends()
    assert code == 0, said
    assert json.loads(out)["status"] == "connected"
    assert port_is_free(street.port)


@TERMINAL
def test_ctrl_c_leaves_nothing_behind(at_terminal: bool, street: Street, home: Path) -> None:
    with connecting(*CONNECT, "--no-browser", at_terminal=at_terminal) as running:
        running.address()
        assert not port_is_free(street.port)
        running.signal(signal.SIGINT)
        code, out, said = running.ends()
    assert (code, out) == (130, "")
    assert "Traceback" not in said
    assert port_is_free(street.port)
    assert nothing_stored(home)


def test_a_seller_with_several_shops_at_a_terminal(street: Street) -> None:
    """The browser has answered, so what is typed now is meant for the question and not for the prompt before."""
    with ThreadPoolExecutor() as browser, connecting(*CONNECT, "--no-browser", "--json", at_terminal=True) as running:
        page = browser.submit(httpx.get, street.allow(running.address(), "tidewater"), timeout=60)
        running.hears("Which shop")
        running.type("2\n")
        code, out, said = running.ends()
    assert code == 0, said
    assert json.loads(out)["name"] == "Tidewater Outlet"
    assert "Tidewater Outlet is connected" in page.result().text


def test_a_wrong_choice_costs_no_second_permission(street: Street, home: Path) -> None:
    with connecting(*CONNECT, "--no-browser", at_terminal=True) as running:
        running.type(street.allow(running.address(), "tidewater") + "\n")
        running.hears("Which shop")
        running.type("7\n")
        code, _, said = running.ends()
    assert code == 2
    assert "--resume" in said
    stores, authorizations, tokens = remembered(home)
    assert (stores, len(authorizations), len(tokens)) == ([], 1, 1)


def test_no_stdin_at_all(street: Street) -> None:
    """As under some schedulers, or after `<&-`."""
    with connecting(*CONNECT, "--no-browser", "--json", without_stdin=True) as running:
        httpx.get(street.allow(running.address()), timeout=60)
        code, _, said = running.ends()
    assert code == 0, said


def test_the_address_can_be_copied_from_a_narrow_terminal(street: Street) -> None:
    with connecting(*CONNECT, "--no-browser", at_terminal=True) as running:
        assert running.address() in running.hears("Waiting")
