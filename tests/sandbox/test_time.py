"""One clock moves everything that depends on time. Each row of the table in docs/sandbox.md has its test here."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcw_tiktok.sandbox import server, state
from gcw_tiktok.sandbox.gateway import Sandbox
from gcw_tiktok.sandbox.sales.business_days import PACIFIC, clocks
from gcw_tiktok.sandbox.world import World
from sandbox import sellers_desk, shipping
from sandbox.client import StillClient, still_world

HOUR, DAY = 3_600, 86_400
PAGE = Path(__file__).parent.parent.parent / "docs" / "sandbox.md"
SHOPS = "/authorization/202309/shops"
Json = dict[str, Any]


@dataclass
class Stage:
    """A world in which time passes only when it is told to, and somebody who uses it."""

    world: World
    client: StillClient
    posted: list[str]

    def status(self, order_id: str) -> str:
        order = self.world.orders.get(order_id)
        assert order
        return order.status

    def shipped(self) -> str:
        order_id = self.client.buy(status="AWAITING_SHIPMENT")
        assert shipping.mark_shipped(self.client, order_id)["code"] == 0
        return order_id

    def delivered(self) -> str:
        order_id = self.shipped()
        self.client.control("POST", f"/orders/{order_id}/deliver")
        return order_id


@pytest.fixture
def stage() -> Iterator[Stage]:
    found = new_stage()
    yield found
    found.client.http.close()


def new_stage(status: int = 500) -> Stage:
    posted: list[str] = []

    def post(address: str, *_: object) -> int:
        posted.append(address)
        return status

    world = still_world(orders=0)
    client = StillClient(world, httpx.WSGITransport(app=server.create_app(world, Sandbox(world, post=post))))
    client.connect()
    return Stage(world, client, posted)


Probe = Callable[[], bool]
Row = Callable[[Stage], tuple[int, Probe]]
"""Sets something up; gives how many seconds later it happens, and whether it has."""
ROWS: dict[str, Row] = {}


def row(words: str) -> Callable[[Row], Row]:
    def put_down(set_up: Row) -> Row:
        ROWS[words] = set_up
        return set_up

    return put_down


@row("the buyer's free hour")
def hold(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.client.buy()
    return HOUR, lambda: stage.status(order_id) == "AWAITING_SHIPMENT"


@row("an order that nobody pays")
def unpaid(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.client.buy(status="UNPAID")
    return DAY, lambda: stage.status(order_id) == "CANCELLED"


@row("an order that nobody ships")
def unshipped(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.client.buy(status="AWAITING_SHIPMENT")
    order = stage.world.orders.get(order_id)
    assert order
    due = clocks(order.paid_time)["shipping_due_time"]
    return due - stage.world.now(), lambda: stage.status(order_id) == "CANCELLED"


@row("a request to cancel that nobody answers")
def unanswered(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.client.buy(status="AWAITING_SHIPMENT")
    stage.client.control("POST", f"/orders/{order_id}/request-cancel")
    return DAY, lambda: stage.status(order_id) == "CANCELLED"


@row("a return that nobody answers")
def unanswered_return(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.delivered()
    return_id = stage.client.control("POST", f"/orders/{order_id}/request-return", {"type": "REFUND"})["return_id"]

    def answered() -> bool:
        found = stage.world.returns.get(return_id)
        assert found
        return not found.status.endswith("_PENDING")

    return 2 * DAY, answered


@row("a parcel: scanned")
def scanned(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.shipped()
    return DAY, lambda: stage.status(order_id) == "IN_TRANSIT"


@row("a parcel: delivered")
def arrived(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.shipped()
    return 4 * DAY, lambda: stage.status(order_id) == "DELIVERED"


@row("an order: completed")
def completed(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.delivered()
    return 30 * DAY, lambda: stage.status(order_id) == "COMPLETED"


@row("the address of a completed order")
def masked(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.delivered()
    stage.client.control("POST", f"/orders/{order_id}/complete")

    def hidden() -> bool:
        stage.client.connect()
        return "*" in str(stage.client.order(order_id)["recipient_address"]["name"])

    return 30 * DAY, hidden


@row("correcting a tracking number")
def uncorrectable(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.shipped()
    stage.world.packages[next(iter(stage.world.packages))].is_lost = True
    path = f"/fulfillment/202309/orders/{order_id}/shipping_info/update"
    body = {"tracking_number": shipping.OTHER_NUMBER, "shipping_provider_id": "1"}
    # A wrong carrier is refused before the end, and the time is up from the second after it on.
    return 72 * HOUR + 1, lambda: stage.client.call("POST", path, {}, body)["code"] == 21011049


@row("the review of a listing")
def reviewed(stage: Stage) -> tuple[int, Probe]:
    product_id = sellers_desk.create(stage.client)["product_id"]
    return 30 * 60, lambda: sellers_desk.detail(stage.client, product_id)["status"] == "ACTIVATE"


@row("the address of a label")
def label(stage: Stage) -> tuple[int, Probe]:
    order_id = stage.client.buy(status="AWAITING_SHIPMENT", shipping_type="TIKTOK")
    package_id = shipping.buy_label(stage.client, order_id)["data"]["package_id"]
    path = f"/fulfillment/202309/packages/{package_id}/shipping_documents"
    url = stage.client.data("GET", path, {"document_type": "SHIPPING_LABEL"})["doc_url"]
    return DAY, lambda: stage.client.http.get(url).status_code == 403


@row("an authorization code")
def code(stage: Stage) -> tuple[int, Probe]:
    codes = [stage.client.control("POST", "/authorizations", {"seller": "tidewater"})["code"] for _ in range(2)]
    return 30 * 60, lambda: "data" not in stage.client.auth("get", auth_code=codes.pop(), grant_type="authorized_code")


@row("an access token")
def access_token(stage: Stage) -> tuple[int, Probe]:
    return 7 * DAY, lambda: stage.client.call("GET", SHOPS)["code"] == 105002


@row("an authorization")
def authorization(stage: Stage) -> tuple[int, Probe]:
    data = stage.client.connect("tidewater", days=40)
    tokens = {"refresh_token": data["refresh_token"]}

    def ended() -> bool:
        told = stage.client.auth("refresh", grant_type="refresh_token", **tokens)
        tokens["refresh_token"] = told.get("data", {}).get("refresh_token", "none")
        return "data" not in told

    return 40 * DAY, ended


@row("the warning of its end")
def warning(stage: Stage) -> tuple[int, Probe]:
    stage.client.connect("tidewater", days=40)
    return 10 * DAY, lambda: "UPCOMING_AUTHORIZATION_EXPIRATION" in {each.topic for each in stage.world.events}


@row("a webhook that failed")
def webhook(stage: Stage) -> tuple[int, Probe]:
    stage.client.control("POST", "/app", {"webhook_url": "http://localhost/hook"})
    stage.client.buy(status="UNPAID")
    stage.client.control("POST", "/webhooks/send")

    def again() -> bool:
        stage.client.control("POST", "/webhooks/send")
        return len(stage.posted) == 2

    return 2 * 60, again


@pytest.mark.parametrize("words", ROWS)
def test_it_happens_at_its_moment_and_not_before(stage: Stage, words: str) -> None:
    seconds, happened = ROWS[words](stage)
    stage.client.advance(seconds - 1)
    assert not happened()
    stage.client.advance(1)
    assert happened()


def test_the_documentation_has_a_row_for_each() -> None:
    table = re.search(r"<!-- time -->\n(.*?)<!-- end of time -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert table
    written = re.findall(r"^\| ([^|]+?) \|", table[1], re.MULTILINE)
    assert written[1:] == list(ROWS)


def pacific(text: str) -> int:
    """Pacific time, the earlier of two where a clock hour comes twice."""
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=PACIFIC).timestamp())


@pytest.mark.parametrize(
    ("paid", "ship_by", "cancelled"),
    [
        ("2026-11-16 10:00:00", "2026-11-18", "2026-11-25"),  # a plain week
        ("2026-11-20 10:00:00", "2026-11-24", "2026-12-02"),  # a weekend, then Thanksgiving
        ("2026-11-21 23:59:59", "2026-11-24", "2026-12-02"),  # a Saturday counts as the Friday before
        ("2026-11-25 00:00:00", "2026-11-30", "2026-12-07"),  # the day before Thanksgiving
        ("2026-12-23 12:00:00", "2026-12-28", "2027-01-05"),  # Christmas on a Friday, New Year's Day on a Friday
        ("2026-07-01 12:00:00", "2026-07-06", "2026-07-13"),  # Independence Day, observed on Friday the 3rd
        (
            "2026-10-30 12:00:00",
            "2026-11-03",
            "2026-11-10",
        ),  # over the end of daylight saving time, before Veterans Day
        ("2027-03-12 12:00:00", "2027-03-16", "2027-03-23"),  # over its beginning
        ("2021-12-30 12:00:00", "2022-01-04", "2022-01-11"),  # New Year's Day on a Saturday, observed the day before
        ("2027-06-17 12:00:00", "2027-06-22", "2027-06-29"),  # Juneteenth on a Saturday, observed on Friday the 18th
    ],
)
def test_deadlines_are_ends_of_us_business_days(paid: str, ship_by: str, cancelled: str) -> None:
    found = clocks(pacific(paid))
    assert found["rts_sla_time"] == found["tts_sla_time"] == pacific(f"{ship_by} 23:59:59")
    assert found["shipping_due_time"] == pacific(f"{cancelled} 23:59:59")


def busy(stage: Stage) -> None:
    stage.client.control("POST", "/app", {"webhook_url": "http://localhost/hook"})
    for status in ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "AWAITING_SHIPMENT"):
        order_id = stage.client.buy(status=status)
    stage.client.control("POST", f"/orders/{order_id}/request-cancel")
    stage.shipped()
    sellers_desk.create(stage.client)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 9 * DAY), min_size=1, max_size=8))
def test_one_long_step_and_many_short_ones_lead_to_the_same_world(steps: list[int]) -> None:
    ends = []
    for taken in (steps, [sum(steps)]):
        stage = new_stage()
        busy(stage)
        for step in taken:
            stage.client.advance(step)
            stage.client.control("POST", "/webhooks/send")
        events = [each.body for each in stage.world.events]
        attempts = [(each.event.id, [vars(one) for one in each.attempts]) for each in stage.world.deliveries]
        ends.append((state.whole(stage.world, []), events, attempts))
        stage.client.http.close()
    assert ends[0] == ends[1]


def test_steps_that_are_no_steps(stage: Stage) -> None:
    now = stage.world.now()
    for wish in (
        {"advance": -1},
        {"advance": "61m"},
        {"advance": 1.5},
        {"to": now - 1},
        {"to": "x"},
        {"advance": 10**12},
    ):
        assert stage.client.http.post("/_sandbox/clock", json=wish).status_code == 400, wish
    assert stage.client.control("GET", "/clock") == {"now": now, "ahead": 0}
    assert stage.client.control("POST", "/clock", {"to": now + 5}) == {"now": now + 5, "ahead": 5}
