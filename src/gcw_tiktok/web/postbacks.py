"""Where GelatoConnect's postbacks arrive: the secret checked, the body kept, answered at once."""

from collections.abc import Callable, Sequence

from flask import Blueprint, Response, request

from gcw_tiktok.errors import BadInput, GcwError, Refused
from gcw_tiktok.workflow.production.postbacks import LARGEST

PREFIX = "/postbacks"
LARGEST_ID = 2**31 - 1
"""What the database takes for an id."""
HEADERS = ("X-Gcw-Secret", "X-API-KEY")
"""Which header GelatoConnect sends a secret in is the account owner's choice, as far as is known."""
Take = Callable[[int, bytes, Sequence[str]], None]
"""Keeps a body with the secrets that came with it: `Refused` where none of them is right, `BadInput` where it is no
report, another failure where it could not be kept."""


def postbacks(take: Take) -> Blueprint:
    """The pages that GelatoConnect posts to, one for each facility; the secret in a header, or last in the address."""
    page = Blueprint("postbacks", __name__, url_prefix=PREFIX)

    @page.route("/<int:facility>", methods=["POST"], provide_automatic_options=False)
    @page.route("/<int:facility>/<secret>", methods=["POST"], provide_automatic_options=False)
    def postback(facility: int, secret: str = "") -> Response:
        if (request.content_length or 0) > LARGEST:
            return _answer(413)
        if facility > LARGEST_ID:
            return _answer(401)
        try:
            take(facility, request.get_data(cache=False), _offered(secret))
        except Refused:
            return _answer(401)
        except BadInput as error:
            return _answer(400, f"{error}\n")
        except GcwError:
            return _answer(503)
        return _answer(200)

    return page


def _offered(secret: str) -> list[str]:
    bearer = request.headers.get("Authorization", "")
    found = [secret, bearer, bearer.removeprefix("Bearer "), *(request.headers.get(name, "") for name in HEADERS)]
    return [one for one in found if one]


def _answer(status: int, words: str = "") -> Response:
    return Response(words, status, content_type="text/plain; charset=utf-8")
