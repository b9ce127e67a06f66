"""Test orders: bought, led the way of every order, and never made, counted or taken from a buyer."""

import json
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from conftest import Ran
from gcw_tiktok.store.tables import Order, OutboxEntry, Store
from gcw_tiktok.workflow import webhooks
from orders import killing
from orders.connector import connect
from orders.shop import OTHER_SKU, SKU, STORE, Shop

TRY = ("orders", "test", STORE)


@pytest.fixture
def live(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop that is on no machine of ours, so that nobody can buy there but a person."""
    monkeypatch.setattr(webhooks, "is_near", lambda url: False)
    return shop


def folder(shop: Shop) -> Path:
    return shop.home / "profiles" / "default" / "test-orders"


def bought(shop: Shop) -> list[str]:
    return sorted(shop.sandbox.orders())


def results(ran: Ran) -> dict[str, str]:
    return {one["check"]: one["result"] for one in ran.json["checks"]}


def marked(shop: Shop) -> set[str]:
    with shop.session() as session:
        return set(session.exec(select(Order.order_id).where(col(Order.test))))


def test_all_that_the_guide_asks_is_checked(either_shop: Shop) -> None:
    told = either_shop.gcw(*TRY, "--cancel", "--json").json
    assert [one["check"] for one in told["checks"]] == [
        "received",
        "order intake",
        "customer information",
        "product specification",
        "design files",
        "shipping details",
        "job ticket",
        "production",
        "shipped",
        "seen at TikTok",
        "received",
        "cancelled by the buyer",
        "cancelled at TikTok",
        "cancelled here",
        "nothing made",
    ]
    assert {one["result"] for one in told["checks"]} == {"pass"}
    assert told["passed"] is True
    through, cancelled = told["orders"]["through"], told["orders"]["cancel"]
    at_tiktok = either_shop.sandbox.orders()
    assert (at_tiktok[through]["status"], at_tiktok[cancelled]["status"]) == ("AWAITING_COLLECTION", "CANCELLED")
    assert [path.name for path in folder(either_shop).iterdir() if not path.name.startswith(".")] == [f"TTS-{through}"]
    assert either_shop.folders() == []


def by_tiktok(shop: Shop) -> Shop:
    with shop.session() as session:
        shop_id = session.exec(select(Store.shop_id)).one()
    shop.sandbox.control("POST", f"shops/{shop_id}/settings", {"shipping_type": "TIKTOK"})
    return shop


def test_where_tiktok_ships_its_label_is_a_check(either_shop: Shop) -> None:
    shop = by_tiktok(either_shop)
    ran = shop.gcw(*TRY, "--json")
    assert set(results(ran).values()) == {"pass"}
    assert [one["check"] for one in ran.json["checks"]][-4:] == ["production", "label", "shipped", "seen at TikTok"]
    order_id = ran.json["orders"]["through"]
    label = folder(shop) / f"TTS-{order_id}" / "shipping-label.pdf"
    assert label.read_bytes().startswith(b"%PDF-")
    assert (shop.sandbox.orders()[order_id]["status"], shop.folders()) == ("AWAITING_COLLECTION", [])
    assert len(shop.told()) == 1


def test_killed_anywhere_its_label_is_bought_once(shop: Shop) -> None:
    by_tiktok(shop)
    killing.run(shop, TRY, "after POST /fulfillment/202512/packages")
    assert set(results(shop.gcw(*TRY, "--json")).values()) == {"pass"}
    assert (len(bought(shop)), len(shop.told())) == (1, 1)


def test_at_a_live_shop_a_person_buys_the_label(live: Shop) -> None:
    by_tiktok(live)
    live.gcw.fails(6, *TRY, "--wait", "0m")
    order_id = live.sandbox.ready_order(SKU)
    ran = live.gcw.fails(6, *TRY, "--order", order_id, "--yes", "--wait", "0m", "--json")
    assert results(ran)["label"] == "waiting"
    assert f"gcw orders label {order_id}" in ran.error["hint"]
    assert live.told() == []
    live.gcw("orders", "label", order_id)
    assert set(results(live.gcw(*TRY, "--json")).values()) == {"pass"}


def test_it_counts_nowhere_and_is_accounted_for(shop: Shop) -> None:
    order_id = shop.gcw(*TRY, "--json").json["orders"]["through"]
    assert shop.gcw("orders", "list", "--json").json == []
    (row,) = shop.gcw("orders", "list", "--tests", "--json").json
    assert (row["order"], row["test"]) == (order_id, True)
    audited = shop.gcw("orders", "audit", "--json").json["stores"]
    assert [one["places"] for one in audited] == [{"test": 1}]


def test_while_it_is_under_way_it_counts_nowhere_either(shop: Shop) -> None:
    killing.run(shop, TRY, "after POST /_sandbox/orders")
    shop.advance(3601)
    pulled = shop.gcw("orders", "pull", "--json").json
    assert [(one["new"], one["ready"], one["held"]) for one in pulled] == [(0, 0, 0)]
    (order_id,) = bought(shop)
    assert marked(shop) == {order_id}, "although gcw was killed before it heard the answer"
    assert shop.stage(order_id) == "passed"
    counts = {"ready": 0, "held": 0, "set_aside": 0, "at_work": 0}
    assert shop.gcw("status", "--json").json["stores"][0]["orders"] == counts
    assert shop.gcw("orders", "at-risk", "--within", "365d", "--json").json == []
    shop.gcw("orders", "release")
    ran = shop.gcw.fails(4, "orders", "release", order_id, "--yes", "--json")
    assert "test order" in ran.error["message"]
    assert "gcw orders test" in ran.error["hint"]
    assert (shop.folders(), shop.stage(order_id)) == ([], "passed")
    assert shop.gcw(*TRY, "--json").json["orders"] == {"through": order_id}


def test_it_goes_to_no_connector(shop: Shop) -> None:
    intake, _ = connect(shop)
    assert shop.gcw(*TRY, "--json").json["passed"] is True
    assert intake.seen == []


def test_killed_anywhere_it_goes_on_with_the_same_order(shop: Shop) -> None:
    """A sample of all places: each takes seconds."""
    places = killing.run(shop, (*TRY, "--cancel"))
    assert "after POST /_sandbox/orders" in places
    assert sum("/_sandbox/orders" in place and place.endswith("orders") for place in places) == 4
    for at in range(1, len(places) + 1, 19):
        before = bought(shop)
        assert len(killing.run(shop, (*TRY, "--cancel"), at)) == at
        told = shop.gcw(*TRY, "--cancel", "--json").json
        assert told["passed"] is True
        new = set(bought(shop)) - set(before)
        if new:  # killed after the last check, it was over
            assert new == set(told["orders"].values())
    assert marked(shop) == set(bought(shop))
    assert shop.folders() == []


def test_what_holds_it_is_told_and_mended_it_goes_on(shop: Shop) -> None:
    killing.run(shop, TRY, "after POST /_sandbox/orders")
    shop.withdraw()
    ran = shop.gcw.fails(8, *TRY, "--json")
    assert results(ran)["customer information"] == "fail"
    assert ran.error["hint"]
    shop.withdraw(published=True)
    again = shop.gcw(*TRY, "--json").json
    assert (again["passed"], [again["orders"]["through"]]) == (True, bought(shop))


def test_what_was_handed_over_wrongly_is_found(shop: Shop) -> None:
    shop.fault("/packages", "code", code=21001001)
    ran = shop.gcw.run(*TRY, "--json")
    assert ran.code in (5, 6, 8)
    (order_id,) = bought(shop)
    place = folder(shop) / f"TTS-{order_id}"
    for path in place.iterdir():
        if path.suffix == ".pdf" and path.name != "job-ticket.pdf":
            path.write_bytes(b"another file")
    document = json.loads((place / "order.json").read_text())
    document["items"][0]["productUid"] = "another"
    del document["shippingAddress"]["city"]
    (place / "order.json").write_text(json.dumps(document))
    (place / "job-ticket.pdf").unlink()
    ran = shop.gcw.fails(8, *TRY, "--json")
    wrong = {name for name, result in results(ran).items() if result == "fail"}
    assert wrong == {"product specification", "design files", "shipping details", "job ticket"}
    assert shop.gcw(*TRY, "--new", "--json").json["passed"] is True
    assert len(bought(shop)) == 2


def test_a_fault_at_tiktok_is_no_failed_check(shop: Shop) -> None:
    shop.fault("/order/", "status", status=503, times=20)
    assert shop.gcw.fails(6, *TRY, "--json").stdout == ""
    shop.sandbox.control("DELETE", "faults")
    assert shop.gcw(*TRY, "--json").json["passed"] is True
    assert len(bought(shop)) == 1


def test_a_buyers_order_becomes_no_test_by_what_it_says(shop: Shop) -> None:
    killing.run(shop, TRY, "after POST /_sandbox/orders")
    with shop.session() as session:
        key = session.exec(select(OutboxEntry.key).where(OutboxEntry.kind == "trial")).one()
    mark = key.rpartition("/")[2]
    shop.gcw("orders", "pull")
    copied = shop.sandbox.ready_order(SKU, buyer_message=f"gcw-test-{mark}")
    guessed = shop.sandbox.ready_order(SKU, buyer_message="gcw-test-0123456789abcdef0123456789abcdef")
    shop.gcw("orders", "pull")
    assert not marked(shop) & {copied, guessed}
    shop.gcw("orders", "release")
    assert shop.folders() == sorted([f"TTS-{copied}", f"TTS-{guessed}"])


@pytest.mark.parametrize("name", ["test.md", "test.json"])
def test_a_report_is_written(shop: Shop, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    told = shop.gcw(*TRY, "-o", str(file), "--json").json
    text = file.read_text()
    if name.endswith("json"):
        assert json.loads(text) == told
    else:
        assert "Every check passed." in text
        assert text.count("| pass |") == len(told["checks"])
    handed = json.loads((folder(shop) / f"TTS-{told['orders']['through']}" / "order.json").read_text())
    for name in ("firstName", "addressLine1", "city", "postCode", "phone"):
        assert handed["shippingAddress"][name] not in text + json.dumps(told)


def test_a_report_that_cannot_be_written_is_told_before_anything_is_bought(shop: Shop) -> None:
    shop.gcw.fails(2, *TRY, "-o", "report.docx")
    assert bought(shop) == []


def test_the_folder_may_be_another(shop: Shop, tmp_path: Path) -> None:
    order_id = shop.gcw(*TRY, "--folder", str(tmp_path / "mine"), "--json").json["orders"]["through"]
    assert (tmp_path / "mine" / f"TTS-{order_id}" / "order.json").is_file()
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o700


def test_what_is_not_connected_cannot_be_tried(shop: Shop) -> None:
    assert "not connected" in shop.gcw.fails(4, *TRY, "--sku", OTHER_SKU, "--json").error["message"]
    shop.gcw("products", "disconnect", STORE, SKU)
    assert "nothing on sale" in shop.gcw.fails(4, *TRY, "--json").error["message"]
    assert bought(shop) == []


def test_on_a_live_shop_a_person_buys_names_it_and_ships(live: Shop) -> None:
    ran = live.gcw.fails(6, *TRY, "--wait", "0m", "--json")
    assert SKU in ran.stderr
    assert "--order ID" in ran.error["hint"]
    assert bought(live) == []
    order_id = live.sandbox.ready_order(SKU)
    ran = live.gcw.fails(6, *TRY, "--wait", "0m", "--json")
    assert f"--order {order_id}" in ran.error["hint"]
    assert marked(live) == set(), "nobody has said so yet"
    assert live.gcw.fails(2, *TRY, "--order", order_id, "--json").error["code"] == "usage"
    ran = live.gcw.fails(6, *TRY, "--order", order_id, "--yes", "--wait", "0m", "--json")
    assert ran.error["hint"].startswith(f"gcw orders ship {order_id}")
    assert results(ran)["design files"] == "pass"
    assert live.stage(order_id) == "packaged"
    live.gcw(*live.ship(order_id))
    assert live.gcw(*TRY, "--json").json["passed"] is True
    assert (live.folders(), live.gcw("orders", "list", "--json").json) == ([], [])


def test_on_a_live_shop_a_person_cancels(live: Shop) -> None:
    live.gcw.fails(6, *TRY, "--cancel", "--wait", "0m")
    one, two = live.sandbox.ready_order(SKU), live.sandbox.ready_order(SKU)
    named = (*TRY, "--cancel", "--order", one, "--order", two, "--yes", "--wait", "0m", "--json")
    live.gcw.fails(6, *named)
    live.gcw(*live.ship(one))
    ran = live.gcw.fails(6, *named)
    assert "cancel it in the TikTok Shop app" in ran.error["message"]
    live.do(two, "request-cancel")
    told = live.gcw(*named).json
    assert (told["passed"], told["orders"]) == (True, {"through": one, "cancel": two})
    assert live.sandbox.orders()[two]["status"] == "CANCELLED"


@pytest.mark.parametrize("why", ["before", "two units", "another variant", "released", "shipped", "unknown"])
def test_a_buyers_order_is_not_taken_for_a_test(live: Shop, why: str) -> None:
    live.connect_other()
    before = live.ready()
    live.advance(60)
    live.gcw.fails(6, *TRY, "--sku", SKU, "--wait", "0m")
    live.advance(60)
    order_id = {
        "before": lambda: before,
        "two units": lambda: live.sandbox.ready_order(SKU, 2),
        "another variant": lambda: live.sandbox.ready_order(OTHER_SKU),
        "released": live.released,
        "shipped": live.released,
        "unknown": lambda: "577000000000000001",
    }[why]()
    if why == "shipped":
        live.gcw(*live.ship(order_id))
    live.gcw.fails(4, *TRY, "--order", order_id, "--yes", "--json")
    assert marked(live) == set()
    if why in ("before", "two units", "another variant"):
        live.gcw("orders", "release", order_id)
        assert f"TTS-{order_id}" in live.folders()


def test_an_order_that_was_a_buyers_after_all_is_made(live: Shop) -> None:
    live.gcw.fails(6, *TRY, "--wait", "0m")
    order_id = live.sandbox.ready_order(SKU)
    live.gcw.fails(6, *TRY, "--order", order_id, "--yes", "--wait", "0m")
    assert live.stage(order_id) == "packaged"
    live.gcw(*TRY, "--real", order_id, "--yes")
    live.gcw("orders", "pull")
    live.gcw("orders", "release")
    assert live.stage(order_id) == "created"
    assert live.folders() == [f"TTS-{order_id}-2"]
    assert [one["order"] for one in live.gcw("orders", "list", "--json").json] == [order_id]
    live.gcw.fails(4, *TRY, "--real", order_id, "--yes")
    live.gcw("orders", "audit")


def npx(live: Shop, folder: Path, script: str) -> Path:
    """A pretend toolkit; what it was asked is in the file that comes back."""
    asked = folder / "asked"
    program = folder / "npx"
    program.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n{script}\n')
    program.chmod(0o755)
    return asked


def test_tiktoks_toolkit_places_it_where_it_is_installed(
    live: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = live.sandbox.order(SKU)  # the toolkit places it a moment after it was asked: see below
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    live.gcw.fails(6, *TRY, "--wait", "0m")
    asked = npx(live, tmp_path, f'[ "$4" = --version ] || [ "$3" = --version ] || echo "Order {order_id} created"')
    with live.session() as session:  # as if it had been placed after the test began
        entry = session.exec(select(OutboxEntry).where(OutboxEntry.kind == "trial")).one()
        entry.payload = {**entry.payload, "begun_at": 1}
    live.gcw.fails(6, *TRY, "--toolkit", "--yes", "--wait", "0m")
    assert marked(live) == {order_id}
    words = asked.read_text().splitlines()[-1].split()
    assert words[:6] == ["--no-install", "@tts-open-toolkit/cli", "sandbox", "order", "create", "--shop-id"]
    assert words[-2] == "--item"
    assert words[-1].endswith(":1")


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 1", 3), ('[ "$3" = --version ] || { echo "log in first" >&2; exit 1; }', 5), ("echo done", 4)],
)
def test_what_the_toolkit_cannot_do_is_told_and_not_asked_twice(
    live: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, code: int
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    asked = npx(live, tmp_path, script)
    live.gcw.fails(code, *TRY, "--toolkit", "--yes", "--json")
    if code != 3:
        assert "asked for this order already" in live.gcw.fails(4, *TRY, "--toolkit", "--json").error["message"]
        assert asked.read_text().count("create") == 1
    assert marked(live) == set()


def test_without_the_toolkit_nothing_is_downloaded(live: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "npm install" in live.gcw.fails(3, *TRY, "--toolkit", "--json").error["hint"]


def test_what_another_gcw_takes_in_first_is_a_test_all_the_same(shop: Shop) -> None:
    """A webhook may be faster than the answer of whoever bought it."""
    acted: list[Any] = []

    def pull_first(request: httpx.Request, answer: dict[str, Any]) -> None:
        if request.url.path.endswith("/orders/search") and bought(shop) and not acted:
            acted.append(request)
            shop.gcw("orders", "pull")

    shop.relay.change = pull_first
    assert shop.gcw(*TRY, "--json").json["passed"] is True
    assert marked(shop) == set(bought(shop))
