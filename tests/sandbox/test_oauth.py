from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gcw_tiktok.sandbox import visitor
from gcw_tiktok.sandbox.authorizations import SCOPES
from gcw_tiktok.sandbox.server import serving
from gcw_tiktok.sandbox.world import World
from sandbox.client import Client

DAY = 86_400


@pytest.fixture
def stranger(make_client: Callable[..., Client]) -> Client:
    """Nobody is connected yet."""
    return make_client()


def page(client: Client, state: str = "s t&<b>") -> httpx.Response:
    return client.http.get("/open/authorize", params={"service_id": client.world.app.service_id, "state": state})


def answer(client: Client, **form: str) -> dict[str, list[str]]:
    query = {"service_id": client.world.app.service_id, "state": "abc"}
    reply = client.http.post("/open/authorize", params=query, data=form)
    assert reply.status_code == 302
    assert reply.headers["location"].startswith(client.world.app.redirect_url)
    return parse_qs(urlsplit(reply.headers["location"]).query)


def test_the_page_names_the_app_the_permissions_and_the_sellers(stranger: Client) -> None:
    shown = page(stranger)
    assert shown.status_code == 200
    for words in (*SCOPES.values(), "Paper Harbor Prints", "Allow", "Deny"):
        assert words.replace("'", "&#39;") in shown.text
    assert "<b>" not in shown.text


def test_the_older_page_takes_the_app_key(stranger: Client) -> None:
    shown = stranger.http.get("/oauth/authorize", params={"app_key": stranger.world.app.key, "state": "x"})
    assert "Allow" in shown.text


def test_an_unknown_service(stranger: Client) -> None:
    shown = stranger.http.get("/open/authorize", params={"service_id": stranger.world.app.key})
    assert shown.status_code == 404
    assert "This service does not exist" in shown.text


def test_allowing_leads_back_with_a_code_that_becomes_tokens(stranger: Client) -> None:
    back = answer(stranger, seller="tidewater", decision="allow")
    assert back["state"] == ["abc"]
    assert back["shop_region"] == ["US"]
    assert back["code"][0].startswith("TTP_")
    told = stranger.auth("get", auth_code=back["code"][0], grant_type="authorized_code")
    assert (told["code"], told["message"]) == (0, "success")
    data = told["data"]
    now = stranger.world.now()
    assert now + 7 * DAY - 5 <= data["access_token_expire_in"] <= now + 7 * DAY
    assert data["refresh_token_expire_in"] > now + 364 * DAY
    assert (data["seller_name"], data["seller_base_region"], data["user_type"]) == ("Tidewater Goods", "US", 0)
    assert "seller.order.info" in data["granted_scopes"]


def test_denying_leads_back_without_one(stranger: Client) -> None:
    back = answer(stranger, seller="paper-harbor", decision="deny")
    assert back == {"code": ["null"], "error": ["auth_denied"], "state": ["abc"]}


def test_a_code_works_once_and_for_half_an_hour(stranger: Client) -> None:
    code = answer(stranger, seller="paper-harbor", decision="allow")["code"][0]
    assert stranger.auth("get", auth_code=code, grant_type="authorized_code")["code"] == 0
    again = stranger.auth("get", auth_code=code, grant_type="authorized_code")
    assert (again["code"], again["message"]) == (36004004, "invalid auth code")
    assert "data" not in again
    late = answer(stranger, seller="paper-harbor", decision="allow")["code"][0]
    stranger.advance(30 * 60)
    assert stranger.auth("get", auth_code=late, grant_type="authorized_code")["code"] == 36004004


@pytest.mark.parametrize("grant_type", ["refresh_token", "authorized_code"])
def test_refreshing_gives_new_tokens_and_ends_the_old_refresh_token(stranger: Client, grant_type: str) -> None:
    first = stranger.connect()
    stranger.advance(DAY)
    second = stranger.auth("refresh", refresh_token=first["refresh_token"], grant_type=grant_type)["data"]
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token_expire_in"] >= first["access_token_expire_in"] + DAY
    assert second["refresh_token_expire_in"] == first["refresh_token_expire_in"]
    for token in (first["access_token"], second["access_token"]):
        stranger.token = token
        assert stranger.call("GET", "/authorization/202309/shops")["code"] == 0
    stale = stranger.auth("refresh", refresh_token=first["refresh_token"], grant_type=grant_type)
    assert (stale["code"], stale["message"]) == (36004005, "can not find related auth record")


