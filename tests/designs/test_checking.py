"""`gcw design check`: files against a product's print areas, before anything is connected."""

import hashlib
from pathlib import Path

import httpx
import pytest

from conftest import EXAMPLES, Gcw
from designs import corpus
from gcw_tiktok.workflow.designs import fetching

DESIGNS = EXAMPLES / "designs"
POSTER = str(DESIGNS / "harbor-poster-18x24.pdf")
SHIRT = str(DESIGNS / "harbor-tee-front.png")
POSTERS = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
SHIRTS = "t-shirt_size_m_color_navy_fit_unisex"


@pytest.fixture
def checking(home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Gcw:
    """The command line with a catalog; no store is connected, and none is needed."""
    monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    gcw = Gcw(None)
    for name in ("wall-art", "apparel"):
        gcw("catalog", "import", str(EXAMPLES / f"{name}.yaml"))
    return gcw


def saved(folder: Path, **files: bytes) -> list[str]:
    """The paths of these files: `name_ext` becomes `name.ext`."""
    paths = [folder / name.replace("_", ".") for name in files]
    for path, data in zip(paths, files.values(), strict=True):
        path.write_bytes(data)
    return list(map(str, paths))


def test_a_design_that_suits_its_product_passes(checking: Gcw) -> None:
    ran = checking("design", "check", POSTER, "--product", POSTERS, "--json")
    assert ran.json["product_uid"] == POSTERS
    (one,) = ran.json["files"]
    assert (one["file"], one["area"], one["verdict"]) == (POSTER, "default", "pass")
    assert (one["facts"]["format"], one["facts"]["width"], one["facts"]["unit"]) == ("pdf", 463.55, "mm")
    assert {check["check"] for check in one["checks"]} >= {"format", "shape", "dpi", "color", "fonts", "protection"}
    for check in one["checks"]:
        assert set(check) == {"check", "verdict", "found", "wanted", "sentence", "mend"}


def test_what_is_found_is_wanted_and_mends_it_stands_in_a_table(checking: Gcw, tmp_path: Path) -> None:
    (path,) = saved(tmp_path, small_png=corpus.picture("PNG", size=(1825, 2425)))
    ran = checking.fails(8, "design", "check", path, "--product", POSTERS)
    assert ran.stdout.split()[:5] == ["check", "verdict", "found", "wanted", "mend"]
    (line,) = [line for line in ran.stdout.splitlines() if line.startswith("dpi")]
    assert line.split(None, 1)[1].split("  ")[0] == "fail"
    assert "100 dpi" in line
    assert "300 dpi" in line
    assert "Export it with 5475 x 7275 pixels." in line
    assert "Error: 6 checks: 5 passed, 1 failed.\nExport it with 5475 x 7275 pixels.\n" in ran.stderr


def test_warnings_pass_unless_they_are_to_count(checking: Gcw, tmp_path: Path) -> None:
    (path,) = saved(tmp_path, fair_png=corpus.picture("PNG", size=(3650, 4850)))
    ran = checking("design", "check", path, "--product", POSTERS)
    assert "1 warned" in ran.stderr
    assert "1 warned" in checking.fails(8, "design", "check", path, "--product", POSTERS, "--strict").stderr
    assert checking("design", "check", POSTER, "--product", POSTERS, "--strict").code == 0


@pytest.mark.parametrize("name", ["a PDF of pages within pages", "an SVG that laughs a billion times"])
def test_a_file_that_cannot_be_read_fails_in_a_sentence(checking: Gcw, tmp_path: Path, name: str) -> None:
    data, sentence = corpus.REFUSED[name]
    (path,) = saved(tmp_path, bad=data)
    ran = checking.fails(8, "design", "check", path, "--product", POSTERS, "--json")
    (one,) = ran.json["files"]
    assert one["facts"] is None
    (check,) = one["checks"]
    assert (check["check"], check["verdict"]) == ("file", "fail")
    assert sentence in check["sentence"]
    assert ran.error["code"] == "check_failed"


def test_several_files_are_checked_one_by_one(checking: Gcw, tmp_path: Path) -> None:
    """A bad one among them does not keep the others from being checked."""
    bad, good = saved(tmp_path, bad_png=b"\x89PNG\r\n\x1a\n", good_png=corpus.picture("PNG", size=(5475, 7275)))
    ran = checking.fails(8, "design", "check", bad, good, POSTER, "--product", POSTERS, "--json")
    assert [one["verdict"] for one in ran.json["files"]] == ["fail", "pass", "pass"]


def test_an_area_that_needs_a_file_and_has_none_is_named(checking: Gcw) -> None:
    ran = checking.fails(8, "design", "check", "--area", f"back={SHIRT}", "--product", SHIRTS, "--json")
    assert [(one["area"], one["verdict"]) for one in ran.json["files"]] == [("back", "pass"), ("front", "fail")]
    assert ran.error["hint"] == "Add --area front=FILE."
    both = checking("design", "check", SHIRT, "--area", f"back={SHIRT}", "--product", SHIRTS, "--json")
    assert [one["area"] for one in both.json["files"]] == ["front", "back"]


def test_an_svg_is_checked_like_any_other_where_the_area_takes_it(checking: Gcw, tmp_path: Path) -> None:
    good, text = saved(
        tmp_path,
        good_svg=corpus.svg(head='viewBox="0 0 3810 4572"'),
        text_svg=corpus.svg("<text>Hi</text>", head='viewBox="0 0 3810 4572"'),
    )
    assert checking("design", "check", good, "--product", SHIRTS, "--json").json["files"][0]["verdict"] == "pass"
    ran = checking.fails(8, "design", "check", text, "--product", SHIRTS)
    assert "Turn the text into outlines." in ran.stderr
    assert "takes pdf, png, jpeg, tiff, not svg" in str(
        checking.fails(8, "design", "check", good, "--product", POSTERS, "--json").json
    )


def test_a_file_behind_an_address_is_fetched_and_not_kept(
    checking: Gcw, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(POSTER).read_bytes()
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=data))
    fetcher = fetching.Fetcher(transport=transport, resolve=lambda host, port: ["93.184.215.14"])
    monkeypatch.setattr(fetching, "Fetcher", lambda: fetcher)
    address = "https://example.com/poster.pdf"
    ran = checking("design", "check", address, "--product", POSTERS, "--json")
    assert [(one["file"], one["verdict"]) for one in ran.json["files"]] == [(address, "pass")]
    assert not list(home.rglob(f"{hashlib.sha256(data).hexdigest()}*"))


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 2, "Name a file to check."),
        (("nowhere.pdf",), 4, "does not exist"),
        (("--area", "sleeve=a.png"), 4, "no print area sleeve"),
        (("--area", "front"), 4, "'front' is not AREA=FILE"),
        (("--area", "front="), 4, "'front=' is not AREA=FILE"),
    ],
)
def test_what_cannot_be_checked_is_told(checking: Gcw, words: tuple[str, ...], code: int, sentence: str) -> None:
    assert sentence in checking.fails(code, "design", "check", *words, "--product", SHIRTS).stderr


def test_a_product_that_there_is_not_is_told(checking: Gcw) -> None:
    assert "no product UID 'nothing'" in checking.fails(4, "design", "check", POSTER, "--product", "nothing").stderr


def test_connecting_refuses_what_the_check_fails(connected: Gcw, tmp_path: Path) -> None:
    (path,) = saved(tmp_path, text_pdf=corpus.written(463.55 * corpus.MM, 615.95 * corpus.MM))
    sku = next(one["sku_id"] for one in connected("products", "list", "Paper Harbor", "--json").json)
    words = ("products", "connect", "Paper Harbor", sku, POSTERS, "--design")
    refused = connected.fails(4, *words, path, "--json")
    assert refused.error["code"] == "design_unfit"
    assert "the file does not hold Helvetica" in refused.error["message"]
    connected(*words, POSTER)
