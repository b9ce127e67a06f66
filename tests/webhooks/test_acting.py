"""What follows from a webhook: the thing itself is read again, once, whatever the webhook says of it."""

import pytest
from sqlmodel import select

from gcw_tiktok.store.tables import Event, Listing, Notification, Store, Variant
from gcw_tiktok.workflow import acting, notifications
from orders.shop import OTHER_SKU, SKU, STORE, Json, Shop
from orders.test_killed_anywhere import Stand
from orders.test_killed_anywhere import stand as stand
from webhooks.pushes import event, killed_with_all_in_hand, push, received, shop_id, standing

DETAIL = "GET /order/202507/orders"


def replayed(shop: Shop, *ids: str) -> list[Json]:
    found: list[Json] = shop.gcw("webhooks", "replay", *ids, "--json").json
    return found


def cursor(shop: Shop) -> int:
    with shop.session() as session:
        return session.exec(select(Store.orders_cursor)).one()


def of_order(shop: Shop, order_id: str, kind: int = 1, status: str = "AWAITING_SHIPMENT") -> bytes:
    return push(kind, shop_id(shop), order_id=order_id, order_status=status, is_on_hold_order=True)


def test_an_order_that_is_pushed_is_taken_in_and_the_cursor_stays(either_shop: Shop) -> None:
    shop = either_shop
    before = cursor(shop)
    order_id = shop.sandbox.ready_order(SKU, 2)
    (pushed,) = received(shop, of_order(shop, order_id))
    assert event(shop, pushed)["state"] == "recorded"
    shop.requests()
    assert [one["result"] for one in replayed(shop, pushed)] == ["done"]
    assert shop.requests() == [DETAIL]
    assert (shop.stage(order_id), cursor(shop)) == ("passed", before)
    assert event(shop, pushed) | {"received_at": ""} == {
        "id": pushed,
        "received_at": "",
        "topic": "ORDER_STATUS_CHANGE",
        "store": name(shop),
        "about": [f"order:{order_id}"],
        "state": "done",
        "tries": 1,
        "why": "",
    }
    assert shop.gcw("orders", "pull", "--json").json[0]["new"] == 0


@pytest.mark.parametrize("kind", [1, 2, 3, 11, 12])
def test_every_topic_about_orders_has_the_order_read(shop: Shop, kind: int) -> None:
    order_id = shop.sandbox.ready_order(SKU)
    replayed(shop, *received(shop, of_order(shop, order_id, kind)))
    assert shop.stage(order_id) == "passed"


def test_what_a_webhook_says_is_not_believed(shop: Shop) -> None:
    order_id = shop.ready()
    replayed(shop, *received(shop, of_order(shop, order_id, 1, "CANCEL"), of_order(shop, order_id, 11)))
    assert (shop.stage(order_id), shop.holds(order_id)) == ("passed", [])


def test_many_webhooks_about_few_orders_read_each_order_once(either_shop: Shop) -> None:
    shop = either_shop
    orders = [shop.sandbox.ready_order(SKU) for _ in range(3)]
    bodies = [of_order(shop, order_id, kind) for order_id in orders for kind in (1, 3, 11, 1)]
    ids = received(shop, *bodies)
    shop.requests()
    assert {one["result"] for one in replayed(shop, *ids)} == {"done"}
    assert shop.requests() == [DETAIL]
    assert [shop.history(order_id) for order_id in orders] == [["taken in"]] * 3


def test_a_change_of_packages_has_all_its_orders_read(shop: Shop) -> None:
    orders = [shop.sandbox.ready_order(SKU) for _ in range(3)]
    packages = [{"package_id": "1", "order_id_list": orders[:2]}, {"package_id": "2", "order_id_list": orders[2:]}]
    replayed(shop, *received(shop, push(4, shop_id(shop), sc_type="COMBINE", package_list=packages)))
    assert [shop.stage(order_id) for order_id in orders] == ["passed"] * 3


def test_webhooks_that_come_in_the_wrong_order_lead_to_what_is(shop: Shop) -> None:
    order_id = shop.sandbox.ready_order(SKU)
    early, late = of_order(shop, order_id), of_order(shop, order_id, 1, "CANCEL")
    shop.do(order_id, "cancel")
    for body in (late, early):
        replayed(shop, *received(shop, body))
    assert shop.stage(order_id) == "canceled"


