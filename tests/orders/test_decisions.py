"""What changes after its release is put to a person: stop, continue or remake; and what is decided happens once."""

from collections.abc import Callable
from typing import Any

import pytest

from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Store
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import decisions
from orders import at_once, connector
from orders.shop import OTHER_SKU, SKU, Json, Shop

STREET = "7 Edited Quay"


def decide(shop: Shop, order_id: str, *words: str) -> Json:
    found: Json = shop.gcw("orders", "decide", order_id, *words, "--json").json
    return found


def refused(shop: Shop, order_id: str, *words: str) -> str:
    return str(shop.gcw.fails(4, "orders", "decide", order_id, *words, "--json").error["code"])


def edit(shop: Shop, order_id: str) -> None:
    shop.do(order_id, "edit-address", line1=STREET, line2="")
    shop.gcw("orders", "pull")


def edited(shop: Shop, quantity: int = 2) -> str:
    """An order whose address changed while production has it."""
    order_id = shop.released(quantity)
    edit(shop, order_id)
    assert shop.holds(order_id) == ["needs_decision"]
    return order_id


def where(shop: Shop, order_id: str) -> tuple[str, list[str]]:
    return shop.stage(order_id), shop.holds(order_id)


def notice(shop: Shop, folder: str) -> Json:
    import json

    found: Json = json.loads((shop.hand_off / folder / "CANCELLED.json").read_text())
    return found


def items(shop: Shop, folder: str) -> list[str]:
    import json

    told = json.loads((shop.hand_off / folder / "order.json").read_text())
    return [item["itemReferenceId"] for item in told["items"]]


def shown_otherwise(shop: Shop, change: Callable[[Json], None]) -> None:
    """TikTok shows orders changed just now."""

    def edit(order: Json) -> None:
        change(order)
        order["update_time"] = shop.world.now() + 1

    shop.advance(5)
    shop.change_orders(edit)
    shop.gcw("orders", "pull", "--since", "1d")


# Before release an order follows what TikTok shows.


def add_a_line(order: Json) -> None:
    order["line_items"].append(order["line_items"][0] | {"id": "577999999999999991"})


def other_variant(shop: Shop) -> Callable[[Json], None]:
    sku = next(
        one for each in shop.world.sellers[0].shops[0].products for one in each.skus if one.seller_sku == OTHER_SKU
    )

    def change(order: Json) -> None:
        order["line_items"][0] |= {"sku_id": sku.id, "seller_sku": OTHER_SKU}

    return change


def test_before_release_the_order_is_as_tiktok_shows_it(shop: Shop) -> None:
    order_id = shop.ready(2)
    first = shop.lines(order_id)[0]
    shop.connect_other()
    shop.do(order_id, "edit-address", line1=STREET, line2="")
    shop.do(order_id, "cancel", line_ids=[first])
    shop.gcw("orders", "pull")

    def change(order: Json) -> None:
        add_a_line(order)
        other = next(line for line in order["line_items"] if line["id"] not in (first, "577999999999999991"))
        other["seller_sku"] = OTHER_SKU
        order["buyer_message"] = "Please hurry."
        order["line_items"][-1]["display_status"] = "AWAITING_SHIPMENT"

    shown_otherwise(shop, change)
    assert where(shop, order_id) == ("passed", [])
    shop.gcw("orders", "release", order_id)
    document = shop.document(order_id)
    assert document["shippingAddress"]["addressLine1"] == STREET
    assert len(document["items"]) == 2
    assert first not in items(shop, f"TTS-{order_id}")
    assert {one["key"]: one["value"] for one in document["metadata"]}["buyerMessage"] == "Please hurry."
    whys = " ".join(event["why"] for event in shop.order(order_id)["history"])
    assert "the address changed" in whys
    assert "a line was added" in whys
    assert "message changed" in whys
    assert STREET not in whys


def test_before_release_another_variant_is_what_is_printed(shop: Shop) -> None:
    order_id = shop.ready()
    shop.connect_other()
    shown_otherwise(shop, other_variant(shop))
    shop.gcw("orders", "release", order_id)
    (item,) = shop.document(order_id)["items"]
    (line,) = shop.order(order_id)["lines"]
    assert (line["seller_sku"], line["product_uid"]) == (OTHER_SKU, item["productUid"])
    assert f"a line changed from {SKU} to {OTHER_SKU}" in [event["why"] for event in shop.order(order_id)["history"]]


# After it, a person decides.


