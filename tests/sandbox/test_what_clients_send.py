"""What clients in the field send is taken, on every call: each dialect works through the whole scenario.

The world stands still meanwhile, so that the answers must be the same to the letter.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from contract import scenario
from gcw_tiktok.sandbox import routes
from gcw_tiktok.sandbox.gate import TOKEN_HEADER
from gcw_tiktok.sandbox.routes import Route
from gcw_tiktok.sandbox.server import create_app, serving
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.tiktok.signing import sign
from sandbox.client import START, Client, Json
from sandbox.dialects import DIALECTS, PLAIN, Dialect, Speaking

CALLS = [route for route in routes.everything() if route not in routes.PAGES]
WEEK = 7 * 86_400


def still_world() -> World:
    return World(seed=7, now=START, wall=lambda: START)


def answers(dialect: Dialect) -> list[tuple[str, Json | None]]:
    """What the sandbox says to each call of the scenario."""
    world = still_world()
    played = scenario.act_out(world, Speaking(world, httpx.WSGITransport(app=create_app(world)), dialect))
    return [(each.name, each.answer) for each in played.exchanges]


@pytest.fixture(scope="module")
def plain() -> list[tuple[str, Json | None]]:
    return answers(PLAIN)


def test_the_scenario_has_every_call(plain: list[tuple[str, Json | None]]) -> None:
    made = {name for name, answer in plain if answer and answer["code"] == 0}
    assert made == {f"{route.method} {route.path}" for route in CALLS}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_call_in_every_dialect(name: str, plain: list[tuple[str, Json | None]]) -> None:
    assert answers(DIALECTS[name]) == plain


def test_in_pieces_through_a_real_connection(plain: list[tuple[str, Json | None]]) -> None:
    world = still_world()
    with serving(world) as base:
        played = scenario.act_out(world, Speaking(world, httpx.HTTPTransport(), Dialect(chunked=True)), base)
    said = json.dumps([(each.name, each.answer) for each in played.exchanges])
    assert json.loads(said.replace(base, "http://sandbox")) == json.loads(json.dumps(plain))


# What is refused on every call.


@pytest.fixture
def client() -> Iterator[Client]:
    world = still_world()
    made = Client(world, httpx.WSGITransport(app=create_app(world)))
    made.connect()
    yield made
    made.http.close()


def send(client: Client, route: Route, **wish: Any) -> tuple[int, int, str]:
    """Status, code and message of a call whose ids are made up."""
    path = re.sub(r"{\w+}", "1", route.path)
    form = bool((operation := routes.operation(route)) and operation.takes_files)
    headers = {"content-type": "multipart/form-data; boundary=x"} if form else {}
    query = {"timestamp": str(client.world.now())} | wish.pop("query", {})
    reply = client.raw(route.method, path, query, headers=headers | wish.pop("headers", {}), **wish)
    answer = reply.json()
    return reply.status_code, answer["code"], answer["message"]


def upper_case_sign(client: Client, route: Route) -> str:
    cipher = {"shop_cipher": client.cipher} if route.cipher else {}
    query = {"app_key": client.world.app.key, "timestamp": str(client.world.now()), **cipher}
    kind = "multipart/form-data" if route.path.endswith("upload") else ""
    return sign(client.world.app.secret, re.sub(r"{\w+}", "1", route.path), query.items(), b"", kind).upper()


REFUSED: dict[str, tuple[Callable[[Client, Route], Json], tuple[int, int], str]] = {
    "a clock 31 s ahead": (
        lambda client, _: {"query": {"timestamp": client.world.now() + 31}}, (400, 36009004), "30 seconds"
    ),
    "a clock 301 s behind": (
        lambda client, _: {"query": {"timestamp": client.world.now() - 301}}, (400, 36009004), "5 minutes"
    ),
    "milliseconds": (
        lambda client, _: {"query": {"timestamp": client.world.now() * 1000}}, (400, 36009004), "30 seconds"
    ),
    "a timestamp said again": (
        lambda client, _: {"query": {"timestamp": f"{client.world.now()},{client.world.now()}"}},
        (400, 36009004), "'timestamp'",
    ),
    "no sign": (lambda *_: {"sign": None}, (400, 36009004), "signature"),
    "an empty sign": (lambda *_: {"sign": ""}, (400, 36009004), "signature"),
    "a sign in capitals": (
        lambda client, route: {"sign": upper_case_sign(client, route)}, (400, 106001), "'sign'"
    ),
    "a token in the query only": (
        lambda client, _: {"headers": {TOKEN_HEADER: ""}, "query": {"access_token": client.token}},
        (400, 36009004), "'x-tts-access-token' header is invalid",
    ),
    "a bearer token": (
        lambda client, _: {"headers": {TOKEN_HEADER: f"Bearer {client.token}"}},
        (400, 36009004), "'x-tts-access-token' header is invalid",
    ),
    "a cipher where none is wanted, or none where one is": (
        lambda client, route: {"shop_cipher": None if route.cipher else client.cipher}, (400, 0), "shop_cipher"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_every_call_refuses(client: Client, name: str) -> None:
    wish, (status, code), words = REFUSED[name]
    for route in CALLS:
        got = send(client, route, **wish(client, route))
        wanted = code or (106013 if route.cipher else 36009004)
        assert got[:2] == (status, wanted), route
        assert words in got[2]


def test_only_an_expired_token_is_401(client: Client) -> None:
    before = [send(client, route)[0] for route in CALLS if "/authorization/" not in route.path]
    assert 401 not in before
    client.connect()
    client.advance(WEEK)
    assert {send(client, route)[:2] for route in CALLS} == {(401, 105002)}


def test_a_list_has_no_spaces_and_one_value_is_said_once(client: Client) -> None:
    first, second = client.buy(), client.buy()
    spaced = client.call("GET", "/order/202507/orders", {"ids": f"{first}, {second}", "timestamp": client.world.now()})
    assert spaced["code"] == 36009004
    twice = {"page_size": "10,10", "timestamp": client.world.now()}  # as the sandbox reads page_size=10&page_size=10
    assert "page_size type invalid" in client.call("POST", "/order/202309/orders/search", twice)["message"]


def test_head_is_no_method_of_any_call(client: Client) -> None:
    for route in CALLS:
        reply = client.http.head(re.sub(r"{\w+}", "1", route.path))
        assert (reply.status_code, reply.content) == (405, b"")


def test_a_path_is_taken_to_the_letter(client: Client) -> None:
    for path in ("//authorization/202309/shops", "/authorization/202309/shops/", "/Authorization/202309/shops"):
        assert client.raw("GET", path, cipher=False).status_code == 404


# Pages.


def searches() -> list[Route]:
    found = ((route, routes.operation(route)) for route in CALLS)
    return [route for route, call in found if call and any(each["name"] == "page_token" for each in call.parameters)]


def smallest_page(route: Route) -> int:
    call = routes.operation(route)
    assert call
    (size,) = [each["schema"] for each in call.parameters if each["name"] == "page_size"]
    return int(size["minimum"])


@pytest.fixture(scope="module")
def busy() -> Iterator[Client]:
    """A world in which much has happened."""
    world = still_world()
    made = Client(world, Speaking(world, httpx.WSGITransport(app=create_app(world))))
    made.connect()
    for act in scenario.STAYING:
        act(made)
    for _ in range(12):
        order_id = made.buy(lines=[{}])
        made.control("POST", f"/orders/{order_id}/request-cancel")
    yield made
    made.http.close()


def listed(data: Json) -> list[Json]:
    """What a page holds, whatever its name is."""
    (found,) = [value for value in data.values() if isinstance(value, list)]
    return found


@pytest.mark.parametrize("route", searches(), ids=lambda route: f"{route.path}")
def test_page_tokens_need_encoding_and_lead_through_everything(busy: Client, route: Route) -> None:
    needed = {"category_version": "v2"} if route.path.endswith("/brands") else {}
    size = smallest_page(route)
    whole = busy.data(route.method, route.path, {"page_size": 50, **needed})
    seen: list[Json] = []
    token = ""
    while True:
        page = busy.data(route.method, route.path, {"page_size": size, "page_token": token, **needed})
        seen += listed(page)
        token = page.get("next_page_token", "")
        if not token:
            break
        assert "+" in token
        assert "/" in token
        assert token.endswith("=")
    assert len(seen) == whole["total_count"]
    assert seen[: len(listed(whole))] == listed(whole)
    if whole["total_count"] > size:
        first = busy.data(route.method, route.path, {"page_size": size, **needed})["next_page_token"]
        unencoded = {"page_size": size, "page_token": first.replace("+", " "), **needed}
        assert busy.call(route.method, route.path, unencoded)["code"] == 36009004


def test_a_page_token_that_is_not_encoded_spoils_the_signature(client: Client) -> None:
    search = "/order/202309/orders/search"
    now = str(client.world.now())
    token = client.data("POST", search, {"page_size": 1, "timestamp": now})["next_page_token"]
    query = {"app_key": client.world.app.key, "page_size": "1", "page_token": token, "shop_cipher": client.cipher}
    query |= {"timestamp": now}
    query["sign"] = sign(client.world.app.secret, search, query.items())
    raw = "&".join(f"{name}={value}" for name, value in query.items())
    assert client.http.post(f"{search}?{raw}", headers={TOKEN_HEADER: client.token}).json()["code"] == 106001


# Replies.


def test_ids_are_text_and_nothing_is_null(plain: list[tuple[str, Json | None]]) -> None:
    odd = [(name, path) for name, answer in plain if answer for path in _odd(answer["data"])]
    assert odd == []


def _odd(value: Any, path: str = "data") -> Iterator[str]:
    if value is None:
        yield path
    elif isinstance(value, list):
        for each in value:
            yield from _odd(each, path)
    elif isinstance(value, dict):
        for name, each in value.items():
            ids = each if isinstance(each, list) else [each]
            if re.search(r"(^|_)ids?$", name) and not all(isinstance(one, str) for one in ids):
                yield f"{path}.{name}"
            yield from _odd(each, f"{path}.{name}")


def test_the_token_host_answers_in_its_own_way(client: Client) -> None:
    keys = {"app_key": client.world.app.key, "app_secret": client.world.app.secret}
    for call in ("get", "refresh"):
        reply = client.http.get(f"/api/v2/token/{call}", params=keys)
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "application/json; charset=utf-8"
        assert list(reply.json()) == ["code", "message", "request_id"]
    data = client.connect()
    assert list(data)[:2] == ["access_token", "access_token_expire_in"]
