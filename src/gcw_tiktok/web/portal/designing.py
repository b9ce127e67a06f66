"""The design editor: files and links in, laid out on each print area, checked and connected."""

from typing import Any, cast

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.web.portal import hand, visiting
from gcw_tiktok.web.portal.design_part import Part
from gcw_tiktok.web.portal.errors import sentence
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import pinning, placing
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.storefronts import designing, sight
from gcw_tiktok.workflow.storefronts.designing import Draft, Task
from gcw_tiktok.workflow.storefronts.sight import NotThere

pages = Blueprint("designing", __name__)
HERE = "/stores/<int:store_id>/variants/<int:variant_id>/design"
LARGEST_FORM = pinning.MOST_BYTES + (2 << 20)
"""Bytes: the largest file, and what a form has beside it."""
MOST_VARIANTS = 1_000
TOO_LARGE = (f"The file is larger than {pinning.MOST_BYTES >> 20} MB", "Export it smaller, or give a link to it.")
SIGNS = "a design in a form"
Page = str | tuple[str, int] | Answer


@pages.url_value_preprocessor
def _larger(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Only who is signed in may send large files; it is said before anything of the form is read."""
    if request.method == "POST" and current_user.is_authenticated:
        request.max_content_length = LARGEST_FORM


@pages.errorhandler(RequestEntityTooLarge)
def _too_large(error: RequestEntityTooLarge) -> Response:
    return make_response(render_template("portal/error.html", said=TOO_LARGE[0], way_on=TOO_LARGE[1]), 413)


@pages.get(HERE)
@signed_in
def editor(store_id: int, variant_id: int) -> Page:
    """The editor with what is connected already."""
    task = _task(store_id, variant_id)
    parts = [_part(task, number, area, task.current.get(area.name)) for number, area in enumerate(task.product.areas)]
    return _shown(task, parts)


@pages.post(HERE)
@signed_in
def send(store_id: int, variant_id: int) -> Page:
    """Takes what the form holds; connects it, where that is asked for and there is nothing to look at first."""
    task = _task(store_id, variant_id)
    parts = [_brought(task, number, area) for number, area in enumerate(task.product.areas)]
    if any(part.error for part in parts):
        return _shown(task, parts, status=400)
    if request.form.get("do") != "connect":
        return _shown(task, parts)
    new = [part for part in parts if _file(part.number) or _typed(part.number, "link")]
    if any(one.level != "pass" for part in new for one in part.findings):
        return _shown(task, parts, notice="Look at how it lies, then choose Connect once more.")
    try:
        changed = designing.connect(hand.portal(), _act(), task, _drafts(parts))
    except GcwError as error:
        return _shown(task, parts, error=sentence(error), status=400)
    flash(_told(task, changed))
    return redirect(_back(task))


@pages.post(HERE + "/area")
@signed_in
def area(store_id: int, variant_id: int) -> Page:
    """One print area anew, with the file or link that was given for it: a script puts it in its place."""
    task = _task(store_id, variant_id)
    number = _number(request.form.get("number", ""))
    if number >= len(task.product.areas):
        raise NotThere
    part = _brought(task, number, task.product.areas[number])
    shown = render_template("portal/designing_area.html", part=part, **_at_hand(task))
    answer = make_response(shown, 400 if part.error else 200)
    answer.headers["X-Design-Part"] = str(number)  # a script can tell it from any other page that may come back
    return answer


@pages.post(HERE + "/check")
@signed_in
def check(store_id: int, variant_id: int) -> Answer:
    """What the server says of a placement: where the design lies, how sharp it prints, and all findings."""
    task = _task(store_id, variant_id)
    number = _number(request.form.get("number", ""))
    if number >= len(task.product.areas):
        raise NotThere
    part = _held(task, number, task.product.areas[number])
    if part.draft is None:
        raise BadInput("There is no design here yet.", designing.UPLOAD_IT)
    told: dict[str, Any] = {
        "box": vars(part.box),
        "dpi": part.dpi,
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
        sha256, _ = _opened(store.customer_id, sealed)
        stored = designing.kept(view, portal, sha256)
    return Response(designing.picture(stored), mimetype="image/png")


def _task(store_id: int, variant_id: int) -> Task:
    also = {_number(one) for one in request.args.getlist("also")}
    if len(also) > MOST_VARIANTS:
        raise BadInput("These are more variants than can be connected at once.", "Choose fewer of them.")
    portal, person = hand.portal(), visiting.person()
    with portal.database.view() as view:
        return designing.look(view, portal, person, store_id, variant_id, request.args.get("uid", ""), also)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise NotThere
    return int(text)


def _act() -> Act:
    return hand.portal().act(visiting.person())


def _part(task: Task, number: int, area: PrintArea, draft: Draft | None) -> Part:
    if draft is None:
        return Part(task.product, number, area)
    sealed = seal().dumps([task.store.customer_id, draft.stored.sha256, draft.source])
    return Part(task.product, number, area, draft, sealed)


def _brought(task: Task, number: int, area: PrintArea) -> Part:
    """A print area as the form says, with the file or link that it brings. What cannot be taken leaves the rest."""
    file, link = _file(number), _typed(number, "link")
    try:
        part = _held(task, number, area)
    except NotThere:
        raise
    except GcwError as error:
        return Part(task.product, number, area, error=sentence(error))
    if not file and not link:
        return part
    portal, changed = hand.portal(), bool(_typed(number, "changed"))
    try:
        if file:
            draft = designing.upload(portal, _act(), file.stream, file.filename or "")
        else:
            draft = designing.fetch(portal, _act(), link, accept_changed=changed)
    except GcwError as error:
        part.error, part.link, part.ask_changed = sentence(error), link, error.code == "design_changed"
        return part
    mode = _typed(number, "mode")
    chosen = mode in ("fit", "fill") and part.draft is None  # else it is how the former design lay
    placement = Placement(cast(placing.Mode, mode)) if chosen else designing.begun(area, draft.stored)
    return _part(task, number, area, Draft(draft.stored, draft.source, placement))


def _held(task: Task, number: int, area: PrintArea) -> Part:
    """A print area with the design that the form holds already, where the form's numbers lay it."""
    sealed = _typed(number, "design")
    if _typed(number, "area") != area.name:
        raise BadInput("The product has other print areas than a moment ago.", "Load the page again.")
    if not sealed or request.form.get("remove") == str(number):
        return Part(task.product, number, area)
    sha256, source = _opened(task.store.customer_id, sealed)
    portal = hand.portal()
    with portal.database.view() as view:
        stored = designing.kept(view, portal, sha256)
    now = task.current.get(area.name)
    before = now.placement if now and now.stored.sha256 == sha256 else None
    part = _part(task, number, area, Draft(stored, source, before))
    try:
        placement = designing.settled(_wanted(number, area), before)
    except GcwError as error:
        part.error = sentence(error)
        return part
    return _part(task, number, area, Draft(stored, source, placement))


def _wanted(number: int, area: PrintArea) -> Placement | None:
    """The placement that the form's numbers make; None where the file itself says how it lies."""
    mode, usual = _typed(number, "mode"), placing.usual(area)
    try:
        scale = round(float(_typed(number, "scale") or 100) / 100, 6)
        x_mm, y_mm = (round(float(_typed(number, name) or 0), 4) for name in ("x", "y"))
        rotate = int(_typed(number, "rotate") or 0)
    except (ValueError, OverflowError) as error:
        raise BadInput("Position and size are numbers.", "Write them like 12.5.") from error
    if mode in ("fit", "fill"):
        return Placement(cast(placing.Mode, mode), scale, x_mm, y_mm, rotate)
    moved = Placement(usual.mode, scale, x_mm, y_mm, rotate)
    return None if moved == usual else moved


def _drafts(parts: list[Part]) -> dict[str, Draft]:
    return {part.area.name: part.draft for part in parts if part.draft}


def _typed(number: int, name: str) -> str:
    return request.form.get(f"{number}.{name}", "").strip()


def _file(number: int) -> FileStorage | None:
    file = request.files.get(f"{number}.file")
    return file if file and file.filename else None


def seal() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=SIGNS)


