"""Orders that TikTok marks to travel together wait for one another, go to production together and leave in one box."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlmodel import select

from gcw_tiktok.store.tables import Order, Stage, Store
from gcw_tiktok.workflow.orders import groups
from gcw_tiktok.workflow.shipping import together
from orders.shop import NUMBER, SECOND_NUMBER, SKU, STORE, Shop

HOUR = 3600


@pytest.fixture
def combining(shop: Shop) -> Shop:
    return switch_on(shop)


def switch_on(shop: Shop) -> Shop:
    """The seller lets TikTok combine what a buyer orders within four hours."""
    shop_window(shop, 4)
    return shop


def shop_window(shop: Shop, hours: int) -> None:
    with shop.session() as session:
        shop_id = session.exec(select(Store.shop_id)).one()
    shop.sandbox.control("POST", f"shops/{shop_id}/settings", {"combine_window": hours * HOUR})


def buy(shop: Shop, *, with_order: str = "", quantity: int = 1, **more: Any) -> str:
    """A buyer orders; who ordered `with_order` orders again. Not pulled yet."""
    if with_order:
        order = shop.sold(with_order)
        assert order
        more["buyer_user_id"] = order.buyer.user_id
    return shop.sandbox.ready_order(SKU, quantity, **more)


def wait(shop: Shop, seconds: int) -> None:
    """Time passes for TikTok and for this machine."""
    shop.advance(seconds)
    shop.gcw.offset += seconds


def two(shop: Shop) -> tuple[str, str]:
    first = buy(shop)
    second = buy(shop, with_order=first)
    shop.gcw("orders", "pull")
    return first, second


def sentence(shop: Shop, order_id: str) -> str:
    (hold,) = shop.order(order_id)["holds"]
    assert hold["reason"] == "combining"
    assert hold["command"] == f"gcw orders release {order_id} --yes"
    return str(hold["sentence"])


def test_they_wait_for_more_and_then_go_together(combining: Shop) -> None:
    first, second = two(combining)
    assert f"travel with {second}" in sentence(combining, first)
    assert f"travel with {first}" in sentence(combining, second)
    assert combining.gcw("orders", "release", "--json").json == []
    wait(combining, 3 * HOUR)
    combining.gcw("orders", "release")
    assert combining.folders() == []
    wait(combining, HOUR)
    combining.gcw("orders", "release")
    assert combining.folders() == sorted([f"TTS-{first}", f"TTS-{second}"])
    assert "no longer held" in combining.history(first)


def test_production_is_told_what_shares_the_box(combining: Shop) -> None:
    first, second = two(combining)
    wait(combining, 4 * HOUR)
    combining.gcw("orders", "release")
    for one, other in ((first, second), (second, first)):
        told = {fact["key"]: fact["value"] for fact in combining.document(one)["metadata"]}
        assert told["travelsWith"] == f"TTS-{other}"
        ticket = (combining.hand_off / f"TTS-{one}" / "job-ticket.pdf").read_bytes()
        assert f"One parcel with TTS-{other}" in PdfReader(BytesIO(ticket)).pages[0].extract_text()


def test_a_command_lets_one_go_at_once_and_the_other_learns_of_it(combining: Shop) -> None:
    first, second = two(combining)
    combining.gcw("orders", "release", first, "--yes")
    assert combining.folders() == [f"TTS-{first}"]
    assert f"travel with {first}" in sentence(combining, second)
    wait(combining, 4 * HOUR)
    combining.gcw("orders", "release")
    told = {fact["key"]: fact["value"] for fact in combining.document(second)["metadata"]}
    assert told["travelsWith"] == f"TTS-{first}"


def test_a_late_one_starts_the_wait_anew_for_those_that_wait(combining: Shop) -> None:
    first, _ = two(combining)
    wait(combining, 2 * HOUR)
    third = buy(combining, with_order=first)
    combining.gcw("orders", "pull")
    assert third in sentence(combining, first)
    wait(combining, 3 * HOUR)
    combining.gcw("orders", "release")
    assert combining.folders() == []
    wait(combining, HOUR)
    combining.gcw("orders", "release")
    assert len(combining.folders()) == 3


def test_one_that_joins_what_is_released_finds_it_in_work(combining: Shop) -> None:
    first, second = two(combining)
    wait(combining, 4 * HOUR)
    combining.gcw("orders", "release")
    shop_window(combining, 12)
    third = buy(combining, with_order=first)
    combining.gcw("orders", "pull")
    assert combining.stage(first) == combining.stage(second) == "created"
    wait(combining, 4 * HOUR)
    combining.gcw("orders", "release")
    told = {fact["key"]: fact["value"] for fact in combining.document(third)["metadata"]}
    assert told["travelsWith"] == f"TTS-{first}, TTS-{second}"


def test_a_cancelled_one_is_not_waited_for(combining: Shop) -> None:
    first, second = two(combining)
    combining.do(second, "cancel")
    combining.gcw("orders", "pull")
    assert "gcw has none" in sentence(combining, first)  # TikTok left its mark, so another may come
    wait(combining, 4 * HOUR)
    combining.gcw("orders", "release")
    assert combining.folders() == [f"TTS-{first}"]


def test_a_held_one_is_not_waited_for_longer(combining: Shop) -> None:
    first, second = two(combining)
    combining.gcw("orders", "hold", second, "--why", "the buyer called")
    wait(combining, 4 * HOUR)
    combining.gcw("orders", "release")
    assert combining.folders() == [f"TTS-{first}"]


def test_a_mark_on_one_order_alone_holds_no_longer_than_the_window(shop: Shop) -> None:
    shop.change_orders(lambda order: order.update(auto_combine_group_id="579000000000000001"))
    order_id = shop.ready()
    assert "gcw has none" in sentence(shop, order_id)
    wait(shop, 4 * HOUR)
    shop.gcw("orders", "release")
    assert shop.folders() == [f"TTS-{order_id}"]


def test_nobody_waits_into_the_last_day_before_the_ship_by(shop: Shop) -> None:
    def soon(order: dict[str, Any]) -> None:
        order.update(auto_combine_group_id="579000000000000001")
        order["rts_sla_time"] = shop.world.now() + 24 * HOUR

    shop.change_orders(soon)
    assert shop.holds(shop.ready()) == []


@pytest.mark.parametrize(("hours", "held"), [(0, []), (1, ["combining"]), (48, ["combining"])])
def test_the_window_is_the_stores(shop: Shop, hours: int, held: list[str]) -> None:
    changed = shop.gcw("store", "edit", STORE, "--combine-hours", str(hours), "--json").json
    assert changed["combine_hours"] == hours
    shop.change_orders(lambda order: order.update(auto_combine_group_id="579000000000000001"))
    assert shop.holds(shop.ready()) == held
    assert shop.gcw("store", "show", STORE, "--json").json["combine_hours"] == hours


def test_those_of_one_mark_are_led_through_the_gate_one_after_another() -> None:
    orders = [Order(order_id=str(n), combine_group=mark) for n, mark in enumerate(["", "a", "", "b", "a", "b"])]
    assert [one.order_id for one in groups.adjacent(orders)] == ["0", "1", "4", "2", "3", "5"]


def test_the_group_is_kept_and_shown(combining: Shop) -> None:
    first, second = two(combining)
    assert combining.order(first)["together"] == [second]
    with combining.session() as session:
        marks = {one.combine_group for one in session.exec(select(Order))}
    assert len(marks) == 1
    assert marks != {""}


def test_what_left_is_no_part_of_the_group() -> None:
    facts: dict[str, Any] = {"combine_group": "a", "status": "AWAITING_SHIPMENT", "placed_at": 5, "ship_by": 100}
    left = Order(order_id="1", stage=Stage.SHIPPED, **facts | {"placed_at": 9})
    waits = Order(order_id="2", stage=Stage.PASSED, **facts)
    assert groups.gather([left, waits]) == {"a": groups.Group(newest=5, ship_by=100, order_ids=("2",))}


def in_one_box(shop: Shop) -> tuple[str, str]:
    """Two orders of one mark that production has."""
    first, second = two(shop)
    wait(shop, 4 * HOUR)
    shop.gcw("orders", "release")
    return first, second


def numbers(shop: Shop, *order_ids: str) -> set[str]:
    return {line["tracking_number"] for one in order_ids for line in shop.order(one)["lines"]}


def test_one_number_ships_all_that_share_the_box(combining: Shop) -> None:
    first, second = in_one_box(combining)
    told = combining.gcw(*combining.ship(first, "--json")).json
    assert (told["order_id"], [one["order_id"] for one in told["together"]]) == (first, [second])
    assert combining.stage(first) == combining.stage(second) == "shipped"
    assert numbers(combining, first, second) == {NUMBER}
    assert len(combining.told()) == 2
    again = combining.gcw(*combining.ship(second, "--json")).json
    assert (again["known_before"], [one["known_before"] for one in again["together"]]) == (True, [True])
    assert len(combining.told()) == 2


def test_alone_ships_one_and_the_other_keeps_waiting_for_its_parcel(combining: Shop) -> None:
    first, second = in_one_box(combining)
    assert combining.gcw(*combining.ship(first, "--alone", "--json")).json["together"] == []
    assert (combining.stage(first), combining.stage(second)) == ("shipped", "created")
    combining.gcw(*combining.ship(second, number=SECOND_NUMBER))
    assert numbers(combining, second) == {SECOND_NUMBER}


def test_a_part_of_an_order_ships_nothing_else(combining: Shop) -> None:
    first = buy(combining, quantity=2)
    second = buy(combining, with_order=first)
    combining.gcw("orders", "pull")
    wait(combining, 4 * HOUR)
    combining.gcw("orders", "release")
    combining.gcw(*combining.ship(first, "--line", combining.lines(first)[0]))
    assert combining.stage(second) == "created"


def test_what_is_not_as_far_is_left_out_and_said(combining: Shop) -> None:
    first, second = in_one_box(combining)
    combining.gcw("orders", "advance", first, "--to", "packaged")
    ran = combining.gcw(*combining.ship(first, "--json"))
    assert (ran.json["together"], ran.json["left_out"]) == ([], {second: "it is created"})
    assert "left out, because it is created" in ran.stderr
    assert combining.gcw(*combining.ship(first, "--json")).json["together"] == []  # nor by running it again
    combining.gcw("orders", "advance", second, "--to", "packaged")
    combining.gcw(*combining.ship(second))
    assert numbers(combining, first, second) == {NUMBER}


def test_a_companion_that_needs_a_decision_stops_both_before_anything_is_sent(combining: Shop) -> None:
    first, second = in_one_box(combining)
    combining.do(second, "request-cancel")
    combining.gcw("orders", "pull")
    error = combining.gcw.fails(4, *combining.ship(first, "--json")).error
    assert f"Order {second} travels with it" in error["message"]
    assert "--alone" in error["hint"]
    assert combining.told() == []
    combining.gcw(*combining.ship(first, "--alone"))


def test_where_tiktok_refuses_one_the_other_is_told_and_the_report_says_so(combining: Shop) -> None:
    first, second = in_one_box(combining)
    combining.fault(f"POST /fulfillment/*/orders/{second}/packages", "code", code=21011007, message="No.")
    ran = combining.gcw.run(*combining.ship(first, "--json"))
    assert ran.code == 7
    assert f"Order {second}" in ran.error["message"]
    assert (combining.stage(first), combining.stage(second)) == ("shipped", "created")
    assert combining.gcw("status", "--json").json["unconfirmed"]["ship"] == []
    combining.gcw(*combining.ship(second))
    assert numbers(combining, first, second) == {NUMBER}


def test_where_tiktok_refuses_the_first_nothing_stays_open(combining: Shop) -> None:
    first, second = in_one_box(combining)
    combining.fault(f"POST /fulfillment/*/orders/{first}/packages", "code", code=21011007, message="No.")
    combining.gcw.fails(5, *combining.ship(first))
    assert combining.gcw("status", "--json").json["unconfirmed"]["ship"] == []
    assert (combining.told(), combining.stage(second)) == ([], "created")


def test_who_moved_away_is_in_another_box(combining: Shop) -> None:
    first, second = in_one_box(combining)
    combining.do(second, "edit-address")
    combining.gcw("orders", "pull")
    assert combining.gcw(*combining.ship(first, "--json")).json["together"] == []


def test_a_number_that_is_on_somebody_elses_order_is_not_sent(shop: Shop) -> None:
    first = shop.released()
    buyer = shop.sold(first).buyer.user_id
    other = next(one.user_id for one in shop.world.buyers if one.user_id != buyer)
    second = shop.released(buyer_user_id=other)
    shop.gcw(*shop.ship(first))
    error = shop.gcw.fails(4, *shop.ship(second, "--json")).error
    assert (error["code"], first in error["message"]) == ("tracking_number", True)
    assert len(shop.told()) == 1


def test_a_number_is_on_twenty_orders_at_most(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST_ORDERS", 1)
    first = shop.released()
    second = shop.released(buyer_user_id=shop.sold(first).buyer.user_id)
    shop.gcw(*shop.ship(first))
    assert "TikTok takes 1" in shop.gcw.fails(4, *shop.ship(second, "--json")).error["message"]


def test_a_correction_is_for_the_whole_box(combining: Shop) -> None:
    first, second = in_one_box(combining)
    combining.gcw(*combining.ship(first))
    words = combining.ship(first, "--correct", "--json", number=SECOND_NUMBER)
    told = combining.gcw(*words).json
    assert [one["order_id"] for one in told["together"]] == [second]
    assert numbers(combining, first, second) == {SECOND_NUMBER}
    again = combining.gcw(*words).json
    assert (again["known_before"], again["together"][0]["known_before"]) == (True, True)
