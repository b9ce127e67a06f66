"""Whatever goes wrong while a store is connected: a sentence, the right exit code, and nothing half-stored."""

import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from conftest import Gcw, Sandbox
from connecting.conftest import CONNECT
from connecting.remembered import nothing_stored, remembered
from connecting.test_connecting import code

TOKEN, SHOPS = "/api/v2/token/get", "/authorization/"
Trouble = Callable[[Gcw, Sandbox], str]
"""Makes trouble, and gives what is pasted."""


def denied(_: Gcw, sandbox: Sandbox) -> str:
    return f"http://localhost:{sandbox.port}/callback?code=null&error=auth_denied"


def wrong_state(_: Gcw, sandbox: Sandbox) -> str:
    return f"http://localhost:{sandbox.port}/callback?code={code(sandbox)}&state=another"


def no_code(_: Gcw, sandbox: Sandbox) -> str:
    return "https://partner.us.tiktokshop.com/"


def used(gcw: Gcw, sandbox: Sandbox) -> str:
    given = code(sandbox)
    sandbox.world.authorizations.exchange(given, sandbox.world.now())
    return given


def too_late(_: Gcw, sandbox: Sandbox) -> str:
    given = code(sandbox)
    sandbox.control("POST", "clock", {"advance": 31 * 60})
    return given


def wrong_secret(gcw: Gcw, sandbox: Sandbox) -> str:
    app = sandbox.world.app
    gcw("app", "configure", "--key", app.key, "--service-id", app.service_id, stdin="another secret")
    return code(sandbox)


def fault(match: str, **kind: object) -> Trouble:
    def make(_: Gcw, sandbox: Sandbox) -> str:
        given = code(sandbox)
        sandbox.control("POST", "faults", {"match": match, **kind})
        return given

    return make


def no_right_to_see_shops(_: Gcw, sandbox: Sandbox) -> str:
    return code(sandbox, scopes=["seller.order.info"])


TROUBLES: dict[str, tuple[Trouble, int, str]] = {
    "denied": (denied, 5, "denied the permission"),
    "wrong state": (wrong_state, 4, "belongs to another attempt"),
    "no code": (no_code, 4, "no authorization code"),
    "used code": (used, 3, "invalid auth code"),
    "code after 31 minutes": (too_late, 3, "invalid auth code"),
    "wrong app secret": (wrong_secret, 3, "app_key or app_secret is invalid"),
    "no access to the shops": (no_right_to_see_shops, 3, "scope of this API was not granted"),
    "token host down": (fault(TOKEN, kind="status", status=503), 6, "HTTP 503"),
    "token host cut off": (fault(TOKEN, kind="reset_before"), 6, "did not answer in full"),
    "tokens lost on the way": (fault(TOKEN, kind="reset_after"), 6, "The code may be used up"),
    "proxy answers for the token host": (fault(TOKEN, kind="status", status=200), 6, "text/html"),
    "proxy asks for a password": (fault(TOKEN, kind="status", status=407), 6, "text/html"),
    "TikTok down": (fault(SHOPS, kind="status", status=503), 6, "HTTP 503"),
    "TikTok's answer cut short": (fault(SHOPS, kind="truncate"), 6, "broken"),
    "rate limit": (fault(SHOPS, kind="rate_limit"), 6, "Too many requests"),
}


class Wire(httpx.BaseTransport):
    """Says a cut connection as a real one would."""

    def __init__(self, sandbox: httpx.BaseTransport) -> None:
        self._sandbox = sandbox

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._sandbox.handle_request(request)
        except ConnectionResetError as cut:
            raise httpx.ReadError(str(cut), request=request) from cut


@pytest.mark.parametrize("name", TROUBLES)
def test_nothing_is_stored(name: str, ready: Gcw, sandbox: Sandbox, home: Path) -> None:
    trouble, exit_code, sentence = TROUBLES[name]
    ready.transport = Wire(sandbox.transport)
    ran = ready.fails(exit_code, *CONNECT, "--no-browser", "--json", stdin=trouble(ready, sandbox))
    assert ran.stdout == ""
    assert sentence in ran.error["message"]
    assert ran.error["hint"]
    assert nothing_stored(home)

    plain = ready.fails(exit_code, *CONNECT, "--no-browser", stdin=trouble(ready, sandbox))
    assert f"Error: {ran.error['message'].split('(')[0].strip()}" in plain.stderr
    assert ran.error["code"] not in ("bug", "")
    assert nothing_stored(home)


