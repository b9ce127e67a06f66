"""Designs: pinned under their hash, whole or not at all, and checked for their print area."""

import hashlib
import runpy
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader
from sqlmodel import Session, SQLModel, create_engine, select

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.tables import Design
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import checks, pinning, placing
from gcw_tiktok.workflow.designs.fetching import Fetcher
from gcw_tiktok.workflow.designs.files import FileFacts

EXAMPLES = Path(__file__).parents[2] / "examples"
POSTER = EXAMPLES / "designs" / "harbor-poster-18x24.pdf"
MUG = EXAMPLES / "designs" / "harbor-mug-wrap.jpg"
AREA = PrintArea(
    name="default", required=True, width_mm=457.2, height_mm=609.6, bleed_mm=3.175, min_dpi=150,
    formats=("pdf", "png", "jpeg"),
)  # fmt: skip
WRAP = replace(AREA, width_mm=228.6, height_mm=88.9, bleed_mm=0)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{tmp_path}/gcw.db")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "designs"


def served(content: bytes, status: int = 200) -> Fetcher:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, content=content))
    return Fetcher(transport=transport, resolve=lambda host, port: ["93.184.215.14"])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestPinning:
    def test_a_file_is_kept_under_its_hash_for_its_owner_alone(self, session: Session, folder: Path) -> None:
        design = pinning.pin(session, str(POSTER), folder, 77)
        kept = pinning.path_of(design, folder)
        assert design.sha256 == hashlib.sha256(POSTER.read_bytes()).hexdigest()
        assert kept.name == f"{design.sha256}.pdf"
        assert kept.read_bytes() == POSTER.read_bytes()
        assert (mode(kept), mode(folder)) == (0o600, 0o700)
        assert (design.media_type, design.size, design.pinned_at) == (
            "application/pdf",
            POSTER.stat().st_size,
            77,
        )
        assert (design.width, design.height, design.pages) == (463.55, 615.95, 1)
        assert list(folder.iterdir()) == [kept]

    def test_an_address_gives_the_same_design_as_the_file(self, session: Session, folder: Path) -> None:
        first = pinning.pin(session, str(MUG), folder, 1)
        fetch = served(MUG.read_bytes())
        again = pinning.pin(session, "https://example.com/x.jpg?sig=1", folder, 2, fetch=fetch)
        assert again is first
        assert again.pinned_at == 1
        assert len(list(folder.iterdir())) == 1
        assert len(session.exec(select(Design)).all()) == 1

    def test_a_kept_file_is_reused_and_mended_when_it_was_damaged(self, session: Session, folder: Path) -> None:
        kept = pinning.path_of(pinning.pin(session, str(MUG), folder, 1), folder)
        before = kept.stat().st_ino
        pinning.pin(session, str(MUG), folder, 2)
        assert kept.stat().st_ino == before
        kept.write_bytes(b"damaged")
        pinning.pin(session, str(MUG), folder, 3)
        assert kept.read_bytes() == MUG.read_bytes()

    @pytest.mark.parametrize(
        ("content", "name", "sentence"),
        [
            (MUG.read_bytes()[:-5000], "a.jpg", "cut off"),
            (b"<html></html>", "a.pdf", "web page"),
            (MUG.read_bytes(), "a.pdf", "not what it is called"),
            (b"", "a.pdf", "empty"),
        ],
    )
    def test_what_cannot_be_used_leaves_nothing_behind(
        self, session: Session, folder: Path, content: bytes, name: str, sentence: str
    ) -> None:
        with pytest.raises(BadInput, match=sentence):
            pinning.pin(session, f"https://example.com/{name}", folder, 1, fetch=served(content))
        assert list(folder.iterdir()) == []
        assert session.exec(select(Design)).all() == []

    def test_a_failed_fetch_leaves_nothing_behind(self, session: Session, folder: Path) -> None:
        with pytest.raises(TryAgain):
            pinning.pin(session, "https://example.com/a", folder, 1, fetch=served(b"", 503))
        assert list(folder.iterdir()) == []

    def test_a_full_disk_is_told_and_leaves_nothing_behind(
        self, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(TryAgain, match="No space left"):
            pinning.pin(session, str(MUG), folder, 1)
        assert list(folder.iterdir()) == []

    @pytest.mark.parametrize(
        ("source", "sentence"),
        [
            ("nowhere.pdf", "does not exist"),
            (str(EXAMPLES), "is a folder"),
            ("/dev/zero", "no ordinary file"),
            ("~nobody-of-that-name/a.pdf", "does not exist"),
            ("file:///etc/passwd", "no https address"),
            ("\x00", "does not exist"),
        ],
    )
    def test_sources_that_are_none(self, session: Session, folder: Path, source: str, sentence: str) -> None:
        with pytest.raises(BadInput, match=sentence):
            pinning.pin(session, source, folder, 1, fetch=served(b""))

    def test_too_large_a_file_is_refused(self, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pinning, "MOST_BYTES", 1000)
        with pytest.raises(BadInput, match="larger than"):
            pinning.pin(session, str(MUG), folder, 1)

    @pytest.mark.parametrize(
        ("source", "name"),
        [
            ("https://example.com/art/harbor%20poster.pdf?sig=x", "harbor poster.pdf"),
            ("https://example.com/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "passwd"),
            ("https://example.com/", "design"),
            ("C:\\art\\harbor.pdf", "harbor.pdf"),
            ("../art/a\x1b[31m.png", "a[31m.png"),
        ],
    )
    def test_a_name_from_outside_is_no_path(self, source: str, name: str) -> None:
        assert pinning.name_of(source) == name


class TestChecking:
    def levels(self, facts: FileFacts, area: PrintArea) -> dict[str, str]:
        return {finding.check: finding.level for finding in checks.check(facts, area)}

    def picture(self, width: int, height: int, media_type: str = "image/png") -> FileFacts:
        return FileFacts(media_type, "png", width, height)

    def page(self, width: float, height: float, pages: int = 1, trim: tuple[float, float] | None = None) -> FileFacts:
        return FileFacts("application/pdf", "pdf", width, height, pages, trim=trim)

    def test_the_examples_suit_their_products(self, session: Session, folder: Path) -> None:
        poster = pinning.facts_of(pinning.pin(session, str(POSTER), folder, 1))
        assert self.levels(poster, AREA) == {"format": "pass", "shape": "pass"}
        mug = pinning.facts_of(pinning.pin(session, str(MUG), folder, 1))
        assert self.levels(mug, WRAP) == {"format": "pass", "shape": "pass", "dpi": "pass"}

    def test_the_format_must_be_one_that_the_area_takes(self) -> None:
        [finding, *_] = checks.check(self.picture(5475, 7275, "image/tiff"), AREA)
        assert (finding.level, finding.found, finding.wanted) == ("fail", "tiff", "pdf, png, jpeg")

    @pytest.mark.parametrize(("dpi", "level"), [(300, "pass"), (299, "warn"), (151, "warn"), (149, "fail")])
    def test_pixels_at_print_size_decide(self, dpi: int, level: str) -> None:
        width, height = AREA.pixels(dpi)
        assert self.levels(self.picture(width, height), AREA)["dpi"] == level

    def test_the_numbers_found_and_wanted_are_told(self) -> None:
        finding = checks.check(self.picture(1825, 2425), AREA)[-1]
        assert (finding.level, finding.found, finding.wanted) == ("fail", "100 dpi", "300 dpi")
        assert "5475 x 7275 pixels are best" in finding.sentence

    def test_a_design_that_lies_the_other_way_fails_where_ink_reaches_the_edge(self) -> None:
        lying = self.picture(7275, 5475)
        assert self.levels(lying, AREA)["shape"] == "fail"
        assert self.levels(lying, replace(AREA, bleed_mm=0))["shape"] == "warn"

    def test_a_picture_that_is_fitted_in_is_as_sharp_as_its_fitting_side(self) -> None:
        assert placing.effective_dpi(self.picture(2700, 300), WRAP) == pytest.approx(300)
        assert placing.effective_dpi(self.picture(2700, 300), replace(WRAP, bleed_mm=1)) < 90

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
        finding = checks.check(self.page(*facts), AREA)[1]
        assert (finding.check, finding.level) == ("shape", level)
        assert word in finding.sentence

    def test_marks_around_the_trim_do_not_matter(self) -> None:
        assert self.levels(self.page(500, 640, trim=(457.2, 609.6)), AREA)["shape"] == "pass"

    def test_further_pages_are_warned_of(self) -> None:
        assert self.levels(self.page(463.55, 615.95, pages=2), AREA)["pages"] == "warn"


def test_the_example_designs_are_what_their_script_draws(tmp_path: Path) -> None:
    """Compared as drawn: the bytes depend on the versions of the libraries that wrote them."""
    runpy.run_path(str(EXAMPLES / "make_designs.py"))["main"](tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in POSTER.parent.iterdir()}
    content, drawn = (PdfReader(path).pages[0].get_contents() for path in (POSTER, tmp_path / POSTER.name))
    assert content is not None
    assert drawn is not None
    assert content.get_data() == drawn.get_data()
    for name in ("harbor-tee-front.png", "harbor-mug-wrap.jpg"):
        with Image.open(POSTER.parent / name) as kept, Image.open(tmp_path / name) as fresh:
            pair = [picture.convert("RGBA").resize((450, 450)) for picture in (kept, fresh)]
        assert max(ImageStat.Stat(ImageChops.difference(*pair)).mean) < 1
