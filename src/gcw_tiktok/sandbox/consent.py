"""The authorization page and the token host: how an app comes to act for a seller."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import render_template

from gcw_tiktok.sandbox import authorizations, replies
from gcw_tiktok.sandbox.authorizations import DURATIONS, SCOPES
from gcw_tiktok.sandbox.gate import Received
from gcw_tiktok.sandbox.refusals import Refusal
from gcw_tiktok.sandbox.replies import Reply
from gcw_tiktok.sandbox.shops import ACTIVE, Seller
from gcw_tiktok.sandbox.world import World

APP_NAME = "Sandbox Print Service"
HTML = "text/html; charset=utf-8"
PAGES = ("/open/authorize", "/oauth/authorize")
TOKEN_CALLS = ("/api/v2/token/get", "/api/v2/token/refresh")


class Consent:
    """Answers for the authorization page and the token calls of one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def page(self, received: Received, request_id: str) -> Reply:
        """The page a seller sees, or where their answer leads."""
        query = dict(received.pairs)
        if not self._known(received.path, query):
            return _page("message.html", 404, title="This service does not exist", request_id=request_id)
        state = query.get("state", "").strip()
        if received.method == "POST":
            return self._decide(_form(received), state, request_id)
        return _page(
            "consent.html",
            200,
            request_id=request_id,
            app=APP_NAME,
            sellers=self.world.sellers,
            permissions=[SCOPES[scope] for scope in self.world.app.scopes],
            durations=DURATIONS,
            action=f"{received.path}?{received.query_string}",
        )

    def token(self, received: Received, request_id: str) -> Reply:
        """New tokens, for a code or for a refresh token."""
        if received.method != "GET":
            return Reply(404, b"404 page not found", "text/plain; charset=utf-8", request_id=request_id)
        try:
            grant = self._grant(received.path, dict(received.pairs))
        except Refusal as refusal:
            return replies.auth(refusal.code, refusal.message, request_id)
        data = authorizations.payload(grant)
        reply = replies.auth(0, "success", request_id, data)
        reply.effect = f"tokens for seller {grant.seller.handle}"
        return reply

    def allowed(
        self, seller: Seller, state: str, days: int = DURATIONS[-1], scopes: tuple[str, ...] = tuple(SCOPES)
    ) -> tuple[str, str]:
        """The code and the address that a click on Allow leads to. An app gets no scope that it has not asked for."""
        granted = tuple(scope for scope in scopes if scope in self.world.app.scopes)
        code = self.world.authorizations.allow(seller, self.world.now(), granted, days)
        answer = {
            "app_key": self.world.app.key,
            "code": code,
            "locale": "en",
            "shop_region": seller.region,
            "state": state,
        }
        return code, self._redirect(answer)

    def _known(self, path: str, query: Mapping[str, str]) -> bool:
        if path == "/open/authorize":
            return query.get("service_id") == self.world.app.service_id
        return query.get("app_key") == self.world.app.key

    def _decide(self, form: Mapping[str, str], state: str, request_id: str) -> Reply:
        if form.get("decision") != "allow":
            location = self._redirect({"code": "null", "error": "auth_denied", "state": state})
            return _to(location, request_id, "authorization denied")
        seller = self.world.seller(form.get("seller", ""))
        if seller is None:
            return _page("message.html", 400, title="Choose a seller first", request_id=request_id)
        days = form.get("days", str(DURATIONS[-1]))
        if days not in map(str, DURATIONS):
            return _page("message.html", 400, title="Choose for how long", request_id=request_id)
        if why := self._forbidden(seller):
            return _page("message.html", 403, title="This shop cannot be connected", words=why, request_id=request_id)
        location = self.allowed(seller, state, int(days))[1]
        return _to(location, request_id, f"seller {seller.handle} allowed the app for {days} days")

    def _forbidden(self, seller: Seller) -> str:
        """Why a seller may not allow the app, in our own words; empty when they may."""
        if seller.status != ACTIVE:
            return f"{seller.name} is not active. Finish the registration in Seller Center first."
        if self.world.app.regions and seller.region not in self.world.app.regions:
            return f"{APP_NAME} does not serve sellers in {seller.region}."
        return ""

    def _redirect(self, answer: dict[str, str]) -> str:
        given = {name: value for name, value in answer.items() if value}
        mark = "&" if "?" in self.world.app.redirect_url else "?"
        return self.world.app.redirect_url + mark + urlencode(given)

    def _grant(self, path: str, query: Mapping[str, str]) -> authorizations.Grant:
        kind = query.get("grant_type")
        if query.get("app_key") != self.world.app.key or query.get("app_secret") != self.world.app.secret:
            raise Refusal(36004003, "app_key or app_secret is invalid")  # guessed: the real code is not known
        now = self.world.now()
        if path == TOKEN_CALLS[0]:
            if kind != "authorized_code" or not query.get("auth_code"):
                raise Refusal(98001004, "invalid params")
            grant = self.world.authorizations.exchange(query["auth_code"], now)
            authorizations.plan_end(self.world, grant.seller.handle)
            return grant
        # The documents ask for refresh_token; the official Node SDK sends authorized_code, and works.
        if kind not in ("refresh_token", "authorized_code") or not query.get("refresh_token"):
            raise Refusal(98001004, "invalid params")
        keep_old = self.world.app.refresh_rotation == "lenient"
        return self.world.authorizations.refresh(query["refresh_token"], now, keep_old)


def _form(received: Received) -> dict[str, str]:
    form = Received("POST", "", received.body.decode(errors="replace"), {}, b"")
    return dict(form.pairs)


def _page(template: str, status: int, *, request_id: str, **values: object) -> Reply:
    headers = {"X-Frame-Options": "DENY", "Cache-Control": "no-store"}
    return Reply(status, render_template(template, **values).encode(), HTML, headers, request_id=request_id)


def _to(location: str, request_id: str, effect: str) -> Reply:
    headers = {"Location": location, "Cache-Control": "no-store"}
    return Reply(302, b"", HTML, headers, request_id=request_id, effect=effect)
