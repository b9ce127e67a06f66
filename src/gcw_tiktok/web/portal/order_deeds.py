"""What is done to an order from its page: cancelled, and by operators whatever else resolves it."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gcw_tiktok.errors import GcwError
from gcw_tiktok.store.tables import Store
from gcw_tiktok.web.portal import errors, hand, orders, visiting
from gcw_tiktok.web.portal.visiting import operators_only, signed_in
from gcw_tiktok.workflow.cancelling.answering import Answer
from gcw_tiktok.workflow.orders import looking
from gcw_tiktok.workflow.storefronts import deeds, operators, sight, telling
from gcw_tiktok.workflow.storefronts.deeds import Deed
from gcw_tiktok.workflow.storefronts.sight import NotThere

pages = Blueprint("order_deeds", __name__)
Page = str | Response
BACK = {"held": "operators.held", "cancellations": "operators.cancellations"}
"""Lists in which orders are worked off one after another."""


@pages.post("/orders/<order_id>/cancel")
@signed_in
def cancel(order_id: str) -> Page:
    """Asks TikTok whether and why the order may be cancelled; with a reason, cancels it."""
    portal, person, store = hand.portal(), visiting.person(), _store(order_id)
    reason, anyway = request.form.get("reason", ""), "anyway" in request.form
    if reason:
        return _begin(order_id, store, lambda: deeds.cancel(portal, person, store, order_id, reason, anyway=anyway))
    try:
        offered = deeds.may_cancel(portal, person, store, order_id)
    except GcwError as error:
        return orders.shown(order_id, 400, error=errors.sentence(error))
    reasons = {name: telling.reason_in_words(name) for name in offered.reasons}
    return render_template("portal/cancel.html", order_id=order_id, store=store, offered=offered, reasons=reasons)


@pages.post("/orders/<order_id>/answer")
@operators_only
def answer(order_id: str) -> Page:
    """Shows what the buyer asks for; with an answer, gives it."""
    portal, person, store, form = hand.portal(), visiting.person(), _store(order_id), request.form
    if form.get("say") in ("approve", "refuse"):
        wanted = Answer(form["say"], form.get("reason", ""), form.get("comment", ""), anyway="anyway" in form)
        return _begin(order_id, store, lambda: deeds.answer(portal, person, store, order_id, wanted))
    try:
        asked = deeds.asked(portal, person, store, order_id)
    except GcwError as error:
        return orders.shown(order_id, 400, error=errors.sentence(error))
    return render_template("portal/answer.html", order_id=order_id, store=store, asked=asked, now=portal.now())


@pages.post("/orders/<order_id>/do")
@operators_only
def do(order_id: str) -> Page:
    """One of the deeds that resolve what holds an order."""
    portal, person, store, given = hand.portal(), visiting.person(), _store(order_id), request.form.get("deed", "")
    if given not in list(Deed):
        raise NotThere
    deed, why = Deed(given), request.form.get("why", "")
    if deed not in deeds.AT_ONCE:
        return _begin(order_id, store, lambda: deeds.do(portal, person, store, order_id, deed, why))
    try:
        flash(deeds.do(portal, person, store, order_id, deed, why))
    except GcwError as error:
        return orders.shown(order_id, 400, error=errors.sentence(error), why=why)
    return redirect(_back(order_id))


@pages.post("/orders/<order_id>/recipient")
@operators_only
def recipient(order_id: str) -> Page:
    """The order with its recipient and what the buyer personalised; the history tells that somebody looked."""
    portal = hand.portal()
    _store(order_id)
    known = looking.recipient(portal.database, portal.seal, portal.act(visiting.person()), order_id)
    wished = looking.personalised(portal.database, portal.seal, order_id, in_full=True)
    return orders.shown(order_id, recipient=known, wished=wished)


def _store(order_id: str) -> Store:
    """Whose order it is; one that was set aside is known to operators only."""
    person = visiting.person()
    with hand.portal().database.view() as view:
        try:
            return sight.order(view, person, order_id)[1]
        except NotThere:
            if not sight.is_operator(person):
                raise
            return operators.store_of_set_aside(view, order_id)


def _begin(order_id: str, store: Store, deed: Callable[[], str]) -> Page:
    """Begins what asks others, and goes back to where its progress shows."""
    try:
        deeds.start(hand.jobs(), visiting.person(), store, order_id, deed)
    except GcwError as error:
        return orders.shown(order_id, 400, error=errors.sentence(error))
    return redirect(_back(order_id))


def _back(order_id: str) -> str:
    listed = BACK.get(request.form.get("back", ""))
    return url_for(listed) if listed else url_for("orders.one", order_id=order_id)
