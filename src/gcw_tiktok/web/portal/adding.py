"""Adding a product: begun from the catalog or another store, and sent to TikTok once everything is settled."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.tables import Job, PublicationState
from gcw_tiktok.web.portal import hand, visiting
from gcw_tiktok.web.portal.errors import sentence
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.storefronts import adding, jobs, listing_pictures, listing_work, sight
from gcw_tiktok.workflow.storefronts.adding import Adding
from gcw_tiktok.workflow.storefronts.sight import NotThere

pages = Blueprint("adding", __name__)
Page = str | tuple[str, int] | Response
START = "/stores/<int:store_id>/products/add"
HERE = START + "/<int:adding_id>"
STEPS = ("design", "category", "check")
TONES = {
    PublicationState.WRITTEN: ("Not sent yet", "plain"),
    PublicationState.SENDING: ("On its way", "busy"),
    PublicationState.DRAFT: ("Draft at TikTok", "plain"),
    PublicationState.REVIEWING: ("In review", "busy"),
    PublicationState.ACTIVE: ("On sale", "good"),
    PublicationState.REJECTED: ("Rejected", "bad"),
    PublicationState.REFUSED: ("Not taken", "bad"),
    PublicationState.GONE: ("Deleted at TikTok", "plain"),
}
"""Each state in a customer's words, and the tone it is shown in."""
MOST_ALIKE = 3
"""Problems of one kind that are told one by one."""
OF_CATEGORY = (
    "attribute",
    "size_chart",
    "handling_days",
    "made_to_order",
    "certificate",
    "no_category",
    "category_closed",
)
"""How the codes of problems begin that are mended on the page of the category; all others on that of the design."""


@pages.get(START)
@signed_in
def start(store_id: int) -> Page:
    """What may be added, and what is being added."""
    return _start(store_id)


@pages.post(START)
@signed_in
def begin(store_id: int) -> Page:
    portal, person = hand.portal(), visiting.person()
    with portal.database.session() as session:
        store = sight.store(session, person, store_id)
        listing_work.must_be_connected(store)
        row = adding.begin(session, portal, person, store, request.form.get("product", ""))
    return redirect(url_for("listing_form.design", store_id=store_id, adding_id=row.id))


@pages.post(START + "/copy")
@signed_in
def copy(store_id: int) -> Page:
    """Begins with what another store of the same customer lists."""
    portal, person = hand.portal(), visiting.person()
    with portal.database.view() as view:
        store = sight.store(view, person, store_id)
        wanted = request.form.get("listing", "")
        found = next((one for one in adding.to_copy(view, store) if str(one[0].id) == wanted), None)
    try:
        if found is None:
            raise BadInput("No product was chosen.", "Choose one of your other store.")
        listing, other = found
        work = listing_work.copy(portal, person, store, other, listing.product_id)
        job = hand.jobs().start(person, listing_work.COPY, work, store_id=store.id, customer_id=store.customer_id)
    except GcwError as error:
        return _start(store_id, error), 400
    return redirect(url_for("adding.copying", store_id=store_id, copy_id=job))


@pages.get(START + "/copying/<copy_id>")
@signed_in
def copying(store_id: int, copy_id: str) -> Page:
    """How far copying is; it leads on to the copy."""
    portal = hand.portal()
    with portal.database.view() as view:
        store = sight.store(view, visiting.person(), store_id)
        job = sight.job(view, visiting.person(), copy_id)
    if job.store_id != store.id or job.kind != listing_work.COPY:
        raise NotThere
    now = jobs.shown(job, portal.now())
    if now["state"] == "done":
        return redirect(url_for("listing_form.design", store_id=store_id, adding_id=job.facts["publication"]))
    return render_template("portal/adding_copying.html", store=store, job=job, now=now)


@pages.get(HERE)
@signed_in
def shown(store_id: int, adding_id: int) -> Page:
    """Where the listing stands; what is not sent yet leads to the step that comes next."""
    found, job = _found(store_id, adding_id, listing_work.publish_kind(adding_id))
    if found.is_unsent and job is None:
        return redirect(url_for(f"{_room(next_step(found))}", store_id=store_id, adding_id=adding_id))
    now = jobs.shown(job, hand.portal().now()) if job else None
    return render_template(
        "portal/adding.html", found=found, job=job, now=now, state=TONES[found.row.state], problems=_problems(job)
    )


@pages.get(HERE + "/check")
@signed_in
def check(store_id: int, adding_id: int) -> Page:
    """What would be sent, and what speaks against it."""
    found, job = _found(store_id, adding_id, listing_work.check_kind(adding_id))
    now = jobs.shown(job, hand.portal().now()) if job else None
    old = job is not None and job.started_at < found.row.changed_at
    return render_template(
        "portal/adding_check.html", found=found, job=job, now=now, old=old, step="check", problems=_problems(job)
    )


