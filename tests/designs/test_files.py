"""What a design file is: told from its content, and refused in words when it cannot be printed."""

from pathlib import Path

import pytest

from designs import corpus
from designs.corpus import MM, drawn, pdf, picture, pictured, profile, stream, svg, written
from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.designs import facts as facts_module
from gcw_tiktok.workflow.designs.facts import FileFacts
from gcw_tiktok.workflow.designs.files import inspect

DESIGNS = Path(__file__).parents[2] / "examples" / "designs"
TURNED = corpus.Image.Exif()
TURNED[274] = 6
"""As cameras write it: lay it on its side."""
GRACOL = profile(b"CMYK", "GRACoL2006_Coated1v2")
ADOBE = profile(b"RGB ", "Adobe RGB (1998)")


def test_the_examples_are_what_they_should_be() -> None:
    poster = inspect(DESIGNS / "harbor-poster-18x24.pdf")
    assert (poster.format, poster.pages, poster.width, poster.height) == ("pdf", 1, 463.55, 615.95)
    assert (poster.trim, poster.bleed, poster.images, poster.fonts) == ((457.2, 609.6), 3.17, (), ())
    tee = inspect(DESIGNS / "harbor-tee-front.png")
    assert (tee.format, tee.width, tee.height, tee.dpi, tee.transparent) == ("png", 4500, 5400, 300, True)
    mug = inspect(DESIGNS / "harbor-mug-wrap.jpg")
    assert (mug.format, mug.extension, mug.width, mug.height) == ("jpeg", "jpg", 2700, 1050)
    assert all(file.stat().st_size < 300_000 for file in DESIGNS.iterdir())


@pytest.mark.parametrize(
    ("data", "media_type", "size"),
    [
        (picture("PNG"), "image/png", (60, 40)),
        (picture("JPEG", "CMYK"), "image/jpeg", (60, 40)),
        (picture("TIFF", "CMYK", compression="tiff_lzw"), "image/tiff", (60, 40)),
        (drawn(360, 504, pages=3), "application/pdf", (127.0, 177.8)),
        (pdf(page=b"/Rotate 90"), "application/pdf", (177.8, 127.0)),
        (pdf(page=b"/UserUnit 2"), "application/pdf", (254.0, 355.6)),
        (pdf(page=b"/MediaBox[360 504 0 0]"), "application/pdf", (127.0, 177.8)),
        (pdf(page=b"/MediaBox[0 0 900 900]/CropBox[100 100 460 604]"), "application/pdf", (127.0, 177.8)),
        (pdf(page=b"/CropBox[-99 -99 9999 9999]"), "application/pdf", (127.0, 177.8)),
        (svg(head='width="80mm" height="10cm"'), "image/svg+xml", (80.0, 100.0)),
        (svg(head='viewBox="0 0 96 192"'), "image/svg+xml", (25.4, 50.8)),
        (svg(head='width="2in" viewBox="0,0 10,20"'), "image/svg+xml", (50.8, 101.6)),
        (svg(head='width="100%" height="100%" viewBox="0 0 96 96"'), "image/svg+xml", (25.4, 25.4)),
        (svg(head='width="72pt" height="6pc"'), "image/svg+xml", (25.4, 25.4)),
        (svg().decode().encode("utf-16"), "image/svg+xml", (80.0, 100.0)),
        (b"\xef\xbb\xbf<!-- by hand -->" + svg()[21:], "image/svg+xml", (80.0, 100.0)),
    ],
)
def test_what_can_be_printed(data: bytes, media_type: str, size: tuple[float, float]) -> None:
    facts = inspect(data)
    assert (facts.media_type, (facts.width, facts.height)) == (media_type, size)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_picture_that_says_it_is_turned_is_measured_as_turned(kind: str) -> None:
    facts = inspect(picture(kind, exif=TURNED))
    assert (facts.width, facts.height) == (40, 60)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_picture_tells_its_resolution(kind: str) -> None:
    assert inspect(picture(kind, dpi=(240, 240))).dpi == pytest.approx(240, abs=0.1)
    assert inspect(picture(kind, dpi=(0, 0))).dpi is None