def test_the_question_shows_what_changed_and_nothing_of_the_recipient(shop: Shop) -> None:
    order_id = edited(shop)
    told = decide(shop, order_id)
    assert [(one["what"], one["before"], one["after"]) for one in told["changes"]] == [("address", "", "")]
    assert (told["made"], told["question"].split(".")[0]) == (
        "2 created", "The address changed after the order went to production",
    )  # fmt: skip
    assert [one["command"].split()[-1] for one in told["choices"]] == ["stop", "continue", "remake"]
    assert STREET not in shop.gcw("orders", "decide", order_id).stdout
    seen = decide(shop, order_id, "--with-recipient")
    assert seen["after"]["address"]["addressLine1"] == STREET
    assert seen["before"]["address"] == shop.document(order_id)["shippingAddress"]
    assert "recipient looked at" in shop.history(order_id)


@pytest.mark.parametrize(
    ("change", "what", "after"),
    [(add_a_line, "line added", SKU), (other_variant, "variant", OTHER_SKU)],
    ids=["line added", "variant"],
)
def test_lines_are_shown_before_and_after(shop: Shop, change: Any, what: str, after: str) -> None:
    order_id = shop.released()
    shop.connect_other()
    shown_otherwise(shop, change(shop) if change is other_variant else change)
    (told,) = decide(shop, order_id)["changes"]
    assert (told["what"], told["before"], told["after"]) == (what, SKU if what == "variant" else "", after)


def test_what_waits_for_a_decision_names_the_command(shop: Shop) -> None:
    order_id = edited(shop)
    command = f"gcw orders decide {order_id}"
    (row,) = shop.gcw("orders", "list", "--held", "--json").json
    assert row["command"] == command
    assert command in shop.gcw("orders", "list", "--held").stdout
    assert shop.gcw("orders", "explain", order_id, "--json").json["next"]["command"] == command


def test_to_continue_leaves_what_was_released(either_shop: Shop) -> None:
    shop = either_shop
    order_id = edited(shop)
    told = decide(shop, order_id, "continue", "--why", "The label is ours")
    assert (told["choice"], told["known_before"]) == ("continue", False)
    assert where(shop, order_id) == ("created", [])
    assert decide(shop, order_id, "continue")["known_before"] is True
    assert shop.history(order_id).count("decided") == 1
    assert shop.folders() == [f"TTS-{order_id}"]
    shop.gcw("orders", "pull", "--since", "1d")
    assert where(shop, order_id) == ("created", [])
    shop.gcw(*shop.ship(order_id))


def test_to_stop_tells_production_and_waits(either_shop: Shop) -> None:
    shop = either_shop
    order_id = edited(shop)
    lines = sorted(shop.lines(order_id))
    told = decide(shop, order_id, "stop", "--why", "Wrong address")
    assert (sorted(told["lines"]), told["made"]) == (lines, "2 created")
    assert where(shop, order_id) == ("received", ["manual"])
    stopped = notice(shop, f"TTS-{order_id}")
    assert (stopped["cancelledItems"], stopped["wholeOrder"]) == (lines, True)
    assert stopped["message"].startswith("The whole order is stopped")
    for _ in range(2):
        assert decide(shop, order_id, "stop")["known_before"] is True
        assert shop.gcw("orders", "release", "--json").json == []
        shop.gcw("orders", "pull", "--since", "1d")
    assert shop.history(order_id).count("decided") == 1
    assert shop.history(order_id).count("production told to stop") == 1
    assert shop.folders() == [f"TTS-{order_id}"]
    assert "not released" in shop.gcw.fails(4, *shop.ship(order_id)).stderr


def test_what_was_stopped_is_released_again_under_a_name_of_its_own(either_shop: Shop) -> None:
    shop = either_shop
    order_id = edited(shop)
    decide(shop, order_id, "stop")
    shop.gcw("orders", "release", order_id, "--yes")
    assert where(shop, order_id) == ("created", [])
    assert shop.folders() == [f"TTS-{order_id}", f"TTS-{order_id}-2"]
    again = shop.document(f"{order_id}-2")
    assert again["orderReferenceId"] == f"TTS-{order_id}-2"
    assert again["shippingAddress"]["addressLine1"] == STREET
    shop.do(order_id, "edit-address", line1="8 Edited Quay")
    shop.gcw("orders", "pull")
    decide(shop, order_id, "stop")
    assert notice(shop, f"TTS-{order_id}-2")["wholeOrder"] is True


