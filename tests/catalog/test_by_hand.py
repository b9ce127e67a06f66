"""A whole catalog built, changed and taken down at the command line, without a file."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from conftest import Gcw
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import history


@pytest.fixture
def gcw(home: Any, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Gcw:
    """The command line on each engine; the catalog needs no TikTok."""
    if database_url.startswith("postgresql"):
        monkeypatch.setenv("GCW_DATABASE_URL", database_url)
    run = Gcw(None)
    run("customer", "add", "Harbor Prints")
    run("customer", "add", "Dune & Co")
    return run


@pytest.fixture
def built(gcw: Gcw) -> Gcw:
    catalog(gcw, "model", "add", "Poster", "--attribute", "size=12x16 in, 18x24 in", "--attribute",
            "paper=matte,glossy", "--area", "default=304.8x406.4")  # fmt: skip
    catalog(gcw, "model", "area", "Poster", "default", "--size", "size:18x24 in=457.2x609.6", "--bleed", "3.175")
    catalog(gcw, "product", "add", "Harbor Poster", "--model", "post", "--base", "paper=matte", "--variant",
            "size=12x16 in,18x24 in", "--customer", "harbor", "--publish")  # fmt: skip
    return gcw


def catalog(gcw: Gcw, *words: str) -> Any:
    return gcw("catalog", *words, "--json").json


def refused(gcw: Gcw, *words: str, code: int = 4) -> str:
    ran = gcw.fails(code, "catalog", *words, "--json")
    assert ran.stdout == ""
    return f"{ran.error['message']} {ran.error['hint']}"


def offered(gcw: Gcw, customer: str) -> list[str]:
    return [one["uid"] for one in catalog(gcw, "show", "--customer", customer)]


def events(subject: str) -> list[tuple[str, dict[str, Any]]]:
    runtime = Runtime()
    with runtime.database.view() as session:
        found = [(one.what, one.data) for one in history.of(session, subject)]
    runtime.close()
    return found


def test_a_catalog_is_built_and_what_a_customer_may_order_is_exactly_that(built: Gcw) -> None:
    [first, second] = catalog(built, "show", "--customer", "harbor")
    assert first["uid"] == "poster_size_12x16-in_paper_matte"
    assert second["values"] == {"size": "18x24 in"}
    assert second["base"] == {"paper": "matte"}
    [area] = second["areas"]
    assert (area["width_mm"], area["height_mm"], area["bleed_mm"], area["required"]) == (457.2, 609.6, 3.175, True)
    assert offered(built, "dune") == []
    catalog(built, "category", "add", "Wall art", "Harbor")
    assert {tuple(one["categories"]) for one in catalog(built, "show", "--customer", "harbor")} == {("Wall art",)}


def test_the_example_of_the_guide_works_as_written(gcw: Gcw) -> None:
    gcw("customer", "add", "Paper Harbor")
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text()
    example = guide.partition("### By hand")[2].partition("`gcw catalog model edit`")[0].replace("\\\n", " ")
    typed = re.findall(r"^    gcw (.*)$", example, re.MULTILINE)
    assert len(typed) == 6
    for words in typed:
        gcw(*shlex.split(words))
    assert offered(gcw, "paper") == ["poster_size_12x16-in_paper_matte", "poster_size_18x24-in_paper_matte"]


def test_everything_about_a_print_area_is_told(built: Gcw) -> None:
    catalog(built, "model", "area", "poster", "back", "--size", "100x150", "--safe", "4", "--min-dpi", "120",
            "--wanted-dpi", "200", "--color-space", "CMYK", "--color-space", "gray", "--format", "svg", "--format",
            "pdf", "--pages", "2-8", "--transparency", "needed", "--personalise", "text", "--optional")  # fmt: skip
    area = catalog(built, "show", "--customer", "harbor")[0]["areas"][1]
    assert area == {
        "name": "back", "required": False, "width_mm": 100.0, "height_mm": 150.0, "bleed_mm": 0.0, "min_dpi": 120.0,
        "formats": ["svg", "pdf"], "safe_mm": 4.0, "wanted_dpi": 200.0, "color_spaces": ["cmyk", "gray"],
        "pages": [2, 8], "transparency": "needed", "personalise": ["text"],
    }  # fmt: skip
    shown = built("catalog", "model", "show", "poster").stdout
    for words in ("100 x 150", "120-200", "svg, pdf", "cmyk, gray", "2-8", "needed", "text"):
        assert words in shown
    catalog(built, "model", "area", "poster", "back", "--remove")
    assert [one["name"] for one in catalog(built, "model", "show", "poster")["print_areas"]] == ["default"]
    assert "it has default" in refused(built, "model", "area", "poster", "back", "--remove")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--wanted-dpi", "100"), "wanted_dpi: is less than min_dpi, which is 150"),
        (("--safe", "200"), "safe_mm: leaves nothing of 304.8 mm"),
        (("--format", "gif"), '"gif" is not known here; known are pdf, png, jpeg, tiff and svg'),
        (("--color-space", "pink"), "known are srgb, cmyk and gray"),
        (("--transparency", "perhaps"), "known are needed, refused and any"),
        (("--transparency", "needed", "--format", "jpeg"), "jpeg knows no transparency, which is needed"),
        (("--pages", "5-2"), "expected a number of pages, or [fewest, most]"),
        (("--bleed", "-1"), "expected a number, zero or more"),
        (("--size", "size:99 in=10x10"), 'size has no value "99 in"'),
    ],
)  # fmt: skip
def test_what_a_print_area_cannot_be(built: Gcw, words: tuple[str, ...], told: str) -> None:
    assert told in refused(built, "model", "area", "poster", "default", *words)


@pytest.mark.parametrize(
    "words",
    [
        ("model", "area", "poster", "default", "--size", "10"),
        ("model", "area", "poster", "default", "--pages", "some"),
        ("model", "area", "poster", "default", "--remove", "--bleed", "1"),
        ("model", "add", "Mug", "--attribute", "size"),
        ("product", "add", "X", "--model", "poster", "--customer", "dune", "--all-customers"),
        ("product", "allow", "harbor"),
        ("product", "allow", "harbor", "dune", "--all"),
    ],
)
def test_a_command_that_cannot_be_read_is_a_usage_error(built: Gcw, words: tuple[str, ...]) -> None:
    refused(built, *words, code=2)


def test_a_product_is_allowed_withdrawn_and_published(built: Gcw) -> None:
    assert catalog(built, "product", "allow", "harbor", "dune")["customers"] == ["Dune & Co", "Harbor Prints"]
    catalog(built, "product", "disallow", "harbor", "harbor")
    assert (offered(built, "harbor"), len(offered(built, "dune"))) == ([], 2)
    assert catalog(built, "product", "allow", "harbor", "--all")["all_customers"] is True
    assert "All customers may order Harbor Poster already." in refused(built, "product", "allow", "harbor", "dune")
    assert "--only" in refused(built, "product", "disallow", "harbor", "dune")
    assert catalog(built, "product", "allow", "harbor", "harbor", "--only")["customers"] == ["Harbor Prints"]
    assert catalog(built, "product", "withdraw", "harbor")["published"] is False
    assert offered(built, "harbor") == []
    assert "Nothing to change." in built("catalog", "product", "withdraw", "harbor").stderr
    assert catalog(built, "product", "publish", "harbor")["published"] is True
    assert len(offered(built, "harbor")) == 2
    assert [(what, data.get("published"), data.get("customers")) for what, data in events("catalog:product:1")] == [
        ("added", None, None),
        ("UIDs added", None, None),
        ("changed", None, ["Dune & Co", "Harbor Prints"]),
        ("changed", None, ["Dune & Co"]),
        ("changed", None, []),
        ("changed", None, ["Harbor Prints"]),
        ("changed", False, None),
        ("changed", True, None),
    ]


def test_a_draft_waits_to_be_published(gcw: Gcw) -> None:
    catalog(gcw, "model", "add", "Box", "--stock", "--attribute", "size=S,M")
    ran = gcw("catalog", "product", "add", "Gift Box", "--model", "box", "--variant", "size=S", "--all-customers")
    assert "gcw catalog product publish 'Gift Box'" in ran.stderr
    assert offered(gcw, "dune") == []
    catalog(gcw, "product", "publish", "gift")
    [one] = catalog(gcw, "show", "--customer", "dune")
    assert (one["printed"], one["areas"]) == (False, [])
    assert "pick-and-pack" in gcw("catalog", "show", "--customer", "dune").stdout


def test_a_model_becomes_one_from_stock_and_a_printed_one_again(built: Gcw) -> None:
    assert catalog(built, "model", "edit", "poster", "--stock")["print_areas"] == []
    assert "takes no design" in refused(built, "model", "area", "poster", "front", "--size", "10x10")
    assert "needs print_areas" in refused(built, "model", "edit", "poster", "--printed")
    shown = catalog(built, "model", "edit", "poster", "--printed", "--area", "front=100x200")
    assert [(one["name"], one["width_mm"], one["required"]) for one in shown["print_areas"]] == [("front", 100, True)]


@pytest.mark.parametrize("format", ["yaml", "json", "csv"])
def test_what_was_built_is_exported_and_comes_back_without_a_change(built: Gcw, tmp_path: Path, format: str) -> None:
    catalog(built, "model", "area", "poster", "default", "--pages", "2-4", "--personalise", "text")
    catalog(built, "model", "edit", "poster", "--derived", "label={size} {paper}")
    catalog(built, "category", "add", "Wall art", "harbor")
    file = tmp_path / f"catalog.{format}"
    built("catalog", "export", "-o", str(file))
    counts = catalog(built, "import", str(file))
    assert sum(one["unchanged"] for one in counts) >= 4
    assert all(one["new"] == one["changed"] == 0 for one in counts)


def test_new_values_get_uids_and_those_that_are_there_stay(built: Gcw) -> None:
    assert "size has no value" in refused(built, "product", "edit", "harbor", "--variant", "size=12x16 in,24x36 in")
    catalog(built, "model", "edit", "poster", "--attribute", "size=12x16 in,18x24 in,24x36 in", "--size",
            "size:24x36 in=609.6x914.4")  # fmt: skip
    before = offered(built, "harbor")
    ran = built("catalog", "product", "edit", "harbor", "--variant", "size=12x16 in,18x24 in,24x36 in")
    assert "1 new product UID." in ran.stderr
    assert offered(built, "harbor") == [*before, "poster_size_24x36-in_paper_matte"]
    assert catalog(built, "show", "--customer", "harbor")[2]["areas"][0]["width_mm"] == 609.6
    catalog(built, "product", "edit", "harbor", "--variant", "size=24x36 in")
    assert offered(built, "harbor") == ["poster_size_24x36-in_paper_matte"]
    catalog(built, "product", "edit", "harbor", "--variant", "size=18x24 in,24x36 in")
    assert offered(built, "harbor") == [*before[1:], "poster_size_24x36-in_paper_matte"]


def test_an_attribute_that_comes_later_is_told_for_the_products_that_are_there(built: Gcw) -> None:
    told = refused(built, "model", "edit", "poster", "--attribute", "coat=none,uv")
    assert "nothing says what its coat is" in told
    assert "--base coat=VALUE" in told
    catalog(built, "model", "edit", "poster", "--attribute", "coat=none,uv", "--base", "coat=uv")
    assert catalog(built, "product", "show", "harbor")["base"] == {"paper": "matte", "coat": "uv"}
    catalog(built, "model", "edit", "poster", "--attribute", "coat=")
    assert catalog(built, "product", "show", "harbor")["base"] == {"paper": "matte"}
    assert "needs size" in refused(built, "model", "edit", "poster", "--attribute", "size=18x24 in")
    assert [what for what, _ in events("catalog:model:1")] == ["added", "changed", "changed", "changed"]


def test_uids_that_production_has_given_are_taken_as_they_are(built: Gcw) -> None:
    catalog(built, "product", "add", "Dune Poster", "--model", "poster", "--base", "paper=glossy", "--variant",
            "size=12x16 in,18x24 in", "--customer", "dune", "--publish", "--no-uids")  # fmt: skip
    assert offered(built, "dune") == []
    shown = catalog(built, "product", "uid", "dune", "Flat_X", "size=18x24 in")
    assert shown["uids"] == [
        {"uid": "Flat_X", "values": {"size": "18x24 in"}, "offered": True, "connected": False},
    ]
    assert offered(built, "dune") == ["Flat_X"]
    assert '"Flat_X" belongs to' in refused(built, "product", "uid", "harbor", "Flat_X", "size=18x24 in")
    assert "the value of size is missing" in refused(built, "product", "uid", "dune", "Flat_Y")
    assert '"Flat_X" has the same values' in refused(built, "product", "uid", "dune", "Flat_Y", "size=18x24 in")
    catalog(built, "product", "uid", "dune", "Flat_X", "size=12x16 in")
    assert catalog(built, "product", "uid", "dune", "Flat_X", "--remove")["uids"] == []
    refused(built, "product", "uid", "dune", "Flat_X", "--remove")


def test_derived_attributes_are_shown_and_nothing_of_them_runs(built: Gcw) -> None:
    catalog(built, "model", "edit", "poster", "--derived", "label={size} on {paper} {{c}}")
    assert catalog(built, "show", "--customer", "harbor")[1]["derived"] == {"label": "18x24 in on matte {c}"}
    for formula, told in {
        "{colour}": 'the model has no attribute "colour"; it has size, paper',
        "plain": "it has no {attribute} in it",
        "{size": "a { or } stands alone",
        "{size.__class__}": 'no attribute "size.__class__"',
        "{0}": 'no attribute "0"',
    }.items():
        assert told in refused(built, "model", "edit", "poster", "--derived", f"label={formula}")
    assert '"size" is an attribute already' in refused(built, "model", "edit", "poster", "--derived", "size={paper}")
    catalog(built, "model", "edit", "poster", "--derived", "label=")
    assert catalog(built, "model", "show", "poster")["derived"] == {}


def test_a_model_of_parts_has_their_attributes_and_print_areas(gcw: Gcw) -> None:
    catalog(gcw, "model", "add", "Book Cover", "--attribute", "size=A5,A4", "--attribute", "coat=none,uv", "--area",
            "front=148x210", "--area", "back=148x210")  # fmt: skip
    catalog(gcw, "model", "area", "book c", "front", "--size", "size:A4=210x297")
    catalog(gcw, "model", "add", "Book Block", "--attribute", "size=A4,A5,A6", "--area", "default=148x210")
    catalog(gcw, "model", "area", "book b", "default", "--pages", "24-200")
    shown = catalog(gcw, "model", "add", "Photo Book", "--part", "cover=Book Cover", "--part", "pages=Book Block",
                    "--derived", "label={size} {coat}")  # fmt: skip
    assert shown["parts"] == {"cover": "Book Cover", "pages": "Book Block"}
    assert shown["choices"] == {"size": ["A5", "A4"], "coat": ["none", "uv"]}
    assert [area["name"] for area in shown["areas"]] == ["cover/front", "cover/back", "pages/default"]
    assert "pages/default" in gcw("catalog", "model", "list").stdout
    catalog(gcw, "product", "add", "My Book", "--model", "photo", "--variant", "size=A5,A4", "--base", "coat=uv",
            "--all-customers", "--publish")  # fmt: skip
    small, large = catalog(gcw, "show", "--customer", "dune")
    assert [area["name"] for area in large["areas"]] == ["cover/front", "cover/back", "pages/default"]
    assert [area["width_mm"] for area in small["areas"]] == [148, 148, 148]
    assert [area["width_mm"] for area in large["areas"]] == [210, 148, 148]
    assert [area["pages"] for area in large["areas"]] == [[1, 1], [1, 1], [24, 200]]
    assert large["derived"] == {"label": "A4 uv"}

    assert "needed by the model Photo Book" in refused(gcw, "model", "remove", "Book Cover")
    assert 'needs size "A4"' in refused(gcw, "model", "edit", "Book Cover", "--attribute", "size=A5")
    assert "has parts itself" in refused(gcw, "model", "edit", "Book Block", "--part", "x=Photo Book")
    assert "there is no model" in refused(gcw, "model", "edit", "Photo Book", "--part", "x=Sleeve").lower()
    assert "no / and no =" in refused(gcw, "model", "edit", "Photo Book", "--part", "a/b=Book Cover")
    assert "no / and no =" in refused(gcw, "model", "area", "Book Cover", "in/side", "--size", "1x1")
    catalog(gcw, "model", "edit", "Book Cover", "--name", "Hard Cover")
    assert catalog(gcw, "model", "show", "Photo")["parts"]["cover"] == "Hard Cover"
    assert len(catalog(gcw, "show", "--customer", "dune")[0]["areas"]) == 3


def test_categories_are_filled_and_emptied(built: Gcw) -> None:
    catalog(built, "product", "add", "Dune Poster", "--model", "poster", "--base", "paper=glossy", "--base",
            "size=12x16 in")  # fmt: skip
    catalog(built, "category", "add", "Wall art", "harbor")
    assert catalog(built, "category", "put", "wall", "dune")["products"] == ["Dune Poster", "Harbor Poster"]
    assert catalog(built, "category", "take", "wall", "harbor")["products"] == ["Dune Poster"]
    assert "Nothing to change." in built("catalog", "category", "take", "wall", "harbor").stderr
    assert catalog(built, "category", "edit", "wall", "--name", "Walls")["name"] == "Walls"
    assert catalog(built, "category", "list") == [{"id": 1, "name": "Walls", "products": ["Dune Poster"]}]
    assert "There is a category Walls already" in refused(built, "category", "add", "WALLS")
    catalog(built, "category", "remove", "walls")
    assert catalog(built, "category", "list") == []
    assert len(catalog(built, "product", "list")) == 2
    assert [what for what, _ in events("catalog:category:1")] == ["added", "changed", "changed", "renamed", "removed"]


def test_what_nothing_rests_on_is_removed(built: Gcw) -> None:
    assert "Poster is needed by the product Harbor Poster" in refused(built, "model", "remove", "poster")
    catalog(built, "category", "add", "Wall art", "harbor")
    assert catalog(built, "product", "remove", "harbor") == {"name": "Harbor Poster", "removed": True}
    assert catalog(built, "model", "remove", "poster") == {"name": "Poster", "removed": True}
    assert [catalog(built, noun, "list") for noun in ("model", "product")] == [[], []]
    assert catalog(built, "uids") == []


def test_things_are_named_by_a_start_that_only_they_have(built: Gcw) -> None:
    catalog(built, "model", "add", "Postcard", "--area", "front=100x150")
    assert "could be Postcard, Poster" in refused(built, "model", "show", "post")
    assert catalog(built, "model", "show", "POSTC")["name"] == "Postcard"
    assert catalog(built, "product", "show", "1")["name"] == "Harbor Poster"
    assert "Did you mean Harbor Poster?" in refused(built, "product", "show", "Habor Poster")
    assert "There is a model Poster already." in refused(built, "model", "add", "poster", "--area", "front=1x1")
