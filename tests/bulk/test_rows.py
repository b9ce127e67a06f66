"""What is wrong with a row is told in its row; the others go on."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bulk.conftest import (
    DESIGN,
    GLOSSY,
    ID,
    POSTER,
    PRODUCT_UID,
    STORE,
    UID,
    Host,
    Rows,
    another_store,
    counts,
    exported,
    filled,
    read,
    remembered,
    write,
)
from conftest import Gcw, Sandbox
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Variant

CATALOG = """
models:
  - name: Card
    print_areas:
      - {name: front, required: true, formats: [pdf], min_dpi: 150, width_mm: 457.2, height_mm: 609.6}
      - {name: back, required: true, formats: [pdf], min_dpi: 150, width_mm: 457.2, height_mm: 609.6}
      - {name: inside, required: false, formats: [pdf], min_dpi: 150, width_mm: 457.2, height_mm: 609.6}
  - {name: Pen, printed: false}
products:
  - {name: Card, model: Card, customers: all, uids: [{uid: card, values: {}}]}
  - {name: Pen, model: Pen, customers: all, uids: [{uid: pen, values: {}}]}
  - {name: Secret card, model: Card, customers: [Other], uids: [{uid: secret, values: {}}]}
  - {name: Draft, model: Pen, customers: all, published: false, uids: [{uid: draft, values: {}}]}
