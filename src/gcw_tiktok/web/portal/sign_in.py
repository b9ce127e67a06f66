"""Signing in and out, the invitation's page, and the forgotten password."""

from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.tables import LinkPurpose
from gcw_tiktok.web.portal import hand, visiting
from gcw_tiktok.web.portal.errors import sentence
from gcw_tiktok.workflow.people import inviting, people, signing_in

pages = Blueprint("sign_in", __name__)
Page = str | tuple[str, int] | Response
LINK = "/<any(invitation, password):kind>/<secret>"
TOO_MANY = 429


@pages.get("/sign-in")
def form() -> Page:
    wanted = _here(request.args.get("next", ""))
    if current_user.is_authenticated:
        return redirect(wanted or url_for("stores.home"))
    return render_template("portal/sign_in.html", email="", next=wanted)


@pages.post("/sign-in")
def sign_in() -> Page:
    portal, email = hand.portal(), request.form.get("email", "")
    wanted = _here(request.form.get("next", ""))
    try:
        password = request.form.get("password", "")
        entered = signing_in.sign_in(portal.database, portal.seal, email, password, visiting.address(), portal.now())
    except GcwError as error:
        told = {"email": email, "error": sentence(error), "next": wanted}
        return render_template("portal/sign_in.html", **told), _status(error)
    visiting.enter(entered)
    return redirect(wanted or url_for("stores.home"))


@pages.post("/sign-out")
def sign_out() -> Page:
    visiting.leave()
    flash("You are signed out.")
    return redirect(url_for("sign_in.form"))


@pages.get(LINK)
def welcome(kind: str, secret: str) -> Page:
    """The page that a link leads to. Looking at it does not use the link: mail scanners look too."""
    return _link_page(LinkPurpose(kind), secret)


@pages.post(LINK)
def set_password(kind: str, secret: str) -> Page:
    portal, purpose = hand.portal(), LinkPurpose(kind)
    password = request.form.get("password", "")
    try:
        entered = signing_in.accept(portal.database, portal.seal, purpose, secret, password, portal.now())
    except BadInput as error:
        return _link_page(purpose, secret, error)
    visiting.enter(entered)
    flash("Your password is set, and you are signed in.")
    return redirect(url_for("stores.home"))


@pages.get("/forgotten")
def forgotten() -> Page:
    return render_template("portal/forgotten.html", sent=False)


@pages.post("/forgotten")
def ask_again() -> Page:
    """Says the same, and takes as long, whether or not anybody has this address."""
    portal, email = hand.portal(), request.form.get("email", "")
    try:
        signing_in.ask_again(portal.database, portal.seal, email, visiting.address(), portal.now())
        hand.jobs().errands.do(partial(inviting.send_forgotten, portal.desk, portal.database, email, portal.now()))
    except GcwError as error:
        return render_template("portal/forgotten.html", sent=False, error=sentence(error)), _status(error)
    return render_template("portal/forgotten.html", sent=True)


def _link_page(purpose: LinkPurpose, secret: str, error: GcwError | None = None) -> Page:
    """The form for a password; of a link that is dead, what is to be done."""
    portal = hand.portal()
    try:
        with portal.database.view() as view:
            person, customer = signing_in.look(view, purpose, secret, portal.now())
    except BadInput as dead:
        if purpose == LinkPurpose.PASSWORD and dead.code == "dead_link":
            return render_template("portal/forgotten.html", sent=False, error=sentence(dead)), 400
        raise
    told = {"person": person, "customer": customer, "name": people.name_of(person), "kind": purpose.value}
    if error is None:
        return render_template("portal/set_password.html", **told)
    return render_template("portal/set_password.html", **told, error=sentence(error)), 400


def _status(error: GcwError) -> int:
    return TOO_MANY if error.code == "too_many" else 400


def _here(wanted: str) -> str:
    """A path of ours; anything that could lead elsewhere is dropped."""
    plain = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if plain else ""
