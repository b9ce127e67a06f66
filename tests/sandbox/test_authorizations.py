"""How long an authorization holds, who may give one, who is warned, and what ends it."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gcw_tiktok.sandbox.authorizations import SCOPES
from sandbox.client import START, Client, Json

DAY = 86_400
SHOPS = "/authorization/202309/shops"
SEARCH = "/order/202309/orders/search"
STATUS = "/seller/202508/status"


@pytest.fixture
def stranger(make_client: Callable[..., Client]) -> Client:
    """Nobody is connected yet."""
    return make_client()


def answer(client: Client, **form: str) -> httpx.Response:
    query = {"service_id": client.world.app.service_id, "state": "abc"}
    return client.http.post(
        "/open/authorize", params=query, data={"seller": "paper-harbor", "decision": "allow"} | form
    )


def exchange(client: Client, reply: httpx.Response) -> Json:
    (code,) = parse_qs(urlsplit(reply.headers["location"]).query)["code"]
    data: Json = client.auth("get", auth_code=code, grant_type="authorized_code")["data"]
    return data


def told(client: Client, topic: str) -> list[tuple[str, int]]:
    """The shops and moments of a topic's events."""
    return [(each.shop_id, each.timestamp) for each in client.world.events if each.topic == topic]


@pytest.mark.parametrize("days", [30, 90, 180, 365])
def test_the_seller_chooses_for_how_long(stranger: Client, days: int) -> None:
    page = stranger.http.get("/open/authorize", params={"service_id": stranger.world.app.service_id})
    assert f"{days} days" in page.text
    data = exchange(stranger, answer(stranger, days=str(days)))
    assert 0 <= stranger.world.now() + days * DAY - data["refresh_token_expire_in"] <= 5
    stranger.advance(days * DAY - 10)
    last = stranger.auth("refresh", refresh_token=data["refresh_token"], grant_type="refresh_token")["data"]
    assert last["access_token_expire_in"] == last["refresh_token_expire_in"] == data["refresh_token_expire_in"]
    stranger.token = last["access_token"]
    assert stranger.call("GET", SHOPS)["code"] == 0
    stranger.advance(10)
    assert stranger.call("GET", SHOPS)["code"] == 105002
    ended = stranger.auth("refresh", refresh_token=last["refresh_token"], grant_type="refresh_token")
    assert (ended["code"], ended["message"]) == (36004001, "rt has expired")
    sellers = stranger.control("GET", "/state?parts=sellers")["sellers"]
    assert [each["authorized"] for each in sellers if each["seller"] == "paper-harbor"] == [False]


def test_other_durations_come_from_the_control_call_only(stranger: Client) -> None:
    assert answer(stranger, days="7").status_code == 400
    assert answer(stranger, days="").status_code == 400
    data = stranger.connect(days=75)
    assert 0 <= stranger.world.now() + 75 * DAY - data["refresh_token_expire_in"] <= 5
    wrong = stranger.http.post("/_sandbox/authorizations", json={"seller": "paper-harbor", "days": 0})
    assert wrong.status_code == 400


