"""A state machine drives gcw and the sandbox through buyers' whims, passing time, faults of every kind, kills and
other gcw that come in between, and holds what gcw believes against what is so.

`GCW_TEST_EXAMPLES=300 pytest tests/orders/test_whatever_happens.py` looks longer, and elsewhere each time.
"""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import col, select

from gcw_tiktok.store.tables import Order
from orders import killing
from orders.shop import OTHER_SKU, SKU, Relay, Shop, put_back, take
from torture import floor as floors
from torture import verdict
from torture.floor import Floor
from torture.verdict import Truth

EXAMPLES = int(os.environ.get("GCW_TEST_EXAMPLES", "0"))
PROFILE = settings(
    max_examples=EXAMPLES or 10,
    stateful_step_count=30 if EXAMPLES else 12,
    derandomize=not EXAMPLES,
    phases=list(Phase) if EXAMPLES else [Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429},
    {"kind": "code", "code": 36009003, "message": "Internal error."},
    {"kind": "code", "code": 21001003, "message": "internal failure or timeout"},
    {"kind": "code", "code": 77777777, "message": "a code that nobody knows"},
    {"kind": "rate_limit", "retry_after": 1},
    {"kind": "rate_limit", "retry_after": 900},
    {"kind": "timeout", "seconds": 0},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "truncate"},
]
CALLS = ["/orders/search", "GET /order/", "/cancellations/search", "/logistics/", "/packages", "/packages", "/202"]
"""Parts of paths; the last is in all but the token host's, of which tests/connecting/test_tokens.py tells."""
TROUBLES = st.lists(
    st.builds(
        lambda fault, call, times: {**fault, "match": call, "times": times},
        st.sampled_from(FAULTS),
        st.sampled_from(CALLS),
        st.sampled_from([1, 1, 2, 6]),
    ),
    max_size=2,
)
MINUTE, HOUR, DAY = 60, 3600, 86_400
ANY = {0, 3, 4, 5, 6, 7}
"""How a command may end when things go wrong. 1 would be a bug, and 3 ask for something to be set up."""
Json = dict[str, Any]


WHIMS = ["request-cancel", "request-cancel", "withdraw-cancel", "cancel", "edit-address", "end-hold", "deliver"]
Words = tuple[str, ...]
PLACES = st.integers(1, 40)
OUT_OF_STOCK = "seller_cancel_reason_out_of_stock"
PACKED = "ecom_reverse_reject_cancel_reason_product_packed"


class Wire(httpx.BaseTransport):
    """Says a cut connection as a real one would; something else may happen before one of the requests."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self.between: list[Callable[[], None] | None] = []
        """What happens before the requests to come, each in its turn."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.between and (happens := self.between.pop(0)):
            happens()
        try:
            return self._relay.inner.handle_request(request)
        except ConnectionResetError as cut:
            raise httpx.ReadError("cut", request=request) from cut


