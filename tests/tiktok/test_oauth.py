import contextlib
import logging
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.errors import BadInput, GcwError, Refused
from gcw_tiktok.tiktok import oauth
from gcw_tiktok.tiktok.errors import AppMisconfigured, NotAuthorized, OutcomeUnknown, Unavailable
from tiktok.far_side import FarSide, envelope

AUTH = "https://auth.example.test"
STATE = "st-8_Kd~x"
CODES = st.text("ABCDEFabcdef0123456789-_.~+/", min_size=1).filter(lambda code: code != "null")
TOKENS = {
    "access_token": "ACCESS-1",
    "access_token_expire_in": 1795900000,
    "refresh_token": "REFRESH-1",
    "refresh_token_expire_in": "1826836000",
    "open_id": "open-1",
    "seller_name": None,
    "user_type": 0,
    "granted_scopes": ["seller.order.info"],
    "something_new": {},
}


def test_the_address_to_open_carries_service_and_state() -> None:
    address = oauth.authorize_address("https://services.example.test/open/authorize", "123", f" {STATE} ")
    assert address.startswith("https://services.example.test/open/authorize?")
    assert parse_qs(urlsplit(address).query) == {"service_id": ["123"], "state": [STATE]}


@given(CODES)
def test_the_code_is_found_in_whatever_is_pasted(code: str) -> None:
    query = urlencode({"app_key": "k", "code": code, "locale": "en-US", "state": STATE})
    for pasted in (
        f"https://psp.example.test/back?{query}",
        f"  'https://psp.example.test/back?{query}'\n",
        f"http://localhost:8400/?{query}#top",
        f"?{query}",
        query,
        f"https://psp.example.test/back?{query[:9]}\n{query[9:]}",
    ):
        assert oauth.code_from_redirect(pasted, STATE) == code


@pytest.mark.parametrize("code", ["TTP_FeBoANmHP3yq", "ROW_a-b_c", "TTP_abc==", "my-code=="])
def test_the_bare_code_will_do(code: str) -> None:
    assert oauth.code_from_redirect(f' "{code}" \n', STATE) == code


def test_a_percent_encoded_code_is_decoded() -> None:
    assert oauth.code_from_redirect("TTP%2Fabc%3D", STATE) == "TTP/abc="
    assert oauth.code_from_redirect(f"code=TTP%2Fabc%3D&state={STATE}", STATE) == "TTP/abc="


@pytest.mark.parametrize(
    "answer",
    [
        f"https://psp.example.test/?code=null&error=auth_denied&state={STATE}",
        "https://psp.example.test/?code=null",
        "code=&state=" + STATE,
        "error=auth_denied",
        "?error=anything&code=TTP_x",
        "null",
    ],
)
def test_a_denial_is_told_as_one(answer: str) -> None:
    with pytest.raises(Refused, match="denied"):
        oauth.code_from_redirect(answer, STATE)


@pytest.mark.parametrize(
    "answer",
    ["code=TTP_x&state=other", "code=TTP_x&state=", "code=TTP_x&state=\udc80", f"code=TTP_x&state={STATE}&state=other"],
)
def test_a_foreign_state_is_refused(answer: str) -> None:
    with pytest.raises(BadInput, match="another attempt"):
        oauth.code_from_redirect(answer, STATE)


@pytest.mark.parametrize(
    "answer", ["", "   ", "''", "https://psp.example.test/", "no idea what this is", f"state={STATE}", "code=a&code=b"]
)
def test_nothing_useful_asks_for_the_address(answer: str) -> None:
    with pytest.raises(BadInput, match="no authorization code") as caught:
        oauth.code_from_redirect(answer, STATE)
    assert "Paste" in caught.value.hint


@given(st.text())
def test_nothing_pasted_breaks_the_parser(answer: str) -> None:
    with contextlib.suppress(BadInput, Refused):
        assert oauth.code_from_redirect(answer, STATE)


