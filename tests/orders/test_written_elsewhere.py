"""What another program writes at TikTok about units that are made here is noticed, and asked about once."""

import json
from typing import Any

import httpx
import pytest

from gcw_tiktok.sandbox.sales import shipping
from gcw_tiktok.workflow.production import handoff
from orders.shop import NUMBER, SECOND_NUMBER, Shop
from orders.test_shipping import USPS, elsewhere

Json = dict[str, Any]
WRITTEN = "written by somebody else"


def pulled(shop: Shop) -> Json:
    found: Json = shop.gcw("orders", "pull", "--json").json[0]
    return found


def corrected(number: str) -> Any:
    """TikTok shows this number for every unit that has one."""

    def change(order: Json) -> None:
        order["update_time"] += 10
        for line in order["line_items"]:
            if line.get("tracking_number"):
                line["tracking_number"] = number

    return change


def test_a_number_that_somebody_else_wrote_about_units_in_work_asks_for_a_decision(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.released(2)
    elsewhere(shop, order_id, SECOND_NUMBER)
    sentence = pulled(shop)["alarms"][order_id]
    assert f"USPS {SECOND_NUMBER} for 2 units that production has" in sentence
    assert (shop.stage(order_id), shop.holds(order_id)) == ("shipped", ["needs_decision"])
    assert [one["order"] for one in shop.gcw("orders", "list", "--held", "--json").json] == [order_id]
    story = shop.gcw("orders", "explain", order_id, "--json").json
    assert sentence in {one["sentence"] for one in story["timeline"] if one["what"] == WRITTEN}
    assert story["next"] == {"sentence": sentence, "command": f"gcw orders release {order_id} --yes"}
    assert shop.gcw("status", "--json").json["stores"][0]["orders"]["held"] == 1


def test_it_is_told_once_and_settled_by_a_person(shop: Shop) -> None:
    order_id = shop.released()
    elsewhere(shop, order_id, SECOND_NUMBER)
    assert "sent twice" in shop.gcw("orders", "pull").stderr
    shop.gcw("orders", "release", order_id, "--yes")
    assert shop.holds(order_id) == []
    shop.advance(86_400)
    shop.do(order_id, "deliver")
    assert pulled(shop)["alarms"] == {}
    assert (shop.holds(order_id), shop.history(order_id).count(WRITTEN)) == ([], 1)


def test_production_is_told_to_stop_what_somebody_else_ships(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.released(2)
    elsewhere(shop, order_id, SECOND_NUMBER)
    assert f"gcw orders decide {order_id} stop" in pulled(shop)["alarms"][order_id]
    dry = shop.gcw("orders", "decide", order_id, "stop", "--dry-run", "--json").json
    assert dry["lines"] == sorted(shop.lines(order_id))
    ran = shop.gcw("orders", "decide", order_id, "stop", "--why", "sent by the seller", "--json")
    told = json.loads((shop.hand_off / f"TTS-{order_id}" / "CANCELLED.json").read_text())
    assert (told["wholeOrder"], told["cancelledItems"]) == (True, sorted(shop.lines(order_id)))
    assert "Production is told to stop" in ran.stderr
    assert (shop.stage(order_id), shop.holds(order_id)) == ("shipped", [])
    assert "production told to stop" in shop.history(order_id)
    assert shop.gcw("orders", "decide", order_id, "stop", "--json").json["known_before"] is True
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("shipped", [])
    assert shop.gcw("orders", "audit", "--json").code == 0


def test_a_stop_of_what_gcw_has_shipped_is_refused_although_another_unit_is_strange(shop: Shop) -> None:
    order_id = shop.released(2)
    first, second = shop.lines(order_id)
    shop.gcw(*shop.ship(order_id, "--line", first))
    elsewhere(shop, order_id, SECOND_NUMBER, second)
    pulled(shop)
    assert shop.gcw.fails(4, "orders", "decide", order_id, "stop", "--line", first, "--json").error["code"] == "gone"
    done = shop.gcw("orders", "decide", order_id, "stop", "--json").json
    assert done["lines"] == [second]
    told = json.loads((shop.hand_off / f"TTS-{order_id}" / "CANCELLED.json").read_text())
    assert told["cancelledItems"] == [second]


def test_a_number_that_differs_from_the_one_gcw_told_is_noticed(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.released(2)
    shop.gcw(*shop.ship(order_id))
    shop.change_orders(corrected(SECOND_NUMBER))
    shop.do(order_id, "deliver")
    sentence = pulled(shop)["alarms"][order_id]
    assert (
        sentence
        == f"Somebody else changed the tracking number of 2 units at TikTok from {NUMBER} to USPS {SECOND_NUMBER}."
    )
    assert shop.holds(order_id) == ["needs_decision"]


@pytest.mark.parametrize("written", [NUMBER, f"{NUMBER[:4]} {NUMBER[4:]}".lower()])
def test_the_number_that_gcw_told_is_no_alarm_however_tiktok_writes_it(shop: Shop, written: str) -> None:
    order_id = shop.released(2)
    shop.gcw(*shop.ship(order_id))
    shop.change_orders(corrected(written))
    shop.do(order_id, "deliver")
    assert pulled(shop)["alarms"] == {}
    assert (shop.stage(order_id), shop.holds(order_id)) == ("delivered", [])


def test_what_leaves_without_a_number_while_it_is_made_is_noticed(shop: Shop) -> None:
    order_id = shop.released()

    def change(order: Json) -> None:
        order["status"] = "IN_TRANSIT"
        order["update_time"] += 10
        order["line_items"][0]["display_status"] = "IN_TRANSIT"

    shop.change_orders(change)
    shop.advance(10)
    shop.do(order_id, "edit-address", address_line1="2 Quay Street")
    assert "gcw gave it no tracking number" in pulled(shop)["alarms"][order_id]


def test_what_somebody_else_ships_while_the_folder_is_written_is_noticed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = shop.ready()
    place = handoff.place

    def and_shipped(*given: Any) -> Any:
        elsewhere(shop, order_id, SECOND_NUMBER)
        shop.gcw("orders", "pull")
        return place(*given)

    monkeypatch.setattr(handoff, "place", and_shipped)
    shop.gcw("orders", "release")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("shipped", ["needs_decision"])
    assert shop.history(order_id).count(WRITTEN) == 1


def test_what_was_never_made_here_is_noted_without_an_alarm(shop: Shop) -> None:
    order_id = shop.ready()
    elsewhere(shop, order_id, NUMBER)
    assert pulled(shop)["alarms"] == {}
    assert (shop.stage(order_id), shop.holds(order_id)) == ("shipped", [])


def test_a_parcel_whose_answer_was_lost_is_ours(shop: Shop) -> None:
    order_id = shop.released(2)
    down: list[bool] = []

    def cut(request: httpx.Request, answer: Json) -> None:
        if "/packages" in request.url.path or down:
            down.append(True)
            raise httpx.ReadError("cut", request=request)

    shop.relay.change = cut
    shop.gcw.fails(6, *shop.ship(order_id))
    shop.relay.change = lambda request, answer: None
    assert len(shop.told()) == 1
    assert pulled(shop)["alarms"] == {}
    assert (shop.stage(order_id), shop.holds(order_id)) == ("shipped", [])


def test_of_an_order_that_leaves_in_two_parcels_the_strange_one_is_told(shop: Shop) -> None:
    order_id = shop.released(3)
    shop.gcw(*shop.ship(order_id, "--line", shop.lines(order_id)[0]))
    order = shop.sold(order_id)
    assert order
    shop.advance(10)
    rest = tuple(line.id for line in order.lines if not line.package)
    shipping.mark_shipped(shop.world, order, shipping.Shipment(SECOND_NUMBER, USPS, rest), shop.world.now())
    assert "for 2 units that production has" in pulled(shop)["alarms"][order_id]


def test_a_number_that_gcw_gave_for_another_order_in_the_same_parcel_is_ours(shop: Shop) -> None:
    """Where TikTok puts two orders into one package, a correction told of one shows at both."""
    first, second = shop.released(), shop.released()

    def one_package(order: Json) -> None:
        order["update_time"] += 1 + len(told)
        for line in order["line_items"]:
            line.update({"package_id": "1153"} | ({"tracking_number": told[-1]} if told else {}))

    told: list[str] = []
    shop.gcw(*shop.ship(first))
    shop.gcw(*shop.ship(second, number=SECOND_NUMBER))
    shop.change_orders(one_package)
    shop.advance(86_460)
    assert pulled(shop)["alarms"] == {}
    told.append(SECOND_NUMBER)
    shop.advance(3 * 86_400)
    assert pulled(shop)["alarms"] == {}
    assert shop.holds(first) == shop.holds(second) == []
    told.append("9400100000000000000035")
    shop.advance(31 * 86_400)
    assert set(pulled(shop)["alarms"]) == {first, second}
