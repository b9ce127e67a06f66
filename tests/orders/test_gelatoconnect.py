"""Orders go to GelatoConnect once each, whatever becomes of the request, the answer or gcw itself."""

from typing import Any

import httpx
import pytest
from flask.typing import ResponseReturnValue
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from conftest import Gcw
from gcw_tiktok.store.tables import ConnectionDesign, Customer, DesignSource, Facility, OutboxEntry
from gcw_tiktok.workflow.production import gelatoconnect
from orders import killing
from orders.connector import CANCEL_URL, HAND_OFF, KEY, SOURCE, Intake, connect
from orders.shop import Shop

TROUBLES = [httpx.ReadTimeout("slow"), httpx.ReadError("cut"), httpx.RemoteProtocolError("torn")]


@pytest.fixture
def intake(shop: Shop) -> Intake:
    return connect(shop)[0]


def effect(shop: Shop) -> str:
    """What the outbox says of the only hand-off."""
    with shop.session() as session:
        return session.exec(select(OutboxEntry.state).where(OutboxEntry.kind == "hand_off")).one()


def test_a_released_order_is_there_as_its_document_says(either_shop: Shop) -> None:
    intake, _ = connect(either_shop)
    with either_shop.session() as session:
        session.exec(select(Customer)).one().reference = "C-17"
    order_id = either_shop.released(2)
    (sent,) = intake.seen
    assert sent["headers"]["X-Api-Key"] == KEY
    assert sent["headers"]["Customer-Reference-Id"] == "C-17"
    body = sent["body"]
    assert (body["orderReferenceId"], body["preventDuplicate"]) == (f"TTS-{order_id}", True)
    assert [item["itemReferenceId"] for item in body["items"]] == sorted(either_shop.lines(order_id))
    assert [item["files"] for item in body["items"]] == [[{"type": "default", "url": SOURCE}]] * 2
    assert body["shippingAddress"]["country"] == "US"
    assert (either_shop.stage(order_id), effect(either_shop)) == ("created", "done")
    either_shop.gcw("orders", "release")
    assert len(intake.seen) == 1


@pytest.mark.parametrize("answer", [({"message": "slow down"}, 429), ("<html>", 500), ({}, 503), ("", 408)])
def test_what_passes_leaves_the_order_to_the_next_run(shop: Shop, intake: Intake, answer: ResponseReturnValue) -> None:
    order_id = shop.ready()
    intake.instead.append(answer)
    shop.gcw.fails(6, "orders", "release")
    assert (shop.stage(order_id), effect(shop), shop.holds(order_id)) == ("passed", "written", [])
    shop.gcw("orders", "release")
    assert (shop.stage(order_id), effect(shop), len(intake.orders)) == ("created", "done", 1)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: type(one).__name__)
def test_a_lost_answer_is_read_back(shop: Shop, intake: Intake, trouble: Exception) -> None:
    order_id = shop.ready()
    intake.lost.append(trouble)
    shop.gcw.fails(6, "orders", "release")
    assert (shop.stage(order_id), effect(shop)) == ("passed", "written")
    shop.gcw("orders", "release")
    assert (shop.stage(order_id), effect(shop), shop.holds(order_id)) == ("created", "done", [])
    assert len(intake.seen) == 1, "it was not sent again"


@pytest.mark.parametrize("answer", ["", "{", "[]", {}, {"id": None}, {"id": "x", "orderReferenceId": "TTS-other"}])
def test_an_answer_that_says_nothing_is_read_back(shop: Shop, intake: Intake, answer: Any) -> None:
    order_id = shop.ready()
    intake.garbled.append(answer)
    shop.gcw.fails(6, "orders", "release")
    assert effect(shop) == "written"
    shop.gcw("orders", "release")
    assert (shop.stage(order_id), len(intake.seen)) == ("created", 1)


def test_where_nothing_can_be_read_back_the_far_side_refuses_the_second_and_a_person_looks(
    shop: Shop, intake: Intake
) -> None:
    order_id = shop.ready()
    intake.reads_back = False
    intake.lost.append(httpx.ReadTimeout("slow"))
    shop.gcw.fails(6, "orders", "release")
    shop.gcw("orders", "release")
    assert len(intake.orders) == 1
    assert (shop.stage(order_id), shop.holds(order_id)) == ("created", ["needs_decision"])


