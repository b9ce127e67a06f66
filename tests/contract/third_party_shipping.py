"""What the app does with parcels: ships them, lets TikTok ship them, splits, combines and follows them."""

from itertools import count
from typing import Any

from contract.third_party import App, Json, model
from gcw_tiktok.sandbox.sales.carriers import CARRIERS

USPS = CARRIERS[0].id
NUMBERS = count(9_400_100_000_000_000_100_011)


def ready_order(app: App, **wish: Any) -> str:
    return str(app.control("/orders", status="AWAITING_SHIPMENT", **wish)["order_id"])


def parcel() -> Json:
    return {"tracking_number": str(next(NUMBERS)), "shipping_provider_id": USPS}


async def order(app: App, order_id: str) -> Any:
    return (await app.say(app.shop.orders.get_order_detail(ids=[order_id]))).orders[0]


async def units(app: App, order_id: str) -> list[str]:
    return [each.id for each in (await order(app, order_id)).line_items]


async def by_the_seller(app: App) -> None:
    fulfillment = app.shop.fulfillment
    order_id = ready_order(app)
    body = model("MarkPackageAsShippedRequest", shipping_info_list=[parcel()])
    package_id = (await app.say(fulfillment.mark_package_as_shipped(order_id, body=body))).package_id
    await app.say(
        fulfillment.update_order_shipping_info(order_id, body=model("UpdateOrderShippingInfoRequest", **parcel()))
    )
    newest = parcel()
    again = model("UpdatePackageShippingInfoRequest", shipping_info_list=[newest])
    other = ready_order(app)
    packed = await app.say(fulfillment.mark_package_as_shipped(other, body=_shipped()))
    await app.say(fulfillment.update_package_shipping_info(packed.package_id, body=again))
    assert (await app.say(fulfillment.get_package_detail(packed.package_id))).tracking_number == newest[
        "tracking_number"
    ]
    found = await app.say(fulfillment.search_package(body=model("SearchPackageRequest"), page_size=50))
    assert {package_id, packed.package_id} <= {each.id for each in found.packages}
    app.control(f"/orders/{order_id}/collect")
    assert (await app.say(fulfillment.get_order_tracking(order_id))).tracking
    assert (await app.say(app.shop.logistics.get_logistics_tracking(order_id))).logistics_details
    assert (await order(app, order_id)).status == "IN_TRANSIT"


def _shipped() -> Any:
    return model("MarkPackageAsShippedRequest", shipping_info_list=[parcel()])


async def by_tiktok(app: App) -> None:
    fulfillment = app.shop.fulfillment
    order_id = ready_order(app, shipping_type="TIKTOK", lines=[{"quantity": 2}])
    asked = model("GetEligibleShippingServicesRequest")
    services = (await app.say(fulfillment.get_eligible_shipping_services(order_id, body=asked))).shipping_services
    wish = model("CreatePackagesRequest", ship_type="1", order_id=order_id, shipping_service_id=services[0].id)
    await app.say(fulfillment.create_packages(body=wish))
    number = (await order(app, order_id)).tracking_number
    coverage = fulfillment.check_tik_tok_shipping_and_collection_by_tik_tok_coverage(tracking_number=number)
    assert (await app.say(coverage)).is_tiktok_shipping


async def splitting(app: App) -> None:
    fulfillment = app.shop.fulfillment
    order_id = ready_order(app, shipping_type="TIKTOK", lines=[{"quantity": 2}])
    attributes = await app.say(fulfillment.get_order_split_attributes(order_ids=[order_id]))
    assert attributes.split_attributes[0].can_split
    groups = [
        {"id": str(number), "order_line_item_ids": [unit]} for number, unit in enumerate(await units(app, order_id))
    ]
    made = await app.say(
        fulfillment.confirm_order_split(order_id, body=model("ConfirmOrderSplitRequest", splittable_groups=groups))
    )
    first, second = (each.id for each in made.packages)
    slots = (await app.say(fulfillment.get_package_handover_time_slots(first))).pickup_slots
    slot = next(each for each in slots if each.avaliable)
    pickup = {"start_time": slot.start_time, "end_time": slot.end_time}
    body = model("ShipPackageRequest", handover_method="PICKUP", pickup_slot=pickup)
    await app.say(fulfillment.ship_package(first, body=body))
    rest = model("BatchShipPackagesRequest", packages=[{"id": second, "handover_method": "DROP_OFF"}])
    await app.say(fulfillment.batch_ship_packages(body=rest))
    assert (await order(app, order_id)).status == "AWAITING_COLLECTION"


async def combining(app: App) -> None:
    fulfillment = app.shop.fulfillment
    first = ready_order(app)
    buyer = (await order(app, first)).user_id
    together = [first, *(ready_order(app, buyer_user_id=buyer) for _ in range(2))]
    drafts = (await app.say(fulfillment.search_combinable_packages(page_size=50))).combinable_packages
    draft = next(each.id for each in drafts if first in each.order_ids)
    wish = model("CombinePackageRequest", combinable_packages=[{"id": draft, "order_ids": together}])
    made = (await app.say(fulfillment.combine_package(body=wish))).packages[0]
    assert sorted(made.order_ids) == sorted(together)
    apart = model("UncombinePackagesRequest", order_ids=together[2:])
    left = await app.say(fulfillment.uncombine_packages(made.id, body=apart))
    assert [each.order_ids for each in left.packages]


SHIPPING = (by_the_seller, by_tiktok, splitting, combining)