def test_the_end_is_told_thirty_days_before_and_every_midnight(stranger: Client) -> None:
    end = stranger.connect("tidewater", days=31)["refresh_token_expire_in"]
    ids = {shop.id for shop in stranger.world.shops() if shop.name.startswith("Tidewater")}
    stranger.advance(DAY - 60)
    assert told(stranger, "UPCOMING_AUTHORIZATION_EXPIRATION") == []
    stranger.advance(60 + 3 * DAY)
    warned = told(stranger, "UPCOMING_AUTHORIZATION_EXPIRATION")
    assert {shop_id for shop_id, _ in warned} == ids
    moments = sorted({moment for _, moment in warned})
    midnight = (START // DAY + 2) * DAY
    assert moments == [end - 30 * DAY, midnight, midnight + DAY, midnight + 2 * DAY]
    event = next(each for each in stranger.world.events if each.topic == "UPCOMING_AUTHORIZATION_EXPIRATION")
    assert event.data["expiration_time"] == str(end)
    stranger.connect("tidewater", days=365)
    stranger.advance(40 * DAY)
    assert told(stranger, "UPCOMING_AUTHORIZATION_EXPIRATION") == warned


def test_an_authorization_that_nobody_renews_is_told_of_until_it_ends(stranger: Client) -> None:
    end = stranger.connect(days=30)["refresh_token_expire_in"]
    stranger.advance(60 * DAY)
    moments = [moment for _, moment in told(stranger, "UPCOMING_AUTHORIZATION_EXPIRATION")]
    assert len(moments) == 31
    assert moments[0] == end - 30 * DAY
    assert moments[-1] < end


def test_the_seller_removes_the_app(stranger: Client) -> None:
    data = stranger.connect("tidewater")
    stranger.control("POST", "/sellers/tidewater/deauthorize")
    assert stranger.call("GET", SHOPS)["code"] == 36009004
    gone = stranger.auth("refresh", refresh_token=data["refresh_token"], grant_type="refresh_token")
    assert gone["code"] == 36004005
    shops = [shop.id for shop in stranger.world.shops() if shop.name.startswith("Tidewater")]
    assert [shop_id for shop_id, _ in told(stranger, "SELLER_DEAUTHORIZATION")] == shops
    again = stranger.http.post("/_sandbox/sellers/tidewater/deauthorize", json={})
    assert again.status_code == 400
    assert stranger.http.post("/_sandbox/sellers/nobody/deauthorize", json={}).status_code == 400


def test_the_app_gives_an_authorization_up(stranger: Client) -> None:
    stranger.connect("tidewater")
    stranger.data("DELETE", "/authorization/202403/shops")
    assert stranger.call("GET", SHOPS)["code"] == 36009004
    assert len(told(stranger, "SELLER_DEAUTHORIZATION")) == 2
    stranger.connect()
    assert stranger.call("GET", SHOPS)["code"] == 0


def test_the_app_asks_only_for_its_own_scopes(stranger: Client) -> None:
    own = ["seller.authorization.info", "seller.order.info"]
    stranger.control("POST", "/app", {"scopes": own})
    page = stranger.http.get("/open/authorize", params={"service_id": stranger.world.app.service_id}).text
    assert [scope for scope, words in SCOPES.items() if words.replace("'", "&#39;") in page] == own
    assert exchange(stranger, answer(stranger))["granted_scopes"] == own
    data = stranger.connect(scopes=["seller.order.info", "seller.logistics"])
    assert data["granted_scopes"] == ["seller.order.info"]
    wrong = stranger.http.post("/_sandbox/app", json={"scopes": ["everything"]})
    assert wrong.status_code == 400


def test_a_new_scope_needs_a_new_permission_and_a_lost_one_ends_at_once(stranger: Client) -> None:
    stranger.control("POST", "/app", {"scopes": ["seller.authorization.info"]})
    stranger.connect()
    stranger.control("POST", "/app", {"scopes": list(SCOPES)})
    page = {"page_size": 10}
    assert stranger.call("POST", SEARCH, page)["code"] == 105005
    stranger.connect()
    assert stranger.call("POST", SEARCH, page)["code"] == 0
    stranger.control("POST", "/app", {"scopes": ["seller.authorization.info"]})
    assert stranger.call("POST", SEARCH, page)["code"] == 105005


def test_sellers_of_other_regions_or_not_on_board_see_why(stranger: Client) -> None:
    stranger.control("POST", "/app", {"regions": ["US"]})
    abroad = answer(stranger, seller="thames-prints")
    assert abroad.status_code == 403
    assert "does not serve sellers in GB" in abroad.text
    assert answer(stranger, seller="paper-harbor").status_code == 302
    stranger.control("POST", "/sellers/paper-harbor/set-status", {"status": "PENDING"})
    waiting = answer(stranger, seller="paper-harbor")
    assert waiting.status_code == 403
    assert "is not active" in waiting.text
    assert answer(stranger, seller="paper-harbor", decision="deny").status_code == 302


def test_inactive_shops_and_sellers_are_refused_but_told_how_they_stand(client: Client) -> None:
    shop = next(client.world.shops())
    client.control("POST", f"/shops/{shop.id}/set-status", {"status": "DEACTIVATED"})
    reply = client.raw("POST", SEARCH, {"page_size": 10})
    assert (reply.status_code, reply.json()["code"]) == (403, 36009043)
    assert client.data("GET", "/seller/202309/shops")["shops"] == []
    client.control("POST", "/sellers/paper-harbor/set-status", {"status": "WITHDRAWN"})
    assert client.call("GET", "/seller/202309/shops")["code"] == 36009044
    data = client.data("GET", STATUS)["seller_status_data"]
    assert data["seller_status"] == "6"
    assert data["shop_statuses"] == [{"shop_id": shop.id, "shop_status": "3"}]
    client.control("POST", "/sellers/paper-harbor/set-status", {"status": "ACTIVE"})
    client.control("POST", f"/shops/{shop.id}/set-status", {"status": "ACTIVE"})
    assert client.data("GET", "/seller/202309/shops")["shops"] == [{"id": shop.id, "region": "US"}]
    assert client.call("POST", SEARCH, {"page_size": 10})["code"] == 0
    assert client.http.post("/_sandbox/sellers/paper-harbor/set-status", json={"status": "ASLEEP"}).status_code == 400


def test_callers_outside_of_the_allow_list(client: Client) -> None:
    client.control("POST", "/app", {"allowed_ips": ["203.0.113.7"]})
    reply = client.raw("GET", SHOPS)
    assert (reply.status_code, reply.json()["code"]) == (403, 36009033)
    assert client.call("GET", SHOPS, sign="0" * 64)["code"] == 36009033
    client.control("POST", "/app", {"allowed_ips": ["203.0.113.7", "127.0.0.1"]})
    assert client.call("GET", SHOPS)["code"] == 0
    assert client.http.post("/_sandbox/app", json={"allowed_ips": ["here"]}).status_code == 400
    client.control("POST", "/app", {"allowed_ips": []})
    assert client.call("GET", SHOPS)["code"] == 0


def test_how_refresh_tokens_rotate_can_be_set(client: Client) -> None:
    token = client.connect()["refresh_token"]
    settings = client.control("POST", "/app", {"refresh_rotation": "lenient"})
    assert settings["refresh_rotation"] == "lenient"
    for _ in range(2):
        assert client.auth("refresh", refresh_token=token, grant_type="refresh_token")["code"] == 0
    client.control("POST", "/app", {"refresh_rotation": "strict"})
    assert client.auth("refresh", refresh_token=token, grant_type="refresh_token")["code"] == 0
    assert client.auth("refresh", refresh_token=token, grant_type="refresh_token")["code"] == 36004005
    assert client.http.post("/_sandbox/app", json={"refresh_rotation": "odd"}).status_code == 400


def test_nothing_is_set_when_something_cannot_be(client: Client) -> None:
    before = client.control("POST", "/app", {})
    wrong = client.http.post("/_sandbox/app", json={"redirect_url": "http://localhost/x", "scopes": "all"})
    assert wrong.status_code == 400
    assert client.control("POST", "/app", {}) == before
