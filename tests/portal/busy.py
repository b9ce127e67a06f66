"""A shop in which much is going on: orders in many stages, and some that wait for somebody."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from orders.shop import NUMBER, OTHER_SKU, POSTER, SECOND_NUMBER, SKU, STORE, UID
from portal.visit import Pages

WISH = {"surfaces": [{"external_surface_id": "front", "custom_areas": [
    {"external_area_id": "front/text", "area_type": "TEXT", "text_area": {"text": "Ada Lovelace"}},
]}]}  # fmt: skip
DAY = 86_400


@dataclass
class Busy:
    """Orders by what is with them."""

    delivered: str
    parcels: str
    changed: str
    cancelling: str
    failed: str
    personalised: str
    sample: str
    not_connected: str
    new: str


def fill(pages: Pages, folder: Path) -> Busy:
    """Sells, prints and sends a little of everything."""
    gcw, control = pages.gcw, pages.sandbox.control
    gcw("products", "connect", STORE, SKU, UID, "--design", str(POSTER))
    delivered, parcels, changed, cancelling, failed = (pages.sandbox.ready_order(SKU, n) for n in (1, 3, 2, 1, 1))
    gcw("orders", "pull")
    gcw("orders", "release")
    gcw("orders", "ship", delivered, "--carrier", "USPS", "--tracking", NUMBER)
    lines = [line["line"] for line in gcw("orders", "show", parcels, "--json").json["lines"]]
    some = [word for line in lines[:2] for word in ("--line", line)]
    gcw("orders", "ship", parcels, *some, "--carrier", "USPS", "--tracking", SECOND_NUMBER)
    for stage in ("in_production", "printed"):
        gcw("orders", "advance", changed, "--to", stage)
    gcw("orders", "advance", failed, "--to", "failed")
    control("POST", f"orders/{delivered}/deliver", {})
    control("POST", f"orders/{changed}/edit-address", {"line1": "7 Edited Quay", "line2": ""})
    control("POST", f"orders/{cancelling}/request-cancel", {})
    personalised = pages.sandbox.order(lines=[{"seller_sku": SKU, "customization": WISH}, {"seller_sku": SKU}])
    control("POST", f"orders/{personalised}/end-hold", {})
    sample = pages.sandbox.ready_order(SKU, is_sample_order=True)
    _connect_bright(pages, folder)
    held = pages.sandbox.ready_order("", lines=[{"seller_sku": SKU}, {"seller_sku": OTHER_SKU, "quantity": 2}])
    new = pages.sandbox.order(SKU)
    gcw("orders", "pull")
    return Busy(delivered, parcels, changed, cancelling, failed, personalised, sample, held, new)


def _connect_bright(pages: Pages, folder: Path) -> None:
    """Another design from now on: what was printed before keeps its own."""
    picture = Image.new("RGB", (5400, 7200), (238, 120, 60))
    ImageDraw.Draw(picture).ellipse((1000, 1800, 4400, 5200), fill=(28, 60, 96))
    picture.save(folder / "sun.png", dpi=(300, 300))
    pages.gcw("products", "connect", STORE, SKU, UID, "--design", str(folder / "sun.png"))
