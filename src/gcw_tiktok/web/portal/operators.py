"""Pages for the PSP's operators: who and where, what waits for somebody, and how everything is."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gcw_tiktok.errors import TryAgain
from gcw_tiktok.store.tables import HoldReason
from gcw_tiktok.web.portal import hand, visiting
from gcw_tiktok.web.portal.paging import Paging, wanted_page
from gcw_tiktok.web.portal.visiting import operators_only
from gcw_tiktok.workflow import customers as customer_facts
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.orders import deadlines
from gcw_tiktok.workflow.storefronts import deeds, jobs, operators, readings, sight, telling
from gcw_tiktok.workflow.storefronts.readings import Reading

pages = Blueprint("operators", __name__)
Page = str | Response
HOUR = 3600
WITHIN = {"8": "8 hours", "24": "1 day", "48": "2 days", "168": "a week"}
"""How soon orders at risk must leave, in hours."""
PER_PAGE = 50


@pages.get("/held")
@operators_only
def held() -> Page:
    """Orders that wait for somebody, with what resolves each."""
    portal, reason = hand.portal(), request.args.get("reason", "")
    with portal.database.view() as view:
        found = operators.held(view, reason, wanted_page())
        aside = operators.set_aside(view) if not reason else []
        ids = [row.order.order_id for row in found.rows] + [one.order_id for one, _ in aside]
        done = deeds.last(view, visiting.person(), ids, portal.now())
    names = {one.value: words for one, words in telling.HOLDS.items()} | {operators.FAILED: "Failed in production"}
    return render_template(
        "portal/held.html",
        found=found,
        aside=aside,
        done=done,
        reason=reason if reason in names else "",
        names=names,
        paging=Paging(found.page, found.pages),
        not_connected=HoldReason.NOT_CONNECTED,
    )


@pages.get("/at-risk")
@operators_only
def at_risk() -> Page:
    """Orders whose ship-by is near or past."""
    portal, number = hand.portal(), wanted_page()
    within = request.args.get("within", "8")
    within = within if within in WITHIN else "8"
    with portal.database.view() as view:
        found = deadlines.due(view, portal.now(), int(within) * HOUR)
        last = max(1, -(-len(found) // PER_PAGE))
        number = min(number, last)
        rows = deadlines.told(view, found[(number - 1) * PER_PAGE : number * PER_PAGE])
    return render_template(
        "portal/at_risk.html",
        rows=rows,
        total=len(found),
        late=sum(one.left < 0 for one in found),
        within=within,
        choices=WITHIN,
        paging=Paging(number, last),
    )


@pages.get("/cancellations")
@operators_only
def cancellations() -> Page:
    """Buyers' requests to cancel, by deadline. TikTok is asked again where the last time is a minute ago."""
    portal = hand.portal()
    reading = _reading(readings.CANCELLATIONS, by_itself=True)
    with portal.database.view() as view:
        waiting = readings.queue(view, reading, portal.now())
        done = deeds.last(view, visiting.person(), [one["order_id"] for one in waiting], portal.now())
    return render_template("portal/cancellations.html", waiting=waiting, done=done, now=portal.now(), **_told(reading))


@pages.get("/customers")
@operators_only
def customers() -> Page:
    """All customers with their stores and people."""
    with hand.portal().database.view() as view:
        rows = operators.all_customers(view)
    return render_template("portal/all_customers.html", rows=rows)


@pages.post("/customers/<int:customer_id>/storefronts")
@operators_only
def switch(customer_id: int) -> Page:
    """Gives a customer access to the pages, or takes it away."""
    portal, person = hand.portal(), visiting.person()
    on = request.form.get("switch") == "on"
    with portal.database.session() as session:
        customer = sight.customer(session, person, customer_id)
        customer_facts.set_storefronts(session, portal.act(person), customer, on)
        name = customer.name
    flash(f"{name} may sign in here." if on else f"Nobody of {name} may sign in any more; its orders go on.")
    return redirect(url_for("operators.customers"))


@pages.get("/facilities")
@operators_only
def facilities() -> Page:
    """All facilities with how orders reach them."""
    with hand.portal().database.view() as view:
        rows = operators.all_facilities(view)
    return render_template("portal/facilities.html", rows=rows)


@pages.get("/health")
@operators_only
def health() -> Page:
    """How every store is, from what gcw remembers; and what the last check found."""
    portal = hand.portal()
    reading = _reading(readings.CHECKS)
    with portal.database.view() as view:
        whole = operators.health(view, portal.now())
        again = stores.to_authorize_again(view)
    return render_template("portal/health.html", whole=whole, again=again, now=portal.now(), **_told(reading))


@pages.post("/health/check")
@operators_only
def check() -> Page:
    """Has everything checked: settings, secrets, hand-offs, and every store at TikTok."""
    try:
        readings.begin(hand.jobs(), hand.portal(), visiting.person(), readings.CHECKS)
    except TryAgain as busy:
        flash(f"{busy} {busy.hint}", "warning")
    return redirect(url_for("operators.health"))


def _reading(kind: str, *, by_itself: bool = False) -> Reading:
    """The newest reading; begun anew where it is stale and begins by itself."""
    portal = hand.portal()
    with portal.database.view() as view:
        found = readings.last(view, kind)
    if not by_itself or not found.is_stale(portal.now()):
        return found
    try:
        readings.begin(hand.jobs(), portal, visiting.person(), kind)
    except TryAgain:  # somebody else was first, or much is at work
        return found
    with portal.database.view() as view:
        return readings.last(view, kind)


def _told(reading: Reading) -> dict[str, object]:
    """What a page says of a reading."""
    told = jobs.shown(reading.job, hand.portal().now()) if reading.job else {"state": "", "words": ""}
    return {"job": reading.job, "told": told, "read_at": reading.at, "facts": reading.facts}