@pages.post(HERE + "/check")
@signed_in
def check_now(store_id: int, adding_id: int) -> Page:
    """Begins the check."""
    portal, person = hand.portal(), visiting.person()
    found = _open(store_id, adding_id)
    return _started(found, listing_work.check_kind(adding_id), listing_work.check(portal, person, found), "check")


@pages.post(HERE + "/publish")
@signed_in
def publish(store_id: int, adding_id: int) -> Page:
    """Sends it. Chosen twice, it is sent once."""
    portal, person = hand.portal(), visiting.person()
    with portal.database.view() as view:
        found = adding.find(view, person, store_id, adding_id)
    if not found.is_open and found.row.state != PublicationState.SENDING:
        return redirect(url_for("adding.shown", store_id=store_id, adding_id=adding_id))
    return _started(found, listing_work.publish_kind(adding_id), listing_work.publish(portal, person, found), "shown")


@pages.post(HERE + "/look")
@signed_in
def look(store_id: int, adding_id: int) -> Page:
    """Asks TikTok how far its review is."""
    portal, person = hand.portal(), visiting.person()
    with portal.database.view() as view:
        found = adding.find(view, person, store_id, adding_id)
    row = listing_work.look(portal, person, found)
    if row.state == found.row.state:
        flash("TikTok says nothing new.")
    return redirect(url_for("adding.shown", store_id=store_id, adding_id=adding_id))


@pages.post(HERE + "/discard")
@signed_in
def discard(store_id: int, adding_id: int) -> Page:
    """Forgets what was never sent."""
    adding.discard(hand.portal(), _open(store_id, adding_id))
    flash("It is discarded.")
    return redirect(url_for("adding.start", store_id=store_id))


@pages.get(HERE + "/pictures/<int:number>")
@signed_in
def picture(store_id: int, adding_id: int, number: int) -> Page:
    """One of the listing's pictures."""
    portal = hand.portal()
    with portal.database.view() as view:
        found = adding.find(view, visiting.person(), store_id, adding_id)
    paths = found.wanted.image
    kept = listing_pictures.kept(paths[number], portal.pictures) if number < len(paths) else None
    if kept is None:
        raise NotThere
    return Response(kept[0], mimetype=kept[1])


def next_step(found: Adding) -> str:
    """Where to go on with a listing that is not sent yet."""
    if not found.wanted.title or not found.wanted.price:
        return "design"
    return "check" if found.row.plan["place"]["category"] else "category"


def _room(step: str) -> str:
    return "adding.check" if step == "check" else f"listing_form.{step}"


def _start(store_id: int, error: GcwError | None = None) -> str:
    with hand.portal().database.view() as view:
        store = sight.store(view, visiting.person(), store_id)
        offered = adding.products(view, store)
        others = adding.to_copy(view, store)
        begun = adding.listed(view, store)
    categories = sorted(
        {name for one in offered for name in one.categories or ("",)}, key=lambda name: (not name, name)
    )
    groups = [(name, [one for one in offered if name in (one.categories or ("",))]) for name in categories]
    return render_template(
        "portal/adding_start.html",
        store=store,
        groups=groups,
        others=others,
        begun=[(row, *TONES[row.state]) for row in begun],
        error=sentence(error) if error else None,
    )


def _found(store_id: int, adding_id: int, kind: str) -> tuple[Adding, Job | None]:
    with hand.portal().database.view() as view:
        found = adding.find(view, visiting.person(), store_id, adding_id)
        return found, jobs.latest(view, store_id, kind)


def _open(store_id: int, adding_id: int) -> Adding:
    with hand.portal().database.view() as view:
        found = adding.find(view, visiting.person(), store_id, adding_id)
    if not found.is_open:
        raise BadInput("This listing is with TikTok just now.", "Wait for its answer, then change it.")
    return found


def _started(found: Adding, kind: str, work: jobs.Work, then: str) -> Response:
    try:
        hand.jobs().start(visiting.person(), kind, work, store_id=found.store.id, customer_id=found.store.customer_id)
    except GcwError as error:
        if error.code != "at_work":  # chosen twice: the first goes on
            raise
    return redirect(url_for(f"adding.{then}", store_id=found.store.id, adding_id=found.id))


def _problems(job: Job | None) -> list[dict[str, str]]:
    """What speaks against a listing, each with the step on which it is mended; of many alike the first."""
    found: list[dict[str, str]] = job.facts.get("problems", []) if job else []
    shown = []
    for code in dict.fromkeys(one["code"] for one in found):
        alike = [one["sentence"] for one in found if one["code"] == code]
        room = _room("category" if code.startswith(OF_CATEGORY) else "design")
        shown += [{"sentence": words, "room": room} for words in alike[:MOST_ALIKE]]
        if len(alike) > MOST_ALIKE:
            shown.append({"sentence": f"{len(alike) - MOST_ALIKE} more like these.", "room": room})
    return shown
