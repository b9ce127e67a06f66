"""Killed at any moment, the same command run again gives the same final state."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from sqlmodel import update

from conftest import Gcw
from gcw_tiktok.sandbox.server import serving
from gcw_tiktok.store.tables import Order, Shipment
from gcw_tiktok.workflow.ahead import ahead
from gcw_tiktok.workflow.orders import intake
from orders import killing, test_personalised
from orders.conftest import Pictures, machine, open_shop
from orders.shop import NUMBER, OTHER_SKU, POSTER, SECOND_NUMBER, SKU, STORE, UID, Shop, name_of, put_back, take
from orders.test_combined import in_one_box, switch_on
from orders.test_one_label import marked

MONTH = 31 * 86_400
Thing = TypeVar("Thing")


@contextmanager
def in_turn(source: Iterator[Thing], most: int) -> Iterator[Iterator[list[Thing]]]:
    """Reads nothing ahead: what threads do in which order is chance, and here each place is to be named."""
    yield ([thing] for thing in source)


class Stand:
    """One state to start from on one engine, as often as wanted; and what the command makes of it undisturbed."""

    def __init__(self, pictures: Pictures, engine: str, patch: pytest.MonkeyPatch, folder: Path) -> None:
        patch.setattr(intake, "ahead", in_turn)
        self.shop = open_shop(pictures, engine, patch)
        self._pictures, self._engine, self._patch, self._folder = pictures, engine, patch, folder

    def keep(self) -> None:
        """The shop as it is now is where every run starts."""
        self._picture = take(self.shop, self._folder, name_of(self.shop.database_url))

    def again(self) -> Shop:
        if self._engine == "postgresql":
            url = self._pictures.copy(self._picture.database)
            machine(self._patch, self.shop.home, url)
            return put_back(self._picture, self.shop, url)
        return put_back(self._picture, self.shop, self.shop.database_url)

    def survives(self, *command: str, every: int = 1, after: tuple[str, ...] = ()) -> int:
        """How many places there are to be killed at. At all, or each n-th, the state came out the same."""
        every = 1 if os.environ.get("GCW_TEST_EVERY_PLACE") else every
        shop = self.again()
        places = killing.run(shop, command)
        if after:
            shop.gcw(*after)
        expected = shop.state()
        for at in range(1, len(places) + 1, every):
            shop = self.again()
            assert killing.run(shop, command, at) == places[:at]
            shop.gcw(*command)
            if after:
                shop.gcw(*after)
            assert shop.state() == expected, f"killed {places[at - 1]}, number {at} of {len(places)}"
        return len(places)


@pytest.fixture
def stand(pictures: Pictures, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stand:
    return Stand(pictures, "sqlite", monkeypatch, tmp_path)


@pytest.fixture
def postgres_stand(pictures: Pictures, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stand:
    return Stand(pictures, "postgresql", monkeypatch, tmp_path)


def many_kinds(shop: Shop) -> None:
    """More orders than one call reads; with each kind of state among them."""
    shop.sandbox.order(SKU, 2)
    shop.sandbox.order(OTHER_SKU)
    shop.sandbox.order(SKU, count=50)
    shop.sandbox.ready_order(SKU, 2)
    shop.sandbox.ready_order(OTHER_SKU)
    cancelled = shop.sandbox.ready_order(SKU, 2)
    shop.do(cancelled, "request-cancel")


def test_pull(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself; what it approves changes at TikTok after it was read."""
    monkeypatch.setenv("GCW_APPROVE_CANCELLATIONS", "false")
    many_kinds(stand.shop)
    stand.keep()
    assert stand.survives("orders", "pull") > 10


