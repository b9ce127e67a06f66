"""Reads SVG: how large it is, whether it holds all it needs, and nothing that acts or multiplies itself.

The parser resolves no entities and opens nothing.
"""

import base64
import binascii
import math
import re
from collections import defaultdict
from io import BytesIO
from typing import BinaryIO
from urllib.parse import unquote_to_bytes
from xml.parsers import expat

from gcw_tiktok.workflow.designs import facts
from gcw_tiktok.workflow.designs.facts import MEDIA_TYPES, MM_PER_INCH, MOST_PIXELS, FileFacts, Flaw
from gcw_tiktok.workflow.designs.formats import jpg, png

PIECE = 1024 * 1024
MOST_BYTES = 50 * 1024 * 1024
MOST_ELEMENTS = 500_000
MOST_DRAWN = 1_000_000
"""Elements once all that is used again and again is drawn."""
MOST_STYLE = 4 * 1024 * 1024
MOST_NAMED = 5
DEEPEST = 200
SVG = "http://www.w3.org/2000/svg "
XLINK = "http://www.w3.org/1999/xlink "
UNITS = {"": 1 / 96, "px": 1 / 96, "in": 1.0, "mm": 1 / MM_PER_INCH, "cm": 10 / MM_PER_INCH, "pt": 1 / 72, "pc": 1 / 6}
LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-z]*)\s*")
ADDRESS = re.compile(r"url\(\s*['\"]?\s*([^'\")\s]*)", re.IGNORECASE)
IMPORT = re.compile(r"@import\s+['\"]?([^'\";\s]+)", re.IGNORECASE)
FAMILY = re.compile(r"font-family\s*:\s*([^;}]+)", re.IGNORECASE)
FADED = re.compile(r"(?:^|[;{\s])(?:[a-z]+-)?opacity\s*:\s*(0?\.\d|0\s*(?:[;}]|$))", re.IGNORECASE)
TEXTS = frozenset({"text", "tspan", "textPath"})
NO_SVG = "Export it as plain SVG or as PDF."


class _Reader:
    """Takes in the parser's events."""

    def __init__(self) -> None:
        self.root: dict[str, str] | None = None
        self.fonts: set[str] = set()
        self.outside: list[str] = []
        self.transparent = False
        self.style: list[str] = []
        self.elements = 0
        self._open: list[tuple[str, str]] = []
        self._families: list[str] = []
        self._holds: dict[str, int] = defaultdict(int)
        self._draws: dict[str, list[str]] = defaultdict(list)
        self._pixels = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.removeprefix(SVG)
        if self.root is None:
            if local != "svg":
                raise Flaw("is XML, but no SVG.", NO_SVG, "not_printable")
            self.root = attributes
        self.elements += 1
        if self.elements > MOST_ELEMENTS or len(self._open) >= DEEPEST:
            raise Flaw("is too intricate: it has too many elements, or too many within each other.", NO_SVG)
        if local in ("script", "foreignObject", "handler", "set") or local.startswith("animate"):
            raise Flaw(f"holds what acts or moves ({local}), which cannot be printed.", NO_SVG, "active_content")
        self._families.append(self._family(attributes))
        self._count(attributes.get("id", ""), self._references(local, attributes))
        self._open.append((local, attributes.get("id", "")))
        self._see_through(attributes)

    def end(self, name: str) -> None:
        self._open.pop()
        self._families.pop()

    def text(self, words: str) -> None:
        local = self._open[-1][0] if self._open else ""
        if local in TEXTS and words.strip():
            self.fonts.add(self._families[-1] or "a font that it does not name")
        elif local == "style":
            self.style.append(words)
            if sum(map(len, self.style)) > MOST_STYLE:
                raise Flaw("is too intricate: its styles are too long.", NO_SVG)

    def instruction(self, target: str, data: str) -> None:
        if target == "xml-stylesheet":
            self._refer(data)

    def finish(self) -> None:
        """What can be said once all is read."""
        css = "".join(self.style)
        for address in [*ADDRESS.findall(css), *IMPORT.findall(css)]:
            self._refer(address)
        self.transparent = self.transparent or FADED.search(css) is not None
        self._must_not_multiply()

    def _family(self, attributes: dict[str, str]) -> str:
        found = FAMILY.search(attributes.get("style", ""))
        family = found.group(1) if found else attributes.get("font-family", "")
        first = family.partition(",")[0].strip(" '\"")
        return facts.words(first) or (self._families[-1] if self._families else "")

    def _references(self, local: str, attributes: dict[str, str]) -> list[str]:
        """The ids that the element draws as well; addresses outside of the file are noted."""
        found = []
        for name, value in attributes.items():
            if name.lower().startswith("on") and name[2:3].isalpha():
                raise Flaw(f"holds what acts ({name}), which cannot be printed.", NO_SVG, "active_content")
            if name.removeprefix(XLINK) == "href" and local != "a":  # a link leads readers away, and draws nothing
                found.append(value.strip())
            elif "url(" in value:
                found += ADDRESS.findall(value)
        for one in found:
            self._refer(one)
        return [one[1:] for one in found if one.startswith("#")]

    def _refer(self, address: str) -> None:
        if address.startswith("#") or not address:
            return
        if address[:5].lower() == "data:":
            self._embedded(address)
        elif len(self.outside) < MOST_NAMED:
            self.outside.append(facts.words(address.partition("?")[0], 120))

    def _embedded(self, address: str) -> None:
        """A picture within the file must be as sound as one beside it; another SVG could hold anything."""
        kind, _, data = address[5:].partition(",")
        media_type = kind.partition(";")[0].strip().lower()
        if media_type.startswith(("font/", "application/")):
            return  # what is set in it is text, which is told
        reader = {"image/png": png.read, "image/jpeg": jpg.read, "image/jpg": jpg.read}.get(media_type)
        if reader is None:
            raise Flaw(f"holds a picture of a kind that is not printed ({media_type or 'unnamed'}).", NO_SVG)
        try:
            raw = base64.b64decode("".join(data.split())) if "base64" in kind else unquote_to_bytes(data)
        except binascii.Error as error:
            raise Flaw("holds a damaged picture.", NO_SVG) from error
        found = reader(BytesIO(raw))
        self._pixels += int(found.width * found.height)
        self.transparent = self.transparent or bool(found.transparent)
        if self._pixels > MOST_PIXELS:
            raise Flaw(f"holds pictures of more than {MOST_PIXELS:,} pixels.", NO_SVG, "too_large")

    def _count(self, name: str, references: list[str]) -> None:
        """For the named element around this one: how much it holds, and what it draws."""
        around = next((one for _, one in reversed(self._open) if one), "")
        if name:
            self._draws[around].append(name)
        self._holds[name or around] += 1
        self._draws[name or around] += references

    def _must_not_multiply(self) -> None:
        """Elements that use each other can make a small file endless."""
        known: dict[str, int] = {}

        def drawn(name: str, around: tuple[str, ...]) -> int:
            if name in around or len(around) > DEEPEST:
                raise Flaw("is no picture: parts of it contain themselves.", NO_SVG)
            if name not in known:
                inner = sum(drawn(one, (*around, name)) for one in self._draws.get(name, ()))
                known[name] = self._holds.get(name, 0) + inner
                if known[name] > MOST_DRAWN:
                    raise Flaw("is too intricate: it uses its own parts again and again.", NO_SVG)
            return known[name]

        drawn("", ())

    def _see_through(self, attributes: dict[str, str]) -> None:
        if self.transparent:
            return
        faded = any(_below_one(value) for name, value in attributes.items() if name.endswith("opacity"))
        self.transparent = faded or "mask" in attributes or FADED.search(attributes.get("style", "")) is not None


