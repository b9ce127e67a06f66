"""A state machine drives gcw and the sandbox through buyers' whims, passing time and faults of every kind, and holds
what gcw believes against what is so.

`GCW_TEST_EXAMPLES=300 pytest tests/orders/test_whatever_happens.py` looks longer, and elsewhere each time.
"""

import os
from collections.abc import Callable, Iterator
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
from sqlmodel import select

from gcw_tiktok.store.tables import Line, Order, OutboxEntry, SetAside
from gcw_tiktok.store.tables.stages import GONE_OUT, IN_WORK, Stage
from gcw_tiktok.workflow import outbox
from orders.shop import OTHER_SKU, SKU, Shop, put_back, take

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


class Wire(httpx.BaseTransport):
    """Says a cut connection as a real one would."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._inner.handle_request(request)
        except ConnectionResetError as cut:
            raise httpx.ReadError("cut", request=request) from cut


class Whatever(RuleBasedStateMachine):
    """One shop in the middle of its day, and all that can happen to it."""

    begin: Callable[[], Shop]

    def __init__(self) -> None:
        super().__init__()
        self.shop = type(self).begin()
        self.shop.gcw.transport = Wire(self.shop.relay.inner)
        self.seen_folders = {name.removeprefix("TTS-") for name in self.shop.folders()}
        self.numbers: dict[str, str] = {}
        self.unsure: dict[str, tuple[str, ...]] = {}
        self._next_number = 0

    # What buyers do and time does.

    @rule(sku=st.sampled_from([SKU, OTHER_SKU]), quantity=st.integers(1, 3), ready=st.booleans())
    def buy(self, sku: str, quantity: int, ready: bool) -> None:
        (self.shop.sandbox.ready_order if ready else self.shop.sandbox.order)(sku, quantity)

    @precondition(lambda self: self.shop.world.orders)
    @rule(data=st.data(), action=st.sampled_from(["request-cancel", "cancel", "edit-address", "end-hold", "deliver"]))
    def something_happens_to_an_order(self, data: st.DataObject, action: str) -> None:
        order_id = data.draw(st.sampled_from([one.id for one in self.shop.world.orders]))
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

    @precondition(lambda self: self.seen_folders)
    @rule(data=st.data(), troubles=TROUBLES, another_number=st.booleans(), a_part=st.booleans())
    def ship(self, data: st.DataObject, troubles: list[Json], another_number: bool, a_part: bool) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.seen_folders)))
        lines = [line["id"] for line in self.truth(order_id)["line_items"]]
        more = ("--line", data.draw(st.sampled_from(lines))) if a_part else ()
        if another_number or order_id not in self.numbers:
            self._next_number += 1
            self.numbers[order_id] = f"94001000{self._next_number:014}"
        words = (*self.shop.ship(order_id, *more, number=self.numbers[order_id]), "--yes")
        with self.trouble(troubles):
            code = self.gcw(*words)
        if code == 6:
            self.unsure[order_id] = words
        else:
            self.unsure.pop(order_id, None)

    @precondition(lambda self: self.unsure)
    @rule(data=st.data(), troubles=TROUBLES)
    def ship_again(self, data: st.DataObject, troubles: list[Json]) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.unsure)))
        with self.trouble(troubles):
            if self.gcw(*self.unsure[order_id]) != 6:
                del self.unsure[order_id]

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
        packed = [line for one in self.state("packages") for line in one["order_line_item_ids"]]
        assert len(packed) == len(set(packed)), "a unit is in two packages"
        assert {name.removeprefix("TTS-") for name in self.shop.folders()} == self.seen_folders, "handed over unasked"

    def teardown(self) -> None:
        self.all_is_mended()
        self.time_passes(HOUR, both=True)
        assert self.gcw("orders", "pull") == 0
        self.compare()
        for words in self.unsure.values():
            assert self.gcw(*words) in (0, 4, 5)  # it may have been cancelled meanwhile
        assert self.gcw("orders", "release") == 0
        self.look_at_the_floor()
        self.nothing_is_doubled()
        assert self.gcw("orders", "pull") == 0
        self.compare()
        self.compare_effects()

    def look_at_the_floor(self) -> None:
        """What was handed over just now is to be made: paid, free of its hour, and asked back by nobody."""
        now = self.state("now")
        new = {name.removeprefix("TTS-") for name in self.shop.folders()} - self.seen_folders
        asked_back = {one["order_id"] for one in self.state("cancellations") if one["status"].endswith("PENDING")}
        for order_id in new:
            order = self.truth(order_id)
            live = {line["id"] for line in order["line_items"] if line["display_status"] != "CANCELLED"}
            assert order["status"] in ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING")
            assert order["is_on_hold_order"] or order["paid_time"] + HOUR <= now
            assert order_id not in asked_back
            assert {item["itemReferenceId"] for item in self.shop.document(order_id)["items"]} <= live
        self.seen_folders |= new

    def compare(self) -> None:
        """gcw knows every order, each as it is, and of every unit whether and how it has left."""
        truth = {order["id"]: order for order in self.state("orders")}
        parcels = {line: one for one in self.state("packages") for line in one["order_line_item_ids"]}
        with self.shop.session() as session:
            orders = session.exec(select(Order)).all()
            lines = session.exec(select(Line)).all()
            aside = session.exec(select(SetAside)).all()
        assert aside == []
        assert {one.order_id: one.status for one in orders} == {one: truth[one]["status"] for one in truth}
        units = {line["id"]: line for order in truth.values() for line in order["line_items"]}
        assert {line.line_id for line in lines} == set(units)
        for line in lines:
            parcel = parcels.get(line.line_id)
            if line.stage in GONE_OUT:
                assert parcel, "gcw believes a unit shipped that is not"
            if line.stage in IN_WORK or line.stage in (Stage.RECEIVED, Stage.PASSED):
                assert parcel is None, "a unit has left and gcw does not know"
                assert units[line.line_id]["display_status"] != "CANCELLED"
            if parcel:
                assert line.tracking_number == parcel["tracking_number"]

    def compare_effects(self) -> None:
        """Nothing is left open, and each hand-off was noted once."""
        packed = {line for one in self.state("packages") for line in one["order_line_item_ids"]}
        with self.shop.session() as session:
            entries = session.exec(select(OutboxEntry)).all()
        for entry in entries:
            if entry.state == outbox.WRITTEN:
                assert entry.kind == outbox.SHIP
                assert not packed & set(entry.payload["lines"]), "it has happened, and gcw is not sure"
        handed = [entry.order_pk for entry in entries if (entry.kind, entry.state) == (outbox.HAND_OFF, outbox.DONE)]
        assert len(handed) == len(set(handed)) == len(self.seen_folders)

    def gcw(self, *words: str) -> int:
        ran = self.shop.gcw.run(*words)
        assert ran.code in ANY, (words, ran)
        assert "Traceback" not in ran.stderr
        return ran.code

    def state(self, part: str) -> Any:
        return self.shop.sandbox.control("GET", f"state?parts={part}")[part]

    def truth(self, order_id: str) -> Json:
        return next(order for order in self.state("orders") if order["id"] == order_id)


def test_whatever_happens(shop: Shop, tmp_path: Path) -> None:
    shop.connect_other()
    ids = [shop.sandbox.ready_order(SKU, quantity) for quantity in (3, 2, 1)]
    shop.gcw("orders", "pull")
    shop.gcw("orders", "release", ids[0])
    picture = take(shop, tmp_path / "kept")
    machine = type("Machine", (Whatever,), {"begin": lambda: put_back(picture, shop, shop.database_url)})
    run_state_machine_as_test(machine, settings=PROFILE)
