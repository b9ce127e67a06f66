"""People: a customer's own, whom its admins let in and out; for operators those of all customers."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gcw_tiktok.errors import GcwError
from gcw_tiktok.web.portal import hand, visiting
from gcw_tiktok.web.portal.errors import sentence
from gcw_tiktok.web.portal.paging import Paging, wanted_page
from gcw_tiktok.web.portal.visiting import operators_only, signed_in
from gcw_tiktok.workflow.people.inviting import Sent
from gcw_tiktok.workflow.storefronts import owner_links, roster, sight
from gcw_tiktok.workflow.storefronts.sight import NotThere

pages = Blueprint("people", __name__)
Page = str | tuple[str, int] | Response
LONGEST_SEARCH = 100
FIELDS = ("email", "first_name", "last_name")


@pages.get("/people")
@signed_in
def listed() -> Page:
    """One's own people; for an operator, all customers and the operators."""
    customer_id = visiting.person().customer_id
    if customer_id is not None:
        return _of(customer_id)
    search = request.args.get("q", "")[:LONGEST_SEARCH]
    with hand.portal().database.view() as view:
        found = roster.crowds(view, search, wanted_page())
        operators = roster.members(view, None)
    paging = Paging(found.page, found.pages)
    return render_template("portal/customers.html", found=found, operators=operators, search=search, paging=paging)


@pages.get("/people/of/<int:customer_id>")
@signed_in
def of(customer_id: int) -> Page:
    return _of(customer_id)


@pages.post("/people/of/<int:customer_id>/invite")
@signed_in
def invite(customer_id: int) -> Page:
    given = {name: request.form.get(name, "") for name in FIELDS}
    try:
        sent = roster.invite(hand.portal(), visiting.person(), customer_id, **given)
    except NotThere:
        raise
    except GcwError as error:
        return _of(customer_id, error=sentence(error), given=given)
    return _sent(customer_id, given["email"], sent)


@pages.post("/people/<int:person_id>/resend")
@signed_in
def resend(person_id: int) -> Page:
    customer_id = _whose(person_id)
    try:
        person, sent = roster.invite_again(hand.portal(), visiting.person(), person_id)
    except GcwError as error:
        return _of(customer_id, error=sentence(error))
    return _sent(customer_id, person.email, sent)


@pages.post("/people/<int:person_id>/revoke")
@signed_in
def revoke(person_id: int) -> Page:
    customer_id = _whose(person_id)
    try:
        person = roster.revoke(hand.portal(), visiting.person(), person_id)
    except GcwError as error:
        return _of(customer_id, error=sentence(error))
    flash(f"{person.email} is signed out everywhere, and may not sign in any more.")
    return redirect(_address(customer_id))


@pages.post("/people/of/<int:customer_id>/links/<link_id>/withdraw")
@operators_only
def withdraw(customer_id: int, link_id: str) -> Page:
    """Takes a link for a shop's owner back."""
    portal, person = hand.portal(), visiting.person()
    try:
        with portal.database.session() as session:
            sight.customer(session, person, customer_id)
            gone = owner_links.withdraw(session, portal.act(person), link_id, customer_id)
    except NotThere:
        raise
    except GcwError as error:
        return _of(customer_id, error=sentence(error))
    flash(f"The link{f' for {gone.to}' if gone.to else ''} does not work any more.")
    return redirect(url_for("people.of", customer_id=customer_id))


def _sent(customer_id: int, email: str, sent: Sent) -> Page:
    """A link that no mail took is shown this once. It is a secret, so no cookie carries it to the next page."""
    if not sent.mailed:
        return _of(customer_id, unsent=sent, email=email)
    flash(f"A mail with a link is on its way to {email}.")
    return redirect(_address(customer_id))


def _of(
    customer_id: int,
    *,
    error: tuple[str, str] | None = None,
    given: dict[str, str] | None = None,
    unsent: Sent | None = None,
    email: str = "",
) -> Page:
    with hand.portal().database.view() as view:
        customer = sight.customer(view, visiting.person(), customer_id)
        members = roster.members(view, customer_id)
        working = owner_links.working(view, hand.portal().now(), customer_id) if visiting.visitor().is_operator else []
    told = {"customer": customer, "members": members, "unsent": unsent, "email": email, "links": working}
    page = render_template("portal/people.html", **told, error=error, given=given or {})
    return (page, 400) if error else page


def _whose(person_id: int) -> int:
    with hand.portal().database.view() as view:
        found = sight.person(view, visiting.person(), person_id).customer_id
    assert found is not None
    return found


def _address(customer_id: int) -> str:
    if visiting.visitor().is_operator:
        return url_for("people.of", customer_id=customer_id)
    return url_for("people.listed")
