"""Where TikTok Shop tells of changes, and what it says."""

import json
from typing import Any

from pydantic import Field, ValidationError

from gcw_tiktok.errors import BadInput, Refused
from gcw_tiktok.tiktok.client import Client, entries
from gcw_tiktok.tiktok.payload import Payload, fault
from gcw_tiktok.tiktok.signing import webhook_is_genuine

PATH = "/event/{version}/webhooks"


class Registration(Payload):
    """One kind of event and the address it is sent to."""

    event_type: str
    address: str = ""
    create_time: int = 0
    update_time: int = 0


class Notification(Payload):
    """One push. A hint to read the thing again: it may come twice, late, out of order or never."""

    type: int
    tts_notification_id: str = ""
    shop_id: str = ""
    seller_open_id: str = ""
    timestamp: int = 0
    data: dict[str, Any] = Field(default_factory=dict, repr=False)

    def text(self, name: str) -> str:
        """A member of `data` as text; ids come both as text and as 64-bit integers."""
        value = self.data.get(name)
        return "" if value is None else str(value)


def registered(client: Client) -> list[Registration]:
    """What the shop sends, and where to."""
    data = client.call("registered_webhooks", "GET", PATH, repeatable=True)
    return [Registration.parse(entry) for entry in entries(data, "webhooks")]


def register(client: Client, event_type: str, address: str) -> None:
    """Sends this kind of event to `address` (https) from now on, instead of any former one."""
    body = {"address": address, "event_type": event_type}
    client.call("register_webhook", "PUT", PATH, json=body, repeatable=True)


def remove(client: Client, event_type: str) -> None:
    """Ends the sending of this kind of event."""
    client.call("remove_webhook", "DELETE", PATH, json={"event_type": event_type}, repeatable=True)


def read(body: bytes, authorization: str, app_key: str, app_secret: str) -> Notification:
    """The notification in a webhook's raw body, if the signature is TikTok's."""
    if not webhook_is_genuine(app_key, app_secret, body, authorization):
        raise Refused("The webhook's signature is not TikTok's.", code="bad_signature")
    try:
        return Notification.model_validate(json.loads(body))
    except ValidationError as error:
        raise BadInput(f"The webhook cannot be read: {fault(error)}.") from None
    except ValueError:
        raise BadInput("The webhook's body is not JSON.") from None
