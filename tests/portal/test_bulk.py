"""Products connected by a file: downloaded, filled in, uploaded, and told what came of it."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bulk.conftest import DESIGN, ID, POSTER, PRODUCT_UID, UID, Host, host
from conftest import Gcw, Sandbox
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.storefronts import bulk
from portal.visit import Pages, Visitor, pages_of
from postbox import Postbox, Server

__all__ = ["host"]
Rows = list[dict[str, str]]


@pytest.fixture
def pages(connected: Gcw, host: Host, sandbox: Sandbox) -> Iterator[Pages]:
    """The pages, which may fetch designs from the host on this machine."""
    with pages_of(connected, sandbox) as found:
        yield found


def downloaded(visitor: Visitor, kind: str = ".csv", only: str = "") -> Rows:
    visitor.get("/stores/1/bulk")
    answer = visitor.post("/stores/1/bulk/export", 200, kind=kind, only=only)
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def as_csv(rows: Rows) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def uploaded(pages: Pages, visitor: Visitor, content: bytes, name: str = "filled.csv", **ticked: Any) -> str:
    """The address of what came of a file."""
    visitor.get("/stores/1/bulk")
    return started(pages, visitor, visitor.post("/stores/1/bulk/import", file=(io.BytesIO(content), name), **ticked))


def started(pages: Pages, visitor: Visitor, answer: Any) -> str:
    """The address of what came of the work that this answer leads to."""
    pages.done()
    address: str = answer.headers["Location"]
    visitor.get(address)
    return address


def result_of(visitor: Visitor, address: str) -> Rows:
    answer = visitor.get(f"/jobs/{address.rpartition('/')[2]}/file")
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def connections(pages: Pages) -> int:
    return sum(one["connection"] == "connected" for one in pages.gcw("products", "list", "Paper Harbor", "--json").json)


def figures(visitor: Visitor) -> dict[str, int]:
    found = re.findall(r"<dt>([^<]+)</dt><dd>([\d,]+)</dd>", visitor.seen)
    return {name: int(count.replace(",", "")) for name, count in found}


def test_a_file_goes_out_and_comes_in(pages: Pages, host: Host) -> None:
    admin, design = pages.admin(), host.put("a.pdf")
    rows = downloaded(admin)
    out = pages.gcw("bulk", "export", "Paper Harbor").stdout
    assert rows == list(csv.DictReader(io.StringIO(out))), "the same as `gcw bulk export` writes"
    for row in rows[:2]:
        row |= {PRODUCT_UID: UID, DESIGN: design}
    rows[2] |= {PRODUCT_UID: "no such product", DESIGN: design}
    address = uploaded(pages, admin, as_csv(rows))
    assert figures(admin)["Connected"] == 2
    assert figures(admin)["Failed"] == 1
    assert "There is no product UID &#39;no such product&#39; that you may order." in admin.seen
    assert "gcw " not in admin.text
    assert connections(pages) == 2
    result = result_of(admin, address)
    assert [row["Status"] for row in result[:3]] == ["connected", "connected", "failed"]
    assert len(result) == len(rows)
    left = downloaded(admin, only="not_connected")
    assert len(left) == len(rows) - 2
    admin.get("/stores/1/bulk")
    assert "filled.csv: 2 connected, 0 as they were, 1 failed." in admin.text


def test_what_may_be_filled_in_is_there_as_a_file(pages: Pages) -> None:
    admin = pages.admin()
    content = admin.get("/stores/1/bulk/product-uids.csv").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert UID in {row[PRODUCT_UID] for row in rows}
    assert {row["Product"] for row in rows} >= {"Harbor Poster"}


def test_a_check_changes_nothing(pages: Pages, host: Host) -> None:
    admin = pages.admin()
    rows = downloaded(admin)
    rows[0] |= {PRODUCT_UID: UID, DESIGN: host.put("a.pdf")}
    uploaded(pages, admin, as_csv(rows), do="check")
    assert figures(admin)["To connect"] == 1
    assert "nothing was connected" in admin.text
    assert "not connected" in admin.text
    assert connections(pages) == 0


def test_what_was_checked_is_imported_without_another_upload(pages: Pages, host: Host) -> None:
    admin = pages.admin()
    rows = downloaded(admin)
    for row in rows[:2]:
        row |= {PRODUCT_UID: UID, DESIGN: host.put("a.pdf")}
    rows[2] |= {PRODUCT_UID: "wrong", DESIGN: host.put("a.pdf")}
    checked = uploaded(pages, admin, as_csv(rows), do="check")
    assert "Import the rows that are right" in admin.text
    address = started(pages, admin, admin.post(f"{checked}/import", 302))
    assert (figures(admin)["Connected"], figures(admin)["Failed"], connections(pages)) == (2, 1, 2)
    assert "filled.csv" in admin.text
    admin.post(f"{address}/import", 404)  # that was no check
    assert [row["Status"] for row in result_of(admin, address)[:3]] == ["connected", "connected", "failed"]


def test_a_check_of_all_or_nothing_offers_no_half(pages: Pages, host: Host) -> None:
    admin = pages.admin()
    rows = downloaded(admin)
    for row in rows[:2]:
        row |= {PRODUCT_UID: UID, DESIGN: host.put("a.pdf")}
    rows[1][PRODUCT_UID] = "wrong"
    checked = uploaded(pages, admin, as_csv(rows), do="check", all_or_nothing="on")
    assert "Import" not in re.findall(r"<button>([^<]*)</button>", admin.seen)
    started(pages, admin, admin.post(f"{checked}/import", 302))
    assert connections(pages) == 0, "asked all the same, it is all or nothing"


def test_all_or_nothing(pages: Pages, host: Host) -> None:
    admin, design = pages.admin(), host.put("a.pdf")
    rows = downloaded(admin)
    for row in rows[:2]:
        row |= {PRODUCT_UID: UID, DESIGN: design}
    rows[1][PRODUCT_UID] = "wrong"
    uploaded(pages, admin, as_csv(rows), all_or_nothing="on")
    admin.get("/stores/1/bulk")
    assert "nothing connected, since 1 failed" in admin.text
    assert connections(pages) == 0
    rows[1][PRODUCT_UID] = UID
    uploaded(pages, admin, as_csv(rows), all_or_nothing="on")
    assert (figures(admin)["Connected"], connections(pages)) == (2, 2)


def test_an_excel_file_does_as_well(pages: Pages, host: Host, tmp_path: Path) -> None:
    import openpyxl

    admin = pages.admin()
    admin.get("/stores/1/bulk")
    answer = admin.post("/stores/1/bulk/export", 200, kind=".xlsx", only="")
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    header = [cell.value for cell in book.active[1]]
    book.active.cell(2, header.index(PRODUCT_UID) + 1).value = UID
    book.active.cell(2, header.index(DESIGN) + 1).value = host.put("a.pdf")
    book.save(tmp_path / "filled.xlsx")
    uploaded(pages, admin, (tmp_path / "filled.xlsx").read_bytes(), "filled.xlsx")
    assert (figures(admin)["Connected"], connections(pages)) == (1, 1)


SECRETS = ["/etc/passwd", "file:///etc/passwd", "../../../etc/passwd", "design.pdf", "~/design.pdf", "\\\\host\\a.pdf"]


@pytest.mark.parametrize("who", ["admin", "operator"])
def test_no_path_on_this_machine_is_read(
    pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Each is refused in its row, even where there is a file that could be printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "design.pdf").write_bytes(POSTER)
    visitor = pages.admin() if who == "admin" else pages.operator()
    rows = downloaded(visitor)
    visitor.get("/stores/1/bulk")
    known = pinning.take(io.BytesIO(POSTER + b"\n% of somebody else\n"), "secret.pdf", pages.portal.designs)
    theirs = pinning.address_of(known, "secret.pdf")
    paths = [*SECRETS, str(tmp_path / "design.pdf"), f"file://{tmp_path / 'design.pdf'}", theirs]
    assert len(rows) > len(paths)
    for row, path in zip(rows, paths, strict=False):
        row |= {PRODUCT_UID: UID, DESIGN: path}
    address = uploaded(pages, visitor, as_csv(rows))
    assert figures(visitor)["Failed"] == len(paths)
    result = result_of(visitor, address)[: len(paths)]
    for row in result:
        assert row["Status"] == "failed"
        assert "is no web address" in row["Message"], row
        assert "link that begins with https://" in row["Message"], "a way on that a page has"
        assert "root:" not in row["Message"]
    assert connections(pages) == 0
    assert list(pages.portal.designs.glob("*.pdf")) == [known.path], "nothing was brought in"


def test_what_lies_on_this_machine_is_told_by_its_name_and_stays_as_it_is(pages: Pages, tmp_path: Path) -> None:
    (tmp_path / "harbor.pdf").write_bytes(POSTER)
    admin = pages.admin()
    sku = downloaded(admin)[0][ID]
    pages.gcw("products", "connect", "Paper Harbor", sku, UID, "--design", str(tmp_path / "harbor.pdf"))
    rows = downloaded(admin)
    assert rows[0][DESIGN] == "uploaded: harbor.pdf"
    assert str(tmp_path) not in admin.seen
    uploaded(pages, admin, as_csv(rows))
    assert (figures(admin)["As they were"], figures(admin)["Failed"]) == (1, 0)
    rows[0][PRODUCT_UID] = UID.replace("matte", "glossy")
    uploaded(pages, admin, as_csv(rows))
    assert figures(admin)["Failed"] == 1, "a name is no file"


def test_nothing_is_told_of_other_customers(pages: Pages, host: Host) -> None:
    """Neither whose a variant is, nor that there is a product for others."""
    other = other_customer(pages)
    mine = downloaded(pages.admin())
    row = dict(mine[0]) | {PRODUCT_UID: UID, DESIGN: host.put("a.pdf")}
    other.get("/bulk")
    for path in ("/stores/1/bulk", "/stores/99/bulk", "/stores/1/bulk/product-uids.csv"):
        other.get(path, status=404)
    for path in ("/stores/1/bulk/export", "/stores/1/bulk/import"):
        other.post(path, 404, kind=".csv", file=(io.BytesIO(as_csv([row])), "a.csv"))
    assert connections(pages) == 0
    admin = pages.visitor().sign_in("ada@harbor.example")
    address = uploaded(pages, admin, as_csv([row]))
    assert connections(pages) == 1
    for path in (address, f"/jobs/{address.rpartition('/')[2]}", f"/jobs/{address.rpartition('/')[2]}/file"):
        admin.get(path)
        other.get(path, status=404)


def other_customer(pages: Pages) -> Visitor:
    pages.gcw("customer", "add", "Other House", "--storefronts")
    return pages.admin("eve@other.example", "Other House")


def test_a_variant_of_anothers_store_is_as_unknown_as_one_that_nobody_has(
    pages: Pages, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    import webbrowser

    other = other_customer(pages)
    monkeypatch.setattr(webbrowser, "open", pages.sandbox.allow("tidewater"))
    code = next(shop.code for shop in pages.sandbox.world.shops() if shop.name.startswith("Tidewater"))
    pages.gcw("store", "connect", "--customer", "Other House", "--facility", "Main floor", "--shop", code)
    pages.gcw("products", "sync", code)
    mine = downloaded(pages.admin())[0] | {PRODUCT_UID: UID, DESIGN: host.put("a.pdf")}
    other.get("/stores/2/bulk")
    answer = other.post("/stores/2/bulk/import", file=(io.BytesIO(as_csv([mine])), "a.csv"))
    pages.done()
    other.get(answer.headers["Location"])
    assert f"No store has a variant {mine[ID]}." in other.text
    assert "Paper Harbor" not in other.text
    assert connections(pages) == 0


def test_the_result_comes_by_mail_where_there_is_a_server(connected: Gcw, host: Host, sandbox: Sandbox) -> None:
    box = Postbox()
    with Server(box):
        words = ("--host", "127.0.0.1", "--port", str(box.port), "--security", "none", "--from", "prints@example.com")
        connected("config", "mail", *words)
        with pages_of(connected, sandbox) as pages:
            admin = pages.admin()
            rows = downloaded(admin)
            rows[0] |= {PRODUCT_UID: UID, DESIGN: host.put("a.pdf")}
            uploaded(pages, admin, as_csv(rows), mail="on")
            assert "A mail went to ada@harbor.example." in admin.text
    (mail,) = box.mails
    assert mail["To"] == "ada@harbor.example"
    assert "filled.csv" in mail["Subject"]
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "filled.result.csv"


def test_without_a_mail_server_nothing_pretends(pages: Pages, host: Host) -> None:
    admin = pages.admin()
    admin.get("/stores/1/bulk")
    assert "cannot be sent by mail" in admin.text
    rows = downloaded(admin)
    rows[0] |= {PRODUCT_UID: UID, DESIGN: host.put("a.pdf")}
    uploaded(pages, admin, as_csv(rows), mail="on")
    assert "No mail was sent" in admin.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", POSTER, "is no .csv or .xlsx file"),
        ("", b"", "No file was chosen"),
    ],
)
def test_what_is_no_file_of_rows_is_said_at_once(pages: Pages, name: str, content: bytes, said: str) -> None:
    admin = pages.admin()
    admin.get("/stores/1/bulk")
    admin.post("/stores/1/bulk/import", 400, file=(io.BytesIO(content), name), all_or_nothing="on")
    assert said in admin.text
    assert re.search(r'name="all_or_nothing" value="on" checked', admin.seen), "what was ticked stays"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\n", "Download the file of this store, and fill that in."),
        (b"\xd0\xcf\x11\xe0 old", "mine.csv is an old Excel file"),
        (b"Store Variant ID,Product UID\n1\0,2\n", "The file is no text"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(pages: Pages, content: bytes, said: str) -> None:
    admin = pages.admin()
    uploaded(pages, admin, content, "C:\\Users\\ada\\mine.csv")
    assert said in admin.text
    assert "gcw" not in admin.text


def test_too_large_a_file_is_not_taken(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    page = pages.app.view_functions["bulk.import_"]
    assert page.largest_request == 60 << 20  # type: ignore[attr-defined]
    monkeypatch.setattr(page, "largest_request", 100_000)
    monkeypatch.setitem(pages.app.config, "MAX_CONTENT_LENGTH", 10_000)
    admin = pages.admin()
    rows = as_csv([{ID: "1", PRODUCT_UID: ""}])
    uploaded(pages, admin, rows + b"\n" * 50_000)
    assert figures(admin)["Failed"] == 0, "more than other pages take"
    admin.get("/stores/1/bulk")
    admin.post("/stores/1/bulk/import", 413, file=(io.BytesIO(rows + b"\n" * 100_000), "large.csv"))
    visitor = pages.visitor()
    visitor.get("/sign-in")
    visitor.post("/stores/1/bulk/import", 413, file=(io.BytesIO(b"\n" * 50_000), "large.csv"))


def test_many_variants_are_written_as_work_that_goes_on(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", {".csv": 1, ".xlsx": 1})
    admin = pages.admin()
    admin.get("/stores/1/bulk")
    address = admin.post("/stores/1/bulk/export", kind=".csv", only="").headers["Location"]
    pages.done()
    admin.get(address)
    assert "Download paper-harbor-prints.csv" in admin.text
    assert result_of(admin, address)[0][ID]


def test_no_uploaded_file_is_left_behind(pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    admin = pages.admin()
    uploaded(pages, admin, as_csv(downloaded(admin)))
    uploaded(pages, admin, b"nonsense")
    assert list(aside.iterdir()) == []
