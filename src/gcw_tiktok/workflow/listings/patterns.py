"""Patterns of literal text with {named} parts: each part stands for at least one character, and nothing is guessed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from gcw_tiktok.workflow.designs import pinning

PART = re.compile(r"\{([a-z][a-z0-9_]*)\}")
MOST_PARTS = 8
LONGEST = 500
"""Characters of a text that is compared; nothing that TikTok names so is longer."""


class NotAPattern(ValueError):
    """What is wrong with it, in words."""


class NotAName(ValueError):
    """A part that may not stand in the name of a file."""


@dataclass(frozen=True)
class Pattern:
    """`POSTER-{size}-{paper}` as its literal texts `("POSTER-", "-", "")` and the parts between them."""

    literals: tuple[str, ...]
    parts: tuple[str, ...]

    def readings(self, text: str) -> list[dict[str, str]]:
        """Every way to read the text so, but no more than two: with two of them it is not clear what is meant."""
        if len(text) > LONGEST or not text.startswith(self.literals[0]):
            return []

        @cache
        def read(part: int, start: int) -> tuple[tuple[str, ...], ...]:
            if part == len(self.parts):
                return ((),) if start == len(text) else ()
            found: list[tuple[str, ...]] = []
            for end, after in _ends(text, start + 1, self.literals[part + 1], last=part == len(self.parts) - 1):
                found += [(text[start:end], *rest) for rest in read(part + 1, after)]
                if len(found) > 1:
                    break
            return tuple(found[:2])

        return [dict(zip(self.parts, values, strict=True)) for values in read(0, len(self.literals[0]))]


def _ends(text: str, earliest: int, literal: str, *, last: bool) -> Iterator[tuple[int, int]]:
    """Where a part may end because `literal` follows, and where that ends."""
    if last:
        end = len(text) - len(literal)
        if end >= earliest and text.endswith(literal):
            yield end, len(text)
        return
    end = text.find(literal, earliest)
    while end >= 0:
        yield end, end + len(literal)
        end = text.find(literal, end + 1)


def pattern(text: str) -> Pattern:
    """`NotAPattern` where braces do not name a part, a part stands twice, or two stand side by side."""
    pieces = PART.split(text)
    literals, parts = pieces[::2], pieces[1::2]
    if any(brace in literal for literal in literals for brace in "{}"):
        raise NotAPattern("braces may only name a part, such as {size}: small letters, digits and _")
    if len(set(parts)) < len(parts):
        raise NotAPattern("each part may stand here once")
    if len(parts) > MOST_PARTS:
        raise NotAPattern(f"it has more than {MOST_PARTS} parts")
    if any(not literal for literal in literals[1:-1]):
        raise NotAPattern("something must stand between two parts, or nobody can tell where one ends")
    return Pattern(tuple(literals), tuple(parts))


def names_in(template: str) -> list[str]:
    """The parts that a template uses; `NotAPattern` as for a pattern, but a part may stand twice."""
    pieces = PART.split(template)
    if any(brace in literal for literal in pieces[::2] for brace in "{}"):
        raise NotAPattern("braces may only name a part, such as {size}: small letters, digits and _")
    return pieces[1::2]


def filled(template: str, parts: Mapping[str, str]) -> str:
    """The template with the parts as they are."""
    return PART.sub(lambda found: parts[found[1]], template)


def source(template: str, parts: Mapping[str, str]) -> str:
    """A design's path or address: in an address parts are quoted, and in a path they may hold nothing that leads
    elsewhere (`NotAName`)."""
    if pinning.is_address(template):
        return filled(template, {name: quote(part, safe="") for name, part in parts.items()})
    for name in names_in(template):
        _may_be_in_a_path(name, parts[name])
    return filled(template, parts)


def _may_be_in_a_path(name: str, part: str) -> None:
    plain = all(character.isalnum() or character in " ._-+()" for character in part)
    if not plain or ".." in part or not part[0].isalnum():
        raise NotAName(f"{{{name}}} is {part!r} here, which may not stand in the name of a file")
