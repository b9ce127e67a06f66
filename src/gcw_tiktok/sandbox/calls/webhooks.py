"""Addresses that want to hear of events, one for each shop and type."""

from gcw_tiktok.sandbox.deliveries import is_address
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import bad_parameter
from gcw_tiktok.sandbox.routes import DOCUMENTED, Json, route


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
    " this machine are taken, which the real one refuses. A retried webhook has the timestamp of the first attempt.",
)
def register(call: Call) -> Json:
    """Sends a type of event to an address from now on."""
    kind, address = call.body["event_type"], call.body["address"]
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
    kind = call.body["event_type"]
    if call.shop.webhooks.pop(kind, None):
        call.effect = f"webhook {kind} removed"
    return {}