def test_a_code_becomes_tokens(far: FarSide) -> None:
    far.will(envelope(TOKENS))
    grant = oauth.exchange(far.http(), AUTH + "/", "key", "secret", "TTP/c=")
    assert (grant.access_token, grant.refresh_token) == ("ACCESS-1", "REFRESH-1")
    assert (grant.access_token_expire_in, grant.refresh_token_expire_in) == (1795900000, 1826836000)
    assert (grant.seller_name, grant.seller_base_region, grant.is_seller) == ("", "", True)
    request = far.requests[0]
    assert request.method == "GET"
    assert request.url.path == "/api/v2/token/get"
    assert dict(request.url.params) == {
        "app_key": "key",
        "app_secret": "secret",
        "auth_code": "TTP/c=",
        "grant_type": "authorized_code",
    }


def test_a_refresh_asks_for_refresh(far: FarSide) -> None:
    far.will(envelope(TOKENS))
    oauth.refresh(far.http(), AUTH, "key", "secret", "REFRESH-0")
    assert far.requests[0].url.path == "/api/v2/token/refresh"
    assert far.requests[0].url.params["grant_type"] == "refresh_token"


def test_tokens_are_never_shown(far: FarSide, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    far.will(envelope(TOKENS))
    http = far.http()
    shown = repr(oauth.exchange(http, AUTH, "key", "secret", "code"))
    http.get("https://other.example.test/logged")
    assert "ACCESS-1" not in shown
    assert "REFRESH-1" not in shown
    assert "secret" not in caplog.text
    assert "other.example.test/logged" in caplog.text


@pytest.mark.parametrize(
    ("code", "message", "sorted_as"),
    [
        (36004004, "invalid auth code", NotAuthorized),
        (36004001, "rt has expired", NotAuthorized),
        (36004005, "can not find related auth record", NotAuthorized),
        (98001004, "invalid params: auth_code", NotAuthorized),
        (98001004, "invalid params: app_secret", AppMisconfigured),
        (36009004, "Invalid 'app_key' query parameter", AppMisconfigured),
        (36004099, "something new", AppMisconfigured),
        (36009003, "Internal error", Unavailable),
    ],
)
def test_refused_tokens_say_whose_fault_it_is(far: FarSide, code: int, message: str, sorted_as: type[GcwError]) -> None:
    far.will(envelope(None, code=code, message=message))
    with pytest.raises(sorted_as) as caught:
        oauth.refresh(far.http(), AUTH, "key", "secret", "REFRESH-0")
    assert caught.value.hint
    assert "secret-word" not in str(caught.value)
    assert len(far.requests) == 1


@pytest.mark.parametrize(
    "failure", [httpx.ReadTimeout("slow"), httpx.Response(502, html="x"), httpx.Response(200, text="{")], ids=repr
)
def test_a_lost_answer_is_never_asked_for_twice(far: FarSide, failure: httpx.Response | Exception) -> None:
    far.will(failure)
    with pytest.raises(OutcomeUnknown, match="may be used up"):
        oauth.exchange(far.http(), AUTH, "key", "secret", "code")
    with pytest.raises(Unavailable):
        oauth.refresh(far.http(), AUTH, "key", "secret", "REFRESH-0")
    assert len(far.requests) == 2


def test_an_unreachable_token_host_leaves_the_code_good(far: FarSide) -> None:
    far.will(httpx.ConnectError("down"))
    with pytest.raises(Unavailable, match=r"auth\.example\.test could not be reached"):
        oauth.exchange(far.http(), AUTH, "key", "secret", "code")


def test_unreadable_tokens_are_not_quoted(far: FarSide) -> None:
    far.will(envelope({**TOKENS, "access_token_expire_in": "REFRESH-1"}))
    with pytest.raises(Unavailable, match="access_token_expire_in") as caught:
        oauth.refresh(far.http(), AUTH, "key", "secret", "REFRESH-0")
    assert "REFRESH-1" not in str(caught.value)
