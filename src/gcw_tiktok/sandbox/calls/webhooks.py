"""Addresses that want to hear of events, one for each shop and type."""

from gcw_tiktok.sandbox.deliveries import is_address
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import bad_parameter, required
from gcw_tiktok.sandbox.routes import DOCUMENTED, Json, route
from gcw_tiktok.sandbox.words import words

EVENT_TYPES = frozenset(
    words("""
    ORDER_STATUS_CHANGE RECIPIENT_ADDRESS_UPDATE PACKAGE_UPDATE PRODUCT_STATUS_CHANGE SELLER_DEAUTHORIZATION
    UPCOMING_AUTHORIZATION_EXPIRATION CANCELLATION_STATUS_CHANGE RETURN_STATUS_CHANGE NEW_CONVERSATION
    NEW_MESSAGE PRODUCT_INFORMATION_CHANGE PRODUCT_CREATION PRODUCT_CATEGORY_CHANGE NEW_MESSAGE_LISTENER
    INVOICE_STATUS_CHANGE PRODUCT_AUDIT_STATUS_CHANGE REVERSE_STATUS_UPDATE
    """)
)


@route("GET", "/event/202309/webhooks", DOCUMENTED)
def registered(call: Call) -> Json:
    """What the shop's events are sent to."""
    hooks = list(call.shop.webhooks.values())
    return {"total_count": len(hooks), "webhooks": hooks}


@route(
    "PUT",
    "/event/202309/webhooks",
    DOCUMENTED,
    guess="Where both are set, the shop's address for a topic wins over the app's. Plain http, ports and addresses of"
    " this machine are taken, which the real one refuses.",
)
def register(call: Call) -> Json:
    """Sends a type of event to an address from now on."""
    kind, address = _member(call, "event_type"), _member(call, "address")
    if kind not in EVENT_TYPES:
        raise bad_parameter("invalid param error: event_type")
    if not is_address(address):
        raise bad_parameter("invalid param error: address")
    now = call.world.now()
    before = call.shop.webhooks.get(kind, {"create_time": now})
    call.shop.webhooks[kind] = before | {"event_type": kind, "address": address, "update_time": now}
    call.effect = f"webhook {kind} goes to {address}"
    return {}


@route("DELETE", "/event/202309/webhooks", DOCUMENTED)
def remove(call: Call) -> Json:
    """Stops sending a type of event."""
    kind = _member(call, "event_type")
    if call.shop.webhooks.pop(kind, None):
        call.effect = f"webhook {kind} removed"
    return {}


def _member(call: Call, name: str) -> str:
    value = call.body.get(name) if isinstance(call.body, dict) else None
    if not isinstance(value, str) or not value:
        raise required(name)
    return value
