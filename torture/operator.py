"""What an operator types at one of several terminals."""

import csv
from collections.abc import Callable

from torture.day import Day
from torture.place import STORE

OUT_OF_STOCK = "seller_cancel_reason_out_of_stock"
PACKED = "ecom_reverse_reject_cancel_reason_product_packed"
POLICIES = ("hold", "make", "ignore")
CHOICES = ("stop", "stop", "continue", "remake", "remake", "remake")
PULL, RELEASE, COLLECT = ("orders", "pull"), ("orders", "release"), ("orders", "collect")
Words = tuple[str, ...]


def tracking_number(number: int) -> str:
    """One of USPS, with its check digit."""
    digits = f"94001000{number:013}"
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-weighed % 10}"


class Operator:
    """Draws commands that fit what is so in the shop, or nearly; the same parcel gets the same number each time."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.dice = day.dice
        self.numbers: dict[str, str] = {}
        self.insisted: set[str] = set()
        """Orders that were to be released whatever was open about them."""
        self._files = 0

    def command(self) -> Words:
        """What is typed next."""
        commands: list[tuple[int, Callable[[], Words]]] = [
            (8, lambda: PULL),
            (9, lambda: RELEASE),
            (3, lambda: (*RELEASE, self.day.some_order())),
            (2, self._insist),
            (10, self._ship),
            (3, self._ship_list),
            (3, self._correct),
            (6, self._label),
            (5, self._decide),
            (5, self._answer),
            (3, self._cancel),
            (2, self._hold),
            (4, lambda: COLLECT) if self.day.production else (2, self._advance),
            (1, lambda: ("orders", "retry", self.day.some_order())),
            (1, lambda: ("store", "edit", STORE, "--samples", self.dice.choice(POLICIES))),
            (1, lambda: ("privacy", "purge", "--older-than", "1d")),
            (1, lambda: ("orders", "audit", "--repair")),
        ]
        weights, things = zip(*commands, strict=True)
        words: Words = self.dice.choices(things, weights)[0]()
        return words

    def _insist(self) -> Words:
        order_id = self.day.some_order()
        self.insisted.add(order_id)
        return (*RELEASE, order_id, "--yes")

    def _ship(self) -> Words:
        order_id = self.day.some_released(by_tiktok=False if self.dice.random() < 0.9 else None)
        if not order_id:
            return RELEASE
        part = self._part_of(order_id)
        words = ("orders", "ship", order_id, "--carrier", "USPS", "--tracking", self._number(f"{order_id}/{part}"))
        alone = ("--alone",) if self.dice.random() < 0.1 else ()
        return (*words, *(("--line", part) if part else ()), *alone, *self._yes())

    def _ship_list(self) -> Words:
        """A file of parcels, some of which have left or never will."""
        found = {self.day.some_released(by_tiktok=False) for _ in range(self.dice.randint(2, 6))} - {""}
        if not found:
            return RELEASE
        self._files += 1
        path = self.day.place.folder / "logs" / f"parcels-{self._files}.csv"
        with path.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["order", "carrier", "tracking", "lines"])
            for order_id in sorted(found):
                part = self._part_of(order_id)
                rows.writerow([order_id, "USPS", self._number(f"{order_id}/{part}"), part])
        return ("orders", "ship", "--from", str(path), *self._yes())

    def _correct(self) -> Words:
        parcels = [one for one in self.day.truth.packages if one["tracking_number"] and not one["has_tiktok_label"]]
        if not parcels:
            return self._ship()
        parcel = self.dice.choice(parcels)
        again = self.dice.choice(["", "", "again"])  # TikTok takes one correction of a parcel
        number = self._number(f"corrected {parcel['id']} {again}")
        words = ("orders", "ship", self.dice.choice(parcel["order_ids"]), "--correct", "--carrier", "USPS")
        which = ("--parcel", parcel["id"]) if self.dice.random() < 0.8 else ()
        return (*words, "--tracking", number, *which, *self._yes())

    def _label(self) -> Words:
        order_id = self.day.some_released(by_tiktok=True)
        if not order_id or self.dice.random() < 0.2:
            return ("orders", "label", "--from", self.dice.choice(["created", "printed"]))
        part = self._part_of(order_id)
        service = self.dice.choice(["default", "cheapest", "fastest"])
        return ("orders", "label", order_id, "--service", service, *(("--line", part) if part else ()), *self._yes())

    def _decide(self) -> Words:
        asked = sorted(self.day.undecided & self.day.truth.orders.keys())
        order_id = self.dice.choice(asked) if asked and self.dice.random() < 0.8 else self.day.some_released()
        if not order_id:
            return PULL
        choice = self.dice.choice(CHOICES)
        part = self._part_of(order_id) if choice != "continue" else ""
        return ("orders", "decide", order_id, choice, *(("--line", part) if part else ()))

    def _part_of(self, order_id: str) -> str:
        """One unit of several, or nothing for all of them."""
        lines = sorted(self.day.truth.live(order_id))
        return self.dice.choice(lines) if len(lines) > 1 and self.dice.random() < 0.3 else ""

    def _number(self, parcel: str) -> str:
        return self.numbers.setdefault(parcel, tracking_number(len(self.numbers) + 1))

    def _yes(self) -> Words:
        return ("--yes",) if self.dice.random() < 0.7 else ()

    def _answer(self) -> Words:
        asked = sorted(self.day.truth.asked_back)
        if not asked:
            return ("orders", "cancellations")
        order_id = self.dice.choice(asked)
        self.day.touched.add(order_id)
        if self.dice.random() < 0.5:
            return ("orders", "answer", order_id, "approve", "--yes")
        return ("orders", "answer", order_id, "refuse", "--reason", PACKED)

    def _cancel(self) -> Words:
        order_id = self.day.some_order()
        self.day.touched.add(order_id)
        lines = sorted(self.day.truth.live(order_id)) if order_id in self.day.truth.orders else []
        part = ("--line", self.dice.choice(lines)) if lines and self.dice.random() < 0.5 else ()
        return ("orders", "cancel", order_id, *part, "--yes", "--reason", OUT_OF_STOCK)

    def _hold(self) -> Words:
        return ("orders", "hold", self.day.some_order(), *self.dice.choice([("--why", "Paper is out"), ("--lift",)]))

    def _advance(self) -> Words:
        order_id = self.day.some_released()
        return ("orders", "advance", order_id) if order_id else PULL
