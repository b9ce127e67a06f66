"""Print-ready files: what is on them lies exactly where the placement says, whatever the design is made of."""

import hashlib
import io
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from designs import quarters
from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import files, placing, printing, rendering, vectors
from gcw_tiktok.workflow.designs.files import FileFacts
from gcw_tiktok.workflow.designs.placing import Placement

AREA = PrintArea("front", True, 120.0, 90.0, 4.0, 10, ("pdf", "png", "jpeg", "tiff", "svg"), wanted_dpi=72)
PER_MM = 2
NOTHING = (255, 255, 255, 0)
TOLERANCE = 12
"""JPEG does not give back exactly what it was given; previews are made smaller or larger besides."""


def facts(path: Path) -> FileFacts:
    if path.suffix == ".svg":
        return FileFacts("image/svg+xml", "svg", 240, 160)
    return files.inspect(path)


def expected(told: FileFacts, area: PrintArea, placement: Placement, x: float, y: float, near: float) -> object:
    """The colour that must be seen at a place of the sheet, in millimetres; None too near to a change to tell."""
    lies = placing.box(told, area, placement)
    across, down = (x - area.bleed_mm - lies.left) / lies.width, (y - area.bleed_mm - lies.top) / lies.height
    if any(
        abs(one * size - edge * size) < near
        for one, size in ((across, lies.width), (down, lies.height))
        for edge in (0, 0.5, 1)
    ):
        return None
    if not (0 < across < 1 and 0 < down < 1):
        return NOTHING
    for _ in range(placement.rotate // 90):
        across, down = down, 1 - across  # turned back counterclockwise
    return (*quarters.COLOURS[int(down > 0.5)][int(across > 0.5)], 255)


def must_show(
    sheet: Image.Image,
    told: FileFacts,
    area: PrintArea,
    placement: Placement,
    near: float = 1.5,
    tolerance: int = TOLERANCE,
) -> int:
    """How many places were looked at; each shows what it must."""
    seen = 0
    for column in range(1, 24):
        for row in range(1, 24):
            x, y = area.printed_size[0] * column / 24, area.printed_size[1] * row / 24
            wanted = expected(told, area, placement, x, y, near / PER_MM)
            if wanted is None:
                continue
            found = sheet.getpixel((min(int(x * PER_MM), sheet.width - 1), min(int(y * PER_MM), sheet.height - 1)))
            assert isinstance(found, tuple)
            assert isinstance(wanted, tuple)
            if wanted == NOTHING:
                assert found[3] == 0, (x, y, found, placement)
            else:
                assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= tolerance, (
                    x,
                    y,
                    found,
                    wanted,
                    placement,
                )
            seen += 1
    return seen


def size_of(area: PrintArea) -> tuple[int, int]:
    return round(area.printed_size[0] * PER_MM), round(area.printed_size[1] * PER_MM)


def printed(path: Path, area: PrintArea, placement: Placement) -> Image.Image:
    return rendering.page(printing.compose(path, facts(path), area, placement), size_of(area))


KINDS: dict[str, Callable[[Path], Path]] = {
    "png": lambda folder: quarters.png(folder / "a.png"),
    "palette png": lambda folder: quarters.png(folder / "a.png", "P"),
    "jpeg": lambda folder: quarters.turned(folder / "a.jpg", 1),
    "tiff": lambda folder: quarters.turned(folder / "a.tif", 1),
    "svg": lambda folder: quarters.svg(folder / "a.svg"),
    "pdf": lambda folder: quarters.pdf(folder / "a.pdf"),
    **{f"pdf turned {by}": lambda folder, by=by: quarters.pdf(folder / "a.pdf", rotate=by) for by in (90, 180, 270)},
    **{f"jpeg stored {n}": lambda folder, n=n: quarters.turned(folder / "a.jpg", n) for n in range(2, 9)},
    "tiff stored 8": lambda folder: quarters.turned(folder / "a.tif", 8),
    "png stored 6": lambda folder: quarters.turned(folder / "a.png", 6),
}  # fmt: skip

placements = st.builds(
    Placement,
    mode=st.sampled_from(["fit", "fill"]),
    scale=st.floats(0.2, 4),
    x_mm=st.floats(-80, 80),
    y_mm=st.floats(-80, 80),
    rotate=st.sampled_from([0, 90, 180, 270]),
)
areas = st.builds(
    lambda width, height, bleed: replace(AREA, width_mm=width, height_mm=height, bleed_mm=bleed),
    st.floats(30, 200),
    st.floats(30, 200),
    st.sampled_from([0.0, 2.0, 3.175]),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_each_kind_lies_where_it_was_placed(kind: str, rotate: int, tmp_path: Path) -> None:
    path = KINDS[kind](tmp_path)
    placement = Placement("fit", 0.8, 7, -5, rotate)
    assert must_show(printed(path, AREA, placement), facts(path), AREA, placement) > 300


@pytest.mark.parametrize("kind", ["png", "pdf turned 90", "svg"])
def test_it_lies_there_for_any_placement_on_any_area(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = KINDS[kind](tmp_path_factory.mktemp("design"))

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(placement=placements, area=areas)
    def check(placement: Placement, area: PrintArea) -> None:
        must_show(printed(path, area, placement), facts(path), area, placement)

    check()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "turned 1" not in kind])
def test_the_preview_shows_what_is_printed(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = KINDS[kind](tmp_path_factory.mktemp("design"))

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(placement=placements, area=areas)
    def check(placement: Placement, area: PrintArea) -> None:
        shown = rendering.sheet(path, facts(path), area, placement, size_of(area)[0])
        must_show(
            shown.resize(size_of(area), Image.Resampling.NEAREST), facts(path), area, placement, near=4, tolerance=60
        )

    check()


def opened(path: Path, placement: Placement | None = None, area: PrintArea = AREA) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(printing.compose(path, facts(path), area, placement or Placement())))


def image_of(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return pdf.pages[0].obj.Resources.XObject.Design


def test_it_is_exactly_as_large_as_trim_and_bleed(tmp_path: Path) -> None:
    with opened(quarters.png(tmp_path / "a.png")) as pdf:
        page = pdf.pages[0]
        width, height, bleed = ((mm / 25.4 * 72) for mm in (128, 98, 4))
        for box in (page.mediabox, page.cropbox, page.obj.BleedBox):
            assert [float(one) for one in box] == pytest.approx([0, 0, width, height], abs=0.001)
        trim = [float(one) for one in page.trimbox]
        assert trim == pytest.approx([bleed, bleed, width - bleed, height - bleed], abs=0.001)
    made = files.inspect(printing.compose(tmp_path / "a.png", facts(tmp_path / "a.png"), AREA, None))
    assert (made.width, made.height, made.trim) == (128.0, 98.0, (120.0, 90.0))


def test_the_same_gives_the_same_bytes(tmp_path: Path) -> None:
    for kind, make in KINDS.items():
        path = make(tmp_path)
        one, other = (printing.compose(path, facts(path), AREA, Placement(scale=0.5)) for _ in range(2))
        assert one == other, kind
        assert b"CreationDate" not in one


def test_a_jpeg_stays_as_it_is_with_ink_and_profile(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = quarters.cmyk(tmp_path / "a.jpg", profile=profile)  # for other colours than the picture has: left out
    with opened(path) as pdf:
        image = image_of(pdf)
        assert image.read_raw_bytes() == path.read_bytes()
        assert (image.Filter, image.ColorSpace) == ("/DCTDecode", "/DeviceCMYK")
        assert [int(one) for one in image.Decode] == [1, 0] * 4
    ink = profile[:16] + b"CMYK" + profile[20:]
    with opened(quarters.cmyk(tmp_path / "b.jpg", profile=ink)) as pdf:
        kind, kept = image_of(pdf).ColorSpace
        assert (kind, int(kept.N), kept.Alternate) == ("/ICCBased", 4, "/DeviceCMYK")
        assert kept.read_bytes() == ink


def test_ink_is_printed_as_the_picture_has_it(tmp_path: Path) -> None:
    placement = Placement("fill")
    for name in ("a.jpg", "a.tif"):
        sheet = printed(quarters.cmyk(tmp_path / name), AREA, placement)
        red, yellow = sheet.getpixel((20, 20)), sheet.getpixel((sheet.width - 20, sheet.height - 20))
        assert isinstance(red, tuple)
        assert isinstance(yellow, tuple)
        assert red[0] > 180
        assert max(red[1:3]) < 90
        assert min(yellow[:2]) > 180
        assert yellow[2] < 90


def test_a_pngs_pixels_stay_packed_as_they_are_and_its_profile_comes_along(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / "a.png"
    quarters.picture().save(path, "PNG", icc_profile=profile)
    with opened(path) as pdf:
        image = image_of(pdf)
        assert image.read_raw_bytes() in path.read_bytes()
        assert image.ColorSpace[1].read_bytes() == profile
        assert pikepdf.PdfImage(image).as_pil_image().convert("RGB").tobytes() == quarters.picture().tobytes()


@pytest.mark.parametrize(("name", "mode"), [("a.png", "RGBA"), ("a.png", "P"), ("a.tif", "RGBA")])
def test_what_lets_through_lets_through(name: str, mode: str, tmp_path: Path) -> None:
    path = quarters.clear_corner(tmp_path / name, mode)
    placement = Placement("fill")
    for sheet in (printed(path, AREA, placement), rendering.sheet(path, facts(path), AREA, placement, 256)):
        alpha = sheet.getchannel("A")
        assert alpha.getpixel((20, 20)) == 0
        assert alpha.getpixel((sheet.width - 20, 20)) == 255
        assert alpha.getpixel((20, sheet.height - 20)) == 255
    with opened(path) as pdf:
        assert image_of(pdf).SMask.ColorSpace == "/DeviceGray"


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_png_with_one_colour_for_none(mode: str, tmp_path: Path) -> None:
    path, none = tmp_path / "a.png", 9 if mode == "L" else (9, 9, 9)
    drawn = Image.new(mode, (120, 90), 200 if mode == "L" else (0, 200, 0))
    drawn.paste(none, (0, 0, 60, 90))
    drawn.save(path, transparency=none)
    alpha = printed(path, AREA, Placement("fill")).getchannel("A")
    assert (alpha.getpixel((20, 40)), alpha.getpixel((240, 40))) == (0, 255)


@pytest.mark.parametrize("mode", ["1", "I;16", "LA"])
def test_pictures_of_few_or_fine_shades(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    quarters.picture("L").convert("I" if mode == "I;16" else mode).convert(mode).save(path)
    sheet = printed(path, AREA, Placement("fill"))
    assert sheet.getchannel("A").getextrema() == (255, 255)
    with opened(path) as pdf:
        assert int(image_of(pdf).BitsPerComponent) == {"1": 1, "I;16": 16, "LA": 8}[mode]


def test_a_large_png_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = quarters.turned(tmp_path / "a.png", 6)
    told = facts(path)

    def decode(*_: object) -> None:
        raise AssertionError("nothing of it need be unpacked")

    monkeypatch.setattr(Image.Image, "load", decode)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    assert printing.compose(path, told, AREA, None)


def test_an_interlaced_png_is_packed_anew(tmp_path: Path) -> None:
    """Adam7 stores rows that PDF could not read: what is written here is a whole such file of 8 x 8 pixels."""
    path = tmp_path / "a.png"
    path.write_bytes(_interlaced())
    assert printed(path, AREA, Placement("fill")).getpixel((100, 100)) == (20, 200, 20, 255)


def _interlaced() -> bytes:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    passes = [(1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4)]
    rows = b"".join((b"\0" + bytes(quarters.GREEN) * width) * height for width, height in passes)
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 1)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_a_page_with_a_unit_of_its_own_and_inherited_turning(tmp_path: Path) -> None:
    def change(page: pikepdf.Page) -> None:
        page.obj.UserUnit = 2
        page.obj.Parent.Rotate = page.obj.Rotate
        del page.obj.Rotate

    path = quarters.pdf(tmp_path / "a.pdf", rotate=90, change=change)
    placement = Placement("fit", 0.7, rotate=180)
    assert must_show(printed(path, AREA, placement), facts(path), AREA, placement) > 300


def test_hidden_layers_stay_hidden_and_stamps_are_printed(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(240, 160))
    page = pdf.pages[0]
    layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Notes"))
    pdf.Root.OCProperties = pikepdf.Dictionary(
        OCGs=pikepdf.Array([layer]), D=pikepdf.Dictionary(OFF=pikepdf.Array([layer]))
    )
    page.obj.Resources = pikepdf.Dictionary(Properties=pikepdf.Dictionary(L0=layer))
    page.obj.Contents = pdf.make_stream(b"/OC /L0 BDC 1 0 0 rg 0 0 120 160 re f EMC")
    look = pdf.make_stream(b"0 0 1 rg 0 0 60 60 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
    look.BBox = pikepdf.Array([0, 0, 60, 60])
    stamp = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, F=4, Rect=pikepdf.Array([170, 50, 230, 110]),
        AP=pikepdf.Dictionary(N=look),
    )  # fmt: skip
    page.obj.Annots = pikepdf.Array([pdf.make_indirect(stamp)])
    pdf.save(path, static_id=True)
    sheet = printed(path, AREA, Placement("fill"))
    middle = sheet.height // 2
    assert sheet.getpixel((30, middle)) == NOTHING
    assert sheet.getpixel((round(sheet.width * 200 / 240), middle)) == (0, 0, 255, 255)


def test_as_many_pages_as_the_area_takes(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    quarters.picture().save(path, save_all=True, append_images=[quarters.picture().rotate(180)] * 4)
    with opened(path) as pdf:
        assert len(pdf.pages) == 1
    with opened(path, area=replace(AREA, pages=(1, 3))) as pdf:
        assert len(pdf.pages) == 3
    with pikepdf.open(quarters.pdf(tmp_path / "a.pdf")) as book:
        for _ in range(4):
            book.pages.append(book.pages[0])
        book.save(tmp_path / "b.pdf", static_id=True)
    with opened(tmp_path / "b.pdf", area=replace(AREA, pages=(1, 3))) as pdf:
        assert len(pdf.pages) == 3


def pinned(path: Path, folder: Path) -> Path:
    kept = folder / (hashlib.sha256(path.read_bytes()).hexdigest() + path.suffix)
    folder.mkdir(exist_ok=True)
    kept.write_bytes(path.read_bytes())
    return kept


def test_it_is_pinned_and_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "designs"
    path = pinned(quarters.png(tmp_path / "a.png"), folder)
    made: list[object] = []
    compose = printing.compose
    monkeypatch.setattr(printing, "compose", lambda *given: made.append(given) or compose(*given))
    first = printing.ready(path, facts(path), AREA, Placement(), folder)
    assert first.path == folder / f"{first.sha256}.pdf"
    assert hashlib.sha256(first.path.read_bytes()).hexdigest() == first.sha256
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    again = printing.ready(path, facts(path), AREA, Placement(), folder)
    assert (again.sha256, again.size, again.path) == (first.sha256, first.size, first.path)
    assert (again.facts.width, again.facts.height, again.facts.trim) == (128.0, 98.0, (120.0, 90.0))
    assert len(made) == 1
    for other in (
        printing.ready(path, facts(path), AREA, Placement(scale=0.5), folder),
        printing.ready(path, facts(path), replace(AREA, bleed_mm=3), Placement(), folder),
        printing.ready(path, facts(path), replace(AREA, width_mm=121), Placement(), folder),
    ):
        assert other.sha256 != first.sha256
    assert len(made) == 4
    first.path.unlink()
    assert printing.ready(path, facts(path), AREA, Placement(), folder).sha256 == first.sha256
    assert first.path.is_file()
    assert not list(folder.rglob(".*"))


def test_a_note_that_is_damaged_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "designs"
    path = pinned(quarters.png(tmp_path / "a.png"), folder)
    first = printing.ready(path, facts(path), AREA, None, folder)
    (note,) = (folder / printing.MADE).iterdir()
    for damage in ("", "[]", "{}", json.dumps({"sha256": "../../etc", "size": 1})):
        note.write_text(damage)
        assert printing.ready(path, facts(path), AREA, None, folder).sha256 == first.sha256


@pytest.mark.parametrize("link", ["/etc/hostname", "file:///etc/hostname", "logo.png", "https://example.com/a.png"])
def test_a_drawing_reads_no_other_file(link: str, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    for name in ("href", "xlink:href"):
        path.write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
            f'<g><image {name}="{link}" width="9" height="9"/></g></svg>'
        )
        with pytest.raises(BadInput, match="needs another file"):
            printing.compose(path, facts(path), AREA, None)


@pytest.mark.parametrize(
    "text", ["", "<svg", "<html/>", '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>']
)
def test_a_drawing_that_is_none_ends_in_a_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text(text)
    with pytest.raises(BadInput, match="drawing"):
        vectors.drawn(path, 100)


def test_a_huge_drawing_is_drawn_in_bounds() -> None:
    width = vectors.pixels_for(10_000, 5_000, 600)
    assert width * width / 2 <= vectors.MOST_PIXELS * 1.001
    assert vectors.pixels_for(254, 127, 300) == 3000


def test_a_pdf_that_takes_too_long_has_no_thumbnail(tmp_path: Path) -> None:
    path = quarters.pdf(tmp_path / "slow.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        drawn = b"0.5 w " + b"".join(b"0 0 m 300 %d 200 10 100 %d c S " % (n % 200, n % 170) for n in range(60_000))
        pdf.pages[0].contents_add(drawn)
        pdf.save(path)
    assert rendering.thumbnail(path, 480, 0.01) is None
    assert rendering.thumbnail(quarters.pdf(tmp_path / "a.pdf"), 480, 5.0) is not None
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing %%EOF")
    assert rendering.thumbnail(tmp_path / "broken.pdf", 480, 5.0) is None


def test_damaged_pdfs_end_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 nothing %%EOF")
    with pytest.raises(BadInput):
        printing.compose(path, FileFacts("application/pdf", "pdf", 100, 100), AREA, None)
