"""Bulk operations in Chromium: a file goes up, its work is watched, and what came of it is read."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bulk.conftest import DESIGN, PRODUCT_UID, UID, Host, host
from gcw_tiktok.workflow.storefronts import bulk
from pages import nothing_serious, seen_by_everybody
from portal.test_bulk import as_csv, downloaded, pages
from portal.test_looks import EMAIL, _sign_in
from portal.visit import Pages

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["host", "pages"]


@pytest.fixture
def filled(pages: Pages, host: Host, tmp_path: Path) -> Path:
    """A file of which some rows fail."""
    rows = downloaded(pages.admin(EMAIL))
    for number, row in enumerate(rows[:40]):
        row |= {PRODUCT_UID: UID, DESIGN: host.put("harbor.pdf")}
        if number % 7 == 3:
            row[DESIGN] = "C:\\Users\\ada\\Designs\\harbor-poster-final-final-2.pdf"
        if number % 7 == 5:
            row[PRODUCT_UID] = "flat_product_pf_24x36-inch_pt_200-gsm-coated-matte_cl_4-0_ver_unknown"
    file = tmp_path / "autumn collection.csv"
    file.write_bytes(as_csv(rows))
    return file


def test_bulk_operations(
    pages: Pages, address: str, page: "Page", filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sign_in(page, address, EMAIL)
    page.get_by_role("link", name="Bulk operations").click()
    page.wait_for_url("**/stores/1/bulk")
    _look(page, "bulk-first")
    with page.expect_download() as got:
        page.get_by_role("button", name="Download CSV").click()
    assert got.value.suggested_filename == "paper-harbor-prints-not-connected.csv"
    for button, heading in (("Check only", "Check of a file"), ("Import", "Import of a file")):
        page.goto(f"{address}/stores/1/bulk")
        page.get_by_label("File", exact=True).set_input_files(filled)
        page.get_by_role("button", name=button, exact=True).click()
        page.get_by_role("heading", name=heading).wait_for()
        page.get_by_role("link", name="Download the result").wait_for()
        _look(page, f"bulk-{button.split()[0].lower()}")
    page.goto(f"{address}/stores/1/bulk")
    _look(page, "bulk-last")
    assert page.get_by_role("row").count() == 3


def test_work_that_goes_on(
    pages: Pages, address: str, page: "Page", filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from playwright.sync_api import expect

    go = threading.Event()
    really = bulk._run

    def held(*given: object) -> object:
        beat = given[-1]
        beat(42_000, 100_000, "Rows: 42,000 of 100,000, 5,120 a second")  # type: ignore[operator]
        go.wait(60)
        return really(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "_run", held)
    _sign_in(page, address, EMAIL)
    page.goto(f"{address}/stores/1/bulk")
    page.get_by_label("File", exact=True).set_input_files(filled)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("5,120 a second").wait_for()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "42000")
    _look(page, "bulk-at-work")
    go.set()
    page.get_by_role("link", name="Download the result").wait_for()


def _look(page: "Page", name: str) -> None:
    seen_by_everybody(page, name)
    nothing_serious(page)