def read(stream: BinaryIO) -> FileFacts:
    """The facts of a whole SVG."""
    if stream.seek(0, 2) > MOST_BYTES:
        raise Flaw(f"is larger than an SVG may be ({MOST_BYTES // (1024 * 1024)} MB).", NO_SVG, "too_large")
    stream.seek(0)
    reader = _Reader()
    _parse(stream, reader)
    reader.finish()
    assert reader.root is not None
    width, height = _size(reader.root)
    facts.millimetres(width, height)
    return FileFacts(
        MEDIA_TYPES["svg"],
        "svg",
        width,
        height,
        color_spaces=("srgb",),
        profile="",
        transparent=reader.transparent,
        fonts=tuple(sorted(reader.fonts)),
        outside=tuple(reader.outside),
    )


def _parse(stream: BinaryIO, reader: _Reader) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.ProcessingInstructionHandler = reader.instruction
    parser.EntityDeclHandler = _refuse_entities
    parser.ExternalEntityRefHandler = _refuse_entities
    try:
        while piece := stream.read(PIECE):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Flaw(f"is damaged or cut off: {expat.ErrorString(error.code)}, line {error.lineno}.") from error


def _refuse_entities(*_: object) -> int:
    raise Flaw("declares entities, which could hold or multiply anything.", NO_SVG, "active_content")


def _size(root: dict[str, str]) -> tuple[float, float]:
    """Width and height in millimetres: as stated, else as the viewBox says, 96 of its units an inch."""
    stated = [_millimetres(root.get(name, "")) for name in ("width", "height")]
    box = [float(one) for one in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if one]
    seen = box[2:] if len(box) == 4 else []
    if not seen and None in stated:
        raise Flaw("says not how large it is: it has neither a viewBox nor width and height.", NO_SVG)
    width, height = stated
    if width is None or height is None:
        facts.millimetres(*seen)
        width, height = _by_box(width, height, seen[0], seen[1])
    return round(width, 2), round(height, 2)


def _by_box(width: float | None, height: float | None, across: float, down: float) -> tuple[float, float]:
    if width is not None:
        return width, width * down / across
    if height is not None:
        return height * across / down, height
    return across * UNITS["px"] * MM_PER_INCH, down * UNITS["px"] * MM_PER_INCH


def _millimetres(length: str) -> float | None:
    """None where it is not stated, or depends on what is around it."""
    found = LENGTH.fullmatch(length)
    if not found:
        if length and not length.strip().endswith("%"):
            raise Flaw("is damaged: its width or height is no length.", NO_SVG)
        return None
    inches = UNITS.get(found.group(2))
    size = float(found.group(1))
    if inches is None or not math.isfinite(size):
        return None
    return size * inches * MM_PER_INCH


def _below_one(value: str) -> bool:
    found = LENGTH.fullmatch(value.removesuffix("%"))
    return found is not None and float(found.group(1)) < (100 if value.endswith("%") else 1)
