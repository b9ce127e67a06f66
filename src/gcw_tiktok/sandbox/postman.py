"""Posts webhooks, outside of the world's lock: a receiver may call the API before it answers."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from gcw_tiktok.sandbox.deliveries import Attempt, Deliveries, Delivery
from gcw_tiktok.sandbox.faults import Faults
from gcw_tiktok.sandbox.journal import Journal
from gcw_tiktok.sandbox.world import World
from gcw_tiktok.tiktok.signing import sign_webhook

PATIENCE = 3.0
"""Real seconds within which a receiver has to answer."""
TICK = 1.0
"""Real seconds between two looks at what the passing of time made due."""
MOST_IN_ONE_ROUND = 10_000
Post = Callable[[str, Mapping[str, str], bytes], int]
"""Posts a body with headers to an address and gives the HTTP status; OSError when no answer came in time."""
Json = dict[str, Any]


def post(address: str, headers: Mapping[str, str], body: bytes) -> int:
    """The status of a receiver's answer; redirects are not followed."""
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    late = threading.Event()
    # The connection's own limit starts anew at every byte.
    end = threading.Timer(PATIENCE, _hang_up, [connection, late])
    end.start()
    try:
        connection.request(
            "POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, dict(headers)
        )
        status = connection.getresponse().status
    except TimeoutError:
        raise
    except (HTTPException, ValueError, OSError) as problem:
        if not late.is_set():
            raise ConnectionError(f"no HTTP answer: {problem!r}") from problem
    finally:
        end.cancel()
        connection.close()
    if late.is_set():  # what came till then may look like a whole answer
        raise TimeoutError("timed out")
    return status


def _hang_up(connection: HTTPConnection, late: threading.Event) -> None:
    late.set()
    open_socket = connection.sock
    if open_socket:
        with suppress(OSError):
            open_socket.shutdown(socket.SHUT_RDWR)


class Postman:
    """Delivers what is due, in the order in which it is due."""

    def __init__(
        self, world: World, faults: Faults, journal: Journal, post: Post = post, hosts: frozenset[str] = frozenset()
    ) -> None:
        self._world, self._faults, self._journal, self._post = world, faults, journal, post
        self._hosts = hosts
        self._round = threading.Lock()
        self._bell = threading.Event()
        self._ended = False

    def deliver_due(self) -> list[Json]:
        """Tries everything that is due by now, what follows from it included; one entry for each attempt."""
        made = []
        with self._round:
            for _ in range(MOST_IN_ONE_ROUND):
                with self._world.lock:
                    self._world.catch_up()
                    deliveries = self._world.deliveries
                    found = deliveries.next_due(self._world.now())
                    ready = found and self._may_leave(deliveries, found)
                if found is None:
                    break
                if ready:
                    made.append(self._deliver(deliveries, found))
        return made

    def ring(self) -> None:
        """Something may be due."""
        self._bell.set()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Delivers on the side until the block ends."""
        thread = threading.Thread(target=self._work, name="postman", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended = True
            self.ring()
            thread.join(timeout=1)  # one who waits for a receiver is left to it

    def _work(self) -> None:
        while not self._ended:
            self._bell.wait(TICK)
            self._bell.clear()
            self.deliver_due()

    def _may_leave(self, deliveries: Deliveries, found: Delivery) -> bool:
        """Whether it is posted now; a fault strikes a delivery once, before its first attempt."""
        if not (found.host in self._hosts or is_this_machine(found.host)):
            note = f"Only receivers on this machine are called; start the sandbox with --webhook-host {found.host}."
            deliveries.finish(found, "not sent", note)
        elif not found.attempts and not found.fault:
            self._strike(deliveries, found)
        return found.state == "waiting" and found.due <= self._world.now()

    def _strike(self, deliveries: Deliveries, found: Delivery) -> None:
        fault = self._faults.strike_webhook(found.event.topic, found.event.shop_id)
        if fault is None:
            return
        found.fault = fault.kind
        if fault.kind == "drop_webhook":
            deliveries.finish(found, "lost", f"Fault {fault.id} lost it.")
            self._record(found, Attempt(found.due, problem=found.note))
        elif fault.kind == "duplicate_webhook":
            deliveries.add(found.event, found.address, found.due).fault = fault.kind
        else:
            deliveries.step_back(found)

    def _deliver(self, deliveries: Deliveries, found: Delivery) -> Json:
        app = self._world.app
        signature = sign_webhook(app.key, app.secret, found.event.raw)
        headers = {"Content-Type": "application/json", "Authorization": signature}
        attempt = Attempt(found.due)
        try:
            attempt.status = self._post(found.address, headers, found.event.raw)
        except OSError as problem:
            attempt.problem = str(problem) or type(problem).__name__
        with self._world.lock:
            deliveries.tried(found, attempt)
            self._record(found, attempt)
            return found.shown

    def _record(self, delivery: Delivery, attempt: Attempt) -> None:
        """The journal tells of what left as well as of what came in."""
        body = delivery.event.body
        self._journal.write(
            time=attempt.time,
            method="WEBHOOK",
            path=delivery.address,
            query={"topic": delivery.event.topic, "attempt": len(delivery.attempts)},
            body=body,
            status=attempt.status,
            code=None,
            message=attempt.problem,
            request_id=body["tts_notification_id"],
            effect=f"webhook {delivery.event.topic} {delivery.state}",
            fault=delivery.fault,
        )


def is_this_machine(host: str) -> bool:
    """Whether a name or address is a loopback one."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
