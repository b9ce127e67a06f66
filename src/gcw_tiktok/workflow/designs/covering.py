"""What a design that somebody placed leaves free of its print area, and what of it is cut off."""

import math
from collections.abc import Iterator

from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import placing
from gcw_tiktok.workflow.designs.facts import FileFacts
from gcw_tiktok.workflow.designs.findings import Finding
from gcw_tiktok.workflow.designs.placing import Edges, Placement

TOLERANCE_MM = 0.05


def check(facts: FileFacts, area: PrintArea, placement: Placement) -> Finding:
    """What somebody placed may be cropped or leave edges free: that was wanted, but they should know."""
    reach, lies = placing.beyond(facts, area, placement), placing.box(facts, area, placement)
    found = f"{lies.width:.1f} x {lies.height:.1f} mm, {placement}"
    bleed = area.printed_size
    wanted = f"{bleed[0]:.4g} x {bleed[1]:.4g} mm"
    if max(-reach.left, -reach.right) >= area.width_mm or max(-reach.top, -reach.bottom) >= area.height_mm:
        mend = "Move it by less with --x and --y."
        return Finding(
            "shape", "fail", f"The design lies beside {area.name}: nothing would be printed.", found, wanted, mend
        )
    words = [*_free_edges(reach, area, placement), *_cropped_edges(reach, area)]
    if not words:
        return Finding("shape", "pass", f"The design covers what it should of {area.name}.", found, wanted)
    return Finding("shape", "warn", " ".join(words), found, wanted, "Look at it with `gcw design preview`.")


def _free_edges(reach: Edges, area: PrintArea, placement: Placement) -> Iterator[str]:
    if not area.bleed_mm and placement.mode == "fit":
        return  # room beside it is what fitting in means
    free, thin = (
        reach.where(-math.inf, -TOLERANCE_MM),
        reach.where(-TOLERANCE_MM, area.bleed_mm - TOLERANCE_MM),
    )
    if free:
        yield f"It leaves up to {-reach.least:.1f} mm free at the {free}."
    if thin:
        yield f"It has less than the bleed of {area.bleed_mm:.4g} mm at the {thin}: cutting may show white."


def _cropped_edges(reach: Edges, area: PrintArea) -> Iterator[str]:
    cropped = reach.where(area.bleed_mm + TOLERANCE_MM)
    if cropped:
        yield f"Up to {reach.most - area.bleed_mm:.1f} mm of it are cut off at the {cropped}."
