"""Where TikTok Shop tells of changes, and what it says."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
from pydantic import Field, ValidationError

from gcw_tiktok.errors import BadInput, Refused, TryAgain
from gcw_tiktok.tiktok.client import Client, entries
from gcw_tiktok.tiktok.payload import Payload, fault
from gcw_tiktok.tiktok.signing import sign_webhook as sign_webhook
from gcw_tiktok.tiktok.signing import webhook_is_genuine

PATH = "/event/{version}/webhooks"
TOPICS = {
    1: "ORDER_STATUS_CHANGE",
    2: "REVERSE_STATUS_UPDATE",
    3: "RECIPIENT_ADDRESS_UPDATE",
    4: "PACKAGE_UPDATE",
    5: "PRODUCT_STATUS_CHANGE",
    6: "SELLER_DEAUTHORIZATION",
    7: "UPCOMING_AUTHORIZATION_EXPIRATION",
    11: "CANCELLATION_STATUS_CHANGE",
    12: "RETURN_STATUS_CHANGE",
    13: "NEW_CONVERSATION",
    14: "NEW_MESSAGE",
    15: "PRODUCT_INFORMATION_CHANGE",
    16: "PRODUCT_CREATION",
    18: "PRODUCT_CATEGORY_CHANGE",
    37: "PRODUCT_AUDIT_STATUS_CHANGE",
}
"""The numbers of pushes whose names TikTok takes when an address is registered."""
UNNUMBERED = frozenset({"NEW_MESSAGE_LISTENER", "INVOICE_STATUS_CHANGE"})
"""Names that can be registered too; under which number they are pushed is not published."""
LONGEST_ADDRESS = 255
ANSWER_WITHIN = 3
"""Seconds that TikTok gives a receiver."""


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

    @property
    def order_ids(self) -> list[str]:
        """The orders that it speaks of, each once; a change of packages may concern many."""
        named = [self.text("order_id")]
        for package in entries(self.data, "package_list"):
            ids = package.get("order_id_list")
            named += [str(one) for one in ids] if isinstance(ids, list) else []
        return list(dict.fromkeys(_ids(named)))

    @property
    def product_id(self) -> str:
        """The product that it speaks of, or nothing."""
        return next(_ids([self.text("product_id")]), "")


def _ids(found: list[str]) -> Iterator[str]:
    """Only what can be an id of TikTok's: it is going to be asked for."""
    return (one for one in found if one.isascii() and one.isdigit() and len(one) <= 32)


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
    check(body, authorization, app_key, app_secret)
    return parse(body)


def check(body: bytes, authorization: str, app_key: str, app_secret: str) -> None:
    """Refuses what TikTok did not sign."""
    if not webhook_is_genuine(app_key, app_secret, body, authorization):
        raise Refused("The webhook's signature is not TikTok's.", code="bad_signature")


def parse(body: bytes) -> Notification:
    """The notification in a body whose signature has been checked."""
    try:
        return Notification.model_validate(json.loads(body))
    except ValidationError as error:
        raise BadInput(f"The webhook cannot be read: {fault(error)}.") from None
    except (ValueError, RecursionError):
        raise BadInput("The webhook's body is not JSON.") from None


def deliver(http: httpx.Client, address: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """Posts a body to a receiver, once, as TikTok does; what it answered."""
    try:
        return http.post(address, content=body, headers=headers, timeout=ANSWER_WITHIN, follow_redirects=False)
    except httpx.RequestError as error:
        raise TryAgain(
            f"{address} did not answer ({type(error).__name__}).", "Start what should listen there.", code="no_receiver"
        ) from error
