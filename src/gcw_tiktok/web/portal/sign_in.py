"""Signing in and out, the invitation's page, and the forgotten password."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.tables import LinkPurpose, Person
from gcw_tiktok.web.portal import hand, visiting
from gcw_tiktok.web.portal.errors import sentence
from gcw_tiktok.workflow.people import inviting, people, signing_in

pages = Blueprint("sign_in", __name__)
Page = str | tuple[str, int] | Response
PURPOSES = {"invitation": LinkPurpose.INVITATION, "password": LinkPurpose.PASSWORD}


@pages.get("/sign-in")
def form() -> Page:
    if current_user.is_authenticated:
        return redirect(url_for("stores.home"))
    return render_template("portal/sign_in.html", email="", next=_here(request.args.get("next", "")))


@pages.post("/sign-in")
def sign_in() -> Page:
    portal, email = hand.portal(), request.form.get("email", "")
    try:
        password = request.form.get("password", "")
        person = signing_in.sign_in(portal.database, portal.seal, email, password, visiting.address(), portal.now())
    except GcwError as error:
        return render_template("portal/sign_in.html", email=email, error=sentence(error), next=_next()), 400
    _begin(person)
    return redirect(_next() or url_for("stores.home"))


@pages.post("/sign-out")
def sign_out() -> Page:
    logout_user()
    session.clear()
    flash("You are signed out.")
    return redirect(url_for("sign_in.form"))


@pages.get("/<any(invitation, password):kind>/<secret>")
def welcome(kind: str, secret: str) -> Page:
    """The page that a link leads to. Looking at it does not use the link: mail scanners look too."""
    portal = hand.portal()
    with portal.database.view() as view:
        person = signing_in.whose(view, PURPOSES[kind], secret, portal.now())
    return render_template("portal/set_password.html", person=person, name=people.name_of(person), kind=kind)


@pages.post("/<any(invitation, password):kind>/<secret>")
def set_password(kind: str, secret: str) -> Page:
    portal, password = hand.portal(), request.form.get("password", "")
    with portal.database.view() as view:
        person = signing_in.whose(view, PURPOSES[kind], secret, portal.now())
    try:
        person = signing_in.accept(portal.database, PURPOSES[kind], secret, password, portal.now())
    except GcwError as error:
        told = {"person": person, "name": people.name_of(person), "kind": kind, "error": sentence(error)}
        return render_template("portal/set_password.html", **told), 400
    _begin(person)
    flash("Your password is set, and you are signed in.")
    return redirect(url_for("stores.home"))


@pages.get("/forgotten")
def forgotten() -> Page:
    return render_template("portal/forgotten.html", sent=False)


@pages.post("/forgotten")
def ask_again() -> Page:
    """Says the same whether or not anybody has this address."""
    portal = hand.portal()
    try:
        inviting.forgotten(portal, request.form.get("email", ""), visiting.address())
    except GcwError as error:
        return render_template("portal/forgotten.html", sent=False, error=sentence(error)), 400
    return render_template("portal/forgotten.html", sent=True)


def _begin(person: Person) -> None:
    """A session of its own: nothing of an earlier one stays."""
    session.clear()
    session.permanent = True
    visiting.enter(person)


def _next() -> str:
    return _here(request.form.get("next", ""))


def _here(wanted: str) -> str:
    """A path of ours; anything that could lead elsewhere is dropped."""
    plain = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if plain else ""
