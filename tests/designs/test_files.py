"""What a design file is: told from its content, and refused in words when it cannot be printed."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.designs import files
from gcw_tiktok.workflow.designs.files import inspect

DESIGNS = Path(__file__).parents[2] / "examples" / "designs"


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    out = BytesIO()
    Image.radial_gradient("L").resize(size).convert(mode).save(out, kind, **more)
    return out.getvalue()


def pdf(width: float = 360, height: float = 504, pages: int = 1) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=True)
    for number in range(pages):
        canvas.drawString(20, 20, f"page {number}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def rewritten(**changes: object) -> bytes:
    """A PDF whose first page is turned, or that is encrypted."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf())))
    if "turned" in changes:
        writer.pages[0].rotate(90)
    if "password" in changes:
        writer.encrypt("", str(changes["password"]), algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_examples_are_what_they_should_be() -> None:
    poster = inspect(DESIGNS / "harbor-poster-18x24.pdf")
    assert (poster.format, poster.pages, poster.width, poster.height) == ("pdf", 1, 463.55, 615.95)
    assert poster.trim == (457.2, 609.6)
    tee = inspect(DESIGNS / "harbor-tee-front.png")
    assert (tee.format, tee.width, tee.height, tee.dpi) == ("png", 4500, 5400, 300)
    mug = inspect(DESIGNS / "harbor-mug-wrap.jpg")
    assert (mug.format, mug.extension, mug.width, mug.height) == ("jpeg", "jpg", 2700, 1050)
    assert all(file.stat().st_size < 300_000 for file in DESIGNS.iterdir())


@pytest.mark.parametrize(
    ("data", "media_type", "size"),
    [
        (picture("PNG"), "image/png", (60, 40)),
        (picture("PNG", "RGBA"), "image/png", (60, 40)),
        (picture("JPEG", "CMYK"), "image/jpeg", (60, 40)),
        (picture("TIFF", "CMYK", compression="tiff_lzw"), "image/tiff", (60, 40)),
        (pdf(360, 504, pages=3), "application/pdf", (127.0, 177.8)),
        (rewritten(turned=True), "application/pdf", (177.8, 127.0)),
    ],
)
def test_what_can_be_printed(data: bytes, media_type: str, size: tuple[float, float]) -> None:
    facts = inspect(data)
    assert (facts.media_type, (facts.width, facts.height)) == (media_type, size)


def test_pages_of_a_pdf_are_counted() -> None:
    assert inspect(pdf(pages=7)).pages == 7


def test_a_picture_that_says_it_is_turned_is_measured_as_turned() -> None:
    exif = Image.Exif()
    exif[274] = 6
    facts = inspect(picture("JPEG", exif=exif))
    assert (facts.width, facts.height) == (40, 60)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"hello", "no PDF, PNG, JPEG or TIFF"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"\xef\xbb\xbf\n  <html lang='en'>", "is a web page"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "is SVG"),
        (picture("WEBP"), "is WebP"),
        (picture("GIF", "P"), "is GIF"),
        (picture("BMP"), "is BMP"),
        (b"PK\x03\x04rest", "ZIP archive"),
        (b"8BPS\x00\x01", "Photoshop"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        (b"%PDF-1.4\nnothing here\n%%EOF", "damaged"),
        (rewritten(password="secret"), "protected by a password"),
    ],
)
def test_what_cannot_be_printed_is_refused_with_its_reason(data: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as failure:
        inspect(data, "poster")
    assert str(failure.value).startswith("poster ")


@pytest.mark.parametrize(
    ("name", "data"), [("a.pdf", picture("PNG")), ("a.JPG", picture("PNG")), ("a.tif", pdf()), ("a.webp", pdf())]
)
def test_a_file_must_be_what_it_is_called(name: str, data: bytes) -> None:
    with pytest.raises(BadInput, match="not what it is called") as failure:
        inspect(data, name)
    assert failure.value.code == "wrong_extension"


@pytest.mark.parametrize("name", ["a.jpeg", "a.JPG", "a.v2", "download", "https page.php"])
def test_other_names_do_not_matter(name: str) -> None:
    assert inspect(picture("JPEG"), name).extension == "jpg"


def test_a_small_file_with_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    out = BytesIO()
    Image.new("1", (16_000, 16_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    with pytest.raises(BadInput, match="16,000 x 16,000 pixels"):
        inspect(out.getvalue())
    with monkeypatch.context() as patch:
        patch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000)  # beyond twice that, Pillow itself refuses
        with pytest.raises(BadInput, match="pixels"):
            inspect(picture("PNG"))
    monkeypatch.setattr(files, "MOST_PIXELS", 1_000)
    with pytest.raises(BadInput, match=r"60 x 40 pixels; at most"):
        inspect(picture("PNG"))


WHOLE = {
    "png": picture("PNG", "RGBA"),
    "palette": picture("PNG", "P"),
    "jpeg": picture("JPEG"),
    "progressive": picture("JPEG", progressive=True),
    "tiff": picture("TIFF"),
    "lzw": picture("TIFF", compression="tiff_lzw"),
    "pdf": pdf(),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_no_beginning_of_a_good_file_is_taken_for_one(kind: str) -> None:
    whole = WHOLE[kind]
    inspect(whole)
    for length in {*range(0, len(whole) - 8, max(1, len(whole) // 40)), len(whole) - 8}:
        with pytest.raises(BadInput):
            inspect(whole[:length])


@given(st.sampled_from(sorted(WHOLE)), st.integers(0, 1_000_000), st.binary(min_size=1, max_size=8))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
def test_damage_ends_in_words(kind: str, place: int, damage: bytes) -> None:
    data = bytearray(WHOLE[kind])
    place %= len(data)
    data[place : place + len(damage)] = damage
    _only_bad_input(bytes(data))


@given(st.sampled_from([magic for magic, _ in files.STARTS] + [b""]), st.binary(max_size=200))
@settings(deadline=None)
def test_noise_ends_in_words(magic: bytes, noise: bytes) -> None:
    _only_bad_input(magic + noise)
    _only_bad_input(magic + noise + b"%%EOF")


def _only_bad_input(data: bytes) -> None:
    try:
        facts = inspect(data)
    except BadInput:
        return
    assert facts.width > 0
    assert facts.height > 0
