"""The control calls under `/_sandbox/`: look at the world, move its clock, make things happen, break things."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from gcw_tiktok.sandbox import saving, state
from gcw_tiktok.sandbox.authorizations import DURATIONS, SCOPES
from gcw_tiktok.sandbox.consent import Consent
from gcw_tiktok.sandbox.doings import (
    Action,
    NotPossible,
    buying,
    listings,
    orders,
    returns,
    scenarios,
    sellers,
    settings,
    shops,
    webhooks,
    wished_shop,
)
from gcw_tiktok.sandbox.gateway import Sandbox
from gcw_tiktok.sandbox.journal import LONGEST
from gcw_tiktok.sandbox.refusals import Refusal

LONGEST_DAYS = 36_500  # authorizations that last a century have been seen
Json = dict[str, Any]
Wish = Callable[[Json], object]


def control(sandbox: Sandbox, consent: Consent) -> Blueprint:
    """The blueprint; every call takes and gives JSON."""
    room = Blueprint("control", __name__, url_prefix="/_sandbox")
    room.before_request(_only_from_here)
    _add(room, sandbox, "GET", "/state", lambda _: state.whole(sandbox.world, _parts()))
    _add(room, sandbox, "GET", "/journal", lambda _: {"entries": _journal(sandbox)})
    _add(room, sandbox, "POST", "/reset", lambda _: _reset(sandbox))
    _add(room, sandbox, "GET", "/save", lambda _: saving.saved(sandbox.world, sandbox.faults))
    _add(room, sandbox, "POST", "/load", lambda wish: _load(sandbox, wish))
    _add(room, sandbox, "GET", "/clock", lambda _: settings.time(sandbox.world))
    _add(room, sandbox, "POST", "/clock", lambda wish: settings.advance(sandbox.world, wish))
    _add(room, sandbox, "POST", "/app", lambda wish: settings.configure(sandbox.world, wish))
    _add(room, sandbox, "POST", "/orders", lambda wish: buying.order(sandbox.world, wish))
    _add(room, sandbox, "POST", "/authorizations", lambda wish: _authorize(consent, wish))
    _add(room, sandbox, "POST", "/products", lambda wish: listings.hide_listings(sandbox.world, wish))
    _add(room, sandbox, "POST", "/prerequisites", lambda wish: listings.unready(sandbox.world, wish))
    _add(room, sandbox, "GET", "/scenarios", lambda _: scenarios.listed())
    _add_scenarios(room, sandbox)
    _add(room, sandbox, "GET", "/faults", lambda _: {"faults": sandbox.faults.listed()})
    _add(room, sandbox, "POST", "/faults", lambda wish: _break(sandbox, wish))
    _add(room, sandbox, "DELETE", "/faults", lambda _: _mend_all(sandbox))
    _add(room, sandbox, "GET", "/limits", lambda _: sandbox.limits.shown)
    _add(room, sandbox, "POST", "/limits", lambda wish: sandbox.limits.set(wish))
    _add(room, sandbox, "POST", "/events", lambda wish: webhooks.trigger(sandbox.world, wish))
    _add(room, sandbox, "GET", "/webhooks", lambda _: webhooks.listed(sandbox.world, request.args))
    room.add_url_rule("/webhooks/send", "send", lambda: _send(sandbox), methods=["POST"])
    room.add_url_rule("/faults/<int:fault_id>", "mend", lambda fault_id: _mend(sandbox, fault_id), methods=["DELETE"])
    _add_named(room, sandbox, "/orders/<thing>/<action>", orders.ACTIONS | {"request-return": returns.request_return})
    _add_named(room, sandbox, "/sellers/<thing>/<action>", sellers.ACTIONS)
    _add_named(room, sandbox, "/returns/<thing>/<action>", returns.ACTIONS)
    _add_named(room, sandbox, "/products/<thing>/<action>", listings.ACTIONS)
    _add_named(room, sandbox, "/shops/<thing>/<action>", shops.ACTIONS)
    return room


def _add(room: Blueprint, sandbox: Sandbox, method: str, rule: str, do: Wish) -> None:
    def view() -> Response | tuple[Response, int]:
        return _attempt(sandbox, do)

    room.add_url_rule(rule, f"{method} {rule}".replace(".", ""), view, methods=[method])


def _add_named(room: Blueprint, sandbox: Sandbox, rule: str, actions: dict[str, Action]) -> None:
    def view(thing: str, action: str) -> Response | tuple[Response, int]:
        return _attempt(sandbox, lambda wish: _known(actions, action)(sandbox.world, thing, wish))

    room.add_url_rule(rule, rule, view, methods=["POST"])


def _add_scenarios(room: Blueprint, sandbox: Sandbox) -> None:
    def view(name: str) -> Response | tuple[Response, int]:
        return _attempt(sandbox, lambda wish: scenarios.play(sandbox.world, sandbox.faults, name, wish))

    room.add_url_rule("/scenarios/<name>", "scenario", view, methods=["POST"])


def _known(actions: dict[str, Action], action: str) -> Action:
    if action not in actions:
        raise NotPossible(f"There is no action {action}; there are {', '.join(actions)}.")
    return actions[action]


def _attempt(sandbox: Sandbox, do: Wish) -> Response | tuple[Response, int]:
    try:
        raw = request.get_data()  # not `data`, which is empty where curl calls the body a form
        wish = (request.get_json(force=True, silent=True) if raw else {}) or _nothing(raw)
    except RecursionError:
        wish = None
    if not isinstance(wish, dict):
        return jsonify(error="The body must be a JSON object."), 400
    try:
        with sandbox.world.lock:
            sandbox.world.catch_up()
            answer = jsonify(do(wish))
        sandbox.postman.ring()
        return answer
    except (NotPossible, Refusal, ValueError, TypeError) as problem:
        return jsonify(error=str(problem)), 400


def _nothing(raw: bytes) -> Json | None:
    """No wish, however it is written: some languages know no empty object and send an empty list."""
    return {} if raw.strip() in (b"", b"{}", b"[]", b"null") else None


def _only_from_here() -> None:
    if request.remote_addr and not ip_address(request.remote_addr).is_loopback:
        abort(403)


def _parts() -> list[str]:
    return [part for part in request.args.get("parts", "").split(",") if part]


def _journal(sandbox: Sandbox) -> list[Json]:
    since = request.args.get("since", 0, type=int)
    last = request.args.get("last", LONGEST, type=int)
    return sandbox.journal.read(since, request.args.get("path", ""), max(last, 1))


def _break(sandbox: Sandbox, wish: Json) -> Json:
    """A new fault; its shop may be told by name or code."""
    if wish.get("shop_id") and isinstance(wish["shop_id"], str):
        wish = wish | {"shop_id": wished_shop(sandbox.world, wish).id}
    return {"id": sandbox.faults.add(wish).id}


def _mend_all(sandbox: Sandbox) -> Json:
    sandbox.faults.clear()
    return {}


def _mend(sandbox: Sandbox, fault_id: int) -> Response | tuple[Response, int]:
    def mend(_: Json) -> Json:
        if not sandbox.faults.remove(fault_id):
            raise NotPossible(f"There is no fault {fault_id}.")
        return {}

    return _attempt(sandbox, mend)


def _send(sandbox: Sandbox) -> Response:
    """Delivers what is due, and tells of each attempt. The world is free meanwhile: receivers may call back."""
    return jsonify(attempts=sandbox.postman.deliver_due())


def _reset(sandbox: Sandbox) -> Json:
    sandbox.world.reset()
    sandbox.journal.clear()
    sandbox.faults.clear()
    return {}


def _load(sandbox: Sandbox, wish: Json) -> Json:
    saving.load(wish, sandbox.world, sandbox.faults)
    sandbox.journal.clear()
    return {"now": sandbox.world.now()}


def _authorize(consent: Consent, wish: Json) -> Json:
    """What clicking Allow gives. Without a name it is the first seller who allows."""
    seller = consent.world.seller(wish.get("seller") or consent.world.sellers[0].handle)
    if seller is None:
        raise NotPossible(f"No seller is called {wish.get('seller')!r}.")
    days = wish.get("days", DURATIONS[-1])
    if not isinstance(days, int) or not 0 < days <= LONGEST_DAYS:
        raise NotPossible(f"days is a whole number up to {LONGEST_DAYS}.")
    scopes = tuple(wish.get("scopes", SCOPES))
    code, redirect_url = consent.allowed(seller, wish.get("state", ""), days, scopes)
    return {"code": code, "redirect_url": redirect_url}
