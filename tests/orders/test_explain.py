"""`gcw orders explain` tells the whole story of an order, and what happens next."""

from dataclasses import replace

from sqlmodel import select

from gcw_tiktok.store.tables import Event, Notification, NotificationState, Order, OutboxEntry, Stage, Store
from gcw_tiktok.workflow.orders import explaining
from gcw_tiktok.workflow.orders import story as story_of
from orders.shop import NUMBER, OTHER_SKU, POSTER, SKU, STORE, UID, Json, Shop


def story(shop: Shop, order_id: str) -> Json:
    told: Json = shop.gcw("orders", "explain", order_id, "--json").json
    return told


def whats(shop: Shop, order_id: str) -> list[str]:
    return [entry["what"] for entry in story(shop, order_id)["timeline"]]


def sentence(shop: Shop, order_id: str, what: str) -> str:
    (found,) = [entry["sentence"] for entry in story(shop, order_id)["timeline"] if entry["what"] == what]
    return str(found)


def test_an_order_on_hold_tells_what_holds_it_and_what_it_will_print(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.sandbox.order(SKU)
    shop.gcw("orders", "pull")
    told = story(shop, order_id)
    assert {"held: tiktok_on_hold", "placed", "paid", "taken in", "connected"} == set(whats(shop, order_id))
    assert f"will print {UID}, version 1" in sentence(shop, order_id, "connected")
    assert told["next"]["command"] == "gcw orders pull"
    assert "cancel freely" in told["next"]["sentence"]
    assert [entry["at"] for entry in told["timeline"]] == sorted(entry["at"] for entry in told["timeline"])


def test_a_hold_that_ended_stays_in_the_story_with_its_beginning_and_its_end(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.sandbox.order(SKU)
    shop.gcw("orders", "pull")
    shop.advance(3700)
    shop.gcw("orders", "pull")
    told = whats(shop, order_id)
    assert told.index("held: tiktok_on_hold") < told.index("no longer held: tiktok_on_hold")
    assert "AWAITING_SHIPMENT at TikTok" in told
    assert story(shop, order_id)["next"]["command"] == f"gcw orders release {order_id}"


def test_every_hold_leads_to_the_command_that_lifts_it(shop: Shop) -> None:
    order_id = shop.ready(sku=OTHER_SKU)
    assert "held: not_connected" in whats(shop, order_id)
    assert story(shop, order_id)["next"]["command"].startswith(f'gcw products connect "{STORE} Prints" {OTHER_SKU}')


def test_the_version_that_was_printed_is_told_although_the_connection_changed_since(either_shop: Shop) -> None:
    shop = either_shop
    order_id = shop.released(2)
    shop.gcw("products", "disconnect", STORE, SKU)
    shop.gcw("products", "connect", STORE, SKU, UID, "--design", str(POSTER))
    said = sentence(shop, order_id, "connected")
    assert "2 of " in said
    assert f"printed {UID}, version 1" in said
    assert f"TTS-{order_id}" in sentence(shop, order_id, "handed over")
    assert story(shop, order_id)["next"]["command"].startswith(f"gcw orders ship {order_id}")


def test_production_and_the_parcel_are_in_it(shop: Shop) -> None:
    order_id = shop.released()
    shop.gcw("orders", "advance", order_id)
    assert "now in_production" in whats(shop, order_id)
    shop.gcw(*shop.ship(order_id))
    assert NUMBER in sentence(shop, order_id, "shipped")
    assert "shipped outside gcw" not in whats(shop, order_id)
    assert "on its way" in story(shop, order_id)["next"]["sentence"]


def test_what_somebody_else_shipped_is_told_as_such(shop: Shop) -> None:
    order_id = shop.ready()

    def leave(order: Json) -> None:
        order.update(status="IN_TRANSIT", update_time=order["update_time"] + 10)
        for line in order["line_items"]:
            line.update(
                display_status="IN_TRANSIT", tracking_number=NUMBER, package_id="115", shipping_provider_name="USPS"
            )

    shop.change_orders(leave)
    shop.do(order_id, "edit-address", line1="7 Edited Quay", line2="")
    shop.gcw("orders", "pull")
    assert NUMBER in sentence(shop, order_id, "shipped outside gcw")


def test_a_canceled_order_has_nothing_next(shop: Shop) -> None:
    order_id = shop.ready()
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    assert story(shop, order_id)["next"] == {"sentence": "Nothing: it is canceled.", "command": ""}
    assert story(shop, order_id)["stage"] == Stage.CANCELED


def test_what_was_decided_by_hand_names_who_did_it(shop: Shop) -> None:
    order_id = shop.released()
    shop.do(order_id, "edit-address", line1="7 Edited Quay", line2="")
    shop.gcw("orders", "pull")
    assert story(shop, order_id)["next"]["command"] == f"gcw orders decide {order_id}"
    shop.gcw("orders", "release", order_id, "--yes")
    (decided,) = [entry for entry in story(shop, order_id)["timeline"] if entry["what"] == "decided"]
    assert decided["who"]


def test_an_order_that_could_not_be_taken_in_has_a_story_too(shop: Shop) -> None:
    order_id = shop.sandbox.ready_order(SKU)
    shop.change_orders(lambda order: order.update(create_time="yesterday"))
    shop.gcw.fails(7, "orders", "pull")
    told = story(shop, order_id)
    assert (told["stage"], [entry["what"] for entry in told["timeline"]]) == ("set aside", ["set aside"])
    assert told["next"]["command"] == f'gcw orders pull "{STORE} Prints"'


def test_a_webhook_that_concerned_it_is_told(either_shop: Shop) -> None:
    shop = either_shop
    order_id, other_id = shop.ready(), shop.ready()
    with shop.session() as session:
        shop_id = session.exec(select(Store.shop_id)).one()
        session.add(
            Notification(
                notification_id="1",
                type=1,
                shop_id=shop_id,
                subjects=[f"order:{order_id}"],
                received_at=1_800_000_000,
                sealed_raw=b"",
                state=NotificationState.DONE,
            )
        )
    assert sentence(shop, order_id, "webhook").startswith("ORDER_STATUS_CHANGE: done")
    assert "webhook" not in whats(shop, other_id)


def test_nothing_of_a_recipient_is_in_it_for_people_either(shop: Shop) -> None:
    order_id = shop.released()
    address = shop.document(order_id)["shippingAddress"]
    told = shop.gcw("orders", "explain", order_id).stdout + shop.gcw("orders", "explain", order_id, "--json").stdout
    assert "Next: " in told
    for secret in filter(None, (address["addressLine1"], address["lastName"], address.get("email", ""))):
        assert secret not in told


def test_what_was_begun_and_never_confirmed_is_what_comes_next(shop: Shop) -> None:
    order_id = shop.ready()
    with shop.session() as session:
        facts = story_of.gather(session, session.exec(select(Order)).one())
    handed = Event(at=9, who="me", subject="", what="handed over", data={"id": "7", "reference": f"TTS-{order_id}"})
    begun = OutboxEntry(key="k", kind="hand_off", written_at=2**33, trouble="1 Harbor Street is no address")
    facts = replace(facts, events=[handed], effects=[begun])
    told = explaining.timeline(facts)
    assert (told[0].what, told[0].sentence) == ("handed over", f"as TTS-{order_id}")
    assert (told[-1].what, told[-1].sentence) == ("hand-off begun", "")
    assert explaining.following(facts).command == f"gcw orders release {order_id}"
