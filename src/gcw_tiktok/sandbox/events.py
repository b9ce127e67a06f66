"""What the platform tells of: every event of the world, in the form in which webhooks carry it."""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

Json = dict[str, Any]
LONGEST = 100_000

# Each kind of event by its name in the API, and the number by which a webhook's body names it.
TOPICS = {
    "ORDER_STATUS_CHANGE": 1,
    "REVERSE_STATUS_UPDATE": 2,
    "RECIPIENT_ADDRESS_UPDATE": 3,
    "PACKAGE_UPDATE": 4,
    "PRODUCT_STATUS_CHANGE": 5,
    "SELLER_DEAUTHORIZATION": 6,
    "UPCOMING_AUTHORIZATION_EXPIRATION": 7,
    "CANCELLATION_STATUS_CHANGE": 11,
    "RETURN_STATUS_CHANGE": 12,
    "NEW_CONVERSATION": 13,
    "NEW_MESSAGE": 14,
    "PRODUCT_INFORMATION_CHANGE": 15,
    "PRODUCT_CREATION": 16,
    "PRODUCT_CATEGORY_CHANGE": 18,
    "PRODUCT_AUDIT_STATUS_CHANGE": 37,
}
WITH_WHOLE_NUMBERS = frozenset({"PRODUCT_STATUS_CHANGE", "PRODUCT_CREATION", "PRODUCT_AUDIT_STATUS_CHANGE"})
"""Their `product_id` is a JSON integer, above what a double holds; everywhere else ids are text."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a shop, at a moment in Unix seconds."""

    id: str
    topic: str
    shop_id: str
    timestamp: int
    data: Json

    @property
    def body(self) -> Json:
        """What a webhook says of it."""
        data = dict(sorted(self.data.items()))
        if self.topic in WITH_WHOLE_NUMBERS and "product_id" in data:
            data["product_id"] = int(data["product_id"])
        return {
            "type": TOPICS[self.topic],
            "tts_notification_id": self.id,
            "shop_id": self.shop_id,
            "timestamp": self.timestamp,
            "data": data,
        }

    @property
    def raw(self) -> bytes:
        """The very bytes that travel and are signed: the same in every attempt."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


class Events:
    """The last events of a world, oldest first."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._happened: deque[Event] = deque(maxlen=LONGEST)

    def tell(self, topic: str, shop_id: str, when: int, data: Json) -> Event:
        """Notes that something happened, and sends a webhook where somebody wants to hear of it."""
        event = Event(self._world.mint.next("notification"), topic, shop_id, when, data)
        self._happened.append(event)
        self._world.deliveries.announce(event, self._world)
        return event

    def __iter__(self) -> Iterator[Event]:
        return iter(self._happened)
