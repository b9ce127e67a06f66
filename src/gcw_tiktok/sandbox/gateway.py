"""The API host: every request goes in here and comes out as an answer, a journal entry, and perhaps a fault."""

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from gcw_tiktok.sandbox import faults, replies
from gcw_tiktok.sandbox.faults import Fault, Faults
from gcw_tiktok.sandbox.gate import Call, Received, admit
from gcw_tiktok.sandbox.journal import Journal, without_secrets
from gcw_tiktok.sandbox.refusals import Refusal
from gcw_tiktok.sandbox.replies import Reply
from gcw_tiktok.sandbox.routes import Route
from gcw_tiktok.sandbox.world import World

LONGEST_KEPT_BODY = 20_000
Answer = Callable[[Received, str], Reply]


@dataclass
class Sandbox:
    """A world with its journal and its faults."""

    world: World
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)

    def respond(self, received: Received, answer: Answer) -> Reply:
        """What leaves for a request. Waiting and cutting happen after the world is let go."""
        with self.world.lock:
            self.world.catch_up()
            fault = self.faults.strike(f"{received.method} {received.path}")
            request_id = self.world.mint.request_id(self.world.now())
            if fault and fault.kind in faults.BEFORE:
                reply = faults.instead(fault, request_id)
            else:
                reply = answer(received, request_id)
            self._record(received, reply, fault)
        return faults.spoil(fault, reply, self.faults.sleep)

    def call(self, received: Received, request_id: str) -> Reply:
        """The answer of an API call."""
        try:
            call = admit(self.world, received)
            data = handler(call.route)(call)
        except Refusal as refusal:
            return replies.api_refusal(refusal, request_id)
        return replies.api_success(data, request_id, call.effect)

    def _record(self, received: Received, reply: Reply, fault: Fault | None) -> None:
        self.journal.write(
            time=self.world.now(),
            method=received.method,
            path=received.path,
            query=without_secrets(received.pairs),
            body=_kept(received.body),
            status=reply.status,
            code=reply.code,
            message=reply.message,
            request_id=reply.request_id,
            effect=reply.effect,
            fault=fault.kind if fault else "",
        )


@cache
def handler(route: Route) -> Callable[[Call], dict[str, Any]]:
    """The function behind a route."""
    module, _, name = route.handler.partition(".")
    found: Callable[[Call], dict[str, Any]] = getattr(
        importlib.import_module(f"gcw_tiktok.sandbox.calls.{module}"), name
    )
    return found


def _kept(body: bytes) -> object:
    """A body as the journal keeps it: JSON where it is, else text, never too long."""
    if len(body) > LONGEST_KEPT_BODY:
        return f"({len(body)} bytes)"
    try:
        return json.loads(body) if body.strip() else None
    except ValueError:
        return body.decode(errors="replace")
