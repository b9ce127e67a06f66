"""The products of a store: what it lists at TikTok, how much of that is connected, and how it is read again."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.store.tables import Job, StoreStatus
from gcw_tiktok.web.portal import hand, paging, visiting
from gcw_tiktok.web.portal.paging import Paging
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.storefronts import jobs, products, sight
from gcw_tiktok.workflow.storefronts.products import Tab

pages = Blueprint("products", __name__)
Page = str | Response
TABS = {Tab.ALL: "All", Tab.CONNECTED: "Connected", Tab.WAITING: "Not connected", Tab.IGNORED: "Ignored"}
STATUSES = {
    "ACTIVATE": ("Live", "good"),
    "PENDING": ("In review", "busy"),
    "DRAFT": ("Draft", "plain"),
    "FAILED": ("Rejected", "bad"),
    "SELLER_DEACTIVATED": ("Off sale", "plain"),
    "PLATFORM_DEACTIVATED": ("Taken down by TikTok", "bad"),
    "FREEZE": ("Frozen by TikTok", "bad"),
    "DELETED": ("Deleted", "plain"),
}
"""TikTok's word for a listing, in those of its sellers, with the badge's tone."""
FRESH_SECONDS = 600
"""For so long the page says how the last sync ended."""
LONGEST_SEARCH = 100


@pages.get("/stores/<int:store_id>/products")
@signed_in
def listed(store_id: int) -> Page:
    """A store's listings, tab by tab."""
    portal, person = hand.portal(), visiting.person()
    tab = next((one for one in Tab if one == request.args.get("tab")), Tab.ALL)
    search = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    with portal.database.view() as view:
        store = sight.store(view, person, store_id)
        found = products.page(view, store_id, tab, search, paging.wanted_page())
        sync = jobs.latest(view, store_id, products.SYNC)
    return render_template(
        "portal/products.html",
        store=store,
        may_sync=store.status == StoreStatus.CONNECTED,
        found=found,
        tab=tab,
        tabs=[
            (one, TABS[one], found.counts[one]) for one in Tab if one != Tab.IGNORED or found.counts[one] or tab == one
        ],
        search=search,
        statuses=STATUSES,
        paging=Paging(found.number, found.pages),
        sync=sync,
        told=working(sync),
    )


@pages.post("/stores/<int:store_id>/products/sync")
@signed_in
def sync(store_id: int) -> Page:
    """Reads the store's listings from TikTok, while the list shows how far it is."""
    portal, person = hand.portal(), visiting.person()
    with portal.database.view() as view:
        store = sight.store(view, person, store_id)
    work = products.syncs(portal, store, person, accept_empty=request.form.get("accept_empty") == "yes")
    try:
        hand.jobs().start(person, products.SYNC, work, store_id=store_id, customer_id=store.customer_id)
    except TryAgain as busy:
        flash(f"{busy} {busy.hint}", "warning")
    return redirect(url_for("products.listed", store_id=store_id))


def working(job: Job | None, about: Callable[[dict[str, Any]], bool] = lambda facts: True) -> dict[str, Any]:
    """How far work is, or how it ended a moment ago; nothing where that is old, or is about something else."""
    now = hand.portal().now()
    if job is None:
        return {}
    told = jobs.shown(job, now)
    ended = job.beat_at > now - FRESH_SECONDS and (told["state"] == "failed" or about(job.facts))
    return told if told["state"] == "running" or ended else {}
