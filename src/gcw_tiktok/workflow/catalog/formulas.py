"""Derived attributes: texts with the values of other attributes in them, such as `{size} {color}`. Nothing runs."""

import re
from collections.abc import Iterable, Mapping

PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
LONGEST = 500


def fault(formula: str, attributes: Iterable[str]) -> str:
    """What is wrong with a formula over these attributes; empty where nothing is."""
    if len(formula) > LONGEST:
        return f"a formula has at most {LONGEST} characters"
    known = list(attributes)
    names = 0
    for piece in PIECE.finditer(formula):
        if piece[0] in "{}":
            return "a { or } stands alone; write {{ or }} where one is meant"
        if piece[1] is not None:
            names += 1
            if piece[1] not in known:
                return f'the model has no attribute "{piece[1]}"; it has {", ".join(known) or "none"}'
    return "" if names else "it has no {attribute} in it"


def result(formula: str, values: Mapping[str, str]) -> str:
    """The text that comes out for these values; an attribute without one leaves nothing."""
    return " ".join(PIECE.sub(lambda piece: _text(piece, values), formula).split())


def _text(piece: re.Match[str], values: Mapping[str, str]) -> str:
    return piece[0][0] if piece[1] is None else values.get(piece[1], "")
