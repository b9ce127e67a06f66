"""Remembers which rows named which variants, in a few bytes each: a file may have millions of rows."""

from array import array

PAGE = 4096


class Seen:
    """The first row that named each variant, by the variant's number in the database."""

    def __init__(self) -> None:
        self._pages: dict[int, array[int]] = {}

    def first(self, variant_id: int, row: int) -> int:
        """The row that named this variant first; the given one, when none did."""
        page = self._pages.get(variant_id // PAGE)
        if page is None:
            page = self._pages[variant_id // PAGE] = array("L", bytes(array("L").itemsize * PAGE))
        before = page[variant_id % PAGE]
        if before:
            return before
        page[variant_id % PAGE] = row
        return row
