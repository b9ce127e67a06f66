"""Every order is taken in, once; what is known of it is the newest, and who bought it is nobody's business."""

import json
import logging
from typing import Any

import httpx
import pytest
from sqlmodel import select

from gcw_tiktok.runtime import Runtime
from gcw_tiktok.sandbox.sales import shipping
from gcw_tiktok.store.tables import Event, Order, SetAside, Store
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.orders import intake, taking
from orders import at_once
from orders.shop import NUMBER, OTHER_SKU, SKU, STORE, Shop

USPS = "7117858858072016686"
SEARCH = "/orders/search"
Json = dict[str, Any]


def pulled(shop: Shop, *more: str) -> Json:
    found: Json = shop.gcw("orders", "pull", "--json", *more).json[0]
    return found


def ids(shop: Shop) -> set[str]:
    return {one["order"] for one in shop.gcw("orders", "list", "--json", "--limit", "1000").json}


def cursor(shop: Shop) -> int:
    with shop.session() as session:
        return session.exec(select(Store.orders_cursor)).one()


def row(shop: Shop, order_id: str) -> Order:
    with shop.session() as session:
        return session.exec(select(Order).where(Order.order_id == order_id)).one()


def test_orders_that_changed_in_the_same_second_are_all_taken_in_over_a_page_break(shop: Shop) -> None:
    shop.sandbox.order(SKU, count=130)
    moment = shop.world.now()
    for order in list(shop.world.orders):
        shop.world.touch(order, moment)
    assert len({order.update_time for order in shop.world.orders}) == 1
    assert pulled(shop)["new"] == 130
    assert ids(shop) == {order.id for order in shop.world.orders}
    assert cursor(shop) == moment


def test_an_order_that_changes_while_pages_are_read_is_read_as_it_is_in_the_end(shop: Shop) -> None:
    shop.sandbox.order(SKU, count=130)
    first = next(iter(shop.world.orders))
    edited = []

    def edit_after_first_page(request: httpx.Request, answer: Json) -> None:
        if request.url.path.endswith(SEARCH) and not edited:
            edited.append(first.id)
            shop.advance(10)
            shop.do(first.id, "edit-address")

    shop.relay.change = edit_after_first_page
    pulled(shop)
    assert edited
    assert ids(shop) == {order.id for order in shop.world.orders}
    assert row(shop, first.id).updated_at == first.update_time


def test_the_cursor_never_passes_an_order_that_was_not_read(shop: Shop) -> None:
    shop.sandbox.order(SKU, count=50)
    shop.advance(1000)
    shop.sandbox.order(SKU, count=20)
    unread = sorted(order.update_time for order in shop.world.orders)[50]
    details = []

    def cut_off(request: httpx.Request) -> None:
        if request.method == "GET" and request.url.path.endswith("/orders"):
            details.append(request)
            if len(details) > 1:
                raise httpx.ConnectError("the cable is out")

    shop.relay.before = cut_off
    assert "could not be reached" in shop.gcw.fails(6, "orders", "pull", "--json").error["message"]
    assert len(ids(shop)) == 50
    assert cursor(shop) < unread
    shop.relay.before = lambda request: None
    assert pulled(shop)["new"] == 20


def test_a_change_that_tiktok_shows_late_is_within_the_overlap(shop: Shop) -> None:
    shop.sandbox.order(SKU)
    shop.advance(200)
    shop.sandbox.order(SKU)
    late, newest = sorted(shop.world.orders, key=lambda order: order.update_time)

    def hide(request: httpx.Request, answer: Json) -> Json | None:
        if request.url.path.endswith(SEARCH):
            answer["data"]["orders"] = [one for one in answer["data"]["orders"] if one["id"] != late.id]
        return answer

    shop.relay.change = hide
    pulled(shop)
    assert ids(shop) == {newest.id}
    shop.relay.change = lambda request, answer: None
    assert pulled(shop)["new"] == 1


def test_a_nonsense_time_does_not_move_the_cursor_into_the_future(shop: Shop) -> None:
    shop.sandbox.order(SKU)

    def far_off(request: httpx.Request, answer: Json) -> Json:
        for one in answer["data"]["orders"]:
            one["update_time"] = 4_000_000_000
        return answer

    shop.relay.change = far_off
    pulled(shop)
    shop.relay.change = lambda request, answer: None
    assert cursor(shop) <= shop.world.now()
    shop.advance(60)
    shop.sandbox.order(SKU)
    assert pulled(shop)["new"] == 1


def test_a_poll_that_finds_nothing_new_costs_one_request(shop: Shop) -> None:
    shop.sandbox.order(SKU, count=3)
    shop.advance(10)
    pulled(shop)
    shop.requests()
    found = {"store": "", "new": 0, "changed": 0, "ready": 0, "held": 3, "set_aside": {}, "approved": []} | {
        "alarms": {},
        "gap": None,
    }
    assert pulled(shop) | {"store": ""} == found
    assert shop.requests() == ["POST /order/202309/orders/search"]


