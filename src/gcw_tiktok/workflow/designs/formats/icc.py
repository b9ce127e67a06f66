"""Reads what a colour profile says of itself."""

from dataclasses import dataclass

from gcw_tiktok.workflow.designs.facts import words

MOST_TAGS = 100
SPACES = {b"RGB ": "rgb", b"CMYK": "cmyk", b"GRAY": "gray", b"Lab ": "lab"}


@dataclass(frozen=True)
class Profile:
    """A colour profile: for which colours, and its name."""

    space: str
    """`srgb`, `rgb`, `cmyk`, `gray`, `lab`; empty when it is unreadable or another."""
    name: str


def describe(data: bytes) -> Profile:
    """What this profile is for; one that cannot be read has no space."""
    if len(data) < 132 or data[36:40] != b"acsp":
        return Profile("", "an unreadable profile")
    name = _name(data) or "a profile without a name"
    space = SPACES.get(data[16:20], "")
    return Profile("srgb" if space == "rgb" and "srgb" in name.lower().replace(" ", "") else space, name)


def _name(data: bytes) -> str:
    """Its description, as profiles of version 2 (`desc`) or 4 (`mluc`) have it."""
    for number in range(min(_number(data, 128), MOST_TAGS)):
        entry = data[132 + 12 * number : 144 + 12 * number]
        if entry[:4] == b"desc":
            start, size = _number(entry, 4), _number(entry, 8)
            return _text(data[start : start + min(size, 4_096)])
    return ""


def _text(tag: bytes) -> str:
    if tag[:4] == b"desc":
        return words(tag[12 : 12 + _number(tag, 8)].decode("ascii", "replace"))
    if tag[:4] == b"mluc":
        size, start = _number(tag, 20), _number(tag, 24)
        return words(tag[start : start + size].decode("utf-16-be", "replace"))
    return ""


def _number(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "big")