@pytest.mark.parametrize(
    ("data", "spaces", "name"),
    [
        (picture("PNG"), ("srgb",), ""),
        (picture("PNG", "L"), ("gray",), ""),
        (picture("PNG", "P"), ("srgb",), ""),
        (picture("PNG", icc_profile=corpus.SRGB), ("srgb",), "sRGB built-in"),
        (picture("PNG", icc_profile=ADOBE), ("rgb",), "Adobe RGB (1998)"),
        (picture("JPEG", "L"), ("gray",), ""),
        (picture("JPEG", icc_profile=ADOBE), ("rgb",), "Adobe RGB (1998)"),
        (picture("JPEG", "CMYK"), ("cmyk",), ""),
        (picture("JPEG", "CMYK", icc_profile=GRACOL), ("cmyk",), "GRACoL2006_Coated1v2"),
        (picture("JPEG", icc_profile=b"none"), ("srgb",), "an unreadable profile"),
        (picture("TIFF", "CMYK", icc_profile=GRACOL), ("cmyk",), "GRACoL2006_Coated1v2"),
        (picture("TIFF", "LAB"), ("lab",), "Lab identity built-in"),
        (picture("TIFF", "1"), ("gray",), ""),
        (pdf(b"1 0 0 rg 0 0 9 9 re f"), ("srgb",), ""),
        (pdf(b"0 g 0 0 0 1 k"), ("cmyk", "gray"), ""),
        (pdf(b"/C cs", b"/ColorSpace<</C[/Separation/Gold/DeviceCMYK 5 0 R]>>"), ("spot",), ""),
        (pdf(b"/C cs", b"/ColorSpace<</C[/DeviceN[/Cyan/Black]/DeviceCMYK 5 0 R]>>"), ("cmyk",), ""),
        (pdf(b"/C cs", b"/ColorSpace<</C[/Indexed/DeviceRGB 1(abcdef)]>>"), ("srgb",), ""),
        (pdf(b"/C cs", b"/ColorSpace<</C[/Lab<</WhitePoint[1 1 1]>>]>>"), ("lab",), ""),
        (
            pdf(b"/C cs", b"/ColorSpace<</C[/ICCBased 5 0 R]>>", b"", b"", stream(ADOBE, b"/N 3")),
            ("rgb",),
            "",
        ),
        (
            pdf(b"/C cs", b"/ColorSpace<</C[/ICCBased 5 0 R]>>", b"", b"", stream(GRACOL, b"/N 4")),
            ("cmyk",),
            "GRACoL2006_Coated1v2",
        ),
        (
            pdf(b"", b"", b"", b"/OutputIntents[<</S/GTS_PDFX/OutputConditionIdentifier(CGATS TR 006)>>]"),
            (),
            "CGATS TR 006",
        ),
        (
            pdf(b"/S sh", b"/Shading<</S<</ShadingType 2/ColorSpace/DeviceCMYK>>>>"),
            ("cmyk",),
            "",
        ),
        (pictured(mode="CMYK"), ("cmyk",), ""),
        (pictured(mode="L"), ("gray",), ""),
        (svg(), ("srgb",), ""),
    ],
)
def test_colours_and_their_profile_are_told(data: bytes, spaces: tuple[str, ...], name: str) -> None:
    facts = inspect(data)
    assert (facts.color_spaces, facts.profile) == (spaces, name)


