"""Connecting a variant, first part: what of the catalog it prints. The design comes after it."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Listing, Store, Variant
from gcw_tiktok.web.portal import hand, visiting
from gcw_tiktok.web.portal.errors import sentence
from gcw_tiktok.web.portal.listing import ids_of
from gcw_tiktok.web.portal.products import LONGEST_SEARCH
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import OrderableProduct
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.storefronts import choosing, further, sight, variants

pages = Blueprint("choosing", __name__)
Page = str | tuple[str, int] | Response
HERE = "/stores/<int:store_id>/variants/<int:variant_id>/connect"
VALUE = "v."
"""Before an attribute's name in forms and addresses."""


@dataclass(frozen=True)
class About:
    """The variant that is to be connected, with where it stands."""

    store: Store
    listing: Listing
    variant: Variant

    @property
    def name(self) -> str:
        return variants.name_of(self.variant)


@pages.get(HERE)
@signed_in
def product(store_id: int, variant_id: int) -> Page:
    """The catalog to choose from; with a product chosen, its values."""
    if name := request.args.get("product", ""):
        return _values(store_id, variant_id, name)
    search = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    category = request.args.get("category", "")
    with hand.portal().database.view() as view:
        about = look(view, store_id, variant_id)
        found = choosing.catalog(view, about.store.customer_id, search, category)
    kept = {"also": ids_of("also")}
    return render_template("portal/choose.html", about=about, found=found, search=search, category=category, kept=kept)


@pages.get(HERE + "/next")
@signed_in
def go(store_id: int, variant_id: int) -> Page:
    """From the chosen values on: to the design editor, or to a last look where there is nothing to design."""
    name, also = request.args.get("product", ""), ids_of("also")
    try:
        with hand.portal().database.view() as view:
            about = look(view, store_id, variant_id)
            chosen = offer.orderable_product(view, about.store.customer_id, name)
            uid = choosing.require_uid(chosen, _given(chosen))
            variants.chosen(view, about.listing, also)
            others = further.candidates(view, about.variant, chosen, uid, also)
    except BadInput as error:
        if error.code == "not_there":
            raise
        return _values(store_id, variant_id, name, sentence(error))
    if uid.areas:
        here = {"store_id": store_id, "variant_id": variant_id}
        return redirect(url_for("designing.editor", **here, uid=uid.uid, also=also))  # type: ignore[arg-type]
    return render_template("portal/from_stock.html", about=about, product=chosen, uid=uid, others=others)


@pages.post(HERE + "/from-stock")
@signed_in
def from_stock(store_id: int, variant_id: int) -> Page:
    """Connects what needs no design."""
    portal, person = hand.portal(), visiting.person()
    wanted = wanted_of()
    with portal.database.session() as session:
        about = look(session, store_id, variant_id)
        done = further.from_stock(session, portal.act(person), about.store, about.variant, wanted)
    flash(
        f"{done} variants are connected."
        if done > 1
        else f"{about.name} is connected."
        if done
        else "It was so already."
    )
    return redirect(url_for("listing.shown", store_id=store_id, listing_id=about.listing.id))


@pages.post("/stores/<int:store_id>/variants/<int:variant_id>/as-before")
@signed_in
def as_before(store_id: int, variant_id: int) -> Page:
    """Prints what the variant printed before TikTok gave it a new id."""
    portal, person = hand.portal(), visiting.person()
    with portal.database.session() as session:
        about = look(session, store_id, variant_id)
        further.as_before(session, portal.act(person), about.store, about.variant)
    flash(f"{about.name} prints the same as before.")
    return redirect(url_for("listing.shown", store_id=store_id, listing_id=about.listing.id))


def look(session: Session, store_id: int, variant_id: int) -> About:
    """The variant of an address, with its store and listing."""
    person = visiting.person()
    store = sight.store(session, person, store_id)
    variant = sight.variant(session, person, store_id, variant_id)
    return About(store, session.get_one(Listing, variant.listing_id), variant)


def wanted_of() -> dict[int, str]:
    """The ticked variants of a form, each with the product UID that stands beside it."""
    return {one: request.form.get(f"uid-{one}", "") for one in ids_of("variant")}


def _values(store_id: int, variant_id: int, name: str, error: tuple[str, str] | None = None) -> Page:
    """The values of a product to choose, and further variants that get the same."""
    with hand.portal().database.view() as view:
        about = look(view, store_id, variant_id)
        chosen = offer.orderable_product(view, about.store.customer_id, name)
        decision = connections.current(view, [about.variant]).get(about.variant.sku_id)
        now = offer.variant_of(view, decision.product_uid) if decision else None
        values = _given(chosen) or choosing.guess(chosen, about.variant, now)
        uid = choosing.uid_of(chosen, values) or next(iter(chosen.uids), None)
        others = further.candidates(view, about.variant, chosen, uid, ids_of("also")) if uid else []
    told = {one.variant.id: _in_words(chosen, one, values) for one in others}
    page = render_template(
        "portal/choose_values.html",
        about=about,
        product=chosen,
        values=values,
        uid=uid,
        shapes=choosing.shapes(uid.areas) if uid else [],
        others=others,
        told=told,
        differing=[variant_id for variant_id, other in told.items() if other],
        error=error,
    )
    return (page, 400) if error else page


def _in_words(chosen: OrderableProduct, one: further.Candidate, values: dict[str, str]) -> str:
    """Which other choice a variant's own options stand for; empty where it is the same one."""
    own = choosing.guess(chosen, one.variant)
    differs = {name: value for name, value in own.items() if name in values and values[name] != value}
    return ", ".join(differs.values())


def _given(chosen: OrderableProduct) -> dict[str, str]:
    return {name: value for name in chosen.variants if (value := request.args.get(VALUE + name, ""))}
