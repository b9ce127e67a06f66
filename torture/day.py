"""What happens on one day in the shop: buyers, time, faults, production."""

import shutil
from collections import Counter
from collections.abc import Callable
from random import Random

from torture import floor
from torture.far import Production
from torture.floor import PREFIX, Floor
from torture.place import OTHER_SKU, SKU, Json, Place
from torture.verdict import Truth

MINUTE, HOUR, DAY = 60, 3600, 86_400
FAULTS: tuple[Json, ...] = (
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429},
    {"kind": "code", "code": 36009003, "message": "Internal error."},
    {"kind": "code", "code": 77777777, "message": "a code that nobody knows"},
    {"kind": "rate_limit", "retry_after": 1},
    {"kind": "timeout", "seconds": 0.05},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "truncate"},
    {"kind": "slow", "seconds": 0.1},
    {"kind": "drop_webhook"},
    {"kind": "duplicate_webhook"},
    {"kind": "reorder_webhook"},
)
CALLS = ("/orders/search", "GET /order/", "/cancellations", "/logistics/", "/packages", "/approve", "/reject", "/202")
"""Parts of paths; the last is in all but the token host's."""


class Day:
    """One seed's plan and its memory of what was done. The same seed makes the same choices of the same world."""

    def __init__(self, place: Place, dice: Random, most_orders: int, *, connector: bool) -> None:
        self.place = place
        self.dice = dice
        self.most_orders = most_orders
        self.truth = Truth(0, {}, [], [])
        self.did: Counter[str] = Counter()
        self.touched: set[str] = set()
        """Orders to which something happened since the last look."""
        self.undecided: set[str] = set()
        """Orders about which gcw asked for a decision, as it was when last looked."""
        self.taken = place.folder / "taken"
        self.taken.mkdir(exist_ok=True)
        self.production = Production(place.far, dice, place.postbacks) if connector else None
        """Where the shop hands over to a connector; into a folder else."""

    def look(self) -> Truth:
        """What is so at TikTok now."""
        self.truth = Truth.of(self.place.control("GET", "state?parts=now,orders,packages,cancellations"))
        return self.truth

    @property
    def floor(self) -> Floor:
        if self.production:
            return floor.of_books(self.place.far.books())
        return floor.of_folders(self.place.hand_off, self.taken)

    # Things that happen by themselves.

    def something(self) -> str:
        """Lets something happen; in words."""
        happenings: list[tuple[int, Callable[[], str]]] = [
            (6, self._buy),
            (6, self._whim),
            (4 if self.production else 2, self._time),
            (3, self._fault),
            *([(7, self._produce), (3, self._fault_there)] if self.production else [(2, self._take_away)]),
        ]
        weights, things = zip(*happenings, strict=True)
        return str(self.dice.choices(things, weights)[0]())

    def _buy(self) -> str:
        if len(self.truth.orders) >= self.most_orders:
            return self._whim()
        count = self.dice.choice([1, 1, 1, 2, 3, 12])
        wish: Json = {"count": min(count, self.most_orders - len(self.truth.orders))}
        wish["lines"] = [
            {"seller_sku": sku, "quantity": self.dice.randint(1, 3)}
            for sku in self.dice.sample([SKU, OTHER_SKU], self.dice.choice([1, 1, 2]))
        ]
        wish |= self.dice.choice(
            [{"status": "AWAITING_SHIPMENT"}] * 6
            + [{}, {"status": "UNPAID"}, {"status": "AWAITING_SHIPMENT", "is_on_hold_order": False}]
        )
        wish |= self.dice.choice([{}] * 5 + [{"shipping_type": "TIKTOK"}] * 2 + [{"is_sample_order": True}])
        if self.truth.orders and self.dice.random() < 0.3:  # who orders again: TikTok marks them to travel together
            wish["buyer_user_id"] = self.truth.orders[self.some_order()]["user_id"]
        made = self.place.control("POST", "orders", wish)["order_ids"]
        self.did["orders"] += len(made)
        self.look()
        return f"buys {len(made)} {wish}"

    def _whim(self) -> str:
        if not self.truth.orders:
            return self._buy()
        order_id = self.some_order()
        whims = ["request-cancel"] * 5 + ["withdraw-cancel"] * 2 + ["edit-address"] * 3 + ["pay", "end-hold", "collect"]
        whim = self.dice.choice([*whims, "cancel", "deliver"])
        wish = {"line1": f"{self.dice.randint(1, 999)} Other Street"} if whim == "edit-address" else {}
        self.touched.add(order_id)
        happened = bool(self.place.control("POST", f"orders/{order_id}/{whim}", wish))
        self.did[whim] += happened
        return f"{whim} {order_id}{'' if happened else ' (not possible)'}"

    def _time(self) -> str:
        seconds = self.dice.choice([MINUTE, 20 * MINUTE, HOUR + 1, HOUR + 1, DAY])
        self.place.control("POST", "clock", {"advance": seconds})
        self.touched.update(self.truth.orders)  # hours end, and TikTok grants what was not answered
        self.did["hours"] += seconds // HOUR
        return f"{seconds} seconds pass"

    def _fault(self) -> str:
        fault = self.dice.choice(FAULTS)
        spoils = {} if fault["kind"].endswith("webhook") else {"match": self.dice.choice(CALLS)}
        wish = {**fault, **spoils, "times": self.dice.choice([1, 1, 2, 6])}
        self.place.control("POST", "faults", wish)
        self.did["faults"] += 1
        return f"fault {wish}"

    def _take_away(self) -> str:
        """Production takes a folder out of the hand-off, and begins."""
        here = sorted(path for path in self.place.hand_off.iterdir() if path.name.startswith(PREFIX))
        if not here:
            return self._whim()
        folder = self.dice.choice(here)
        if (self.taken / folder.name).exists():
            return f"{folder.name} is there once more"  # the verdict tells
        shutil.move(folder, self.taken / folder.name)
        self.did["taken away"] += 1
        return f"production takes {folder.name} away"

    def _produce(self) -> str:
        """Production at the connector goes on."""
        assert self.production
        self.did["production"] += 1
        return self.production.go_on()

    def _fault_there(self) -> str:
        assert self.production
        self.did["faults"] += 1
        return self.production.spoil()

    def some_order(self) -> str:
        return self.dice.choice(sorted(self.truth.orders) or ["1"])

    def some_released(self, *, by_tiktok: bool | None = None) -> str:
        """An order that production has; nothing where there is none."""
        here = sorted(self.floor.orders & self.truth.orders.keys())
        found = [one for one in here if by_tiktok is None or self.truth.by_tiktok(one) == by_tiktok]
        return self.dice.choice(found) if found else ""
