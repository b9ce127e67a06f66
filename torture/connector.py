"""A stand-in for an order intake of GelatoConnect, as far as its documents tell, with books of its own: what it was
sent, what took effect, and what goes wrong there. `python -m torture.connector` serves it until SIGTERM."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, request
from flask.typing import ResponseReturnValue
from waitress.server import create_server

from gcw_tiktok.sandbox.faults import ConnectionCut

KEY = "key:secret-of-the-connector"
ORDER, CANCEL = "/api/harbor/7/order", "/api/harbor/order/7/{reference}/cancel"
CONTROL = "/_control"
WAY = ("failed", "created", "in_production", "printed", "packaged", "shipped", "canceled")
"""Every status; an order shows the first of its units'."""
ENDED = ("failed", "canceled")
BEFORE = ("limit", "error", "refuse", "cut")
"""What goes wrong in place of the effect; the others spoil the answer after it."""
THREADS = 8
Json = dict[str, Any]
View = Callable[..., ResponseReturnValue]


class Intake:
    """Its orders, and every request that came."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.begin({})

    def begin(self, wish: Json) -> Json:
        """Empty books. Whether orders are shown by their reference, each unit for itself, and how it refuses."""
        self.habits: Json = {"reads_back": True, "by_unit": True, "refusal": 400} | wish
        self.orders: list[Json] = []
        self.journal: list[Json] = []
        self.faults: list[Json] = []
        self.moves = 0
        return {}

    def books(self) -> Json:
        return {"orders": self.orders, "journal": self.journal, **self.habits}

    def find(self, reference: str) -> Json | None:
        return next((one for one in reversed(self.orders) if one["reference"] == reference), None)

    def submit(self) -> ResponseReturnValue:
        body = request.get_json()
        reference = body["orderReferenceId"]
        if body.get("preventDuplicate") and self.find(reference):
            return {"message": f"Order {reference} already exists"}, self.habits["refusal"]
        units = {item["itemReferenceId"]: "created" for item in body["items"]}
        number = f"gc-{len(self.orders) + 1}"
        self.orders.append(
            {"reference": reference, "id": number, "body": body, "units": units, "stopped": False, "tracking": ""}
        )
        return {"id": number, "orderReferenceId": reference, "createdAt": "2026-11-30T00:00:00Z"}

    def show(self, reference: str) -> ResponseReturnValue:
        found = self.find(reference)
        if found is None or not self.habits["reads_back"]:
            return {"message": "Not found"}, 404
        return told(found, by_unit=self.habits["by_unit"])

    def cancel(self, reference: str) -> ResponseReturnValue:
        """Until it is shipped."""
        found = self.find(reference)
        if found is None:
            return {"message": "Not found"}, 404
        statuses = set(found["units"].values())
        if "shipped" in statuses or statuses <= set(ENDED):
            return {"message": "It cannot be cancelled any more."}, 409
        found["stopped"] = True
        found["units"] = {unit: ("canceled" if it not in ENDED else it) for unit, it in found["units"].items()}
        return {}

    def move(self, wish: Json) -> Json:
        """Production has come so far with some units; what it then says of the order."""
        found = self.find(wish["reference"])
        if found is None:
            return {}
        for unit in wish["units"]:
            if found["units"][unit] not in (*ENDED, "shipped"):
                found["units"][unit] = wish["status"]
        found["tracking"] = wish.get("tracking") or found["tracking"]
        self.moves += 1
        return {**told(found, by_unit=self.habits["by_unit"]), "sentAt": self.moves}


def told(order: Json, *, by_unit: bool) -> Json:
    """An order as it is shown: with a status for each unit, or only with that of all, where they have one."""
    statuses = set(order["units"].values())
    least = min(statuses, key=WAY.index)
    shown = {"id": order["id"], "orderReferenceId": order["reference"], "fulfillmentStatus": least}
    if not by_unit and len(statuses) == 1:
        return shown | {"trackingCode": order["tracking"]}
    items = [
        {"itemReferenceId": unit, "fulfillmentStatus": status, "fulfillments": [{"trackingCode": order["tracking"]}]}
        for unit, status in order["units"].items()
    ]
    return shown | {"items": items}


def create_app(intake: Intake) -> Flask:
    app = Flask("connector")
    app.config["PROPAGATE_EXCEPTIONS"] = True
    for path, method, view in (
        (ORDER, "POST", intake.submit),
        (f"{ORDER}/<reference>", "GET", intake.show),
        (CANCEL.replace("{reference}", "<reference>"), "POST", intake.cancel),
    ):
        app.add_url_rule(path, view.__name__, spoiled(intake, view), methods=[method])
    app.add_url_rule(f"{CONTROL}/books", "books", lambda: controlled(intake, intake.books))
    app.add_url_rule(
        f"{CONTROL}/begin",
        "begin",
        lambda: controlled(intake, lambda: intake.begin(request.get_json())),
        methods=["POST"],
    )
    app.add_url_rule(
        f"{CONTROL}/move", "move", lambda: controlled(intake, lambda: intake.move(request.get_json())), methods=["POST"]
    )
    app.add_url_rule(f"{CONTROL}/faults", "faults", lambda: faults(intake), methods=["POST", "DELETE"])
    return app


def controlled(intake: Intake, do: Callable[[], Json]) -> Response:
    with intake.lock:
        return Response(json.dumps(do()), content_type="application/json")


def faults(intake: Intake) -> ResponseReturnValue:
    with intake.lock:
        intake.faults = [] if request.method == "DELETE" else [*intake.faults, request.get_json()]
    return {}


def spoiled(intake: Intake, view: View) -> View:
    """The call with its key asked for, its place in the books, and the first fault that waits for it."""

    def answer(**path: str) -> ResponseReturnValue:
        if request.headers.get("X-API-KEY") != KEY:
            return {"message": "Unauthorized"}, 401
        with intake.lock:
            fault = _striking(intake, view.__name__)
            entry = {"call": view.__name__, "path": request.path, "fault": fault.get("kind", ""), "status": 0}
            intake.journal.append(entry)
            if fault.get("kind") in BEFORE:
                response = None
            else:
                response = make_response(view(**path))
                entry["status"] = response.status_code
        return _spoil(fault, response)

    return answer


def _striking(intake: Intake, call: str) -> Json:
    for fault in intake.faults:
        if fault["times"] and fault["call"] in (call, "") and (fault["kind"] != "refuse" or call == "submit"):
            fault["times"] -= 1
            return fault
    return {}


def _spoil(fault: Json, response: Response | None) -> ResponseReturnValue:
    kind = fault.get("kind")
    if kind in ("cut", "cut after"):
        raise ConnectionCut("A fault cut the connection.")
    if kind == "limit":
        return {"message": "Too many requests"}, 429, {"Retry-After": "1"}
    if kind in ("error", "error after"):
        return "<h1>Something is wrong</h1>", fault["status"]
    if kind == "refuse":
        return {"message": "postCode is not valid"}, 422
    assert response is not None
    if kind == "slow":
        time.sleep(fault["seconds"])
    if kind == "garbled":
        response.set_data(response.get_data()[: len(response.get_data()) // 2])
    if kind == "torn":
        whole = response.get_data()
        response.set_data(whole[: len(whole) // 2])
        response.headers["Content-Length"] = str(len(whole))
    return response


def main() -> None:
    server: Any = create_server(create_app(Intake()), host="127.0.0.1", port=0, threads=THREADS, ident="connector")
    print(json.dumps({"url": f"http://127.0.0.1:{server.effective_port}"}), flush=True)
    server.run()


if __name__ == "__main__":
    main()
