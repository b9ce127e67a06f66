"""`make torture` runs, and its verdict finds what is wrong."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from gcw_tiktok.store.tables import Line, Order, OutboxEntry, Shipment, Stage
from orders.conftest import pictures, shop
from orders.shop import Shop
from torture import verdict
from torture.verdict import Floor, Truth

ROOT = Path(__file__).parent.parent
__all__ = ["pictures", "shop"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_seed_is_played(tmp_path: Path) -> None:
    words = ["--seeds", "1", "--first", "3", "--engine", "sqlite", "--steps", "5", "--orders", "8"]
    command = [sys.executable, "-W", "ignore", "-m", "torture", *words, "--keep", str(tmp_path / "kept")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    line, summary = ran.stdout.splitlines()
    assert line.startswith("seed 3 on sqlite")
    assert line.endswith(": ok")
    assert summary.startswith("1 seeds in")
    assert summary.endswith(": none wrong")


def complaints(shop: Shop) -> str:
    truth = Truth.of(shop.sandbox.control("GET", "state?parts=now,orders,packages,cancellations"))
    floor = Floor(shop.hand_off)
    with shop.session() as session:
        found = [*verdict.of_orders(session, truth), *verdict.of_effects(session, truth, floor)]
        found += verdict.of_cancelled(session, truth, floor)
    return "; ".join([*found, *verdict.of_floor(floor), *verdict.of_packages(truth)])


def hand_over_once_more(shop: Shop, order_id: str) -> None:
    shutil.copytree(shop.hand_off / f"TTS-{order_id}", shop.hand_off / f"TTS-{order_id}-2")


def lose_a_folder(shop: Shop, order_id: str) -> None:
    shutil.rmtree(shop.hand_off / f"TTS-{order_id}")


def forget_the_hand_off(shop: Shop, order_id: str) -> None:
    with shop.session() as session:
        for entry in session.exec(select(OutboxEntry).where(OutboxEntry.kind == "hand_off")):
            session.delete(entry)


def forget_an_order(shop: Shop, order_id: str) -> None:
    shop.sandbox.order("POSTER-HARBOR-18X24-MATTE")


def claim_that_it_left(shop: Shop, order_id: str) -> None:
    with shop.session() as session:
        session.exec(select(Line)).first().stage = Stage.SHIPPED  # type: ignore[union-attr]


def invent_a_parcel(shop: Shop, order_id: str) -> None:
    with shop.session() as session:
        order = session.exec(select(Order)).one()
        shipment = Shipment(store_id=order.store_id, order_pk=order.id or 0, package_id="1", carrier_id="", carrier="")
        shipment.tracking_number, shipment.line_ids = "9", ""
        session.add(shipment)


def cancel_and_tell_nobody(shop: Shop, order_id: str) -> None:
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    (shop.hand_off / f"TTS-{order_id}" / "CANCELLED.json").unlink()


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (hand_over_once_more, "is to be made 2 times"),
        (lose_a_folder, "is on record, but not on the floor"),
        (forget_the_hand_off, "is on the floor, but not on record"),
        (forget_an_order, "is known to one side only"),
        (claim_that_it_left, "is shipped and never left"),
        (invent_a_parcel, "is unknown to TikTok"),
        (cancel_and_tell_nobody, "production was not told"),
    ],
)
def test_the_verdict_finds_what_is_wrong(shop: Shop, wrong: Callable[[Shop, str], None], found: str) -> None:
    order_id = shop.released(2)
    assert complaints(shop) == ""
    wrong(shop, order_id)
    assert found in complaints(shop)


@pytest.mark.parametrize("whim", ["request-cancel", "cancel", "edit-address"])
def test_the_verdict_finds_what_was_printed_wrongly(shop: Shop, whim: str) -> None:
    order_id = shop.released(2)
    before = Truth.of(shop.sandbox.control("GET", "state?parts=now,orders,packages,cancellations"))
    assert [*verdict.of_new_folders(before, before, Floor(shop.hand_off), {order_id}, ())] == []
    shop.do(order_id, whim)
    after = Truth.of(shop.sandbox.control("GET", "state?parts=now,orders,packages,cancellations"))
    assert [*verdict.of_new_folders(after, after, Floor(shop.hand_off), {order_id}, ())]
    assert [*verdict.of_new_folders(after, after, Floor(shop.hand_off), {order_id}, {order_id})] == []
