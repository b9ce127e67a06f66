"""Production drops files into the results folder; each moves the stages once and is filed."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from sqlmodel import select

from conftest import Ran
from gcw_tiktok.errors import BadInput
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import NEXT, Facility, Line, Order, OutboxEntry, Stage
from gcw_tiktok.store.tables.stages import FORWARD, IN_WORK
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.production import hearing, reports, results
from orders.at_once import run as at_once
from orders.killing import Killed, Reaper
from orders.shop import Shop

LONG_AGO = 1_000_000_000


class Floor:
    """Production: writes aside, renames into place."""

    def __init__(self, shop: Shop) -> None:
        self.folder = shop.hand_off / "results"
        self.folder.mkdir(exist_ok=True)

    def drop(self, name: str, content: Any, *, at: int = LONG_AGO) -> Path:
        text = content if isinstance(content, str) else json.dumps(content)
        aside = self.folder / f"{name}.part"
        aside.write_text(text)
        os.utime(aside, (at, at))
        return aside.rename(self.folder / name)

    def says(self, order_id: str, status: str, *, at: int = LONG_AGO, **more: str) -> Path:
        content = {"orderReferenceId": f"TTS-{order_id}", "status": status, **more}
        return self.drop(f"{order_id}-{status}-{at}.json", content, at=at)

    def files(self, below: str = "") -> list[str]:
        folder = self.folder / below
        return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []

    def reason(self) -> str:
        (name,) = [name for name in self.files("failed") if name.endswith(".reason.txt")]
        return (self.folder / "failed" / name).read_text()


def collect(shop: Shop) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = shop.gcw("orders", "collect", "--json").json
    return rows


def refused(shop: Shop, code: int = 4) -> Ran:
    return shop.gcw.fails(code, "orders", "collect", "--json")


@pytest.mark.parametrize("status", ["in_production", "Printed", "PACKAGED", "In Production"])
def test_a_dropped_file_moves_the_order_and_is_filed(either_shop: Shop, status: str) -> None:
    order_id, floor = either_shop.released(2), Floor(either_shop)
    dropped = floor.says(order_id, status)
    stage = status.lower().replace(" ", "_")
    (row,) = collect(either_shop)
    assert (row["order"], row["result"], row["stage"], row["file"]) == (order_id, "moved", stage, dropped.name)
    assert either_shop.stage(order_id) == stage
    assert either_shop.history(order_id)[-1] == f"now {stage}"
    assert (floor.files(), floor.files("done")) == ([], [dropped.name])
    assert collect(either_shop) == []


def test_one_unit_moves_alone(shop: Shop) -> None:
    order_id, floor = shop.released(2), Floor(shop)
    first, second = shop.lines(order_id)
    floor.says(order_id, "printed", itemReferenceId=first)
    collect(shop)
    assert {line["line"]: line["stage"] for line in shop.order(order_id)["lines"]} == {
        first: "printed",
        second: "created",
    }
    assert shop.stage(order_id) == "created"


def test_a_csv_tells_of_several_orders(shop: Shop) -> None:
    one, two = shop.released(), shop.released()
    rows = f"orderReferenceId,status,itemReferenceId\nTTS-{one},printed,\nTTS-{two},in production,\n"
    Floor(shop).drop("night.csv", rows)
    assert [row["result"] for row in collect(shop)] == ["moved", "moved"]
    assert (shop.stage(one), shop.stage(two)) == ("printed", "in_production")


def test_units_may_have_statuses_of_their_own(shop: Shop) -> None:
    """As GelatoConnect's own webhooks tell it."""
    order_id, floor = shop.released(2), Floor(shop)
    first, second = shop.lines(order_id)
    items = [{"itemReferenceId": first, "fulfillmentStatus": "printed"}, {"itemReferenceId": second}]
    event = {"orderReferenceId": f"TTS-{order_id}", "fulfillmentStatus": "in_production", "items": items}
    floor.drop("event.json", event)
    collect(shop)
    assert [line["stage"] for line in shop.order(order_id)["lines"]] == ["printed", "in_production"]


