"""Whether what was made print-ready for a print area still fits it: catalogs change."""

import shlex

from sqlmodel import Session

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Design, Store
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import pinning, placing
from gcw_tiktok.workflow.listings.connections import Decision


def refusal(session: Session, store: Store, sku_id: str, decision: Decision) -> BadInput | None:
    """Why the print-ready files of what a variant prints cannot be used any more; None where they can."""
    ready = {area: one.print_sha256 for area, one in decision.designs.items() if one.print_sha256}
    if not ready:
        return None
    areas = {area.name: area for area in offer.variant_of(session, decision.product_uid).areas}
    for area, sha256 in sorted(ready.items()):
        design = session.get_one(Design, sha256)
        if not fits(design, areas.get(area)):
            sentence = misfit(design, area, areas.get(area))
            command = f"gcw design place {shlex.quote(store.name)} {sku_id} {shlex.quote(area)}"
            if area not in areas:
                command = f"gcw products connect {shlex.quote(store.name)} {sku_id} UID --design FILE"
            return BadInput(sentence, command)
    return None


def fits(design: Design, area: PrintArea | None) -> bool:
    """Whether a print-ready file is made for the area as it is now."""
    if area is None:
        return False
    return placing.is_made_for(area, (design.width or 0.0, design.height or 0.0), pinning.facts_of(design).trim)


def misfit(design: Design, name: str, area: PrintArea | None) -> str:
    """What is wrong, in words."""
    made = f"{design.width or 0:.5g} x {design.height or 0:.5g} mm"
    if area is None:
        return f"The product has no print area {name} any more; a design was placed on it."
    now = " x ".join(f"{side:.5g}" for side in area.printed_size)
    return f"The design for {name} was made print-ready in {made}, and the catalog now has {now} mm with its bleed."
