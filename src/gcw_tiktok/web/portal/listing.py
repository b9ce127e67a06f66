"""One listing with its variants: what each prints, and what is decided about it."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Listing, Store
from gcw_tiktok.web.portal import hand, pictures, visiting
from gcw_tiktok.web.portal.products import STATUSES, working
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import deciding
from gcw_tiktok.workflow.listings.deciding import Change, Target
from gcw_tiktok.workflow.storefronts import further, jobs, sight, thumbnails, variants
from gcw_tiktok.workflow.storefronts.sight import NotThere

pages = Blueprint("listing", __name__)
Page = str | Response
DONE = {"ignore": "ignored now", "undo": "ignored no longer", "disconnect": "not connected any more"}
MOST_VARIANTS = 1_000


@pages.get("/stores/<int:store_id>/products/<int:listing_id>")
@signed_in
def shown(store_id: int, listing_id: int) -> Page:
    """The listing and its variants."""
    portal, person = hand.portal(), visiting.person()
    with portal.database.view() as view:
        store = sight.store(view, person, store_id)
        listing = sight.listing(view, person, store_id, listing_id)
        found = variants.page(view, store, listing, portal.designs)
        job = jobs.latest(view, store_id, further.KIND)
    told = working(job, lambda facts: facts.get("listing") == listing_id)
    facts = {"store": store, "listing": listing, "found": found, "statuses": STATUSES}
    return render_template("portal/listing.html", **facts, job=job, told=told)


@pages.post("/stores/<int:store_id>/products/<int:listing_id>/decide")
@signed_in
def decide(store_id: int, listing_id: int) -> Page:
    """Ignores, stops ignoring or disconnects variants or the whole listing; or goes on to connect them."""
    portal, person = hand.portal(), visiting.person()
    wanted, ids, whole = request.form.get("do", ""), ids_of("variant"), request.form.get("whole") == "yes"
    back = redirect(url_for("listing.shown", store_id=store_id, listing_id=listing_id))
    with portal.database.view() as view:
        sight.listing(view, person, store_id, listing_id)
    if not ids and not whole:
        flash("Tick the variants first.", "warning")
        return back
    if wanted == "connect":
        return redirect(_way_to_connect(store_id, listing_id, ids))
    if wanted not in DONE:
        raise NotThere
    with portal.database.session() as session:
        store = sight.store(session, person, store_id)
        listing = sight.listing(session, person, store_id, listing_id)
        about = _targets(session, store, listing, ids, whole=whole, do=wanted)
        changes = _done(session, portal.act(person), store, about, wanted)
    flash(_told(changes, wanted))
    return back


@pages.get("/stores/<int:store_id>/variants/<int:variant_id>/preview/<path:area>.png")
@signed_in
def preview(store_id: int, variant_id: int, area: str) -> Response:
    """A small picture of what a variant prints on an area."""
    portal = hand.portal()
    laid, mark = thumbnails.find(portal, visiting.person(), store_id, variant_id, area)
    return pictures.answered(mark, lambda: thumbnails.picture(portal, laid, mark))


def ids_of(name: str) -> list[int]:
    """The numbers that a form or an address gives under a name, each once."""
    given = request.values.getlist(name)[:MOST_VARIANTS]
    if not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in given):
        raise NotThere
    return list(dict.fromkeys(map(int, given)))


def _way_to_connect(store_id: int, listing_id: int, ids: Sequence[int]) -> str:
    """Where these variants of the listing are connected; all that wait, where none is named."""
    portal, person = hand.portal(), visiting.person()
    with portal.database.view() as view:
        store = sight.store(view, person, store_id)
        listing = sight.listing(view, person, store_id, listing_id)
        found = variants.page(view, store, listing, portal.designs)
        wanted = [one.id or 0 for one in variants.chosen(view, listing, ids)]
    wanted = wanted or [one.variant.id or 0 for one in found.waiting]
    if not wanted:
        raise BadInput("Every variant of this product is decided about already.", "Choose Change beside one of them.")
    first, *also = wanted
    return url_for("choosing.product", store_id=store_id, variant_id=first, also=also)


def _targets(
    session: Session, store: Store, listing: Listing, ids: Sequence[int], *, whole: bool, do: str
) -> list[Target]:
    if not whole:
        return variants.targets(session, listing, ids)
    if do == "disconnect":
        return [deciding.as_target(one) for one in variants.living(session, listing)]
    return [deciding.listing_target(listing)]


def _done(session: Session, act: Act, store: Store, about: Sequence[Target], wanted: str) -> list[Change]:
    if wanted == "ignore":
        return deciding.ignore(session, act, store, about, "")
    return (deciding.undo if wanted == "undo" else deciding.disconnect)(session, act, store, about)


def _told(changes: Sequence[Change], do: str) -> str:
    done = [one for one in changes if one.changed]
    if not done:
        return "It was so already; nothing was changed."
    if done[0].kind == "listing":
        return f"This product is {DONE[do]}."
    what = f"{done[0].name} is" if len(done) == 1 else f"{len(done)} variants are"
    return f"{what} {DONE[do]}."
