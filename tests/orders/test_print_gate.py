"""Nothing is printed too early, after a cancel, in part, or twice."""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Line, Order, Stage, Store
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import gate, release
from gcw_tiktok.workflow.production import handoff
from orders import at_once
from orders.shop import OTHER_SKU, SKU, STORE, Shop


def results(shop: Shop, *more: str) -> list[str]:
    return [one["result"] for one in shop.gcw("orders", "release", "--json", *more).json]


@pytest.mark.parametrize(
    ("action", "hold"), [("request-cancel", ["cancel_requested"]), ("cancel", []), ("edit-address", [])]
)
@pytest.mark.parametrize("later", [0, 10], ids=["in the same second", "later"])
def test_what_changed_since_it_was_read_is_not_released(shop: Shop, action: str, hold: list[str], later: int) -> None:
    order_id = shop.ready(2)
    shop.advance(later)
    shop.do(order_id, action)
    assert results(shop) == ["held"]
    assert shop.folders() == shop.left_aside() == []
    assert shop.holds(order_id) == hold


def test_a_unit_cancelled_since_is_not_printed_and_the_rest_goes_with_the_next_run(shop: Shop) -> None:
    order_id = shop.ready(2)
    gone, left = shop.lines(order_id)
    shop.do(order_id, "cancel", line_ids=[gone])
    assert results(shop) == ["held"]
    assert shop.folders() == []
    assert results(shop) == ["released"]
    assert [item["itemReferenceId"] for item in shop.document(order_id)["items"]] == [left]


def test_a_pending_request_is_seen_where_only_the_cancellations_show_it(shop: Shop) -> None:
    order_id = shop.ready()
    shop.do(order_id, "request-cancel")
    shop.change_orders(lambda order: order.update(is_buyer_request_cancel=False))
    shop.gcw.fails(4, "orders", "release", order_id)
    assert shop.folders() == []


def test_a_changed_order_says_so_and_goes_with_the_next_run(shop: Shop) -> None:
    order_id = shop.ready()
    shop.do(order_id, "edit-address", line1="7 Edited Quay", line2="")
    refused = shop.gcw.fails(4, "orders", "release", order_id, "--json")
    assert refused.stdout == ""
    assert refused.error == {
        "code": "held",
        "message": f"Order {order_id} stays: It changed at TikTok since it was last read; it is up to date now.",
        "hint": f"gcw orders release {order_id}",
        "request_id": "",
    }
    shop.gcw("orders", "release", order_id)
    assert shop.document(order_id)["shippingAddress"]["addressLine1"] == "7 Edited Quay"


def test_where_tiktok_does_not_wait_gcw_waits_an_hour_by_tiktoks_clock(shop: Shop) -> None:
    order_id = shop.sandbox.order(SKU, is_on_hold_order=False)
    shop.gcw("orders", "pull")
    assert shop.holds(order_id) == ["tiktok_on_hold"]
    shop.advance(3585)
    shop.gcw.offset = 3585 + 25  # this machine is ahead, as far as TikTok lets it be: by its clock the hour is over
    assert results(shop) == ["held"]
    assert shop.folders() == []
    shop.gcw.offset = 0.0  # and now it is far behind
    shop.advance(20)
    assert results(shop) == ["released"]


def test_one_undecided_line_keeps_the_whole_order_back(shop: Shop) -> None:
    lines = [{"seller_sku": SKU, "quantity": 2}, {"seller_sku": OTHER_SKU}]
    order_id = shop.ready(lines=lines)
    assert shop.holds(order_id) == ["not_connected"]
    assert results(shop) == []
    shop.connect_other()
    assert results(shop) == ["released"]
    assert len(shop.document(order_id)["items"]) == 3


def test_a_variant_disconnected_since_is_not_printed(shop: Shop) -> None:
    order_id = shop.ready()
    shop.gcw("products", "disconnect", STORE, SKU)
    assert results(shop) == []
    shop.gcw.fails(4, "orders", "release", order_id)
    assert shop.folders() == []