@pytest.mark.parametrize(
    ("data", "transparent"),
    [
        (picture("PNG"), False),
        (picture("PNG", "RGBA"), True),
        (picture("PNG", "LA"), True),
        (picture("PNG", transparency=(0, 0, 0)), True),
        (picture("JPEG"), False),
        (picture("TIFF", "RGBA"), True),
        (picture("TIFF"), False),
        (drawn(), False),
        (pdf(b"/G gs", b"/ExtGState<</G<</ca .5>>>>"), True),
        (pdf(b"/G gs", b"/ExtGState<</G<</BM/Multiply>>>>"), True),
        (pdf(b"/G gs", b"/ExtGState<</G<</ca 1/CA 1/BM/Normal/SMask/None>>>>"), False),
        (pdf(b"", b"/ExtGState<</G<</ca .5>>>>"), False),
        (svg('<rect opacity="0.5"/>'), True),
        (svg('<rect style="fill-opacity: .3"/>'), True),
        (svg("<style>rect { opacity: 0.2 }</style>"), True),
        (svg('<rect opacity="1" style="opacity:1"/>'), False),
        (svg(f'<image href="{corpus.data_uri(picture("PNG", "RGBA"))}"/>'), True),
    ],
)
def test_transparency_is_told(data: bytes, transparent: bool) -> None:
    assert inspect(data).transparent is transparent


class TestPicturesInAPdf:
    def images(self, data: bytes) -> list[tuple[int, float, float]]:
        return [tuple(one) for one in inspect(data).images or ()]

    def placed(self, content: bytes, page: bytes = b"", *more: bytes) -> list[tuple[int, float, float]]:
        """A picture of 300 x 400 pixels, named X; a page is 5 x 7 inches."""
        image = stream(bytes(10), b"/Subtype/Image/Width 300/Height 400/ColorSpace/DeviceGray/BitsPerComponent 8")
        return self.images(pdf(content, b"/XObject<</X 5 0 R/F 6 0 R>>", page, b"", image, *more))

    def test_the_size_at_which_it_is_placed_decides(self) -> None:
        assert self.images(pictured((600, 840), (5, 7))) == [(1, 120, 1)]
        assert self.placed(b"216 0 0 288 9 9 cm /X Do") == [(1, 100, 0.343)]
        assert self.placed(b"0 216 -288 0 0 0 cm /X Do") == [(1, 100, 0.343)], "turned by 90 degrees"
        assert self.placed(b"216 0 0 288 9 9 cm /X Do", b"/UserUnit 2") == [(1, 50, 0.343)]

    def test_matrices_multiply_and_come_back(self) -> None:
        assert self.placed(b"2 0 0 2 0 0 cm q 5 0 0 5 0 0 cm Q 108 0 0 144 9 9 cm /X Do") == [(1, 100, 0.343)]

    def test_the_coarser_side_counts(self) -> None:
        assert self.placed(b"360 0 0 144 0 0 cm /X Do") == [(1, 60, 0.286)]

    def test_forms_are_followed(self) -> None:
        form = stream(
            b"216 0 0 288 0 0 cm /X Do",
            b"/Subtype/Form/BBox[0 0 999 999]/Matrix[.5 0 0 .5 0 0]/Resources<</XObject<</X 5 0 R>>>>",
        )
        assert self.placed(b"/F Do", b"", form) == [(1, 200, 0.086)]

    def test_of_a_page_the_largest_and_the_coarsest_are_kept(self) -> None:
        many = b"q 360 0 0 480 0 0 cm /X Do Q q 180 0 0 240 0 0 cm /X Do Q q 360 0 0 20 0 0 cm /X Do Q"
        assert self.placed(many) == [(1, 60, 0.952)]
        wide = b" q 360 0 0 24 0 0 cm /X Do Q q 350 0 0 500 0 0 cm /X Do Q"
        assert self.placed(b"q 720 0 0 24 0 0 cm /X Do Q" + wide) == [(1, 30, 0.095), (1, 57.6, 0.965)]

    def test_ornaments_do_not_count(self) -> None:
        assert self.placed(b"20 0 0 20 0 0 cm /X Do") == []

    def test_a_picture_within_the_drawing_counts(self) -> None:
        inline = b"360 0 0 504 0 0 cm BI /W 5 /H 7 /CS /RGB /BPC 8 ID " + bytes(5 * 7 * 3) + b" EI"
        facts = inspect(pdf(inline))
        assert (facts.images, facts.color_spaces) == (((1, 1.0, 1.0),), ("srgb",))

    def test_what_a_pattern_paints_counts(self) -> None:
        pattern = stream(b"0 0 0 1 k 0 0 9 9 re f", b"/Type/Pattern/PatternType 1/PaintType 1/BBox[0 0 9 9]")
        facts = inspect(pdf(b"/Pattern cs /P scn", b"/Pattern<</P 5 0 R>>", b"", b"", pattern))
        assert facts.color_spaces == ("cmyk",)


