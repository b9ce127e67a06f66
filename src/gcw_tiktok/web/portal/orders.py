"""Orders: the list, one of them, and a spreadsheet of them."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, render_template, request

from gcw_tiktok.store.tables import HoldReason, Stage
from gcw_tiktok.web.portal import hand, pictures, visiting
from gcw_tiktok.web.portal.paging import Paging, wanted_page
from gcw_tiktok.web.portal.visiting import signed_in
from gcw_tiktok.workflow.storefronts import deeds, one_order, order_pictures, orders, sight, telling, thumbnails
from gcw_tiktok.workflow.storefronts.orders import Wanted

pages = Blueprint("orders", __name__)
Page = str | Response
Word = TypeVar("Word", bound=StrEnum)
LARGE = 1000
"""Pixels that a picture of what is printed is wide when it is looked at by itself."""
LONGEST_SEARCH = 100
TONES = {
    Stage.RECEIVED: "plain",
    Stage.PASSED: "good",
    Stage.FAILED: "bad",
    Stage.CANCELED: "plain",
    Stage.RETURNED: "warn",
    Stage.SHIPPED: "good",
    Stage.IN_TRANSIT: "good",
    Stage.DELIVERED: "good",
}


def set_up(app: Flask) -> None:
    """Words about orders that several pages use."""
    app.jinja_env.filters["stage_words"] = lambda stage: telling.STAGES[Stage(stage)]
    app.jinja_env.filters["stage_tone"] = lambda stage: TONES.get(Stage(stage), "busy")
    app.jinja_env.filters["first_up"] = lambda words: words[:1].upper() + words[1:]
    app.jinja_env.filters["apart"] = lambda name: re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", name).capitalize()
    app.jinja_env.filters["hold_words"] = lambda reason: telling.HOLDS[HoldReason(reason)]


@pages.get("/orders")
@signed_in
def listed() -> Page:
    """All orders, the newest first."""
    portal, person, wanted = hand.portal(), visiting.person(), _wanted()
    with portal.database.view() as view:
        stores = sight.stores(view, person)
        found = orders.page(view, person, wanted, wanted_page())
    return render_template(
        "portal/orders.html",
        found=found,
        wanted=wanted,
        given=request.args,
        narrowed=wanted.narrowed,
        paging=Paging(found.page, found.pages),
        stores=stores,
        stages=telling.STAGES,
        now=portal.now(),
    )


@pages.get("/orders.csv")
@signed_in
def exported() -> Page:
    """The orders of the list as a spreadsheet takes them. Nothing of a recipient is in it."""
    rows = orders.spreadsheet(hand.portal().database, visiting.person(), _wanted())
    answer = Response(rows, mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=orders.csv"
    return answer


@pages.get("/orders/<order_id>")
@signed_in
def one(order_id: str) -> Page:
    """One order."""
    return shown(order_id)


@pages.get("/orders/<order_id>/lines/<line_id>/preview/<path:area>.png")
@signed_in
def picture(order_id: str, line_id: str, area: str) -> Page:
    """What is printed on one area of a unit."""
    portal = hand.portal()
    side = LARGE if request.args.get("size") == "large" else thumbnails.SIDE
    with portal.database.view() as view:
        order, _ = sight.order(view, visiting.person(), order_id)
        laid = order_pictures.lies(view, order, line_id, area, portal.designs)
    mark = thumbnails.mark_of(laid, side)
    return pictures.answered(mark, lambda: thumbnails.picture(portal, laid, mark, side))


def shown(order_id: str, status: int = 200, **more: object) -> Page:
    """The page of one order, with what a form had to say."""
    portal, person = hand.portal(), visiting.person()
    with portal.database.view() as view:
        order, store = sight.order(view, person, order_id)
        whole = one_order.whole(view, person, order, store)
        done = deeds.last(view, person, [order_id], portal.now()).get(order_id)
    more = {"whole": whole, "done": done, "now": portal.now()} | more
    return Response(render_template("portal/order.html", **more), status)


def _wanted() -> Wanted:
    """What the list is narrowed to; what makes no sense narrows nothing."""
    given, zone = request.args, _zone()
    store = given.get("store", "")
    since, until = _day(given.get("from", "")), _day(given.get("to", ""))
    return Wanted(
        store_id=int(store) if store.isdecimal() and len(store) < 10 else None,
        stage=_one_of(Stage, given.get("stage", "")),
        held="held" in given,
        since=_midnight(since, zone) if since else None,
        until=_midnight(until + timedelta(days=1), zone) if until else None,
        search=" ".join(given.get("q", "").split())[:LONGEST_SEARCH],
    )


def _one_of(kind: type[Word], given: str) -> Word | None:
    return kind(given) if given in list(kind) else None


def _zone() -> tzinfo:
    """Where the reader's days begin: a script of ours tells; without it they are days of UTC."""
    try:
        return ZoneInfo(request.args.get("zone", ""))
    except (ValueError, OSError, KeyError):  # whatever somebody wrote there
        return UTC


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
