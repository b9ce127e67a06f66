"""Out to a file, filled in, in again, and out once more."""

from pathlib import Path
from typing import Any

from bulk.conftest import (
    DESIGN,
    GLOSSY,
    ID,
    POSTER,
    PRODUCT_UID,
    STORE,
    UID,
    Host,
    counts,
    exported,
    filled,
    read,
    remembered,
    write,
)
from conftest import Gcw


def imported(gcw: Gcw, file: str, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = gcw("bulk", "import", file, "--json", *more).json
    return found


def test_export_fill_import_export(shop: Gcw, host: Host, database_url: str) -> None:
    before = exported(shop)
    assert [row for row in before if row[PRODUCT_UID] or row["Connection Status"] != "not_connected"] == []
    shown = {one["sku_id"]: one for one in shop("products", "list", STORE, "--json").json}
    assert {row[ID]: (row["Product Title"], row["SKU"]) for row in before} == {
        sku_id: (one["listing"], one["seller_sku"]) for sku_id, one in shown.items()
    }
    address = host.put("harbor.pdf")
    told = imported(shop, write(filled(before, address)))
    assert counts(told) == (len(before), 0, 0, 0)
    assert told["stores"] == [shop("store", "list", "--json").json[0]["name"]]
    assert host.asked == ["harbor.pdf"], "the same address is asked once"
    after = exported(shop, "after.csv")
    assert after == [row | {"Connection Status": "connected"} for row in filled(before, address)]
    stored = remembered(database_url)
    for file in ("after.csv", "filled.csv"):
        assert counts(imported(shop, file)) == (0, len(before), 0, 0)
    assert remembered(database_url) == stored, "no version and no event more"
    assert host.asked == ["harbor.pdf"]


def test_products_show_tells_where_a_version_came_from(shop: Gcw, host: Host) -> None:
    rows = filled(exported(shop)[:1], host.put("harbor.pdf"))
    imported(shop, write(rows))
    (version,) = shop("products", "show", STORE, rows[0][ID], "--json").json["versions"]
    assert version["product_uid"] == UID
    assert version["designs"]["default"]["source"] == rows[0][DESIGN]


def test_excel_both_ways(shop: Gcw, host: Host) -> None:
    import openpyxl

    shop("bulk", "export", STORE, "-o", "store.xlsx")
    book = openpyxl.load_workbook("store.xlsx")
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    assert sheet.freeze_panes == "A2"
    for row in sheet.iter_rows(min_row=2):
        assert {cell.data_type for cell in row if cell.value is not None} == {"s"}, "no id is a number"
        assert {cell.number_format for cell in row} == {"@"}
    fill = [cell.fill.fill_type for cell in sheet[2]]
    assert [name for name, how in zip(names, fill, strict=True) if how] == [PRODUCT_UID, DESIGN]
    address = host.put("harbor.pdf")
    for row in sheet.iter_rows(min_row=2, max_row=4):
        row[names.index(PRODUCT_UID)].value = UID
        row[names.index(DESIGN)].value = address
    book.save("filled.xlsx")
    told = imported(shop, "filled.xlsx")
    assert counts(told) == (3, 0, told["rows"] - 3, 0)
    assert told["result"] == "filled.result.xlsx"
    result = openpyxl.load_workbook("filled.result.xlsx").worksheets[0]
    assert [cell.value for cell in result[1]] == [*names, "Status", "Message"]
    assert [result.cell(row, len(names) + 1).value for row in (2, 3, 4, 5)] == ["connected"] * 3 + ["skipped"]
    assert counts(imported(shop, "filled.result.xlsx")) == (0, 3, told["rows"] - 3, 0)


def test_a_result_is_mended_and_imported_again(shop: Gcw, host: Host) -> None:
    rows = filled(exported(shop), host.put("harbor.pdf"))
    rows[0][PRODUCT_UID] = UID + "x"
    ran = shop.fails(7, "bulk", "import", write(rows), "--json")
    assert counts(ran.json) == (len(rows) - 1, 0, 0, 1)
    (failed,) = ran.json["failed_rows"]
    assert (failed["row"], failed["variant_id"]) == (2, rows[0][ID])
    assert UID in failed["message"], "it names the one that was meant"
    assert "filled.result.csv" in ran.error["hint"]
    result = read("filled.result.csv")
    assert [row["Status"] for row in result] == ["failed"] + ["connected"] * (len(rows) - 1)
    result[0][PRODUCT_UID] = GLOSSY
    told = imported(shop, write(result, "filled.result.csv"))
    assert counts(told) == (1, len(rows) - 1, 0, 0)
    assert told["result"] == "filled.result.2.csv"
    assert list(read("filled.result.2.csv")[0]) == list(result[0]), "Status and Message are there once"


def test_through_pipes(shop: Gcw, host: Host) -> None:
    text = shop("bulk", "export", STORE).stdout
    lines = text.splitlines()
    address = host.put("harbor.pdf")
    lines[1] = lines[1].rstrip(",") + f",{UID},{address}"
    told = shop("bulk", "import", "-", "--json", "--result", "out.csv", stdin="\n".join(lines) + "\n").json
    assert counts(told) == (1, 0, len(lines) - 2, 0)
    assert Path("out.csv").is_file()


def test_only_what_is_not_connected(shop: Gcw, host: Host) -> None:
    rows = exported(shop)
    imported(shop, write(filled(rows, host.put("harbor.pdf"), count=2)))
    shop("products", "ignore", STORE, rows[2][ID])
    left = exported(shop, "left.csv", "--not-connected")
    assert [row[ID] for row in left] == [row[ID] for row in rows[3:]]
    states = [row["Connection Status"] for row in exported(shop, "all.csv")]
    assert states[:4] == ["connected", "connected", "ignored", "not_connected"]


def test_a_design_given_twice_is_one_design(shop: Gcw, host: Host) -> None:
    rows = exported(shop)
    first, second = host.put("one.pdf"), host.put("two.pdf", POSTER)
    rows = [row | {PRODUCT_UID: UID, DESIGN: first if number % 2 else second} for number, row in enumerate(rows)]
    assert imported(shop, write(rows))["connected"] == len(rows)
    assert sorted(host.asked) == ["one.pdf", "two.pdf"]
