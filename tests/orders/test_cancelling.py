"""Cancelling, from either side: answered once, nothing printed afterwards, and production told."""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from gcw_tiktok.workflow.production import handoff, stopping
from orders import killing
from orders.shop import NUMBER, SKU, STORE, Shop

HOUR = 3600
OUT_OF_STOCK = "seller_cancel_reason_out_of_stock"
NOT_DELIVERABLE = "seller_cancel_paid_reason_address_not_deliver"
PACKED = "ecom_reverse_reject_cancel_reason_product_packed"


def asked(shop: Shop, order_id: str) -> str:
    """The buyer has asked to cancel."""
    shop.do(order_id, "request-cancel")
    return order_id


def queue(shop: Shop, *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.gcw("orders", "cancellations", "--json", *more).json
    return found


def effects(shop: Shop) -> list[str]:
    """What TikTok did about cancellations, from its own journal."""
    return [entry["effect"] for entry in shop.sandbox.journal("/cancellations") if entry["effect"]]


def at_tiktok(shop: Shop, order_id: str) -> str:
    return next(order.status for order in shop.world.orders if order.id == order_id)


def notice(shop: Shop, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shop.hand_off / f"TTS-{order_id}" / stopping.NOTICE).read_text())
    return found


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is approved unasked."""
    monkeypatch.setenv("GCW_APPROVE_CANCELLATIONS", "false")


def cut(shop: Shop, end: str, *, arrives: bool) -> None:
    """The connection is cut once, at a POST to an address that ends so: before it arrives, or its answer does."""
    done: list[bool] = []

    def once(request: httpx.Request, *_: object) -> None:
        if request.method == "POST" and request.url.path.endswith(end) and not done:
            done.append(True)
            raise httpx.ReadError("cut", request=request)

    if arrives:
        shop.relay.change = once
    else:
        shop.relay.before = once


# The queue.


def test_the_queue_shows_each_request_with_its_deadline_what_is_made_and_what_to_answer(either_shop: Shop) -> None:
    shop = either_shop
    handed, unseen = shop.released(2), shop.ready()
    shop.gcw("orders", "advance", handed, "--to", "printed")
    asked(shop, handed)
    shop.advance(HOUR)
    asked(shop, unseen)
    first, second = queue(shop)
    assert (first["order"], second["order"]) == (handed, unseen)
    assert (first["made"], first["propose"]) == ("2 printed", "decide")
    assert (second["made"], second["propose"]) == ("1 passed", "approve")
    assert first["command"] == f"gcw orders answer {handed} approve --yes"
    assert 22 * HOUR < first["seconds_left"] <= 23 * HOUR < second["seconds_left"] <= 24 * HOUR
    assert first["reason"] == "No longer needed"
    of_store = [one | {"seconds_left": 0} for one in queue(shop, "--store", STORE)]
    assert of_store == [one | {"seconds_left": 0} for one in (first, second)]


def test_a_request_about_an_order_that_was_never_pulled_is_in_the_queue(shop: Shop) -> None:
    order_id = asked(shop, shop.sandbox.ready_order(SKU))
    (row,) = queue(shop)
    assert (row["order"], row["made"], row["command"]) == (order_id, "unknown", "gcw orders pull")


def test_what_is_due_soon_ends_with_exit_code_8(shop: Shop) -> None:
    assert queue(shop, "--due", "4h") == []
    asked(shop, shop.released())
    assert len(queue(shop, "--due", "4h")) == 1
    shop.advance(21 * HOUR)
    failed = shop.gcw.fails(8, "orders", "cancellations", "--due", "4h")
    assert "must be answered within 4h" in failed.stderr
    assert shop.gcw("orders", "cancellations").code == 0


# Answering before release.


def test_a_request_before_release_is_approved_at_once_and_once(either_shop: Shop) -> None:
    shop = either_shop
    order_id = asked(shop, shop.ready(2))
    (pulled,) = shop.gcw("orders", "pull", "--json").json
    assert pulled["approved"] == [order_id]
    assert (shop.stage(order_id), at_tiktok(shop, order_id)) == ("canceled", "CANCELLED")
    assert shop.gcw("orders", "pull", "--json").json[0]["approved"] == []
    assert effects(shop) == [f"order {order_id}: cancellation approved"]
    assert "request to cancel approved" in shop.history(order_id)
    shop.gcw("orders", "release")
    assert shop.folders() == []


def test_a_request_is_not_approved_unasked_where_the_setting_says_so(shop: Shop, by_hand: None) -> None:
    order_id = asked(shop, shop.ready())
    shop.gcw("orders", "pull")
    assert (shop.holds(order_id), effects(shop)) == (["cancel_requested"], [])
    assert shop.gcw("orders", "answer", order_id, "approve", "--dry-run", "--json").json["dry_run"]
    assert effects(shop) == []
    assert not shop.gcw("orders", "answer", order_id, "approve", "--json").json["known_before"]
    assert shop.gcw("orders", "answer", order_id, "approve", "--json").json["known_before"]
    assert effects(shop) == [f"order {order_id}: cancellation approved"]
    assert (shop.stage(order_id), shop.holds(order_id)) == ("canceled", [])


def test_after_a_lost_answer_it_is_read_back_and_not_sent_again(either_shop: Shop) -> None:
    shop = either_shop
    order_id = asked(shop, shop.ready())
    cut(shop, "/approve", arrives=True)
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), len(effects(shop))) == ("canceled", 1)
    assert len(shop.sandbox.journal("/approve")) == 1


def test_what_never_arrived_is_answered_by_the_next_pull_and_not_printed_in_between(shop: Shop) -> None:
    order_id = asked(shop, shop.ready())
    cut(shop, "/approve", arrives=False)
    failed = shop.gcw.fails(7, "orders", "pull")
    assert "did not confirm" in failed.stderr
    shop.relay.change = hide_requests
    shop.gcw("orders", "release", "--json")
    assert shop.folders() == []
    shop.relay.change = lambda request, answer: None
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), len(effects(shop))) == ("canceled", 1)


def hide_requests(request: httpx.Request, answer: dict[str, Any]) -> dict[str, Any] | None:
    """TikTok shows nowhere that the buyer has asked."""
    if request.url.path.endswith("/cancellations/search"):
        return answer | {"data": {"cancellations": []}}
    if request.method == "GET" and request.url.path.endswith("/orders"):
        for order in answer["data"]["orders"]:
            order["is_buyer_request_cancel"] = False
        return answer
    return None


def test_a_request_that_was_withdrawn_meanwhile_is_no_failure(shop: Shop) -> None:
    order_id = asked(shop, shop.ready())

    def withdrawn(request: httpx.Request) -> None:
        if (
            request.url.path.endswith("/cancellations/search")
            and (one := next(iter(shop.world.cancellations))).deadline
        ):
            from gcw_tiktok.sandbox.sales import cancelling

            cancelling.withdraw(shop.world, one, shop.world.now())

    shop.relay.before = withdrawn
    shop.gcw("orders", "pull")
    assert (shop.holds(order_id), effects(shop)) == ([], [])
    shop.relay.before = lambda request: None
    assert "has not" not in shop.gcw.fails(5, "orders", "answer", order_id, "approve").stderr


# Answering after release.


def test_a_request_after_release_is_put_to_the_operator(either_shop: Shop) -> None:
    shop = either_shop
    order_id = asked(shop, shop.released())
    shop.gcw("orders", "advance", order_id, "--to", "printed")
    shop.gcw("orders", "pull")
    assert (shop.holds(order_id), effects(shop)) == (["cancel_requested"], [])
    refused = shop.gcw.fails(4, "orders", "answer", order_id, "approve", "--json").error
    assert (refused["code"], "1 printed" in refused["message"]) == ("needs_decision", True)
    assert refused["hint"].endswith(f"gcw orders answer {order_id} approve --yes")
    assert effects(shop) == []
    shop.gcw("orders", "answer", order_id, "approve", "--yes")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("canceled", ["needs_decision"])
    assert notice(shop, order_id)["cancelledItems"] == shop.lines(order_id)


def test_a_refusal_takes_only_reasons_that_tiktok_offers(shop: Shop) -> None:
    order_id = asked(shop, shop.released())
    for given in ("", "no such reason", OUT_OF_STOCK):
        refused = shop.gcw.fails(4, "orders", "answer", order_id, "refuse", "--reason", given, "--json").error
        assert PACKED in refused["hint"]
    assert effects(shop) == []
    shop.gcw("orders", "answer", order_id, "refuse", "--reason", PACKED)
    assert (shop.stage(order_id), shop.holds(order_id)) == ("created", [])
    assert shop.gcw("orders", "answer", order_id, "refuse", "--json").json["known_before"]
    assert effects(shop) == [f"order {order_id}: cancellation rejected"]
    assert "request to cancel refused" in shop.history(order_id)


def test_shipping_refuses_the_request_with_the_tracking_number(shop: Shop) -> None:
    order_id = asked(shop, shop.released())
    shop.gcw(*shop.ship(order_id, "--yes"))
    assert queue(shop) == []
    assert (shop.stage(order_id), at_tiktok(shop, order_id)) == ("shipped", "AWAITING_COLLECTION")
    refused = shop.gcw.fails(5, "orders", "answer", order_id, "approve", "--yes", "--json").error
    assert refused["code"] == "answered_otherwise"


def test_a_request_that_stays_open_after_shipping_is_refused_with_the_tracking_number(shop: Shop) -> None:
    order_id = asked(shop, shop.released())
    shop.gcw(*shop.ship(order_id, "--yes"))
    (request,) = shop.world.cancellations
    request.status, request.deadline = "CANCELLATION_REQUEST_PENDING", shop.world.now() + HOUR
    (row,) = queue(shop)
    assert (row["propose"], NUMBER in row["why"]) == ("refuse", True)
    sent: list[bytes] = []
    shop.relay.before = lambda request: sent.extend([request.read()] if request.url.path.endswith("/reject") else [])
    shop.gcw("orders", "answer", order_id, "refuse", "--reason", PACKED)
    assert [json.loads(body)["comment"] for body in sent] == [f"Shipped with USPS {NUMBER}."]
    assert queue(shop) == []


# Ours.


def test_an_order_is_cancelled_whole_with_a_reason_that_tiktok_offers(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready(2)
    refused = shop.gcw.fails(4, "orders", "cancel", order_id, "--reason", "bored", "--json").error
    assert OUT_OF_STOCK in refused["hint"]
    assert NOT_DELIVERABLE in shop.gcw.fails(4, "orders", "cancel", order_id).stderr
    plan = shop.gcw("orders", "cancel", order_id, "--reason", "address_not_deliver", "--dry-run", "--json").json
    assert (plan["reason"], plan["whole"], shop.stage(order_id)) == (NOT_DELIVERABLE, True, "passed")
    done = shop.gcw("orders", "cancel", order_id, "--reason", "address_not_deliver", "--json").json
    assert sorted(done["lines"]) == sorted(shop.lines(order_id))
    assert shop.stage(order_id) == "canceled"
    assert shop.gcw("orders", "cancel", order_id, "--json").json["known_before"]
    assert effects(shop) == [f"order {order_id}: 2 unit(s) cancelled by the seller"]
    assert shop.history(order_id).count("cancelled") == 1


def test_a_line_is_cancelled_only_where_tiktok_allows_single_units(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready(2)
    gone, left = shop.lines(order_id)
    refused = shop.gcw.fails(4, "orders", "cancel", order_id, "--line", gone, "--reason", NOT_DELIVERABLE)
    assert "or cancel the whole order" in refused.stderr
    assert shop.stage(order_id) == "passed"
    shop.gcw("orders", "cancel", order_id, "--line", gone, "--reason", "out of stock")
    assert {line["line"]: line["stage"] for line in shop.order(order_id)["lines"]} == {gone: "canceled", left: "passed"}
    shop.gcw("orders", "release")
    assert [item["itemReferenceId"] for item in shop.document(order_id)["items"]] == [left]


def test_what_tiktok_no_longer_lets_us_cancel_is_refused_in_its_words(shop: Shop) -> None:
    order_id = shop.released()
    shop.gcw(*shop.ship(order_id))
    shop.do(order_id, "collect")
    failed = shop.gcw.fails(5, "orders", "cancel", order_id, "--reason", OUT_OF_STOCK, "--yes")
    assert "order status does not allow it" in failed.stderr
    assert effects(shop) == []


def test_what_the_buyer_asked_for_is_answered_and_not_cancelled_anew(shop: Shop, by_hand: None) -> None:
    order_id = asked(shop, shop.ready())
    failed = shop.gcw.fails(4, "orders", "cancel", order_id, "--reason", OUT_OF_STOCK)
    assert f"gcw orders answer {order_id} approve" in failed.stderr


@pytest.mark.parametrize("arrives", [True, False])
def test_a_cancellation_whose_answer_is_lost_is_read_back(either_shop: Shop, arrives: bool) -> None:
    shop = either_shop
    order_id = shop.ready()
    cut(shop, "/cancellations", arrives=arrives)
    command = ("orders", "cancel", order_id, "--reason", OUT_OF_STOCK)
    if not arrives:
        assert "Run the same command again" in shop.gcw.fails(6, *command).stderr
        assert shop.stage(order_id) == "passed"
        held = shop.gcw("orders", "release", "--json").json
        assert ([one["result"] for one in held], shop.folders()) == (["held"], [])
        assert [one["order"] for one in shop.gcw("status", "--json").json["unconfirmed"]["cancel"]] == [order_id]
    shop.gcw(*command)
    assert (shop.stage(order_id), len(effects(shop))) == ("canceled", 1)


def test_the_next_pull_closes_a_cancellation_whose_run_was_killed(shop: Shop) -> None:
    order_id = shop.ready()
    killing.run(shop, ("orders", "cancel", order_id, "--reason", OUT_OF_STOCK), "after POST /return_refund/202602/canc")
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), len(effects(shop))) == ("canceled", 1)
    assert shop.gcw("status", "--json").json["unconfirmed"].get("cancel", []) == []


# Production.


def test_production_is_told_of_each_unit_that_it_need_not_make(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.released(2)
    gone, left = shop.lines(order_id)
    before = {path.name: path.read_bytes() for path in (shop.hand_off / f"TTS-{order_id}").iterdir()}
    failed = shop.gcw.fails(4, "orders", "cancel", order_id, "--line", gone, "--reason", OUT_OF_STOCK, "--json").error
    assert failed["code"] == "needs_decision"
    shop.gcw("orders", "cancel", order_id, "--line", gone, "--reason", OUT_OF_STOCK, "--yes")
    assert (notice(shop, order_id)["cancelledItems"], notice(shop, order_id)["wholeOrder"]) == ([gone], False)
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    assert (notice(shop, order_id)["cancelledItems"], notice(shop, order_id)["wholeOrder"]) == ([gone, left], True)
    now = {path.name: path.read_bytes() for path in (shop.hand_off / f"TTS-{order_id}").iterdir()}
    assert now.items() > before.items()
    assert set(now) - set(before) == {stopping.NOTICE}
    assert shop.left_aside() == []
    assert shop.history(order_id).count("production told of the cancellation") == 2
    shop.gcw("orders", "pull", "--since", "1d")
    assert shop.history(order_id).count("production told of the cancellation") == 2


def test_where_production_took_the_folder_away_a_person_must_tell_it(shop: Shop) -> None:
    order_id = shop.released()
    shutil.rmtree(shop.hand_off / f"TTS-{order_id}")
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    assert shop.folders() == []
    assert "told by hand" in shop.order(order_id)["holds"][0]["sentence"]


def test_a_hand_off_that_is_not_there_is_told_when_it_is_back(shop: Shop) -> None:
    order_id = shop.released()
    shop.do(order_id, "cancel")
    shop.hand_off.rename(shop.home.parent / "unmounted")
    assert "not mounted" in shop.gcw.fails(7, "orders", "pull").stderr
    (shop.home.parent / "unmounted").rename(shop.hand_off)
    shop.gcw("orders", "pull")
    assert notice(shop, order_id)["wholeOrder"]


def test_a_cancel_while_the_folder_is_written_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = shop.ready()
    place = handoff.place

    def and_cancelled(*given: Any) -> Path:
        shop.do(order_id, "cancel")
        shop.gcw("orders", "pull")
        return place(*given)

    monkeypatch.setattr(handoff, "place", and_cancelled)
    shop.gcw("orders", "release")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("canceled", ["needs_decision"])
    assert notice(shop, order_id)["wholeOrder"]


@pytest.mark.parametrize("command", ["cancel", "answer"])
def test_what_is_just_being_handed_over_is_not_cancelled(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, by_hand: None, command: str
) -> None:
    order_id = shop.ready()
    place, codes = handoff.place, []

    def and_cancelled(*given: Any) -> Path:
        if command == "answer":
            asked(shop, order_id)
        words = ("approve", "--yes") if command == "answer" else ("--reason", OUT_OF_STOCK)
        codes.append(shop.gcw.run("orders", command, order_id, *words).code)
        return place(*given)

    monkeypatch.setattr(handoff, "place", and_cancelled)
    shop.gcw("orders", "release")
    assert (codes, effects(shop), shop.stage(order_id)) == ([6], [], "created")


def test_what_is_just_being_cancelled_is_not_handed_over(shop: Shop) -> None:
    """The gate comes between the decision to cancel and TikTok's hearing of it."""
    order_id = shop.ready()
    results: list[str] = []

    def release_first(request: httpx.Request) -> None:
        if request.method == "POST" and request.url.path.endswith("/202602/cancellations") and not results:
            results.append("")
            results[0] = shop.gcw("orders", "release", "--json").json[0]["result"]

    shop.relay.before = release_first
    shop.gcw("orders", "cancel", order_id, "--reason", OUT_OF_STOCK)
    assert (results, shop.folders(), shop.stage(order_id)) == (["held"], [], "canceled")