def test_pull_that_reads_ahead(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was going on in the other thread is chance; the final state is not."""
    monkeypatch.setattr(intake, "ahead", ahead)
    monkeypatch.setenv("GCW_APPROVE_CANCELLATIONS", "false")
    many_kinds(stand.shop)
    stand.keep()
    shop = stand.again()
    places = killing.run(shop, ("orders", "pull"))
    expected = shop.state()
    for at in range(1, len(places) + 3):
        shop = stand.again()
        killing.run(shop, ("orders", "pull"), at, surely=False)
        shop.gcw("orders", "pull")
        assert shop.state() == expected, f"killed at place {at}"


def test_release(stand: Stand) -> None:
    for _ in range(2):
        stand.shop.ready(2)
    stand.keep()
    assert stand.survives("orders", "release") > 30


def test_ship(stand: Stand) -> None:
    order_id = stand.shop.released(2)
    stand.keep()
    assert stand.survives(*stand.shop.ship(order_id), after=("orders", "pull")) > 10


def test_release_of_what_may_no_longer_be_printed(stand: Stand) -> None:
    cancelled, edited = stand.shop.ready(2), stand.shop.ready()
    stand.shop.do(cancelled, "request-cancel")
    stand.shop.do(edited, "edit-address")
    stand.keep()
    assert stand.survives("orders", "release", every=3, after=("orders", "release")) > 10


def test_shipping_a_part(stand: Stand) -> None:
    order_id = stand.shop.released(2)
    command = stand.shop.ship(order_id, "--line", stand.shop.lines(order_id)[0])
    stand.keep()
    assert stand.survives(*command, every=3, after=("orders", "pull")) > 10


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_correcting(request: pytest.FixtureRequest, engine: str) -> None:
    stand: Stand = request.getfixturevalue("stand" if engine == "sqlite" else "postgres_stand")
    order_id = stand.shop.released(2)
    stand.shop.gcw(*stand.shop.ship(order_id))
    stand.keep()
    command = stand.shop.ship(order_id, "--correct", number=SECOND_NUMBER)
    every = 2 if engine == "sqlite" else 5
    assert stand.survives(*command, every=every, after=("orders", "pull")) > 10


def changed_after_release(stand: Stand) -> str:
    order_id = stand.shop.released(2)
    stand.shop.do(order_id, "edit-address")
    stand.shop.gcw("orders", "pull")
    stand.keep()
    return order_id


@pytest.mark.parametrize(("choice", "places"), [("stop", 6), ("continue", 2), ("remake", 25)])
def test_deciding(stand: Stand, choice: str, places: int) -> None:
    order_id = changed_after_release(stand)
    assert stand.survives("orders", "decide", order_id, choice, every=2) >= places


def test_deciding_about_a_unit(stand: Stand) -> None:
    order_id = changed_after_release(stand)
    command = ("orders", "decide", order_id, "remake", "--line", stand.shop.lines(order_id)[0])
    assert stand.survives(*command, every=5) >= 25


def test_deciding_on_postgresql(postgres_stand: Stand) -> None:
    order_id = changed_after_release(postgres_stand)
    assert postgres_stand.survives("orders", "decide", order_id, "remake", every=6) >= 25


@pytest.mark.parametrize("command", ["ship", "correct"])
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_orders_in_one_box(request: pytest.FixtureRequest, engine: str, command: str) -> None:
    stand: Stand = request.getfixturevalue("stand" if engine == "sqlite" else "postgres_stand")
    shop = switch_on(stand.shop)
    first, _ = in_one_box(shop)
    if command == "correct":
        shop.gcw(*shop.ship(first))
    stand.keep()
    words = shop.ship(first) if command == "ship" else shop.ship(first, "--correct", number=SECOND_NUMBER)
    every = 4 if engine == "sqlite" else 9
    assert stand.survives(*words, every=every, after=("orders", "pull")) > 20


OUT_OF_STOCK = ("--reason", "seller_cancel_reason_out_of_stock")


def test_a_pull_that_approves_a_buyers_request(stand: Stand) -> None:
    stand.shop.do(stand.shop.ready(2), "request-cancel")
    stand.keep()
    assert stand.survives("orders", "pull", after=("orders", "pull")) > 20


def test_approving_what_production_has(stand: Stand) -> None:
    order_id = stand.shop.released(2)
    stand.shop.do(order_id, "request-cancel")
    stand.keep()
    command = ("orders", "answer", order_id, "approve", "--yes")
    assert stand.survives(*command, after=("orders", "pull")) > 20


def test_cancelling_a_unit_that_production_has(stand: Stand) -> None:
    order_id = stand.shop.released(2)
    command = ("orders", "cancel", order_id, "--line", stand.shop.lines(order_id)[0], "--yes", *OUT_OF_STOCK)
    stand.keep()
    assert stand.survives(*command, after=("orders", "pull")) > 20


def test_a_pull_that_finds_what_production_has_cancelled(stand: Stand) -> None:
    order_id = stand.shop.released(2)
    stand.shop.do(order_id, "cancel")
    stand.keep()
    assert stand.survives("orders", "pull") > 15


@pytest.mark.parametrize("command", ["answer", "cancel"])
def test_cancelling_on_postgresql(postgres_stand: Stand, command: str) -> None:
    shop = postgres_stand.shop
    order_id = shop.released(2)
    if command == "answer":
        shop.do(order_id, "request-cancel")
    postgres_stand.keep()
    words = ("approve", "--yes") if command == "answer" else ("--yes", *OUT_OF_STOCK)
    assert postgres_stand.survives("orders", command, order_id, *words, every=3, after=("orders", "pull")) > 20


def test_buying_a_label(stand: Stand) -> None:
    """Bought once, whatever is killed; and it lies with the order."""
    order_id = stand.shop.released(2, shipping_type="TIKTOK")
    stand.keep()
    assert stand.survives("orders", "label", order_id, every=3, after=("orders", "pull")) > 30
    floor = stand.shop.hand_off / f"TTS-{order_id}"
    assert (floor / "shipping-label.pdf").is_file()


def test_buying_labels_for_parts_one_after_the_other(stand: Stand) -> None:
    order_id = stand.shop.released(2, shipping_type="TIKTOK")
    first, second = stand.shop.lines(order_id)
    stand.shop.gcw("orders", "label", order_id, "--line", first)
    stand.keep()
    command = ("orders", "label", order_id, "--line", second, "--service", "fastest")
    assert stand.survives(*command, every=5, after=("orders", "pull")) > 30


def test_labels_of_all_that_are_so_far(stand: Stand) -> None:
    for _ in range(2):
        stand.shop.released(shipping_type="TIKTOK")
    stand.keep()
    command = ("orders", "label", "--from", "created")
    assert stand.survives(*command, every=11, after=("orders", "pull")) > 50


def test_one_label_for_two_orders(stand: Stand) -> None:
    """Bought once for both; and each folder says where it lies."""
    first, second = marked(stand.shop)
    stand.keep()
    assert stand.survives("orders", "label", first, every=7, after=("orders", "pull")) > 30
    floor = stand.shop.hand_off
    assert (floor / f"TTS-{first}" / "shipping-label.pdf").is_file()
    assert (floor / f"TTS-{second}" / "parcels.json").is_file()


def test_one_label_for_two_orders_on_postgresql(postgres_stand: Stand) -> None:
    first, _ = marked(postgres_stand.shop)
    postgres_stand.keep()
    assert postgres_stand.survives("orders", "label", first, every=13, after=("orders", "pull")) > 30


def test_a_label_on_postgresql(postgres_stand: Stand) -> None:
    order_id = postgres_stand.shop.released(2, shipping_type="TIKTOK")
    postgres_stand.keep()
    assert postgres_stand.survives("orders", "label", order_id, every=7, after=("orders", "pull")) > 30


@pytest.mark.parametrize("command", ["pull", "release", "ship"])
def test_on_postgresql(postgres_stand: Stand, command: str) -> None:
    shop = postgres_stand.shop
    order_id = shop.released(2) if command == "ship" else shop.ready(2)
    shop.sandbox.ready_order(SKU)
    postgres_stand.keep()
    words = shop.ship(order_id) if command == "ship" else ("orders", command)
    assert postgres_stand.survives(*words, every=3, after=("orders", "pull")) >= 10


def test_approving_what_is_personalised(stand: Stand) -> None:
    order_id = test_personalised.ordered(stand.shop)
    stand.shop.gcw("orders", "pull")
    stand.keep()
    assert stand.survives("orders", "approve", order_id, after=("orders", "pull")) >= 2


def test_purging(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = stand.shop
    for number in (NUMBER, SECOND_NUMBER):
        order_id = shop.released()
        shop.gcw(*shop.ship(order_id, number=number))
        shop.do(order_id, "deliver")
    shop.gcw("orders", "pull")
    with shop.session() as session:  # a month ago
        session.exec(update(Order).values(updated_at=Order.updated_at - MONTH, released_at=1))
        session.exec(update(Shipment).values(told_at=1))
    stand.keep()
    now = time.time()
    monkeypatch.setattr(Gcw, "clock", lambda _: now)  # it is written into what production keeps
    assert stand.survives("privacy", "purge", "--older-than", "30d") >= 6


KILLS_ITSELF = """
import os, signal, sys
import httpx
from sqlalchemy.orm import Session
from gcw_tiktok.cli import command
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow.production import handoff

address, place, at, *words = sys.argv[1:]
left = int(at)

def die(reached):
    global left
    left -= reached == place
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

class Transport(httpx.HTTPTransport):
    def handle_request(self, request):
        there = httpx.URL(address)
        request.url = request.url.copy_with(host=there.host, port=there.port)
        answer = super().handle_request(request)
        die("answer")
        return answer

commit, write = Session.commit, handoff._write
Session.commit = lambda session: (commit(session), die("commit"))
handoff._write = lambda path, content: (write(path, content), die("file"))
command(Runtime(transport=Transport())).main(words)
"""


@pytest.mark.parametrize(
    ("command", "place", "at"),
    [
        ("release", "answer", 2),
        ("release", "commit", 3),
        ("release", "file", 2),
        ("pull", "answer", 2),
        ("ship", "answer", 3),
        ("ship", "commit", 2),
        ("cancel", "answer", 3),
        ("answer", "commit", 1),
    ],
)
def test_a_real_process_killed_by_the_system(stand: Stand, command: str, place: str, at: int) -> None:
    words, after = ready_for(stand.shop, command), ("orders", "pull")
    stand.keep()
    stand.shop.gcw(*words)
    stand.shop.gcw(*after)
    expected, packages = stand.shop.state(), len(stand.shop.world.packages)
    shop = stand.again()
    with serving(shop.world) as address:
        line = [sys.executable, "-W", "ignore", "-c", KILLS_ITSELF, address, place, str(at), *words]
        ended = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert shop.state() != expected
    shop.gcw(*words)
    shop.gcw(*after)
    # what the process itself told TikTok is in another journal than what is told now
    assert shop.state() | {"told": []} == expected | {"told": []}
    assert len(shop.world.packages) == packages


def ready_for(shop: Shop, command: str) -> tuple[str, ...]:
    """Something for the command to do, and the command."""
    if command == "pull":
        shop.sandbox.ready_order(SKU, 2)
        return ("orders", "pull")
    if command == "release":
        shop.ready(2)
        return ("orders", "release")
    order_id = shop.released(2)
    if command == "answer":
        shop.do(order_id, "request-cancel")
    more = {"answer": ("approve", "--yes"), "cancel": ("--yes", *OUT_OF_STOCK)}
    return shop.ship(order_id) if command == "ship" else ("orders", command, order_id, *more[command])


def test_four_real_processes_pull_and_release_at_once(either_shop: Shop) -> None:
    """Each order is taken in once and handed over once, whoever comes first; what nobody got, the next run does."""
    shop = either_shop
    ids = sorted(shop.sandbox.ready_order(SKU) for _ in range(8))
    with serving(shop.world) as address:
        line = [sys.executable, "-W", "ignore", "-c", KILLS_ITSELF, address, "never", "-1", "orders"]
        running = [
            subprocess.Popen([*line, verb], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            for verb in ("pull", "release", "pull", "release")
        ]
        said = [process.communicate(timeout=120)[1] for process in running]
    assert all(process.returncode in (0, 7) for process in running), said
    shop.gcw("orders", "pull")
    shop.gcw("orders", "release")
    assert shop.folders() == [f"TTS-{order_id}" for order_id in ids]
    assert shop.left_aside() == []
    assert [shop.history(order_id).count("taken in") for order_id in ids] == [1] * 8
    assert [shop.history(order_id).count("handed over") for order_id in ids] == [1] * 8
    shop.gcw("orders", "audit")


def test_what_production_took_away_before_the_kill_is_not_made_twice(stand: Stand) -> None:
    order_id = stand.shop.ready()
    _kill_after_placing(stand.shop)
    taken = stand.shop.hand_off / f"TTS-{order_id}"
    taken.rename(stand.shop.home.parent / "taken")
    stand.shop.gcw("orders", "release")
    assert stand.shop.folders() == []
    assert (stand.shop.stage(order_id), stand.shop.holds(order_id)) == ("created", ["needs_decision"])


def test_what_was_placed_before_the_kill_counts_though_its_product_was_withdrawn_since(stand: Stand) -> None:
    order_id = stand.shop.ready()
    _kill_after_placing(stand.shop)
    stand.shop.withdraw()
    assert stand.shop.gcw("orders", "release", "--json").json[0]["result"] == "released"
    assert stand.shop.stage(order_id) == "created"


@pytest.mark.parametrize("seen", [True, False], ids=["seen by a pull", "not seen yet"])
def test_a_cancel_between_the_kill_and_the_next_run_asks_for_a_decision(stand: Stand, seen: bool) -> None:
    order_id = stand.shop.ready()
    _kill_after_placing(stand.shop)
    stand.shop.do(order_id, "cancel")
    if seen:
        stand.shop.gcw("orders", "pull")
    stand.shop.gcw("orders", "release")
    stand.shop.gcw("orders", "pull")
    assert (stand.shop.stage(order_id), stand.shop.holds(order_id)) == ("canceled", ["needs_decision"])
    assert stand.shop.history(order_id).count("handed over") == 1


def test_a_new_design_after_the_kill_is_what_is_printed(stand: Stand) -> None:
    order_id = stand.shop.ready()
    killing.run(stand.shop, ("orders", "release"), "after write")
    assert stand.shop.left_aside()
    glossy = UID.replace("matte", "glossy")
    stand.shop.gcw("products", "connect", STORE, SKU, glossy, "--design", str(POSTER))
    stand.shop.gcw("orders", "release")
    assert [item["productUid"] for item in stand.shop.document(order_id)["items"]] == [glossy]
    assert stand.shop.left_aside() == []


def _kill_after_placing(shop: Shop) -> None:
    killing.run(shop, ("orders", "release"), "after rename")
