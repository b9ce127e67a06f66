"""Finds out how a text file of cells is written: its encoding, its separator and about how long it is."""

import codecs
import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gcw_tiktok.errors import BadInput

BLOCK = 1024 * 1024
LIKE_ASCII = frozenset({"utf-8", "utf-8-sig", "cp1252"})
"""Encodings in which every byte of ASCII is that character."""
SEPARATORS = (",", ";", "\t")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""What a file begins with, and the encoding that it tells."""
OLD = "cp1252"
SAVE_AS = "Save it as CSV UTF-8 (comma delimited), or as .xlsx."


@dataclass(frozen=True)
class Look:
    """How a file is written."""

    encoding: str
    separator: str
    header: tuple[str, ...]
    lines: int
    """Line ends in it; as many rows, unless cells hold some."""
    quotes: int
    """How many quotation marks; an odd number speaks for one that is never closed."""

    @property
    def note(self) -> str:
        """What its reader should know."""
        if self.encoding != OLD:
            return ""
        return "The file is not UTF-8: it was read as Windows-1252. If names look wrong, save it as CSV UTF-8."


def look(path: Path, knows: Callable[[Sequence[str]], int]) -> Look:
    """The encoding and separator of a file. `knows` says how many names of a header it recognises."""
    with path.open("rb") as file:
        start = file.read(4)
    encoding = next((name for mark, name in MARKS if start.startswith(mark)), "")
    if encoding:
        counted = _counted(path, encoding)
    else:
        encoding = "utf-8"
        counted = _counted(path, encoding)
        if counted is None:
            encoding, counted = OLD, _counted(path, OLD)
    if counted is None:
        raise BadInput("The file is neither UTF-8 nor Windows-1252 text.", SAVE_AS, code="unreadable_file")
    headers = [(separator, _header(path, encoding, separator)) for separator in SEPARATORS]
    separator, header = max(headers, key=lambda one: knows(one[1]))
    return Look(encoding, separator, header, *counted)


def _counted(path: Path, encoding: str) -> tuple[int, int] | None:
    """How many lines and quotation marks a file has; None if it is not in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = quotes = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            try:
                text = _as_ascii(block, decoder, encoding)
            except UnicodeDecodeError:
                return None
            if b"\0" in text:
                raise BadInput("The file is no text: it holds NUL characters.", SAVE_AS, code="unreadable_file")
            lines += text.count(b"\n") or text.count(b"\r")
            quotes += text.count(b'"')
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return None
    return lines, quotes


def _as_ascii(block: bytes, decoder: codecs.IncrementalDecoder, encoding: str) -> bytes:
    """What comes next in a file, so that its characters of ASCII can be counted. Most files have no others, and need
    not be decoded for that."""
    if encoding not in LIKE_ASCII:
        return decoder.decode(block).encode()
    begun, _ = decoder.getstate()
    if begun or not block.isascii():
        decoder.decode(block)
    return block


def _header(path: Path, encoding: str, separator: str) -> tuple[str, ...]:
    with path.open(encoding=encoding, newline="") as file:
        try:
            return tuple(next(csv.reader(file, delimiter=separator), ()))
        except csv.Error as error:
            raise BadInput(f"The first row cannot be read: {error}.", SAVE_AS, code="unreadable_file") from error
