"""What is typed after `gcw catalog …`, as values; and what is shown of a change."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gcw_tiktok import output
from gcw_tiktok.errors import Usage
from gcw_tiktok.workflow.catalog import withdrawing

if TYPE_CHECKING:
    from gcw_tiktok.workflow.catalog.importing import Changes

SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*[xX]\s*(\d+(?:\.\d+)?)\s*(?:mm)?\s*")
PAGES = re.compile(r"(\d+)(?:-(\d+))?")


def pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """`NAME=WORDS` for each."""
    found = {}
    for one in given or []:
        name, equals, words = one.partition("=")
        if not equals or not name.strip():
            raise Usage(f"{option} {one!r} is not NAME=VALUE.", f'For example: {option} "size=M".')
        found[" ".join(name.split())] = " ".join(words.split())
    return found


def lists(given: Sequence[str] | None, option: str) -> dict[str, list[str]]:
    """`NAME=VALUE,VALUE` for each; nothing after the `=` gives an empty list."""
    return {
        name: [value.strip() for value in words.split(",") if value.strip()]
        for name, words in pairs(given, option).items()
    }


def size(words: str, option: str) -> tuple[float, float]:
    """`381x457.2`: width and height in millimetres."""
    found = SIZE.fullmatch(words)
    if not found:
        raise Usage(f"{option} {words!r} is no size in millimetres.", "Write it as 304.8x406.4.")
    return float(found[1]), float(found[2])


def sizes(given: Sequence[str] | None, option: str) -> dict[tuple[str, ...], tuple[float, float]]:
    """`[AREA:][ATTRIBUTE:VALUE=]WIDTHxHEIGHT` for each, by what stands before the size."""
    found: dict[tuple[str, ...], tuple[float, float]] = {}
    for one in given or []:
        before, _, words = one.rpartition("=")
        found[tuple(" ".join(word.split()) for word in before.split(":"))] = size(words, option)
    return found


def pages(words: str) -> list[int]:
    """`24`, or `24-200`: the fewest and the most."""
    found = PAGES.fullmatch(words.strip())
    if not found:
        raise Usage(f"--pages {words!r} is no number of pages.", "Write it as 24, or as 24-200.")
    return [int(found[1]), int(found[2] or found[1])]


def shown(thing: dict[str, Any], changes: "Changes", *, as_json: bool) -> dict[str, Any]:
    """With --json, what a change took from connected variants is a member of the thing."""
    return thing | {"broken": [vars(one) for one in changes.broken]} if as_json and changes.broken else thing


def tell(changes: "Changes", *, renamed: bool = False) -> None:
    """What an operator should know about the change."""
    for words in changes.warnings:
        output.warning(words)
    tell_broken(changes)
    made = changes.count("new", "uid")
    if made:
        output.note(f"{made:,} new product UID{'s' if made > 1 else ''}.")
    if not renamed and not changes.count("new") and not changes.count("changed"):
        output.note("Nothing to change.")


def tell_broken(changes: "Changes", *, dry_run: bool = False) -> None:
    """Names the connected variants whose product is withdrawn."""
    if not changes.broken:
        return
    lines = withdrawing.told(changes.broken)
    count = withdrawing.count(changes.broken)
    if dry_run:
        output.warning(
            f"It withdraws what {count} print{'' if len(changes.broken) > 1 else 's'}, and needs --yes:\n{lines}"
        )
    else:
        output.warning(f"Withdrawn from {count}; gcw orders pull holds their orders:\n{lines}")
