"""What speaks for and against a design: facts in, findings out."""

from dataclasses import replace
from pathlib import Path

import pytest

from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import checks, placing
from gcw_tiktok.workflow.designs.facts import FileFacts, PlacedImage
from gcw_tiktok.workflow.designs.files import inspect
from gcw_tiktok.workflow.designs.findings import Finding
from gcw_tiktok.workflow.designs.placing import Placement

DESIGNS = Path(__file__).parents[2] / "examples" / "designs"
AREA = PrintArea(
    name="default", required=True, width_mm=457.2, height_mm=609.6, bleed_mm=3.175, min_dpi=150,
    formats=("pdf", "png", "jpeg"),
)  # fmt: skip
WRAP = replace(AREA, width_mm=228.6, height_mm=88.9, bleed_mm=0)


def picture(width: int, height: int, media_type: str = "image/png", **more: object) -> FileFacts:
    return replace(FileFacts(media_type, "png", width, height), **more)  # type: ignore[arg-type]


def page(width: float = 463.55, height: float = 615.95, **more: object) -> FileFacts:
    return replace(FileFacts("application/pdf", "pdf", width, height), **more)  # type: ignore[arg-type]


def found(facts: FileFacts, area: PrintArea = AREA, placement: Placement | None = None) -> dict[str, Finding]:
    findings = checks.check(facts, area, placement)
    for one in findings:
        assert one.found, one
        assert one.wanted, one
        assert bool(one.mend) == (one.level != "pass"), one
        assert one.sentence.endswith("."), one
    return {one.check: one for one in findings}


def level(name: str, facts: FileFacts, **area: object) -> str:
    return found(facts, replace(AREA, **area))[name].level  # type: ignore[arg-type]


def test_the_examples_suit_their_products() -> None:
    poster = found(inspect(DESIGNS / "harbor-poster-18x24.pdf"))
    assert {one.level for one in poster.values()} == {"pass"}
    assert set(poster) == {"format", "shape", "pages", "dpi", "color", "transparency", "fonts", "protection"}
    mug = found(inspect(DESIGNS / "harbor-mug-wrap.jpg"), WRAP)
    assert {one.level for one in mug.values()} == {"pass"}


def test_nothing_is_said_about_what_an_older_gcw_did_not_look_at() -> None:
    assert set(found(page())) == {"format", "shape", "pages"}
    assert set(found(picture(5475, 7275))) == {"format", "shape", "pages", "dpi"}


def test_the_format_must_be_one_that_the_area_takes() -> None:
    finding = found(picture(5475, 7275, "image/tiff"))["format"]
    assert (finding.level, finding.found, finding.wanted) == ("fail", "tiff", "pdf, png, jpeg")
    assert finding.mend == "Export it as pdf or png or jpeg."
    svg = FileFacts("image/svg+xml", "svg", 463.55, 615.95)
    assert found(svg)["format"].level == "fail"
    assert found(svg, replace(AREA, formats=("svg",)))["format"].level == "pass"


class TestShape:
    def test_a_design_that_lies_the_other_way_fails_where_ink_reaches_the_edge(self) -> None:
        lying = picture(7275, 5475)
        assert level("shape", lying) == "fail"
        assert level("shape", lying, bleed_mm=0) == "warn"
        assert found(lying)["shape"].mend == "Turn it by 90 degrees, or export it anew: 5475 x 7275 pixels."

    @pytest.mark.parametrize(
        ("facts", "level", "word"),
        [
            ((463.55, 615.95), "pass", "shape"),
            ((457.2, 609.6), "warn", "no bleed"),
            ((231.8, 308.0), "warn", "another size"),
            ((615.95, 463.55), "fail", "other way"),
            ((500, 500), "fail", "another shape"),
        ],
    )
    def test_a_pdf_says_how_large_it_wants_to_be(self, facts: tuple[float, float], level: str, word: str) -> None:
        finding = found(page(*facts))["shape"]
        assert finding.level == level
        assert word in finding.sentence

    def test_marks_around_the_trim_do_not_matter(self) -> None:
        assert level("shape", page(500, 640, trim=(457.2, 609.6))) == "pass"

    @pytest.mark.parametrize(("room", "wanted"), [(3.17, "pass"), (8.0, "pass"), (2.0, "warn"), (0.0, "warn")])
    def test_the_bleed_is_measured_where_it_is_narrowest(self, room: float, wanted: str) -> None:
        finding = found(page(475, 630, trim=(457.2, 609.6), bleed=room))["shape"]
        assert finding.level == wanted
        assert wanted == "pass" or "3.175 mm bleed" in finding.mend

    def test_lines_may_be_drawn_at_any_size(self) -> None:
        assert level("shape", FileFacts("image/svg+xml", "svg", 46.355, 61.595)) == "pass"


class TestPages:
    def test_further_pages_are_warned_of(self) -> None:
        assert level("pages", page(pages=2)) == "warn"

    @pytest.mark.parametrize(("pages", "wanted"), [(12, "fail"), (13, "pass"), (14, "pass"), (15, "fail")])
    def test_a_product_of_pages_takes_as_many_as_it_has(self, pages: int, wanted: str) -> None:
        finding = found(page(pages=pages), replace(AREA, pages=(13, 14)))["pages"]
        assert (finding.level, finding.found, finding.wanted) == (wanted, str(pages), "13 to 14")

    def test_pages_of_other_sizes_are_warned_of_where_they_are_printed(self) -> None:
        assert level("pages", page(pages=13, odd_pages=1), pages=(13, 13)) == "warn"


