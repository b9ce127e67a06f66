"""What speaks for and against what is in a design: colours, transparency, fonts, protection, soundness."""

from collections.abc import Iterator

from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs.facts import FileFacts
from gcw_tiktok.workflow.designs.findings import Finding

CONVERTED = {"rgb": "RGB of another kind than sRGB", "lab": "Lab colours", "spot": "spot colours"}
"""What a press can turn into the colours that it takes, more or less as they were."""


def check(facts: FileFacts, area: PrintArea) -> Iterator[Finding]:
    """A finding for each part that somebody looked at."""
    if facts.color_spaces is not None:
        yield _check_color(facts.color_spaces, facts.profile or "", area)
    if facts.transparent is not None:
        yield _check_transparency(facts, area, transparent=facts.transparent)
    if facts.fonts is not None:
        yield _check_fonts(facts.fonts, svg=facts.extension == "svg")
    if facts.encrypted is not None:
        yield _check_protection(encrypted=facts.encrypted)
    if facts.outside is not None:
        yield _check_outside(facts.outside)
    if facts.mended:
        sentence = f"The file is damaged, though readable here ({facts.mended}); a press may not read it."
        yield Finding("soundness", "warn", sentence, facts.mended, "a sound file", "Export it anew.")
    if facts.unread:
        sentence = f"Too intricate to be looked at whole: nothing is known of {facts.unread}."
        mend = "Flatten what is drawn by very many lines, or proof it by eye."
        yield Finding("contents", "warn", sentence, f"{facts.unread} unread", "all of it", mend)


def _check_color(spaces: tuple[str, ...], profile: str, area: PrintArea) -> Finding:
    found = ", ".join(spaces) + (f" ({profile})" if profile else ", no profile") if spaces else "no colours"
    wanted = ", ".join(area.color_spaces) or "any"
    export = f"Convert it to {' or '.join(area.color_spaces)} and export it with that profile."
    if area.color_spaces:
        foreign = [one for one in spaces if one not in (*area.color_spaces, *CONVERTED, "gray")]
        if foreign:
            sentence = f"{area.name} takes {wanted}, not {', '.join(foreign)}."
            return Finding("color", "fail", sentence, found, wanted, export)
        converted = [CONVERTED[one] for one in spaces if one in CONVERTED and one not in area.color_spaces]
        if converted:
            sentence = f"It has {' and '.join(converted)}, which are converted; they may come out different."
            return Finding("color", "warn", sentence, found, wanted, export)
    if "cmyk" in spaces and not profile:
        sentence = "No profile says for which press its CMYK is; the colours may come out different."
        mend = "Export it with the profile that its colours were chosen for, such as GRACoL 2006."
        return Finding("color", "warn", sentence, found, f"{wanted}, with a profile", mend)
    return Finding("color", "pass", "Its colours are taken as they are.", found, wanted)


def _check_transparency(facts: FileFacts, area: PrintArea, *, transparent: bool) -> Finding:
    found = "transparent" if transparent else "opaque"
    if not facts.is_picture:
        found = "drawn with transparency" if transparent else "drawn without transparency"
    if area.transparency == "needed" and facts.is_picture and not transparent:
        sentence = f"{area.name} prints the whole rectangle, for the picture has no transparent ground."
        mend = "Take the ground away and export it as PNG with transparency."
        return Finding("transparency", "fail", sentence, found, area.transparency, mend)
    if area.transparency == "refused" and transparent:
        mend = "Flatten it and export it without transparency, such as PDF/X-1a or JPEG."
        return Finding("transparency", "fail", f"{area.name} takes no transparency.", found, area.transparency, mend)
    return Finding("transparency", "pass", "Its transparency is printable.", found, area.transparency)


def _check_fonts(missing: tuple[str, ...], *, svg: bool) -> Finding:
    wanted = "outlined text" if svg else "embedded fonts"
    if not missing:
        return Finding("fonts", "pass", "All text is held by the file.", "all there", wanted)
    names = ", ".join(missing[:5]) + (" and more" if len(missing) > 5 else "")
    sentence = f"Text would be printed in another font: the file does not hold {names}."
    mend = "Turn the text into outlines." if svg else "Embed all fonts when exporting, or turn the text into outlines."
    return Finding("fonts", "fail", sentence, names, wanted, mend)


def _check_protection(*, encrypted: bool) -> Finding:
    if not encrypted:
        return Finding("protection", "pass", "It is not protected.", "open", "open")
    sentence = "It is protected: it may be looked at, but a press may not be let to print it."
    return Finding("protection", "fail", sentence, "protected", "open", "Export it without protection.")


def _check_outside(outside: tuple[str, ...]) -> Finding:
    if not outside:
        return Finding("references", "pass", "It holds all that it shows.", "all there", "all in the file")
    names = ", ".join(outside)
    sentence = f"It shows what lies outside of it, which is never opened: {names}."
    return Finding("references", "fail", sentence, names, "all in the file", "Embed pictures and fonts in the file.")
