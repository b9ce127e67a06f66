"""What every call must get past, in TikTok Shop's order: application, time, signature, token, shop, scope, input."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from gcw_tiktok.sandbox import contract, forms, routes
from gcw_tiktok.sandbox.authorizations import Grant
from gcw_tiktok.sandbox.refusals import HELP, bad_parameter, gateway, required
from gcw_tiktok.sandbox.routes import Route
from gcw_tiktok.sandbox.shops import ACTIVE, Shop
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.tiktok.signing import sign

OLDEST, NEWEST = 300, 30  # seconds a timestamp may lie behind and ahead
TOKEN_HEADER = "x-tts-access-token"  # noqa: S105 - a header's name
STATUS = "/seller/202508/status"
"""The call that tells how a seller stands is answered for every seller (guessed)."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Received:
    """A request as it arrived; `headers` has lower-case names."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    remote: str = ""

    @property
    def origin(self) -> str:
        """Where the caller found us, as `http://127.0.0.1:8000`."""
        return f"http://{self.headers.get('host', '')}"

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Decoded names and values in their order, empty values included."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    @property
    def query(self) -> dict[str, str]:
        """Values by name. Clients in the field send a list as one value with commas, or say the name again."""
        found: dict[str, str] = {}
        for name, value in self.pairs:
            found[name] = f"{found[name]},{value}" if name in found else value
        return found


@dataclass
class Call:
    """A request that got past the gate. `effect` tells the journal what it changed.

    A form's text fields are the body, its files stand by name in `files`. The sandbox's own pages start at `origin`.
    """

    world: World
    route: Route
    grant: Grant
    parameters: Json
    body: Any
    in_path: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    origin: str = ""
    effect: str = ""
    _shop: Shop | None = field(default=None, repr=False)

    @property
    def shop(self) -> Shop:
        if self._shop is None:
            raise LookupError(f"{self.route.path} has no shop.")
        return self._shop

    @property
    def idempotency_key(self) -> str:
        """What makes a repeated write the same write; empty where the caller named none."""
        in_body = self.body.get("idempotency_key") if isinstance(self.body, dict) else None
        return str(self.parameters.get("idempotency_key") or in_body or "")


def admit(world: World, received: Received) -> Call:
    """The call, when nothing is wrong with it."""
    route, in_path = routes.find(received.method, received.path)
    query = received.query
    _check_app(world, received, query)
    _check_timestamp(world, query)
    _check_sign(world, received, query)
    grant = _check_token(world, received)
    shop = _check_cipher(route, grant, query)
    _check_active(route, grant, shop)
    _check_scope(world, route, grant)
    if routes.operation(route).takes_files:
        body, files = forms.read(received.body, received.headers.get("content-type", ""))
        contract.check_body(route.method, route.path, body | dict.fromkeys(files, ""))
        return Call(world, route, grant, {}, body, in_path, files, received.origin, _shop=shop)
    parameters, body = _check_input(route, query, in_path, received.body)
    return Call(world, route, grant, parameters, body, in_path, origin=received.origin, _shop=shop)


def _check_app(world: World, received: Received, query: Mapping[str, str]) -> None:
    if query.get("app_key") != world.app.key:
        raise bad_parameter(f"Invalid credentials. Invalid 'app_key' query parameter. {HELP}")
    if world.app.allowed_ips and received.remote not in world.app.allowed_ips:
        raise gateway(36009033, "Access denied. The IP address is not in the app's IP allow list.", 403)


def _check_timestamp(world: World, query: Mapping[str, str]) -> None:
    given = query.get("timestamp", "")
    if not (given.isascii() and given.isdigit()):
        raise bad_parameter("Invalid credentials. The 'timestamp' query parameter is missing or not a number.")
    # A client keeps the machine's time while control calls move the world's, so either is right.
    ages = [now - int(given) for now in (world.clock.wall(), world.now())]
    if any(-NEWEST <= age <= OLDEST for age in ages):
        return
    if max(ages) > OLDEST:
        raise bad_parameter("Invalid credentials. The 'timestamp' query parameter is earlier than 5 minutes ago.")
    raise bad_parameter("Invalid credentials. The 'timestamp' query parameter must not exceed now by 30 seconds.")


def _check_sign(world: World, received: Received, query: Mapping[str, str]) -> None:
    if not query.get("sign"):
        raise bad_parameter("Missing credentials. The 'sign' query parameter (signature) is missing.")
    content_type = received.headers.get("content-type", "")
    # Guessed: TikTok's own Node SDK sends an empty object without signing it, so the server must take that.
    bodies = [received.body, b""] if received.body.strip() == b"{}" else [received.body]
    expected = (sign(world.app.secret, received.path, received.pairs, body, content_type) for body in bodies)
    if not any(hmac.compare_digest(each.encode(), query["sign"].encode()) for each in expected):
        # Reported with 400, 401 and 500; 401 is kept for an expired token, which alone asks for a refresh.
        raise gateway(106001, f"Invalid credentials. The 'sign' query parameter is invalid. {HELP}")


def _check_token(world: World, received: Received) -> Grant:
    grant = world.authorizations.find(received.headers.get(TOKEN_HEADER, ""))
    if grant is None:
        raise bad_parameter(f"Invalid credentials. The '{TOKEN_HEADER}' header is invalid.")
    if world.now() >= grant.access_expires:
        raise gateway(105002, f"Expired credentials. The '{TOKEN_HEADER}' header has expired.", 401)
    return grant


def _check_cipher(route: Route, grant: Grant, query: Mapping[str, str]) -> Shop | None:
    cipher = query.get("shop_cipher", "")
    if not route.cipher and cipher:
        raise bad_parameter("Unexpected identifier. The 'shop_cipher' query parameter is not required.")
    if not route.cipher:
        return None
    if not cipher:
        raise gateway(106013, "Missing identifier. The 'shop_cipher' query parameter is required.")
    shop = next((each for each in grant.seller.shops if each.cipher == cipher), None)
    if shop is None:
        raise gateway(101000, "Invalid identifier. The access token does not match the 'shop_cipher'.")
    if query.get("shop_id") not in (None, "", shop.id):
        raise bad_parameter("Invalid identifier. The 'shop_id' query parameter is invalid.")
    return shop


def _check_active(route: Route, grant: Grant, shop: Shop | None) -> None:
    if route.path == STATUS:
        return
    if grant.seller.status != ACTIVE:
        raise gateway(36009044, "Access denied. The seller account is inactive.", 403)
    if shop and shop.status != ACTIVE:
        raise gateway(36009043, "Access denied. The shop is inactive.", 403)


def _check_scope(world: World, route: Route, grant: Grant) -> None:
    if route.scopes and not set(route.scopes) & set(grant.scopes) & set(world.app.scopes):
        raise gateway(105005, "Access denied. The scope of this API was not granted to the app or the token.", 403)


def _check_input(route: Route, query: Mapping[str, str], in_path: Mapping[str, str], raw: bytes) -> tuple[Json, Any]:
    call = routes.operation(route)
    parameters = contract.read_parameters(call, query, in_path)
    if call.body_schema is None:
        return parameters, None
    body = _json(raw)
    if not call.body_required and not body:
        body = {}  # absent, null, [] and {} all mean: no filter
    if body is None:
        raise required(_first_required(call))
    body = contract.as_read(call.body_schema, _without_echo(body, in_path))
    contract.check_body(route.method, route.path, body)
    return parameters, body


def _without_echo(body: Any, in_path: Mapping[str, str]) -> Any:
    """Guessed: a member that only repeats what the path says does no harm. Clients in the field send such."""
    if not isinstance(body, dict):
        return body
    return {name: value for name, value in body.items() if name not in in_path or str(value) != in_path[name]}


def _first_required(call: contract.Operation) -> str:
    schema = contract.resolved(call.body_schema or {})
    return str(next(iter(schema.get("required", ["body"]))))


def _json(raw: bytes) -> Any:
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise gateway(36009022, "Invalid body format. The request body must be JSON.") from None
