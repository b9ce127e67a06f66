"""What `gcw webhooks trigger` does: asks the sandbox for an event that nothing in it has caused."""

import json
from typing import TYPE_CHECKING, Any

from gcw_tiktok.errors import BadInput, Usage
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.tiktok import webhooks as pushes
from gcw_tiktok.workflow import stores, webhooks

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store


def store(gcw: Runtime, name: str) -> "Store":
    """The store that is named; without a name the only one."""
    with gcw.database.view() as session:
        if name:
            return stores.find_connected(session, name)
        found = stores.connected(session)
    if len(found) != 1:
        raise Usage(f"Name a store: {len(found)} are connected.", "See `gcw store list`.")
    return found[0]


def trigger(gcw: Runtime, place: "Store", topic: str, data: str) -> dict[str, Any]:
    """The body of the webhook that the sandbox sends."""
    api = gcw.app.api_url
    if not webhooks.is_near(api):
        raise BadInput(
            f"{api} is no sandbox, and the live TikTok pushes only what has happened.",
            "Use a profile that belongs to a sandbox: `gcw sandbox start` makes one.",
        )
    wish = {"topic": topic, "shop_id": place.shop_id} | ({"data": _parsed(data)} if data else {})
    headers = {"content-type": "application/json"}
    answer = pushes.deliver(gcw.http, f"{api}/_sandbox/events", json.dumps(wish).encode(), headers)
    try:
        told: dict[str, Any] = answer.json()
    except ValueError as error:
        raise BadInput(f"What answers at {api} is no sandbox.", "Start one with `gcw sandbox start`.") from error
    if answer.is_error:
        raise BadInput(f"The sandbox says: {told.get('error', answer.status_code)}")
    found: dict[str, Any] = told["event"]
    return found


def _parsed(data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInput("What --data holds is not JSON.", 'Write it as \'{"order_id": "576..."}\'.') from error
