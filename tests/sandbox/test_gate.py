import time
from collections.abc import Callable
from typing import Any

import pytest

from gcw_tiktok.tiktok.signing import sign
from sandbox.client import Client

SHOPS = "/authorization/202309/shops"
SEARCH = "/order/202309/orders/search"
DETAIL = "/order/202507/orders"
PAGE = {"page_size": 10}
USPS = "7117858858072016686"


def refused(client: Client, method: str, path: str, *args: Any, **override: Any) -> tuple[int, int, str]:
    reply = client.raw(method, path, *args, **override)
    answer = reply.json()
    assert answer["code"]
    return reply.status_code, answer["code"], answer["message"]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/order/202309/orders/list", (404, 36009009)),
        ("GET", "/", (404, 36009009)),
        ("GET", "/order/v2/orders", (404, 36009009)),
        ("GET", "/order/202309/orders/", (404, 36009009)),
        ("DELETE", DETAIL, (405, 36009010)),
        ("GET", "/order/209901/orders", (400, 36009014)),
    ],
)
def test_unknown_addresses(client: Client, method: str, path: str, expected: tuple[int, int]) -> None:
    assert refused(client, method, path)[:2] == expected


def test_the_path_is_looked_at_before_the_app_key_and_that_before_the_sign(client: Client) -> None:
    assert refused(client, "GET", "/nothing/202309/here", app_key="junk", sign="junk")[1] == 36009009
    status, code, message = refused(client, "GET", SHOPS, app_key="junk", sign="junk")
    assert (status, code) == (400, 36009004)
    assert "Invalid 'app_key'" in message


def test_timestamps_outside_of_the_window(client: Client) -> None:
    now = int(time.time())
    assert "earlier than 5 minutes" in refused(client, "GET", SHOPS, timestamp=now - 320)[2]
    assert "timestamp" in refused(client, "GET", SHOPS, timestamp=None)[2]
    assert client.call("GET", SHOPS, timestamp=now - 290)["code"] == 0


def test_a_timestamp_may_be_the_machines_or_the_worlds(make_client: Callable[..., Client]) -> None:
    client = make_client(now=1_900_000_000)
    client.connect()
    for right in (int(time.time()), client.world.now()):
        assert client.call("GET", SHOPS, timestamp=right)["code"] == 0
        assert client.call("GET", SHOPS, timestamp=right + 40)["code"] == 36009004


def test_signatures(client: Client) -> None:
    assert refused(client, "GET", SHOPS, sign="0" * 64)[:2] == (400, 106001)
    status, code, message = refused(client, "GET", SHOPS, sign=None)
    assert (status, code) == (400, 36009004)
    assert "signature" in message


def test_the_body_is_signed_as_it_travels(client: Client) -> None:
    assert client.raw("POST", SEARCH, PAGE, b'{ "order_status" :"ON_HOLD"}\n').json()["code"] == 0
    spoiled = sign(client.world.app.secret, SEARCH, [], b"{}")
    assert client.raw("POST", SEARCH, PAGE, b"{}", sign=spoiled).json()["code"] == 106001


def test_an_empty_object_may_travel_unsigned(client: Client) -> None:
    query = {"page_size": "10", "app_key": client.world.app.key, "timestamp": str(int(time.time()))}
    query["shop_cipher"] = client.cipher
    unsigned = sign(client.world.app.secret, SEARCH, query.items())
    assert client.raw("POST", SEARCH, query, b"{}", sign=unsigned).json()["code"] == 0
    assert client.raw("POST", SEARCH, query, b'{"order_status": "ON_HOLD"}', sign=unsigned).json()["code"] == 106001


def test_old_style_parameters_are_taken(client: Client) -> None:
    reply = client.raw("POST", SEARCH, PAGE, version="202309", shop_id="", access_token="not signed, not read")
    assert reply.json()["code"] == 0
    assert refused(client, "POST", SEARCH, PAGE, shop_id="42")[1] == 36009004


def test_the_token_travels_in_the_header_only(client: Client) -> None:
    token, client.token = client.token, ""
    status, code, message = refused(client, "GET", SHOPS, access_token=token)
    assert (status, code) == (400, 36009004)
    assert message == "Invalid credentials. The 'x-tts-access-token' header is invalid."


def test_an_expired_token(client: Client) -> None:
    client.advance(7 * 86_400)
    assert refused(client, "GET", SHOPS)[:2] == (401, 105002)


def test_ciphers(client: Client) -> None:
    assert refused(client, "POST", SEARCH, PAGE, shop_cipher=None)[:2] == (400, 106013)
    foreign = list(client.world.shops())[1].cipher
    assert refused(client, "POST", SEARCH, PAGE, shop_cipher=foreign)[:2] == (400, 101000)
    status, code, message = refused(client, "GET", SHOPS, shop_cipher=client.cipher)
    assert (status, code) == (400, 36009004)
    assert "shop_cipher" in message


