"""Whatever stands beside a row in its file, it comes to the same."""

import csv
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bulk.conftest import (
    DESIGN,
    GLOSSY,
    ID,
    POSTER,
    PRODUCT_UID,
    STORE,
    UID,
    Host,
    another_store,
    exported,
    read,
    write,
)
from conftest import Gcw, Sandbox
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Connection, Variant
from gcw_tiktok.workflow.bulk import importing

GONE = "TikTok no longer lists this variant."


class Case(NamedTuple):
    """A row, with what it comes to."""

    row: dict[str, str]
    status: str = "connected"
    message: str = ""
    """How it begins."""
    was: str = ""
    """The design that its variant prints before."""
    versions: int = 1
    """How many connections its variant has in the end."""
    further: tuple[str, ...] = ()
    """Cells beyond the header."""


@pytest.fixture
def cases(shop: Gcw, host: Host, sandbox: Sandbox, database_url: str, monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """Rows of every kind for variants of two stores, which print this or that already."""
    new, old = host.put("new.pdf"), host.put("old.pdf", POSTER + b"\n% old\n")
    other = another_store(shop, sandbox, monkeypatch)
    shop("bulk", "export", other, "-o", "theirs.csv")
    mine = [row | {PRODUCT_UID: UID, DESIGN: new} for row in exported(shop)[:16]]
    theirs = [row | {PRODUCT_UID: UID, DESIGN: new} for row in read("theirs.csv")[:4]]
    before = [*(mine[at] for at in (1, 6)), theirs[1]]
    before += [row | {DESIGN: old} for row in (*(mine[at] for at in (2, 3, 7)), theirs[3])]
    shop("bulk", "import", write(before))
    shop("products", "disconnect", STORE, mine[3][ID])
    shop("products", "ignore", STORE, mine[10][ID])
    _no_longer_list(database_url, [*(mine[at][ID] for at in (4, 5, 6, 7)), theirs[2][ID]], mine[5][ID], mine[0][ID])
    return [
        Case(mine[0]),
        Case(mine[1], "unchanged"),
        Case(mine[2], was=old, versions=2),
        Case(mine[3], versions=2),
        Case(mine[4], "failed", GONE, versions=0),
        Case(mine[5], "failed", f"{GONE} It lists {mine[0][ID]} in its place.", versions=0),
        Case(mine[6], "unchanged"),
        Case(mine[7], "failed", GONE),
        Case(mine[8] | {PRODUCT_UID: "wrong"}, "failed", "There is no product UID 'wrong'", versions=0),
        Case(mine[9] | {DESIGN: ""}, "failed", "A design is missing", versions=0),
        Case(mine[10]),
        Case(mine[11] | {PRODUCT_UID: "", DESIGN: ""}, "skipped", versions=0),
        Case(mine[12] | {PRODUCT_UID: GLOSSY}),
        Case(mine[13], "failed", "The row has more cells", versions=0, further=("more",)),
        Case(mine[14] | {DESIGN: old}),
        Case(mine[15] | {ID: "1799999999999999999"}, "failed", "No store has a variant", versions=0),
        Case(mine[15] | {ID: ""}, "failed", "The Store Variant ID is missing.", versions=0),
        Case(theirs[0]),
        Case(theirs[1], "unchanged"),
        Case(theirs[2], "failed", GONE, versions=0),
        Case(theirs[3], was=old, versions=2),
    ]


def _no_longer_list(url: str, sku_ids: list[str], replaced: str, by: str) -> None:
    database = Database(url)
    with database.session() as session:
        for variant in session.exec(select(Variant).where(col(Variant.sku_id).in_(sku_ids))):
            variant.gone_at = 1
            variant.replaced_by = by if variant.sku_id == replaced else None
    database.close()


def written(cases: list[Case]) -> str:
    names = [name for name in cases[0].row if name != "SKU"]
    with Path("mixed.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([*(case.row[name] for name in names), *case.further] for case in cases)
    return "mixed.csv"


def outcome(gcw: Gcw, cases: list[Case], *more: str) -> list[dict[str, str]]:
    gcw.fails(7, "bulk", "import", written(cases), "--result", "result.csv", *more)
    return read("result.csv")


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_rows_of_all_kinds_and_stores_do_not_concern_each_other(
    shop: Gcw, cases: list[Case], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.permutations(cases), st.integers(0, len(cases) - 1))
    def in_any_order(some: list[Case], repeated: int) -> None:
        again = some[repeated]
        for row, case in zip(outcome(shop, [*some, again], "--dry-run"), some, strict=False):
            assert row["Status"] == case.status.replace("connected", "to connect")
            was = f"{UID} (default: {case.was})" if case.was else "not connected"
            will_be = f"{case.row[PRODUCT_UID]} (default: {case.row[DESIGN]})"
            assert row["Message"].startswith(case.message or f"{was} -> {will_be}" * (case.status == "connected"))
        last = read("result.csv")[-1]
        named = again.row[PRODUCT_UID] and again.row[ID].startswith("17296")
        first = f"Row {some.index(again) + 2} names the same variant; keep one of the two."
        assert last["Message"] == (first if named else read("result.csv")[repeated]["Message"])

    monkeypatch.setattr(importing, "ROWS_AT_ONCE", size)
    in_any_order()


def test_of_rows_of_all_kinds_those_are_connected_that_can_be(shop: Gcw, cases: list[Case], database_url: str) -> None:
    cases = [*cases[::2], *cases[1::2]]
    told = outcome(shop, cases)
    assert [row["Status"] for row in told] == [case.status for case in cases]
    assert all(row["Message"].startswith(case.message) for row, case in zip(told, cases, strict=True))
    database = Database(database_url)
    with database.view() as session:
        query = select(Variant.sku_id, Connection).join(Connection, col(Connection.variant_id) == Variant.id)
        found = [(sku_id, one.version, one.product_uid) for sku_id, one in session.exec(query).all()]
    database.close()
    for case in cases:
        versions = sorted(found_one[1:] for found_one in found if found_one[0] == case.row[ID])
        assert [number for number, _ in versions] == list(range(1, case.versions + 1)), case
        if case.status == "connected":
            assert versions[-1][1] == case.row[PRODUCT_UID]
    left = outcome(shop, [case for case in cases if not case.further])
    assert {row["Status"] for row in left} == {"unchanged", "failed", "skipped"}