def _opened(customer_id: int, sealed: str) -> tuple[str, str]:
    """The hash and source of a design that was brought in for this customer."""
    try:
        owner, sha256, source = seal().loads(sealed)
    except (BadSignature, ValueError, TypeError):
        raise NotThere from None
    if owner != customer_id:
        raise NotThere
    return sha256, source


def _shown(task: Task, parts: list[Part], *, status: int = 200, **more: Any) -> Page:
    told = {"parts": parts, "name_of": designing.name_of, "back": _back(task), "most_bytes": pinning.MOST_BYTES}
    return render_template("portal/designing.html", **told, **_at_hand(task), **more), status


def _at_hand(task: Task) -> dict[str, Any]:
    """What each template about designs needs."""
    here: dict[str, Any] = {"store_id": task.store.id, "variant_id": task.variants[0].id}

    def picture(sealed: str) -> str:
        return url_for("designing.picture", sealed=sealed, **here)

    return {"task": task, "picture": picture, "titles": designing.TITLES, "here": url_for("designing.editor", **here)}


def _told(task: Task, changed: int) -> str:
    if not changed:
        return "It prints that already; nothing was changed."
    many = f"{changed} variants print" if changed > 1 else f"{designing.name_of(task.variants[0])} prints"
    return f"Connected: {many} {task.product.product} from now on."


def _back(task: Task) -> str:
    """The listing's page, where there is one."""
    if "products" in current_app.blueprints:
        return f"/stores/{task.store.id}/products/{task.listing.id}"
    return url_for("stores.listed")
