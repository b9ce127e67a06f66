"""A day's parcels from a file: a row each, dry or for good, and run again without harm."""

import csv
from pathlib import Path

import pytest

from orders import killing
from orders.shop import NUMBER, SECOND_NUMBER, Json, Shop
from orders.test_killed_anywhere import Stand, postgres_stand, stand

__all__ = ["postgres_stand", "stand"]
THIRD_NUMBER = "9400111206206406260787"
HEADER = "Order ID,Carrier,Tracking number,Lines,Note"


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "parcels.csv"
    file.write_text("\n".join([header, *rows]) + "\n")
    return file


def result(file: Path) -> list[dict[str, str]]:
    with file.with_name("parcels.result.csv").open(encoding="utf-8-sig", newline="") as rows:
        return list(csv.DictReader(rows))


def test_each_row_is_a_parcel(shop: Shop, tmp_path: Path) -> None:
    first, second = shop.released(), shop.released(2)
    one, other = shop.lines(second)
    file = written(
        tmp_path,
        f"{first},USPS,{NUMBER},,=not a formula",
        f"{second},USPS,{SECOND_NUMBER},{one},",
        f"{second},USPS,{THIRD_NUMBER},{other},",
    )
    told = shop.gcw("orders", "ship", "--from", str(file), "--json").json
    assert (told["rows"], told["shipped"], told["failed"]) == (3, 3, 0)
    assert shop.stage(first) == shop.stage(second) == "shipped"
    assert [parcel["tracking_number"] for parcel in shop.order(second)["parcels"]] == [SECOND_NUMBER, THIRD_NUMBER]
    assert [row["Status"] for row in result(file)] == ["shipped"] * 3
    again = shop.gcw("orders", "ship", "--from", str(file), "--json").json
    assert (again["shipped"], again["unchanged"]) == (0, 3)
    assert len(shop.told()) == 3


def test_a_row_that_fails_stops_no_other_and_its_result_can_be_mended(shop: Shop, tmp_path: Path) -> None:
    first, second, waiting = shop.released(), shop.released(), shop.ready()
    file = written(
        tmp_path,
        f"{first},USPS,{NUMBER[:-1]}9,,",
        f"{waiting},USPS,{SECOND_NUMBER},,",
        "577999999999999999,USPS,1,,",
        ",USPS,1,,",
        f"{second},USPS,{THIRD_NUMBER},,",
    )
    ran = shop.gcw.run("orders", "ship", "--from", str(file), "--json")
    assert (ran.code, shop.stage(second)) == (7, "shipped")
    assert [row["row"] for row in ran.json["failed_rows"]] == [2, 3, 4, 5]
    said = [row["Message"] for row in result(file)]
    for words, message in zip(("check digit", "never released", "no order", "names no order"), said, strict=False):
        assert words in message
    mended = file.with_name("parcels.result.csv")
    mended.write_text(mended.read_text(encoding="utf-8-sig").replace(f"{NUMBER[:-1]}9", NUMBER))
    ran = shop.gcw.run("orders", "ship", "--from", str(mended), "--json")
    assert (ran.json["shipped"], ran.json["unchanged"], ran.json["failed"]) == (1, 1, 3)
    assert len(shop.told()) == 2


def test_a_dry_run_tells_tiktok_nothing(shop: Shop, tmp_path: Path) -> None:
    first, second = shop.released(), shop.released()
    shop.gcw(*shop.ship(second, number=SECOND_NUMBER))
    file = written(
        tmp_path, f"{first},USPS,{NUMBER},,", f"{second},USPS,{SECOND_NUMBER},,", f"{first},UPS,{THIRD_NUMBER},,"
    )
    ran = shop.gcw.run("orders", "ship", "--from", str(file), "--dry-run", "--json")
    assert ran.code == 7
    assert (ran.json["shipped"], ran.json["unchanged"], ran.json["failed"]) == (1, 1, 1)
    assert "looks like one of USPS" in ran.json["failed_rows"][0]["message"]
    assert (len(shop.told()), shop.stage(first)) == (1, "created")
    assert not file.with_name("parcels.result.csv").exists()


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("order,carrier", "no column tracking"),
        ("a,b", "no column order or carrier"),
        (f"{HEADER},order", "Two columns"),
    ],
)
def test_a_file_without_its_columns_is_refused(shop: Shop, tmp_path: Path, header: str, says: str) -> None:
    file = written(tmp_path, header=header)
    assert says in shop.gcw.fails(4, "orders", "ship", "--from", str(file), "--json").error["message"]


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "a.csv", "--carrier", "USPS"),
        ("577", "--from", "a.csv"),
        ("577", "--carrier", "USPS"),
        ("577", "--carrier", "USPS", "--tracking", NUMBER, "--dry-run"),
        (),
    ],
)
def test_what_does_not_go_together(shop: Shop, words: tuple[str, ...]) -> None:
    shop.gcw.fails(2, "orders", "ship", *words)


def test_rows_from_stdin(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    order_id = shop.released()
    told: Json = shop.gcw(
        "orders", "ship", "--from", "-", "--json", stdin=f"order;carrier;tracking\n{order_id};USPS;{NUMBER}\n"
    ).json
    assert (told["file"], told["shipped"], told["result"]) == ("stdin", 1, "gcw-ship.result.csv")
    assert (tmp_path / "gcw-ship.result.csv").exists()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_killed_anywhere(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> None:
    at: Stand = request.getfixturevalue("stand" if engine == "sqlite" else "postgres_stand")
    first, second = at.shop.released(), at.shop.released()
    file = written(tmp_path, f"{first},USPS,{NUMBER},,", f"{second},USPS,{SECOND_NUMBER},,")
    at.keep()
    command = ("orders", "ship", "--from", str(file))
    assert at.survives(*command, every=3 if engine == "sqlite" else 7, after=("orders", "pull")) > 20
    assert killing.run(at.shop, command)  # and once more
    assert len(at.shop.told()) == 2
