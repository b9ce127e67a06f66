"""The forms of a listing that is being added: what is printed and how it is sold, then its category."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.web.portal import hand, uploads, visiting
from gcw_tiktok.web.portal.errors import sentence
from gcw_tiktok.web.portal.uploads import takes_files
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.catalog.offer import MM_PER_INCH, PrintArea
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.publishing import measures
from gcw_tiktok.workflow.storefronts import adding, designing, listing_pictures, placing_listing
from gcw_tiktok.workflow.storefronts.adding import SEVERAL, Adding
from gcw_tiktok.workflow.storefronts.placing_listing import Asked

pages = Blueprint("listing_form", __name__)
Page = str | tuple[str, int] | Response
HERE = "/stores/<int:store_id>/products/add/<int:adding_id>"
LARGEST = pinning.MOST_BYTES + (100 << 20)
"""Bytes of a form: the largest design, and nine pictures."""
TEXTS = ("title", "description", "weight", "size")
LIES = (("file", "As the file is made"), ("fill", "Fill the area"), ("fit", "Fit within the area"))


@pages.get(HERE + "/design")
@signed_in
def design(store_id: int, adding_id: int) -> Page:
    return _design(_found(store_id, adding_id))


@pages.post(HERE + "/design")
@takes_files(LARGEST)
@signed_in
def keep_design(store_id: int, adding_id: int) -> Page:
    """Keeps what was typed, also where something of it has to be mended."""
    found = _found(store_id, adding_id)
    changes: dict[str, Any] = {}
    error: GcwError | None = None
    for part in (_texts, _sold, _designs, _pictures):
        try:
            changes |= part(found)
        except GcwError as fault:
            error = error or fault
    try:
        adding.keep(hand.portal(), found, changes)
    except BadInput as fault:
        error = error or fault
        if fault.code == "title_taken":
            adding.keep(hand.portal(), found, changes | {"title": found.wanted.title})
    if error:
        return _design(_found(store_id, adding_id), error), 400
    return redirect(url_for("listing_form.category", store_id=store_id, adding_id=adding_id))


@pages.get(HERE + "/category")
@signed_in
def category(store_id: int, adding_id: int) -> Page:
    """The category that TikTok recommends, or what it asks for once that is settled."""
    found = _found(store_id, adding_id)
    if not found.wanted.title.strip():
        return redirect(url_for("listing_form.design", store_id=store_id, adding_id=adding_id))
    if not found.category or "search" in request.args:
        return _choose(found)
    return _ask(found, placing_listing.asked(hand.portal(), found))


@pages.post(HERE + "/category")
@takes_files(12 << 20)
@signed_in
def keep_category(store_id: int, adding_id: int) -> Page:
    """Keeps the category that was chosen, or what was filled in for it."""
    found, portal = _found(store_id, adding_id), hand.portal()
    if "category" in request.form:
        return _settle(found, request.form["category"])
    asked = placing_listing.asked(portal, found)
    try:
        adding.keep(portal, found, _filled(asked))
        adding.keep(portal, found, _chart())
    except GcwError as error:
        return _ask(_found(store_id, adding_id), asked, error), 400
    return redirect(url_for("adding.check", store_id=store_id, adding_id=adding_id))


def _settle(found: Adding, chosen: str) -> Page:
    portal = hand.portal()
    try:
        place = placing_listing.settled(portal, found, chosen)
    except GcwError as error:
        return _choose(found, error), 400
    changed = found.row.plan["place"]["category"] not in ("", place["category"])
    forgotten = {"attribute": [], "size_chart": ""} if changed else {}
    adding.keep(portal, found, {"category": place["category"], **forgotten}, place)
    return redirect(url_for("listing_form.category", store_id=found.store.id, adding_id=found.id))


def _found(store_id: int, adding_id: int) -> Adding:
    with hand.portal().database.view() as view:
        found = adding.find(view, visiting.person(), store_id, adding_id)
    if not found.is_open:
        raise BadInput("This listing is with TikTok just now.", "Wait for its answer, then change it.")
    if not found.product.uids:
        raise BadInput(f"{found.product.name} cannot be ordered any more.", "Add another product.")
    return found


def _typed(name: str, otherwise: str) -> str:
    """What stands in a field: what was typed last, else what is kept."""
    return request.form.get(name, otherwise)


def _design(found: Adding, error: GcwError | None = None) -> str:
    sold, sources = found.sold(), found.sources()
    new = not found.wanted.price and not found.wanted.variants and found.is_unsent
    chosen = (
        set(request.form.getlist("sell"))
        if request.form
        else {one.uid for one in found.product.uids}
        if new
        else set(sold)
    )
    return render_template(
        "portal/adding_design.html",
        found=found,
        step="design",
        texts={name: _typed(name, getattr(found.wanted, name)) for name in TEXTS},
        price=_typed("price", next(iter(set(sold.values())), "") if len(set(sold.values())) == 1 else ""),
        rows=[
            (uid, " / ".join(uid.values.values()), uid.uid in chosen, _typed(f"price {uid.uid}", sold.get(uid.uid, "")))
            for uid in found.product.uids
        ],
        alike=len(set(sold.values())) <= 1,
        areas=[_area(found, number, area, sources) for number, area in enumerate(found.areas())],
        lies=LIES,
        drawn=all(map(listing_pictures.is_drawn, found.wanted.image)),
        error=sentence(error) if error else None,
    )


def _area(found: Adding, number: int, area: PrintArea, sources: dict[str, str]) -> dict[str, Any]:
    source = sources.get(area.name, "")
    is_link = source.lower().startswith(("https://", "http://"))
    every = [one for uid in found.product.uids for one in uid.areas if one.name == area.name]
    largest = max(every, key=lambda one: one.width_mm * one.height_mm)
    wide, high = largest.pixels(largest.wanted_dpi)
    return {
        "number": number,
        "title": designing.called(area).removeprefix("the ").capitalize(),
        "required": area.required,
        "now": "different designs for its variants" if source == SEVERAL else pinning.name_of(source) if source else "",
        "link": _typed(f"link {number}", source if is_link else ""),
        "place": _typed(f"place {number}", found.lies(area.name)),
        "size": f"Up to {_inches(largest)}" if len(set(map(_inches, every))) > 1 else _inches(area),
        "pixels": f"{wide:,} by {high:,} pixels",
        "formats": ", ".join(one.upper() for one in area.formats),
    }


def _inches(area: PrintArea) -> str:
    return f"{area.width_mm / MM_PER_INCH:.4g} by {area.height_mm / MM_PER_INCH:.4g} in"


def _texts(found: Adding) -> dict[str, Any]:
    """Titles and measures; the latter have to be such as TikTok takes."""
    given = {name: request.form.get(name, "").strip() for name in TEXTS}
    if not given["title"]:
        raise BadInput("The listing needs a title.", "Say what buyers will see.")
    if given["weight"] and measures.weight(given["weight"]) is None:
        raise BadInput(f"{given['weight']!r} is no weight.", "Write it like 0.6 lb, or in oz, kg or g.")
    if given["size"] and measures.size(given["size"]) is None:
        raise BadInput(f"{given['size']!r} is no size.", "Write it like 26 x 4 x 4 in, or in cm or mm.")
    return given


def _sold(found: Adding) -> dict[str, Any]:
    """The variants that are to be listed, each with its price."""
    chosen, usual = set(request.form.getlist("sell")), request.form.get("price", "").strip()
    sold = {}
    for uid in found.product.uids:
        if uid.uid in chosen:
            price = request.form.get(f"price {uid.uid}", "").strip() or usual
            if price and measures.price(price) is None:
                raise BadInput(f"{price!r} is no price.", "Write it like 24.99.")
            sold[uid.uid] = f"{measures.price(price)}" if price else ""
    if not sold:
        raise BadInput("No variant is chosen.", "Choose what is to be listed.")
    if not any(sold.values()):
        raise BadInput("The listing has no price.", "Write it like 24.99.")
    return adding.variants(found.product, sold)


def _designs(found: Adding) -> dict[str, Any]:
    """New files and links; an area without any keeps what it has."""
    portal, act, sources = hand.portal(), hand.portal().act(visiting.person()), found.sources()
    new: dict[str, str] = {}
    gone = []
    for number, area in enumerate(found.areas()):
        file, link = uploads.given(f"file {number}"), request.form.get(f"link {number}", "").strip()
        before = sources.get(area.name, "")
        if file:
            new[area.name] = designing.upload(
                portal, act, found.store.customer_id, file.stream, uploads.shown(file)
            ).source
        elif link and link != before:
            if not link.lower().startswith(("https://", "http://")):
                raise BadInput("A link begins with https://.", designing.UPLOAD_IT)
            new[area.name] = link
        elif f"drop {number}" in request.form and not area.required:
            gone.append(area.name)
    place = [f"{area.name}={_lies(number)}" for number, area in enumerate(found.areas())]
    return {"design": adding.with_designs(found, new, gone), "place": place}


def _lies(number: int) -> str:
    given = request.form.get(f"place {number}", "file")
    return given if given in dict(LIES) else "file"


def _pictures(found: Adding) -> dict[str, Any]:
    """Pictures of one's own; without them they are drawn from the designs."""
    files = [one for one in request.files.getlist("images") if one.filename]
    if files:
        return {"image": [_taken(one, listing_pictures.MAIN) for one in files]}
    return {"image": []} if request.form.get("pictures") == "drawn" else {}


