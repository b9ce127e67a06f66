"""What all searches share: page size, page token, order, and the windows of time."""

from collections.abc import Callable
from typing import TypeVar

from gcw_tiktok.sandbox import page_tokens
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.shelf import Page, Shelf, Timed, Window

T = TypeVar("T", bound=Timed)
Item = TypeVar("Item")
FOREVER = 1 << 62


def page(call: Call, shelf: Shelf[T], wanted: Callable[[T], bool] | None) -> tuple[Page[T], str]:
    """The asked-for page and the token of the next one, empty on the last.

    `wanted` filters by everything but time; the window of the sorted time comes from the shelf's index.
    """
    window = _window(call)
    other = _other_window(call, window)
    tests = [test for test in (wanted, other) if test]
    search = f"{call.route.path}:{window.field}:{window.descending}"
    after = page_tokens.read(call.world.app.secret, search, call.parameters.get("page_token", ""))
    test = (lambda item: all(each(item) for each in tests)) if tests else None
    memo = (search, call.shop.id, call.shop.listings_hidden, repr(call.body))
    found = shelf.page(window, test, call.parameters["page_size"], after, memo)
    return found, page_tokens.write(call.world.app.secret, search, found.last)


def part(call: Call, items: list[Item]) -> tuple[list[Item], str]:
    """The asked-for page of a short list and the token of the next one, for lists that have no times."""
    search = call.route.path
    after = page_tokens.read(call.world.app.secret, search, call.parameters.get("page_token", ""))
    start = after[0] if after else 0
    end = start + call.parameters["page_size"]
    return items[start:end], page_tokens.write(call.world.app.secret, search, (end, "") if end < len(items) else None)


def _window(call: Call) -> Window:
    sorted_by = call.parameters.get("sort_field", "create_time")
    descending = call.parameters.get("sort_order", "DESC") == "DESC"
    return Window(sorted_by, descending, *_bounds(call, sorted_by))


def _bounds(call: Call, member: str) -> tuple[int, int]:
    """From `_ge` (inclusive) up to `_lt` (exclusive) or, for products, `_le` (inclusive)."""
    body = call.body
    end = body.get(f"{member}_lt", FOREVER)
    if f"{member}_le" in body:
        end = body[f"{member}_le"] + 1
    return body.get(f"{member}_ge", 0), end


def _other_window(call: Call, window: Window) -> Callable[[Timed], bool] | None:
    other = "update_time" if window.field == "create_time" else "create_time"
    start, end = _bounds(call, other)
    if (start, end) == (0, FOREVER):
        return None
    return lambda item: start <= getattr(item, other) < end