@pytest.mark.parametrize("reads_back", [True, False])
def test_a_cancel_after_a_lost_answer_is_put_to_a_person(shop: Shop, intake: Intake, reads_back: bool) -> None:
    """Nothing cancelled is printed unseen: the order may be there."""
    order_id = shop.ready()
    intake.reads_back = reads_back
    intake.lost.append(httpx.ReadTimeout("slow"))
    shop.gcw.fails(6, "orders", "release")
    shop.do(order_id, "cancel")
    shop.gcw.run("orders", "release", order_id)
    shop.gcw("orders", "pull")
    assert shop.holds(order_id) == ["needs_decision"]
    assert len(intake.seen) == 1


def test_a_refusal_holds_the_order_with_the_far_sides_words(shop: Shop, intake: Intake) -> None:
    order_id = shop.ready()
    intake.instead.append(({"message": "postCode is\nnot valid"}, 422))
    ran = shop.gcw.fails(5, "orders", "release", "--json")
    assert "postCode is not valid" in ran.error["message"]
    assert (shop.holds(order_id), effect(shop)) == (["needs_decision"], "void")
    assert "postCode is not valid" in shop.order(order_id)["holds"][0]["sentence"]
    shop.gcw("orders", "release")
    assert intake.orders == {}
    shop.gcw("orders", "release", order_id, "--yes")
    assert (shop.stage(order_id), len(intake.orders)) == ("created", 1)


def test_a_key_that_is_not_taken_is_told_and_can_be_given_anew(shop: Shop, intake: Intake) -> None:
    order_id = shop.ready()
    shop.gcw("facility", "key", "Far", stdin="another")
    ran = shop.gcw.fails(3, "orders", "release", "--json")
    assert "gcw facility key" in ran.error["hint"]
    assert "another" not in ran.stderr
    shop.gcw("facility", "key", "Far", stdin=KEY)
    shop.gcw("orders", "release")
    assert (shop.stage(order_id), shop.holds(order_id), len(intake.orders)) == ("created", [], 1)


def test_a_connector_that_cannot_be_reached_has_nothing(shop: Shop) -> None:
    intake, split = connect(shop)
    order_id = shop.ready()

    def down(request: httpx.Request) -> None:
        raise httpx.ConnectError("refused")

    split.down = down
    shop.gcw.fails(6, "orders", "release")
    split.down = lambda request: None
    shop.gcw("orders", "release")
    assert (shop.stage(order_id), len(intake.orders)) == ("created", 1)


@pytest.mark.parametrize("why", ["local", "changed", "print-ready", "another"])
def test_what_it_could_not_fetch_or_would_fetch_otherwise_is_not_sent(shop: Shop, intake: Intake, why: str) -> None:
    order_id = shop.ready()
    with shop.session() as session:
        design = session.exec(select(ConnectionDesign)).one()
        source = session.get_one(DesignSource, SOURCE)
        if why == "local":
            design.source = "/home/me/poster.pdf"
        elif why == "print-ready":
            design.print_sha256 = design.sha256
        elif why == "changed":
            source.changed_sha256 = design.sha256
        else:
            session.delete(source)
    ran = shop.gcw.fails(4, "orders", "release", "--json")
    assert "design" in ran.error["message"]
    assert (intake.seen, shop.stage(order_id), effect(shop)) == ([], "passed", "void")


@pytest.mark.parametrize("reads_back", [True, False])
def test_killed_anywhere_it_is_sent_once(shop: Shop, reads_back: bool) -> None:
    intake, _ = connect(shop)
    intake.reads_back = reads_back
    shop.ready()
    places = killing.run(shop, ("orders", "release"))
    assert "after POST /api/harbor/7/order" in places
    for at in range(1, len(places) + 1):
        order_id = shop.ready()
        assert killing.run(shop, ("orders", "release"), at) == places[:at]
        shop.gcw("orders", "release")
        assert f"TTS-{order_id}" in intake.orders
        assert shop.stage(order_id) == "created"
        assert shop.history(order_id).count("handed over") == 1
        if reads_back:
            assert (shop.holds(order_id), len(intake.seen)) == ([], len(intake.orders))


