"""Recipients whose orders are done are forgotten: in the database, in hand-off folders, and for good."""

import json
import shutil
from typing import Any

import pytest
from sqlmodel import select

from gcw_tiktok.store.tables import Line, Notification, NotificationState, Order, SetAside, Stage
from orders.shop import OTHER_SKU, SKU, STORE, Json, Shop
from webhooks.pushes import push, received, shop_id

DAY = 86_400
MESSAGE = "Ring twice, please"


def pass_days(shop: Shop, days: int) -> None:
    """At TikTok and on this machine."""
    shop.advance(days * DAY)
    shop.gcw.offset += days * DAY


def delivered(shop: Shop, **more: Any) -> str:
    """An order that went all its way."""
    order_id = shop.released(buyer_message=MESSAGE, **more)
    shop.gcw(*shop.ship(order_id))
    shop.do(order_id, "deliver")
    shop.gcw("orders", "pull")
    assert shop.stage(order_id) == "delivered"
    return order_id


def purge(shop: Shop, *more: str, age: str = "30d") -> Json:
    (row,) = shop.gcw("privacy", "purge", "--older-than", age, *more, "--json").json
    return dict(row)


def kept(shop: Shop, order_id: str) -> bool:
    """Whether anything of the recipient is in the database."""
    with shop.session() as session:
        order = session.exec(select(Order).where(Order.order_id == order_id)).one()
        return order.sealed_recipient is not None or order.sealed_raw is not None or order.recipient_known


def test_a_recipient_is_forgotten_and_the_orders_facts_stay(either_shop: Shop) -> None:
    shop = either_shop
    order_id = delivered(shop)
    before, handed_over = shop.order(order_id), shop.document(order_id)
    assert handed_over["shippingAddress"]
    pass_days(shop, 31)
    assert purge(shop) == {
        "store": before["store"], "orders": 1, "set_aside": 0, "webhooks": 0, "folders": 1, "out_of_reach": [],
    }  # fmt: skip
    assert not kept(shop, order_id)
    after, cleaned = shop.order(order_id), shop.document(order_id)
    assert after["recipient"] == "purged"
    assert after["history"][-1]["what"] == "recipient purged"
    same = ("lines", "stage", "status", "placed", "paid", "released", "ship_by")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    told = json.dumps(cleaned)
    assert "shippingAddress" not in cleaned
    for word in (*filter(lambda one: len(one) > 2, handed_over["shippingAddress"].values()), MESSAGE):
        assert word not in told
    assert cleaned["items"] == handed_over["items"]
    assert {one["key"] for one in cleaned["metadata"]} >= {"gcwKey", "tiktokOrderId", "recipientPurged"}
    assert sorted(path.name for path in (shop.hand_off / f"TTS-{order_id}").iterdir() if path.name[0] == ".") == []


def test_twice_is_once_and_a_dry_run_is_nothing(shop: Shop) -> None:
    order_id = delivered(shop)
    pass_days(shop, 31)
    state = shop.state()
    dry = purge(shop, "--dry-run")
    assert (dry["orders"], dry["folders"]) == (1, 1)
    assert shop.state() == state
    assert kept(shop, order_id)
    assert purge(shop) == dry
    state = shop.state()
    assert purge(shop) == dry | {"orders": 0, "folders": 0}
    assert shop.state() == state


def test_what_is_young_or_still_to_be_made_is_kept(either_shop: Shop) -> None:
    shop = either_shop
    made, waiting = shop.released(), shop.ready()
    pass_days(shop, 31)
    young = delivered(shop)
    assert purge(shop)["orders"] == 0
    assert purge(shop, age="90d")["orders"] == 0
    assert all(kept(shop, one) for one in (made, waiting, young))
    assert "shippingAddress" in shop.document(made)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in ("shipped", "in_transit", "delivered")])
def test_a_unit_that_is_still_to_be_made_keeps_its_recipient_whatever_the_others_are(shop: Shop, stage: Stage) -> None:
    order_id = delivered(shop, quantity=2)
    with shop.session() as session:
        lines = session.exec(select(Line).order_by(Line.line_id)).all()
        lines[0].stage, lines[1].stage = Stage.RETURNED, stage
        order = session.exec(select(Order)).one()
        order.stage = Stage.RETURNED  # as an order shows one of whose units came back
    pass_days(shop, 31)
    over = stage in (Stage.CANCELED, Stage.RETURNED)
    assert purge(shop)["orders"] == over
    assert kept(shop, order_id) is not over


def test_canceled_orders_are_forgotten_too(shop: Shop) -> None:
    order_id = shop.ready()
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    pass_days(shop, 31)
    assert purge(shop)["orders"] == 1
    assert not kept(shop, order_id)


