"""Who looks at a page: signed in or not, a customer's admin or an operator."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Flask, flash, jsonify, make_response, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from werkzeug.wrappers import Response

from gcw_tiktok.store.tables import Customer, Person
from gcw_tiktok.web.portal import hand
from gcw_tiktok.workflow.people import people, signing_in, visits
from gcw_tiktok.workflow.people.signing_in import Entered
from gcw_tiktok.workflow.storefronts import sight
from gcw_tiktok.workflow.storefronts.sight import NotThere

OVER = "Your session is over."
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """Somebody who is signed in."""

    def __init__(self, person: Person, customer: Customer | None, secret: str) -> None:
        self.person, self.customer, self.secret = person, customer, secret
        self.name = people.name_of(person)
        self.is_operator = sight.is_operator(person)

    def get_id(self) -> str:
        """What the browser holds: it is worth nothing once the visit is over."""
        return self.secret


def set_up(app: Flask) -> None:
    """Knows whose session a request brings."""
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.unauthorized_handler(_outside)


def _load(secret: str) -> Visitor | None:
    portal = hand.portal()
    with portal.database.view() as view:
        found = visits.whose(view, secret, portal.now())
    return Visitor(*found, secret) if found else None


def _outside() -> Response:
    """Leads to the sign-in page, and from there back to what was asked for."""
    if wants_json():
        return make_response(jsonify(error={"code": "signed_out", "message": OVER, "hint": "Sign in again."}), 401)
    if session.pop("_user_id", None):
        flash(OVER, "warning")
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("sign_in.form", next=back) if back not in ("", "/") else url_for("sign_in.form"))


def wants_json() -> bool:
    """Whether a script asks."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def enter(entered: Entered) -> None:
    """Signs somebody in, with a session of its own: nothing of an earlier one stays."""
    leave()
    session.permanent = True
    login_user(Visitor(entered.person, entered.customer, entered.secret))


def leave() -> None:
    """Signs this browser out. What it held is worth nothing any more, whoever may have a copy of it."""
    if secret := session.get("_user_id"):
        signing_in.leave(hand.portal().database, secret)
    logout_user()
    session.clear()


def visitor() -> Visitor:
    """Who is signed in. Only pages that ask for a session may call this."""
    return cast(Visitor, current_user)


def person() -> Person:
    """The person who is signed in."""
    return visitor().person


def signed_in(page: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """For pages that only somebody who is signed in gets."""
    return cast(Callable[Given, Answer], login_required(page))


def operators_only(page: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """For pages that are not there for a customer's people."""

    @wraps(page)
    def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        if not visitor().is_operator:
            raise NotThere
        return page(*args, **kwargs)

    return signed_in(guarded)


def address() -> str:
    """The network address that a request came from."""
    return request.remote_addr or ""
