"""Whatever sellers, buyers, carriers and time do to a few orders, orders and packages agree with each other."""

from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gcw_tiktok.sandbox.server import create_app
from gcw_tiktok.sandbox.world import World
from sandbox.client import START, Client
from sandbox.shipping import HOUR, SELF, Json, buy_label, combine, ids, mark_shipped, ship_package, split

SHIPPED = {"AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"}
OF_LINE = {
    "AWAITING_SHIPMENT": "TO_FULFILL",
    "AWAITING_COLLECTION": "PROCESSING",
    "IN_TRANSIT": "FULFILLING",
    "DELIVERED": "COMPLETED",
    "COMPLETED": "COMPLETED",
    "CANCELLED": "CANCELLED",
}
LEAST_FIRST = list(OF_LINE)
ONE_OF_FOUR = st.integers(0, 3)


class Fulfilling(RuleBasedStateMachine):
    """Three orders of one buyer and one of another, all ready to be shipped."""

    @initialize(shipping_type=st.sampled_from(["SELLER", "TIKTOK"]))
    def order(self, shipping_type: str) -> None:
        world = World(seed=7, now=START, orders=0)
        self.client = Client(world, httpx.WSGITransport(app=create_app(world)))
        self.client.connect()
        wish: Json = {"shipping_type": shipping_type, "lines": [{"quantity": 3}]}
        first = self.client.buy_ready(**wish)
        mine = [self.client.buy_ready(buyer_user_id=first["user_id"], **wish) for _ in range(2)]
        self.orders = [each["id"] for each in (first, *mine, self.client.buy_ready(**wish))]

    def teardown(self) -> None:
        self.client.http.close()

    def units(self, number: int, chosen: set[int]) -> list[str]:
        return [unit for place, unit in enumerate(ids(self.client.order(self.orders[number]))) if place in chosen]

    @rule(number=ONE_OF_FOUR, chosen=st.sets(st.integers(0, 2), min_size=1, max_size=3))
    def ship_units(self, number: int, chosen: set[int]) -> None:
        ship = mark_shipped if number % 2 else buy_label
        ship(self.client, self.orders[number], order_line_item_ids=self.units(number, chosen))

    @rule(number=ONE_OF_FOUR)
    def ship_all(self, number: int) -> None:
        mark_shipped(self.client, self.orders[number])
        buy_label(self.client, self.orders[number])

    @rule(number=ONE_OF_FOUR, cut=st.integers(1, 2))
    def split(self, number: int, cut: int) -> None:
        units = self.units(number, {0, 1, 2})
        split(self.client, self.orders[number], units[:cut], units[cut:])

    @rule(left_out=st.integers(0, 2))
    def combine(self, left_out: int) -> None:
        path = "/fulfillment/202309/combinable_packages/search"
        for draft in self.client.data("GET", path, {"page_size": 50})["combinable_packages"]:
            combine(self.client, draft["id"], draft["order_ids"][left_out % 2 :])

    @rule(number=ONE_OF_FOUR, alone=st.booleans())
    def uncombine(self, number: int, alone: bool) -> None:
        for package_id in self.packages_of(number):
            body = {"order_ids": [self.orders[number]]} if alone else {}
            self.client.call("POST", f"/fulfillment/202309/packages/{package_id}/uncombine", {}, body)

    @rule(number=ONE_OF_FOUR)
    def ship_packages(self, number: int) -> None:
        for package_id in self.packages_of(number):
            ship_package(self.client, package_id, **SELF)

    @rule(number=ONE_OF_FOUR, chosen=st.sets(st.integers(0, 2), max_size=2))
    def cancel(self, number: int, chosen: set[int]) -> None:
        path = f"/_sandbox/orders/{self.orders[number]}/cancel"
        self.client.http.post(path, json={"line_ids": self.units(number, chosen)})

    @rule(number=ONE_OF_FOUR, action=st.sampled_from(["edit-address", "request-cancel", "collect", "deliver", "lose"]))
    def happen(self, number: int, action: str) -> None:
        self.client.http.post(f"/_sandbox/orders/{self.orders[number]}/{action}", json={})

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.client.advance(hours * HOUR)
        self.client.connect()

    def packages_of(self, number: int) -> list[str]:
        return [each["id"] for each in self.client.order(self.orders[number])["packages"]]

    @invariant()
    def orders_and_packages_agree(self) -> None:
        truth: dict[str, Any] = self.client.control("GET", "/state?parts=orders,packages")
        packages = {each["id"]: each for each in truth["packages"]}
        for order in truth["orders"]:
            self.check_order(order, packages)
        statuses = {unit["id"]: unit["display_status"] for order in truth["orders"] for unit in order["line_items"]}
        for package in packages.values():
            inside = [statuses[unit] for unit in package["order_line_item_ids"] if statuses[unit] != "CANCELLED"]
            expected = min(inside, key=LEAST_FIRST.index) if inside else "CANCELLED"
            assert package["status"] == OF_LINE[expected]
            assert bool(package["tracking_number"]) == bool(package["ship_time"])

    def check_order(self, order: Json, packages: dict[str, Json]) -> None:
        own = {each["id"] for each in order["packages"]}
        assert len(own) == len(order["packages"])
        assert all(order["id"] in packages[package_id]["order_ids"] for package_id in own)
        for unit in order["line_items"]:
            holding = [each for each in packages.values() if unit["id"] in each["order_line_item_ids"]]
            assert [each["id"] for each in holding] == ([unit["package_id"]] if "package_id" in unit else [])
            assert {each["id"] for each in holding} <= own
            assert unit["display_status"] not in SHIPPED or unit["tracking_number"]
            assert ("package_status" not in unit) or unit["package_status"] == OF_LINE[unit["display_status"]]
        alive = {unit["display_status"] for unit in order["line_items"]} - {"CANCELLED"}
        if not alive:
            assert order["status"] == "CANCELLED"
        elif "AWAITING_SHIPMENT" in alive and alive & SHIPPED:
            assert order["status"] == "PARTIALLY_SHIPPING"
        else:
            assert order["status"] == min(alive, key=LEAST_FIRST.index)
        shared = any(len(packages[package_id]["order_ids"]) > 1 for package_id in own)
        tag = "COMBINED" if shared else "SPLIT" if len(own) > 1 else ""
        assert order["split_or_combine_tag"] == tag


TestFulfilling = Fulfilling.TestCase
TestFulfilling.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
