"""Pictures that are drawn here. Browsers keep them, but ask each time whether they may."""

from collections.abc import Callable

from flask import Response, make_response, request


def answered(mark: str, draw: Callable[[], bytes]) -> Response:
    """The picture as PNG, or that the one with this mark, which the browser has, is it still."""
    known = request.if_none_match.contains(mark)
    answer = make_response(b"" if known else draw(), 304 if known else 200)
    answer.headers["Content-Type"] = "image/png"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(mark)
    return answer