def test_the_oldest_file_is_read_first_and_late_news_changes_nothing(shop: Shop) -> None:
    order_id, floor = shop.released(), Floor(shop)
    floor.says(order_id, "packaged", at=LONG_AGO + 2)
    floor.says(order_id, "in_production", at=LONG_AGO + 1)
    assert [row["stage"] for row in collect(shop)] == ["in_production", "packaged"]
    floor.says(order_id, "printed", at=LONG_AGO + 3)
    assert [row["result"] for row in collect(shop)] == ["unchanged"]
    assert shop.stage(order_id) == "packaged"


def test_a_unit_that_is_printed_again_goes_back(shop: Shop) -> None:
    order_id, floor = shop.released(2), Floor(shop)
    shop.gcw("orders", "advance", order_id, "--to", "packaged")
    floor.says(order_id, "in_production", itemReferenceId=shop.lines(order_id)[1])
    collect(shop)
    assert [line["stage"] for line in shop.order(order_id)["lines"]] == ["packaged", "in_production"]


def test_shipped_is_said_to_tiktok_by_the_command_that_is_named(shop: Shop) -> None:
    """A stage of `shipped` means that TikTok has the tracking number, and production names no carrier of TikTok's."""
    order_id, floor = shop.released(), Floor(shop)
    floor.says(order_id, "shipped", trackingCode="9400100000000000000013")
    (row,) = collect(shop)
    assert (row["stage"], shop.stage(order_id), shop.told()) == ("packaged", "packaged", [])
    assert row["command"] == f"gcw orders ship {order_id} --carrier NAME --tracking 9400100000000000000013"


def test_what_production_cancelled_waits_for_a_decision(shop: Shop) -> None:
    order_id, floor = shop.released(), Floor(shop)
    floor.says(order_id, "canceled", comment="out of paper")
    collect(shop)
    assert shop.holds(order_id) == ["needs_decision"]
    assert "out of paper" in shop.order(order_id)["holds"][0]["sentence"]
    assert shop.stage(order_id) == "created"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "It is no JSON."),
        ("[]", "It reports nothing."),
        ("[1]", "It holds something that is no report."),
        ({"status": "printed"}, "A report names no orderReferenceId."),
        ({"orderReferenceId": "TTS-1", "status": "beautiful"}, "'beautiful' is no status that production reports."),
        ({"orderReferenceId": "TTS-1"}, "A report has no status."),
        ({"orderReferenceId": "TTS-1", "status": "printed"}, "No order TTS-1 was handed over here."),
        ({"orderReferenceId": "../../etc", "status": "printed"}, "No order ../../etc was handed over here."),
        ("[" * 100_000, "It is no JSON."),
        ("x" * (results.LARGEST + 1), "It is larger than 1,000,000 bytes."),
    ],
)
def test_what_cannot_be_used_is_filed_with_its_reason(shop: Shop, content: Any, reason: str) -> None:
    floor = Floor(shop)
    floor.drop("bad.json", content)
    assert reason in refused(shop).error["message"]
    assert floor.reason() == f"{reason}\n"
    assert floor.files("failed") == ["bad.json", "bad.json.reason.txt"]
    assert (floor.files(), floor.files("done")) == ([], [])


def test_what_was_cancelled_is_not_made_and_production_is_told(shop: Shop) -> None:
    order_id, floor = shop.released(), Floor(shop)
    shop.do(order_id, "cancel")
    shop.gcw("orders", "pull")
    floor.says(order_id, "in_production")
    refused(shop)
    assert shop.stage(order_id) == "canceled"
    assert floor.reason() == f"Order {order_id} is canceled: it is not to be made.\n"


def test_what_is_not_handed_over_cannot_be_printed(shop: Shop) -> None:
    order_id, floor = shop.ready(), Floor(shop)
    floor.says(order_id, "printed")
    refused(shop)
    assert shop.stage(order_id) == "passed"


def test_the_good_rows_of_a_file_count_though_others_are_bad(shop: Shop) -> None:
    order_id, floor = shop.released(), Floor(shop)
    floor.drop("mixed.csv", f"orderReferenceId,status\nTTS-{order_id},printed\nTTS-7,printed\n")
    ran = refused(shop, 7)
    assert "mixed.csv: No order TTS-7 was handed over here." in ran.error["message"]
    assert [row["result"] for row in ran.json] == ["moved", "failed"]
    assert shop.stage(order_id) == "printed"


