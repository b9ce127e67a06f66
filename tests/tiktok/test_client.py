import email.utils
import gc
import logging
import weakref
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.tiktok import answers
from gcw_tiktok.tiktok.client import PATIENCE, TRIES, Client
from gcw_tiktok.tiktok.errors import (
    AppMisconfigured,
    BadRequest,
    NotAuthorized,
    OnHold,
    OutcomeUnknown,
    TikTokRefused,
    Unavailable,
)
from tiktok.far_side import NOW, FarSide, envelope

SEARCH = "/order/{version}/orders/search"


def read(client: Client) -> dict[str, Any]:
    return client.call("search_orders", "POST", SEARCH, json={"a": "ü"}, repeatable=True)


def write(client: Client) -> dict[str, Any]:
    return client.call("mark_shipped", "POST", "/fulfillment/{version}/x", json={"a": 1}, repeatable=False)


def limit(**headers: str) -> httpx.Response:
    return envelope(code=36009002, message="Too many requests", status=429, **headers)


INTERNAL = envelope(code=36009003, message="Internal error. Please try again.", status=500)
EXPIRED = envelope(code=105002, message="Expired credentials.", status=401)
PAGE = httpx.Response(502, html="<html>secret page</html>")


def test_a_call_sends_what_tiktok_wants(far: FarSide) -> None:
    far.will(envelope({"orders": []}, date=email.utils.formatdate(NOW - 3, usegmt=True)))
    client = far.client()
    assert read(client) == {"orders": []}
    request = far.requests[0]
    assert request.url.path == "/order/202309/orders/search"
    assert request.headers["x-tts-access-token"] == "token-1"
    assert request.headers["content-type"] == "application/json"
    assert request.content == '{"a":"ü"}'.encode()
    assert set(request.url.params) == {"app_key", "timestamp", "sign", "shop_cipher"}
    assert request.url.params["timestamp"] == str(int(NOW))
    assert client.last_request_id == "REQ1"
    assert client.server_time == NOW - 3


def test_empty_parameters_and_an_unwanted_cipher_stay_away(far: FarSide) -> None:
    far.will(envelope(None))
    params = {"page_token": "", "nothing": None, "page_size": 5}
    far.client().call("authorized_shops", "GET", "/x", params=params, repeatable=True, shop=False)
    assert set(far.requests[0].url.params) == {"app_key", "timestamp", "sign", "page_size"}
    assert far.requests[0].headers["content-type"] == "application/json"
    assert far.requests[0].content == b""


@pytest.mark.parametrize(
    "failure",
    [INTERNAL, PAGE, httpx.ReadTimeout("slow"), httpx.ConnectError("down"), httpx.RemoteProtocolError("cut")],
    ids=repr,
)
def test_a_read_is_sent_again_and_signed_again(far: FarSide, failure: Any) -> None:
    far.will(failure, failure, envelope({"ok": 1}))
    assert read(far.client()) == {"ok": 1}
    stamps = [request.url.params["timestamp"] for request in far.requests]
    assert len(set(stamps)) == 3
    assert 1 <= far.slept[0] <= 1.5
    assert 2 <= far.slept[1] <= 2.5


def test_a_read_gives_up_in_the_end(far: FarSide) -> None:
    far.will(INTERNAL)
    with pytest.raises(Unavailable) as caught:
        read(far.client())
    assert len(far.requests) == TRIES
    assert caught.value.tiktok_code == 36009003
    assert caught.value.request_id == "REQ1"


