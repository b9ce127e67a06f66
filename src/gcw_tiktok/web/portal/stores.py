"""The stores that a person sees, and how one more is connected."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Customer, Facility, Store
from gcw_tiktok.web.portal import hand, visiting
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow import customers, facilities
from gcw_tiktok.workflow import stores as store_facts
from gcw_tiktok.workflow.storefronts import consent, products, sight

pages = Blueprint("stores", __name__)
Page = str | Response


@pages.get("/")
@signed_in
def home() -> Page:
    return redirect(url_for("stores.listed"))


@pages.get("/stores")
@signed_in
def listed() -> Page:
    """All stores with their status."""
    person, visitor = visiting.person(), visiting.visitor()
    with hand.portal().database.view() as view:
        mine = sight.stores(view, person)
        shares = products.shares(view, [store.id or 0 for store in mine])
        shown = [_shown(view, store) | {"share": shares[store.id or 0]} for store in mine]
        everyone = customers.everyone(view) if visitor.is_operator else []
        places = facilities.everyone(view) if visitor.is_operator else []
    able = [one for one in everyone if one.storefronts]
    return render_template("portal/stores.html", stores=shown, customers=able, facilities=places)


@pages.post("/stores/connect")
@signed_in
def connect() -> Page:
    """Goes to TikTok's permission page. An operator says for whom and where; a customer is asked neither."""
    portal = hand.portal()
    with portal.database.view() as view:
        customer, facility = _for_whom(view)
    address, state = consent.begin(portal, customer, facility, visiting.person())
    session["consent"] = state
    return redirect(address)


def _for_whom(view: Session) -> tuple[Customer, Facility]:
    person = visiting.person()
    if person.customer_id is not None:
        customer = sight.customer(view, person, person.customer_id)
        return customer, consent.facility_for(view, customer)
    customer = sight.customer(view, person, _number("customer"))
    place = next((one for one in facilities.everyone(view) if one.id == _number("facility")), None)
    if place is None:
        raise BadInput("Choose where the orders of this shop are made.")
    return customer, place


def _number(name: str) -> int:
    given = request.form.get(name, "")
    if not given.isdecimal() or len(given) > 9:
        raise BadInput(f"Choose a {name}.")
    return int(given)


def _shown(view: Session, store: Store) -> dict[str, Any]:
    customer, facility = store_facts.parties(view, store)
    return {"store": store, "customer": customer, "facility": facility}
