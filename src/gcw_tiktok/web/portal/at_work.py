"""How far work is that a page has started, and the file that it made."""

from io import BytesIO
from mimetypes import guess_type

from flask import Blueprint, jsonify, send_file
from werkzeug.wrappers import Response

from gcw_tiktok.web.portal import hand, visiting
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.storefronts import jobs, sight
from gcw_tiktok.workflow.storefronts.sight import NotThere

pages = Blueprint("at_work", __name__)


@pages.get("/jobs/<job_id>")
@signed_in
def status(job_id: str) -> Response:
    """What portal.js asks for again and again until the work has ended."""
    portal = hand.portal()
    with portal.database.view() as view:
        return jsonify(jobs.shown(sight.job(view, visiting.person(), job_id), portal.now()))


@pages.get("/jobs/<job_id>/file")
@signed_in
def file(job_id: str) -> Response:
    with hand.portal().database.view() as view:
        job = sight.job(view, visiting.person(), job_id)
        content, name = job.file, job.file_name
    if content is None:
        raise NotThere
    kind = guess_type(name)[0] or "application/octet-stream"
    return send_file(BytesIO(content), kind, as_attachment=True, download_name=name)