def test_a_scope_that_was_not_granted(make_client: Callable[..., Client]) -> None:
    client = make_client()
    client.connect(scopes=["seller.authorization.info"])
    assert client.call("GET", SHOPS)["code"] == 0
    assert refused(client, "POST", SEARCH, PAGE)[:2] == (403, 105005)


@pytest.mark.parametrize(
    ("query", "body", "message"),
    [
        ({}, None, "PageSize is a required field and has not been provided."),
        ({}, {"page_size": 10}, "PageSize is a required field and has not been provided."),
        ({"page_size": "ten"}, None, "param page_size type invalid. actual type:string, expected type:int64"),
        ({"page_size": 101}, None, "The 'page_size' parameter is invalid: 101 is greater than the maximum of 100."),
        ({"page_size": 0}, None, "The 'page_size' parameter is invalid: 0 is less than the minimum of 1."),
        (
            PAGE | {"sort_order": "UP"},
            None,
            "The 'sort_order' parameter is invalid: 'UP' is not one of ['ASC', 'DESC'].",
        ),
        (PAGE, {"create_time_ge": "1"}, "param create_time_ge type invalid. actual type:string, expected type:int64"),
        (PAGE, {"statuses": []}, "param statuses is unknown."),
        (PAGE, "text", "param body type invalid. actual type:string, expected type:map"),
        (PAGE | {"page_token": "junk="}, None, "The 'page_token' query parameter is invalid."),
    ],
)
def test_parameters(client: Client, query: dict[str, Any], body: Any, message: str) -> None:
    answer = client.call("POST", SEARCH, query, body)
    assert (answer["code"], answer["message"]) == (36009004, message)
    assert answer["data"] is None


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b"{}\n", b"\n"])
def test_no_filter_can_be_written_in_many_ways(client: Client, content: bytes) -> None:
    answer = client.raw("POST", SEARCH, PAGE, content).json()
    assert answer["data"]["total_count"] == 12


def test_a_required_body_names_its_first_member(client: Client) -> None:
    path = "/fulfillment/202309/orders/1/packages"
    assert client.call("POST", path)["message"] == "TrackingNumber is a required field and has not been provided."


def test_at_most_fifty_orders_at_once(client: Client) -> None:
    ids = ",".join(str(number) for number in range(51))
    assert client.call("GET", DETAIL, {"ids": ids})["code"] == 36009004
    assert "Ids is a required field" in client.call("GET", DETAIL)["message"]


def test_every_answer_has_a_request_id_and_the_worlds_date(client: Client) -> None:
    client.advance(86_400)
    reply = client.raw("GET", SHOPS)
    assert reply.headers["date"].startswith("Tue, 24 Nov 2026 15:0")
    assert len(reply.json()["request_id"]) == 34
    assert reply.json()["message"] == "Success"


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json(client: Client, content: bytes) -> None:
    assert client.raw("POST", SEARCH, PAGE, content).json()["code"] == 36009022


def test_a_member_may_repeat_what_the_path_says(client: Client) -> None:
    order = client.buy_ready()
    path = f"/fulfillment/202309/orders/{order['id']}/packages"
    body = {"order_id": "1", "tracking_number": "9400100000000000000011", "shipping_provider_id": USPS}
    assert client.call("POST", path, body=body)["message"] == "param order_id is unknown."
    assert client.call("POST", path, body=body | {"order_id": order["id"]})["code"] == 0


def test_null_and_empty_members_count_as_absent(client: Client) -> None:
    assert client.call("POST", SEARCH, PAGE, {"order_status": None, "create_time_ge": None})["code"] == 0
    order = client.buy_ready()
    body = {"order_line_item_ids": [], "tracking_number": "9400100000000000000011", "shipping_provider_id": USPS}
    shipped = client.data("POST", f"/fulfillment/202309/orders/{order['id']}/packages", body=body)
    assert shipped["order_line_item_ids"] == [line["id"] for line in order["line_items"]]
    ship = f"/fulfillment/202309/packages/{shipped['package_id']}/ship"
    assert client.call("POST", ship, body={"pickup_slot": [], "handover_method": "DROP_OFF"})["code"] != 36009004
    without = client.call("POST", f"/fulfillment/202309/orders/{order['id']}/packages", body={"tracking_number": None})
    assert without["message"] == "TrackingNumber is a required field and has not been provided."


def test_a_list_may_be_joined_or_said_again(client: Client) -> None:
    first, second = sorted(client.buy() for _ in range(2))
    for ids in ([first, second], [second, first]):
        joined = client.data("GET", DETAIL, {"ids": ",".join(ids)})["orders"]
        query = [
            ("app_key", client.world.app.key),
            ("timestamp", str(int(time.time()))),
            ("shop_cipher", client.cipher),
        ]
        query += [("ids", each) for each in ids]
        query.append(("sign", sign(client.world.app.secret, DETAIL, query)))
        headers = {"x-tts-access-token": client.token, "content-type": "application/json"}
        again = client.http.get(DETAIL, params=query, headers=headers).json()
        assert (again["code"], again["data"]["orders"]) == (0, joined)
