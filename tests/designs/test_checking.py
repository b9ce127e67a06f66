"""`gcw design check`: files against a product's print areas, before anything is connected."""

from pathlib import Path

import pytest

from conftest import EXAMPLES, Gcw

DESIGNS = EXAMPLES / "designs"
POSTER = str(DESIGNS / "harbor-poster-18x24.pdf")
UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"


@pytest.fixture
def checking(home: Path) -> Gcw:
    """The command line with a catalog; no store is connected, and none is needed."""
    gcw = Gcw(None)
    gcw("catalog", "import", str(EXAMPLES / "wall-art.yaml"))
    return gcw


def test_a_design_that_suits_its_product_passes(checking: Gcw) -> None:
    ran = checking("design", "check", POSTER, "--product", UID, "--json")
    assert [(one["file"], one["area"], one["verdict"]) for one in ran.json["files"]] == [(POSTER, "default", "pass")]


def test_a_design_that_cannot_be_printed_fails_the_check(checking: Gcw, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(Path(POSTER).read_bytes()[:2000])
    ran = checking.fails(8, "design", "check", str(broken), "--product", UID)
    assert "cut off" in ran.stdout + ran.stderr


def test_an_area_that_needs_a_file_and_has_none_is_named(checking: Gcw) -> None:
    checking("catalog", "import", str(EXAMPLES / "apparel.yaml"))
    uid = next(one["uid"] for one in checking("catalog", "uids", "--json").json if "Tee" in one["product"])
    ran = checking.fails(8, "design", "check", "--area", f"back={POSTER}", "--product", uid, "--json")
    assert [(one["area"], one["verdict"]) for one in ran.json["files"]] == [("back", "warn"), ("front", "fail")]
