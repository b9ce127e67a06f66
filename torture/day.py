"""What happens on one day in the shop: buyers, time, faults, production, and an operator with several terminals."""

import shutil
from collections import Counter
from collections.abc import Callable
from random import Random

from torture.place import OTHER_SKU, SKU, Json, Place
from torture.verdict import PREFIX, Floor, Truth

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
OUT_OF_STOCK = "seller_cancel_reason_out_of_stock"
PACKED = "ecom_reverse_reject_cancel_reason_product_packed"
Words = tuple[str, ...]


def tracking_number(number: int) -> str:
    """One of USPS, with its check digit."""
    digits = f"94001000{number:013}"
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-weighed % 10}"


class Day:
    """One seed's plan and its memory of what was done. The same seed makes the same choices of the same world."""

    def __init__(self, place: Place, dice: Random, most_orders: int) -> None:
        self.place = place
        self.dice = dice
        self.most_orders = most_orders
        self.truth = Truth(0, {}, [], [])
        self.did: Counter[str] = Counter()
        self.touched: set[str] = set()
        """Orders to which something happened since the last look."""
        self.numbers: dict[str, str] = {}
        self.taken = place.folder / "taken"
        self.taken.mkdir(exist_ok=True)

    def look(self) -> Truth:
        """What is so at TikTok now."""
        self.truth = Truth.of(self.place.control("GET", "state?parts=now,orders,packages,cancellations"))
        return self.truth

    @property
    def floor(self) -> Floor:
        return Floor(self.place.hand_off, self.taken)

    # Things that happen by themselves.

    def something(self) -> str:
        """Lets something happen; in words."""
        happenings: list[tuple[int, Callable[[], str]]] = [
            (6, self._buy),
            (6, self._whim),
            (2, self._time),
            (3, self._fault),
            (2, self._take_away),
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

    # What the operator types.

    def command(self) -> Words:
        """What is typed next at one of the terminals."""
        commands: list[tuple[int, Callable[[], Words]]] = [
            (8, lambda: ("orders", "pull")),
            (10, lambda: ("orders", "release")),
            (3, lambda: ("orders", "release", self.some_order())),
            (11, self._ship),
            (5, self._answer),
            (3, self._cancel),
            (2, self._hold),
            (2, self._advance),
            (1, lambda: ("privacy", "purge", "--older-than", "1d")),
            (1, lambda: ("orders", "audit", "--repair")),
        ]
        weights, things = zip(*commands, strict=True)
        words: Words = self.dice.choices(things, weights)[0]()
        return words

    def some_order(self) -> str:
        return self.dice.choice(sorted(self.truth.orders) or ["1"])

    def _ship(self) -> Words:
        released = sorted(self.floor.orders & self.truth.orders.keys())
        if not released:
            return ("orders", "release")
        order_id = self.dice.choice(released)
        lines = sorted(self.truth.live(order_id))
        part = self.dice.choice(lines) if len(lines) > 1 and self.dice.random() < 0.3 else ""
        number = self.numbers.setdefault(f"{order_id}/{part}", tracking_number(len(self.numbers) + 1))
        words = ("orders", "ship", order_id, "--carrier", "USPS", "--tracking", number)
        yes = ("--yes",) if self.dice.random() < 0.7 else ()
        return (*words, *(("--line", part) if part else ()), *yes)

    def _answer(self) -> Words:
        asked = sorted(self.truth.asked_back)
        if not asked:
            return ("orders", "cancellations")
        order_id = self.dice.choice(asked)
        self.touched.add(order_id)
        if self.dice.random() < 0.5:
            return ("orders", "answer", order_id, "approve", "--yes")
        return ("orders", "answer", order_id, "refuse", "--reason", PACKED)

    def _cancel(self) -> Words:
        order_id = self.some_order()
        self.touched.add(order_id)
        lines = sorted(self.truth.live(order_id)) if order_id in self.truth.orders else []
        part = ("--line", self.dice.choice(lines)) if lines and self.dice.random() < 0.5 else ()
        return ("orders", "cancel", order_id, *part, "--yes", "--reason", OUT_OF_STOCK)

    def _hold(self) -> Words:
        return ("orders", "hold", self.some_order(), *self.dice.choice([("--why", "Paper is out"), ("--lift",)]))

    def _advance(self) -> Words:
        released = sorted(self.floor.orders & self.truth.orders.keys())
        return ("orders", "advance", self.dice.choice(released)) if released else ("orders", "pull")
