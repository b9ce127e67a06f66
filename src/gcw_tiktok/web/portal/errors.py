"""What is shown when something cannot be done: a sentence, and a way on."""

import logging

from flask import Flask, Response, jsonify, make_response, render_template
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from gcw_tiktok.errors import BadInput, GcwError, Refused, TryAgain
from gcw_tiktok.web.portal import visiting, words
from gcw_tiktok.workflow.storefronts.sight import NotThere

STATUS: dict[type[GcwError], int] = {NotThere: 404, BadInput: 400, TryAgain: 503, Refused: 502}
SAID = {
    400: ("This could not be read", "Go back, load the page again, and try once more."),
    404: ("There is nothing at this address", "Go back to the list."),
    405: ("There is nothing at this address", "Go back to the list."),
    413: ("That is too large", "Choose a smaller file."),
}
NO_TOKEN = ("This page has been open for too long", "Nothing was changed. Load the page again, and try once more.")
BUG = ("Something went wrong here", "It is written down. Try again; if it stays, tell your print provider.")


def set_up(app: Flask) -> None:
    """Every failure becomes a page, or an object where a script asked."""
    app.register_error_handler(GcwError, _gcw)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def sentence(error: GcwError) -> tuple[str, str]:
    """What failed, and the way on for whoever looks."""
    return str(error), words.way_on(error, operator=getattr(current_user, "is_operator", False))


def _gcw(error: GcwError) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 503)
    return _answer(status, *sentence(error), code=error.code)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    if isinstance(error, CSRFError):
        return _answer(status, *NO_TOKEN, code="no_token")
    if status == 405:  # which methods a page takes is nobody's business
        status = 404
    return _answer(status, *SAID.get(status, BUG))


def _bug(error: Exception) -> Response:
    logging.getLogger(__name__).exception("A page failed.", exc_info=error)
    return _answer(500, *BUG)


def _answer(status: int, said: str, way_on: str, code: str = "") -> Response:
    if visiting.wants_json():
        told = {"error": {"code": code or str(status), "message": said, "hint": way_on}}
        return make_response(jsonify(told), status)
    return make_response(render_template("portal/error.html", said=said, way_on=way_on), status)