def test_a_lenient_world_takes_the_old_refresh_token_again(make_client: Callable[..., Client]) -> None:
    client = make_client(refresh_rotation="lenient")
    token = client.connect()["refresh_token"]
    for _ in range(2):
        assert client.auth("refresh", refresh_token=token, grant_type="refresh_token")["code"] == 0


def test_an_authorization_ends(stranger: Client) -> None:
    token = stranger.connect()["refresh_token"]
    stranger.advance(366 * DAY)
    ended = stranger.auth("refresh", refresh_token=token, grant_type="refresh_token")
    assert (ended["code"], ended["message"]) == (36004001, "rt has expired")


def test_ill_formed_token_calls(stranger: Client) -> None:
    assert stranger.auth("get", auth_code="x", grant_type="authorization_code")["code"] == 98001004
    assert stranger.auth("get", grant_type="authorized_code")["code"] == 98001004
    assert stranger.auth("refresh", grant_type="refresh_token")["code"] == 98001004
    assert stranger.auth("get", auth_code="x", grant_type="authorized_code", app_secret="no")["code"] == 36004003
    posted = stranger.http.post("/api/v2/token/get", json={})
    assert (posted.status_code, posted.text) == (404, "404 page not found")


def test_the_sellers_differ(make_client: Callable[..., Client]) -> None:
    shops = {}
    for seller in ("paper-harbor", "tidewater", "thames-prints", "empty-easel"):
        client = make_client()
        client.connect(seller)
        shops[seller] = client.data("GET", "/authorization/202309/shops")["shops"]
        active = client.data("POST", "/product/202502/products/search", {"page_size": 1}, {"status": "ACTIVATE"})
        assert (active["total_count"] > 0) == (seller != "empty-easel")
    assert [(shop["region"], shop["seller_type"]) for shop in shops["paper-harbor"]] == [("US", "LOCAL")]
    assert [(shop["region"], shop["seller_type"]) for shop in shops["tidewater"]] == [("US", "CROSS_BORDER")] * 2
    assert [shop["region"] for shop in shops["thames-prints"]] == ["GB"]


def test_giving_an_authorization_up(client: Client) -> None:
    client.data("DELETE", "/authorization/202403/shops")
    assert client.call("GET", "/authorization/202309/shops")["code"] == 36009004


@pytest.mark.parametrize(("deny", "landed"), [(False, "code=TTP_"), (True, "error=auth_denied")])
def test_the_visitor_clicks_as_a_browser_would(make_world: Callable[..., World], deny: bool, landed: str) -> None:
    world = make_world()
    with serving(world) as base:
        # Nothing has to listen for the test: the sandbox itself answers at the redirect address.
        world.app.redirect_url = f"{base}/_sandbox/journal"
        url = f"{base}/open/authorize?service_id={world.app.service_id}&state=abc"
        where = visitor.visit(url, "tidewater", deny)
        assert where.startswith(world.app.redirect_url)
        assert landed in where
        assert visitor.main([url]) == 0
        assert visitor.main([f"{base}/open/authorize?service_id=1"]) == 1


def test_the_visitor_stays_on_the_web() -> None:
    with pytest.raises(ValueError, match="Not a web address"):
        visitor.visit("file:///etc/passwd")


def test_sellers_are_known_by_whatever_names_them(client: Client) -> None:
    for seller in client.world.sellers:
        for name in seller.names:
            code = client.control("POST", "/authorizations", {"seller": name})["code"]
            data = client.auth("get", auth_code=code, grant_type="authorized_code")["data"]
            assert data["open_id"] == seller.open_id
    assert client.control("POST", "/authorizations", {})["code"]
