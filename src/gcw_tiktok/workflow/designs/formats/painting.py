"""What the pages of a PDF paint: with which colours, fonts and pictures, and how large those are placed."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import pikepdf

from gcw_tiktok.workflow.designs.facts import MM_PER_INCH, MM_PER_POINT, PlacedImage, words
from gcw_tiktok.workflow.designs.formats.colours import Colours

MOST_CONTENT = 32 * 1024 * 1024
MOST_PACKED_OLD = 32 * 1024
"""Bytes of a stream packed by LZW, for which qpdf has no limit: it may unpack to thousands of times as much."""
TEXTUAL = frozenset({"/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx"})
"""Filters that make nothing larger."""
MOST_DRAWN = 50_000
"""How many pictures and forms are followed."""
DEEPEST = 12
MOST_LISTED = 1_000
LEAST_SHARE = 0.01
"""Of the page. Smaller pictures are ornaments."""
KEPT_IMAGES = 40
OPERATORS = "q Q cm Do gs g G rg RG k K cs CS sh Tf Tj TJ ' \" Tr BI ID EI"
DEVICE = {"g": "gray", "G": "gray", "rg": "srgb", "RG": "srgb", "k": "cmyk", "K": "cmyk"}
INVISIBLE = 3
Matrix = tuple[float, float, float, float, float, float]
Instructions = list[tuple[str, Any]]


class TooMuch(Exception):
    """There is more to look at than is sensible."""


@dataclass(frozen=True)
class State:
    """What `q` keeps and `Q` restores."""

    matrix: Matrix
    font: Any = None
    invisible: bool = False


@dataclass(frozen=True)
class Page:
    """The page that is looked at."""

    number: int
    area: float
    unit: float


class Painting:
    """Gathers what the pages paint; `TooMuch` when that is more than is sensible."""

    def __init__(self, pdf: pikepdf.Pdf, deadline: float) -> None:
        self.spaces: set[str] = set()
        self.fonts: set[str] = set()
        self.transparent = False
        self._pdf = pdf
        self._deadline = deadline
        self._images: list[PlacedImage] = []
        self._unpacked = 0
        self._drawn = 0
        self._parsed: dict[Any, Instructions] = {}
        self._known: set[Any] = set()
        self.colours = Colours()
        self._page = Page(0, 1.0, 1.0)

    def look_at(self, page: pikepdf.Object, number: int, box: tuple[float, float, float, float], unit: float) -> None:
        """Takes in one page."""
        self._page = Page(number, (box[2] - box[0]) * (box[3] - box[1]), unit)
        before = len(self._images)
        contents = page.get("/Contents")
        streams = list(islice(contents, MOST_LISTED)) if isinstance(contents, pikepdf.Array) else [contents]
        data = b"\n".join(self._unpack(one) for one in streams if isinstance(one, pikepdf.Stream))
        resources = page.get("/Resources")
        self._follow(self._parse(data), resources, State((1, 0, 0, 1, 0, 0)), 0)
        self._images[before:] = _telling(self._images[before:])

    def worst_images(self) -> tuple[PlacedImage, ...]:
        """The coarsest first, and no more than tell something; those of the first page always."""
        telling = sorted(self._images, key=lambda one: (one.page > 1, one.dpi))[:KEPT_IMAGES]
        return tuple(sorted(telling, key=lambda one: one.dpi))

    def _unpack(self, stream: pikepdf.Object) -> bytes:
        if time.monotonic() > self._deadline:
            raise TooMuch
        filters = stream.get("/Filter", pikepdf.Array())
        names = [str(one) for one in (filters if isinstance(filters, pikepdf.Array) else [filters])]
        if {"/LZWDecode", "/LZW"} & set(names):
            again = len(names) - len(TEXTUAL & set(names)) > 1
            if again or len(stream.read_raw_bytes()) > MOST_PACKED_OLD:
                raise TooMuch
        try:
            data = bytes(stream.read_bytes())
        except pikepdf.PdfError as error:
            if "limit" in str(error):
                raise TooMuch from error
            raise
        self._unpacked += len(data)
        if self._unpacked > MOST_CONTENT:
            raise TooMuch
        return data

    def _parse(self, data: bytes) -> Instructions:
        found = pikepdf.parse_content_stream(self._pdf.make_stream(data), OPERATORS)
        return [(str(one.operator), one) for one in found]

    def _follow(self, instructions: Instructions, resources: Any, state: State, depth: int) -> None:
        self._patterns(resources, state, depth)
        outer: list[State] = []
        for operator, instruction in instructions:
            if operator == "q":
                outer.append(state)
            elif operator == "Q":
                state = outer.pop() if outer else state
            elif operator in DEVICE:
                self.spaces.add(DEVICE[operator])
            elif operator == "Do":
                self._draw(_named(resources, "/XObject", instruction.operands), resources, state, depth)
            elif operator == "INLINE IMAGE":
                self._inline(instruction, resources, state)
            else:
                state = self._changed(operator, instruction.operands, resources, state)

    def _changed(self, operator: str, operands: Any, resources: Any, state: State) -> State:
        """What an operator that sets something makes of the state; what it uses is noted."""
        if operator == "cm":
            return replace(state, matrix=_times(_matrix(operands), state.matrix))
        if operator == "Tf":
            return replace(state, font=_named(resources, "/Font", operands))
        if operator == "Tr":
            return replace(state, invisible=int(operands[0]) == INVISIBLE)
        if operator == "gs":
            self._once(_named(resources, "/ExtGState", operands), self._note_state)
        elif operator in ("cs", "CS"):
            self._note_space(_named(resources, "/ColorSpace", operands) or operands[0])
        elif operator == "sh":
            self._once(_named(resources, "/Shading", operands), self._note_shading)
        elif not state.invisible:  # it shows text
            self._once(state.font, self._note_font)
        return state

    def _draw(self, thing: Any, resources: Any, state: State, depth: int) -> None:
        self._drawn += 1
        if self._drawn > MOST_DRAWN or depth > DEEPEST or time.monotonic() > self._deadline:
            raise TooMuch
        if not isinstance(thing, pikepdf.Stream):
            return
        if thing.get("/Subtype") == "/Image":
            self._once(thing, self._note_image)
            self._place(float(thing.get("/Width", 0)), float(thing.get("/Height", 0)), state.matrix)
        elif thing.get("/Subtype") == "/Form":
            inner = replace(state, matrix=_times(_matrix(thing.get("/Matrix", (1, 0, 0, 1, 0, 0))), state.matrix))
            self._follow(self._form(thing), thing.get("/Resources", resources), inner, depth + 1)

    def _patterns(self, resources: Any, state: State, depth: int) -> None:
        """Those at hand, whether they are used or not: what is filled with one is not followed."""
        group = resources.get("/Pattern") if isinstance(resources, pikepdf.Dictionary) else None
        for pattern in islice(group.values(), MOST_LISTED) if isinstance(group, pikepdf.Dictionary) else ():
            if isinstance(pattern, pikepdf.Dictionary):
                self._once(pattern.get("/Shading"), self._note_shading)
            elif isinstance(pattern, pikepdf.Stream) and pattern.objgen not in self._known:
                self._known.add(pattern.objgen)
                inner = State(_times(_matrix(pattern.get("/Matrix", (1, 0, 0, 1, 0, 0))), state.matrix))
                self._follow(self._form(pattern), pattern.get("/Resources", resources), inner, depth + 1)

    def _form(self, form: pikepdf.Object) -> Instructions:
        if form.objgen not in self._parsed:
            self._parsed[form.objgen] = self._parse(self._unpack(form))
        return self._parsed[form.objgen]

    def _inline(self, instruction: Any, resources: Any, state: State) -> None:
        image = instruction.iimage
        self._place(float(image.width), float(image.height), state.matrix)
        if not image.image_mask:
            space = image.obj.get("/ColorSpace", image.obj.get("/CS"))
            self._note_space(_named(resources, "/ColorSpace", [space]) or space)

    def _place(self, width: float, height: float, matrix: Matrix) -> None:
        a, b, c, d, _, _ = matrix
        inches = self._page.unit * MM_PER_POINT / MM_PER_INCH
        across, down = math.hypot(a, b) * inches, math.hypot(c, d) * inches
        if min(width, height, across, down) <= 0 or not math.isfinite(across * down):
            return
        share = min(abs(a * d - b * c) / self._page.area, 1.0)
        dpi = min(width / across, height / down)
        if share >= LEAST_SHARE and math.isfinite(dpi):
            self._images.append(PlacedImage(self._page.number, round(dpi, 1), round(share, 3)))

    def _once(self, thing: Any, note: Callable[[Any], None]) -> None:
        """Notes what the thing says, unless it is none or was met before."""
        if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            return
        key = thing.objgen if thing.is_indirect else None
        if key is None or key not in self._known:
            self._known.add(key)
            note(thing)

    def _note_state(self, state: Any) -> None:
        opaque = all(float(state.get(name, 1)) >= 1 for name in ("/ca", "/CA"))
        blend = state.get("/BM", "/Normal")
        plain = isinstance(blend, pikepdf.Name) and blend in ("/Normal", "/Compatible")
        masked = isinstance(state.get("/SMask"), pikepdf.Dictionary)
        self.transparent = self.transparent or not opaque or not plain or masked

    def _note_image(self, image: Any) -> None:
        if isinstance(image.get("/SMask"), pikepdf.Stream) or int(image.get("/SMaskInData", 0)):
            self.transparent = True
        if not image.get("/ImageMask", False):
            self._note_space(image.get("/ColorSpace"))

    def _note_shading(self, shading: Any) -> None:
        self._note_space(shading.get("/ColorSpace"))

    def _note_space(self, space: Any) -> None:
        self.spaces |= self.colours.of(space)

    def _note_font(self, font: Any) -> None:
        if font.get("/Subtype") == "/Type3":  # drawn by the file itself
            return
        inner = font
        if font.get("/Subtype") == "/Type0":
            inner = font.DescendantFonts[0]
        described = inner.get("/FontDescriptor", {})
        if not any(name in described for name in ("/FontFile", "/FontFile2", "/FontFile3")):
            self.fonts.add(_font_name(str(font.get("/BaseFont", "a font without a name"))))


def _telling(images: list[PlacedImage]) -> Iterator[PlacedImage]:
    """Of one page's pictures the largest, and the coarsest where that is another."""
    if images:
        yield from {max(images, key=lambda one: one.share), min(images, key=lambda one: one.dpi)}


def _font_name(name: str) -> str:
    name = name.removeprefix("/")
    return words(name[7:] if name[6:7] == "+" else name)


def _named(resources: Any, kind: str, operands: Any) -> Any:
    """The resource that the first operand names, if there is one."""
    if not isinstance(resources, pikepdf.Dictionary) or not len(operands):
        return None
    group, name = resources.get(kind), operands[0]
    if not isinstance(group, pikepdf.Dictionary) or not isinstance(name, pikepdf.Name):
        return None
    return group.get(name)


def _matrix(numbers: Any) -> Matrix:
    a, b, c, d, e, f = (float(number) for number in numbers)
    return a, b, c, d, e, f


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u
