"""Lists that are too long for one page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request


@dataclass(frozen=True)
class Paging:
    """Which page of how many this is; the macro `pager` leads to the others."""

    page: int
    pages: int

    def address(self, page: int) -> str:
        """The same list at another page."""
        there = request.args.to_dict() | {"page": str(page)}
        return f"{request.root_path}{request.path}?{urlencode(there)}"


def wanted_page() -> int:
    """The number of the page that is asked for; 1 where none is."""
    given = request.args.get("page", "")
    return int(given) if given.isdecimal() and len(given) < 7 else 1
