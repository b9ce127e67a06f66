"""What speaks for and against printing a design on a print area: values in, findings out, nothing opened."""

from collections.abc import Iterator

from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import contents, covering, placing
from gcw_tiktok.workflow.designs.facts import FileFacts, PlacedImage
from gcw_tiktok.workflow.designs.findings import Finding, Level
from gcw_tiktok.workflow.designs.placing import Placement

__all__ = ["Finding", "Level", "check"]

ASPECT_TOLERANCE = 0.02
SIZE_TOLERANCE_MM = 1.5
BLEED_TOLERANCE_MM = 0.5
LARGE_SHARE = 0.25
"""Of a page. A picture that covers more is what the page is about; a smaller one may be a shadow or a pattern."""


def check(facts: FileFacts, area: PrintArea, placement: Placement | None = None) -> list[Finding]:
    """What speaks for and against printing this file on this area; empty of `fail`, it can be printed.

    Without a placement, an area with bleed is filled to its edges, and on one without the whole design is
    fitted in. Nothing is said about what the facts do not tell.
    """
    shape = covering.check(facts, area, placement) if placement else _check_shape(facts, area)
    findings = [_check_format(facts, area), shape, _check_pages(facts, area)]
    findings += _check_dpi(facts, area, placement)
    return findings + list(contents.check(facts, area))


def _check_format(facts: FileFacts, area: PrintArea) -> Finding:
    wanted = ", ".join(area.formats)
    if facts.format in area.formats:
        return Finding("format", "pass", f"The format is {facts.format}.", facts.format, wanted)
    sentence = f"{area.name} takes {wanted}, not {facts.format}."
    return Finding("format", "fail", sentence, facts.format, wanted, f"Export it as {' or '.join(area.formats)}.")


def _check_shape(facts: FileFacts, area: PrintArea) -> Finding:
    """The file's shape against the area's, with and without the bleed, whichever suits better."""
    bleed, trim = area.printed_size, (area.width_mm, area.height_mm)
    found = _in_words(facts)
    wanted = f"{bleed[0]:.4g} x {bleed[1]:.4g} mm"
    if facts.trim and _same_size(facts.trim, trim):  # what lies outside it is bleed and marks
        return _check_bleed(facts, area, found, wanted)
    ratio = facts.width / facts.height
    off = min(abs(ratio / (width / height) - 1) for width, height in (bleed, trim))
    if off <= ASPECT_TOLERANCE:
        return _check_bleed(facts, area, found, wanted)
    level: Level = "fail" if area.bleed_mm else "warn"
    lies = (ratio > 1) != (bleed[0] > bleed[1])
    how = "lies the other way than" if lies else "has another shape than"
    then = "it would be cropped or leave white edges" if area.bleed_mm else "it is fitted in, with room beside it"
    mend = "Turn it by 90 degrees, or export it anew" if lies else "Export it anew"
    size = " x ".join(map(str, area.pixels(area.wanted_dpi))) + " pixels" if facts.is_picture else wanted
    return Finding("shape", level, f"The design {how} {area.name}: {then}.", found, wanted, f"{mend}: {size}.")


def _check_bleed(facts: FileFacts, area: PrintArea, found: str, wanted: str) -> Finding:
    """A PDF says how large it wants to be printed; without room for the bleed, cutting shows white."""
    shape = Finding("shape", "pass", "The shape is that of the print area.", found, wanted)
    trim, bleed, page = (area.width_mm, area.height_mm), area.printed_size, (facts.width, facts.height)
    if facts.extension != "pdf" or not area.bleed_mm:
        return shape
    mend = f"Export it at {trim[0]:.4g} x {trim[1]:.4g} mm with {area.bleed_mm:.4g} mm bleed on all sides."
    if facts.trim and _same_size(facts.trim, trim):
        room = min(a - b for a, b in zip(page, trim, strict=True)) / 2 if facts.bleed is None else facts.bleed
        if room >= area.bleed_mm - BLEED_TOLERANCE_MM:
            return shape
        sentence = f"The page has {room:.3g} mm bleed where {area.bleed_mm:.4g} mm are wanted; cutting may show white."
        return Finding("shape", "warn", sentence, f"{found}, {room:.3g} mm bleed", wanted, mend)
    if _same_size(page, bleed):
        return shape
    if _same_size(page, trim):
        sentence = f"The page has no bleed of {area.bleed_mm:.4g} mm; it is enlarged to have it."
        return Finding("shape", "warn", sentence, found, wanted, mend)
    return Finding("shape", "warn", "The page has another size; it is scaled.", found, wanted, mend)