def test_how_far_orders_are_is_asked_for(either_shop: Shop) -> None:
    intake, _ = connect(either_shop)
    one, two = either_shop.released(2), either_shop.released()
    first, second = either_shop.lines(one)
    items = [
        {"itemReferenceId": first, "fulfillmentStatus": "printed"},
        {"itemReferenceId": second, "fulfillmentStatus": "in_production"},
    ]
    intake.statuses[f"TTS-{one}"] = {"items": items}
    intake.statuses[f"TTS-{two}"] = {"fulfillmentStatus": "packaged"}
    rows = either_shop.gcw("orders", "collect", "Far", "--json").json
    assert sorted((row["order"], row["result"]) for row in rows) == sorted([(one, "moved")] * 2 + [(two, "moved")])
    assert [line["stage"] for line in either_shop.order(one)["lines"]] == ["printed", "in_production"]
    assert (either_shop.stage(one), either_shop.stage(two)) == ("in_production", "packaged")
    again = either_shop.gcw("orders", "collect", "Far", "--json").json
    assert {row["result"] for row in again} == {"unchanged"}


def test_what_was_cancelled_there_is_put_to_a_person_once(shop: Shop, intake: Intake) -> None:
    order_id = shop.released()
    intake.statuses[f"TTS-{order_id}"] = {"fulfillmentStatus": "canceled"}
    shop.gcw("orders", "collect", "Far")
    assert shop.holds(order_id) == ["needs_decision"]
    shop.gcw("orders", "release", order_id, "--yes")
    shop.gcw("orders", "collect", "Far")
    assert shop.holds(order_id) == []


@pytest.mark.parametrize("why", ["failed", "cancelled"])
def test_a_unit_that_is_not_made_takes_no_news_of_the_others_away(shop: Shop, intake: Intake, why: str) -> None:
    order_id = shop.released(2)
    first, second = sorted(shop.lines(order_id))
    items = [
        {"itemReferenceId": first, "fulfillmentStatus": "failed" if why == "failed" else "created"},
        {"itemReferenceId": second, "fulfillmentStatus": "created"},
    ]
    intake.statuses[f"TTS-{order_id}"] = {"items": items}
    if why == "cancelled":
        shop.do(order_id, "cancel", line_ids=[first])
        shop.gcw("orders", "pull")
    shop.gcw.run("orders", "collect", "Far")
    items[1]["fulfillmentStatus"] = "packaged"
    ran = shop.gcw.run("orders", "collect", "Far", "--json")
    stages = {line["line"]: line["stage"] for line in shop.order(order_id)["lines"]}
    assert stages == {first: "failed" if why == "failed" else "canceled", second: "packaged"}
    assert ran.code == (0 if why == "failed" else 7), "what failed is known, what is cancelled should not be made"


def test_what_cannot_be_asked_for_is_told(shop: Shop, intake: Intake) -> None:
    order_id = shop.released()
    intake.statuses[f"TTS-{order_id}"] = {"fulfillmentStatus": "pending_approval"}
    assert "pending_approval" in shop.gcw.fails(4, "orders", "collect", "Far", "--json").error["message"]
    intake.reads_back = False
    ran = shop.gcw.fails(5, "orders", "collect", "Far", "--json")
    assert f"Order {order_id}: GelatoConnect does not say" in ran.error["message"]
    assert shop.stage(order_id) == "created"


def test_where_it_is_down_it_is_asked_later(shop: Shop) -> None:
    _, split = connect(shop)
    shop.released()

    def down(request: httpx.Request) -> None:
        raise httpx.ReadTimeout("slow")

    split.down = down
    shop.gcw.fails(6, "orders", "collect", "Far")


@pytest.mark.parametrize(
    "address",
    [
        "gelatoconnect:",
        "gelatoconnect:connect.example.com/order",
        "gelatoconnect:http://connect.example.com/order",
        "gelatoconnect:https://user:word@connect.example.com/order",
        "gelatoconnect:https://connect.example.com/order?key=1",
        "gelatoconnect:https://[1/order",
        "gelatoconnect:https://connect.example.com:99999/order",
    ],
)
def test_an_address_that_nothing_can_be_sent_to_is_refused(gcw: Gcw, address: str) -> None:
    gcw.fails(4, "facility", "add", "Far", "--hand-off", address, stdin=KEY)


