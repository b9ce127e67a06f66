"""Lists that are too long for one page."""

from dataclasses import dataclass

from flask import request, url_for


@dataclass(frozen=True)
class Paging:
    """Which page of how many this is; the macro `pager` leads to the others."""

    page: int
    pages: int

    def address(self, page: int) -> str:
        """The same list at another page."""
        assert request.endpoint is not None
        there = {**(request.view_args or {}), **request.args.to_dict(), "page": str(page)}
        return url_for(request.endpoint, **there)


def wanted_page() -> int:
    """The number of the page that is asked for; 1 where none is."""
    given = request.args.get("page", "")
    return int(given) if given.isdecimal() and len(given) < 7 else 1