def test_a_withdrawn_product_holds_the_order_until_it_is_offered_again(shop: Shop) -> None:
    order_id = shop.ready()
    shop.withdraw()
    assert "not published" in shop.gcw.fails(4, "orders", "release", order_id, "--json").error["message"]
    assert (shop.stage(order_id), shop.holds(order_id)) == ("received", ["design_problem"])
    assert shop.folders() == shop.left_aside() == []
    shop.withdraw(published=True)
    assert results(shop) == ["released"]


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"%PDF-1.7 damaged")])
def test_an_order_whose_pinned_design_is_gone_or_damaged_is_not_printed(
    shop: Shop, harm: Callable[[Path], object]
) -> None:
    order_id, other_id = shop.ready(), shop.sandbox.ready_order(OTHER_SKU)
    (design,) = (shop.home / "profiles" / "default" / "designs").iterdir()
    whole = design.read_bytes()
    harm(design)
    failed = shop.gcw.fails(4, "orders", "release", order_id, "--json")
    assert failed.stdout == ""
    assert "pinned design" in failed.error["message"]
    assert shop.folders() == shop.left_aside() == []
    assert shop.stage(order_id) == "passed"
    design.write_bytes(whole)
    assert results(shop) == ["released"]
    assert other_id


def test_one_order_that_fails_does_not_stop_the_others(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = shop.ready(), shop.ready()
    (shop.hand_off / f"TTS-{first}").mkdir()
    (shop.hand_off / f"TTS-{first}" / "order.json").write_text("something else")
    ran = shop.gcw.fails(7, "orders", "release", "--json")
    assert {one["order"]: one["result"] for one in ran.json} == {first: "failed", second: "released"}
    assert first in ran.error["message"]
    assert ran.error["code"] == "partly_done"
    assert shop.stage(second) == "created"


@pytest.mark.parametrize("number", [1, 2, 3], ids=["design", "ticket", "document"])
def test_a_full_disk_leaves_nothing_half_done_and_the_next_run_completes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    order_id = shop.ready()
    write, written = handoff._write, []

    def full(path: Path, content: bytes) -> None:
        written.append(path)
        write(path, content[: len(content) // 2] if len(written) == number else content)
        if len(written) == number:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(handoff, "_write", full)
        failed = shop.gcw.fails(6, "orders", "release", "--json")
    assert failed.stdout == ""
    assert "No space left" in failed.error["message"]
    assert shop.folders() == shop.left_aside() == []
    assert shop.stage(order_id) == "passed"
    assert results(shop) == ["released"]
    assert set(shop.document(order_id)) >= {"items", "shippingAddress"}


def test_a_hand_off_that_is_not_there_is_no_end_of_the_order(shop: Shop) -> None:
    order_id = shop.ready()
    shutil.rmtree(shop.hand_off)
    assert str(shop.hand_off) in shop.gcw.fails(6, "orders", "release", order_id, "--json").error["message"]
    assert shop.stage(order_id) == "passed"
    shop.hand_off.mkdir()
    assert results(shop) == ["released"]


def test_two_that_release_at_once_hand_over_once(either_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = either_shop
    ids = [shop.ready(2) for _ in range(3)]

    def pass_gate(gcw: Runtime, store: Store) -> list[gate.Outcome]:
        client, act = gcw.client_for(store), Act("test", gcw.now())
        running = gcw.profile.folder / "running"
        return release.release(gcw.database, client, gcw.seal, store, act, gcw.profile.designs, running)

    at_once.meet_at(monkeypatch, gate.Gate, "_reserve")
    met = at_once.run(shop, pass_gate)
    assert sorted(one.order_id for found in met for one in found if one.result == gate.RELEASED) == sorted(ids)
    assert shop.folders() == [f"TTS-{order_id}" for order_id in sorted(ids)]
    assert shop.left_aside() == []
    assert [shop.history(order_id).count("handed over") for order_id in ids] == [1, 1, 1]


def test_one_that_took_too_long_and_lost_its_reservation_prints_nothing(shop: Shop) -> None:
    order_id = shop.ready()

    def lose(request: httpx.Request, answer: object) -> None:
        if "cancellations" in request.url.path:
            with shop.session() as session:
                session.exec(select(Order)).one().reserved_by = "another machine"

    shop.relay.change = lose
    assert shop.gcw.fails(6, "orders", "release", "--json").error["code"] == "try_again"
    assert shop.folders() == shop.left_aside() == []
    assert shop.stage(order_id) == "passed"


def test_what_another_machine_has_in_hand_is_left_to_it_until_its_time_is_up(shop: Shop) -> None:
    order_id = shop.ready()
    with shop.session() as session:
        order = session.exec(select(Order)).one()
        order.reserved_by, order.reserved_until = "another machine", int(shop.gcw.clock()) + 200
    assert results(shop) == []
    assert "in hand" in shop.gcw.fails(6, "orders", "release", order_id, "--json").error["message"]
    shop.advance(250)
    shop.gcw.offset = 250
    assert results(shop, order_id) == ["released"]


def test_a_released_order_is_not_released_again(shop: Shop) -> None:
    order_id = shop.released()
    assert results(shop) == []
    assert "created already" in shop.gcw.fails(4, "orders", "release", order_id, "--json").error["message"]
    shop.gcw("orders", "pull")
    assert results(shop) == []
    assert shop.history(order_id).count("handed over") == 1


def test_named_orders_that_go_and_stay_are_told_apart(shop: Shop) -> None:
    free = shop.ready()
    waiting = shop.sandbox.order(SKU)
    shop.gcw("orders", "pull")
    ran = shop.gcw.fails(7, "orders", "release", free, waiting, "--json")
    assert {one["order"]: one["result"] for one in ran.json} == {free: "released", waiting: "held"}


@pytest.mark.parametrize("action", ["edit-address", "line cancel"])
def test_a_change_after_release_asks_for_a_decision_before_it_is_shipped(shop: Shop, action: str) -> None:
    order_id = shop.released(2)
    if action == "line cancel":
        shop.do(order_id, "cancel", line_ids=shop.lines(order_id)[:1])
    else:
        shop.do(order_id, action)
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("created", ["needs_decision"])
    shop.gcw("orders", "pull")
    assert shop.gcw.fails(4, *shop.ship(order_id, "--json")).error["code"] == "needs_decision"
    assert shop.told() == []
    shop.gcw(*shop.ship(order_id, "--yes"))
    assert (shop.stage(order_id), shop.holds(order_id)) == ("shipped", [])
    assert len(shop.told()) == 1


def test_a_change_that_no_pull_has_seen_is_seen_before_it_is_shipped(shop: Shop) -> None:
    order_id = shop.released()
    shop.do(order_id, "edit-address")
    assert shop.gcw.fails(4, *shop.ship(order_id, "--json")).error["code"] == "needs_decision"
    assert shop.told() == []


def test_shipping_does_not_refuse_a_buyers_request_to_cancel_unasked(shop: Shop) -> None:
    order_id = shop.released()
    shop.do(order_id, "request-cancel")
    assert "asked to cancel" in shop.gcw.fails(4, *shop.ship(order_id, "--json")).error["message"]
    assert shop.holds(order_id) == ["cancel_requested"]
    assert shop.told() == []
    shop.gcw(*shop.ship(order_id, "--yes"))
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("shipped", [])


def test_an_order_cancelled_after_release_stays_on_the_list_until_it_is_settled(shop: Shop) -> None:
    order_id = shop.released()
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("canceled", ["needs_decision"])
    shop.gcw("orders", "pull")
    assert [one["order"] for one in shop.gcw("orders", "list", "--held", "--json").json] == [order_id]
    assert results(shop, order_id, "--yes") == ["settled"]
    assert shop.holds(order_id) == []
    assert "decided" in shop.history(order_id)
    assert shop.folders() == [f"TTS-{order_id}"]


def test_what_production_failed_is_not_made_again_by_itself(shop: Shop) -> None:
    order_id = shop.released()
    shop.gcw("orders", "advance", order_id, "--to", "failed")
    shop.do(order_id, "request-cancel")  # holds it for a while
    shop.gcw("orders", "pull")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("failed", ["cancel_requested"])
    shop.change_orders(lambda order: order.update(is_buyer_request_cancel=False))
    shop.gcw("orders", "pull", "--since", "1d")
    assert results(shop) == []
    assert shop.stage(order_id) == "failed"


def test_what_a_person_has_made_again_is_handed_over_again_under_a_name_of_its_own(shop: Shop) -> None:
    order_id = shop.released()
    shop.gcw("orders", "advance", order_id, "--to", "failed")
    with shop.session() as session:
        order = session.exec(select(Order)).one()
        order.stage = session.exec(select(Line)).one().stage = Stage.RECEIVED
    assert results(shop) == ["released"]
    assert shop.folders() == [f"TTS-{order_id}", f"TTS-{order_id}-2"]
    assert shop.history(order_id).count("handed over") == 2