def test_a_wrong_clock_is_corrected_for_and_told(ready: Gcw, sandbox: Sandbox) -> None:
    ready.offset = 3600
    ran = ready(*CONNECT, "--no-browser", "--json", stdin=code(sandbox))
    assert ran.json["status"] == "connected"
    assert ran.stderr.count("s ahead of TikTok's; gcw corrects for it. Let the system set its clock.") == 1


def test_afterwards_it_works(ready: Gcw, sandbox: Sandbox) -> None:
    ready.fails(6, *CONNECT, "--no-browser", stdin=TROUBLES["TikTok down"][0](ready, sandbox))
    sandbox.control("DELETE", "faults")
    ready(*CONNECT, "--no-browser", stdin=code(sandbox))


def test_the_browser_learns_that_it_failed(
    ready: Gcw, sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_state(address: str) -> str:
        return address.partition("&state=")[0]

    monkeypatch.setattr(webbrowser, "open", sandbox.allow(follow=without_state))
    ran = ready.fails(4, *CONNECT, "--json")
    assert "belongs to another attempt" in ran.error["message"]
    assert nothing_stored(home)


def test_the_port_is_taken(ready: Gcw, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: pytest.fail("nobody may be asked"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", sandbox.port))
        other.listen()
        ran = ready.fails(3, *CONNECT, "--json")
    assert ran.error["code"] == "port_taken"
    assert str(sandbox.port) in ran.error["message"]
    assert "--port" in ran.error["hint"]


def test_nobody_answers(ready: Gcw, home: Path) -> None:
    ran = ready.fails(6, *CONNECT, "--no-browser", "--wait", "1", "--json")
    assert ran.error["code"] == "timeout"
    assert nothing_stored(home)


def test_what_is_missing_shows_before_anybody_is_asked(ready: Gcw, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: pytest.fail("nobody may be asked"))
    assert (
        "no customer 'Nobody'" in ready.fails(4, "store", "connect", "--customer", "Nobody", "--facility", "M").stderr
    )
    assert "no facility" in ready.fails(4, "store", "connect", "--customer", "Paper", "--facility", "Nowhere").stderr
    ready.fails(2, "store", "connect", "--customer", "Paper")
    monkeypatch.setenv("GCW_TIKTOK_APP_SECRET", "from the environment")
    monkeypatch.setenv("GCW_SECRET_KEY", "")
    monkeypatch.setattr("gcw_tiktok.store.secrets._has_keyring", lambda: False)
    assert "nowhere safe to keep secrets" in ready.fails(3, *CONNECT).stderr


def test_an_app_that_is_not_configured(gcw: Gcw, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCW_HOME", str(home.parent / "new"))
    gcw("customer", "add", "Paper Harbor", "--storefronts")
    gcw("facility", "add", "Main floor", "--hand-off", f"folder:{home}")
    assert "gcw app configure" in gcw.fails(3, *CONNECT).stderr
    monkeypatch.setenv("GCW_TIKTOK_APP_KEY", "key")
    monkeypatch.setenv("GCW_TIKTOK_APP_SECRET", "secret")
    assert "service id" in gcw.fails(3, *CONNECT).stderr


def test_a_database_that_refuses_leaves_no_tokens(
    ready: Gcw, sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("gcw_tiktok.workflow.connecting._store", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        ready.run(*CONNECT, "--no-browser", stdin=code(sandbox))
    assert nothing_stored(home)


def test_access_that_was_taken_away_while_the_seller_thought(
    ready: Gcw, sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def browser(address: str) -> bool:
        ready("customer", "storefronts", "Paper Harbor", "off")
        return sandbox.allow()(address)

    monkeypatch.setattr(webbrowser, "open", browser)
    assert ready.fails(4, *CONNECT, "--json").error["code"] == "storefronts_off"
    assert nothing_stored(home)


def test_a_failed_second_permission_leaves_the_first(ready: Gcw, sandbox: Sandbox, home: Path) -> None:
    ready(*CONNECT, "--no-browser", stdin=code(sandbox))
    ready.fails(5, *CONNECT, "--no-browser", stdin=denied(ready, sandbox))
    ready.fails(6, *CONNECT, "--no-browser", stdin=fault(SHOPS, kind="status")(ready, sandbox))
    sandbox.control("DELETE", "faults")
    assert [len(part) for part in remembered(home)] == [1, 1, 1]
    ready("products", "sync", "Paper Harbor")
