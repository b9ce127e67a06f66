"""How facts are put on a page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask, request, url_for
from flask_login import current_user
from markupsafe import Markup

from gcw_tiktok.errors import GcwError
from gcw_tiktok.web.portal import hand

ASK = "Ask your print provider."
PAGES = (
    ("Stores", "stores.listed", False),
    ("Orders", "orders.listed", False),
    ("Bulk operations", "bulk.listed", False),
    ("People", "people.listed", False),
    ("Held", "operators.held", True),
    ("At risk", "operators.at_risk", True),
    ("Cancellations", "operators.cancellations", True),
    ("Customers", "operators.customers", True),
    ("Facilities", "operators.facilities", True),
    ("Health", "operators.health", True),
)
"""In the bar above every page: name, where it leads, and whether it is for operators only: those have a row below."""


@dataclass(frozen=True)
class Place:
    """A page in the bar."""

    name: str
    address: str
    here: bool
    operators: bool


def set_up(app: Flask) -> None:
    """Filters and names that every template may use."""
    app.jinja_env.filters["when"] = when
    app.jinja_env.filters["spoken"] = spoken
    app.context_processor(lambda: {"portal_name": hand.portal().name, "navigation": navigation})


def navigation() -> list[Place]:
    """The pages that whoever looks may open."""
    return [
        Place(name, url_for(endpoint), _is_here(endpoint), operators)
        for name, endpoint, operators in PAGES
        if current_user.is_operator or not operators
    ]


def _is_here(endpoint: str) -> bool:
    """Whether this page is looked at, or one that belongs to it and has no place of its own in the bar."""
    here = request.endpoint or ""
    if here in {one for _, one, _ in PAGES}:
        return here == endpoint
    return here.partition(".")[0] == endpoint.partition(".")[0]


def when(moment: int | None, otherwise: str = "never") -> Markup:
    """A moment (Unix seconds): a script of ours puts it into the reader's zone; without it UTC is shown."""
    if not moment:
        return Markup.escape(otherwise)
    there = datetime.fromtimestamp(moment, UTC)
    return Markup('<time datetime="{}">{}</time>').format(there.isoformat(), f"{there:%b %-d, %Y, %H:%M} UTC")


def spoken(word: Any) -> str:
    """`in_production` as people read it."""
    return str(word).replace("_", " ")


def way_on(error: GcwError, *, operator: bool) -> str:
    """What to do about an error. A customer's people have no terminal."""
    return error.hint if operator or "gcw " not in error.hint else ASK
