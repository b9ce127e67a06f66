"""What goes wrong on purpose: rules that spoil some answers, and what a spoiled answer looks like."""

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from waitress.channel import ClientDisconnected

from gcw_tiktok.sandbox.replies import Reply

BEFORE = frozenset({"rate_limit", "status", "code", "reset_before", "timeout"})
AFTER = frozenset({"reset_after", "truncate", "slow"})
KINDS = BEFORE | AFTER
Json = dict[str, Any]


class ConnectionCut(ConnectionResetError, ClientDisconnected):
    """Ends a request without an answer.

    Waitress closes the connection when it sees this; in process, through a WSGI transport, the client gets
    the ConnectionResetError itself.
    """


@dataclass
class Fault:
    """A rule. `times` is how often it still strikes (None: always), `rate` with what probability."""

    id: int
    match: str
    kind: str
    times: int | None = None
    rate: float = 1.0
    seed: int = 0
    status: int = 503
    code: int = 36009003
    message: str = "Internal error. Please try again."
    retry_after: int = 1
    seconds: float = 2.0


class Faults:
    """All rules in force; the first that matches strikes."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self.sleep = sleep
        self._rules: list[tuple[Fault, Random]] = []
        self._ids = itertools.count(1)

    def add(self, wanted: Json) -> Fault:
        """Puts a rule in force; ValueError when it makes no sense."""
        unknown = set(wanted) - (set(Fault.__dataclass_fields__) - {"id"})
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        if wanted.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(sorted(KINDS))}")
        if not 0 <= wanted.get("rate", 1) <= 1:
            raise ValueError("rate lies between 0 and 1")
        fault = Fault(id=next(self._ids), match=wanted.get("match", ""), **_rest(wanted))
        self._rules.append((fault, Random(fault.seed)))
        return fault

    def listed(self) -> list[Json]:
        """Every rule as JSON."""
        return [asdict(fault) for fault, _ in self._rules]

    def clear(self) -> None:
        """Everything works again."""
        self._rules.clear()

    def strike(self, request_line: str) -> Fault | None:
        """The rule that spoils this request ("POST /order/…"), if any."""
        for fault, rng in self._rules:
            if fault.match in request_line and fault.times != 0 and rng.random() < fault.rate:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None


def _rest(wanted: Json) -> Json:
    return {member: value for member, value in wanted.items() if member != "match"}


def instead(fault: Fault, request_id: str) -> Reply:
    """The answer that replaces the call's own; the call has no effect."""
    if fault.kind == "rate_limit":
        reply = _refused(429, 36009002, "Too many requests", request_id)
        reply.headers["Retry-After"] = str(fault.retry_after)
        return reply
    if fault.kind in ("reset_before", "timeout"):
        return Reply(0, b"", request_id=request_id)  # for the journal only: nothing leaves
    if fault.kind == "status":
        page = f"<html><body><h1>{fault.status}</h1></body></html>".encode()
        return Reply(fault.status, page, "text/html; charset=utf-8", request_id=request_id)
    return _refused(200, fault.code, fault.message, request_id)


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