@pytest.mark.parametrize("name", [".event.json", "event.json.part", "event.json.tmp", "event.txt", "~event.json"])
def test_what_is_on_its_way_is_left_alone(shop: Shop, name: str) -> None:
    order_id, floor = shop.released(), Floor(shop)
    (floor.folder / name).write_text(json.dumps({"orderReferenceId": f"TTS-{order_id}", "status": "printed"}))
    assert collect(shop) == []
    assert floor.files() == [name]


def test_a_file_that_is_half_there_is_read_when_it_is_whole(shop: Shop) -> None:
    order_id, floor = shop.released(), Floor(shop)
    whole = json.dumps({"orderReferenceId": f"TTS-{order_id}", "status": "printed"})
    (floor.folder / "slow.json").write_text(whole[:20])
    assert [row["result"] for row in collect(shop)] == ["later"]
    assert floor.files() == ["slow.json"]
    (floor.folder / "slow.json").write_text(whole)
    assert [row["result"] for row in collect(shop)] == ["moved"]


def test_a_half_written_file_that_stays_so_is_filed_as_failed(shop: Shop) -> None:
    floor = Floor(shop)
    (floor.folder / "slow.json").write_text("{")
    assert [row["result"] for row in collect(shop)] == ["later"]
    shop.gcw.offset = 60
    refused(shop)
    assert floor.reason() == "It is no JSON.\n"


def test_a_file_that_grows_while_it_is_read_is_read_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, floor = shop.released(), shop.released(), Floor(shop)
    path = floor.drop("grows.csv", f"orderReferenceId,status\nTTS-{one},printed\n")
    real = results._move

    def grow(source: Path, target: Path) -> os.stat_result:
        with source.open("a") as file:
            file.write(f"TTS-{two},printed\n")
        return real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(results, "_move", grow)
        collect(shop)
    assert floor.files() == [path.name]
    assert {row["result"] for row in collect(shop)} == {"unchanged", "moved"}
    assert (shop.stage(one), shop.stage(two)) == ("printed", "printed")


def test_links_are_not_followed(shop: Shop, tmp_path: Path) -> None:
    order_id, floor = shop.released(), Floor(shop)
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(json.dumps({"orderReferenceId": f"TTS-{order_id}", "status": "printed"}))
    (floor.folder / "link.json").symlink_to(elsewhere)
    assert collect(shop) == []
    assert shop.stage(order_id) == "created"


def test_two_files_of_one_name_are_both_kept(shop: Shop) -> None:
    floor = Floor(shop)
    for _ in range(2):
        floor.drop("bad.json", "{")
        refused(shop)
    assert len(floor.files("failed")) == 4


def test_the_folder_is_made_where_there_is_none_and_named(shop: Shop) -> None:
    ran = shop.gcw("orders", "collect")
    assert str(shop.hand_off / "results") in ran.stderr.replace("\n", "")
    assert (shop.hand_off / "results").is_dir()


def test_a_hand_off_that_is_not_mounted_is_told(shop: Shop) -> None:
    shop.hand_off.rename(shop.hand_off.with_name("away"))
    try:
        shop.gcw.fails(6, "orders", "collect")
        assert not shop.hand_off.exists()
    finally:
        shop.hand_off.with_name("away").rename(shop.hand_off)


def test_an_order_whose_hand_off_is_not_noted_yet_is_waited_for(shop: Shop) -> None:
    """The run that placed it was killed, and production was fast."""
    order_id, floor = shop.released(), Floor(shop)
    with shop.session() as session:
        entry = session.exec(select(OutboxEntry).where(OutboxEntry.kind == "hand_off")).one()
        entry.state = "written"
    floor.says(order_id, "printed")
    assert [row["result"] for row in collect(shop)] == ["later"]
    shop.gcw("orders", "release")
    assert [row["result"] for row in collect(shop)] == ["moved"]
    assert shop.stage(order_id) == "printed"


