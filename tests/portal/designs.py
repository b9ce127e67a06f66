"""What tests of the design editor share: addresses, pictures, and what a form of it says."""

import re
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw
from sqlmodel import select

from conftest import EXAMPLES
from gcw_tiktok.store.tables import Variant
from portal.visit import Pages, Visitor

DESIGNS = EXAMPLES / "designs"
STORE = "Paper Harbor"
SKU = "POSTER-HARBOR-18X24-MATTE"
UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
TEE = "t-shirt_size_m_color_navy_fit_unisex"
FIELD = re.compile(r'<input[^>]*name="([^"]+)"[^>]*>')
VALUE = re.compile(r'value="([^"]*)"')


@dataclass(frozen=True)
class Place:
    """Where a variant's editor is."""

    store_id: int
    variant_id: int
    listing_id: int
    sku_id: str

    @property
    def back(self) -> str:
        """Where one gets to when it is connected."""
        return f"/stores/{self.store_id}/products/{self.listing_id}"

    def path(self, uid: str = UID, also: tuple[int, ...] = (), what: str = "") -> str:
        more = "".join(f"&also={one}" for one in also)
        return f"/stores/{self.store_id}/variants/{self.variant_id}/design{what}?uid={uid}{more}"


def place_of(pages: Pages, sku: str = SKU) -> Place:
    with pages.portal.database.view() as view:
        found = view.exec(select(Variant).where(Variant.seller_sku == sku)).one()
    return Place(found.store_id, found.id or 0, found.listing_id, found.sku_id)


def sisters_of(pages: Pages, place: Place) -> list[Variant]:
    """The other variants of its listing."""
    with pages.portal.database.view() as view:
        found = view.exec(select(Variant).where(Variant.listing_id == place.listing_id)).all()
    return [one for one in found if one.id != place.variant_id]


def photo(width: int = 2000, height: int = 1500, kind: str = "PNG") -> bytes:
    """A landscape that tells up from down and left from right."""
    picture = Image.new("RGB", (width, height), "#8ecae6")
    pen = ImageDraw.Draw(picture)
    for row in range(height):
        share = row / height
        pen.line((0, row, width, row), fill=(int(30 + 200 * share), int(110 + 70 * share), int(190 - 90 * share)))
    pen.ellipse((width * 0.62, height * 0.1, width * 0.8, height * 0.1 + width * 0.18), fill="#ffd166")
    pen.polygon([(0, height), (width * 0.35, height * 0.35), (width * 0.7, height)], fill="#26547c")
    pen.polygon([(width * 0.4, height), (width * 0.75, height * 0.5), (width, height)], fill="#06667a")
    out = BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def form_of(visitor: Visitor) -> dict[str, str]:
    """The fields of the form as a browser would send them; no files."""
    fields: dict[str, str] = {}
    for found in FIELD.finditer(visitor.seen):
        tag, name = found[0], found[1]
        kind = re.search(r'type="(\w+)"', tag)
        if (kind and kind[1] == "file") or (kind and kind[1] in ("radio", "checkbox") and " checked" not in tag):
            continue
        value = VALUE.search(tag)
        fields[name] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', visitor.seen, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]* selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def file(content: bytes, name: str) -> Any:
    """A file field of a form."""
    return BytesIO(content), name


def prints(pages: Pages, sku: str = SKU) -> list[dict[str, Any]]:
    """Every version of what a variant prints, newest first, as the command line tells it."""
    pages.done()
    found: list[dict[str, Any]] = pages.gcw("products", "show", STORE, sku, "--json").json["versions"]
    return found
