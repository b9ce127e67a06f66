"""gcw orders watch tells what happens to orders, a line each, and does nothing about it."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import func, select

from gcw_tiktok.store.tables import Event, Store, StoreStatus
from gcw_tiktok.workflow.orders.news import Follower
from orders.shop import SKU, STORE, Shop
from orders.test_shipping import elsewhere

Json = dict[str, Any]
SEARCH = "POST /order/202309/orders/search"


def watched(shop: Shop, *more: str, code: int = 0) -> list[Json]:
    """What a watch told that ended after one poll, but for its first line."""
    ran = shop.gcw.fails(code, "orders", "watch", "--polls", "1", "--json", *more)
    first, *rest = [json.loads(line) for line in ran.stdout.splitlines()]
    assert first["event"] == "watching"
    assert all({"at", "event"} <= line.keys() for line in rest)
    return rest


def told(lines: list[Json], order_id: str = "") -> list[str]:
    return [line["event"] for line in lines if line.get("order", "") == order_id]


def test_each_event_is_a_line_with_its_order_and_how_that_stands(either_shop: Shop) -> None:
    shop = either_shop
    held = shop.sandbox.order(SKU)
    ready = shop.sandbox.ready_order(SKU)
    lines = watched(shop)
    assert told(lines, held) == ["new", "held"]
    assert told(lines, ready) == ["new", "ready"]
    hold = next(line for line in lines if line["event"] == "held")
    assert (hold["store"], hold["status"], hold["stage"]) == ("Paper Harbor Prints", "ON_HOLD", "received")
    assert hold["why"].startswith("tiktok_on_hold: ")
    assert hold["command"] == "gcw orders pull"
    (line,) = [line for line in lines if line["event"] == "ready"]
    assert (line["stage"], line["command"]) == ("passed", f"gcw orders release {ready}")
    assert shop.folders() == []


def test_what_was_known_before_is_not_told(shop: Shop) -> None:
    shop.ready()
    shop.sandbox.order(SKU)
    shop.gcw("orders", "pull")
    shop.advance(10)
    assert watched(shop) == []


def test_a_poll_that_finds_nothing_new_costs_one_request(shop: Shop) -> None:
    shop.sandbox.order(SKU, count=3)
    shop.advance(10)
    shop.gcw("orders", "pull")
    shop.requests()
    assert watched(shop, "--polls", "2", "--every", "1") == []
    assert shop.requests() == [SEARCH, SEARCH]


def test_an_order_is_ready_only_once_nothing_holds_it(shop: Shop) -> None:
    order_id = shop.sandbox.order(SKU)
    assert told(watched(shop), order_id) == ["new", "held"]
    shop.do(order_id, "end-hold")
    lines = watched(shop)
    assert told(lines, order_id) == ["changed", "no longer held", "ready"]
    assert lines[0]["why"] == "AWAITING_SHIPMENT"


def test_a_hold_that_comes_without_the_order_having_changed_is_told(shop: Shop) -> None:
    order_id = shop.ready()
    shop.withdraw()
    assert told(watched(shop), order_id) == ["held"]
    shop.withdraw(published=True)
    assert told(watched(shop), order_id) == ["no longer held", "ready"]


def test_a_request_to_cancel_that_is_approved_is_told(shop: Shop) -> None:
    order_id = shop.ready()
    shop.do(order_id, "request-cancel")
    lines = watched(shop)
    assert told(lines, order_id)[-1] != "ready"
    assert any("approve" in line["event"] or "approve" in line["why"] for line in lines)
    assert shop.stage(order_id) == "canceled"


def test_a_number_that_somebody_else_wrote_is_an_alarm(shop: Shop) -> None:
    order_id = shop.released()
    elsewhere(shop, order_id, "9400100000000000000028")
    assert told(watched(shop), order_id) == ["alarm", "changed", "held"]


def test_a_gap_is_told(shop: Shop) -> None:
    shop.gcw("orders", "pull")
    shop.gcw.offset += 5 * 3600
    shop.advance(5 * 3600)
    (gap,) = watched(shop)
    assert (gap["event"], gap["seconds"] // 3600, gap["orders"]) == ("gap", 5, 0)


def test_trouble_is_told_once_and_so_is_its_end(shop: Shop) -> None:
    shop.fault("/orders/search", "code", code=36009009, times=2)
    lines = watched(shop, "--polls", "3", "--every", "1")
    assert told(lines) == ["trouble", "well again"]
    assert lines[0]["store"] == "Paper Harbor Prints"


def test_a_bounded_watch_ends_as_a_pull_would(shop: Shop) -> None:
    shop.fault("/orders/search", "code", code=36009009, times=5)
    assert told(watched(shop, code=5)) == ["trouble"]


def test_a_store_that_waits_for_its_owner_is_told_and_not_asked(shop: Shop) -> None:
    with shop.session() as session:
        session.exec(select(Store)).one().status = StoreStatus.REAUTHORIZE
    shop.requests()
    assert "authorized again" in shop.gcw.fails(3, "orders", "watch", "--polls", "1", "--json").error["message"]
    assert shop.requests() == []


def test_what_is_recorded_is_acted_on(either_shop: Shop) -> None:
    from gcw_tiktok.runtime import Runtime
    from gcw_tiktok.workflow import recording
    from webhooks.pushes import push

    shop = either_shop
    shop.gcw("orders", "pull")
    order_id = shop.sandbox.order(SKU)
    gcw = Runtime()
    with shop.session() as session:
        shop_id = session.exec(select(Store.shop_id)).one()
        session.add(recording.read(push(1, shop_id, order_id=order_id, order_status="ON_HOLD"), gcw.seal, gcw.now()))
    gcw.close()
    assert told(watched(shop, STORE), order_id) == ["new", "held"]
    assert shop.gcw("webhooks", "events", "--json").json[0]["state"] == "done"


def test_people_read_a_line_each(shop: Shop) -> None:
    order_id = shop.sandbox.order(SKU)
    ran = shop.gcw("orders", "watch", "--polls", "1")
    first, new, held = ran.stdout.splitlines()
    assert first[9:] == " watching Paper Harbor Prints every 60 s; Ctrl-C ends it"
    assert new[9:] == f" new {order_id} Paper Harbor Prints ON_HOLD"
    assert held.endswith("> gcw orders pull")


def test_an_event_that_is_shown_late_is_told_all_the_same(shop: Shop) -> None:
    """PostgreSQL numbers events when they are written; one that is committed later may have a smaller number."""
    order_id = shop.ready()
    with shop.session() as session:
        follower = Follower(session, session.exec(select(Store)).all(), 2)
        first = (session.exec(select(func.max(Event.id))).one() or 0) + 1
        events = [
            Event(id=number, at=2, who="", subject=f"order:{order_id}", what=f"event {number}")
            for number in (first, first + 1)
        ]
        session.add(events[1])
        session.flush()
        assert [one.event for one in follower.look(session, 2)] == [events[1].what]
        session.add(events[0])
        session.flush()
        assert [one.event for one in follower.look(session, 3)] == [events[0].what]
        assert list(follower.look(session, 4)) == []


@given(st.lists(st.sampled_from(["withdraw", "offer", "hold", "lift", "pull", "look"]), max_size=8))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_never_says_ready_before_it_is_and_never_forgets_to(shop: Shop, steps: list[str]) -> None:
    order_id = shop.ready()
    with shop.session() as session:
        follower = Follower(session, session.exec(select(Store)).all(), 0)
    said = True  # it was ready before the first look
    for step in [*steps, "offer", "lift", "pull", "look"]:
        if step in ("withdraw", "offer"):
            shop.withdraw(published=step == "offer")
        elif step == "hold":
            shop.gcw.run("orders", "hold", order_id, "--why", "paper")
        elif step == "lift":
            shop.gcw.run("orders", "hold", order_id, "--lift")
        elif step == "pull":
            shop.gcw("orders", "pull")
        else:
            is_ready = shop.stage(order_id) == "passed" and shop.holds(order_id) == []
            with shop.session() as session:
                told = [one.event for one in follower.look(session, 0) if one.order == order_id]
            assert ("ready" in told) <= is_ready
            assert is_ready <= (said or "ready" in told)
            said = is_ready
    assert said
    shop.gcw("orders", "hold", order_id, "--why", "done")
