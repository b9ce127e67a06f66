"""Designs: pinned under their hash, whole or not at all, and checked for their print area."""

import hashlib
import runpy
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader
from sqlmodel import Session, SQLModel, create_engine, select

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.tables import Design
from gcw_tiktok.workflow.designs import files, pinning
from gcw_tiktok.workflow.designs.fetching import Fetcher
from gcw_tiktok.workflow.designs.files import FileFacts

EXAMPLES = Path(__file__).parents[2] / "examples"
POSTER = EXAMPLES / "designs" / "harbor-poster-18x24.pdf"
MUG = EXAMPLES / "designs" / "harbor-mug-wrap.jpg"


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


class TestFacts:
    def test_what_was_found_is_remembered_whole(self, session: Session, folder: Path) -> None:
        for source in (POSTER, MUG):
            design = pinning.pin(session, str(source), folder, 1)
            session.flush()
            session.expire(design)
            assert pinning.facts_of(design) == files.inspect(source)

    def test_what_an_older_gcw_did_not_ask_is_asked_when_it_is_pinned_again(
        self, session: Session, folder: Path
    ) -> None:
        design = pinning.pin(session, str(MUG), folder, 1)
        design.facts = None
        session.flush()
        assert pinning.facts_of(design) == FileFacts("image/jpeg", "jpg", 2700, 1050)
        pinning.pin(session, str(MUG), folder, 2)
        assert pinning.facts_of(design).color_spaces == ("srgb",)


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