def test_killed_anywhere_each_file_counts_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """There and back: what is read again must not print again."""
    commit, move, write = Session.commit, results._move, Path.write_text
    expected, places, at = None, [""], 0
    orders = [shop.released() for _ in range(20)]
    while at < len(places):
        order_id, floor = orders.pop(), Floor(shop)
        for number, status in enumerate(["printed", "in_production", "packaged", "nonsense"]):
            floor.says(order_id, status, at=LONG_AGO + number)
        reaper = Reaper(at)
        with monkeypatch.context() as patch:
            patch.setattr(Session, "commit", _around(reaper, "commit", commit))
            patch.setattr(results, "_move", _around(reaper, "move", move))
            patch.setattr(Path, "write_text", _around(reaper, "reason", write))
            try:
                shop.gcw.run("orders", "collect")
            except Killed:
                assert at
        places = reaper.places if not at else places
        shop.gcw.run("orders", "collect")
        reasons = [name for name in floor.files("failed") if order_id in name]
        came_to = (shop.stage(order_id), shop.history(order_id), floor.files(), len(reasons))
        expected = expected or came_to
        assert came_to == expected, f"killed {places[at - 1]}"
        at += 1
    assert len(places) > 10
    assert expected is not None
    assert expected[0] == "packaged"
    assert [what for what in expected[1] if what.startswith("now")] == [
        "now printed",
        "now in_production",
        "now packaged",
    ]


def _around(reaper: Reaper, what: str, real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given, **named: reaper.around(what, lambda: real(*given, **named))


def test_two_at_once_count_each_file_once(either_shop: Shop) -> None:
    orders, floor = [either_shop.released() for _ in range(3)], Floor(either_shop)
    for order_id in orders:
        for number, status in enumerate(["printed", "in_production", "packaged"]):
            floor.says(order_id, status, at=LONG_AGO + number)

    def work(gcw: Runtime, store: Any) -> list[results.Result]:
        with gcw.database.view() as session:
            facility = session.get_one(Facility, store.facility_id)
        return results.collect(gcw.database, gcw.seal, Act("test", gcw.now()), facility)

    at_once(either_shop, work)
    for order_id in orders:
        assert [what for what in either_shop.history(order_id) if what.startswith("now")] == [
            "now printed",
            "now in_production",
            "now packaged",
        ]
    assert (floor.files(), len(floor.files("done"))) == ([], 9)


@given(st.lists(st.sampled_from(sorted(IN_WORK)), min_size=1, max_size=4), st.sampled_from(Stage), st.booleans())
def test_whatever_is_reported_lines_move_along_the_table(found: list[Stage], target: Stage, one_unit: bool) -> None:
    order = Order(store_id=1, order_id="1", status="", placed_at=1, updated_at=1, read_at=1)
    lines = [Line(store_id=1, order_pk=1, line_id=str(place), sku_id="1", stage=one) for place, one in enumerate(found)]
    try:
        hearing.move(order, lines, target, one_unit=one_unit)
    except BadInput:
        return
    for before, line in zip(found, lines, strict=True):
        forward = target in FORWARD and FORWARD.index(before) < FORWARD.index(target)
        assert line.stage == before or line.stage == target
        assert line.stage == before or forward or target in NEXT[before]


@given(st.binary(max_size=300), st.sampled_from(["a.json", "a.csv"]))
def test_whatever_is_in_a_file_it_is_read_or_refused_in_words(content: bytes, name: str) -> None:
    assert_read_or_refused(name, content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
reported = st.fixed_dictionaries(
    {"orderReferenceId": json_values, "status": st.sampled_from(sorted(reports.STAGE_OF)) | json_values},
    optional={"items": json_values, "comment": json_values},
)


@given(reported)
def test_whatever_json_is_dropped_it_is_read_or_refused_in_words(told: dict[str, Any]) -> None:
    assert_read_or_refused("a.json", json.dumps(told).encode())


def assert_read_or_refused(name: str, content: bytes) -> None:
    refusal = "."
    try:
        found = reports.read(name, content)
        assert found
        assert all(one.reference and one.reference.isprintable() for one in found)
    except BadInput as error:
        refusal = str(error)
    assert refusal.endswith(".")
