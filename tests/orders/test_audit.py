"""`gcw orders audit` finds whatever is lost behind gcw's back, mends what can be mended, and prints nothing twice."""

import random
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from gcw_tiktok.store.tables import Hold, Line, Order, OutboxEntry, SetAside, Shipment, Stage
from orders.shop import OTHER_SKU, SKU, STORE, Shop


def busy(shop: Shop) -> dict[str, str]:
    """Orders at every point of their way, by what became of them."""
    orders = {"released": shop.released(2), "shipped": shop.released()}
    shop.gcw(*shop.ship(orders["shipped"]))
    orders["ready"], orders["held"] = shop.ready(), shop.ready(sku=OTHER_SKU)
    orders["on hold"] = shop.sandbox.order(SKU)
    shop.gcw("orders", "pull")
    return orders


def lose(shop: Shop, order_id: str, *, records: bool = False) -> None:
    """Everything of an order is gone, but for its history."""
    with shop.session() as session:
        key = session.exec(select(Order.id).where(Order.order_id == order_id)).one()
        for table in (Line, Hold, Shipment, *((OutboxEntry,) if records else ())):
            session.exec(delete(table).where(col(table.order_pk) == key))
        if records:
            session.exec(delete(Order).where(col(Order.id) == key))


def kinds(shop: Shop) -> dict[str, str]:
    found = shop.gcw.fails(8, "orders", "audit", "--json")
    return {one["order"]: one["kind"] for one in found.json["differences"]}


def test_every_order_is_in_exactly_one_place(either_shop: Shop) -> None:
    orders = busy(either_shop)
    told = either_shop.gcw("orders", "audit", "--json").json
    [store] = told["stores"]
    assert store["at_tiktok"] == len(orders)
    assert store["places"] == {"held": 2, "in production": 1, "ready": 1, "shipped": 1}
    assert told["differences"] == []


def test_what_changed_since_the_pull_is_no_difference(shop: Shop) -> None:
    busy(shop)
    shop.advance(100)
    shop.sandbox.order(SKU)
    [store] = shop.gcw("orders", "audit", "--json").json["stores"]
    assert store["places"]["not pulled yet"] == 1


def test_a_lost_order_is_found_and_taken_in_again(either_shop: Shop) -> None:
    orders = busy(either_shop)
    lose(either_shop, orders["ready"], records=True)
    assert kinds(either_shop) == {orders["ready"]: "missing"}
    told = either_shop.gcw("orders", "audit", "--repair", "--json").json
    assert [(one["kind"], one["repaired"]) for one in told["differences"]] == [("missing", True)]
    assert either_shop.stage(orders["ready"]) == "passed"
    assert either_shop.gcw("orders", "audit", "--json").json["differences"] == []


def test_an_order_that_was_made_and_lost_is_not_made_again(either_shop: Shop) -> None:
    orders = busy(either_shop)
    lose(either_shop, orders["released"], records=True)
    either_shop.gcw("orders", "audit", "--repair")
    assert either_shop.holds(orders["released"]) == ["needs_decision"]
    before = either_shop.folders()
    either_shop.gcw("orders", "release")
    assert orders["released"] not in "".join(set(either_shop.folders()) - set(before))
    assert either_shop.stage(orders["released"]) == "received"


def test_lost_lines_come_back_with_what_they_were_printed_with(either_shop: Shop) -> None:
    orders = busy(either_shop)
    versions = [line["version"] for line in either_shop.order(orders["released"])["lines"]]
    lose(either_shop, orders["released"])
    assert kinds(either_shop) == {orders["released"]: "lines"}
    either_shop.gcw("orders", "audit", "--repair")
    assert either_shop.stage(orders["released"]) == "created"
    assert [line["version"] for line in either_shop.order(orders["released"])["lines"]] == versions
    before = either_shop.folders()
    either_shop.gcw("orders", "release")
    assert len(either_shop.folders()) == len(before) + 1, "only the order that was ready"


def test_a_lost_hold_is_found_and_worked_out_again(either_shop: Shop) -> None:
    orders = busy(either_shop)
    with either_shop.session() as session:
        session.exec(delete(Hold))
    assert kinds(either_shop)[orders["held"]] == "no_reason"
    either_shop.gcw("orders", "audit", "--repair")
    assert either_shop.holds(orders["held"]) == ["not_connected"]


def test_a_stage_that_its_lines_contradict_is_found(shop: Shop) -> None:
    orders = busy(shop)
    with shop.session() as session:
        session.exec(select(Order).where(Order.order_id == orders["shipped"])).one().stage = Stage.PASSED
    assert kinds(shop) == {orders["shipped"]: "stage"}
    shop.gcw("orders", "audit", "--repair")
    assert shop.stage(orders["shipped"]) == "shipped"


def test_a_hand_off_that_is_not_on_record_is_told_and_stays_told(shop: Shop) -> None:
    orders = busy(shop)
    with shop.session() as session:
        session.exec(delete(OutboxEntry))
    assert kinds(shop) == {orders["released"]: "no_hand_off"}
    assert shop.gcw.fails(8, "orders", "audit", "--repair", "--json").json["differences"][0]["repaired"] is False


def test_an_order_that_tiktok_does_not_know_is_told(shop: Shop) -> None:
    orders = busy(shop)
    with shop.session() as session:
        row = session.exec(select(Order).where(Order.order_id == orders["held"])).one()
        row.order_id = "577000000000000001"
    assert kinds(shop) == {orders["held"]: "missing", "577000000000000001": "unknown"}


def test_an_order_in_two_places_is_told(shop: Shop) -> None:
    orders = busy(shop)
    with shop.session() as session:
        store_id = session.exec(select(Order.store_id)).first()
        assert store_id is not None
        session.add(SetAside(store_id=store_id, order_id=orders["held"], reason="unreadable", since=1))
    assert kinds(shop) == {orders["held"]: "twice"}
    shop.gcw("orders", "audit", "--repair")
    assert shop.gcw("orders", "audit", "--json").json["differences"] == []


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_lost_at_random_is_found(shop: Shop, seed: int) -> None:
    orders = list(busy(shop).values())
    lost = random.Random(seed).sample(orders, 2)
    for number, order_id in enumerate(lost):
        lose(shop, order_id, records=bool(number))
    assert set(kinds(shop)) == set(lost)
    folders = shop.folders()
    shop.gcw("orders", "audit", "--repair")
    assert shop.gcw("orders", "audit", "--json").json["differences"] == []
    shop.gcw("orders", "release")
    made = [name for name in shop.folders() if name not in folders]
    assert all(shop.stage(name.removeprefix("TTS-")) == "created" for name in made)
    assert len(made) <= 1, "only the order that was ready"


def test_the_report_can_be_given_to_a_customer(shop: Shop, tmp_path: Path) -> None:
    orders = busy(shop)
    lose(shop, orders["held"], records=True)
    shop.gcw("orders", "audit", "--repair", "--report", str(tmp_path / "audit.md"))
    page = (tmp_path / "audit.md").read_text()
    assert f"# Orders of {STORE}" in page
    assert f"| {orders['held']} | repaired |" in page
    assert "TikTok Shop names 5 orders" in page
    failure = shop.gcw.fails(4, "orders", "audit", "--report", str(tmp_path), "--json").error
    assert failure["message"].startswith("The report cannot be written")
