"""What speaks for and against printing a design on a print area."""

from dataclasses import dataclass
from typing import Literal

from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import placing
from gcw_tiktok.workflow.designs.files import FileFacts
from gcw_tiktok.workflow.designs.placing import Placement

ASPECT_TOLERANCE = 0.02
SIZE_TOLERANCE_MM = 1.5
Level = Literal["pass", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """What one check found, and what it wanted."""

    check: str
    """`format`, `pages`, `shape` or `dpi`."""
    level: Level
    sentence: str
    found: str = ""
    wanted: str = ""
    mend: str = ""
    """What to do about it; empty where it passes."""


def check(facts: FileFacts, area: PrintArea, placement: Placement | None = None) -> list[Finding]:
    """What speaks for and against printing this file on this area; empty of `fail`, it can be printed.

    Without a placement, an area with bleed is filled to its edges, and on one without the whole design is
    fitted in.
    """
    findings = [_check_format(facts, area), _check_shape(facts, area)]
    if facts.pages > 1:
        findings.append(
            Finding("pages", "warn", f"Only the first of {facts.pages} pages is printed.", str(facts.pages), "1")
        )
    if facts.is_picture:
        findings.append(_check_dpi(facts, area, placement))
    return findings


def _check_format(facts: FileFacts, area: PrintArea) -> Finding:
    wanted = ", ".join(area.formats)
    if facts.format in area.formats:
        return Finding("format", "pass", f"The format is {facts.format}.", facts.format, wanted)
    return Finding("format", "fail", f"{area.name} takes {wanted}, not {facts.format}.", facts.format, wanted)


def _check_shape(facts: FileFacts, area: PrintArea) -> Finding:
    """The file's shape against the area's, with and without the bleed, whichever suits better."""
    bleed, trim = area.printed_size, (area.width_mm, area.height_mm)
    found = _in_words(facts.width, facts.height, facts)
    wanted = f"{bleed[0]:.4g} x {bleed[1]:.4g} mm"
    if facts.trim and _same_size(facts.trim, trim):  # what lies outside it is bleed and marks
        return _check_bleed(facts, area, found, wanted)
    ratio = facts.width / facts.height
    off = min(abs(ratio / (width / height) - 1) for width, height in (bleed, trim))
    if off <= ASPECT_TOLERANCE:
        return _check_bleed(facts, area, found, wanted)
    level: Level = "fail" if area.bleed_mm else "warn"
    how = "lies the other way than" if (ratio > 1) != (bleed[0] > bleed[1]) else "has another shape than"
    then = "it would be cropped or leave white edges" if area.bleed_mm else "it is fitted in, with room beside it"
    return Finding("shape", level, f"The design {how} {area.name}: {then}.", found, wanted)


def _check_bleed(facts: FileFacts, area: PrintArea, found: str, wanted: str) -> Finding:
    """A PDF says how large it wants to be printed; without room for the bleed, cutting shows white."""
    shape = Finding("shape", "pass", "The shape is that of the print area.", found, wanted)
    trim, bleed, page = (area.width_mm, area.height_mm), area.printed_size, (facts.width, facts.height)
    if facts.is_picture or not area.bleed_mm or _same_size(page, bleed):
        return shape
    if facts.trim and _same_size(facts.trim, trim):
        roomy = page[0] >= bleed[0] - SIZE_TOLERANCE_MM and page[1] >= bleed[1] - SIZE_TOLERANCE_MM
        if roomy:
            return shape
    if _same_size(page, trim):
        sentence = f"The page has no bleed of {area.bleed_mm:.4g} mm; it is enlarged to have it."
        return Finding("shape", "warn", sentence, found, wanted)
    return Finding("shape", "warn", "The page has another size; it is scaled.", found, wanted)


def _same_size(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) <= SIZE_TOLERANCE_MM for a, b in zip(one, other, strict=True))


def _check_dpi(facts: FileFacts, area: PrintArea, placement: Placement | None) -> Finding:
    dpi = placing.effective_dpi(facts, area, placement)
    found, wanted = f"{dpi:.0f} dpi", f"{area.wanted_dpi:.0f} dpi"
    pixels = " x ".join(map(str, area.pixels(area.wanted_dpi)))
    if dpi < area.min_dpi:
        sentence = f"Too coarse to print: {found}, and {area.name} needs {area.min_dpi:.0f}; {pixels} pixels are best."
        return Finding("dpi", "fail", sentence, found, wanted)
    if round(dpi) < area.wanted_dpi:
        sentence = f"Prints at {found}, less than the {wanted} that look sharp; {pixels} pixels are best."
        return Finding("dpi", "warn", sentence, found, wanted)
    return Finding("dpi", "pass", f"Prints at {found}.", found, wanted)


def _in_words(width: float, height: float, facts: FileFacts) -> str:
    return f"{width:.0f} x {height:.0f} px" if facts.is_picture else f"{width:.4g} x {height:.4g} mm"
