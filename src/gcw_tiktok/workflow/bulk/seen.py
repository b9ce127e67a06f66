"""Remembers which rows named which variants, in a few bytes each: a file may have millions of rows."""

from array import array
from collections.abc import Iterable

PAGE = 4096


class Seen:
    """The first row that named each variant, by the variant's number in the database."""

    def __init__(self) -> None:
        self._pages: dict[int, array[int]] = {}

    def again(self, variant_ids: Iterable[int], first_row: int) -> dict[int, int]:
        """Which of some rows, counted from 0, name a variant that another row named before, and that row.

        A number of 0 stands for no variant. Asked again about the same rows, it says the same.
        """
        repeated: dict[int, int] = {}
        pages = self._pages
        for number, variant_id in enumerate(variant_ids):
            if not variant_id:
                continue
            page = pages.get(variant_id // PAGE)
            if page is None:
                page = pages[variant_id // PAGE] = array("I", bytes(array("I").itemsize * PAGE))
            place = variant_id % PAGE
            if not page[place]:
                page[place] = first_row + number
            elif page[place] != first_row + number:
                repeated[number] = page[place]
        return repeated
