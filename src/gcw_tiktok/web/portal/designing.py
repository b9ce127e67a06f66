"""The design editor: files and links in, laid out on each print area, checked and connected."""

from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request
from flask import url_for as address
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.tables import Job, JobState
from gcw_tiktok.web.portal import design_form, hand, uploads, visiting
from gcw_tiktok.web.portal.design_part import Part
from gcw_tiktok.web.portal.errors import sentence
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.storefronts import designing, jobs, sight
from gcw_tiktok.workflow.storefronts.designing import Task

pages = Blueprint("designing", __name__)
HERE = "/stores/<int:store_id>/variants/<int:variant_id>/design"
LARGEST_FORM = pinning.MOST_BYTES + (2 << 20)
"""Bytes: the largest file, and what a form has beside it."""
MOST_VARIANTS = 1_000
TOO_LARGE = (f"The file is larger than {pinning.MOST_BYTES >> 20} MB", "Export it smaller, or give a link to it.")
WAIT_SECONDS = 2.0
"""A page waits so long for what it began; what takes longer is looked on at."""
Page = str | tuple[str, int] | Answer


@pages.errorhandler(RequestEntityTooLarge)
def _too_large(error: RequestEntityTooLarge) -> Response:
    return make_response(render_template("portal/error.html", said=TOO_LARGE[0], way_on=TOO_LARGE[1]), 413)


@pages.get(HERE)
@signed_in
def editor(store_id: int, variant_id: int) -> Page:
    """The editor with what is connected already."""
    task = _task(store_id, variant_id)
    return _shown(task, [one.part(task.current.get(one.area.name)) for one in design_form.entries(task)])


@pages.post(HERE)
@uploads.takes_files(LARGEST_FORM)
@signed_in
def send(store_id: int, variant_id: int) -> Page:
    """Takes what the form holds; connects it, where that is asked for and there is nothing to look at first."""
    task = _task(store_id, variant_id)
    entries = design_form.entries(task)
    parts = [one.brought() for one in entries]
    if any(part.error for part in parts):
        return _shown(task, parts, status=400)
    if request.form.get("do") != "connect":
        return _shown(task, parts)
    new = [part for one, part in zip(entries, parts, strict=True) if one.is_new]
    if any(found.level != "pass" for part in new for found in part.findings):
        return _shown(task, parts, notice="Look at how it lies, then choose Connect once more.")
    return _connect(task, parts)


def _connect(task: Task, parts: list[Part]) -> Page:
    """Has it connected, and goes on when that is done, or to where one can look on."""
    portal, person = hand.portal(), visiting.person()
    drafts = {part.area.name: part.draft for part in parts if part.draft}
    try:
        designing.must_be_printable(task, drafts)
        job_id = hand.jobs().start(
            person,
            f"connecting {task.variants[0].id}",
            lambda beat: designing.connect(portal, portal.act(person), task, drafts),
            store_id=task.store.id,
            customer_id=task.store.customer_id,
        )
    except GcwError as error:
        return _shown(task, parts, error=sentence(error), status=400)
    job = hand.jobs().ended(job_id, WAIT_SECONDS)
    if job.state == JobState.FAILED:
        return _shown(task, parts, error=(job.words, ""), status=400)
    return _after(task, job)


@pages.get(HERE + "/work/<job_id>")
@signed_in
def work(store_id: int, variant_id: int, job_id: str) -> Page:
    """Looks on while designs are made print-ready and connected."""
    task, portal = _task(store_id, variant_id), hand.portal()
    with portal.database.view() as view:
        job = sight.job(view, visiting.person(), job_id)
    if job.state == JobState.DONE:
        return _after(task, job)
    shown = jobs.shown(job, portal.now())
    again = address("designing.editor", **_here(task), **_about(task))
    return render_template("portal/designing_work.html", job=job, shown=shown, again=again, **_at_hand(task))


def _after(task: Task, job: Job) -> Answer:
    """Where to go once a job has begun: on, where it has ended well."""
    if job.state != JobState.DONE:
        return redirect(address("designing.work", job_id=job.id, **_here(task), **_about(task)))
    flash(job.words)
    return redirect(_back(task))


@pages.post(HERE + "/area")
@uploads.takes_files(LARGEST_FORM)
@signed_in
def area(store_id: int, variant_id: int) -> Page:
    """One print area anew, with the file or link that was given for it: a script puts it in its place."""
    task = _task(store_id, variant_id)
    part = design_form.entry(task).brought()
    shown = render_template("portal/designing_area.html", part=part, **_at_hand(task))
    answer = make_response(shown, 400 if part.error else 200)
    answer.headers["X-Design-Part"] = str(part.number)  # a script can tell it from any other page that may come back
    return answer


@pages.post(HERE + "/check")
@signed_in
def check(store_id: int, variant_id: int) -> Answer:
    """What the server says of a placement: where the design lies, how sharp it prints, and all findings."""
    task = _task(store_id, variant_id)
    part = design_form.entry(task).held()
    if part.error or part.draft is None:
        raise BadInput(*(part.error or ("There is no design here yet.", designing.UPLOAD_IT)))
    told: dict[str, Any] = {
        "box": vars(part.box),
        "dpi": part.dpi,
        "sharpness": part.sharpness,
        "placement": part.draft.placement.as_json() if part.draft.placement else None,
        "findings": render_template("portal/designing_findings.html", part=part, **_at_hand(task)),
    }
    return jsonify(told | {"checks": [vars(one) for one in part.findings]})


@pages.get(HERE + "/picture/<sealed>")
@signed_in
def picture(store_id: int, variant_id: int, sealed: str) -> Answer:
    """The whole design as a picture."""
    portal = hand.portal()
    with portal.database.view() as view:
        store = sight.store(view, visiting.person(), store_id)
        sha256, _ = design_form.opened(store.customer_id, sealed)
        stored = designing.kept(view, portal, sha256)
    return Response(designing.picture(stored), mimetype="image/png")


def _task(store_id: int, variant_id: int) -> Task:
    also = {design_form.number(one) for one in request.args.getlist("also")}
    if len(also) > MOST_VARIANTS:
        raise BadInput("These are more variants than can be connected at once.", "Choose fewer of them.")
    portal, person = hand.portal(), visiting.person()
    with portal.database.view() as view:
        return designing.look(view, portal, person, store_id, variant_id, request.args.get("uid", ""), also)


def _shown(task: Task, parts: list[Part], *, status: int = 200, **more: Any) -> Page:
    told = {"parts": parts, "name_of": designing.name_of, "back": _back(task), "most_bytes": pinning.MOST_BYTES}
    return render_template("portal/designing.html", **told, **_at_hand(task), **more), status


def _at_hand(task: Task) -> dict[str, Any]:
    """What each template about designs needs."""
    here = _here(task)

    def picture(sealed: str) -> str:
        return address("designing.picture", sealed=sealed, **here)

    return {"task": task, "picture": picture, "titles": designing.TITLES, "here": address("designing.editor", **here)}


def _here(task: Task) -> dict[str, Any]:
    return {"store_id": task.store.id, "variant_id": task.variants[0].id}


def _about(task: Task) -> dict[str, Any]:
    """What an address of the editor says beside that."""
    return {"uid": task.product.uid, "also": [one.id for one in task.variants[1:]]}


def _back(task: Task) -> str:
    return address("listing.shown", store_id=task.store.id, listing_id=task.listing.id)
