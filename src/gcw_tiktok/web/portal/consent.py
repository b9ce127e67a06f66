"""The way back from TikTok's permission page, and the page for a shop's owner without an account."""

from hmac import compare_digest

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from gcw_tiktok.errors import BadInput
from gcw_tiktok.web.portal import hand
from gcw_tiktok.workflow.people import links
from gcw_tiktok.workflow.storefronts import consent

pages = Blueprint("consent", __name__)
Page = str | Response


@pages.get("/callback")
def callback() -> Page:
    """Where TikTok sends the browser to. Only the browser that began may bring the answer: otherwise somebody could
    have another's shop connected to themselves."""
    state, mine = request.args.get("state", ""), session.pop("consent", "")
    if not state or not mine or not compare_digest(state.encode(), mine.encode()):
        raise BadInput(
            "This answer of TikTok's belongs to nothing that was begun in this browser.",
            "Was it begun in a terminal? Then paste this page's address there. Otherwise begin again.",
        )
    done = consent.complete(hand.portal(), request.url, state)
    if secret := session.pop("connect_link", ""):
        with hand.portal().database.session() as writing:
            links.drop(writing, secret)
    names = " and ".join(store.name for store in done.stores)
    if not current_user.is_authenticated:
        return render_template("portal/connected.html", names=names)
    flash(f"{names} {'is' if len(done.stores) == 1 else 'are'} connected.")
    for finding in done.findings:
        flash(finding, "warning")
    return redirect(url_for("stores.listed"))


@pages.get("/connect/<secret>")
def invited(secret: str) -> Page:
    portal = hand.portal()
    with portal.database.view() as view:
        customer, _ = consent.invited(view, secret, portal.now())
    return render_template("portal/connect.html", customer=customer)


@pages.post("/connect/<secret>")
def go(secret: str) -> Page:
    portal = hand.portal()
    with portal.database.view() as view:
        customer, facility = consent.invited(view, secret, portal.now())
    address, state = consent.begin(portal, customer, facility, None, secret)
    session["consent"], session["connect_link"] = state, secret
    return redirect(address)