class TestFonts:
    def fonts(self, content: bytes, font: bytes, *more: bytes) -> tuple[str, ...] | None:
        return inspect(pdf(content, b"/Font<</F 5 0 R>>", b"", b"", font, *more)).fonts

    def test_text_in_a_font_that_the_file_does_not_hold_is_told(self) -> None:
        assert inspect(written()).fonts == ("Helvetica",)
        assert inspect(svg('<g font-family="Roboto, Arial"><text>Hi</text></g>')).fonts == ("Roboto",)
        assert inspect(svg("<text style=\"font-family: 'Open Sans'\">Hi</text>")).fonts == ("Open Sans",)
        assert inspect(svg("<text><tspan>Hi</tspan></text>")).fonts == ("a font that it does not name",)
        assert inspect(svg("<text> </text><title>Hi</title>")).fonts == ()

    def test_a_font_that_is_not_used_does_not_matter(self) -> None:
        assert inspect(drawn()).fonts == (), "its writer lists one all the same"

    def test_a_font_that_the_file_holds_is_no_trouble(self) -> None:
        held = b"<</Subtype/TrueType/BaseFont/ABCDEF+Lora/FontDescriptor<</FontFile2 6 0 R>>>>"
        assert self.fonts(b"BT /F 9 Tf (x) Tj ET", held, stream(b"")) == ()
        named = b"<</Subtype/TrueType/BaseFont/ABCDEF+Lora/FontDescriptor<</FontName/Lora>>>>"
        assert self.fonts(b"BT /F 9 Tf [(x)] TJ ET", named) == ("Lora",)

    def test_a_font_of_parts_is_looked_into(self) -> None:
        parts = b"<</Subtype/Type0/BaseFont/Noto/DescendantFonts[<</FontDescriptor<</FontFile3 6 0 R>>>>]>>"
        assert self.fonts(b"BT /F 9 Tf (x) Tj ET", parts, stream(b"")) == ()
        assert self.fonts(b"BT /F 9 Tf (x) Tj ET", parts.replace(b"/FontFile3 6 0 R", b"")) == ("Noto",)

    def test_text_that_only_searches_find_is_not_printed(self) -> None:
        font = b"<</Subtype/Type1/BaseFont/Courier>>"
        assert self.fonts(b"BT 3 Tr /F 9 Tf (x) Tj ET", font) == ()
        assert self.fonts(b"q BT 3 Tr ET Q BT /F 9 Tf (x) ' ET", font) == ("Courier",)


class TestBoxes:
    def test_the_room_around_the_trim_is_measured_at_its_narrowest(self) -> None:
        facts = inspect(pdf(page=b"/TrimBox[10 20 350 480]"))
        assert facts.trim == (round(340 / MM, 2), round(460 / MM, 2))
        assert facts.bleed == round(10 / MM, 2)
        assert inspect(pdf(page=b"/TrimBox[-5 20 350 480]")).bleed == 0
        assert inspect(pdf()).bleed is None

    def test_pages_of_another_size_are_counted(self) -> None:
        whole = corpus.pikepdf.open(corpus.BytesIO(drawn(pages=4)))
        whole.pages[1].mediabox = [0, 0, 504, 360]
        whole.pages[2].rotate(90, relative=True)
        out = corpus.BytesIO()
        whole.save(out)
        facts = inspect(out.getvalue())
        assert (facts.pages, facts.odd_pages) == (4, 2)


