"""`make torture` runs, and its verdict finds what is wrong."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from gcw_tiktok.store.tables import Event, Line, Order, OutboxEntry, Shipment, Stage
from orders.conftest import pictures, shop
from orders.connector import Intake, connect
from orders.shop import NUMBER, SECOND_NUMBER, Shop
from torture import floor, following, leaving, verdict
from torture.connector import KEY as FAR_KEY
from torture.connector import ORDER, create_app
from torture.connector import Intake as TorturedIntake
from torture.floor import Floor
from torture.verdict import Truth

ROOT = Path(__file__).parent.parent
__all__ = ["pictures", "shop"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_seeds_are_played(tmp_path: Path) -> None:
    words = ["--seeds", "2", "--first", "3", "--engine", "sqlite", "--steps", "4", "--orders", "8"]
    command = [sys.executable, "-W", "ignore", "-m", "torture", *words, "--keep", str(tmp_path / "kept")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    one, two, summary = ran.stdout.splitlines()
    assert one.startswith("seed 3 on sqlite with a connector")
    assert two.startswith("seed 4 on sqlite with a folder")
    assert one.endswith(": ok")
    assert two.endswith(": ok")
    assert summary.startswith("2 seeds in")
    assert summary.endswith(": none wrong")


def truth_of(shop: Shop) -> Truth:
    state = shop.sandbox.control("GET", "state?parts=now,orders,packages,cancellations")
    return Truth.of(state, shop.sandbox.journal())


def folders(shop: Shop) -> Floor:
    return floor.of_folders(shop.hand_off, shop.home / "taken")


def complaints(shop: Shop, told: Collection[str] = (), *, asked: int = 1) -> str:
    """What the verdict says, where everything was asked of TikTok so many times and each time took effect."""
    truth, given = truth_of(shop), folders(shop)
    truth = replace(truth, journal=[*truth.journal] * asked)
    with shop.session() as session:
        found = [*verdict.of_orders(session, truth), *verdict.of_effects(session, truth, given)]
        found += [*verdict.of_cancelled(session, truth, given), *leaving.of_labels(session, truth, given)]
        found += [*leaving.of_parcels(session, truth), *leaving.of_ended_well(session, told)]
        found += verdict.of_floor(given, verdict.told_by_hand(session, given))
    return "; ".join([*found, *verdict.of_packages(truth)])


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
    before = truth_of(shop)
    assert [*verdict.of_new(before, before, folders(shop), {f"TTS-{order_id}"}, ())] == []
    shop.do(order_id, whim)
    after = truth_of(shop)
    assert [*verdict.of_new(after, after, folders(shop), {f"TTS-{order_id}"}, ())]
    assert [*verdict.of_new(after, after, folders(shop), {f"TTS-{order_id}"}, {order_id})] == []


def labelled(shop: Shop) -> str:
    order_id = shop.released(2, shipping_type="TIKTOK")
    shop.gcw("orders", "label", order_id)
    shop.gcw("orders", "pull")
    return order_id


def forget_the_label(shop: Shop, order_id: str) -> None:
    with shop.session() as session:
        session.delete(session.exec(select(Shipment)).one())


def forget_the_purchase(shop: Shop, order_id: str) -> None:
    with shop.session() as session:
        session.delete(session.exec(select(OutboxEntry).where(OutboxEntry.kind == "label")).one())


def lose_the_label(shop: Shop, order_id: str) -> None:
    with shop.session() as session:
        session.exec(select(Shipment)).one().sealed_label = None


def keep_the_label(shop: Shop, order_id: str) -> None:
    (shop.hand_off / f"TTS-{order_id}" / "parcels.json").unlink()


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (forget_the_label, "was bought and is not on record"),
        (forget_the_purchase, "was bought and is not on record"),
        (lose_the_label, "was never fetched"),
        (keep_the_label, "production has no label"),
    ],
)
def test_the_verdict_finds_what_is_wrong_with_labels(
    shop: Shop, wrong: Callable[[Shop, str], None], found: str
) -> None:
    order_id = labelled(shop)
    assert complaints(shop) == ""
    assert "was bought 2 times" in complaints(shop, asked=2)
    wrong(shop, order_id)
    assert found in complaints(shop)


def test_the_verdict_finds_an_address_on_what_tiktok_ships(shop: Shop) -> None:
    order_id = labelled(shop)
    document = shop.hand_off / f"TTS-{order_id}" / "order.json"
    told = json.loads(document.read_text()) | {"shippingAddress": {"addressLine1": "1 Elsewhere Street"}}
    document.write_text(json.dumps(told))
    before = truth_of(shop)
    shop.sandbox.control("POST", "clock", {"advance": 1})
    moment = replace(before, orders={order_id: before.orders[order_id] | {"status": "AWAITING_SHIPMENT"}})
    found = verdict.of_new(replace(moment, packages=[]), before, folders(shop), {f"TTS-{order_id}"}, ())
    assert list(found) == [f"TTS-{order_id} was handed over for '1 Elsewhere Street', not for None"]


def test_the_verdict_finds_what_is_made_anew_though_it_has_left(shop: Shop) -> None:
    order_id = shop.released(2)
    before = truth_of(shop)
    shop.gcw(*shop.ship(order_id, "--line", shop.lines(order_id)[0]))
    after = truth_of(shop)
    new = {f"TTS-{order_id}"}
    assert list(verdict.of_new(before, after, folders(shop), new, ())) == []
    (found,) = verdict.of_new(after, after, folders(shop), new, ())
    assert found == f"TTS-{order_id} was handed over with 1 units that have left"


def correct_and_tell_nobody(shop: Shop, package_id: str) -> None:
    with shop.session() as session:
        session.exec(select(Shipment)).one().corrected_at = None


def mistake_the_number(shop: Shop, package_id: str) -> None:
    with shop.session() as session:
        session.exec(select(Shipment)).one().tracking_number = NUMBER


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (correct_and_tell_nobody, "was corrected 1 times; here None"),
        (mistake_the_number, f"is {SECOND_NUMBER} at TikTok, not {NUMBER}"),
    ],
)
def test_the_verdict_finds_what_is_wrong_with_corrections(
    shop: Shop, wrong: Callable[[Shop, str], None], found: str
) -> None:
    order_id = shop.released()
    shop.gcw(*shop.ship(order_id))
    assert shop.gcw(*shop.ship(order_id, "--correct", number=SECOND_NUMBER)).code == 0
    assert complaints(shop) == ""
    assert "was corrected 2 times" in complaints(shop, asked=2)
    wrong(shop, order_id)
    assert found in complaints(shop)


def test_the_verdict_finds_what_was_to_leave_with_others_and_did_not(shop: Shop) -> None:
    order_id = shop.released()
    shop.fault("/packages", "status", status=503)
    assert shop.gcw.run(*shop.ship(order_id)).code == 6
    assert complaints(shop) == ""
    assert "is left, though its command ended well" in complaints(shop, {NUMBER})


def test_the_verdict_finds_samples_that_the_policy_keeps(shop: Shop) -> None:
    order_id = shop.ready(is_sample_order=True)
    before, new = truth_of(shop), {f"TTS-{order_id}"}
    assert list(verdict.of_samples(before, new, "make", ())) == []
    assert list(verdict.of_samples(before, new, "hold", {order_id})) == []
    assert list(verdict.of_samples(before, new, "hold", ())) != []


def test_what_a_person_was_to_tell_production_counts_as_told_and_nothing_else(shop: Shop) -> None:
    order_id = shop.released(2)
    taken = shop.home / "taken"
    taken.mkdir()
    shutil.move(shop.hand_off / f"TTS-{order_id}", taken)
    shop.do(order_id, "edit-address", line1="1 Other Street")
    shop.gcw("orders", "pull")
    assert shop.gcw.run("orders", "decide", order_id, "remake").code == 7
    shop.gcw("orders", "release", order_id, "--yes")
    assert sorted(path.name for path in shop.hand_off.iterdir() if path.name.startswith("TTS-")) == [
        f"TTS-{order_id}-2"
    ]
    assert complaints(shop) == ""
    with shop.session() as session:
        for event in session.exec(select(Event).where(Event.what == verdict.BY_HAND)):
            session.delete(event)
    assert "is to be made 2 times" in complaints(shop)


def at_connector(intake: Intake, *, times: int = 1, units: str = "created", stopped: bool = False) -> Floor:
    """What the pretend connector has, as torture's own would tell it."""
    orders = [
        {
            "reference": name,
            "id": f"gc-{number}",
            "body": body,
            "units": {item["itemReferenceId"]: "canceled" if stopped else units for item in body["items"]},
            "stopped": stopped or name in intake.cancelled,
        }
        for number, (name, body) in enumerate(intake.orders.items(), 1)
    ]
    return floor.of_books({"orders": orders * times})