class Whatever(RuleBasedStateMachine):
    """One shop in the middle of its day, and all that can happen to it."""

    begin: Callable[[], Shop]

    def __init__(self) -> None:
        super().__init__()
        self.shop = type(self).begin()
        self.wire = Wire(self.shop.relay)
        self.shop.gcw.transport = self.wire
        self.seen_folders = self.floor.orders
        self.numbers: dict[str, str] = {}
        self.unsure: dict[Words, Words] = {}
        """What was typed and may or may not have happened."""
        self._next_number = 0

    # What buyers do and time does.

    @rule(sku=st.sampled_from([SKU, OTHER_SKU]), quantity=st.integers(1, 3), ready=st.booleans())
    def buy(self, sku: str, quantity: int, ready: bool) -> None:
        (self.shop.sandbox.ready_order if ready else self.shop.sandbox.order)(sku, quantity)

    @precondition(lambda self: self.shop.world.orders)
    @rule(data=st.data(), action=st.sampled_from(WHIMS))
    def something_happens_to_an_order(self, data: st.DataObject, action: str) -> None:
        self.happens(self.some_order(data), action)

    def happens(self, order_id: str, action: str) -> None:
        with httpx.Client(transport=self.shop.sandbox.transport, base_url="http://sandbox") as http:
            http.post(f"/_sandbox/orders/{order_id}/{action}", json={})  # what is not possible does not happen

    @rule(seconds=st.sampled_from([MINUTE, 20 * MINUTE, HOUR + 1, DAY, 8 * DAY]), both=st.booleans())
    def time_passes(self, seconds: int, both: bool) -> None:
        """At TikTok, and usually here too."""
        self.shop.advance(seconds)
        self.shop.gcw.offset += seconds if both else 0

    # What the operator does, and what goes wrong meanwhile and perhaps goes on to.

    @rule(troubles=TROUBLES)
    def pull(self, troubles: list[Json]) -> None:
        with self.trouble(troubles):
            self.gcw("orders", "pull")

    @rule(troubles=TROUBLES)
    def release(self, troubles: list[Json]) -> None:
        with self.trouble(troubles):
            self.gcw("orders", "release")
        self.look_at_the_floor()

    @precondition(lambda self: self.shop.world.orders)
    @rule(data=st.data(), whim=st.sampled_from(["request-cancel", "cancel", "edit-address"]))
    def a_whim_after_the_pull(self, data: st.DataObject, whim: str) -> None:
        """What only the print gate can see."""
        self.shop.sandbox.ready_order(SKU)
        self.gcw("orders", "pull")
        waiting = [one.id for one in self.shop.world.orders if one.id not in self.seen_folders]
        self.happens(data.draw(st.sampled_from(waiting)), whim)
        self.gcw("orders", "release")
        self.look_at_the_floor()

    @precondition(lambda self: self.seen_folders)
    @rule(data=st.data(), troubles=TROUBLES)
    def ship(self, data: st.DataObject, troubles: list[Json]) -> None:
        with self.trouble(troubles):
            self.type(*self.shipping(data))

    @precondition(lambda self: self.shop.world.orders)
    @rule(data=st.data(), troubles=TROUBLES)
    def cancel(self, data: st.DataObject, troubles: list[Json]) -> None:
        with self.trouble(troubles):
            self.type(*self.cancelling(data))

    @precondition(lambda self: self.truth.asked_back)
    @rule(data=st.data(), troubles=TROUBLES)
    def answer(self, data: st.DataObject, troubles: list[Json]) -> None:
        with self.trouble(troubles):
            self.type(*self.answering(data))

    @precondition(lambda self: self.seen_folders)
    @rule(data=st.data(), troubles=TROUBLES)
    def decide(self, data: st.DataObject, troubles: list[Json]) -> None:
        with self.trouble(troubles):
            self.gcw(*self.deciding(data))

    @precondition(lambda self: self.shop.world.orders)
    @rule(data=st.data(), lift=st.booleans())
    def hold(self, data: st.DataObject, lift: bool) -> None:
        self.gcw("orders", "hold", self.some_order(data), *(["--lift"] if lift else ["--why", "Paper is out"]))

    @precondition(lambda self: self.unsure)
    @rule(data=st.data(), troubles=TROUBLES)
    def type_again(self, data: st.DataObject, troubles: list[Json]) -> None:
        with self.trouble(troubles):
            self.type(*self.unsure[data.draw(st.sampled_from(sorted(self.unsure)))])

    @rule(data=st.data(), at=PLACES)
    def killed(self, data: st.DataObject, at: int) -> None:
        """At the n-th place where something has happened outside its memory or is about to."""
        words = self.some_command(data)
        self.unsure |= {words: words} if words[1] in ("ship", "cancel", "answer") else {}
        killing.run(self.shop, words, at, surely=False)
        self.look_at_the_floor()

    @rule(data=st.data(), at=st.integers(0, 5), another=st.booleans())
    def something_comes_in_between(self, data: st.DataObject, at: int, another: bool) -> None:
        """Another gcw runs, or a buyer has a whim, while the first waits for TikTok."""
        words, touched = self.some_command(data), set[str]()
        if another or not self.shop.world.orders:
            second = self.some_command(data)
            self.wire.between = [*[None] * at, lambda: self.type(*second)]
        else:
            order_id, whim = self.some_order(data), data.draw(st.sampled_from(WHIMS))
            self.wire.between = [*[None] * at, lambda: self.happens(order_id, whim)]
            touched = {order_id}
        self.type(*words)
        self.wire.between = []
        self.look_at_the_floor(touched)

    # The commands in words.

    def some_order(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([one.id for one in self.shop.world.orders]))

    def some_command(self, data: st.DataObject) -> Words:
        ways: list[Callable[[st.DataObject], Words]] = [
            lambda _: ("orders", "pull"),
            lambda _: ("orders", "release"),
            lambda _: ("orders", "release"),
            *([self.shipping, self.deciding] if self.seen_folders else []),
            *([self.answering] if self.truth.asked_back else []),
            *([self.cancelling] if self.shop.world.orders else []),
        ]
        return data.draw(st.sampled_from(ways))(data)

    def shipping(self, data: st.DataObject) -> Words:
        order_id = data.draw(st.sampled_from(sorted(self.seen_folders)))
        lines = [line["id"] for line in self.truth.orders[order_id]["line_items"]]
        more = ("--line", data.draw(st.sampled_from(lines))) if data.draw(st.booleans()) else ()
        if data.draw(st.booleans()) or order_id not in self.numbers:
            self._next_number += 1
            self.numbers[order_id] = f"94001000{self._next_number:014}"
        return (*self.shop.ship(order_id, *more, number=self.numbers[order_id]), "--yes")

    def deciding(self, data: st.DataObject) -> Words:
        order_id = data.draw(st.sampled_from(sorted(self.seen_folders)))
        choice = data.draw(st.sampled_from(["stop", "continue", "remake"]))
        lines = sorted(line["id"] for line in self.truth.orders[order_id]["line_items"])
        part = choice != "continue" and data.draw(st.booleans())
        return ("orders", "decide", order_id, choice, *(("--line", data.draw(st.sampled_from(lines))) if part else ()))

    def answering(self, data: st.DataObject) -> Words:
        order_id = data.draw(st.sampled_from(sorted(self.truth.asked_back)))
        how = data.draw(st.sampled_from([("approve", "--yes"), ("refuse", "--reason", PACKED)]))
        return ("orders", "answer", order_id, *how)

    def cancelling(self, data: st.DataObject) -> Words:
        order_id = self.some_order(data)
        lines = sorted(self.truth.live(order_id))
        part = ("--line", data.draw(st.sampled_from(lines))) if lines and data.draw(st.booleans()) else ()
        return ("orders", "cancel", order_id, *part, "--yes", "--reason", OUT_OF_STOCK)

    def type(self, *words: str) -> None:
        """Types it, and remembers it where nobody knows what became of it."""
        if self.gcw(*words) == 6 and words[1] in ("ship", "cancel", "answer"):
            self.unsure[words] = words
        else:
            self.unsure.pop(words, None)

    @contextmanager
    def trouble(self, troubles: list[Json]) -> Iterator[None]:
        for one in troubles:
            self.shop.sandbox.control("POST", "faults", one)
        yield
        if not any(one["match"] == "/202" for one in troubles):
            self.all_is_mended()

    def all_is_mended(self) -> None:
        self.shop.sandbox.control("DELETE", "faults")

    # What must be so, always and in the end.

    @invariant()
    def nothing_is_doubled(self) -> None:
        assert not [*verdict.of_packages(self.truth), *verdict.of_floor(self.floor)]
        assert self.floor.orders == self.seen_folders, "handed over unasked"

    def teardown(self) -> None:
        self.all_is_mended()
        self.time_passes(HOUR, both=True)
        assert self.gcw("orders", "pull") in (0, 7)  # what a killed release was about to hand over is not answered
        self.compare()
        assert self.gcw("orders", "release") == 0
        self.look_at_the_floor()
        for words in list(self.unsure.values()):
            assert self.gcw(*words) in (0, 4, 5)  # it may have been cancelled meanwhile
        assert self.gcw("orders", "pull") == self.gcw("orders", "release") == 0
        self.look_at_the_floor()
        self.nothing_is_doubled()
        assert self.gcw("orders", "pull") == 0
        self.compare()
        with self.shop.session() as session:
            left = verdict.of_effects(session, self.truth, self.floor)
            told = verdict.of_cancelled(session, self.truth, self.floor)
            assert not [*left, *told]
        assert self.gcw("orders", "audit", "--since", "60d") == 0
        assert self.gcw("orders", "history", "verify") == 0

    def look_at_the_floor(self, touched: Collection[str] = ()) -> None:
        """What was handed over just now is to be made: paid, free of its hour, asked back and held by nobody. Of what
        was touched while it was handed over, nobody can say what the print gate saw."""
        floor, truth = self.floor, self.truth
        new = floor.orders - self.seen_folders
        names = {name for name in floor.names if floors.order_of(name) in new}
        assert not [*verdict.of_new(truth, truth, floor, names, touched)]
        with self.shop.session() as session:
            held = set(session.exec(select(Order.order_id).where(col(Order.held_why).is_not(None))))
        assert not new & held
        self.seen_folders |= new

    def compare(self) -> None:
        """gcw knows every order, each as it is, and of every unit whether and how it has left."""
        with self.shop.session() as session:
            assert not [*verdict.of_orders(session, self.truth)]

    def gcw(self, *words: str) -> int:
        ran = self.shop.gcw.run(*words)
        assert ran.code in ANY, (words, ran)
        assert "Traceback" not in ran.stderr
        return ran.code

    @property
    def truth(self) -> Truth:
        return Truth.of(self.shop.sandbox.control("GET", "state?parts=now,orders,packages,cancellations"))

    @property
    def floor(self) -> Floor:
        return floors.of_folders(self.shop.hand_off)


def test_whatever_happens(shop: Shop, tmp_path: Path) -> None:
    shop.connect_other()
    ids = [shop.sandbox.ready_order(SKU, quantity) for quantity in (3, 2, 1)]
    shop.gcw("orders", "pull")
    shop.gcw("orders", "release", ids[0])
    picture = take(shop, tmp_path / "kept")
    machine = type("Machine", (Whatever,), {"begin": lambda: put_back(picture, shop, shop.database_url)})
    run_state_machine_as_test(machine, settings=PROFILE)