@pytest.mark.parametrize(
    ("inner", "outside"),
    [
        ('<image href="http://127.0.0.1/a.png"/>', "http://127.0.0.1/a.png"),
        ('<image xlink:href="../a.png?token=secret"/>', "../a.png"),
        ('<rect fill="url(http://x/a.svg#b)"/>', "http://x/a.svg#b"),
        ("<style>@import 'http://x/a.css';</style>", "http://x/a.css"),
        ('<style>@font-face { src: url("http://x/a.woff") }</style>', "http://x/a.woff"),
        ('<use href="file:///etc/passwd#a"/>', "file:///etc/passwd#a"),
    ],
)
def test_what_an_svg_shows_from_elsewhere_is_told_and_never_opened(inner: str, outside: str) -> None:
    assert inspect(svg(inner)).outside == (outside,)


def test_an_svg_that_refers_to_its_own_parts_holds_all_it_shows() -> None:
    parts = '<defs><linearGradient id="a"/><linearGradient id="b" href="#a"/></defs><rect fill="url(#b)"/>'
    link = '<a href="https://example.com"><rect/></a>'
    assert inspect(svg(parts + link)).outside == ()


def test_a_protected_pdf_that_opens_is_told_from_one_that_does_not() -> None:
    assert inspect(corpus.protected()).encrypted is True
    assert inspect(drawn()).encrypted is False
    with pytest.raises(BadInput, match="password"):
        inspect(corpus.protected(user="secret"))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"hello", "no PDF, PNG, JPEG, TIFF or SVG"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"\xef\xbb\xbf\n  <html lang='en'>", "is a web page"),
        (picture("WEBP"), "is WebP"),
        (picture("GIF", "P"), "is GIF"),
        (picture("BMP"), "is BMP"),
        (b"PK\x03\x04rest", "ZIP archive"),
        (b"\x1f\x8b\x08rest", "compressed as a whole"),
        (b"II+\x00rest", "BigTIFF"),
        (b"8BPS\x00\x01", "Photoshop"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
    ],
)
def test_what_cannot_be_printed_is_refused_with_its_reason(data: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as failure:
        inspect(data, "poster")
    assert str(failure.value).startswith("poster ")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", picture("PNG")),
        ("a.JPG", picture("PNG")),
        ("a.tif", drawn()),
        ("a.webp", drawn()),
        ("a.svg", drawn()),
        ("a.png", svg()),
    ],
)
def test_a_file_must_be_what_it_is_called(name: str, data: bytes) -> None:
    with pytest.raises(BadInput, match="not what it is called") as failure:
        inspect(data, name)
    assert failure.value.code == "wrong_extension"


@pytest.mark.parametrize("name", ["a.jpeg", "a.JPG", "a.v2", "download", "https page.php"])
def test_other_names_do_not_matter(name: str) -> None:
    assert inspect(picture("JPEG"), name).extension == "jpg"


def test_a_small_file_with_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    out = corpus.BytesIO()
    corpus.Image.new("1", (16_000, 16_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    with pytest.raises(BadInput, match="16,000 x 16,000 pixels"):
        inspect(out.getvalue())
    monkeypatch.setattr(facts_module, "MOST_PIXELS", 1_000)
    for kind in ("PNG", "JPEG", "TIFF"):
        with pytest.raises(BadInput, match=r"60 x 40 pixels; at most"):
            inspect(picture(kind))


def test_facts_of_an_older_gcw_are_those_of_the_columns() -> None:
    columns = {"media_type": "image/png", "extension": "png", "width": 6.0, "height": 4.0, "pages": 1}
    assert FileFacts.from_json(columns, None) == FileFacts("image/png", "png", 6, 4)