def _same_size(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) <= SIZE_TOLERANCE_MM for a, b in zip(one, other, strict=True))


def _check_pages(facts: FileFacts, area: PrintArea) -> Finding:
    fewest, most = area.pages
    found, wanted = str(facts.pages), str(fewest) if fewest == most else f"{fewest} to {most}"
    if facts.pages > most == 1:
        sentence = f"Only the first of {facts.pages} pages is printed."
        return Finding("pages", "warn", sentence, found, wanted, "Export the page that is to be printed.")
    if not fewest <= facts.pages <= most:
        sentence = f"{area.name} takes {wanted} pages, not {facts.pages}."
        return Finding("pages", "fail", sentence, found, wanted, f"Export it with {wanted} pages.")
    if facts.odd_pages:
        sentence = f"Of {facts.pages} pages, {facts.odd_pages} have another size than the first."
        return Finding("pages", "warn", sentence, found, wanted, "Export all pages in one size.")
    return Finding("pages", "pass", "The number of pages is right.", found, wanted)


def _check_dpi(facts: FileFacts, area: PrintArea, placement: Placement | None) -> Iterator[Finding]:
    if facts.is_picture:
        pixels = " x ".join(map(str, area.pixels(area.wanted_dpi)))
        dpi = placing.effective_dpi(facts, area, placement)
        yield _judged(dpi, "fail", f"{pixels} pixels are best.", f"Export it with {pixels} pixels.", area)
    elif facts.extension == "svg" or facts.images == ():
        yield Finding("dpi", "pass", "It is drawn by lines, sharp at any size.", "no pictures", _dpi(area.wanted_dpi))
    elif facts.images:
        yield _check_images(facts.images, _enlarged(facts, area, placement), area)


def _check_images(images: tuple[PlacedImage, ...], enlarged: float, area: PrintArea) -> Finding:
    """The worst of what is said about the pictures on the pages that are printed."""
    judged = [
        _judged(
            one.dpi / enlarged,
            "fail" if one.share >= LARGE_SHARE else "warn",
            f"It is a picture on page {one.page}.",
            f"Use a larger picture on page {one.page}.",
            area,
        )
        for one in images
        if one.page <= area.pages[1]
    ]
    none = Finding("dpi", "pass", "The printed pages hold no pictures.", "no pictures", _dpi(area.wanted_dpi))
    return max(judged, key=lambda one: one.rank, default=none)


def _judged(dpi: float, worst: Level, more: str, mend: str, area: PrintArea) -> Finding:
    found, wanted = _dpi(dpi), _dpi(area.wanted_dpi)
    if dpi < area.min_dpi:
        sentence = f"Too coarse to print: {found}, and {area.name} needs {area.min_dpi:.0f}; {more}"
        return Finding("dpi", worst, sentence, found, wanted, mend)
    if round(dpi) < area.wanted_dpi:
        sentence = f"Prints at {found}, less than the {wanted} that look sharp; {more}"
        return Finding("dpi", "warn", sentence, found, wanted, mend)
    return Finding("dpi", "pass", f"Prints at {found}.", found, wanted)


def _enlarged(facts: FileFacts, area: PrintArea, placement: Placement | None) -> float:
    """How much larger than it says a PDF's page is printed."""
    if placement is None and facts.trim and _same_size(facts.trim, (area.width_mm, area.height_mm)):
        return 1.0
    turned = placement is not None and placement.rotate % 180
    return placing.box(facts, area, placement).width / (facts.height if turned else facts.width)


def _dpi(dpi: float) -> str:
    return f"{dpi:.0f} dpi"


def _in_words(facts: FileFacts) -> str:
    if facts.is_picture:
        return f"{facts.width:.0f} x {facts.height:.0f} px"
    return f"{facts.width:.4g} x {facts.height:.4g} mm"