@pytest.mark.parametrize(
    "failure",
    [
        INTERNAL,
        PAGE,
        httpx.ReadTimeout("slow"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("cut"),
        httpx.Response(200, text='{"code": 0, "da', headers={"content-type": "application/json"}),
        httpx.Response(200, json={"code": 0, "data": []}),
        httpx.Response(200, text='{"code": 1e999}', headers={"content-type": "application/json"}),
        envelope(code=36009007, message="timeout", status=408),
        envelope(code=21001003, message="internal failure or timeout"),
    ],
    ids=repr,
)
def test_a_write_whose_answer_is_lost_is_never_repeated(far: FarSide, failure: Any) -> None:
    far.will(failure)
    with pytest.raises(OutcomeUnknown) as caught:
        write(far.client())
    assert len(far.requests) == 1
    assert isinstance(caught.value, TryAgain)
    assert "gcw orders pull" in caught.value.hint


@pytest.mark.parametrize("failure", [httpx.ConnectError("down"), httpx.ConnectTimeout("slow")], ids=repr)
def test_a_write_that_was_never_sent_is_only_unavailable(far: FarSide, failure: Exception) -> None:
    far.will(failure)
    with pytest.raises(Unavailable):
        write(far.client())
    assert len(far.requests) == 1


@pytest.mark.parametrize("do", [read, write])
def test_a_rate_limit_is_waited_out_even_by_a_write(far: FarSide, do: Any) -> None:
    date = email.utils.formatdate(NOW + 20, usegmt=True)
    far.will(limit(retry_after="7"), limit(retry_after=date), envelope({"ok": 1}))
    assert do(far.client()) == {"ok": 1}
    assert far.slept[0] == 7
    assert 12 <= far.slept[1] <= 13


def test_a_wait_longer_than_patience_is_told_instead(far: FarSide) -> None:
    far.will(limit(retry_after="900"))
    with pytest.raises(Unavailable) as caught:
        read(far.client())
    assert far.slept == []
    assert "900 seconds" in caught.value.hint


@given(st.text())
def test_any_retry_after_header_gives_a_wait(header: str) -> None:
    response = httpx.Response(429, headers=[(b"retry-after", header.encode("utf-8"))])
    assert answers.retry_after(response, NOW) >= 0


def test_waits_are_bounded(far: FarSide) -> None:
    far.will(limit(retry_after="50"))
    with pytest.raises(Unavailable):
        read(far.client())
    assert sum(far.slept) <= PATIENCE


@pytest.mark.parametrize("do", [read, write])
@pytest.mark.parametrize(
    "refusal",
    [
        EXPIRED,
        envelope(code=36009004, message="Invalid credentials. The 'x-tts-access-token' header is invalid", status=400),
    ],
    ids=["expired", "invalid"],
)
def test_an_expired_token_is_renewed_once(far: FarSide, do: Any, refusal: httpx.Response) -> None:
    far.will(refusal, envelope({"ok": 1}))
    assert do(far.client()) == {"ok": 1}
    assert [request.headers["x-tts-access-token"] for request in far.requests] == ["token-1", "token-2"]
    assert far.slept == []


def test_a_token_that_expires_at_the_last_try_is_renewed_all_the_same(far: FarSide) -> None:
    far.will(*[INTERNAL] * (TRIES - 1), EXPIRED, envelope({"ok": 1}))
    assert read(far.client()) == {"ok": 1}
    assert far.tokens.number == 2


def test_a_token_refused_twice_needs_a_person(far: FarSide) -> None:
    far.will(EXPIRED)
    with pytest.raises(NotAuthorized) as caught:
        read(far.client())
    assert len(far.requests) == 2
    assert "gcw store connect" in caught.value.hint


def test_refusals_are_not_repeated(far: FarSide) -> None:
    far.will(envelope(code=21011044, message="Order status is on hold."))
    with pytest.raises(OnHold) as caught:
        write(far.client())
    assert len(far.requests) == 1
    assert caught.value.exit_code == 5


def test_a_wrong_signature_is_no_server_failure_though_it_says_500(far: FarSide) -> None:
    far.will(envelope(code=106001, message="The 'sign' query parameter is invalid.", status=500))
    with pytest.raises(AppMisconfigured):
        write(far.client())
    assert len(far.requests) == 1


def test_a_wrong_clock_is_measured(far: FarSide) -> None:
    message = "Invalid credentials. The 'timestamp' query parameter is earlier than 5 minutes"
    date = email.utils.formatdate(NOW + 400, usegmt=True)
    far.will(envelope(code=36009004, message=message, status=400, date=date))
    with pytest.raises(AppMisconfigured, match="timestamp") as caught:
        read(far.client())
    assert "400 s behind" in caught.value.hint


@pytest.mark.parametrize("code", [36009009, 36009010, 36009014])
def test_an_older_version_is_used_where_the_newer_is_unknown(far: FarSide, code: int) -> None:
    far.will(envelope(code=code, message="Invalid path", status=404), envelope({"ok": 1}))
    client = far.client()
    write(client)
    write(client)
    assert [request.url.path.split("/")[2] for request in far.requests] == ["202610", "202309", "202309"]
    assert client.version("mark_shipped") == "202309"


def test_no_version_left_is_a_refusal(far: FarSide) -> None:
    far.will(envelope(code=36009014, message="Invalid API version", status=400))
    with pytest.raises(TikTokRefused) as caught:
        write(far.client())
    assert len(far.requests) == 2
    assert "Update gcw" in caught.value.hint


def test_other_failures_do_not_fall_back(far: FarSide) -> None:
    far.will(envelope(code=21011022, message="tracking number invalid"))
    with pytest.raises(BadRequest):
        write(far.client())
    assert len(far.requests) == 1


@pytest.mark.parametrize("status", [200, 301, 403, 404, 407, 502])
def test_a_proxys_page_is_named_but_never_shown(far: FarSide, status: int) -> None:
    far.will(httpx.Response(status, html="<html>secret</html>"))
    with pytest.raises(Unavailable) as caught:
        read(far.client())
    text = f"{caught.value} {caught.value.hint}"
    assert "api.example.test" in text
    assert str(status) in text
    assert "text/html" in text
    assert "secret" not in text


@given(st.binary(max_size=200), st.sampled_from([200, 400, 429, 500]))
def test_no_answer_breaks_the_reading(body: bytes, status: int) -> None:
    far = FarSide().will(httpx.Response(status, content=body))
    with pytest.raises(Unavailable):
        read(far.client())


def test_messages_of_others_cannot_drive_the_terminal(far: FarSide) -> None:
    far.will(envelope(code=25001001, message="bad\x1b[2J\nline " + "x" * 900))
    with pytest.raises(BadRequest) as caught:
        read(far.client())
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_pages_follow_the_token_until_it_is_empty(far: FarSide) -> None:
    far.will(
        envelope({"orders": [{"id": "1"}, None], "next_page_token": "a+/="}),
        envelope({"orders": [{"id": "2"}], "next_page_token": "b"}),
        envelope({"orders": None}),
    )
    found = far.client().pages("search_orders", "POST", SEARCH, "orders", params={"page_size": 1}, json={})
    assert [row["id"] for row in found] == ["1", "2"]
    assert [request.url.params.get("page_token") for request in far.requests] == [None, "a+/=", "b"]


def test_a_repeated_page_token_ends_the_reading_loudly(far: FarSide) -> None:
    far.will(envelope({"orders": [{"id": "1"}], "next_page_token": "same"}))
    rows = far.client().pages("search_orders", "POST", SEARCH, "orders", json={})
    with pytest.raises(Unavailable, match="same page"):
        list(rows)
    assert len(far.requests) == 2


def test_pages_are_read_only_when_asked_for(far: FarSide) -> None:
    far.will(envelope({"orders": [{"id": "1"}], "next_page_token": "more"}))
    rows = far.client().pages("search_orders", "POST", SEARCH, "orders", json={})
    assert far.requests == []
    next(rows)
    assert len(far.requests) == 1


def test_secrets_stay_out_of_failures_and_logs(far: FarSide, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    far.will(INTERNAL)
    with pytest.raises(Unavailable) as caught:
        read(far.client())
    told = f"{caught.value} {caught.value.hint} {caplog.text}"
    assert "secret" not in told
    assert "token-1" not in told


def test_after_giving_up_the_next_call_does_not_wait_for_it(far: FarSide) -> None:
    far.will(*[INTERNAL] * TRIES, envelope({"ok": 1}))
    client = far.client()
    with pytest.raises(Unavailable):
        read(client)
    before = len(far.slept)
    assert read(client) == {"ok": 1}
    assert len(far.slept) == before == TRIES - 1


def test_what_is_asked_is_told_without_secrets(far: FarSide) -> None:
    far.will(limit(retry_after="7"), httpx.ReadTimeout("slow"), PAGE, envelope({"orders": []}))
    read(far.client())
    told = "\n".join(far.told)
    assert [line.split(",")[0] for line in far.told] == [
        "POST /order/202309/orders/search: HTTP 429",
        "waiting 7 s: TikTok limits Paper Harbor",
        "POST /order/202309/orders/search: ReadTimeout",
        "waiting 2 s: TikTok did not answer as it should",
        "POST /order/202309/orders/search: HTTP 502",
        "waiting 4 s: TikTok did not answer as it should",
        "POST /order/202309/orders/search: HTTP 200",
    ]
    assert "code 36009002" in told
    assert "REQ1" in told
    assert not any(secret in told for secret in ("token-1", "secret", "sign", "CIPHER", "ü"))


def test_a_shop_that_is_to_be_left_alone_for_long_is_not_asked_at_all(far: FarSide) -> None:
    far.will(limit(retry_after="900"))
    client = far.client()
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            read(client)
    assert len(far.requests) == 1
    assert "Paper Harbor for another 900 seconds" in str(caught.value)
    assert caught.value.exit_code == 6


def test_an_answer_is_let_go_without_a_search_for_garbage() -> None:
    """A pull reads thousands of them, a third of a megabyte each."""
    answer = envelope({"orders": []})
    kept = weakref.ref(answer)
    far = FarSide()
    far.answers.append(answer)
    del answer
    client = far.client()
    gc.disable()
    try:
        client.call("search_orders", "POST", SEARCH, json={}, repeatable=True)
        far.answers.clear()
        assert kept() is None
    finally:
        gc.enable()