def _taken(file: FileStorage, use_case: str) -> str:
    return listing_pictures.take(file.stream, uploads.shown(file), use_case, hand.portal().pictures)


def _choose(found: Adding, error: GcwError | None = None) -> str:
    words = request.args.get("search", "").strip()
    return render_template(
        "portal/adding_category.html",
        found=found,
        step="category",
        recommended=placing_listing.recommended(hand.portal(), found),
        words=words,
        matches=placing_listing.search(hand.portal(), found, words) if words else [],
        error=sentence(error) if error else None,
    )


def _ask(found: Adding, asked: Asked, error: GcwError | None = None) -> str:
    return render_template(
        "portal/adding_attributes.html",
        found=found,
        step="category",
        asked=asked,
        error=sentence(error) if error else None,
    )


def _filled(asked: Asked) -> dict[str, Any]:
    given = {one.id: request.form.getlist(f"attribute {one.id}") for one in asked.fields}
    days = request.form.get("handling_days", "").strip()
    if days and not (days.isascii() and days.isdecimal() and len(days) < 3):
        raise BadInput(f"{days!r} is no number of days.", f"Write a number from {asked.days[0]} to {asked.days[-1]}.")
    return {
        "attribute": placing_listing.attributes(asked.fields, given),
        "handling_days": int(days or 0),
        "personalise": "personalise" in request.form,
    }


def _chart() -> dict[str, Any]:
    file = uploads.given("size_chart")
    return {"size_chart": _taken(file, listing_pictures.SIZE_CHART)} if file else {}
