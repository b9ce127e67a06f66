"""The API host: every request goes in here and comes out as an answer, a journal entry, and perhaps a fault."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from gcw_tiktok.sandbox import faults, forms, postman, replies
from gcw_tiktok.sandbox.faults import Fault, Faults
from gcw_tiktok.sandbox.gate import Call, Received, admit
from gcw_tiktok.sandbox.journal import Journal, without_secrets
from gcw_tiktok.sandbox.limits import Limits
from gcw_tiktok.sandbox.postman import Post, Postman
from gcw_tiktok.sandbox.refusals import Refusal
from gcw_tiktok.sandbox.replies import Reply
from gcw_tiktok.sandbox.routes import Json
from gcw_tiktok.sandbox.world import World

LONGEST_KEPT_BODY = 20_000
Answer = Callable[[Received, str], Reply]


@dataclass
class Sandbox:
    """A world with its journal, faults, limits and postman; webhooks are posted by `post`."""

    world: World
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
    limits: Limits = field(default_factory=Limits)
    post: Post = postman.post
    webhook_hosts: frozenset[str] = frozenset()
    postman: Postman = field(init=False)

    def __post_init__(self) -> None:
        self.postman = Postman(self.world, self.faults, self.journal, self.post, self.webhook_hosts)

    def respond(self, received: Received, answer: Answer) -> Reply:
        """What leaves for a request. Waiting and cutting happen after the world is let go."""
        with self.world.lock:
            self.world.catch_up()
            fault = self.faults.strike(f"{received.method} {received.path}", self._shop_id(received))
            request_id = self.world.mint.request_id(self.world.now())
            if fault and fault.kind in faults.BEFORE:
                reply = faults.instead(fault, request_id)
            else:
                reply = answer(received, request_id)
            self._record(received, reply, fault)
        self.postman.ring()
        return faults.spoil(fault, reply, self.faults.sleep)

    def call(self, received: Received, request_id: str) -> Reply:
        """The answer of an API call."""
        try:
            call = admit(self.world, received)
            self.limits.count(call)
            data = self._answer(call)
        except Refusal as refusal:
            return replies.api_refusal(refusal, request_id)
        return replies.api_success(data, request_id, call.effect)

    def _answer(self, call: Call) -> Json:
        """What the call's function says; a write with a known idempotency key is not done a second time."""
        key = call.idempotency_key
        if not key:
            return call.route.handler(call)
        whose = call.shop.id if call.route.cipher else call.grant.seller.handle
        place = (whose, call.route.path, *sorted(call.in_path.values()), key)
        if place not in self.world.remembered:
            self.world.remembered[place] = call.route.handler(call)
        return self.world.remembered[place]

    def _shop_id(self, received: Received) -> str:
        """The shop that a request names, where a fault asks for it."""
        if not self.faults.keep_to_shops:
            return ""
        cipher = dict(received.pairs).get("shop_cipher")
        return next((shop.id for shop in self.world.shops() if shop.cipher == cipher), "")

    def _record(self, received: Received, reply: Reply, fault: Fault | None) -> None:
        self.journal.write(
            time=self.world.now(),
            method=received.method,
            path=received.path,
            query=without_secrets(received.pairs),
            body=_kept(received.body, received.headers.get("content-type", "")),
            status=reply.status,
            code=reply.code,
            message=reply.message,
            request_id=reply.request_id,
            effect=reply.effect,
            fault=fault.kind if fault else "",
        )


def _kept(body: bytes, content_type: str) -> object:
    """A body as the journal keeps it: JSON where it is, else text, never too long and never a file."""
    if len(body) > LONGEST_KEPT_BODY or forms.is_form(content_type):
        return f"({len(body)} bytes)"
    try:
        return json.loads(body) if body.strip() else None
    except ValueError:
        return body.decode(errors="replace")
