"""Draws SVG files as pictures: presses do not read them."""

import math
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import resvg_py

from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.designs.facts import MM_PER_INCH

CSS_DPI = 96
"""Pixels per inch by which a drawing's millimetres are read; it says nothing of how finely it is drawn."""
MOST_PIXELS = 120_000_000
"""More than this is no sharper to the eye: a poster of 1.2 x 1.8 m at 180 dpi."""


def pixels_for(width_mm: float, height_mm: float, dpi: float) -> int:
    """How many pixels wide a drawing of this size is made."""
    wanted = width_mm / MM_PER_INCH * dpi, height_mm / MM_PER_INCH * dpi
    too_many = math.sqrt(max(1.0, wanted[0] * wanted[1] / MOST_PIXELS))
    return max(1, round(wanted[0] / too_many))


def drawn(path: Path, width: int) -> bytes:
    """The drawing as a PNG so many pixels wide, clear where nothing is drawn."""
    text = path.read_bytes().decode("utf-8-sig", "replace")
    _must_be_whole_in_itself(text)
    try:
        return bytes(resvg_py.svg_to_bytes(svg_string=text, width=width, dpi=CSS_DPI))
    except ValueError as error:
        raise BadInput(f"The drawing cannot be read: {error}.", "Export it anew, or as PDF.") from error


def _must_be_whole_in_itself(text: str) -> None:
    """What draws it would read any file of this machine that a picture in it names."""
    if re.search(r"<!(DOCTYPE[^>]*\[|ENTITY)", text):
        raise BadInput("The drawing defines entities, which are not read.", "Export it anew, or as PDF.")
    try:
        root = ET.fromstring(text)  # noqa: S314  nothing in it is expanded: it has no entities
    except ET.ParseError as error:
        raise BadInput(f"The drawing is damaged: {error}.", "Export it anew, or as PDF.") from error
    links = [
        value.strip()
        for element in root.iter()
        if str(element.tag).rpartition("}")[2] in ("image", "feImage")
        for name, value in element.attrib.items()
        if name.rpartition("}")[2] == "href"
    ]
    outside = [link for link in links if link and not link.startswith(("#", "data:"))]
    if outside:
        raise BadInput(f"The drawing needs another file: {outside[0][:80]}.", "Embed it in the drawing.")