class TestDpi:
    @pytest.mark.parametrize(("dpi", "wanted"), [(300, "pass"), (299, "warn"), (151, "warn"), (149, "fail")])
    def test_pixels_at_print_size_decide(self, dpi: int, wanted: str) -> None:
        assert level("dpi", picture(*AREA.pixels(dpi))) == wanted

    def test_the_numbers_found_and_wanted_are_told(self) -> None:
        finding = found(picture(1825, 2425))["dpi"]
        assert (finding.level, finding.found, finding.wanted) == ("fail", "100 dpi", "300 dpi")
        assert finding.mend == "Export it with 5475 x 7275 pixels."

    def test_a_picture_that_is_fitted_in_is_as_sharp_as_its_fitting_side(self) -> None:
        assert placing.effective_dpi(picture(2700, 300), WRAP) == pytest.approx(300)
        assert placing.effective_dpi(picture(2700, 300), replace(WRAP, bleed_mm=1)) < 90

    def test_a_larger_placement_is_coarser(self) -> None:
        facts = picture(*AREA.pixels(300))
        assert found(facts, placement=Placement("fill", scale=2.0))["dpi"].found == "150 dpi"

    @pytest.mark.parametrize(
        ("images", "wanted"),
        [
            ([], "pass"),
            ([PlacedImage(1, 300, 1.0)], "pass"),
            ([PlacedImage(1, 200, 1.0)], "warn"),
            ([PlacedImage(1, 100, 1.0)], "fail"),
            ([PlacedImage(1, 100, 0.05), PlacedImage(1, 300, 1.0)], "warn"),
            ([PlacedImage(1, 100, 0.05), PlacedImage(1, 140, 0.9)], "fail"),
            ([PlacedImage(2, 10, 1.0)], "pass"),
        ],
    )
    def test_pictures_in_a_pdf_are_held_against_their_size(self, images: list[PlacedImage], wanted: str) -> None:
        assert level("dpi", page(images=tuple(images))) == wanted

    def test_a_pdf_that_is_enlarged_is_coarser(self) -> None:
        half = page(231.775, 307.975, images=(PlacedImage(1, 300, 1.0),))
        assert found(half)["dpi"].found == "150 dpi"
        assert found(replace(half, trim=(457.2, 609.6)))["dpi"].found == "300 dpi", "its trim is the area's"
        turned = page(615.95, 463.55, images=(PlacedImage(1, 300, 1.0),))
        assert found(turned, placement=Placement("fill", rotate=90))["dpi"].found == "300 dpi"

    def test_lines_are_sharp_at_any_size(self) -> None:
        assert level("dpi", FileFacts("image/svg+xml", "svg", 4, 6)) == "pass"


class TestColor:
    @pytest.mark.parametrize(
        ("spaces", "profile", "taken", "wanted"),
        [
            (("srgb",), "", (), "pass"),
            (("rgb",), "Adobe RGB (1998)", (), "pass"),
            (("cmyk",), "GRACoL2006", (), "pass"),
            (("cmyk",), "", (), "warn"),
            (("srgb",), "", ("srgb",), "pass"),
            (("gray", "srgb"), "", ("srgb",), "pass"),
            (("rgb",), "Adobe RGB (1998)", ("srgb",), "warn"),
            (("cmyk",), "GRACoL2006", ("srgb",), "fail"),
            (("srgb",), "", ("cmyk",), "fail"),
            (("cmyk", "spot"), "GRACoL2006", ("cmyk",), "warn"),
            (("cmyk",), "", ("cmyk", "srgb"), "warn"),
            (("cmyk", "srgb"), "GRACoL2006", ("cmyk", "srgb"), "pass"),
            (("lab",), "", ("srgb",), "warn"),
            ((), "", ("cmyk",), "pass"),
        ],
    )
    def test_the_area_says_which_colours_it_takes(
        self, spaces: tuple[str, ...], profile: str, taken: tuple[str, ...], wanted: str
    ) -> None:
        assert level("color", page(color_spaces=spaces, profile=profile), color_spaces=taken) == wanted


class TestTransparency:
    @pytest.mark.parametrize(
        ("transparent", "asked", "wanted"),
        [
            (True, "any", "pass"),
            (False, "any", "pass"),
            (True, "needed", "pass"),
            (False, "needed", "fail"),
            (True, "refused", "fail"),
            (False, "refused", "pass"),
        ],
    )
    def test_a_picture_has_it_where_it_is_needed_only(self, transparent: bool, asked: str, wanted: str) -> None:
        facts = picture(*AREA.pixels(), transparent=transparent)
        assert level("transparency", facts, transparency=asked) == wanted

    def test_a_drawing_is_transparent_wherever_nothing_is_drawn(self) -> None:
        assert level("transparency", page(transparent=False), transparency="needed") == "pass"
        assert level("transparency", page(transparent=True), transparency="refused") == "fail"


@pytest.mark.parametrize(
    ("facts", "check", "wanted", "told"),
    [
        (page(fonts=("Helvetica", "Lora")), "fonts", "fail", "Helvetica, Lora"),
        (page(fonts=tuple("abcdefg")), "fonts", "fail", "a, b, c, d, e and more"),
        (page(fonts=()), "fonts", "pass", "all there"),
        (page(encrypted=True), "protection", "fail", "protected"),
        (page(encrypted=False), "protection", "pass", "open"),
        (page(outside=("http://x/a.png",)), "references", "fail", "http://x/a.png"),
        (page(outside=()), "references", "pass", "all there"),
        (page(mended="xref not found"), "soundness", "warn", "xref not found"),
        (page(unread="page 7"), "contents", "warn", "page 7 unread"),
    ],
)
def test_what_a_file_lacks_is_told(facts: FileFacts, check: str, wanted: str, told: str) -> None:
    finding = found(facts)[check]
    assert (finding.level, finding.found) == (wanted, told)