def judged(shop: Shop, given: Floor) -> str:
    truth = truth_of(shop)
    with shop.session() as session:
        found = [*verdict.of_floor(given), *verdict.of_effects(session, truth, given)]
        found += [*verdict.of_cancelled(session, truth, given), *following.of_books(session, given)]
        return "; ".join([*found, *following.of_stages(session, given)])


def test_the_verdict_finds_what_is_wrong_at_a_connector(shop: Shop) -> None:
    intake, _ = connect(shop)
    order_id = shop.released(2)
    assert judged(shop, at_connector(intake)) == ""
    assert f"TTS-{order_id} was handed over 2 times" in judged(shop, at_connector(intake, times=2))
    assert "is on record, but not on the floor" in judged(shop, floor.of_books({"orders": []}))
    assert "is printed in production, and created here" in judged(shop, at_connector(intake, units="printed"))
    assert "and nobody was asked" in judged(shop, at_connector(intake, units="canceled"))
    assert "was told that live units" in judged(shop, at_connector(intake, stopped=True))
    with shop.session() as session:
        entry = session.exec(select(OutboxEntry).where(OutboxEntry.kind == "hand_off")).one()
        entry.answer = {**entry.answer, "id": "gc-9"}
    assert "is gc-1 with 2 units there, not gc-9" in judged(shop, at_connector(intake))
    forget_the_hand_off(shop, order_id)
    assert "is on the floor, but not on record" in judged(shop, at_connector(intake))


