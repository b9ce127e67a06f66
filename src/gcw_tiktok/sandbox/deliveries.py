"""Webhooks on their way: which event goes to which address, when it is tried, and how each attempt ended."""

import heapq
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from gcw_tiktok.sandbox.events import Event

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.world import World

RETRIES_AFTER = (2 * 60, 30 * 60, 3 * 3_600, 12 * 3_600)
"""Seconds of the world's time from each failure to the next attempt; after the last one nothing more is tried."""
OVERTAKEN_WITHIN = 60
"""Seconds that a delivery out of its order waits for another one to pass it."""
LONGEST = 100_000
LONGEST_ADDRESS = 255
State = Literal["waiting", "delivered", "given up", "not sent", "lost"]
Json = dict[str, Any]


@dataclass
class Attempt:
    """One post: the HTTP status of the answer, or why there was none."""

    time: int
    status: int = 0
    problem: str = ""

    @property
    def worked(self) -> bool:
        return self.status == 200


@dataclass
class Delivery:
    """One event for one address; `due` is when it is tried next."""

    number: int
    event: Event
    address: str
    due: int
    state: State = "waiting"
    note: str = ""
    fault: str = ""
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def shown(self) -> Json:
        """What a person wants to know of it."""
        return {
            "number": self.number,
            "topic": self.event.topic,
            "tts_notification_id": self.event.id,
            "shop_id": self.event.shop_id,
            "address": self.address,
            "state": self.state,
            "due": self.due if self.state == "waiting" else None,
            "note": self.note,
            "fault": self.fault,
            "attempts": [asdict(each) for each in self.attempts],
            "body": self.event.body,
        }


class Deliveries:
    """The last deliveries of a world, and which of them wait for their moment."""

    def __init__(self) -> None:
        self._all: deque[Delivery] = deque(maxlen=LONGEST)
        self._waiting: dict[int, Delivery] = {}
        self._queue: list[tuple[int, int]] = []
        self._stepped_back: list[Delivery] = []
        self._made = 0

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self._all)

    def announce(self, event: Event, world: "World") -> None:
        """Puts a delivery down for an event that somebody wants to hear of."""
        address = address_for(world, event)
        if address:
            self.add(event, address, event.timestamp)

    def add(self, event: Event, address: str, due: int) -> Delivery:
        """A new delivery, to be tried then."""
        self._made += 1
        made = Delivery(self._made, event, address, due)
        self._all.append(made)
        self._waiting[made.number] = made
        self.postpone(made, due)
        return made

    def next_due(self, now: int) -> Delivery | None:
        """The earliest delivery that is due by now."""
        while self._queue and self._queue[0][0] <= now:
            due, number = self._queue[0]
            found = self._waiting.get(number)
            if found and found.due == due:
                return found
            heapq.heappop(self._queue)
        return None

    def postpone(self, delivery: Delivery, due: int) -> None:
        """Tries a waiting delivery at another moment."""
        delivery.due = due
        heapq.heappush(self._queue, (due, delivery.number))

    def finish(self, delivery: Delivery, state: State, note: str = "") -> None:
        """Nothing more is tried."""
        delivery.state, delivery.note = state, note
        self._waiting.pop(delivery.number, None)

    def tried(self, delivery: Delivery, attempt: Attempt) -> None:
        """Takes an attempt down and plans what follows from it."""
        delivery.attempts.append(attempt)
        failures = len(delivery.attempts)
        if attempt.worked:
            self.finish(delivery, "delivered")
        elif failures > len(RETRIES_AFTER):
            self.finish(delivery, "given up", f"No answer with status 200 in {failures} attempts.")
        else:
            self.postpone(delivery, attempt.time + RETRIES_AFTER[failures - 1])
        self._let_overtaken_go(delivery)

    def step_back(self, delivery: Delivery) -> None:
        """Lets the next delivery to the same address go first, unless none comes for a while."""
        self._stepped_back.append(delivery)
        self.postpone(delivery, delivery.due + OVERTAKEN_WITHIN)

    def _let_overtaken_go(self, passed: Delivery) -> None:
        """What stepped back for another delivery follows that one."""
        waiting, self._stepped_back = self._stepped_back, []
        for each in waiting:
            if each is passed or each.state != "waiting" or each.attempts:
                continue
            if each.address == passed.address:
                self.postpone(each, passed.attempts[-1].time)
            else:
                self._stepped_back.append(each)


def is_address(text: str) -> bool:
    """Whether a webhook could be posted there. The real one takes https and a bare domain name only."""
    if len(text) > LONGEST_ADDRESS or not text.isascii():
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def address_for(world: "World", event: Event) -> str:
    """Where an event goes: the shop's own address for the topic, else the app's; empty when nobody listens."""
    shop = world.shop(event.shop_id)
    if shop and event.topic in shop.webhooks:
        address = str(shop.webhooks[event.topic]["address"])
    else:
        address = world.app.webhook_url if event.topic in world.app.webhook_topics else ""
    return address if shop is None or _allowed(world, shop.id, event.topic) else ""


def _allowed(world: "World", shop_id: str, topic: str) -> bool:
    """Only shops that authorized the app are told of, to the very end of their authorization."""
    if topic == "SELLER_DEAUTHORIZATION":
        return True
    seller = next(each for each in world.sellers if any(shop.id == shop_id for shop in each.shops))
    return seller.handle in world.authorizations.active
