"""Events by hand, and what became of webhooks."""

from collections.abc import Callable, Mapping

from gcw_tiktok.sandbox.doings import Json, NotPossible, wished_shop
from gcw_tiktok.sandbox.events import TOPICS
from gcw_tiktok.sandbox.shops import Shop
from gcw_tiktok.sandbox.world import World

DAY = 86_400


def topic(given: object) -> str:
    """A topic's name, given by its name or its number."""
    found = [name for name, number in TOPICS.items() if str(given) in (name, str(number))]
    if not found:
        raise NotPossible(f"There is no topic {given!r}; there are {', '.join(TOPICS)}.")
    return found[0]


def trigger(world: World, wish: Json) -> Json:
    """Tells of an event that nothing in the world has caused; its data are plausible unless given."""
    shop, name = wished_shop(world, wish), topic(wish.get("topic"))
    data = wish.get("data")
    if data is None:
        data = SAMPLES[name](world, shop) if name in SAMPLES else {"update_time": world.now()}
    if not isinstance(data, dict):
        raise NotPossible("The data of an event are a JSON object.")
    if name == "PRODUCT_STATUS_CHANGE" and not str(data.get("product_id", "0")).isdigit():
        raise NotPossible("The product_id of this topic is a whole number.")
    event = world.events.tell(name, shop.id, world.now(), data)
    return {"event": event.body}


def listed(world: World, wanted: Mapping[str, str]) -> Json:
    """Deliveries, oldest first: all, or those of a `topic`, a `shop_id`, a `state`, or after a `number`."""
    name = topic(wanted["topic"]) if "topic" in wanted else ""
    since = int(wanted.get("since", 0))
    return {
        "deliveries": [
            each.shown
            for each in world.deliveries
            if each.number > since
            and name in ("", each.event.topic)
            and wanted.get("shop_id") in (None, each.event.shop_id)
            and wanted.get("state") in (None, each.state)
        ]
    }


def _last_order(world: World, shop: Shop) -> Json:
    order = next(reversed(list(world.orders_of[shop.id])), None)
    if order is None:
        raise NotPossible(f"Shop {shop.name} has no order to tell of. Give the event's data.")
    return {"order_id": order.id, "update_time": order.update_time}


def _order_status(world: World, shop: Shop) -> Json:
    found = _last_order(world, shop)
    order = world.orders.get(found["order_id"])
    assert order
    status = {"CANCELLED": "CANCEL", "PARTIALLY_SHIPPING": "AWAITING_SHIPMENT"}.get(order.status, order.status)
    return found | {"order_status": status, "is_on_hold_order": order.is_on_hold_order}


def _product(world: World, shop: Shop) -> Json:
    product = next(iter(shop.products), None)
    if product is None:
        raise NotPossible(f"Shop {shop.name} has no listing to tell of. Give the event's data.")
    return {"product_id": product.id, "update_time": world.now()}


def _package(world: World, shop: Shop) -> Json:
    order = _last_order(world, shop)["order_id"]
    package = {"package_id": world.mint.next("package"), "order_id_list": [order]}
    return {"sc_type": "SPLIT", "role_type": "ROLE_SELLER", "package_list": [package], "update_time": world.now()}


def _cancellation(world: World, shop: Shop) -> Json:
    found = next((each for each in world.cancellations if each.order.shop is shop), None)
    return {
        "order_id": found.order.id if found else _last_order(world, shop)["order_id"],
        "cancel_id": found.id if found else world.mint.next("cancel"),
        "cancellations_role": "BUYER",
        "cancel_status": "CANCELLATION_REQUEST_PENDING",
        "create_time": world.now(),
    }


SAMPLES: dict[str, Callable[[World, Shop], Json]] = {
    "ORDER_STATUS_CHANGE": _order_status,
    "RECIPIENT_ADDRESS_UPDATE": _last_order,
    "PACKAGE_UPDATE": _package,
    "PRODUCT_STATUS_CHANGE": lambda world, shop: (
        _product(world, shop) | {"status": "PRODUCT_STATUS_CHANGED", "suspended_reason": ""}
    ),
    "SELLER_DEAUTHORIZATION": lambda _, shop: {
        "message": f"Shop_id {shop.id} is deauthorized from your APP by merchant."
    },
    "UPCOMING_AUTHORIZATION_EXPIRATION": lambda world, _: {
        "message": "Authorization will expire in 30 days.",
        "expiration_time": str(world.now() + 30 * DAY),
    },
    "CANCELLATION_STATUS_CHANGE": _cancellation,
    "RETURN_STATUS_CHANGE": lambda world, shop: {
        "order_id": _last_order(world, shop)["order_id"],
        "return_id": world.mint.next("cancel"),
        "return_role": "BUYER",
        "return_type": "RETURN_AND_REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
        "create_time": world.now(),
        "update_time": world.now(),
    },
    "PRODUCT_INFORMATION_CHANGE": lambda world, shop: (
        _product(world, shop) | {"changed_fields": ["title"], "change_source": "SELLER_CENTER"}
    ),
    "PRODUCT_CREATION": lambda world, shop: _product(world, shop) | {"product_types": ["LOCAL_PRODUCT"]},
    "PRODUCT_AUDIT_STATUS_CHANGE": lambda world, shop: (
        _product(world, shop) | {"audit": {"status": "APPROVED", "pre_approved_reasons": []}}
    ),
}
"""Data for an event by hand, from what the shop really has."""
