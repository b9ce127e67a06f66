"""Job tickets: everything that production needs, nothing of the recipient, the same bytes each time."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from gcw_tiktok.workflow.production import tickets
from gcw_tiktok.workflow.production.tickets import TicketDesign, TicketLine, TicketOrder, ticket

DESIGNS = Path(__file__).parents[2] / "examples" / "designs"
ORDER = TicketOrder(
    reference="TTS-577000000000000001",
    customer="Harbor Prints",
    store="Harbor Official",
    facility="Ohio Press",
    platform_order="577000000000000001",
    ship_by=1_763_999_999,
)


def line(**more: Any) -> TicketLine:
    facts: dict[str, Any] = {
        "line_id": "577000000000000101",
        "product": "Harbor Tee",
        "uid": "t-shirt_size_m_color_navy",
        "variant": "color Navy, size M",
        "position": 1,
        "of": 2,
        "designs": (TicketDesign("front", 381, 457.2, "tee.png", DESIGNS / "harbor-tee-front.png"),),
        "parcel": 1,
        "parcels": 2,
    }
    return TicketLine(**facts | more)


def text_of(pdf: bytes, page: int = 0) -> str:
    return " ".join(PdfReader(BytesIO(pdf)).pages[page].extract_text().split())


def test_each_unit_has_a_page_with_all_that_production_needs() -> None:
    pdf = ticket([line(), line(position=2, line_id="577000000000000102")], ORDER)
    assert len(PdfReader(BytesIO(pdf)).pages) == 2
    text = text_of(pdf)
    for said in (
        "TTS-577000000000000001", "577000000000000101", "Harbor Prints", "Harbor Official", "Ohio Press",
        "Harbor Tee", "t-shirt_size_m_color_navy", "color Navy, size M", "front: 381.0 x 457.2 mm", "tee.png",
        "1/2", "1 of 2", "Mon Nov 24 2025, 15:59 UTC", "Mon Nov 24 2025, 07:59 AM PST",
    ):  # fmt: skip
        assert said in text
    assert "2/2" in text_of(pdf, 1)
    assert "577000000000000102" in text_of(pdf, 1)


def test_equal_input_gives_equal_bytes() -> None:
    assert ticket([line()], ORDER) == ticket([line()], ORDER)
    assert ticket([line()], ORDER) != ticket([line(position=2)], ORDER)


def test_pictures_and_pdfs_show_themselves() -> None:
    shown = PdfReader(BytesIO(ticket([line()], ORDER))).pages[0]
    assert len(shown.images) == 1
    poster = TicketDesign("default", 457.2, 609.6, "poster.pdf", DESIGNS / "harbor-poster-18x24.pdf")
    pdf = ticket([line(designs=(poster,))], ORDER)
    (drawn,) = PdfReader(BytesIO(pdf)).pages[0].images
    picture = drawn.image
    assert picture is not None
    assert max(picture.size) == 480
    assert picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2)) == (255, 241, 201)  # the sun
    assert text_of(pdf).count("poster.pdf") == 1


def test_what_takes_too_long_to_draw_has_a_box_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "THUMBNAIL_SECONDS", -1.0)
    poster = TicketDesign("default", 457.2, 609.6, "poster.pdf", DESIGNS / "harbor-poster-18x24.pdf")
    pdf = ticket([line(designs=(poster,))], ORDER)
    assert len(PdfReader(BytesIO(pdf)).pages[0].images) == 0
    assert text_of(pdf).count("poster.pdf") == 2


def test_a_picture_that_cannot_be_read_does_not_stop_production(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    missing = TicketDesign("back", 10, 10, "missing.png", tmp_path / "missing.png")
    pdf = ticket([line(designs=(TicketDesign("front", 10, 10, "broken.png", broken), missing))], ORDER)
    assert text_of(pdf).count("broken.png") == 2


def test_an_area_of_unknown_size_is_said_to_be_so() -> None:
    pdf = ticket([line(designs=(TicketDesign("front", 0, 0, "a.pdf"),))], ORDER)
    assert "front: size unknown - a.pdf" in text_of(pdf)


def test_without_a_design_or_a_deadline_it_says_so() -> None:
    order = TicketOrder("R", "C", "S", "F", "1")
    text = text_of(ticket([line(designs=(), parcel=None)], order))
    assert "picked from stock" in text
    assert "SHIP BY" not in text
    assert "Parcel" not in text


@pytest.mark.parametrize("areas", [1, 3, 12])
def test_long_names_stay_on_the_page(areas: int) -> None:
    long = "W" * 400
    order = TicketOrder(long, long, long, long, long, 1, (long, "many words " * 60))
    designs = tuple(TicketDesign(f"area-{n}", 10, 20, long) for n in range(areas))
    pdf = ticket([line(product=long, uid=long, variant=long, designs=designs)], order)
    places: list[tuple[float, float]] = []

    def note(text: str, matrix: Any, text_matrix: list[float], font: Any, size: float) -> None:
        if text.strip():
            places.append((text_matrix[4], text_matrix[5]))

    PdfReader(BytesIO(pdf)).pages[0].extract_text(visitor_text=note)
    assert len(places) > 10
    assert all(0 <= x < tickets.PAGE[0] and tickets.MARGIN - 3 <= y < tickets.PAGE[1] for x, y in places)


def test_letters_beyond_the_fonts_become_question_marks() -> None:
    assert "Café ??" in text_of(ticket([line(product="Café 港湾")], ORDER))
