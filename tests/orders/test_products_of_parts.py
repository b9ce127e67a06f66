"""A product that is put together from parts goes to production with the print areas of all of them."""

from pathlib import Path

from PIL import Image
from pypdf import PdfReader
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from conftest import EXAMPLES
from orders.shop import OTHER_SKU, STORE, Shop

BOOK = "photo-book_size_8x8-in_finish_matte"
COVER_MM, BLOCK_MM = 203.2 + 30, 203.2 + 6.35


def cover(path: Path) -> Path:
    side = round(COVER_MM / 25.4 * 300)
    Image.new("RGB", (side, side), "navy").save(path)
    return path


def block(path: Path, pages: int) -> Path:
    canvas = Canvas(str(path), pagesize=(BLOCK_MM * mm, BLOCK_MM * mm))
    for _ in range(pages):
        canvas.rect(0, 0, 100, 100, fill=1)
        canvas.showPage()
    canvas.save()
    return path


def test_each_part_gets_its_design_and_the_ticket_shows_what_is_derived(shop: Shop, tmp_path: Path) -> None:
    shop.gcw("catalog", "import", str(EXAMPLES / "books.yaml"))
    front = f"cover/front={cover(tmp_path / 'cover.png')}"
    connect = ("products", "connect", STORE, OTHER_SKU, BOOK, "--design", front)
    missing = shop.gcw.fails(4, *connect, "--json")
    assert "A design is missing for: pages/default." in missing.error["message"]
    shop.gcw(*connect, "--design", f"pages/default={block(tmp_path / 'block.pdf', 24)}")

    order_id = shop.ready(sku=OTHER_SKU)
    shop.gcw("orders", "release", order_id)
    [item] = shop.document(order_id)["items"]
    assert item["productUid"] == BOOK
    assert [one["type"] for one in item["files"]] == ["cover/front", "pages/default"]
    folder = shop.hand_off / f"TTS-{order_id}"
    assert all((folder / one["url"]).is_file() and "/" not in one["url"] for one in item["files"])
    ticket = PdfReader(folder / "job-ticket.pdf").pages[0].extract_text()
    assert "spine 8x8 in, matte" in " ".join(ticket.split())
