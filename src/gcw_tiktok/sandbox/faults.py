"""What goes wrong on purpose: rules that spoil some answers, and what a spoiled answer looks like."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from random import Random
from typing import Any

from waitress.channel import ClientDisconnected

from gcw_tiktok.sandbox.replies import Reply

BEFORE = frozenset({"rate_limit", "status", "code", "reset_before", "timeout"})
AFTER = frozenset({"reset_after", "truncate", "slow"})
WEBHOOKS = frozenset({"drop_webhook", "duplicate_webhook", "reorder_webhook"})
KINDS = BEFORE | AFTER | WEBHOOKS
LONGEST_WAIT = 3_600
Json = dict[str, Any]


class ConnectionCut(ConnectionResetError, ClientDisconnected):
    """Ends a request without an answer.

    Waitress closes the connection when it sees this; in process, through a WSGI transport, the client gets
    the ConnectionResetError itself.
    """


@dataclass
class Fault:
    """A rule. `times` is how often it still strikes (None: always), `rate` with what probability.

    `match` is part of method and path, or of a webhook's topic; in it `*` stands for anything and `{order_id}`
    for one step of a path. `shop_id` keeps the rule to one shop.
    """

    id: int
    kind: str
    match: str = ""
    shop_id: str = ""
    times: int | None = None
    rate: float = 1.0
    seed: int = 0
    status: int = 0
    code: int = 36009003
    message: str = "Internal error. Please try again."
    retry_after: int = 1
    seconds: float = 2.0
    struck: int = 0


@dataclass
class Rule:
    """A fault in force, with the dice of its own that its seed gives it."""

    fault: Fault
    dice: Random

    def strikes(self, what: str, shop_id: str) -> bool:
        """Whether it spoils this one; the dice are thrown only for what matches."""
        fault = self.fault
        if not _pattern(fault.match).search(what) or fault.shop_id not in ("", shop_id) or fault.times == 0:
            return False
        if self.dice.random() >= fault.rate:
            return False
        fault.struck += 1
        if fault.times is not None:
            fault.times -= 1
        return True


@cache
def _pattern(match: str) -> re.Pattern[str]:
    """What a rule's `match` looks for in "POST /order/…"."""
    steps = {"*": ".*", "{": "[^/ ]+"}
    parts = re.split(r"(\*|\{\w*\})", match)
    return re.compile("".join(steps.get(part[:1], re.escape(part)) for part in parts))


class Faults:
    """All rules in force; the first that matches strikes."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self.sleep = sleep
        self.rules: list[Rule] = []
        self.made = 0

    def add(self, wanted: Json) -> Fault:
        """Puts a rule in force; ValueError when it makes no sense."""
        _check(wanted)
        self.made += 1
        fault = Fault(id=self.made, **wanted)
        self.rules.append(Rule(fault, Random(fault.seed)))
        return fault

    def listed(self) -> list[Json]:
        """Every rule as JSON."""
        return [asdict(rule.fault) for rule in self.rules]

    def remove(self, fault_id: int) -> bool:
        """Takes one rule out of force; False when there is none with this id."""
        kept = [rule for rule in self.rules if rule.fault.id != fault_id]
        found = len(kept) < len(self.rules)
        self.rules = kept
        return found

    def clear(self) -> None:
        """Everything works again."""
        self.rules = []

    @property
    def keep_to_shops(self) -> bool:
        """Whether any rule looks at the shop."""
        return any(rule.fault.shop_id for rule in self.rules)

    def strike(self, request_line: str, shop_id: str = "") -> Fault | None:
        """The rule that spoils this request ("POST /order/…"), if any."""
        return self._first(BEFORE | AFTER, request_line, shop_id)

    def strike_webhook(self, topic: str, shop_id: str) -> Fault | None:
        """The rule that spoils this delivery, if any."""
        return self._first(WEBHOOKS, topic, shop_id)

    def _first(self, kinds: frozenset[str], what: str, shop_id: str) -> Fault | None:
        striking = (rule for rule in self.rules if rule.fault.kind in kinds and rule.strikes(what, shop_id))
        return next((rule.fault for rule in striking), None)


def _whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _number(low: float, high: float) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _text(value: object) -> bool:
    return isinstance(value, str)


MEMBERS: dict[str, tuple[Callable[[object], bool], str]] = {
    "kind": (lambda value: isinstance(value, str) and value in KINDS, f"one of {', '.join(sorted(KINDS))}"),
    "match": (_text, "a text: part of a method and path, or of a webhook's topic"),
    "shop_id": (_text, "a text: the id of a shop"),
    "times": (lambda value: value is None or _whole(1, 10**9)(value), "a whole number from 1 on, or null for always"),
    "rate": (_number(0, 1), "a number between 0 and 1"),
    "seed": (_whole(0, 1 << 63), "a whole number"),
    "status": (_whole(200, 599), "an HTTP status from 200 to 599"),  # 200: a proxy that answers for TikTok
    "code": (_whole(1, 10**12), "a whole number other than 0"),
    "message": (_text, "a text"),
    "retry_after": (_whole(0, 86_400), "whole seconds"),
    "seconds": (_number(0, LONGEST_WAIT), f"seconds, at most {LONGEST_WAIT}"),
}
"""What a rule may say: each member, whether a value makes sense, and what does."""


def _check(wanted: Json) -> None:
    unknown = set(wanted) - set(MEMBERS)
    if unknown:
        raise ValueError(f"A fault has no {', '.join(sorted(unknown))}; it has {', '.join(MEMBERS)}.")
    if "kind" not in wanted:
        raise ValueError(f"A fault needs a kind: {MEMBERS['kind'][1]}.")
    for member, value in wanted.items():
        makes_sense, words = MEMBERS[member]
        if not makes_sense(value):
            raise ValueError(f"{member} must be {words}; it is {value!r}.")


def instead(fault: Fault, request_id: str) -> Reply:
    """The answer that replaces the call's own; the call has no effect."""
    if fault.kind == "rate_limit":
        reply = _refused(429, 36009002, "Too many requests", request_id)
        reply.headers["Retry-After"] = str(fault.retry_after)
        return reply
    if fault.kind in ("reset_before", "timeout"):
        return Reply(0, b"", request_id=request_id)  # for the journal only: nothing leaves
    if fault.kind == "status":
        status = fault.status or 503
        page = f"<html><body><h1>{status}</h1></body></html>".encode()
        return Reply(status, page, "text/html; charset=utf-8", request_id=request_id)
    return _refused(fault.status or 200, fault.code, fault.message, request_id)


def spoil(fault: Fault | None, reply: Reply, sleep: Callable[[float], None]) -> Reply:
    """The answer as it really leaves; ConnectionCut when it does not."""
    if fault is None:
        return reply
    if fault.kind in ("slow", "timeout"):
        sleep(fault.seconds)
    if fault.kind in ("reset_before", "reset_after", "timeout"):
        raise ConnectionCut(f"Fault {fault.id} cut the connection.")
    if fault.kind == "truncate":
        reply.headers["Content-Length"] = str(len(reply.body))
        reply.body = reply.body[: len(reply.body) // 2]
    return reply


def _refused(status: int, code: int, message: str, request_id: str) -> Reply:
    body = {"code": code, "data": None, "message": message, "request_id": request_id}
    return Reply(status, json.dumps(body).encode(), code=code, message=message, request_id=request_id)
