"""Every address the sandbox answers, how sure we are that TikTok Shop answers alike, and which scope it asks for.

A call's address stands as `@route(...)` above the function that answers it, in `calls/`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from gcw_tiktok.sandbox import contract
from gcw_tiktok.sandbox.refusals import gateway

if TYPE_CHECKING:
    from gcw_tiktok.sandbox.gate import Call

Sureness = Literal["verified", "documented", "guessed"]
Json = dict[str, Any]
Handler = Callable[["Call"], Json]

VERIFIED: Sureness = "verified"
"""A recorded reply of the real API has this shape, which says nothing of its refusals."""
DOCUMENTED: Sureness = "documented"
GUESSED: Sureness = "guessed"

AUTHORIZED, SHOP = ("seller.authorization.info",), ("seller.shop.info",)
ORDERS, LOGISTICS = ("seller.order.info",), ("seller.logistics",)
PRODUCTS, PRODUCT_WRITES = ("seller.product.basic",), ("seller.product.write",)
PRODUCT_DELETES = ("seller.product.delete",)
SHIPPING, PACKAGES = ("seller.fulfillment.basic",), ("seller.fulfillment.package.write",)
RETURNS = ("seller.return_refund.basic",)
EITHER_RETURNS = SHIPPING + RETURNS
EITHER = SHIPPING + LOGISTICS


def _no_handler(_: "Call") -> Json:
    raise LookupError("This address is a page, not a call.")


@dataclass(frozen=True)
class Route:
    """One address. `guess` says in a sentence what of its behaviour no document tells."""

    method: str
    path: str
    sureness: Sureness
    scopes: tuple[str, ...] = ()
    cipher: bool = True
    guess: str = ""
    handler: Handler = field(default=_no_handler, repr=False, compare=False)

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.strip("/").split("/"))

    @property
    def version(self) -> str:
        return self.parts[1]


ON_THE_PAGE = "Looks and words; for how long a seller may allow; what is shown to sellers who may not."
WRONG_SECRET = "A wrong app key or secret is code 36004003."  # noqa: S105 - words about one
OLD_TOKEN = "A refresh token works once, unless refresh_rotation is lenient."  # noqa: S105 - words about one
PAGES = (
    Route("GET", "/open/authorize", GUESSED, cipher=False, guess=ON_THE_PAGE),
    Route("GET", "/oauth/authorize", GUESSED, cipher=False, guess=ON_THE_PAGE),
    Route("GET", "/api/v2/token/get", VERIFIED, cipher=False, guess=WRONG_SECRET),
    Route("GET", "/api/v2/token/refresh", DOCUMENTED, cipher=False, guess=f"{WRONG_SECRET} {OLD_TOKEN}"),
)
_CALLS: list[Route] = []
_BY_FORM: dict[tuple[str, int], list[Route]] = {}


def route(
    method: str, path: str, sureness: Sureness, scopes: tuple[str, ...] = (), *, cipher: bool = True, guess: str = ""
) -> Callable[[Handler], Handler]:
    """Puts a function down as what answers an address."""

    def put_down(handler: Handler) -> Handler:
        made = Route(method, path, sureness, scopes, cipher, guess, handler)
        _CALLS.append(made)
        _BY_FORM.setdefault((made.parts[0], len(made.parts)), []).append(made)
        return handler

    return put_down


@cache
def everything() -> tuple[Route, ...]:
    """All pages and calls, by path and version."""
    import_module("gcw_tiktok.sandbox.calls")
    return PAGES + tuple(sorted(_CALLS, key=lambda each: (each.parts[0], each.parts[2:], each.version, each.method)))


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of a request and what stands in its path; refused as path, then method, then version."""
    everything()
    parts = path[1:].split("/")
    kin = _BY_FORM.get((parts[0], len(parts)), ())
    alike = [(each, found) for each in kin if (found := _match(each, parts)) is not None]
    if not alike or not re.fullmatch(r"\d{6}", parts[1]):
        raise gateway(36009009, "Invalid path. The request path does not match any API endpoint.", 404)
    callable_ = [pair for pair in alike if pair[0].method == method]
    if not callable_:
        raise gateway(36009010, f"Invalid method. {method} is not supported by this path.", 405)
    for each, found in callable_:
        if each.version == parts[1]:
            return each, found
    raise gateway(36009014, "Invalid API version. The version is not supported.")


def _match(candidate: Route, parts: list[str]) -> dict[str, str] | None:
    """What fills the placeholders when everything but the version agrees."""
    found = {}
    for place, (template, part) in enumerate(zip(candidate.parts, parts, strict=True)):
        if template.startswith("{") and re.fullmatch(r"\d{1,32}", part):
            found[template[1:-1]] = part
        elif template != part and place != 1:
            return None
    return found


@cache
def operation(route: Route) -> contract.Operation:
    """How our description of the API describes a call."""
    found = contract.operation(route.method, route.path)
    if found is None:
        raise LookupError(f"{route.method} {route.path} is not described.")
    return found
