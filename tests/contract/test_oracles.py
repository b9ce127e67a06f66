"""The oracles find what is wrong: each kind of slip is put into a right exchange."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from contract import scenario
from contract.exchanges import OUTER, Exchange, odd_in_events, odd_in_reply, odd_in_request
from contract.known import unexplained
from contract.marks import needs_october

SEARCH = "POST /order/202309/orders/search"
Slip = Callable[[Any], object]


@pytest.fixture(scope="module")
def search() -> Exchange:
    return next(each for each in scenario.play().exchanges if each.name == SEARCH)


@pytest.fixture(params=OUTER)
def oracle(request: pytest.FixtureRequest) -> str:
    if OUTER[request.param].ABSENT:
        pytest.skip(OUTER[request.param].ABSENT)
    name: str = request.param
    return name


REPLIES: dict[str, tuple[Slip, str]] = {
    "an unknown member": (lambda data: data["orders"][0]["payment"].update(tip="1"), "data.orders[].payment.tip"),
    "an id as a number": (lambda data: data["orders"][0].update(id=17), "data.orders[].id"),
    "a time as text": (lambda data: data["orders"][0].update(create_time="17"), "data.orders[].create_time"),
    "a flag as a number": (lambda data: data["orders"][0].update(is_cod=0), "data.orders[].is_cod"),
    "null": (lambda data: data["orders"][0].update(buyer_message=None), "data.orders[].buyer_message"),
    "one for many": (lambda data: data.update(orders=data["orders"][0]), "data.orders"),
    "many for one": (lambda data: data["orders"][0].update(payment=[]), "data.orders[].payment"),
}


@pytest.mark.parametrize("slip", REPLIES)
def test_a_wrong_reply_is_found(search: Exchange, oracle: str, slip: str) -> None:
    spoil, member = REPLIES[slip]
    answer = copy.deepcopy(search.answer)
    assert answer
    spoil(answer["data"])
    odd = [each for each in unexplained(odd_in_reply(replace(search, answer=answer))) if each.oracle == oracle]
    assert member in {each.member for each in odd}


def test_a_reply_without_data_does_not_parse(search: Exchange, oracle: str) -> None:
    answer = {**(search.answer or {}), "data": None}
    assert [each for each in odd_in_reply(replace(search, answer=answer)) if each.oracle == oracle]


REQUESTS: dict[str, tuple[Any, str]] = {
    "an unknown member": ({"body": {"colour": "red"}}, "colour"),
    "a time as text": ({"body": {"create_time_ge": "5"}}, "create_time_ge"),
    "a body that is a list": ({"body": [1]}, ""),
    "an unknown parameter": ({"query": [("page_size", "10"), ("colour", "red")]}, "colour"),
    "a number in words": ({"query": [("page_size", "ten")]}, "page_size"),
    "no page size": ({"query": []}, "page_size"),
}


@pytest.mark.parametrize("slip", REQUESTS)
def test_a_wrong_request_is_found(search: Exchange, oracle: str, slip: str) -> None:
    sent, member = REQUESTS[slip]
    wrong = replace(
        search,
        query=tuple(sent.get("query", search.query)),
        sent=json.dumps(sent.get("body", {})).encode(),
    )
    assert member in {each.member for each in odd_in_request(wrong) if each.oracle == oracle}


def test_choices_are_known(search: Exchange, oracle: str) -> None:
    """TikTok lists a status's choices in prose; the models of October list those of a request only."""
    if oracle == "tiktok":
        answer = copy.deepcopy(search.answer or {})
        answer["data"]["orders"][0]["status"] = "LOST"
        assert "data.orders[].status" in {each.member for each in odd_in_reply(replace(search, answer=answer))}
    wrong = replace(search, sent=b'{"order_status": "LOST"}')
    assert "order_status" in {each.member for each in odd_in_request(wrong) if each.oracle == oracle}


def test_a_cipher_that_no_call_asked_for_is_found(oracle: str) -> None:
    shops = next(each for each in scenario.play().exchanges if each.name == "GET /authorization/202309/shops")
    assert not [each for each in odd_in_request(shops) if each.oracle == oracle]
    wrong = replace(shops, query=(*shops.query, ("shop_cipher", "GCP_x")))
    assert [each.member for each in odd_in_request(wrong) if each.oracle == oracle] == ["shop_cipher"]


@needs_october
def test_a_wrong_webhook_is_found() -> None:
    event = next(each for each in scenario.play().events if each.topic == "ORDER_STATUS_CHANGE")
    assert not list(odd_in_events([event]))
    for wrong in ({"order_id": 17}, {"colour": "red"}):
        assert [each.member for each in odd_in_events([replace(event, data=event.data | wrong)])] == [
            f"data.{name}" for name in wrong
        ]
