"""Whatever is pushed, in whatever order, and whenever gcw is killed: in the end it knows what TikTok knows."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gcw_tiktok.store.tables import NotificationState
from gcw_tiktok.workflow import acting, notifications
from orders.conftest import Pictures, open_shop
from orders.killing import Killed
from orders.shop import SKU, Shop
from webhooks.pushes import id_of, push, receiving, runtime_of, shop_id, standing

KINDS = st.sampled_from([1, 2, 3, 11, 12])
STATUSES = st.sampled_from(["AWAITING_SHIPMENT", "CANCEL", "ON_HOLD", "DELIVERED", ""])


class Pushed(RuleBasedStateMachine):
    """TikTok pushes, gcw acts, and both are disturbed."""

    new_shop: Callable[[], Shop]

    @initialize()
    def begin(self) -> None:
        self.shop = type(self).new_shop()
        self.place = shop_id(self.shop)
        self.orders: list[str] = []
        self.told: set[str] = set()
        self.bodies: list[bytes] = []

    @rule()
    def a_buyer_orders(self) -> None:
        self.orders.append(self.shop.sandbox.ready_order(SKU))

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def an_order_is_cancelled(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(self.orders))
        if self.shop.sandbox.orders()[order_id]["status"] != "CANCELLED":
            self.shop.do(order_id, "cancel")
            self._send(push(1, self.place, order_id=order_id, order_status="CANCEL"))
            self.told.add(order_id)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), kind=KINDS, status=STATUSES)
    def tiktok_pushes(self, data: st.DataObject, kind: int, status: str) -> None:
        order_id = data.draw(st.sampled_from(self.orders))
        self.told.add(order_id)
        self._send(push(kind, self.place, order_id=order_id, order_status=status))

    @precondition(lambda self: self.bodies)
    @rule(data=st.data())
    def tiktok_pushes_it_again(self, data: st.DataObject) -> None:
        self._send(data.draw(st.sampled_from(self.bodies)))

    @rule(body=st.sampled_from([b"{", push(4711, "7000"), push(1, "7000", order_id="5766")]))
    def something_else_is_pushed(self, body: bytes) -> None:
        self._send(body)

    @rule()
    def gcw_acts(self) -> None:
        with standing(self.shop) as means:
            for place in acting.waiting(means):
                acting.work(means, place)

    @rule()
    def gcw_is_killed_before_it_acts(self) -> None:
        self._killed(lambda means, place: acting._take(means, place, None))

    @rule()
    def gcw_is_killed_before_it_writes_down(self) -> None:
        self._killed(
            lambda means, place: acting._act_on(means, taken) if (taken := acting._take(means, place, None)) else None
        )

    @rule(kind=st.sampled_from(["status", "code", "rate_limit"]))
    def tiktok_fails_once(self, kind: str) -> None:
        self.shop.fault("GET /order/", kind)

    @rule(seconds=st.sampled_from([31, 700]))
    def time_passes(self, seconds: int) -> None:
        self.shop.gcw.offset += seconds

    @rule()
    def gcw_pulls(self) -> None:
        self.shop.gcw.run("orders", "pull")

    @invariant()
    def each_is_recorded_once(self) -> None:
        if hasattr(self, "shop"):
            with self.shop.session() as session:
                ids = [one.notification_id for one in notifications.newest(session, last=1000)]
            assert len(ids) == len(set(ids))

    def teardown(self) -> None:
        if not hasattr(self, "shop"):
            return
        self.shop.sandbox.control("DELETE", "faults")
        self.shop.gcw.offset += 100_000
        self.gcw_acts()
        with self.shop.session() as session:
            found = notifications.newest(session, last=1000)
            assert {one.notification_id for one in found} >= {id_of(body) for body in self.bodies if b'"type"' in body}
            assert NotificationState.RECORDED not in {one.state for one in found}
        there = self.shop.sandbox.orders()
        for order_id in self.told:
            assert self.shop.order(order_id)["status"] == there[order_id]["status"]
            assert self.shop.history(order_id).count("taken in") == 1

    def _send(self, body: bytes) -> None:
        self.bodies.append(body)
        with receiving(runtime_of(self.shop)) as place:
            place.sends(body)
            place.rows()

    def _killed(self, does: Callable[[acting.Means, acting.Place], object]) -> None:
        with pytest.raises(Killed):
            self._does_and_dies(does)

    def _does_and_dies(self, does: Callable[[acting.Means, acting.Place], object]) -> None:
        with standing(self.shop) as means:
            for place in acting.waiting(means):
                does(means, place)
            raise Killed


def test_in_the_end_gcw_knows_what_tiktok_knows(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    class Here(Pushed):
        new_shop = staticmethod(lambda: open_shop(pictures, "sqlite", monkeypatch))

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Here,
        settings=settings(
            max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