def test_what_was_stopped_can_be_cancelled_and_changes_without_a_decision(shop: Shop) -> None:
    order_id = edited(shop)
    decide(shop, order_id, "stop")
    shop.do(order_id, "edit-address", line1="9 Other Quay")
    shop.gcw("orders", "pull")
    assert where(shop, order_id) == ("received", ["manual"])
    shop.gcw("orders", "cancel", order_id, "--reason", "seller_cancel_reason_out_of_stock")
    assert where(shop, order_id) == ("canceled", [])


def test_to_remake_stops_and_hands_over_as_it_is_now(either_shop: Shop) -> None:
    shop = either_shop
    order_id = edited(shop)
    told = decide(shop, order_id, "remake")
    assert (told["outcome"], told["folder"]) == ("released", str(shop.hand_off / f"TTS-{order_id}-2"))
    assert where(shop, order_id) == ("created", [])
    assert notice(shop, f"TTS-{order_id}")["wholeOrder"] is True
    assert shop.document(f"{order_id}-2")["shippingAddress"]["addressLine1"] == STREET
    assert not (shop.hand_off / f"TTS-{order_id}-2" / "CANCELLED.json").exists()
    for _ in range(2):
        assert decide(shop, order_id, "remake")["known_before"] is True
    assert shop.folders() == [f"TTS-{order_id}", f"TTS-{order_id}-2"]
    assert shop.history(order_id).count("handed over") == 2
    shop.gcw(*shop.ship(order_id))
    assert (shop.stage(order_id), len(shop.told())) == ("shipped", 1)


def test_two_that_stop_at_once_stop_it_once(either_shop: Shop) -> None:
    shop = either_shop
    order_id = edited(shop)

    def stop(gcw: Runtime, store: Store) -> bool:
        hands = gcw.database, gcw.seal, store, Act("test", gcw.now())
        return decisions.decide(*hands, order_id, decisions.Choice.STOP).known_before

    assert len(at_once.run(shop, stop)) == 2
    assert shop.history(order_id).count("decided") == 1
    assert shop.history(order_id).count("production told to stop") == 1
    assert where(shop, order_id) == ("received", ["manual"])


def test_a_remake_passes_the_gate(shop: Shop) -> None:
    order_id = edited(shop)
    shop.do(order_id, "request-cancel")
    ran = shop.gcw.fails(7, "orders", "decide", order_id, "remake", "--json")
    assert (ran.json["outcome"], "asked to cancel" in ran.error["message"]) == ("held", True)
    assert where(shop, order_id) == ("received", ["cancel_requested"])
    assert shop.folders() == [f"TTS-{order_id}"]


def test_one_unit_alone_is_stopped_and_the_others_go_on(either_shop: Shop) -> None:
    shop = either_shop
    order_id = edited(shop, 3)
    stopped, *left = shop.lines(order_id)
    assert decide(shop, order_id, "stop", "--line", stopped)["lines"] == [stopped]
    assert decide(shop, order_id, "stop", "--line", stopped)["known_before"] is True
    stages = {line["line"]: line["stage"] for line in shop.order(order_id)["lines"]}
    assert stages == {stopped: "received", **dict.fromkeys(left, "created")}
    told = notice(shop, f"TTS-{order_id}")
    assert (told["cancelledItems"], told["wholeOrder"]) == ([stopped], False)
    shop.gcw(*shop.ship(order_id))
    assert {line["line"]: line["stage"] for line in shop.order(order_id)["lines"]} == {
        stopped: "received", **dict.fromkeys(left, "shipped"),
    }  # fmt: skip
    shop.gcw("orders", "release", order_id, "--yes")
    assert items(shop, f"TTS-{order_id}-2") == [stopped]


def test_production_reports_of_each_hand_off_its_own_units(shop: Shop) -> None:
    order_id = edited(shop)
    anew, kept = shop.lines(order_id)
    decide(shop, order_id, "remake", "--line", anew)
    results = shop.hand_off / "results"
    results.mkdir()
    (results / "one.json").write_text(f'{{"orderReferenceId": "TTS-{order_id}", "status": "printed"}}')
    shop.gcw("orders", "collect")
    stages = {line["line"]: line["stage"] for line in shop.order(order_id)["lines"]}
    assert stages == {anew: "created", kept: "printed"}


