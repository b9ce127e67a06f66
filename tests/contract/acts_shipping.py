"""The scenario's parcels: shipped by the seller and by TikTok, split, combined and followed."""

from sandbox.client import Client, Json
from sandbox.shipping import USPS, combine, drafts_of, ids, package, ship_package, twins

FULFILLMENT = "/fulfillment/202309"


def parcel(client: Client) -> Json:
    return {"tracking_number": str(next(client.tracking_numbers)), "shipping_provider_id": USPS}


def by_the_seller(client: Client) -> None:
    first, second = (client.buy_ready()["id"] for _ in range(2))
    client.data("POST", f"{FULFILLMENT}/orders/{first}/packages", {}, parcel(client))
    newest = f"/fulfillment/202610/orders/{second}/packages"
    packed = client.data("POST", newest, {}, {"shipping_info_list": [parcel(client)]})["package_id"]
    client.data("POST", f"{FULFILLMENT}/orders/{first}/shipping_info/update", {}, parcel(client))
    client.data("POST", f"{FULFILLMENT}/packages/{packed}/shipping_info/update", {}, parcel(client))
    third = client.buy_ready()["id"]
    packed = client.data("POST", f"{FULFILLMENT}/orders/{third}/packages", {}, parcel(client))["package_id"]
    newest = f"/fulfillment/202610/packages/{packed}/shipping_info/update"
    client.data("POST", newest, {}, {"shipping_info_list": [parcel(client)]})
    client.data("POST", f"{FULFILLMENT}/packages/search", {"page_size": 20}, {"package_status": "PROCESSING"})
    lost = client.buy_ready()
    gone = client.data("POST", f"{FULFILLMENT}/orders/{lost['id']}/packages", {}, parcel(client))["package_id"]
    client.control("POST", f"/orders/{lost['id']}/lose")
    client.advance(lost["collection_due_time"] - client.world.now())
    client.connect()
    package(client, gone)
    package(client, packed)
    client.data("GET", f"{FULFILLMENT}/orders/{third}/tracking")
    client.data("GET", f"/logistics/202604/orders/{third}/tracking")


def by_tiktok(client: Client) -> None:
    orders = [client.buy_ready(shipping_type="TIKTOK", lines=[{"quantity": 2}]) for _ in range(4)]
    first, second, third, fourth = (each["id"] for each in orders)
    services = client.data("POST", f"{FULFILLMENT}/orders/{first}/shipping_services/query", {}, {})
    wanted = services["shipping_services"][0]["id"]
    client.data("POST", f"{FULFILLMENT}/packages", {}, {"order_id": first, "shipping_service_id": wanted})
    client.data("POST", "/fulfillment/202512/packages", {}, {"ship_type": "1", "order_id": second})
    slots = client.data("GET", f"{FULFILLMENT}/orders/{third}/handover_time_slots")["pickup_slots"]
    slot = next({name: each[name] for name in ("start_time", "end_time")} for each in slots if each["avaliable"])
    wish = {"order_id": third, "handover_method": "PICKUP", "pickup_slot": slot}
    client.data("POST", f"{FULFILLMENT}/packages/schedule", {}, wish)
    number = client.order(first)["tracking_number"]
    client.data("GET", "/fulfillment/202508/tts_tracking_validation", {"tracking_number": number})
    boxes = _split(client, fourth, *ids(orders[3]))
    client.data("GET", f"{FULFILLMENT}/packages/{boxes[0]}/handover_time_slots")
    assert ship_package(client, boxes[0], handover_method="DROP_OFF")["code"] == 0
    package(client, boxes[0])


def _split(client: Client, order_id: str, *units: str) -> list[str]:
    groups = [{"id": str(number), "order_line_item_ids": [unit]} for number, unit in enumerate(units)]
    made = client.data("POST", f"{FULFILLMENT}/orders/{order_id}/split", {}, {"splittable_groups": groups})
    return [each["id"] for each in made["packages"]]


def splitting(client: Client) -> None:
    order = client.buy_ready(lines=[{"bundle": [{"seller_sku": "POSTER-HARBOR-18X24-MATTE", "quantity": 2}]}, {}])
    client.data("GET", f"{FULFILLMENT}/orders/split_attributes", {"order_ids": order["id"]})
    bundled, single = order["line_items"]
    parts = [{"order_line_id": bundled["id"], "sub_item_id": each["id"]} for each in bundled["sub_item_info"]]
    groups = [
        {"id": "bundle", "order_line_list": parts},
        {"id": "single", "order_line_list": [{"order_line_id": single["id"]}]},
    ]
    path = f"{FULFILLMENT}/orders/{order['id']}/split"
    boxes = client.data("POST", path, {}, {"splittable_groups_v2": groups})["packages"]
    package(client, boxes[0]["id"])
    client.data("POST", f"{FULFILLMENT}/packages/search", {"page_size": 20}, {"package_status": "TO_FULFILL"})
    shipped = [{"id": each["id"], "self_shipment": parcel(client)} for each in boxes]
    client.data("POST", f"{FULFILLMENT}/packages/ship", {}, {"packages": [*shipped, {"id": "42"}]})
    client.order(order["id"])


def combining(client: Client) -> None:
    orders = twins(client, 3)
    together = [each["id"] for each in orders]
    made = combine(client, drafts_of(client, orders[0])[0]["id"], together)["packages"][0]
    path = f"{FULFILLMENT}/packages/{made['id']}/uncombine"
    client.data("POST", path, {}, {"order_ids": together[2:]})