def test_tiktok_does_not_bring_back_what_was_forgotten(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.released(buyer_message=MESSAGE)
    shop.gcw(*shop.ship(order_id))
    shop.gcw("orders", "pull")
    pass_days(shop, 31)
    assert purge(shop)["orders"] == 1
    shop.gcw("orders", "pull")  # meanwhile the parcel has arrived
    assert shop.stage(order_id) == "delivered"
    assert not kept(shop, order_id)
    shop.gcw("orders", "pull", "--since", "60d")
    shop.gcw("orders", "audit", "--since", "60d", "--repair")
    assert not kept(shop, order_id)
    assert shop.holds(order_id) == []
    assert shop.order(order_id)["recipient"] == "purged"


def test_a_folder_that_production_moved_is_said_to_be_out_of_reach(shop: Shop) -> None:
    order_id = delivered(shop)
    shutil.move(shop.hand_off / f"TTS-{order_id}", shop.home / "moved")
    pass_days(shop, 31)
    ran = shop.gcw("privacy", "purge", "--older-than", "30d", "--json")
    assert ran.json[0]["out_of_reach"] == [order_id]
    assert "out of gcw's reach" in ran.stderr
    assert not kept(shop, order_id)


def test_a_folder_that_cannot_be_written_is_tried_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    order_id = delivered(shop)
    pass_days(shop, 31)
    with monkeypatch.context() as broken:

        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        broken.setattr(Path, "replace", refuse)
        ran = shop.gcw.fails(7, "privacy", "purge", "--older-than", "30d", "--json")
    assert "No space left" in ran.stderr
    assert kept(shop, order_id)
    assert shop.document(order_id)["shippingAddress"]
    assert [path.name for path in (shop.hand_off / f"TTS-{order_id}").iterdir() if path.name[0] == "."] == []
    assert purge(shop)["orders"] == 1


def test_labels_go_and_files_of_others_stay(shop: Shop) -> None:
    order_id = delivered(shop)
    folder = shop.hand_off / f"TTS-{order_id}"
    (folder / "label-1.pdf").write_bytes(b"%PDF")
    (folder / "notes.txt").write_text("of production")
    pass_days(shop, 31)
    purge(shop)
    names = {path.name for path in folder.iterdir()}
    assert "label-1.pdf" not in names
    assert names >= {"order.json", "job-ticket.pdf", "notes.txt"}


def test_what_was_set_aside_and_old_webhooks_are_forgotten_too(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.ready()
    (acted,) = received(shop, push(1, shop_id(shop), order_id=order_id, order_status="AWAITING_SHIPMENT"))
    shop.gcw("webhooks", "replay", acted)
    (waits,) = received(shop, push(1, shop_id(shop), order_id="9", order_status="AWAITING_SHIPMENT"))
    with shop.session() as session:
        store_id = session.exec(select(Order.store_id)).one()
        session.add(SetAside(store_id=store_id, order_id="2", reason="odd", sealed_raw=b"sealed", since=0))
    pass_days(shop, 31)
    row = purge(shop)
    assert (row["orders"], row["set_aside"], row["webhooks"]) == (0, 1, 1)
    with shop.session() as session:
        left = {one.notification_id: (len(one.sealed_raw) > 0, one.state) for one in session.exec(select(Notification))}
        assert left == {acted: (False, NotificationState.DONE), waits: (True, NotificationState.RECORDED)}
        assert session.exec(select(SetAside)).one().sealed_raw is None
    shop.gcw("webhooks", "replay", acted)
    assert "was purged" in shop.gcw.fails(4, "webhooks", "replay", acted, "--forward-to", "http://localhost:1/").stderr


def test_how_old_must_be_said_by_flag_or_setting(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--older-than" in shop.gcw.fails(2, "privacy", "purge", "--json").error["hint"]
    shop.gcw.fails(2, "privacy", "purge", "--older-than", "soon")
    delivered(shop)
    pass_days(shop, 31)
    monkeypatch.setenv("GCW_KEEP_RECIPIENTS_DAYS", "30")
    assert shop.gcw("privacy", "purge", "--json").json[0]["orders"] == 1


def test_one_store_can_be_named(shop: Shop) -> None:
    delivered(shop)
    pass_days(shop, 31)
    shop.gcw.fails(4, "privacy", "purge", "--older-than", "30d", "--store", "nobody")
    assert purge(shop, "--store", STORE)["orders"] == 1


def test_where_the_permission_is_withdrawn_all_recipients_are_forgotten_at_once(either_shop: Shop) -> None:
    shop = either_shop
    made, waiting = shop.released(), shop.ready()
    shop.world.authorizations.withdraw(shop.world.sellers[0])
    shop.gcw("webhooks", "replay", *received(shop, push(6, shop_id(shop), message="deauthorized")))
    assert not kept(shop, made)
    assert not kept(shop, waiting)
    assert "shippingAddress" not in shop.document(made)
    with shop.session() as session:
        assert {len(one.sealed_raw) for one in session.exec(select(Notification))} == {0}


def test_a_disconnected_stores_folders_hold_no_recipient(shop: Shop) -> None:
    order_id = shop.released()
    shop.gcw("store", "disconnect", STORE, "--yes")
    assert "shippingAddress" not in shop.document(order_id)


def test_orders_still_to_be_made_are_read_again_once_the_store_is_back(shop: Shop) -> None:
    """As after a permission that was withdrawn and given again."""
    waiting, done = shop.ready(), delivered(shop)
    with shop.session() as session:
        for order in session.exec(select(Order)):
            order.sealed_recipient, order.sealed_raw, order.recipient_known = None, None, False
    shop.gcw("orders", "pull")
    assert kept(shop, waiting)
    assert shop.stage(waiting) == "passed"
    assert not kept(shop, done)
    shop.advance(60)
    shop.gcw("orders", "pull")
    shop.requests()
    shop.gcw("orders", "pull")
    assert shop.requests() == ["POST /order/202309/orders/search"]


def test_nothing_of_a_recipient_is_in_the_other_variants_way(shop: Shop) -> None:
    """What one order's purge forgets leaves another's alone."""
    shop.connect_other()
    old = delivered(shop)
    pass_days(shop, 31)
    shop.gcw("orders", "pull")  # TikTok completed it
    pass_days(shop, 31)
    new = shop.ready(sku=OTHER_SKU)
    purge(shop)
    assert not kept(shop, old)
    assert kept(shop, new)
    assert shop.gcw("orders", "release", new, "--json").json[0]["result"] == "released"
    assert shop.lines(old)
    assert SKU in {line["seller_sku"] for line in shop.order(old)["lines"]}
