"""The columns of a bulk file: their names, and which column of a given file is which."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gcw_tiktok.errors import BadInput

PRODUCT_ID, PRODUCT_TITLE = "Store Product ID", "Product Title"
VARIANT_ID, VARIANT_TITLE = "Store Variant ID", "Variant Title"
SKU, CONNECTION, UID, DESIGN = "SKU", "Connection Status", "Product UID", "Design File URL"
STATUS, MESSAGE = "Status", "Message"
GIVEN = (PRODUCT_ID, PRODUCT_TITLE, VARIANT_ID, VARIANT_TITLE, SKU, CONNECTION)
"""Written out and not to be edited."""
IDS = frozenset({PRODUCT_ID, VARIANT_ID, SKU})
"""What a spreadsheet must keep as text."""
RESULTS = frozenset({STATUS, MESSAGE})
"""What an import adds; the next one overlooks them."""
LINKS = ("https://", "http://")
"""How what the net answers with begins; other addresses are gcw's own."""
EXPORT_FIRST = "Write a file to fill in with `gcw bulk export STORE -o FILE`."


def further(area: str) -> str:
    """The name of the column for a print area that is not its product's first."""
    return f"{DESIGN}: {area}"


def to_fill(name: str) -> bool:
    return name == UID or name.startswith(DESIGN)


def forgiven(name: str) -> str:
    """A name as it is compared: capitals, underlines and blanks around it do not count."""
    return re.sub(r"[\s_]+", " ", name.replace("\N{ZERO WIDTH NO-BREAK SPACE}", "")).strip().casefold()


KNOWN = {forgiven(name): name for name in (*GIVEN, UID, DESIGN, STATUS, MESSAGE)}
AREA = re.compile(re.escape(forgiven(DESIGN)) + r" ?: ?(.+)")


@dataclass(frozen=True)
class Layout:
    """Which column of a file is which."""

    names: tuple[str, ...]
    """As the file has them."""
    variant_id: int
    uid: int | None
    sku: int | None
    designs: tuple[tuple[str, int], ...]
    """Area, as it is compared, and column; the area is empty for the product's first."""
    results: tuple[int, ...]
    """Columns that an earlier import added."""
    unknown: tuple[str, ...]


def recognised(header: Sequence[str]) -> int:
    """How many of these names mean something here."""
    return sum(forgiven(name) in KNOWN or AREA.fullmatch(forgiven(name)) is not None for name in header)


def layout(header: Sequence[str]) -> Layout:
    """Which column is which; `BadInput` names what is missing or there twice."""
    where: dict[str, int] = {}
    designs: dict[str, int] = {}
    unknown = []
    for number, name in enumerate(header):
        area = AREA.fullmatch(forgiven(name))
        known = KNOWN.get(forgiven(name), "")
        if area or known == DESIGN:
            _once(designs, area[1] if area else "", number, name)
        elif known:
            _once(where, known, number, name)
        elif name.strip():
            unknown.append(name)
    _must_be_there(where, designs, header)
    results = tuple(number for name, number in where.items() if name in RESULTS)
    found = (where[VARIANT_ID], where.get(UID), where.get(SKU), tuple(designs.items()))
    return Layout(tuple(header), *found, results, tuple(unknown))


def _once(found: dict[str, int], key: str, number: int, name: str) -> None:
    if key in found:
        raise BadInput(f"The column {name.strip()!r} is there twice.", "Remove one of the two.", code="bad_columns")
    found[key] = number


def _must_be_there(where: dict[str, int], designs: dict[str, int], header: Sequence[str]) -> None:
    missing = [name for name in (VARIANT_ID, UID) if name not in where]
    if UID in missing and designs:
        missing.remove(UID)  # then each filled row is told of it
    if missing:
        there = ", ".join(repr(name.strip()[:40]) for name in header[:12]) or "nothing"
        raise BadInput(
            f"The file has no column {' and no column '.join(map(repr, missing))}; its first row has {there}.",
            EXPORT_FIRST,
            code="bad_columns",
        )