"""
BACK, INSIDE = "Design File URL: back", "Design File URL: inside"


@pytest.fixture
def cards(shop: Gcw, tmp_path: Path) -> Gcw:
    """The shop with cards of several print areas, pens from stock, and a product of another customer."""
    shop("customer", "add", "Other", "--storefronts")
    (tmp_path / "cards.yaml").write_text(CATALOG)
    shop("catalog", "import", "cards.yaml")
    return shop


def outcome(gcw: Gcw, file: str, *more: str) -> list[tuple[str, str]]:
    """Status and message of each row, from the result file."""
    ran = gcw.run("bulk", "import", file, "--result", "result.csv", *more)
    assert ran.code in (0, 7), ran
    found = [(row["Status"], row["Message"]) for row in read("result.csv")]
    assert (ran.code == 7) == any(status == "failed" for status, _ in found)
    return found


def test_each_row_is_told_what_is_wrong_with_it(cards: Gcw, host: Host, sandbox: Sandbox) -> None:
    good = host.put("good.pdf")
    host.put("page.html", b"<html><body>Sign in</body></html>")
    rows = exported(cards)[:14]
    for row in rows:
        row |= {PRODUCT_UID: UID, DESIGN: good, BACK: "", INSIDE: ""}
    cases: list[tuple[dict[str, str], str]] = [
        ({}, ""),
        ({PRODUCT_UID: UID[:-1]}, f"Did you mean {UID}"),
        ({PRODUCT_UID: "secret"}, "may not order"),
        ({PRODUCT_UID: "draft", DESIGN: ""}, "not published"),
        ({PRODUCT_UID: ""}, "The Product UID is missing"),
        ({DESIGN: ""}, "A design is missing for default"),
        ({PRODUCT_UID: "pen"}, "comes from stock"),
        ({PRODUCT_UID: "card", BACK: ""}, "A design is missing for back. Fill in Design File URL: back."),
        ({BACK: good}, "has no print area 'back'"),
        ({DESIGN: f"{host.url}/nothing.pdf"}, "There is nothing at"),
        ({DESIGN: f"{host.url}/page.html"}, "is a web page"),
        (
            {DESIGN: "https://drive.google.com/file/d/abc123/view"},
            "https://drive.google.com/uc?export=download&id=abc123",
        ),
        ({DESIGN: "/etc/hostname"}, "--local-files"),
        ({ID: "1799999999999999999"}, "No store has a variant 1799999999999999999"),
    ]
    rows = [row | change for row, (change, _) in zip(rows, cases, strict=True)]
    told = outcome(cards, write(rows))
    assert told[0] == ("connected", "")
    for (status, message), (change, wanted) in list(zip(told, cases, strict=True))[1:]:
        assert status == "failed", change
        assert wanted in message, change


def test_several_print_areas_and_goods_from_stock(cards: Gcw, host: Host) -> None:
    front, back = host.put("front.pdf"), host.put("back.pdf", POSTER + b"\n% back\n")
    rows = exported(cards)[:3]
    assert list(rows[0])[-2:] == [BACK, INSIDE], "areas of what may be ordered have columns"
    rows[0] |= {PRODUCT_UID: "card", DESIGN: front, BACK: back}
    rows[1] |= {PRODUCT_UID: "card", DESIGN: front, BACK: back, INSIDE: front}
    rows[2] |= {PRODUCT_UID: "pen"}
    assert [status for status, _ in outcome(cards, write(rows))] == ["connected"] * 3
    assert exported(cards, "again.csv")[:3] == [row | {"Connection Status": "connected"} for row in rows]
    assert [status for status, _ in outcome(cards, "again.csv")][:3] == ["unchanged"] * 3


def test_rows_with_nothing_filled_in_disconnect_nothing(shop: Gcw, host: Host, database_url: str) -> None:
    rows = exported(shop)
    outcome(shop, write(filled(rows, host.put("a.pdf"))))
    before = remembered(database_url)
    assert {status for status, _ in outcome(shop, write(rows))} == {"skipped"}
    assert remembered(database_url) == before


def test_the_second_of_two_rows_for_one_variant_fails(shop: Gcw, host: Host) -> None:
    row = filled(exported(shop)[:1], host.put("a.pdf"))[0]
    empty = row | {PRODUCT_UID: "", DESIGN: ""}
    told = outcome(shop, write([empty, row, row | {PRODUCT_UID: GLOSSY}]))
    assert [status for status, _ in told] == ["skipped", "connected", "failed"]
    assert "Row 3 names the same variant" in told[2][1]


def test_ids_that_a_spreadsheet_shortened_are_named(shop: Gcw, host: Host) -> None:
    rows = filled(exported(shop)[:4], host.put("a.pdf"))
    ids = [row[ID] for row in rows]
    for row, wrong in zip(rows, ("1.73E+18", "1,7295E+18", "1729000000000000000"), strict=False):
        row[ID] = wrong
    rows[2]["SKU"] = "nobody's"
    told = outcome(shop, write(rows))
    assert [status for status, _ in told] == ["failed"] * 3 + ["connected"]
    for number in (0, 1):
        assert "a spreadsheet has shortened the id" in told[number][1]
        assert f"By its SKU {rows[number]['SKU']} it is {ids[number]}." in told[number][1]
    assert "shortened the id. Format the column as text" in told[2][1]


def test_numbers_of_an_excel_file_are_named_too(shop: Gcw, host: Host) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([ID, PRODUCT_UID, DESIGN])
    sheet.append([1.73e18, UID, host.put("a.pdf")])
    book.save("numbers.xlsx")
    ran = shop.fails(7, "bulk", "import", "numbers.xlsx", "--json")
    assert "No store has a variant 1.73E+18" in ran.json["failed_rows"][0]["message"]


def test_a_store_that_is_named_refuses_other_stores_rows(
    shop: Gcw, host: Host, sandbox: Sandbox, monkeypatch: Any
) -> None:
    other = another_store(shop, sandbox, monkeypatch)
    address = host.put("a.pdf")
    mine = filled(exported(shop)[:1], address)
    shop("bulk", "export", other, "-o", "theirs.csv")
    both = mine + filled(read("theirs.csv")[:1], address)
    told = outcome(shop, write(both), "--store", STORE)
    assert [status for status, _ in told] == ["connected", "failed"]
    assert told[1][1] == f"{both[1][ID]} belongs to another store, {other}."
    assert [status for status, _ in outcome(shop, write(both))] == ["unchanged", "connected"], "else each finds its own"


def test_a_variant_that_tiktok_no_longer_lists_is_not_connected(shop: Gcw, host: Host, database_url: str) -> None:
    rows = filled(exported(shop)[:2], host.put("a.pdf"))
    database = Database(database_url)
    with database.session() as session:
        session.exec(select(Variant).where(Variant.sku_id == rows[0][ID])).one().gone_at = 1
    database.close()
    told = outcome(shop, write(rows))
    assert told[0] == ("failed", "TikTok no longer lists this variant.")
    assert told[1] == ("connected", "")


def test_a_row_for_what_is_ignored_connects_it(shop: Gcw, host: Host) -> None:
    rows = filled(exported(shop)[:1], host.put("a.pdf"))
    shop("products", "ignore", STORE, rows[0][ID])
    assert outcome(shop, write(rows)) == [("connected", "")]
    assert exported(shop)[0]["Connection Status"] == "connected"


def test_many_wrong_uids_cost_no_search_each(shop: Gcw, host: Host, monkeypatch: Any) -> None:
    from gcw_tiktok.workflow.catalog import offer

    searched: list[str] = []
    near = offer.get_close_matches
    monkeypatch.setattr(offer, "get_close_matches", lambda word, *more: searched.append(word) or near(word, *more))
    rows: Rows = filled(exported(shop), host.put("a.pdf"))
    several = [row | {PRODUCT_UID: f"wrong-{number % 40}", ID: rows[0][ID]} for number, row in enumerate(rows)]
    for number, row in enumerate(several):
        row[ID] = rows[number][ID]
    told = outcome(shop, write(several))
    assert {status for status, _ in told} == {"failed"}
    assert len(searched) == len(set(searched)) <= 20


def test_the_screen_says_it_in_short(shop: Gcw, host: Host) -> None:
    rows = filled(exported(shop), host.put("a.pdf"))
    rows[0][PRODUCT_UID] = "no such"
    ran = shop.fails(7, "bulk", "import", write(rows))
    assert f"connected  {len(rows) - 1}" in ran.stdout
    assert "Row 2: There is no product UID 'no such'" in ran.stderr
    assert "gcw bulk import filled.result.csv" in ran.stderr


@pytest.mark.parametrize("header", ["Title,SKU", "Store Variant ID,SKU", ""])
def test_a_file_without_its_columns_is_refused(connected: Gcw, tmp_path: Path, header: str) -> None:
    (tmp_path / "x.csv").write_text(header + "\n1,2\n")
    error = connected.fails(4, "bulk", "import", str(tmp_path / "x.csv"), "--json").error
    assert error["code"] == "bad_columns"
    assert "gcw bulk export" in error["hint"]
    assert not (tmp_path / "x.result.csv").exists()


def test_a_column_that_is_there_twice_is_refused(connected: Gcw, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Store Variant ID,Product UID,product_uid\n")
    assert "twice" in connected.fails(4, "bulk", "import", str(tmp_path / "x.csv"), "--json").error["message"]


def test_what_is_no_table_is_refused_in_words(connected: Gcw, tmp_path: Path) -> None:
    for name, content in (
        ("a.xlsx", b"PK\x03\x04 and no more"),
        ("b.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("c.csv", b"a\0b"),
        ("d.csv", b"\x81\xff\xfe\x90"),
    ):
        (tmp_path / name).write_bytes(content)
        connected.fails(4, "bulk", "import", str(tmp_path / name))
    connected.fails(4, "bulk", "import", str(tmp_path / "none.csv"))
    connected.fails(4, "bulk", "import", str(tmp_path))


def test_counts_are_those_of_the_file(shop: Gcw, host: Host) -> None:
    rows = filled(exported(shop), host.put("a.pdf"), count=3)
    rows[1][PRODUCT_UID] = "wrong"
    told = shop.fails(7, "bulk", "import", write(rows), "--json").json
    assert counts(told) == (2, 0, len(rows) - 3, 1)
    assert told["rows"] == len(rows)