def test_pulling_twice_changes_nothing(either_shop: Shop) -> None:
    shop = either_shop
    shop.sandbox.order(SKU, 3)
    shop.sandbox.ready_order(OTHER_SKU)
    pulled(shop)
    before = shop.state()
    again = pulled(shop, "--since", "7d")
    assert (again["new"], again["changed"]) == (0, 0)
    assert shop.state() == before


def test_two_that_pull_at_once_take_every_order_in_once(either_shop: Shop) -> None:
    shop = either_shop
    shop.sandbox.order(SKU, 2, count=60)
    shop.sandbox.ready_order(SKU)

    def pull(gcw: Runtime, store: Store) -> intake.Pulled:
        return intake.pull(gcw.database, gcw.client_for(store), gcw.seal, store, Act("test", gcw.now()))

    reports = at_once.run(shop, pull, meet=lambda request: request.method == "GET")
    assert sorted([*reports[0].new, *reports[1].new]) == sorted(ids(shop))
    assert len(ids(shop)) == 61
    assert reports[0].set_aside == reports[1].set_aside == {}
    with shop.session() as session:
        subjects = session.exec(select(Event.subject).where(Event.what == "taken in")).all()
    assert len(subjects) == len(set(subjects)) == 61


@pytest.mark.parametrize(
    "spoil",
    [
        lambda order: order.update(line_items=[]),
        lambda order: order["line_items"][0].update(seller_sku="NUL\0"),
        lambda order: order.update(create_time=10**30),
        lambda order: order["line_items"].append(order["line_items"][0]),
        lambda order: order["line_items"][0].update(product_name="\ud800"),
    ],
    ids=["no lines", "text that PostgreSQL cannot keep", "a number too large", "a line twice", "broken text"],
)
def test_a_bad_order_is_set_aside_while_others_go_on_and_is_taken_in_later(either_shop: Shop, spoil: Any) -> None:
    shop = either_shop
    before, bad, after = (shop.sandbox.ready_order(SKU) for _ in range(3))
    kept = shop.relay.inner

    class Spoiling(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = kept.handle_request(request)
            if request.method != "GET" or not request.url.path.endswith("/orders"):
                return response
            answer = json.loads(response.read())
            for order in answer["data"]["orders"]:
                if order["id"] == bad:
                    spoil(order)
            headers = {"date": response.headers["date"], "content-type": "application/json"}
            return httpx.Response(200, headers=headers, content=json.dumps(answer).encode())

    shop.relay.inner = Spoiling()
    ran = shop.gcw.run("orders", "pull", "--json")
    if bad in ids(shop):  # this engine can keep it
        assert ran.code == 0
        return
    assert ran.code == 7
    assert list(ran.json[0]["set_aside"]) == [bad]
    assert bad in ran.error["message"]
    assert ids(shop) == {before, after}
    assert shop.gcw("orders", "list", "--stage", "passed", "--json").stderr.count(bad) == 1
    shop.relay.inner = kept
    assert pulled(shop)["set_aside"] == {}
    assert shop.stage(bad) == "passed"
    with shop.session() as session:
        assert session.exec(select(SetAside)).all() == []


def test_an_address_edited_before_release_is_the_one_that_is_used(shop: Shop) -> None:
    order_id = shop.ready()
    shop.advance(10)
    shop.do(order_id, "edit-address", line1="7 Edited Quay", line2="")
    assert pulled(shop)["changed"] == 1
    shop.gcw("orders", "release")
    assert shop.document(order_id)["shippingAddress"]["addressLine1"] == "7 Edited Quay"


def test_a_masked_address_never_overwrites_a_clear_one(shop: Shop) -> None:
    order_id = shop.ready()
    shop.advance(10)
    shop.do(order_id, "cancel")
    pulled(shop)
    street = shop.sold(order_id).address.line1
    assert recipient(shop, order_id)["address"]["address_line1"] == street


def test_a_change_of_address_that_tiktok_hides_makes_ours_stale(shop: Shop) -> None:
    order_id = shop.ready()
    shop.advance(10)
    shop.do(order_id, "edit-address")
    shop.change_orders(lambda order: order["recipient_address"].update(address_line1="7 E***", address_detail="7 E***"))
    pulled(shop)
    assert shop.holds(order_id) == ["address_missing"]
    assert "address" not in recipient(shop, order_id)
    assert shop.gcw.fails(4, "orders", "release", order_id, "--json").error["code"] == "held"


def recipient(shop: Shop, order_id: str) -> Json:
    gcw = Runtime(transport=shop.relay)
    with gcw.database.view() as session:
        order = session.exec(select(Order).where(Order.order_id == order_id)).one()
        store = session.get_one(Store, order.store_id)
    found: Json = taking.recipient(gcw.seal, store, order)
    gcw.close()
    return found


def test_the_buyers_message_reaches_production_where_tiktok_ships_too(shop: Shop) -> None:
    order_id = shop.sandbox.ready_order(SKU, shipping_type="TIKTOK", buyer_message="To Ann, with love")
    pulled(shop)
    shop.gcw("orders", "release", order_id, "--yes")
    document = shop.document(order_id)
    assert "shippingAddress" not in document
    assert {"key": "buyerMessage", "value": "To Ann, with love"} in document["metadata"]


def test_orders_that_tiktok_fulfils_are_recorded_and_never_produced(shop: Shop) -> None:
    shop.change_orders(lambda order: order.update(fulfillment_type="FULFILLMENT_BY_TIKTOK"))
    order_id = shop.ready()
    assert (shop.stage(order_id), shop.holds(order_id)) == ("received", [])
    shop.gcw("orders", "release")
    shop.gcw.fails(4, "orders", "release", order_id, "--yes")
    assert shop.folders() == []


def test_an_order_placed_before_the_store_was_connected_waits_for_a_person(shop: Shop) -> None:
    order_id = shop.sandbox.order(SKU, status="AWAITING_SHIPMENT")
    pulled(shop)
    assert shop.holds(order_id) == ["manual"]
    assert shop.gcw("orders", "release", "--yes", "--json").json == []
    assert shop.gcw.fails(4, "orders", "release", order_id, "--json").error["hint"].endswith("--yes")
    assert shop.folders() == []
    shop.gcw("orders", "release", order_id, "--yes")
    assert shop.folders() == [f"TTS-{order_id}"]


def test_an_order_shipped_elsewhere_is_noted_and_never_produced(shop: Shop) -> None:
    order_id = shop.ready(2)
    order = shop.sold(order_id)
    assert order
    shop.advance(10)
    shipping.mark_shipped(shop.world, order, shipping.Shipment(NUMBER, USPS), shop.world.now())
    pulled(shop)
    assert shop.stage(order_id) == "shipped"
    assert {line["tracking_number"] for line in shop.order(order_id)["lines"]} == {NUMBER}
    shop.gcw.fails(4, "orders", "release", order_id)
    assert shop.folders() == []


def test_of_a_partly_cancelled_order_the_rest_is_made(shop: Shop) -> None:
    order_id = shop.ready(3)
    gone, *rest = shop.lines(order_id)
    shop.advance(10)
    shop.do(order_id, "cancel", line_ids=[gone])
    pulled(shop)
    assert {line["line"]: line["stage"] for line in shop.order(order_id)["lines"]} == {
        gone: "canceled",
        **dict.fromkeys(rest, "passed"),
    }
    shop.gcw("orders", "release")
    assert [item["itemReferenceId"] for item in shop.document(order_id)["items"]] == rest


def test_an_older_answer_never_overwrites_a_newer_one(shop: Shop) -> None:
    order_id = shop.sandbox.ready_order(SKU)
    answers: list[Json] = []

    def replay(request: httpx.Request, answer: Json) -> Json | None:
        if request.method != "GET" or not request.url.path.endswith("/orders"):
            return None
        answers.append(answer)
        return answers[0] if len(answers) == 3 else answer

    shop.relay.change = replay
    pulled(shop)
    shop.advance(10)
    shop.do(order_id, "edit-address", line1="7 Edited Quay", line2="")
    pulled(shop)
    newest = row(shop, order_id)
    shop.advance(10)
    shop.world.touch(shop.sold(order_id), shop.world.now())
    pulled(shop)
    assert len(answers) == 3
    assert row(shop, order_id).content == newest.content
    assert recipient(shop, order_id)["address"]["address_line1"] == "7 Edited Quay"


def test_one_store_in_trouble_is_told_as_it_is_and_nothing_is_printed(shop: Shop) -> None:
    shop.sandbox.control("POST", "faults", {"match": SEARCH, "kind": "status", "status": 503})
    failed = shop.gcw.fails(6, "orders", "pull", "--json")
    assert failed.stdout == ""
    assert STORE in failed.error["message"]


def test_nothing_of_a_recipient_is_stored_in_clear_or_told(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    order_id = shop.sandbox.ready_order(SKU, buyer_message="Zebra wrapping 4711")
    order = shop.sold(order_id)
    assert order
    person = order.address
    secrets = [person.first_name, person.last_name, person.line1, person.phone_number, "Zebra wrapping 4711"]
    commands = [
        ("orders", "pull", "--json"),
        ("orders", "release", "--json"),
        ("orders", "show", order_id, "--json"),
        ("orders", "show", order_id),
        ("orders", "list", "--json"),
        ("orders", "list", "--csv"),
        shop.ship(order_id, "--json"),
    ]
    said = ""
    for command in commands:
        ran = shop.gcw(*command)
        said += ran.stdout + ran.stderr
        said += b"".join(path.read_bytes() for path in sorted(shop.home.rglob("gcw.db*"))).decode("latin-1")
    said += caplog.text
    document = json.dumps(shop.document(order_id))
    assert "SQLite format 3" in said
    for secret in secrets:
        assert secret in document
        assert secret not in said
