"""The pages of Storefronts Connect, as one web application."""

from pathlib import Path

from flask import Flask

from gcw_tiktok.web.portal import (
    adding,
    at_work,
    bulk,
    choosing,
    designing,
    errors,
    further,
    listing,
    listing_form,
    operators,
    order_deeds,
    orders,
    products,
    safety,
    sign_in,
    stores,
    uploads,
    visiting,
    words,
)
from gcw_tiktok.web.portal import consent as consent_pages
from gcw_tiktok.web.portal import people as people_pages
from gcw_tiktok.workflow.people import visits
from gcw_tiktok.workflow.storefronts.jobs import Jobs
from gcw_tiktok.workflow.storefronts.portal import Portal

HERE = Path(__file__).parent
LARGEST_FORM = 1 << 20
"""Bytes. Pages that take files say so themselves."""


def create(portal: Portal, jobs: Jobs) -> Flask:
    """The application. It answers every path, so whatever else is served has to come before it."""
    app = Flask("gcw portal", root_path=str(HERE), static_url_path="/static")
    secure = portal.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=portal.seal.mark(b"sessions of the portal"),
        SESSION_COOKIE_NAME="__Host-gcw" if secure else "gcw",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_SAMESITE="Lax",  # TikTok's page leads back here, and the session has to come along
        PERMANENT_SESSION_LIFETIME=visits.LASTS_SECONDS,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        MAX_FORM_PARTS=2_000,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # a proxy that changes the Host would have every form refused; the token is enough
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["portal"], app.extensions["jobs"] = portal, jobs
    for part in (uploads, safety, visiting, words, errors, orders):
        part.set_up(app)
    for pages in (
        sign_in.pages,
        stores.pages,
        consent_pages.pages,
        people_pages.pages,
        at_work.pages,
        designing.pages,
        orders.pages,
        bulk.pages,
        products.pages,
        listing.pages,
        choosing.pages,
        further.pages,
        order_deeds.pages,
        operators.pages,
        adding.pages,
        listing_form.pages,
    ):
        app.register_blueprint(pages)
    return app
