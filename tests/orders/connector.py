"""A pretend order intake of GelatoConnect, as far as its documents tell, with everything that may go wrong."""

from collections.abc import Callable
from typing import Any

import httpx
from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlmodel import select

from gcw_tiktok.store.tables import ConnectionDesign, DesignSource, Facility
from orders.shop import Shop

URL = "https://connect.example.com/api/harbor/7/order"
HAND_OFF = f"gelatoconnect:{URL}"
KEY = "key:secret-of-the-connector"
CANCEL_URL = "https://connect.example.com/api/harbor/order/7/{reference}/cancel"
SOURCE = "https://files.example.com/poster.pdf"


class Intake:
    """Orders by reference. It refuses a second one of the same reference where it is asked to."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.seen: list[dict[str, Any]] = []
        """The headers and the body of each order that was sent."""
        self.statuses: dict[str, Any] = {}
        self.reads_back = True
        self.instead: list[ResponseReturnValue] = []
        """Answered instead of doing anything."""
        self.lost: list[Exception] = []
        """The effect is there, and this comes in place of the answer."""
        self.garbled: list[ResponseReturnValue] = []
        """The effect is there, and this is answered."""
        self.app = Flask("gelatoconnect")
        self.app.add_url_rule("/api/harbor/7/order", view_func=self._submit, methods=["POST"])
        self.app.add_url_rule("/api/harbor/7/order/<reference>", view_func=self._get)
        self.app.add_url_rule("/api/harbor/order/7/<reference>/cancel", view_func=self._cancel, methods=["POST"])
        self.cancelled: list[str] = []

    def _submit(self) -> ResponseReturnValue:
        if request.headers.get("X-API-KEY") != KEY:
            return {"message": "Unauthorized"}, 401
        if self.instead:
            return self.instead.pop(0)
        body = request.get_json()
        self.seen.append({"headers": dict(request.headers), "body": body})
        reference = body["orderReferenceId"]
        if reference in self.orders:
            assert body["preventDuplicate"] is True, "it would be printed twice"
            return {"message": f"Order {reference} already exists"}, 400
        self.orders[reference] = body
        if self.garbled:
            return self.garbled.pop(0)
        return {"id": f"gc-{len(self.orders)}", "orderReferenceId": reference, "createdAt": "2026-11-25T02:00:00Z"}

    def _cancel(self, reference: str) -> ResponseReturnValue:
        if request.headers.get("X-API-KEY") != KEY:
            return {"message": "Unauthorized"}, 401
        if self.instead:
            return self.instead.pop(0)
        if self.statuses.get(reference) or reference not in self.orders:
            return {"message": "It cannot be cancelled."}, 409
        self.cancelled.append(reference)
        self.statuses[reference] = {"fulfillmentStatus": "canceled"}
        return {}

    def _get(self, reference: str) -> ResponseReturnValue:
        if request.headers.get("X-API-KEY") != KEY:
            return {"message": "Unauthorized"}, 401
        if not self.reads_back:
            return "<h1>Not Found</h1>", 404
        if reference not in self.orders:
            return {"message": "Not found"}, 404
        told = {"id": "gc-1", "orderReferenceId": reference, "fulfillmentStatus": "created"}
        return told | self.statuses.get(reference, {})


class Split(httpx.BaseTransport):
    """The connector's address leads to the pretend intake, all others on to TikTok."""

    def __init__(self, intake: Intake, others: httpx.BaseTransport) -> None:
        self._intake = intake
        self._there = httpx.WSGITransport(app=intake.app)
        self._others = others
        self.down: Callable[[httpx.Request], None] = lambda request: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "connect.example.com":
            return self._others.handle_request(request)
        self.down(request)
        response = self._there.handle_request(request)
        response.read()
        if request.method == "POST" and self._intake.lost:
            raise self._intake.lost.pop(0)
        return response


def connect(shop: Shop) -> tuple[Intake, Split]:
    """The shop's facility hands over to the intake, and its design is at an address."""
    shop.gcw("facility", "add", "Far", "--hand-off", HAND_OFF, stdin=KEY)
    intake = Intake()
    split = Split(intake, shop.relay.inner)
    shop.relay.inner = split
    with shop.session() as session:
        for facility in session.exec(select(Facility)):
            facility.hand_off = HAND_OFF
        for design in session.exec(select(ConnectionDesign)):
            design.source = SOURCE
        session.add(DesignSource(address=SOURCE, sha256=design.sha256, asked_at=1))
    return intake, split
