"""Facilities are changed and removed, and what they were given before is still found."""

import json
import os
from pathlib import Path

import httpx
import pytest

from conftest import Gcw
from orders.connector import HAND_OFF, KEY, connect
from orders.shop import Shop

FLOOR = "Main floor"


def report(place: Path, order_id: str, status: str, reference: str = "") -> None:
    told = {"orderReferenceId": reference or f"TTS-{order_id}", "status": status}
    (place / "results").mkdir(exist_ok=True)
    file = place / "results" / f"{order_id}-{status}.json"
    file.write_text(json.dumps(told))
    os.utime(file, (1_000_000_000, 1_000_000_000))


def test_what_is_named_is_changed_and_the_rest_stays(gcw: Gcw, tmp_path: Path) -> None:
    gcw("facility", "add", "Hall", "--hand-off", f"folder:{tmp_path / 'in'}", "--location", "Ohio")
    changed = gcw("facility", "edit", "Hall", "--name", "Main hall", "--type", "external", "--json").json
    assert (changed["name"], changed["type"], changed["location"]) == ("Main hall", "external", "Ohio")
    assert changed["hand_off"] == f"folder:{tmp_path / 'in'}"
    assert "Nothing to change" in gcw("facility", "edit", "Main hall", "--name", "Main hall").stderr
    gcw("facility", "add", "Other", "--hand-off", f"folder:{tmp_path / 'other'}")
    gcw.fails(4, "facility", "edit", "Other", "--name", "main HALL")
    gcw.fails(4, "facility", "edit", "Other", "--type", "third")
    gcw.fails(4, "facility", "edit", "Other", "--hand-off", "ftp:somewhere")
    gcw.fails(4, "facility", "edit", "Other", "--cancel-url", "https://connect.example.com/cancel")
    gcw.fails(4, "facility", "edit", "Other", "--cancel-url", "http://connect.example.com/{reference}")


def test_orders_in_work_stay_where_they_are_and_are_followed_there(either_shop: Shop, tmp_path: Path) -> None:
    shop = either_shop
    before, new = shop.released(), tmp_path / "new"
    asked = shop.gcw.fails(2, "facility", "edit", FLOOR, "--hand-off", f"folder:{new}", "--json")
    assert "1 orders are in work" in asked.error["message"]
    shop.gcw("facility", "edit", FLOOR, "--hand-off", f"folder:{new}", "--yes")
    after = shop.released()
    assert (new / f"TTS-{after}").is_dir()
    report(shop.hand_off, before, "printed")
    report(new, after, "packaged")
    rows = shop.gcw("orders", "collect", FLOOR, "--json").json
    assert {(row["order"], row["stage"]) for row in rows} == {(before, "printed"), (after, "packaged")}
    report(new, before, "packaged")
    assert shop.gcw.fails(4, "orders", "collect", "--json").error
    assert shop.stage(before) == "printed", "it is not known in the new place"


def test_an_order_that_was_handed_over_anew_elsewhere_is_known_by_its_new_name(shop: Shop, tmp_path: Path) -> None:
    order_id, new = shop.released(), tmp_path / "new"
    shop.gcw("orders", "advance", order_id, "--to", "failed")
    shop.gcw("facility", "edit", FLOOR, "--hand-off", f"folder:{new}", "--yes")
    shop.gcw("orders", "retry", order_id)
    shop.gcw("orders", "release", order_id)
    assert (new / f"TTS-{order_id}-2").is_dir()
    report(new, order_id, "printed", f"TTS-{order_id}-2")
    (row,) = shop.gcw("orders", "collect", "--json").json
    assert row["stage"] == "printed"


def test_a_connectors_orders_are_asked_for_where_they_went(shop: Shop, tmp_path: Path) -> None:
    intake, _ = connect(shop)
    order_id = shop.released()
    shop.gcw("facility", "edit", FLOOR, "--hand-off", f"folder:{tmp_path / 'new'}", "--yes")
    intake.statuses[f"TTS-{order_id}"] = {"fulfillmentStatus": "printed"}
    (row,) = shop.gcw("orders", "collect", FLOOR, "--json").json
    assert (row["order"], row["stage"]) == (order_id, "printed")


def test_a_connector_wants_its_key(gcw: Gcw, tmp_path: Path) -> None:
    gcw("facility", "add", "Hall", "--hand-off", f"folder:{tmp_path / 'in'}")
    assert gcw.fails(2, "facility", "edit", "Hall", "--hand-off", HAND_OFF, "--json").error["code"] == "usage"
    ran = gcw("facility", "edit", "Hall", "--hand-off", HAND_OFF, "--json", stdin=KEY)
    assert (ran.json["hand_off"], KEY in ran.stdout + ran.stderr) == (HAND_OFF, False)


def test_a_facility_that_is_used_stays(shop: Shop, tmp_path: Path) -> None:
    assert "Paper Harbor" in shop.gcw.fails(4, "facility", "remove", FLOOR, "--yes", "--json").error["message"]
    shop.gcw("facility", "add", "Unused", "--hand-off", f"folder:{tmp_path / 'unused'}")
    assert shop.gcw.fails(2, "facility", "remove", "Unused", "--json").error["code"] == "usage"
    shop.gcw("facility", "remove", "Unused", "--yes")
    shop.gcw.fails(4, "facility", "show", "Unused")


@pytest.mark.parametrize("secret", ["", "short", "with blanks in it, and long"])
def test_a_secret_that_can_be_guessed_is_refused(gcw: Gcw, tmp_path: Path, secret: str) -> None:
    gcw("facility", "add", "Hall", "--hand-off", f"folder:{tmp_path / 'in'}")
    gcw.fails(2, "facility", "postbacks", "Hall", stdin=secret)


def doctor(shop: Shop, code: int = 0) -> dict[str, dict[str, str]]:
    ran = shop.gcw.run("doctor", "--json")
    assert ran.code == code, ran
    return {one["check"]: one for one in ran.json}


def test_doctor_asks_a_connector(shop: Shop) -> None:
    _, split = connect(shop)
    assert "connect.example.com answers" in doctor(shop)["hand-off of Far"]["found"]
    shop.gcw("facility", "key", "Far", stdin="another")
    wrong = doctor(shop, 8)["hand-off of Far"]
    assert (wrong["result"], wrong["mend"]) == ("fail", 'gcw facility key "Far"')
    shop.gcw("facility", "key", "Far", stdin=KEY)

    def untrusted(request: httpx.Request) -> None:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")

    split.down = untrusted
    assert "certificate is not accepted" in doctor(shop, 8)["hand-off of Far"]["found"]


def test_doctor_looks_at_what_production_reports(shop: Shop) -> None:
    assert "results of Main floor" not in doctor(shop)
    report(shop.hand_off, "1", "beautiful")
    assert doctor(shop)["results of Main floor"]["result"] == "ok"
    shop.gcw.fails(4, "orders", "collect")
    found = doctor(shop)["results of Main floor"]
    assert (found["result"], found["found"]) == ("warn", "1 reports could not be used")