def test_the_key_is_asked_for_and_shown_nowhere(gcw: Gcw) -> None:
    assert gcw.fails(2, "facility", "add", "Far", "--hand-off", HAND_OFF, "--json").error["code"] == "usage"
    ran = gcw("facility", "add", "Far", "--hand-off", HAND_OFF, "--json", stdin=KEY)
    shown = ran.stdout + ran.stderr + gcw("facility", "list").stdout + gcw("facility", "show", "Far").stdout
    assert KEY not in shown
    assert ran.json["hand_off"] == HAND_OFF


@given(st.text(min_size=1, max_size=500))
def test_long_metadata_goes_in_pieces_and_nothing_is_lost(value: str) -> None:
    pieces = gelatoconnect._pieces({"key": "buyerMessage", "value": value})
    assert "".join(piece["value"] for piece in pieces) == value
    assert all(len(piece["value"]) <= 100 for piece in pieces)
    assert len({piece["key"] for piece in pieces}) == len(pieces)


def cancel_url(shop: Shop) -> None:
    with shop.session() as session:  # both facilities of these tests hand over to the same place
        for facility in session.exec(select(Facility)):
            facility.cancel_url = CANCEL_URL


@pytest.mark.parametrize("lost", [False, True])
def test_what_is_cancelled_is_cancelled_there_once(either_shop: Shop, lost: bool) -> None:
    intake, _ = connect(either_shop)
    either_shop.gcw("facility", "edit", "Far", "--cancel-url", CANCEL_URL)
    cancel_url(either_shop)
    order_id = either_shop.released(2)
    either_shop.do(order_id, "cancel")
    if lost:
        intake.lost.append(httpx.ReadTimeout("slow"))
        assert "gave no answer" in either_shop.gcw.fails(7, "orders", "pull", "--json").error["message"]
        assert "production told of the cancellation" not in either_shop.history(order_id)
    either_shop.gcw("orders", "pull")
    either_shop.gcw("orders", "pull")
    assert intake.cancelled == [f"TTS-{order_id}"]
    assert either_shop.history(order_id).count("production told of the cancellation") == 1
    assert "told by hand" not in either_shop.order(order_id)["holds"][0]["sentence"]


def test_what_a_person_stops_is_cancelled_there_once(shop: Shop, intake: Intake) -> None:
    cancel_url(shop)
    order_id = shop.released(2)
    shop.gcw("orders", "decide", order_id, "stop", "--why", "smudged")
    assert intake.cancelled == [f"TTS-{order_id}"]
    assert "production told to stop" in shop.history(order_id)
    assert shop.holds(order_id) == ["manual"]
    shop.gcw("orders", "decide", order_id, "stop")
    assert intake.cancelled == [f"TTS-{order_id}"]


def test_without_an_address_for_it_a_stop_is_told_there_by_hand(shop: Shop, intake: Intake) -> None:
    order_id = shop.released(2)
    shop.gcw("orders", "decide", order_id, "stop")
    assert intake.cancelled == []
    assert any("told by hand" in hold["sentence"] for hold in shop.order(order_id)["holds"])


@pytest.mark.parametrize("why", ["no address", "a part", "too late", "refused"])
def test_what_cannot_be_cancelled_there_is_for_a_person(shop: Shop, intake: Intake, why: str) -> None:
    if why != "no address":
        cancel_url(shop)
    order_id = shop.released(2)
    if why == "too late":
        intake.statuses[f"TTS-{order_id}"] = {"fulfillmentStatus": "shipped"}
    if why == "refused":
        intake.instead.append(({"message": "no"}, 400))
    shop.do(order_id, "cancel", **({"line_ids": shop.lines(order_id)[:1]} if why == "a part" else {}))
    shop.gcw("orders", "pull")
    assert (intake.cancelled, shop.holds(order_id)) == ([], ["needs_decision"])
    assert "told by hand" in shop.order(order_id)["holds"][0]["sentence"]


def test_a_key_goes_to_no_other_host(gcw: Gcw) -> None:
    gcw("facility", "add", "Far", "--hand-off", HAND_OFF, stdin=KEY)
    gcw.fails(4, "facility", "edit", "Far", "--cancel-url", "https://elsewhere.example.com/{reference}")
    gcw.fails(4, "facility", "edit", "Far", "--cancel-url", "https://connect.example.com/cancel")
    shown = gcw("facility", "edit", "Far", "--cancel-url", CANCEL_URL, "--json").json
    assert shown["cancel_url"] == CANCEL_URL
    assert gcw("facility", "edit", "Far", "--cancel-url", "", "--json").json["cancel_url"] == ""