def test_a_unit_cancelled_after_the_release_is_decided_with_the_rest(shop: Shop) -> None:
    order_id = shop.released(2)
    gone, left = shop.lines(order_id)
    shop.do(order_id, "cancel", line_ids=[gone])
    shop.gcw("orders", "pull")
    (change,) = decide(shop, order_id)["changes"]
    assert (change["what"], change["line"]) == ("cancelled", gone)
    decide(shop, order_id, "stop")
    assert notice(shop, f"TTS-{order_id}")["cancelledItems"] == sorted([gone, left])
    assert where(shop, order_id) == ("received", ["manual"])


def test_to_stop_what_is_cancelled_is_to_have_seen_it(shop: Shop) -> None:
    order_id = shop.released()
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    assert refused(shop, order_id, "remake") == "not_in_work"
    decide(shop, order_id, "stop")
    assert where(shop, order_id) == ("canceled", [])
    assert decide(shop, order_id, "stop")["known_before"] is True


def test_what_cannot_be_decided_is_refused_in_words(shop: Shop) -> None:
    released, ready = shop.released(), shop.ready()
    assert refused(shop, released) == refused(shop, released, "continue") == "nothing_to_decide"
    assert refused(shop, released, "remake") == "nothing_to_decide"
    assert refused(shop, ready, "stop") == "not_in_work"
    assert refused(shop, released, "stop", "--line", "12") == "input"
    assert refused(shop, released, "continue", "--line", shop.lines(released)[0]) == "usage"
    shop.gcw(*shop.ship(released))
    assert refused(shop, released, "stop") == "gone"
    assert where(shop, ready) == ("passed", [])


def test_an_order_can_be_stopped_though_nothing_changed(shop: Shop) -> None:
    order_id = shop.released()
    decide(shop, order_id, "stop", "--why", "The paper is wrong")
    (hold,) = shop.order(order_id)["holds"]
    assert hold["sentence"] == "Held by hand: stopped in production: The paper is wrong"


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    order_id = edited(shop)
    before = shop.state()
    for choice in ("stop", "continue", "remake"):
        assert decide(shop, order_id, choice, "--dry-run")["dry_run"] is True
    assert shop.state() == before


def test_where_production_took_the_folder_away_it_is_told_by_hand_before_anything_is_made_anew(shop: Shop) -> None:
    order_id = edited(shop)
    (shop.hand_off / f"TTS-{order_id}").rename(shop.home.parent / "taken away")
    ran = shop.gcw.fails(7, "orders", "decide", order_id, "remake", "--json")
    assert "told by hand" in ran.error["message"]
    assert shop.gcw.fails(7, "orders", "decide", order_id, "remake", "--json").json["outcome"] == "held"
    assert where(shop, order_id) == ("received", ["needs_decision"])
    assert shop.folders() == []
    shop.gcw("orders", "release", order_id, "--yes")
    assert shop.folders() == [f"TTS-{order_id}-2"]


def test_nothing_is_made_anew_before_production_was_told_to_stop(shop: Shop) -> None:
    order_id = edited(shop)
    away = shop.hand_off.with_name("not mounted")
    shop.hand_off.rename(away)
    shop.gcw.fails(6, "orders", "decide", order_id, "remake")
    shop.hand_off.mkdir()
    (shop.hand_off / "TTS-0").mkdir()
    shop.hand_off.rename(away.with_name("another"))
    assert shop.gcw.run("orders", "release", order_id).code in (4, 6, 7)
    away.rename(shop.hand_off)
    assert shop.folders() == [f"TTS-{order_id}"]
    decide(shop, order_id, "remake")
    assert shop.folders() == [f"TTS-{order_id}", f"TTS-{order_id}-2"]
    assert notice(shop, f"TTS-{order_id}")["wholeOrder"] is True


def test_at_gelatoconnect_it_is_stopped_by_hand(shop: Shop) -> None:
    intake, _ = connector.connect(shop)
    order_id = edited(shop)
    decide(shop, order_id, "stop")
    assert sorted(shop.holds(order_id)) == ["manual", "needs_decision"]
    sentences = " ".join(hold["sentence"] for hold in shop.order(order_id)["holds"])
    assert f"Production at GelatoConnect has it as TTS-{order_id}, so it must be told by hand" in sentences
    shop.gcw("orders", "release", order_id, "--yes")
    assert list(intake.orders) == [f"TTS-{order_id}", f"TTS-{order_id}-2"]
    shop.gcw("orders", "collect")
    assert where(shop, order_id) == ("created", [])
