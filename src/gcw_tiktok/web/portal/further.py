"""What one variant prints, for further variants of its listing: each in its own size, all with the same design."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.web.portal import hand, visiting
from gcw_tiktok.web.portal.choosing import look, wanted_of
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.storefronts import further

pages = Blueprint("further", __name__)
Page = str | Response
HERE = "/stores/<int:store_id>/variants/<int:variant_id>/further"


@pages.get(HERE)
@signed_in
def choose(store_id: int, variant_id: int) -> Page:
    """The other variants, each with the choice that suits it."""
    with hand.portal().database.view() as view:
        about = look(view, store_id, variant_id)
        given = further.example(view, about.store, about.variant)
        others = further.candidates(view, about.variant, given.product, given.uid)
    return render_template("portal/further.html", about=about, given=given, others=others)


@pages.post(HERE)
@signed_in
def connect(store_id: int, variant_id: int) -> Page:
    """Lays the design out for each of them, while the listing's page shows how far it is."""
    portal, person, wanted = hand.portal(), visiting.person(), wanted_of()
    with portal.database.view() as view:
        about = look(view, store_id, variant_id)
        given = further.example(view, about.store, about.variant)
    if not wanted:
        flash("Tick the variants first.", "warning")
        return redirect(url_for("further.choose", store_id=store_id, variant_id=variant_id))
    work = further.as_example(portal, about.store, person, given, wanted)
    try:
        hand.jobs().start(person, further.KIND, work, store_id=store_id, customer_id=about.store.customer_id)
    except TryAgain as busy:
        flash(f"{busy} {busy.hint}", "warning")
    return redirect(url_for("listing.shown", store_id=store_id, listing_id=about.listing.id))
