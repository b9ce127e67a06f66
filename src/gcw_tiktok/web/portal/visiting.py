"""Who looks at a page: signed in or not, a customer's admin or an operator."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Flask, request
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user

from gcw_tiktok.store.tables import Customer, Person
from gcw_tiktok.web.portal import hand
from gcw_tiktok.workflow.people import people
from gcw_tiktok.workflow.storefronts import sight
from gcw_tiktok.workflow.storefronts.sight import NotThere

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """Somebody who is signed in."""

    def __init__(self, person: Person, customer: Customer | None) -> None:
        self.person, self.customer = person, customer
        self.name = people.name_of(person)
        self.is_operator = sight.is_operator(person)

    def get_id(self) -> str:
        """What the session holds: it changes whenever all sessions are to end."""
        return self.person.session_key


def set_up(app: Flask) -> None:
    """Knows whose session a request brings."""
    manager = LoginManager(app)
    manager.login_view = "sign_in.form"
    manager.login_message = None
    manager.user_loader(_load)


def _load(session_key: str) -> Visitor | None:
    with hand.portal().database.view() as session:
        person = people.by_session(session, session_key)
        if person is None:
            return None
        return Visitor(person, session.get(Customer, person.customer_id) if person.customer_id else None)


def enter(person: Person) -> None:
    """Signs somebody in."""
    with hand.portal().database.view() as session:
        customer = session.get(Customer, person.customer_id) if person.customer_id else None
    login_user(Visitor(person, customer))


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