def test_the_verdict_finds_a_cancellation_that_a_connector_was_not_told(shop: Shop) -> None:
    intake, _ = connect(shop)
    order_id = shop.released(2)
    shop.do(order_id, "cancel")
    assert "was not told that 2 units" in judged(shop, at_connector(intake))
    shop.gcw("orders", "pull")  # without an address to cancel at, a person is to tell it
    assert judged(shop, at_connector(intake)) == ""


@pytest.mark.parametrize(
    ("kind", "has_effect"),
    [("limit", False), ("error", False), ("cut", False), ("error after", True), ("cut after", True), ("torn", True)],
)
def test_a_fault_of_the_connector_comes_before_the_effect_or_after_it(kind: str, has_effect: bool) -> None:
    intake = TorturedIntake()
    http = create_app(intake).test_client()
    http.post("/_control/faults", json={"kind": kind, "status": 500, "call": "submit", "times": 1})
    order = {"orderReferenceId": "TTS-1", "preventDuplicate": True, "items": [{"itemReferenceId": "1"}]}
    with suppress(ConnectionResetError):
        assert http.post(ORDER, json=order, headers={"X-API-KEY": FAR_KEY}).status_code in (200, 429, 500)
    assert [one["reference"] for one in intake.orders] == ["TTS-1"] * has_effect
    assert http.post(ORDER, json=order, headers={"X-API-KEY": FAR_KEY}).status_code == (400 if has_effect else 200)
    assert len(intake.orders) == 1
