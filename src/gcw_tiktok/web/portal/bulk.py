"""Bulk operations: a store's variants as a file, and a filled file read in."""

from functools import partial
from io import BytesIO
from pathlib import Path

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.tables import Job, Store
from gcw_tiktok.web.portal import hand, uploads, visiting
from gcw_tiktok.web.portal.errors import sentence
from gcw_tiktok.web.portal.uploads import takes_files
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.storefronts import bulk, jobs, sight
from gcw_tiktok.workflow.storefronts.bulk import Asked
from gcw_tiktok.workflow.storefronts.sight import NotThere

pages = Blueprint("bulk", __name__)
Page = str | tuple[str, int] | Response
LARGEST = 60 << 20
"""Bytes of an uploaded file; 100 000 rows have less than half of that."""
MOST_LISTED = 10


@pages.get("/bulk")
@signed_in
def listed() -> Page:
    """The stores to choose from; with only one, there is nothing to choose."""
    with hand.portal().database.view() as view:
        stores = sight.stores(view, visiting.person())
    if len(stores) == 1:
        return redirect(url_for("bulk.of_store", store_id=stores[0].id))
    return render_template("portal/bulk_stores.html", stores=stores)


@pages.get("/stores/<int:store_id>/bulk")
@signed_in
def of_store(store_id: int) -> Page:
    return _shown(store_id)


@pages.post("/stores/<int:store_id>/bulk/export")
@signed_in
def export(store_id: int) -> Page:
    """The file itself, or where there is much to write the page that waits for it."""
    portal, ending = hand.portal(), request.form.get("kind", ".csv")
    with portal.database.view() as view:
        store = sight.store(view, visiting.person(), store_id)
        variants = bulk.size(view, store)
    if ending not in bulk.AT_ONCE:
        raise BadInput("There is no such kind of file.", "Choose CSV or Excel.")
    work = partial(bulk.written, portal, store, ending, request.form.get("only") == "not_connected")
    if variants > bulk.AT_ONCE[ending]:
        return _started(store, bulk.EXPORT, work)
    made = work(lambda done, total, words: None)
    assert made.file is not None
    return send_file(BytesIO(made.file), as_attachment=True, download_name=made.file_name)


@pages.get("/stores/<int:store_id>/bulk/product-uids.csv")
@signed_in
def uids(store_id: int) -> Page:
    with hand.portal().database.view() as view:
        content = bulk.uids(view, sight.store(view, visiting.person(), store_id))
    return send_file(BytesIO(content), "text/csv", as_attachment=True, download_name="product-uids.csv")


@pages.post("/stores/<int:store_id>/bulk/import")
@takes_files(LARGEST)
@signed_in
def import_(store_id: int) -> Page:
    """Reads a file in, or looks what it would change."""
    with hand.portal().database.view() as view:
        store = sight.store(view, visiting.person(), store_id)
    try:
        return _import(store)
    except GcwError as error:
        return _shown(store_id, error), 400


@pages.get("/stores/<int:store_id>/bulk/<job_id>")
@signed_in
def result(store_id: int, job_id: str) -> Page:
    """How far an import or export is, and what came of it."""
    store, job = _of(store_id, job_id)
    now = jobs.shown(job, hand.portal().now())
    return render_template("portal/bulk_result.html", store=store, job=job, now=now, importing=_is_import(job))


@pages.post("/stores/<int:store_id>/bulk/<job_id>/import")
@signed_in
def import_checked(store_id: int, job_id: str) -> Page:
    """Reads in what was checked, without another upload."""
    store, job = _of(store_id, job_id)
    if not (_is_import(job) and job.facts.get("dry_run")):
        raise NotThere
    return _started(store, bulk.IMPORT, bulk.checked(hand.portal(), visiting.person(), store, job))


def _of(store_id: int, job_id: str) -> tuple[Store, Job]:
    with hand.portal().database.view() as view:
        store = sight.store(view, visiting.person(), store_id)
        job = sight.job(view, visiting.person(), job_id)
    if job.store_id != store.id or job.kind not in (bulk.IMPORT, bulk.EXPORT):
        raise NotThere
    return store, job


def _shown(store_id: int, error: GcwError | None = None) -> str:
    portal = hand.portal()
    with portal.database.view() as view:
        store = sight.store(view, visiting.person(), store_id)
        variants = bulk.size(view, store)
        last = [(one, jobs.shown(one, portal.now())) for one in jobs.last(view, store_id, bulk.IMPORT, MOST_LISTED)]
    return render_template(
        "portal/bulk.html",
        store=store,
        variants=variants,
        last=last,
        mailing=bulk.mailing(portal),
        given=request.form,
        error=sentence(error) if error else None,
    )


def _import(store: Store) -> Page:
    file = uploads.given("file")
    if file is None:
        raise BadInput("No file was chosen.", "Choose the file that you have filled in.")
    asked = Asked(
        name=uploads.shown(file),
        dry_run=request.form.get("do") == "check",
        all_or_nothing="all_or_nothing" in request.form,
        accept_changed="accept_changed" in request.form,
        mail="mail" in request.form,
    )
    path = uploads.aside(file, tuple(bulk.AT_ONCE))
    try:
        return _started(store, bulk.IMPORT, bulk.import_(hand.portal(), visiting.person(), store, path, asked))
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise


def _started(store: Store, kind: str, work: jobs.Work) -> Response:
    job_id = hand.jobs().start(visiting.person(), kind, work, store_id=store.id, customer_id=store.customer_id)
    return redirect(url_for("bulk.result", store_id=store.id, job_id=job_id))


def _is_import(job: Job) -> bool:
    return job.kind == bulk.IMPORT
