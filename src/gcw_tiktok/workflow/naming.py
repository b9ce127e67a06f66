"""Finds the one thing that an operator named: by name, by id, or by an unambiguous start of either."""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import TypeVar

from gcw_tiktok.errors import BadInput

Thing = TypeVar("Thing")
MOST_SHOWN = 8


def choose(kind: str, wanted: str, things: Iterable[Thing], names: Callable[[Thing], Sequence[str]], see: str) -> Thing:
    """The thing that `wanted` names; `BadInput` lists candidates or near names, and `see` shows them all."""
    known = list(things)
    sought = wanted.strip().casefold()
    exact = [thing for thing in known if sought in _folded(names(thing))]
    found = exact or [thing for thing in known if any(name.startswith(sought) for name in _folded(names(thing)))]
    if len(found) == 1 and sought:
        return found[0]
    if found and sought:
        candidates = _some(sorted(_apart([names(thing) for thing in found])))
        raise BadInput(f"{wanted!r} could be {candidates}.", f"Write more of the {kind}'s name.", code="ambiguous")
    raise BadInput(_unknown(kind, wanted, [names(thing)[0] for thing in known]), f"See `{see}`.", code="unknown_name")


def cleaned(kind: str, name: str) -> str:
    """A name as it is kept: without needless blanks, and nothing in it that cannot be seen."""
    tidy = " ".join(name.split())
    if not tidy or not tidy.isprintable():
        raise BadInput(f"A {kind} needs a name of printable characters.")
    return tidy


def _unknown(kind: str, wanted: str, names: Sequence[str]) -> str:
    if not names:
        return f"There is no {kind} {wanted!r}: there is none at all yet."
    folded = {name.casefold(): name for name in names}
    near = [folded[match] for match in get_close_matches(wanted.casefold(), folded, 3, 0.5)]
    return f"There is no {kind} {wanted!r}." + (f" Did you mean {_some(near)}?" if near else "")


def _apart(found: Sequence[Sequence[str]]) -> list[str]:
    """One name for each, with its id where several share the name."""
    first = [names[0] for names in found]
    return [names[0] if first.count(names[0]) == 1 else f"{names[0]} ({names[-1]})" for names in found]


def _folded(names: Sequence[str]) -> list[str]:
    return [name.casefold() for name in names if name]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_SHOWN])
    return shown + (f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else "")
