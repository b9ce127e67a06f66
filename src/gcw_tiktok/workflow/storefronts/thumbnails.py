"""Small pictures of what variants print, drawn once for each design, place and product."""

from hashlib import sha256
from pathlib import Path

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Person
from gcw_tiktok.workflow.designs import previews
from gcw_tiktok.workflow.designs.laying import Laid
from gcw_tiktok.workflow.listings import placements
from gcw_tiktok.workflow.storefronts import sight
from gcw_tiktok.workflow.storefronts.portal import Portal
from gcw_tiktok.workflow.storefronts.sight import NotThere

SIDE = 240
"""Pixels in width: twice what the pages show, for sharp screens."""
FOLDER = ".previews"
"""Within the folder of designs."""


def find(portal: Portal, person: Person, store_id: int, variant_id: int, area: str) -> tuple[Laid, str]:
    """The design that a variant prints on an area, and a mark of all that its picture depends on."""
    with portal.database.view() as view:
        store = sight.store(view, person, store_id)
        variant = sight.variant(view, person, store_id, variant_id)
        try:
            laid = placements.look(view, store, variant, area, portal.designs).before
        except BadInput as error:  # not connected, another product by now, or the file is missing
            raise NotThere from error
    return laid, mark_of(laid)


def mark_of(laid: Laid, side: int = SIDE) -> str:
    """Of all that its picture in this width depends on."""
    told = (laid.design.name, laid.area, laid.placement, laid.variant.base | laid.variant.values, side)
    return sha256(repr(told).encode()).hexdigest()


def picture(portal: Portal, laid: Laid, mark: str, side: int = SIDE) -> bytes:
    """As PNG."""
    path: Path = portal.designs / FOLDER / f"{mark}.png"
    if not path.is_file():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        previews.save(previews.bare(laid, side), path)
    return path.read_bytes()