def test_acting_again_changes_nothing(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.sandbox.ready_order(SKU)
    ids = received(shop, of_order(shop, order_id))
    replayed(shop, *ids)
    before = shop.state()
    replayed(shop, *ids)
    assert shop.state() == before


def name(shop: Shop) -> str:
    return str(shop.gcw("store", "list", "--json").json[0]["name"])


def product(shop: Shop, title: str = "") -> str:
    with shop.session() as session:
        found: str = session.exec(
            select(Listing.product_id).join(Variant).where(Variant.seller_sku == (title or SKU))
        ).one()
        return found


@pytest.mark.parametrize("kind", [5, 15, 16, 18, 37])
def test_every_topic_about_a_product_has_its_listing_read(shop: Shop, kind: int) -> None:
    product_id = product(shop)
    shop.relay.change = lambda request, answer: (
        answer | {"data": answer["data"] | {"title": "Harbour at dawn"}}
        if request.url.path.endswith(product_id)
        else None
    )
    before = shop.gcw("store", "show", STORE, "--json").json["synced_at"]
    shop.requests()
    # as JSON integers, more than 2**53
    ids = received(shop, *[push(kind, shop_id(shop), product_id=int(product_id)) for _ in range(3)])
    assert {one["result"] for one in replayed(shop, *ids)} == {"done"}
    assert shop.requests() == [f"GET /product/202309/products/{product_id}"]
    assert "Harbour at dawn" in {one["listing"] for one in shop.gcw("products", "list", STORE, "--json").json}
    assert shop.gcw("store", "show", STORE, "--json").json["synced_at"] == before


SAYS_GONE = {
    "it is deleted": lambda answer: answer | {"data": answer["data"] | {"status": "DELETED"}},
    "it does not exist": lambda answer: answer | {"data": None, "code": 12052032, "message": "unknown"},
}


@pytest.mark.parametrize("says", SAYS_GONE)
def test_a_product_that_is_gone_is_marked_so_and_the_others_stay(shop: Shop, says: str) -> None:
    product_id = product(shop)
    with shop.session() as session:
        count = len(session.exec(select(Listing)).all())
    shop.relay.change = lambda request, answer: (
        SAYS_GONE[says](answer) if request.url.path.endswith(product_id) else None
    )
    replayed(shop, *received(shop, push(5, shop_id(shop), product_id=int(product_id), status="x")))
    with shop.session() as session:
        gone = [(one.product_id, one.gone_at is not None) for one in session.exec(select(Listing))]
    assert [listing for listing, is_gone in gone if is_gone] == [product_id]
    assert len(gone) == count


def test_a_product_that_tiktok_does_not_show_fails_and_is_not_taken_for_gone(shop: Shop) -> None:
    product_id = product(shop)
    shop.relay.change = lambda request, answer: (
        answer | {"data": None, "code": 12052901, "message": "The product status does not allow this operation."}
        if request.url.path.endswith(product_id)
        else None
    )
    ids = received(shop, push(5, shop_id(shop), product_id=int(product_id), status="x"))
    assert "gcw products sync" in shop.gcw.fails(5, "webhooks", "replay", *ids, "--json").error["message"]
    assert SKU in {one["seller_sku"] for one in shop.gcw("products", "list", STORE, "--json").json}


def test_a_new_product_is_listed(shop: Shop) -> None:
    product_id = product(shop)
    with shop.session() as session:
        listing = session.exec(select(Listing).where(Listing.product_id == product_id)).one()
        for variant in session.exec(select(Variant).where(Variant.listing_id == listing.id)):
            variant.sku_id = f"old {variant.sku_id}"
        listing.product_id = "1"
    replayed(shop, *received(shop, push(16, shop_id(shop), product_id=int(product_id))))
    assert SKU in {one["seller_sku"] for one in shop.gcw("products", "list", STORE, "--json").json}


def test_a_deauthorization_that_is_not_true_changes_nothing(shop: Shop) -> None:
    ids = received(shop, push(6, shop_id(shop), message="deauthorized"))
    (row,) = replayed(shop, *ids)
    assert (row["result"], row["why"]) == ("ignored", f"TikTok still lets gcw act for {name(shop)}.")
    assert [one["status"] for one in shop.gcw("store", "list", "--json").json] == ["connected"]


def test_a_deauthorization_that_tiktok_confirms_marks_the_store(either_shop: Shop) -> None:
    shop = either_shop
    shop.world.authorizations.withdraw(shop.world.sellers[0])
    (row,) = replayed(shop, *received(shop, push(6, shop_id(shop), message="deauthorized")))
    assert (row["result"], row["why"]) == ("done", f"To be authorized again: {name(shop)}.")
    assert [one["status"] for one in shop.gcw("store", "list", "--json").json] == ["reauthorize"]


def test_a_seller_without_a_shop_is_found_by_the_permission(shop: Shop) -> None:
    bodies = [push(6, message="x"), push(6, open_id="nobody"), push(6, open_id=shop.world.sellers[0].open_id)]
    found = replayed(shop, *received(shop, *bodies))
    assert [one["why"].split()[0] for one in found] == ["No", "No", "TikTok"]


def test_that_the_permission_ends_soon_is_noted_once_and_shown(shop: Shop) -> None:
    ends = shop.world.now() + 29 * 86_400
    bodies = [push(7, shop_id(shop), message="soon", expiration_time=str(ends)) for _ in range(2)]
    assert {one["result"] for one in replayed(shop, *received(shop, *bodies))} == {"done"}
    with shop.session() as session:
        noted = session.exec(select(Event).where(Event.what == "permission ends soon")).all()
        assert [event.data for event in noted] == [{"ends_at": ends}]
    said = shop.gcw("webhooks", "list", STORE).stderr
    assert "the permission of" in said
    assert "gcw store connect --customer" in said


def test_what_nothing_follows_from_is_kept_and_ignored(either_shop: Shop) -> None:
    shop = either_shop
    bodies = {
        "gcw does nothing on this topic.": [push(14, shop_id(shop), content="hello"), push(4711, shop_id(shop))],
        "No store of gcw's is this shop.": [push(1, "7000000000000000001", order_id="5766"), push(6, message="x")],
    }
    for why, sent in bodies.items():
        found = replayed(shop, *received(shop, *sent))
        assert {(one["result"], one["why"]) for one in found} == {("ignored", why)}
    shop.gcw("store", "disconnect", STORE, "--yes")
    (row,) = replayed(shop, *received(shop, of_order(shop, "576653688135258178")))
    assert (row["result"], "is not connected" in row["why"]) == ("ignored", True)


@pytest.mark.parametrize(
    "data", [{}, {"order_id": ""}, {"order_id": "5766/../9"}, {"order_id": True}, {"order_id": ["1"]}], ids=str
)
def test_a_webhook_that_names_no_order_fails_and_asks_nothing(shop: Shop, data: Json) -> None:
    ids = received(shop, push(1, shop_id(shop), **data))
    shop.requests()
    ran = shop.gcw.fails(5, "webhooks", "replay", *ids, "--json")
    assert "does not say what it is about" in ran.error["message"]
    assert shop.requests() == []


def test_an_order_that_cannot_be_read_fails_and_the_others_are_taken_in(either_shop: Shop) -> None:
    shop = either_shop
    good = [shop.sandbox.ready_order(SKU) for _ in range(2)]
    unknown = "576000000000000001"
    ids = received(shop, *[of_order(shop, order_id) for order_id in (good[0], unknown, good[1])])
    ran = shop.gcw.fails(7, "webhooks", "replay", *ids, "--json")
    assert [one["result"] for one in ran.json] == ["done", "failed", "done"]
    assert f"Order {unknown} is set aside" in ran.error["message"]
    assert [shop.stage(order_id) for order_id in good] == ["passed", "passed"]


def test_what_tiktok_cannot_answer_is_tried_again_later_and_stops_nothing_else(shop: Shop) -> None:
    product_id = product(shop)
    order_id = shop.sandbox.ready_order(SKU)
    ids = received(shop, of_order(shop, order_id), push(15, shop_id(shop), product_id=int(product_id)))
    shop.sandbox.control(
        "POST", "faults", {"match": "/order/202507/orders", "kind": "status", "status": 503, "times": 50}
    )
    ran = shop.gcw.fails(7, "webhooks", "replay", *ids, "--json")
    assert [one["result"] for one in ran.json] == ["later", "done"]
    waits = event(shop, ids[0])
    assert (waits["state"], waits["tries"]) == ("recorded", 1)
    assert "HTTP 503" in waits["why"]
    shop.sandbox.control("DELETE", "faults")
    assert [one["result"] for one in replayed(shop, ids[0])] == ["done"]
    assert shop.stage(order_id) == "passed"


def test_each_failure_waits_longer_and_after_the_last_gcw_gives_up(shop: Shop) -> None:
    (pushed,) = received(shop, of_order(shop, shop.sandbox.ready_order(SKU)))
    shop.sandbox.control("POST", "faults", {"match": "/orders", "kind": "status", "status": 503, "times": 10_000})
    waits = []
    with standing(shop) as means:
        for _ in acting.BACK_OFF:
            (outcome,) = acting.work(means, acting.Place(shop_id(shop)))
            assert outcome.state is None
            assert acting.waiting(means) == []
            before = shop.gcw.offset
            with shop.session() as session:
                due = session.exec(select(Notification.due_at)).one()
            shop.gcw.offset += due - shop.gcw.clock() + 0.5
            waits.append(round(shop.gcw.offset - before))
        (outcome,) = acting.work(means, acting.Place(shop_id(shop)))
        assert outcome.state == acting.FAILED
    assert waits == pytest.approx(acting.BACK_OFF, abs=2)
    assert event(shop, pushed)["state"] == "failed"
    shop.sandbox.control("DELETE", "faults")
    assert [one["id"] for one in shop.gcw("webhooks", "replay", "--failed", "--json").json] == [pushed]
    assert event(shop, pushed)["state"] == "done"


def test_a_disconnected_store_leaves_no_webhook_behind(either_shop: Shop) -> None:
    shop = either_shop
    received(shop, push(14, shop_id(shop), content="Meet me at the harbour"), push(14, "7000000000000000001"))
    shop.gcw("store", "disconnect", STORE, "--yes")
    assert [one["store"] for one in shop.gcw("webhooks", "events", "--json").json] == ["7000000000000000001"]


def test_two_gcw_never_act_on_the_same_one(either_shop: Shop) -> None:
    shop = either_shop
    place = acting.Place(shop_id(shop))
    ids = received(shop, *[of_order(shop, shop.sandbox.ready_order(SKU)) for _ in range(3)])
    with standing(shop) as one, standing(shop) as other:
        taken = acting._take(one, place, ids[:2])
        assert [row.notification_id for row in taken] == ids[:2]
        assert [outcome.notification.notification_id for outcome in acting.work(other, place)] == ids[2:]
        assert acting.waiting(other) == []
        assert [row["result"] for row in replayed(shop, *ids)] == ["in hand", "in hand", "done"]


def test_what_a_killed_gcw_had_in_hand_is_free_at_once(either_shop: Shop) -> None:
    shop = either_shop
    place = acting.Place(shop_id(shop))
    order_id = shop.sandbox.ready_order(SKU)
    received(shop, of_order(shop, order_id))
    killed_with_all_in_hand(shop)
    with standing(shop) as next_one:
        assert acting.waiting(next_one) == [place]
        assert [outcome.state for outcome in acting.work(next_one, place)] == [acting.DONE]
    assert shop.stage(order_id) == "passed"


def test_what_gcw_never_survives_is_given_up(shop: Shop) -> None:
    place = acting.Place(shop_id(shop))
    (pushed,) = received(shop, of_order(shop, shop.sandbox.ready_order(SKU)))
    for _ in range(len(acting.BACK_OFF) + 1):
        killed_with_all_in_hand(shop)
    with standing(shop) as last:
        assert [outcome.state for outcome in acting.work(last, place)] == [acting.FAILED]
    assert "again and again" in event(shop, pushed)["why"]


def test_killed_anywhere_and_run_again_it_is_complete(stand: Stand) -> None:
    shop = stand.shop
    orders = [shop.sandbox.order(SKU, 2), shop.sandbox.ready_order(OTHER_SKU)]
    bodies = [of_order(shop, order_id, kind) for order_id in orders for kind in (1, 11)]
    bodies.append(push(15, shop_id(shop), product_id=int(product(shop))))
    bodies.append(push(7, shop_id(shop), expiration_time=str(shop.world.now() + 86_400)))
    received(shop, *bodies)
    stand.keep()
    assert stand.survives("webhooks", "replay", "--last", "6", after=("orders", "pull")) > 10


def test_what_was_acted_on_long_ago_is_forgotten(either_shop: Shop) -> None:
    shop = either_shop
    done, waiting = received(shop, of_order(shop, shop.sandbox.ready_order(SKU)), push(4711, shop_id(shop)))
    replayed(shop, done)
    with standing(shop) as means:
        notifications.forget_old(means.database, means.act().now + notifications.KEPT_SECONDS - 60)
        assert len(shop.gcw("webhooks", "events", "--json").json) == 2
        notifications.forget_old(means.database, means.act().now + notifications.KEPT_SECONDS + 60)
    assert [one["id"] for one in shop.gcw("webhooks", "events", "--json").json] == [waiting]
