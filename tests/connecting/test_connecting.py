"""A store is connected: the ways an answer can come, and what is said and kept."""

import logging
import os
import webbrowser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from conftest import SANDBOX, Gcw, Sandbox
from connecting.conftest import CONNECT
from connecting.remembered import database_file, nothing_stored, remembered, secrets_of


def code(sandbox: Sandbox, seller: str = "paper-harbor", **more: object) -> str:
    """What a click on Allow leads to, read off the browser's address bar."""
    given: str = sandbox.control("POST", "authorizations", {"seller": seller, "state": "", **more})["code"]
    return given


def test_through_the_browser(ready: Gcw, sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def browser(address: str) -> bool:
        opened.append(address)
        return sandbox.allow()(address)

    monkeypatch.setattr(webbrowser, "open", browser)
    ran = ready(*CONNECT, "--json")

    assert ran.json == {
        "name": "Paper Harbor Prints",
        "code": sandbox.world.sellers[0].shops[0].code,
        "shop_id": sandbox.world.sellers[0].shops[0].id,
        "status": "connected",
        "region": "US",
        "customer": "Paper Harbor",
        "facility": "Main floor",
    }
    assert opened[0].startswith(f"{SANDBOX}/open/authorize?service_id={sandbox.world.app.service_id}&state=")
    assert opened[0] in ran.stderr
    assert "Order Information - to take orders in" in ran.stderr
    assert "Next: gcw products sync 'Paper Harbor Prints'" in ran.stderr
    assert [row["status"] for row in ready("store", "list", "--json").json] == ["connected"]
    assert len(remembered(home)[2]) == 1


def test_the_state_is_long_and_never_the_same(ready: Gcw, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[str] = []

    def browser(address: str) -> bool:
        states.append(parse_qs(urlsplit(address).query)["state"][0])
        return sandbox.allow()(address)

    monkeypatch.setattr(webbrowser, "open", browser)
    ready(*CONNECT)
    ready(*CONNECT)
    assert states[0] != states[1]
    assert min(map(len, states)) >= 40


def test_with_the_bare_code_through_a_pipe(ready: Gcw, sandbox: Sandbox) -> None:
    ran = ready(*CONNECT, "--no-browser", "--json", stdin=f"\n  {code(sandbox)}  \n")
    assert ran.json["status"] == "connected"


def test_the_end_of_stdin_does_not_end_the_wait(ready: Gcw, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", sandbox.allow())
    assert ready(*CONNECT, "--json", stdin="").json["status"] == "connected"


def test_no_browser_opens_none(ready: Gcw, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    ready(*CONNECT, "--no-browser", stdin=code(sandbox))
    assert opened == []


def test_without_a_browser_it_says_so(ready: Gcw, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    ran = ready.fails(6, *CONNECT, "--wait", "1")
    assert "No browser could be opened here" in ran.stderr


def test_no_secret_is_shown_logged_or_stored_in_clear(
    ready: Gcw, sandbox: Sandbox, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    given = code(sandbox)
    shown = [ready(*CONNECT, "--no-browser", stdin=given), ready("store", "show", "Paper Harbor", "--json")]
    sandbox.control("POST", "clock", {"advance": 8 * 86_400})
    shown.append(ready("products", "sync", "Paper Harbor"))  # which renews the tokens
    folder = database_file(home).parent
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in [*secrets_of(sandbox.world), given]:
        assert all(secret not in ran.stdout + ran.stderr for ran in shown)
        assert secret not in caplog.text
        assert secret.encode() not in kept
    if os.name == "posix":
        assert database_file(home).stat().st_mode & 0o077 == 0


def test_a_customer_without_storefronts(ready: Gcw, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: pytest.fail("nobody may be asked"))
    ready("customer", "add", 'It\'s "Art"')
    ran = ready.fails(4, "store", "connect", "--customer", "It's", "--facility", "Main", "--json")
    assert ran.stdout == ""
    assert ran.error["code"] == "storefronts_off"
    _run_hint(ready, ran.error["hint"])
    ready.fails(6, "store", "connect", "--customer", "It's", "--facility", "Main", "--no-browser", "--wait", "1")
    assert nothing_stored(home)


def _run_hint(gcw: Gcw, hint: str) -> None:
    """Does what a hint says, as a shell would read it."""
    import shlex

    command = shlex.split(hint.split("`")[1])
    assert command[0] == "gcw"
    gcw(*command[1:])


def test_a_name_with_spaces_and_quotes_in_a_hint_can_be_pasted(ready: Gcw, sandbox: Sandbox) -> None:
    sandbox.world.sellers[0].shops[0].name = 'It\'s "Paper" & Co'
    ready(*CONNECT, "--no-browser", stdin=code(sandbox))
    ready("customer", "add", "Other", "--storefronts")
    ran = ready.fails(
        4, "store", "connect", "--customer", "Other", "--facility", "Main", "--no-browser", "--json",
        stdin=code(sandbox),
    )  # fmt: skip
    assert "is connected for Paper Harbor already" in ran.error["message"]
    _run_hint_with_yes(ready, ran.error["hint"])
    assert ready("store", "list", "--json").json[0]["status"] == "disconnected"


def _run_hint_with_yes(gcw: Gcw, hint: str) -> None:
    import shlex

    gcw(*shlex.split(hint.split("`")[1])[1:], "--yes")


def test_a_shop_outside_the_us(ready: Gcw, sandbox: Sandbox, home: Path) -> None:
    ran = ready.fails(4, *CONNECT, "--no-browser", "--json", stdin=code(sandbox, "thames-prints"))
    assert "Thames Prints (GB)" in ran.error["message"]
    assert ran.error["code"] == "not_us"
    assert nothing_stored(home)


def test_a_foreign_shop_beside_an_american_one_is_left_out(ready: Gcw, sandbox: Sandbox) -> None:
    sandbox.world.seller("tidewater").shops[1].region = "CA"  # type: ignore[union-attr]
    ran = ready(*CONNECT, "--no-browser", "--json", stdin=code(sandbox, "tidewater"))
    assert ran.json["name"] == "Tidewater Goods"
    assert "Tidewater Outlet was left out: it sells in CA" in ran.stderr


def test_missing_permissions_are_named(ready: Gcw, sandbox: Sandbox) -> None:
    given = code(sandbox, scopes=["seller.authorization.info", "seller.shop.info", "seller.order.info"])
    ran = ready(*CONNECT, "--no-browser", "--json", stdin=given)
    assert ran.json["status"] == "connected"
    assert "lacks seller.fulfillment.basic, seller.logistics, seller.product.basic" in ran.stderr
    assert "could not be looked at" in ran.stderr


def test_a_shop_without_listings(ready: Gcw, sandbox: Sandbox) -> None:
    ran = ready(*CONNECT, "--no-browser", stdin=code(sandbox, "empty-easel"))
    assert "Empty Easel Studio has no active listings yet" in ran.stderr


def test_several_shops_and_nobody_to_ask(ready: Gcw, sandbox: Sandbox, home: Path) -> None:
    ran = ready.fails(2, *CONNECT, "--no-browser", "--json", stdin=code(sandbox, "tidewater"))
    shops = sandbox.world.seller("tidewater").shops  # type: ignore[union-attr]
    assert all(f"{shop.code} ({shop.name})" in ran.error["message"] for shop in shops)
    stores, authorizations, tokens = remembered(home)
    assert (stores, len(authorizations), len(tokens)) == ([], 1, 1)

    _run_hint(ready, ran.error["hint"])
    ready(*CONNECT, "--resume", "--shop", "Tidewater Outlet")
    assert [row["name"] for row in ready("store", "list", "--json").json] == ["Tidewater Goods", "Tidewater Outlet"]
    assert len(sandbox.journal("/api/v2/token/get")) == 1


def test_the_shop_can_be_named_at_once(ready: Gcw, sandbox: Sandbox) -> None:
    ran = ready(*CONNECT, "--shop", "tidewater outlet", "--no-browser", "--json", stdin=code(sandbox, "tidewater"))
    assert ran.json["name"] == "Tidewater Outlet"


def test_a_mistyped_shop_costs_no_second_permission(ready: Gcw, sandbox: Sandbox) -> None:
    ran = ready.fails(4, *CONNECT, "--shop", "Outlett", "--no-browser", "--json", stdin=code(sandbox, "tidewater"))
    assert ran.error["code"] == "unknown_name"
    ready(*CONNECT, "--resume", "--shop", "Tidewater Outlet")
    assert len(sandbox.journal("/api/v2/token/get")) == 1


def test_resuming_keeps_tokens_that_were_renewed_meanwhile(ready: Gcw, sandbox: Sandbox) -> None:
    ready(*CONNECT, "--shop", "Tidewater Goods", "--no-browser", stdin=code(sandbox, "tidewater"))
    sandbox.control("POST", "clock", {"advance": 8 * 86_400})
    ready(*CONNECT, "--resume", "--shop", "Tidewater Outlet")
    for store in ("Tidewater Goods", "Tidewater Outlet"):
        ready("products", "sync", store)
    assert len(sandbox.journal("/api/v2/token/refresh")) == 1


def test_there_is_nothing_to_resume(ready: Gcw) -> None:
    assert "no earlier permission" in ready.fails(4, *CONNECT, "--resume").stderr


def test_the_same_shop_again(ready: Gcw, sandbox: Sandbox, home: Path) -> None:
    ready(*CONNECT, "--no-browser", stdin=code(sandbox))
    ready("facility", "add", "Annex", "--hand-off", f"folder:{home.parent / 'annex'}")
    ready("store", "connect", "--customer", "Paper", "--facility", "Annex", "--no-browser", stdin=code(sandbox))
    assert [row["facility"] for row in ready("store", "list", "--json").json] == ["Annex"]
    assert [len(part) for part in remembered(home)] == [1, 1, 1]
    ready("products", "sync", "Paper Harbor")


def test_for_another_customer_after_disconnecting(ready: Gcw, sandbox: Sandbox, home: Path) -> None:
    other = ("store", "connect", "--customer", "Other", "--facility", "Main", "--no-browser")
    ready(*CONNECT, "--no-browser", stdin=code(sandbox))
    ready("customer", "add", "Other", "--storefronts")
    assert "connected for Paper Harbor already" in ready.fails(4, *other, stdin=code(sandbox)).stderr
    ready("products", "sync", "Paper Harbor")  # goes on with the newer tokens
    ready("store", "disconnect", "Paper Harbor", "--yes")
    ready(*other, stdin=code(sandbox))
    assert [(row["customer"], row["status"]) for row in ready("store", "list", "--json").json] == [
        ("Other", "connected")
    ]


def test_live_and_sandbox_are_never_mixed(ready: Gcw, sandbox: Sandbox) -> None:
    ready(*CONNECT, "--no-browser", stdin=code(sandbox))
    app = sandbox.world.app
    ready(
        "app", "configure", "--key", app.key, "--service-id", app.service_id,
        "--api-url", "https://open-api.tiktokglobalshop.com", stdin=app.secret,
    )  # fmt: skip
    before = len(sandbox.journal())
    for words in (("products", "sync", "Paper Harbor"), ("orders", "pull"), (*CONNECT, "--no-browser", "--wait", "1")):
        ran = ready.fails(3, *words, "--json")
        assert "was connected at http://sandbox, but this profile now speaks to https://open-api" in ran.stderr
        assert "gcw --profile NAME" in ran.stderr
    assert len(sandbox.journal()) == before
    ready("store", "disconnect", "Paper Harbor", "--yes")
    ready.fails(6, *CONNECT, "--no-browser", "--wait", "1")  # now it may ask
