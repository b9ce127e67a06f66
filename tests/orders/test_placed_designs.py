"""What a customer placed is what production gets; and nothing else, when the catalog changes meanwhile."""

import hashlib

import pikepdf
import pytest
from pypdf import PdfReader

from gcw_tiktok.workflow.listings import fitting
from orders.shop import SKU, STORE, Shop


def resize(shop: Shop, **sizes: object) -> None:
    """The catalog gives the poster's print area another size, another bleed, or another name."""
    from sqlmodel import select

    from gcw_tiktok.store.tables import ProductModel

    with shop.session() as session:
        model = session.exec(select(ProductModel).where(ProductModel.name == "Poster")).one()
        model.print_areas = [{**area, **sizes} for area in model.print_areas]
        session.add(model)


def place(shop: Shop, *words: str) -> None:
    shop.gcw("design", "place", STORE, SKU, *words)


def test_production_gets_the_print_ready_file(shop: Shop) -> None:
    place(shop, "--scale", "1.1", "--rotate", "180")
    order_id = shop.ready(2)
    shop.gcw("orders", "release")
    document = shop.document(order_id)
    (file,) = document["items"][0]["files"]
    folder = shop.hand_off / f"TTS-{order_id}"
    content = (folder / file["url"]).read_bytes()
    versions = shop.gcw("products", "show", STORE, SKU, "--json").json["versions"]
    ready = versions[0]["designs"]["default"]["print_sha256"]
    assert hashlib.sha256(content).hexdigest() == ready
    assert file["url"].endswith(f"_{ready[:8]}.pdf")
    with pikepdf.open(folder / file["url"]) as pdf:
        assert "/TrimBox" in pdf.pages[0].obj
    page = PdfReader(folder / "job-ticket.pdf").pages[0]
    assert file["url"] in "".join(page.extract_text().split())
    assert len(page.images) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"sizes": {}, "width_mm": 450.0, "height_mm": 600.0},
        {"bleed_mm": 4.0},
        {"sizes": {}, "width_mm": 455.2, "height_mm": 607.6, "bleed_mm": 4.175},
        {"name": "front"},
    ],
    ids=["another size", "another bleed", "another trim on the same sheet", "gone"],
)
def test_what_was_made_for_another_size_holds_the_order(shop: Shop, change: dict[str, object]) -> None:
    place(shop, "--scale", "1.1")
    order_id = shop.ready()
    resize(shop, **change)
    refused = shop.gcw.fails(4, "orders", "release", order_id, "--json").error
    assert (shop.stage(order_id), shop.holds(order_id)) == ("received", ["design_problem"])
    assert shop.folders() == shop.left_aside() == []
    assert ("gcw products connect" if "name" in change else "gcw design place") in refused["hint"]


def test_placing_it_anew_lifts_the_hold(shop: Shop) -> None:
    place(shop, "--scale", "1.1")
    order_id = shop.ready()
    resize(shop, bleed_mm=4.0)
    hint = shop.gcw.fails(4, "orders", "release", order_id, "--json").error["hint"]
    import shlex

    anew = shop.gcw(*shlex.split(hint)[1:], "--json").json
    assert (anew["version"], anew["placement"]["scale"]) == (3, 1.1)
    shop.gcw("orders", "release", order_id)
    (file,) = shop.document(order_id)["items"][0]["files"]
    with pikepdf.open(shop.hand_off / f"TTS-{order_id}" / file["url"]) as pdf:
        assert float(pdf.pages[0].mediabox[2]) == pytest.approx((457.2 + 8) / 25.4 * 72, abs=0.01)


def test_a_design_that_nobody_placed_is_as_it_was(shop: Shop) -> None:
    order_id = shop.ready()
    resize(shop, bleed_mm=4.0)
    shop.gcw("orders", "release", order_id)
    assert shop.stage(order_id) == "created"


def test_the_gate_itself_refuses_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the catalog change between the review and the composing of the order."""
    place(shop, "--scale", "1.1")
    order_id = shop.ready()
    resize(shop, bleed_mm=4.0)
    monkeypatch.setattr(fitting, "refusal", lambda *given: None)
    assert "made print-ready in" in shop.gcw.fails(4, "orders", "release", order_id, "--json").error["message"]
    assert shop.folders() == shop.left_aside() == []
