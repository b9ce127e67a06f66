"""What spreadsheets do to cells, and what is done about it. All of it works on single cells and knows no files."""

import re
from collections.abc import Sequence

RUN = re.compile(r"'*[=+\-@\t\r\n]")
"""A cell that a spreadsheet would run as a formula, or that looks like one that was defused."""
SUSPECTS = frozenset("'=+-@\t\r\n")
EXPONENT = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
EXACT_DIGITS = 15
"""How many digits of a number a spreadsheet keeps; it puts zeros in place of the others."""


def defused(cell: str) -> str:
    """The cell as a spreadsheet shows it without running it; `restored` gives the same value back."""
    return f"'{cell}" if RUN.match(cell) else cell


def restored(cell: str) -> str:
    """What the cell said before it was defused; a cell that never was comes back as it is."""
    return cell[1:] if cell.startswith("'") and RUN.match(cell) else cell


def all_defused(column: Sequence[str]) -> tuple[Sequence[str], str]:
    """A whole column of cells, and the same joined by NUL. Most have nothing to defuse, which is soon seen in that."""
    joined = "\0".join(column)
    if joined[:1] not in SUSPECTS and not any(sign in joined and f"\0{sign}" in joined for sign in SUSPECTS):
        return column, joined
    column = [defused(cell) for cell in column]
    return column, "\0".join(column)


def shortened(cell: str) -> bool:
    """Whether a long id became a rounded number, such as `1.73E+18` or 1730000000000000000."""
    if EXPONENT.fullmatch(cell):
        return True
    return cell.isdecimal() and len(cell) > EXACT_DIGITS and not cell[EXACT_DIGITS:].strip("0")
