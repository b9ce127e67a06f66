"""Where the pages are in the world: addresses, cookies, proxies; and what can be guessed, tried with many examples."""

import dataclasses
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from string import ascii_letters, digits
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import col, delete

from conftest import Gcw
from gcw_tiktok.errors import TryAgain
from gcw_tiktok.store.tables import Attempt
from gcw_tiktok.web import serving
from gcw_tiktok.web.portal import app as application
from gcw_tiktok.web.portal.sign_in import _here
from gcw_tiktok.workflow.people import passwords, signing_in, tries
from gcw_tiktok.workflow.people.signing_in import MOST_OF_A_PERSON
from gcw_tiktok.workflow.people.tries import Limit
from portal.visit import PASSWORD, TOKEN, Pages
from webhooks.process import running

if TYPE_CHECKING:
    from playwright.sync_api import Page

ADA = "ada@harbor.example"
HERE = "https://prints.example"
PIECES = ["/", "\\", "//", "evil.example", "http:", "javascript:", "@", ":", "?", "#", "%2f", "%5c", "%09", "\t",
          "\n", "\r", "\x00", " ", ".", "..", ";", "stores", "\u2028", "\uff0f", "\u200b", "\ud7ff", "é"]  # fmt: skip
PATHS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)
ORIGINS = """paths => paths.map(path => {
  try { return new URL(path, location.href).origin } catch { return "nowhere" }
})"""


@pytest.fixture
def secure(pages: Pages) -> Pages:
    """The same pages as a PSP has them: behind a proxy that speaks TLS."""
    portal = dataclasses.replace(pages.portal, public_url=HERE)
    return dataclasses.replace(pages, portal=portal, app=application.create(portal, pages.jobs))


def test_after_signing_in_nobody_is_led_elsewhere(page: "Page", address: str) -> None:
    """What is a path of ours, browsers take for one: Chromium itself is asked."""
    page.goto(address + "/sign-in")
    origin = page.evaluate("location.origin")

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(PATHS, min_size=20, max_size=60))
    @example(
        ["//evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example", "///evil.example", "/%09//evil"]
    )
    def stays(paths: list[str]) -> None:
        taken = [found for path in paths for begun in (path, "/" + path) if (found := _here(begun))]
        assert set(page.evaluate(ORIGINS, taken)) <= {origin}, taken

    stays()


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
     "javascript:alert(1)", "/stores\r\nSet-Cookie: a=b", " //evil.example", "evil.example", "/\n//evil.example"],
)  # fmt: skip
def test_an_address_elsewhere_is_dropped(pages: Pages, wanted: str) -> None:
    pages.add(ADA)
    visitor = pages.visitor()
    visitor.client.get("/sign-in", query_string={"next": wanted})
    visitor.get("/sign-in")
    assert "evil" not in visitor.seen
    answer = visitor.post("/sign-in", email=ADA, password=PASSWORD, next=wanted)
    assert answer.headers["Location"] == "/"
    assert "a=b" not in str(answer.headers)
    assert visitor.client.get("/sign-in", query_string={"next": wanted}).headers["Location"] == "/"


def test_over_tls_the_cookie_goes_nowhere_else(secure: Pages) -> None:
    secure.add(ADA)
    client = secure.app.test_client()
    page = client.get("/sign-in", base_url=HERE)
    token = TOKEN.search(page.get_data(as_text=True))
    assert token is not None
    fields = {"csrf_token": token[1], "email": ADA, "password": PASSWORD}
    answer = client.post("/sign-in", data=fields, base_url=HERE, headers={"Referer": HERE + "/sign-in"})
    assert answer.status_code == 302
    assert answer.headers["Strict-Transport-Security"]
    [cookie] = answer.headers.getlist("Set-Cookie")
    name, *flags = [part.strip() for part in cookie.split(";")]
    assert name.startswith("__Host-gcw="), "which browsers give back to nobody but who set it"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
    assert not [flag for flag in flags if flag.startswith("Domain")]


@contextmanager
def served(pages: Pages, proxy: str) -> Iterator[httpx.Client]:
    """A browser whose proxy is on this machine."""
    with serving.serving(pages.app, "127.0.0.1", 0, proxy=proxy) as address, httpx.Client(base_url=address) as http:
        yield http


def statuses(http: httpx.Client, password: str, **headers: str) -> int:
    """One try through a proxy that says for whom it asks."""
    told = {"X-Forwarded-Proto": "https", **{name.replace("_", "-"): value for name, value in headers.items()}}
    page = http.get("/sign-in", headers=told)
    token = TOKEN.search(page.text)
    assert token is not None
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    http.cookies.clear()
    fields = {"csrf_token": token[1], "email": ADA, "password": password}
    return http.post("/sign-in", data=fields, headers=told | {"Cookie": cookie}).status_code


