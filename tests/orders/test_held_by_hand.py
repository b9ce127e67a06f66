"""An operator holds an order, lifts that, and has orders tried again."""

from sqlmodel import select

from gcw_tiktok.store.tables import Order
from orders.shop import OTHER_SKU, SKU, Shop

WHY = "The paper is out"


def hold(shop: Shop, order_id: str) -> None:
    shop.gcw("orders", "hold", order_id, "--why", WHY)


def test_a_held_order_stays_held_through_pulls_and_is_not_released_with_the_others(either_shop: Shop) -> None:
    shop = either_shop
    order_id, other_id = shop.ready(), shop.ready()
    hold(shop, order_id)
    shop.do(order_id, "edit-address", line1="7 Edited Quay", line2="")
    shop.gcw("orders", "pull", "--since", "1d")
    assert [one["order"] for one in shop.gcw("orders", "release", "--json").json] == [other_id]
    assert (shop.stage(order_id), shop.holds(order_id)) == ("received", ["manual"])
    (held,) = shop.order(order_id)["holds"]
    assert WHY in held["sentence"]
    assert held["command"] == f"gcw orders release {order_id} --yes"
    refused = shop.gcw.fails(4, "orders", "release", order_id, "--json").error
    assert WHY in refused["message"]


def test_release_with_yes_lifts_it_for_good_and_the_reason_stays_in_the_story(shop: Shop) -> None:
    order_id = shop.ready()
    hold(shop, order_id)
    shop.gcw("orders", "release", order_id, "--yes")
    assert shop.folders() == [f"TTS-{order_id}"]
    told = shop.gcw("orders", "explain", order_id, "--json").json["timeline"]
    assert [one["sentence"] for one in told if one["what"] == "held by hand"] == [WHY]
    assert {"held: manual", "no longer held: manual", "approved by hand"} <= {one["what"] for one in told}


def test_lifting_it_lets_the_order_go_on_and_no_other_hold(either_shop: Shop) -> None:
    shop = either_shop
    order_id, undecided = shop.ready(), shop.ready(sku=OTHER_SKU)
    for one in (order_id, undecided):
        hold(shop, one)
        shop.gcw("orders", "hold", one, "--lift")
    assert (shop.stage(order_id), shop.holds(order_id)) == ("passed", [])
    assert shop.holds(undecided) == ["not_connected"]
    assert "Nobody holds" in shop.gcw.fails(4, "orders", "hold", order_id, "--lift").stderr


def test_an_hour_that_tiktok_does_not_wait_out_is_not_ended_by_lifting(shop: Shop) -> None:
    order_id = shop.sandbox.order(SKU, is_on_hold_order=False)
    shop.gcw("orders", "pull")
    hold(shop, order_id)
    shop.gcw.offset = 3600.0
    shop.gcw("orders", "hold", order_id, "--lift")
    assert shop.holds(order_id) == ["tiktok_on_hold"]


def test_an_order_placed_before_the_store_was_connected_can_be_held_after_it_was_approved(shop: Shop) -> None:
    order_id = shop.ready()
    with shop.session() as session:
        session.exec(select(Order)).one().approved = True
    hold(shop, order_id)
    assert shop.holds(order_id) == ["manual"]


def test_what_is_released_cannot_be_held_and_nothing_without_a_reason(shop: Shop) -> None:
    order_id = shop.released()
    assert "only what is not released" in shop.gcw.fails(4, "orders", "hold", order_id, "--why", WHY).stderr
    other_id = shop.ready()
    for words in ((), ("--why", "  "), ("--why", WHY, "--lift"), ("--why", "x" * 301)):
        shop.gcw.fails(4, "orders", "hold", other_id, *words)
    assert shop.holds(other_id) == []


def test_what_was_set_aside_is_read_again(either_shop: Shop) -> None:
    shop = either_shop
    first, second = shop.sandbox.ready_order(SKU), shop.sandbox.ready_order(SKU)
    shop.change_orders(lambda order: order.update(create_time="yesterday"))
    shop.gcw.fails(7, "orders", "pull")
    ran = shop.gcw.fails(7, "orders", "retry", first, "--json")
    assert [(one["order"], one["result"]) for one in ran.json] == [(first, "set aside")]
    shop.change_orders(lambda order: None)
    assert [one["result"] for one in shop.gcw("orders", "retry", first, "--json").json] == ["passed"]
    assert [one["order"] for one in shop.gcw("orders", "retry", "--json").json] == [second]
    assert shop.gcw("orders", "retry", "--json").json == []


def test_what_failed_in_production_is_made_again_once_it_is_named(shop: Shop) -> None:
    order_id, other_id = shop.released(), shop.ready()
    shop.gcw("orders", "advance", order_id, "--to", "failed")
    assert shop.gcw("orders", "explain", order_id, "--json").json["next"]["command"] == f"gcw orders retry {order_id}"
    assert shop.gcw("orders", "retry", "--json").json == []
    assert "only what was set aside" in shop.gcw.fails(4, "orders", "retry", other_id).stderr
    (tried,) = shop.gcw("orders", "retry", order_id, order_id, "--json").json
    assert tried["result"] == "passed"
    shop.gcw("orders", "release", order_id)
    assert shop.history(order_id).count("handed over") == 2
    assert "to be made again" in shop.history(order_id)


def test_what_failed_and_was_cancelled_meanwhile_is_not_made_again(shop: Shop) -> None:
    order_id = shop.released()
    shop.gcw("orders", "advance", order_id, "--to", "failed")
    shop.do(order_id, "cancel")
    (tried,) = shop.gcw("orders", "retry", order_id, "--json").json
    assert tried["result"] == "canceled"