def test_behind_a_proxy_each_visitor_has_an_address_of_their_own(
    secure: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure.add(ADA)
    monkeypatch.setattr(signing_in, "MOST_OF_A_PERSON", 1000)
    monkeypatch.setattr(signing_in, "MOST_OF_AN_ADDRESS", 2)
    monkeypatch.setattr(passwords, "fits", lambda kept, given: given == PASSWORD)
    with served(secure, "127.0.0.1") as http:
        for _ in range(2):
            assert statuses(http, "wrong", X_Forwarded_For="203.0.113.1") == 400
        assert statuses(http, PASSWORD, X_Forwarded_For="203.0.113.1") == 429
        assert statuses(http, PASSWORD, X_Forwarded_For="203.0.113.2") == 302
        assert statuses(http, PASSWORD, X_Forwarded_For="203.0.113.2, 203.0.113.1") == 429, (
            "what visitors say is not it"
        )
        changed = {"X_Forwarded_For": "203.0.113.3", "Host": "127.0.0.1:8766", "Referer": HERE + "/sign-in"}
        assert statuses(http, PASSWORD, **changed) == 302, "a proxy that changes the Host has no form refused"


def test_without_a_proxy_nobody_says_where_they_are(secure: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    secure.add(ADA)
    monkeypatch.setattr(signing_in, "MOST_OF_AN_ADDRESS", 2)
    monkeypatch.setattr(passwords, "fits", lambda kept, given: given == PASSWORD)
    with served(secure, "") as http:
        for number in range(2):
            assert statuses(http, "wrong", X_Forwarded_For=f"203.0.113.{number}") == 400
        assert statuses(http, PASSWORD, X_Forwarded_For="203.0.113.9") == 429


def test_gcw_serve_behind_a_proxy_that_speaks_tls(gcw: Gcw) -> None:
    """As a process: somebody comes in by the link that the command line gave."""
    link = gcw("operator", "add", "olive@printers.example", "--json").json["link"].partition(":8766")[2]
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.4", "X-Forwarded-Host": "prints.example"}
    words = ("--port", "0", "--poll", "0", "--public-url", HERE, "--proxy", "127.0.0.1")
    with running("serve", *words) as serve, httpx.Client(base_url=serve.ready["address"], headers=told) as http:
        assert serve.ready["pages"] == HERE + "/"
        serve.hears(f"gcw config set public_url {HERE}")
        page = http.get(link)
        token = TOKEN.search(page.text)
        assert token is not None
        name, _, value = page.headers["Set-Cookie"].partition(";")[0].partition("=")
        assert name == "__Host-gcw"
        answer = http.post(
            link,
            data={"csrf_token": token[1], "password": "seven boats in the morning"},
            headers={"Cookie": f"{name}={value}", "Referer": HERE + link},
        )
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
        mine = answer.headers["Set-Cookie"].partition(";")[0]
        assert "olive@printers.example" in http.get("/people", headers={"Cookie": mine}).text
        assert http.get("/people").status_code == 302
        serve.signal(signal.SIGTERM)
        assert serve.ends() == 0
        assert "lock each other out" not in serve.said
        assert link.rpartition("/")[2] not in serve.said


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 400), st.booleans()), max_size=25))
def test_no_more_tries_are_let_through_than_may_whatever_happened_before(
    pages: Pages, story: list[tuple[str, int, bool]]
) -> None:
    """Against a plain list of those that were let through and not forgotten."""
    database, seal, now = pages.portal.database, pages.portal.seal, 1_000_000
    with database.session() as session:
        session.exec(delete(Attempt).where(col(Attempt.id).is_not(None)))
    known: list[tuple[str, int]] = []
    for who, later, good in story:
        now += later
        known = [(one, at) for one, at in known if at > now - tries.WINDOW_SECONDS]
        may = sum(one == who for one, _ in known) < MOST_OF_A_PERSON
        try:
            counted = tries.count(database, seal, [Limit("person", who, MOST_OF_A_PERSON)], now)
        except TryAgain:
            assert not may
            continue
        assert may
        if good:
            tries.forget(database, counted)
        else:
            known.append((who, now))


WORDS = st.lists(st.text(ascii_letters, min_size=4, max_size=9), min_size=4, max_size=8).map(" ".join)


@given(WORDS)
@example("correct horse battery staple")
@example("seven boats in the morning")
def test_words_in_a_row_are_a_password(words: str) -> None:
    if len(set(words.casefold().replace(" ", ""))) >= 10 and not passwords.is_guessable(words[: len(words) // 2]):
        passwords.check(words, ADA, "Ada", "Reed", "Paper Harbor")


@given(st.sampled_from(passwords.COMMON), st.text(digits + "!?.", max_size=3), st.integers(1, 4), st.booleans())
def test_a_common_word_is_none_however_it_is_dressed_up(word: str, after: str, times: int, loud: bool) -> None:
    assert passwords.is_guessable((word.capitalize() if loud else word) * times + after)


@given(st.text("abc", min_size=1, max_size=3), st.integers(4, 60))
def test_what_is_repeated_is_no_longer_for_it(piece: str, times: int) -> None:
    assert passwords.is_guessable(piece * times)
